//! What the lesson tells, and what a viewer may try.

use super::judge::{self, History};
use super::message::entry_text;
use super::node::Node;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, NodeId, Puzzle, PuzzleGoal, World};

/// The replica that the default script cuts off.
const ALONE: NodeId = NodeId(0);

/// Returns true if the network is whole after a cut.
fn is_healed(world: &World<Node>, it: &History) -> bool {
    it.is_healed() && world.network().is_whole()
}

const WHOSE: Answer<Node, History> = Answer {
    question: "Both sides fill the same places. What is in the logs after the cut?",
    options: &["All that was acknowledged", "Not all of it"],
    evidence: |world, it| match (it.overwritten_since_heal(), judge::acknowledged_stays(world, it))
    {
        (Some((old, new)), _) => {
            format!(
                "{} took the place of {}, which had been acknowledged",
                entry_text(new),
                entry_text(old)
            )
        }
        (None, Err(violation)) => violation.reason,
        (None, Ok(())) => "Every log has all that it acknowledged".into(),
    },
    right: |world, it| {
        let is_over =
            is_healed(world, it) && world.now_us() > world.disturbed_at_us() + judge::SPREAD_US;
        if it.overwritten_since_heal().is_some() { Some(1) } else { is_over.then_some(0) }
    },
};

const WHICH_ORDER: Answer<Node, History> = Answer {
    question: "In which order will the logs show what both sides wrote?",
    options: &["Each as it heard of them", "All in one order", "One side's entries are dropped"],
    evidence: |world, it| {
        if let Err(violation) = judge::one_order(world, it) {
            return violation.reason;
        }
        let mut logs = judge::charts(world).map(|(_, chart)| {
            let lines = chart.lines();
            let end = lines.iter().skip(lines.len().saturating_sub(6));
            end.map(|line| entry_text(line.id)).collect::<Vec<_>>().join(", ")
        });
        format!("All logs are equal, and end in {}", logs.next().unwrap_or_default())
    },
    right: |world, it| {
        let is_lost = judge::lost(world, it).is_some();
        let differs = judge::one_order(world, it).is_err();
        let answer = if is_lost { 2 } else { u8::from(!differs) };
        (is_healed(world, it) && (is_lost || differs || judge::agree(world))).then_some(answer)
    },
};

pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "A place in the log",
        say: "A nurse notes each dose at one of three replicas. It goes to the next free place there, and the \
              other replicas are told.",
        preset: Preset::Naive,
        when: |_, it| !it.told.is_empty(),
        bet: None,
    },
    Beat {
        title: "Two sides, one place",
        say: "R1 and Ann are cut off, and everybody writes on. Each side fills the same places with \
              doses of its own.",
        preset: Preset::Naive,
        when: |world, it| it.on_both_sides(world).is_some(),
        bet: Some(WHOSE),
    },
    Beat {
        title: "Overwritten",
        say: "The cut is over. What one side tells goes to its place, and what the other had there is gone. It \
              was acknowledged.",
        preset: Preset::Naive,
        when: |world, it| {
            it.overwritten_since_heal().is_some() && judge::acknowledged_stays(world, it).is_err()
        },
        bet: None,
    },
    Beat {
        title: "A name for ever",
        say: "Now an entry is named by its replica and that one's count, so no two collide. It carries a version \
              vector: what its nurse had read.",
        preset: Preset::Hardened,
        when: |_, it| !it.told.is_empty(),
        bet: None,
    },
    Beat {
        title: "Two branches",
        say: "R1 is cut off, and nobody waits. What Ann writes and what the others write do not follow on \
              each other: they are siblings.",
        preset: Preset::Hardened,
        when: |world, it| it.on_both_sides(world).is_some(),
        bet: Some(WHICH_ORDER),
    },
    Beat {
        title: "Flagged",
        say: "The cut is over. By the vectors neither side had read the other: a log that has both keeps both, \
              and flags them.",
        preset: Preset::Hardened,
        when: |world, it| is_healed(world, it) && judge::flags_both_sides(world, it, ALONE),
        bet: None,
    },
    Beat {
        title: "Settled by who read both",
        say: "A nurse saw the flags and noted a check. Her entry follows on both branches, so no flag is left. \
              No replica could have decided that.",
        preset: Preset::Hardened,
        when: |world, it| {
            is_healed(world, it) && it.checked_since_heal() && judge::is_settled(world, it)
        },
        bet: None,
    },
    Beat {
        title: "Back from disk",
        say: "R2 crashed and has read its log. What it acknowledged is there, and its count goes on where it \
              was: no name is given twice.",
        preset: Preset::Hardened,
        when: |_, it| it.came_back,
        bet: None,
    },
    Beat {
        title: "The price",
        say: "Nobody waits for a leader. But what comes late goes in between what was read before, and a flag \
              comes when both doses are given.",
        preset: Preset::Hardened,
        when: |world, it| {
            let is_later = world.now_us() > world.disturbed_at_us() + 1_000_000;
            it.came_back && is_later && judge::is_settled(world, it)
        },
        bet: None,
    },
];

pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "Twice in the log",
        task: "Have one dose stand twice in a log of the naive design: lose a single message.",
        hint: "Who hears no answer asks at another replica.",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("an entry is in a log once"),
        budget: &[(FaultKind::Drop, 1)],
        par: 1,
    },
    Puzzle {
        title: "Far behind",
        task: "No entry is lost, but it may be late: let one log lack more than 4 acknowledged entries.",
        hint: "Nobody waits for a replica that hears nothing.",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|world, it| judge::logs_are_close(world, it).is_err()),
        budget: &[(FaultKind::Pause, 1)],
        par: 1,
    },
];
