//! Swarm fuzzing: random schedules of faults, drawn from what the design claims to survive.
//!
//! Groce et al. 2012, "Swarm Testing": each run uses a random subset of the kinds of faults, because
//! some bugs show only in the absence of others. Every fault is undone before the last fifth of the
//! horizon, so that goals can be judged after everything has healed.

use crate::scenario::Setup;
use crate::sim::{Action, NodeId, Stream, TimedAction};

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
    for _ in 0..schedule.stream.range(0, COMMAND_LIMIT) {
        let commands = simulation.commands();
        let command = schedule.stream.index(commands.len());
        if let Some(view) = commands.get(command).filter(|view| !view.nodes.is_empty()) {
            let node = view.nodes[schedule.stream.index(view.nodes.len())];
            let command = u16::try_from(command).unwrap_or_default();
            let at_us = schedule.stream.range(0, heal_at_us);
            schedule.push(at_us, Action::Command { command, node });
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
                let side: Vec<NodeId> =
                    NodeId::first(self.everyone).filter(|_| self.stream.chance(50)).collect();
                self.push(at_us, Action::Partition(side));
                self.push(end_us, Action::Heal);
            }
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
