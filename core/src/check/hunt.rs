//! Looking for a run that breaks a promise: one numbered try after the other.
//!
//! What is tried depends on setup, strategy and number alone, so that any number of workers can share
//! the numbers out, in any order, and a browser and a command line find the same. Of all tries that
//! break something, the one with the smallest number is the finding.
//!
//! "None in so many tries" is not a proof. What was seen on the way (which of the things that should be
//! seen sometimes, which faults had an effect) says how far it may be trusted; only a [`Survey`] that is
//! complete proves anything, and only within its limits.

mod cure;
mod futures;
mod measure;
mod survey;
mod told;

use std::collections::BTreeMap;

use super::{Budget, ByHand, Outcome, Priorities, Trial, draw_schedule, walk};
use crate::scenario::{Setup, Unit};
use crate::sim::FaultKind;
use crate::view::{CheckKind, Strategy, Tally, Verdict};

pub use cure::{cures, incurable};
pub use futures::{forks, future};
pub use measure::{measure, measures};
pub use survey::Survey;
pub use told::told;

/// A walk by hand takes at most so many steps.
const WALK_STEPS: u64 = 300;
/// Of what may be done to a world on such a walk, and in a survey.
const BUDGET: Budget = Budget { crashes: 1, losses: 1, duplicates: 1, commands: 2 };

/// Returns what one run has come to.
fn tally_of(trial: &Trial, outcome: &Outcome) -> Tally {
    let sometimes = outcome.checks.iter().filter(|it| it.kind == CheckKind::Sometimes);
    let seen = sometimes.map(|it| u64::from(matches!(it.verdict, Verdict::Reached { .. })));
    let mut faults: BTreeMap<FaultKind, (u64, u64)> = BTreeMap::new();
    for (timed, bites) in trial.actions.iter().zip(&outcome.bites) {
        if let Some(kind) = FaultKind::of(&timed.action) {
            let (done, bit) = faults.entry(kind).or_default();
            (*done, *bit) = (1, *bit | u64::from(*bites > 0));
        }
    }
    let events = outcome.events;
    let seen = seen.collect();
    Tally { tries: 1, events: events.into(), deepest: events, unconfirmed: 0, seen, faults }
}

/// A run that breaks a promise.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Setup and actions; the run ends where it breaks.
    pub trial: Trial,
    /// The statement that does not hold.
    pub check: String,
    /// Why, in a sentence.
    pub reason: String,
    /// When, in true time.
    pub at_us: u64,
}

impl Finding {
    /// Runs a trial to its first violation; `None` if it breaks nothing.
    pub fn of(trial: &Trial) -> Option<Self> {
        Self::from(trial, &trial.run_to_violation())
    }

    fn from(trial: &Trial, outcome: &Outcome) -> Option<Self> {
        let (_, check) = outcome.violation()?;
        let Verdict::Broken { reason, .. } = &check.verdict else { return None };
        let trial = Trial { until_us: outcome.at_us, ..trial.clone() };
        let (check, reason) = (check.name.clone(), reason.clone());
        Some(Self { trial, check, reason, at_us: outcome.at_us })
    }

    /// Returns the link to the moment at which it breaks.
    pub fn link(&self) -> String {
        self.trial.link(Some(self.at_us))
    }
}

/// Does the try with this number: what is done is drawn for `setup` with that seed.
pub fn attempt(setup: &Setup, strategy: Strategy, number: u64) -> (Tally, Option<Finding>) {
    let mut setup = setup.clone();
    setup.seed = number;
    let (trial, breaks_by_hand) = match strategy {
        Strategy::Swarm => {
            let actions = draw_schedule(&setup, number);
            (Trial::new(setup, actions), false)
        }
        Strategy::Priorities => walked(setup, number),
    };
    let outcome = trial.run_to_violation();
    let finding = Finding::from(&trial, &outcome);
    let mut tally = tally_of(&trial, &outcome);
    tally.unconfirmed = u64::from(breaks_by_hand && finding.is_none());
    (tally, finding)
}

/// Walks through the world by hand; returns the walk as a run, and whether something broke on it.
fn walked(setup: Setup, number: u64) -> (Trial, bool) {
    let model = ByHand::new(setup, BUDGET, u64::MAX);
    // Bugs that need up to five things in a certain order, and that show early or late: the bound on the
    // odds holds for the length that the priorities are drawn for, and nobody knows it beforehand.
    let depth = u32::try_from(number % 5).unwrap_or_default() + 1;
    let length = WALK_STEPS >> (number / 5 % 6);
    let mut priorities = Priorities::new(number, depth, length);
    let walk = walk(&model, 0, &mut priorities, WALK_STEPS);
    let trial = model.trial(&walk.path);
    (trial, walk.into_counterexample().is_some())
}

/// Returns the setup with as few nodes as its knobs allow: what can be explored to the end.
pub fn smallest(setup: &Setup) -> Setup {
    let mut smallest = setup.clone();
    for knob in setup.scenario().knobs.iter().filter(|knob| knob.unit == Unit::Count) {
        smallest.set(knob.key, &knob.min.to_string()).unwrap_or_default();
    }
    smallest
}
