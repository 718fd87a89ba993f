//! Points on the stage, in CSS pixels from its upper left corner.

use std::ops::{Add, Mul, Sub};

/// A point, or the way from one to another.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub(crate) struct Point {
    /// To the right.
    pub(crate) x: f64,
    /// Down.
    pub(crate) y: f64,
}

impl Point {
    /// Creates a point.
    pub(crate) const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// Returns the distance to another point.
    pub(crate) fn distance(self, other: Self) -> f64 {
        (other - self).length()
    }

    /// Returns the length of the way.
    pub(crate) fn length(self) -> f64 {
        self.x.hypot(self.y)
    }

    /// Returns the way with length one, or no way if there is none.
    pub(crate) fn unit(self) -> Self {
        let length = self.length();
        if length > 0.0 { self * (1.0 / length) } else { Self::default() }
    }

    /// Returns the way turned a quarter clockwise.
    pub(crate) fn turned(self) -> Self {
        Self::new(-self.y, self.x)
    }

    /// Returns the point at this share of the way to `other`.
    pub(crate) fn towards(self, other: Self, share: f64) -> Self {
        self + (other - self) * share
    }

    /// Returns the distance to the stretch between `one` and `other`.
    pub(crate) fn distance_to_stretch(self, one: Self, other: Self) -> f64 {
        let way = other - one;
        let square = way.x.mul_add(way.x, way.y * way.y);
        if square == 0.0 {
            return self.distance(one);
        }
        let from_one = self - one;
        let share = from_one.x.mul_add(way.x, from_one.y * way.y) / square;
        self.distance(one.towards(other, share.clamp(0.0, 1.0)))
    }

    /// Returns true if this point lies to the right of somebody who looks from `one` to `other`.
    pub(crate) fn is_right_of(self, one: Self, other: Self) -> bool {
        let (way, to_self) = (other - one, self - one);
        way.x * to_self.y - way.y * to_self.x > 0.0
    }
}

/// Returns a count as a length.
#[expect(clippy::cast_precision_loss, reason = "nothing on a screen is counted beyond 2^52")]
pub(crate) fn real(count: usize) -> f64 {
    count as f64
}

/// Returns a time as a number that can be scaled.
#[expect(clippy::cast_precision_loss, reason = "2^53 microseconds are 285 years")]
pub(crate) fn micros(us: u64) -> f64 {
    us as f64
}

/// Returns a length as a count, between 0 and `most`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range")]
pub(crate) fn whole(length: f64, most: u32) -> u32 {
    length.clamp(0.0, f64::from(most)) as u32
}

impl Add for Point {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y)
    }
}

impl Sub for Point {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y)
    }
}

impl Mul<f64> for Point {
    type Output = Self;

    fn mul(self, by: f64) -> Self {
        Self::new(self.x * by, self.y * by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_ends_where_it_ends() {
        let (one, other) = (Point::new(0.0, 0.0), Point::new(10.0, 0.0));
        assert!((Point::new(5.0, 3.0).distance_to_stretch(one, other) - 3.0).abs() < 1e-9);
        assert!((Point::new(14.0, 3.0).distance_to_stretch(one, other) - 5.0).abs() < 1e-9);
        assert!((Point::new(3.0, 4.0).distance_to_stretch(one, one) - 5.0).abs() < 1e-9);
    }

    #[test]
    fn below_is_to_the_right_of_who_looks_right() {
        let (one, other) = (Point::new(0.0, 0.0), Point::new(10.0, 0.0));
        assert!(Point::new(5.0, 1.0).is_right_of(one, other));
        assert!(!Point::new(5.0, -1.0).is_right_of(one, other));
    }
}
