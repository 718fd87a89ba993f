//! The store: what is written, and what is read.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::background::Job;
use super::memtable::Memtable;
use super::merge::{Merge, without_hidden};
use super::table::Table;
use super::version::Version;
use super::wal::{self, Record};
use super::{Entry, Key, Sequence, Settings, StoreError, SyncPolicy, Value};
use crate::mechanism::mount::{Mountable, State};
use crate::sim::{Extent, FileError, FileSystem, SyncId};

/// What a store has done since it was opened, in bytes and times.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Measures {
    /// Keys and values that were written.
    pub user_bytes: u64,
    /// Bytes that went to the log.
    pub log_bytes: u64,
    /// Bytes that went to tables from memory.
    pub flushed_bytes: u64,
    /// Bytes that went to tables from other tables.
    pub merged_bytes: u64,
    /// Bytes that went to manifests.
    pub manifest_bytes: u64,
    /// How often a key was looked up.
    pub reads: u64,
    /// How many blocks that took.
    pub blocks_read: u64,
    /// How often a filter spared a table.
    pub filtered: u64,
    /// How often a write found no room.
    pub stalls: u64,
}

impl Measures {
    /// Returns all bytes that went to the disk.
    pub fn written_bytes(&self) -> u64 {
        self.log_bytes + self.flushed_bytes + self.merged_bytes + self.manifest_bytes
    }

    /// Returns how many bytes went to the disk for a thousand bytes of the user's: write amplification.
    pub fn write_amplification_permille(&self) -> u64 {
        self.written_bytes() * 1_000 / self.user_bytes.max(1)
    }

    /// Returns how many blocks a thousand look-ups took: read amplification.
    pub fn read_amplification_permille(&self) -> u64 {
        self.blocks_read * 1_000 / self.reads.max(1)
    }
}

/// A full table in memory, on its way to the disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Frozen {
    pub(super) memtable: Memtable,
    /// Its last write.
    pub(super) last: Sequence,
}

/// The store. See the [module](super) for what it keeps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Store {
    pub(super) settings: Settings,
    pub(super) state: State,
    pub(super) memtable: Memtable,
    pub(super) frozen: Option<Frozen>,
    pub(super) version: Version,
    pub(super) tables: BTreeMap<u64, Rc<Table>>,
    /// The number of the log that is written to.
    pub(super) log: u64,
    /// Logs with writes that are not known to be durable, and the last write of each.
    pub(super) unsynced: BTreeMap<u64, Sequence>,
    /// Logs whose names are not known to be durable.
    pub(super) unnamed: BTreeSet<u64>,
    /// The sync of the log that is under way, and the last write that it covers.
    pub(super) syncing: Option<(SyncId, Sequence)>,
    pub(super) job: Option<Job>,
    /// Why work in the background cannot go on.
    pub(super) stalled: Option<StoreError>,
    pub(super) last: Sequence,
    pub(super) durable: Sequence,
    /// Readers' moments, and how many readers each has.
    pub(super) snapshots: BTreeMap<Sequence, u32>,
    pub(super) measures: Measures,
}

impl Store {
    /// Returns whether it serves.
    pub fn state(&self) -> State {
        self.state
    }

    /// Returns the last write.
    pub fn last(&self) -> Sequence {
        self.last
    }

    /// Returns the last write that no crash can undo.
    pub fn durable(&self) -> Sequence {
        self.durable
    }

    /// Returns the tables, level by level.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// Returns how many writes are in memory only, and how many bytes they have.
    pub fn in_memory(&self) -> (usize, u64) {
        let frozen = self.frozen.as_ref().map(|it| &it.memtable);
        let tables = [Some(&self.memtable), frozen].into_iter().flatten();
        tables.fold((0, 0), |(len, bytes), table| (len + table.len(), bytes + table.bytes()))
    }

    /// Returns what it has done since it was opened.
    pub fn measures(&self) -> Measures {
        self.measures
    }

    /// Returns why work in the background cannot go on, if it cannot.
    pub fn stalled(&self) -> Option<&StoreError> {
        self.stalled.as_ref()
    }

    /// Writes a batch: all of it survives a crash, or nothing. Returns its place; it is
    /// safe when [`durable`](Self::durable) has come so far.
    ///
    /// # Errors
    ///
    /// If the store takes no writes now, or the disk is full; nothing is written then.
    pub fn write(
        &mut self,
        disk: &mut dyn FileSystem,
        writes: Vec<(Key, Value)>,
    ) -> Result<Sequence, StoreError> {
        match self.state {
            State::Opening => return Err(StoreError::Busy),
            State::InDoubt => return Err(StoreError::ReadOnly),
            State::Open => {}
        }
        if writes.is_empty() {
            return Ok(self.last);
        }
        if self.memtable.bytes() >= u64::from(self.settings.memtable_bytes) {
            self.freeze(disk)?;
        }
        let record = Record { sequence: self.last + 1, durable: self.durable, writes };
        self.append(disk, &record.encode())?;
        for entry in record.entries() {
            let value_bytes = entry.value.as_ref().map_or(0, Vec::len);
            self.measures.user_bytes += (entry.key.len() + value_bytes) as u64;
            self.memtable.insert(entry);
        }
        self.last = record.sequence;
        self.unsynced.insert(self.log, self.last);
        self.sync_if_due(disk)?;
        Ok(self.last)
    }

    /// Adds to the log, or leaves it as it was.
    fn append(&mut self, disk: &mut dyn FileSystem, bytes: &[u8]) -> Result<(), StoreError> {
        let name = wal::file_name(self.log);
        let file = if let Ok(file) = disk.open(&name) {
            file
        } else {
            self.unnamed.insert(self.log);
            disk.create(&name)?
        };
        let end = disk.len_bytes(file)?;
        if let Err(error) = disk.write_at(file, end, bytes) {
            disk.truncate(file, end)?;
            return Err(error.into());
        }
        self.measures.log_bytes += bytes.len() as u64;
        Ok(())
    }

    /// Puts the full table in memory aside, so that it can be written down, and begins a new log.
    fn freeze(&mut self, disk: &mut dyn FileSystem) -> Result<(), StoreError> {
        if self.frozen.is_some() {
            self.go_on(disk);
            self.measures.stalls += 1;
            return Err(self.stalled.clone().unwrap_or(StoreError::Busy));
        }
        let memtable = std::mem::take(&mut self.memtable);
        self.frozen = Some(Frozen { memtable, last: self.last });
        self.log = self.version.number();
        self.go_on(disk);
        Ok(())
    }

    fn sync_if_due(&mut self, disk: &mut dyn FileSystem) -> Result<(), StoreError> {
        let waiting = self.last - self.durable;
        let is_due = match self.settings.sync {
            SyncPolicy::Always => true,
            SyncPolicy::Every(count) => waiting >= u64::from(count),
            SyncPolicy::Never => false,
        };
        if is_due { self.sync(disk) } else { Ok(()) }
    }

    /// Asks that all writes so far become durable, unless a sync of the log is under way; then it asks
    /// when that has ended, if the policy still says so.
    ///
    /// # Errors
    ///
    /// If the log is not there.
    pub fn sync(&mut self, disk: &mut dyn FileSystem) -> Result<(), StoreError> {
        if self.state == State::InDoubt || self.syncing.is_some() || self.unsynced.is_empty() {
            return Ok(());
        }
        let mut extents = Vec::new();
        for log in self.unsynced.keys() {
            extents.push(Extent::File(disk.open(&wal::file_name(*log))?));
        }
        extents.extend((!self.unnamed.is_empty()).then_some(Extent::Names));
        for extent in extents {
            self.syncing = Some((disk.sync(extent)?, self.last));
        }
        Ok(())
    }

    /// Learns that a sync has made durable what it covered. In doubt that says nothing: a log that it covered
    /// may have its name from the one that failed.
    pub fn synced(&mut self, disk: &mut dyn FileSystem, sync: SyncId) {
        if self.state == State::InDoubt {
            return;
        }
        if let Some((_, last)) = self.syncing.take_if(|(of, _)| *of == sync) {
            self.is_durable_to(last);
            // Each log that this sync covered had its name covered as well.
            self.unnamed.retain(|log| self.unsynced.contains_key(log));
            if self.state == State::Open
                && let Err(error) = self.sync_if_due(disk)
            {
                self.stalled = Some(error);
            }
        }
        self.job_synced(disk, sync);
    }

    /// Learns that a sync has failed. What it covered may be lost, and what comes after could not be told
    /// from it; so no further write is taken.
    pub fn sync_failed(&mut self, sync: SyncId) {
        self.syncing.take_if(|(of, _)| *of == sync);
        self.job.take_if(|job| job.sync == sync);
        self.state = State::InDoubt;
    }

    pub(super) fn is_durable_to(&mut self, last: Sequence) {
        self.durable = self.durable.max(last);
        self.unsynced.retain(|_, last| *last > self.durable);
    }

    /// Returns what `key` meant after write number `at`; none if it is not there.
    ///
    /// # Errors
    ///
    /// If the store is not open yet, or what was read is damaged.
    pub fn get(
        &mut self,
        disk: &dyn FileSystem,
        key: &[u8],
        at: Sequence,
    ) -> Result<Value, StoreError> {
        if self.state == State::Opening {
            return Err(StoreError::Busy);
        }
        self.measures.reads += 1;
        let frozen = self.frozen.as_ref().and_then(|it| it.memtable.get(key, at));
        if let Some(value) = self.memtable.get(key, at).or(frozen) {
            return Ok(value.clone());
        }
        for facts in self.version.tables().filter(|facts| facts.overlaps(key, key)) {
            let Some(table) = self.tables.get(&facts.number) else { continue };
            let found = table.get(disk, key, at)?;
            self.measures.blocks_read += found.blocks;
            self.measures.filtered += u64::from(found.is_filtered);
            if let Some(value) = found.value {
                return Ok(value);
            }
        }
        Ok(None)
    }

    /// Lists what is there after write number `at`, from key `from` to before `to`, at most `limit`.
    ///
    /// # Errors
    ///
    /// If the store is not open yet, or what was read is damaged.
    pub fn scan(
        &self,
        disk: &dyn FileSystem,
        from: &[u8],
        to: Option<&[u8]>,
        at: Sequence,
        limit: usize,
    ) -> Result<Vec<(Key, Vec<u8>)>, StoreError> {
        if self.state == State::Opening {
            return Err(StoreError::Busy);
        }
        let memories = [Some(&self.memtable), self.frozen.as_ref().map(|it| &it.memtable)];
        let within = |entry: &Entry| to.is_none_or(|to| entry.key.as_slice() < to);
        let mut inputs: Vec<Vec<Entry>> = memories
            .into_iter()
            .flatten()
            .map(|memory| memory.entries_from(from).take_while(within).collect())
            .collect();
        for facts in self.version.tables() {
            if let Some(table) = self.tables.get(&facts.number) {
                inputs.push(table.entries_within(disk, from, to)?);
            }
        }
        let merged = Merge::new(inputs.into_iter().map(Vec::into_iter));
        let seen = merged.filter(|entry| entry.sequence <= at);
        let newest = without_hidden(seen, at, |_| false);
        Ok(newest.filter_map(|it| Some((it.key, it.value?))).take(limit).collect())
    }

    /// Keeps what is there now for a reader, until it is [released](Self::release); returns its moment.
    pub fn snapshot(&mut self) -> Sequence {
        *self.snapshots.entry(self.last).or_default() += 1;
        self.last
    }

    /// Ends a reader's hold on a moment.
    pub fn release(&mut self, snapshot: Sequence) {
        if let Some(readers) = self.snapshots.get_mut(&snapshot) {
            *readers -= 1;
            if *readers == 0 {
                self.snapshots.remove(&snapshot);
            }
        }
    }

    /// Returns the earliest moment of which somebody may still read what is in tables.
    pub(super) fn oldest(&self) -> Sequence {
        let first = self.snapshots.keys().next().copied();
        first.unwrap_or(self.version.flushed).min(self.version.flushed)
    }
}

impl Mountable for Store {
    type Error = StoreError;

    fn state(&self) -> State {
        self.state()
    }

    fn is_stalled(&self) -> bool {
        self.stalled.is_some()
    }

    fn disk_error(error: &StoreError) -> Option<&FileError> {
        if let StoreError::Disk(error) = error { Some(error) } else { None }
    }
}
