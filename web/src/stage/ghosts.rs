//! Messages that fell: how long each stays in sight, and where.

use std::collections::{BTreeMap, BTreeSet};

use faultline_core::order::sort_by_key;
use faultline_core::sim::{Fate, MessageName, NodeId};
use faultline_core::view::FallenScene;

use super::geometry::{Point, micros};
use super::motion::{Way, share};
use super::placing::{Obstacle, gap};

/// How long a fallen message stays in sight, in milliseconds of screen time.
const GHOST_MS: f64 = 2_000.0;
/// Whoever goes further at once than this many flights of a message has left it behind.
const FLIGHTS_A_JUMP: f64 = 20.0;
/// A single step counts as this much screen time: what fell is in sight for a few steps.
const STEP_MS: f64 = 400.0;
/// No more than so many are drawn: beyond that they would be a crowd of their own.
const MOST_GHOSTS: usize = 8;
/// A fallen message takes this long to fall.
const FALL_MS: f64 = 500.0;
/// How far it falls, in CSS pixels.
pub(crate) const FALL: f64 = 22.0;
/// Looking for a place that hides nothing, a ghost moves by this share of its way at a time, back and
/// then ahead, and no further than to where it would meet its sender or who it was for.
const STRIDE: f64 = 0.05;
const MOST_BACK: f64 = 0.2;
const MOST_AHEAD: f64 = 0.85;

/// A message that fell, while it is still in sight.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ghost {
    name: MessageName,
    is_twin: bool,
    at_us: u64,
    age_ms: f64,
    /// Whether it fell where it was to arrive.
    is_there: bool,
    /// How many are counted on it instead of drawn: what fell before it on the same way, or at the
    /// same node, and is in sight as well. `None` if it is one of these.
    counts: Option<usize>,
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

    /// Returns how many others it stands for.
    pub(crate) fn others(&self) -> usize {
        self.counts.unwrap_or(0)
    }

    fn is_of(&self, fallen: &FallenScene) -> bool {
        let message = &fallen.message;
        (self.name, self.is_twin, self.at_us) == (message.name, message.is_twin, fallen.at_us)
    }
}

/// The fallen messages in sight.
///
/// They fade with screen time, not with the run's: at a thousandth of real speed a loss would
/// stay for half an hour, and at full speed nobody would see it. While the run stands still, they
/// stay. Of what falls on one way, or at one node, the latest is drawn and the others are counted on
/// it: a pile of ghosts says less than a number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ghosts {
    in_sight: Vec<Ghost>,
    now_us: f64,
    was_moving: bool,
}

impl Ghosts {
    /// Takes note of the time on screen and the messages that fell before it. What a cut stopped is out
    /// of sight as soon as the link is whole again, which is so where nothing is `blocked`.
    pub(crate) fn update(
        &mut self,
        (fallen, blocked): (&[FallenScene], &BTreeSet<(NodeId, NodeId)>),
        now_us: f64,
        elapsed_ms: f64,
    ) {
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
        let is_over = |it: &FallenScene| {
            it.fate == Fate::Cut && !blocked.contains(&(it.message.name.from, it.message.name.to))
        };
        let is_in_sight = |ghost: &Ghost| {
            let fallen = fallen.iter().find(|fallen| ghost.is_of(fallen));
            micros(ghost.at_us) <= now_us
                && fallen.filter(|fallen| !is_over(fallen)).is_some_and(|fallen| {
                    gone_us <= FLIGHTS_A_JUMP * flight_us(fallen) || is_fresh(fallen, now_us)
                })
        };
        self.in_sight.retain(is_in_sight);
        let fresh = fallen.iter().filter(|fallen| is_fresh(fallen, now_us) && !is_over(fallen));
        for fallen in fresh {
            if !self.in_sight.iter().any(|ghost| ghost.is_of(fallen)) {
                let (name, is_twin) = (fallen.message.name, fallen.message.is_twin);
                let (at_us, is_there) = (fallen.at_us, fell_at_node(fallen.fate));
                let ghost = Ghost { name, is_twin, at_us, age_ms: 0.0, is_there, counts: None };
                self.in_sight.push(ghost);
            }
        }
        self.count();
    }

    /// Has the latest of each way, or at each node, count the others.
    fn count(&mut self) {
        sort_by_key(&mut self.in_sight, |ghost| ghost.at_us);
        let mut on_way: BTreeMap<(NodeId, NodeId), (usize, usize)> = BTreeMap::new();
        for (place, ghost) in self.in_sight.iter_mut().enumerate() {
            ghost.counts = None;
            if ghost.presence() > 0.0 {
                // At a node that takes nothing, it is the node that matters and not who asked it.
                let from = if ghost.is_there { ghost.name.to } else { ghost.name.from };
                let latest = on_way.entry((from, ghost.name.to)).or_default();
                *latest = (place, latest.1 + 1);
            }
        }
        for (place, count) in on_way.into_values() {
            self.in_sight[place].counts = Some(count - 1);
        }
    }

    /// Returns the ghost of this fallen message if it is to be drawn.
    pub(crate) fn of(&self, fallen: &FallenScene) -> Option<&Ghost> {
        self.in_sight.iter().find(|ghost| ghost.counts.is_some() && ghost.is_of(fallen))
    }

    /// Returns the few latest that are to be drawn, the very latest first, with what fell: only that
    /// one is told in full, or what matters would not stand out.
    pub(crate) fn latest<'a>(&self, fallen: &'a [FallenScene]) -> Vec<(&'a FallenScene, &Ghost)> {
        let drawn = fallen.iter().filter_map(|it| Some((it, self.of(it)?)));
        let mut drawn: Vec<_> = drawn.filter(|(_, ghost)| ghost.presence() > 0.0).collect();
        sort_by_key(&mut drawn, |(fallen, _)| std::cmp::Reverse(fallen.at_us));
        drawn.truncate(MOST_GHOSTS);
        drawn
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
    if fell_at_node(fallen.fate) {
        1.0
    } else {
        share(&fallen.message, micros(fallen.at_us)).clamp(0.3, 0.7)
    }
}

/// Returns true if a message came to where nobody took it.
fn fell_at_node(fate: Fate) -> bool {
    match fate {
        Fate::Down | Fate::Refused => true,
        Fate::Carried | Fate::Lost | Fate::Cut | Fate::Dropped => false,
    }
}

/// Returns from where a ghost whose message fell at this share of its way goes down: as near to that as
/// it lies on nothing, before it falls and after, or on as little as can be. `half` is half its size.
pub(crate) fn resting_place(
    way: &Way,
    end: f64,
    half: (f64, f64),
    obstacles: &[Obstacle],
) -> Point {
    let room = |at: Point| {
        // The box that it sweeps while it falls.
        let swept = (at + Point::new(0.0, FALL / 2.0), (half.0, half.1 + FALL / 2.0));
        obstacles.iter().map(|obstacle| gap(obstacle, &swept)).fold(0.0, f64::min)
    };
    let strides = (0..=13).map(|nth: u32| f64::from(nth) * STRIDE);
    let places = strides.flat_map(|far| [end - far, end + far]);
    let within = MOST_BACK..=end.max(MOST_AHEAD);
    let places = places.filter(|share| within.contains(share)).map(|share| way.at(share));
    let mut best = (way.at(end), f64::MIN);
    for place in places {
        let room = room(place);
        if room > best.1 {
            best = (place, room);
        }
        if room >= 0.0 {
            break;
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use faultline_core::sim::MessageKind;
    use faultline_core::view::{MessageScene, Role};

    use super::*;
    use crate::stage::camera::Camera;
    use crate::stage::ground::{Ground, Tier};
    use crate::stage::layout::{Area, Layout};
    use crate::stage::placing::{labels, obstacles};
    use crate::stage::samples;

    /// No link is blocked.
    fn whole() -> BTreeSet<(NodeId, NodeId)> {
        BTreeSet::new()
    }

    fn fallen(at_us: u64) -> FallenScene {
        let message = samples::message((0, 1, 0), MessageKind::Request, "append 3", 0.5);
        let message = MessageScene { sent_at_us: 1_000, due_at_us: 11_000, ..message };
        FallenScene { message, at_us, fate: Fate::Lost }
    }

    #[test]
    fn a_ghost_fades_while_the_run_plays_and_stays_while_it_stands() {
        let (mut ghosts, fallen) = (Ghosts::default(), [fallen(6_000)]);
        ghosts.update((&fallen, &whole()), 5_000.0, 16.0);
        assert!(ghosts.of(&fallen[0]).is_none(), "it has not fallen yet");
        ghosts.update((&fallen, &whole()), 6_100.0, 16.0);
        assert!(ghosts.of(&fallen[0]).is_some());
        for _ in 0..1_000 {
            ghosts.update((&fallen, &whole()), 6_100.0, 16.0);
        }
        assert!(ghosts.of(&fallen[0]).is_some(), "the run stands still");
        let mut now_us = 6_100.0;
        for _ in 0..130 {
            now_us += 1.0;
            ghosts.update((&fallen, &whole()), now_us, 16.0);
        }
        assert!(ghosts.of(&fallen[0]).is_none(), "two seconds have gone by");
    }

    #[test]
    fn of_many_that_fell_on_one_way_the_latest_is_drawn_and_counts_the_others() {
        let mut ghosts = Ghosts::default();
        let fallen: Vec<_> = (0..9).map(|nth| fallen(6_000 + nth)).collect();
        ghosts.update((&fallen, &whole()), 6_100.0, 16.0);
        let drawn: Vec<_> = fallen.iter().filter_map(|it| ghosts.of(it)).collect();
        assert_eq!(drawn.len(), 1);
        assert_eq!((drawn[0].at_us, drawn[0].others()), (6_008, 8));
    }

    #[test]
    fn what_falls_at_one_node_is_one_pile_and_of_many_piles_the_latest_are_seen() {
        let from = |from: u16, at_us| {
            let fallen = fallen(at_us);
            let name = MessageName { from: NodeId(from), to: NodeId(20), nth: 0 };
            FallenScene { message: MessageScene { name, ..fallen.message }, ..fallen }
        };
        let all: Vec<_> = (0..12).map(|nth| from(nth, 6_000 + u64::from(nth))).collect();
        let mut ghosts = Ghosts::default();
        ghosts.update((&all, &whole()), 6_100.0, 16.0);
        let seen = ghosts.latest(&all);
        assert_eq!((seen.len(), seen[0].0.at_us), (MOST_GHOSTS, 6_011));
        let down: Vec<_> =
            all.into_iter().map(|it| FallenScene { fate: Fate::Down, ..it }).collect();
        let mut ghosts = Ghosts::default();
        ghosts.update((&down, &whole()), 6_100.0, 16.0);
        let seen = ghosts.latest(&down);
        assert_eq!((seen.len(), seen[0].1.others()), (1, 11));
    }

    #[test]
    fn a_jump_shows_what_fell_lately_and_forgets_what_has_not_fallen() {
        let (mut ghosts, fallen) = (Ghosts::default(), [fallen(6_000)]);
        ghosts.update((&fallen, &whole()), 9_000_000.0, 16.0);
        assert!(ghosts.of(&fallen[0]).is_none(), "that was long ago");
        ghosts.update((&fallen, &whole()), 7_000.0, 16.0);
        assert!(ghosts.of(&fallen[0]).is_some());
        ghosts.update((&fallen, &whole()), 5_000.0, 16.0);
        assert!(ghosts.of(&fallen[0]).is_none());
        ghosts.update((&fallen, &whole()), 7_000.0, 16.0);
        ghosts.update((&fallen, &whole()), 900_000.0, 16.0);
        assert!(ghosts.of(&fallen[0]).is_none(), "left behind");
    }

    #[test]
    fn a_message_falls_where_nobody_is_or_at_the_crashed_node() {
        assert!((fallen_share(&fallen(1_000)) - 0.3).abs() < 1e-9);
        let down = FallenScene { fate: Fate::Down, ..fallen(11_000) };
        assert!((fallen_share(&down) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_ghost_lies_on_no_node_and_on_no_label() {
        let area = Area { width: 800.0, height: 600.0, text: 14.0 };
        let layout = Layout::new(&[Tier::Server; 5], &Ground::default(), area);
        let layout = layout.seen_by(&Camera::default());
        let nodes: Vec<_> = (0..5).map(|id| samples::node(id, "S", Role::Follower)).collect();
        let boxes = obstacles(&labels(&nodes, &layout), &layout);
        assert_eq!(boxes.len(), 10, "nodes and labels");
        let half = (33.0, 11.0);
        for (from, to) in (0..5).flat_map(|from| (0..5).map(move |to| (from, to))) {
            if from == to {
                continue;
            }
            let way = Way::new(&layout.spots[from], &layout.spots[to], false);
            for (end, down) in [(0.7, 0.0), (0.7, FALL), (1.0, 0.0), (1.0, FALL)] {
                let at = resting_place(&way, end, half, &boxes) + Point::new(0.0, down);
                let is_on = |(middle, size): &Obstacle| {
                    let away = at - *middle;
                    away.x.abs() < size.0 + half.0 && away.y.abs() < size.1 + half.1
                };
                assert_eq!(boxes.iter().position(is_on), None, "{from} to {to}, {end}");
            }
        }
        // Where there is no room at all, it is somewhere on its way.
        let way = Way::straight(Point::new(0.0, 0.0), Point::new(100.0, 0.0));
        let everywhere = [(Point::new(50.0, 0.0), (500.0, 500.0))];
        let at = resting_place(&way, 0.7, half, &everywhere);
        assert!((20.0..=85.0).contains(&at.x), "{at:?}");
    }

    #[test]
    fn what_a_cut_stopped_is_gone_when_the_link_is_whole_again() {
        let fallen = [FallenScene { fate: Fate::Cut, ..fallen(6_000) }];
        let cut = BTreeSet::from([(NodeId(0), NodeId(1))]);
        let mut ghosts = Ghosts::default();
        ghosts.update((&fallen, &cut), 6_100.0, 16.0);
        assert!(ghosts.of(&fallen[0]).is_some());
        ghosts.update((&fallen, &whole()), 6_200.0, 16.0);
        assert!(ghosts.of(&fallen[0]).is_none());
    }
}
