//! The lesson, beat by beat.

use super::W1;
use super::judge::{self, History};
use super::node::Node;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, World};

fn is_frozen(world: &World<Node>, _: &History) -> bool {
    !world.is_running(W1)
}

/// Whether W1 stands still, and its lease is over.
fn is_too_late(world: &World<Node>, history: &History) -> bool {
    is_frozen(world, history) && judge::lease_is_over(world, W1)
}

/// Whether another has the lock while W1 stands still.
fn is_replaced(world: &World<Node>, history: &History) -> bool {
    is_frozen(world, history) && judge::holders(world).iter().any(|it| *it != W1)
}

const LATE_PART: Answer<Node, History> = Answer {
    question: "W1 wakes up after its lease and goes on writing. What becomes of the part?",
    options: &["It is applied, after a later holder's parts", "It is refused"],
    evidence: judge::the_late_part_in_words,
    right: judge::what_became_of_the_late_part,
};

/// The beats, in order.
pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "A lock in a file",
        say: "W1 read that File is empty, and wrote its name and a time of day there. Until \
              then the lock is its own, and it writes its job to Store.",
        preset: Preset::Naive,
        when: judge::has_held,
        bet: None,
    },
    Beat {
        title: "The holder freezes",
        say: "W1 stands still amid its job, as in a pause for garbage collection. Its lease is over, \
              W2 and W3 want the lock, and W1 cannot notice.",
        preset: Preset::Naive,
        when: is_too_late,
        bet: Some(LATE_PART),
    },
    Beat {
        title: "Two took it",
        say: "File's answers came late, and at one time: W2 and W3 both read that W1's lease is over, \
              both wrote, and both hold the lock.",
        preset: Preset::Naive,
        when: |world, history| judge::one_holds(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "Too late, and applied",
        say: "W1 woke and wrote on, sure to hold the lock, after a later holder's part. Nothing at \
              Store can tell late from right.",
        preset: Preset::Naive,
        when: |_, history| history.late.is_some(),
        bet: None,
    },
    Beat {
        title: "Lend, count, number",
        say: "Arbiter has lent W1 the lock for a duration, which each counts on its own monotonic \
              clock. A grant has a growing number, on disk first.",
        preset: Preset::Hardened,
        when: |_, history| history.is_granted,
        bet: None,
    },
    Beat {
        title: "The same pause",
        say: "W1 froze again, with its next part ready. Arbiter has lent the lock to another, since \
              nobody can tell frozen from dead.",
        preset: Preset::Hardened,
        when: is_replaced,
        bet: Some(LATE_PART),
    },
    Beat {
        title: "Too late",
        say: "W1 looked at its lease, froze, and wrote. Its number is older than one that Store has \
              seen: refused. Only Store could know.",
        preset: Preset::Hardened,
        when: |_, history| history.late.is_some(),
        bet: None,
    },
    Beat {
        title: "Back, and patient",
        say: "Arbiter is back, and knows whom it had lent the lock, not when. It waits for one lease: \
              that is the price of counting durations.",
        preset: Preset::Hardened,
        when: |_, history| history.has_waited,
        bet: None,
    },
    Beat {
        title: "What it costs",
        say: "All have had a turn again, one at a time, and nobody repaired it. A dead holder \
              blocks all for a lease, a dead Arbiter until it is back.",
        preset: Preset::Hardened,
        when: |world, history| history.has_waited && judge::all_have_had_a_turn(world, history),
        bet: None,
    },
];
