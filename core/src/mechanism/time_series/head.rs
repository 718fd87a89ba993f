//! A young shard: its points in memory, in order of time, however late they came.

use std::collections::BTreeMap;

use super::rollup::rollups_of;
use super::{Point, Rollup, Series, Settings};

/// A shard that takes points.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OpenShard {
    /// Each series, by time.
    series: BTreeMap<Series, BTreeMap<u64, u64>>,
    /// What a store that waits for no late point has summed up so far.
    early: BTreeMap<(Series, u64), Rollup>,
    /// How long its log is, and how much of it is durable.
    pub(super) log_bytes: u64,
    pub(super) durable_bytes: u64,
}

impl OpenShard {
    /// Adds a point, which is the only one of its series at that time; `newest` is the time of the newest
    /// of all. Rollups that wait for nothing take it while their interval is not closed.
    pub(super) fn insert(
        &mut self,
        settings: &Settings,
        series: Series,
        point: Point,
        newest: u64,
    ) {
        self.series.entry(series).or_default().insert(point.at, point.bits);
        let interval = settings.interval_of(point.at);
        if !settings.waits_for_late && !settings.is_closed(interval, newest) {
            self.early.entry((series, interval)).or_default().add(point.bits);
        }
    }

    /// Returns how long its log is, in bytes.
    pub fn log_bytes(&self) -> u64 {
        self.log_bytes
    }

    /// Returns true if a crash can undo nothing of it.
    pub fn is_durable(&self) -> bool {
        self.durable_bytes == self.log_bytes
    }

    /// Returns the value of a series at a time.
    pub fn get(&self, series: Series, at: u64) -> Option<u64> {
        self.series.get(&series)?.get(&at).copied()
    }

    /// Lists the series that it has points of.
    pub fn series(&self) -> impl Iterator<Item = Series> {
        self.series.keys().copied()
    }

    /// Lists the points of a series, by time.
    pub fn points(&self, series: Series) -> impl Iterator<Item = Point> {
        let points = self.series.get(&series).into_iter().flatten();
        points.map(|(at, bits)| Point { at: *at, bits: *bits })
    }

    /// Returns how many points it has.
    pub fn len(&self) -> u64 {
        self.series.values().map(|points| points.len() as u64).sum()
    }

    /// Returns true if it has none.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// Returns the newest time of any point.
    pub fn newest(&self) -> Option<u64> {
        let last = |points: &BTreeMap<u64, u64>| points.last_key_value().map(|(at, _)| *at);
        self.series.values().filter_map(last).max()
    }

    /// Computes the rollups of a series.
    pub fn rollups(&self, settings: &Settings, series: Series) -> Vec<(u64, Rollup)> {
        if settings.waits_for_late {
            return rollups_of(self.points(series), settings.rollup_span);
        }
        let of = self.early.range((series, 0)..=(series, u64::MAX));
        of.map(|((_, start), rollup)| (*start, *rollup)).collect()
    }
}
