//! Readings of one quantity over virtual time.

use crate::format::count;

/// Readings of one quantity: true time and value, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// What it is called.
    pub name: String,
    /// The readings that are drawn.
    pub readings: Vec<(u64, i64)>,
    /// How many there are: more than are drawn, if those were thinned.
    pub total: u32,
    /// What is read at the cursor, at this very moment of the run.
    pub now: Option<i64>,
}

impl Series {
    /// Returns all values, that at the cursor included.
    pub(crate) fn values(&self) -> impl Iterator<Item = i64> {
        self.readings.iter().map(|&(_, value)| value).chain(self.now)
    }

    /// Returns the last reading at or before a time.
    pub(crate) fn at(&self, at_us: u64) -> Option<i64> {
        let after = self.readings.partition_point(|&(reading_us, _)| reading_us <= at_us);
        after.checked_sub(1).map(|index| self.readings[index].1)
    }

    /// Says where the values were heading by `at_us`, over the last `within_us`.
    pub(crate) fn trend(&self, at_us: u64, within_us: u64) -> &'static str {
        let before = self.at(at_us.saturating_sub(within_us));
        match before.zip(self.now.or_else(|| self.at(at_us))) {
            None => "just begun",
            Some((before, now)) if now > before => "rising",
            Some((before, now)) if now < before => "falling",
            Some(_) => "level",
        }
    }
}

/// Returns a value with its thousands apart, or a dash where nothing was read yet.
pub(crate) fn value_text(value: Option<i64>) -> String {
    let Some(value) = value else { return "–".into() };
    let sign = if value < 0 { "\u{2212}" } else { "" };
    format!("{sign}{}", count(value.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(readings: &[(u64, i64)]) -> Series {
        Series { readings: readings.to_vec(), ..Series::default() }
    }

    #[test]
    fn the_reading_at_a_time_is_the_last_before_it() {
        let series = series(&[(10, 1), (20, 5)]);
        assert_eq!(series.at(9), None);
        assert_eq!(series.at(10), Some(1));
        assert_eq!(series.at(19), Some(1));
        assert_eq!(series.at(99), Some(5));
    }

    #[test]
    fn a_trend_is_what_the_last_stretch_did() {
        let series = series(&[(0, 3), (10, 5), (20, 5), (30, 1)]);
        assert_eq!(series.trend(10, 10), "rising");
        assert_eq!(series.trend(20, 10), "level");
        assert_eq!(series.trend(30, 10), "falling");
        assert_eq!(Series::default().trend(30, 10), "just begun");
    }

    #[test]
    fn values_read_like_numbers() {
        assert_eq!(value_text(None), "–");
        assert_eq!(value_text(Some(-1_200)), "\u{2212}1,200");
    }
}
