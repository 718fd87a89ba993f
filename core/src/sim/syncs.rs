//! Disk syncs: begun by a handler, completed by an event, heard of by the process.

use super::behaviour::{Behaviour, Call};
use super::kernel::{Happening, Kernel};
use super::node::Held;
use super::queue::{Entry, Pending};
use super::{Cause, EventKind, Journal, NodeId, Stream, SyncId};

impl Kernel {
    /// Gives the next sync of a node's disk its name.
    pub(super) fn name_sync(&mut self, id: NodeId) -> SyncId {
        let next = &mut self.node(id).next_sync;
        std::mem::replace(next, SyncId(next.0 + 1))
    }

    /// Counts what a handler has written.
    pub(super) fn count_written(&mut self, nodes: &dyn Behaviour, id: NodeId) {
        let known = &mut self.node_costs[id.index()].written_bytes;
        let grown = nodes.written_bytes(id).saturating_sub(*known);
        *known += grown;
        self.costs.written_bytes += grown;
    }

    /// Starts a sync.
    pub(super) fn begin_sync(
        &mut self,
        nodes: &mut dyn Behaviour,
        id: NodeId,
        sync: SyncId,
        event: u32,
    ) {
        let now_us = self.now_us;
        let node = &mut self.nodes[id.index()];
        nodes.sync_started(id, sync);
        let mut stream = Stream::new(self.setup.seed, ("disk", id, sync.0));
        // A disk finishes syncs in order: a later one covers the earlier ones.
        let usual_us = u128::from(self.sync_us.sample_us(&mut stream));
        let takes_us = usual_us * u128::from(nodes.sync_percent(id)) / 100;
        let takes_us = u64::try_from(takes_us).unwrap_or(u64::MAX);
        let due_at_us = node.sync_due_us.max(now_us.saturating_add(takes_us));
        node.sync_due_us = due_at_us;
        node.syncing.push((sync, Cause::Event(event)));
        self.queue.push(due_at_us, Pending::Synced(id, sync));
    }

    /// Lets a message wait for the sync that has begun last, if one is under way.
    pub(super) fn send_after_sync(
        &mut self,
        nodes: &mut dyn Behaviour,
        me: NodeId,
        to: NodeId,
        place: u32,
        event: u32,
        journal: &mut Journal,
    ) {
        let node = self.node(me);
        match node.syncing.last() {
            Some(&(sync, _)) => {
                let sent_in = Cause::Event(event);
                node.held.push(Held { sync, to, place, sent_in });
            }
            None => self.send(nodes, me, to, place, event, journal),
        }
    }

    /// A disk has synced. It does not stop because its process does: that hears of it later.
    pub(super) fn complete_sync(
        &mut self,
        id: NodeId,
        sync: SyncId,
        nodes: &mut dyn Behaviour,
        journal: &mut Journal,
    ) {
        let node = self.node(id);
        let Some(place) = node.syncing.iter().position(|(of, _)| *of == sync) else { return };
        let cause = node.syncing.remove(place).1;
        let is_durable = nodes.sync_completed(id, sync);
        self.costs.syncs += 1;
        self.node_costs[id.index()].syncs += 1;
        let happening = self.happening(id, id, EventKind::Synced, sync.0, cause);
        self.happen(&happening, journal, &|names| {
            let what = if is_durable { "syncs" } else { "fails to sync" };
            format!("{}'s disk {what}", &names[id])
        });
        if self.nodes[id.index()].is_free() {
            return self.tell_of_sync(&happening, (sync, is_durable), nodes, journal);
        }
        // Its process learns of it in its turn.
        let (at_us, sequence) = (self.now_us, self.queue.number());
        let node = self.node(id);
        node.unheard.push((sync, is_durable));
        node.set_aside(Entry { at_us, sequence, pending: Pending::Notice(id, sync) });
        self.costs.events += 1;
    }

    pub(super) fn notice_sync(
        &mut self,
        id: NodeId,
        sync: SyncId,
        nodes: &mut dyn Behaviour,
        journal: &mut Journal,
    ) {
        let node = self.node(id);
        let is_durable = node.unheard.iter().any(|&(of, succeeded)| of == sync && succeeded);
        node.unheard.retain(|(of, _)| *of != sync);
        let cause = node.last_event.map_or(Cause::Beginning, Cause::Event);
        let happening = self.happening(id, id, EventKind::Synced, sync.0, cause);
        self.happen(&happening, journal, &|names| {
            let what = if is_durable { "has synced" } else { "has failed to sync" };
            format!("{} learns that its disk {what}", &names[id])
        });
        self.tell_of_sync(&happening, (sync, is_durable), nodes, journal);
    }

    /// Lets the messages go that waited for a sync, or drops them if it failed, then tells the process.
    fn tell_of_sync(
        &mut self,
        it: &Happening,
        (sync, is_durable): (SyncId, bool),
        nodes: &mut dyn Behaviour,
        journal: &mut Journal,
    ) {
        let node = self.node(it.node);
        // By name and not by order: with work, syncs begin in another order than they were named in.
        let ready: Vec<Held> = node.held.extract_if(.., |held| held.sync == sync).collect();
        for Held { to, place, sent_in, .. } in ready {
            if is_durable {
                self.send_because(nodes, (it.node, to), place, sent_in, journal);
            } else {
                nodes.drop_message(place);
                self.free_place(place);
            }
        }
        let call = if is_durable { Call::Synced(sync) } else { Call::SyncFailed(sync) };
        self.handle(nodes, it, call, journal);
    }
}
