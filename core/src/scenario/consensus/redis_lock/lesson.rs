//! The lesson, beat by beat.

use super::judge::{self, History};
use super::node::Node;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat};

const THE_TICKET: Answer<Node, History> = Answer {
    question: "C1 wakes up with its ticket printed, long after its key has expired. What happens?",
    options: &["Its ticket is sold a second time", "It is refused"],
    evidence: judge::the_ticket_in_words,
    right: judge::what_became_of_the_ticket,
};

/// The beats, in order.
pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "Set it if it is not there",
        say: "Who sets the key has the lock: it reads how many tickets are sold, prints the next one, \
              writes it down, and deletes the key.",
        preset: Preset::Naive,
        when: |_, history| history.is_set,
        bet: None,
    },
    Beat {
        title: "A client freezes",
        say: "C1 froze while it printed ticket 1. Its key expired, as it must, and another has the lock: \
              nobody can tell frozen from dead.",
        preset: Preset::Naive,
        when: judge::is_replaced,
        bet: Some(THE_TICKET),
    },
    Beat {
        title: "Sold twice",
        say: "C1 woke and sold what it had printed: the ticket had been sold meanwhile. It deletes the \
              key next, whoever's that is by now.",
        preset: Preset::Naive,
        when: |world, history| judge::no_ticket_twice(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "The replica takes over",
        say: "R1 is dead, and R2 goes on with what it had heard last. A lock that was set after that is \
              gone, and nobody tells its owner.",
        preset: Preset::Naive,
        when: |_, history| history.has_taken_over,
        bet: None,
    },
    Beat {
        title: "Redlock",
        say: "Five instances know nothing of each other. The lock is a random value at three of them, \
              and is deleted only where it is still that value.",
        preset: Preset::Hardened,
        when: judge::has_held,
        bet: None,
    },
    Beat {
        title: "Five against a pause",
        say: "C1 froze again, and another has got a majority. More instances do not help: it is C1 that \
              is late, and no lock can call it back.",
        preset: Preset::Hardened,
        when: judge::is_replaced,
        bet: Some(THE_TICKET),
    },
    Beat {
        title: "A number is what helps",
        say: "C1 shows the number it took under the lock. The office has seen a higher one, and refuses. \
              A random value could not have said so.",
        preset: Preset::Hardened,
        when: |world, history| judge::what_became_of_the_ticket(world, history).is_some(),
        bet: None,
    },
    Beat {
        title: "Back, and silent",
        say: "R1 is back without its keys. It is silent for one time to live, else it could help a \
              second client to a majority.",
        preset: Preset::Hardened,
        when: |_, history| history.was_silent,
        bet: None,
    },
    Beat {
        title: "What is left to choose",
        say: "All answer again. If two holders cost only work twice, one instance will do. If they cost \
              money, number them: then Redlock adds little.",
        preset: Preset::Hardened,
        when: |world, history| history.was_silent && judge::is_healed(world, history),
        bet: None,
    },
];
