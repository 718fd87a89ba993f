//! Bridges between the places of one side of a split: it reads as one side only if it is one piece.

use super::geometry::Point;

/// A straight part of a bridge.
pub(crate) type Stretch = (Point, Point);

/// A way around something bends off this many times as far as it has to stay away.
const BENDS: [f64; 6] = [2.0, -2.0, 4.0, -4.0, 6.0, -6.0];

/// Returns stretches that connect all places of `group`, as short as can be. None comes closer than
/// `clear` to any of `others`, unless there is no simple way around them.
pub(crate) fn bridges(group: &[Point], others: &[Point], clear: f64) -> Vec<Stretch> {
    let is_free = |(from, to): Stretch| {
        others.iter().all(|other| other.distance_to_stretch(from, to) >= clear)
    };
    let cost = |from: Point, to: Point| {
        // A way around is better than none, and worse than any straight one.
        from.distance(to) + if is_free((from, to)) { 0.0 } else { 1e6 }
    };
    let Some((&first, rest)) = group.split_first() else { return Vec::new() };
    // Prim's tree: each place that is not connected yet, with the closest one that is.
    let mut waiting: Vec<(Point, Point)> = rest.iter().map(|&place| (place, first)).collect();
    let mut found = Vec::new();
    while let Some(index) = cheapest(&waiting, cost) {
        let (place, closest) = waiting.swap_remove(index);
        found.extend(around((closest, place), is_free, clear));
        for (other, closest) in &mut waiting {
            if cost(place, *other) < cost(*closest, *other) {
                *closest = place;
            }
        }
    }
    found
}

fn cheapest(waiting: &[(Point, Point)], cost: impl Fn(Point, Point) -> f64) -> Option<usize> {
    let costs = waiting.iter().map(|&(place, closest)| cost(closest, place)).enumerate();
    costs.min_by(|(_, one), (_, other)| one.total_cmp(other)).map(|(index, _)| index)
}

/// Returns the straight way, or one with a bend if that is not free.
fn around((from, to): Stretch, is_free: impl Fn(Stretch) -> bool, clear: f64) -> Vec<Stretch> {
    let aside = (to - from).unit().turned() * clear;
    let bent = BENDS.map(|bend| from.towards(to, 0.5) + aside * bend);
    let mut bends = bent.into_iter().filter(|&by| is_free((from, by)) && is_free((by, to)));
    match bends.next() {
        Some(by) if !is_free((from, to)) => vec![(from, by), (by, to)],
        Some(_) | None => vec![(from, to)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(points: &[(f64, f64)]) -> Vec<Point> {
        points.iter().map(|&(x, y)| Point::new(x, y)).collect()
    }

    #[test]
    fn bridges_take_the_shortest_ways_and_connect_all() {
        let group = points(&[(0.0, 0.0), (200.0, 0.0), (90.0, 10.0)]);
        let found = bridges(&group, &[], 20.0);
        assert_eq!(found, [(group[0], group[2]), (group[2], group[1])]);
        assert!(bridges(&group[..1], &[], 20.0).is_empty());
        assert!(bridges(&[], &[], 20.0).is_empty());
    }

    #[test]
    fn a_bridge_goes_around_who_is_on_another_side() {
        let group = points(&[(0.0, 0.0), (200.0, 0.0)]);
        let others = points(&[(100.0, 0.0), (100.0, 60.0)]);
        let found = bridges(&group, &others, 25.0);
        assert_eq!(found.len(), 2);
        for (from, to) in found {
            assert!(others.iter().all(|other| other.distance_to_stretch(from, to) >= 25.0));
        }
    }
}
