//! One copy of the ledger on a disk.

use super::scan::{self, Scan, Settings, Slot, place_of, segment_name};
use super::superblock::{FILE, Superblock};
use super::{BLOCK_BYTES, Block, BlockId};
use crate::sim::files::SECTOR_BYTES;
use crate::sim::{Extent, FileError, FileId, FileSystem, SyncId};

/// A sync that is under way, and what it will have done.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
struct Pending {
    sync: SyncId,
    /// All up to here is on disk then.
    through: u64,
    /// It makes a cut durable: what is appended must not meet what was cut off.
    is_cut: bool,
    /// The side of the superblock that is on disk then, and its generation; `None` for the sync of
    /// what was there when the copy was opened.
    side: Option<(u64, u64)>,
}

/// One copy. What it is told to do it writes, and [`Ledger::sync`] makes it durable; whoever runs the disk
/// tells it of the syncs that have ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ledger {
    settings: Settings,
    slots: Vec<Slot>,
    superblock: Superblock,
    /// Where the superblock was written last.
    side: u64,
    pending: Vec<Pending>,
    durable: u64,
    /// The generation that each side of the superblock keeps on disk; `None` while it keeps none.
    kept: [Option<u64>; 2],
    /// What has been written to since the last sync was asked for.
    written: Vec<FileId>,
    /// Something has been cut off since then.
    has_cut: bool,
}

impl Ledger {
    /// Opens what is on a disk; what a crash has torn is cut off. What was read is synced before anything
    /// is written: it may never have been, and then a crash could tear the older superblock while
    /// the newer is not on disk.
    ///
    /// # Errors
    ///
    /// If the disk fails otherwise than by damage, or no copy of the superblock is sound although there
    /// is something that it spoke of: who does not know how far it had come cannot tell what was
    /// acknowledged from what a crash has torn. Nothing is changed then.
    pub fn open(disk: &mut dyn FileSystem, settings: Settings) -> Result<(Self, Scan), FileError> {
        let scan = scan::scan(disk, settings)?;
        if scan.has_lost_its_superblock() {
            return Err(FileError::NoSoundCopy(FILE.into()));
        }
        let mut ledger = Self {
            settings,
            slots: scan.slots.clone(),
            superblock: scan.copies.superblock,
            side: scan.copies.side,
            pending: Vec::new(),
            durable: 0,
            kept: scan.copies.kept,
            written: Vec::new(),
            has_cut: false,
        };
        ledger.cut(disk, ledger.len())?;
        let segments = (1..).map_while(|number| disk.open(&segment_name(number)).ok());
        let files: Vec<FileId> = disk.open(FILE).into_iter().chain(segments).collect();
        for file in &files {
            disk.sync(Extent::File(*file))?;
        }
        match files.last() {
            Some(file) => {
                let (sync, through) = (disk.sync(Extent::File(*file))?, ledger.len());
                ledger.pending.push(Pending { sync, through, is_cut: false, side: None });
            }
            None => ledger.sync(disk)?,
        }
        Ok((ledger, scan))
    }

    /// Returns the position of the last block, good or bad.
    pub fn len(&self) -> u64 {
        self.slots.len() as u64
    }

    /// Returns true if there is no block.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Returns what is known of each position, from the first.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Returns what is known of a position; nothing behind the end.
    pub fn slot(&self, position: u64) -> Option<Slot> {
        self.slots.get(usize::try_from(position.checked_sub(1)?).ok()?).copied()
    }

    /// Returns the name of the last block; nothing if there is none, or it is not known.
    pub fn tip(&self) -> BlockId {
        self.slots.last().and_then(|slot| slot.id()).unwrap_or_default()
    }

    /// Returns the positions of bad blocks, in order.
    pub fn bad(&self) -> impl DoubleEndedIterator<Item = u64> + '_ {
        let places = self.slots.iter().enumerate().filter(|(_, slot)| slot.is_bad());
        places.map(|(place, _)| place as u64 + 1)
    }

    /// Returns up to where all has been written to disk, whether it is still good or not.
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// Returns up to where all is good and on disk: what this copy can answer for.
    pub fn sound(&self) -> u64 {
        self.bad().next().map_or(self.durable, |bad| self.durable.min(bad - 1))
    }

    /// Returns the latest generation that it has kept.
    pub fn generation(&self) -> u64 {
        self.superblock.generation.max(self.tip().generation)
    }

    /// Returns the latest generation that neither a crash nor damage to one superblock can make it
    /// forget: both copies keep it.
    pub fn durable_generation(&self) -> u64 {
        let [one, other] = self.kept.map(|kept| kept.filter(|_| !self.is_opening()));
        one.min(other).unwrap_or_default()
    }

    /// Returns true while blocks that were cut off could still come back, or a crash could leave it
    /// without two sound superblocks. Nothing may be appended then.
    pub fn is_settling(&self) -> bool {
        let is_cutting = self.has_cut || self.pending.iter().any(|pending| pending.is_cut);
        is_cutting || self.is_opening() || self.kept.contains(&None)
    }

    /// What was there when it was opened is not known to be on disk.
    fn is_opening(&self) -> bool {
        self.pending.iter().any(|pending| pending.side.is_none())
    }

    /// Reads a good block; `None`, and the block is bad from now on, if it is not there any more.
    pub fn read(&mut self, disk: &dyn FileSystem, position: u64) -> Option<Block> {
        let Some(Slot::Good(id)) = self.slot(position) else { return None };
        let found = scan::read_block(disk, position, self.settings);
        let is_placed = self.settings.is_placed;
        let is_right =
            |(it, block): &(BlockId, Block)| !is_placed || *it == id && block.position == position;
        let block = found.filter(is_right);
        if block.is_none() {
            self.set(position, Slot::Bad(Some(id)));
        }
        block.map(|(_, block)| block)
    }

    /// Writes the next block.
    ///
    /// # Errors
    ///
    /// If the disk has no room or fails.
    pub fn append(&mut self, disk: &mut dyn FileSystem, block: &Block) -> Result<(), FileError> {
        self.write(disk, self.len() + 1, block)?;
        self.slots.push(Slot::Good(block.id()));
        Ok(())
    }

    /// Writes a block over a bad one.
    ///
    /// # Errors
    ///
    /// If the disk has no room or fails.
    pub fn mend(
        &mut self,
        disk: &mut dyn FileSystem,
        (position, block): (u64, &Block),
    ) -> Result<(), FileError> {
        self.set(position, Slot::Good(block.id()));
        if position > 1
            && self.settings.is_placed
            && self.slot(position - 1) == Some(Slot::Bad(None))
        {
            self.set(position - 1, Slot::Bad(Some(block.previous)));
        }
        self.forget_durable(position - 1);
        self.write(disk, position, block)
    }

    /// Says which block belongs where a bad one is.
    pub fn expect(&mut self, position: u64, id: BlockId) {
        self.set(position, Slot::Bad(Some(id)));
    }

    /// Cuts off all blocks behind the first so many.
    ///
    /// # Errors
    ///
    /// If the disk fails.
    pub fn cut(&mut self, disk: &mut dyn FileSystem, keep: u64) -> Result<(), FileError> {
        self.slots.truncate(usize::try_from(keep).unwrap_or(usize::MAX));
        self.forget_durable(keep);
        let (last, end) = place_of(keep + 1, self.settings.segment_blocks);
        for number in last.. {
            let Ok(file) = disk.open(&segment_name(number)) else { break };
            let end = if number == last { end } else { 0 };
            if disk.len_bytes(file)? > end {
                disk.truncate(file, end)?;
                self.written.push(file);
            }
        }
        self.has_cut = true;
        Ok(())
    }

    /// Keeps a later generation, with the next sync.
    pub fn enter(&mut self, generation: u64) {
        self.superblock.generation = self.superblock.generation.max(generation);
    }

    /// A sync has ended well. What both superblocks should say and only one does is written to the other.
    ///
    /// # Errors
    ///
    /// If the disk has no room or fails.
    pub fn synced(&mut self, disk: &mut dyn FileSystem, sync: SyncId) -> Result<(), FileError> {
        let was_opening = self.is_opening();
        while self.pending.first().is_some_and(|pending| pending.sync <= sync) {
            let ended = self.pending.remove(0);
            self.durable = self.durable.max(ended.through);
            for (side, kept) in (0..).zip(&mut self.kept) {
                let generation = ended.side.filter(|it| it.0 == side).map(|it| it.1);
                *kept = generation.or(*kept);
            }
        }
        let is_behind = self.kept.iter().any(|kept| *kept != Some(self.superblock.generation));
        let has_opened = was_opening && !self.is_opening();
        if has_opened || is_behind && self.pending.is_empty() { self.sync(disk) } else { Ok(()) }
    }

    fn set(&mut self, position: u64, slot: Slot) {
        let place = usize::try_from(position.saturating_sub(1)).unwrap_or(usize::MAX);
        if let Some(it) = self.slots.get_mut(place) {
            *it = slot;
        }
    }

    /// What lies behind is not on disk, or is about to be written over.
    fn forget_durable(&mut self, keep: u64) {
        self.durable = self.durable.min(keep);
        for pending in &mut self.pending {
            pending.through = pending.through.min(keep);
        }
    }

    fn write(
        &mut self,
        disk: &mut dyn FileSystem,
        position: u64,
        block: &Block,
    ) -> Result<(), FileError> {
        let (number, offset) = place_of(position, self.settings.segment_blocks);
        let file = open_or_create(disk, &segment_name(number))?;
        disk.write_at(file, offset, &block.encode())?;
        self.written.push(file);
        Ok(())
    }

    /// Writes the superblock, and asks that it become durable with all that it speaks of; while it opens,
    /// that is done when it has.
    ///
    /// # Errors
    ///
    /// If the disk has no room or fails.
    pub fn sync(&mut self, disk: &mut dyn FileSystem) -> Result<(), FileError> {
        if self.is_opening() {
            return Ok(());
        }
        // The one that is on disk stays until its successor is.
        if self.pending.is_empty() {
            self.side = 1 - self.side.min(1);
        }
        let known = self.slots.last().and_then(|slot| slot.id());
        let last = known.map_or((0, BlockId::default()), |id| (self.len(), id));
        // What was on disk before this copy was opened still was, whether it is good now or not: only a
        // cut takes that back.
        let durable = self.durable.max(self.superblock.durable).min(self.len());
        self.superblock = self.superblock.next(durable, last);
        let file = open_or_create(disk, FILE)?;
        disk.write_at(file, self.side * SECTOR_BYTES as u64, &self.superblock.encode())?;
        for file in std::mem::take(&mut self.written) {
            disk.sync(Extent::File(file))?;
        }
        let sync = disk.sync(Extent::File(file))?;
        let (through, is_cut) = (self.len(), std::mem::take(&mut self.has_cut));
        let side = Some((self.side, self.superblock.generation));
        match self.pending.last_mut().filter(|pending| pending.sync == sync) {
            Some(pending) => {
                pending.through = through;
                pending.is_cut |= is_cut;
                pending.side = side;
            }
            None => self.pending.push(Pending { sync, through, is_cut, side }),
        }
        Ok(())
    }
}

fn open_or_create(disk: &mut dyn FileSystem, name: &str) -> Result<FileId, FileError> {
    match disk.open(name) {
        Err(FileError::NotFound(_)) => {
            let file = disk.create(name)?;
            disk.sync(Extent::Names)?;
            Ok(file)
        }
        opened => opened,
    }
}

/// A block fills a sector, so that whatever is torn or misdirected is one block.
const _: () = assert!(BLOCK_BYTES == SECTOR_BYTES);
