//! The store outside a world: the same engine, on real files.

use std::collections::VecDeque;

use super::message::{reading, thermometer};
use crate::durable::{Engine, Held, OnDisk};
use crate::mechanism::mount::State;
use crate::mechanism::time_series::{Point, Query, Series, Settings, Store, What};
use crate::sim::{FileSystem, SyncId};

/// So many series take readings in turn.
const SERIES: u64 = 3;

/// So many of the last readings are kept.
const KEEPS: u64 = 4_000;

/// What the row declares.
pub(super) const ON_DISK: OnDisk = OnDisk {
    format: 1,
    files: 20,
    copies: 1,
    keeps: KEEPS,
    looked_up: "looked up",
    older: "Older readings may be gone: retention removes whole shards, so of those nothing is said.",
    open: |disk| {
        let store = Store::open(settings(), disk).map_err(|error| error.to_string())?;
        let found = found(&store, disk)?;
        Ok(Box::new(OnFiles { store, found, written: found, waiting: VecDeque::new() }))
    },
    sentence: |number| {
        let (series, point) = operation(number);
        format!("keep {} of {} at {number}", reading(point.bits), thermometer(series))
    },
};

/// With every safeguard. When the logs are synced is for the one to say who runs the engine. The unit of
/// time is an operation.
fn settings() -> Settings {
    Settings {
        is_synced: false,
        shard_span: 1_000,
        window: 500,
        retention: KEEPS,
        rollup_span: 125,
        ..Settings::default()
    }
}

/// Returns what an operation adds to which series: a temperature that goes up and down in sixteenths.
fn operation(number: u64) -> (Series, Point) {
    let series = Series::try_from(number % SERIES).unwrap_or_default();
    let steps = u16::try_from((number * number / 97 + number) % 320).unwrap_or_default();
    (series, Point::new(number, f64::from(steps) / 16.0))
}

/// Returns the last operation before which none is missing. Two shards have two logs, of which a crash may
/// leave the younger alone; what it has is written again then, and nothing changes.
fn found(store: &Store, disk: &dyn FileSystem) -> Result<u64, String> {
    let mut times = Vec::new();
    for series in 0..SERIES {
        let series = Series::try_from(series).unwrap_or_default();
        let mut reader = store.reader(Query { series, from: 0, to: u64::MAX, what: What::Points });
        while store.read_on(disk, &mut reader).map_err(|error| error.to_string())? {}
        let answer = reader.into_answer(store.settings());
        times.extend(answer.points.into_iter().map(|it| it.at));
    }
    crate::order::sort(&mut times);
    // While it comes up the store knows of nothing that is durable; what it has found is no less than what
    // was durable when it last removed anything.
    let oldest = store.newest().unwrap_or_default().saturating_sub(KEEPS);
    let kept_from = store.settings().start_of(store.settings().shard_of(oldest));
    let before_first = kept_from.saturating_sub(1);
    let whole = times.into_iter().filter(|at| *at > before_first);
    let run = whole.zip(before_first + 1..).take_while(|(at, number)| at == number);
    Ok(run.last().map_or(before_first, |(at, _)| at))
}

struct OnFiles {
    store: Store,
    /// Up to here it was all there when it was opened.
    found: u64,
    written: u64,
    /// The tickets of operations that are not known to be durable, oldest first.
    waiting: VecDeque<(u64, u64)>,
}

impl OnFiles {
    /// Forgets the tickets of what is durable.
    fn settle(&mut self) {
        let durable = self.store.durable();
        while let Some((_, number)) = self.waiting.pop_front_if(|(ticket, _)| *ticket <= durable) {
            self.found = number;
        }
    }
}

impl Engine for OnFiles {
    fn operate(&mut self, disk: &mut dyn FileSystem, number: u64) -> Result<(), String> {
        let (series, point) = operation(number);
        let taken = self.store.write(disk, series, &[point]).map_err(|error| error.to_string())?;
        if let Some((at, _)) = taken.refused.first() {
            return Err(format!("The reading at {at} is not taken: it comes too late."));
        }
        self.written = number;
        self.waiting.push_back((taken.ticket, number));
        self.settle();
        Ok(())
    }

    fn sync(&mut self, disk: &mut dyn FileSystem) -> Result<(), String> {
        let asked = self.store.sync(disk).map_err(|error| error.to_string());
        self.settle();
        asked
    }

    fn synced(&mut self, disk: &mut dyn FileSystem, sync: SyncId) {
        self.store.synced(disk, sync);
        self.settle();
    }

    fn sync_failed(&mut self, sync: SyncId) {
        self.store.sync_failed(sync);
    }

    fn is_ready(&self) -> bool {
        self.store.state() == State::Open
    }

    fn written(&self) -> u64 {
        self.written
    }

    fn acknowledged(&self) -> u64 {
        // What was found is durable when it has come up.
        if self.store.state() == State::Opening { 0 } else { self.found }
    }

    fn held(&mut self, disk: &dyn FileSystem, number: u64) -> Result<Held, String> {
        let (series, point) = operation(number);
        let found = self.store.get(disk, series, number).map_err(|error| error.to_string())?;
        Ok(match found {
            None => Held::Missing,
            Some(bits) if bits == point.bits => Held::Whole,
            Some(_) => Held::Wrong,
        })
    }
}
