//! What the lesson tells, and what a viewer may try.

use super::judge::{self, History};
use super::node::Node;
use super::spare;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, NodeId, Puzzle, PuzzleGoal, World};

/// The server that dies: it has keys that the sixth server takes over.
const FIRST: NodeId = NodeId(0);

fn is_down(world: &World<Node>) -> bool {
    world.process(FIRST).is_none()
}

fn has_joined(world: &World<Node>) -> bool {
    world.disk(spare(world.setup())).0.get().ring > 1
}

/// Returns how many keys have another first server by then, in words.
fn how_many_moved(world: &World<Node>, _: &History) -> String {
    let config = judge::plan(world);
    let moved = judge::moved_keys(&config);
    format!("{moved} of the {} keys got another first server by the join", config.keys)
}

/// Answers whether nearly all keys move, or only a few, once the new server is there.
fn do_most_move(world: &World<Node>, _: &History) -> Option<u8> {
    let config = judge::plan(world);
    let most = 2 * judge::moved_keys(&config) > u64::from(config.keys);
    has_joined(world).then_some(u8::from(most))
}

const OPTIONS: &[&str] = &["A few of them", "Most of them"];

fn is_home_again(world: &World<Node>, it: &History) -> bool {
    has_joined(world)
        && !is_down(world)
        && judge::awaited(world).is_empty()
        && judge::in_custody(world) == 0
        && judge::all_is_at_home(world, it)
}

pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "Three copies of each key",
        say: "A key's hash modulo 5 says which server has it; the next two have it too (N = 3). A write is done \
              on W = 2 disks, a read at R = 2 answers.",
        preset: Preset::Naive,
        when: |_, it| it.sure > 0,
        bet: None,
    },
    Beat {
        title: "The next one takes over",
        say: "N1 is down, and silent. For its keys a client asks the next server, and that will say “stored” \
              as if the key were its own.",
        preset: Preset::Naive,
        when: |world, it| is_down(world) && it.asked_stand_ins > 0,
        bet: Some(Answer {
            question: "A sixth server joins. How many keys get another first server?",
            options: OPTIONS,
            evidence: how_many_moved,
            right: do_most_move,
        }),
    },
    Beat {
        title: "Modulo 6 is not modulo 5",
        say: "Nearly all keys have other servers now, and the old ones let go at once: what was \
              acknowledged is on too few disks, soon maybe on none.",
        preset: Preset::Naive,
        when: |world, it| judge::survives_losses(world, it).is_err(),
        bet: None,
    },
    Beat {
        title: "A ring",
        say: "Now each server has four places on a ring of hashes. A key belongs to the first three servers \
              after its own place.",
        preset: Preset::Hardened,
        when: |_, it| it.sure > 0,
        bet: None,
    },
    Beat {
        title: "A hint",
        say: "N1 is down. A stand-in keeps the write (dashed), knows that it is not its own, and will offer \
              it to those whose it is.",
        preset: Preset::Hardened,
        when: |world, it| is_down(world) && it.kept.is_some(),
        bet: Some(Answer {
            question: "A sixth server joins this ring. How many keys get another first server?",
            options: OPTIONS,
            evidence: how_many_moved,
            right: do_most_move,
        }),
    },
    Beat {
        title: "Only to the one that joins",
        say: "Few keys get another first server, and none another than N6. Whoever loses a copy \
              to N6 keeps it until all that it belongs to have it.",
        preset: Preset::Hardened,
        when: |world, _| has_joined(world) && !judge::awaited(world).is_empty(),
        bet: None,
    },
    Beat {
        title: "Serve after the transfer",
        say: "N6 has got all from one whose place it takes, and answers for those keys. For what N1 had it \
              waits: N1 is down.",
        preset: Preset::Hardened,
        when: |world, it| it.taken_over > 0 && is_down(world) && !judge::awaited(world).is_empty(),
        bet: None,
    },
    Beat {
        title: "Home, and what it costs",
        say: "N1 is back, and all is home. A write costs three messages and syncs; Merkle trees are compared for \
              ever, in case a hint was lost.",
        preset: Preset::Hardened,
        when: |world, it| is_home_again(world, it) && judge::all_served(world, it),
        bet: None,
    },
];

pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "Old from its own replicas",
        task: "Without a join, have a key's own replicas of the naive store answer with less than they acknowledged.",
        hint: "Who stands in for two that are silent says “stored” as if the key were its own.",
        preset: Preset::Naive,
        goal: PuzzleGoal::Shows(|world, it| {
            judge::ring(world) < 2 && judge::keys_are_found(world, it).is_err()
        }),
        budget: &[(FaultKind::Crash, 2)],
        par: 2,
    },
    Puzzle {
        title: "Safe is not home",
        task: "Without a join, have more than three copies of the hardened store missing where they should be.",
        hint: "Copies on a server that is down are behind by what was written since.",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|world, it| {
            judge::ring(world) < 2 && judge::few_are_missing(world, it).is_err()
        }),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
];
