//! What a viewer is asked to bring about.

use super::judge::History;
use super::node::Node;
use crate::scenario::Preset;
use crate::sim::{FaultKind, Puzzle, PuzzleGoal};

/// The puzzles, from easy to hard.
pub(super) const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "A leader that knows less",
        task: "Let a server lead that lacks what was committed. No link is cut, no message \
               is lost: two crashes must do.",
        hint: "Nobody compares logs before it votes. Who has missed something?",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks(super::LEADER_COMPLETENESS),
        budget: &[(FaultKind::Crash, 2)],
        par: 2,
    },
    Puzzle {
        title: "Too far behind for entries",
        task: "With all safeguards: let a leader send a snapshot, because it no longer keeps the \
               entries that a server needs.",
        hint: "A snapshot comes every few dozen entries. Who misses so many?",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|_, history| history.has_installed),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
];
