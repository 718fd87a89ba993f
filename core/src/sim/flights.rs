//! Messages on their way: handed to the network, arriving, or falling.

use std::hash::Hash;

use super::behaviour::{Behaviour, Call};
use super::kernel::Kernel;
use super::node::{Fallen, Flight};
use super::queue::{Entry, Pending};
use super::{
    Cause, EventKind, EventRecord, Fate, Journal, MessageName, MessageRecord, NodeId, TextKind,
};

/// How many fallen messages a world remembers for the stage.
const FALLEN_LIMIT: usize = 64;

impl Kernel {
    /// Hands the message in this place to the network.
    pub(super) fn send(
        &mut self,
        nodes: &mut dyn Behaviour,
        from: NodeId,
        to: NodeId,
        place: u32,
        event: u32,
        journal: &mut Journal,
    ) {
        self.send_because(nodes, (from, to), place, Cause::Event(event), journal);
    }

    /// As [`Kernel::send`], for a message that was asked for in an earlier event.
    pub(super) fn send_because(
        &mut self,
        nodes: &mut dyn Behaviour,
        link: (NodeId, NodeId),
        place: u32,
        cause: Cause,
        journal: &mut Journal,
    ) {
        self.hand_over(nodes, link, place, (cause, false), journal);
    }

    /// Sends a message back to whom it came from, for there is no room for it at `link.0`.
    pub(super) fn send_back(
        &mut self,
        nodes: &mut dyn Behaviour,
        link: (NodeId, NodeId),
        place: u32,
        journal: &mut Journal,
    ) {
        let cause = Cause::Event(self.number());
        self.hand_over(nodes, link, place, (cause, true), journal);
    }

    fn hand_over(
        &mut self,
        nodes: &mut dyn Behaviour,
        (from, to): (NodeId, NodeId),
        place: u32,
        (cause, is_refusal): (Cause, bool),
        journal: &mut Journal,
    ) {
        if to.index() >= self.nodes.len() {
            // The viewer hears through facts and views, not through messages.
            nodes.drop_message(place);
            return self.free_place(place);
        }
        let nth = self.network.next_on(from, to);
        let bytes = nodes.message(place).bytes();
        let mut passage = self.network.passage(from, to, nth, bytes, self.now_us);
        if self.by_hand.is_some() {
            // Nothing is drawn in a world taken by hand: losses and copies are actions too.
            passage.lost = false;
            passage.twin_latency_us = None;
        }
        for costs in [&mut self.costs, &mut self.node_costs[from.index()]] {
            costs.messages += 1;
            costs.bytes += bytes;
        }
        let names = &self.names;
        journal.write(self.moment(), TextKind::Send, Some(from), || {
            let what = nodes.message(place).sentence(names);
            let sends = if is_refusal { "has no room for it and sends back" } else { "sends" };
            format!("{} {sends} to {}: {what}", &names[from], &names[to])
        });
        let flight = Flight {
            name: MessageName { from, to, nth },
            kind: nodes.message(place).kind(),
            sent_at_us: self.now_us,
            due_at_us: self.now_us.saturating_add(passage.latency_us),
            sequence: 0,
            sent_in: cause,
            is_twin: false,
            is_delayed: false,
            is_refusal,
        };
        if let Some(cut) = self.network.cut_of(from, to, self.now_us) {
            self.bite(cut.action);
            self.fall(flight, place, Fate::Cut, nodes, journal);
        } else if passage.lost {
            if let Some(action) = self.network.loss_owed_to() {
                self.bite(action);
            }
            self.fall(flight, place, Fate::Lost, nodes, journal);
        } else {
            if let Some(latency_us) = passage.twin_latency_us {
                if let Some(action) = self.network.duplication_owed_to() {
                    self.bite(action);
                }
                let twin = self.reserve_place();
                nodes.copy_message(place, twin);
                let due_at_us = self.now_us.saturating_add(latency_us);
                self.launch(Flight { is_twin: true, due_at_us, ..flight }, twin, journal);
            }
            self.launch(flight, place, journal);
        }
    }

    /// Puts a message on its way.
    pub(super) fn launch(&mut self, mut flight: Flight, place: u32, journal: &mut Journal) {
        flight.sequence = self.queue.push(flight.due_at_us, Pending::Deliver(place));
        self.log_message(&flight, flight.due_at_us, Fate::Carried, journal);
        self.flights[place as usize] = Some(flight);
    }

    /// A message arrives where nobody takes it: an event of the world, not of a node.
    pub(super) fn fall_on_arrival(
        &mut self,
        flight: Flight,
        place: u32,
        fate: Fate,
        nodes: &mut dyn Behaviour,
        journal: &mut Journal,
    ) {
        let MessageName { from, to, nth } = flight.name;
        if journal.keeps_records() {
            journal.events.push(EventRecord {
                at_us: self.now_us,
                kind: EventKind::Fell,
                node: to,
                peer: from,
                nth,
                cause: flight.sent_in,
                previous: None,
                facts: 0,
            });
        }
        self.fall(flight, place, fate, nodes, journal);
        self.costs.events += 1;
    }

    /// Records that a message did not make it.
    pub(super) fn fall(
        &mut self,
        flight: Flight,
        place: u32,
        fate: Fate,
        nodes: &mut dyn Behaviour,
        journal: &mut Journal,
    ) {
        self.costs.fallen += 1;
        let MessageName { from, to, nth } = flight.name;
        let (now_us, moment) = (self.now_us, self.moment());
        (now_us, from, to, nth, fate).hash(self.digest());
        let names = &self.names;
        journal.write(moment, TextKind::Loss, Some(to), || {
            let what = nodes.message(place).sentence(names);
            format!("{} → {}: {what} {}", &names[from], &names[to], fate.words())
        });
        self.log_message(&flight, now_us, fate, journal);
        if self.fallen.len() == FALLEN_LIMIT
            && let Some(oldest) = self.fallen.pop_front()
        {
            nodes.drop_message(oldest.place);
            self.free_place(oldest.place);
        }
        self.fallen.push_back(Fallen { place, flight, at_us: now_us, fate });
    }

    fn log_message(&self, flight: &Flight, end_at_us: u64, fate: Fate, journal: &mut Journal) {
        if journal.keeps_records() {
            let Flight { name, kind, sent_at_us, sent_in, .. } = *flight;
            let at_us = self.now_us;
            let record = MessageRecord { at_us, name, kind, sent_at_us, end_at_us, fate, sent_in };
            journal.messages.push(record);
        }
    }

    /// Returns true if the message in this place is cut or held when it arrives at `at_us`.
    pub(super) fn is_stopped(&self, place: u32, at_us: u64) -> bool {
        self.flights[place as usize].is_some_and(|flight| {
            let MessageName { from, to, .. } = flight.name;
            self.network.hold_of(from, to).is_some()
                || self.network.cut_of(from, to, at_us).is_some()
        })
    }

    /// Returns the action that holds a message when it comes to the end of its link, and its place.
    pub(super) fn held_by(&self, entry: &Entry) -> Option<(u32, u32)> {
        if !self.network.holds_any() {
            return None;
        }
        let Pending::Deliver(place) = entry.pending else { return None };
        let flight = self.flights[place as usize]?;
        let MessageName { from, to, .. } = flight.name;
        let action = self.network.hold_of(from, to)?;
        let is_cut = self.network.cut_of(from, to, entry.at_us.max(self.now_us)).is_some();
        (!is_cut).then_some((action, place))
    }

    /// Keeps a message at the end of a held link. That is no event: it is done when it is the next
    /// that would happen, and taken back by [`Kernel::unpark_early`] if an action comes before.
    pub(super) fn park(&mut self, action: u32, place: u32) {
        self.bite(action);
        if let Some(flight) = self.flights[place as usize] {
            self.network.park(flight.name.from, flight.name.to, action, place);
        }
    }

    /// Puts what was kept at the end of a held link ahead of its time back on its way.
    pub(super) fn unpark_early(&mut self) {
        if self.by_hand.is_some() {
            return;
        }
        for (action, place) in self.network.parked() {
            let flight = self.flights[place as usize];
            if let Some(flight) = flight.filter(|flight| flight.due_at_us >= self.now_us) {
                self.network.unpark(place);
                self.bites[action as usize] -= 1;
                let (at_us, sequence) = (flight.due_at_us, flight.sequence);
                self.queue.put_back(Entry { at_us, sequence, pending: Pending::Deliver(place) });
            }
        }
    }

    /// The message in this place arrives, or, if it `has_waited` for its receiver, is taken up: no
    /// cut and no hold can stop it then.
    pub(super) fn deliver(
        &mut self,
        place: u32,
        has_waited: bool,
        nodes: &mut dyn Behaviour,
        journal: &mut Journal,
    ) {
        let Some(flight) = self.flights[place as usize].take() else { return };
        let MessageName { from, to, nth } = flight.name;
        if has_waited {
            // It has crossed its link.
        } else if let Some(cut) = self.network.cut_of(from, to, self.now_us) {
            self.bite(cut.action);
            return self.fall_on_arrival(flight, place, Fate::Cut, nodes, journal);
        }
        if self.nodes[to.index()].is_absent() {
            return self.fall_on_arrival(flight, place, Fate::Down, nodes, journal);
        }
        // What has waited was counted when it came.
        self.node(to).load.arrivals += u64::from(!has_waited);
        if !self.nodes[to.index()].is_free() {
            // It comes up only where there is no room for it either.
            return self.refuse(flight, place, nodes, journal);
        }
        self.costs.delivered += 1;
        self.node_costs[to.index()].delivered += 1;
        self.node(to).load.begun += 1;
        if flight.is_refusal {
            let happening = self.happening(to, from, EventKind::Refused, nth, flight.sent_in);
            self.happen(&happening, journal, &|names| {
                let what = nodes.message(place).sentence(names);
                format!("{} hears that {} has no room for it: {what}", &names[to], &names[from])
            });
            nodes.hash_message(place, self.digest());
            self.handle(nodes, &happening, Call::Refused { to: from, place }, journal);
        } else {
            let happening = self.happening(to, from, EventKind::Delivered, nth, flight.sent_in);
            self.happen(&happening, journal, &|names| {
                let what = nodes.message(place).sentence(names);
                format!("{} receives from {}: {what}", &names[to], &names[from])
            });
            nodes.hash_message(place, self.digest());
            self.handle(nodes, &happening, Call::Message { from, place }, journal);
        }
        self.free_place(place);
    }
}
