//! When heartbeats came, and how unlikely the present silence is.

use std::collections::VecDeque;

/// How many intervals are kept. The paper keeps 1,000; fewer forget a bad time sooner.
const WINDOW: usize = 100;

/// The last intervals between heartbeats of one sender, as sums over a sliding window.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Arrivals {
    last_us: u64,
    intervals_us: VecDeque<u64>,
    sum_us: u64,
    /// Sum of the intervals' squares.
    squares: u128,
    window: u32,
    least_deviation_us: u64,
}

impl Arrivals {
    /// Begins at `now_us`, expecting a heartbeat every `period_us`. As in Akka's detector the window
    /// begins with a guess, the period give or take a quarter, so that who is never heard of at all is
    /// suspected too; and no deviation counts as less than a twentieth of the period, as a network that
    /// has been even for a while will not be for ever.
    pub fn new(now_us: u64, period_us: u64) -> Self {
        let mut arrivals = Self::over(WINDOW, period_us / 20);
        arrivals.last_us = now_us;
        arrivals.add(period_us - period_us / 4);
        arrivals.add(period_us + period_us / 4);
        arrivals
    }

    /// Begins with a window of its own size, no guess, and a deviation that counts in any case.
    pub fn over(window: usize, least_deviation_us: u64) -> Self {
        let (last_us, intervals_us, sum_us, squares) = (0, VecDeque::new(), 0, 0);
        let window = u32::try_from(window.max(1)).unwrap_or(u32::MAX);
        Self { last_us, intervals_us, sum_us, squares, window, least_deviation_us }
    }

    /// A heartbeat came at `now_us`.
    pub fn heard(&mut self, now_us: u64) {
        self.add(now_us.saturating_sub(self.last_us));
        self.last_us = now_us;
    }

    /// The time up to `now_us` does not count: the silence was the listener's own doing.
    pub fn excuse(&mut self, now_us: u64, for_us: u64) {
        self.last_us = self.last_us.saturating_add(for_us).min(now_us);
    }

    /// Takes in an interval; the oldest leaves a window that is full.
    pub fn add(&mut self, interval_us: u64) {
        // An interval of an hour says no more than that there was none; its square must fit.
        let interval_us = interval_us.min(3_600_000_000);
        if self.intervals_us.len() >= self.window as usize
            && let Some(oldest_us) = self.intervals_us.pop_front()
        {
            self.sum_us -= oldest_us;
            self.squares -= u128::from(oldest_us) * u128::from(oldest_us);
        }
        self.intervals_us.push_back(interval_us);
        self.sum_us += interval_us;
        self.squares += u128::from(interval_us) * u128::from(interval_us);
    }

    /// Returns for how long nothing has come.
    pub fn silence_us(&self, now_us: u64) -> u64 {
        now_us.saturating_sub(self.last_us)
    }

    /// Returns mean and standard deviation of the intervals; the deviation is no less than what counts
    /// in any case.
    #[expect(clippy::cast_precision_loss, reason = "microseconds of an hour squared: 53 bits do")]
    pub fn mean_and_deviation_us(&self) -> (f64, f64) {
        let count = self.intervals_us.len().max(1) as f64;
        let mean = self.sum_us as f64 / count;
        let variance = (self.squares as f64 / count - mean * mean).max(0.0);
        (mean, libm::sqrt(variance).max(self.least_deviation_us as f64).max(1.0))
    }

    /// Returns φ = −log10 P(an interval is longer than `silence_us`), by a normal distribution with the
    /// window's mean and deviation (section 4.2): suspecting at φ = 1 is a mistake once in 10 intervals,
    /// at φ = 3 once in 1,000.
    #[expect(clippy::cast_precision_loss, reason = "a silence of 53 bits of microseconds: ages")]
    pub fn phi(&self, silence_us: u64) -> f64 {
        let (mean, deviation) = self.mean_and_deviation_us();
        let distance = (silence_us as f64 - mean) / deviation;
        let later = libm::erfc(distance / core::f64::consts::SQRT_2) / 2.0;
        // So far out that no number is left for it: more than anybody asks for.
        if later > 0.0 { -libm::log10(later) } else { 1_000.0 }
    }

    /// Returns the shortest silence at which φ reaches `thousandths` / 1,000, but no longer one than
    /// `limit_us`.
    pub fn patience_us(&self, thousandths: u32, limit_us: u64) -> u64 {
        let threshold = f64::from(thousandths) / 1_000.0;
        let (mut low_us, mut high_us) = (0, limit_us);
        // φ grows with the silence.
        while low_us < high_us {
            let middle_us = low_us + (high_us - low_us) / 2;
            if self.phi(middle_us) >= threshold {
                high_us = middle_us;
            } else {
                low_us = middle_us + 1;
            }
        }
        low_us
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{Distribution, Stream};

    const MEAN_US: u64 = 100_000;
    const DEVIATION_US: u64 = 10_000;

    /// Intervals with exactly this mean and deviation: as many a deviation below as above.
    fn known() -> Arrivals {
        let mut arrivals = Arrivals::over(1_000, 0);
        for _ in 0..500 {
            arrivals.add(MEAN_US - DEVIATION_US);
            arrivals.add(MEAN_US + DEVIATION_US);
        }
        arrivals
    }

    /// Source: Hayashibara et al. 2004, section 4.2: φ = −log10(1 − F(t)). At t = mean + 3 deviations
    /// of a normal distribution φ = 2.870. Tolerance 1e-3.
    #[test]
    fn phi_three_deviations_out_is_that_of_the_normal_distribution() {
        let phi = known().phi(MEAN_US + 3 * DEVIATION_US);
        assert!(libm::fabs(phi - 2.870) < 1e-3, "{phi}");
        assert!(libm::fabs(known().phi(MEAN_US) - libm::log10(2.0)) < 1e-9);
    }

    /// Source: Hayashibara et al. 2004, section 4.1: suspecting at φ = 1, 2, 3 is a mistake with a
    /// likelihood of about 10 %, 1 % and 0.1 %. Measured: of a million normal intervals, those longer
    /// than the patience that the window before them gave. Tolerance 1e-3, absolute.
    #[test]
    fn mistakes_at_phi_1_2_3_are_a_tenth_a_hundredth_a_thousandth() {
        let mut stream = Stream::new(1, "intervals");
        let normal = |stream: &mut Stream| {
            // A log-normal sample with a known median and spread, taken back to the normal one.
            let spread = Distribution::LogNormal { median_us: 1_000_000_000, sigma_percent: 100 };
            #[expect(clippy::cast_precision_loss, reason = "a sample below 2^53")]
            let sample = libm::log(spread.sample_us(stream).max(1) as f64 / 1e9);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive")]
            let interval_us = libm::round(1e6 + 1e5 * sample) as u64;
            interval_us
        };
        let mut arrivals = Arrivals::over(1_000, 0);
        (0..1_000).for_each(|_| arrivals.add(normal(&mut stream)));
        let (mut mistakes, count) = ([0_u32; 3], 1_000_000);
        for _ in 0..count {
            let interval_us = normal(&mut stream);
            let phi = arrivals.phi(interval_us);
            for (threshold, mistakes) in [1.0, 2.0, 3.0].into_iter().zip(&mut mistakes) {
                *mistakes += u32::from(phi > threshold);
            }
            arrivals.add(interval_us);
        }
        for (mistakes, expected) in mistakes.into_iter().zip([0.1, 0.01, 0.001]) {
            let share = f64::from(mistakes) / f64::from(count);
            println!("{share} of {expected}");
            assert!(libm::fabs(share - expected) < 1e-3, "{share} instead of {expected}");
        }
    }

    #[test]
    fn patience_is_where_phi_reaches_the_threshold() {
        let arrivals = known();
        for thousandths in [500, 1_000, 3_000, 8_000] {
            let us = arrivals.patience_us(thousandths, 1_000_000);
            assert!(arrivals.phi(us) >= f64::from(thousandths) / 1_000.0);
            assert!(arrivals.phi(us - 1) < f64::from(thousandths) / 1_000.0);
        }
        assert_eq!(arrivals.patience_us(100_000_000, 400_000), 400_000, "the limit");
    }

    #[test]
    fn the_window_forgets_and_sums_stay_exact() {
        let mut arrivals = Arrivals::over(3, 0);
        for us in [7, 1_000, 2_000, 3_000] {
            arrivals.add(us);
        }
        let (mean, deviation) = arrivals.mean_and_deviation_us();
        assert_eq!(
            (arrivals.sum_us, arrivals.squares, arrivals.intervals_us.len()),
            (6_000, 14_000_000, 3)
        );
        assert!(libm::fabs(mean - 2_000.0) < 1e-9 && libm::fabs(deviation - 816.496_58) < 1e-3);
    }

    #[test]
    fn who_was_never_heard_of_is_suspected_and_own_sleep_is_excused() {
        let mut arrivals = Arrivals::new(1_000_000, MEAN_US);
        assert!(arrivals.phi(arrivals.silence_us(1_000_000 + 4 * MEAN_US)) > 3.0);
        arrivals.excuse(1_400_000, 350_000);
        assert_eq!(arrivals.silence_us(1_400_000), 50_000);
        arrivals.excuse(1_400_000, 350_000);
        assert_eq!(arrivals.silence_us(1_400_000), 0, "nothing is heard in the future");
    }
}
