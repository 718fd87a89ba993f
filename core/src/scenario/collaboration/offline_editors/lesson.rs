//! What the row teaches, step by step, and what a viewer may try.

use super::copy::Copy;
use super::judge::{self, History};
use super::node::Editor;
use crate::scenario::Preset;
use crate::sim::{Answer, Beat, FaultKind, Puzzle, PuzzleGoal, World};

const WHOSE: Answer<Editor, History> = Answer {
    question: "Two people add items before they hear of each other. What is on the list then?",
    options: &["What both typed", "Only what the one who saved last typed"],
    evidence: |world, history| match judge::nothing_vanishes(world, history) {
        Err(violation) => violation.reason,
        Ok(()) => judge::lists_in_words(world, history),
    },
    right: |world, history| {
        let is_gone = judge::nothing_vanishes(world, history).is_err();
        if is_gone { Some(1) } else { judge::is_quiet(world, history).then_some(0) }
    },
};

const AT_ONE_PLACE: Answer<Editor, History> = Answer {
    question: "Ann is offline and goes on adding items at the top, as the others do. And after that?",
    options: &[
        "Her items are mixed into theirs",
        "All are there, and what one typed in a row stays together",
        "Her items are dropped",
    ],
    evidence: judge::lists_in_words,
    right: |world, history| {
        let is_mixed = judge::rows_stay_whole(world, history).is_err();
        let is_lost = judge::nothing_vanishes(world, history).is_err();
        let answer = if is_mixed {
            0
        } else if is_lost {
            2
        } else {
            1
        };
        (judge::is_healed(world, history) || judge::is_quiet(world, history)).then_some(answer)
    },
};

/// Returns true if some copy keeps a letter that was deleted.
fn has_tombstone(world: &World<Editor>, _: &History) -> bool {
    world.up().any(|(_, node)| match &node.list.copy {
        Copy::Named(text) => text.runs().any(|run| run.is_deleted),
        Copy::Whole(_) | Copy::Placed(_) => false,
    })
}

pub(super) const LESSON: &[Beat<Editor, History>] = &[
    Beat {
        title: "Saved as a whole",
        say: "Three people share one shopping list, empty at first. Each edit saves the whole list, and of two \
              lists the one saved last stays.",
        preset: Preset::Naive,
        when: |_, history| !history.typed.is_empty(),
        bet: Some(WHOSE),
    },
    Beat {
        title: "Gone without a trace",
        say: "Somebody's list was replaced by one that was saved later, by a person who had not seen it. What \
              was typed is gone, and nobody is told.",
        preset: Preset::Naive,
        when: |world, history| judge::nothing_vanishes(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "Every letter has a name",
        say: "A letter is named by who typed it and a number. An edit says beside which letter it was typed: \
              that stays true whatever others do.",
        preset: Preset::Hardened,
        when: |_, history| history.has_heard,
        bet: None,
    },
    Beat {
        title: "Offline",
        say: "Ann reaches nobody. No lock is needed to write, so she goes on, and every edit goes to the log \
              on her disk.",
        preset: Preset::Hardened,
        when: |world, _| world.network().cuts().next().is_some(),
        bet: Some(AT_ONE_PLACE),
    },
    Beat {
        title: "Back from the log",
        say: "Ben's editor crashed and has read its log. An edit is told to others only once it is there: \
              its name must never be given twice.",
        preset: Preset::Hardened,
        when: |_, history| history.came_back,
        bet: None,
    },
    Beat {
        title: "Equal again",
        say: "Each told the others what their version vectors lacked, and Fugue's tree puts it in place: the same \
              edits make the same list.",
        preset: Preset::Hardened,
        when: judge::is_healed,
        bet: None,
    },
    Beat {
        title: "What is struck out stays",
        say: "A deleted letter stays as a tombstone (State: crossed out): somebody offline may still type beside \
              it, nobody knows for how long.",
        preset: Preset::Hardened,
        when: |world, history| judge::is_healed(world, history) && has_tombstone(world, history),
        bet: None,
    },
    Beat {
        title: "The price",
        say: "All copies are equal without a lock or a server. But names and tombstones cost more than the \
              text, and a merged list may make no sense.",
        preset: Preset::Hardened,
        when: judge::is_quiet,
        bet: None,
    },
];

pub(super) const PUZZLES: &[Puzzle<Editor, History>] = &[
    Puzzle {
        title: "Long asleep",
        task: "No edit is lost, but it may be late: let a paused editor lack more than 25 saved edits, for \
               however short a time.",
        hint: "Who is paused hears nothing of all that the others save meanwhile, and you may type.",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(judge::is_paused_far_behind),
        budget: &[(FaultKind::Pause, 1)],
        par: 1,
    },
    Puzzle {
        title: "One save too few",
        task: "Let the lists stay different when all is quiet: lose a single message.",
        hint: "Each save is told once. Which one is not followed by another?",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("after 2 s of quiet, all lists are equal"),
        budget: &[(FaultKind::Drop, 1)],
        par: 1,
    },
];
