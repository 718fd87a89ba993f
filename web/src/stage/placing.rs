//! What has words where: no label of a message lies on a node, on other words or on another label.
//!
//! Who stands still has its place; messages take theirs in turn. A label that finds no room is left
//! out until it does, and its message is a small shape meanwhile: where that is, is never bent.

use faultline_core::view::{NodeScene, Role};

use super::geometry::{Point, real};
use super::layout::{Layout, Spot};
use super::motion::Way;
use super::node::{NamePlace, place_of_name, reach, words_of};
use super::rings::{crown_place, letter_places, letters_of};

/// A box that something takes: its middle, and half its size.
pub(crate) type Obstacle = (Point, (f64, f64));

/// Returns the words below each node, by identity; of no size where there are none.
pub(crate) fn labels(nodes: &[NodeScene], layout: &Layout) -> Vec<Obstacle> {
    let label = |(node, spot): (&NodeScene, &Spot)| {
        let (lines, letters) = if spot.is_hidden { (0, 0) } else { words_of(node, spot) };
        let high = layout.line_height() * real(lines) / 2.0;
        let middle = Point::new(spot.at.x, Layout::label_top(spot) + high);
        (middle, (real(letters) * layout.letter_width() / 2.0, high))
    };
    nodes.iter().zip(&layout.spots).map(label).collect()
}

/// Returns all nodes that are drawn, their `labels`, and the names of the stage's parts.
pub(crate) fn obstacles(labels: &[Obstacle], layout: &Layout) -> Vec<Obstacle> {
    let shown = layout.spots.iter().filter(|spot| !spot.is_hidden);
    let nodes = shown.map(|spot| (spot.at, (spot.radius, spot.radius)));
    let labels = labels.iter().copied().filter(|(_, half)| half.0 > 0.0);
    nodes.chain(labels).chain(titles(layout)).collect()
}

/// Returns what is around the nodes that are drawn, rings with their letters, crowns and names above: words
/// that fly by keep off these too.
pub(crate) fn ringed(nodes: &[NodeScene], layout: &Layout) -> impl Iterator<Item = Obstacle> {
    let shown = nodes.iter().zip(&layout.spots).filter(|(_, spot)| !spot.is_hidden);
    let above = |(node, spot): (&NodeScene, &Spot)| name_above(node, spot, layout);
    let names = shown.clone().filter_map(above);
    let rings = shown.flat_map(|(node, spot)| {
        let rings = letters_of(node).len();
        let reach = reach(spot.radius, rings.max(1)) - 2.0;
        let crown = (node.view.role == Role::Leader).then(|| crown_place(rings, spot.radius));
        let signs = letter_places(rings, spot.radius).into_iter().chain(crown);
        signs.map(|(at, half)| (spot.at + at, half)).chain([(spot.at, (reach, reach))])
    });
    rings.chain(names)
}

/// Returns the room that a node's name takes above it, if that is where it stands.
pub(crate) fn name_above(node: &NodeScene, spot: &Spot, layout: &Layout) -> Option<Obstacle> {
    let is_above = !spot.is_hidden && place_of_name(node, spot) == NamePlace::Above;
    let half =
        (real(node.name.chars().count()) * layout.letter_width() / 2.0, layout.line_height() / 2.0);
    let middle = Point::new(spot.at.x, Layout::name_above(spot) - half.1);
    is_above.then_some((middle, half))
}

/// Returns how far from the start of a way something of this size has left a label behind, as far as
/// the way has room for that.
pub(crate) fn clear_of(label: &Obstacle, way: &Way, half: (f64, f64)) -> f64 {
    const STEP: f64 = 4.0;
    let ahead = (way.to - way.from).unit();
    let room = way.from.distance(way.to) / 3.0;
    if label.1.0 <= 0.0 {
        return 0.0;
    }
    let steps = (0..).map(|nth: u32| f64::from(nth) * STEP).take_while(|far| *far < room);
    let on_label = steps.filter(|far| gap(label, &(way.from + ahead * *far, half)) < 0.0);
    on_label.last().map_or(0.0, |last| (last + STEP).min(room))
}

/// Returns the names of the stage's parts.
pub(crate) fn titles(layout: &Layout) -> impl Iterator<Item = Obstacle> {
    layout.fields.iter().map(|field| {
        let half = real(field.name.chars().count()) * layout.letter_width() / 2.0;
        let at = field.name_at(layout.label_text);
        (at + Point::new(half, 0.0), (half, layout.label_text * 0.6))
    })
}

/// Returns how far two boxes are from each other, less than nothing if they overlap.
pub(crate) fn gap(one: &Obstacle, other: &Obstacle) -> f64 {
    let across = (one.0.x - other.0.x).abs() - one.1.0 - other.1.0;
    let down = (one.0.y - other.0.y).abs() - one.1.1 - other.1.1;
    across.max(down)
}

/// The room that is left on the stage.
pub(crate) struct Room {
    taken: Vec<Obstacle>,
}

impl Room {
    /// Leaves out what stands there.
    pub(crate) fn beside(taken: Vec<Obstacle>) -> Self {
        Self { taken }
    }

    /// Takes a box if nothing is in it; returns whether that was so.
    pub(crate) fn take(&mut self, wanted: Obstacle) -> bool {
        let is_free = self.taken.iter().all(|taken| gap(taken, &wanted) >= 0.0);
        if is_free {
            self.taken.push(wanted);
        }
        is_free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_goes_down_starts_below_the_label_and_who_goes_up_at_once() {
        let label = (Point::new(0.0, 20.0), (30.0, 8.0));
        let to = |y: f64| Way::straight(Point::default(), Point::new(0.0, y));
        let (down, up) = (to(300.0), to(-300.0));
        assert!((clear_of(&label, &down, (20.0, 10.0)) - 40.0).abs() < 1e-9);
        assert!(clear_of(&label, &up, (20.0, 10.0)).abs() < 1e-9);
        assert!((clear_of(&label, &to(60.0), (20.0, 10.0)) - 20.0).abs() < 1e-9, "a third at most");
    }

    #[test]
    fn who_comes_first_has_the_room() {
        let at = |x: f64| (Point::new(x, 50.0), (20.0, 8.0));
        let mut room = Room::beside(vec![at(0.0)]);
        assert!(!room.take(at(39.0)), "on what stands there");
        assert!(room.take(at(40.0)), "right beside it");
        assert!(!room.take(at(60.0)), "on who came before");
        assert!(room.take((Point::new(60.0, 66.0), (20.0, 8.0))), "below");
    }
}
