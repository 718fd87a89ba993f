//! A disk made of a fixed number of handles that were opened beforehand.

use std::collections::{BTreeMap, BTreeSet};

use super::fuse::Power;
use super::names::{self, Table};
use super::{Cut, Disk, Fuse, Handle};
use crate::order::set_of;
use crate::sim::files::{SECTOR_BYTES, check_name};
use crate::sim::{Extent, FileError, FileId, FileSystem, SyncId};
use crate::view::{Sector, SectorState, Sectors};

/// The first handles have the two copies of the table of names.
const TABLES: [u16; 2] = [0, 1];

/// Of a long file, so many sectors are shown: the last.
const SECTORS_SHOWN: u64 = 128;

/// The most files that a pool can hold: so many names of any length fit into the table.
pub const MOST_FILES: u16 = 48;

/// The disk. See the [module](super) for how it keeps names.
#[derive(Debug)]
pub struct Pool<H> {
    handles: Vec<H>,
    /// The format of what the files hold.
    holds: u16,
    now: Now,
}

/// What a pool knows besides its handles' bytes: a restart forgets it.
#[derive(Debug, Default)]
struct Now {
    generation: u64,
    names: BTreeMap<String, FileId>,
    /// Which handle has the bytes of a file.
    places: BTreeMap<FileId, u16>,
    /// Handles that a table on the disk may name: they are not used anew before none does.
    reserved: BTreeSet<u16>,
    /// Handles emptied since the last sync of names. That they are empty must be durable before a
    /// name says that a new file is there, or old bytes would come back under it.
    emptied: BTreeSet<u16>,
    /// Of handles that were written to since they were flushed, the sectors that are not.
    unflushed: BTreeMap<u16, BTreeSet<u64>>,
    /// The sector of each handle that was written to last.
    newest: BTreeMap<u16, u64>,
    next_file: u32,
    next_sync: u32,
    /// What the next sync is to cover: files come before names.
    asked: BTreeSet<Extent>,
    failure: Option<FileError>,
    power: Power,
}

impl<H: Handle> Pool<H> {
    /// Opens what is in these handles, the same ones in the same order as ever, or begins anew if
    /// nothing is in any. `holds` is the format of what the files hold.
    ///
    /// # Errors
    ///
    /// If no copy of the names is sound, something is of another format, or the device refuses.
    pub fn open(handles: Vec<H>, holds: u16) -> Result<Self, FileError> {
        if handles.len() < TABLES.len() || handles.len() > TABLES.len() + usize::from(MOST_FILES) {
            return Err(FileError::NoFreeFile { files: u32::from(MOST_FILES) });
        }
        let mut pool = Self { handles, holds, now: Now::default() };
        pool.load()?;
        Ok(pool)
    }

    /// Returns all bytes of every handle, those of the names as well: what a store is, as a whole.
    ///
    /// # Errors
    ///
    /// If the device refuses.
    pub fn images(&self) -> Result<Vec<Vec<u8>>, FileError> {
        self.handles.iter().map(read_whole).collect()
    }

    /// Returns where the plug was pulled: how many writes after it was [armed](Disk::arm), and how
    /// many bytes of the next; none if it was not.
    pub fn cut_at(&self) -> Option<Cut> {
        if let Power::Gone(cut) = self.now.power { Some(cut) } else { None }
    }

    /// Returns what a screen shows of a file: some of its sectors, each with its bytes and whether they
    /// are flushed, and which sector of the file is the first of them. Those begin at `from`, or, if
    /// that is not said, end with the last one that is not flushed, or that was written to last, or that
    /// has any byte but 0.
    ///
    /// # Errors
    ///
    /// If there is no such file, or the device refuses.
    pub fn picture(&self, name: &str, from: Option<u32>) -> Result<(u32, Sectors), FileError> {
        let place = self.place(FileSystem::open(self, name)?)?;
        let handle = &self.handles[usize::from(place)];
        let (length, size) = (handle.len_bytes()?, SECTOR_BYTES as u64);
        let sectors = length.div_ceil(size);
        let unflushed = self.now.unflushed.get(&place);
        let newest = unflushed.and_then(BTreeSet::last).or(self.now.newest.get(&place));
        let newest = match newest.map(|sector| sector + 1).filter(|end| *end <= sectors) {
            Some(end) => end,
            None => end_of_bytes(handle, sectors)?,
        };
        let last_first = sectors.saturating_sub(SECTORS_SHOWN);
        let first = from.map_or(newest.saturating_sub(SECTORS_SHOWN), u64::from).min(last_first);
        let bytes = (SECTORS_SHOWN * size).min(length.saturating_sub(first * size));
        let mut bytes = vec![0; usize::try_from(bytes).unwrap_or_default()];
        let read = handle.read_at(first * size, &mut bytes)?;
        bytes.truncate(read);
        let sector = |(bytes, number): (&[u8], u64)| {
            let is_flushed = !unflushed.is_some_and(|them| them.contains(&number));
            let state = if is_flushed { SectorState::Durable } else { SectorState::Cached };
            Sector::new(state, "").with_bytes(bytes)
        };
        let sectors = Sectors {
            label: name.to_owned(),
            sector_bytes: u32::try_from(SECTOR_BYTES).unwrap_or(u32::MAX),
            sectors: bytes.chunks(SECTOR_BYTES).zip(first..).map(sector).collect(),
        };
        Ok((u32::try_from(first).unwrap_or(u32::MAX), sectors))
    }

    /// Flips one bit of a file behind everybody's back; returns the byte as it is then.
    ///
    /// # Errors
    ///
    /// If there is no such file or no such byte in it, or the device refuses.
    pub fn flip(&mut self, name: &str, offset: u64, bit: u8) -> Result<u8, FileError> {
        let place = self.place(FileSystem::open(self, name)?)?;
        let handle = &mut self.handles[usize::from(place)];
        let mut byte = [0];
        if handle.read_at(offset, &mut byte)? == 0 {
            return Err(FileError::Device(format!("{name} has no byte {offset}")));
        }
        byte[0] ^= 1 << (bit % 8);
        handle.write_at(offset, &byte)?;
        Ok(byte[0])
    }

    /// Puts a whole store in the place of this one, as [`images`](Self::images) has given it, and
    /// opens it. If that fails, what was there is put back, and whoever has files open goes on with
    /// them. If it is killed in the middle, what is there then is refused.
    ///
    /// # Errors
    ///
    /// If there is no room, or it is not a store that can be opened here.
    pub fn replace(&mut self, images: &[Vec<u8>]) -> Result<(), FileError> {
        if images.len() != self.handles.len() {
            return Err(FileError::Device("the store has another number of files".into()));
        }
        let before = (self.images()?, std::mem::take(&mut self.now));
        self.fill(images).and_then(|()| self.load()).or_else(|error| {
            self.fill(&before.0)?;
            self.now = Now { unflushed: BTreeMap::new(), ..before.1 };
            Err(error)
        })
    }

    fn fill(&mut self, images: &[Vec<u8>]) -> Result<(), FileError> {
        // All room is given back first. The names go first and come last: without them nothing is
        // believed.
        for handle in &mut self.handles {
            handle.truncate(0)?;
            handle.flush()?;
        }
        for (handle, image) in self.handles.iter_mut().zip(images).rev() {
            handle.write_at(0, image)?;
            handle.flush()?;
        }
        Ok(())
    }

    /// Returns what a killed one leaves, for those who look at it: a copy whose names are those
    /// that the handles have, and in which the same bytes are not flushed. `handle` makes a file
    /// of its bytes.
    ///
    /// # Errors
    ///
    /// If the device refuses, or no copy of the names is sound.
    pub fn remains(&self, handle: impl FnMut(Vec<u8>) -> H) -> Result<Self, FileError> {
        let copies = self.images()?.into_iter().map(handle).collect();
        let mut copy = Self::open(copies, self.holds)?;
        copy.now.unflushed.clone_from(&self.now.unflushed);
        copy.now.newest.clone_from(&self.now.newest);
        Ok(copy)
    }

    fn load(&mut self) -> Result<(), FileError> {
        let mut copies = Vec::new();
        for place in TABLES {
            copies.push(Table::decode(&read_whole(&self.handles[usize::from(place)])?)?);
        }
        let newest = copies.iter().flatten().max_by_key(|table| table.generation).cloned();
        let is_new = newest.is_none();
        let table = match newest {
            Some(table) => table,
            None if self.is_unused()? => Table { holds: self.holds, ..Table::default() },
            None => return Err(FileError::NamesDamaged),
        };
        names::check_format(table.holds, self.holds)?;
        if table.names.values().any(|place| self.handles.get(usize::from(*place)).is_none()) {
            return Err(FileError::Device("the store has more files than are open here".into()));
        }
        let mut places: Vec<_> = table.names.values().copied().collect();
        places.sort_unstable();
        let is_shared = places.windows(2).any(|two| two[0] == two[1]);
        if is_shared || places.iter().any(|place| TABLES.contains(place)) {
            return Err(FileError::NamesDamaged);
        }
        // Late, torn or rotten copies are made good; before that what is sound is made durable, as
        // it may have been written by somebody who was killed before it was flushed.
        let is_late = |copy: &Option<Table>| copy.as_ref() != Some(&table);
        let late: Vec<bool> = copies.iter().map(is_late).collect();
        for (place, is_late) in TABLES.into_iter().zip(&late) {
            if !is_late {
                self.flush(place)?;
            }
        }
        let bytes = table.encode()?;
        for (place, is_late) in TABLES.into_iter().zip(late) {
            if is_late || is_new {
                self.write(place, 0, &bytes)?;
                self.flush(place)?;
            }
        }
        self.take(table)
    }

    /// Returns true if no handle that can hold a file holds a byte.
    fn is_unused(&self) -> Result<bool, FileError> {
        for handle in &self.handles[TABLES.len()..] {
            if handle.len_bytes()? > 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Begins with the files that a table names.
    fn take(&mut self, table: Table) -> Result<(), FileError> {
        self.now.generation = table.generation;
        self.now.reserved = set_of(table.names.values().copied());
        for (name, place) in table.names {
            self.add(name, place);
        }
        for place in self.free() {
            if self.handles[usize::from(place)].len_bytes()? > 0 {
                self.cut(place, 0)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, name: String, place: u16) -> FileId {
        let file = FileId(self.now.next_file);
        self.now.next_file += 1;
        self.now.names.insert(name, file);
        self.now.places.insert(file, place);
        file
    }

    /// Returns the handles that can be used for new files.
    fn free(&self) -> Vec<u16> {
        let in_use = set_of(self.now.places.values().copied());
        let is_free = |place: &u16| !self.now.reserved.contains(place) && !in_use.contains(place);
        let all = TABLES.len()..self.handles.len();
        all.filter_map(|place| u16::try_from(place).ok()).filter(is_free).collect()
    }

    fn place(&self, file: FileId) -> Result<u16, FileError> {
        self.now.places.get(&file).copied().ok_or(FileError::Closed(file))
    }

    fn handle(&self, file: FileId) -> Result<&H, FileError> {
        Ok(&self.handles[usize::from(self.place(file)?)])
    }

    /// All bytes that an engine or a table of names writes pass here, and all cuts pass
    /// [`cut`](Self::cut): the plug is pulled in these two.
    fn write(&mut self, place: u16, offset: u64, bytes: &[u8]) -> Result<(), FileError> {
        self.now.power.check()?;
        let carried_out = self.now.power.spend(bytes.len());
        if carried_out > 0 {
            let (size, end) = (SECTOR_BYTES as u64, offset + carried_out as u64);
            // What lies between the old end and this is written with it, as zeros.
            let from = offset.min(self.handles[usize::from(place)].len_bytes()?);
            let changed = from / size..end.div_ceil(size);
            self.now.newest.insert(place, changed.end - 1);
            self.now.unflushed.entry(place).or_default().extend(changed);
            self.handles[usize::from(place)].write_at(offset, &bytes[..carried_out])?;
        }
        self.now.power.check()
    }

    fn cut(&mut self, place: u16, len_bytes: u64) -> Result<(), FileError> {
        self.now.power.check()?;
        self.now.power.spend(0);
        self.now.power.check()?;
        let unflushed = self.now.unflushed.entry(place).or_default();
        let sectors = len_bytes.div_ceil(SECTOR_BYTES as u64);
        let _ = unflushed.split_off(&sectors);
        unflushed.extend(sectors.checked_sub(1));
        self.now.newest.retain(|it, sector| *it != place || *sector < sectors);
        self.handles[usize::from(place)].truncate(len_bytes)
    }

    fn flush(&mut self, place: u16) -> Result<(), FileError> {
        self.now.power.check()?;
        self.handles[usize::from(place)].flush()?;
        self.now.unflushed.remove(&place);
        Ok(())
    }

    fn sync_names(&mut self) -> Result<(), FileError> {
        for place in std::mem::take(&mut self.now.emptied) {
            self.flush(place)?;
        }
        let now = &mut self.now;
        let with_place =
            |(name, file): (&String, &FileId)| Some((name.clone(), *now.places.get(file)?));
        let names = now.names.iter().filter_map(with_place).collect();
        let in_use = set_of(now.places.values().copied());
        now.reserved.extend(&in_use);
        now.generation += 1;
        let table = Table { holds: self.holds, generation: now.generation, names };
        let bytes = table.encode()?;
        for place in TABLES {
            self.write(place, 0, &bytes)?;
            self.flush(place)?;
        }
        let given_up: Vec<u16> = self.now.reserved.difference(&in_use).copied().collect();
        self.now.reserved = in_use;
        for place in given_up {
            // Its space returns. If that fails, the file is emptied when it is used anew.
            _ = self.cut(place, 0);
        }
        Ok(())
    }

    fn carry_out(&mut self, extent: Extent) -> Result<(), FileError> {
        match extent {
            Extent::Names => self.sync_names(),
            // Of a file that was removed since, nothing is to be kept.
            Extent::File(file) => self.place(file).map_or(Ok(()), |place| self.flush(place)),
        }
    }
}

/// Returns the end of the last sector that has any byte but 0.
fn end_of_bytes(handle: &impl Handle, sectors: u64) -> Result<u64, FileError> {
    let mut bytes = [0; SECTOR_BYTES];
    for sector in (0..sectors).rev() {
        let read = handle.read_at(sector * SECTOR_BYTES as u64, &mut bytes)?;
        if bytes[..read].iter().any(|byte| *byte != 0) {
            return Ok(sector + 1);
        }
    }
    Ok(0)
}

/// Reads a file from its beginning to its end.
fn read_whole(handle: &impl Handle) -> Result<Vec<u8>, FileError> {
    let length = usize::try_from(handle.len_bytes()?).map_err(|_| FileError::Full)?;
    let mut bytes = vec![0; length];
    let read = handle.read_at(0, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}

impl<H: Handle> FileSystem for Pool<H> {
    fn names(&self) -> Vec<String> {
        self.now.names.keys().cloned().collect()
    }

    fn open(&self, name: &str) -> Result<FileId, FileError> {
        self.now.names.get(name).copied().ok_or_else(|| FileError::NotFound(name.to_owned()))
    }

    fn create(&mut self, name: &str) -> Result<FileId, FileError> {
        check_name(name)?;
        if self.now.names.contains_key(name) {
            return Err(FileError::AlreadyExists(name.to_owned()));
        }
        let count = self.handles.len().saturating_sub(TABLES.len());
        let files = u32::try_from(count).unwrap_or(u32::MAX);
        let place = self.free().first().copied().ok_or(FileError::NoFreeFile { files })?;
        self.cut(place, 0)?;
        self.now.emptied.insert(place);
        Ok(self.add(name.to_owned(), place))
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), FileError> {
        check_name(to)?;
        let file = FileSystem::open(self, from)?;
        self.now.names.remove(from);
        if let Some(replaced) = self.now.names.insert(to.to_owned(), file) {
            self.now.places.remove(&replaced);
        }
        Ok(())
    }

    fn remove(&mut self, name: &str) -> Result<(), FileError> {
        let file = FileSystem::open(self, name)?;
        self.now.names.remove(name);
        self.now.places.remove(&file);
        Ok(())
    }

    fn len_bytes(&self, file: FileId) -> Result<u64, FileError> {
        self.handle(file)?.len_bytes()
    }

    fn read_at(&self, file: FileId, offset: u64, into: &mut [u8]) -> Result<usize, FileError> {
        self.handle(file)?.read_at(offset, into)
    }

    fn write_at(&mut self, file: FileId, offset: u64, bytes: &[u8]) -> Result<(), FileError> {
        self.write(self.place(file)?, offset, bytes)
    }

    fn truncate(&mut self, file: FileId, len_bytes: u64) -> Result<(), FileError> {
        self.cut(self.place(file)?, len_bytes)
    }

    fn sync(&mut self, extent: Extent) -> Result<SyncId, FileError> {
        if let Extent::File(file) = extent {
            self.place(file)?;
        }
        self.now.asked.insert(extent);
        Ok(SyncId(self.now.next_sync))
    }
}

impl<H: Handle> Disk for Pool<H> {
    fn complete_sync(&mut self) -> Option<(SyncId, Result<(), FileError>)> {
        let asked = std::mem::take(&mut self.now.asked);
        let sync = (!asked.is_empty()).then_some(SyncId(self.now.next_sync))?;
        self.now.next_sync += 1;
        let failed_before = self.now.failure.clone().map_or(Ok(()), Err);
        let carried_out = || asked.into_iter().try_for_each(|extent| self.carry_out(extent));
        let result = failed_before.and_then(|()| carried_out());
        self.now.failure = result.clone().err();
        Some((sync, result))
    }

    fn arm(&mut self, fuse: Option<Fuse>) {
        if !self.is_dead() {
            self.now.power = fuse.map_or(Power::On, |fuse| Power::Until { fuse, spent: 0 });
        }
    }

    fn is_dead(&self) -> bool {
        self.cut_at().is_some()
    }

    fn restart(&mut self, _: &mut dyn FnMut(u64) -> u64) -> Result<(), FileError> {
        self.now = Now::default();
        self.load()
    }
}
