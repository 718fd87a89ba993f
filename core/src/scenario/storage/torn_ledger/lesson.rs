//! What the lesson tells, and what a viewer may try.

use super::judge::{self, History};
use super::message::PRIMARY;
use super::node::Node;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, Puzzle, PuzzleGoal, World};

/// The place of S3 among the replicas.
const THIRD: usize = 2;

/// Returns true if a block that was acknowledged has been cut off.
fn is_cut(world: &World<Node>, it: &History) -> bool {
    judge::nothing_acknowledged_is_cut(world, it).is_err()
}

/// Returns true if the ledger goes on without what it promised, and every replica has cut something off.
fn is_broken(world: &World<Node>, it: &History) -> bool {
    judge::promises_are_kept(world, it).is_err() && it.cut_by.iter().all(|blocks| *blocks > 0)
}

const LAST_BLOCK: Answer<Node, History> = Answer {
    question: "S1 will be down, and a bit of its last block rots. What becomes of the block?",
    options: &["It comes back from S2 and S3", "S1 cuts it off"],
    evidence: |world, it| match judge::nothing_acknowledged_is_cut(world, it) {
        Err(violation) => violation.reason,
        Ok(()) => format!("S1 mended {} blocks", it.mended_by[PRIMARY.index()]),
    },
    right: |world, it| {
        if is_cut(world, it) { Some(1) } else { (it.mended_by[PRIMARY.index()] > 0).then_some(0) }
    },
};

const WRONG_PLACE: Answer<Node, History> = Answer {
    question: "S3's disk will put a block in an old one's place. Its sum is right. Does S3 notice?",
    options: &["No: the sum is right", "Yes: the block says where it belongs"],
    evidence: |_, it| {
        let found = it.found_by[THIRD];
        format!("S3 found {found} bad: the old block that is gone, and where the new one should be")
    },
    right: |_, it| (it.found_by[THIRD] > 1).then_some(1),
};

pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "A book of three copies",
        say: "S1 writes transfers into blocks, each the next page of a book. A block counts when two of \
              three disks have it.",
        preset: Preset::Naive,
        when: |_, it| it.acknowledged > 0,
        bet: Some(LAST_BLOCK),
    },
    Beat {
        title: "A bad end is cut off",
        say: "S1 is back. Its last block makes no sense, so it takes it for a write that the crash tore, \
              and cuts it off. It was acknowledged.",
        preset: Preset::Naive,
        when: is_cut,
        bet: None,
    },
    Beat {
        title: "Lost, though two had it",
        say: "S1 did not wait for what the others have: it went on from its own copy. S2 and S3 had the \
              block whole; they obeyed, and cut it off.",
        preset: Preset::Naive,
        when: is_broken,
        bet: None,
    },
    Beat {
        title: "One bit, and the sum is off",
        say: "Long ago a bit of an amount rotted on S2's disk. S2 is back from a crash, adds up its \
              blocks anew, and debits do not equal credits.",
        preset: Preset::Naive,
        when: |world, it| judge::debits_equal_credits(world, it).is_err(),
        bet: None,
    },
    Beat {
        title: "Found before it is needed",
        say: "Blocks have sums now, and are read again and again. S2 found a bad one and writes a \
              peer's copy; till that is synced, it vouches for less.",
        preset: Preset::Hardened,
        when: judge::was_mended,
        bet: None,
    },
    Beat {
        title: "Torn or rotten?",
        say: "S1's last block was bad. Torn, it was never promised; rotten, it was. S1 could not know, and \
              asked. The others have it: S1 writes theirs.",
        preset: Preset::Hardened,
        when: |_, it| it.mended_by[PRIMARY.index()] > 0,
        bet: Some(WRONG_PLACE),
    },
    Beat {
        title: "A right sum in the wrong place",
        say: "A block names its place and the one before it. So S3 found the place never written, mended \
              by now, and finds the one written over.",
        preset: Preset::Hardened,
        when: |_, it| it.found_by[THIRD] > 1,
        bet: None,
    },
    Beat {
        title: "What it costs",
        say: "With a bad end and a peer away the ledger waits. Not chosen: a guess, because it loses money; \
              noting each sync, because it takes another.",
        preset: Preset::Hardened,
        when: |world, it| it.openings > 2 && judge::serves(world, it),
        bet: None,
    },
];

pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "Money from nothing",
        task: "Make the balances of a naive replica add up to anything but zero.",
        hint: "A replica adds up its blocks anew when it has started anew.",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("on every replica debits equal credits"),
        budget: &[(FaultKind::Disk, 1), (FaultKind::Crash, 1)],
        par: 2,
    },
    Puzzle {
        title: "Out of the middle",
        task: "Have a replica of the hardened ledger mend a block from a peer's copy.",
        hint: "Everything is read again and again: it will be found.",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(judge::was_mended),
        budget: &[(FaultKind::Disk, 1)],
        par: 1,
    },
];
