//! What the Sender keeps: each message in a log before it is taken, and an index of that log.
//!
//! Messages stay on the disk, and what is to be delivered is read from there by where it begins. After a
//! crash all that the log holds and the file of the index does not call delivered is pending.

use std::collections::{BTreeMap, BTreeSet};

use super::index;
use super::message::Message;
use super::settings::Settings;
use crate::mechanism::mount::{Mountable, State};
use crate::mechanism::wal::{Log, LogError};
use crate::sim::{FileError, FileSystem, SyncId};

/// What the file of the log is called.
pub(super) const OUTBOX: &str = "outbox.log";

/// The Sender's store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Outbox {
    settings: Settings,
    log: Log<Message>,
    /// Where each message begins that is not delivered yet, by places in the log.
    pending: BTreeMap<u64, u64>,
    /// What the file of the index does not say yet.
    unwritten: BTreeSet<u64>,
    /// So many messages of the log the file of the index did not know when it was opened.
    unlisted: u32,
}

impl Outbox {
    /// Opens what is on the disk.
    ///
    /// # Errors
    ///
    /// If the log is damaged or the disk refuses.
    pub(super) fn open(settings: Settings, disk: &mut dyn FileSystem) -> Result<Self, LogError> {
        let (log, records) = Log::<Message>::open(settings.log, OUTBOX, disk)?;
        let listed = index::read(disk, settings.log.is_summed);
        let mut pending: BTreeMap<u64, u64> =
            records.iter().map(|(it, _)| (it.sequence, it.at_byte)).collect();
        let unlisted = pending.keys().filter(|place| !listed.contains_key(place)).count();
        pending.retain(|place, _| match listed.get(place) {
            Some(is_delivered) => !is_delivered,
            None => settings.checks_index,
        });
        Ok(Self {
            settings,
            log,
            unwritten: pending.keys().copied().collect(),
            pending,
            unlisted: u32::try_from(unlisted).unwrap_or(u32::MAX),
        })
    }

    /// Takes a message; returns its place.
    ///
    /// # Errors
    ///
    /// If the disk refuses, or a sync has failed.
    pub(super) fn take(
        &mut self,
        disk: &mut dyn FileSystem,
        message: &Message,
    ) -> Result<u64, LogError> {
        let place = self.log.append(disk, message)?;
        self.pending.insert(place.sequence, place.at_byte);
        self.unwritten.insert(place.sequence);
        Ok(place.sequence)
    }

    /// Returns up to which place apps may be told, and the Receiver be sent, what the log holds.
    pub(super) fn promised(&self) -> u64 {
        if self.settings.waits_for_sync { self.log.durable() } else { self.log.last() }
    }

    /// Lists the places of what may be under way: that is promised and not delivered, and at most so many
    /// places after the first such one.
    pub(super) fn due(&self, window: u64) -> impl Iterator<Item = u64> {
        let first = self.pending.keys().next().copied().unwrap_or_default();
        let last = self.promised().min(first.saturating_add(window).saturating_sub(1));
        self.pending.keys().copied().take_while(move |place| *place <= last)
    }

    /// Reads a message that is not delivered yet; none if there is no such one.
    ///
    /// # Errors
    ///
    /// If what is there cannot be believed.
    pub(super) fn read(
        &self,
        disk: &dyn FileSystem,
        place: u64,
    ) -> Result<Option<Message>, LogError> {
        let Some(&at_byte) = self.pending.get(&place) else { return Ok(None) };
        match self.log.read(disk, at_byte)? {
            (found, message) if found == place => Ok(Some(message)),
            // A write has landed on it.
            _ => Err(LogError::Damaged { file: OUTBOX.into(), at_byte }),
        }
    }

    /// The Receiver has said DELIVERED.
    pub(super) fn delivered(&mut self, place: u64) {
        if self.pending.remove(&place).is_some() {
            self.unwritten.insert(place);
        }
    }

    /// Writes down what the file of the index does not say yet.
    pub(super) fn flush(&mut self, disk: &mut dyn FileSystem) {
        // Where the disk refuses the file lags on, which loses nothing.
        let last = self.log.last();
        let is_delivered =
            |place| (1..=last).contains(&place).then(|| !self.pending.contains_key(&place));
        let places = self.unwritten.iter().copied();
        if !self.unwritten.is_empty() && index::write(disk, places, is_delivered).is_ok() {
            self.unwritten.clear();
        }
    }

    /// Writes the whole file of the index anew; true if the disk took it.
    pub(super) fn rewrite(&mut self, disk: &mut dyn FileSystem) -> bool {
        self.unwritten = (1..=self.log.last()).collect();
        self.flush(disk);
        self.unwritten.is_empty()
    }

    /// Asks that all that was taken become durable, in one sync.
    pub(super) fn sync(&mut self, disk: &mut dyn FileSystem) {
        self.log.sync(disk);
    }

    /// Learns that a sync has made durable what it covered.
    pub(super) fn synced(&mut self, disk: &mut dyn FileSystem, sync: SyncId) {
        self.log.synced(disk, sync);
    }

    /// Learns that a sync has failed.
    pub(super) fn sync_failed(&mut self, sync: SyncId) {
        self.log.sync_failed(sync);
    }

    /// Returns how far it has come.
    pub(super) fn state(&self) -> State {
        self.log.state()
    }

    /// Returns the last place of the log.
    pub(super) fn last(&self) -> u64 {
        self.log.last()
    }

    /// Returns up to which place no crash can undo anything.
    pub(super) fn durable(&self) -> u64 {
        self.log.durable()
    }

    /// Returns whether what lies there is still to be delivered.
    pub(super) fn is_pending(&self, place: u64) -> bool {
        self.pending.contains_key(&place)
    }

    /// Returns how many are still to be delivered.
    pub(super) fn pending(&self) -> u32 {
        u32::try_from(self.pending.len()).unwrap_or(u32::MAX)
    }

    /// Returns how many messages of the log the index did not know when it was opened.
    pub(super) fn unlisted(&self) -> u32 {
        self.unlisted
    }

    /// Returns how many changes the file of the index lacks.
    pub(super) fn unwritten(&self) -> u32 {
        u32::try_from(self.unwritten.len()).unwrap_or(u32::MAX)
    }
}

impl Mountable for Outbox {
    type Error = LogError;

    fn state(&self) -> State {
        self.log.state()
    }

    fn sync(&mut self, disk: &mut dyn FileSystem) {
        self.log.sync(disk);
    }

    fn disk_error(error: &LogError) -> Option<&FileError> {
        error.of_disk()
    }
}
