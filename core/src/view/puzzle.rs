//! Puzzles as the screen offers them, and how far a run has come with one.

use serde::{Deserialize, Serialize};

use crate::scenario::Preset;
use crate::sim::FaultKind;

/// A puzzle as the screen offers it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PuzzleView {
    /// A few words for the list.
    pub title: String,
    /// What is to be brought about.
    pub task: String,
    /// Where to look, for those who ask.
    pub hint: String,
    /// The preset in which it is set; the knobs are as usual.
    pub preset: Preset,
    /// How many faults of which kind may be used; of all other kinds none.
    pub budget: Vec<(FaultKind, u16)>,
    /// The fewest faults with which a search has solved it.
    pub par: u16,
}

/// How many faults of a kind a run has used.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FaultUse {
    /// The kind.
    pub kind: FaultKind,
    /// How many of them have changed or blocked something.
    pub used: u16,
    /// How many are allowed.
    pub allowed: u16,
}

/// How far a run has come with a puzzle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Grade {
    /// Whether the run is set up as the puzzle wants it.
    pub is_set_up: bool,
    /// Whether a script of the row does something in it: it was not begun for the puzzle.
    pub follows_script: bool,
    /// When the goal first came true.
    pub reached_us: Option<u64>,
    /// The budget's kinds, in its order, and then all others that were used.
    pub faults: Vec<FaultUse>,
}

impl Grade {
    /// Returns how many faults were used in all.
    pub fn used(&self) -> u16 {
        self.faults.iter().map(|it| it.used).fold(0, u16::saturating_add)
    }

    /// Returns true if the run was begun for the puzzle: set up as it wants it, and by no script.
    pub fn is_begun(&self) -> bool {
        self.is_set_up && !self.follows_script
    }

    /// Returns true if no kind was used more often than it may be.
    pub fn is_within_budget(&self) -> bool {
        self.faults.iter().all(|it| it.used <= it.allowed)
    }

    /// Returns true if the goal came true as the puzzle wants it.
    pub fn is_solved(&self) -> bool {
        self.is_begun() && self.reached_us.is_some() && self.is_within_budget()
    }
}
