//! What a viewer is asked to bring about.

use super::judge::{self, History};
use super::node::Node;
use crate::scenario::Preset;
use crate::sim::{FaultKind, Puzzle, PuzzleGoal};

/// The puzzles, from easy to hard.
pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "Whose lock was it?",
        task: "Make the shared file forget a number that it has given away. Nothing but one crash is \
               allowed.",
        hint: "What a server has not synced is gone with its memory.",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("no grant is forgotten"),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
    Puzzle {
        title: "A part that comes too late",
        task: "The safeguards are on. Bring a worker to write under a lease that is over, so that the \
               resource has to refuse it.",
        hint: "Who is frozen does not see its lease end.",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|_, history| history.was_refused),
        budget: &[(FaultKind::Pause, 1)],
        par: 1,
    },
    Puzzle {
        title: "Safe is not quick",
        task: "The safeguards keep two from holding the lock, and may keep one from getting it: let a \
               worker wait for more than 700 ms.",
        hint: "Whom does everybody ask?",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|world, history| judge::nobody_waits(world, history).is_err()),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
];
