//! What is told while it runs, and what a viewer is asked to bring about.

use super::judge::{self, History};
use super::node::Node;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, Puzzle, PuzzleGoal, World};
use crate::view::instant;

/// So long after the last fault, lists would be right by now if they ever were to be.
const AFTERWARDS_US: u64 = 800_000;
/// So many false entries are a storm.
const MANY: u64 = 8;

fn is_lossy(world: &World<Node>) -> bool {
    world.network().loss_percent() > 0
}

/// Whether somebody is down.
fn is_missed(world: &World<Node>) -> bool {
    world.ids().any(|id| world.process(id).is_none())
}

const IN_THE_STORM: Answer<Node, History> = Answer {
    question: "A link fails one way, and then a third of all datagrams is lost. Whom do lists show as dead?",
    options: &["Nobody: nobody died", "Members that run"],
    evidence: |world, history| match judge::false_deaths(world, history).next() {
        Some((id, member, _)) => {
            let (name, member) = (&world.names()[id], &world.names()[member]);
            format!("{name} lists {member} as dead, and {member} runs")
        }
        None => "No list has anybody as dead".into(),
    },
    right: |world, history| {
        let is_false = judge::false_deaths(world, history).next().is_some();
        if is_false { Some(1) } else { is_missed(world).then_some(0) }
    },
};

const HOW_SOON: Answer<Node, History> = Answer {
    question: "M10 has really died. When is it dead on all lists?",
    options: &["Within 1 s", "Within 3 s", "Later"],
    evidence: |world, history| {
        let after = instant(world.now_us() - world.disturbed_at_us());
        let last = judge::known_death(world).and_then(|it| judge::last_to_know(history, it));
        last.map_or_else(
            || {
                format!(
                    "Until {after} after the crash some lists still have it as alive or suspect"
                )
            },
            |(id, _)| {
                format!(
                    "{}, the last to know, has it as dead {after} after the crash",
                    &world.names()[id]
                )
            },
        )
    },
    right: |world, _| {
        let after_us = world.now_us() - world.disturbed_at_us();
        if judge::known_death(world).is_some() {
            return Some(u8::from(after_us > 1_000_000) + u8::from(after_us > 3_000_000));
        }
        (after_us > 3_000_000).then_some(2)
    },
};

/// The lesson, in the order in which it is told.
pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "Are you there?",
        say: "Each member pings another one in each period. Who does not answer is struck off its \
              list. So far all answer, and all lists are right.",
        preset: Preset::Naive,
        when: |world, _| world.costs().delivered >= 2 * world.ids().len() as u64,
        bet: Some(IN_THE_STORM),
    },
    Beat {
        title: "Silence is no death",
        say: "One answer is missing, and a list has a member as dead (†) that runs. No other member was \
              asked, nor the member itself.",
        preset: Preset::Naive,
        when: |world, history| judge::there_is_time_to_object(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "The storm",
        say: "What strikes one strikes all: lists fill with members that run, as dead (†). \
              Moving data for each death now adds load to a bad network.",
        preset: Preset::Naive,
        when: |world, history| judge::false_count(world, history) >= MANY,
        bet: None,
    },
    Beat {
        title: "Nobody asks the dead",
        say: "The network is fine again; members that run are still dead (†) on lists, and nobody \
              asks those. Their time to come back is not over yet.",
        preset: Preset::Naive,
        when: |world, history| {
            world.network().is_whole()
                && world.disturbed_at_us() > 0
                && world.now_us() > world.disturbed_at_us() + AFTERWARDS_US
                && judge::false_count(world, history) >= MANY
                && judge::the_living_return(world, history).is_ok()
        },
        bet: None,
    },
    Beat {
        title: "Ask through others",
        say: "An answer was late, and helpers brought it on links of their own. One bad link or one \
              lost datagram no longer counts.",
        preset: Preset::Hardened,
        when: |_, history| history.saved_by_helpers > 0,
        bet: None,
    },
    Beat {
        title: "Time to object",
        say: "A suspect (?) is not dead yet. It heard that it was suspected and said “alive” \
              in a higher incarnation, which overrides the suspicion.",
        preset: Preset::Hardened,
        when: |_, history| history.forgiven > 0,
        bet: None,
    },
    Beat {
        title: "A real death",
        say: "M10 has crashed and cannot object. It stays listed until its time to object is over: fewer \
              false deaths are paid for with later true ones.",
        preset: Preset::Hardened,
        when: |world, _| !is_lossy(world) && is_missed(world),
        bet: Some(HOW_SOON),
    },
    Beat {
        title: "On all lists",
        say: "All others list M10 as dead. The news rode along on pings that were sent anyway: a member \
              sends no more in a larger group.",
        preset: Preset::Hardened,
        when: |world, _| judge::known_death(world).is_some(),
        bet: None,
    },
    Beat {
        title: "Back, by itself",
        say: "M10 is back on all lists: others knocked, it objected. No monitor can fail here. \
              The price: a death is known late, lists differ meanwhile.",
        preset: Preset::Hardened,
        when: |world, history| history.has_restarted && judge::all_are_alive(world, history),
        bet: None,
    },
];

/// The puzzles, from easy to hard.
pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "Dead by one datagram",
        task: "Strike a living member off a list. One datagram is all you may lose.",
        hint: "Each probe is one datagram there and one back.",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("nobody who runs is declared dead without time to object"),
        budget: &[(FaultKind::Drop, 1)],
        par: 1,
    },
    Puzzle {
        title: "Buried alive",
        task: "With all safeguards on, get a member that runs on a list of the dead, for however \
               short a time.",
        hint: "Who cannot object in time is declared dead, for a while.",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|world, history| {
            judge::false_deaths(world, history)
                .any(|(id, member, _)| world.is_running(id) && world.is_running(member))
        }),
        budget: &[(FaultKind::Pause, 1)],
        par: 1,
    },
];
