//! Every order in which things can happen, in the smallest world of a row.

use super::{BUDGET, Finding, smallest};
use crate::check::{ByHand, Exploration, Explorer, Limit, Status};
use crate::scenario::{Setup, Unit};
use crate::view::Surveyed;

/// An exploration is given up after so many distinct states, so that memory is bounded.
const STATE_LIMIT: u64 = 200_000;
/// A world in which an epoch is higher than this is not gone on from.
const EPOCH_LIMIT: u64 = 3;

/// An exhaustive search of the smallest world of a row, taken by hand.
pub struct Survey {
    setup: Setup,
    explorer: Explorer<ByHand>,
    /// Why it was given up, if it was.
    gave_up: Option<String>,
}

impl Survey {
    /// Begins one, with the fewest nodes that the knobs of `setup` allow.
    pub fn new(setup: &Setup) -> Self {
        let setup = smallest(setup);
        let model = ByHand::new(setup.clone(), BUDGET, EPOCH_LIMIT);
        let exploration = Exploration { state_limit: STATE_LIMIT, ..Exploration::default() };
        Self { setup, explorer: Explorer::new(model, exploration), gave_up: None }
    }

    /// Goes on for this many steps; returns how far it has come.
    pub fn run(&mut self, steps: u64) -> Surveyed {
        let progress = self.explorer.run(steps);
        if let Status::Limited(limit) = progress.status {
            self.gave_up = Some(match limit {
                Limit::States => format!("it is held to {STATE_LIMIT} states"),
                Limit::Options => "one choice was among too many options to take them all".into(),
                Limit::Depth | Limit::Steps => "it is held to so many steps".into(),
            });
        }
        Surveyed {
            states: progress.distinct,
            steps: progress.steps,
            depth: progress.depth,
            is_over: progress.status != Status::Running || self.gave_up.is_some(),
            is_complete: progress.status == Status::Complete,
            gave_up: self.gave_up.clone(),
            covers: self.covers(),
        }
    }

    /// Ends it for a reason, which [`Surveyed`] repeats; what has been seen stays seen.
    pub fn give_up(&mut self, why: &str) {
        self.gave_up.get_or_insert_with(|| why.into());
    }

    /// Returns what it has found, as a run: what breaks by hand alone, where time stands still, is
    /// none, and said so.
    ///
    /// # Errors
    ///
    /// A sentence that says what the same steps do instead as a run.
    pub fn finding(&self) -> Result<Option<Finding>, String> {
        let Some(counterexample) = self.explorer.counterexample() else { return Ok(None) };
        self.explorer.model().replay(counterexample).map(|trial| Finding::of(&trial))
    }

    fn covers(&self) -> String {
        let scenario = self.setup.scenario();
        let claim = &scenario.survives;
        let crashes = if (claim.down_at_once)(&self.setup) > 0 { BUDGET.crashes } else { 0 };
        let losses = if claim.loss_percent > 0 { BUDGET.losses } else { 0 };
        let doubles = if claim.duplicate_percent > 0 { BUDGET.duplicates } else { 0 };
        let knobs = scenario.knobs.iter().zip(self.setup.knobs());
        let counted = knobs.filter(|(knob, _)| knob.unit == Unit::Count);
        let counted = counted.map(|(knob, value)| format!("{} {value}", knob.label.to_lowercase()));
        let mut parts: Vec<String> = counted.collect();
        let word = self.setup.build().epoch_word();
        parts.extend([
            format!("crashes {crashes}"),
            format!("messages lost {losses}, doubled {doubles}"),
            format!("commands {}", BUDGET.commands),
            format!("no {word} above {EPOCH_LIMIT}"),
            "time stands still".into(),
        ]);
        parts.join("; ")
    }
}
