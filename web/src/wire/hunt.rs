//! What the page asks of a search worker, and what it says: plain JavaScript objects, by
//! serde-wasm-bindgen.
//!
//! An order is about a range of numbers, so that any number of workers can share them out, and so that
//! what a worker leaves behind when it dies can be given to another one. A worker does one order at a
//! time and says after each number, or every tenth of a second, what has come of it. It is stopped by
//! ending it: nothing that it has is needed any more.

use faultline_core::scenario::Preset;
use faultline_core::sim::TextKind;
use faultline_core::view::{Cure, Future, Measure, Strategy, Surveyed, Tally};
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
    /// It begins with this number.
    At(u64),
    /// What tries have come to since the last such word.
    Tried(Tally),
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
    /// The safeguards that make it go away.
    Cured(Vec<Cure>),
    /// What a run breaks now.
    Rechecked {
        /// The run as it was ordered.
        link: String,
        /// The promise that it breaks, if any.
        broken: Option<String>,
    },
    /// What the values of `Measured` are.
    Measures(Vec<Measure>),
    /// One run, measured.
    Measured {
        /// Its seed.
        seed: u64,
        /// In the order of the measures.
        values: Vec<Option<i64>>,
        /// The run, at its end.
        link: String,
    },
    /// One future of a failing run.
    Future(Future),
    /// The order cannot be done: why, in a sentence.
    Failed(String),
    /// The order is done.
    Done,
    /// The worker is about to stop for good: the panic's text.
    Panicked(String),
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
