//! Swarm fuzzing: random schedules of faults, drawn from what the design claims to survive.
//!
//! Groce et al. 2012, "Swarm Testing": each run uses a random subset of the kinds of faults, because
//! some bugs show only in the absence of others. Every fault is undone before the last fifth of the
//! horizon, so that goals can be judged after everything has healed.

use std::collections::{BTreeMap, BTreeSet};

use super::Trial;
use crate::scenario::{DiskFaultKind, Faults, Preset, Scenario, Setup};
use crate::sim::{Action, DiskFault, Input, NodeId, Stream, TimedAction};

/// At most this many faults a run.
const FAULT_LIMIT: u64 = 10;
/// At most this many commands a run.
const COMMAND_LIMIT: u64 = 6;

/// A kind of fault that a schedule may use.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Kind {
    Crash,
    Pause,
    Partition,
    OneWay,
    Loss,
    Duplication,
    ClockStep,
    Drift,
    Hold,
    Flapping,
    DeafOrMute,
    Slow,
    Disk,
}

/// A schedule under construction.
struct Schedule<'a> {
    setup: &'a Setup,
    stream: Stream,
    victims: Vec<NodeId>,
    everyone: u16,
    heal_at_us: u64,
    /// Who is down or frozen, and until when.
    hurt: Vec<(NodeId, u64)>,
    actions: Vec<TimedAction>,
}

/// Draws the run numbered `number`: half of all runs have the usual knobs, the others any; faults are
/// within the claim.
pub fn draw_trial(scenario: &'static Scenario, preset: Preset, number: u64) -> Trial {
    let mut setup = Setup::new(scenario, preset, number);
    let mut stream = Stream::new(number, ("knobs", scenario.slug));
    if stream.chance(50) {
        for knob in scenario.knobs {
            // A knob takes every value between its limits.
            let value = stream.range(knob.min, knob.max).to_string();
            setup.set(knob.key, &value).unwrap_or_default();
        }
    }
    let actions = draw_schedule(&setup, number);
    Trial::new(setup, actions)
}

/// Draws the schedule numbered `number` for `setup`: faults within the claim, commands, and a heal.
pub fn draw_schedule(setup: &Setup, number: u64) -> Vec<TimedAction> {
    let scenario = setup.scenario();
    let simulation = setup.build();
    let heal_at_us = scenario.horizon_us * 4 / 5;
    let mut schedule = Schedule {
        setup,
        stream: Stream::new(number, ("search", scenario.slug)),
        victims: (scenario.survives.victims)(setup),
        everyone: simulation.names().count(),
        heal_at_us,
        hurt: Vec::new(),
        actions: Vec::new(),
    };
    let kinds = schedule.draw_kinds();
    if !kinds.is_empty() && !schedule.victims.is_empty() {
        let count = schedule.stream.range(1, FAULT_LIMIT);
        let mut starts: Vec<u64> =
            (0..count).map(|_| schedule.stream.range(0, heal_at_us * 9 / 10)).collect();
        starts.sort_unstable();
        for at_us in starts {
            let kind = kinds[schedule.stream.index(kinds.len())];
            schedule.add_fault(kind, at_us);
        }
    }
    let labels = simulation.command_labels();
    for _ in 0..schedule.stream.range(0, COMMAND_LIMIT) {
        let commands = simulation.commands();
        let command = schedule.stream.index(commands.len());
        if let Some(view) = commands.get(command).filter(|view| !view.nodes.is_empty()) {
            let node = view.nodes[schedule.stream.index(view.nodes.len())];
            let input = labels.get(command).map_or(Input::Nothing, |label| label.input);
            let command = u16::try_from(command).unwrap_or_default();
            let at_us = schedule.stream.range(0, heal_at_us);
            // A row whose commands take nothing has the draws that it always had.
            let action = if input == Input::Nothing {
                Action::Command { command, node }
            } else {
                Action::CommandWith { command, node, value: input.draw(&mut schedule.stream) }
            };
            schedule.push(at_us, action);
        }
    }
    schedule.finish()
}

impl Schedule<'_> {
    /// Draws the subset of kinds that this run uses; at least one if the claim has any.
    fn draw_kinds(&mut self) -> Vec<Kind> {
        let claim = &self.setup.scenario().survives;
        let claimed = [
            ((claim.down_at_once)(self.setup) > 0, Kind::Crash),
            (claim.pauses, Kind::Pause),
            (claim.partitions, Kind::Partition),
            (claim.one_way_cuts, Kind::OneWay),
            (claim.loss_percent > 0, Kind::Loss),
            (claim.duplicate_percent > 0, Kind::Duplication),
            (claim.clock_step_us > 0, Kind::ClockStep),
            (claim.drift_ppm > 0, Kind::Drift),
            (claim.holds, Kind::Hold),
            (claim.flapping, Kind::Flapping),
            (claim.deaf_or_mute, Kind::DeafOrMute),
            (claim.slow_us > 0, Kind::Slow),
            (!claim.disk.is_empty(), Kind::Disk),
        ];
        let all: Vec<Kind> =
            claimed.into_iter().filter(|(is_claimed, _)| *is_claimed).map(|(_, k)| k).collect();
        let some: Vec<Kind> = all.iter().copied().filter(|_| self.stream.chance(50)).collect();
        if some.is_empty() && !all.is_empty() {
            return vec![all[self.stream.index(all.len())]];
        }
        some
    }

    fn add_fault(&mut self, kind: Kind, at_us: u64) {
        let left_us = self.heal_at_us.saturating_sub(at_us);
        // Short and long faults alike: the length is drawn on a rough logarithmic scale.
        let longest_us = (left_us >> self.stream.range(0, 5)).max(1);
        let end_us = at_us + self.stream.range(0, longest_us);
        let victim = self.victims[self.stream.index(self.victims.len())];
        let claim = &self.setup.scenario().survives;
        match kind {
            Kind::Crash | Kind::Pause => self.hurt_node(kind, victim, at_us, end_us),
            Kind::Partition => {
                let side = self.side();
                self.push(at_us, Action::Partition(side));
                self.push(end_us, Action::Heal);
            }
            Kind::Flapping => {
                let side = self.side();
                let period_us = self.stream.range(1, 500) * 1_000;
                self.push(at_us, Action::Flap { side, period_us });
                self.push(end_us, Action::Heal);
            }
            Kind::Hold => {
                let to = self.victims[self.stream.index(self.victims.len())];
                self.push(at_us, Action::Hold { from: victim, to });
                self.push(end_us, Action::Release { from: victim, to });
            }
            Kind::DeafOrMute => self.make_deaf_or_mute(victim, at_us, end_us),
            Kind::Slow => {
                // Slow by a little and by much alike.
                let most_us = (claim.slow_us >> self.stream.range(0, 5)).max(1);
                let by_us = self.stream.range(1, most_us);
                self.push(at_us, Action::Slow { node: victim, by_us });
                self.push(end_us, Action::Slow { node: victim, by_us: 0 });
            }
            Kind::Disk => self.hurt_disk(victim, at_us, end_us),
            Kind::OneWay => {
                let to = self.victims[self.stream.index(self.victims.len())];
                self.push(at_us, Action::Cut { from: victim, to });
                self.push(end_us, Action::Mend { from: victim, to });
            }
            Kind::Loss => {
                let percent = self.percent(claim.loss_percent);
                self.push(at_us, Action::Lose { percent });
                self.push(end_us, Action::Lose { percent: 0 });
            }
            Kind::Duplication => {
                let percent = self.percent(claim.duplicate_percent);
                self.push(at_us, Action::Duplicate { percent });
                self.push(end_us, Action::Duplicate { percent: 0 });
            }
            Kind::ClockStep => {
                // The claim bounds the error, and steps add up: one step a node, and back again.
                let is_step = |timed: &TimedAction| matches!(timed.action, Action::StepClock { node, .. } if node == victim);
                if self.actions.iter().any(is_step) {
                    return;
                }
                let by_us = self.either_way(claim.clock_step_us);
                self.push(at_us, Action::StepClock { node: victim, by_us });
                self.push(end_us, Action::StepClock { node: victim, by_us: -by_us });
            }
            Kind::Drift => {
                let drift_ppm = self.either_way(u64::from(claim.drift_ppm));
                let drift_ppm = i32::try_from(drift_ppm).unwrap_or_default();
                self.push(at_us, Action::Drift { node: victim, drift_ppm });
            }
        }
    }

    /// Crashes or freezes a node, unless it is hurt already or too many would be down at once.
    fn hurt_node(&mut self, kind: Kind, victim: NodeId, at_us: u64, end_us: u64) {
        self.hurt.retain(|(_, until_us)| *until_us >= at_us);
        let limit = (self.setup.scenario().survives.down_at_once)(self.setup);
        let is_hurt = self.hurt.iter().any(|(node, _)| *node == victim);
        if is_hurt || (kind == Kind::Crash && self.hurt.len() >= usize::from(limit)) {
            return;
        }
        self.hurt.push((victim, end_us));
        let (begin, end) = if kind == Kind::Crash {
            (Action::Crash(victim), Action::Restart(victim))
        } else {
            (Action::Pause(victim), Action::Resume(victim))
        };
        self.push(at_us, begin);
        self.push(end_us, end);
    }

    /// Draws the nodes on one side of a partition.
    fn side(&mut self) -> Vec<NodeId> {
        NodeId::first(self.everyone).filter(|_| self.stream.chance(50)).collect()
    }

    /// Lets a node only hear, or only be heard, for a while.
    fn make_deaf_or_mute(&mut self, victim: NodeId, at_us: u64, end_us: u64) {
        let is_deaf = self.stream.chance(50);
        for other in NodeId::first(self.everyone).filter(|other| *other != victim) {
            let (from, to) = if is_deaf { (other, victim) } else { (victim, other) };
            self.push(at_us, Action::Cut { from, to });
            self.push(end_us, Action::Mend { from, to });
        }
    }

    /// Makes a disk go wrong once, or be slow for a while.
    fn hurt_disk(&mut self, node: NodeId, at_us: u64, end_us: u64) {
        let kinds = self.setup.scenario().survives.disk;
        let kind = kinds[self.stream.index(kinds.len())];
        let some = u16::try_from(self.stream.range(1, 3)).unwrap_or(1);
        let fault = match kind {
            DiskFaultKind::LostSyncs => DiskFault::LostSyncs { count: some },
            DiskFaultKind::FailSyncs => DiskFault::FailSyncs { count: some },
            DiskFaultKind::TornSectors => DiskFault::TornSectors { bytes: some * 128 },
            DiskFaultKind::Slow => DiskFault::Slow { percent: 100 << (2 * some) },
        };
        self.push(at_us, Action::Disk { node, fault });
        if kind == DiskFaultKind::Slow {
            self.push(end_us, Action::Disk { node, fault: DiskFault::Slow { percent: 100 } });
        }
    }

    fn percent(&mut self, most: u8) -> u8 {
        u8::try_from(self.stream.range(1, u64::from(most))).unwrap_or(most)
    }

    fn either_way(&mut self, most: u64) -> i64 {
        let size = i64::try_from(self.stream.range(1, most.max(1))).unwrap_or(i64::MAX);
        if self.stream.chance(50) { size } else { -size }
    }

    fn push(&mut self, at_us: u64, action: Action) {
        let grain_us = self.setup.scenario().grain_us.max(1);
        self.actions.push(TimedAction { at_us: at_us.div_ceil(grain_us) * grain_us, action });
    }

    /// Heals what may still be broken and puts everything in order of time.
    fn finish(mut self) -> Vec<TimedAction> {
        let heal_at_us = self.heal_at_us;
        self.push(heal_at_us, Action::Heal);
        for victim in self.victims.clone() {
            let is_drift = |timed: &TimedAction| matches!(timed.action, Action::Drift { node, .. } if node == victim);
            if self.actions.iter().any(is_drift) {
                self.push(heal_at_us, Action::Drift { node: victim, drift_ppm: 0 });
            }
        }
        self.actions.sort_by_key(|timed| timed.at_us);
        self.actions
    }
}

/// Returns true if the design claims to survive these actions: each is of a kind and a size that it
/// names, and no more nodes are down at one time than it allows.
pub fn is_within_claim(setup: &Setup, actions: &[TimedAction]) -> bool {
    let claim = &setup.scenario().survives;
    let victims = (claim.victims)(setup);
    let limit = usize::from((claim.down_at_once)(setup));
    let mut down = BTreeSet::new();
    let mut steps_us: BTreeMap<NodeId, i64> = BTreeMap::new();
    actions.iter().all(|timed| {
        if let Action::Crash(id) = timed.action {
            down.insert(id);
            return down.len() <= limit && victims.contains(&id);
        } else if let Action::Restart(id) = timed.action {
            down.remove(&id);
        } else if let Action::StepClock { node, by_us } = timed.action {
            let error_us = steps_us.entry(node).or_default();
            *error_us = error_us.saturating_add(by_us);
            return error_us.unsigned_abs() <= claim.clock_step_us;
        }
        is_claimed(claim, &victims, &timed.action)
    })
}

/// Returns true for an action that is within the claim whatever else is done; crashes and steps of
/// clocks depend on what else is.
fn is_claimed(claim: &Faults, victims: &[NodeId], action: &Action) -> bool {
    match action {
        Action::Pause(id) => claim.pauses && victims.contains(id),
        Action::Partition(_) => claim.partitions,
        Action::Flap { .. } => claim.flapping,
        Action::Cut { .. } => claim.one_way_cuts || claim.deaf_or_mute,
        // Only a network without bounds in time may take any time at all.
        Action::Hold { .. } | Action::DelayMessage { .. } | Action::DeliverMessage(_) => {
            claim.holds
        }
        Action::Lose { percent } => *percent <= claim.loss_percent,
        Action::Duplicate { percent } => *percent <= claim.duplicate_percent,
        Action::Drift { drift_ppm, .. } => drift_ppm.unsigned_abs() <= claim.drift_ppm,
        Action::Slow { by_us, .. } => *by_us <= claim.slow_us,
        Action::DropMessage(_) => claim.loss_percent > 0,
        Action::DuplicateMessage(_) => claim.duplicate_percent > 0,
        Action::Disk { fault, .. } => {
            disk_fault_kind(fault).is_some_and(|kind| claim.disk.contains(&kind))
        }
        Action::TakeByHand | Action::Choose(_) | Action::CompleteSync(_) | Action::FireTimer(_) => {
            false
        }
        // What undoes a fault, what the scenario itself offers, and what has been judged already.
        Action::Crash(_)
        | Action::StepClock { .. }
        | Action::Restart(_)
        | Action::Resume(_)
        | Action::Mend { .. }
        | Action::Release { .. }
        | Action::Heal
        | Action::Command { .. }
        | Action::CommandWith { .. } => true,
    }
}

fn disk_fault_kind(fault: &DiskFault) -> Option<DiskFaultKind> {
    match fault {
        DiskFault::LostSyncs { .. } => Some(DiskFaultKind::LostSyncs),
        DiskFault::FailSyncs { .. } => Some(DiskFaultKind::FailSyncs),
        DiskFault::TornSectors { .. } => Some(DiskFaultKind::TornSectors),
        DiskFault::Slow { .. } => Some(DiskFaultKind::Slow),
        DiskFault::BitRot { .. }
        | DiskFault::Misdirect { .. }
        | DiskFault::Capacity { .. }
        | DiskFault::ReadError { .. } => None,
    }
}
