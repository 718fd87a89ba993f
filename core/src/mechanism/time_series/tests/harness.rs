//! A store, its disk, and somebody who completes the syncs.

use std::collections::BTreeMap;

use super::super::{Answer, Point, Query, Series, Settings, Store, StoreError, Taken, What};
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

/// All points, by series and time.
pub(super) type Contents = BTreeMap<(Series, u64), u64>;

/// A store that runs.
pub(super) type Bench = bench::Bench<Store>;

impl Bench {
    /// Opens what is on a disk, which is photographed if `is_watched`.
    pub(super) fn of(
        settings: &Settings,
        files: Files,
        is_watched: bool,
    ) -> Result<Self, StoreError> {
        Self::open(files, is_watched, |disk| Store::open(settings.clone(), disk))
    }

    /// A new store on an empty disk, ready to serve.
    pub(super) fn new(settings: &Settings) -> Self {
        Self::recovered(settings, Files::default()).expect("an empty disk is a new store")
    }

    /// Opens what a crash has left, and lets it come up.
    pub(super) fn recovered(settings: &Settings, files: Files) -> Result<Self, StoreError> {
        let mut bench = Self::of(settings, files, false)?;
        bench.settle();
        assert_eq!(bench.engine.state(), State::Open);
        Ok(bench)
    }

    pub(super) fn write(&mut self, series: Series, points: &[Point]) -> Result<Taken, StoreError> {
        self.act(|store, disk| store.write(disk, series, points))
    }

    /// Answers from what the disk has.
    pub(super) fn answer(&self, series: Series, what: What) -> Result<Answer, StoreError> {
        let query = Query { series, from: 0, to: u64::MAX, what };
        let mut reader = self.engine.reader(query);
        while self.engine.read_on(&self.disk, &mut reader)? {}
        Ok(reader.into_answer(self.engine.settings()))
    }

    pub(super) fn contents(&self, series: u16) -> Result<Contents, StoreError> {
        let mut contents = Contents::new();
        for series in 0..series {
            let points = self.answer(series, What::Points)?.points;
            contents.extend(points.into_iter().map(|it| ((series, it.at), it.bits)));
        }
        Ok(contents)
    }
}
