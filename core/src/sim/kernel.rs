//! The kernel: time, order, causes and costs, the same for every row.
//!
//! It knows which node, which message and which timer an event is about, and nothing of what they
//! contain: payloads and handlers are behind [`Behaviour`].

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::behaviour::{Behaviour, Call};
use super::cx::Picks;
use super::node::{Fallen, Flight, Job, Node, PendingTimer};
use super::queue::{Entry, Pending, Queue};
use super::{
    Boot, Cause, Costs, Describe, Distribution, Environment, EventKind, EventRecord, Journal,
    Names, Network, NodeId, Observation, OperationRecord, StableHasher, Step, SyncId, TextKind,
};
use crate::scenario::Setup;

/// Everything about a world at one moment but its processes, disks and payloads.
#[derive(Clone)]
pub(super) struct Kernel {
    pub(super) setup: Rc<Setup>,
    pub(super) names: Rc<Names>,
    pub(super) now_us: u64,
    pub(super) queue: Queue,
    pub(super) network: Network,
    pub(super) sync_us: Distribution,
    pub(super) nodes: Vec<Node>,
    /// Nodes that can take something that waits for them: they come before the queue.
    pub(super) called: Vec<NodeId>,
    /// In a world in which nothing happens by itself: what an action has made happen.
    pub(super) by_hand: Option<VecDeque<Entry>>,
    /// What the next handler chooses in such a world.
    pub(super) picks: Picks,
    /// Messages in flight, by place; queue entries point here.
    pub(super) flights: Vec<Option<Flight>>,
    free_places: Vec<u32>,
    pub(super) fallen: VecDeque<Fallen>,
    /// How often each action has changed or blocked something.
    pub(super) bites: Vec<u32>,
    pub(super) last_disturbance_us: u64,
    /// Takes in everything that happens.
    digest: StableHasher,
    pub(super) costs: Costs,
    pub(super) node_costs: Vec<Costs>,
    /// The event or action that is done or was done last.
    pub(super) last: Step,
    /// The event of the last step and its number, until the observer has been told.
    pub(super) happened: Option<(u32, EventRecord)>,
}

/// An event that is being handled: where, when and why.
pub(super) struct Happening {
    pub(super) number: u32,
    pub(super) node: NodeId,
    pub(super) peer: NodeId,
    pub(super) kind: EventKind,
    pub(super) nth: u32,
    pub(super) cause: Cause,
}

impl Kernel {
    /// Builds the kernel of a world; every node's start is queued at time zero.
    pub(super) fn new(names: Vec<String>, environment: &Environment, setup: &Setup) -> Self {
        let names = Names::new(names);
        let mut queue = Queue::default();
        for id in names.ids() {
            queue.push(0, Pending::Start(id));
        }
        let node = |id: NodeId| {
            Node::new(
                (setup.seed, id),
                (environment.clock)(id, setup),
                (environment.capacity)(id, setup),
            )
        };
        let mut digest = StableHasher::chained(0);
        setup.seed.hash(&mut digest);
        Self {
            nodes: names.ids().map(node).collect(),
            node_costs: vec![Costs::default(); usize::from(names.count())],
            network: Network::new(
                setup.seed,
                names.count(),
                environment.network,
                environment.zones.clone().map(Rc::new),
            ),
            setup: Rc::new(setup.clone()),
            names: Rc::new(names),
            sync_us: environment.sync,
            now_us: 0,
            queue,
            called: Vec::new(),
            by_hand: None,
            picks: Picks::default(),
            flights: Vec::new(),
            free_places: Vec::new(),
            fallen: VecDeque::new(),
            bites: Vec::new(),
            last_disturbance_us: 0,
            digest,
            costs: Costs::default(),
            last: Step::Time { before: 0 },
            happened: None,
        }
    }

    /// Returns what takes in everything that happens.
    pub(super) fn digest(&mut self) -> &mut StableHasher {
        &mut self.digest
    }

    /// Returns the digest of everything that has happened.
    pub(super) fn digest_value(&self) -> u64 {
        self.digest.finish()
    }

    /// Returns time and the step that is done, for the journal.
    pub(super) fn moment(&self) -> (u64, Step) {
        (self.now_us, self.last)
    }

    /// Returns the number of the event that is being handled, or comes next.
    pub(super) fn number(&self) -> u32 {
        u32::try_from(self.costs.events).unwrap_or(u32::MAX)
    }

    pub(super) fn node(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.index()]
    }

    /// Returns when the next event is due.
    pub(super) fn next_at_us(&self) -> Option<u64> {
        if !self.called.is_empty() {
            return Some(self.now_us);
        }
        let next = match &self.by_hand {
            None => self.queue.peek(),
            Some(forced) => forced.front().copied().or_else(|| self.next_start()),
        };
        next.map(|entry| entry.at_us.max(self.now_us))
    }

    /// Returns the entry at the front of the queue if it is a node's first start, which comes before
    /// all else.
    fn next_start(&self) -> Option<Entry> {
        let can_start = |id: NodeId| !self.nodes[id.index()].is_paused;
        let next = self.queue.peek();
        next.filter(|entry| matches!(entry.pending, Pending::Start(id) if can_start(id)))
    }

    /// Lets something happen as soon as may be; returns its sequence number.
    pub(super) fn schedule_now(&mut self, pending: Pending) -> u64 {
        let at_us = self.now_us;
        match &mut self.by_hand {
            None => self.queue.push(at_us, pending),
            Some(forced) => {
                let sequence = self.queue.number();
                forced.push_back(Entry { at_us, sequence, pending });
                sequence
            }
        }
    }

    /// In a world in which nothing happens by itself, lets happen what was queued last.
    pub(super) fn bring_forward(&mut self) {
        if let Some(forced) = &mut self.by_hand {
            forced.extend(self.queue.take_last());
        }
    }

    /// Returns when the last action that changed something was applied, if since then every node is
    /// up and running at its usual speed and the network is whole.
    pub(super) fn calm_since_us(&self, nodes: &dyn Behaviour) -> Option<u64> {
        let runs = |node: &Node| node.is_up && !node.is_paused && node.slowness_us == 0;
        let has_usual_disk = |id: NodeId| nodes.sync_percent(id) == 100;
        let everyone_runs = self.nodes.iter().all(runs) && self.names.ids().all(has_usual_disk);
        let is_calm = everyone_runs && self.network.is_whole() && self.by_hand.is_none();
        is_calm.then_some(self.last_disturbance_us)
    }

    /// Handles the next event; false when nothing is left to happen.
    pub(super) fn step(&mut self, nodes: &mut dyn Behaviour, journal: &mut Journal) -> bool {
        let called = self.called.first().copied();
        let entry = match called {
            Some(id) => self.take_waiting(id),
            None => self.next_entry(),
        };
        let Some(entry) = entry else { return false };
        self.last = Step::Event(self.number());
        self.now_us = self.now_us.max(entry.at_us);
        match entry.pending {
            Pending::Start(id) => self.start(id, nodes, journal),
            Pending::Deliver(place) => {
                self.deliver(place, called.is_some(), nodes, journal);
            }
            Pending::Timer(id, place) => self.fire(id, place, nodes, journal),
            Pending::Synced(id, sync) => self.complete_sync(id, sync, nodes, journal),
            Pending::Notice(id, sync) => self.notice_sync(id, sync, nodes, journal),
            Pending::Done(id, job) => self.finish_work(id, job, nodes, journal),
        }
        if let Some(id) = called {
            self.call(id);
        }
        self.settle();
        true
    }

    fn next_entry(&mut self) -> Option<Entry> {
        if self.by_hand.is_none() {
            return self.queue.pop();
        }
        let forced = self.by_hand.as_mut().and_then(VecDeque::pop_front);
        forced.or_else(|| self.next_start().and_then(|_| self.queue.pop()))
    }

    /// Drops entries of the queue whose owner has forgotten them.
    fn forget_stale_entries(&mut self) {
        let mut queue = std::mem::take(&mut self.queue);
        queue.retain(|entry| self.owner_of(entry).is_some());
        self.queue = queue;
        if let Some(mut forced) = self.by_hand.take() {
            forced.retain(|entry| self.owner_of(entry).is_some());
            self.by_hand = Some(forced);
        }
    }

    /// Removes stale entries from the front of the queue and sets aside what will come to nodes that
    /// can't take it, so that the front is always the next event. Nothing but an action comes before
    /// the front, so this can be done ahead of its time; actions that matter undo it.
    pub(super) fn settle(&mut self) {
        if self.by_hand.is_some() {
            self.forget_stale_entries();
        }
        while let Some(entry) = self.front() {
            let owner = self.owner_of(&entry);
            let held = self.held_by(&entry);
            if held.is_none() && owner.is_some_and(|id| self.can_happen(id, &entry)) {
                break;
            }
            match &mut self.by_hand {
                Some(forced) => forced.pop_front(),
                None => self.queue.pop(),
            };
            match (owner, held) {
                (None, _) => {}
                (Some(_), Some((action, place))) => self.park(action, place),
                (Some(id), None) => self.set_aside(id, entry),
            }
        }
    }

    /// Returns the entry that comes next, unless it is a start in a world taken by hand.
    fn front(&self) -> Option<Entry> {
        match &self.by_hand {
            Some(forced) => forced.front().copied(),
            None => self.queue.peek(),
        }
    }

    /// Returns true if the node takes this now: a paused node takes nothing, a busy one no message
    /// and no timer. A disk does not stop for its node, who is down has nobody to keep waiting, and
    /// what a cut or a hold stops does not come to the node at all.
    fn can_happen(&self, id: NodeId, entry: &Entry) -> bool {
        let node = &self.nodes[id.index()];
        match entry.pending {
            Pending::Synced(..) => true,
            Pending::Start(_) | Pending::Done(..) => !node.is_paused,
            Pending::Notice(..) => node.is_free(),
            Pending::Timer(..) => node.is_absent() || node.is_free(),
            Pending::Deliver(place) => {
                let has_way = node.is_absent() || node.is_free() || node.is_full();
                has_way || self.is_stopped(place, entry.at_us.max(self.now_us))
            }
        }
    }

    /// Returns whose event an entry is; `None` if its owner has forgotten it.
    pub(super) fn owner_of(&self, entry: &Entry) -> Option<NodeId> {
        match entry.pending {
            Pending::Start(id) => self.nodes[id.index()].is_starting.then_some(id),
            Pending::Timer(id, place) => {
                let timer = self.nodes[id.index()].timers.get(place as usize)?;
                (timer.sequence == entry.sequence).then_some(id)
            }
            Pending::Synced(id, sync) => {
                let syncing = &self.nodes[id.index()].syncing;
                syncing.iter().any(|(of, _)| *of == sync).then_some(id)
            }
            Pending::Notice(id, sync) => {
                let unheard = &self.nodes[id.index()].unheard;
                unheard.iter().any(|(of, _)| *of == sync).then_some(id)
            }
            Pending::Done(id, job) => {
                self.nodes[id.index()].jobs.iter().any(|it| it.nth == job).then_some(id)
            }
            Pending::Deliver(place) => match &self.flights[place as usize] {
                Some(flight) if flight.sequence == entry.sequence => Some(flight.name.to),
                Some(_) | None => None,
            },
        }
    }

    fn start(&mut self, id: NodeId, nodes: &mut dyn Behaviour, journal: &mut Journal) {
        let setup = Rc::clone(&self.setup);
        nodes.spawn(id, &setup);
        let now_us = self.now_us;
        let node = self.node(id);
        node.settle_load(now_us);
        node.is_starting = false;
        node.is_up = true;
        node.clock.restart(now_us);
        let is_first = node.starts == 0;
        node.starts += 1;
        let cause = node.start_cause;
        let (boot, kind) = if is_first {
            (Boot::Fresh, EventKind::Started)
        } else {
            (Boot::Recovered, EventKind::Recovered)
        };
        let happening = self.happening(id, id, kind, 0, cause);
        self.happen(&happening, journal, &|names| match boot {
            Boot::Fresh => format!("{} starts", &names[id]),
            Boot::Recovered => format!("{} recovers with what its disk kept", &names[id]),
        });
        self.handle(nodes, &happening, Call::Start(boot), journal);
    }

    fn fire(&mut self, id: NodeId, place: u32, nodes: &mut dyn Behaviour, journal: &mut Journal) {
        let cause = self.nodes[id.index()].timers[place as usize].set_in;
        self.forget_timer(id, place);
        nodes.free_timer(id, place);
        let happening = self.happening(id, id, EventKind::TimerFired, 0, cause);
        self.happen(&happening, journal, &|names| {
            format!("{}: {}", &names[id], nodes.timer(id, place).sentence(names))
        });
        nodes.hash_timer(id, place, &mut self.digest);
        self.handle(nodes, &happening, Call::Timer(place), journal);
    }

    /// Makes the event that happens now.
    pub(super) fn happening(
        &self,
        node: NodeId,
        peer: NodeId,
        kind: EventKind,
        nth: u32,
        cause: Cause,
    ) -> Happening {
        Happening { number: self.number(), node, peer, kind, nth, cause }
    }

    /// Puts an event into the digest, the journal and the node's past.
    pub(super) fn happen(
        &mut self,
        it: &Happening,
        journal: &mut Journal,
        text: &dyn Fn(&Names) -> String,
    ) {
        let at_us = self.now_us;
        // Two words: this is most of what a digest costs.
        let who = u64::from(it.node.0) | u64::from(it.peer.0) << 16 | u64::from(it.nth) << 32;
        self.digest.write_u64(at_us << 4 | it.kind as u64);
        self.digest.write_u64(who);
        self.node_costs[it.node.index()].events += 1;
        let previous = self.node(it.node).last_event.replace(it.number);
        let &Happening { number, node, peer, kind, nth, cause } = it;
        let record = EventRecord { at_us, kind, node, peer, nth, cause, previous, facts: 0 };
        if journal.keeps_records() {
            journal.events.push(record);
        }
        self.happened = Some((number, record));
        let names = &self.names;
        journal.write(self.moment(), TextKind::Event, Some(it.node), || text(names));
    }

    /// Runs a handler of a node that is up, and counts the event.
    pub(super) fn handle(
        &mut self,
        nodes: &mut dyn Behaviour,
        it: &Happening,
        call: Call,
        journal: &mut Journal,
    ) {
        nodes.run(self, journal, it, call);
        self.picks.choices.clear();
        self.costs.events += 1;
        self.count_written(nodes, it.node);
        self.call(it.node);
    }

    /// Records a fact of the handler that runs. Its owner has hashed it.
    pub(super) fn record(&mut self, me: NodeId, fact: &dyn Describe, journal: &mut Journal) {
        let moment = self.moment();
        let names = &self.names;
        journal.write(moment, TextKind::Fact, Some(me), || {
            format!("{} {}", &names[me], fact.sentence(names))
        });
        let operation = fact.operation();
        if operation.is_some_and(|operation| operation.ends()) {
            self.costs.operations += 1;
            self.node_costs[me.index()].operations += 1;
        }
        if !journal.keeps_records() {
            return;
        }
        if let Some(event) = journal.events.last_mut() {
            event.facts = event.facts.saturating_add(1);
        }
        if let Some(operation) = operation {
            let (at_us, event) = (self.now_us, self.number());
            journal.operations.push(OperationRecord { at_us, event, node: me, operation });
        }
    }

    /// Notes how long something took.
    pub(super) fn observe(
        &mut self,
        node: NodeId,
        quantity: &'static str,
        took_us: u64,
        journal: &mut Journal,
    ) {
        if journal.keeps_records() {
            let (at_us, event) = (self.now_us, self.number());
            journal.observations.push(Observation { at_us, event, node, quantity, took_us });
        }
    }

    /// Sets a timer in the node's local time; one that is pending in this place is replaced.
    pub(super) fn set_timer(&mut self, me: NodeId, place: u32, after_us: u64, event: u32) {
        let now_us = self.now_us;
        let clock = &self.nodes[me.index()].clock;
        let due_local_us = clock.local_us(now_us).saturating_add(after_us);
        let due_at_us = clock.true_us(due_local_us).max(now_us);
        let sequence = self.queue.push(due_at_us, Pending::Timer(me, place));
        let set_in = Cause::Event(event);
        let pending = PendingTimer { due_local_us, set_at_us: now_us, due_at_us, sequence, set_in };
        let timers = &mut self.node(me).timers;
        let place = place as usize;
        if timers.len() <= place {
            timers.resize(place + 1, PendingTimer { sequence: 0, ..pending });
        }
        timers[place] = pending;
    }

    /// The timer in this place is no longer set.
    pub(super) fn forget_timer(&mut self, me: NodeId, place: u32) {
        self.node(me).timers[place as usize].sequence = 0;
    }

    /// A process sets its own wall clock, as a time service does.
    pub(super) fn step_wall(&mut self, me: NodeId, by_us: i64) {
        self.node(me).clock.step_wall(by_us);
    }

    /// Returns a place for a payload.
    pub(super) fn reserve_place(&mut self) -> u32 {
        self.free_places.pop().unwrap_or_else(|| {
            self.flights.push(None);
            u32::try_from(self.flights.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// Gives a place back, its payload being gone.
    pub(super) fn free_place(&mut self, place: u32) {
        self.free_places.push(place);
    }

    /// Takes note that a handler needs `work_us`; false if it needs none, and its effects happen now.
    pub(super) fn begin_work(
        &mut self,
        it: &Happening,
        work_us: u64,
        sync: Option<SyncId>,
    ) -> bool {
        let now_us = self.now_us;
        let node = &mut self.nodes[it.node.index()];
        let work_us = work_us.saturating_add(node.slowness_us);
        if work_us == 0 || self.by_hand.is_some() {
            return false;
        }
        node.settle_load(now_us);
        let nth = node.next_job;
        node.next_job += 1;
        node.jobs.push(Job { nth, begun_in: it.number, sync });
        self.queue.push(now_us.saturating_add(work_us), Pending::Done(it.node, nth));
        true
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
