//! The store: what is taken, and when it is safe.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::background::Job;
use super::log::{self, Record};
use super::{OpenShard, Point, SealedShard, Series, Settings, StoreError};
use crate::mechanism::mount::State;
use crate::sim::{Extent, FileSystem, SyncId};

/// Why a point is not taken.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// It comes later than the window allows.
    TooLate,
    /// At that time its series has another value.
    Contradicts,
}

/// What has become of points that were to be taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Taken {
    /// Those that were taken are safe when the store's [`durable`](Store::durable) has come so far.
    pub ticket: u64,
    /// The times of those that were not.
    pub refused: Vec<(u64, Refusal)>,
}

/// What a store has done since it was opened.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Measures {
    /// Points that were taken.
    pub points: u64,
    /// Points that were refused since they came too late.
    pub late: u64,
    /// Points that were taken when rollups that wait for nothing had closed their interval.
    pub after_close: u64,
    /// Bytes that went to logs, or to a file of text.
    pub log_bytes: u64,
    /// Bytes that went to sealed shards, or were written again to forget what was before them.
    pub sealed_bytes: u64,
    /// Shards that retention has removed, or how often the file of text was rewritten.
    pub expired: u64,
}

/// A sync of logs that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Syncing {
    sync: SyncId,
    /// The last ticket that it covers.
    ticket: u64,
    /// How much of each log.
    lengths: BTreeMap<u64, u64>,
    /// The newest point of all that it covers.
    newest: Option<u64>,
}

/// The store. See the [module](super) for what it keeps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Store {
    pub(super) settings: Settings,
    pub(super) state: State,
    pub(super) young: BTreeMap<u64, Rc<OpenShard>>,
    pub(super) sealed: BTreeMap<u64, Rc<SealedShard>>,
    /// The newest point of any series, and the newest of those that no crash can undo or that were there
    /// when it was opened.
    pub(super) newest: Option<u64>,
    pub(super) durable_newest: Option<u64>,
    pub(super) written: u64,
    pub(super) durable: u64,
    /// Logs with records that no complete sync covers.
    pub(super) unsynced: BTreeSet<u64>,
    /// Logs whose names are not known to be durable.
    pub(super) unnamed: BTreeSet<u64>,
    syncing: Option<Syncing>,
    pub(super) job: Option<Job>,
    /// Why work in the background cannot go on.
    pub(super) stalled: Option<StoreError>,
    /// Shards that readers hold, and how many.
    pub(super) held: BTreeMap<u64, u32>,
    /// Shards that are to be removed when nobody holds them.
    pub(super) doomed: BTreeSet<u64>,
    pub(super) measures: Measures,
}

impl Store {
    /// Makes one with nothing in it.
    pub(super) fn empty(settings: Settings) -> Self {
        Self {
            settings,
            state: State::Opening,
            young: BTreeMap::new(),
            sealed: BTreeMap::new(),
            newest: None,
            durable_newest: None,
            written: 0,
            durable: 0,
            unsynced: BTreeSet::new(),
            unnamed: BTreeSet::new(),
            syncing: None,
            job: None,
            stalled: None,
            held: BTreeMap::new(),
            doomed: BTreeSet::new(),
            measures: Measures::default(),
        }
    }

    /// Returns whether it serves.
    pub fn state(&self) -> State {
        self.state
    }

    /// Returns the last ticket whose points no crash can undo.
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// Returns the time of the newest point.
    pub fn newest(&self) -> Option<u64> {
        self.newest
    }

    /// Returns how it behaves.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Lists the young shards, oldest first.
    pub fn young(&self) -> impl Iterator<Item = (u64, &OpenShard)> {
        self.young.iter().map(|(number, shard)| (*number, &**shard))
    }

    /// Lists the sealed shards, oldest first.
    pub fn sealed(&self) -> impl DoubleEndedIterator<Item = &SealedShard> {
        self.sealed.values().map(|shard| &**shard)
    }

    /// Returns how many points it has, and how many bytes the files have in which they are: logs of young
    /// shards, and sealed ones.
    pub fn size(&self) -> (u64, u64) {
        let young = self.young().map(|(_, it)| (it.len(), it.log_bytes()));
        let sizes = young.chain(self.sealed().map(|it| (it.size().0, it.bytes)));
        sizes.fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1))
    }

    /// Lists the shards that are no longer part of the store, and that readers still hold.
    pub fn doomed(&self) -> impl Iterator<Item = u64> {
        self.doomed.iter().copied()
    }

    /// Returns what it has done since it was opened.
    pub fn measures(&self) -> Measures {
        self.measures
    }

    /// Returns why work in the background cannot go on, if it cannot.
    pub fn stalled(&self) -> Option<&StoreError> {
        self.stalled.as_ref()
    }

    /// Takes points of a series, or says of each that it does not take why. A point that is there already
    /// is taken again, and nothing changes.
    ///
    /// # Errors
    ///
    /// If the store takes nothing now, what it has to compare with is damaged, or the disk is full; some of
    /// the points may be kept then. To ask again does no harm.
    pub fn write(
        &mut self,
        disk: &mut (impl FileSystem + ?Sized),
        series: Series,
        points: &[Point],
    ) -> Result<Taken, StoreError> {
        match self.state {
            State::Opening => return Err(StoreError::Busy),
            State::InDoubt => return Err(StoreError::ReadOnly),
            State::Open => {}
        }
        let mut refused = Vec::new();
        let mut fresh: BTreeMap<u64, Vec<(Series, Point)>> = BTreeMap::new();
        for point in points {
            match self.judge(disk, series, *point)? {
                Ok(true) => {
                    let shard = fresh.entry(self.settings.shard_of(point.at)).or_default();
                    // Within one batch as well, one time has one value: the first.
                    if shard.iter().all(|(_, it)| it.at != point.at) {
                        shard.push((series, *point));
                    }
                }
                Ok(false) => {}
                Err(refusal) => refused.push((point.at, refusal)),
            }
        }
        let late = refused.iter().filter(|(_, why)| *why == Refusal::TooLate);
        self.measures.late += late.count() as u64;
        for (number, points) in fresh {
            self.take(disk, number, points)?;
        }
        if self.settings.is_synced {
            self.sync(disk)?;
        }
        self.go_on(disk);
        Ok(Taken { ticket: self.written, refused })
    }

    /// Returns true if a point is to be taken, false if it is there already.
    fn judge(
        &self,
        disk: &(impl FileSystem + ?Sized),
        series: Series,
        point: Point,
    ) -> Result<Result<bool, Refusal>, StoreError> {
        let number = self.settings.shard_of(point.at);
        let floor = self.newest.map_or(0, |newest| newest.saturating_sub(self.settings.window));
        Ok(match self.get(disk, series, point.at)? {
            Some(bits) if bits == point.bits => Ok(false),
            Some(_) => Err(Refusal::Contradicts),
            None if point.at < floor || self.sealed.contains_key(&number) => Err(Refusal::TooLate),
            None => Ok(true),
        })
    }

    /// Returns the bits of the value that a series has at a time.
    ///
    /// # Errors
    ///
    /// If what is read is damaged.
    pub fn get(
        &self,
        disk: &(impl FileSystem + ?Sized),
        series: Series,
        at: u64,
    ) -> Result<Option<u64>, StoreError> {
        let number = self.settings.shard_of(at);
        let Some(shard) = self.sealed.get(&number) else {
            return Ok(self.young.get(&number).and_then(|shard| shard.get(series, at)));
        };
        let points = shard.read(disk, series, self.settings.is_summed)?;
        Ok(points.into_iter().find(|it| it.at == at).map(|it| it.bits))
    }

    /// Writes points of one shard to its log, and has them in memory.
    fn take(
        &mut self,
        disk: &mut (impl FileSystem + ?Sized),
        number: u64,
        points: Vec<(Series, Point)>,
    ) -> Result<(), StoreError> {
        let durable_bytes = self.young.get(&number).map_or(0, |shard| shard.durable_bytes);
        let record = Record { durable_bytes, points };
        let log_bytes = self.append(disk, number, &record.encode())?;
        self.written += 1;
        self.unsynced.insert(number);
        self.have(number, record.points);
        let shard = Rc::make_mut(self.young.entry(number).or_default());
        shard.log_bytes = log_bytes;
        Ok(())
    }

    /// Has points of one shard in memory.
    pub(super) fn have(&mut self, number: u64, points: Vec<(Series, Point)>) {
        let shard = Rc::make_mut(self.young.entry(number).or_default());
        for (series, point) in points {
            let newest = self.newest.map_or(point.at, |newest| newest.max(point.at));
            shard.insert(&self.settings, series, point, newest);
            self.measures.points += 1;
            let interval = self.settings.interval_of(point.at);
            self.measures.after_close += u64::from(self.settings.is_closed(interval, newest));
            self.newest = Some(newest);
        }
    }

    /// Adds to a log, or leaves it as it was; returns how long it is.
    fn append(
        &mut self,
        disk: &mut (impl FileSystem + ?Sized),
        number: u64,
        bytes: &[u8],
    ) -> Result<u64, StoreError> {
        let name = log::file_name(number);
        let file = if let Ok(file) = disk.open(&name) {
            file
        } else {
            self.unnamed.insert(number);
            disk.create(&name)?
        };
        let end = disk.len_bytes(file)?;
        if let Err(error) = disk.write_at(file, end, bytes) {
            disk.truncate(file, end)?;
            return Err(error.into());
        }
        self.measures.log_bytes += bytes.len() as u64;
        Ok(end + bytes.len() as u64)
    }

    /// Asks that what the logs have become durable, unless a sync of them is under way; then it asks when
    /// that has ended, if it is to sync by itself.
    ///
    /// # Errors
    ///
    /// If a log is not there.
    pub fn sync(&mut self, disk: &mut (impl FileSystem + ?Sized)) -> Result<(), StoreError> {
        if self.syncing.is_some() {
            return Ok(());
        }
        let mut extents = Vec::new();
        let mut lengths = BTreeMap::new();
        for number in &self.unsynced {
            extents.push(Extent::File(disk.open(&log::file_name(*number))?));
            let length = self.young.get(number).map_or(0, |shard| shard.log_bytes);
            lengths.insert(*number, length);
        }
        extents.extend((!self.unnamed.is_empty()).then_some(Extent::Names));
        for extent in extents {
            let sync = disk.sync(extent)?;
            let (ticket, newest) = (self.written, self.newest);
            self.syncing = Some(Syncing { sync, ticket, lengths: lengths.clone(), newest });
        }
        self.nothing_is_open();
        Ok(())
    }

    /// What was written is durable when no log waits for a sync: the shards that had the rest are sealed.
    pub(super) fn nothing_is_open(&mut self) {
        if self.unsynced.is_empty() && self.syncing.is_none() {
            self.durable = self.written;
            self.durable_newest = self.newest;
        }
    }

    /// Learns that a sync has made durable what it covered.
    pub fn synced(&mut self, disk: &mut (impl FileSystem + ?Sized), sync: SyncId) {
        // In doubt it says nothing: a log that it covered may have its name from the one that failed.
        if self.state == State::InDoubt {
            return;
        }
        if let Some(done) = self.syncing.take_if(|it| it.sync == sync) {
            self.durable = self.durable.max(done.ticket);
            self.durable_newest = self.durable_newest.max(done.newest);
            for (number, length) in done.lengths {
                // Its name was covered as well.
                self.unnamed.remove(&number);
                let Some(shard) = self.young.get_mut(&number) else { continue };
                let shard = Rc::make_mut(shard);
                shard.durable_bytes = length;
                if shard.log_bytes == length {
                    self.unsynced.remove(&number);
                }
            }
            if self.state == State::Open
                && self.settings.is_synced
                && let Err(error) = self.sync(disk)
            {
                self.stalled = Some(error);
            }
        }
        self.job_synced(disk, sync);
        self.go_on(disk);
    }

    /// Learns that a sync has failed, be it one of a removal, which covers the names of new logs too. What it
    /// covered may be lost, and what comes after could not be told from it; so nothing more is taken.
    pub fn sync_failed(&mut self, sync: SyncId) {
        self.syncing.take_if(|it| it.sync == sync);
        self.job.take_if(|it| it.sync == sync);
        self.state = State::InDoubt;
    }
}
