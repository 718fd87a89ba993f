//! Every order in which a few things can happen to three servers in a whole world, taken by hand: clocks,
//! disks and network of any speed.
//!
//! Servers repeat nothing here (no heartbeats), so that the states are finitely many. These are small
//! sizes, since a world's states are many, and hold the world to what the same handlers do without one:
//! see [`super::every_message`] for the large ones.

use std::time::Instant;

use faultline_core::check::{
    Budget, ByHand, Choice, Exploration, Explorer, Model, Moment, Progress, Status, Step,
};
use faultline_core::mechanism::raft::Timer;
use faultline_core::sim::{Action, NodeId, digest_of};
use faultline_core::view::{Role, Status as NodeStatus};

use super::group::setup;

/// What is left out of a world taken by hand.
struct Small {
    world: ByHand,
    /// How many of the servers stand for election; the others only vote. Two are all that two terms
    /// need, whichever they are called.
    candidates: u16,
}

impl Small {
    fn new(knobs: &[(&str, u64)], off: &[&str], budget: Budget, candidates: u16) -> Self {
        let knobs = [&[("servers", 3), ("terms", 2)], knobs].concat();
        let setup = setup(1, &knobs, &[&["pre-vote"], off].concat());
        Self { world: ByHand::new(setup, budget, u64::MAX), candidates }
    }

    /// Whether a step is one of this model. A server does nothing else while its disk works, unless it
    /// crashes: what comes meanwhile is as if it came later.
    fn is_taken(&self, action: &Action, leading: &[NodeId], syncing: &[NodeId]) -> bool {
        let heartbeat = u32::try_from(digest_of(&Timer::Heartbeat) & 0xffff_ffff).unwrap_or(0);
        let is_idle = |id: &NodeId| !syncing.contains(id);
        if let Action::FireTimer(name) = action {
            name.digest != heartbeat && name.node.0 < self.candidates && is_idle(&name.node)
        } else if let Action::DeliverMessage(name) = action {
            is_idle(&name.to)
        } else if let Action::Command { command, node } = action {
            *command == 0 && leading.contains(node) && is_idle(node)
        } else {
            true
        }
    }
}

impl Model for Small {
    type State = Moment;
    type Action = Step;

    fn initial_states(&self) -> Vec<Moment> {
        self.world.initial_states()
    }

    fn actions(&self, moment: &Moment, steps: &mut Vec<Step>) {
        self.world.actions(moment, steps);
        let asks = steps.iter().any(|step| matches!(step.action, Action::Command { .. }));
        let nodes = if asks { moment.simulation().scene().nodes } else { Vec::new() };
        let leads = nodes
            .iter()
            .filter(|node| node.status == NodeStatus::Up && node.view.role == Role::Leader);
        let leading: Vec<NodeId> = leads.map(|node| node.id).collect();
        let syncing: Vec<NodeId> =
            steps
                .iter()
                .filter_map(|step| {
                    if let Action::CompleteSync(id) = step.action { Some(id) } else { None }
                })
                .collect();
        steps.retain(|step| self.is_taken(&step.action, &leading, &syncing));
    }

    fn next_state(&self, moment: &Moment, step: &Step) -> Option<Moment> {
        self.world.next_state(moment, step)
    }

    fn choices(&self, step: &Step, next: &Moment) -> Vec<Choice> {
        self.world.choices(step, next)
    }

    fn choosing(&self, step: &Step, choices: Vec<u64>) -> Step {
        self.world.choosing(step, choices)
    }

    fn violation(&self, moment: &Moment) -> Option<String> {
        self.world.violation(moment)
    }
}

fn explore(name: &str, model: Small, state_limit: u64) -> (Progress, Option<String>) {
    let began = Instant::now();
    let exploration = Exploration { state_limit, ..Exploration::default() };
    let mut explorer = Explorer::new(model, exploration);
    let progress = explorer.run_to_end();
    let seconds = began.elapsed().as_secs_f64();
    eprintln!("{name}: {progress:?} in {seconds:.1} s");
    (progress, explorer.counterexample().map(|found| found.reason.clone()))
}

/// Small enough to be explored to its end at every change of this code: one server stands in one term,
/// and writes once; or one server crashes.
#[test]
fn one_term_in_every_order() {
    for (name, commands, crashes) in
        [("a write", 1, 0), ("a crash", 0, 1), ("two writes", 2, 0), ("a write and a crash", 1, 1)]
    {
        let budget = Budget { commands, crashes, ..Budget::default() };
        let model = Small::new(&[("terms", 1)], &[], budget, 1);
        let (progress, found) = explore(name, model, 100_000);
        assert_eq!((progress.status, found), (Status::Complete, None), "{name}");
    }
}

/// Two servers stand in two terms; nobody writes, so that blank entries are all there is.
#[test]
fn two_terms_in_every_order() {
    let model = Small::new(&[], &[], Budget::default(), 2);
    let (progress, found) = explore("two candidates", model, 40_000);
    assert_eq!(found, None);
    assert!(matches!(progress.status, Status::Complete | Status::Limited(_)));
}

/// The same exploration finds what a missing rule lets happen: the shortest way to two leaders.
#[test]
fn a_vote_that_is_forgotten_is_found() {
    let budget = Budget { crashes: 1, ..Budget::default() };
    let model = Small::new(&[("terms", 1)], &["durable-vote"], budget, 3);
    let (_, found) = explore("volatile vote", model, u64::MAX);
    assert!(found.is_some_and(|reason| reason.starts_with("one leader a term")));
}
