//! Places by longitude and latitude, the ways between them, and areas.

use std::fmt::Write as _;

use faultline_core::view::{Area, Map, MapLink, MapPlace, Position};
use yew::{Html, classes, html};

use super::datum::{datum_in_words, tone_class, tone_letter};
use super::frame::{empty, framed, more, shortened};
use super::land::LAND;
use crate::stage::{Point, px, real};

/// The picture's width in its own units.
const WIDTH: f64 = 320.0;
/// How wide a letter of a name is, at most.
const LETTER: f64 = 6.9;
/// A picture is at least and at most this high.
const HEIGHTS: (f64, f64) = (136.0, 240.0);
/// A map of more degrees than this across shows where there is land.
const LEAST_WITH_LAND: f64 = 24.0;
/// The line of change, where a map of the world is cut: there is least to be cut.
const WEST: f64 = -170.0;
/// More of each than this are counted instead.
const MOST_PLACES: usize = 120;
const MOST_LINKS: usize = 120;
const MOST_AREAS: usize = 200;
/// More names than this are left to the words.
const MOST_NAMES: usize = 24;

/// Draws a map that holds everything on it.
pub(super) fn map(map: &Map, words: String) -> Html {
    let Some(view) = View::of(map) else { return framed("widget-map", &map.label, empty()) };
    let places = &map.places[..map.places.len().min(MOST_PLACES)];
    let at: Vec<Point> = places.iter().map(|place| view.place(place.at)).collect();
    let names = view.names(map, &at);
    let land = format!(
        "translate({} {}) scale({:.4} {:.4})",
        px(-view.west * view.across),
        px(view.north * view.down),
        view.across,
        view.down
    );
    let link = |link: &MapLink| view.link(link, &at);
    let body = html! {<>
        <svg class="drawing map" role="img" aria-label={words}
            viewBox={format!("0 0 {WIDTH} {}", px(view.height))}>
            if view.has_land() { <path class="map-land" d={LAND} transform={land} /> }
            { view.mesh() }
            { for map.areas.iter().take(MOST_AREAS).map(|area| view.area(area)) }
            { for map.links.iter().take(MOST_LINKS).map(link) }
            { for places.iter().zip(&at).zip(names).map(|((place, at), name)| {
                dot(place, *at, name)
            }) }
        </svg>
        { more(map.places.len() - places.len(), "places") }
        { more(map.links.len().saturating_sub(MOST_LINKS), "ways") }
        { more(map.areas.len().saturating_sub(MOST_AREAS), "areas") }
    </>};
    framed("widget-map", &map.label, body)
}

/// Which part of the earth is drawn, and how large.
#[derive(Debug)]
struct View {
    /// The degree at the left edge.
    west: f64,
    /// The degree at the upper edge.
    north: f64,
    /// Units to a degree, sidewards and up and down.
    across: f64,
    down: f64,
    height: f64,
}

/// Returns degrees of longitude and latitude; longitudes begin where maps of the world are cut.
fn degrees(at: Position) -> (f64, f64) {
    let longitude = f64::from(at.longitude_mdeg) / 1_000.0;
    let longitude = (longitude - WEST).rem_euclid(360.0) + WEST;
    (longitude, f64::from(at.latitude_mdeg) / 1_000.0)
}

impl View {
    fn of(map: &Map) -> Option<Self> {
        let corners = map.areas.iter().flat_map(|area| [area.south_west, area.north_east]);
        let all: Vec<(f64, f64)> =
            map.places.iter().map(|place| place.at).chain(corners).map(degrees).collect();
        let (first, _) = all.split_first()?;
        let fold = |(low, high): (f64, f64), value: f64| (low.min(value), high.max(value));
        let (west, east) = all.iter().map(|at| at.0).fold((first.0, first.0), fold);
        let (south, north) = all.iter().map(|at| at.1).fold((first.1, first.1), fold);
        // Room for names around what is there; one place alone has some degrees around it.
        let pad_across = ((east - west) * 0.16).max(0.002);
        let pad_along = ((north - south) * 0.2).max(0.002);
        let (mut west, mut east) = (west - pad_across, east + pad_across);
        if east - west > 120.0 {
            (west, east) = (WEST, WEST + 360.0);
        }
        let across = WIDTH / (east - west);
        let middle = f64::midpoint(north, south);
        // A degree of longitude is shorter away from the equator; on a map of the world it is drawn
        // as long as everywhere (plate carrée).
        let is_world = east - west > 300.0;
        let shrink = if is_world { 1.0 } else { middle.to_radians().cos().max(0.2) };
        let mut down = across / shrink;
        let wish = (north - south + 2.0 * pad_along) * down;
        let height = wish.clamp(HEIGHTS.0, HEIGHTS.1);
        let mut across = across;
        if wish > HEIGHTS.1 {
            // Too tall: smaller, with more to both sides.
            let smaller = HEIGHTS.1 / wish;
            (down, across) = (down * smaller, across * smaller);
            west = f64::midpoint(west, east) - WIDTH / across / 2.0;
        }
        Some(Self { west, north: middle + height / down / 2.0, across, down, height })
    }

    fn has_land(&self) -> bool {
        WIDTH / self.across > LEAST_WITH_LAND
    }

    fn place(&self, at: Position) -> Point {
        let (longitude, latitude) = degrees(at);
        Point::new((longitude - self.west) * self.across, (self.north - latitude) * self.down)
    }

    /// Draws a mesh of round degrees.
    fn mesh(&self) -> Html {
        let wide = WIDTH / self.across;
        let steps = [30.0, 10.0, 5.0, 1.0, 0.5, 0.1, 0.05, 0.01, 0.005, 0.001];
        let step = steps.into_iter().find(|step| wide / step >= 4.0).unwrap_or(0.001);
        let mut d = String::new();
        let mut longitude = (self.west / step).ceil() * step;
        while longitude < self.west + wide {
            let x = px((longitude - self.west) * self.across);
            // Writing to a string cannot fail.
            let _ = write!(d, "M{x} 0V{}", px(self.height));
            longitude += step;
        }
        let mut latitude = (self.north / step).floor() * step;
        while (self.north - latitude) * self.down < self.height {
            let _ = write!(d, "M0 {}H{WIDTH}", px((self.north - latitude) * self.down));
            latitude -= step;
        }
        html! { <path class="map-mesh" {d} /> }
    }

    fn area(&self, area: &Area) -> Html {
        let (one, other) = (self.place(area.south_west), self.place(area.north_east));
        let (width, height) = ((other.x - one.x).max(0.5), (one.y - other.y).max(0.5));
        let datum = &area.value;
        let class =
            classes!("map-area", tone_class(datum.tone), (!datum.committed).then_some("is-open"));
        let text = [tone_letter(datum.tone).unwrap_or_default(), &datum.text].concat();
        let has_room = real(text.chars().count()) * LETTER + 8.0 < width && height > 15.0;
        html! {
            <g {class}>
                <title>{ datum_in_words(datum) }</title>
                <rect x={px(one.x)} y={px(other.y)} width={px(width)} height={px(height)} />
                if has_room {
                    <text x={px(one.x + 4.0)} y={px(other.y + 12.0)}>{ text }</text>
                }
            </g>
        }
    }

    /// Returns the stretches of a way: two over the edges of a map of the world if that is shorter.
    fn stretches(&self, link: &MapLink, at: &[Point]) -> Vec<(Point, Point)> {
        let place = |place: u16| at.get(usize::from(place)).copied();
        let (Some(from), Some(to)) = (place(link.from), place(link.to)) else {
            return Vec::new();
        };
        let around = Point::new(360.0 * self.across, 0.0);
        match to.x - from.x {
            far if far > around.x / 2.0 => vec![(from, to - around), (from + around, to)],
            far if far < -around.x / 2.0 => vec![(from, to + around), (from - around, to)],
            _ => vec![(from, to)],
        }
    }

    /// Returns where a way's name stands: on its middle.
    fn link_name(&self, link: &MapLink, at: &[Point]) -> Option<(Point, String)> {
        let &(start, end) = self.stretches(link, at).first()?;
        let lift = (end - start).turned() * if end.x < start.x { 0.06 } else { -0.06 };
        let middle = start.towards(end, 0.5) + lift;
        let text = [tone_letter(link.tone).unwrap_or_default(), &link.text].concat();
        let half = real(text.chars().count()) * LETTER / 2.0;
        let x = middle.x.clamp(half, WIDTH - half);
        (!text.is_empty()).then(|| (Point::new(x, middle.y), shortened(&text, 14)))
    }

    /// Draws a way.
    fn link(&self, link: &MapLink, at: &[Point]) -> Html {
        let stretch = |&(from, to): &(Point, Point)| {
            let bend = (to - from).turned() * if to.x < from.x { 0.12 } else { -0.12 };
            let control = from.towards(to, 0.5) + bend;
            let d = format!(
                "M{} {}Q{} {} {} {}",
                px(from.x),
                px(from.y),
                px(control.x),
                px(control.y),
                px(to.x),
                px(to.y)
            );
            html! { <path {d} /> }
        };
        html! {
            <g class={classes!("map-link", tone_class(link.tone))}>
                { for self.stretches(link, at).iter().map(stretch) }
                if let Some((at, text)) = self.link_name(link, at) {
                    <text x={px(at.x)} y={px(at.y + 3.5)}>{ text }</text>
                }
            </g>
        }
    }

    /// Returns where each place's name stands: beside it, where it meets no other name or place.
    fn names(&self, map: &Map, at: &[Point]) -> Vec<Option<Point>> {
        let around = |at: Point, half: Point| (at - half, at + half);
        let mut taken: Vec<(Point, Point)> =
            at.iter().map(|at| around(*at, Point::new(4.0, 4.0))).collect();
        let links = map.links.iter().take(MOST_LINKS).filter_map(|link| self.link_name(link, at));
        taken.extend(links.map(|(at, text)| {
            around(at, Point::new(real(text.chars().count()) * LETTER / 2.0, 5.0))
        }));
        let mut count = 0;
        let mut name = |(place, at): (&MapPlace, &Point)| {
            let width = real(label(place).chars().count()) * LETTER;
            let right = Point::new(7.0, -7.0);
            let left = Point::new(-7.0 - width, -7.0);
            let above = Point::new(-width / 2.0, -23.0);
            let below = Point::new(-width / 2.0, 7.0);
            let inside = |low: Point, high: Point| {
                low.x > 1.0 && high.x < WIDTH - 1.0 && low.y > 0.0 && high.y < self.height
            };
            for offset in [right, left, below, above] {
                let (low, high) = (*at + offset, *at + offset + Point::new(width, 14.0));
                let meets = |(other_low, other_high): &(Point, Point)| {
                    low.x < other_high.x
                        && other_low.x < high.x
                        && low.y < other_high.y
                        && other_low.y < high.y
                };
                if count < MOST_NAMES && inside(low, high) && !taken.iter().any(meets) {
                    taken.push((low, high));
                    count += 1;
                    return Some(Point::new(low.x, low.y + 10.5));
                }
            }
            None
        };
        map.places.iter().zip(at).map(&mut name).collect()
    }
}

/// Returns what stands beside a place.
fn label(place: &MapPlace) -> String {
    let sign = tone_letter(place.value.tone).map(str::to_owned);
    let value = (!place.value.text.is_empty()).then(|| shortened(&place.value.text, 12));
    let parts = sign.into_iter().chain([shortened(&place.name, 14)]).chain(value);
    parts.collect::<Vec<_>>().join(" ")
}

fn dot(place: &MapPlace, at: Point, name: Option<Point>) -> Html {
    let class = classes!(
        "map-place",
        tone_class(place.value.tone),
        (!place.value.committed).then_some("is-open"),
    );
    html! {
        <g {class}>
            <title>{ format!("{}: {}", place.name, datum_in_words(&place.value)) }</title>
            <circle cx={px(at.x)} cy={px(at.y)} r="4" />
            if let Some(at) = name { <text x={px(at.x)} y={px(at.y)}>{ label(place) }</text> }
        </g>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cities(ats: &[(i32, i32)]) -> Map {
        let mut map = Map::new("map");
        for (index, &(longitude, latitude)) in ats.iter().enumerate() {
            let at = Position::new(longitude * 1_000, latitude * 1_000);
            map = map.with_place(format!("P{index}"), at, "");
        }
        map
    }

    #[test]
    fn everything_is_on_the_picture() {
        for map in [
            cities(&[(-74, 41), (9, 50), (140, 36), (151, -34)]),
            cities(&[(8, 47), (9, 50)]),
            cities(&[(2, 48)]),
            cities(&[(10, -60), (11, 70)]),
        ] {
            let view = View::of(&map).unwrap();
            for place in &map.places {
                let at = view.place(place.at);
                assert!((0.0..=WIDTH).contains(&at.x), "{at:?} {view:?}");
                assert!((0.0..=view.height).contains(&at.y), "{at:?} {view:?}");
            }
        }
    }

    #[test]
    fn only_maps_of_some_size_show_land() {
        assert!(View::of(&cities(&[(-74, 41), (9, 50)])).unwrap().has_land());
        assert!(!View::of(&cities(&[(8, 47), (9, 50)])).unwrap().has_land());
        assert!(View::of(&Map::new("")).is_none());
    }

    #[test]
    fn names_do_not_stand_on_each_other() {
        let map = cities(&[(8, 50), (8, 50), (8, 50), (8, 50), (8, 50), (8, 50), (9, 47)]);
        let view = View::of(&map).unwrap();
        let at: Vec<Point> = map.places.iter().map(|place| view.place(place.at)).collect();
        let names = view.names(&map, &at);
        assert!(names.iter().filter(|name| name.is_some()).count() <= 5);
        assert!(names.last().is_some_and(Option::is_some), "a free one has its name");
    }
}
