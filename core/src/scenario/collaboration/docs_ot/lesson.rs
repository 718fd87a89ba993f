//! What the row teaches, step by step, and what a viewer may try.

use super::judge::{self, History};
use super::node::{Node, editors, server};
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, Puzzle, PuzzleGoal, World};

const THE_LAST_ALONE: Answer<Node, History> = Answer {
    question: "An operation is moved over the last one before it, and no other. Do all show the same text?",
    options: &["Yes, always", "Not when three cross on their way"],
    evidence: |world, it| match judge::texts_follow_the_log(world, it) {
        Err(violation) => violation.reason,
        Ok(()) => judge::texts_in_words(world, it),
    },
    right: |world, it| {
        let is_wrong = judge::texts_follow_the_log(world, it).is_err();
        if is_wrong { Some(1) } else { judge::is_quiet(world, it).then_some(0) }
    },
};

const THE_SERVER_DOWN: Answer<Node, History> = Answer {
    question: "The server is down, and people type on. What of that will be in the text?",
    options: &["Not all of it", "All of it"],
    evidence: |world, it| match judge::nothing_is_forgotten(world, it) {
        Err(violation) => violation.reason,
        Ok(()) => judge::texts_in_words(world, it),
    },
    right: |world, it| {
        let is_kept =
            judge::nothing_is_forgotten(world, it).is_ok() && judge::everything_is_in(world, it);
        (judge::is_healed(world, it) || judge::is_quiet(world, it)).then_some(u8::from(is_kept))
    },
};

/// Returns true if a client has an operation on its way and another in its buffer.
fn has_buffer(world: &World<Node>) -> bool {
    editors(world).any(|(_, it)| it.document.as_ref().is_some_and(|it| it.pending().len() > 1))
}

pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "Typed at once",
        say: "Three people write one text. Each sees their own letters at once; the server puts all operations \
              into one order.",
        preset: Preset::Naive,
        when: |_, it| it.has_typed,
        bet: Some(THE_LAST_ALONE),
    },
    Beat {
        title: "The open diamond",
        say: "Operations crossed on their way, and not all were moved over each other. A text is not what the \
              log says, and nobody is told.",
        preset: Preset::Naive,
        when: |world, it| judge::texts_follow_the_log(world, it).is_err(),
        bet: None,
    },
    Beat {
        title: "Over everything unseen",
        say: "An operation says on which revision it was made. The server moves it over each operation that has \
              come since.",
        preset: Preset::Hardened,
        when: |_, it| it.log.iter().any(|it| it.moves > 0),
        bet: None,
    },
    Beat {
        title: "Both ways round",
        say: "The author moves what comes and what waits over each other. Both ways round the diamond lead to \
              one text.",
        preset: Preset::Hardened,
        when: |_, it| it.has_crossed,
        bet: None,
    },
    Beat {
        title: "One on its way",
        say: "Only one operation of a client is on its way; the rest is put together in a buffer. So one log is \
              enough for all.",
        preset: Preset::Hardened,
        when: |world, _| has_buffer(world),
        bet: None,
    },
    Beat {
        title: "Nobody to order",
        say: "The server is down. Everybody types on into the buffer, and nobody sees what the others do.",
        preset: Preset::Hardened,
        when: |world, it| it.server_fell && server(world).is_none(),
        bet: Some(THE_SERVER_DOWN),
    },
    Beat {
        title: "Snapshot and log",
        say: "The server is back with a snapshot of the text and the operations since. It had passed on nothing \
              that was not on disk.",
        preset: Preset::Hardened,
        when: |world, it| it.server_fell && server(world).is_some(),
        bet: None,
    },
    Beat {
        title: "All the same",
        say: "All show the same text. What comes twice is known by its name, and who misses something asks \
              for it.",
        preset: Preset::Hardened,
        when: judge::is_healed,
        bet: None,
    },
    Beat {
        title: "The price",
        say: "No names of letters, no tombstones, and fewer bytes than the CRDT. But two clients cannot merge \
              without the server.",
        preset: Preset::Hardened,
        when: judge::is_quiet,
        bet: None,
    },
];

pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "Said twice",
        task: "Let an operation take effect twice: lose a single message.",
        hint: "Who hears no confirmation sends the operation again.",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("no operation takes effect twice"),
        budget: &[(FaultKind::Drop, 1)],
        par: 1,
    },
    Puzzle {
        title: "Behind the others",
        task: "Nothing is lost, but it may be late: let one client be more than 8 operations behind the log.",
        hint: "Who hears nothing falls behind as fast as the others write.",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|world, it| judge::clients_are_close(world, it).is_err()),
        budget: &[(FaultKind::Pause, 1)],
        par: 1,
    },
];
