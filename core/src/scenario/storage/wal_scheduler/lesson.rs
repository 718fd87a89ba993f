//! What the lesson tells, and what a viewer may try.

use super::judge::{self, History};
use super::message::{SCHEDULER, W1};
use super::node::Node;
use super::words::bill;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, Puzzle, PuzzleGoal, World};

fn is_paid_twice(world: &World<Node>, it: &History) -> bool {
    judge::each_bill_is_paid_once(world, it).is_err()
}

fn is_lost(world: &World<Node>, it: &History) -> bool {
    judge::no_bill_is_lost(world, it).is_err()
}

/// Returns true if the scheduler serves again after a crash.
pub(super) fn is_back(world: &World<Node>, it: &History) -> bool {
    it.openings > 1 && judge::jobs(world).is_some()
}

const FROZEN: Answer<Node, History> = Answer {
    question: "W1 will freeze while it prepares to pay A1, and wake up after its lease. What becomes of A1?",
    options: &["Paid once, by another worker", "Paid once, by W1", "Paid twice"],
    evidence: |world, it| match judge::each_bill_is_paid_once(world, it) {
        Err(violation) => violation.reason,
        Ok(()) => judge::what_became_of_the_bill(world.names(), it),
    },
    right: |world, it| {
        if is_paid_twice(world, it) { Some(2) } else { it.turned_away.map(|_| 0) }
    },
};

const NOT_NOTED: Answer<Node, History> = Answer {
    question: "The power of Scheduler and workers will go: a bill is paid, and not COMPLETED in the log. What then?",
    options: &["It is paid again", "It is given out again, and paid once", "It is forgotten"],
    evidence: |world, it| {
        let Some((worker, job, receipt)) = it.found_paid else { return String::new() };
        let worker = &world.names()[worker];
        format!(
            "{} was given out again, and {worker} found it paid, as payment {receipt}",
            bill(job)
        )
    },
    right: |world, it| {
        let was_again = it.openings > 1 && it.found_paid.is_some();
        if is_paid_twice(world, it) { Some(0) } else { was_again.then_some(1) }
    },
};

pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "Bills to be paid",
        say: "Clients hand bills to Scheduler. A worker gets one for 400 ms, its lease. It asks Bank \
              whether it is paid; if not, it prepares and pays.",
        preset: Preset::Naive,
        when: |_, it| it.accepted > 0,
        bet: Some(FROZEN),
    },
    Beat {
        title: "Given to somebody else",
        say: "W1 stands still with A1, and its 400 ms are over. Dead or slow, Scheduler cannot tell: A1 is \
              another worker's now.",
        preset: Preset::Naive,
        when: |_, it| it.again > 0,
        bet: None,
    },
    Beat {
        title: "Paid twice",
        say: "W1 had asked Bank before it froze: not paid. It goes on where it stood. Both workers looked, \
              both were right, and both paid.",
        preset: Preset::Naive,
        when: is_paid_twice,
        bet: None,
    },
    Beat {
        title: "Nobody remembers",
        say: "The power of Scheduler went. It had its job states in memory: bills that it had accepted are \
              gone, and nobody will ever pay them.",
        preset: Preset::Naive,
        when: is_lost,
        bet: None,
    },
    Beat {
        title: "The log says whose turn it is",
        say: "Now each state is a record, QUEUED, IN_PROGRESS, COMPLETED, and nothing is said before it is \
              on the disk. Each attempt has a number.",
        preset: Preset::Hardened,
        when: |_, it| it.accepted > 0,
        bet: None,
    },
    Beat {
        title: "Too late",
        say: "W1 wakes up with attempt 1 of A1. Bank has heard of attempt 2, and turns it away: whoever is \
              late is told so where it would do harm.",
        preset: Preset::Hardened,
        when: |_, it| it.turned_away.is_some_and(|(worker, ..)| worker == W1),
        bet: Some(NOT_NOTED),
    },
    Beat {
        title: "Up from the log",
        say: "Scheduler has read its log. What was queued waits; what was in progress is its worker's for \
              another 400 ms, counted by Scheduler's clock.",
        preset: Preset::Hardened,
        when: is_back,
        bet: None,
    },
    Beat {
        title: "Again, and paid once",
        say: "The worker that had paid it lost its memory, so no COMPLETED came. The bill is given out again, \
              and Bank says: paid already.",
        preset: Preset::Hardened,
        when: |_, it| it.openings > 1 && it.found_paid.is_some(),
        bet: None,
    },
    Beat {
        title: "What it costs",
        say: "Three syncs before a worker pays, and a Bank that keeps numbers. Not chosen: longer \
              leases, because a dead worker's bill would wait longer.",
        preset: Preset::Hardened,
        when: |world, it| {
            it.openings > 1
                && it.found_paid.is_some()
                && judge::bills_are_paid(world, it)
                && world.is_running(SCHEDULER)
                && world.now_us() > world.disturbed_at_us() + 1_200_000
        },
        bet: None,
    },
];

pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "Nobody froze",
        task: "Have the naive Bank pay a bill twice. Nobody freezes and nobody crashes.",
        hint: "Who has looked and cannot pay will try for as long as it takes.",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("each bill is paid once"),
        budget: &[(FaultKind::Cut, 1)],
        par: 1,
    },
    Puzzle {
        title: "Third time lucky",
        task: "Have a bill given out a third time, with the safeguards on.",
        hint: "Whoever has it second is no safer than the first.",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|_, it| it.taken_over.is_some_and(|(_, attempt, _)| attempt > 2)),
        budget: &[(FaultKind::Pause, 2)],
        par: 2,
    },
];
