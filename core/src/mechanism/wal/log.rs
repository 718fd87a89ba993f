//! The log: what is appended, and when it is safe.

use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::LogError;
use super::replay::{self, Stamp};
use crate::mechanism::mount::State;
use crate::mechanism::{files, frame};
use crate::sim::files::SECTOR_BYTES;
use crate::sim::{Extent, FileError, FileSystem, SyncId};

/// How a log behaves. A naive one lacks some safeguard.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// Safeguard: records are believed only if they have their sums.
    pub is_summed: bool,
    /// Safeguard: a log that lacks what was durable is not opened. Off: it ends where it is damaged.
    pub refuses_damage: bool,
    /// A crash may leave half a sector, so what lacks its sum at the end is taken for what a crash
    /// left, and only records behind it can tell that it was durable. Rot in what the last sync
    /// covered is not seen then.
    pub sectors_tear: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { is_summed: true, refuses_damage: true, sectors_tear: false }
    }
}

/// Where a record is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which of the log's records it is; the first is 1.
    pub sequence: u64,
    /// Where in the file it begins.
    pub at_byte: u64,
}

/// What is recovered, on its way to the disk.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    /// Its bytes are.
    Writing,
    /// Its name is.
    Naming,
}

/// A log of records. See the [module](super) for how they lie on the disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Log<R> {
    settings: Settings,
    name: String,
    state: State,
    opening: Option<(SyncId, Step)>,
    /// The sync of appended records that is under way, and the record up to which it makes all durable.
    syncing: Option<(SyncId, u64)>,
    last: u64,
    durable: u64,
    end: u64,
    records: PhantomData<R>,
}

impl<R: Serialize + DeserializeOwned> Log<R> {
    /// Reads what is on the disk, or begins a new log, and writes it anew; returns it with all its
    /// records. It takes more when that is durable: until then its [state](Self::state) is
    /// [`State::Opening`].
    ///
    /// # Errors
    ///
    /// If it is damaged, the disk cannot, or a later revision wrote it; the log is as it was then.
    pub fn open(
        settings: Settings,
        name: &str,
        disk: &mut dyn FileSystem,
    ) -> Result<(Self, Vec<(Place, R)>), LogError> {
        let records: Vec<R> = replay::replay(disk, name, settings)?;
        let count = records.len() as u64;
        let mut bytes = replay::header(count);
        let mut placed = Vec::new();
        for (sequence, record) in (1..).zip(records) {
            // The header promises them all. So none is longer than it was, and all fit as they did.
            let (at_byte, encoded) = replay::encode((sequence, 0), &record, bytes.len() as u64)?;
            bytes.resize(usize::try_from(at_byte).unwrap_or_default(), 0);
            bytes.extend(encoded);
            placed.push((Place { sequence, at_byte }, record));
        }
        let sync = files::write_beside(disk, name, &bytes)?;
        let log = Self {
            settings,
            name: name.to_owned(),
            state: State::Opening,
            opening: Some((sync, Step::Writing)),
            syncing: None,
            last: count,
            durable: 0,
            end: bytes.len() as u64,
            records: PhantomData,
        };
        Ok((log, placed))
    }

    /// Reads the records that are on the disk, as [`open`](Self::open) would, and changes nothing.
    ///
    /// # Errors
    ///
    /// As `open`.
    pub fn records_on(
        settings: Settings,
        name: &str,
        disk: &dyn FileSystem,
    ) -> Result<Vec<R>, LogError> {
        replay::replay(disk, name, settings)
    }

    /// Writes a record behind the others. It is safe when [`durable`](Self::durable) has come so far,
    /// which takes a [`sync`](Self::sync).
    ///
    /// # Errors
    ///
    /// If the record is too long or the log takes none now; or if the disk could not, which leaves it in
    /// doubt whether it is there.
    pub fn append(&mut self, disk: &mut dyn FileSystem, record: &R) -> Result<Place, LogError> {
        match self.state {
            State::Opening => return Err(LogError::Busy),
            State::InDoubt => return Err(LogError::InDoubt),
            State::Open => {}
        }
        let sequence = self.last.saturating_add(1);
        let (at_byte, bytes) = replay::encode((sequence, self.durable), record, self.end)?;
        if let Err(error) = self.write(disk, at_byte, &bytes) {
            self.state = State::InDoubt;
            return Err(error.into());
        }
        self.last = sequence;
        self.end = at_byte + bytes.len() as u64;
        Ok(Place { sequence, at_byte })
    }

    fn write(&self, disk: &mut dyn FileSystem, at: u64, bytes: &[u8]) -> Result<(), FileError> {
        let file = disk.open(&self.name)?;
        disk.write_at(file, at, bytes)
    }

    /// Asks that all that was appended become durable, unless a sync is under way: then ask again when it
    /// has ended.
    pub fn sync(&mut self, disk: &mut dyn FileSystem) {
        if self.state != State::Open || self.syncing.is_some() || self.last == self.durable {
            return;
        }
        let asked = disk.open(&self.name).and_then(|file| disk.sync(Extent::File(file)));
        match asked {
            Ok(sync) => self.syncing = Some((sync, self.last)),
            Err(_) => self.state = State::InDoubt,
        }
    }

    /// Learns that a sync has made durable what it covered; returns true if more is durable now.
    pub fn synced(&mut self, disk: &mut dyn FileSystem, sync: SyncId) -> bool {
        if let Some((_, step)) = self.opening.take_if(|(of, _)| *of == sync) {
            return self.opened(disk, step);
        }
        let Some((_, last)) = self.syncing.take_if(|(of, _)| *of == sync) else { return false };
        let was = std::mem::replace(&mut self.durable, last);
        self.state == State::Open && was < last
    }

    fn opened(&mut self, disk: &mut dyn FileSystem, step: Step) -> bool {
        match step {
            Step::Writing => match files::install(disk, &self.name) {
                Ok(sync) => self.opening = Some((sync, Step::Naming)),
                Err(_) => self.state = State::InDoubt,
            },
            Step::Naming => {
                self.state = State::Open;
                self.durable = self.last;
            }
        }
        step == Step::Naming && self.durable > 0
    }

    /// Learns that a sync has failed: what it covered may be lost, and no later sync makes it good.
    pub fn sync_failed(&mut self, sync: SyncId) {
        let is_opening = self.opening.take_if(|(of, _)| *of == sync).is_some();
        let is_syncing = self.syncing.take_if(|(of, _)| *of == sync).is_some();
        if is_opening || is_syncing {
            self.state = State::InDoubt;
        }
    }

    /// Reads one record, as an index asks for it; returns which of the log's it is with it.
    ///
    /// # Errors
    ///
    /// If none begins there that is as it was written, the log is not open, or the disk cannot.
    pub fn read(&self, disk: &dyn FileSystem, at_byte: u64) -> Result<(u64, R), LogError> {
        let damaged = || LogError::Damaged { file: self.name.clone(), at_byte };
        if self.state == State::Opening {
            // Until what is written anew has its name, the places are not those of the file.
            return Err(LogError::Busy);
        }
        let file = disk.open(&self.name)?;
        let sector = SECTOR_BYTES as u64;
        let room = (at_byte + 1).next_multiple_of(sector) - at_byte;
        let mut bytes = vec![0; usize::try_from(room).unwrap_or_default()];
        match disk.read_at(file, at_byte, &mut bytes) {
            Ok(read) => bytes.truncate(read),
            Err(FileError::Unreadable { .. }) => return Err(damaged()),
            Err(error) => return Err(error.into()),
        }
        let is_in_place =
            |stamp: &Stamp| !self.settings.is_summed || stamp.sector == at_byte / sector;
        let found = frame::decode(&bytes, self.settings.is_summed);
        let found = found.and_then(|(body, _)| replay::read(body));
        let found = found.filter(|(stamp, _)| is_in_place(stamp));
        found.map(|(stamp, record)| (stamp.sequence, record)).ok_or_else(damaged)
    }

    /// Returns the file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether it takes records.
    pub fn state(&self) -> State {
        self.state
    }

    /// Returns how many records were appended or found.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Returns up to which record no crash can undo any.
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// Returns how long the log is.
    pub fn len_bytes(&self) -> u64 {
        self.end
    }

    /// Returns true while a sync of appended records is under way.
    pub fn is_syncing(&self) -> bool {
        self.syncing.is_some()
    }
}
