//! How a link runs: straight, or in a bow past whoever stands between its ends.

use std::cell::RefCell;
use std::collections::BTreeMap;

use faultline_core::sim::NodeId;

use super::geometry::Point;
use super::layout::{Layout, Spot};
use super::motion::Way;
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

/// The bows of a layout's links as far as they were asked for: each is worked out once, however often it
/// is drawn. They follow from where nodes stand, and so make no difference between two layouts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bows(RefCell<BTreeMap<(NodeId, NodeId), f64>>);

impl PartialEq for Bows {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Layout {
    /// Returns the link between two nodes, from border to border.
    pub(crate) fn link(&self, one: NodeId, other: NodeId) -> Option<Way> {
        let (from, to) = (self.spots.get(one.index())?, self.spots.get(other.index())?);
        Some(Way::link(from, to).bowed(self.bow((one, from), (other, to))))
    }

    /// Returns the way of a message. What the viewer asks for comes from beyond the stage's left edge, on
    /// the height of who is asked. Within a group that is drawn as one there is no way.
    pub(crate) fn way(&self, from: NodeId, to: NodeId, is_twin: bool) -> Option<Way> {
        let target = self.spots.get(to.index())?;
        let outside = Spot { at: Point::new(0.0, target.at.y), ..Spot::default() };
        let source =
            if from == NodeId::OUTSIDE { &outside } else { self.spots.get(from.index())? };
        let way = || Way::new(source, target, is_twin);
        (source.at != target.at).then(|| way().bowed(self.bow((from, source), (to, target))))
    }

    /// Returns how far aside the way between two nodes leads, to the right of who goes from one to the
    /// other.
    fn bow(&self, (one, from): (NodeId, &Spot), (other, to): (NodeId, &Spot)) -> f64 {
        // The same bow for both directions.
        let is_turned = (from.at.x, from.at.y) > (to.at.x, to.at.y);
        let ends = if is_turned { (other, one) } else { (one, other) };
        let work_out = || {
            if is_turned { bow(to, from, &self.spots) } else { bow(from, to, &self.spots) }
        };
        let bow = *self.bows.0.borrow_mut().entry(ends).or_insert_with(work_out);
        if is_turned { -bow } else { bow }
    }
}

/// Returns by how much a link has to be bowed to pass the nodes that stand between its ends: the least
/// that will do; none if there is no small bow.
fn bow(one: &Spot, other: &Spot, spots: &[Spot]) -> f64 {
    let between: Vec<&Spot> = spots
        .iter()
        .filter(|spot| !spot.is_hidden && spot.at != one.at && spot.at != other.at)
        .collect();
    if between.len() > MOST_BOWED {
        return 0.0;
    }
    let way = |bow: f64| Way::straight(one.at, other.at).bowed(bow);
    let is_free = |bow: f64| {
        let way = way(bow);
        between.iter().all(|spot| way.distance(spot.at) >= reach(spot.radius, 1) + BOW_GAP)
    };
    if is_free(0.0) {
        return 0.0;
    }
    let most = one.at.distance(other.at) * MOST_BOW;
    let steps = (1..).map(|nth: u32| f64::from(nth) * BOW_STEP).take_while(|bow| *bow <= most);
    let bows = steps.flat_map(|bow| [bow, -bow]);
    let passes_words = |bow: f64| {
        let way = way(bow);
        (1..SAMPLES).any(|nth| {
            let at = way.at(f64::from(nth) / f64::from(SAMPLES));
            between.iter().any(|spot| is_on_words(spot, at))
        })
    };
    let free: Vec<f64> = bows.filter(|bow| is_free(*bow)).take(BOWS_COMPARED).collect();
    let bow = free.iter().find(|bow| !passes_words(**bow)).or(free.first());
    bow.copied().unwrap_or_default()
}

/// Returns true where the first lines below a node are, about.
fn is_on_words(spot: &Spot, at: Point) -> bool {
    let away = at - spot.at;
    let top = spot.radius * 1.22;
    spot.label_letters > 0
        && away.x.abs() < spot.radius * 1.8
        && (top..top + 44.0).contains(&away.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(spots: &[(f64, f64)]) -> Layout {
        let spot = |&(x, y): &(f64, f64)| Spot::new(Point::new(x, y), 20.0);
        Layout { spots: spots.iter().map(spot).collect(), ..Layout::default() }
    }

    #[test]
    fn a_link_ends_at_borders_and_passes_who_stands_between() {
        let (one, other) = (NodeId(0), NodeId(1));
        let ends = [(0.0, 0.0), (400.0, 0.0)];
        let there = layout(&[ends[0], ends[1], (200.0, 12.0)]);
        let (way, back) = (there.link(one, other).unwrap(), there.link(other, one).unwrap());
        assert!(way.distance(there.spots[2].at) > 20.0 + BOW_GAP, "{way:?}");
        assert!(way.at(0.5).distance(back.at(0.5)) < 1e-9, "one line for both directions");
        assert_eq!(way.back(), back);
        assert!(way.at(0.5).y < 0.0, "on the side where less is in the way");
        assert_eq!(way.from, Point::new(21.0, 0.0));
        assert_eq!(layout(&ends).link(one, other).unwrap().control(), None);
        let wall = (-9..=9).map(|nth| (200.0, f64::from(nth) * 30.0));
        let wall: Vec<(f64, f64)> = ends.into_iter().chain(wall).collect();
        assert_eq!(layout(&wall).link(one, other).unwrap().control(), None, "no way around");
    }

    #[test]
    fn what_the_viewer_asks_for_comes_from_the_left_edge() {
        let layout = layout(&[(200.0, 80.0)]);
        let way = layout.way(NodeId::OUTSIDE, NodeId(0), false).unwrap();
        assert!(way.from.x < 20.0 && way.to.x < 180.0, "{way:?}");
        assert_eq!(layout.way(NodeId(0), NodeId(0), false), None);
        assert_eq!(layout.way(NodeId(0), NodeId(1), false), None, "nobody is there");
    }
}
