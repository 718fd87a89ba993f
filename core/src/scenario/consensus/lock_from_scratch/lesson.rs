//! The lesson, beat by beat.

use super::W1;
use super::judge::{self, History};
use super::node::Node;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, World};

fn is_frozen(world: &World<Node>, _: &History) -> bool {
    !world.is_running(W1)
}

/// Whether another has the lock while W1 stands still.
fn is_replaced(world: &World<Node>, history: &History) -> bool {
    is_frozen(world, history) && judge::holders(world).iter().any(|it| *it != W1)
}

const LATE_PART: Answer<Node, History> = Answer {
    question: "W1 wakes up after its lease and goes on writing. What becomes of the part?",
    options: &["It is applied, among another worker's parts", "It is refused"],
    evidence: judge::the_late_part_in_words,
    right: judge::what_became_of_the_late_part,
};

/// The beats, in order.
pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "A lock in a file",
        say: "Who reads that the lock has expired writes its name and a time of day into a shared \
              file. Then it writes its job, part by part.",
        preset: Preset::Naive,
        when: |_, history| history.is_granted,
        bet: None,
    },
    Beat {
        title: "The holder freezes",
        say: "W1 stands still amid its job, as in a pause for garbage collection. Its lease has run \
              out, another has the lock, and W1 cannot notice.",
        preset: Preset::Naive,
        when: is_replaced,
        bet: Some(LATE_PART),
    },
    Beat {
        title: "Two jobs in one",
        say: "W1 woke and wrote on among others' parts, sure to hold the lock. Nothing at the store \
              can tell late from right.",
        preset: Preset::Naive,
        when: |_, history| history.late.is_some(),
        bet: None,
    },
    Beat {
        title: "Whose clock?",
        say: "W2's clock is ahead, so every lease looked over to it: it took the lock while another \
              works. A time of day means nothing elsewhere.",
        preset: Preset::Naive,
        when: judge::clock_took_it,
        bet: None,
    },
    Beat {
        title: "Lend, count, number",
        say: "An arbiter lends the lock for a duration, counted by each on its own monotonic clock. \
              Grants have growing numbers, on disk first.",
        preset: Preset::Hardened,
        when: |_, history| history.is_granted,
        bet: None,
    },
    Beat {
        title: "The same pause",
        say: "W1 froze again. Another has the lock, since nobody can tell frozen from dead. Guess what \
              the lock alone can do about W1's next part.",
        preset: Preset::Hardened,
        when: is_replaced,
        bet: Some(LATE_PART),
    },
    Beat {
        title: "Too late",
        say: "W1 looked at its lease, froze, and wrote. Its number is older than one the store has \
              seen: refused. Only the store could know.",
        preset: Preset::Hardened,
        when: |_, history| history.late.is_some(),
        bet: None,
    },
    Beat {
        title: "Back, and patient",
        say: "The arbiter is back and knows whom it had lent the lock, not when. It waits for one \
              lease: the price of counting durations.",
        preset: Preset::Hardened,
        when: |_, history| history.has_waited,
        bet: None,
    },
    Beat {
        title: "What it costs",
        say: "All work again; nobody repaired it. A dead holder blocks for a lease, a dead arbiter all. \
              Refused: asking everybody; one death blocks.",
        preset: Preset::Hardened,
        when: |world, history| history.has_waited && judge::all_have_had_a_turn(world, history),
        bet: None,
    },
];
