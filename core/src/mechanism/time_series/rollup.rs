//! Many points as four numbers.

use serde::{Deserialize, Serialize};

/// The one NaN that a computation here comes to, so that it is the same bits on every machine.
const NAN_BITS: u64 = 0x7ff8 << 48;

/// What there is to say of the points of an interval. A NaN says that there was no reading: it is counted
/// apart. The sum adds in order of time, since with doubles the order counts.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rollup {
    /// Readings.
    pub count: u32,
    /// Points without a reading.
    pub missing: u32,
    /// The bits of the least; −0 is less than 0.
    pub min_bits: u64,
    /// The bits of the greatest.
    pub max_bits: u64,
    /// The bits of the sum.
    pub sum_bits: u64,
}

impl Rollup {
    /// Adds a point's value.
    pub fn add(&mut self, bits: u64) {
        let value = f64::from_bits(bits);
        if value.is_nan() {
            self.missing += 1;
            return;
        }
        let is_first = self.count == 0;
        self.count += 1;
        if is_first || value.total_cmp(&f64::from_bits(self.min_bits)).is_lt() {
            self.min_bits = bits;
        }
        if is_first || value.total_cmp(&f64::from_bits(self.max_bits)).is_gt() {
            self.max_bits = bits;
        }
        let sum = f64::from_bits(self.sum_bits) + value;
        self.sum_bits = if sum.is_nan() { NAN_BITS } else { sum.to_bits() };
    }

    /// Returns the mean; none without a reading.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| f64::from_bits(self.sum_bits) / f64::from(self.count))
    }
}

/// Computes rollups of intervals of length `span`, each with its beginning, from points in order of time.
pub fn rollups_of(points: impl IntoIterator<Item = super::Point>, span: u64) -> Vec<(u64, Rollup)> {
    let mut found: Vec<(u64, Rollup)> = Vec::new();
    for point in points {
        let start = point.at - point.at % span.max(1);
        match found.last_mut() {
            Some((last, rollup)) if *last == start => rollup.add(point.bits),
            Some(_) | None => {
                let mut rollup = Rollup::default();
                rollup.add(point.bits);
                found.push((start, rollup));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::Point;
    use super::*;

    fn rollup(values: &[f64]) -> Rollup {
        let points = values.iter().map(|value| Point::new(7, *value));
        rollups_of(points, 10).first().map(|it| it.1).unwrap_or_default()
    }

    #[test]
    fn a_rollup_tells_least_greatest_and_sum() {
        let it = rollup(&[2.5, -1.0, 4.0]);
        assert_eq!((it.count, it.missing), (3, 0));
        assert_eq!([it.min_bits, it.max_bits, it.sum_bits], [-1.0, 4.0, 5.5].map(f64::to_bits));
        assert_eq!(it.mean(), Some(5.5 / 3.0));
    }

    #[test]
    fn what_is_no_number_is_counted_apart_and_has_one_form() {
        let it = rollup(&[f64::NAN, 1.0, f64::from_bits(0xfff8_0000_0000_0007)]);
        assert_eq!((it.count, it.missing, it.sum_bits), (1, 2, 1.0_f64.to_bits()));
        let endless = rollup(&[f64::INFINITY, f64::NEG_INFINITY, 1.0]);
        assert_eq!(endless.sum_bits, NAN_BITS);
        assert_eq!(rollup(&[f64::NAN]).mean(), None);
        let zeros = rollup(&[0.0, -0.0]);
        assert_eq!((zeros.min_bits, zeros.max_bits), ((-0.0_f64).to_bits(), 0));
    }

    #[test]
    fn intervals_begin_at_multiples_of_their_length() {
        let points = [3, 9, 10, 25].map(|at| Point::new(at, 1.0));
        let found = rollups_of(points, 10).into_iter().map(|(start, it)| (start, it.count));
        assert_eq!(found.collect::<Vec<_>>(), [(0, 2), (10, 1), (20, 1)]);
    }
}
