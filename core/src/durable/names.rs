//! Which name means which handle of a pool, written so that what is torn or rotten is noticed.
//!
//! Two copies, one after the other, each a [`frame`] with room to grow: one of them is sound
//! whenever the power goes, and no change of names needs more space than the pool had at first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::mechanism::frame;
use crate::sim::FileError;

/// Rises whenever the bytes of the table change their meaning.
pub const FORMAT: u16 = 1;

/// How long a copy is, whatever it names.
pub const TABLE_BYTES: usize = 4096;

/// One version of the names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The format of what the files hold: [`OnDisk::format`](super::OnDisk::format).
    pub holds: u16,
    /// How many versions there were before.
    pub generation: u64,
    /// Which handle has the bytes of which file.
    pub names: BTreeMap<String, u16>,
}

impl Table {
    /// Returns its bytes.
    ///
    /// # Errors
    ///
    /// If so many names have no room.
    pub fn encode(&self) -> Result<Vec<u8>, FileError> {
        let mut body = FORMAT.to_le_bytes().to_vec();
        body.extend(postcard::to_allocvec(self).unwrap_or_default());
        let mut bytes = Vec::with_capacity(TABLE_BYTES);
        frame::append(&mut bytes, &body);
        if bytes.len() > TABLE_BYTES {
            return Err(FileError::Full);
        }
        bytes.resize(TABLE_BYTES, 0);
        Ok(bytes)
    }

    /// Reads a copy; none if it is damaged, or was never written.
    ///
    /// # Errors
    ///
    /// If it is whole, and of another format.
    pub fn decode(bytes: &[u8]) -> Result<Option<Self>, FileError> {
        let Some((body, _)) = frame::decode(bytes, true) else { return Ok(None) };
        let Some((format, rest)) = body.split_first_chunk() else { return Ok(None) };
        check_format(u16::from_le_bytes(*format), FORMAT)?;
        Ok(postcard::from_bytes(rest).ok())
    }
}

/// Fails if what was found is not of the format that is read here: nothing is ever guessed.
///
/// # Errors
///
/// If the format is an older or a newer one.
pub fn check_format(found: u16, expected: u16) -> Result<(), FileError> {
    match found.cmp(&expected) {
        std::cmp::Ordering::Less => Err(FileError::OlderFormat { found }),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(FileError::NewerFormat { found }),
    }
}
