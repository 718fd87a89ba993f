//! A shard: it keeps the rows of some doctors, and says whether a transaction can commit as far as it knows.

use std::collections::VecDeque;

use super::message::{Fact, Msg, Reading, Timer, Why, Writes};
use super::node::{Config, Disk, Node};
use super::roster::{Night, Row};
use crate::mechanism::mvcc::{Denied, Key, Overwrite, Scope, Store, Tx};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Boot, Cx, Kind, NodeId, SyncId};
use crate::view::NodeView;

/// How often it looks at what is under way.
const LOOK_US: u64 = 50_000;
/// How long a transaction may have locks before it asks to commit.
const LOCKED_US: u64 = 400_000;

/// A shard.
#[derive(Clone, Debug, Hash)]
pub(super) struct Shard {
    config: Config,
    place: u16,
    /// Who waits for locks, in order of arrival.
    pub(super) waiting: Vec<(NodeId, Reading)>,
    /// Since when each transaction is under way here, or prepared.
    since_us: SmallMap<Tx, u64>,
    /// Commits that are not on disk yet, oldest first.
    unsynced: VecDeque<(SyncId, Tx)>,
}

/// Why a row cannot be had, in a coordinator's terms.
fn why(denied: Denied) -> Why {
    match denied {
        Denied::Held(holder) => Why::Held(holder),
        Denied::Changed => Why::Changed,
    }
}

impl Shard {
    pub(super) fn new(place: u16, config: Config) -> Self {
        Self {
            config,
            place,
            waiting: Vec::new(),
            since_us: SmallMap::default(),
            unsynced: VecDeque::new(),
        }
    }

    /// Returns since when, by its own clock, the transaction is prepared that has been so for longest.
    pub(super) fn in_doubt_since_us(&self, store: &Store) -> Option<u64> {
        let prepared = store.open().filter(|(_, ready)| *ready);
        prepared.filter_map(|(tx, _)| self.since_us.get(tx).copied()).min()
    }

    /// Returns the rows of a night that are here; every doctor is on call at first.
    pub(super) fn keys(&self, night: Night) -> Vec<Key> {
        night.read_at(self.place, self.config.doctors).collect()
    }

    fn on_read(&mut self, client: NodeId, reading: Reading, cx: &mut Cx<'_, Node>) {
        let Reading { tx, night, snapshot, locks } = reading;
        let now_us = cx.now_us();
        if snapshot < cx.disk().0.get().floor() || cx.disk().0.get().is_done(tx) {
            cx.send(client, Msg::Denied { tx, why: Why::TooOld });
            return;
        }
        let keys = self.keys(night);
        if locks {
            let store = cx.disk_mut().0.get_mut();
            store.begin(tx, Some(snapshot));
            self.since_us.get_or_insert(tx, now_us);
            match lock(store, reading, &keys) {
                Ok(()) => {}
                Err(Denied::Held(holder)) => return self.wait(client, reading, holder, cx),
                Err(Denied::Changed) => {
                    self.undo(tx, cx);
                    cx.send(client, Msg::Denied { tx, why: Why::Changed });
                    return self.serve_waiting(cx);
                }
            }
        }
        let store = cx.disk().0.get();
        let row = |key| {
            let version = store.version(key, Some(snapshot));
            let by = version.map_or(Tx(0), |it| it.by);
            Row { key, value: version.and_then(|it| it.value), by }
        };
        let rows = keys.into_iter().map(row).collect();
        cx.send(client, Msg::Rows { tx, rows });
    }

    fn wait(&mut self, client: NodeId, reading: Reading, holder: Tx, cx: &mut Cx<'_, Node>) {
        if !self.waiting.iter().any(|(_, it)| it.tx == reading.tx) {
            self.waiting.push((client, reading));
            cx.record(Fact::Waits { tx: reading.tx, holder });
        }
    }

    /// Somebody has ended: whoever waits may have the locks now.
    fn serve_waiting(&mut self, cx: &mut Cx<'_, Node>) {
        for (client, reading) in std::mem::take(&mut self.waiting) {
            if cx.disk().0.get().is_open(reading.tx) {
                let keys = self.keys(reading.night);
                // Not a new wait if it still has to.
                match lock(cx.disk_mut().0.get_mut(), reading, &keys) {
                    Err(Denied::Held(_)) => self.waiting.push((client, reading)),
                    Ok(()) | Err(Denied::Changed) => self.on_read(client, reading, cx),
                }
            }
        }
    }

    fn on_prepare(&mut self, reading: Reading, writes: &Writes, cx: &mut Cx<'_, Node>) {
        let tx = reading.tx;
        let now_us = cx.now_us();
        let store = cx.disk_mut().0.get_mut();
        if store.is_done(tx) {
            return;
        }
        let is_prepared = is_prepared(store, tx);
        let vote =
            if is_prepared { Ok(store.prepare(tx)) } else { prepare(store, reading, writes) };
        let coordinator = self.config.coordinator();
        if vote.is_err() {
            self.undo(tx, cx);
            cx.send(coordinator, Msg::Vote { tx, vote });
            return self.serve_waiting(cx);
        }
        if !is_prepared {
            self.since_us.insert(tx, now_us);
        }
        // Who has voted yes must be able to commit after a crash.
        cx.send_after_sync(coordinator, Msg::Vote { tx, vote });
    }

    fn undo(&mut self, tx: Tx, cx: &mut Cx<'_, Node>) {
        cx.disk_mut().0.get_mut().abort(tx);
        self.since_us.remove(tx);
    }

    fn look(&mut self, cx: &mut Cx<'_, Node>) {
        cx.set_timer(LOOK_US, Timer::Look);
        let now_us = cx.now_us();
        let open: Vec<(Tx, bool)> = cx.disk().0.get().open().collect();
        for (tx, ready) in open {
            let age_us = now_us.saturating_sub(*self.since_us.get_or_insert(tx, now_us));
            if ready && age_us > LOOK_US {
                cx.record(Fact::Asks(tx));
                cx.send(self.config.coordinator(), Msg::InDoubt(tx));
            } else if !ready && age_us > LOCKED_US {
                self.undo(tx, cx);
            }
        }
        self.serve_waiting(cx);
    }
}

fn is_prepared(store: &Store, tx: Tx) -> bool {
    store.open().any(|it| it == (tx, true))
}

/// Locks those of these rows that the snapshot shows: there is nothing to lock where a row may be inserted.
fn lock(store: &mut Store, reading: Reading, keys: &[Key]) -> Result<(), Denied> {
    let Reading { tx, snapshot, .. } = reading;
    let is_there =
        |key: &&Key| store.version(**key, Some(snapshot)).is_some_and(|it| it.value.is_some());
    let there: Vec<Key> = keys.iter().filter(is_there).copied().collect();
    there.into_iter().try_for_each(|key| store.lock(tx, key))
}

/// Has a transaction read and write what it has read and wants to write, and makes it ready to commit.
fn prepare(store: &mut Store, reading: Reading, writes: &Writes) -> Result<Vec<Overwrite>, Why> {
    let Reading { tx, night, snapshot, locks } = reading;
    if snapshot < store.floor() {
        return Err(Why::TooOld);
    }
    if locks && !store.is_open(tx) {
        return Err(Why::Unlocked);
    }
    store.begin(tx, Some(snapshot));
    for table in [night.doctors(), night.shifts()] {
        store.note_read(tx, Scope::Table(table));
    }
    writes.iter().try_for_each(|(key, value)| store.write(tx, *key, *value)).map_err(why)?;
    Ok(store.prepare(tx))
}

impl Kind<Node> for Shard {
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        let now_us = cx.now_us();
        let rows = Night::ALL.into_iter().flat_map(|night| self.keys(night));
        let doctors = rows.filter(|key| key.table % 3 == 0).map(|key| (key, 1));
        let store = cx.disk_mut().0.get_mut();
        if *store == Store::default() {
            *store = Store::new(doctors);
            cx.sync();
        } else {
            store.recover();
        }
        let open: Vec<Tx> = cx.disk().0.get().open().map(|(tx, _)| tx).collect();
        self.since_us = open.iter().map(|tx| (*tx, now_us)).collect();
        if boot == Boot::Recovered {
            cx.record(Fact::Recovers(open.len() as u64));
        }
        cx.set_timer(LOOK_US, Timer::Look);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Read(reading) => self.on_read(from, reading, cx),
            Msg::Prepare { reading, writes } => self.on_prepare(reading, &writes, cx),
            Msg::Rollback(tx) => {
                if !is_prepared(cx.disk().0.get(), tx) && cx.disk().0.get().is_open(tx) {
                    self.undo(tx, cx);
                    self.serve_waiting(cx);
                }
            }
            Msg::Decide { tx, stamp: None, .. } => {
                if cx.disk().0.get().is_open(tx) {
                    self.undo(tx, cx);
                    self.serve_waiting(cx);
                }
            }
            Msg::Decide { tx, stamp: Some(stamp), floor } => {
                if is_prepared(cx.disk().0.get(), tx) {
                    let store = cx.disk_mut().0.get_mut();
                    store.commit(tx, stamp);
                    store.forget(floor);
                    self.since_us.remove(tx);
                    self.unsynced.push_back((cx.sync(), tx));
                    self.serve_waiting(cx);
                } else if self.unsynced.iter().all(|(_, it)| *it != tx) {
                    cx.send(from, Msg::Applied(tx));
                }
            }
            Msg::Do(..)
            | Msg::Begin(_)
            | Msg::Began { .. }
            | Msg::Rows { .. }
            | Msg::Denied { .. }
            | Msg::Commit { .. }
            | Msg::Vote { .. }
            | Msg::Applied(_)
            | Msg::InDoubt(_)
            | Msg::Done { .. } => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        if timer == Timer::Look {
            self.look(cx);
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        while let Some((_, tx)) = self.unsynced.pop_front_if(|(of, _)| *of <= sync) {
            cx.send(self.config.coordinator(), Msg::Applied(tx));
        }
    }

    fn view(&self, disk: &Disk) -> NodeView {
        self.show(disk.0.get())
    }
}
