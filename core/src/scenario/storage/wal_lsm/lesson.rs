//! What the lesson tells, and what a viewer may try.

use super::judge::{self, History};
use super::message::STORE;
use super::node::Node;
use crate::mechanism::mount::State;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, Puzzle, PuzzleGoal, World};

/// Returns true from the moment on at which the power first goes.
fn is_dark(world: &World<Node>, _: &History) -> bool {
    world.process(STORE).is_none()
}

/// Returns true if something that was promised is not to be had any more.
fn is_broken(world: &World<Node>, it: &History) -> bool {
    judge::promises_are_kept(world, it).is_err()
        || judge::a_crash_leaves_a_store(world, it).is_err()
}

const PROMISED: Answer<Node, History> = Answer {
    question: "The power will go. What becomes of the writes that clients were told are done?",
    options: &["All are there", "Some are gone"],
    evidence: |world, it| match judge::promises_are_kept(world, it) {
        Err(violation) => violation.reason,
        Ok(()) => match judge::a_crash_leaves_a_store(world, it) {
            Err(violation) => violation.reason,
            Ok(()) => {
                format!("The Store came up with all {} writes that it promised", it.acknowledged)
            }
        },
    },
    right: |world, it| {
        let lives = it.openings > 5;
        if is_broken(world, it) { Some(1) } else { lives.then_some(0) }
    },
};

const AGAIN: Answer<Node, History> = Answer {
    question: "The sync has failed. May the store just sync again?",
    options: &["Yes, then all is safe", "No: it must write all that again"],
    evidence: |_, it| {
        let (_, (first, last)) = it.failed.unwrap_or_default();
        format!(
            "The cache took writes {first} to {last} for clean, so no later sync covers them; the \
             store wrote them down anew, in a new table, before it served again"
        )
    },
    right: |_, it| {
        let served_us = it.served.map_or(0, |(at_us, _)| at_us);
        it.failed.is_some_and(|(at_us, _)| at_us < served_us).then_some(1)
    },
};

pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "“Done”",
        say: "Clients put and get through the Store. It answers “done” as soon as its operating \
              system has the bytes.",
        preset: Preset::Naive,
        when: |_, it| it.acknowledged > 0,
        bet: Some(PROMISED),
    },
    Beat {
        title: "The power goes",
        say: "The Store is down. What was only in its disk's cache may be gone, or partly there: nobody \
              knows until it reads its disk.",
        preset: Preset::Naive,
        when: is_dark,
        bet: None,
    },
    Beat {
        title: "A broken promise",
        say: "A write of which a client was told “done” is gone, or lies where it can be read no more. \
              Nobody will tell the client.",
        preset: Preset::Naive,
        when: is_broken,
        bet: None,
    },
    Beat {
        title: "Sync, then “done”",
        say: "Now the log is synced before “done”: that takes some milliseconds. And a record without its \
              sum is not believed.",
        preset: Preset::Hardened,
        when: |_, it| it.acknowledged > 0,
        bet: None,
    },
    Beat {
        title: "Back, with all that it promised",
        say: "The Store has read its log up to the first record without a right sum, wrote it down as a \
              table, and only then serves.",
        preset: Preset::Hardened,
        when: judge::came_back,
        bet: None,
    },
    Beat {
        title: "A sync that fails",
        say: "The Store cannot know what is on the disk now, and tells its clients just that. Until it \
              knows, it takes no writes.",
        preset: Preset::Hardened,
        when: |world, it| {
            let is_closed = |it: &crate::mechanism::lsm::Store| it.state() == State::InDoubt;
            it.was_unknown || judge::open_store(world).is_some_and(is_closed)
        },
        bet: Some(AGAIN),
    },
    Beat {
        title: "Tables and levels",
        say: "Memory goes to tables, and these are merged, level by level: under the Store, how many each \
              has. Reads ask fewer; bytes are written again.",
        preset: Preset::Hardened,
        when: |world, it| {
            it.served.is_some_and(|(at_us, _)| at_us > 2_000_000) && judge::has_merged(world, it)
        },
        bet: None,
    },
    Beat {
        title: "What it costs",
        say: "A promise waits for a sync. Writes that come together share one; with few clients few \
              do. Not chosen: answering early, which loses writes.",
        preset: Preset::Hardened,
        when: |world, it| {
            it.openings > 3
                && judge::open_store(world).is_some()
                && it.served.is_some_and(|(at_us, _)| world.now_us() > at_us + 500_000)
        },
        bet: None,
    },
];

pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "A promise undone",
        task: "Make the naive store lose a write that a client was told is done.",
        hint: "What is only in the cache may not outlive the power. Restart it to see. Chance decides: try \
               other moments.",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("what was acknowledged or read survives every crash"),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
    Puzzle {
        title: "In doubt",
        task: "The hardened store never breaks a promise, but it may not know. Have it say so to a client.",
        hint: "Who waits for a sync hears how it ends.",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|_, it| it.was_unknown),
        budget: &[(FaultKind::Disk, 1)],
        par: 1,
    },
];
