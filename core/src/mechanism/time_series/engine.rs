//! One store or the other.

use super::reader::Reader;
use super::store::{Measures, Store, Taken};
use super::text::Text;
use super::{Answer, Point, Query, Series, Settings, StoreError};
use crate::mechanism::mount::{Mountable, State};
use crate::sim::{FileError, FileSystem, SyncId};

/// A store of points.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// One file of text, as long as the disk has room.
    Text(Box<Text>),
    /// Compressed shards by time.
    Shards(Box<Store>),
}

impl Engine {
    /// Opens what is on the disk, in shards or as text.
    ///
    /// # Errors
    ///
    /// If it is damaged, cannot be read, or is of a later format.
    pub fn open(
        is_sharded: bool,
        settings: Settings,
        disk: &mut (impl FileSystem + ?Sized),
    ) -> Result<Self, StoreError> {
        Ok(if is_sharded {
            Self::Shards(Box::new(Store::open(settings, disk)?))
        } else {
            Self::Text(Box::new(Text::open(settings, disk)?))
        })
    }

    /// Returns the store of shards, if it is one.
    pub fn shards(&self) -> Option<&Store> {
        if let Self::Shards(store) = self { Some(store) } else { None }
    }

    /// Returns whether it serves.
    pub fn state(&self) -> State {
        match self {
            Self::Text(it) => it.state(),
            Self::Shards(it) => it.state(),
        }
    }

    /// Returns the last ticket whose points no crash can undo.
    pub fn durable(&self) -> u64 {
        match self {
            Self::Text(it) => it.durable(),
            Self::Shards(it) => it.durable(),
        }
    }

    /// Returns the time of the newest point.
    pub fn newest(&self) -> Option<u64> {
        match self {
            Self::Text(it) => it.newest(),
            Self::Shards(it) => it.newest(),
        }
    }

    /// Returns the first time that is kept.
    pub fn kept_from(&self) -> u64 {
        match self {
            Self::Text(it) => it.kept_from(),
            Self::Shards(it) => it.kept_from(),
        }
    }

    /// Returns what it has done since it was opened.
    pub fn measures(&self) -> Measures {
        match self {
            Self::Text(it) => it.measures(),
            Self::Shards(it) => it.measures(),
        }
    }

    /// Returns how it behaves.
    pub fn settings(&self) -> &Settings {
        match self {
            Self::Text(it) => it.settings(),
            Self::Shards(it) => it.settings(),
        }
    }

    /// Returns how many points it has, and how many bytes the files have in which they are: logs of young
    /// shards and sealed shards, or the file of text.
    pub fn size(&self) -> (u64, u64) {
        match self {
            Self::Text(it) => it.size(),
            Self::Shards(it) => it.size(),
        }
    }

    /// Takes points of a series.
    ///
    /// # Errors
    ///
    /// If it takes nothing now, or the disk is full.
    pub fn write(
        &mut self,
        disk: &mut (impl FileSystem + ?Sized),
        series: Series,
        points: &[Point],
    ) -> Result<Taken, StoreError> {
        match self {
            Self::Text(it) => it.write(disk, series, points),
            Self::Shards(it) => it.write(disk, series, points),
        }
    }

    /// Learns that a sync has made durable what it covered.
    pub fn synced(&mut self, disk: &mut (impl FileSystem + ?Sized), sync: SyncId) {
        match self {
            Self::Text(it) => it.synced(disk, sync),
            Self::Shards(it) => it.synced(disk, sync),
        }
    }

    /// Learns that a sync has failed.
    pub fn sync_failed(&mut self, sync: SyncId) {
        match self {
            Self::Text(it) => it.sync_failed(sync),
            Self::Shards(it) => it.sync_failed(sync),
        }
    }

    /// Tries again what had no room.
    pub fn go_on(&mut self, disk: &mut (impl FileSystem + ?Sized)) {
        if let Self::Shards(it) = self {
            it.go_on(disk);
        }
    }

    /// Begins a query.
    pub fn reader(&self, disk: &(impl FileSystem + ?Sized), query: Query) -> Reader {
        match self {
            Self::Text(it) => it.reader(disk, query),
            Self::Shards(it) => it.reader(query),
        }
    }

    /// Keeps for a reader what it is going to read.
    pub fn hold(&mut self, reader: &Reader) {
        match self {
            Self::Text(it) => it.hold(),
            Self::Shards(it) => it.hold(reader),
        }
    }

    /// Ends the [hold](Self::hold) of a reader.
    pub fn release(&mut self, disk: &mut (impl FileSystem + ?Sized), reader: &Reader) {
        match self {
            Self::Text(it) => it.release(),
            Self::Shards(it) => it.release(disk, reader),
        }
    }

    /// Reads the next block of an answer; returns false when there is nothing more.
    ///
    /// # Errors
    ///
    /// If what is read is damaged, or cannot be read.
    pub fn read_on(
        &self,
        disk: &(impl FileSystem + ?Sized),
        reader: &mut Reader,
    ) -> Result<bool, StoreError> {
        match self {
            Self::Text(it) => it.read_on(disk, reader),
            Self::Shards(it) => it.read_on(disk, reader),
        }
    }

    /// Answers a query at once.
    ///
    /// # Errors
    ///
    /// As [`read_on`](Self::read_on).
    pub fn answer(
        &self,
        disk: &(impl FileSystem + ?Sized),
        query: Query,
    ) -> Result<Answer, StoreError> {
        let mut reader = self.reader(disk, query);
        while self.read_on(disk, &mut reader)? {}
        Ok(reader.into_answer(self.settings()))
    }
}

impl Mountable for Engine {
    type Error = StoreError;

    fn state(&self) -> State {
        self.state()
    }

    fn is_stalled(&self) -> bool {
        self.shards().is_some_and(|it| it.stalled().is_some())
    }

    fn disk_error(error: &StoreError) -> Option<&FileError> {
        if let StoreError::Disk(error) = error { Some(error) } else { None }
    }
}
