//! Actions: what is done to a world from outside, and why it might do nothing.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

use super::clock::DRIFT_LIMITS_PPM;
use super::network::Cut;
use super::queue::Pending;
use super::slot::InFlight;
use super::{
    Action, Cause, Fate, Journal, MessageName, NodeId, Process, StableHasher, Storage, TextKind,
    TimerName, World, digest_of,
};

/// A message is delayed until at most this long from now: later than any run goes on.
const LONGEST_DELAY_US: u64 = 3_600_000_000;

impl<P: Process> World<P> {
    /// Applies the action with this index in the run's list; returns whether it changed anything.
    pub(super) fn act(&mut self, index: u32, action: &Action, journal: &mut Journal) -> bool {
        let mut hasher = StableHasher::chained(self.digest);
        (self.now_us, action).hash(&mut hasher);
        self.digest = hasher.finish();
        let reason = self.why_not(action);
        let labels: Vec<_> = self.commands.iter().map(|command| command.label).collect();
        let names = &self.names;
        journal.write(self.moment(), TextKind::Action, None, || {
            let what = action.sentence(names, &labels);
            match &reason {
                None => what,
                Some(reason) => format!("{what} (changes nothing: {reason})"),
            }
        });
        if reason.is_some() {
            return false;
        }
        self.apply(index, action, journal);
        if !bites_later(action) {
            self.bite(index);
        }
        if !matches!(action, Action::Command { .. }) {
            self.last_disturbance_us = self.now_us;
        }
        self.settle();
        true
    }

    fn apply(&mut self, index: u32, action: &Action, journal: &mut Journal) {
        let cause = Cause::Action(index);
        match action {
            Action::Crash(id) => self.crash(*id),
            Action::Restart(id) => {
                let slot = &mut self.slots[id.index()];
                slot.is_starting = true;
                slot.start_cause = cause;
                self.queue.push(self.now_us, Pending::Start(*id));
            }
            Action::Pause(id) => self.slots[id.index()].is_paused = true,
            Action::Resume(id) => {
                self.slots[id.index()].is_paused = false;
                self.release_deferred(*id);
            }
            Action::Partition(side) => {
                let cut = Cut { since_us: self.now_us, action: index };
                let (inside, outside) = self.sides(side);
                for (&a, &b) in inside.iter().flat_map(|a| outside.iter().map(move |b| (a, b))) {
                    self.network.cut(a, b, cut);
                    self.network.cut(b, a, cut);
                }
            }
            Action::Cut { from, to } => {
                let cut = Cut { since_us: self.now_us, action: index };
                self.network.cut(*from, *to, cut);
            }
            Action::Mend { from, to } => self.network.mend(*from, *to),
            Action::Heal => self.network.heal(),
            Action::Lose { percent } => self.network.set_loss(*percent, index),
            Action::Duplicate { percent } => self.network.set_duplication(*percent, index),
            Action::StepClock { node, by_us } => self.slots[node.index()].clock.step_wall(*by_us),
            Action::Drift { node, drift_ppm } => self.drift(*node, *drift_ppm),
            Action::FireTimer(name) => self.fire_now(*name, cause),
            Action::DropMessage(name) => {
                if let Some(message) = self.find(*name).and_then(|at| self.take_message(at)) {
                    self.fall(message, Fate::Dropped, journal);
                }
            }
            Action::DuplicateMessage(name) => {
                let original = self.find(*name).and_then(|at| self.in_flight[at as usize].clone());
                if let Some(message) = original {
                    // The copy trails the original by a millisecond, so that both can be seen.
                    let due_at_us = message.due_at_us + 1_000;
                    self.launch(InFlight { is_twin: true, due_at_us, ..message }, journal);
                }
            }
            Action::DelayMessage { message, by_us } => self.delay(*message, *by_us, journal),
            Action::DeliverMessage(name) => {
                if let Some(message) = self.find(*name).and_then(|at| self.take_message(at)) {
                    self.launch(InFlight { due_at_us: self.now_us, ..message }, journal);
                }
            }
            Action::Command { command, node } => {
                let nth = self.network.next_on(NodeId::OUTSIDE, *node);
                let msg = (self.commands[usize::from(*command)].say)(nth, &self.setup);
                let name = MessageName { from: NodeId::OUTSIDE, to: *node, nth };
                self.say(name, msg, cause, journal);
            }
        }
    }

    /// Lets the viewer say something to a node: it arrives at once.
    fn say(&mut self, name: MessageName, msg: P::Msg, cause: Cause, journal: &mut Journal) {
        let message = InFlight {
            name,
            msg,
            sent_at_us: self.now_us,
            due_at_us: self.now_us,
            sequence: 0,
            sent_in: cause,
            is_twin: false,
            is_delayed: false,
        };
        self.launch(message, journal);
    }

    fn crash(&mut self, id: NodeId) {
        // What had arrived during a pause finds nobody.
        self.release_deferred(id);
        let slot = &mut self.slots[id.index()];
        slot.process = None;
        slot.is_paused = false;
        slot.is_starting = false;
        slot.timers.clear();
        slot.held.clear();
        slot.unheard.clear();
        slot.syncing.clear();
        slot.sync_due_us = 0;
        slot.disk.crashed(&mut |_| 0);
    }

    fn drift(&mut self, id: NodeId, drift_ppm: i32) {
        let now_us = self.now_us;
        let slot = &mut self.slots[id.index()];
        slot.clock.set_drift(now_us, drift_ppm);
        for timer in &mut slot.timers {
            timer.due_at_us = slot.clock.true_us(timer.due_local_us).max(now_us);
            timer.sequence = self.queue.push(timer.due_at_us, Pending::Timer(id));
        }
    }

    fn fire_now(&mut self, name: TimerName, cause: Cause) {
        let now_us = self.now_us;
        let timers = &mut self.slots[name.node.index()].timers;
        if let Some(timer) = timers.iter_mut().find(|t| timer_digest(&t.timer) == name.digest) {
            timer.due_at_us = now_us;
            timer.set_in = cause;
            timer.sequence = self.queue.push(now_us, Pending::Timer(name.node));
        }
    }

    fn delay(&mut self, name: MessageName, by_us: u64, journal: &mut Journal) {
        if let Some(message) = self.find(name).and_then(|at| self.take_message(at)) {
            let latest_us = message.due_at_us.max(self.now_us + LONGEST_DELAY_US);
            let due_at_us = message.due_at_us.saturating_add(by_us).min(latest_us);
            self.launch(InFlight { due_at_us, is_delayed: true, ..message }, journal);
        }
    }

    /// Returns the place of a message in flight; of two copies, the one that arrives first.
    fn find(&self, name: MessageName) -> Option<u32> {
        let places = self.in_flight.iter().zip(0_u32..);
        let messages = places.filter_map(|(message, place)| Some((message.as_ref()?, place)));
        let copies = messages.filter(|(message, _)| message.name == name);
        let first = copies.min_by_key(|(it, _)| (it.due_at_us, it.is_twin, it.sequence));
        first.map(|(_, place)| place)
    }

    /// Says why `action` would change nothing now, if so.
    pub(super) fn why_not(&self, action: &Action) -> Option<String> {
        let unknown = |id: &NodeId| {
            (id.index() >= self.slots.len()).then(|| "there is no such node".to_owned())
        };
        let gone = |name: &MessageName| {
            self.find(*name).is_none().then(|| "the message is no longer in flight".to_owned())
        };
        match action {
            Action::Crash(id) => unknown(id).or_else(|| self.why_not_up(*id)),
            Action::Restart(id) => unknown(id).or_else(|| {
                let slot = &self.slots[id.index()];
                let is_up = slot.process.is_some() || slot.is_starting;
                is_up.then(|| format!("{} is up", &self.names[*id]))
            }),
            Action::Pause(id) => unknown(id).or_else(|| self.why_not_up(*id)).or_else(|| {
                let is_paused = self.slots[id.index()].is_paused;
                is_paused.then(|| format!("{} is paused already", &self.names[*id]))
            }),
            Action::Resume(id) => unknown(id).or_else(|| {
                let is_paused = self.slots[id.index()].is_paused;
                (!is_paused).then(|| format!("{} is not paused", &self.names[*id]))
            }),
            Action::Partition(side) => self.why_not_partition(side),
            Action::Cut { from, to } => unknown(from).or_else(|| unknown(to)).or_else(|| {
                let is_open = from != to && self.network.reaches(*from, *to);
                (!is_open).then(|| "that direction is cut already".into())
            }),
            Action::Mend { from, to } => {
                let is_open = self.network.reaches(*from, *to);
                is_open.then(|| "that direction is not cut".into())
            }
            Action::Heal => self.network.is_whole().then(|| "the network is whole".into()),
            Action::Lose { percent } => (self.network.loss_by_action() == (*percent).min(100))
                .then(|| "the network loses that share already".into()),
            Action::Duplicate { percent } => (self.network.duplication_by_action()
                == (*percent).min(100))
            .then(|| "the network duplicates that share already".into()),
            Action::StepClock { node, by_us } => {
                unknown(node).or_else(|| (*by_us == 0).then(|| "the step is zero".into()))
            }
            Action::Drift { node, drift_ppm } => unknown(node).or_else(|| {
                let is_same = self.slots[node.index()].clock.drift_ppm() == *drift_ppm;
                let is_absurd = !DRIFT_LIMITS_PPM.contains(drift_ppm);
                let same = is_same.then(|| "the clock runs at that rate already".into());
                same.or_else(|| is_absurd.then(|| "no clock is that wrong".into()))
            }),
            Action::DropMessage(name)
            | Action::DuplicateMessage(name)
            | Action::DelayMessage { message: name, .. }
            | Action::DeliverMessage(name) => gone(name),
            Action::FireTimer(name) => unknown(&name.node).or_else(|| {
                let slot = &self.slots[name.node.index()];
                let is_set = slot.timers.iter().any(|t| timer_digest(&t.timer) == name.digest);
                (!is_set).then(|| "that timer is not set".into())
            }),
            Action::Command { command, node } => self.why_not_command(*command, *node),
        }
    }

    fn why_not_up(&self, id: NodeId) -> Option<String> {
        let slot = &self.slots[id.index()];
        slot.process.is_none().then(|| format!("{} is down", &self.names[id]))
    }

    /// Returns the nodes that are listed and those that are not.
    fn sides(&self, listed: &[NodeId]) -> (Vec<NodeId>, Vec<NodeId>) {
        let listed: BTreeSet<NodeId> = listed.iter().copied().collect();
        self.names.ids().partition(|id| listed.contains(id))
    }

    fn why_not_partition(&self, side: &[NodeId]) -> Option<String> {
        let (inside, outside) = self.sides(side);
        if inside.is_empty() || outside.is_empty() {
            return Some("everybody is on one side".into());
        }
        let is_open = |&a: &NodeId| {
            outside.iter().any(|&b| self.network.reaches(a, b) || self.network.reaches(b, a))
        };
        (!inside.iter().any(is_open)).then(|| "these sides are cut apart already".into())
    }

    fn why_not_command(&self, command: u16, node: NodeId) -> Option<String> {
        let Some(command) = self.commands.get(usize::from(command)) else {
            return Some("there is no such command".into());
        };
        if node.index() >= self.slots.len() {
            return Some("there is no such node".into());
        }
        if !(command.accepts)(node, &self.setup) {
            return Some(format!("{} does not take this command", &self.names[node]));
        }
        self.why_not_up(node)
    }
}

/// Returns true for faults that bite when they stop or double a message. Everything else bites at
/// once, the end of such a fault included.
fn bites_later(action: &Action) -> bool {
    match action {
        Action::Cut { .. } | Action::Partition(_) => true,
        Action::Lose { percent } | Action::Duplicate { percent } => *percent > 0,
        Action::Crash(_)
        | Action::Restart(_)
        | Action::Pause(_)
        | Action::Resume(_)
        | Action::Mend { .. }
        | Action::Heal
        | Action::StepClock { .. }
        | Action::Drift { .. }
        | Action::DropMessage(_)
        | Action::DuplicateMessage(_)
        | Action::DelayMessage { .. }
        | Action::DeliverMessage(_)
        | Action::FireTimer(_)
        | Action::Command { .. } => false,
    }
}

/// Returns the low bits of a timer's digest.
pub(super) fn timer_digest(timer: &impl Hash) -> u32 {
    u32::try_from(digest_of(timer) & 0xffff_ffff).unwrap_or_default()
}
