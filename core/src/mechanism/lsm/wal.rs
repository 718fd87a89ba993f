//! The write-ahead log: a file for each table in memory, a [`frame`] for each batch of writes.
//!
//! A record says which batch it is, and up to which one all was known to be durable when it was written. A crash may leave of what was never synced any sectors; so the log ends at the first record
//! that is cut short, lacks its sum, or does not follow on the one before. If a later one says that what
//! is missing there was durable, then no crash did it: the log is damaged.

use serde::{Deserialize, Serialize};

use super::table::{packed, unpacked};
use super::version::Version;
use super::{Entry, Key, Sequence, StoreError, Value};
use crate::mechanism::{files, frame};
use crate::sim::FileSystem;

/// What all names of log files end in.
const SUFFIX: &str = ".log";

/// One batch of writes: all of them survive, or none.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Record {
    /// The batch's place among all.
    pub sequence: Sequence,
    /// Every batch up to this one was durable when this was written.
    pub durable: Sequence,
    /// What is written.
    pub writes: Vec<(Key, Value)>,
}

impl Record {
    /// Lists its writes as versions.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        self.writes.iter().map(|(key, value)| Entry {
            key: key.clone(),
            sequence: self.sequence,
            value: value.clone(),
        })
    }

    /// Returns its bytes in a log.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        frame::append(&mut bytes, &packed(self));
        bytes
    }
}

/// Returns the name of the log file with this number.
pub fn file_name(number: u64) -> String {
    format!("{number:06}{SUFFIX}")
}

/// Returns the number of a log file.
pub fn number_of(name: &str) -> Option<u64> {
    name.strip_suffix(SUFFIX)?.parse().ok()
}

/// Reads the records that follow on those in tables, in order.
///
/// # Errors
///
/// If a sector cannot be read, or a record is missing that was durable.
pub fn replay(
    disk: &dyn FileSystem,
    version: &Version,
    is_summed: bool,
) -> Result<Vec<Record>, StoreError> {
    let mut records: Vec<Record> = Vec::new();
    let mut last = version.flushed;
    let mut end: Option<(String, u64)> = None;
    // Names come in order, and numbers have leading zeros.
    let counts = |name: &String| number_of(name).is_some_and(|it| it >= version.first_log);
    for name in disk.names().into_iter().filter(counts) {
        let bytes = read_or_damaged(disk, &name)?;
        for (at, found) in frame::records(&bytes, is_summed, unpacked::<Record>) {
            let here = || (name.clone(), at as u64);
            let Some(record) = found else {
                end.get_or_insert_with(here);
                continue;
            };
            let follows = end.is_none() && record.sequence <= last + 1;
            if !follows && is_summed && record.durable > last {
                let (file, at_byte) = end.unwrap_or_else(here);
                return Err(StoreError::Damaged { file, at_byte });
            }
            if follows && record.sequence > last {
                last = record.sequence;
                records.push(record);
            } else if !follows {
                end.get_or_insert_with(here);
            }
        }
    }
    Ok(records)
}

/// Reads a log file. A sector that cannot be read is damage: a crash leaves none.
fn read_or_damaged(disk: &dyn FileSystem, name: &str) -> Result<Vec<u8>, StoreError> {
    files::read_whole(disk, name).map_err(|error| match error.unreadable_at() {
        Some(at_byte) => StoreError::Damaged { file: name.to_owned(), at_byte },
        None => error.into(),
    })
}
