//! Where a message is at a moment, on its way from one node to another.

use faultline_core::view::{HoldScene, MessageScene, Scene};

use super::geometry::{Point, micros};
use super::layout::Spot;
use super::node::reach;

/// The way of a message, from the rim of its sender to the rim of its receiver.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(crate) struct Way {
    pub(crate) from: Point,
    pub(crate) to: Point,
    /// How far it leads aside in its middle, to the right of who goes it.
    bow: f64,
}

impl Way {
    /// Returns the way between two nodes. The two directions of a link keep to the right, so that a
    /// request and its reply do not hide each other.
    pub(crate) fn new(from: &Spot, to: &Spot, is_twin: bool) -> Self {
        let ahead = (to.at - from.at).unit();
        let aside = (from.radius.min(to.radius) * 0.24).min(9.0) * if is_twin { 2.6 } else { 1.0 };
        let aside = ahead.turned() * aside;
        let from_rim = from.at + ahead * (reach(from.radius, 1) + 4.0) + aside;
        let to_rim = to.at - ahead * (reach(to.radius, 1) + 4.0) + aside;
        Self::straight(from_rim, to_rim)
    }

    /// Makes a way that leads straight on.
    pub(crate) const fn straight(from: Point, to: Point) -> Self {
        Self { from, to, bow: 0.0 }
    }

    /// Returns the link between two nodes, from border to border.
    pub(crate) fn link(from: &Spot, to: &Spot) -> Self {
        let ahead = (to.at - from.at).unit();
        Self::straight(from.at + ahead * (from.radius + 1.0), to.at - ahead * (to.radius + 1.0))
    }

    /// Returns the same way, so far aside in its middle.
    pub(crate) fn bowed(self, bow: f64) -> Self {
        Self { bow, ..self }
    }

    /// Returns the same way in the other direction.
    pub(crate) fn back(&self) -> Self {
        Self { from: self.to, to: self.from, bow: -self.bow }
    }

    /// Returns where a message is that has gone this share of the way.
    pub(crate) fn at(&self, share: f64) -> Point {
        bowed(self.from, self.to, self.bow, share)
    }

    /// Returns in which direction a message goes that has gone this share of the way.
    pub(crate) fn ahead(&self, share: f64) -> Point {
        let way = self.to - self.from;
        (way + way.unit().turned() * (self.bow * 4.0 * (1.0 - 2.0 * share))).unit()
    }

    /// Returns where the control point is of the curve that it is, if it is not straight.
    pub(crate) fn control(&self) -> Option<Point> {
        (self.bow != 0.0).then(|| bowed(self.from, self.to, self.bow * 2.0, 0.5))
    }

    /// Returns how far a point is from it.
    pub(crate) fn distance(&self, point: Point) -> f64 {
        let parts = if self.bow == 0.0 { 1 } else { 8_u32 };
        let at = |part: u32| self.at(f64::from(part) / f64::from(parts));
        let stretches = (0..parts).map(|part| point.distance_to_stretch(at(part), at(part + 1)));
        stretches.fold(f64::MAX, f64::min)
    }
}

fn bowed(from: Point, to: Point, bow: f64, share: f64) -> Point {
    let aside = (to - from).unit().turned() * (bow * 4.0 * share * (1.0 - share));
    from.towards(to, share) + aside
}

/// Of a held way a message goes this share: there is the brake.
pub(crate) const HELD_SHARE: f64 = 0.82;

/// Returns the share of its way that a message has gone.
pub(crate) fn share(message: &MessageScene, now_us: f64) -> f64 {
    let (sent, due) = (micros(message.sent_at_us), micros(message.due_at_us));
    let span = (due - sent).max(1.0);
    ((now_us - sent) / span).clamp(0.0, 1.0)
}

/// Returns the share of its way at which a message is drawn that keeps so far from where the way
/// starts and ends: it lies beside the nodes and not on them. Where there is hardly room, it still
/// moves.
pub(crate) fn beside_ends(way: &Way, (start, end): (f64, f64), share: f64) -> f64 {
    let length = way.from.distance(way.to).max(1.0);
    let margin = |length_of: f64| (length_of / length).min(1.0 / 3.0);
    margin(start) + share * (1.0 - margin(start) - margin(end))
}

/// Holds a message up before the brake, if its way is held and it has come that far. `extent` is how
/// far it reaches from its middle.
pub(crate) fn held_share(
    scene: &Scene,
    message: &MessageScene,
    (way, extent): (&Way, f64),
    share: f64,
) -> f64 {
    let is_its = |hold: &HoldScene| (hold.from, hold.to) == (message.name.from, message.name.to);
    if !scene.holds.iter().any(is_its) {
        return share;
    }
    let before = HELD_SHARE - extent / way.from.distance(way.to).max(1.0);
    share.min(before.max(0.0))
}

/// Returns where to draw a message that has gone this share of its way when nothing may travel: at
/// the source for the first half, then at the target; `extent` away from the rim, beside the node.
pub(crate) fn still_place(way: &Way, share: f64, extent: f64) -> Point {
    let ahead = (way.to - way.from).unit();
    let extent = extent.min(way.from.distance(way.to) / 2.0);
    if share < 0.5 { way.from + ahead * extent } else { way.to - ahead * extent }
}

#[cfg(test)]
mod tests {
    use faultline_core::sim::MessageKind;

    use super::*;
    use crate::stage::samples;

    #[test]
    fn a_message_goes_from_its_sending_to_its_arrival() {
        let message = samples::message((0, 1, 0), MessageKind::Request, "append 3", 0.5);
        let message = MessageScene { sent_at_us: 1_000, due_at_us: 3_000, ..message };
        assert!((share(&message, 1_000.0)).abs() < 1e-9);
        assert!((share(&message, 2_500.5) - 0.75025).abs() < 1e-9);
        assert!((share(&message, 9_000.0) - 1.0).abs() < 1e-9, "it waits at the target");
        assert!((share(&message, 0.0)).abs() < 1e-9);
    }

    #[test]
    fn a_message_lies_on_neither_end_of_its_way() {
        let way = Way::straight(Point::new(0.0, 0.0), Point::new(200.0, 0.0));
        for (share, at) in [(0.0, 30.0), (0.5, 100.0), (1.0, 170.0)] {
            assert!((beside_ends(&way, (30.0, 30.0), share) * 200.0 - at).abs() < 1e-9);
        }
        let crowded = (500.0, 500.0);
        let tight = beside_ends(&way, crowded, 1.0) - beside_ends(&way, crowded, 0.0);
        assert!(tight > 0.3, "where there is no room, it moves all the same");
    }

    #[test]
    fn a_held_message_stops_before_the_brake() {
        let message = samples::message((0, 1, 0), MessageKind::Request, "append 3", 0.9);
        let way = Way::straight(Point::new(0.0, 0.0), Point::new(200.0, 0.0));
        let mut scene = samples::scene(Vec::new());
        assert!((held_share(&scene, &message, (&way, 30.0), 0.9) - 0.9).abs() < 1e-9);
        scene.holds = vec![HoldScene { from: message.name.from, to: message.name.to }];
        let share = held_share(&scene, &message, (&way, 30.0), 0.9);
        assert!((way.at(share).x + 30.0 - way.at(HELD_SHARE).x).abs() < 1e-9);
        assert!((held_share(&scene, &message, (&way, 30.0), 0.2) - 0.2).abs() < 1e-9);
        assert!((held_share(&scene, &message, (&way, 300.0), 0.9)).abs() < 1e-9);
    }

    #[test]
    fn a_message_without_motion_is_at_one_end_or_the_other() {
        let way = Way::straight(Point::new(0.0, 0.0), Point::new(100.0, 0.0));
        assert_eq!(still_place(&way, 0.2, 30.0), Point::new(30.0, 0.0));
        assert_eq!(still_place(&way, 0.4, 30.0), Point::new(30.0, 0.0));
        assert_eq!(still_place(&way, 0.6, 30.0), Point::new(70.0, 0.0));
        assert_eq!(still_place(&way, 0.6, 80.0), Point::new(50.0, 0.0), "never past the middle");
    }

    #[test]
    fn a_way_in_a_bow_turns_from_one_side_to_the_other() {
        let way = Way::straight(Point::new(0.0, 0.0), Point::new(100.0, 0.0)).bowed(20.0);
        assert_eq!(way.ahead(0.5), Point::new(1.0, 0.0));
        assert!(way.ahead(0.0).y > 0.5 && way.ahead(1.0).y < -0.5, "{:?}", way.ahead(0.0));
        let (before, after) = (way.at(0.3), way.at(0.3001));
        assert!((after - before).unit().distance(way.ahead(0.3)) < 1e-3);
        assert!(way.at(0.3).distance(way.back().at(0.7)) < 1e-9, "one line for both directions");
    }

    #[test]
    fn the_two_directions_of_a_link_keep_apart() {
        let spot = |x| Spot::new(Point::new(x, 0.0), 34.0);
        let (one, other) = (spot(0.0), spot(300.0));
        let (there, back) = (Way::new(&one, &other, false), Way::new(&other, &one, false));
        assert!(there.at(0.5).distance(back.at(0.5)) > 10.0);
        let twin = Way::new(&one, &other, true);
        assert!(there.at(0.5).distance(twin.at(0.5)) > 10.0);
        assert!(there.from.x > 34.0 && there.to.x < 300.0 - 34.0);
    }
}
