//! A server: Raft's log, the store that it leads to, and the watches of those who are connected here.

use super::message::{Fact, Msg};
use super::node::{Node, Timer};
use crate::mechanism::raft::{Config, Disk, NotLeader, Raft, Readers};
use crate::mechanism::revisions::{
    Command, Compacted, LeaseClock, Outcome, Request, Revision, Store, Watch,
};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Boot, Cx, NodeId, Process, SyncId};
use crate::view::{NodeView, Widget};

/// How often a server tells its watchers that it is there, and looks at leases.
const TICK_US: u64 = 50_000;
/// So many applied entries of the log are replaced by a snapshot.
const SNAPSHOT_ENTRIES: u64 = 25;

/// What a server is told before it starts.
#[derive(Clone, Debug, Hash)]
pub(super) struct Settings {
    pub(super) config: Config,
    /// Safeguard: reads are answered by a leader that a majority has confirmed.
    pub(super) confirms_reads: bool,
    /// So many revisions are kept at least.
    pub(super) retention: Revision,
}

/// A server.
#[derive(Clone, Debug, Hash)]
pub(super) struct Server {
    pub(super) raft: Raft<Request>,
    settings: Settings,
    /// The state machine. Lost in a crash, and made anew from snapshot and log.
    pub(super) store: Store,
    leases: LeaseClock,
    pub(super) watches: SmallMap<NodeId, Watch>,
    /// Requests in the log whose clients wait.
    waiting: SmallMap<(u16, u32), NodeId>,
    /// Reads to be confirmed, under the numbers of those who ask.
    reads: Readers<u32>,
}

impl Server {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            raft: Raft::new(settings.config.clone()),
            settings,
            store: Store::default(),
            leases: LeaseClock::default(),
            watches: SmallMap::default(),
            waiting: SmallMap::default(),
            reads: Readers::default(),
        }
    }

    pub(super) fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        if boot == Boot::Recovered {
            cx.record(Fact::Recovers);
        }
        cx.lift(|cx| self.raft.start(boot, cx));
        cx.set_timer(TICK_US, Timer::Tick);
        self.settle(cx);
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Raft(message) => cx.lift(|cx| self.raft.on_message(from, message, cx)),
            Msg::Ask(request, _) => self.on_request(from, request, cx),
            Msg::Read { number } => self.on_read(from, number, cx),
            Msg::Watch { number, after } => self.on_watch(from, (number, after), cx),
            Msg::Cancel { watch } => {
                self.watches.retain(|id, it| id != from || it.number() != watch);
            }
            Msg::CompactNow => self.on_compact(from, cx),
            Msg::Done { .. }
            | Msg::Listed { .. }
            | Msg::NotLeader { .. }
            | Msg::Batch(_)
            | Msg::Compacted { .. }
            | Msg::SetFlag(_)
            | Msg::ReadNow => {}
        }
        self.settle(cx);
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Raft(timer) => cx.lift(|cx| self.raft.on_timer(timer, cx)),
            Timer::Tick => self.on_tick(cx),
            Timer::Think | Timer::Retry | Timer::Silence => {}
        }
        self.settle(cx);
    }

    pub(super) fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        cx.lift(|cx| self.raft.on_synced(sync, cx));
        self.settle(cx);
    }

    pub(super) fn view(&self, disk: &Disk<Request>) -> NodeView {
        let (last, first) = (self.store.revision(), self.store.compacted() + 1);
        let from = (first > 1).then(|| format!("from {first}").into());
        let shown = [format!("rev {last}").into()].into_iter().chain(from);
        self.raft.view_as_server(disk).with_first(Widget::chips("revisions", shown))
    }

    /// Takes a request into the log, unless it is there already: a retry is made once.
    fn on_request(&mut self, client: NodeId, request: Request, cx: &mut Cx<'_, Node>) {
        let Some(id) = request.id else { return };
        if !self.raft.is_leader() {
            return refuse(client, id.1, self.raft.leader(), cx);
        }
        if let Some(outcome) = self.store.outcome_of(id).cloned() {
            cx.record(Fact::Recognises);
            return done(client, id.1, outcome, cx);
        }
        if self.raft.place_of(&request, &cx.disk().0).is_some() {
            cx.record(Fact::Recognises);
        } else {
            self.propose(request, cx);
        }
        self.waiting.insert(id, client);
    }

    fn propose(&mut self, request: Request, cx: &mut Cx<'_, Node>) {
        let is_there = self.raft.place_of(&request, &cx.disk().0).is_some();
        if !is_there {
            // Who does not lead proposes nothing: whoever does will.
            let _: Result<_, NotLeader> = cx.lift(|cx| self.raft.propose(request, cx));
        }
    }

    fn on_read(&mut self, client: NodeId, number: u32, cx: &mut Cx<'_, Node>) {
        if !self.settings.confirms_reads {
            return self.list(client, number, cx);
        }
        match cx.lift(|cx| self.raft.read(cx)) {
            Ok(ticket) => self.reads.insert(ticket, client, number),
            Err(NotLeader { hint }) => refuse(client, number, hint, cx),
        }
    }

    fn list(&self, client: NodeId, number: u32, cx: &mut Cx<'_, Node>) {
        let (revision, items) = (self.store.revision(), self.store.items());
        let term = cx.disk().0.get().term;
        cx.send(client, Msg::Listed { number, revision, items, term });
    }

    fn on_watch(
        &mut self,
        from: NodeId,
        (number, after): (u32, Option<Revision>),
        cx: &mut Cx<'_, Node>,
    ) {
        // A request that comes late is of a watch that is long over.
        if self.watches.get(from).is_none_or(|watch| watch.number() < number) {
            self.watches.insert(from, Watch::new(number, after, &self.store));
            self.tell(from, cx);
        }
    }

    fn tell_all(&mut self, cx: &mut Cx<'_, Node>) {
        let watchers: Vec<NodeId> = self.watches.iter().map(|(id, _)| id).collect();
        for watcher in watchers {
            self.tell(watcher, cx);
        }
    }

    /// Tells a watcher what is new, or that nothing is.
    fn tell(&mut self, watcher: NodeId, cx: &mut Cx<'_, Node>) {
        let Some(watch) = self.watches.get_mut(watcher) else { return };
        match watch.next(&self.store) {
            Ok(batch) => cx.send(watcher, Msg::Batch(batch)),
            Err(Compacted { at }) => {
                cx.send(watcher, Msg::Compacted { watch: watch.number(), at });
                self.watches.remove(watcher);
            }
        }
    }

    /// Compacts all but the present; passes it on to the leader if the viewer asked here.
    fn on_compact(&mut self, from: NodeId, cx: &mut Cx<'_, Node>) {
        match self.raft.leader().filter(|_| !self.raft.is_leader() && from == NodeId::OUTSIDE) {
            Some(leader) => cx.send(leader, Msg::CompactNow),
            None => self.compact(self.store.revision(), cx),
        }
    }

    fn compact(&mut self, at: Revision, cx: &mut Cx<'_, Node>) {
        self.propose(Request { id: None, command: Command::Compact(at) }, cx);
    }

    fn on_tick(&mut self, cx: &mut Cx<'_, Node>) {
        cx.set_timer(TICK_US, Timer::Tick);
        // A server that knows no leader knows no news, and leaves its watchers to others.
        if self.raft.leader().is_some() {
            self.tell_all(cx);
        }
        for command in self.leases.take_due(cx.now_us()) {
            cx.record(Fact::Expires);
            self.propose(Request { id: None, command }, cx);
        }
        let (revision, retention) = (self.store.revision(), self.settings.retention);
        if self.raft.is_leader() && revision >= self.store.compacted() + 2 * retention {
            self.compact(revision - retention, cx);
        }
    }

    /// Carries out what is committed, and tells whoever waits for it.
    fn settle(&mut self, cx: &mut Cx<'_, Node>) {
        let before = self.store.revision();
        self.apply(cx);
        self.leases.follow(&self.store, self.raft.is_leader(), cx.now_us());
        if self.store.revision() > before {
            self.tell_all(cx);
        }
        if !self.raft.is_leader() {
            for ((_, number), client) in std::mem::take(&mut self.waiting).iter() {
                refuse(*client, number, self.raft.leader(), cx);
            }
        }
        for (client, number, outcome) in self.reads.settle(&mut self.raft) {
            match outcome {
                Ok(()) => self.list(client, number, cx),
                Err(NotLeader { hint }) => refuse(client, number, hint, cx),
            }
        }
        let state = || postcard::to_allocvec(&self.store).unwrap_or_default();
        cx.lift(|cx| self.raft.compact_behind(SNAPSHOT_ENTRIES, state, cx));
    }

    fn apply(&mut self, cx: &mut Cx<'_, Node>) {
        if let Some(state) = self.raft.take_snapshot(&cx.disk().0) {
            self.store = postcard::from_bytes(&state).unwrap_or_default();
        }
        for applied in self.raft.take_committed(&cx.disk().0) {
            let request: Request = applied.command;
            let before = self.store.revision();
            let outcome = self.store.carry_out(&request);
            if self.store.revision() > before {
                let events = self.store.since(before).map(<[_]>::to_vec).unwrap_or_default();
                cx.record(Fact::Makes { by: request.id.map(|(client, _)| client), events });
            }
            if let (Some(id), Some(outcome)) = (request.id, outcome)
                && let Some(client) = self.waiting.get(id).copied()
            {
                self.waiting.remove(id);
                done(client, id.1, outcome, cx);
            }
        }
    }
}

fn done(client: NodeId, number: u32, outcome: Outcome, cx: &mut Cx<'_, Node>) {
    let term = cx.disk().0.get().term;
    cx.send(client, Msg::Done { number, outcome, term });
}

/// Tells a client that this server does not lead, and who does, as far as it knows.
fn refuse(client: NodeId, number: u32, leader: Option<NodeId>, cx: &mut Cx<'_, Node>) {
    let term = cx.disk().0.get().term;
    cx.send(client, Msg::NotLeader { number, leader, term });
}
