//! What a search has come to, as the screen shows it: data alone, made by [`crate::check`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sim::FaultKind;

/// How tries are chosen.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Strategy {
    /// Swarm fuzzing: faults at any time, drawn from what the design claims to survive.
    #[default]
    Swarm,
    /// Probabilistic concurrency testing: time stands still, and messages, timers and syncs come in
    /// orders that random priorities decide. For designs whose safety needs no timing.
    Priorities,
}

/// What a number of tries has come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many there were.
    pub tries: u64,
    /// Events handled in all of them.
    pub events: u64,
    /// The most events in one.
    pub deepest: u32,
    /// Walks by hand that broke something which the same steps do not break as a run, in which time
    /// passes.
    pub unconfirmed: u64,
    /// In how many tries each thing that should be seen sometimes was seen, in the row's order.
    pub seen: Vec<u64>,
    /// For each kind of fault: in how many tries it was done, and in how many of these it changed
    /// something.
    pub faults: BTreeMap<FaultKind, (u64, u64)>,
}

impl Tally {
    /// Adds other tries.
    pub fn add(&mut self, other: &Self) {
        self.tries += other.tries;
        self.events += other.events;
        self.deepest = self.deepest.max(other.deepest);
        self.unconfirmed += other.unconfirmed;
        self.seen.resize(self.seen.len().max(other.seen.len()), 0);
        for (seen, more) in self.seen.iter_mut().zip(&other.seen) {
            *seen += more;
        }
        for (kind, (done, bit)) in &other.faults {
            let of_kind = self.faults.entry(*kind).or_default();
            *of_kind = (of_kind.0 + done, of_kind.1 + bit);
        }
    }
}

/// How far a survey has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surveyed {
    /// Distinct states found.
    pub states: u64,
    /// Steps between them that were tried.
    pub steps: u64,
    /// The longest way looked at, in states.
    pub depth: u32,
    /// Whether it has ended.
    pub is_over: bool,
    /// Whether nothing was left out within the limits.
    pub is_complete: bool,
    /// Why it was given up before its end, if it was: as a clause.
    pub gave_up: Option<String>,
    /// What it covers, in a sentence without its full stop.
    pub covers: String,
}

/// A set of safeguards that a finding's setup lacks, none of which can be left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cure {
    /// The keys of the switches to turn on; none if nothing breaks as it is.
    pub switches: Vec<String>,
    /// The same schedule with these on.
    pub link: String,
}

/// What breaks with all safeguards on: no set of them is a cure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incurable {
    /// The statement that does not hold then.
    pub check: String,
    /// Why, in a sentence.
    pub reason: String,
    /// Whether the design claims to survive this schedule.
    pub is_claimed: bool,
    /// What the design claims to survive, as the row says it.
    pub claim: String,
    /// The run with all of them on, at the moment at which it breaks.
    pub link: String,
}

/// One future of a failing run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Future {
    /// From when on everything was drawn anew, in true time.
    pub at_us: u64,
    /// With which seed.
    pub seed: u64,
    /// Whether the same statement breaks all the same.
    pub fails: bool,
    /// The run.
    pub link: String,
}

/// What is measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// As shown: "time until a leader exists".
    pub label: String,
    /// As shown: "ms".
    pub unit: String,
}
