//! Stretches of time and numbers along a line.

use crate::format::instant;
use crate::stage::micros;

/// A stretch of time drawn from left to right.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct TimeAxis {
    /// The time at the left.
    pub(super) from_us: u64,
    /// The time at the right; later.
    pub(super) to_us: u64,
}

impl TimeAxis {
    /// Makes an axis; it is never empty.
    pub(super) fn new(from_us: u64, to_us: u64) -> Self {
        Self { from_us, to_us: to_us.max(from_us + 1) }
    }

    /// Returns the share of the way at which a time stands, from 0 to 1.
    pub(super) fn share(self, at_us: u64) -> f64 {
        let whole = micros(self.to_us - self.from_us);
        (micros(at_us.saturating_sub(self.from_us)) / whole).clamp(0.0, 1.0)
    }

    /// Returns a time in the form that suits the length of the axis: "1.284 s", "3:05", "2:30 h".
    pub(super) fn time(self, at_us: u64) -> String {
        let seconds = at_us / 1_000_000;
        match (self.to_us - self.from_us) / 1_000_000 {
            0..120 => instant(at_us),
            120..7_200 => format!("{}:{:02} min", seconds / 60, seconds % 60),
            _ => format!("{}:{:02} h", seconds / 3_600, seconds / 60 % 60),
        }
    }
}

/// Returns a whole number with its last digits behind the point: 12345 with 3 is "12.345".
pub(super) fn with_decimals(value: i64, decimals: u8) -> String {
    let sign = if value < 0 { "\u{2212}" } else { "" };
    let digits = value.unsigned_abs();
    let Some(unit) = 10_u64.checked_pow(decimals.into()) else { return "0".into() };
    let whole = crate::format::count(digits / unit);
    if decimals == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{:0width$}", digits % unit, width = usize::from(decimals))
}

/// Returns a number with its unit behind: "12 ms"; nothing behind it without one.
pub(super) fn with_unit(number: &str, unit: &str) -> String {
    if unit.is_empty() { number.to_owned() } else { format!("{number} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_in_the_form_that_suits_the_axis() {
        assert_eq!(TimeAxis::new(0, 2_000_000).time(1_280_000), "1.280 s");
        assert_eq!(TimeAxis::new(0, 600_000_000).time(185_000_000), "3:05 min");
        assert_eq!(TimeAxis::new(0, 90_000_000_000).time(9_000_000_000), "2:30 h");
    }

    #[test]
    fn an_axis_is_never_empty() {
        let axis = TimeAxis::new(5, 5);
        assert!(axis.share(5).abs() < 1e-9 && (axis.share(9) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn digits_stand_behind_the_point() {
        assert_eq!(with_decimals(12_345, 3), "12.345");
        assert_eq!(with_decimals(-7, 2), "\u{2212}0.07");
        assert_eq!(with_decimals(1_200, 0), "1,200");
        assert_eq!(with_unit("3", ""), "3");
    }
}
