//! Which part of the diagram is in view, and what lies under a pointer or next to an event.

use std::collections::BTreeSet;

use faultline_core::sim::{Cause, NodeId};

use super::plan::{Order, Plan};
use super::scale::{Scale, Sheet};
use crate::stage::micros;
use crate::wire::SpaceTime;

/// Pixels a column, from far to near.
const COLUMN_PX: [f64; 6] = [2.0, 5.0, 11.0, 20.0, 34.0, 56.0];
/// The share of the horizon in view by time, from far to near. The first shows all there is.
const HORIZON_SHARES: [f64; 6] = [f64::INFINITY, 0.4, 0.2, 0.1, 0.04, 0.01];
/// The usual one.
const USUAL_ZOOM: usize = 3;
/// A pointer this close to an event means it.
const REACH_PX: f64 = 13.0;

/// How a viewer looks at the diagram.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct View {
    pub(super) order: Order,
    /// From far to near.
    pub(super) zoom: usize,
    /// Lanes that are not shown.
    pub(super) hidden: BTreeSet<NodeId>,
    /// The place in the middle, if the viewer has left the cursor.
    pub(super) centre: Option<f64>,
    /// Whether colours and dashes tell which client's request brought what about.
    pub(super) by_request: bool,
}

impl Default for View {
    fn default() -> Self {
        let (order, hidden) = (Order::default(), BTreeSet::new());
        Self { order, zoom: USUAL_ZOOM, hidden, centre: None, by_request: false }
    }
}

impl View {
    /// Goes nearer or farther.
    pub(super) fn zoomed(&self, nearer: bool) -> Self {
        let zoom = if nearer { self.zoom + 1 } else { self.zoom.saturating_sub(1) };
        Self { zoom: zoom.min(COLUMN_PX.len() - 1), ..self.clone() }
    }

    /// Hides or shows a lane; one lane at least is shown.
    pub(super) fn toggled(&self, node: NodeId, nodes: usize) -> Self {
        let mut hidden = self.hidden.clone();
        if !hidden.remove(&node) && hidden.len() + 1 < nodes {
            hidden.insert(node);
        }
        Self { hidden, ..self.clone() }
    }

    /// Returns from which place to which one can see. While it follows the cursor, the window moves
    /// in half-widths, so that the cursor sweeps over lines that stand still.
    pub(super) fn window(
        &self,
        plan: &Plan,
        cursor: f64,
        sheet: &Sheet,
        horizon_us: u64,
    ) -> (f64, f64) {
        let room = sheet.room().max(40.0);
        let (start, end) = plan.extent();
        let all = end - start;
        let span = match self.order {
            Order::Logical => room / COLUMN_PX.get(self.zoom).copied().unwrap_or(20.0),
            Order::Real => {
                let share = HORIZON_SHARES.get(self.zoom).copied().unwrap_or(0.1);
                if share.is_finite() { micros(horizon_us) * share } else { all * 1.04 }
            }
        };
        let half = (span / 2.0).max(0.5);
        let from = match self.centre {
            Some(centre) => centre - half,
            None => ((cursor - start) / half - 1.0).floor().max(0.0) * half + start,
        };
        // A little room, so that what comes first does not stand on the edge.
        let margin = 0.02 * span;
        (from - margin, from + span - margin)
    }
}

/// What can be pointed at.
pub(super) struct Ground<'a> {
    pub(super) spacetime: &'a SpaceTime,
    pub(super) plan: &'a Plan,
    pub(super) scale: &'a Scale,
}

impl Ground<'_> {
    /// Returns the event at a point on screen.
    pub(super) fn event_near(&self, x: f64, y: f64) -> Option<u32> {
        let events = (self.spacetime.first..).zip(&self.spacetime.events);
        let near = events.filter_map(|(number, event)| {
            let place = self.plan.place(number)?;
            let far_x = self.scale.x(place) - x;
            if far_x.abs() > REACH_PX || self.plan.head(number) != number {
                return None;
            }
            let far = far_x.hypot(self.scale.y_of(event.node)? - y);
            (far <= REACH_PX).then_some((number, far))
        });
        near.min_by(|one, other| one.1.total_cmp(&other.1)).map(|(number, _)| number)
    }

    /// Returns the event to go to from one: with the same cause and effect, or beside it in order.
    pub(super) fn neighbour(&self, from: u32, way: Way) -> Option<u32> {
        let shown = |number: u32| {
            let event = self.at(number)?;
            (!self.is_hidden(event.node)).then_some(number)
        };
        let end = self.end();
        match way {
            Way::Next => (from + 1..end).find_map(shown),
            Way::Previous => (self.spacetime.first..from).rev().find_map(shown),
            Way::First => (self.spacetime.first..end).find_map(shown),
            Way::Last => (self.spacetime.first..end).rev().find_map(shown),
            Way::Cause => match self.at(from)?.cause {
                Cause::Event(cause) => shown(cause),
                Cause::Beginning | Cause::Action(_) => None,
            },
            Way::Effect => (from + 1..end).find(|number| {
                let is_effect = |event: &crate::wire::EventView| event.cause == Cause::Event(from);
                self.at(*number).is_some_and(is_effect) && shown(*number).is_some()
            }),
        }
    }

    fn at(&self, number: u32) -> Option<&crate::wire::EventView> {
        self.spacetime.events.get(number.checked_sub(self.spacetime.first)? as usize)
    }

    fn is_hidden(&self, node: NodeId) -> bool {
        self.scale.y_of(node).is_none()
    }

    fn end(&self) -> u32 {
        let count = u32::try_from(self.spacetime.events.len()).unwrap_or(u32::MAX);
        self.spacetime.first.saturating_add(count)
    }
}

/// From event to event.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Next,
    Previous,
    First,
    Last,
    /// To what brought it about.
    Cause,
    /// To the first thing it brought about.
    Effect,
}

#[cfg(test)]
mod tests {
    use super::super::causes::tests::{delivery, stretch, timer};
    use super::*;

    #[test]
    fn the_cursor_sweeps_the_second_half_of_the_window() {
        let all = stretch((0..100).map(|_| timer(0)).collect());
        let plan = Plan::new(&all, Order::Real, None);
        let view = View { order: Order::Real, ..View::default() };
        let sheet = Sheet { width: 1_000.0, height: 200.0, left: 60.0 };
        // A tenth of a horizon of 20 ms is 2 ms.
        let from =
            |view: &View, cursor| format!("{:.0}", view.window(&plan, cursor, &sheet, 20_000).0);
        let follows = [0.0, 1_500.0, 2_000.0, 2_999.0].map(|cursor| from(&view, cursor));
        assert_eq!(follows, ["-40", "-40", "960", "960"]);
        let away = View { centre: Some(50_000.0), ..view };
        assert_eq!(from(&away, 0.0), "48960");
    }

    #[test]
    fn arrows_go_from_event_to_event_and_from_cause_to_effect() {
        let all = stretch(vec![timer(0), timer(1), delivery(0, 2, 0), delivery(2, 1, 2)]);
        let plan = Plan::new(&all, Order::Logical, None);
        let scale = Scale::new(
            (0.0, 4.0),
            Sheet { width: 400.0, height: 200.0, left: 60.0 },
            3,
            &BTreeSet::from([NodeId(1)]),
        );
        let ground = Ground { spacetime: &all, plan: &plan, scale: &scale };
        assert_eq!(ground.neighbour(0, Way::Next), Some(2), "a hidden lane is passed by");
        assert_eq!(ground.neighbour(0, Way::Effect), Some(2));
        assert_eq!(ground.neighbour(2, Way::Cause), Some(0));
        assert_eq!(ground.neighbour(2, Way::Effect), None);
        assert_eq!(ground.neighbour(2, Way::Previous), Some(0));
        assert_eq!(ground.neighbour(2, Way::Last), Some(2));
        let (x, y) = (scale.x(1.0), scale.y_of(NodeId(2)).unwrap());
        assert_eq!(ground.event_near(x + 5.0, y - 5.0), Some(2));
        assert_eq!(ground.event_near(x + 40.0, y), None);
    }

    #[test]
    fn one_lane_at_least_is_shown() {
        let view = View::default().toggled(NodeId(0), 2).toggled(NodeId(1), 2);
        assert_eq!(view.hidden, BTreeSet::from([NodeId(0)]));
        assert!(view.toggled(NodeId(0), 2).hidden.is_empty());
    }
}
