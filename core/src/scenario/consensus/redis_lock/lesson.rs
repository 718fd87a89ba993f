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
        say: "C1 has set the key at R1, so it has the lock. Under it C1 reads how many tickets \
              are sold, prints the next, and has Tickets write it down.",
        preset: Preset::Naive,
        when: judge::has_held,
        bet: None,
    },
    Beat {
        title: "A client freezes",
        say: "C1 froze while it printed ticket 1. At R1 its key expired, and now another client's \
              key is there: nobody can tell frozen from dead.",
        preset: Preset::Naive,
        when: judge::is_replaced,
        bet: Some(THE_TICKET),
    },
    Beat {
        title: "Sold twice",
        say: "C1 woke and sold the ticket that it had printed: another had sold it meanwhile. \
              Tickets wrote it down, and could not tell late from right.",
        preset: Preset::Naive,
        when: |world, history| judge::no_ticket_twice(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "The replica takes over",
        say: "R1 is dead, and R2 takes over without what had not reached it yet: a key deleted at \
              R1 may live on here, and a new one may be missing.",
        preset: Preset::Naive,
        when: |_, history| history.has_taken_over,
        bet: None,
    },
    Beat {
        title: "Redlock",
        say: "Five instances know nothing of each other. C1 has the lock with its random value at three \
              of them, and can delete only that value.",
        preset: Preset::Hardened,
        when: judge::has_held,
        bet: None,
    },
    Beat {
        title: "Five against a pause",
        say: "C1 froze again, and another has a majority of R1 to R5. More instances do not help: it is \
              C1 that is late, and no lock can call it back.",
        preset: Preset::Hardened,
        when: judge::is_replaced,
        bet: Some(THE_TICKET),
    },
    Beat {
        title: "A number is what helps",
        say: "C1 showed the number that Counter gave it under the lock. Tickets had seen a higher one, \
              and refused. A random value has no order.",
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
        title: "The price",
        say: "All answer again, and no ticket was sold twice: the number saw to that, not the five. They \
              cost ten messages a lock, and let R1 be down.",
        preset: Preset::Hardened,
        when: |world, history| history.was_silent && judge::is_healed(world, history),
        bet: None,
    },
];
