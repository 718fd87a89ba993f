//! One run from beginning to end, and what came of it.

use crate::drive;
use crate::run::Position;
use crate::scenario::Setup;
use crate::sim::{Journal, Simulation, TimedAction};
use crate::view::{Check, CheckKind, Verdict};

/// A run that takes more events and actions than this is given up, and that is a violation: a run
/// without an end proves nothing about what comes at its end.
const EVENT_LIMIT: u32 = 2_000_000;

/// A setup and the actions done to it, run until a time.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Scenario, knobs, switches and seed.
    pub setup: Setup,
    /// What is done to the world, in order of time.
    pub actions: Vec<TimedAction>,
    /// When the run ends.
    pub until_us: u64,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Every check's verdict at the end, or at the first violation.
    pub checks: Vec<Check>,
    /// Time at the end.
    pub at_us: u64,
    /// Events handled.
    pub events: u32,
    /// The digest of everything that happened.
    pub digest: u64,
    /// For each action, how often it changed or blocked something.
    pub bites: Vec<u32>,
}

impl Outcome {
    /// Returns the first broken invariant or missed goal, with its index among the checks.
    pub fn violation(&self) -> Option<(usize, &Check)> {
        let violated = self.checks.iter().enumerate().filter(|(_, check)| check.is_violated());
        violated.min_by_key(|(_, check)| check.judged)
    }
}

impl Trial {
    /// Makes a trial that lasts until every goal's bound after the last action has passed, and at
    /// least as long as the scenario's horizon.
    pub fn new(setup: Setup, actions: Vec<TimedAction>) -> Self {
        let last_us = actions.last().map_or(0, |timed| timed.at_us);
        let settle_us = setup.build().longest_goal_us() + 1_000;
        let until_us = setup.scenario().horizon_us.max(last_us + settle_us);
        Self { setup, actions, until_us }
    }

    /// Runs to the end.
    pub fn run(&self) -> Outcome {
        self.run_while(|_| true)
    }

    /// Runs to the first violation, or to the end.
    pub fn run_to_violation(&self) -> Outcome {
        self.run_while(|simulation| !simulation.is_violated())
    }

    fn run_while(&self, goes_on: impl Fn(&dyn Simulation) -> bool) -> Outcome {
        let mut simulation = self.setup.build();
        let mut journal = Journal::ignoring();
        let mut position = Position::default();
        let mut steps = 0;
        while steps < EVENT_LIMIT && goes_on(&*simulation) {
            steps += 1;
            let next_us = drive::next_at_us(&*simulation, position, &self.actions);
            if next_us.is_none_or(|next_us| next_us > self.until_us) {
                // Goals are judged at the end, even if nothing happened for a long time before.
                simulation.advance(self.until_us, &mut journal);
                break;
            }
            drive::step(&mut *simulation, &mut position, &self.actions, &mut journal);
        }
        let given_up = (steps == EVENT_LIMIT).then(|| Check {
            name: "the run comes to its end".into(),
            kind: CheckKind::Goal,
            verdict: Verdict::Broken {
                at_us: simulation.now_us(),
                step: simulation.last_step(),
                reason: format!("given up after {EVENT_LIMIT} events and actions"),
                nodes: Vec::new(),
                moments: Vec::new(),
            },
            judged: u64::from(EVENT_LIMIT),
        });
        Outcome {
            checks: simulation.checks().into_iter().chain(given_up).collect(),
            at_us: simulation.now_us(),
            events: simulation.events(),
            digest: simulation.digest(),
            bites: (0_u32..).take(self.actions.len()).map(|i| simulation.bites(i)).collect(),
        }
    }

    /// Returns the link to this run, at `at_us` if given.
    pub fn link(&self, at_us: Option<u64>) -> String {
        crate::link::format(&self.setup, &self.actions, at_us, None)
    }
}
