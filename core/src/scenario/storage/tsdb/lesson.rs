//! What the lesson tells, and what a viewer may try.

use super::judge::{self, History};
use super::node::Node;
use crate::mechanism::time_series::What;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, Puzzle, PuzzleGoal, World};

/// So far behind, in milliseconds, and a thermometer is cut off.
const CUT_OFF_MS: u64 = 250;
/// The series of the thermometer that is cut off.
const LATE: u16 = 1;

fn is_cut_off(_: &World<Node>, it: &History) -> bool {
    it.told > 0 && it.behind(LATE) > CUT_OFF_MS
}

const SUMS: Answer<Node, History> = Answer {
    question: "T2 will be back with all it has read meanwhile. Will the rollups of that time count it?",
    options: &["Yes, each reading", "No, they leave it out"],
    evidence: |world, it| match judge::rollups_are_right(world, it) {
        Err(violation) => violation.reason,
        Ok(()) => "The rollups were those of the readings, also of T2's".into(),
    },
    right: |world, it| {
        let is_wrong = judge::rollups_are_right(world, it).is_err();
        if is_wrong { Some(1) } else { (it.openings > 1).then_some(0) }
    },
};

const ROOM: Answer<Node, History> = Answer {
    question: "A reading is two numbers of 8 bytes. How many bytes does it take in a sealed block?",
    options: &["16, as in memory", "About 8", "Less than 4"],
    evidence: |_, it| {
        let (number, points, bits) = it.sealed.unwrap_or_default();
        let hundredths = bits * 100 / 8 / points.max(1);
        let bytes = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        format!("Shard {number} has {points} readings in blocks of {bytes} bytes a reading")
    },
    right: |_, it| {
        let (_, points, bits) = it.sealed?;
        Some(if bits < 32 * points { 2 } else { u8::from(bits < 96 * points) })
    },
};

pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "A line a reading",
        say: "Thermometers send readings. The Store adds each as a line to one file of text and says \
              “kept”. A dashboard asks for points and rollups.",
        preset: Preset::Naive,
        when: |_, it| it.told > 0,
        bet: None,
    },
    Beat {
        title: "T2 is cut off",
        say: "T2 goes on reading and keeps it to itself. The Store closes one rollup after the other: \
              count, least, greatest, sum.",
        preset: Preset::Naive,
        when: is_cut_off,
        bet: Some(SUMS),
    },
    Beat {
        title: "A sum without the late",
        say: "T2 is back, and its readings are in the file. The rollups of that time were closed before \
              they came, and are wrong for good.",
        preset: Preset::Naive,
        when: |world, it| judge::rollups_are_right(world, it).is_err(),
        bet: None,
    },
    Beat {
        title: "Gone with the power",
        say: "The power went, and the Store is back. Readings of which thermometers were told “kept” were \
              only in its cache: the chart has a hole.",
        preset: Preset::Naive,
        when: |world, it| {
            let has_hole = judge::answers_are_whole(world, it).is_err();
            it.openings > 1 && (has_hole || judge::promises_are_kept(world, it).is_err())
        },
        bet: None,
    },
    Beat {
        title: "A shard for each stretch of time",
        say: "Young shards take readings, each synced to a log before “kept”. How late one may come is the \
              window; past it a shard is sealed: compressed.",
        preset: Preset::Hardened,
        when: |_, it| it.told > 0,
        bet: Some(ROOM),
    },
    Beat {
        title: "Late, and too late",
        say: "T2 is back. What is not later than the window is kept and counted. Of the rest T2 is told \
              that it came too late: its shard is sealed.",
        preset: Preset::Hardened,
        when: |_, it| it.late > 0,
        bet: None,
    },
    Beat {
        title: "Back, without a hole",
        say: "The Store has read the logs of its young shards, wrote them anew, synced that, and only then \
              serves. Sealed shards are as they were.",
        preset: Preset::Hardened,
        when: |_, it| it.openings > 1,
        bet: None,
    },
    Beat {
        title: "A query holds what it reads",
        say: "Retention is done with a shard that a query still reads. It is hidden at once, and its file \
              goes when the query has ended.",
        preset: Preset::Hardened,
        when: judge::holds_what_is_forgotten,
        bet: None,
    },
    Beat {
        title: "What it costs",
        say: "A wider window takes later readings, and seals later. Not chosen: forgetting by a rewrite, \
              because a crash in between spoils it.",
        preset: Preset::Hardened,
        when: |_, it| it.openings > 2 && it.got.is_some_and(|got| got.query.what == What::Points),
        bet: None,
    },
];

pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "A hole in the chart",
        task: "Make the naive store lose a reading that a thermometer was told is kept.",
        hint: "What is only in the cache does not outlive the power.",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks(super::KEPT),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
    Puzzle {
        title: "Too late",
        task: "The hardened store breaks no promise, but it does not take everything. Have it refuse a \
               reading.",
        hint: "Readings wait at whoever cannot send them, and get older.",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|_, it| it.late > 0),
        budget: &[(FaultKind::Cut, 1)],
        par: 1,
    },
];
