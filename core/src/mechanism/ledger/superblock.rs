//! What a copy knows apart from its blocks: its generation, and which block is the last.
//!
//! Two copies lie in two sectors of one file. A new one goes over the older of the two, and that only
//! when the newer is on disk: a torn write harms neither the one that counts nor any block. Both are on
//! disk before there is a block, one after the other. So no crash leaves both of them bad, nor blocks
//! without any: that is damage, and what it hides is not guessed at.

use serde::{Deserialize, Serialize};

use super::BlockId;
use crate::mechanism::frame;
use crate::sim::files::SECTOR_BYTES;
use crate::sim::{FileError, FileSystem};

/// The file's name.
pub const FILE: &str = "superblock";

/// So many blocks a ledger can have: a superblock that speaks of more is not believed, whatever its sum.
const MOST_BLOCKS: u64 = 1 << 24;

/// What it says.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Superblock {
    /// Of two, the later one counts.
    pub sequence: u64,
    /// The latest generation that this copy has heard of or made.
    pub generation: u64,
    /// All up to this position was on disk when this was written.
    pub durable: u64,
    /// The position of the last block; 0 if it is not known.
    pub position: u64,
    /// Generation and sum of that block.
    id: (u64, u32),
}

impl Superblock {
    /// Makes what comes after it, when so much is on disk and the last block is this one.
    #[must_use]
    pub fn next(self, durable: u64, (position, id): (u64, BlockId)) -> Self {
        let sequence = self.sequence + 1;
        Self { sequence, durable, position, id: (id.generation, id.sum), ..self }
    }

    /// Returns the name of the last block.
    pub fn id(&self) -> BlockId {
        BlockId { generation: self.id.0, sum: self.id.1 }
    }

    /// Returns its bytes, a whole sector.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SECTOR_BYTES);
        frame::append(&mut bytes, &postcard::to_allocvec(self).unwrap_or_default());
        bytes.resize(SECTOR_BYTES, 0);
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let found: Self = postcard::from_bytes(frame::decode(bytes, true)?.0).ok()?;
        (found.position.max(found.durable) <= MOST_BLOCKS).then_some(found)
    }
}

/// What the two copies say.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Copies {
    /// The later one; the usual one if there is none.
    pub superblock: Superblock,
    /// The side on which it lies.
    pub side: u64,
    /// How many are neither what was written nor empty.
    pub bad: u8,
    /// The generation that each side keeps; `None` if that one is bad or empty.
    pub kept: [Option<u64>; 2],
}

impl Default for Copies {
    fn default() -> Self {
        Self { superblock: Superblock::default(), side: 1, bad: 0, kept: [None; 2] }
    }
}

/// Reads both copies.
///
/// # Errors
///
/// If the disk fails otherwise than by damage.
pub fn read(disk: &dyn FileSystem) -> Result<Copies, FileError> {
    let mut copies = Copies::default();
    let file = match disk.open(FILE) {
        Ok(file) => file,
        Err(FileError::NotFound(_)) => return Ok(copies),
        Err(error) => return Err(error),
    };
    for (side, kept) in (0..).zip(&mut copies.kept) {
        let mut bytes = [0; SECTOR_BYTES];
        let found = match disk.read_at(file, side * SECTOR_BYTES as u64, &mut bytes) {
            Ok(_) => Superblock::decode(&bytes),
            Err(FileError::Unreadable { .. }) => {
                copies.bad += 1;
                continue;
            }
            Err(error) => return Err(error),
        };
        *kept = found.map(|superblock| superblock.generation);
        match found {
            Some(superblock) if superblock.sequence > copies.superblock.sequence => {
                (copies.superblock, copies.side) = (superblock, side);
            }
            Some(_) => {}
            None => copies.bad += u8::from(bytes != [0; SECTOR_BYTES]),
        }
    }
    Ok(copies)
}
