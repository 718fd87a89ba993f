//! What the page asks of a search worker, and what it says: bytes, as between page and engine.
//!
//! An order is about a range of numbers, so that any number of workers can share them out, and so that
//! what a worker leaves behind when it dies can be given to another one. A worker does one order at a
//! time and says now and then, and at its end, what has come of its numbers so far: few words, since the
//! page has frames to draw. It is stopped by ending it: nothing that it has is needed any more.

use faultline_core::scenario::Preset;
use faultline_core::sim::TextKind;
use faultline_core::view::{Cure, Future, Incurable, Measure, Strategy, Surveyed, Tally};
use serde::{Deserialize, Serialize};

/// The name by which a worker knows that it is to search, and not to own a run.
pub const HUNTER: &str = "hunter";

/// What a worker is to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The run that it is about.
    pub link: String,
    /// What is to be done with it.
    pub task: Task,
    /// The first number.
    pub first: u64,
    /// How many numbers.
    pub count: u32,
}

/// What is to be done with a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Task {
    /// To try the runs with these numbers on its setup, up to the first that breaks something.
    Search(Strategy),
    /// To explore its smallest world; the number means nothing.
    Survey,
    /// To make it as small as can be; the number means nothing.
    Shrink,
    /// To find the safeguards that make its failure go away; the number means nothing.
    Cure,
    /// To see whether it still breaks what it broke; the number means nothing.
    Recheck,
    /// To play its schedule with each number as the seed, and measure it.
    Measure {
        /// With all safeguards off or on; without one, as they are.
        preset: Option<Preset>,
    },
    /// To play its futures: the number counts moments, and within each moment seeds.
    Futures {
        /// How many moments at most.
        moments: u64,
        /// How many futures from each.
        seeds: u64,
    },
}

impl Task {
    /// Returns true if the order is one piece of work, whatever its numbers.
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Survey | Self::Shrink | Self::Cure | Self::Recheck)
    }
}

/// What a worker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Word {
    /// It listens.
    Hello {
        /// Which build it is.
        build: String,
    },
    /// It has done some of its numbers since the last such word.
    Came {
        /// The first of its numbers that it has not done.
        next: u64,
        /// What came of the others.
        of: Harvest,
    },
    /// A run that breaks something.
    Found(Catch),
    /// How far a survey has come.
    Surveyed(Surveyed),
    /// How far shrinking has come: actions left, and runs tried.
    Shrinking {
        /// Actions that are left.
        actions: u32,
        /// Runs tried so far.
        tries: u32,
    },
    /// The smallest run that breaks the same.
    Shrunk(Catch),
    /// What would have prevented it.
    Cured {
        /// The safeguards that make it go away.
        cures: Vec<Cure>,
        /// What it breaks with all of them on, if none do.
        otherwise: Option<Incurable>,
    },
    /// What a kept run does now.
    Rechecked(Rechecked),
    /// What the values of samples are.
    Measures {
        /// As many as a sample has values.
        measures: Vec<Measure>,
        /// The run of a sample, but for its seed.
        link: String,
    },
    /// The order cannot be done: why, in a sentence.
    Failed(String),
    /// The order is done.
    Done {
        /// How much memory the worker has taken from the machine; it never gives any back.
        memory_bytes: u64,
    },
    /// The worker is about to stop for good: the panic's text.
    Panicked(String),
}

/// What came of some numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Harvest {
    /// Of tries.
    Tries(Tally),
    /// Of seeds that were measured.
    Samples(Vec<Sample>),
    /// Of futures of a failing run.
    Futures(Vec<Future>),
}

/// One run, measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Its seed.
    pub seed: u64,
    /// In the order of the measures.
    pub values: Vec<Option<i64>>,
}

/// What a kept run does now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rechecked {
    /// The run as it was kept.
    pub link: String,
    /// The promise that it breaks, if any.
    pub broken: Option<String>,
    /// Whether it is the run that was kept, to the bit; `None` if its link has no digest.
    pub is_same: Option<bool>,
}

/// A run that breaks a promise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catch {
    /// The number of the try that found it.
    pub number: u64,
    /// The run, at the moment at which it breaks.
    pub link: String,
    /// The promise.
    pub check: String,
    /// Why it does not hold, in a sentence.
    pub reason: String,
    /// When, in true time.
    pub at_us: u64,
    /// How many actions it has.
    pub actions: u32,
    /// Its seed.
    pub seed: u64,
    /// The values of its knobs, in the row's order.
    pub knobs: Vec<u64>,
    /// Whether the design claims to survive all that is done.
    pub is_claimed: bool,
    /// What happens in it, step by step; told of small runs only.
    pub captions: Vec<Caption>,
    /// A test in Rust that holds for as long as the run breaks the promise; of small runs only.
    pub test: String,
    /// The same as a sequence diagram of Mermaid; of small runs only.
    pub mermaid: String,
    /// The same as a log for `ShiViz`; of small runs only, and empty if that is too long.
    pub shiviz: String,
}

/// A step of a small run, in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Caption {
    /// When, in true time.
    pub at_us: u64,
    /// What kind of step.
    pub kind: TextKind,
    /// In the event's own words.
    pub text: String,
}
