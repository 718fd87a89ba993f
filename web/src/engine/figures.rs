//! What is counted and measured of a run, up to the cursor.

use faultline_core::run::Run;
use faultline_core::sim::{Finished, FinishedOperation, Observation};
use faultline_core::summary::Summary;

use crate::wire::{Bar, Distribution, Figures, Listed, ListedEntry, Measure};

/// Ten bars a decade, at Renard's numbers: each is a quarter wider than the one before it, and people
/// can read them.
const RENARD: [u64; 10] = [100, 125, 160, 200, 250, 315, 400, 500, 630, 800];
/// From this many messages on they share a bar.
const HOPS_LIMIT: u64 = 12;
/// At most so many operations of a bar are listed.
const LISTED_LIMIT: usize = 20;

/// The operations of clients that have ended, and their distribution up to the cursor.
#[derive(Default)]
pub(super) struct Measured {
    finished: Finished,
    /// How many of them have ended by the cursor, and are in the spreads.
    counted: usize,
    /// The cursor.
    now_us: u64,
    latency: Spread,
    hops: Spread,
    /// How many of the journal's observations were made by the cursor.
    noted: usize,
    /// By quantity, in the order in which they were first observed.
    observed: Vec<(&'static str, Spread)>,
}

impl Measured {
    /// Goes along with the run and its cursor.
    fn follow(&mut self, run: &Run) {
        self.finished.follow(run.journal());
        let events = run.position().events;
        let all = self.finished.operations();
        let ended = all.partition_point(|it| it.ended_in < events);
        if ended < self.counted {
            (self.counted, self.latency, self.hops) = (0, Spread::default(), Spread::default());
        }
        for operation in &all[self.counted..ended] {
            self.latency.add(operation.took_us, latency_bar);
            if let Some(hops) = operation.hops {
                self.hops.add(hops.into(), hops_bar);
            }
        }
        self.counted = ended;
        self.now_us = run.now_us();
        let all = &run.journal().observations;
        let noted = all.partition_point(|it| it.event < events);
        if noted < self.noted {
            (self.noted, self.observed) = (0, Vec::new());
        }
        for it in &all[self.noted..noted] {
            let known = self.observed.iter().position(|(quantity, _)| *quantity == it.quantity);
            let place = known.unwrap_or_else(|| {
                self.observed.push((it.quantity, Spread::default()));
                self.observed.len() - 1
            });
            self.observed[place].1.add(it.took_us, latency_bar);
        }
        self.noted = noted;
    }

    /// Returns the figures at the run's cursor.
    pub(super) fn figures(&mut self, run: &Run) -> Figures {
        self.follow(run);
        Figures {
            readings: run.simulation().readings(),
            node_costs: run.simulation().node_costs().to_vec(),
            latency: self.latency.distribution(latency_edge),
            hops: self.hops.distribution(hops_edge),
            observed: self
                .observed
                .iter()
                .map(|(quantity, spread)| ((*quantity).into(), spread.distribution(latency_edge)))
                .collect(),
        }
    }

    /// Returns the latest of those that a bar counts.
    pub(super) fn listed(&mut self, run: &Run, measure: Measure, from: u64, to: u64) -> Listed {
        self.follow(run);
        let operations = self.finished.operations().get(..self.counted).unwrap_or_default();
        let noted = run.journal().observations.get(..self.noted).unwrap_or_default();
        let is_in = |value: u64| (from..to).contains(&value);
        let found: Vec<ListedEntry> = match &measure {
            Measure::Took => {
                let in_bar = |it: &&FinishedOperation| is_in(it.took_us);
                operations.iter().filter(in_bar).map(operation).collect()
            }
            Measure::Hops => {
                let in_bar = |it: &&FinishedOperation| it.hops.is_some_and(|it| is_in(it.into()));
                operations.iter().filter(in_bar).map(operation).collect()
            }
            Measure::Observed(quantity) => {
                let in_bar = |it: &&Observation| it.quantity == quantity && is_in(it.took_us);
                noted.iter().filter(in_bar).map(reading).collect()
            }
        };
        let entries = found.iter().rev().take(LISTED_LIMIT).copied().collect();
        let (total, as_of_us) = (found.len() as u64, self.now_us);
        Listed { measure, from, to, total, as_of_us, entries }
    }
}

fn operation(it: &FinishedOperation) -> ListedEntry {
    ListedEntry {
        node: it.client,
        at_us: it.begun_us,
        took_us: it.took_us,
        operation: Some((it.number, it.hops)),
    }
}

fn reading(it: &Observation) -> ListedEntry {
    ListedEntry { node: it.node, at_us: it.at_us, took_us: it.took_us, operation: None }
}

/// Readings, summed up and counted by bar.
#[derive(Default)]
struct Spread {
    summary: Summary,
    sum: u64,
    max: u64,
    /// By bar.
    counts: Vec<u64>,
}

impl Spread {
    fn add(&mut self, value: u64, bar_of: fn(u64) -> usize) {
        self.summary.add(value);
        self.sum = self.sum.saturating_add(value);
        self.max = self.max.max(value);
        let bar = bar_of(value);
        if self.counts.len() <= bar {
            self.counts.resize(bar + 1, 0);
        }
        self.counts[bar] += 1;
    }

    fn distribution(&self, edge: fn(usize) -> u64) -> Distribution {
        let first = self.counts.iter().position(|count| *count > 0).unwrap_or_default();
        let numbered = self.counts.iter().enumerate().skip(first);
        let bar =
            |(bar, count): (usize, &u64)| Bar { from: edge(bar), to: edge(bar + 1), count: *count };
        Distribution {
            count: self.summary.count(),
            sum: self.sum,
            // A value that stands for a few is never said to exceed the largest.
            median: self.summary.quantile(0.5).min(self.max),
            p95: self.summary.quantile(0.95).min(self.max),
            p99: self.summary.quantile(0.99).min(self.max),
            max: self.max,
            bars: numbered.map(bar).collect(),
        }
    }
}

/// Returns the least latency in a bar: the first holds all below a tenth of a millisecond.
fn latency_edge(bar: usize) -> u64 {
    let Some(step) = bar.checked_sub(1) else { return 0 };
    let decade = u32::try_from(step / RENARD.len()).unwrap_or(u32::MAX);
    RENARD[step % RENARD.len()].saturating_mul(10_u64.saturating_pow(decade))
}

/// Returns the bar of a latency.
fn latency_bar(took_us: u64) -> usize {
    let mut bar = 0;
    while latency_edge(bar + 1) <= took_us && latency_edge(bar + 1) < u64::MAX {
        bar += 1;
    }
    bar
}

fn hops_edge(bar: usize) -> u64 {
    let bar = bar as u64;
    if bar > HOPS_LIMIT { u64::MAX } else { bar }
}

fn hops_bar(hops: u64) -> usize {
    usize::try_from(hops.min(HOPS_LIMIT)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_latency_lies_in_its_bar() {
        for took_us in [0, 1, 99, 100, 101, 124, 125, 999, 1_000, 7_999, 8_000, 123_456_789] {
            let bar = latency_bar(took_us);
            assert!((latency_edge(bar)..latency_edge(bar + 1)).contains(&took_us), "{took_us}");
        }
        assert!(latency_edge(latency_bar(u64::MAX)) > u64::MAX / 2);
        assert_eq!(latency_edge(latency_bar(12_800)), 12_500);
    }

    #[test]
    fn bars_hold_all_readings_and_nothing_more() {
        let mut spread = Spread::default();
        for hops in [2, 2, 4, 40] {
            spread.add(hops, hops_bar);
        }
        let found = spread.distribution(hops_edge);
        assert_eq!((found.count, found.sum, found.max), (4, 48, 40));
        assert_eq!(found.bars.first(), Some(&Bar { from: 2, to: 3, count: 2 }));
        assert_eq!(found.bars.last(), Some(&Bar { from: 12, to: u64::MAX, count: 1 }));
        assert_eq!(found.bars.iter().map(|bar| bar.count).sum::<u64>(), found.count);
        assert_eq!(Spread::default().distribution(hops_edge), Distribution::default());
    }
}
