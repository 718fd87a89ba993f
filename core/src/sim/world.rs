//! The world: live state only, advanced one event at a time.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::effects::Effect;
use super::queue::{Entry, Pending, Queue};
use super::slot::{Fallen, Held, InFlight, PendingTimer, Slot};
use super::spec::fact_sentence;
use super::{
    Boot, Cause, Clock, Command, Costs, Cx, Describe, EventKind, EventRecord, Journal, Names,
    Network, NodeId, Observer, Process, Spec, StableHasher, Storage, Stream, SyncId, TextKind,
};
use crate::scenario::Setup;

/// Nodes, network, disks and clocks at one moment.
#[derive(Clone)]
pub struct World<P: Process> {
    pub(super) setup: Rc<Setup>,
    pub(super) names: Rc<Names>,
    pub(super) spawn: fn(NodeId, &Setup) -> P,
    pub(super) commands: &'static [Command<P>],
    sync_us: (u64, u64),
    pub(super) now_us: u64,
    pub(super) queue: Queue,
    pub(super) network: Network,
    pub(super) slots: Vec<Slot<P>>,
    /// Messages in flight, by place; queue entries point here.
    pub(super) in_flight: Vec<Option<InFlight<P::Msg>>>,
    pub(super) free_places: Vec<u32>,
    pub(super) fallen: VecDeque<Fallen<P::Msg>>,
    /// How often each action has changed or blocked something.
    pub(super) bites: Vec<u32>,
    pub(super) last_disturbance_us: u64,
    pub(super) digest: u64,
    pub(super) costs: Costs,
    /// Facts of the last step, for the observer.
    recorded: Vec<(NodeId, P::Fact)>,
}

/// An event that is being handled: where, when and why.
pub(super) struct Happening {
    pub(super) node: NodeId,
    pub(super) peer: NodeId,
    pub(super) kind: EventKind,
    pub(super) nth: u32,
    pub(super) cause: Cause,
}

impl<P: Process> World<P> {
    /// Builds the world; every node's start is queued at time zero.
    pub fn new<O: Observer<P>>(spec: &Spec<P, O>, setup: &Setup) -> Self {
        let names = Names::new((spec.names)(setup));
        let mut queue = Queue::default();
        for id in names.ids() {
            queue.push(0, Pending::Start(id));
        }
        Self {
            slots: names.ids().map(|id| Slot::new(setup.seed, id)).collect(),
            network: Network::new(setup.seed, (spec.network)(setup)),
            setup: Rc::new(setup.clone()),
            names: Rc::new(names),
            spawn: spec.spawn,
            commands: spec.commands,
            sync_us: spec.sync_us,
            now_us: 0,
            queue,
            in_flight: Vec::new(),
            free_places: Vec::new(),
            fallen: VecDeque::new(),
            bites: Vec::new(),
            last_disturbance_us: 0,
            digest: setup.seed,
            costs: Costs::default(),
            recorded: Vec::new(),
        }
    }

    /// Returns true time.
    pub fn now_us(&self) -> u64 {
        self.now_us
    }

    /// Returns what the world was built from.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Returns the nodes' names.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Returns the nodes, in order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + use<P> {
        self.names.ids()
    }

    /// Returns a node's process; `None` while it is down.
    pub fn process(&self, id: NodeId) -> Option<&P> {
        self.slots.get(id.index())?.process.as_ref()
    }

    /// Returns a node's disk, whether it is up or down.
    pub fn disk(&self, id: NodeId) -> &P::Disk {
        &self.slots[id.index()].disk
    }

    /// Returns a node's clock.
    pub fn clock(&self, id: NodeId) -> &Clock {
        &self.slots[id.index()].clock
    }

    /// Returns true if the node is up and not frozen.
    pub fn is_running(&self, id: NodeId) -> bool {
        self.slots.get(id.index()).is_some_and(|slot| slot.process.is_some() && !slot.is_paused)
    }

    /// Returns the network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Returns what the run has cost.
    pub fn costs(&self) -> Costs {
        self.costs
    }

    /// Returns when the last action that changed something was applied.
    pub fn disturbed_at_us(&self) -> u64 {
        self.last_disturbance_us
    }

    /// Returns when the last action that changed something was applied, if since then every node is
    /// up and running and the network is whole.
    pub fn calm_since_us(&self) -> Option<u64> {
        let everyone_runs = self.slots.iter().all(|slot| slot.process.is_some() && !slot.is_paused);
        (everyone_runs && self.network.is_whole()).then_some(self.last_disturbance_us)
    }

    /// Returns when the next event is due.
    pub(super) fn next_at_us(&self) -> Option<u64> {
        self.queue.peek().map(|entry| entry.at_us.max(self.now_us))
    }

    /// Takes the facts recorded since the last call.
    pub(super) fn take_recorded(&mut self) -> Vec<(NodeId, P::Fact)> {
        std::mem::take(&mut self.recorded)
    }

    /// Returns time and event number, for the journal.
    pub(super) fn moment(&self) -> (u64, u32) {
        (self.now_us, u32::try_from(self.costs.events).unwrap_or(u32::MAX))
    }

    /// Handles the next event; false when nothing is left to happen.
    pub(super) fn step(&mut self, journal: &mut Journal) -> bool {
        let Some(entry) = self.queue.pop() else { return false };
        self.now_us = self.now_us.max(entry.at_us);
        match entry.pending {
            Pending::Start(id) => self.start(id, journal),
            Pending::Deliver(place) => self.deliver(place, journal),
            Pending::Timer(id) => self.fire(id, entry.sequence, journal),
            Pending::Synced(id, sync) => self.complete_sync(id, sync, journal),
            Pending::Notice(id, sync) => self.notice_sync(id, sync, journal),
        }
        self.settle();
        true
    }

    /// Removes stale entries from the front of the queue and sets aside what is due at paused
    /// nodes, so that the front is always the next event.
    pub(super) fn settle(&mut self) {
        while let Some(entry) = self.queue.peek() {
            let (node, is_stale) = self.owner_of(&entry);
            if is_stale {
                self.queue.pop();
            } else if self.slots[node.index()].is_paused
                && !matches!(entry.pending, Pending::Synced(..))
            {
                self.queue.pop();
                self.slots[node.index()].deferred.push(entry);
            } else {
                break;
            }
        }
    }

    /// Returns whose event an entry is, and whether its owner has forgotten it.
    fn owner_of(&self, entry: &Entry) -> (NodeId, bool) {
        match entry.pending {
            Pending::Start(id) => (id, !self.slots[id.index()].is_starting),
            Pending::Timer(id) => {
                let timers = &self.slots[id.index()].timers;
                (id, timers.iter().all(|timer| timer.sequence != entry.sequence))
            }
            Pending::Synced(id, sync) => {
                let syncing = &self.slots[id.index()].syncing;
                (id, syncing.iter().all(|(of, _)| *of != sync))
            }
            Pending::Notice(id, sync) => (id, !self.slots[id.index()].unheard.contains(&sync)),
            Pending::Deliver(place) => match &self.in_flight[place as usize] {
                Some(message) if message.sequence == entry.sequence => (message.name.to, false),
                Some(_) | None => (NodeId(0), true),
            },
        }
    }

    /// Queues again what came due while `id` was paused.
    pub(super) fn release_deferred(&mut self, id: NodeId) {
        for sync in self.slots[id.index()].unheard.clone() {
            self.queue.push(self.now_us, Pending::Notice(id, sync));
        }
        for entry in std::mem::take(&mut self.slots[id.index()].deferred) {
            let at_us = entry.at_us.max(self.now_us);
            let (_, is_stale) = self.owner_of(&entry);
            if is_stale {
                continue;
            }
            let sequence = self.queue.push(at_us, entry.pending);
            match entry.pending {
                Pending::Deliver(place) => {
                    if let Some(message) = &mut self.in_flight[place as usize] {
                        message.sequence = sequence;
                    }
                }
                Pending::Timer(id) => {
                    let timers = &mut self.slots[id.index()].timers;
                    timers
                        .iter_mut()
                        .filter(|timer| timer.sequence == entry.sequence)
                        .for_each(|timer| timer.sequence = sequence);
                }
                Pending::Start(_) | Pending::Synced(..) | Pending::Notice(..) => {}
            }
        }
    }

    fn start(&mut self, id: NodeId, journal: &mut Journal) {
        let now_us = self.now_us;
        let process = (self.spawn)(id, &self.setup);
        let slot = &mut self.slots[id.index()];
        slot.is_starting = false;
        slot.process = Some(process);
        slot.clock.restart(now_us);
        let is_first = !std::mem::replace(&mut slot.has_started_before, true);
        let cause = slot.start_cause;
        let (boot, kind) = if is_first {
            (Boot::Fresh, EventKind::Started)
        } else {
            (Boot::Recovered, EventKind::Recovered)
        };
        let happening = Happening { node: id, peer: id, kind, nth: 0, cause };
        self.happen(&happening, journal, |names| match boot {
            Boot::Fresh => format!("{} starts", &names[id]),
            Boot::Recovered => format!("{} recovers with what its disk kept", &names[id]),
        });
        self.handle(&happening, journal, |process, cx| process.on_start(boot, cx));
    }

    fn fire(&mut self, id: NodeId, sequence: u64, journal: &mut Journal) {
        let Some(pending) = self.slots[id.index()].take_timer(sequence) else { return };
        let PendingTimer { timer, set_in: cause, .. } = pending;
        let kind = EventKind::TimerFired;
        let happening = Happening { node: id, peer: id, kind, nth: 0, cause };
        self.happen(&happening, journal, |names| {
            format!("{}: {}", &names[id], timer.sentence(names))
        });
        let mut hasher = StableHasher::chained(self.digest);
        timer.hash(&mut hasher);
        self.digest = hasher.finish();
        self.handle(&happening, journal, |process, cx| process.on_timer(timer, cx));
    }

    fn complete_sync(&mut self, id: NodeId, sync: SyncId, journal: &mut Journal) {
        let slot = &mut self.slots[id.index()];
        let Some(place) = slot.syncing.iter().position(|(of, _)| *of == sync) else { return };
        let cause = slot.syncing.remove(place).1;
        slot.disk.sync_completed(sync);
        let is_paused = slot.is_paused;
        self.costs.syncs += 1;
        let kind = EventKind::Synced;
        let happening = Happening { node: id, peer: id, kind, nth: sync.0, cause };
        self.happen(&happening, journal, |names| format!("{}'s disk syncs", &names[id]));
        if is_paused {
            // A disk does not stop because its process does; the process hears of it later.
            let slot = &mut self.slots[id.index()];
            slot.unheard.push(sync);
            self.costs.events += 1;
        } else {
            self.tell_of_sync(&happening, sync, journal);
        }
    }

    fn notice_sync(&mut self, id: NodeId, sync: SyncId, journal: &mut Journal) {
        let slot = &mut self.slots[id.index()];
        slot.unheard.retain(|unheard| *unheard != sync);
        let cause = slot.last_event.map_or(Cause::Beginning, Cause::Event);
        let kind = EventKind::Synced;
        let happening = Happening { node: id, peer: id, kind, nth: sync.0, cause };
        self.happen(&happening, journal, |names| {
            format!("{} learns that its disk has synced", &names[id])
        });
        self.tell_of_sync(&happening, sync, journal);
    }

    /// Lets the messages go that waited for a sync, then tells the process.
    fn tell_of_sync(&mut self, it: &Happening, sync: SyncId, journal: &mut Journal) {
        let held = std::mem::take(&mut self.slots[it.node.index()].held).into_iter();
        let (ready, held) = held.partition::<Vec<_>, _>(|held| held.sync <= sync);
        self.slots[it.node.index()].held = held;
        for Held { to, msg, sent_in, .. } in ready {
            self.send(it.node, to, msg, sent_in, journal);
        }
        self.handle(it, journal, |process, cx| process.on_synced(sync, cx));
    }

    /// Puts an event into the digest, the journal and the node's past.
    pub(super) fn happen(
        &mut self,
        it: &Happening,
        journal: &mut Journal,
        text: impl FnOnce(&Names) -> String,
    ) {
        let (at_us, number) = self.moment();
        let mut hasher = StableHasher::chained(self.digest);
        (at_us, it.node, it.peer, it.kind as u8, it.nth).hash(&mut hasher);
        self.digest = hasher.finish();
        let slot = &mut self.slots[it.node.index()];
        let previous = slot.last_event.replace(number);
        if journal.keeps_records() {
            journal.events.push(EventRecord {
                at_us,
                kind: it.kind,
                node: it.node,
                peer: it.peer,
                nth: it.nth,
                cause: it.cause,
                previous,
                facts: 0,
            });
        }
        let names = &self.names;
        journal.write((at_us, number), TextKind::Event, Some(it.node), || text(names));
    }

    /// Runs a handler of a node that is up, then does what it asked for, in order.
    pub(super) fn handle(
        &mut self,
        it: &Happening,
        journal: &mut Journal,
        handler: impl FnOnce(&mut P, &mut Cx<'_, P>),
    ) {
        let slot = &mut self.slots[it.node.index()];
        let number = u32::try_from(self.costs.events).unwrap_or(u32::MAX);
        let Some(process) = &mut slot.process else { return };
        let mut cx = Cx {
            me: it.node,
            node_count: self.names.count(),
            monotonic_us: slot.clock.monotonic_us(self.now_us),
            wall_us: slot.clock.wall_us(self.now_us),
            next_sync: slot.next_sync,
            stream: &mut slot.stream,
            disk: &mut slot.disk,
            effects: Vec::new(),
        };
        handler(process, &mut cx);
        let effects = cx.effects;
        let wants_sync =
            effects.iter().any(|e| matches!(e, Effect::Sync | Effect::SendAfterSync { .. }));
        let cause = Cause::Event(number);
        if wants_sync {
            self.begin_sync(it.node, &effects, cause);
        }
        for effect in effects {
            self.perform(it.node, effect, cause, journal);
        }
        self.costs.events += 1;
    }

    /// Starts a sync if one was asked for by name, or if there is something that none covers yet.
    fn begin_sync(&mut self, id: NodeId, effects: &[Effect<P>], cause: Cause) {
        let slot = &mut self.slots[id.index()];
        let is_named = effects.iter().any(|effect| matches!(effect, Effect::Sync));
        if !is_named && !slot.disk.is_dirty() {
            return;
        }
        let sync = slot.next_sync;
        slot.next_sync.0 += 1;
        slot.disk.sync_started(sync);
        let (low_us, high_us) = self.sync_us;
        let mut stream = Stream::new(self.setup.seed, ("disk", id, sync.0));
        // A disk finishes syncs in order: a later one covers the earlier ones.
        let due_at_us = slot.sync_due_us.max(self.now_us + stream.range(low_us, high_us));
        slot.sync_due_us = due_at_us;
        slot.syncing.push((sync, cause));
        self.queue.push(due_at_us, Pending::Synced(id, sync));
    }

    fn perform(&mut self, me: NodeId, effect: Effect<P>, cause: Cause, journal: &mut Journal) {
        match effect {
            Effect::Send { to, msg } => self.send(me, to, msg, cause, journal),
            Effect::SendAfterSync { to, msg } => {
                let slot = &mut self.slots[me.index()];
                match slot.syncing.last() {
                    Some(&(sync, _)) => slot.held.push(Held { sync, to, msg, sent_in: cause }),
                    None => self.send(me, to, msg, cause, journal),
                }
            }
            Effect::SetTimer { after_us, timer } => self.set_timer(me, after_us, timer, cause),
            Effect::CancelTimer(timer) => {
                self.slots[me.index()].timers.retain(|pending| pending.timer != timer);
            }
            Effect::Sync => {}
            Effect::Record(fact) => {
                let mut hasher = StableHasher::chained(self.digest);
                fact.hash(&mut hasher);
                self.digest = hasher.finish();
                if let Some(event) = journal.events.last_mut() {
                    event.facts = event.facts.saturating_add(1);
                }
                let names = &self.names;
                journal.write(self.moment(), TextKind::Fact, Some(me), || {
                    fact_sentence(me, &fact, names)
                });
                self.recorded.push((me, fact));
            }
        }
    }

    /// Sets a timer in the node's local time; one that is pending is replaced.
    fn set_timer(&mut self, me: NodeId, after_us: u64, timer: P::Timer, cause: Cause) {
        let slot = &mut self.slots[me.index()];
        let due_local_us = slot.clock.local_us(self.now_us).saturating_add(after_us);
        let due_at_us = slot.clock.true_us(due_local_us).max(self.now_us);
        let sequence = self.queue.push(due_at_us, Pending::Timer(me));
        let set_at_us = self.now_us;
        let pending =
            PendingTimer { timer, due_local_us, set_at_us, due_at_us, sequence, set_in: cause };
        match slot.timers.binary_search_by(|other| other.timer.cmp(&timer)) {
            Ok(place) => slot.timers[place] = pending,
            Err(place) => slot.timers.insert(place, pending),
        }
    }

    /// Counts that an action changed or blocked something.
    pub(super) fn bite(&mut self, action: u32) {
        let place = action as usize;
        if self.bites.len() <= place {
            self.bites.resize(place + 1, 0);
        }
        self.bites[place] += 1;
    }
}
