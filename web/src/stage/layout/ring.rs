//! A ring, or rows when a ring would make the nodes too small.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use super::columns::Margin;
use super::{Area, Spot, USUAL_RADIUS, apart};
use crate::stage::geometry::{Point, real};

/// Nodes are not made smaller than this share of what they could be for the sake of words.
const LEAST_SHARE: f64 = 0.8;

/// In rows, nodes are not made smaller than this for the sake of their rings.
const LEAST_IN_ROWS: f64 = 17.0;

/// The part of the stage between the columns.
pub(super) struct Middle {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) prefers_x: f64,
}

impl Middle {
    pub(super) fn new(area: Area, margin: &Margin, (left, right): (f64, f64), scale: f64) -> Self {
        let side = |taken: f64| if taken > 0.0 { taken + 4.0 * scale } else { margin.side };
        Self {
            left: side(left),
            right: area.width - side(right),
            top: margin.top,
            bottom: area.height - margin.bottom,
            prefers_x: area.width / 2.0,
        }
    }

    pub(super) fn spots(&self, count: usize, scale: f64) -> Vec<Spot> {
        self.spots_within(count, USUAL_RADIUS * scale)
    }

    /// Returns spots of at most this radius.
    pub(super) fn spots_within(&self, count: usize, largest: f64) -> Vec<Spot> {
        let room = (self.bottom - self.top).min(self.right - self.left) / 2.0;
        let largest = largest.min(room.max(4.0));
        let ring = self.ring(count, largest);
        let rows = if ring.iter().any(|spot| spot.radius < largest * 0.55) {
            self.rows(count, largest)
        } else {
            return ring;
        };
        let radius = |spots: &[Spot]| spots.first().map_or(0.0, |spot| spot.radius);
        if radius(&rows) > radius(&ring) { rows } else { ring }
    }

    /// Returns disks on a ring, as large as they can be without meeting.
    pub(super) fn disks(&self, count: usize, largest: f64) -> Vec<Spot> {
        let mut radius = largest;
        loop {
            let spots = self.ring_of(count, radius);
            if nearest(&spots) >= 2.25 * radius || radius < 8.0 {
                return spots;
            }
            radius *= 0.96;
        }
    }

    /// Places nodes on an ellipse, evenly along its edge, clockwise from the top.
    fn ring(&self, count: usize, largest: f64) -> Vec<Spot> {
        let mut radius = largest;
        loop {
            let spots = self.ring_of(count, radius);
            let is_tight = radius > largest * LEAST_SHARE && !are_words_clear(&spots, largest);
            if (nearest(&spots) >= apart(radius) && !is_tight) || radius < 4.0 {
                return spots;
            }
            radius *= 0.96;
        }
    }

    fn ring_of(&self, count: usize, radius: f64) -> Vec<Spot> {
        let high = ((self.bottom - self.top) / 2.0 - radius).max(1.0);
        let wide = ((self.right - self.left) / 2.0 - radius).max(1.0);
        // A few nodes look best on something round; many need all the edge they can get.
        let roundness = if count <= 8 { 1.6 } else { 2.0 };
        let (wide, high) = (wide.min(high * roundness), high.min(wide * roundness));
        // In the middle of the stage if the columns leave room for it.
        let low_x = self.left + radius + wide;
        let high_x = (self.right - radius - wide).max(low_x);
        let x = self.prefers_x.clamp(low_x, high_x);
        let middle = Point::new(x, f64::midpoint(self.top, self.bottom));
        let start = if count == 2 && wide >= high { -PI } else { -FRAC_PI_2 };
        let spot = |at| Spot::new(at, radius);
        if count == 1 {
            return vec![spot(middle)];
        }
        even_angles(count, wide, high, start)
            .map(|angle| spot(middle + Point::new(wide * angle.cos(), high * angle.sin())))
            .collect()
    }

    /// Places nodes in rows, in reading order, so that a number is easily found among hundreds.
    fn rows(&self, count: usize, largest: f64) -> Vec<Spot> {
        let (width, height) = (self.right - self.left, (self.bottom - self.top).max(1.0));
        let side = |rows: usize| {
            let columns = count.div_ceil(rows);
            (width / real(columns)).min(height / real(rows))
        };
        let rows = (1..=count.max(1))
            .max_by(|&one, &other| side(one).total_cmp(&side(other)))
            .unwrap_or(1);
        let columns = count.div_ceil(rows).max(1);
        let rows = count.div_ceil(columns);
        let (across, down) = (width / real(columns), height / real(rows.max(1)));
        let side = across.min(down);
        let mut radius = (side / 2.6).min(largest);
        // In a crowd rings may touch: else there would be nothing within them.
        while apart(radius) > side && radius > LEAST_IN_ROWS {
            radius *= 0.98;
        }
        (0..count)
            .map(|index| {
                let (column, row) = (index % columns, index / columns);
                let x = self.left + (real(column) + 0.5) * across;
                let y = self.top + (real(row) + 0.5) * down;
                Spot::new(Point::new(x, y), radius)
            })
            .collect()
    }
}

/// Returns true if below each node there is room for a line of words above the next node's head.
fn are_words_clear(spots: &[Spot], largest: f64) -> bool {
    let line = largest * 0.62 + 8.0;
    let meets = |one: &Spot, other: &Spot| {
        let (across, down) = ((one.at.x - other.at.x).abs(), other.at.y - one.at.y);
        across < one.radius * 2.0 && down > 0.0 && down < one.radius * 1.22 + line + other.head()
    };
    spots.iter().all(|one| !spots.iter().any(|other| meets(one, other)))
}

/// Returns angles at which points stand evenly along the edge of an ellipse.
fn even_angles(count: usize, wide: f64, high: f64, start: f64) -> impl Iterator<Item = f64> {
    const PARTS: usize = 512;
    let angle = move |part: usize| start + TAU * real(part) / real(PARTS);
    let point = move |part: usize| Point::new(wide * angle(part).cos(), high * angle(part).sin());
    let mut lengths = Vec::with_capacity(PARTS + 1);
    let mut length = 0.0;
    lengths.push(0.0);
    for part in 1..=PARTS {
        length += point(part - 1).distance(point(part));
        lengths.push(length);
    }
    (0..count).map(move |index| {
        let wanted = length * real(index) / real(count);
        angle(lengths.partition_point(|&reached| reached < wanted - 1e-9))
    })
}

/// Returns the distance between the two nodes that are closest to each other.
fn nearest(spots: &[Spot]) -> f64 {
    // On a ring the closest are neighbours.
    let next = spots.iter().cycle().skip(1);
    let distances = spots.iter().zip(next).map(|(one, other)| one.at.distance(other.at));
    if spots.len() < 2 { f64::INFINITY } else { distances.fold(f64::INFINITY, f64::min) }
}
