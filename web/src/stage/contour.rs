//! The line between groups of points, for any groups: where the pull of two groups is equal.
//!
//! Every point pulls with the inverse fourth power of distance, so the line runs midway between the
//! groups, in smooth bends. It is traced on a grid ("marching squares"). A group whose points do not
//! stand together is held together by bridges, so that its region is one piece.

use std::fmt::Write as _;

use super::bridges::bridges;
use super::geometry::{Point, real, whole};
use super::layout::Area;

/// The region around one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Region {
    /// Its outline, closed within the stage.
    loops: Vec<Vec<Point>>,
}

/// Distance between the lines of the grid.
const STEP: f64 = 10.0;
/// A region ends so far before the stage's edge: its own line is its end.
const EDGE: f64 = 5.0;
/// Half the width of a bridge.
const BRIDGE: f64 = 20.0;

impl Region {
    /// Finds the region in which `group` pulls harder than each of `others` does, in one piece.
    /// Bridges stay as far as `clear` from the others.
    pub(crate) fn around(group: &[Point], others: &[Vec<Point>], clear: f64, area: Area) -> Self {
        if area.width < 1.0 || area.height < 1.0 {
            return Self::default();
        }
        let strangers = others.concat();
        let bridges = bridges(group, &strangers, clear + BRIDGE);
        let grid = Grid::new(area, |point| {
            let own = pull(group, point);
            let other = others.iter().map(|other| pull(other, point)).fold(0.0, f64::max);
            let aside = bridges.iter().map(|&(from, to)| point.distance_to_stretch(from, to));
            let on_bridge = 1.0 - aside.fold(f64::MAX, f64::min) / BRIDGE;
            let away = strangers.iter().map(|stranger| stranger.distance(point));
            let is_clear = away.fold(f64::MAX, f64::min) / clear.max(1.0) - 1.0;
            let (side, level) =
                (point.x.min(area.width - point.x), point.y.min(area.height - point.y));
            let within = (side.min(level) - EDGE) / STEP;
            ((own - other) / (own + other)).max(on_bridge.min(is_clear)).min(within)
        });
        Self { loops: grid.loops() }
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

    /// Returns true if a point lies within: a ray to the left crosses the outline an odd number of
    /// times.
    pub(crate) fn contains(&self, point: Point) -> bool {
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

fn pull(group: &[Point], at: Point) -> f64 {
    let square = |point: &Point| (point.x - at.x).powi(2) + (point.y - at.y).powi(2);
    // The summand keeps a point from pulling without limit on itself.
    group.iter().map(|point| (square(point) + 1.0).powi(-2)).sum()
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

    #[test]
    fn the_line_between_two_points_runs_midway_and_ends_within_the_stage() {
        let (one, other) = (points(&[(60.0, 70.0)]), points(&[(140.0, 70.0)]));
        let region = Region::around(&one, &[other], 20.0, AREA);
        assert_eq!(region.loops.len(), 1);
        let right = region.loops[0].iter().map(|point| point.x).fold(0.0, f64::max);
        assert!((right - 100.0).abs() < 0.5, "{region:?}");
        let is_within = |point: &Point| point.x > 1.0 && point.y > 1.0 && point.y < 99.0;
        assert!(region.loops[0].iter().all(is_within), "{region:?}");
        assert!(region.path().starts_with('M') && region.path().ends_with('Z'));
    }

    #[test]
    fn every_point_lies_on_its_own_side() {
        let group = points(&[(30.0, 30.0), (150.0, 70.0)]);
        let other = points(&[(30.0, 70.0), (150.0, 30.0), (90.0, 50.0)]);
        let region = Region::around(&group, std::slice::from_ref(&other), 8.0, AREA);
        assert!(group.iter().all(|&point| region.contains(point)));
        assert!(!other.iter().any(|&point| region.contains(point)));
    }

    #[test]
    fn a_group_that_does_not_stand_together_is_one_piece_and_hides_nobody_else() {
        let area = Area { width: 800.0, height: 600.0, text: 14.0 };
        let group = points(&[(400.0, 80.0), (400.0, 520.0)]);
        for others in [&[(300.0, 300.0), (500.0, 300.0)][..], &[(400.0, 300.0), (480.0, 290.0)]] {
            let others = points(others);
            let region = Region::around(&group, std::slice::from_ref(&others), 44.0, area);
            let holds_all = |line: &&Vec<Point>| {
                let alone = Region { loops: vec![(*line).clone()] };
                group.iter().all(|&it| alone.contains(it))
            };
            assert_eq!(region.loops.iter().filter(holds_all).count(), 1, "{others:?}");
            assert!(!others.iter().any(|&point| region.contains(point)), "{others:?}");
        }
    }

    #[test]
    fn a_group_amid_others_gets_a_closed_line() {
        let around = points(&[(60.0, 50.0), (140.0, 50.0), (100.0, 10.0), (100.0, 90.0)]);
        let region = Region::around(&points(&[(100.0, 50.0)]), &[around], 10.0, AREA);
        assert!(region.contains(Point::new(100.0, 50.0)));
        assert!(!region.contains(Point::new(130.0, 50.0)));
    }

    #[test]
    fn a_stage_without_size_has_no_line() {
        let empty = Area::default();
        assert!(Region::around(&points(&[(0.0, 0.0)]), &[], 10.0, empty).path().is_empty());
    }
}
