//! Where the nodes of a graph stand: in layers from top to bottom along the edges, or in a circle if
//! the edges go round.

use std::f64::consts::TAU;

use faultline_core::order::sort_by;
use faultline_core::view::Edge;

use crate::stage::{Point, real};

/// The picture's width in its own units.
pub(super) const WIDTH: f64 = 320.0;
/// Between two layers.
const LAYER: f64 = 62.0;
/// At most this many nodes stand side by side.
const ABREAST: usize = 5;
/// Half a node's height.
pub(super) const HALF_HEIGHT: f64 = 12.0;

/// A drawn graph's plan.
#[derive(Debug)]
pub(super) struct Plan {
    /// The middle of each node.
    pub(super) places: Vec<Point>,
    /// The picture's height.
    pub(super) height: f64,
    /// How wide a node may be.
    pub(super) room: f64,
}

/// Plans a graph of `count` nodes; edges to or from nowhere are left out.
pub(super) fn plan(count: usize, edges: &[Edge]) -> Plan {
    let ways: Vec<(usize, usize)> = edges
        .iter()
        .map(|edge| (usize::from(edge.from), usize::from(edge.to)))
        .filter(|&(from, to)| from != to && from < count && to < count)
        .collect();
    match layers(count, &ways) {
        Some(layers) => in_layers(count, &ways, &layers),
        None => in_circle(count),
    }
}

/// Returns how many edges the longest way to each node has, or `None` if edges go round.
fn layers(count: usize, ways: &[(usize, usize)]) -> Option<Vec<usize>> {
    let mut layers = vec![0; count];
    // A way without a circle has fewer edges than there are nodes.
    for _ in 0..count {
        let mut has_moved = false;
        for &(from, to) in ways {
            if layers[to] <= layers[from] {
                layers[to] = layers[from] + 1;
                has_moved = true;
            }
        }
        if !has_moved {
            return Some(layers);
        }
    }
    (count == 0).then_some(layers)
}

fn in_layers(count: usize, ways: &[(usize, usize)], layers: &[usize]) -> Plan {
    let depth = layers.iter().max().map_or(0, |most| most + 1);
    let mut x = vec![WIDTH / 2.0; count];
    let mut places = vec![Point::default(); count];
    let mut y = HALF_HEIGHT + 6.0;
    let mut most_abreast = 1;
    for layer in 0..depth {
        let mut here: Vec<usize> = (0..count).filter(|&node| layers[node] == layer).collect();
        // Below those above them: the fewest crossings that one pass can have.
        let wish = |node: usize| {
            let above: Vec<f64> =
                ways.iter().filter(|way| way.1 == node).map(|way| x[way.0]).collect();
            let whole: f64 = above.iter().sum();
            if above.is_empty() { WIDTH / 2.0 } else { whole / real(above.len()) }
        };
        let wishes: Vec<f64> = (0..count).map(wish).collect();
        sort_by(&mut here, |&one, &other| wishes[one].total_cmp(&wishes[other]));
        for row in here.chunks(ABREAST) {
            most_abreast = most_abreast.max(row.len());
            let step = WIDTH / real(row.len());
            for (place, &node) in row.iter().enumerate() {
                x[node] = step * (real(place) + 0.5);
                places[node] = Point::new(x[node], y);
            }
            y += if here.len() > ABREAST { LAYER * 0.6 } else { LAYER };
        }
        if here.len() > ABREAST {
            y += LAYER * 0.4;
        }
    }
    let room = (WIDTH / real(most_abreast) - 10.0).min(120.0);
    Plan { places, height: (y - LAYER + HALF_HEIGHT + 6.0).max(2.0 * HALF_HEIGHT + 12.0), room }
}

fn in_circle(count: usize) -> Plan {
    let radius = (30.0 + real(count) * 12.0).min(112.0);
    let height = 2.0 * (radius + HALF_HEIGHT + 8.0);
    let place = |node: usize| {
        let angle = real(node) / real(count) * TAU;
        Point::new(WIDTH / 2.0 + angle.sin() * radius, height / 2.0 - angle.cos() * radius)
    };
    // Neighbours on the circle must not touch.
    let step = 2.0 * radius * (TAU / real(count.max(2)) / 2.0).sin();
    Plan { places: (0..count).map(place).collect(), height, room: (step - 6.0).clamp(28.0, 84.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(ways: &[(u16, u16)]) -> Vec<Edge> {
        let edge =
            |&(from, to): &(u16, u16)| Edge { from, to, text: String::new(), tone: <_>::default() };
        ways.iter().map(edge).collect()
    }

    #[test]
    fn without_a_circle_every_edge_goes_down() {
        let ways = [(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)];
        let plan = plan(4, &edges(&ways));
        for (from, to) in ways {
            assert!(plan.places[usize::from(from)].y < plan.places[usize::from(to)].y);
        }
        assert!(plan.places.iter().all(|at| at.y < plan.height && at.x < WIDTH));
    }

    #[test]
    fn what_goes_round_stands_in_a_circle() {
        let plan = plan(3, &edges(&[(0, 1), (1, 2), (2, 0)]));
        let middle = Point::new(WIDTH / 2.0, plan.height / 2.0);
        let far: Vec<f64> = plan.places.iter().map(|at| at.distance(middle)).collect();
        assert!(far.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 1e-9));
    }

    #[test]
    fn edges_to_nowhere_and_to_oneself_are_no_circles() {
        assert_eq!(layers(2, &[(0, 1)]), Some(vec![0, 1]));
        assert!(plan(2, &edges(&[(0, 0), (0, 9), (0, 1)])).places[1].y > 20.0);
        assert!(plan(0, &[]).places.is_empty());
    }
}
