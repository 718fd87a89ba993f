//! The lesson, beat by beat.

use super::judge::{self, History};
use super::node::Node;
use super::roster::Night;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat};

const FRIDAY: Answer<Node, History> = Answer {
    question: "Each writes only its own row, on its own shard. What becomes of the two transactions?",
    options: &["Both commit, and nobody is on call", "One of them is refused"],
    evidence: judge::friday_in_words,
    right: judge::what_became_of_friday,
};

const SUNDAY: Answer<Node, History> = Answer {
    question: "Nothing is locked, and they write no row in common. What becomes of the two?",
    options: &["Both commit, and nobody is on call", "One aborts", "Both abort"],
    evidence: judge::sunday_in_words,
    right: judge::what_became_of_sunday,
};

/// The beats, in order.
pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "Two may leave",
        say: "Ann's row is on S1, Bob's on S2. On Friday both ask to leave: each reads both shards in one \
              snapshot. Two are on call, and one is enough.",
        preset: Preset::Naive,
        when: |_, history| history.two_have_read(Night::FRIDAY),
        bet: Some(FRIDAY),
    },
    Beat {
        title: "Nobody is on call",
        say: "Both have left: that is decided, and S2 is yet to hear. These wrote two rows, and each had checked \
              what the other then changed.",
        preset: Preset::Naive,
        when: |world, history| judge::friday_is_covered(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "A cycle",
        say: "The same on Sunday. Each read a row before the other overwrote it, so each comes before \
              the other: no order gives this (G2-item).",
        preset: Preset::Naive,
        when: |_, history| history.cycle.is_some(),
        bet: None,
    },
    Beat {
        title: "A row that both write",
        say: "On Friday each change also writes one row that means nothing: both write it. Of two who write \
              one row the first commits, the other aborts.",
        preset: Preset::Hardened,
        when: |_, history| history.aborts(Night::FRIDAY) > 0,
        bet: None,
    },
    Beat {
        title: "Locks on what was read",
        say: "On Saturday each locks what it reads: SELECT FOR UPDATE. The second waited for the first, \
              then found a row newer than its snapshot.",
        preset: Preset::Hardened,
        when: |_, history| history.aborts(Night::SATURDAY) > 0,
        bet: None,
    },
    Beat {
        title: "Nothing in common",
        say: "On Sunday there is no such row and no lock. Both have read that two are on call, and think. \
              Only who reads and overwrites is noted.",
        preset: Preset::Hardened,
        when: |_, history| history.two_have_read(Night::SUNDAY),
        bet: Some(SUNDAY),
    },
    Beat {
        title: "Two arrows in a row",
        say: "Each shard saw one overwritten read, and told the coordinator with its vote. There they make \
              two in a row: the second to commit aborts.",
        preset: Preset::Hardened,
        when: |_, history| history.was_dangerous,
        bet: None,
    },
    Beat {
        title: "The price",
        say: "Each night cost an abort, and the one who tried again had to stay. Locks also cost waiting, \
              and miss rows that are not there yet.",
        preset: Preset::Hardened,
        when: |_, history| history.stays > 2 && history.was_dangerous,
        bet: None,
    },
];
