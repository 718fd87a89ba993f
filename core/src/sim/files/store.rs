//! The simulated disk: what is durable, what is not yet, and what the running node reads.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::super::SyncId;
use super::file_system::{Extent, FileError, FileId, FileSystem, check_name};
use super::image::{Image, SECTOR_BYTES, Sector, place_of, sectors_of};
use super::log::{Change, Claim, NameMap, Pending};
use crate::order::set_of;

/// Room for bytes on a disk unless a fault says otherwise: more than a run in a page should need.
const CAPACITY_BYTES: u64 = 64 << 20;

/// How many files fit on a disk unless it is made with another limit.
const MOST_FILES: u32 = 1024;

/// So many changes wait in the cache; beyond that the disk writes the oldest back on its own, as an
/// operating system does when too much is dirty.
const MOST_PENDING: usize = 4096;

/// One file. A world's copies share it until it changes.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct File {
    /// What the medium holds.
    pub(super) durable: Image,
    /// What the running node reads: the durable image with every pending change made.
    pub(super) cached: Image,
    /// It has no name any more; it is kept while a crash could give it one back.
    pub(super) is_removed: bool,
    /// Durable sectors that a fault has damaged.
    pub(super) rotten: BTreeSet<u32>,
    /// Durable sectors that cannot be read.
    pub(super) unreadable: BTreeSet<u32>,
    /// Where the first sector of the next write lands instead.
    pub(super) misdirected_to: Option<u32>,
}

/// A node's disk of files. See the [module](super) for what survives a crash.
///
/// Copying it copies no bytes: files, chunks of sectors and sectors are shared until written.
#[derive(Clone, Debug)]
pub struct Files {
    pub(super) by_id: BTreeMap<FileId, Rc<File>>,
    pub(super) durable_names: Rc<NameMap>,
    pub(super) names: Rc<NameMap>,
    /// Oldest first, over all files, because a crash may keep exactly the first so many.
    pub(super) log: Rc<Vec<Pending>>,
    /// What the running handler wants synced.
    pub(super) asked: Vec<Extent>,
    /// What syncs that have not begun yet were asked for, in the order of their names.
    pub(super) requests: Vec<(SyncId, Vec<Extent>)>,
    pub(super) next_file: FileId,
    /// The world's name for the next sync.
    next_sync: SyncId,
    pub(super) max_count: u32,
    pub(super) capacity_bytes: u64,
    /// So many syncs will lie.
    pub(super) syncs_to_lose: u16,
    /// So many syncs will fail, and those that will when they complete.
    pub(super) syncs_to_fail: u16,
    failing: Vec<SyncId>,
    /// At the next crash a sector may keep only so many bytes of its new version.
    pub(super) torn_bytes: Option<u16>,
    pub(super) sync_percent: u32,
    /// How many bytes have been written; no part of what the disk is, and not hashed.
    pub(super) written_bytes: u64,
}

impl Default for Files {
    fn default() -> Self {
        Self::with_limits(MOST_FILES, CAPACITY_BYTES)
    }
}

impl Hash for Files {
    /// Of syncs it counts how many were named after them: two disks that hold the same and have the
    /// same syncs under way behave the same.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let age = |sync: SyncId| self.next_sync.0.wrapping_sub(sync.0);
        (&self.by_id, &self.durable_names, &self.names).hash(state);
        state.write_u64(self.log.len() as u64);
        for Pending { change, claim } in &*self.log {
            (change, std::mem::discriminant(claim)).hash(state);
            if let Claim::Running(sync) = claim {
                age(*sync).hash(state);
            }
        }
        state.write_u64(self.requests.len() as u64);
        self.requests.iter().for_each(|(sync, extents)| (age(*sync), extents).hash(state));
        state.write_u64(self.failing.len() as u64);
        self.failing.iter().for_each(|sync| age(*sync).hash(state));
        (&self.asked, self.next_file, self.max_count, self.capacity_bytes).hash(state);
        (self.syncs_to_lose, self.syncs_to_fail, self.torn_bytes, self.sync_percent).hash(state);
    }
}

impl Files {
    /// Makes an empty disk that can hold so many files and bytes, counted in whole sectors.
    pub fn with_limits(max_count: u32, capacity_bytes: u64) -> Self {
        Self {
            by_id: BTreeMap::new(),
            durable_names: Rc::default(),
            names: Rc::default(),
            log: Rc::default(),
            asked: Vec::new(),
            requests: Vec::new(),
            next_file: FileId(0),
            next_sync: SyncId(0),
            max_count,
            capacity_bytes,
            syncs_to_lose: 0,
            syncs_to_fail: 0,
            failing: Vec::new(),
            torn_bytes: None,
            sync_percent: 100,
            written_bytes: 0,
        }
    }

    /// Asks for a sync of every file and of the names, as `sync` does in a shell.
    pub fn sync_everything(&mut self) -> SyncId {
        let files = self.by_id.iter().filter(|(_, file)| !file.is_removed);
        let files = files.map(|(id, _)| Extent::File(*id));
        self.asked = files.chain([Extent::Names]).collect();
        self.next_sync
    }

    /// Returns the bytes in use, in whole sectors; a removed file counts until the removal is synced.
    pub fn used_bytes(&self) -> u64 {
        let sectors = self.by_id.values().map(|file| sectors_of(file.cached.len_bytes()));
        sectors.sum::<u64>() * SECTOR_BYTES as u64
    }

    /// Returns how many bytes fit on the disk.
    pub fn capacity_bytes(&self) -> u64 {
        self.capacity_bytes
    }

    /// The sync that was asked for in the handler that ends now is called `sync`.
    pub(super) fn name_sync(&mut self, sync: SyncId) {
        self.next_sync = SyncId(sync.0.saturating_add(1));
        self.requests.push((sync, std::mem::take(&mut self.asked)));
    }

    /// Ends the sync that has been asked for, if one has, as somebody does who runs an engine outside a
    /// world; returns which it was, and whether it succeeded.
    pub fn complete_asked(&mut self) -> Option<(SyncId, bool)> {
        let sync = (!self.asked.is_empty()).then_some(self.next_sync)?;
        self.name_sync(sync);
        self.start_sync(sync);
        Some((sync, self.complete_sync(sync)))
    }

    /// Marks what a sync that begins now will make durable.
    pub(super) fn start_sync(&mut self, sync: SyncId) {
        let requested = self.requests.iter().position(|(of, _)| *of == sync);
        let asked = requested.map(|at| self.requests.remove(at).1).unwrap_or_default();
        let claim = if self.syncs_to_lose > 0 { Claim::Lost } else { Claim::Running(sync) };
        if self.syncs_to_lose == 0 && self.syncs_to_fail > 0 {
            self.syncs_to_fail -= 1;
            self.failing.push(sync);
        }
        self.syncs_to_lose = self.syncs_to_lose.saturating_sub(1);
        if self.log.is_empty() {
            return;
        }
        for pending in Rc::make_mut(&mut self.log) {
            let is_asked = asked.iter().any(|extent| pending.change.is_within(*extent));
            let is_taken = matches!(pending.claim, Claim::Running(_) | Claim::Failed);
            if is_asked && !is_taken {
                pending.claim = claim;
            }
        }
    }

    /// Makes durable what this sync and every earlier one cover; false if it fails.
    pub(super) fn complete_sync(&mut self, sync: SyncId) -> bool {
        let fails = self.failing.contains(&sync);
        if fails {
            self.failing.retain(|failing| *failing != sync);
            for pending in Rc::make_mut(&mut self.log) {
                if pending.claim == Claim::Running(sync) {
                    pending.claim = Claim::Failed;
                }
            }
        }
        self.settle(|_, claim| matches!(claim, Claim::Running(of) if of <= sync));
        !fails
    }

    /// Makes those pending changes durable that `is_ready` picks by place and claim.
    fn settle(&mut self, is_ready: impl Fn(usize, Claim) -> bool) {
        let log = std::mem::take(&mut self.log);
        let (mut ready, mut rest) = (Vec::new(), Vec::new());
        for (place, pending) in Rc::unwrap_or_clone(log).into_iter().enumerate() {
            if is_ready(place, pending.claim) {
                // What failed before is older: the medium cannot go back to it.
                rest.retain(|older: &Pending| !pending.change.replaces(&older.change));
                ready.push(pending.change);
            } else {
                rest.push(pending);
            }
        }
        self.log = Rc::new(rest);
        let mut stale = BTreeSet::new();
        for change in &ready {
            self.make_durable(change);
            if let Change::Sector { file, sector, lands_at, .. } = change
                && sector != lands_at
            {
                stale.insert(*file);
            }
        }
        for file in stale {
            self.refresh(file);
        }
        if ready.iter().any(|change| change.file().is_none()) {
            self.free_nameless();
        }
    }

    /// Carries one change out on the medium.
    pub(super) fn make_durable(&mut self, change: &Change) {
        match change {
            Change::Names(names) => self.durable_names = names.clone(),
            Change::Grow { .. } | Change::Cut { .. } | Change::Sector { .. } => {
                let file = change.file().and_then(|id| self.by_id.get_mut(&id));
                if let Some(file) = file.map(Rc::make_mut) {
                    file.make_durable(change);
                }
            }
        }
    }

    /// Reads a file anew from the medium, with what is pending on top.
    pub(super) fn refresh(&mut self, id: FileId) {
        let Some(file) = self.by_id.get_mut(&id).map(Rc::make_mut) else { return };
        file.cached = file.durable.clone();
        for pending in self.log.iter() {
            match &pending.change {
                Change::Grow { file: of, len_bytes } if *of == id => file.cached.grow(*len_bytes),
                Change::Cut { file: of, len_bytes } if *of == id => file.cached.cut(*len_bytes),
                Change::Sector { file: of, sector, version, .. } if *of == id => {
                    file.cached.set_sector(*sector, version);
                }
                // Another file's, or the directory's.
                Change::Grow { .. }
                | Change::Cut { .. }
                | Change::Sector { .. }
                | Change::Names(_) => {}
            }
        }
    }

    /// Frees the files that no directory which a crash could leave gives a name.
    fn free_nameless(&mut self) {
        let mut named = set_of(self.names.values().copied());
        named.extend(self.durable_names.values());
        for pending in self.log.iter() {
            if let Change::Names(names) = &pending.change {
                named.extend(names.values());
            }
        }
        self.by_id.retain(|id, _| named.contains(id));
        let is_kept =
            |pending: &Pending| pending.change.file().is_none_or(|id| named.contains(&id));
        if !self.log.iter().all(is_kept) {
            Rc::make_mut(&mut self.log).retain(is_kept);
        }
    }

    fn push(&mut self, change: Change) {
        Rc::make_mut(&mut self.log).push(Pending { change, claim: Claim::Unclaimed });
        if self.log.len() > MOST_PENDING {
            // A quarter at a time, so that a write costs little on average.
            self.settle(|place, _| place < MOST_PENDING / 4);
        }
    }

    fn change_names(&mut self, change: impl FnOnce(&mut NameMap)) {
        change(Rc::make_mut(&mut self.names));
        self.push(Change::Names(self.names.clone()));
    }

    /// Marks the file called `name` as removed.
    fn detach(&mut self, name: &str) {
        let id = self.names.get(name);
        if let Some(file) = id.and_then(|id| self.by_id.get_mut(id)) {
            Rc::make_mut(file).is_removed = true;
        }
    }

    pub(super) fn file(&self, id: FileId) -> Result<&File, FileError> {
        let file = self.by_id.get(&id).filter(|file| !file.is_removed);
        file.map(AsRef::as_ref).ok_or(FileError::Closed(id))
    }

    /// Returns true if the version of this sector that is read is still only in the cache.
    pub(super) fn is_pending(&self, id: FileId, at: u32) -> bool {
        self.log.iter().any(|pending| {
            matches!(&pending.change, Change::Sector { file, sector, .. }
                if *file == id && *sector == at)
        })
    }

    /// Fails if any of these sectors would have to be read from the medium and cannot be.
    fn check_readable(&self, id: FileId, first: u32, last: u32) -> Result<(), FileError> {
        let mut unreadable = self.file(id)?.unreadable.range(first..=last);
        let is_on_medium = |sector: &&u32| !self.is_pending(id, **sector);
        match unreadable.find(is_on_medium) {
            Some(&sector) => Err(FileError::Unreadable { file: id, sector }),
            None => Ok(()),
        }
    }

    /// Returns the length up to which a file of `len_bytes` could grow.
    fn limit_bytes(&self, len_bytes: u64) -> u64 {
        let sector = SECTOR_BYTES as u64;
        let free = self.capacity_bytes.saturating_sub(self.used_bytes()) / sector;
        let limit = sectors_of(len_bytes).saturating_add(free).saturating_mul(sector);
        limit.min(u64::from(u32::MAX) * sector)
    }

    /// Grows the file if `len_bytes` is more than it has.
    fn grow(&mut self, id: FileId, len_bytes: u64) -> Result<(), FileError> {
        if len_bytes > self.file(id)?.cached.len_bytes() {
            if let Some(file) = self.by_id.get_mut(&id) {
                Rc::make_mut(file).cached.grow(len_bytes);
            }
            self.push(Change::Grow { file: id, len_bytes });
        }
        Ok(())
    }

    fn write_sector(&mut self, id: FileId, sector: u32, start: usize, bytes: &[u8]) {
        let Some(file) = self.by_id.get_mut(&id).map(Rc::make_mut) else { return };
        self.written_bytes += bytes.len() as u64;
        let mut new = *file.cached.sector(sector);
        new[start..start + bytes.len()].copy_from_slice(bytes);
        let version = Sector::new(&new);
        file.cached.set_sector(sector, &version);
        let lands_at = file.misdirected_to.take().unwrap_or(sector);
        self.push(Change::Sector { file: id, sector, lands_at, version });
    }
}

impl File {
    /// Carries one change of this file out on the medium.
    fn make_durable(&mut self, change: &Change) {
        match change {
            Change::Names(_) => {}
            Change::Grow { len_bytes, .. } => self.durable.grow(*len_bytes),
            Change::Cut { len_bytes, .. } => {
                self.durable.cut(*len_bytes);
                let past = u32::try_from(sectors_of(*len_bytes)).unwrap_or(u32::MAX);
                self.rotten.retain(|sector| *sector < past);
                self.unreadable.retain(|sector| *sector < past);
            }
            Change::Sector { sector, lands_at, version, .. } => {
                self.durable.set_sector(*lands_at, version);
                self.unreadable.remove(lands_at);
                if sector == lands_at {
                    self.rotten.remove(lands_at);
                } else {
                    // The one was overwritten with what belongs elsewhere, the other never written.
                    self.rotten.extend([*sector, *lands_at]);
                }
            }
        }
    }
}

impl FileSystem for Files {
    fn names(&self) -> Vec<String> {
        self.names.keys().cloned().collect()
    }

    fn open(&self, name: &str) -> Result<FileId, FileError> {
        self.names.get(name).copied().ok_or_else(|| FileError::NotFound(name.to_owned()))
    }

    fn create(&mut self, name: &str) -> Result<FileId, FileError> {
        check_name(name)?;
        if self.names.contains_key(name) {
            return Err(FileError::AlreadyExists(name.to_owned()));
        }
        if self.by_id.len() >= self.max_count as usize {
            return Err(FileError::NoFreeFile { files: self.max_count });
        }
        let id = self.next_file;
        self.next_file = FileId(id.0.saturating_add(1));
        self.by_id.insert(id, Rc::default());
        self.change_names(|names| {
            names.insert(name.to_owned(), id);
        });
        Ok(id)
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), FileError> {
        check_name(to)?;
        let id = self.open(from)?;
        if from != to {
            self.detach(to);
            self.change_names(|names| {
                names.remove(from);
                names.insert(to.to_owned(), id);
            });
        }
        Ok(())
    }

    fn remove(&mut self, name: &str) -> Result<(), FileError> {
        self.open(name)?;
        self.detach(name);
        self.change_names(|names| {
            names.remove(name);
        });
        Ok(())
    }

    fn len_bytes(&self, file: FileId) -> Result<u64, FileError> {
        Ok(self.file(file)?.cached.len_bytes())
    }

    fn read_at(&self, file: FileId, offset: u64, into: &mut [u8]) -> Result<usize, FileError> {
        let image = &self.file(file)?.cached;
        let end = offset.saturating_add(into.len() as u64).min(image.len_bytes());
        if offset < end {
            self.check_readable(file, place_of(offset).0, place_of(end - 1).0)?;
        }
        Ok(image.read(offset, into))
    }

    fn write_at(&mut self, file: FileId, offset: u64, bytes: &[u8]) -> Result<(), FileError> {
        let len_bytes = self.file(file)?.cached.len_bytes();
        let end = offset.saturating_add(bytes.len() as u64);
        // On a full disk what fits is written: an engine must not count on all or nothing.
        let fits = end.min(self.limit_bytes(len_bytes).max(len_bytes));
        let (mut at, mut rest) = (offset, bytes);
        if offset < fits {
            self.grow(file, fits)?;
        }
        while at < fits {
            let (sector, start) = place_of(at);
            let left = usize::try_from(fits - at).unwrap_or(usize::MAX);
            let (piece, later) = rest.split_at(left.min(rest.len()).min(SECTOR_BYTES - start));
            if piece.len() < SECTOR_BYTES {
                self.check_readable(file, sector, sector)?;
            }
            self.write_sector(file, sector, start, piece);
            at += piece.len() as u64;
            rest = later;
        }
        if rest.is_empty() { Ok(()) } else { Err(FileError::Full) }
    }

    fn truncate(&mut self, file: FileId, len_bytes: u64) -> Result<(), FileError> {
        let old = self.file(file)?.cached.len_bytes();
        if len_bytes > old.max(self.limit_bytes(old)) {
            return Err(FileError::Full);
        }
        self.grow(file, len_bytes)?;
        if len_bytes < old {
            if let Some(of) = self.by_id.get_mut(&file) {
                Rc::make_mut(of).cached.cut(len_bytes);
            }
            self.push(Change::Cut { file, len_bytes });
        }
        Ok(())
    }

    fn sync(&mut self, extent: Extent) -> Result<SyncId, FileError> {
        if let Extent::File(file) = extent {
            self.file(file)?;
        }
        if !self.asked.contains(&extent) {
            self.asked.push(extent);
        }
        Ok(self.next_sync)
    }
}
