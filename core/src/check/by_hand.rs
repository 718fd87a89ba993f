//! A scenario's world as a model: every order in which messages, timers, syncs and faults can come.
//!
//! The world is [taken by hand](Action::TakeByHand): time stands still and nothing happens by itself,
//! so a network of any latency, clocks of any speed and disks of any speed are all covered. This is
//! sound for designs whose safety needs no timing, and finds false alarms in others: timers fire in
//! any order, and a process that reads its clock reads the same each time. What the explorer calls an
//! action is an [`Action`], so a counterexample is a [`Trial`], and with that a link; time passes in a
//! run, so [`ByHand::replay`] makes sure that it breaks the same.
//!
//! Every choice of every handler is made, those when a node starts included, and every outcome that a
//! disk allows for a crash. The budget and the limit of epochs are part of the model: they say what may
//! happen at all, and an exploration is complete within them.

use std::hash::{Hash, Hasher};

use crate::scenario::Setup;
use crate::sim::{Action, Journal, NodeId, Simulation, TimedAction};
use crate::view::{Check, CheckKind, Verdict};

use super::{Choice, Counterexample, Model, Path, Trial};
use crate::order::sort;

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
    /// Commands of the scenario; those that take an input, with the usual one.
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

/// A scenario's world, explored by hand.
pub struct ByHand {
    setup: Setup,
    budget: Budget,
    /// A moment with a higher epoch than this is not gone on from.
    epoch_limit: u64,
    victims: Vec<NodeId>,
    down_at_once: usize,
    node_count: u16,
}

/// A moment of a world, and what has been spent on the way.
pub struct Moment {
    simulation: Box<dyn Simulation>,
    /// How many nodes have still to start.
    unstarted: u16,
    spent: Budget,
    down: Vec<NodeId>,
    /// Among how many options each choice was made in the last step.
    options: Vec<u64>,
}

impl Moment {
    /// Returns the world at this moment.
    pub fn simulation(&self) -> &dyn Simulation {
        &*self.simulation
    }
}

impl Clone for Moment {
    fn clone(&self) -> Self {
        Self {
            simulation: self.simulation.fork(),
            unstarted: self.unstarted,
            spent: self.spent,
            down: self.down.clone(),
            options: self.options.clone(),
        }
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
        let node_count = setup.build().names().count();
        Self { setup, budget, epoch_limit, victims, down_at_once, node_count }
    }

    /// Returns a way through the model as a trial: the same actions, one on each mark of the
    /// scenario's grain, in a world taken by hand from the beginning.
    pub fn trial(&self, path: &Path<Step>) -> Trial {
        let grain_us = self.setup.scenario().grain_us.max(1);
        let starts_by_hand = path.actions.iter().any(|step| is_start(&step.action));
        let beginning = self.beginning(starts_by_hand).into_iter();
        let mut actions: Vec<TimedAction> =
            beginning.map(|action| TimedAction { at_us: 0, action }).collect();
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

    /// Returns a counterexample as a trial that has been seen to break the same invariant.
    ///
    /// # Errors
    ///
    /// A sentence that says what the trial did instead. Between the actions of a run time passes, and
    /// in the model it stands still, so a process that reads its clock may go another way.
    pub fn replay(&self, counterexample: &Counterexample<Step>) -> Result<Trial, String> {
        let trial = self.trial(&counterexample.path);
        let outcome = trial.run_to_violation();
        let Some((_, check)) = outcome.violation() else {
            return Err("played as a run, in which time passes, this breaks nothing".to_owned());
        };
        let is_same = counterexample.reason.strip_prefix(&check.name);
        if is_same.is_some_and(|reason| reason.starts_with(": ")) {
            return Ok(trial);
        }
        Err(format!("played as a run, in which time passes, this breaks “{}” instead", check.name))
    }

    /// Returns what is done to a world before anything else. If nodes choose something when they start,
    /// they are frozen, so that each can be told what before it is let go.
    fn beginning(&self, starts_by_hand: bool) -> Vec<Action> {
        let frozen = if starts_by_hand { self.node_count } else { 0 };
        let pauses = NodeId::first(frozen).map(Action::Pause);
        std::iter::once(Action::TakeByHand).chain(pauses).collect()
    }

    /// Makes the first moment, and returns whether a node has chosen something on the way there.
    fn begin(&self, starts_by_hand: bool) -> (Moment, bool) {
        let mut simulation = self.setup.build();
        let mut journal = Journal::ignoring();
        for action in self.beginning(starts_by_hand) {
            simulation.act(0, &action, &mut journal);
        }
        let mut has_chosen = false;
        while simulation.step(&mut journal) {
            has_chosen |= !simulation.options().is_empty();
        }
        let unstarted = if starts_by_hand { self.node_count } else { 0 };
        let (spent, down, options) = (Budget::default(), Vec::new(), Vec::new());
        (Moment { simulation, unstarted, spent, down, options }, has_chosen)
    }

    /// Appends the faults and commands that the budget still allows.
    fn add_faults(&self, moment: &Moment, actions: &mut Vec<Action>) {
        let Moment { simulation, spent, down, .. } = moment;
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

    /// Nodes start one after the other, before anything else: by themselves, or, if they choose
    /// something then, in a step each.
    fn initial_states(&self) -> Vec<Moment> {
        let (started, has_chosen) = self.begin(false);
        vec![if has_chosen { self.begin(true).0 } else { started }]
    }

    fn actions(&self, moment: &Moment, steps: &mut Vec<Step>) {
        if moment.unstarted > 0 {
            let next = NodeId(self.node_count - moment.unstarted);
            steps.push(Step { action: Action::Resume(next), choices: Vec::new() });
            return;
        }
        if moment.simulation.highest_epoch() > self.epoch_limit {
            return;
        }
        let mut actions = moment.simulation.possible_actions();
        self.add_faults(moment, &mut actions);
        steps.extend(actions.into_iter().map(|action| Step { action, choices: Vec::new() }));
    }

    fn next_state(&self, moment: &Moment, step: &Step) -> Option<Moment> {
        let mut next = moment.clone();
        let Step { action, choices } = step;
        next.options = carry_out(&mut *next.simulation, action, choices)?;
        next.unstarted = next.unstarted.saturating_sub(u16::from(is_start(action)));
        let spent = &mut next.spent;
        spent.losses += u16::from(matches!(action, Action::DropMessage(_)));
        spent.duplicates += u16::from(matches!(action, Action::DuplicateMessage(_)));
        spent.commands += u16::from(matches!(action, Action::Command { .. }));
        if let Action::Crash(id) = action {
            spent.crashes += 1;
            next.down.push(*id);
            sort(&mut next.down);
        } else if let Action::Restart(id) = action {
            next.down.retain(|down| down != id);
        }
        Some(next)
    }

    fn choices(&self, step: &Step, next: &Moment) -> Vec<Choice> {
        let taken = step.choices.iter().copied().chain(std::iter::repeat(0));
        let of = |(taken, &options): (u64, &u64)| Choice { taken: taken.min(options - 1), options };
        taken.zip(&next.options).map(of).collect()
    }

    fn choosing(&self, step: &Step, choices: Vec<u64>) -> Step {
        Step { action: step.action.clone(), choices }
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

/// Whether this lets a node start: in no other step is one let go, since none freezes one.
fn is_start(action: &Action) -> bool {
    matches!(action, Action::Resume(_))
}

/// Does something to a world and lets happen what that makes happen; returns among how many options
/// each choice was made. `None` if the action changes nothing.
fn carry_out(
    simulation: &mut dyn Simulation,
    action: &Action,
    choices: &[u64],
) -> Option<Vec<u64>> {
    let mut journal = Journal::ignoring();
    let prepare = |simulation: &mut dyn Simulation, made: usize| {
        let left = choices.get(made..).unwrap_or_default();
        // Where something has been chosen already, this also forgets among how many options.
        if !left.is_empty() || made > 0 {
            simulation.act(0, &Action::Choose(left.to_vec()), &mut Journal::ignoring());
        }
    };
    prepare(simulation, 0);
    if !simulation.act(0, action, &mut journal) {
        return None;
    }
    let mut options = simulation.options().to_vec();
    loop {
        prepare(simulation, options.len());
        if !simulation.step(&mut journal) {
            return Some(options);
        }
        options.extend_from_slice(simulation.options());
    }
}
