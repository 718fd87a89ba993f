//! What is searched for and what has come of it, as the panel shows it.

use std::rc::Rc;

use faultline_core::scenario::Preset;
use faultline_core::view::{Cure, Future, Incurable, Measure, Strategy, Surveyed, Tally};

use crate::shared::Shared;
use crate::wire::{Catch, Opened, Rechecked, Sample, Task};

/// What the viewer wants of a search.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Quarry {
    /// A run that breaks a promise, among so many.
    Break {
        /// How tries are chosen.
        strategy: Strategy,
        /// How many at most.
        tries: u64,
    },
    /// The same, among all that can happen in the smallest world.
    Survey,
    /// The present run made small.
    Shrink,
    /// How a number spreads over so many seeds.
    Seeds(u64),
    /// From when on the present run was lost.
    Futures,
    /// Whether these runs still break what they broke.
    Recheck(Vec<String>),
}

impl Quarry {
    /// Tries that a search takes unless somebody wants more.
    pub(crate) const USUAL_TRIES: u64 = 1_000;

    /// What the key searches for.
    pub(crate) fn usual() -> Self {
        Self::Break { strategy: Strategy::Swarm, tries: Self::USUAL_TRIES }
    }
}

/// The runs of one design, each measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Samples {
    /// The run of each, but for its seed.
    pub(crate) link: String,
    /// In the order in which they came.
    pub(crate) seeds: Vec<u64>,
    /// For each measure, what it came to in each of these.
    pub(crate) columns: Vec<Vec<Option<i64>>>,
}

impl Samples {
    /// Adds a run.
    pub(super) fn add(&mut self, sample: &Sample) {
        self.seeds.push(sample.seed);
        self.columns.resize_with(sample.values.len(), Vec::new);
        for (column, value) in self.columns.iter_mut().zip(&sample.values) {
            column.push(*value);
        }
    }
}

/// What is shown of a search.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Hunted {
    /// What is searched for, if anything was.
    pub(crate) quarry: Option<Quarry>,
    /// What was searched for when the find was made.
    pub(crate) sought: Option<Quarry>,
    /// The run that the viewer had open when the find was sought: its link and setup.
    pub(crate) before: Option<(String, Shared<Opened>)>,
    /// What is being done, as long as something is.
    pub(crate) task: Option<Task>,
    /// Whether it was stopped by hand.
    pub(crate) is_cancelled: bool,
    /// What all tries have come to.
    pub(crate) tally: Tally,
    /// How far a survey has come.
    pub(crate) surveyed: Option<Surveyed>,
    /// The run that was found.
    pub(crate) found: Option<Shared<Catch>>,
    /// How far shrinking has come.
    pub(crate) shrinking: Option<(u32, u32)>,
    /// The same, as small as it gets.
    pub(crate) shrunk: Option<Shared<Catch>>,
    /// What would have prevented it, once that is known.
    pub(crate) cures: Option<Vec<Cure>>,
    /// What it breaks with all safeguards on, if nothing would have.
    pub(crate) otherwise: Option<Incurable>,
    /// What is measured.
    pub(crate) measures: Vec<Measure>,
    /// The runs measured so far: of the naive design, and of the hardened one.
    pub(crate) samples: [Rc<Samples>; 2],
    /// What kept runs do now.
    pub(crate) rechecked: Vec<Rechecked>,
    /// The futures played so far.
    pub(crate) futures: Vec<Future>,
    /// What went wrong, in sentences.
    pub(crate) troubles: Vec<String>,
    /// How long it has taken so far.
    pub(crate) elapsed_ms: f64,
    /// How many workers are at it.
    pub(crate) workers: usize,
    /// The most memory that a worker had taken when it was done with an order.
    pub(crate) memory_bytes: u64,
}

impl Hunted {
    /// Names the design that is searched: the viewer may have opened another one meanwhile.
    pub(crate) fn design(&self) -> &'static str {
        match self.before.as_ref().and_then(|(_, opened)| opened.preset) {
            Some(Preset::Naive) => "the naive design",
            Some(Preset::Hardened) => "the hardened design",
            None => "the design with its own safeguards",
        }
    }

    /// Returns the find: as small as it has got.
    pub(crate) fn find(&self) -> Option<&Shared<Catch>> {
        self.shrunk.as_ref().or(self.found.as_ref())
    }
}
