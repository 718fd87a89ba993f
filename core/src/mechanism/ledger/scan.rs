//! Reads a disk from one end to the other, and says what is where.

use super::superblock::{self, Copies, Superblock};
use super::{BLOCK_BYTES, Block, BlockId};
use crate::sim::{FileError, FileId, FileSystem};

/// How blocks are laid out, and which safeguards are on.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Settings {
    /// Only what has its sum is believed.
    pub is_summed: bool,
    /// Only what belongs to its place, and before what follows it, is believed.
    pub is_placed: bool,
    /// How many blocks a segment holds, each segment a file of its own.
    pub segment_blocks: u64,
}

/// What is at one place of a copy.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// This block.
    Good(BlockId),
    /// Something else than the block that belongs there; and which that is, if it is known. Then this
    /// copy may have acknowledged it.
    Bad(Option<BlockId>),
}

impl Slot {
    /// Returns the block that is there or belongs there.
    pub fn id(self) -> Option<BlockId> {
        match self {
            Self::Good(id) => Some(id),
            Self::Bad(id) => id,
        }
    }

    /// Returns true for what is to be mended.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Bad(_))
    }
}

/// What a disk holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scan {
    /// One for each position, from 1.
    pub slots: Vec<Slot>,
    /// How many bad blocks lay behind: torn by a crash, and never acknowledged.
    pub torn: u64,
    /// What stands apart from the blocks.
    pub copies: Copies,
}

impl Scan {
    /// Returns true if no crash can have left this: whoever wrote it had a sound superblock before the
    /// first block, and never less than one since.
    pub fn has_lost_its_superblock(&self) -> bool {
        let has_none = self.copies.kept == [None; 2];
        has_none && (self.copies.bad > 1 || self.torn > 0 || !self.slots.is_empty())
    }
}

/// What is found in one sector.
enum Found {
    Nothing,
    Garbage,
    Block(BlockId, Block),
}

/// Returns the name of the segment with this number, from 1.
pub fn segment_name(number: u64) -> String {
    format!("ledger-{number:04}")
}

/// Returns the number of the segment in which a position lies, and its offset in bytes there.
pub fn place_of(position: u64, segment_blocks: u64) -> (u64, u64) {
    let (before, each) = (position.saturating_sub(1), segment_blocks.max(1));
    (before / each + 1, before % each * BLOCK_BYTES as u64)
}

/// Reads all blocks, and classifies them.
///
/// # Errors
///
/// If the disk fails otherwise than by damage.
pub fn scan(disk: &dyn FileSystem, settings: Settings) -> Result<Scan, FileError> {
    let copies = superblock::read(disk)?;
    let mut found = read_all(disk, settings)?;
    while matches!(found.last(), Some(Found::Nothing)) {
        found.pop();
    }
    while (found.len() as u64) < copies.superblock.position {
        found.push(Found::Nothing);
    }
    let mut slots = classify(found, settings, &copies.superblock);
    // A block that had been acknowledged would be named by the superblock, or by one behind it.
    let before = slots.len();
    while matches!(slots.last(), Some(Slot::Bad(None))) {
        slots.pop();
    }
    let torn = (before - slots.len()) as u64;
    Ok(Scan { slots, torn, copies })
}

/// Goes from the last block to the first: each one names the one before it.
fn classify(found: Vec<Found>, settings: Settings, superblock: &Superblock) -> Vec<Slot> {
    let mut slots = Vec::with_capacity(found.len());
    let mut expected: Option<BlockId> = None;
    for (place, found) in found.into_iter().enumerate().rev() {
        let position = place as u64 + 1;
        if position == superblock.position && expected.is_none() {
            let id = superblock.id();
            // A block of a later generation came after the superblock.
            let is_stale = |found: &Found| matches!(found, Found::Block(it, _) if it.generation > id.generation);
            expected = Some(id).filter(|_| !is_stale(&found));
        }
        let belongs = |id: &BlockId, block: &Block| {
            !settings.is_placed
                || block.position == position && expected.is_none_or(|expected| expected == *id)
        };
        let slot = match found {
            Found::Block(id, block) if belongs(&id, &block) => {
                expected = settings.is_placed.then_some(block.previous);
                Slot::Good(id)
            }
            Found::Block(..) | Found::Garbage | Found::Nothing => Slot::Bad(expected.take()),
        };
        slots.push(slot);
    }
    slots.reverse();
    slots
}

/// Reads every sector of every segment.
fn read_all(disk: &dyn FileSystem, settings: Settings) -> Result<Vec<Found>, FileError> {
    let mut found = Vec::new();
    for number in 1.. {
        let file = match disk.open(&segment_name(number)) {
            Ok(file) => file,
            Err(FileError::NotFound(_)) => break,
            Err(error) => return Err(error),
        };
        found.resize_with(
            usize::try_from((number - 1) * settings.segment_blocks).unwrap_or_default(),
            || Found::Nothing,
        );
        let blocks =
            disk.len_bytes(file)?.div_ceil(BLOCK_BYTES as u64).min(settings.segment_blocks);
        for place in 0..blocks {
            found.push(read(disk, (file, place * BLOCK_BYTES as u64), settings)?);
        }
    }
    Ok(found)
}

fn read(
    disk: &dyn FileSystem,
    (file, offset): (FileId, u64),
    settings: Settings,
) -> Result<Found, FileError> {
    let mut sector = [0; BLOCK_BYTES];
    match disk.read_at(file, offset, &mut sector) {
        Ok(_) => {}
        Err(FileError::Unreadable { .. }) => return Ok(Found::Garbage),
        Err(error) => return Err(error),
    }
    Ok(match Block::decode(&sector, settings.is_summed) {
        Some((id, block)) => Found::Block(id, block),
        None if sector == [0; BLOCK_BYTES] => Found::Nothing,
        None => Found::Garbage,
    })
}

/// Returns the block at a position, with the name that it gives itself; `None` if there is none.
pub(super) fn read_block(
    disk: &dyn FileSystem,
    position: u64,
    settings: Settings,
) -> Option<(BlockId, Block)> {
    let (number, offset) = place_of(position, settings.segment_blocks);
    let file = disk.open(&segment_name(number)).ok()?;
    match read(disk, (file, offset), settings).ok()? {
        Found::Block(id, block) => Some((id, block)),
        Found::Nothing | Found::Garbage => None,
    }
}
