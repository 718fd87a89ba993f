//! A scenario's world as a model: every order in which messages, timers, syncs and faults can come.
//!
//! The world is [taken by hand](Action::TakeByHand): time stands still and nothing happens by itself,
//! so a network of any latency, clocks of any speed and disks of any speed are all covered. This is
//! sound for designs whose safety needs no timing, and finds false alarms in others. What the
//! explorer calls an action is an [`Action`], so a counterexample is a [`Trial`], and with that a link.

use std::hash::{Hash, Hasher};

use crate::scenario::Setup;
use crate::sim::{Action, Journal, NodeId, Simulation, TimedAction};
use crate::view::{Check, CheckKind, Verdict};

use super::{Model, Path, Trial};

/// What may be done to a world besides letting it go on: each of these so many times.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Budget {
    /// Crashes of a node that the scenario names as a victim. A node that is down may always be
    /// restarted.
    pub crashes: u16,
    /// Messages lost.
    pub losses: u16,
    /// Messages doubled.
    pub duplicates: u16,
    /// Commands of the scenario.
    pub commands: u16,
}

/// One thing that can happen: an action, and what the handler that it sets off chooses, or the disk in
/// a crash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// The choices, as for [`Action::Choose`]; those that are missing are 0.
    pub choices: Vec<u64>,
}

/// Of a handler's series of choices, and of the outcomes of a crash, so many are explored.
const SERIES_LIMIT: usize = 256;

/// A scenario's world, explored by hand.
pub struct ByHand {
    setup: Setup,
    budget: Budget,
    /// A moment with a higher epoch than this is not gone on from.
    epoch_limit: u64,
    victims: Vec<NodeId>,
    down_at_once: usize,
    /// Whether handlers choose, so that each action must be tried to learn among how many options.
    has_choices: bool,
}

/// A moment of a world, and what has been spent on the way.
pub struct Moment {
    simulation: Box<dyn Simulation>,
    spent: Budget,
    down: Vec<NodeId>,
}

impl Moment {
    /// Returns the world at this moment.
    pub fn simulation(&self) -> &dyn Simulation {
        &*self.simulation
    }
}

impl Clone for Moment {
    fn clone(&self) -> Self {
        Self { simulation: self.simulation.fork(), spent: self.spent, down: self.down.clone() }
    }
}

impl Hash for Moment {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.simulation.fingerprint(), self.spent).hash(state);
    }
}

impl ByHand {
    /// Makes a model of the world of `setup`, with faults of the kinds that the scenario claims to
    /// survive, so many of each.
    pub fn new(setup: Setup, budget: Budget, epoch_limit: u64) -> Self {
        let claim = &setup.scenario().survives;
        let budget = Budget {
            losses: if claim.loss_percent > 0 { budget.losses } else { 0 },
            duplicates: if claim.duplicate_percent > 0 { budget.duplicates } else { 0 },
            ..budget
        };
        let victims = (claim.victims)(&setup);
        let down_at_once = usize::from((claim.down_at_once)(&setup));
        let has_choices = has_choices(&setup);
        Self { setup, budget, epoch_limit, victims, down_at_once, has_choices }
    }

    /// Returns a way through the model as a trial: the same actions, one a millisecond, in a world
    /// taken by hand from the beginning.
    pub fn trial(&self, path: &Path<Step>) -> Trial {
        let grain_us = self.setup.scenario().grain_us.max(1);
        let mut actions = vec![TimedAction { at_us: 0, action: Action::TakeByHand }];
        for (step, nth) in path.actions.iter().zip(1..) {
            let at_us = nth * grain_us;
            if !step.choices.is_empty() {
                let action = Action::Choose(step.choices.clone());
                actions.push(TimedAction { at_us, action });
            }
            actions.push(TimedAction { at_us, action: step.action.clone() });
        }
        let until_us = actions.last().map_or(0, |last| last.at_us + 1);
        Trial { setup: self.setup.clone(), actions, until_us }
    }

    /// Appends `action` with every series of choices that it can lead to. Among how many options
    /// there is to choose depends on the choices before, so each series is tried to find the next.
    fn add_series(&self, moment: &Moment, action: &Action, steps: &mut Vec<Step>) {
        let mut step = Step { action: action.clone(), choices: Vec::new() };
        for _ in 0..SERIES_LIMIT {
            let tried = self.next_state(moment, &step);
            let options = tried.map_or(Vec::new(), |next| next.simulation.options().to_vec());
            steps.push(step.clone());
            // The next series: the last choice that can be raised is raised, those after it start anew.
            let chosen = |place: usize| step.choices.get(place).copied().unwrap_or_default();
            let raised = (0..options.len()).rev().find(|&place| chosen(place) + 1 < options[place]);
            let Some(raised) = raised else { return };
            let choices = (0..=raised).map(|place| chosen(place) + u64::from(place == raised));
            step.choices = choices.collect();
        }
    }

    /// Appends the faults and commands that the budget still allows.
    fn add_faults(&self, moment: &Moment, actions: &mut Vec<Action>) {
        let Moment { simulation, spent, down } = moment;
        let mut in_flight = Vec::new();
        for action in &*actions {
            if let Action::DeliverMessage(name) = action
                && name.from != NodeId::OUTSIDE
            {
                in_flight.push(*name);
            }
        }
        if spent.losses < self.budget.losses {
            actions.extend(in_flight.iter().copied().map(Action::DropMessage));
        }
        if spent.duplicates < self.budget.duplicates {
            actions.extend(in_flight.iter().copied().map(Action::DuplicateMessage));
        }
        if spent.crashes < self.budget.crashes && down.len() < self.down_at_once {
            let up = self.victims.iter().filter(|id| !down.contains(id));
            actions.extend(up.copied().map(Action::Crash));
        }
        actions.extend(down.iter().copied().map(Action::Restart));
        if spent.commands < self.budget.commands {
            for (command, view) in (0..).zip(simulation.commands()) {
                let at = |node| Action::Command { command, node };
                actions.extend(view.nodes.into_iter().map(at));
            }
        }
    }
}

impl Model for ByHand {
    type State = Moment;
    type Action = Step;

    fn initial_states(&self) -> Vec<Moment> {
        let mut simulation = self.setup.build();
        let mut journal = Journal::ignoring();
        simulation.act(0, &Action::TakeByHand, &mut journal);
        // Nodes start by themselves.
        while simulation.step(&mut journal) {}
        vec![Moment { simulation, spent: Budget::default(), down: Vec::new() }]
    }

    fn actions(&self, moment: &Moment, steps: &mut Vec<Step>) {
        if moment.simulation.highest_epoch() > self.epoch_limit {
            return;
        }
        let mut actions = moment.simulation.possible_actions();
        self.add_faults(moment, &mut actions);
        for action in actions {
            // Losing or doubling a message sets off no handler; a crash asks the disk what it keeps.
            let is_quiet = matches!(action, Action::DropMessage(_) | Action::DuplicateMessage(_));
            let is_crash = matches!(action, Action::Crash(_));
            if is_crash || (self.has_choices && !is_quiet) {
                self.add_series(moment, &action, steps);
            } else {
                steps.push(Step { action, choices: Vec::new() });
            }
        }
    }

    fn next_state(&self, moment: &Moment, step: &Step) -> Option<Moment> {
        let mut next = moment.clone();
        let mut journal = Journal::ignoring();
        let Step { action, choices } = step;
        if !choices.is_empty() {
            next.simulation.act(0, &Action::Choose(choices.clone()), &mut journal);
        }
        if !next.simulation.act(0, action, &mut journal) {
            return None;
        }
        while next.simulation.step(&mut journal) {}
        let spent = &mut next.spent;
        spent.losses += u16::from(matches!(action, Action::DropMessage(_)));
        spent.duplicates += u16::from(matches!(action, Action::DuplicateMessage(_)));
        spent.commands += u16::from(matches!(action, Action::Command { .. }));
        if let Action::Crash(id) = action {
            spent.crashes += 1;
            next.down.push(*id);
            next.down.sort_unstable();
        } else if let Action::Restart(id) = action {
            next.down.retain(|down| down != id);
        }
        Some(next)
    }

    fn violation(&self, moment: &Moment) -> Option<String> {
        if !moment.simulation.is_violated() {
            return None;
        }
        let reason = |check: Check| match (check.kind, check.verdict) {
            (CheckKind::Invariant, Verdict::Broken { reason, .. }) => {
                Some(format!("{}: {reason}", check.name))
            }
            _ => None,
        };
        moment.simulation.checks().into_iter().find_map(reason)
    }

    /// A link is a thread, so that one that is slow is as good as cut; so are a node's timers, its
    /// disk, and whoever does the faults.
    fn thread(&self, Step { action, .. }: &Step) -> u32 {
        let of = |kind: u32, node: NodeId| kind << 16 | u32::from(node.0);
        if let Action::DeliverMessage(name) = action {
            of(u32::from(name.from.0) + 2, name.to)
        } else if let Action::FireTimer(name) = action {
            of(0, name.node)
        } else if let Action::CompleteSync(id) = action {
            of(1, *id)
        } else {
            u32::MAX
        }
    }
}

/// Returns true if handlers choose in an ordinary run of `setup` under the default script.
fn has_choices(setup: &Setup) -> bool {
    let mut run = crate::run::Run::new(setup.clone(), setup.scenario().script(setup, 0));
    let horizon_us = setup.scenario().horizon_us;
    while run.now_us() < horizon_us && !run.simulation().has_chosen() && run.step() {}
    run.simulation().has_chosen()
}
