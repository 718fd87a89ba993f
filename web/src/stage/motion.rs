//! Where a message is at a moment, and how a link runs: straight, or in a bow past whoever stands between
//! its ends.

use faultline_core::view::{HoldScene, MessageScene, Scene};

use super::geometry::{Point, micros};
use super::layout::Spot;
use super::node::reach;

/// On a stage with more nodes than this, links are straight: there is always somebody between.
const MOST_BOWED: usize = 24;
/// A bow passes so far from what is drawn around a node.
const BOW_GAP: f64 = 5.0;
/// A link is bowed by so much of its length at most, …
const MOST_BOW: f64 = 0.3;
/// … in steps of so many pixels.
const BOW_STEP: f64 = 9.0;

/// Of so many bows that pass all nodes, the first is taken that passes their words as well.
const BOWS_COMPARED: usize = 6;
/// Words are looked for at so many places of a bow.
const SAMPLES: u32 = 16;

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

    /// Returns the link between two nodes, from border to border, past the other `spots`.
    pub(crate) fn link(from: &Spot, to: &Spot, spots: &[Spot]) -> Self {
        let ahead = (to.at - from.at).unit();
        let ends = (from.at + ahead * (from.radius + 1.0), to.at - ahead * (to.radius + 1.0));
        Self { from: ends.0, to: ends.1, bow: bow(from, to, spots) }
    }

    /// Returns the way between two nodes past the other `spots`.
    pub(crate) fn past(from: &Spot, to: &Spot, is_twin: bool, spots: &[Spot]) -> Self {
        Self { bow: bow(from, to, spots), ..Self::new(from, to, is_twin) }
    }

    /// Returns the same way in the other direction.
    pub(crate) fn back(&self) -> Self {
        Self { from: self.to, to: self.from, bow: -self.bow }
    }

    /// Returns where a message is that has gone this share of the way.
    pub(crate) fn at(&self, share: f64) -> Point {
        bowed(self.from, self.to, self.bow, share)
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

/// Returns by how much a link has to be bowed to pass the nodes that stand between its ends: the least
/// that will do, to the right of who goes from one to the other; none if there is no small bow.
fn bow(one: &Spot, other: &Spot, spots: &[Spot]) -> f64 {
    let between: Vec<&Spot> = spots
        .iter()
        .filter(|spot| !spot.is_hidden && spot.at != one.at && spot.at != other.at)
        .collect();
    if between.len() > MOST_BOWED {
        return 0.0;
    }
    // The same bow for both directions.
    let is_turned = (one.at.x, one.at.y) > (other.at.x, other.at.y);
    let (from, to) = if is_turned { (other.at, one.at) } else { (one.at, other.at) };
    let is_free = |bow: f64| {
        let way = Way { from, to, bow };
        between.iter().all(|spot| way.distance(spot.at) >= reach(spot.radius, 1) + BOW_GAP)
    };
    if is_free(0.0) {
        return 0.0;
    }
    let most = from.distance(to) * MOST_BOW;
    let steps = (1..).map(|nth: u32| f64::from(nth) * BOW_STEP).take_while(|bow| *bow <= most);
    let bows = steps.flat_map(|bow| [bow, -bow]);
    let passes_words = |bow: f64| {
        let way = Way { from, to, bow };
        (1..SAMPLES).any(|nth| {
            let at = way.at(f64::from(nth) / f64::from(SAMPLES));
            between.iter().any(|spot| is_on_words(spot, at))
        })
    };
    let free: Vec<f64> = bows.filter(|bow| is_free(*bow)).take(BOWS_COMPARED).collect();
    let bow = free.iter().find(|bow| !passes_words(**bow)).or(free.first());
    let bow = bow.copied().unwrap_or_default();
    if is_turned { -bow } else { bow }
}

/// Returns true where the first lines below a node are, about.
fn is_on_words(spot: &Spot, at: Point) -> bool {
    let away = at - spot.at;
    let top = spot.radius * 1.22;
    spot.label_letters > 0
        && away.x.abs() < spot.radius * 1.8
        && (top..top + 44.0).contains(&away.y)
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
    fn a_link_ends_at_borders_and_passes_who_stands_between() {
        let spot = |x: f64, y: f64| Spot::new(Point::new(x, y), 20.0);
        let (one, other) = (spot(0.0, 0.0), spot(400.0, 0.0));
        let spots = [one, other, spot(200.0, 12.0)];
        let (there, back) = (Way::link(&one, &other, &spots), Way::link(&other, &one, &spots));
        assert!(there.distance(spots[2].at) > 20.0 + BOW_GAP, "{there:?}");
        assert!(there.at(0.5).distance(back.at(0.5)) < 1e-9, "one line for both directions");
        assert_eq!(there.back(), back);
        assert!(there.at(0.5).y < 0.0, "on the side where less is in the way");
        assert_eq!(there.from, Point::new(21.0, 0.0));
        assert_eq!(Way::link(&one, &other, &spots[..2]).control(), None);
        let wall: Vec<Spot> = (-9..=9).map(|nth| spot(200.0, f64::from(nth) * 30.0)).collect();
        assert_eq!(Way::link(&one, &other, &wall).control(), None, "there is no way around");
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
