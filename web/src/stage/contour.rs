//! The line around those who are cut off: close around them and their words, and clear of everybody else.
//!
//! Whoever is on a side has a halo, and bridges join the halos, so that a side reads as one thing. The
//! outline is where the halo ends, or midway to others who stand closer than that; it never runs across
//! a node or a label of another side, even where that parts a bridge. It is traced on a grid ("marching
//! squares").

use std::fmt::Write as _;

use super::bridges::bridges;
use super::geometry::{Point, real, whole};
use super::layout::Area;
use super::placing::{Obstacle, gap};

/// The region around one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Region {
    /// Its outline, closed within the stage.
    loops: Vec<Vec<Point>>,
    /// The box around that.
    bounds: Obstacle,
}

/// Those who stand on one side.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Group {
    /// Where they stand, and how far each reaches.
    pub(crate) places: Vec<(Point, f64)>,
    /// What is written below them: the line runs around that as well.
    pub(crate) words: Vec<Obstacle>,
}

/// Distance between the lines of the grid.
const STEP: f64 = 10.0;
/// A region ends so far before the stage's edge: its own line is its end.
const EDGE: f64 = 5.0;
/// How far the line is from whom it is around.
const HALO: f64 = 10.0;
/// Half the width of a bridge.
const BRIDGE: f64 = 18.0;
/// The line stays at least so far from others, as precisely as a grid allows.
const CLEAR: f64 = 4.0;
/// Halos that come so close to each other flow together.
const FLOW: f64 = 16.0;

impl Region {
    /// Finds the region around `group` that keeps clear of `others`, in one piece where that can be.
    pub(crate) fn around(group: &Group, others: &[Group], area: Area) -> Self {
        if area.width < 1.0 || area.height < 1.0 {
            return Self::default();
        }
        let places: Vec<Point> = group.places.iter().map(|it| it.0).collect();
        let strangers: Vec<(Point, f64)> =
            others.iter().flat_map(|other| other.places.iter().copied()).collect();
        let bridges = bridges(&places, &strangers, CLEAR + BRIDGE, area);
        let grid = Grid::new(area, |point| {
            let aside = bridges.iter().map(|&(from, to)| point.distance_to_stretch(from, to));
            let on_bridge = aside.map(|aside| aside - (BRIDGE - HALO));
            let own = group.away(point).chain(on_bridge).fold(f64::MAX, flow_together);
            let other = others.iter().flat_map(|it| it.away(point)).fold(f64::MAX, f64::min);
            let (side, level) =
                (point.x.min(area.width - point.x), point.y.min(area.height - point.y));
            (HALO - own).min((other - own) / 2.0).min(other - CLEAR).min(side.min(level) - EDGE)
        });
        Self::within(grid.loops())
    }

    fn within(loops: Vec<Vec<Point>>) -> Self {
        let ends = |along: fn(&Point) -> f64| {
            let all = || loops.iter().flatten().map(along);
            (all().fold(f64::MAX, f64::min), all().fold(f64::MIN, f64::max))
        };
        let ((left, right), (top, bottom)) = (ends(|point| point.x), ends(|point| point.y));
        let middle = Point::new(f64::midpoint(left, right), f64::midpoint(top, bottom));
        let bounds = (middle, ((right - left) / 2.0, (bottom - top) / 2.0));
        Self { loops, bounds }
    }

    /// Returns the box around it.
    pub(crate) fn bounds(&self) -> &Obstacle {
        &self.bounds
    }

    /// Returns the outline as SVG path data.
    pub(crate) fn path(&self) -> String {
        let mut path = String::new();
        for points in &self.loops {
            write_line(&mut path, points);
            path.push('Z');
        }
        path
    }

    /// Returns points of the outline, a step of the grid apart at most.
    pub(crate) fn outline(&self) -> impl Iterator<Item = Point> {
        self.loops.iter().flatten().copied()
    }

    /// Returns true if a point lies within: a ray to the left crosses the outline an odd number of
    /// times.
    pub(crate) fn contains(&self, point: Point) -> bool {
        if gap(&self.bounds, &(point, (0.0, 0.0))) > 0.0 {
            return false;
        }
        let crosses = |one: Point, next: Point| {
            (one.y > point.y) != (next.y > point.y)
                && one.towards(next, (point.y - one.y) / (next.y - one.y)).x < point.x
        };
        let count = |line: &Vec<Point>| {
            let next = line.iter().cycle().skip(1);
            line.iter().zip(next).filter(|&(&one, &next)| crosses(one, next)).count()
        };
        self.loops.iter().map(count).sum::<usize>() % 2 == 1
    }
}

fn write_line(path: &mut String, points: &[Point]) {
    for (index, Point { x, y }) in points.iter().enumerate() {
        let verb = if index == 0 { 'M' } else { 'L' };
        // Writing to a string cannot fail.
        let _ = write!(path, "{verb}{x:.1} {y:.1}");
    }
}

impl Group {
    /// Returns how far a point is from all that this side has, less than nothing on it.
    fn away(&self, point: Point) -> impl Iterator<Item = f64> {
        let places = self.places.iter().map(move |(at, reach)| at.distance(point) - reach);
        let words = self.words.iter().map(move |words| gap(words, &(point, (0.0, 0.0))));
        places.chain(words)
    }
}

/// Returns the smaller of two distances, and a little less where they are about the same: so a line
/// around two things has no corner between them.
fn flow_together(one: f64, other: f64) -> f64 {
    let share = (FLOW - (one - other).abs()).max(0.0) / FLOW;
    one.min(other) - share * share * FLOW / 4.0
}

/// Values on a grid, with a rim of negative ones, so that every loop closes.
struct Grid {
    columns: usize,
    rows: usize,
    step: Point,
    values: Vec<f64>,
}

impl Grid {
    fn new(area: Area, value: impl Fn(Point) -> f64) -> Self {
        let lines = |length: f64| whole((length / STEP).ceil(), 400).max(1) as usize;
        let (across, down) = (lines(area.width), lines(area.height));
        let step = Point::new(area.width / real(across), area.height / real(down));
        let mut grid = Self { columns: across + 3, rows: down + 3, step, values: Vec::new() };
        for row in 0..grid.rows {
            for column in 0..grid.columns {
                let on_rim =
                    [0, grid.columns - 1].contains(&column) || [0, grid.rows - 1].contains(&row);
                grid.values.push(if on_rim { -1.0 } else { value(grid.point(column, row)) });
            }
        }
        grid
    }

    fn point(&self, column: usize, row: usize) -> Point {
        Point::new((real(column) - 1.0) * self.step.x, (real(row) - 1.0) * self.step.y)
    }

    fn value(&self, column: usize, row: usize) -> f64 {
        self.values[row * self.columns + column]
    }

    /// Returns the closed lines between positive and negative values.
    fn loops(&self) -> Vec<Vec<Point>> {
        // For each edge that a line crosses: the edge at which the line leaves that cell.
        let mut next: Vec<Option<usize>> = vec![None; self.columns * self.rows * 2];
        for row in 0..self.rows - 1 {
            for column in 0..self.columns - 1 {
                for (from, to) in self.crossings(column, row) {
                    next[from] = Some(to);
                }
            }
        }
        let mut loops = Vec::new();
        for start in 0..next.len() {
            let mut points = Vec::new();
            let mut edge = start;
            while let Some(to) = next[edge].take() {
                points.push(self.crossing(edge));
                edge = to;
            }
            if points.len() > 2 {
                loops.push(points);
            }
        }
        loops
    }

    /// Returns the lines through a cell, each from edge to edge, the positive values to their left.
    fn crossings(&self, column: usize, row: usize) -> Vec<(usize, usize)> {
        let corners = [(0, 0), (1, 0), (1, 1), (0, 1)];
        let edges = [
            self.edge(column, row, false),
            self.edge(column + 1, row, true),
            self.edge(column, row + 1, false),
            self.edge(column, row, true),
        ];
        let is_in = corners.map(|(right, down)| self.value(column + right, row + down) > 0.0);
        // Clockwise along the cell's edges, a line begins where the sign falls, and ends where it
        // rises.
        let falls = (0..4).filter(|&at| is_in[at] && !is_in[(at + 1) % 4]);
        falls
            .filter_map(|at| {
                // Back to where this stretch of positive corners began.
                let rise = (1..4).map(|back| (at + 4 - back) % 4).find(|&at| !is_in[at])?;
                Some((edges[at], edges[rise]))
            })
            .collect()
    }

    fn edge(&self, column: usize, row: usize, is_down: bool) -> usize {
        (row * self.columns + column) * 2 + usize::from(is_down)
    }

    /// Returns where the value on an edge is zero.
    fn crossing(&self, edge: usize) -> Point {
        let (corner, is_down) = (edge / 2, edge % 2);
        let (column, row) = (corner % self.columns, corner / self.columns);
        let (right, below) = (column + 1 - is_down, row + is_down);
        let (here, there) = (self.value(column, row), self.value(right, below));
        self.point(column, row).towards(self.point(right, below), here / (here - there))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Area = Area { width: 200.0, height: 100.0, text: 14.0 };

    fn points(points: &[(f64, f64)]) -> Vec<Point> {
        points.iter().map(|&(x, y)| Point::new(x, y)).collect()
    }

    fn group(places: &[(f64, f64)]) -> Group {
        let places = points(places).into_iter().map(|at| (at, 10.0)).collect();
        Group { places, words: Vec::new() }
    }

    #[test]
    fn the_line_between_two_points_runs_midway_and_ends_within_the_stage() {
        let (one, other) = (group(&[(90.0, 86.0)]), group(&[(114.0, 86.0)]));
        let region = Region::around(&one, &[other], AREA);
        assert_eq!(region.loops.len(), 1);
        let right = region.loops[0].iter().map(|point| point.x).fold(0.0, f64::max);
        assert!((right - 100.0).abs() < 2.0, "{region:?}");
        let is_within = |point: &Point| point.x > 1.0 && point.y > 1.0 && point.y < 99.0;
        assert!(region.loops[0].iter().all(is_within), "{region:?}");
        assert!(region.path().starts_with('M') && region.path().ends_with('Z'));
    }

    /// Returns points all around somebody, as far as they reach.
    fn rim((at, reach): (Point, f64)) -> impl Iterator<Item = Point> {
        let turn = move |nth: u32| {
            let angle = f64::from(nth) * std::f64::consts::TAU / 16.0;
            at + Point::new(angle.cos(), angle.sin()) * reach
        };
        (0..16).map(turn)
    }

    #[test]
    fn every_node_lies_on_its_own_side_as_far_as_it_reaches() {
        let one = group(&[(30.0, 30.0), (150.0, 70.0)]);
        let other = group(&[(30.0, 70.0), (150.0, 30.0), (90.0, 50.0)]);
        let region = Region::around(&one, std::slice::from_ref(&other), AREA);
        assert!(one.places.iter().flat_map(|&it| rim(it)).all(|it| region.contains(it)));
        assert!(!other.places.iter().flat_map(|&it| rim(it)).any(|it| region.contains(it)));
    }

    #[test]
    fn a_group_that_does_not_stand_together_is_one_piece_and_hides_nobody_else() {
        let area = Area { width: 800.0, height: 600.0, text: 14.0 };
        let one = group(&[(400.0, 80.0), (400.0, 520.0)]);
        for others in [&[(300.0, 300.0), (500.0, 300.0)][..], &[(400.0, 300.0), (480.0, 290.0)]] {
            let others = group(others);
            let region = Region::around(&one, std::slice::from_ref(&others), area);
            let holds_all = |line: &&Vec<Point>| {
                let alone = Region::within(vec![(*line).clone()]);
                one.places.iter().all(|it| alone.contains(it.0))
            };
            assert_eq!(region.loops.iter().filter(holds_all).count(), 1, "{others:?}");
            let rims = || others.places.iter().flat_map(|&it| rim(it));
            assert!(!rims().any(|point| region.contains(point)), "{others:?}");
        }
    }

    #[test]
    fn a_group_amid_others_gets_a_closed_line() {
        let around = group(&[(60.0, 50.0), (140.0, 50.0), (100.0, 10.0), (100.0, 90.0)]);
        let region = Region::around(&group(&[(100.0, 50.0)]), &[around], AREA);
        assert!(region.contains(Point::new(100.0, 50.0)));
        assert!(!region.contains(Point::new(130.0, 50.0)));
    }

    #[test]
    fn a_stage_without_size_has_no_line() {
        let empty = Area::default();
        assert!(Region::around(&group(&[(0.0, 0.0)]), &[], empty).path().is_empty());
    }

    #[test]
    fn the_line_runs_around_words_and_keeps_off_those_of_others() {
        let words = |x: f64| vec![(Point::new(x, 70.0), (18.0, 7.0))];
        let one = Group { words: words(80.0), ..group(&[(80.0, 40.0)]) };
        let other = Group { words: words(125.0), ..group(&[(125.0, 40.0)]) };
        let region = Region::around(&one, &[other], AREA);
        let corners = |x: f64| [-17.0, 17.0].map(|aside| Point::new(x + aside, 76.0));
        assert!(corners(80.0).into_iter().all(|corner| region.contains(corner)));
        assert!(!corners(125.0).into_iter().any(|corner| region.contains(corner)));
    }
}
