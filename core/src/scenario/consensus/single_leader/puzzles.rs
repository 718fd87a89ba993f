//! What a viewer is asked to bring about.

use super::judge::{self, History};
use super::node::Node;
use crate::scenario::Preset;
use crate::sim::{FaultKind, Puzzle, PuzzleGoal};

/// The puzzles, from easy to hard.
pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "A promise lost",
        task: "Lose a write that was acknowledged: no cut, no wrong clock, only a crash and what gets \
               lost on the way.",
        hint: "Whoever takes over asks nobody. What if it has not heard of the last write?",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("an acknowledged write stays on a disk"),
        budget: &[(FaultKind::Crash, 1), (FaultKind::Drop, 2)],
        par: 2,
    },
    Puzzle {
        title: "Safe is not served",
        task: "The safeguards lose nothing, but they may let a client wait: keep one waiting for \
               more than half a second.",
        hint: "Which server does every client need, and how long until another has its place?",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|world, history| judge::nobody_waits(world, history).is_err()),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
];
