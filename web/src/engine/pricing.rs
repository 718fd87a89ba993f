//! What the safeguards cost: both designs under the schedule of the open run, gone through up to the same
//! moment, the end of the story.

use std::ops::ControlFlow;

use faultline_core::run::{Run, Target};
use faultline_core::scenario::Preset;
use faultline_core::sim::{Finished, FinishedOperation, OperationStep};
use faultline_core::summary::Summary;

use super::work::Aim;
use crate::wire::{Price, Spent, Update};

/// The two runs, naive and hardened, on their way to the end of the story.
pub(super) struct Pricing {
    runs: [Run; 2],
    aim: Aim,
    until_us: u64,
}

impl Pricing {
    /// Begins to go through both designs under the schedule of `run`.
    pub(super) fn new(run: &Run) -> Self {
        let last_us = run.actions().last().map_or(0, |timed| timed.at_us);
        let until_us = run.setup().scenario().horizon_us.max(last_us);
        let runs = [Preset::Naive, Preset::Hardened].map(|preset| {
            let mut setup = run.setup().clone();
            setup.apply(preset);
            Run::new(setup, run.actions().to_vec())
        });
        Self { runs, aim: Aim::Go(Target::Time(until_us)), until_us }
    }

    /// Goes on while `budget` allows. Returns true if there is more to do; tells the price at the end,
    /// but not of runs that were cut short.
    pub(super) fn go_on(
        &mut self,
        budget: &mut impl FnMut() -> bool,
        out: &mut Vec<Update>,
    ) -> bool {
        for run in &mut self.runs {
            match self.aim.go_on(run, budget) {
                ControlFlow::Continue(()) => return true,
                ControlFlow::Break(Some(_)) => return false,
                ControlFlow::Break(None) => {}
            }
        }
        let until_us = self.until_us;
        let designs = self.runs.each_ref().map(|run| spent(run, until_us));
        out.push(Update::Price(Box::new(Price { until_us, designs })));
        false
    }
}

/// Returns what a run has cost by its cursor, at `until_us`.
fn spent(run: &Run, until_us: u64) -> Spent {
    let mut finished = Finished::default();
    finished.follow(run.journal());
    let succeeds = |it: &&FinishedOperation| it.step == OperationStep::Succeeds;
    let (mut took, mut hops, mut traced) = (Summary::default(), 0, 0);
    for it in finished.operations().iter().filter(succeeds) {
        took.add(it.took_us);
        hops += u64::from(it.hops.unwrap_or_default());
        traced += u64::from(it.hops.is_some());
    }
    // A wait in vain counts as well, and one that has not ended.
    let waited = finished.operations().iter().map(|it| it.took_us);
    let wait = finished.begun_us().map(|begun_us| until_us.saturating_sub(begun_us));
    Spent {
        costs: run.simulation().costs(),
        answered: took.count(),
        median_us: took.quantile(0.5),
        p99_us: took.quantile(0.99),
        wait_us: waited.chain(wait).max().unwrap_or_default(),
        hops,
        traced,
    }
}
