//! Five regions and the time between them.
//!
//! The times are a provider's own: IBM Cloud, documentation of its virtual private cloud, “Network
//! latency”, inter-region latency of 17 August to 15 September 2024, mean of each direction there and
//! back, in milliseconds. Half of it is one way.

use crate::sim::{Distribution, Zones};
use crate::view::Place;

/// How many regions there are.
const COUNT: usize = 5;
/// How long a message takes within a region, between a client and a server.
const WITHIN_US: (u64, u64) = (4_000, 12_000);
/// By how much a way may take longer than its mean, in a hundred.
const SPREAD_PERCENT: u64 = 8;

/// A place with a data centre.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// The city.
    pub name: &'static str,
    /// Where it is.
    pub place: Place,
    /// There and back to each of the regions, in milliseconds; 0 to itself.
    round_trips_ms: [u16; COUNT],
}

const fn region(name: &'static str, (x, y): (i32, i32), round_trips_ms: [u16; COUNT]) -> Region {
    Region { name, place: Place { x, y }, round_trips_ms }
}

/// The regions, so that the first few are as far apart as can be without a third between them.
pub const REGIONS: [Region; COUNT] = [
    region("Washington", (-77_040, 38_910), [0, 76, 166, 214, 118]),
    region("London", (-130, 51_510), [75, 0, 242, 261, 187]),
    region("Tokyo", (139_690, 35_690), [166, 242, 0, 115, 284]),
    region("Sydney", (151_210, -33_870), [216, 261, 115, 0, 327]),
    region("São Paulo", (-46_630, -23_550), [119, 187, 285, 328, 0]),
];

/// Returns how long a message takes from one region to another and back, in milliseconds.
pub fn round_trip_ms(from: u8, to: u8) -> u64 {
    let row = REGIONS.get(usize::from(from)).map(|it| it.round_trips_ms);
    row.and_then(|row| row.get(usize::from(to)).copied()).unwrap_or_default().into()
}

/// Lists the first `count` regions, the nearest first: that itself, and then those that answer soonest.
pub fn by_distance(from: u8, count: u8) -> Vec<u8> {
    let mut regions: Vec<u8> = (0..count).collect();
    crate::order::sort_by_key(&mut regions, |to| round_trip_ms(from, *to));
    regions
}

/// Makes zones of the first `count` regions; `of` says in which each node stands.
pub fn zones(count: u8, of: Vec<u8>) -> Zones {
    let way = |from: u8, to: u8| {
        let (low_us, high_us) = match round_trip_ms(from, to) * 1_000 / 2 {
            0 => WITHIN_US,
            mean_us => (mean_us, mean_us + mean_us * SPREAD_PERCENT / 100),
        };
        Distribution::Uniform { low_us, high_us }
    };
    let regions = REGIONS.iter().take(count.into());
    Zones {
        names: regions.map(|it| it.name.to_owned()).collect(),
        of,
        latency: (0..count).map(|from| (0..count).map(|to| way(from, to)).collect()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Light in glass: so many kilometres a millisecond.
    const FIBRE: f64 = 204.0;

    fn kilometres(a: Place, b: Place) -> f64 {
        let radians = |mdeg: i32| f64::from(mdeg) / 1_000.0 * std::f64::consts::PI / 180.0;
        let (x, y) = (radians(a.x - b.x) / 2.0, radians(a.y - b.y) / 2.0);
        let across =
            libm::cos(radians(a.y)) * libm::cos(radians(b.y)) * libm::pow(libm::sin(x), 2.0);
        2.0 * 6_371.0 * libm::asin(libm::sqrt(libm::pow(libm::sin(y), 2.0) + across))
    }

    /// A table with a slip, or of one-way times, would have light beaten, or crawl. From London to Tokyo
    /// cables go around Africa or America.
    #[test]
    fn no_message_is_faster_than_light_and_none_goes_thrice_around() {
        for (from, one) in (0..).zip(&REGIONS) {
            for (to, other) in (0..).zip(&REGIONS).filter(|(to, _)| *to != from) {
                let taken = f64::from(u32::try_from(round_trip_ms(from, to)).unwrap());
                let least = 2.0 * kilometres(one.place, other.place) / FIBRE;
                let names = (one.name, other.name, taken, least);
                assert!(taken > least && taken < 3.0 * least, "{names:?}");
            }
        }
    }

    #[test]
    fn both_directions_are_alike() {
        for (from, to) in (0..5).flat_map(|from| (0..5).map(move |to| (from, to))) {
            assert!(round_trip_ms(from, to).abs_diff(round_trip_ms(to, from)) <= 2);
        }
    }

    #[test]
    fn nearest_is_at_home_and_then_across_the_smaller_ocean() {
        assert_eq!(by_distance(0, 3), [0, 1, 2]);
        assert_eq!(by_distance(1, 5), [1, 0, 4, 2, 3]);
        assert_eq!(by_distance(2, 5), [2, 3, 0, 1, 4]);
    }

    #[test]
    fn a_way_takes_half_of_there_and_back() {
        let zones = zones(3, vec![0, 1, 2, 0]);
        assert_eq!(zones.latency[1][2].least_us(), 121_000);
        assert_eq!((zones.names.len(), zones.latency[0][0].most_us()), (3, Some(12_000)));
    }
}
