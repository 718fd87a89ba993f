//! Where a message is at a moment, and how long one that fell stays in sight.

use faultline_core::sim::{Fate, MessageName, NodeId};
use faultline_core::view::{FallenScene, HoldScene, MessageScene, Scene};

use super::geometry::{Point, micros};
use super::layout::Spot;
use super::node::reach;

/// How long a fallen message stays in sight, in milliseconds of screen time.
const GHOST_MS: f64 = 2_000.0;
/// Of what falls on one way, only the latest are in sight: more would only hide each other.
const MOST_A_WAY: usize = 2;
/// Whoever goes further at once than this many flights of a message has left it behind.
const FLIGHTS_A_JUMP: f64 = 20.0;
/// A single step counts as this much screen time: what fell is in sight for a few steps.
const STEP_MS: f64 = 400.0;
/// A fallen message takes this long to fall.
const FALL_MS: f64 = 500.0;

/// The way of a message, from the rim of its sender to the rim of its receiver.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(crate) struct Way {
    pub(crate) from: Point,
    pub(crate) to: Point,
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
        Self { from: from_rim, to: to_rim }
    }

    /// Returns where a message is that has gone this share of the way.
    pub(crate) fn at(&self, share: f64) -> Point {
        self.from.towards(self.to, share)
    }
}

/// Of a held way a message goes this share: there is the brake.
pub(crate) const HELD_SHARE: f64 = 0.82;

/// Returns the share of its way that a message has gone.
pub(crate) fn share(message: &MessageScene, now_us: f64) -> f64 {
    let (sent, due) = (micros(message.sent_at_us), micros(message.due_at_us));
    let span = (due - sent).max(1.0);
    ((now_us - sent) / span).clamp(0.0, 1.0)
}

/// Holds a message up at the brake, if its way is held and it has come that far.
pub(crate) fn held_share(scene: &Scene, message: &MessageScene, share: f64) -> f64 {
    let is_its = |hold: &HoldScene| (hold.from, hold.to) == (message.name.from, message.name.to);
    if scene.holds.iter().any(is_its) { share.min(HELD_SHARE) } else { share }
}

/// Returns where to draw a message that has gone this share of its way when nothing may travel: at
/// the source for the first half, then at the target; `extent` away from the rim, beside the node.
pub(crate) fn still_place(way: &Way, share: f64, extent: f64) -> Point {
    let ahead = (way.to - way.from).unit();
    let extent = extent.min(way.from.distance(way.to) / 2.0);
    if share < 0.5 { way.from + ahead * extent } else { way.to - ahead * extent }
}

/// A message that fell, while it is still in sight.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ghost {
    name: MessageName,
    is_twin: bool,
    at_us: u64,
    age_ms: f64,
}

impl Ghost {
    /// Returns how far it has fallen, from 0 to 1: fast first, then slowly.
    pub(crate) fn fall(&self) -> f64 {
        let rest = 1.0 - (self.age_ms / FALL_MS).min(1.0);
        1.0 - rest * rest
    }

    /// Returns how visible it is, from 0 to 1.
    pub(crate) fn presence(&self) -> f64 {
        ((GHOST_MS - self.age_ms) / (GHOST_MS / 2.0)).clamp(0.0, 1.0)
    }
}

/// The fallen messages in sight.
///
/// They fade with screen time, not with the run's: at a thousandth of real speed a loss would
/// stay for half an hour, and at full speed nobody would see it. While the run stands still, they
/// stay.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ghosts {
    in_sight: Vec<Ghost>,
    now_us: f64,
    was_moving: bool,
}

impl Ghosts {
    /// Takes note of the time on screen and the messages that fell before it.
    pub(crate) fn update(&mut self, fallen: &[FallenScene], now_us: f64, elapsed_ms: f64) {
        let before_us = std::mem::replace(&mut self.now_us, now_us);
        let is_moving = before_us.to_bits() != now_us.to_bits();
        let step_ms = if self.was_moving { elapsed_ms } else { STEP_MS };
        self.was_moving = is_moving;
        if is_moving {
            for ghost in &mut self.in_sight {
                ghost.age_ms += step_ms;
            }
        }
        let gone_us = (now_us - before_us).abs();
        let is_in_sight = |ghost: &Ghost| {
            let fallen = fallen.iter().find(|fallen| ghost.is_of(fallen));
            micros(ghost.at_us) <= now_us
                && fallen.is_some_and(|fallen| {
                    gone_us <= FLIGHTS_A_JUMP * flight_us(fallen) || is_fresh(fallen, now_us)
                })
        };
        self.in_sight.retain(is_in_sight);
        for fallen in fallen {
            let is_new = !self.in_sight.iter().any(|ghost| ghost.is_of(fallen));
            if is_new && is_fresh(fallen, now_us) {
                let (name, is_twin) = (fallen.message.name, fallen.message.is_twin);
                self.in_sight.push(Ghost { name, is_twin, at_us: fallen.at_us, age_ms: 0.0 });
            }
        }
        self.thin();
    }

    /// Leaves the latest of each way.
    fn thin(&mut self) {
        self.in_sight.sort_by_key(|ghost| std::cmp::Reverse(ghost.at_us));
        let mut ways: Vec<(NodeId, NodeId)> = Vec::new();
        self.in_sight.retain(|ghost| {
            let way = (ghost.name.from, ghost.name.to);
            ways.push(way);
            ways.iter().filter(|&&it| it == way).count() <= MOST_A_WAY
        });
    }

    /// Returns the ghost of this fallen message if it is in sight.
    pub(crate) fn of(&self, fallen: &FallenScene) -> Option<&Ghost> {
        self.in_sight.iter().find(|ghost| ghost.is_of(fallen) && ghost.presence() > 0.0)
    }
}

impl Ghost {
    fn is_of(&self, fallen: &FallenScene) -> bool {
        let message = &fallen.message;
        (self.name, self.is_twin, self.at_us) == (message.name, message.is_twin, fallen.at_us)
    }
}

/// Returns true if a message fell so lately that somebody who comes here should see it.
fn is_fresh(fallen: &FallenScene, now_us: f64) -> bool {
    let ago_us = now_us - micros(fallen.at_us);
    (0.0..=flight_us(fallen)).contains(&ago_us)
}

/// Returns true if a message fell not long before: its ghost may be in sight.
pub(crate) fn is_near(fallen: &FallenScene, now_us: f64) -> bool {
    (0.0..=FLIGHTS_A_JUMP * flight_us(fallen)).contains(&(now_us - micros(fallen.at_us)))
}

/// Returns how long a message was to travel.
fn flight_us(fallen: &FallenScene) -> f64 {
    let message = &fallen.message;
    micros(message.due_at_us.saturating_sub(message.sent_at_us).max(1_000))
}

/// Returns the share of its way at which a message fell.
///
/// What the network loses never arrives anywhere; it is shown to fall midway, where nobody is. What
/// meets a crashed node or a full inbox falls at that node.
pub(crate) fn fallen_share(fallen: &FallenScene) -> f64 {
    match fallen.fate {
        Fate::Down | Fate::Refused => 1.0,
        Fate::Carried | Fate::Lost | Fate::Cut | Fate::Dropped => {
            share(&fallen.message, micros(fallen.at_us)).clamp(0.3, 0.7)
        }
    }
}

#[cfg(test)]
mod tests {
    use faultline_core::sim::MessageKind;

    use super::*;

    fn message(sent_at_us: u64, due_at_us: u64) -> MessageScene {
        MessageScene {
            name: MessageName { from: NodeId(0), to: NodeId(1), nth: 0 },
            label: "append 3".into(),
            sentence: String::new(),
            kind: MessageKind::Request,
            epoch: None,
            is_error: false,
            sent_at_us,
            due_at_us,
            is_twin: false,
            is_delayed: false,
        }
    }

    fn fallen(at_us: u64) -> FallenScene {
        FallenScene { message: message(1_000, 11_000), at_us, fate: Fate::Lost }
    }

    #[test]
    fn a_message_goes_from_its_sending_to_its_arrival() {
        let message = message(1_000, 3_000);
        assert!((share(&message, 1_000.0)).abs() < 1e-9);
        assert!((share(&message, 2_500.5) - 0.75025).abs() < 1e-9);
        assert!((share(&message, 9_000.0) - 1.0).abs() < 1e-9, "it waits at the target");
        assert!((share(&message, 0.0)).abs() < 1e-9);
    }

    #[test]
    fn a_message_without_motion_is_at_one_end_or_the_other() {
        let way = Way { from: Point::new(0.0, 0.0), to: Point::new(100.0, 0.0) };
        assert_eq!(still_place(&way, 0.2, 30.0), Point::new(30.0, 0.0));
        assert_eq!(still_place(&way, 0.4, 30.0), Point::new(30.0, 0.0));
        assert_eq!(still_place(&way, 0.6, 30.0), Point::new(70.0, 0.0));
        assert_eq!(still_place(&way, 0.6, 80.0), Point::new(50.0, 0.0), "never past the middle");
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

    #[test]
    fn a_ghost_fades_while_the_run_plays_and_stays_while_it_stands() {
        let (mut ghosts, fallen) = (Ghosts::default(), [fallen(6_000)]);
        ghosts.update(&fallen, 5_000.0, 16.0);
        assert!(ghosts.of(&fallen[0]).is_none(), "it has not fallen yet");
        ghosts.update(&fallen, 6_100.0, 16.0);
        assert!(ghosts.of(&fallen[0]).is_some());
        for _ in 0..1_000 {
            ghosts.update(&fallen, 6_100.0, 16.0);
        }
        assert!(ghosts.of(&fallen[0]).is_some(), "the run stands still");
        let mut now_us = 6_100.0;
        for _ in 0..130 {
            now_us += 1.0;
            ghosts.update(&fallen, now_us, 16.0);
        }
        assert!(ghosts.of(&fallen[0]).is_none(), "two seconds have gone by");
    }

    #[test]
    fn of_many_that_fell_on_one_way_the_latest_are_in_sight() {
        let mut ghosts = Ghosts::default();
        let fallen: Vec<_> = (0..9).map(|nth| fallen(6_000 + nth)).collect();
        ghosts.update(&fallen, 6_100.0, 16.0);
        let in_sight = fallen.iter().map(|it| ghosts.of(it).is_some());
        assert_eq!(in_sight.filter(|&it| it).count(), MOST_A_WAY);
        assert!(ghosts.of(&fallen[8]).is_some());
    }

    #[test]
    fn a_jump_shows_what_fell_lately_and_forgets_what_has_not_fallen() {
        let (mut ghosts, fallen) = (Ghosts::default(), [fallen(6_000)]);
        ghosts.update(&fallen, 9_000_000.0, 16.0);
        assert!(ghosts.of(&fallen[0]).is_none(), "that was long ago");
        ghosts.update(&fallen, 7_000.0, 16.0);
        assert!(ghosts.of(&fallen[0]).is_some());
        ghosts.update(&fallen, 5_000.0, 16.0);
        assert!(ghosts.of(&fallen[0]).is_none());
        ghosts.update(&fallen, 7_000.0, 16.0);
        ghosts.update(&fallen, 900_000.0, 16.0);
        assert!(ghosts.of(&fallen[0]).is_none(), "left behind");
    }

    #[test]
    fn a_message_falls_where_nobody_is_or_at_the_crashed_node() {
        assert!((fallen_share(&fallen(1_000)) - 0.3).abs() < 1e-9);
        let down = FallenScene { fate: Fate::Down, ..fallen(11_000) };
        assert!((fallen_share(&down) - 1.0).abs() < 1e-9);
    }
}
