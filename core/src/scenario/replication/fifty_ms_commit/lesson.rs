//! What the lesson tells, and what a viewer may try.

use super::judge::{self, History};
use super::node::Node;
use super::remotes;
use crate::mechanism::raft::{Stable as _, leading};
use crate::mechanism::writer::Write;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, NodeId, Puzzle, PuzzleGoal, World};

/// After so many acknowledgements their times say something.
const ENOUGH: usize = 30;
/// So many writes in calm settle how long writes take.
const SETTLED: u64 = 20;
/// So many writes that are in no other region are what a puzzle asks for: more than any burst of writes.
const MANY_ONLY_HERE: u64 = 60;

fn is_up_to_speed(it: &History) -> bool {
    it.times_us().len() >= ENOUGH
}

/// A copy ends with a write that whoever leads has not.
fn copy_knows_more(world: &World<Node>) -> bool {
    let has = |leader: NodeId, write: &Write| {
        let log = &world.disk(leader).0.get().log;
        log.from(1).any(|entry| entry.command() == Some(write))
    };
    leading(world).into_iter().any(|(leader, _)| {
        let copies = remotes(world.setup()).map(|id| judge::copy(world, id));
        let mut last = copies.filter_map(|copy| copy.get(copy.last().index)?.command());
        last.any(|write| !has(leader, write))
    })
}

/// The region was down, some of it is back, and somebody was told since then that a write is safe.
fn serves_again(world: &World<Node>, it: &History) -> bool {
    it.lost.is_some() && !judge::is_dark(world) && it.is_told_since(world.disturbed_at_us())
}

const POWER: Answer<Node, History> = Answer {
    question: "Soon the region loses its power. What of the writes that were acknowledged?",
    options: &["All are on some disk", "Some are gone"],
    evidence: |world, it| match judge::leaders_have_all(world, it) {
        Err(violation) => violation.reason,
        Ok(()) => "The region is back, and its leader has all that was acknowledged".into(),
    },
    right: |world, it| {
        if judge::leaders_have_all(world, it).is_err() {
            return it.lost.map(|_| 1);
        }
        (it.lost.is_some() && judge::all_is_well_again(world, it)).then_some(0)
    },
};

const HOW_LONG: Answer<Node, History> = Answer {
    question: "W1 now waits for another server's disk. How long do 99 in 100 writes take at most?",
    options: &["Less than 50 ms", "More: the way to London and back"],
    evidence: |_, it| {
        let times_us = it.times_us();
        let p99_ms = judge::p99_us(&times_us).unwrap_or_default() / 1_000;
        format!("Of the last {} writes, 99 in 100 took at most {p99_ms} ms", times_us.len())
    },
    right: |world, it| {
        let is_late = judge::acknowledged_in_time(world, it).is_err();
        (is_late || it.acknowledged_in_calm() >= SETTLED).then_some(u8::from(is_late))
    },
};

pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "One region answers",
        say: "Clients in Washington write to W1, which leads. It ships its log to London and Tokyo later: \
              nobody waits for an ocean.",
        preset: Preset::Naive,
        when: |_, it| it.taken_over > 0,
        bet: None,
    },
    Beat {
        title: "Acknowledged from memory",
        say: "W1 answers at once, from its memory. What was acknowledged last is on too few disks: one promise \
              is broken already.",
        preset: Preset::Naive,
        when: |world, it| is_up_to_speed(it) && judge::minority_can_be_lost(world, it).is_err(),
        bet: Some(POWER),
    },
    Beat {
        title: "Dark in mid-write",
        say: "W1 lost its links to W2 and W3, and went on answering. Now the power is gone, and with it what \
              their disks had not written yet.",
        preset: Preset::Naive,
        when: |world, _| judge::is_dark(world),
        bet: None,
    },
    Beat {
        title: "Gone",
        say: "W2 and W3 are back, and one leads. It lacks writes of which clients were told that they are safe. \
              Nobody will look for them.",
        preset: Preset::Naive,
        when: |world, it| it.lost.is_some() && judge::leaders_have_all(world, it).is_err(),
        bet: None,
    },
    Beat {
        title: "A copy of what is gone",
        say: "A copy has writes that the new leader at home has not: they were shipped before they were safe. \
              The two will never agree.",
        preset: Preset::Naive,
        when: |world, it| serves_again(world, it) && copy_knows_more(world),
        bet: None,
    },
    Beat {
        title: "A majority's disks",
        say: "Now W1 answers when most servers of the region have the write on disk, and ships only that. \
              London is still not waited for.",
        preset: Preset::Hardened,
        when: |_, it| is_up_to_speed(it),
        bet: Some(HOW_LONG),
    },
    Beat {
        title: "Nobody was told",
        say: "The same cut, the same dark. But W1, which reached no other disk, told nobody “done”. Who waits \
              will ask again.",
        preset: Preset::Hardened,
        when: |world, _| judge::is_dark(world),
        bet: None,
    },
    Beat {
        title: "All of it is there",
        say: "Without W1 the others serve again: each acknowledged write was on one of their disks. Who had \
              waited asked again, and is served.",
        preset: Preset::Hardened,
        when: |world, it| {
            serves_again(world, it)
                && world.calm_since_us().is_none()
                && judge::leaders_have_all(world, it).is_ok()
        },
        bet: None,
    },
    Beat {
        title: "What it costs",
        say: "Lost for good, the region would have taken its last writes along, see State: its RPO is not 0. Refused: \
              to wait for London at each write.",
        preset: Preset::Hardened,
        when: |world, it| {
            it.lost.is_some_and(|lost| lost.writes > 0) && judge::all_is_well_again(world, it)
        },
        bet: None,
    },
];

pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "Nobody crashes",
        task: "Have a leader of the naive region lack an acknowledged write, though no server crashes.",
        hint: "W1 answers every client that reaches it. Whom else does it have to reach for that?",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks(super::LEADERS_HAVE_ALL),
        budget: &[(FaultKind::Cut, 1)],
        par: 1,
    },
    Puzzle {
        title: "All eggs in one region",
        task: "Have more than 60 acknowledged writes in the hardened region that no other region has.",
        hint: "Nobody who writes waits for the others. So what happens while they hear nothing?",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|world, it| judge::only_here(world, it).0 > MANY_ONLY_HERE),
        budget: &[(FaultKind::Cut, 1)],
        par: 1,
    },
];
