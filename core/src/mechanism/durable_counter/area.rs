//! One copy: a log and a snapshot, and what can be believed of them.

use serde::{Deserialize, Serialize};

use super::{CounterError, Settings};
use crate::mechanism::{files, frame};
use crate::sim::files::SECTOR_BYTES;
use crate::sim::{Extent, FileError, FileId, FileSystem, SyncId};

/// The names of the areas, which begin their files' names.
pub const AREAS: [&str; 2] = ["a", "b"];
/// The newest way to write a snapshot down.
const FORMAT: u16 = 1;

/// One +1: who asked for it, and which of that one's questions it was.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Record {
    /// Its number: the count after it.
    pub sequence: u64,
    /// Up to this one all was durable when this was written.
    pub durable: u64,
    /// Who asked.
    pub source: u16,
    /// Which of its questions; they rise.
    pub question: u32,
}

/// The count at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Snapshot {
    /// How far it had been counted.
    pub count: u64,
    /// The last question that was counted, of each who asked.
    pub asked: Vec<(u16, u32)>,
}

/// What is in a sector of a log.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Nothing was ever written here.
    Empty,
    /// A record.
    Record(Record),
    /// Something that no write and no crash leaves.
    Bad,
}

/// What is in a snapshot's file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kept {
    /// There is no such file.
    Nothing,
    /// A snapshot.
    Snapshot(Snapshot),
    /// Something that no write leaves.
    Bad,
}

/// Returns the name of an area's log.
pub fn log(area: &str) -> String {
    format!("{area}.log")
}

/// Returns the name of an area's snapshot.
pub fn snapshot(area: &str) -> String {
    format!("{area}.snap")
}

/// Returns a frame that fills a sector, or more if it must.
fn sector(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame::append(&mut bytes, body);
    bytes.resize(bytes.len().next_multiple_of(SECTOR_BYTES), 0);
    bytes
}

/// Writes a record into its slot of an area's log.
pub(super) fn write_record(
    disk: &mut dyn FileSystem,
    area: &str,
    slot: u64,
    record: Record,
) -> Result<(), FileError> {
    let file = disk.open(&log(area))?;
    let body = postcard::to_allocvec(&record).unwrap_or_default();
    disk.write_at(file, slot * SECTOR_BYTES as u64, &sector(&body))
}

/// Asks for the sync of an area's log.
pub(super) fn sync_log(disk: &mut dyn FileSystem, area: &str) -> Result<SyncId, FileError> {
    let file = disk.open(&log(area))?;
    disk.sync(Extent::File(file))
}

/// Writes a snapshot beside the old one, and asks for its sync.
pub(super) fn write_snapshot(
    disk: &mut dyn FileSystem,
    area: &str,
    kept: &Snapshot,
) -> Result<SyncId, FileError> {
    let mut body = FORMAT.to_le_bytes().to_vec();
    body.extend(postcard::to_allocvec(kept).unwrap_or_default());
    files::write_beside(disk, &snapshot(area), &sector(&body))
}

/// Gives the snapshot that was written its name, and asks for the sync of that.
pub(super) fn install_snapshot(disk: &mut dyn FileSystem, area: &str) -> Result<SyncId, FileError> {
    files::install(disk, &snapshot(area))
}

/// Empties an area's log, with room for `slots` records, and asks for its sync.
pub(super) fn clear_log(
    disk: &mut dyn FileSystem,
    area: &str,
    slots: u64,
) -> Result<SyncId, FileError> {
    let name = log(area);
    let file = disk.open(&name).or_else(|_| disk.create(&name))?;
    disk.truncate(file, 0)?;
    disk.truncate(file, slots * SECTOR_BYTES as u64)?;
    disk.sync(Extent::File(file))
}

/// Reads a sector; `None` if it cannot be read.
fn read(disk: &dyn FileSystem, file: FileId, slot: u64) -> Result<Option<Vec<u8>>, FileError> {
    let mut bytes = vec![0; SECTOR_BYTES];
    match disk.read_at(file, slot * SECTOR_BYTES as u64, &mut bytes) {
        Ok(_) => Ok(Some(bytes)),
        Err(FileError::Unreadable { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads an area's snapshot.
///
/// # Errors
///
/// If the disk cannot, or a later revision wrote it.
pub fn read_snapshot(
    disk: &dyn FileSystem,
    area: &str,
    settings: &Settings,
) -> Result<Kept, CounterError> {
    let Ok(file) = disk.open(&snapshot(area)) else { return Ok(Kept::Nothing) };
    let sectors = disk.len_bytes(file)?.div_ceil(SECTOR_BYTES as u64);
    let mut bytes = Vec::new();
    for slot in 0..sectors {
        let Some(sector) = read(disk, file, slot)? else { return Ok(Kept::Bad) };
        bytes.extend(sector);
    }
    let body = frame::decode(&bytes, settings.is_summed).map(|(body, _)| body);
    let Some((format, rest)) = body.and_then(<[u8]>::split_first_chunk) else {
        return Ok(Kept::Bad);
    };
    let format = u16::from_le_bytes(*format);
    if settings.is_summed && format > FORMAT {
        return Err(CounterError::NewerFormat(format));
    }
    Ok(postcard::from_bytes(rest).map_or(Kept::Bad, Kept::Snapshot))
}

/// Reads an area's log, slot by slot.
///
/// # Errors
///
/// If the disk cannot.
pub fn read_log(
    disk: &dyn FileSystem,
    area: &str,
    settings: &Settings,
) -> Result<Vec<Slot>, CounterError> {
    let Ok(file) = disk.open(&log(area)) else { return Ok(Vec::new()) };
    let slots = disk.len_bytes(file)?.div_ceil(SECTOR_BYTES as u64);
    let mut all = Vec::new();
    for slot in 0..slots {
        let bytes = read(disk, file, slot)?;
        all.push(bytes.map_or(Slot::Bad, |bytes| decode(&bytes, settings)));
    }
    Ok(all)
}

fn decode(bytes: &[u8], settings: &Settings) -> Slot {
    if bytes.iter().all(|byte| *byte == 0) {
        return Slot::Empty;
    }
    let body = frame::decode(bytes, settings.is_summed);
    let record = body.and_then(|(body, _)| postcard::from_bytes(body).ok());
    record.map_or(Slot::Bad, Slot::Record)
}
