//! What the lesson tells, and what a viewer may try.

use super::judge::{self, History};
use super::message::{RECEIVER, SENDER, name_of};
use super::node::Node;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, Puzzle, PuzzleGoal, World};

/// Returns true while the Receiver is down.
fn is_dark(world: &World<Node>, _: &History) -> bool {
    world.process(RECEIVER).is_none()
}

/// Returns true while the Receiver is down, and its disk has an effect without its mark.
fn is_in_between(world: &World<Node>, it: &History) -> bool {
    is_dark(world, it) && !judge::unmarked(world, it).is_empty()
}

const HOW_OFTEN: Answer<Node, History> = Answer {
    question: "Receiver will crash three times. How often does each message take effect?",
    options: &["Once", "Some twice", "Some not at all"],
    evidence: |world, it| {
        let broken = judge::effects_come_once(world, it).and(judge::nothing_is_lost(world, it));
        match broken {
            Err(violation) => violation.reason,
            Ok(()) => {
                format!("Receiver came back from {} crashes without harm", it.readings[1] - 1)
            }
        }
    },
    right: |world, it| {
        if it.doubled.is_some() {
            return Some(1);
        }
        if judge::nothing_is_lost(world, it).is_err() {
            return Some(2);
        }
        (it.readings[RECEIVER.index()] > 3 && world.now_us() > 1_300_000).then_some(0)
    },
};

const AGAIN: Answer<Node, History> = Answer {
    question: "A DELIVERED gets lost, and Sender sends the message again. What does Receiver do?",
    options: &["It adds the amount again", "It says DELIVERED again", "Nothing at all"],
    evidence: |_, it| match (it.doubled, it.known) {
        (Some((key, _)), _) => format!("It added the amount of {} again", name_of(key)),
        (None, Some(key)) => {
            format!("Receiver had {} already: it added nothing, and said DELIVERED", name_of(key))
        }
        (None, None) => "Nothing came again".into(),
    },
    right: |_, it| match (it.doubled, it.known) {
        (Some(_), _) => Some(0),
        (None, Some(_)) => Some(1),
        (None, None) => None,
    },
};

pub(super) const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "Handed over",
        say: "Apps hand messages over: “+5 to Ada”. Sender says “taken”, and delivers each one until \
              Receiver says DELIVERED.",
        preset: Preset::Naive,
        when: |_, it| it.taken > 0,
        bet: Some(HOW_OFTEN),
    },
    Beat {
        title: "Process, then mark",
        say: "Receiver looks for a mark, adds the amount, syncs, and then writes the mark: “this one is \
              DELIVERED”. Those are two writes.",
        preset: Preset::Naive,
        when: |world, _| judge::book(world).is_some_and(|it| it.waiting().next().is_some()),
        bet: None,
    },
    Beat {
        title: "In between",
        say: "Receiver is down. Its log, below it or in State, has a message with its effect and without \
              its mark ✓: as if it had never come.",
        preset: Preset::Naive,
        when: is_in_between,
        bet: None,
    },
    Beat {
        title: "Twice",
        say: "Sender heard no DELIVERED and sent again, as it must. Receiver found no mark, and added the \
              amount once more.",
        preset: Preset::Naive,
        when: |_, it| it.doubled.is_some(),
        bet: None,
    },
    Beat {
        title: "One record",
        say: "Now effect and mark are one record: a crash leaves both or neither. Receiver says DELIVERED \
              when it is synced.",
        preset: Preset::Hardened,
        when: |_, it| it.taken > 0,
        bet: Some(AGAIN),
    },
    Beat {
        title: "Late, not wrong",
        say: "Receiver is down, and the apps notice nothing: Sender takes their messages and keeps them. \
              When Receiver is back, Sender delivers them.",
        preset: Preset::Hardened,
        when: is_dark,
        bet: None,
    },
    Beat {
        title: "Known again",
        say: "Sender had not heard DELIVERED, and sent the message again. Receiver found its mark, added \
              nothing, and said DELIVERED once more.",
        preset: Preset::Hardened,
        when: |_, it| it.known.is_some(),
        bet: None,
    },
    Beat {
        title: "The index lags",
        say: "Sender starts anew. Its index, a file that says what is DELIVERED, lags behind its log: what \
              is not in it may be, and will be sent again.",
        preset: Preset::Hardened,
        when: |_, it| it.readings[SENDER.index()] > 1 && it.unlisted > 0,
        bet: None,
    },
    Beat {
        title: "What it costs",
        say: "A message waits for two syncs, and lies in two logs. Not chosen: marking before the effect, \
              because a crash in between loses it.",
        preset: Preset::Hardened,
        when: |world, it| {
            it.readings[SENDER.index()] > 1
                && it.read_us[SENDER.index()].is_some_and(|at_us| world.now_us() > at_us + 500_000)
                && judge::delivers(world, it)
        },
        bet: None,
    },
];

pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "A promise forgotten",
        task: "Make the naive design lose a message that its app was told is taken.",
        hint: "Who said “taken”, and what was on whose disk then?",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("nothing that was taken is lost"),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
    Puzzle {
        title: "Twice, and nobody crashed",
        task: "Have a message take effect twice in the naive design, while all nodes run.",
        hint: "By what is a message known again, and what if Sender is handed one twice?",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("each message takes effect once"),
        budget: &[(FaultKind::Duplicate, 1)],
        par: 1,
    },
    Puzzle {
        title: "I know you",
        task: "Have the hardened Receiver recognise a message that it has already.",
        hint: "Sender sends again what it has not heard of.",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|_, it| it.known.is_some()),
        budget: &[(FaultKind::Drop, 1)],
        par: 1,
    },
];
