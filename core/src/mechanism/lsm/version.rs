//! Which tables count, level by level, and the manifest that says so.
//!
//! The manifest is one [`frame`] in a file of its own. It is written anew beside the old one, made durable,
//! and given the old one's name in one step: a crash leaves the one or the other.

use serde::{Deserialize, Serialize};

use super::table::{TableFacts, packed, unpacked};
use super::{Sequence, StoreError};
use crate::mechanism::{files, frame};
use crate::sim::{Extent, FileSystem, SyncId};

/// What the manifest is called.
pub const MANIFEST: &str = "manifest";

/// What it is called while it is written.
pub const NEW_MANIFEST: &str = "manifest.new";

/// Of this and every earlier format, a manifest can be read.
const FORMAT: u16 = 1;

/// What counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Version {
    /// Tables of each level. A version of a key in one level is newer than all in the next; within a
    /// level whose tables overlap, the first table has the newest.
    pub levels: Vec<Vec<TableFacts>>,
    /// Every write up to this one is in a table.
    pub flushed: Sequence,
    /// Logs of a lower number count no more, whatever is left of them.
    pub first_log: u64,
    /// No file has this number or a later one.
    pub next_number: u64,
}

impl Version {
    /// Lists the tables, upper levels first.
    pub fn tables(&self) -> impl Iterator<Item = &TableFacts> {
        self.levels.iter().flatten()
    }

    /// Returns how many bytes the tables of each level have.
    pub fn level_bytes(&self) -> Vec<u64> {
        self.levels.iter().map(|level| level.iter().map(|table| table.bytes).sum()).collect()
    }

    /// Returns true if a level below `level` may hold `key`.
    pub fn is_below(&self, level: usize, key: &[u8]) -> bool {
        self.levels.iter().skip(level + 1).flatten().any(|table| table.overlaps(key, key))
    }

    /// Returns a number for a new file.
    pub fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number - 1
    }

    /// Reads the manifest; none if there is none yet.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is not what was written, or is of a later format.
    pub fn read(disk: &dyn FileSystem, is_summed: bool) -> Result<Option<Self>, StoreError> {
        if disk.open(MANIFEST).is_err() {
            return Ok(None);
        }
        let bytes = files::read_whole(disk, MANIFEST)?;
        let damaged = || StoreError::Damaged { file: MANIFEST.into(), at_byte: 0 };
        let (body, _) = frame::decode(&bytes, is_summed).ok_or_else(damaged)?;
        let (format, rest) = body.split_first_chunk().ok_or_else(damaged)?;
        let format = u16::from_le_bytes(*format);
        // Without a sum it is not to be told from damage.
        if is_summed && format > FORMAT {
            return Err(StoreError::NewerFormat(format));
        }
        unpacked(rest).map(Some).ok_or_else(damaged)
    }

    /// Writes the manifest beside the old one, and asks for its sync.
    ///
    /// # Errors
    ///
    /// If the disk is full.
    pub fn write(&self, disk: &mut dyn FileSystem) -> Result<u64, StoreError> {
        let mut body = FORMAT.to_le_bytes().to_vec();
        body.extend(packed(self));
        let mut bytes = Vec::new();
        frame::append(&mut bytes, &body);
        if disk.open(NEW_MANIFEST).is_ok() {
            disk.remove(NEW_MANIFEST)?;
        }
        let file = disk.create(NEW_MANIFEST)?;
        disk.write_at(file, 0, &bytes)?;
        disk.sync(Extent::File(file))?;
        Ok(bytes.len() as u64)
    }

    /// Gives the manifest that was written its name, and asks for that to be durable.
    ///
    /// # Errors
    ///
    /// If it was not written.
    pub fn install(disk: &mut dyn FileSystem) -> Result<SyncId, StoreError> {
        disk.rename(NEW_MANIFEST, MANIFEST)?;
        Ok(disk.sync(Extent::Names)?)
    }
}
