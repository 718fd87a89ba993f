//! What can be known from what is on the disk.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{LogError, Settings};
use crate::mechanism::{files, frame};
use crate::sim::files::SECTOR_BYTES;
use crate::sim::{FileError, FileSystem};

/// The newest way to write a log down.
const FORMAT: u16 = 1;

/// What a record is written with.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Its place among all; the first is 1.
    pub(super) sequence: u64,
    /// Up to this one all was durable when this was written.
    pub(super) durable: u64,
    /// In which sector of the file it belongs.
    pub(super) sector: u64,
}

/// Returns the first sector of a log that begins with this many records.
pub(super) fn header(records: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    frame::append(&mut bytes, &postcard::to_allocvec(&(FORMAT, records)).unwrap_or_default());
    bytes.resize(SECTOR_BYTES, 0);
    bytes
}

/// Returns where a record begins if the log ends at `end`, never across two sectors, and its bytes.
///
/// # Errors
///
/// If they do not fit into a sector.
pub(super) fn encode<R: Serialize>(
    (sequence, durable): (u64, u64),
    record: &R,
    end: u64,
) -> Result<(u64, Vec<u8>), LogError> {
    let size = SECTOR_BYTES as u64;
    let next = end.next_multiple_of(size);
    let within = |at_byte: u64| {
        let mut bytes = Vec::new();
        let body = postcard::to_allocvec(&(sequence, durable, at_byte / size, record));
        frame::append(&mut bytes, &body.unwrap_or_default());
        bytes
    };
    let bytes = within(end);
    if bytes.len() as u64 <= next - end {
        return Ok((end, bytes));
    }
    let bytes = within(next);
    if bytes.len() > SECTOR_BYTES {
        return Err(LogError::TooLong { bytes: bytes.len() as u64 });
    }
    Ok((next, bytes))
}

/// Reads a record's body.
pub(super) fn read<R: DeserializeOwned>(body: &[u8]) -> Option<(Stamp, R)> {
    let (sequence, durable, sector, record) = postcard::from_bytes(body).ok()?;
    Some((Stamp { sequence, durable, sector }, record))
}

/// Reads a log, record by record; none if there is no such file.
///
/// # Errors
///
/// If something is damaged that was durable, the disk cannot, or a later revision wrote it.
pub(super) fn replay<R: DeserializeOwned>(
    disk: &dyn FileSystem,
    name: &str,
    settings: Settings,
) -> Result<Vec<R>, LogError> {
    let damaged = |at_byte| LogError::Damaged { file: name.to_owned(), at_byte };
    let bytes = match files::read_whole(disk, name) {
        Ok(bytes) => bytes,
        Err(FileError::NotFound(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error.unreadable_at().map_or(error.into(), damaged)),
    };
    let mut scan = Scan::new(settings, bytes.len() as u64);
    let mut sectors = (0..).zip(bytes.chunks(SECTOR_BYTES));
    // The log got its name after its header was durable.
    match sectors.next().and_then(|(_, sector)| frame::decode(sector, settings.is_summed)) {
        Some((body, _)) => match postcard::take_from_bytes::<(u16, u64)>(body) {
            // Without a sum it is not to be told from damage.
            Ok(((format, _), _)) if settings.is_summed && format > FORMAT => {
                return Err(LogError::NewerFormat(format));
            }
            Ok(((_, records), [])) => scan.promised = records,
            // A record that landed here begins with two numbers as well.
            Ok(_) | Err(_) => return Err(damaged(0)),
        },
        None if settings.refuses_damage => return Err(damaged(0)),
        None => {}
    }
    for (number, sector) in sectors {
        scan.sector(number * SECTOR_BYTES as u64, sector);
    }
    match scan.damage() {
        Some(at_byte) if settings.refuses_damage => Err(damaged(at_byte)),
        _ => Ok(scan.records),
    }
}

/// A log that is read from one end to the other.
struct Scan<R> {
    settings: Settings,
    records: Vec<R>,
    len_bytes: u64,
    /// Up to this record all was durable once, as far as any says.
    promised: u64,
    /// Where the records end that follow one on the other.
    end: Option<u64>,
    /// Where something lies that no crash leaves, unless it tears sectors.
    bad: Option<u64>,
    /// Where something lies that belongs elsewhere.
    misplaced: Option<u64>,
}

impl<R: DeserializeOwned> Scan<R> {
    fn new(settings: Settings, len_bytes: u64) -> Self {
        Self {
            settings,
            records: Vec::new(),
            len_bytes,
            promised: 0,
            end: None,
            bad: None,
            misplaced: None,
        }
    }

    fn sector(&mut self, begin: u64, sector: &[u8]) {
        for (at, found) in frame::records(sector, self.settings.is_summed, read) {
            let at_byte = begin + at as u64;
            match found {
                Some((stamp, record)) => self.record(at_byte, stamp, record),
                // Nothing arrived here.
                None if sector[at..].iter().all(|byte| *byte == 0) => return,
                // Records behind it are not taken, but they can tell that it was durable.
                None => {
                    self.end.get_or_insert(at_byte);
                    self.bad.get_or_insert(at_byte);
                }
            }
        }
    }

    fn record(&mut self, at_byte: u64, stamp: Stamp, record: R) {
        self.promised = self.promised.max(stamp.durable);
        let follows = stamp.sequence == self.records.len() as u64 + 1;
        if self.settings.is_summed && stamp.sector != at_byte / SECTOR_BYTES as u64 {
            // What was in its way there may have been durable, and whoever knew is overwritten.
            self.misplaced.get_or_insert(at_byte);
            self.end.get_or_insert(at_byte);
        }
        if self.end.is_none() && (follows || !self.settings.is_summed) {
            self.records.push(record);
        } else {
            self.end.get_or_insert(at_byte);
        }
    }

    /// Returns where the log is damaged, if it is.
    fn damage(&self) -> Option<u64> {
        let bad = self.bad.filter(|_| !self.settings.sectors_tear);
        // Without sums nobody knows what a number is worth.
        let is_missing = self.settings.is_summed && self.promised > self.records.len() as u64;
        self.misplaced.or(bad).or_else(|| is_missing.then(|| self.end.unwrap_or(self.len_bytes)))
    }
}
