//! Many readings in few numbers: quantiles, mean and bars, by a histogram of bounded size.

use hdrhistogram::Histogram;

/// Three digits of every value are kept.
const DIGITS: u8 = 3;

/// A distribution of readings. It takes the same room for ten of them and for ten million.
#[derive(Clone, Debug)]
pub struct Summary(Histogram<u64>);

impl Default for Summary {
    fn default() -> Self {
        let empty = Histogram::new(DIGITS);
        Self(empty.unwrap_or_else(|_| unreachable!("{DIGITS} digits are allowed")))
    }
}

impl Summary {
    /// Takes in a reading. Beyond 2⁶² it counts as that.
    pub fn add(&mut self, value: u64) {
        // It grows by itself, and cannot refuse what is below 2⁶².
        let _ = self.0.record(value.min(1 << 62));
    }

    /// Returns how many readings there are.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// Returns the mean; 0 without readings.
    pub fn mean(&self) -> f64 {
        self.0.mean()
    }

    /// Returns the value that this share of readings does not exceed, to three digits; 0 without
    /// readings.
    pub fn quantile(&self, share: f64) -> u64 {
        self.0.value_at_quantile(share)
    }

    /// Returns the largest reading, to three digits; 0 without readings.
    pub fn max(&self) -> u64 {
        if self.0.is_empty() { 0 } else { self.0.max() }
    }

    /// Returns bars of this width from zero to the largest reading: how many readings lie in each.
    pub fn bars(&self, width: u64) -> Vec<u64> {
        self.0.iter_linear(width.max(1)).map(|bar| bar.count_since_last_iteration()).collect()
    }
}

impl FromIterator<u64> for Summary {
    fn from_iter<I: IntoIterator<Item = u64>>(values: I) -> Self {
        let mut summary = Self::default();
        values.into_iter().for_each(|value| summary.add(value));
        summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The quantiles of 1 … 100,000 are known without a histogram.
    #[test]
    fn quantiles_are_right_to_three_digits() {
        let summary: Summary = (1..=100_000).collect();
        assert_eq!(summary.count(), 100_000);
        for (share, expected) in [(0.5, 50_000.0), (0.9, 90_000.0), (0.99, 99_000.0), (1.0, 1e5)] {
            #[expect(clippy::cast_precision_loss, reason = "it is below 2^53")]
            let found = summary.quantile(share) as f64;
            assert!((found - expected).abs() <= expected / 1_000.0, "{share}: {found}");
        }
        assert!((summary.mean() - 50_000.5).abs() < 50.0);
        assert_eq!(summary.bars(50_000).iter().sum::<u64>(), 100_000);
    }

    #[test]
    fn nothing_is_nothing() {
        let none = Summary::default();
        assert_eq!((none.count(), none.max(), none.quantile(0.99)), (0, 0, 0));
    }
}
