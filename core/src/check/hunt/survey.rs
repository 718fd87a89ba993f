//! Every order in which things can happen, in the smallest world of a row.

use super::{BUDGET, Finding, smallest};
use crate::check::{ByHand, Exploration, Explorer, Status};
use crate::scenario::Setup;
use crate::view::Surveyed;

/// An exploration is given up after so many distinct states, so that memory is bounded.
const STATE_LIMIT: u64 = 200_000;
/// A world in which an epoch is higher than this is not gone on from.
const EPOCH_LIMIT: u64 = 3;

/// An exhaustive search of the smallest world of a row, taken by hand.
pub struct Survey {
    setup: Setup,
    explorer: Explorer<ByHand>,
}

impl Survey {
    /// Begins one, with the fewest nodes that the knobs of `setup` allow.
    pub fn new(setup: &Setup) -> Self {
        let setup = smallest(setup);
        let model = ByHand::new(setup.clone(), BUDGET, EPOCH_LIMIT);
        let exploration = Exploration { state_limit: STATE_LIMIT, ..Exploration::default() };
        Self { setup, explorer: Explorer::new(model, exploration) }
    }

    /// Goes on for this many steps; returns how far it has come.
    pub fn run(&mut self, steps: u64) -> Surveyed {
        let progress = self.explorer.run(steps);
        Surveyed {
            states: progress.distinct,
            steps: progress.steps,
            depth: progress.depth,
            is_over: progress.status != Status::Running,
            is_complete: progress.status == Status::Complete,
            covers: self.covers(),
        }
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
        let knobs = scenario.knobs.iter().zip(self.setup.knobs());
        let counted = knobs.filter(|(knob, _)| knob.unit == crate::scenario::Unit::Count);
        let counted: Vec<String> =
            counted.map(|(knob, value)| format!("{} {value}", knob.label.to_lowercase())).collect();
        let claim = &scenario.survives;
        let crashes = if (claim.down_at_once)(&self.setup) > 0 { BUDGET.crashes } else { 0 };
        let losses = if claim.loss_percent > 0 { BUDGET.losses } else { 0 };
        let doubles = if claim.duplicate_percent > 0 { BUDGET.duplicates } else { 0 };
        format!(
            "{}; crashes: {crashes}; messages lost: {losses}, doubled: {doubles}; commands: {}; no \
             epoch above {EPOCH_LIMIT}; time stands still",
            counted.join(", "),
            BUDGET.commands
        )
    }
}
