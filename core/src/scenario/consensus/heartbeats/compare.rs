//! Several detectors on the same heartbeats: what each would have got wrong, and how long each waits.

use crate::mechanism::failure_detector::{Arrivals, Detector};
use crate::mechanism::small_map::SmallMap;
use crate::sim::NodeId;

/// What is compared, each family from impatient to patient. Constants are in percent of the period.
const COMPARED: [(Family, u32); 15] = [
    (Family::Timeout, 110),
    (Family::Timeout, 150),
    (Family::Timeout, 250),
    (Family::Timeout, 400),
    (Family::Timeout, 700),
    (Family::Misses, 1),
    (Family::Misses, 2),
    (Family::Misses, 3),
    (Family::Misses, 4),
    (Family::Misses, 6),
    (Family::Phi, 1),
    (Family::Phi, 2),
    (Family::Phi, 3),
    (Family::Phi, 5),
    (Family::Phi, 8),
];

/// Where a detector's patience comes from.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Family {
    /// A constant.
    Timeout,
    /// So many heartbeats.
    Misses,
    /// The intervals of late.
    Phi,
}

impl Family {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Timeout, Self::Misses, Self::Phi];

    /// Returns what it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Misses => "misses",
            Self::Phi => "φ accrual",
        }
    }
}

/// Makes a compared detector for heartbeats every `period_us`.
fn detector((family, threshold): (Family, u32), period_us: u64) -> Detector {
    match family {
        Family::Timeout => Detector::Timeout { after_us: period_us * u64::from(threshold) / 100 },
        Family::Misses => {
            let late_us = super::lateness_us(period_us);
            Detector::Misses { count: threshold.into(), period_us, late_us }
        }
        // Without a bound: what φ alone would do.
        Family::Phi => Detector::Phi { thousandths: threshold * 1_000, limit_us: u64::MAX / 2 },
    }
}

/// A detector's record so far: a point of the plot.
#[derive(Copy, Clone, Debug)]
pub(super) struct Point {
    /// Where its patience comes from.
    pub(super) family: Family,
    /// Its threshold: percent of a period, heartbeats, or φ.
    pub(super) threshold: u32,
    /// How long the dead would stay unnoticed after their last heartbeat if they died now, by the
    /// mean over the workers.
    pub(super) patience_us: u64,
    /// How many of the intervals it would have taken for a death, in 1,000.
    pub(super) mistakes_per_thousand: u64,
}

impl Point {
    /// Returns true if it would have taken no interval for a death.
    pub(super) fn is_never_wrong(&self) -> bool {
        self.mistakes_per_thousand == 0
    }

    /// Returns its threshold in words.
    pub(super) fn threshold_text(&self) -> String {
        match self.family {
            Family::Timeout => format!("{} % of a period", self.threshold),
            Family::Misses => format!("{} in a row", self.threshold),
            Family::Phi => format!("φ = {}", self.threshold),
        }
    }

    /// Returns its patience in milliseconds, and its mistakes.
    pub(super) fn place(&self) -> (i64, i64) {
        let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        (whole(self.patience_us / 1_000), whole(self.mistakes_per_thousand))
    }
}

/// Every detector's mistakes on the intervals between the heartbeats that came.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Comparison {
    period_us: u64,
    arrivals: SmallMap<NodeId, Arrivals>,
    mistakes: [u64; COMPARED.len()],
    intervals: u64,
}

impl Comparison {
    /// Begins to listen, to heartbeats every `period_us`.
    pub(super) fn begin(&mut self, period_us: u64) {
        (self.period_us, self.arrivals) = (period_us, SmallMap::default());
    }

    /// A worker has come up, or the listener has: what was silent until now was not a living worker.
    pub(super) fn forget(&mut self, worker: NodeId) {
        self.arrivals.remove(worker);
    }

    /// A heartbeat came at `now_us` of a clock that stands still while the listener sleeps. Whoever
    /// took the silence before it for death was wrong.
    pub(super) fn heard(&mut self, worker: NodeId, now_us: u64) {
        let (period_us, first) = (self.period_us, Arrivals::new(now_us, self.period_us));
        let is_first = self.arrivals.get(worker).is_none();
        let arrivals = self.arrivals.get_or_insert(worker, first);
        if is_first {
            return;
        }
        for (what, mistakes) in COMPARED.into_iter().zip(&mut self.mistakes) {
            *mistakes += u64::from(detector(what, period_us).suspects(arrivals, now_us));
        }
        self.intervals += 1;
        arrivals.heard(now_us);
    }

    /// Returns a point for each detector, by family and threshold.
    pub(super) fn points(&self) -> impl Iterator<Item = Point> {
        let workers = self.arrivals.len().max(1) as u64;
        COMPARED.into_iter().zip(self.mistakes).map(move |(what, mistakes)| {
            let detector = detector(what, self.period_us);
            let sum_us: u64 = self.arrivals.values().map(|it| detector.patience_us(it)).sum();
            Point {
                family: what.0,
                threshold: what.1,
                patience_us: sum_us / workers,
                mistakes_per_thousand: mistakes * 1_000 / self.intervals.max(1),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Heartbeats every 100 ms, of which every tenth is lost.
    fn points() -> Vec<Point> {
        let mut comparison = Comparison::default();
        comparison.begin(100_000);
        (1..=500_u64)
            .filter(|n| n % 10 != 0)
            .for_each(|n| comparison.heard(NodeId(1), n * 100_000));
        comparison.points().collect()
    }

    #[test]
    fn more_patience_makes_fewer_mistakes_in_every_family() {
        for family in [Family::Timeout, Family::Misses, Family::Phi] {
            let of_family = points().into_iter().filter(|it| it.family == family);
            let curve: Vec<(u64, u64)> =
                of_family.map(|it| (it.patience_us, it.mistakes_per_thousand)).collect();
            assert!(curve.is_sorted_by(|a, b| a.0 < b.0 && a.1 >= b.1), "{family:?}: {curve:?}");
        }
    }

    /// One interval in nine spans a loss, and lasts two periods.
    #[test]
    fn one_miss_is_wrong_at_each_loss_and_two_are_not() {
        let mistakes = |family, threshold| {
            let is_it = |it: &Point| it.family == family && it.threshold == threshold;
            points().into_iter().find(is_it).map(|it| it.mistakes_per_thousand)
        };
        assert_eq!(mistakes(Family::Misses, 1), Some(109), "49 of 449");
        assert_eq!(mistakes(Family::Misses, 2), Some(0));
        assert_eq!(mistakes(Family::Timeout, 250), Some(0));
    }
}
