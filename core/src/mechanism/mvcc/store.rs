//! Rows with their versions, the locks on them, and the transactions that are under way.

use std::fmt;

use crate::mechanism::small_map::SmallMap;

/// When a transaction committed: a number that grows with each commit.
pub type Stamp = u64;

/// Names a transaction. 0 is whoever made the rows that were there from the beginning.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tx(pub u64);

impl fmt::Display for Tx {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "T{}", self.0)
    }
}

/// Names a row.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// In which table it is.
    pub table: u16,
    /// Which row of the table it is.
    pub row: u16,
}

/// What a transaction has read.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// A row.
    Row(Key),
    /// All rows of a table that meet a condition, and so that no other row does.
    Table(u16),
}

impl Scope {
    fn covers(self, key: Key) -> bool {
        match self {
            Self::Row(row) => row == key,
            Self::Table(table) => table == key.table,
        }
    }
}

/// What a row is from a commit on.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// When it was committed.
    pub stamp: Stamp,
    /// Who wrote it.
    pub by: Tx,
    /// What the row holds; `None` if it is deleted.
    pub value: Option<u64>,
}

/// Why a transaction cannot have a row now.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Denied {
    /// Another transaction has locked it, or has written it and is not decided.
    Held(Tx),
    /// It was changed since the transaction's snapshot: it can never have it.
    Changed,
}

/// An anti-dependency between two concurrent transactions: one read what the other overwrites.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Overwrite {
    /// Who read.
    pub reader: Tx,
    /// Who overwrites what it read.
    pub writer: Tx,
}

/// A transaction that is under way, or that has committed lately.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Work {
    /// As of when it reads; `None` if each statement reads what is committed by then.
    snapshot: Option<Stamp>,
    reads: Vec<Scope>,
    writes: SmallMap<Key, Option<u64>>,
    /// It can commit whenever it is told to, and nothing of it changes any more.
    prepared: Option<Vec<Overwrite>>,
}

impl Work {
    fn reads_any_of(&self, other: &Self) -> bool {
        other.writes.iter().any(|(key, _)| self.reads.iter().any(|scope| scope.covers(key)))
    }
}

/// Rows with their versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Store {
    /// The versions of each row, oldest first.
    rows: SmallMap<Key, Vec<Version>>,
    /// Who has locked a row, by writing it or before.
    locks: SmallMap<Key, Tx>,
    open: SmallMap<Tx, Work>,
    /// Who has committed, and when: those that somebody who is under way can be concurrent with.
    done: SmallMap<Tx, (Stamp, Work)>,
    /// No snapshot is older.
    floor: Stamp,
}

impl Store {
    /// Makes a store of these rows.
    pub fn new(rows: impl IntoIterator<Item = (Key, u64)>) -> Self {
        let first = |value| vec![Version { stamp: 0, by: Tx(0), value: Some(value) }];
        let rows = rows.into_iter().map(|(key, value)| (key, first(value))).collect();
        Self { rows, ..Self::default() }
    }

    /// Returns the oldest snapshot that it can still read.
    pub fn floor(&self) -> Stamp {
        self.floor
    }

    /// Returns a row's version as of a snapshot, or the newest; `None` if there was no such row yet.
    pub fn version(&self, key: Key, snapshot: Option<Stamp>) -> Option<Version> {
        let is_visible = |it: &&Version| snapshot.is_none_or(|limit| it.stamp <= limit);
        self.rows.get(key)?.iter().rev().find(is_visible).copied()
    }

    /// Returns the versions of a row that are kept, oldest first.
    pub fn versions(&self, key: Key) -> &[Version] {
        self.rows.get(key).map_or(&[], Vec::as_slice)
    }

    /// Returns who has locked a row.
    pub fn holder(&self, key: Key) -> Option<Tx> {
        self.locks.get(key).copied()
    }

    /// Begins a transaction that reads as of `snapshot`, or with each statement what is committed by
    /// then. Changes nothing if it is under way.
    pub fn begin(&mut self, tx: Tx, snapshot: Option<Stamp>) {
        self.open.get_or_insert(tx, Work { snapshot, ..Work::default() });
    }

    /// Whether a transaction is under way.
    pub fn is_open(&self, tx: Tx) -> bool {
        self.open.get(tx).is_some()
    }

    /// Whether a transaction has committed, as far as that is remembered.
    pub fn is_done(&self, tx: Tx) -> bool {
        self.done.get(tx).is_some()
    }

    /// Lists who is under way, and whether it is prepared.
    pub fn open(&self) -> impl Iterator<Item = (Tx, bool)> {
        self.open.iter().map(|(tx, work)| (tx, work.prepared.is_some()))
    }

    /// Notes what a transaction has read.
    pub fn note_read(&mut self, tx: Tx, scope: Scope) {
        if let Some(work) = self.open.get_mut(tx)
            && !work.reads.contains(&scope)
        {
            work.reads.push(scope);
        }
    }

    fn seen(&self, tx: Tx, key: Key) -> Option<u64> {
        let work = self.open.get(tx)?;
        let own = work.writes.get(key).copied();
        own.unwrap_or_else(|| self.version(key, work.snapshot).and_then(|it| it.value))
    }

    /// Reads a row.
    pub fn read(&mut self, tx: Tx, key: Key) -> Option<u64> {
        self.note_read(tx, Scope::Row(key));
        self.seen(tx, key)
    }

    /// Reads the rows of a table that meet a condition.
    pub fn scan(&mut self, tx: Tx, table: u16, meets: impl Fn(u64) -> bool) -> Vec<(Key, u64)> {
        self.note_read(tx, Scope::Table(table));
        let written = self.open.get(tx).into_iter().flat_map(|work| work.writes.iter());
        let mut keys: Vec<Key> = self.rows.iter().map(|(key, _)| key).collect();
        keys.extend(written.map(|(key, _)| key));
        keys.retain(|key| key.table == table);
        crate::order::sort(&mut keys);
        keys.dedup();
        let value = |key: Key| Some((key, self.seen(tx, key).filter(|value| meets(*value))?));
        keys.into_iter().filter_map(value).collect()
    }

    /// Locks a row until the transaction ends: `SELECT … FOR UPDATE`. Only a row that is there can be
    /// locked, and that it was locked tells nobody anything later.
    ///
    /// # Errors
    /// Another has locked it, or it was changed since the snapshot.
    pub fn lock(&mut self, tx: Tx, key: Key) -> Result<(), Denied> {
        if let Some(holder) = self.holder(key).filter(|holder| *holder != tx) {
            return Err(Denied::Held(holder));
        }
        let snapshot = self.open.get(tx).and_then(|work| work.snapshot);
        let newest = self.version(key, None).map(|it| it.stamp);
        // The first to commit wins; who reads what is committed by now goes on with that.
        if snapshot.is_some_and(|limit| newest.is_some_and(|stamp| stamp > limit)) {
            return Err(Denied::Changed);
        }
        self.locks.insert(key, tx);
        Ok(())
    }

    /// Writes a row, or deletes it.
    ///
    /// # Errors
    /// As for [`Store::lock`]: writing locks.
    pub fn write(&mut self, tx: Tx, key: Key, value: Option<u64>) -> Result<(), Denied> {
        self.lock(tx, key)?;
        if let Some(work) = self.open.get_mut(tx) {
            work.writes.insert(key, value);
        }
        Ok(())
    }

    /// Makes a transaction ready to commit, and returns who overwrote what it had read and whose reads it
    /// overwrites, of those that are prepared too or have committed since its snapshot. Of two
    /// transactions the later one here names what is between them.
    pub fn prepare(&mut self, tx: Tx) -> Vec<Overwrite> {
        let Some(work) = self.open.get(tx) else { return Vec::new() };
        if let Some(overwrites) = &work.prepared {
            return overwrites.clone();
        }
        let prepared = self.open.iter().filter(|(other, it)| *other != tx && it.prepared.is_some());
        let snapshot = work.snapshot.unwrap_or_default();
        let done = self.done.iter().filter(|(_, (stamp, _))| *stamp > snapshot);
        let others = prepared.chain(done.map(|(other, (_, work))| (other, work)));
        let mut overwrites = Vec::new();
        for (other, it) in others {
            if work.reads_any_of(it) {
                overwrites.push(Overwrite { reader: tx, writer: other });
            }
            if it.reads_any_of(work) {
                overwrites.push(Overwrite { reader: other, writer: tx });
            }
        }
        if let Some(work) = self.open.get_mut(tx) {
            work.prepared = Some(overwrites.clone());
        }
        overwrites
    }

    /// Commits a transaction: what it wrote are the newest versions.
    pub fn commit(&mut self, tx: Tx, stamp: Stamp) {
        let Some(work) = self.open.get(tx).cloned() else { return };
        for (key, value) in work.writes.iter() {
            let version = Version { stamp, by: tx, value: *value };
            self.rows.get_or_insert(key, Vec::new()).push(version);
        }
        self.end(tx);
        self.done.insert(tx, (stamp, work));
    }

    /// Undoes a transaction.
    pub fn abort(&mut self, tx: Tx) {
        self.end(tx);
    }

    fn end(&mut self, tx: Tx) {
        self.open.remove(tx);
        self.locks.retain(|_, holder| *holder != tx);
    }

    /// Comes up after a crash: who was not prepared is undone.
    pub fn recover(&mut self) {
        let lost: Vec<Tx> = self.open().filter(|(_, ready)| !ready).map(|(tx, _)| tx).collect();
        for tx in lost {
            self.abort(tx);
        }
        let open = &self.open;
        // A lock outlives a crash as long as the transaction that has it is prepared.
        self.locks.retain(|_, holder| open.get(*holder).is_some());
    }

    /// Forgets what no snapshot from `floor` on can need.
    pub fn forget(&mut self, floor: Stamp) {
        if floor <= self.floor {
            return;
        }
        self.floor = floor;
        self.done.retain(|_, (stamp, _)| *stamp > floor);
        let keys: Vec<Key> = self.rows.iter().map(|(key, _)| key).collect();
        for key in keys {
            if let Some(versions) = self.rows.get_mut(key) {
                let base = versions.iter().rposition(|it| it.stamp <= floor).unwrap_or(0);
                versions.drain(..base);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Key = Key { table: 0, row: 0 };
    const B: Key = Key { table: 0, row: 1 };

    fn store() -> Store {
        Store::new([(A, 10), (B, 20)])
    }

    #[test]
    fn a_snapshot_does_not_move_and_forgets_nothing_it_needs() {
        let mut store = store();
        store.begin(Tx(1), Some(0));
        store.begin(Tx(2), Some(0));
        assert_eq!(store.write(Tx(2), A, Some(11)), Ok(()));
        assert_eq!(store.read(Tx(1), A), Some(10));
        store.prepare(Tx(2));
        store.commit(Tx(2), 1);
        assert_eq!((store.read(Tx(1), A), store.versions(A).len()), (Some(10), 2));
        assert_eq!(store.write(Tx(1), A, Some(12)), Err(Denied::Changed));
        store.forget(1);
        assert_eq!(
            (store.versions(A).len(), store.version(B, Some(1)).map(|it| it.stamp)),
            (1, Some(0))
        );
    }

    #[test]
    fn a_lock_keeps_writers_out_and_leaves_no_trace() {
        let mut store = store();
        for tx in [1, 2] {
            store.begin(Tx(tx), Some(0));
        }
        assert_eq!(store.lock(Tx(1), A), Ok(()));
        assert_eq!(store.write(Tx(2), A, None), Err(Denied::Held(Tx(1))));
        store.prepare(Tx(1));
        store.commit(Tx(1), 1);
        // It waited, and the row is as it was: nothing tells it that the other has done anything.
        assert_eq!(store.write(Tx(2), A, None), Ok(()));
    }

    #[test]
    fn a_crash_undoes_whoever_is_not_prepared() {
        let mut store = store();
        for tx in [1, 2] {
            store.begin(Tx(tx), Some(0));
        }
        assert_eq!(store.write(Tx(1), A, Some(11)), Ok(()));
        assert_eq!(store.lock(Tx(2), B), Ok(()));
        store.prepare(Tx(1));
        store.recover();
        assert_eq!((store.holder(A), store.holder(B)), (Some(Tx(1)), None));
        assert!(store.is_open(Tx(1)) && !store.is_open(Tx(2)));
        store.commit(Tx(1), 1);
        assert_eq!(store.version(A, None).and_then(|it| it.value), Some(11));
    }

    #[test]
    fn the_later_of_two_names_what_is_between_them() {
        let mut store = store();
        for (tx, key) in [(1, A), (2, B)] {
            store.begin(Tx(tx), Some(0));
            assert_eq!(store.scan(Tx(tx), 0, |value| value > 0).len(), 2);
            assert_eq!(store.write(Tx(tx), key, Some(0)), Ok(()));
        }
        let overwrite = |reader, writer| Overwrite { reader: Tx(reader), writer: Tx(writer) };
        assert_eq!(store.prepare(Tx(1)), []);
        assert_eq!(store.prepare(Tx(2)), [overwrite(2, 1), overwrite(1, 2)]);
    }
}
