//! What lies under a place on the stage.

use faultline_core::sim::NodeId;

use super::geometry::Point;
use super::layout::Layout;
use super::node::id_at;
use super::painter::Placed;
use crate::selection::Selection;

/// A finger or a hand on a mouse is not exact: this far beside is still a hit.
const SLACK: f64 = 7.0;

/// Returns what is at a place: a message before a node before a link.
pub(crate) fn hit(
    at: Point,
    messages: &[Placed],
    layout: &Layout,
    links: &[(NodeId, NodeId)],
) -> Option<Selection> {
    message_at(at, messages)
        .or_else(|| node_at(at, layout).map(Selection::Node))
        .or_else(|| link_at(at, layout, links))
}

/// Returns the node at a place.
pub(crate) fn node_at(at: Point, layout: &Layout) -> Option<NodeId> {
    let is_under = |spot: &super::layout::Spot| spot.at.distance(at) <= spot.radius * 1.15 + SLACK;
    let shown = layout.spots.iter().enumerate().filter(|(_, spot)| !spot.is_hidden);
    let nodes = shown.filter(|(_, spot)| is_under(spot));
    let nearest =
        nodes.min_by(|(_, one), (_, other)| one.at.distance(at).total_cmp(&other.at.distance(at)));
    nearest.map(|(index, _)| id_at(index))
}

/// Returns the group at a place whose members are not drawn.
pub(crate) fn group_at(at: Point, layout: &Layout) -> Option<usize> {
    let closed = layout.groups.iter().enumerate().filter(|(_, group)| !group.is_open);
    let mut under = closed.filter(|(_, group)| group.spot.at.distance(at) <= group.spot.radius);
    under.next().map(|(index, _)| index)
}

fn message_at(at: Point, messages: &[Placed]) -> Option<Selection> {
    let is_under = |placed: &&Placed| {
        let away = at - placed.at;
        away.x.abs() <= placed.half.0 + SLACK / 2.0 && away.y.abs() <= placed.half.1 + SLACK / 2.0
    };
    messages.iter().rev().find(is_under).map(|placed| Selection::Message(placed.name))
}

fn link_at(at: Point, layout: &Layout, links: &[(NodeId, NodeId)]) -> Option<Selection> {
    let distance = |&(one, other): &(NodeId, NodeId)| Some(layout.link(one, other)?.distance(at));
    let near = links.iter().filter_map(|link| Some((distance(link)?, link)));
    let nearest = near.min_by(|(one, _), (other, _)| one.total_cmp(other));
    nearest
        .filter(|(distance, _)| *distance <= SLACK)
        .map(|(_, &(one, other))| Selection::link(one, other))
}

/// Returns the smaller of the two sides into which a line through the stage parts the nodes; of
/// equal ones, that without the first node. None if all are on one side.
pub(crate) fn side_of_line(from: Point, to: Point, layout: &Layout) -> Option<Vec<NodeId>> {
    let (right, left): (Vec<_>, Vec<_>) =
        (layout.spots.iter().enumerate()).partition(|(_, spot)| spot.at.is_right_of(from, to));
    if right.is_empty() || left.is_empty() {
        return None;
    }
    let holds_first = right.first().is_some_and(|(index, _)| *index == 0);
    let takes_right = right.len() < left.len() || (right.len() == left.len() && !holds_first);
    let side = if takes_right { right } else { left };
    Some(side.into_iter().map(|(index, _)| id_at(index)).collect())
}

#[cfg(test)]
mod tests {
    use faultline_core::sim::MessageName;

    use super::*;
    use crate::stage::ground::{Ground, Tier};
    use crate::stage::layout::Area;

    fn layout() -> Layout {
        of_peers(5)
    }

    fn of_peers(count: usize) -> Layout {
        let area = Area { width: 800.0, height: 600.0, text: 14.0 };
        Layout::new(&vec![Tier::Server; count], &Ground::default(), area)
    }

    #[test]
    fn a_message_is_hit_before_the_node_below_it() {
        let layout = layout();
        let at = layout.spots[1].at;
        assert_eq!(hit(at, &[], &layout, &[]), Some(Selection::Node(NodeId(1))));
        let name = MessageName { from: NodeId(0), to: NodeId(1), nth: 3 };
        let placed = [Placed { name, at, half: (30.0, 11.0) }];
        assert_eq!(hit(at, &placed, &layout, &[]), Some(Selection::Message(name)));
    }

    #[test]
    fn a_link_is_hit_beside_its_line_and_only_there() {
        let layout = layout();
        let links = [(NodeId(0), NodeId(2))];
        let middle = layout.spots[0].at.towards(layout.spots[2].at, 0.5);
        let beside = middle + Point::new(3.0, 3.0);
        assert_eq!(hit(beside, &[], &layout, &links), Some(Selection::link(NodeId(2), NodeId(0))));
        assert_eq!(hit(middle + Point::new(40.0, 0.0), &[], &layout, &links), None);
    }

    #[test]
    fn a_line_cuts_off_the_smaller_side() {
        let layout = layout();
        let across = |y: f64| side_of_line(Point::new(0.0, y), Point::new(800.0, y), &layout);
        let lowest = layout.spots.iter().map(|spot| spot.at.y).fold(0.0, f64::max);
        assert_eq!(across(lowest - 20.0), Some(vec![NodeId(2), NodeId(3)]));
        assert_eq!(across(layout.spots[0].at.y + 20.0), Some(vec![NodeId(0)]));
        assert_eq!(across(2_000.0), None);
    }

    #[test]
    fn of_equal_sides_the_one_without_the_first_node_is_cut_off() {
        let layout = of_peers(4);
        let (from, to) = (Point::new(0.0, 0.0), Point::new(800.0, 560.0));
        let one_way = side_of_line(from, to, &layout).unwrap();
        assert_eq!(one_way, side_of_line(to, from, &layout).unwrap());
        assert!(!one_way.contains(&NodeId(0)));
    }
}
