//! How high a value stands in a chart. The scale grows in steps, so that nothing jumps while the run
//! plays; where values span more than two decades, each decade can be given the same room.

use super::series::Series;

/// Kept free above the highest value, of a height of one: a line at the very top would be cut in half.
const ROOM: f64 = 0.06;
/// Values this far apart may be drawn by decades.
const DECADES: i64 = 100;
/// Values are drawn as if they were no larger, so that two of them can be subtracted.
const LARGEST: i64 = 1_000_000_000_000_000;

/// From which value to which a chart reaches, and whether by decades.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scale {
    low: i64,
    high: i64,
    by_decades: bool,
}

impl Scale {
    /// Makes a scale for all readings, and zero; `by_decades` counts only where there is no value
    /// below zero.
    pub(crate) fn of(series: &[Series], by_decades: bool) -> Self {
        let values = || series.iter().flat_map(Series::values);
        let low = values().min().unwrap_or(0).clamp(-LARGEST, 0);
        let high = values().max().unwrap_or(0).clamp(0, LARGEST);
        let low = -rounded_up(low.unsigned_abs()).cast_signed();
        let least = u64::from(low == 0);
        let high = rounded_up(high.unsigned_abs().max(least)).cast_signed();
        Self { low, high, by_decades: by_decades && low == 0 }
    }

    /// Returns true if it is worth having decades of the same height.
    pub(crate) fn may_go_by_decades(series: &[Series]) -> bool {
        let values = || series.iter().flat_map(Series::values);
        let least = values().filter(|&value| value > 0).min().unwrap_or(1);
        values().all(|value| value >= 0)
            && values().max().is_some_and(|most| most / least > DECADES)
    }

    /// Returns how high a value stands, between 0 and 1.
    pub(crate) fn height(&self, value: i64) -> f64 {
        let value = value.clamp(self.low, self.high);
        let share = if self.by_decades {
            decades(value) / decades(self.high)
        } else {
            exact(value - self.low) / exact(self.high - self.low)
        };
        share * (1.0 - ROOM)
    }

    /// Returns the values that have a line and a label.
    pub(crate) fn ticks(&self) -> Vec<i64> {
        if self.by_decades {
            let powers = std::iter::successors(Some(1_i64), |power| power.checked_mul(10));
            let powers = powers.take_while(|&power| power <= self.high);
            return [0].into_iter().chain(powers).collect();
        }
        let span = self.high - self.low;
        let step = rounded_up(span.unsigned_abs().div_ceil(3)).max(1).cast_signed();
        let first = self.low / step * step;
        std::iter::successors(Some(first), |value| value.checked_add(step))
            .take_while(|&value| value <= self.high)
            .take(8)
            .collect()
    }

    /// Returns the label of the tick at a height.
    pub(crate) fn label_at(&self, height: f64) -> String {
        let near = |value: &i64| (self.height(*value) - height).abs() < 1e-6;
        self.ticks().into_iter().find(near).map(short).unwrap_or_default()
    }
}

/// Returns the least number of the form 1, 2 or 5 times a power of ten that is no less than `value`; 0
/// for none. What grows in such steps does not creep.
pub(crate) fn rounded_up(value: u64) -> u64 {
    let powers = std::iter::successors(Some(1_u64), |power| power.checked_mul(10));
    let mut steps = powers.flat_map(|power| [1, 2, 5].map(|step| power.saturating_mul(step)));
    if value == 0 { 0 } else { steps.find(|&step| step >= value).unwrap_or(value) }
}

/// Returns the decades up to a value: none to zero, one for all values from 1 to 10.
fn decades(value: i64) -> f64 {
    (exact(value.max(0)) + 1.0).log10()
}

#[expect(clippy::cast_precision_loss, reason = "a pixel is far coarser")]
fn exact(value: i64) -> f64 {
    value as f64
}

/// Returns a value in a few letters: "12k".
fn short(value: i64) -> String {
    let sign = if value < 0 { "\u{2212}" } else { "" };
    let value = value.unsigned_abs();
    match value {
        0..10_000 => format!("{sign}{value}"),
        10_000..10_000_000 => format!("{sign}{}k", value / 1_000),
        10_000_000..10_000_000_000 => format!("{sign}{}M", value / 1_000_000),
        10_000_000_000.. => format!("{sign}{}G", value / 1_000_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(values: &[i64], by_decades: bool) -> Scale {
        let readings = (0..).zip(values.iter().copied()).collect();
        let series = Series { name: String::new(), readings, total: 0, now: None };
        Scale::of(&[series], by_decades)
    }

    #[test]
    fn the_scale_grows_in_steps() {
        assert_eq!(scale(&[], false).ticks(), [0, 1]);
        assert_eq!(scale(&[41], false), scale(&[42], false));
        assert_eq!(scale(&[41], false).ticks(), [0, 20, 40]);
        assert_eq!(scale(&[7, 10], false).ticks(), [0, 5, 10]);
        assert_eq!(scale(&[2], false).ticks(), [0, 1, 2]);
        assert_eq!(scale(&[5], false).ticks(), [0, 2, 4]);
    }

    #[test]
    fn the_scale_holds_zero_and_all_readings() {
        let scale = scale(&[-4, 20], false);
        assert!(scale.height(-4) >= 0.0 && scale.height(20) < 1.0);
        assert!(scale.height(0) > scale.height(-4));
        assert!(scale.ticks().contains(&0), "{:?}", scale.ticks());
    }

    #[test]
    fn decades_have_the_same_height_and_zero_has_a_place() {
        let scale = scale(&[0, 9_000], true);
        assert_eq!(scale.ticks(), [0, 1, 10, 100, 1_000, 10_000]);
        assert!(scale.height(0).abs() < 1e-9);
        let (ten, hundred, thousand) = (scale.height(10), scale.height(100), scale.height(1_000));
        assert!(((hundred - ten) - (thousand - hundred)).abs() < 0.01);
        assert_eq!(scale.label_at(ten), "10");
    }

    #[test]
    fn numbers_are_rounded_up_to_one_two_or_five() {
        assert_eq!([0, 1, 3, 6, 20, 21].map(rounded_up), [0, 1, 5, 10, 20, 50]);
        assert_eq!(rounded_up(u64::MAX), u64::MAX);
    }

    #[test]
    fn labels_are_short() {
        assert_eq!(short(9_999), "9999");
        assert_eq!(short(-12_000), "\u{2212}12k");
        assert_eq!(short(12_000_000), "12M");
    }
}
