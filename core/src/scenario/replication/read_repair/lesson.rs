//! What the lesson tells, and what a viewer may try.

use super::config::{Config, Strategy, key_text};
use super::judge::{self, History};
use super::node::Node;
use super::{STALE, replicas};
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, NodeId, Puzzle, PuzzleGoal, World};

/// The key that the script deletes while a replica is down, in every table.
const DELETED: u16 = 0;
/// A write that is older than this is not under way any more.
const LEFT_US: u64 = 1_000_000;

fn is_down(world: &World<Node>) -> bool {
    world.process(STALE).is_none()
}

/// Lists the replicas that have a value of the deleted key, in the table that reads repair.
fn with_value(world: &World<Node>) -> Vec<NodeId> {
    let key = Strategy::Reads.key(DELETED);
    replicas(world.setup()).filter(|id| judge::copy(world, *id, key).value > 0).collect()
}

/// The deletes were acknowledged, and one of the replicas knows nothing of them.
fn is_deleted(world: &World<Node>, it: &History) -> bool {
    is_down(world) && Strategy::ALL.iter().all(|table| it.is_deleted(table.key(DELETED)))
}

fn is_back(world: &World<Node>) -> bool {
    !is_down(world) && with_value(world).len() == replicas(world.setup()).count()
}

/// Answers whether the replica that was down forgets the key too, or the others have it again.
fn who_forgets(world: &World<Node>, it: &History) -> Option<u8> {
    if is_down(world) || !it.is_deleted(Strategy::Reads.key(DELETED)) {
        return None;
    }
    match with_value(world).len() {
        0 => Some(0),
        _ => is_back(world).then_some(1),
    }
}

fn who_has_it(world: &World<Node>, _: &History) -> String {
    let (mut who, key) = (with_value(world), key_text(Strategy::Reads.key(DELETED)));
    who.retain(|id| *id != STALE);
    if who.is_empty() {
        return format!("no replica has {key} any more");
    }
    format!("{} had removed {key}, and have it again", world.names().list(who))
}

/// Lists the keys of a table that are not the same on all replicas.
fn unlike(world: &World<Node>, it: &History, table: Strategy, is_hot: bool) -> Vec<u16> {
    let keys = Config::of(world.setup()).keys_of(table, is_hot);
    keys.filter(|key| judge::behind(world, it, [*key]) > 0).collect()
}

/// Reads have repaired all that is read, and something that is not read is as it was: not because its
/// write is still under way.
fn only_the_read(world: &World<Node>, it: &History) -> bool {
    let is_left = |key: u16| it.is_older_than(key, LEFT_US, world.now_us());
    let is_rest = || unlike(world, it, Strategy::Reads, false).into_iter().any(is_left);
    !is_down(world) && judge::reads_have_repaired(world, it) && is_rest()
}

fn trees_are_done(world: &World<Node>, it: &History) -> bool {
    !is_down(world) && judge::table_behind(world, it, Strategy::Trees) == 0
}

/// Answers in which tables all copies are alike, once reads and trees have done what they can.
fn where_alike(world: &World<Node>, it: &History) -> Option<u8> {
    let is_done = trees_are_done(world, it) && judge::reads_have_repaired(world, it);
    let is_all = unlike(world, it, Strategy::Reads, false).is_empty();
    is_done.then_some(u8::from(!is_all))
}

fn what_is_unlike(world: &World<Node>, it: &History) -> String {
    let keys = unlike(world, it, Strategy::Reads, false);
    if keys.is_empty() {
        return "all copies of r and of t are alike".into();
    }
    let keys: Vec<String> = keys.into_iter().map(key_text).collect();
    format!("all copies of t are alike; of {} they are not, which nobody reads", keys.join(" and "))
}

pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "Three tables, three copies",
        say: "Tables n, r and t are used alike. A write is done when two disks have it, and a read asks \
              all three and waits for two.",
        preset: Preset::Naive,
        when: |_, it| it.reads > 0,
        bet: None,
    },
    Beat {
        title: "C misses something",
        say: "C is down, and clients go on with A and B. State shows in red which copies are not the newest.",
        preset: Preset::Naive,
        when: |world, it| is_down(world) && judge::few_are_behind(world, it).is_err(),
        bet: None,
    },
    Beat {
        title: "A key is deleted",
        say: "Keys n1, r1 and t1 are deleted: A and B have removed them. C has not heard of it.",
        preset: Preset::Naive,
        when: is_deleted,
        bet: Some(Answer {
            question: "C comes back, with r1, and r1 is read. What becomes of it?",
            options: &["C removes it too", "A and B have it again"],
            evidence: who_has_it,
            right: who_forgets,
        }),
    },
    Beat {
        title: "It is back",
        say: "Who has removed r1 says “nothing”, as who has missed it would. So the reader sends A and B \
              what C still had.",
        preset: Preset::Naive,
        when: |world, _| is_back(world),
        bet: None,
    },
    Beat {
        title: "A delete is a version",
        say: "Now a delete leaves a tombstone (†) with a number of its own. It is newer than what it deletes, \
              and newer wins.",
        preset: Preset::Hardened,
        when: is_deleted,
        bet: Some(Answer {
            question: "C comes back. In which tables will all copies be alike again?",
            options: &["In r and in t", "Only in t"],
            evidence: what_is_unlike,
            right: where_alike,
        }),
    },
    Beat {
        title: "New, new, old",
        say: "A reader has one copy and two digests, and they differ. It reads all three, and sends the \
              newest to C, after it has answered.",
        preset: Preset::Hardened,
        when: |world, it| !is_down(world) && it.is_repaired_since(STALE, world.disturbed_at_us()),
        bet: None,
    },
    Beat {
        title: "Trees find everything",
        say: "In t replicas compare Merkle trees of all keys, read or not: all copies are alike. It costs work \
              even when nothing differs.",
        preset: Preset::Hardened,
        when: |world, it| it.by_trees > 0 && trees_are_done(world, it),
        bet: None,
    },
    Beat {
        title: "Only what is read",
        say: "The hot keys of r are alike too: each was read, by somebody. r4 and r5 nobody reads, and nobody \
              notices that C is behind.",
        preset: Preset::Hardened,
        when: only_the_read,
        bet: None,
    },
    Beat {
        title: "When a tombstone may go",
        say: "All three have confirmed those of t: after a grace they are collected. In n and r nobody \
              asks for that, so there they stay.",
        preset: Preset::Hardened,
        when: |world, it| {
            it.collected > 0 && judge::tombstones(world, &[Strategy::Trees]) == 0 && !is_down(world)
        },
        bet: None,
    },
];

pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "Back from the dead",
        task: "Have the naive store give a deleted key back to a client.",
        hint: "Somebody has to miss the delete, and to be asked later.",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("a deleted key does not come back"),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
    Puzzle {
        title: "Stale where nobody looks",
        task: "With every replica up and all hot keys of r alike, have a cold key of r that is not.",
        hint: "A client can be told to write a cold key. No client reads one unless it is told to.",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|world, it| {
            let is_up = |id: NodeId| world.process(id).is_some();
            replicas(world.setup()).all(is_up) && only_the_read(world, it)
        }),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
];
