//! The counter: what is counted, and when it is safe.

use super::CounterError;
use super::area::{self, AREAS, Record};
use super::checkpoint::Job;
use super::recovery::{self, Recovered};
use crate::mechanism::mount::{Mountable, State};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{FileError, FileSystem, SyncId};

/// How a counter behaves. A naive one lacks some safeguard.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a safeguard of its own")]
pub struct Settings {
    /// Safeguard: log and snapshot lie in two areas, not in one.
    pub has_two_copies: bool,
    /// Safeguard: records and snapshots are believed only if they have their sums.
    pub is_summed: bool,
    /// Safeguard: a record stands where its number puts it, and is not counted if a snapshot holds it.
    /// Off: the log is cut when a snapshot is durable, and whatever is in it is counted.
    pub is_numbered: bool,
    /// Safeguard: a record that is damaged everywhere is no end of the log.
    pub refuses_damage: bool,
    /// A snapshot is made after so many.
    pub every: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            has_two_copies: true,
            is_summed: true,
            is_numbered: true,
            refuses_damage: true,
            every: 16,
        }
    }
}

impl Settings {
    /// Returns the names of the areas in use.
    pub fn areas(&self) -> &'static [&'static str] {
        if self.has_two_copies { &AREAS } else { &AREAS[..1] }
    }

    /// Returns how many records a log has room for: those since the last snapshot, and as many while the
    /// next one is made.
    pub fn slots(&self) -> u64 {
        2 * u64::from(self.every.max(1))
    }
}

/// The counter. See the [module](super) for what it keeps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Counter {
    pub(super) settings: Settings,
    pub(super) state: State,
    /// All that was counted.
    pub(super) last: u64,
    /// What no crash can undo.
    pub(super) durable: u64,
    /// What the last durable snapshot holds.
    pub(super) kept: u64,
    /// The last question that was counted, of each who asked.
    pub(super) asked: SmallMap<u16, u32>,
    /// The sync of the log that is under way, and the count that it makes durable.
    syncing: Option<(SyncId, u64)>,
    pub(super) job: Option<Job>,
    /// Why no snapshot can be made.
    pub(super) stalled: Option<CounterError>,
    /// The areas in which recovery found damage.
    damaged: Vec<&'static str>,
}

impl Counter {
    /// Opens what is on the disk, or begins at 0 on an empty one. It counts when what it recovered has
    /// been written anew: until then its [state](Self::state) is [`State::Opening`].
    ///
    /// # Errors
    ///
    /// If every copy of something is damaged, the disk cannot, or a later revision wrote it; nothing
    /// is changed then.
    pub fn open(settings: Settings, disk: &mut dyn FileSystem) -> Result<Self, CounterError> {
        let Recovered { last, asked, damaged } = recovery::recover(disk, &settings)?;
        let mut counter = Self {
            settings,
            state: State::Opening,
            last,
            durable: 0,
            kept: 0,
            asked,
            syncing: None,
            job: None,
            stalled: None,
            damaged,
        };
        counter.go_on(disk);
        Ok(counter)
    }

    /// Returns whether it counts.
    pub fn state(&self) -> State {
        self.state
    }

    /// Returns all that was counted.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Returns the count that no crash can undo.
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// Returns what the last durable snapshot holds.
    pub fn kept(&self) -> u64 {
        self.kept
    }

    /// Returns the areas in which recovery found damage, which it has mended since it is open.
    pub fn damaged(&self) -> &[&'static str] {
        &self.damaged
    }

    /// Returns how it behaves.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns true while a snapshot is made.
    pub fn makes_snapshot(&self) -> bool {
        self.job.is_some()
    }

    /// Returns why no snapshot can be made, if so.
    pub fn stalled(&self) -> Option<&CounterError> {
        self.stalled.as_ref()
    }

    /// Counts one more; returns the count after it. It is safe when [`durable`](Self::durable) has come
    /// so far, which takes a [`sync`](Self::sync). `None` if this question, or a later one of the same source, has been counted already.
    ///
    /// # Errors
    ///
    /// If it counts nothing now; or if the disk could not, which leaves it in doubt whether this was
    /// counted.
    pub fn add(
        &mut self,
        disk: &mut dyn FileSystem,
        (source, question): (u16, u32),
    ) -> Result<Option<u64>, CounterError> {
        match self.state {
            State::Opening => return Err(CounterError::Busy),
            State::InDoubt => return Err(CounterError::InDoubt),
            State::Open => {}
        }
        if self.asked.get(source).is_some_and(|last| *last >= question) {
            return Ok(None);
        }
        let sequence = self.last.saturating_add(1);
        let slot = self.slot(sequence).ok_or_else(|| self.no_room())?;
        self.last = sequence;
        self.asked.insert(source, question);
        let record = Record { sequence, durable: self.durable, source, question };
        let mut areas = self.settings.areas().iter();
        let written = areas.try_for_each(|area| area::write_record(disk, area, slot, record));
        if written.is_err() {
            self.state = State::InDoubt;
            return Err(CounterError::InDoubt);
        }
        self.go_on(disk);
        Ok(Some(sequence))
    }

    /// Returns where a record stands in the log, if there is room for it.
    fn slot(&self, sequence: u64) -> Option<u64> {
        let place = if self.settings.is_numbered {
            let has_room = sequence - self.kept <= self.settings.slots();
            has_room.then_some(sequence % self.settings.slots())
        } else {
            // The log will be cut: what would be written meanwhile would be cut off, too.
            (self.job.is_none()).then(|| (sequence - self.kept).saturating_sub(1))
        };
        place.filter(|place| *place < self.settings.slots())
    }

    fn no_room(&self) -> CounterError {
        self.stalled.clone().unwrap_or(CounterError::Busy)
    }

    /// Learns that a sync has made durable what it covered.
    pub fn synced(&mut self, disk: &mut dyn FileSystem, sync: SyncId) {
        if self.state == State::InDoubt {
            return;
        }
        if let Some((_, count)) = self.syncing.take_if(|(of, _)| *of == sync) {
            self.durable = self.durable.max(count);
        }
        self.job_synced(disk, sync);
    }

    /// Asks that all that was counted become durable, unless a sync of the log is under way.
    pub fn sync(&mut self, disk: &mut dyn FileSystem) {
        if self.state != State::Open || self.syncing.is_some() || self.last == self.durable {
            return;
        }
        for area in self.settings.areas() {
            match area::sync_log(disk, area) {
                // Every request of one handler shares one sync.
                Ok(sync) => self.syncing = Some((sync, self.last)),
                Err(_) => self.state = State::InDoubt,
            }
        }
    }

    /// Learns that a sync has failed: what it covered may be lost, and no later sync makes it good.
    pub fn sync_failed(&mut self, sync: SyncId) {
        let is_log = self.syncing.take_if(|(of, _)| *of == sync).is_some();
        let is_job = self.job.take_if(|job| job.sync == sync).is_some();
        if is_log || is_job {
            self.state = State::InDoubt;
        }
    }
}

impl Mountable for Counter {
    type Error = CounterError;

    fn state(&self) -> State {
        self.state
    }

    fn sync(&mut self, disk: &mut dyn FileSystem) {
        self.sync(disk);
    }

    fn is_stalled(&self) -> bool {
        self.stalled.is_some()
    }

    fn disk_error(error: &CounterError) -> Option<&FileError> {
        if let CounterError::Disk(error) = error { Some(error) } else { None }
    }
}
