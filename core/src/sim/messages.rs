//! Messages on their way: handed to the network, arriving, or falling.

use std::hash::{Hash, Hasher};

use super::queue::Pending;
use super::slot::{Fallen, InFlight};
use super::world::Happening;
use super::{
    Cause, Describe, EventKind, EventRecord, Fate, Journal, MessageName, MessageRecord, NodeId,
    Payload, Process, StableHasher, TextKind, World,
};

/// How many fallen messages a world remembers for the stage.
const FALLEN_LIMIT: usize = 64;

impl<P: Process> World<P> {
    /// Hands a message to the network.
    pub(super) fn send(
        &mut self,
        from: NodeId,
        to: NodeId,
        msg: P::Msg,
        cause: Cause,
        journal: &mut Journal,
    ) {
        if to.index() >= self.slots.len() {
            // The viewer hears through facts and views, not through messages.
            return;
        }
        let nth = self.network.next_on(from, to);
        let passage = self.network.passage(from, to, nth);
        self.costs.messages += 1;
        self.costs.bytes += msg.bytes();
        let names = &self.names;
        journal.write(self.moment(), TextKind::Send, Some(from), || {
            format!("{} sends to {}: {}", &names[from], &names[to], msg.sentence(names))
        });
        let message = InFlight {
            name: MessageName { from, to, nth },
            msg,
            sent_at_us: self.now_us,
            due_at_us: self.now_us + passage.latency_us,
            sequence: 0,
            sent_in: cause,
            is_twin: false,
            is_delayed: false,
        };
        if let Some(cut) = self.network.cut_of(from, to) {
            self.bite(cut.action);
            self.fall(message, Fate::Cut, journal);
        } else if passage.lost {
            if let Some(action) = self.network.loss_owed_to() {
                self.bite(action);
            }
            self.fall(message, Fate::Lost, journal);
        } else {
            if let Some(latency_us) = passage.twin_latency_us {
                if let Some(action) = self.network.duplication_owed_to() {
                    self.bite(action);
                }
                let due_at_us = self.now_us + latency_us;
                self.launch(InFlight { is_twin: true, due_at_us, ..message.clone() }, journal);
            }
            self.launch(message, journal);
        }
    }

    /// Puts a message on its way.
    pub(super) fn launch(&mut self, mut message: InFlight<P::Msg>, journal: &mut Journal) {
        let place = self.free_places.pop().unwrap_or_else(|| {
            self.in_flight.push(None);
            u32::try_from(self.in_flight.len() - 1).unwrap_or(u32::MAX)
        });
        message.sequence = self.queue.push(message.due_at_us, Pending::Deliver(place));
        Self::log_message(&message, message.due_at_us, Fate::Carried, journal);
        self.in_flight[place as usize] = Some(message);
    }

    /// Takes a message out of the air.
    pub(super) fn take_message(&mut self, place: u32) -> Option<InFlight<P::Msg>> {
        let message = self.in_flight[place as usize].take()?;
        self.free_places.push(place);
        Some(message)
    }

    /// A message arrives where nobody takes it: an event of the world, not of a node.
    fn fall_on_arrival(&mut self, message: InFlight<P::Msg>, fate: Fate, journal: &mut Journal) {
        let MessageName { from, to, nth } = message.name;
        if journal.keeps_records() {
            journal.events.push(EventRecord {
                at_us: self.now_us,
                kind: EventKind::Fell,
                node: to,
                peer: from,
                nth,
                cause: message.sent_in,
                previous: None,
                facts: 0,
            });
        }
        self.fall(message, fate, journal);
        self.costs.events += 1;
    }

    /// Records that a message did not make it.
    pub(super) fn fall(&mut self, message: InFlight<P::Msg>, fate: Fate, journal: &mut Journal) {
        self.costs.fallen += 1;
        let MessageName { from, to, nth } = message.name;
        let mut hasher = StableHasher::chained(self.digest);
        (self.now_us, from, to, nth, fate).hash(&mut hasher);
        self.digest = hasher.finish();
        let names = &self.names;
        journal.write(self.moment(), TextKind::Loss, Some(to), || {
            let why = match fate {
                Fate::Carried => "arrives",
                Fate::Lost => "is lost on the way",
                Fate::Cut => "is stopped by the cut",
                Fate::Down => "finds nobody: the receiver is down",
                Fate::Dropped => "is dropped",
            };
            let what = message.msg.sentence(names);
            format!("{} → {}: {what} {why}", &names[from], &names[to])
        });
        Self::log_message(&message, self.now_us, fate, journal);
        if self.fallen.len() == FALLEN_LIMIT {
            self.fallen.pop_front();
        }
        self.fallen.push_back(Fallen { message, at_us: self.now_us, fate });
    }

    fn log_message(message: &InFlight<P::Msg>, end_at_us: u64, fate: Fate, journal: &mut Journal) {
        if journal.keeps_records() {
            let InFlight { name, sent_at_us, sent_in, .. } = *message;
            journal.messages.push(MessageRecord { name, sent_at_us, end_at_us, fate, sent_in });
        }
    }

    /// The message in this place arrives.
    pub(super) fn deliver(&mut self, place: u32, journal: &mut Journal) {
        let Some(message) = self.take_message(place) else { return };
        let MessageName { from, to, nth } = message.name;
        if let Some(cut) = self.network.cut_of(from, to) {
            self.bite(cut.action);
            return self.fall_on_arrival(message, Fate::Cut, journal);
        }
        if self.slots[to.index()].process.is_none() {
            return self.fall_on_arrival(message, Fate::Down, journal);
        }
        self.costs.delivered += 1;
        let kind = EventKind::Delivered;
        let happening = Happening { node: to, peer: from, kind, nth, cause: message.sent_in };
        self.happen(&happening, journal, |names| {
            let what = message.msg.sentence(names);
            format!("{} receives from {}: {what}", &names[to], &names[from])
        });
        let mut hasher = StableHasher::chained(self.digest);
        message.msg.hash(&mut hasher);
        self.digest = hasher.finish();
        self.handle(&happening, journal, |process, cx| process.on_message(from, message.msg, cx));
    }
}
