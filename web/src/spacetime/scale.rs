//! Where places and lanes are on screen.

use std::collections::BTreeSet;

use faultline_core::sim::NodeId;

use crate::stage::real;

/// Kept free at the left: between the names of lanes and what is drawn, …
const NAME_GAP: f64 = 14.0;
/// … for names at least this much, and at most.
const NAMES: (f64, f64) = (46.0, 110.0);
/// A letter of a name is about this wide.
const LETTER: f64 = 8.5;
/// Kept free at the right.
pub(super) const RIGHT: f64 = 12.0;
/// Kept free at the top for marks and tools.
pub(super) const TOP: f64 = 28.0;
/// Kept free at the bottom for epochs and times.
pub(super) const BOTTOM: f64 = 34.0;
/// Lanes are at least this far apart; if need be, the diagram scrolls.
const LEAST_PITCH: f64 = 10.0;
/// If there is no key below it, the diagram scrolls before they come as close.
const USUAL_PITCH: f64 = 12.0;
/// And at most this far.
const MOST_PITCH: f64 = 60.0;

/// What there is to draw on.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(super) struct Sheet {
    pub(super) width: f64,
    pub(super) height: f64,
    /// Kept free at the left, for names.
    pub(super) left: f64,
}

impl Sheet {
    /// Leaves at the left as much room as the longest of these names needs.
    pub(super) fn new((width, height): (f64, f64), names: &[String]) -> Self {
        let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let left = NAME_GAP + (real(longest) * LETTER).clamp(NAMES.0, NAMES.1);
        Self { width, height, left }
    }

    /// Returns how much is left for what is drawn.
    pub(super) fn room(&self) -> f64 {
        self.width - self.left - RIGHT
    }

    /// Returns how wide a name can be.
    pub(super) fn name_width(&self) -> f64 {
        self.left - NAME_GAP
    }
}

/// Returns how high a diagram of so many lanes is at least, with a key below it or without.
pub(super) fn least_height(lanes: usize, has_key: bool) -> f64 {
    let pitch = if has_key { LEAST_PITCH } else { USUAL_PITCH };
    TOP + BOTTOM + real(lanes) * pitch
}

/// Where places and lanes are on screen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scale {
    /// The place at the left edge.
    pub(super) from: f64,
    /// The place at the right edge.
    pub(super) to: f64,
    pub(super) sheet: Sheet,
    /// Between two lanes.
    pub(super) pitch: f64,
    /// Nodes whose lanes are shown, from the top.
    pub(super) lanes: Vec<NodeId>,
    /// By node: which lane from the top it has.
    ranks: Vec<Option<usize>>,
}

impl Scale {
    /// Spreads the lanes of the nodes that are not `hidden`.
    pub(super) fn new(
        (from, to): (f64, f64),
        sheet: Sheet,
        nodes: usize,
        hidden: &BTreeSet<NodeId>,
    ) -> Self {
        let ids = (0..nodes).filter_map(|index| u16::try_from(index).ok()).map(NodeId);
        let lanes: Vec<NodeId> = ids.clone().filter(|id| !hidden.contains(id)).collect();
        let rank = |id: NodeId| lanes.iter().position(|lane| *lane == id);
        let ranks = ids.map(rank).collect();
        let room = (sheet.height - TOP - BOTTOM).max(0.0);
        let pitch = (room / real(lanes.len().max(1))).clamp(LEAST_PITCH, MOST_PITCH);
        Self { from, to: to.max(from + 1e-9), sheet, pitch, lanes, ranks }
    }

    /// Returns how far from the left a place is.
    pub(super) fn x(&self, place: f64) -> f64 {
        let share = (place - self.from) / (self.to - self.from);
        self.sheet.left + share * self.sheet.room()
    }

    /// Returns the place that is so far from the left.
    pub(super) fn place(&self, x: f64) -> f64 {
        let share = (x - self.sheet.left) / self.sheet.room().max(1.0);
        self.from + share * (self.to - self.from)
    }

    /// Returns how many pixels one unit of place takes.
    pub(super) fn unit(&self) -> f64 {
        self.sheet.room() / (self.to - self.from)
    }

    /// Returns the height of a lane, counted from the top.
    pub(super) fn y(&self, rank: usize) -> f64 {
        TOP + (real(rank) + 0.5) * self.pitch
    }

    /// Returns the height of a node's lane, if that is shown.
    pub(super) fn y_of(&self, node: NodeId) -> Option<f64> {
        self.ranks.get(node.index()).copied().flatten().map(|rank| self.y(rank))
    }

    /// Returns where the lanes end.
    pub(super) fn bottom(&self) -> f64 {
        TOP + real(self.lanes.len()) * self.pitch
    }

    /// Returns true if something from one place to another is in view.
    pub(super) fn shows(&self, from: f64, to: f64) -> bool {
        from <= self.to && to >= self.from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        Sheet { width: 272.0, height: 162.0, left: 60.0 }
    }

    #[test]
    fn the_longest_name_makes_its_room() {
        let left = |name: &str| Sheet::new((800.0, 200.0), &["S1".into(), name.into()]).left;
        assert!((left("S2") - 60.0).abs() < 1e-9, "never less");
        assert!(left("Dashboard") > left("S2"));
        assert!((left(&"n".repeat(99)) - 124.0).abs() < 1e-9, "never more");
    }

    #[test]
    fn lanes_and_places_fill_the_window() {
        let scale = Scale::new((1.0, 2.0), sheet(), 4, &BTreeSet::new());
        assert!((scale.x(1.0) - 60.0).abs() < 1e-9);
        assert!((scale.x(2.0) - (272.0 - RIGHT)).abs() < 1e-9);
        assert!((scale.place(scale.x(1.7)) - 1.7).abs() < 1e-9);
        assert!((scale.pitch - 25.0).abs() < 1e-9);
        assert!(scale.shows(0.5, 1.5) && !scale.shows(0.1, 0.9));
    }

    #[test]
    fn a_hidden_lane_leaves_its_room_to_the_others() {
        let hidden = BTreeSet::from([NodeId(1)]);
        let scale = Scale::new((0.0, 1.0), sheet(), 3, &hidden);
        assert_eq!(scale.lanes, [NodeId(0), NodeId(2)]);
        assert_eq!(scale.y_of(NodeId(1)), None);
        assert_eq!(scale.y_of(NodeId(2)), Some(scale.y(1)));
    }
}
