//! A state that is what the records of its log add up to.
//!
//! Nothing changes the state but a record, and each record is in the [log](crate::mechanism::wal) before it
//! changes the state. So whoever reads the log again from its beginning has the state again: replay (Lampson,
//! "Hints for Computer System Design", SOSP 1983, section 4, "log updates").
//!
//! Left out: snapshots of the state. Opening reads the whole log.

use std::fmt::Debug;
use std::hash::Hash;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::mount::{Mountable, State};
use super::wal::{Log, LogError, Place, Settings};
use crate::sim::{FileError, FileSystem, SyncId};

/// What records add up to.
pub trait Replayed: Clone + Debug + Default + PartialEq + Eq + Hash {
    /// A change.
    type Record: Clone + Debug + PartialEq + Eq + Hash + Serialize + DeserializeOwned;

    /// Carries out a change, which was noted at this place.
    fn apply(&mut self, place: Place, record: &Self::Record);
}

/// A state and its log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoggedState<S: Replayed> {
    /// None if the state is kept in memory alone.
    log: Option<Log<S::Record>>,
    /// How many records there are.
    last: u64,
    content: S,
}

impl<S: Replayed> LoggedState<S> {
    /// Reads the log of this name and adds it up. Without settings there is no log, and every state begins
    /// empty.
    ///
    /// # Errors
    ///
    /// If the log does not open.
    pub fn open(
        settings: Option<Settings>,
        name: &str,
        disk: &mut dyn FileSystem,
    ) -> Result<Self, LogError> {
        Self::open_onto(S::default(), settings, name, disk)
    }

    /// Reads the log of this name and adds it up onto a state that is not [`Default`]'s, such as one with
    /// rules of its own.
    ///
    /// # Errors
    ///
    /// If the log does not open.
    pub fn open_onto(
        mut content: S,
        settings: Option<Settings>,
        name: &str,
        disk: &mut dyn FileSystem,
    ) -> Result<Self, LogError> {
        let Some(settings) = settings else { return Ok(Self { log: None, last: 0, content }) };
        let (log, records) = Log::open(settings, name, disk)?;
        for (place, record) in &records {
            content.apply(*place, record);
        }
        Ok(Self { last: log.last(), log: Some(log), content })
    }

    /// Notes a change and carries it out; returns which record it is. It is safe when
    /// [`durable`](Self::durable) has come so far.
    ///
    /// # Errors
    ///
    /// If the log takes none now: nothing is changed then.
    pub fn note(&mut self, disk: &mut dyn FileSystem, record: &S::Record) -> Result<u64, LogError> {
        let place = match &mut self.log {
            Some(log) => log.append(disk, record)?,
            None => Place { sequence: self.last + 1, at_byte: 0 },
        };
        self.last = place.sequence;
        self.content.apply(place, record);
        Ok(place.sequence)
    }

    /// Returns the state.
    pub fn content(&self) -> &S {
        &self.content
    }

    /// Asks that all that was noted become durable; see [`Log::sync`].
    pub fn sync(&mut self, disk: &mut dyn FileSystem) {
        if let Some(log) = &mut self.log {
            log.sync(disk);
        }
    }

    /// Learns that a sync has ended.
    pub fn synced(&mut self, disk: &mut dyn FileSystem, sync: SyncId) {
        if let Some(log) = &mut self.log {
            log.synced(disk, sync);
        }
    }

    /// Learns that a sync has failed.
    pub fn sync_failed(&mut self, sync: SyncId) {
        if let Some(log) = &mut self.log {
            log.sync_failed(sync);
        }
    }

    /// Reads what is noted at a byte of the log.
    ///
    /// # Errors
    ///
    /// If it cannot be read there.
    pub fn read(&self, disk: &dyn FileSystem, at_byte: u64) -> Result<S::Record, LogError> {
        let log = self.log.as_ref().ok_or(LogError::Busy)?;
        log.read(disk, at_byte).map(|(_, record)| record)
    }

    /// Returns whether it takes changes.
    pub fn state(&self) -> State {
        self.log.as_ref().map_or(State::Open, Log::state)
    }

    /// Returns how many records there are.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Returns up to which record there is nothing to wait for: no crash undoes it, or there is no log.
    pub fn durable(&self) -> u64 {
        self.log.as_ref().map_or(self.last, Log::durable)
    }
}

impl<S: Replayed> Mountable for LoggedState<S> {
    type Error = LogError;

    fn state(&self) -> State {
        self.state()
    }

    fn sync(&mut self, disk: &mut dyn FileSystem) {
        self.sync(disk);
    }

    fn disk_error(error: &LogError) -> Option<&FileError> {
        error.of_disk()
    }
}
