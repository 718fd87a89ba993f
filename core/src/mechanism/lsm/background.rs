//! What goes on beside reads and writes: tables in memory become tables on disk, tables are merged.
//!
//! One job at a time: tables and the next manifest are written and synced, then the manifest takes its
//! name, then that is synced, and then what counts no more is removed. A crash in between leaves files
//! that no manifest names, and recovery removes them.

use std::rc::Rc;

use super::compaction;
use super::merge::{Merge, without_hidden};
use super::store::Store;
use super::table::{self, Table};
use super::version::{NEW_MANIFEST, Version};
use super::wal;
use super::{Entry, StoreError};
use crate::mechanism::mount::State;
use crate::order::sort_by_key;
use crate::sim::{Extent, FileSystem, SyncId};

/// How far a job is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// Tables and manifest are on their way to the disk.
    Writing,
    /// The manifest has its name, which is on its way.
    Naming,
}

/// A change of the tables that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Job {
    pub(super) sync: SyncId,
    step: Step,
    version: Version,
    tables: Vec<Table>,
    is_flush: bool,
}

impl Store {
    /// Begins the next job if none is under way. Of one that the disk cannot take, [`Self::stalled`] tells;
    /// it is tried again when the next table in memory is full, or by this.
    pub fn go_on(&mut self, disk: &mut dyn FileSystem) {
        if self.job.is_some() || self.state == State::InDoubt {
            return;
        }
        let first_number = self.version.next_number;
        let begun = if self.frozen.is_some() || self.state == State::Opening {
            self.begin_flush(disk)
        } else {
            self.begin_merge(disk)
        };
        match begun {
            Ok(job) => {
                self.stalled = None;
                self.job = job;
            }
            Err(error) => {
                self.stalled = Some(error);
                for number in first_number..self.version.next_number {
                    // It may not have been made at all.
                    _ = disk.remove(&table::file_name(number));
                }
            }
        }
    }

    /// Writes the frozen table in memory down. What was recovered is written down so, too: the manifest
    /// that names the table also ends the logs before it.
    fn begin_flush(&mut self, disk: &mut dyn FileSystem) -> Result<Option<Job>, StoreError> {
        let frozen = self.frozen.as_ref();
        let flushed = frozen.map_or(self.version.flushed, |it| it.last);
        let entries = frozen.into_iter().flat_map(|it| it.memtable.entries_from(&[]));
        // Of one key, only what is newest now is seen later: nobody reads as of a write that may be lost.
        let oldest = self.snapshots.keys().next().copied().unwrap_or(flushed).min(flushed);
        let entries: Vec<Entry> = without_hidden(entries, oldest, |_| true).collect();
        let number = self.version.number();
        let table = Table::write(disk, number, &entries, &self.settings)?;
        self.measures.flushed_bytes += table.as_ref().map_or(0, |it| it.facts.bytes);
        let mut version = self.version.clone();
        version.flushed = flushed;
        version.first_log = self.log;
        if version.levels.is_empty() {
            version.levels.push(Vec::new());
        }
        version.levels[0].splice(..0, table.as_ref().map(|it| it.facts.clone()));
        self.begin(disk, version, table.into_iter().collect(), true)
    }

    fn begin_merge(&mut self, disk: &mut dyn FileSystem) -> Result<Option<Job>, StoreError> {
        let turn = self.version.next_number;
        let Some(merge) = self.settings.policy.pick(&self.version, turn) else { return Ok(None) };
        let mut inputs = Vec::new();
        for number in &merge.tables {
            if let Some(table) = self.tables.get(number) {
                inputs.push(table.entries_within(disk, &[], None)?.into_iter());
            }
        }
        let level = merge.level as usize;
        let next = level + 1;
        let mut version = self.version.clone();
        for level in &mut version.levels {
            level.retain(|table| !merge.tables.contains(&table.number));
        }
        version.levels.resize(version.levels.len().max(next + 1), Vec::new());
        // Runs of the next level that are not merged with it are older, too.
        let from = if merge.is_one_run { level } else { next };
        let entries =
            without_hidden(Merge::new(inputs), self.oldest(), |key| version.is_below(from, key));
        let entries: Vec<Entry> = entries.collect();
        let tables = self.write_tables(disk, &merge, &entries)?;
        version.next_number = self.version.next_number;
        version.levels[next].splice(..0, tables.iter().map(|it| it.facts.clone()));
        if !merge.is_one_run {
            sort_by_key(&mut version.levels[next], |table| table.first.clone());
        }
        self.begin(disk, version, tables, false)
    }

    /// Writes a merged run as tables. All versions of a key are in one of them: else a later merge could
    /// move the newer ones below the older.
    fn write_tables(
        &mut self,
        disk: &mut dyn FileSystem,
        merge: &compaction::Merge,
        entries: &[Entry],
    ) -> Result<Vec<Table>, StoreError> {
        let most = if merge.is_one_run { u64::MAX } else { self.settings.table_bytes };
        let mut tables = Vec::new();
        let mut rest = entries;
        while !rest.is_empty() {
            let mut bytes = 0;
            let mut before: &[u8] = &[];
            let fits = rest.iter().take_while(|entry| {
                let is_full = bytes >= most && entry.key != before;
                bytes += (entry.key.len() + entry.value.as_ref().map_or(0, Vec::len)) as u64;
                before = &entry.key;
                !is_full
            });
            let (run, behind) = rest.split_at(fits.count());
            let number = self.version.number();
            let table = Table::write(disk, number, run, &self.settings)?;
            self.measures.merged_bytes += table.as_ref().map_or(0, |it| it.facts.bytes);
            tables.extend(table);
            rest = behind;
        }
        Ok(tables)
    }

    fn begin(
        &mut self,
        disk: &mut dyn FileSystem,
        version: Version,
        tables: Vec<Table>,
        is_flush: bool,
    ) -> Result<Option<Job>, StoreError> {
        let version = Version { next_number: self.version.next_number, ..version };
        self.measures.manifest_bytes += version.write(disk)?;
        let sync = disk.sync(Extent::Names)?;
        let job = Job { sync, step: Step::Writing, version, tables, is_flush };
        if self.settings.is_ordered {
            return Ok(Some(job));
        }
        Version::install(disk)?;
        self.adopt(disk, job);
        Ok(None)
    }

    /// Goes on with the job, if this was its sync.
    pub(super) fn job_synced(&mut self, disk: &mut dyn FileSystem, sync: SyncId) {
        let Some(job) = self.job.take_if(|job| job.sync == sync) else { return };
        if job.step == Step::Naming {
            self.adopt(disk, job);
            self.go_on(disk);
            return;
        }
        match Version::install(disk) {
            Ok(sync) => self.job = Some(Job { sync, step: Step::Naming, ..job }),
            Err(error) => self.stalled = Some(error),
        }
    }

    /// What the job made counts from here on.
    fn adopt(&mut self, disk: &mut dyn FileSystem, job: Job) {
        let next_number = self.version.next_number.max(job.version.next_number);
        self.version = Version { next_number, ..job.version };
        self.tables.extend(job.tables.into_iter().map(|it| (it.facts.number, Rc::new(it))));
        let version = &self.version;
        self.tables.retain(|number, _| version.tables().any(|it| it.number == *number));
        if job.is_flush {
            self.frozen = None;
            self.is_durable_to(self.version.flushed);
            self.state = State::Open;
        }
        self.remove_obsolete(disk);
    }

    /// Removes the files that a version does not name.
    fn remove_obsolete(&mut self, disk: &mut dyn FileSystem) {
        let version = &self.version;
        self.unsynced.retain(|log, _| *log >= version.first_log);
        self.unnamed.retain(|log| *log >= version.first_log);
        for name in disk.names() {
            if is_obsolete(&name, version) {
                // It has a name, so it can be removed; if not, recovery tries again.
                _ = disk.remove(&name);
            }
        }
    }
}

/// Returns true if a file belongs to a store and a version has no use for it.
pub(super) fn is_obsolete(name: &str, version: &Version) -> bool {
    let is_old_log = wal::number_of(name).is_some_and(|number| number < version.first_log);
    let is_named = || version.tables().any(|table| table.file_name() == name);
    is_old_log || (table::is_name(name) && !is_named()) || name == NEW_MANIFEST
}
