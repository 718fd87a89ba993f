//! What is told, and what a viewer may try.

use super::judge::{self, History};
use super::node::Node;
use super::{power, servers, store};
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, NodeId, Puzzle, PuzzleGoal, World};
use crate::view::instant;

/// The servers are cut apart, and all of them reach the store and the power switch.
fn is_split(world: &World<Node>) -> bool {
    let (setup, network) = (world.setup(), world.network());
    let ends = [store(setup), power(setup)];
    let reach = |a, b| network.reaches(a, b) && network.reaches(b, a);
    let mut all = servers(setup);
    !network.is_whole() && all.all(|id| ends.into_iter().all(|end| reach(id, end)))
}

/// Returns who leads, and since when.
fn who_leads(world: &World<Node>, history: &History) -> String {
    let say = |(id, epoch): (NodeId, u64)| {
        let since = history.led_us.0.get(id).map_or(String::new(), |at| instant(*at));
        format!("{} leads by epoch {epoch} since {since}", &world.names()[id])
    };
    let leading: Vec<String> = judge::leading(world).into_iter().map(say).collect();
    if leading.is_empty() { "Nobody leads".into() } else { leading.join(", and ") }
}

fn what_the_store_did(world: &World<Node>, history: &History) -> String {
    let names = world.names();
    if let Some((at_us, epoch, by)) = history.last_refused.0 {
        let (name, at) = (&names[by], instant(at_us));
        return format!(
            "A write of {name} by epoch {epoch} came at {at}, and was refused: the store is sealed with epoch {}",
            history.latest_epoch()
        );
    }
    match judge::no_zombie_writes(world, history) {
        Err(violation) => violation.reason,
        Ok(()) => "No late write reached the store".into(),
    }
}

/// The lesson: two brains first, then one store that knows whom to obey.
pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "One leader, one store",
        say: "Clients write through S1, which puts each write into the next block of a store that all \
              servers reach. Acknowledged means: it stays.",
        preset: Preset::Naive,
        when: |world, history| judge::serves(world, history),
        bet: None,
    },
    Beat {
        title: "The network falls apart",
        say: "S1, S2 and C1 on one side, S3 to S5 and C2 on the other. The store and the power switch \
              hang on wires of their own: both sides reach them.",
        preset: Preset::Naive,
        when: |world, _| is_split(world),
        bet: Some(Answer {
            question: "S3, S4 and S5 cannot see S1 any more. What will they do?",
            options: &["Wait for S1", "Choose a leader of their own"],
            evidence: who_leads,
            right: |world, history| {
                let is_split = judge::one_serves(world, history).is_err();
                if is_split { Some(1) } else { world.network().is_whole().then_some(0) }
            },
        }),
    },
    Beat {
        title: "Two brains",
        say: "S1 can't see that others have a leader, and leads on. Since 1.1 s its link to the \
              store is held: what it sends there waits on the way.",
        preset: Preset::Naive,
        when: |world, history| judge::one_serves(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "The zombie's write",
        say: "S1's link to the store is free again, and what was held on it arrives, though \
              another server writes by now. The store obeys whoever comes.",
        preset: Preset::Naive,
        when: |world, history| judge::no_zombie_writes(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "The bill",
        say: "A block that C2 was told is written holds C1's write, which came late. No merge \
              brings C2's back: the block was simply overwritten.",
        preset: Preset::Naive,
        when: |world, history| judge::nothing_is_lost(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "The store keeps the door",
        say: "A new leader first seals the store with the next epoch, and each write carries it. \
              Servers find who leads; the store knows whom to obey.",
        preset: Preset::Hardened,
        when: |world, history| judge::serves(world, history),
        bet: Some(Answer {
            question: "The same is coming: what S1 sends is held, and comes after S1 was replaced. And then?",
            options: &["The store writes it", "The store refuses it"],
            evidence: what_the_store_did,
            right: |world, history| {
                let is_applied = judge::no_zombie_writes(world, history).is_err();
                if is_applied { Some(0) } else { (history.refused > 0).then_some(1) }
            },
        }),
    },
    Beat {
        title: "Shoot first, then lead",
        say: "S3 to S5 are a majority and see no leader. One of them had S1 switched off by the \
              power switch, and waits: unconfirmed, nobody takes over.",
        preset: Preset::Hardened,
        when: |_, history| history.has_shot,
        bet: None,
    },
    Beat {
        title: "Refused at the door",
        say: "S1 was switched off, but what was held on its link was not. It came with epoch 1 \
              to a store sealed with a later one, and was refused.",
        preset: Preset::Hardened,
        when: |world, history| {
            history.last_refused.0.is_some_and(|(at_us, ..)| at_us < world.now_us())
        },
        bet: None,
    },
    Beat {
        title: "Healed, and the price",
        say: "No acknowledged write was lost. The price: C1 waited out the cut. We do not serve \
              both sides and merge later: blocks do not merge.",
        preset: Preset::Hardened,
        when: |world, history| {
            let is_over = world.network().is_whole() && judge::nobody_waits(world, history).is_ok();
            history.refused > 0 && is_over && judge::serves(world, history)
        },
        bet: None,
    },
];

/// The puzzles, from easy to hard.
pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "Two without a cut",
        task: "Have two servers serve at one time. The network stays whole, and nothing gets lost.",
        hint: "A leader that stands still for a while does not know that it did.",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("no two servers serve at the same time"),
        budget: &[(FaultKind::Pause, 1)],
        par: 1,
    },
    Puzzle {
        title: "Nobody dares",
        task: "The safeguards lose nothing, but they may let a client wait: keep one waiting for more \
               than half a second.",
        hint: "Whose word does a new leader need? Who can't give it any more?",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|world, history| judge::nobody_waits(world, history).is_err()),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
];
