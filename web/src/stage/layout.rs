//! Where everybody stands: clients in columns at the sides, all others on a ring between them, or
//! in rows when a ring would make them too small.
//!
//! A place depends on who there is and on the stage's size, never on what has been seen: two people
//! who open one link see one picture, and nobody moves when a leader falls.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use super::geometry::{self, Point, real};

/// The size of body text that every length here is in proportion to.
const USUAL_TEXT: f64 = 14.0;
/// A node's radius on a stage of 800 × 600.
const USUAL_RADIUS: f64 = 34.0;
/// How wide a letter is, as a share of its height: an upper estimate for common fonts.
const LETTER_WIDTH: f64 = 0.58;
/// Labels take at most this many lines.
pub(crate) const LABEL_LINES: usize = 2;
/// A label with less room than this many letters is not drawn.
const FEWEST_LETTERS: f64 = 6.0;

/// The stage's size, in CSS pixels.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub(crate) struct Area {
    /// From left to right.
    pub(crate) width: f64,
    /// From top to bottom.
    pub(crate) height: f64,
    /// The height of body text.
    pub(crate) text: f64,
}

impl Area {
    /// Returns how much larger things are than on a stage of 800 × 600 with usual text.
    fn scale(self) -> f64 {
        let room = (self.width / 800.0).min(self.height / 600.0).clamp(0.7, 2.0);
        room * (self.text / USUAL_TEXT).clamp(0.5, 2.0).sqrt()
    }
}

/// Where one node stands.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub(crate) struct Spot {
    /// Its middle.
    pub(crate) at: Point,
    /// The radius of the circle that its shape fits in.
    pub(crate) radius: f64,
    /// How many letters a line of its label may have; none if there is no room for a label.
    pub(crate) label_letters: usize,
}

/// Where all nodes stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Layout {
    /// The stage's size.
    pub(crate) area: Area,
    /// One a node, by identity.
    pub(crate) spots: Vec<Spot>,
    /// The height of a label's letters.
    pub(crate) label_text: f64,
}

impl Layout {
    /// Places the nodes; `is_client` has one entry a node, by identity.
    pub(crate) fn new(is_client: &[bool], area: Area) -> Self {
        let scale = area.scale();
        let label_text = (12.5 * scale).clamp(11.0, 25.0);
        let clients = is_client.iter().filter(|&&is_client| is_client).count();
        let margin = Margin::new(scale, label_text, area);
        let (columns, sides) = Columns::new(clients, area, &margin, scale);
        let middle = columns.spots(clients, area, &margin);
        let others =
            Middle::new(area, &margin, sides, scale).spots(is_client.len() - clients, scale);
        let (mut middle, mut others) = (middle.into_iter(), others.into_iter());
        let next = |&is_client: &bool| if is_client { middle.next() } else { others.next() };
        let spots = is_client.iter().filter_map(next).collect();
        let mut layout = Self { area, spots, label_text };
        layout.give_labels_room();
        layout
    }

    /// Returns the top of the label of a node at `spot`, without timer rings.
    pub(crate) fn label_top(spot: &Spot) -> f64 {
        spot.at.y + spot.radius * 1.22 + 8.0
    }

    /// Returns the height of a label's line.
    pub(crate) fn line_height(&self) -> f64 {
        self.label_text * 1.22
    }

    /// Gives every label as much room as it has before it meets another label, a node or an edge.
    fn give_labels_room(&mut self) {
        let height = self.line_height() * real(LABEL_LINES);
        let letter = self.label_text * LETTER_WIDTH;
        let gap = letter / 2.0;
        let room = |spot: &Spot, index: usize| {
            let (top, edge) = (Self::label_top(spot), spot.at.x.min(self.area.width - spot.at.x));
            let mut half = edge.min(letter * 13.0);
            for (other_index, other) in self.spots.iter().enumerate() {
                let across = (other.at.x - spot.at.x).abs();
                let meets_label = (Self::label_top(other) - top).abs() < height;
                if other_index != index && meets_label {
                    half = half.min(across / 2.0);
                }
                let (high, low) = (other.at.y - other.radius, other.at.y + other.radius);
                if other_index != index && high < top + height && low > top {
                    half = half.min(across - other.radius);
                }
            }
            if top + height > self.area.height { 0.0 } else { half - gap }
        };
        let letters: Vec<f64> = (self.spots.iter().enumerate())
            .map(|(index, spot)| (room(spot, index) * 2.0 / letter).floor())
            .collect();
        for (spot, letters) in self.spots.iter_mut().zip(letters) {
            spot.label_letters = if letters < FEWEST_LETTERS { 0 } else { whole(letters) };
        }
    }
}

/// What is kept free around all nodes.
struct Margin {
    top: f64,
    bottom: f64,
    side: f64,
}

impl Margin {
    fn new(scale: f64, label_text: f64, area: Area) -> Self {
        // At the bottom the page may lay a sentence over the stage, where there is room for it.
        let has_room = area.height >= 440.0 && area.width >= 600.0;
        let banner = if has_room { 92.0 } else { 0.0 };
        Self {
            top: 46.0 * scale,
            bottom: real(LABEL_LINES) * 1.22 * label_text + 18.0 * scale + banner,
            side: 22.0 * scale,
        }
    }
}

/// The columns of clients, first at the left, then also at the right.
struct Columns {
    left: usize,
    right: usize,
    a_column: usize,
    pitch: f64,
    width: f64,
    radius: f64,
}

impl Columns {
    /// Chooses the largest clients that fit, and returns the width taken at the left and right.
    fn new(clients: usize, area: Area, margin: &Margin, scale: f64) -> (Self, (f64, f64)) {
        let mut size = 1.0;
        loop {
            let radius = 26.0 * scale * size;
            // The smallest clients have their names inside and no label below.
            let pitch = if size > 0.6 { radius * 3.2 } else { radius * 2.2 };
            let room = (area.height - margin.top - margin.bottom).max(pitch);
            let a_column = whole((room / pitch).floor()).max(1);
            let columns = clients.div_ceil(a_column);
            let width =
                if size > 0.6 { (150.0 * scale).min(area.width * 0.25) } else { radius * 2.3 };
            let widest = if size > 0.6 { 2 } else { whole(area.width * 0.4 / width).max(2) };
            if columns <= widest || size < 0.12 {
                let (left, right) = (columns.div_ceil(2), columns / 2);
                let sides = (real(left) * width, real(right) * width);
                return (Self { left, right, a_column, pitch, width, radius }, sides);
            }
            size *= 0.9;
        }
    }

    fn spots(&self, clients: usize, area: Area, margin: &Margin) -> Vec<Spot> {
        let columns = (self.left + self.right).max(1);
        let middle = (margin.top + area.height - margin.bottom) / 2.0;
        (0..clients)
            .map(|client| {
                // Even shares: seven clients in two columns are four and three.
                let column = client * columns / clients;
                let first = (column * clients).div_ceil(columns);
                let after = ((column + 1) * clients).div_ceil(columns);
                let (place, here) = (real(client - first), real(after - first));
                let spread = self.pitch * (real(self.a_column) / here).clamp(1.0, 2.6);
                let x = if column < self.left {
                    (real(column) + 0.5) * self.width
                } else {
                    area.width - (real(column - self.left) + 0.5) * self.width
                };
                let y = middle + (place - (here - 1.0) / 2.0) * spread;
                Spot { at: Point::new(x, y), radius: self.radius, label_letters: 0 }
            })
            .collect()
    }
}

/// The part of the stage between the columns.
struct Middle {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    prefers_x: f64,
}

impl Middle {
    fn new(area: Area, margin: &Margin, (left, right): (f64, f64), scale: f64) -> Self {
        let side = |taken: f64| if taken > 0.0 { taken + 4.0 * scale } else { margin.side };
        Self {
            left: side(left),
            right: area.width - side(right),
            top: margin.top,
            bottom: area.height - margin.bottom,
            prefers_x: area.width / 2.0,
        }
    }

    fn spots(&self, count: usize, scale: f64) -> Vec<Spot> {
        let largest = USUAL_RADIUS * scale;
        let ring = self.ring(count, largest);
        let rows = if ring.iter().any(|spot| spot.radius < largest * 0.55) {
            self.rows(count, largest)
        } else {
            return ring;
        };
        let radius = |spots: &[Spot]| spots.first().map_or(0.0, |spot| spot.radius);
        if radius(&rows) > radius(&ring) { rows } else { ring }
    }

    /// Places nodes on an ellipse, evenly along its edge, clockwise from the top.
    fn ring(&self, count: usize, largest: f64) -> Vec<Spot> {
        let mut radius = largest;
        loop {
            let spots = self.ring_of(count, radius);
            if nearest(&spots) >= 2.9 * radius || radius < 4.0 {
                return spots;
            }
            radius *= 0.96;
        }
    }

    fn ring_of(&self, count: usize, radius: f64) -> Vec<Spot> {
        let high = ((self.bottom - self.top) / 2.0 - radius).max(1.0);
        let wide = ((self.right - self.left) / 2.0 - radius).max(1.0);
        // A few nodes look best on a circle; many need all the edge they can get.
        let roundness = if count <= 8 { 1.25 } else { 2.0 };
        let (wide, high) = (wide.min(high * roundness), high.min(wide * roundness));
        // In the middle of the stage if the columns leave room for it.
        let low_x = self.left + radius + wide;
        let high_x = (self.right - radius - wide).max(low_x);
        let x = self.prefers_x.clamp(low_x, high_x);
        let middle = Point::new(x, f64::midpoint(self.top, self.bottom));
        let start = if count == 2 && wide >= high { -PI } else { -FRAC_PI_2 };
        let spot = |at| Spot { at, radius, label_letters: 0 };
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
        let radius = (across.min(down) / 2.6).min(largest);
        (0..count)
            .map(|index| {
                let (column, row) = (index % columns, index / columns);
                let x = self.left + (real(column) + 0.5) * across;
                let y = self.top + (real(row) + 0.5) * down;
                Spot { at: Point::new(x, y), radius, label_letters: 0 }
            })
            .collect()
    }
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

fn whole(number: f64) -> usize {
    geometry::whole(number, 100_000) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREAS: [Area; 5] = [
        Area { width: 800.0, height: 600.0, text: 14.0 },
        Area { width: 390.0, height: 480.0, text: 14.0 },
        Area { width: 390.0, height: 700.0, text: 16.0 },
        Area { width: 1600.0, height: 900.0, text: 14.0 },
        Area { width: 1024.0, height: 640.0, text: 24.0 },
    ];

    fn crowds() -> impl Iterator<Item = Vec<bool>> {
        let few = (1..=14)
            .chain([20, 33, 40])
            .flat_map(|count| [0, 1, 2, 3, count / 2, count].map(|of| (count, of)));
        let many = (41..=200)
            .step_by(53)
            .chain([200])
            .flat_map(|count| [0, 5, count / 3].map(|of| (count, of)));
        few.chain(many).map(|(count, clients)| {
            (0..count).map(|index| index >= count - clients.min(count)).collect()
        })
    }

    fn each_layout(check: impl Fn(&Layout, &str)) {
        for area in AREAS {
            for crowd in crowds() {
                let clients = crowd.iter().filter(|&&is_client| is_client).count();
                let layout = Layout::new(&crowd, area);
                assert_eq!(layout.spots.len(), crowd.len());
                let size = (area.width, area.height);
                check(&layout, &format!("{} nodes, {clients} clients, {size:?}", crowd.len()));
            }
        }
    }

    #[test]
    fn everybody_is_on_the_stage() {
        each_layout(|layout, case| {
            for Spot { at, radius, .. } in &layout.spots {
                assert!(*radius >= 4.0, "{case}: radius {radius}");
                assert!(at.x - radius >= 0.0 && at.x + radius <= layout.area.width, "{case}");
                assert!(at.y - radius >= 0.0 && at.y + radius <= layout.area.height, "{case}");
            }
        });
    }

    #[test]
    fn nobody_stands_on_somebody_else() {
        each_layout(|layout, case| {
            for (index, one) in layout.spots.iter().enumerate() {
                for (other_index, other) in layout.spots.iter().enumerate().skip(index + 1) {
                    let apart = one.at.distance(other.at) - one.radius - other.radius;
                    assert!(apart > 0.0, "{case}: {index} and {other_index} overlap by {apart}");
                }
            }
        });
    }

    #[test]
    fn labels_meet_neither_labels_nor_nodes() {
        each_layout(|layout, case| {
            let boxes: Vec<_> = layout.spots.iter().map(|spot| label_box(layout, spot)).collect();
            for (index, one) in boxes.iter().enumerate() {
                let Some(one) = one else { continue };
                for other in boxes.iter().skip(index + 1).flatten() {
                    let apart = one.0 >= other.2 || other.0 >= one.2;
                    let above = one.1 >= other.3 || other.1 >= one.3;
                    assert!(apart || above, "{case}: labels {one:?} and {other:?}");
                }
                for (other, spot) in layout.spots.iter().enumerate() {
                    let Spot { at, radius, .. } = *spot;
                    let apart = one.0 >= at.x + radius || at.x - radius >= one.2;
                    let above = one.1 >= at.y + radius || at.y - radius >= one.3;
                    assert!(index == other || apart || above, "{case}: label {index} on {other}");
                }
            }
        });
    }

    fn label_box(layout: &Layout, spot: &Spot) -> Option<(f64, f64, f64, f64)> {
        let half = real(spot.label_letters) * layout.label_text * LETTER_WIDTH / 2.0;
        let top = Layout::label_top(spot);
        let bottom = top + layout.line_height() * real(LABEL_LINES);
        (half > 0.0).then_some((spot.at.x - half, top, spot.at.x + half, bottom))
    }

    #[test]
    fn a_usual_crowd_has_labels_and_the_usual_size() {
        for area in &AREAS[..4] {
            let layout = Layout::new(&[false, false, false, false, false, true, true], *area);
            for spot in &layout.spots {
                assert!(spot.label_letters >= 9, "{area:?}: {spot:?}");
            }
        }
        let layout = Layout::new(&[false; 5], AREAS[0]);
        assert!((layout.spots[0].radius - USUAL_RADIUS).abs() < 1e-9);
        assert!(layout.spots[0].at.y < layout.spots[1].at.y, "the first stands at the top");
        assert!(layout.spots[1].at.x > layout.spots[4].at.x, "the second follows clockwise");
    }

    #[test]
    fn an_empty_stage_and_one_without_size_are_drawn_too() {
        assert!(Layout::new(&[], AREAS[0]).spots.is_empty());
        let layout = Layout::new(&[false, true, false], Area::default());
        assert!(layout.spots.iter().all(|spot| spot.at.x.is_finite() && spot.at.y.is_finite()));
    }
}
