//! The log of a young shard: a [`frame`] for each batch of points that it took.
//!
//! A record says up to which byte its log was known to be durable when it was written. What a crash may
//! leave of records that were never synced is any sectors; so the log ends at the first record that is cut
//! short or lacks its sum. If a later one says that what is missing there was durable, then no crash did
//! it: the log is damaged.

use super::{Point, Series, StoreError};
use crate::mechanism::{files, frame};
use crate::sim::{FileError, FileSystem};

/// What all names of logs end in.
pub const SUFFIX: &str = ".log";

/// Bytes of a point in a record: its series, its time, and the bits of its value, little-endian.
const POINT_BYTES: usize = 2 + 8 + 8;

/// Points that were taken together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Up to this byte the log was durable.
    pub durable_bytes: u64,
    /// In the order in which they came.
    pub points: Vec<(Series, Point)>,
}

impl Record {
    /// Returns its bytes in a log.
    pub fn encode(&self) -> Vec<u8> {
        let mut body = self.durable_bytes.to_le_bytes().to_vec();
        for (series, point) in &self.points {
            body.extend(series.to_le_bytes());
            body.extend(point.at.to_le_bytes());
            body.extend(point.bits.to_le_bytes());
        }
        let mut bytes = Vec::new();
        frame::append(&mut bytes, &body);
        bytes
    }

    fn read(body: &[u8]) -> Option<Self> {
        let (durable_bytes, rest) = body.split_first_chunk()?;
        let (points, rest) = rest.as_chunks::<POINT_BYTES>();
        let points = points.iter().map(point).collect();
        let record = Self { durable_bytes: u64::from_le_bytes(*durable_bytes), points };
        rest.is_empty().then_some(record)
    }
}

fn point(bytes: &[u8; POINT_BYTES]) -> (Series, Point) {
    let number = |from: usize, length: usize| {
        let bytes = bytes[from..from + length].iter().rev();
        bytes.fold(0, |number, byte| number << 8 | u64::from(*byte))
    };
    (u16::from_le_bytes([bytes[0], bytes[1]]), Point { at: number(2, 8), bits: number(10, 8) })
}

/// Returns the name of a shard's log.
pub fn file_name(shard: u64) -> String {
    format!("{shard:06}{SUFFIX}")
}

/// Returns the points of a log, in the order in which they came.
///
/// # Errors
///
/// If a sector cannot be read, or a record is missing that was durable.
pub fn replay(
    disk: &(impl FileSystem + ?Sized),
    shard: u64,
    is_summed: bool,
) -> Result<Vec<(Series, Point)>, StoreError> {
    let name = file_name(shard);
    let bytes = read_file(disk, &name)?;
    let mut points = Vec::new();
    let mut end = None;
    for (at, found) in frame::records(&bytes, is_summed, Record::read) {
        match (end, found) {
            (_, None) => _ = end.get_or_insert(at as u64),
            (None, Some(record)) => points.extend(record.points),
            (Some(at_byte), Some(record)) if record.durable_bytes > at_byte => {
                return Err(StoreError::Damaged { file: name, at_byte });
            }
            (Some(_), Some(_)) => {}
        }
    }
    Ok(points)
}

/// Reads a whole file. A sector that cannot be read is damage: a crash leaves none.
///
/// # Errors
///
/// If there is none of this name, or it is damaged.
pub fn read_file(disk: &(impl FileSystem + ?Sized), name: &str) -> Result<Vec<u8>, StoreError> {
    files::read_whole(disk, name).map_err(|error| damage(name, 0, error))
}

/// Says what a read that failed means to a store: a sector that cannot be read is damage.
pub(super) fn damage(name: &str, from: u64, error: FileError) -> StoreError {
    match error.unreadable_at() {
        Some(at_byte) => StoreError::Damaged { file: name.to_owned(), at_byte: at_byte.max(from) },
        None => error.into(),
    }
}
