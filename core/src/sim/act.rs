//! Actions: what is done to a world from outside, and why it might do nothing.

use std::collections::VecDeque;
use std::hash::Hash;

use super::behaviour::Behaviour;
use super::kernel::Kernel;
use super::network::Cut;
use super::node::{Flight, Node};
use super::queue::Pending;
use super::{
    Action, Cause, Fate, InputValue, Journal, MessageKind, MessageName, NodeId, Step, Stream,
    TextKind, TimerName,
};
use crate::order::{set_of, sort};

/// A message is delayed until at most this long from now: later than any run goes on.
const LONGEST_DELAY_US: u64 = 3_600_000_000;

impl Kernel {
    /// Applies the action with this index in the run's list; returns whether it changed anything.
    pub(super) fn act(
        &mut self,
        index: u32,
        action: &Action,
        nodes: &mut dyn Behaviour,
        journal: &mut Journal,
    ) -> bool {
        let now_us = self.now_us;
        self.last = Step::Action { index, before: self.number() };
        (now_us, action).hash(self.digest());
        self.picks.options.clear();
        let reason = self.why_not(action, nodes);
        let names = &self.names;
        journal.write(self.moment(), TextKind::Action, None, || {
            let what = action.sentence(names, &nodes.command_labels(&self.setup));
            match &reason {
                None => what,
                Some(reason) => format!("{what} (changes nothing: {reason})"),
            }
        });
        if reason.is_some() {
            return false;
        }
        self.unpark_early();
        self.apply(index, action, nodes, journal);
        if blocks_links(action) {
            self.reconsider_waiting();
        }
        if !bites_later(action) {
            self.bite(index);
        }
        if !matches!(action, Action::Command { .. } | Action::CommandWith { .. }) {
            self.last_disturbance_us = self.now_us;
        }
        self.settle();
        true
    }

    fn apply(
        &mut self,
        index: u32,
        action: &Action,
        nodes: &mut dyn Behaviour,
        journal: &mut Journal,
    ) {
        let cause = Cause::Action(index);
        match action {
            Action::Crash(id) => self.crash(*id, nodes),
            Action::Restart(id) => {
                let node = self.node(*id);
                node.is_starting = true;
                node.start_cause = cause;
                self.schedule_now(Pending::Start(*id));
            }
            Action::Pause(id) => {
                self.node(*id).is_paused = true;
                self.call(*id);
            }
            Action::Resume(id) => self.resume(*id),
            Action::Partition(side) => self.cut_off(side, index, 0),
            Action::Flap { side, period_us } => self.cut_off(side, index, (*period_us).max(1)),
            Action::Cut { from, to } => {
                let cut = Cut { since_us: self.now_us, action: index, period_us: 0 };
                self.network.cut(*from, *to, cut);
            }
            Action::Mend { from, to } => self.network.mend(*from, *to),
            Action::Hold { from, to } => self.network.hold(*from, *to, index),
            Action::Release { from, to } => {
                let places = self.network.release(*from, *to);
                self.arrive_now(&places);
            }
            Action::Heal => {
                let places = self.network.heal();
                self.arrive_now(&places);
            }
            Action::Lose { percent } => self.network.set_loss(*percent, index),
            Action::Duplicate { percent } => self.network.set_duplication(*percent, index),
            Action::StepClock { node, by_us } => self.node(*node).clock.step_wall(*by_us),
            Action::Drift { node, drift_ppm } => self.drift(*node, *drift_ppm),
            Action::Slow { node, by_us } => {
                self.node(*node).slowness_us = (*by_us).min(LONGEST_DELAY_US);
            }
            Action::Disk { node, fault } => nodes.hurt_disk(*node, fault),
            Action::TakeByHand => self.take_by_hand(),
            Action::Reseed(seed) => self.reseed(*seed),
            Action::CompleteSync(node) => self.complete_now(*node),
            Action::Choose(choices) => self.picks.choices.clone_from(choices),
            Action::FireTimer(name) => self.fire_now(*name, cause, nodes),
            Action::DropMessage(_)
            | Action::DuplicateMessage(_)
            | Action::DelayMessage { .. }
            | Action::DeliverMessage(_) => self.act_on_packet(action, nodes, journal),
            Action::Command { command, node } => {
                self.command((*command, *node), None, cause, nodes, journal);
            }
            Action::CommandWith { command, node, value } => {
                self.command((*command, *node), Some(value), cause, nodes, journal);
            }
        }
    }

    /// Issues one of the scenario's commands at a node; without a value, with the usual one.
    fn command(
        &mut self,
        (command, node): (u16, NodeId),
        value: Option<&InputValue>,
        cause: Cause,
        nodes: &mut dyn Behaviour,
        journal: &mut Journal,
    ) {
        let nth = self.network.next_on(NodeId::OUTSIDE, node);
        let place = self.reserve_place();
        let setup = std::rc::Rc::clone(&self.setup);
        nodes.say(usize::from(command), value, nth, &setup, place);
        let name = MessageName { from: NodeId::OUTSIDE, to: node, nth };
        self.say((name, nodes.message(place).kind()), place, cause, journal);
        self.bring_forward();
    }

    /// Drops, doubles, delays or delivers one message in flight.
    fn act_on_packet(&mut self, action: &Action, nodes: &mut dyn Behaviour, journal: &mut Journal) {
        let now_us = self.now_us;
        let (Action::DropMessage(name)
        | Action::DuplicateMessage(name)
        | Action::DelayMessage { message: name, .. }
        | Action::DeliverMessage(name)) = action
        else {
            return;
        };
        let Some((place, flight)) = self.find(*name) else { return };
        if !matches!(action, Action::DuplicateMessage(_)) {
            self.flights[place as usize] = None;
            self.network.unpark(place);
            self.withdraw(flight.name.to, place);
        }
        if let Action::DuplicateMessage(_) = action {
            // The copy trails the original by a millisecond, so that both can be seen.
            let due_at_us = flight.due_at_us.saturating_add(1_000);
            let twin = self.reserve_place();
            nodes.copy_message(place, twin);
            self.launch(Flight { is_twin: true, due_at_us, ..flight }, twin, journal);
        } else if let Action::DelayMessage { by_us, .. } = action {
            // What is held, or waits for a busy node, should have been there already.
            let due_at_us = flight.due_at_us.max(now_us);
            let latest_us = due_at_us.max(now_us.saturating_add(LONGEST_DELAY_US));
            let due_at_us = due_at_us.saturating_add(*by_us).min(latest_us);
            self.launch(Flight { due_at_us, is_delayed: true, ..flight }, place, journal);
        } else if let Action::DeliverMessage(_) = action {
            self.launch(Flight { due_at_us: now_us, ..flight }, place, journal);
            self.bring_forward();
        } else {
            self.fall(flight, place, Fate::Dropped, nodes, journal);
        }
    }

    /// Cuts the listed nodes off from all others, for good or for periods.
    fn cut_off(&mut self, side: &[NodeId], index: u32, period_us: u64) {
        let cut = Cut { since_us: self.now_us, action: index, period_us };
        let (inside, outside) = self.sides(side);
        for (&a, &b) in inside.iter().flat_map(|a| outside.iter().map(move |b| (a, b))) {
            self.network.cut(a, b, cut);
            self.network.cut(b, a, cut);
        }
    }

    /// Lets messages arrive that came to the end of a held link; what is due there at this very moment
    /// comes after them.
    fn arrive_now(&mut self, parked: &[u32]) {
        let link_of = |place: &u32| {
            self.flights[*place as usize].map(|flight| (flight.name.from, flight.name.to))
        };
        let links = set_of(parked.iter().filter_map(link_of));
        let due_now = self.flights.iter().zip(0_u32..).filter_map(|(flight, place)| {
            let flight = flight.filter(|flight| flight.due_at_us == self.now_us)?;
            let is_behind =
                links.contains(&(flight.name.from, flight.name.to)) && !parked.contains(&place);
            is_behind.then_some((flight.sequence, place))
        });
        let mut due_now: Vec<_> = due_now.collect();
        sort(&mut due_now);
        let places = parked.iter().copied().chain(due_now.into_iter().map(|(_, place)| place));
        for place in places {
            let sequence = self.queue.push(self.now_us, Pending::Deliver(place));
            if let Some(flight) = &mut self.flights[place as usize] {
                flight.sequence = sequence;
            }
        }
    }

    /// Lets the viewer say something to a node: it arrives at once.
    fn say(
        &mut self,
        (name, kind): (MessageName, MessageKind),
        place: u32,
        cause: Cause,
        journal: &mut Journal,
    ) {
        let flight = Flight {
            name,
            kind,
            sent_at_us: self.now_us,
            due_at_us: self.now_us,
            sequence: 0,
            sent_in: cause,
            is_twin: false,
            is_delayed: false,
            is_refusal: false,
        };
        self.launch(flight, place, journal);
    }

    fn resume(&mut self, id: NodeId) {
        let now_us = self.now_us;
        let node = &mut self.nodes[id.index()];
        node.is_paused = false;
        let unfinished = std::mem::take(&mut node.unfinished);
        for entry in unfinished {
            if self.by_hand.is_some() {
                self.schedule_now(entry.pending);
            } else {
                self.queue.push(entry.at_us.max(now_us), entry.pending);
            }
        }
        self.put_back(id, now_us.saturating_add(1));
        self.call(id);
    }

    /// Lets every consumer of randomness draw from another seed from now on.
    fn reseed(&mut self, seed: u64) {
        std::rc::Rc::make_mut(&mut self.setup).seed = seed;
        self.network.reseed(seed);
        for (node, id) in self.nodes.iter_mut().zip(self.names.ids()) {
            node.stream = Node::stream_of(id, seed);
        }
    }

    fn crash(&mut self, id: NodeId, nodes: &mut dyn Behaviour) {
        let now_us = self.now_us;
        if self.by_hand.is_some() {
            self.picks.options.clear();
            nodes.kill(id, &mut |options| self.picks.next(options));
            self.picks.choices.clear();
        } else {
            let crash = self.nodes[id.index()].crashes;
            let mut stream = Stream::new(self.setup.seed, ("crash", id, crash));
            nodes.kill(id, &mut |options| stream.range(0, options.saturating_sub(1)));
        }
        let node = &mut self.nodes[id.index()];
        node.settle_load(now_us);
        node.crashes += 1;
        node.is_up = false;
        node.is_paused = false;
        node.is_starting = false;
        node.timers.clear();
        node.unheard.clear();
        node.syncing.clear();
        node.sync_due_us = 0;
        node.jobs.clear();
        node.unfinished.clear();
        let held = std::mem::take(&mut node.held);
        for held in held {
            nodes.drop_message(held.place);
            self.free_place(held.place);
        }
        // What had arrived and waited finds nobody.
        self.put_back(id, 0);
        self.call(id);
    }

    /// From now on nothing happens by itself. Work does not take time any more, so what is at work
    /// ends now.
    fn take_by_hand(&mut self) {
        self.by_hand = Some(VecDeque::new());
        for id in self.names.ids() {
            // What has not come yet comes when it is made to.
            self.put_back(id, self.now_us.saturating_add(1));
            let jobs: Vec<u32> = self.nodes[id.index()].jobs.iter().map(|job| job.nth).collect();
            for job in jobs {
                self.schedule_now(Pending::Done(id, job));
            }
        }
    }

    fn drift(&mut self, id: NodeId, drift_ppm: i32) {
        let now_us = self.now_us;
        let node = &mut self.nodes[id.index()];
        node.clock.set_drift(now_us, drift_ppm);
        for (timer, place) in node.timers.iter_mut().zip(0..).filter(|(it, _)| it.sequence != 0) {
            timer.due_at_us = node.clock.true_us(timer.due_local_us).max(now_us);
            timer.sequence = self.queue.push(timer.due_at_us, Pending::Timer(id, place));
        }
    }

    fn fire_now(&mut self, name: TimerName, cause: Cause, nodes: &dyn Behaviour) {
        let now_us = self.now_us;
        if let Some(place) = timer_named(name, nodes) {
            let sequence = self.schedule_now(Pending::Timer(name.node, place));
            let node = self.node(name.node);
            let due_local_us = node.clock.local_us(now_us);
            let timer = &mut node.timers[place as usize];
            timer.due_local_us = due_local_us;
            timer.due_at_us = now_us;
            timer.set_in = cause;
            timer.sequence = sequence;
        }
    }

    /// Brings the oldest sync forward; a disk finishes them in order.
    fn complete_now(&mut self, id: NodeId) {
        if let Some(&(sync, _)) = self.nodes[id.index()].syncing.first() {
            self.schedule_now(Pending::Synced(id, sync));
        }
    }

    /// Returns a message in flight and its place; of two copies, the one that arrives first.
    pub(super) fn find(&self, name: MessageName) -> Option<(u32, Flight)> {
        let places = self.flights.iter().zip(0_u32..);
        let flights = places.filter_map(|(flight, place)| Some((place, (*flight)?)));
        let copies = flights.filter(|(_, flight)| flight.name == name);
        copies.min_by_key(|(_, it)| (it.due_at_us, it.is_twin, it.sequence))
    }
}

/// Returns true for what stops messages on their way.
fn blocks_links(action: &Action) -> bool {
    matches!(
        action,
        Action::Cut { .. } | Action::Partition(_) | Action::Flap { .. } | Action::Hold { .. }
    )
}

/// Returns true for faults that bite when they stop or double a message. Everything else bites at
/// once, the end of such a fault included.
fn bites_later(action: &Action) -> bool {
    match action {
        Action::Cut { .. } | Action::Partition(_) | Action::Flap { .. } | Action::Hold { .. } => {
            true
        }
        Action::Lose { percent } | Action::Duplicate { percent } => *percent > 0,
        Action::Crash(_)
        | Action::Restart(_)
        | Action::Pause(_)
        | Action::Resume(_)
        | Action::Mend { .. }
        | Action::Release { .. }
        | Action::Slow { .. }
        | Action::Disk { .. }
        | Action::TakeByHand
        | Action::CompleteSync(_)
        | Action::Choose(_)
        | Action::Reseed(_)
        | Action::Heal
        | Action::StepClock { .. }
        | Action::Drift { .. }
        | Action::DropMessage(_)
        | Action::DuplicateMessage(_)
        | Action::DelayMessage { .. }
        | Action::DeliverMessage(_)
        | Action::FireTimer(_)
        | Action::Command { .. }
        | Action::CommandWith { .. } => false,
    }
}

/// Returns the place of a timer that is set.
pub(super) fn timer_named(name: TimerName, nodes: &dyn Behaviour) -> Option<u32> {
    let mut set = nodes.timers(name.node).iter().copied();
    set.find(|&place| nodes.timer_digest(name.node, place) == name.digest)
}
