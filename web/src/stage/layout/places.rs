//! Places that the scenario names, kept apart where they would overlap.

use faultline_core::view::Place;

use super::columns::Margin;
use super::ring::Middle;
use super::{Area, Layout, Line, Spot, USUAL_RADIUS, apart};
use crate::stage::geometry::{Point, real};

/// How often all pairs are pushed apart before the nodes are made smaller instead.
const PUSHES: usize = 80;
/// On places there is more room than for rings: a mark or a halo lies beside a node. In radii.
const BESIDE: f64 = 0.35;
/// Nodes on places are no smaller than this.
const LEAST_RADIUS: f64 = 7.0;
/// Turned by this angle, no two of a series look the same way: the golden angle.
const GOLDEN_ANGLE: f64 = 2.399_963;

/// Places in the unit square, with the proportions to keep: width to height, if they matter.
pub(super) struct Places {
    at: Vec<Point>,
    proportions: Option<f64>,
    /// For a map: the degrees at its upper left corner, west negative, and at its lower right one.
    degrees: Option<(Point, Point)>,
}

/// Lines of a map are so many degrees apart.
const DEGREES_APART: [f64; 7] = [0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0];
/// More lines than this across the stage are too many.
const MOST_LINES: f64 = 9.0;

/// Returns places on the stage, given in thousandths of it.
pub(super) fn on_stage(places: &[Place], count: usize) -> Places {
    let share = |thousandths: i32| (f64::from(thousandths) / 1_000.0).clamp(0.0, 1.0);
    let at = places.iter().map(|place| Point::new(share(place.x), share(place.y)));
    Places { at: padded(at.collect(), count), proportions: None, degrees: None }
}

/// Returns places on a map, given in thousandths of a degree: the smallest map with all of them.
pub(super) fn on_map(places: &[Place], count: usize) -> Places {
    let degrees = |thousandths: i32| f64::from(thousandths) / 1_000.0;
    let sum: f64 = places.iter().map(|place| degrees(place.y)).sum();
    let middle = sum / real(places.len().max(1));
    // Away from the equator, degrees of longitude are shorter.
    let narrow = middle.clamp(-80.0, 80.0).to_radians().cos();
    let flat: Vec<Point> =
        places.iter().map(|it| Point::new(degrees(it.x) * narrow, -degrees(it.y))).collect();
    let least = |of: fn(&Point) -> f64| flat.iter().map(of).fold(f64::INFINITY, f64::min);
    let most = |of: fn(&Point) -> f64| flat.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
    let (x, y) = (least(|at| at.x), least(|at| at.y));
    let (width, height) = (most(|at| at.x) - x, most(|at| at.y) - y);
    let (width, height) = (width.max(0.001), height.max(0.001));
    let at = flat.iter().map(|at| Point::new((at.x - x) / width, (at.y - y) / height));
    let degrees = Some((Point::new(x / narrow, -y), Point::new((x + width) / narrow, -y - height)));
    Places { at: padded(at.collect(), count), proportions: Some(width / height), degrees }
}

impl Places {
    /// Returns corner and size of what the unit square becomes within a frame.
    fn sheet(&self, frame: &Frame) -> (Point, (f64, f64)) {
        let room = frame.to - frame.from;
        let (wide, high) = (room.x.max(1.0), room.y.max(1.0));
        let (width, height) = self.proportions.map_or((wide, high), |proportions| {
            (wide.min(high * proportions), high.min(wide / proportions))
        });
        (frame.from + Point::new((wide - width) / 2.0, (high - height) / 2.0), (width, height))
    }

    /// Returns the lines of a map: meridians and parallels across all of the stage.
    fn lines(&self, frame: &Frame, area: Area) -> Vec<Line> {
        let Some((from, to)) = self.degrees else { return Vec::new() };
        let (corner, (width, height)) = self.sheet(frame);
        let a_degree =
            Point::new(width / (to.x - from.x).max(1e-3), height / (to.y - from.y).min(-1e-3));
        let fits = |apart: &&f64| {
            area.width / (a_degree.x * **apart).max(1e-3) <= MOST_LINES
                && area.height / (a_degree.y.abs() * **apart).max(1e-3) <= MOST_LINES
        };
        let apart = DEGREES_APART.iter().find(fits).copied().unwrap_or(30.0);
        let x_of = |degrees: f64| corner.x + (degrees - from.x) * a_degree.x;
        let y_of = |degrees: f64| corner.y + (degrees - from.y) * a_degree.y;
        let multiples = (-360..=360).map(|nth: i32| f64::from(nth) * apart);
        let meridians = multiples.clone().filter(|it| it.abs() <= 180.0).map(|degrees| Line {
            name: degrees_in_words(degrees, ["W", "E"]),
            from: Point::new(x_of(degrees), 0.0),
            to: Point::new(x_of(degrees), area.height),
        });
        let parallels = multiples.filter(|it| it.abs() < 90.0).map(|degrees| Line {
            name: degrees_in_words(degrees, ["S", "N"]),
            from: Point::new(0.0, y_of(degrees)),
            to: Point::new(area.width, y_of(degrees)),
        });
        let is_in_sight = |line: &Line| {
            let middle = line.from.towards(line.to, 0.5);
            (0.0..=area.width).contains(&middle.x) && (0.0..=area.height).contains(&middle.y)
        };
        meridians.chain(parallels).filter(is_in_sight).collect()
    }

    /// Returns the middle of each group's places.
    pub(super) fn middles<'a>(&self, groups: impl Iterator<Item = &'a [usize]>) -> Self {
        let middle = |members: &[usize]| {
            let sum = members.iter().filter_map(|&index| self.at.get(index));
            let sum = sum.fold(Point::default(), |sum, &at| sum + at);
            sum * (1.0 / real(members.len().max(1)))
        };
        let Self { proportions, degrees, .. } = *self;
        Self { at: groups.map(middle).collect(), proportions, degrees }
    }
}

fn degrees_in_words(degrees: f64, [below, above]: [&str; 2]) -> String {
    let side = if degrees < 0.0 { below } else { above };
    if degrees == 0.0 { "0°".into() } else { format!("{}° {side}", degrees.abs()) }
}

/// Cuts off what is too much; who has no place stands in the middle, and is pushed from there.
fn padded(mut at: Vec<Point>, count: usize) -> Vec<Point> {
    at.resize(count, Point::new(0.5, 0.5));
    at
}

/// A rectangle.
struct Frame {
    from: Point,
    to: Point,
}

impl Frame {
    fn inside(&self, at: Point) -> Point {
        let (x, y) = (at.x.max(self.from.x), at.y.max(self.from.y));
        Point::new(x.min(self.to.x.max(self.from.x)), y.min(self.to.y.max(self.from.y)))
    }
}

/// Pushes points apart until none are closer than `apart`. Returns false if there is no room.
fn push_apart(points: &mut [Point], apart: f64, frame: &Frame) -> bool {
    for _ in 0..PUSHES {
        let mut is_settled = true;
        for index in 0..points.len() {
            for other in index + 1..points.len() {
                let way = points[other] - points[index];
                let missing = apart - way.length();
                if missing <= 0.01 {
                    continue;
                }
                is_settled = false;
                let by = way.unit() * (missing / 2.0 + 0.1);
                points[index] = frame.inside(points[index] - by);
                points[other] = frame.inside(points[other] + by);
            }
        }
        if is_settled {
            return true;
        }
    }
    false
}

impl Layout {
    /// Places the nodes where the scenario says, smaller if they would overlap; in rows if that
    /// would make them too small.
    pub(super) fn at_places(mut self, places: &Places, margin: &Margin) -> Self {
        let largest = USUAL_RADIUS * self.area.scale();
        let mut radius = largest;
        while radius > LEAST_RADIUS {
            let side = margin.side + radius;
            let frame = Frame {
                from: Point::new(side, margin.top + radius),
                to: Point::new(self.area.width - side, self.area.height - margin.bottom - radius),
            };
            let mut points = spread(places, &frame);
            if push_apart(&mut points, apart(radius) + radius * BESIDE, &frame) {
                self.spots = points.into_iter().map(|at| Spot::new(at, radius)).collect();
                self.lines = places.lines(&frame, self.area);
                return self;
            }
            radius *= 0.9;
        }
        let middle = Middle::new(self.area, margin, (0.0, 0.0), self.area.scale());
        self.spots = middle.spots_within(places.at.len(), largest);
        self
    }
}

/// Spreads the unit square over a frame; with its proportions kept, over the middle of it.
fn spread(places: &Places, frame: &Frame) -> Vec<Point> {
    let (corner, (width, height)) = places.sheet(frame);
    // Those on one place are pushed each its own way.
    let aside = |index: usize| {
        let angle = real(index) * GOLDEN_ANGLE;
        Point::new(angle.cos(), angle.sin()) * (real(index).sqrt() * 0.5)
    };
    let place = |(index, at): (usize, &Point)| {
        frame.inside(corner + Point::new(at.x * width, at.y * height) + aside(index))
    };
    places.at.iter().enumerate().map(place).collect()
}
