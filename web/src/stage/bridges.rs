//! Bridges between the places of one side of a split: it reads as one side only if it is one piece.

use super::geometry::Point;
use super::layout::Area;

/// A straight part of a bridge.
pub(crate) type Stretch = (Point, Point);

/// A way around something bends off so many times as far as it has to stay away, …
const BENDS: [f64; 5] = [1.2, 1.7, 2.4, 3.4, 5.0];
/// … at one of these shares of the way.
const SHARES: [f64; 3] = [0.5, 0.3, 0.7];

/// Returns stretches that connect all places of `group`, as short as can be. None comes closer than
/// `clear` to what any of `others` reaches, or leaves the stage, unless there is no simple way around.
pub(crate) fn bridges(
    group: &[Point],
    others: &[(Point, f64)],
    clear: f64,
    area: Area,
) -> Vec<Stretch> {
    let is_free = |(from, to): Stretch| {
        others.iter().all(|(at, reach)| at.distance_to_stretch(from, to) >= clear + reach)
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
        found.extend(around((closest, place), is_free, clear, area));
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
fn around(
    (from, to): Stretch,
    is_free: impl Fn(Stretch) -> bool,
    clear: f64,
    area: Area,
) -> Vec<Stretch> {
    if is_free((from, to)) {
        return vec![(from, to)];
    }
    let aside = (to - from).unit().turned() * (clear * 2.0);
    let is_on_stage = |at: &Point| {
        at.x > clear && at.y > clear && at.x < area.width - clear && at.y < area.height - clear
    };
    let bent = BENDS
        .iter()
        .flat_map(|bend| [*bend, -bend])
        .flat_map(|bend| SHARES.map(|share| from.towards(to, share) + aside * bend));
    let mut bends = bent.filter(|&by| is_on_stage(&by) && is_free((from, by)) && is_free((by, to)));
    bends.next().map_or_else(|| vec![(from, to)], |by| vec![(from, by), (by, to)])
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Area = Area { width: 400.0, height: 300.0, text: 14.0 };

    fn points(points: &[(f64, f64)]) -> Vec<Point> {
        points.iter().map(|&(x, y)| Point::new(x, y)).collect()
    }

    #[test]
    fn bridges_take_the_shortest_ways_and_connect_all() {
        let group = points(&[(0.0, 0.0), (200.0, 0.0), (90.0, 10.0)]);
        let found = bridges(&group, &[], 20.0, AREA);
        assert_eq!(found, [(group[0], group[2]), (group[2], group[1])]);
        assert!(bridges(&group[..1], &[], 20.0, AREA).is_empty());
        assert!(bridges(&[], &[], 20.0, AREA).is_empty());
    }

    #[test]
    fn a_bridge_goes_around_who_is_on_another_side() {
        let group = points(&[(30.0, 100.0), (230.0, 100.0)]);
        let others = points(&[(130.0, 100.0), (130.0, 160.0)]);
        let reaching: Vec<(Point, f64)> = others.iter().map(|at| (*at, 10.0)).collect();
        let found = bridges(&group, &reaching, 15.0, AREA);
        assert_eq!(found.len(), 2);
        for (from, to) in found {
            assert!(others.iter().all(|other| other.distance_to_stretch(from, to) >= 25.0));
        }
    }
}
