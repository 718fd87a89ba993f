//! What a viewer is asked to bring about.

use super::judge::{self, History};
use super::node::Node;
use crate::scenario::Preset;
use crate::sim::{FaultKind, Puzzle, PuzzleGoal};

/// The puzzles, from easy to hard.
pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "A promise lost",
        task: "Lose a write that was acknowledged. Nobody may be cut off, and every clock is right.",
        hint: "Whoever sleeps past the end of a lease does not know what has become of it.",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("an acknowledged write stays on a disk"),
        budget: &[(FaultKind::Pause, 1), (FaultKind::Crash, 1), (FaultKind::Drop, 2)],
        par: 1,
    },
    Puzzle {
        title: "Safe is not served",
        task: "The safeguards lose nothing, but they may let a client wait: keep one waiting for \
               more than half a second.",
        hint: "A majority must be there to acknowledge a write. How many may be missing?",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|world, history| judge::nobody_waits(world, history).is_err()),
        budget: &[(FaultKind::Crash, 2), (FaultKind::Drop, 2)],
        par: 2,
    },
];
