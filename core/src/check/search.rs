//! Swarm fuzzing: random schedules of faults, drawn from what the design claims to survive.
//!
//! Groce et al. 2012, "Swarm Testing": each run uses a random subset of the kinds of faults, because
//! some bugs show only in the absence of others. Every fault that lasts is undone before the last fifth
//! of the horizon, so that goals can be judged after everything has healed. Faults of disks that wait
//! for something are not: syncs to be lost or to fail wait for syncs, and sectors to be torn for a
//! crash, which may come late or never; and what has rotted stays so until it is written anew.

use super::Trial;
use crate::order::{sort, sort_by_key};
use crate::scenario::{DiskFaultKind, Preset, Scenario, Setup};
use crate::sim::files::SECTOR_BYTES;
use crate::sim::{Action, DiskFault, Files, Input, NodeId, Stream, TimedAction};

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

impl Kind {
    /// Returns true for what is done to somebody in particular.
    fn needs_victim(self) -> bool {
        match self {
            Self::Partition | Self::Flapping | Self::Loss | Self::Duplication => false,
            Self::Crash
            | Self::Pause
            | Self::OneWay
            | Self::ClockStep
            | Self::Drift
            | Self::Hold
            | Self::DeafOrMute
            | Self::Slow
            | Self::Disk => true,
        }
    }
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
    if !kinds.is_empty() {
        let count = schedule.stream.range(1, FAULT_LIMIT);
        let mut starts: Vec<u64> =
            (0..count).map(|_| schedule.stream.range(0, heal_at_us * 9 / 10)).collect();
        sort(&mut starts);
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
    /// Draws the subset of kinds that this run uses; at least one if the claim has any. Only the
    /// network can be hurt where nobody else may be.
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
        let has_victims = !self.victims.is_empty();
        let all: Vec<Kind> = claimed
            .into_iter()
            .filter(|(is_claimed, kind)| *is_claimed && (has_victims || !kind.needs_victim()))
            .map(|(_, kind)| kind)
            .collect();
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
        // Drawn for every kind, so that what comes after it does not depend on the kind.
        let victim = self.draw_victim();
        match (kind, victim) {
            (Kind::Partition | Kind::Flapping | Kind::Loss | Kind::Duplication, _) => {
                self.hurt_network(kind, at_us, end_us);
            }
            (_, Some(victim)) => self.hurt_victim(kind, victim, at_us, end_us),
            (_, None) => {}
        }
    }

    fn draw_victim(&mut self) -> Option<NodeId> {
        let place = (!self.victims.is_empty()).then(|| self.stream.index(self.victims.len()));
        place.map(|place| self.victims[place])
    }

    /// Splits the network, or makes it lose or double messages, for a while.
    fn hurt_network(&mut self, kind: Kind, at_us: u64, end_us: u64) {
        let claim = &self.setup.scenario().survives;
        let (begin, end) = if kind == Kind::Loss {
            let percent = self.percent(claim.loss_percent);
            (Action::Lose { percent }, Action::Lose { percent: 0 })
        } else if kind == Kind::Duplication {
            let percent = self.percent(claim.duplicate_percent);
            (Action::Duplicate { percent }, Action::Duplicate { percent: 0 })
        } else if kind == Kind::Flapping {
            let side = self.side();
            let period_us = self.stream.range(1, 500) * 1_000;
            (Action::Flap { side, period_us }, Action::Heal)
        } else {
            (Action::Partition(self.side()), Action::Heal)
        };
        self.push(at_us, begin);
        self.push(end_us, end);
    }

    /// Hurts a node, its clock, its disk or its links.
    fn hurt_victim(&mut self, kind: Kind, victim: NodeId, at_us: u64, end_us: u64) {
        let claim = &self.setup.scenario().survives;
        match kind {
            Kind::Crash | Kind::Pause => self.hurt_node(kind, victim, at_us, end_us),
            Kind::DeafOrMute => self.make_deaf_or_mute(victim, at_us, end_us),
            Kind::Disk => self.hurt_disk(victim, at_us, end_us),
            Kind::Hold => {
                let to = self.draw_victim().unwrap_or(victim);
                self.push(at_us, Action::Hold { from: victim, to });
                self.push(end_us, Action::Release { from: victim, to });
            }
            Kind::OneWay => {
                let to = self.draw_victim().unwrap_or(victim);
                self.push(at_us, Action::Cut { from: victim, to });
                self.push(end_us, Action::Mend { from: victim, to });
            }
            Kind::Slow => {
                // Slow by a little and by much alike.
                let most_us = (claim.slow_us >> self.stream.range(0, 5)).max(1);
                let by_us = self.stream.range(1, most_us);
                self.push(at_us, Action::Slow { node: victim, by_us });
                self.push(end_us, Action::Slow { node: victim, by_us: 0 });
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
            Kind::Partition | Kind::Flapping | Kind::Loss | Kind::Duplication => {}
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

    /// Makes a disk go wrong once, or be slow or full for a while.
    fn hurt_disk(&mut self, node: NodeId, at_us: u64, end_us: u64) {
        let kinds = self.setup.scenario().survives.disk;
        let kind = kinds[self.stream.index(kinds.len())];
        let some = u16::try_from(self.stream.range(1, 3)).unwrap_or(1);
        let (fault, undone) = match kind {
            DiskFaultKind::LostSyncs => (DiskFault::LostSyncs { count: some }, None),
            DiskFaultKind::FailSyncs => (DiskFault::FailSyncs { count: some }, None),
            DiskFaultKind::TornSectors => (DiskFault::TornSectors { bytes: some * 128 }, None),
            DiskFaultKind::Slow => {
                let slow = DiskFault::Slow { percent: 100 << (2 * some) };
                (slow, Some(DiskFault::Slow { percent: 100 }))
            }
            DiskFaultKind::BitRot { file, within_bytes } => {
                let offset = self.place(within_bytes);
                let bit = u8::try_from(self.stream.range(0, 7)).unwrap_or_default();
                (DiskFault::BitRot { file: file.into(), offset, bit }, None)
            }
            DiskFaultKind::Misdirect { file, within_bytes } => {
                let sector = self.place(within_bytes) / SECTOR_BYTES as u64;
                let to_sector = u32::try_from(sector).unwrap_or(u32::MAX);
                (DiskFault::Misdirect { file: file.into(), to_sector }, None)
            }
            DiskFaultKind::ReadError { file, within_bytes } => {
                let offset = self.place(within_bytes);
                (DiskFault::ReadError { file: file.into(), offset }, None)
            }
            DiskFaultKind::Capacity { least_bytes } => {
                let more_bytes = (least_bytes >> self.stream.range(0, 5)).max(1);
                let bytes = least_bytes.saturating_add(self.stream.range(0, more_bytes));
                let usual = DiskFault::Capacity { bytes: Files::default().capacity_bytes() };
                (DiskFault::Capacity { bytes }, Some(usual))
            }
        };
        self.push(at_us, Action::Disk { node, fault });
        if let Some(fault) = undone {
            self.push(end_us, Action::Disk { node, fault });
        }
    }

    /// Draws a place in a file. Files grow from their beginning, so the first bytes are as likely as
    /// all that may come after them: the length is drawn on a rough logarithmic scale.
    fn place(&mut self, within_bytes: u64) -> u64 {
        let within_bytes = (within_bytes >> self.stream.range(0, 8)).max(1);
        self.stream.range(0, within_bytes - 1)
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
        sort_by_key(&mut self.actions, |timed| timed.at_us);
        self.actions
    }
}
