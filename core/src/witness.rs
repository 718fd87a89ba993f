//! A second look at a run, for what clients asked and were told.
//!
//! A run keeps records of fixed size; what was said is found again by replaying it. A witness does that
//! once, a few steps at a time, and goes along as more of the run becomes known. One that followed other
//! actions is of no use: whoever changes them calls a new one.

use crate::drive;
use crate::run::{Position, Run};
use crate::sim::{Journal, Simulation, Testimony};

/// Follows a run from its beginning and keeps what clients asked and were told.
pub struct Witness {
    simulation: Box<dyn Simulation>,
    position: Position,
}

impl Witness {
    /// Stands at the beginning of `run`.
    pub fn new(run: &Run) -> Self {
        let mut simulation = run.setup().build();
        simulation.attend();
        Self { simulation, position: Position::default() }
    }

    /// Goes along `run`, at most `steps` steps; returns whether it has seen all that is known of it.
    pub fn follow(&mut self, run: &Run, steps: u32) -> bool {
        let mut journal = Journal::ignoring();
        for _ in 0..steps {
            if self.position >= run.known() {
                return true;
            }
            let simulation = &mut *self.simulation;
            if !drive::step(simulation, &mut self.position, run.actions(), &mut journal) {
                return true;
            }
        }
        self.position >= run.known()
    }

    /// Returns up to which true time it has heard.
    pub fn heard_us(&self) -> u64 {
        self.simulation.now_us()
    }

    /// Returns what it has heard.
    pub fn testimony(&self) -> Option<&Testimony> {
        self.simulation.testimony()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link;
    use crate::sim::OperationStep;
    use crate::view::HistoryVerdict;

    fn run(slug: &str, preset: &str, until_us: u64) -> Run {
        let opened = link::parse(&format!("#/s/{slug}?seed=1&preset={preset}"), 1).unwrap();
        let actions = opened.setup.scenario().script(&opened.setup, 0);
        let mut run = Run::new(opened.setup, actions);
        run.seek_time(until_us);
        run
    }

    fn witness(run: &Run) -> Witness {
        let mut witness = Witness::new(run);
        while !witness.follow(run, 100) {}
        witness
    }

    #[test]
    fn a_witness_hears_the_operations_that_the_journal_records() {
        for (slug, preset) in [("g-counter", "hardened"), ("single-leader", "naive")] {
            let run = run(slug, preset, 2_000_000);
            let witness = witness(&run);
            let told = witness.testimony().unwrap().operations();
            let ended = told.iter().filter(|it| it.ended.is_some()).count();
            assert!(ended > 10, "{slug}");
            assert_eq!(ended, run.journal().finished_operations().len(), "{slug}");
            for told in told.iter().filter(|it| it.ended.is_some()) {
                let (moment, step) = told.ended.unwrap();
                assert!(moment > told.began && step == OperationStep::Succeeds);
                assert!((moment.event as usize) < run.journal().events.len());
            }
        }
    }

    #[test]
    fn a_witness_goes_along_as_more_becomes_known() {
        let mut run = run("single-leader", "hardened", 1_000_000);
        let mut along = witness(&run);
        run.seek_time(2_000_000);
        while !along.follow(&run, 7) {}
        let at_once = witness(&run);
        let count = |witness: &Witness| witness.testimony().unwrap().operations().len();
        assert_eq!(count(&along), count(&at_once));
    }

    #[test]
    fn two_leaders_leave_a_log_that_no_order_explains_and_one_leaves_none() {
        let verdict = |preset| {
            let run = run("single-leader", preset, 6_000_000);
            let witness = witness(&run);
            let testimony = witness.testimony().unwrap();
            testimony.object().unwrap().judge(testimony.operations(), 100_000)
        };
        let HistoryVerdict::Impossible { states, is_complete, .. } = verdict("naive") else {
            panic!("two leaders went unnoticed");
        };
        assert!(is_complete && !states.is_empty());
        assert!(matches!(verdict("hardened"), HistoryVerdict::Possible { .. }));
    }
}
