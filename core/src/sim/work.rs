//! Finite capacity: a busy node lets what comes wait, and takes it up in order when it is free.

use super::behaviour::Behaviour;
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
            Pending::Done(..) => node.unfinished.push(entry),
            Pending::Deliver(_)
            | Pending::Start(_)
            | Pending::Timer(..)
            | Pending::Synced(..)
            | Pending::Notice(..) => node.set_aside(entry),
        }
    }

    /// Puts back into the queue what was set aside and is due at `from_us` or later.
    pub(super) fn put_back(&mut self, id: NodeId, from_us: u64) {
        let now_us = self.now_us;
        for entry in self.nodes[id.index()].take_back(from_us, now_us) {
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
            node.take_aside(at, now_us);
            self.call(id);
        }
    }

    /// Calls a node if it can take something that waits for it.
    pub(super) fn call(&mut self, id: NodeId) {
        let node = &self.nodes[id.index()];
        if node.waiting.is_empty() && self.called.is_empty() {
            return;
        }
        let can_take = node.is_free() && (node.is_up || node.is_starting);
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
        self.node(id).take_aside(0, now_us)
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
        if let Some(sync) = job.sync {
            self.begin_sync(nodes, id, sync, happening.number);
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
        let node = self.node(to);
        node.load.refused += 1;
        let is_told = node.capacity.overflow == Overflow::Refuse;
        // The viewer hears of it from the world, and a refusal is not refused in turn.
        if is_told && from != NodeId::OUTSIDE && !flight.is_refusal {
            let back = self.reserve_place();
            nodes.copy_message(place, back);
            self.send_back(nodes, (to, from), back, journal);
        }
        self.fall_on_arrival(flight, place, Fate::Refused, nodes, journal);
    }
}
