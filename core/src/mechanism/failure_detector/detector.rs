//! How long a silence may last before its cause is suspected to be death.

use super::Arrivals;

/// Where the patience comes from.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Detector {
    /// A constant.
    Timeout {
        /// The longest silence that is not suspicious.
        after_us: u64,
    },
    /// So many heartbeats in a row that did not come.
    Misses {
        /// How many.
        count: u64,
        /// Time between two of them.
        period_us: u64,
        /// How late one may be before it is missed.
        late_us: u64,
    },
    /// A silence that is as unlikely as φ says, by the intervals of late (Hayashibara et al. 2004).
    Phi {
        /// φ in thousandths: 3,000 for one wrong suspicion in 1,000 intervals.
        thousandths: u32,
        /// The longest silence that is not suspicious however long intervals have been: a bound on
        /// detection, which φ alone does not give.
        limit_us: u64,
    },
}

impl Detector {
    /// Returns the longest silence, after the last heartbeat, that is not suspicious.
    pub fn patience_us(self, arrivals: &Arrivals) -> u64 {
        match self {
            Self::Timeout { after_us } => after_us,
            Self::Misses { count, period_us, late_us } => count * period_us + late_us,
            Self::Phi { thousandths, limit_us } => arrivals.patience_us(thousandths, limit_us),
        }
    }

    /// Returns true if the silence at `now_us` is longer than that.
    pub fn suspects(self, arrivals: &Arrivals, now_us: u64) -> bool {
        let silence_us = arrivals.silence_us(now_us);
        match self {
            Self::Timeout { .. } | Self::Misses { .. } => silence_us > self.patience_us(arrivals),
            // No need to know when it will be reached.
            Self::Phi { thousandths, limit_us } => {
                let threshold = f64::from(thousandths) / 1_000.0;
                silence_us > limit_us || arrivals.phi(silence_us) > threshold
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD_US: u64 = 100_000;

    /// Heartbeats that are late by up to `most_us`, by turns, as seen for a while.
    fn heard(most_us: u64) -> (Arrivals, u64) {
        let mut arrivals = Arrivals::new(0, PERIOD_US);
        let at_us = |n: u64| n * PERIOD_US + n * 7 % 10 * most_us / 10;
        (1..=60).for_each(|n| arrivals.heard(at_us(n)));
        (arrivals, at_us(60))
    }

    #[test]
    fn constants_do_not_care_how_even_the_network_is_and_phi_does() {
        let patience = |detector: Detector| {
            [1_000, 40_000].map(|late_us| detector.patience_us(&heard(late_us).0))
        };
        assert_eq!(patience(Detector::Timeout { after_us: 250_000 }), [250_000; 2]);
        let misses = Detector::Misses { count: 3, period_us: PERIOD_US, late_us: 10_000 };
        assert_eq!(patience(misses), [310_000; 2]);
        let [even_us, uneven_us] =
            patience(Detector::Phi { thousandths: 3_000, limit_us: 500_000 });
        assert!(even_us < 150_000 && even_us + 20_000 < uneven_us, "{even_us} {uneven_us}");
    }

    #[test]
    fn each_suspects_when_its_patience_is_over_and_not_before() {
        let (arrivals, last_us) = heard(20_000);
        for detector in [
            Detector::Timeout { after_us: 250_000 },
            Detector::Misses { count: 2, period_us: PERIOD_US, late_us: 10_000 },
            Detector::Phi { thousandths: 2_000, limit_us: 500_000 },
            Detector::Phi { thousandths: 500_000, limit_us: 300_000 },
        ] {
            let end_us = last_us + detector.patience_us(&arrivals);
            assert!(!detector.suspects(&arrivals, end_us - 1), "{detector:?}");
            assert!(detector.suspects(&arrivals, end_us + 1), "{detector:?}");
        }
    }
}
