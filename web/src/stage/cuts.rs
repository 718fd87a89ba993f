//! What a set of blocked directions amounts to: sides that no longer reach each other, and single
//! directions besides.

use std::collections::BTreeSet;

use faultline_core::order::{set_of, sort_by_key};
use faultline_core::sim::NodeId;
use faultline_core::view::CutScene;

/// More sides than this are drawn as single directions.
const MOST_SIDES: usize = 6;

/// Blocked directions, sorted out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Cuts {
    /// Groups of nodes with no open direction between them, the largest first; empty when the
    /// network is in one piece.
    pub(crate) sides: Vec<Vec<NodeId>>,
    /// Since when the sides are apart.
    pub(crate) since_us: u64,
    /// Since when each of them is apart from all others.
    pub(crate) each_since_us: Vec<u64>,
    /// For a split that comes and goes: how long it lasts each time.
    pub(crate) period_us: Option<u64>,
    /// Whether the sides are apart at this moment.
    pub(crate) blocks: bool,
    /// Blocked directions within a side.
    pub(crate) single: Vec<CutScene>,
    /// From whom to whom nothing gets at this moment.
    pub(crate) blocked: BTreeSet<(NodeId, NodeId)>,
    /// Pairs of nodes, the lower one first, of which neither reaches the other at this moment.
    pub(crate) severed: BTreeSet<(NodeId, NodeId)>,
}

impl Cuts {
    /// Sorts out the blocked directions among the nodes `0..count`.
    pub(crate) fn new(count: usize, cuts: &[CutScene]) -> Self {
        if cuts.is_empty() {
            return Self::default();
        }
        let blocked = cuts.iter().filter(|cut| cut.blocks).map(|cut| (cut.from, cut.to));
        let blocked = set_of(blocked);
        let severed = severed(&blocked);
        let side_of = sides(count, cuts);
        let crosses = |cut: &&CutScene| {
            let side = |node: NodeId| side_of.get(node.index());
            side(cut.from) != side(cut.to)
        };
        let mut sides = vec![Vec::new(); count];
        for (node, &side) in NodeId::first(u16::try_from(count).unwrap_or(u16::MAX)).zip(&side_of) {
            sides[side].push(node);
        }
        sides.retain(|side: &Vec<NodeId>| !side.is_empty());
        if !(2..=MOST_SIDES).contains(&sides.len()) {
            return Self { single: cuts.to_vec(), blocked, severed, ..Self::default() };
        }
        sort_by_key(&mut sides, |side| std::cmp::Reverse(side.len()));
        // The sides are apart since the last direction between them was blocked.
        let last_us = |of: &dyn Fn(&CutScene) -> bool| {
            let crossing = cuts.iter().filter(crosses).filter(|cut| of(cut));
            crossing.map(|cut| cut.since_us).max().unwrap_or(0)
        };
        let since_us = last_us(&|_| true);
        let ends_at =
            |cut: &CutScene, side: &[NodeId]| side.contains(&cut.from) || side.contains(&cut.to);
        let each_since_us = sides.iter().map(|side| last_us(&|cut| ends_at(cut, side))).collect();
        let steady = |cut: &CutScene| cut.period_us.is_none();
        let period_us = cuts.iter().filter(crosses).filter_map(|cut| cut.period_us).max();
        // As long as something between them is cut for good, it is not for coming and going.
        let comes_and_goes = cuts.iter().filter(crosses).all(|cut| !steady(cut));
        let period_us = period_us.filter(|_| comes_and_goes);
        let blocks = cuts.iter().filter(crosses).any(|cut| cut.blocks);
        let single = cuts.iter().filter(|cut| !crosses(cut)).copied().collect();
        Self { sides, since_us, each_since_us, period_us, blocks, single, blocked, severed }
    }
}

/// Returns the pairs between which both directions are blocked now.
fn severed(blocked: &BTreeSet<(NodeId, NodeId)>) -> BTreeSet<(NodeId, NodeId)> {
    let both = |&(from, to): &(NodeId, NodeId)| from < to && blocked.contains(&(to, from));
    set_of(blocked.iter().copied().filter(both))
}

/// Returns for each node the lowest one that open directions connect it to.
fn sides(count: usize, cuts: &[CutScene]) -> Vec<usize> {
    let mut is_blocked = vec![false; count * count];
    for cut in cuts.iter().filter(|cut| cut.from.index() < count && cut.to.index() < count) {
        is_blocked[cut.from.index() * count + cut.to.index()] = true;
    }
    let is_open = |one: usize, other: usize| {
        !is_blocked[one * count + other] || !is_blocked[other * count + one]
    };
    let mut side_of: Vec<Option<usize>> = vec![None; count];
    for first in 0..count {
        let mut waiting = vec![first];
        while let Some(node) = waiting.pop() {
            if side_of[node].is_none() {
                side_of[node] = Some(first);
                waiting.extend((0..count).filter(|&n| side_of[n].is_none() && is_open(node, n)));
            }
        }
    }
    side_of.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(from: u16, to: u16, since_us: u64) -> CutScene {
        CutScene { from: NodeId(from), to: NodeId(to), since_us, period_us: None, blocks: true }
    }

    fn apart(one: &[u16], other: &[u16]) -> Vec<CutScene> {
        let pairs = one.iter().flat_map(|&a| other.iter().map(move |&b| (a, b)));
        pairs.flat_map(|(a, b)| [cut(a, b, 7), cut(b, a, 7)]).collect()
    }

    fn ids(nodes: &[u16]) -> Vec<NodeId> {
        nodes.iter().copied().map(NodeId).collect()
    }

    #[test]
    fn a_whole_network_has_no_sides() {
        assert_eq!(Cuts::new(5, &[]), Cuts::default());
    }

    #[test]
    fn blocking_all_between_two_groups_makes_two_sides() {
        let cuts = Cuts::new(5, &apart(&[2, 3], &[0, 1, 4]));
        assert_eq!(cuts.sides, [ids(&[0, 1, 4]), ids(&[2, 3])]);
        assert_eq!((cuts.since_us, cuts.single), (7, vec![]));
        let across = [(0, 2), (0, 3), (1, 2), (1, 3), (2, 4), (3, 4)];
        assert_eq!(cuts.severed, across.map(|(one, other)| (NodeId(one), NodeId(other))).into());
    }

    /// A later cut between two others does not make one cut off later.
    #[test]
    fn each_side_is_apart_since_its_own_last_direction_was_cut() {
        let later = |it: CutScene| CutScene { since_us: 20, ..it };
        let blocked = [apart(&[0], &[1, 2]), apart(&[1], &[2]).into_iter().map(later).collect()];
        let cuts = Cuts::new(3, &blocked.concat());
        assert_eq!(cuts.sides, [ids(&[0]), ids(&[1]), ids(&[2])]);
        assert_eq!((cuts.since_us, cuts.each_since_us), (20, vec![7, 20, 20]));
    }

    #[test]
    fn one_open_direction_keeps_the_network_together() {
        let mut blocked = apart(&[2, 3], &[0, 1, 4]);
        let open = blocked.pop().unwrap();
        let cuts = Cuts::new(5, &blocked);
        assert!(cuts.sides.is_empty());
        assert_eq!(cuts.single, blocked);
        assert_eq!(cuts.severed.len(), 5);
        assert!(!cuts.single.contains(&open));
    }

    #[test]
    fn a_one_way_cut_within_a_side_stays_single() {
        let mut blocked = apart(&[2, 3], &[0, 1, 4]);
        blocked.push(cut(0, 1, 9));
        let cuts = Cuts::new(5, &blocked);
        assert_eq!((cuts.sides.len(), cuts.since_us), (2, 7));
        assert_eq!(cuts.single, [cut(0, 1, 9)]);
    }

    #[test]
    fn a_split_comes_and_goes_only_if_all_of_it_does() {
        let flap = |cut: CutScene| CutScene { period_us: Some(500), blocks: false, ..cut };
        let flapping: Vec<CutScene> = apart(&[0], &[1, 2]).into_iter().map(flap).collect();
        let cuts = Cuts::new(3, &flapping);
        assert_eq!((cuts.sides.len(), cuts.period_us, cuts.blocks), (2, Some(500), false));
        assert!(cuts.severed.is_empty(), "whole just now");
        let partly = [&flapping[..3], &apart(&[0], &[1, 2])[3..]].concat();
        let cuts = Cuts::new(3, &partly);
        assert_eq!((cuts.sides.len(), cuts.period_us, cuts.blocks), (2, None, true));
    }

    #[test]
    fn every_isolated_node_is_a_side() {
        let blocked = [apart(&[0], &[1, 2, 3]), apart(&[1], &[2, 3])].concat();
        let cuts = Cuts::new(4, &blocked);
        assert_eq!(cuts.sides, [ids(&[2, 3]), ids(&[0]), ids(&[1])]);
    }

    #[test]
    fn many_sides_and_strangers_are_no_trouble() {
        let all: Vec<u16> = (0..9).collect();
        let blocked = apart(&all, &all);
        assert_eq!(Cuts::new(9, &blocked).single.len(), blocked.len());
        assert_eq!(Cuts::new(2, &[cut(0, 9, 1)]).single, [cut(0, 9, 1)]);
        assert_eq!(Cuts::new(0, &[cut(0, 1, 1)]).single.len(), 1);
    }
}
