//! For tests of what lies on disks: a disk that is photographed before each change, and somebody who
//! completes the syncs.

use crate::sim::{DiskFault, Extent, FileError, FileId, FileSystem, Files, Storage as _, SyncId};

/// What hears how syncs end.
pub(crate) trait Hears {
    /// A sync has made durable what it covered.
    fn synced(&mut self, disk: &mut Watched, sync: SyncId);
    /// A sync has failed.
    fn sync_failed(&mut self, sync: SyncId);
}

/// A disk that is photographed before each change, while somebody wants pictures.
#[derive(Clone, Default)]
pub(crate) struct Watched {
    pub(crate) files: Files,
    pub(crate) pictures: Option<Vec<Files>>,
}

impl Watched {
    /// Says that syncs are numbered from 1 on, by a sync of nothing.
    fn begin(&mut self) {
        self.files.sync_asked(SyncId(0), false);
        self.files.sync_started(SyncId(0));
        self.files.sync_completed(SyncId(0));
    }

    fn changed(&mut self) -> &mut Files {
        if let Some(pictures) = &mut self.pictures {
            pictures.push(self.files.clone());
        }
        &mut self.files
    }
}

impl FileSystem for Watched {
    fn names(&self) -> Vec<String> {
        self.files.names()
    }

    fn open(&self, name: &str) -> Result<FileId, FileError> {
        self.files.open(name)
    }

    fn create(&mut self, name: &str) -> Result<FileId, FileError> {
        self.changed().create(name)
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), FileError> {
        self.changed().rename(from, to)
    }

    fn remove(&mut self, name: &str) -> Result<(), FileError> {
        self.changed().remove(name)
    }

    fn len_bytes(&self, file: FileId) -> Result<u64, FileError> {
        self.files.len_bytes(file)
    }

    fn read_at(&self, file: FileId, offset: u64, into: &mut [u8]) -> Result<usize, FileError> {
        self.files.read_at(file, offset, into)
    }

    fn write_at(&mut self, file: FileId, offset: u64, bytes: &[u8]) -> Result<(), FileError> {
        self.changed().write_at(file, offset, bytes)
    }

    fn truncate(&mut self, file: FileId, len_bytes: u64) -> Result<(), FileError> {
        self.changed().truncate(file, len_bytes)
    }

    fn sync(&mut self, extent: Extent) -> Result<SyncId, FileError> {
        self.changed().sync(extent)
    }
}

/// Something that keeps what it does on a disk, and its disk.
#[derive(Clone)]
pub(crate) struct Bench<E> {
    pub(crate) disk: Watched,
    pub(crate) engine: E,
    next_sync: u32,
    /// Syncs that have not ended, oldest first.
    running: Vec<SyncId>,
}

impl<E: Hears> Bench<E> {
    /// Opens what is on a disk, which is photographed from now on if `pictures` are wanted.
    pub(crate) fn open<Error>(
        files: Files,
        pictures: bool,
        open: impl FnOnce(&mut Watched) -> Result<E, Error>,
    ) -> Result<Self, Error> {
        let mut disk = Watched { files, pictures: pictures.then(Vec::new) };
        disk.begin();
        let engine = open(&mut disk)?;
        let mut bench = Self { disk, engine, next_sync: 1, running: Vec::new() };
        bench.ask();
        Ok(bench)
    }

    /// What the world does when a handler ends.
    fn ask(&mut self) {
        if self.disk.files.wants_sync() {
            let sync = SyncId(self.next_sync);
            self.next_sync += 1;
            self.disk.files.sync_asked(sync, false);
            self.disk.files.sync_started(sync);
            self.running.push(sync);
        }
    }

    /// Does something to it, as a handler does.
    pub(crate) fn act<T>(&mut self, act: impl FnOnce(&mut E, &mut Watched) -> T) -> T {
        let done = act(&mut self.engine, &mut self.disk);
        self.ask();
        done
    }

    /// Ends the oldest sync; false if there is none.
    pub(crate) fn complete(&mut self) -> bool {
        if self.running.is_empty() {
            return false;
        }
        let sync = self.running.remove(0);
        if self.disk.files.sync_completed(sync) {
            self.engine.synced(&mut self.disk, sync);
        } else {
            self.engine.sync_failed(sync);
        }
        self.ask();
        true
    }

    /// Ends all syncs, and those that come of that.
    pub(crate) fn settle(&mut self) {
        while self.complete() {}
    }

    /// Returns what a crash leaves.
    pub(crate) fn crashed(&self, choose: &mut dyn FnMut(u64) -> u64) -> Files {
        let mut files = self.disk.files.clone();
        files.crashed(choose);
        files
    }

    pub(crate) fn fault(&mut self, fault: &DiskFault) {
        assert!(self.disk.files.fault(fault), "{fault:?} changed nothing");
    }
}
