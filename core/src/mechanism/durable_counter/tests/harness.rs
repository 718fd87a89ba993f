//! A counter, its disk, and somebody who completes the syncs.

use super::super::{Counter, CounterError, Settings};
use crate::mechanism::bench::{self, Hears, Watched};
use crate::mechanism::mount::State;
use crate::sim::{Files, SyncId};

impl Hears for Counter {
    fn synced(&mut self, disk: &mut Watched, sync: SyncId) {
        self.synced(disk, sync);
        self.sync(disk);
    }

    fn sync_failed(&mut self, sync: SyncId) {
        self.sync_failed(sync);
    }
}

/// A counter that runs.
pub(super) type Bench = bench::Bench<Counter>;

/// A disk in mid-work, and what counts of it.
pub(super) struct Moment {
    pub(super) files: Files,
    /// What was acknowledged.
    pub(super) acknowledged: u64,
    /// What was asked for.
    pub(super) asked: u64,
}

impl Bench {
    /// A new counter on an empty disk, ready to count.
    pub(super) fn new(settings: &Settings) -> Self {
        Self::recovered(settings, Files::default()).expect("an empty disk is a new counter")
    }

    /// Opens what is on a disk, and lets it come up.
    pub(super) fn recovered(settings: &Settings, files: Files) -> Result<Self, CounterError> {
        let mut bench = Self::open(files, false, |disk| Counter::open(settings.clone(), disk))?;
        bench.settle();
        assert_eq!(bench.engine.state(), State::Open);
        Ok(bench)
    }

    /// Counts one more, for a source that asks a new question each time.
    pub(super) fn add(&mut self, question: u32) -> Result<Option<u64>, CounterError> {
        self.act(|counter, disk| {
            let added = counter.add(disk, (7, question));
            counter.sync(disk);
            added
        })
    }
}

/// Opens a new counter and counts to `to`, and photographs the disk before each change: so many +1 come
/// before the first sync ends, and then one between two ends.
pub(super) fn moments(settings: &Settings, to: u32, lag: u32) -> Vec<Moment> {
    let opened = Bench::open(Files::default(), true, |disk| Counter::open(settings.clone(), disk));
    let mut bench = opened.expect("an empty disk is a new counter");
    bench.settle();
    let mut moments = Vec::new();
    let mut acknowledged = 0;
    for question in 1..=to {
        while bench.add(question) == Err(CounterError::Busy) {
            bench.complete();
        }
        if question > lag {
            bench.complete();
        }
        if question == to {
            bench.settle();
        }
        let taken = bench.disk.pictures.replace(Vec::new()).unwrap_or_default();
        let taken = taken.into_iter().chain([bench.disk.files.clone()]);
        let asked = u64::from(question);
        moments.extend(taken.map(|files| Moment { files, acknowledged, asked }));
        acknowledged = bench.engine.durable();
    }
    moments
}
