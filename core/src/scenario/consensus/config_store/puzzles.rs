//! What a viewer is asked to bring about.

use super::judge::History;
use super::node::Node;
use crate::scenario::Preset;
use crate::sim::{FaultKind, Puzzle, PuzzleGoal};

/// The puzzles, from easy to hard.
pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "One crash, one gap",
        task: "Let a watcher miss a revision. No link is cut: one crash must do.",
        hint: "Who stands between a watcher and the store?",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks(super::EVERY_REVISION),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
    Puzzle {
        title: "Too late for the past",
        task: "With all safeguards: let a watcher be told that what it needs is compacted away.",
        hint: "Only so many revisions are kept. Who sleeps that long?",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|_, history| history.was_compacted),
        budget: &[(FaultKind::Pause, 1)],
        par: 1,
    },
];
