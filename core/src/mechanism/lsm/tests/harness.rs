//! A store, its disk, and somebody who completes the syncs.

use std::collections::BTreeMap;

use super::super::{Key, Sequence, Settings, Store, StoreError, Value};
use crate::mechanism::bench::{self, Hears, Watched};
use crate::mechanism::mount::State;
use crate::sim::{Files, SyncId};

impl Hears for Store {
    fn synced(&mut self, disk: &mut Watched, sync: SyncId) {
        self.synced(disk, sync);
    }

    fn sync_failed(&mut self, sync: SyncId) {
        self.sync_failed(sync);
    }
}

/// All that a store says is there.
pub(super) type Contents = BTreeMap<Key, Vec<u8>>;

/// A store that runs.
pub(super) type Bench = bench::Bench<Store>;

impl Bench {
    /// Opens what is on a disk.
    pub(super) fn of(settings: &Settings, files: Files) -> Result<Self, StoreError> {
        Self::open(files, false, |disk| Store::open(settings.clone(), disk))
    }

    /// Lets a store come up, and photographs its disk before each change.
    pub(super) fn pictures_of_opening(settings: &Settings, files: Files) -> Vec<Files> {
        let opened = Self::open(files, true, |disk| Store::open(settings.clone(), disk));
        let mut bench = opened.expect("a crash damages nothing");
        bench.settle();
        bench.disk.pictures.take().unwrap_or_default()
    }

    /// A new store on an empty disk, ready to serve.
    pub(super) fn new(settings: &Settings) -> Self {
        let mut bench = Self::of(settings, Files::default()).expect("an empty disk is a new store");
        bench.settle();
        bench
    }

    pub(super) fn write(&mut self, writes: Vec<(Key, Value)>) -> Result<Sequence, StoreError> {
        self.act(|store, disk| store.write(disk, writes))
    }

    pub(super) fn put(&mut self, key: &str, value: &str) -> Result<Sequence, StoreError> {
        self.write(vec![(key.into(), Some(value.into()))])
    }

    pub(super) fn get(&mut self, key: &str) -> Result<Value, StoreError> {
        let last = self.engine.last();
        self.engine.get(&self.disk, key.as_bytes(), last)
    }

    pub(super) fn contents(&self) -> Result<Contents, StoreError> {
        let last = self.engine.last();
        let all = self.engine.scan(&self.disk, &[], None, last, usize::MAX)?;
        Ok(all.into_iter().collect())
    }

    /// Loses power, and opens what is left.
    pub(super) fn crash(
        &self,
        settings: &Settings,
        choose: &mut dyn FnMut(u64) -> u64,
    ) -> Result<Self, StoreError> {
        Self::recovered(settings, self.crashed(choose))
    }

    /// Opens what a crash has left, and lets it come up.
    pub(super) fn recovered(settings: &Settings, files: Files) -> Result<Self, StoreError> {
        let mut bench = Self::of(settings, files)?;
        bench.settle();
        assert_eq!(bench.engine.state(), State::Open);
        Ok(bench)
    }
}
