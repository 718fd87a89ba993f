//! The coordinator: it gives out snapshots, has both shards prepare a transaction, and decides. A commit is
//! a record on its disk before anybody hears of it; what it does not know is aborted (presumed abort). A
//! snapshot shows a commit only when both shards have it, so reading never waits.

use std::collections::VecDeque;

use super::message::{Decided, Fact, Msg, Reading, Timer, Why, Writes};
use super::node::{Config, Disk, Node};
use super::roster::{Night, Row, shard_of};
use crate::mechanism::mvcc::{Certifier, Overwrite, Stamp, Tx};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Boot, Cx, Kind, NodeId, SyncId};
use crate::view::NodeView;

/// How often it looks at what is under way.
const LOOK_US: u64 = 40_000;
/// How long shards may take to vote.
const VOTES_US: u64 = 250_000;
/// So many commits back a snapshot may lie.
const KEPT: Stamp = 12;
/// Transactions after a restart have numbers from a new range of so many.
const RANGE: u64 = 10_000;
/// Both shards.
const BOTH: u8 = 0b11;

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Record {
    stamp: Stamp,
    client: NodeId,
    /// Both shards have it.
    is_visible: bool,
}

/// What the coordinator keeps on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Ledger {
    /// How often it has started.
    starts: u64,
    last: Stamp,
    records: SmallMap<Tx, Record>,
    certifier: Certifier,
}

impl Ledger {
    /// Returns the newest commit up to which both shards have all.
    pub(super) fn snapshot(&self) -> Stamp {
        let hidden = self.records.values().filter(|it| !it.is_visible).map(|it| it.stamp);
        hidden.min().map_or(self.last, |first| first - 1)
    }

    fn floor(&self) -> Stamp {
        self.snapshot().saturating_sub(KEPT)
    }

    fn forget(&mut self) {
        let floor = self.floor();
        self.records.retain(|_, it| !it.is_visible || it.stamp > floor);
        self.certifier.forget(floor);
    }
}

/// A transaction that is not decided.
#[derive(Clone, Debug, Hash)]
struct Open {
    client: NodeId,
    reading: Reading,
    reads: Vec<Row>,
    writes: Writes,
    /// Which shards are prepared.
    votes: u8,
    since_us: u64,
}

/// The coordinator.
#[derive(Clone, Debug, Hash)]
pub(super) struct Coordinator {
    config: Config,
    /// The last attempt of each client, and its transaction.
    begun: SmallMap<NodeId, (u64, Tx, Stamp)>,
    count: u64,
    open: SmallMap<Tx, Open>,
    /// Commits that are not on disk yet, oldest first.
    unsynced: VecDeque<(SyncId, Decided)>,
    /// Which shards have applied a commit.
    applied: SmallMap<Tx, u8>,
}

impl Coordinator {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            begun: SmallMap::default(),
            count: 0,
            open: SmallMap::default(),
            unsynced: VecDeque::new(),
            applied: SmallMap::default(),
        }
    }

    /// Returns how many transactions are not decided.
    pub(super) fn undecided(&self) -> usize {
        self.open.len() + self.unsynced.len()
    }

    fn begin(&mut self, client: NodeId, attempt: u64, cx: &mut Cx<'_, Node>) {
        let ledger = cx.disk().1.get();
        let known = self.begun.get(client).filter(|it| it.0 == attempt).copied();
        let (_, tx, snapshot) = known.unwrap_or_else(|| {
            self.count += 1;
            let number = ledger.starts.saturating_sub(1) * RANGE + self.count;
            (attempt, Tx(number), ledger.snapshot())
        });
        self.begun.insert(client, (attempt, tx, snapshot));
        // Its number must never be given again, so that this start has to be on disk first.
        cx.send_after_sync(client, Msg::Began { attempt, tx, snapshot });
    }

    fn is_unsynced(&self, tx: Tx) -> bool {
        self.unsynced.iter().any(|(_, it)| it.tx == tx)
    }

    fn on_commit(
        &mut self,
        client: NodeId,
        (reading, reads, writes): (Reading, Vec<Row>, Writes),
        cx: &mut Cx<'_, Node>,
    ) {
        let tx = reading.tx;
        if self.open.get(tx).is_some() {
            return;
        }
        if let Some(record) = cx.disk().1.get().records.get(tx) {
            if record.is_visible {
                cx.send(client, Msg::Done { tx, why: None });
            }
            return;
        }
        if self.begun.get(client).is_none_or(|it| it.1 != tx) {
            cx.send(client, Msg::Done { tx, why: Some(Why::Forgotten) });
            return;
        }
        self.begun.remove(client);
        let since_us = cx.now_us();
        self.open.insert(tx, Open { client, reading, reads, writes, votes: 0, since_us });
        self.ask_for_votes(tx, cx);
    }

    fn ask_for_votes(&self, tx: Tx, cx: &mut Cx<'_, Node>) {
        let Some(open) = self.open.get(tx) else { return };
        for (place, shard) in (0_u16..).zip(self.config.shards()) {
            if open.votes & 1 << place == 0 {
                let here = open.writes.iter().filter(|(key, _)| shard_of(*key) == place);
                let writes = here.copied().collect();
                cx.send(shard, Msg::Prepare { reading: open.reading, writes });
            }
        }
    }

    fn on_vote(
        &mut self,
        shard: NodeId,
        (tx, vote): (Tx, Result<Vec<Overwrite>, Why>),
        cx: &mut Cx<'_, Node>,
    ) {
        let Some(open) = self.open.get_mut(tx) else { return };
        let overwrites = match vote {
            Ok(overwrites) => overwrites,
            Err(why) => return self.abort(tx, why, cx),
        };
        open.votes |= 1 << self.config.place_of(shard);
        let (is_complete, night) = (open.votes == BOTH, open.reading.night);
        let certifier = &mut cx.disk_mut().1.get_mut().certifier;
        let open = &self.open;
        // A shard may not have heard yet that the other one is aborted.
        let is_known = |tx| open.get(tx).is_some() || certifier.has_committed(tx);
        let overwrites =
            overwrites.into_iter().filter(|it| is_known(it.reader) && is_known(it.writer));
        let overwrites: Vec<Overwrite> = overwrites.collect();
        certifier.note(overwrites);
        if !is_complete {
            return;
        }
        let danger =
            certifier.danger(tx).filter(|_| self.config.certifies && night == Night::SUNDAY);
        match danger {
            Some(danger) => self.abort(tx, Why::Dangerous(danger), cx),
            None => self.commit(tx, cx),
        }
    }

    fn commit(&mut self, tx: Tx, cx: &mut Cx<'_, Node>) {
        let Some(Open { client, reading, reads, writes, .. }) = self.open.get(tx).cloned() else {
            return;
        };
        self.open.remove(tx);
        let ledger = cx.disk_mut().1.get_mut();
        ledger.last += 1;
        let stamp = ledger.last;
        ledger.records.insert(tx, Record { stamp, client, is_visible: false });
        ledger.certifier.commit(tx, stamp);
        let overwrites = ledger.certifier.overwrites_of(tx).collect();
        let night = reading.night;
        let decided = Decided { tx, client, night, reads, writes, overwrites };
        self.unsynced.push_back((cx.sync(), decided));
    }

    fn abort(&mut self, tx: Tx, why: Why, cx: &mut Cx<'_, Node>) {
        let Some(open) = self.open.get(tx) else { return };
        let client = open.client;
        self.open.remove(tx);
        let ledger = cx.disk_mut().1.get_mut();
        ledger.certifier.abort(tx);
        let floor = ledger.floor();
        for shard in self.config.shards() {
            cx.send(shard, Msg::Decide { tx, stamp: None, floor });
        }
        cx.send(client, Msg::Done { tx, why: Some(why) });
    }

    fn on_applied(&mut self, shard: NodeId, tx: Tx, cx: &mut Cx<'_, Node>) {
        let is_hidden = |record: &Record| !record.is_visible;
        if !cx.disk().1.get().records.get(tx).is_some_and(is_hidden) {
            return;
        }
        let applied = self.applied.get_or_insert(tx, 0);
        *applied |= 1 << self.config.place_of(shard);
        if *applied != BOTH {
            return;
        }
        self.applied.remove(tx);
        let ledger = cx.disk_mut().1.get_mut();
        if let Some(record) = ledger.records.get_mut(tx) {
            record.is_visible = true;
            let client = record.client;
            ledger.forget();
            cx.send(client, Msg::Done { tx, why: None });
        }
    }

    /// Tells a shard what became of a transaction, once that is certain.
    fn on_doubt(&self, shard: NodeId, tx: Tx, cx: &mut Cx<'_, Node>) {
        if self.open.get(tx).is_none() && !self.is_unsynced(tx) {
            let ledger = cx.disk().1.get();
            let stamp = ledger.records.get(tx).map(|record| record.stamp);
            let floor = ledger.floor();
            cx.send(shard, Msg::Decide { tx, stamp, floor });
        }
    }

    fn look(&mut self, cx: &mut Cx<'_, Node>) {
        cx.set_timer(LOOK_US, Timer::Look);
        let now_us = cx.now_us();
        let open: Vec<(Tx, u64)> = self.open.iter().map(|(tx, it)| (tx, it.since_us)).collect();
        for (tx, since_us) in open {
            let is_late = now_us.saturating_sub(since_us) > VOTES_US;
            if is_late { self.abort(tx, Why::Silence, cx) } else { self.ask_for_votes(tx, cx) }
        }
        let ledger = cx.disk().1.get();
        let hidden =
            ledger.records.iter().filter(|(tx, it)| !it.is_visible && !self.is_unsynced(*tx));
        let hidden: Vec<(Tx, Stamp)> = hidden.map(|(tx, it)| (tx, it.stamp)).collect();
        let floor = ledger.floor();
        for (tx, stamp) in hidden {
            self.tell(tx, stamp, floor, cx);
        }
    }

    fn tell(&self, tx: Tx, stamp: Stamp, floor: Stamp, cx: &mut Cx<'_, Node>) {
        let applied = self.applied.get(tx).copied().unwrap_or_default();
        for (place, shard) in self.config.shards().into_iter().enumerate() {
            if applied & 1 << place == 0 {
                cx.send(shard, Msg::Decide { tx, stamp: Some(stamp), floor });
            }
        }
    }
}

impl Kind<Node> for Coordinator {
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        let ledger = cx.disk_mut().1.get_mut();
        ledger.starts += 1;
        ledger.certifier.recover();
        let hidden = ledger.records.values().filter(|it| !it.is_visible).count();
        if boot == Boot::Recovered {
            cx.record(Fact::Recovers(hidden as u64));
        }
        cx.sync();
        cx.set_timer(LOOK_US, Timer::Look);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Begin(attempt) => self.begin(from, attempt, cx),
            Msg::Commit { reading, reads, writes } => {
                self.on_commit(from, (reading, reads, writes), cx);
            }
            Msg::Vote { tx, vote } => self.on_vote(from, (tx, vote), cx),
            Msg::Applied(tx) => self.on_applied(from, tx, cx),
            Msg::InDoubt(tx) => self.on_doubt(from, tx, cx),
            Msg::Do(..)
            | Msg::Began { .. }
            | Msg::Read(_)
            | Msg::Rows { .. }
            | Msg::Denied { .. }
            | Msg::Rollback(_)
            | Msg::Prepare { .. }
            | Msg::Decide { .. }
            | Msg::Done { .. } => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        if timer == Timer::Look {
            self.look(cx);
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        while let Some((_, decided)) = self.unsynced.pop_front_if(|(of, _)| *of <= sync) {
            let ledger = cx.disk().1.get();
            let (floor, tx) = (ledger.floor(), decided.tx);
            let stamp = ledger.records.get(tx).map_or(0, |record| record.stamp);
            cx.record(Fact::Decides(Box::new(decided)));
            self.tell(tx, stamp, floor, cx);
        }
    }

    fn view(&self, disk: &Disk) -> NodeView {
        self.show(disk.1.get())
    }
}
