//! Finite capacity: a busy node lets what comes wait, and takes it up in order when it is free.

use super::behaviour::{Behaviour, Call};
use super::kernel::Kernel;
use super::node::Flight;
use super::queue::{Entry, Pending};
use super::{Cause, EventKind, Fate, Journal, MessageName, NodeId, Overflow};

impl Kernel {
    /// Sets aside what comes to a node that is paused or busy by then. Work that ends during a pause
    /// takes no part in the order of what waits: it is what the others wait for.
    pub(super) fn set_aside(&mut self, id: NodeId, entry: Entry) {
        let node = self.node(id);
        match entry.pending {
            Pending::Done(..) => return node.unfinished.push(entry),
            Pending::Deliver(_) => {
                node.settle_load(entry.at_us);
                node.inbox += 1;
            }
            Pending::Start(_) | Pending::Timer(..) | Pending::Synced(..) | Pending::Notice(..) => {}
        }
        node.waiting.push_back(entry);
    }

    /// Puts back into the queue what was set aside and is due at `from_us` or later.
    pub(super) fn put_back(&mut self, id: NodeId, from_us: u64) {
        let now_us = self.now_us;
        let node = &mut self.nodes[id.index()];
        let first = node.waiting.partition_point(|entry| entry.at_us < from_us);
        for entry in node.waiting.split_off(first) {
            if matches!(entry.pending, Pending::Deliver(_)) {
                let node = &mut self.nodes[id.index()];
                node.settle_load(now_us);
                node.inbox -= 1;
            }
            self.queue.put_back(Entry { at_us: entry.at_us.max(now_us), ..entry });
        }
    }

    /// Links have changed: what was set aside ahead of its time may be stopped on its way instead.
    pub(super) fn reconsider_waiting(&mut self) {
        for id in self.names.ids() {
            self.put_back(id, self.now_us);
            self.call(id);
        }
    }

    /// The message in this place waits for its receiver no longer.
    pub(super) fn withdraw(&mut self, id: NodeId, place: u32) {
        let now_us = self.now_us;
        let node = self.node(id);
        let is_it = |entry: &Entry| entry.pending == Pending::Deliver(place);
        if let Some(at) = node.waiting.iter().position(is_it) {
            node.settle_load(now_us);
            node.inbox -= 1;
            node.waiting.remove(at);
            self.call(id);
        }
    }

    /// Calls a node if it can take something that waits for it.
    pub(super) fn call(&mut self, id: NodeId) {
        let node = &self.nodes[id.index()];
        if node.waiting.is_empty() && self.called.is_empty() {
            return;
        }
        let can_take = node.is_up && node.is_free();
        if can_take {
            self.forget_stale(id);
        }
        let is_called = can_take && !self.nodes[id.index()].waiting.is_empty();
        match self.called.binary_search(&id) {
            Ok(at) if !is_called => {
                self.called.remove(at);
            }
            Err(at) if is_called => self.called.insert(at, id),
            Ok(_) | Err(_) => {}
        }
    }

    /// Drops what nobody wants any more from the front of what waits for a node.
    fn forget_stale(&mut self, id: NodeId) {
        while let Some(front) = self.nodes[id.index()].waiting.front() {
            if self.owner_of(front).is_some() {
                break;
            }
            self.leave_queue(id);
        }
    }

    /// Takes the first of what waits for a node off its list.
    fn leave_queue(&mut self, id: NodeId) -> Option<Entry> {
        let now_us = self.now_us;
        let node = self.node(id);
        let entry = node.waiting.pop_front()?;
        if matches!(entry.pending, Pending::Deliver(_)) {
            node.settle_load(now_us);
            node.inbox -= 1;
        }
        Some(entry)
    }

    /// Takes what a called node takes next; its first is never stale.
    pub(super) fn take_waiting(&mut self, id: NodeId) -> Option<Entry> {
        let entry = self.leave_queue(id)?;
        if matches!(entry.pending, Pending::Deliver(_)) {
            let waited_us = self.now_us.saturating_sub(entry.at_us);
            let load = &mut self.node(id).load;
            load.waited += u64::from(waited_us > 0);
            load.waited_us += waited_us;
        }
        Some(Entry { at_us: self.now_us, ..entry })
    }

    /// A handler's time is over: what it asked for happens.
    pub(super) fn finish_work(
        &mut self,
        id: NodeId,
        job: u32,
        nodes: &mut dyn Behaviour,
        journal: &mut Journal,
    ) {
        let now_us = self.now_us;
        let node = self.node(id);
        let Some(at) = node.jobs.iter().position(|it| it.nth == job) else { return };
        node.settle_load(now_us);
        let job = node.jobs.remove(at);
        let cause = Cause::Event(job.begun_in);
        let happening = self.happening(id, id, EventKind::Finished, job.nth, cause);
        self.happen(&happening, journal, &|names| format!("{} has done its work", &names[id]));
        if job.sync.is_some() {
            self.begin_sync(nodes, id, job.sync, happening.number);
        }
        nodes.finish(self, journal, id, job.begun_in);
        self.costs.events += 1;
        self.call(id);
    }

    /// There is no room for the message in this place: it falls, and its sender may be told.
    pub(super) fn refuse(
        &mut self,
        flight: Flight,
        place: u32,
        nodes: &mut dyn Behaviour,
        journal: &mut Journal,
    ) {
        let MessageName { from, to, .. } = flight.name;
        let node = self.node(flight.receiver());
        node.load.refused += 1;
        let overflow = node.capacity.overflow;
        if overflow == Overflow::Refuse && from != NodeId::OUTSIDE && !flight.is_refusal {
            let back = self.reserve_place();
            nodes.copy_message(place, back);
            let nth = self.network.next_on(to, from);
            let latency_us = self.network.passage(to, from, nth, 0, self.now_us).latency_us;
            let due_at_us = self.now_us + latency_us;
            let sent_at_us = self.now_us;
            let returning = Flight { due_at_us, sent_at_us, is_refusal: true, ..flight };
            self.launch(returning, back, journal);
        }
        self.fall_on_arrival(flight, place, Fate::Refused, nodes, journal);
    }

    /// A message comes back to its sender, for whom the receiver had no room.
    pub(super) fn deliver_refusal(
        &mut self,
        flight: Flight,
        place: u32,
        nodes: &mut dyn Behaviour,
        journal: &mut Journal,
    ) {
        let MessageName { from, to, nth } = flight.name;
        let happening = self.happening(from, to, EventKind::Refused, nth, flight.sent_in);
        self.happen(&happening, journal, &|names| {
            format!("{} hears that {} has no room for it", &names[from], &names[to])
        });
        self.handle(nodes, &happening, Call::Refused { to, place }, journal);
    }
}
