//! Who keeps a key: the first few nodes after its place on a ring, or a remainder.

use crate::order::sort;
use crate::sim::{NodeId, digest_of};

/// Returns the place of something on the ring, 0 to 2^64: its hash.
pub fn place_of(kind: &str, number: u64) -> u64 {
    digest_of(&(kind, number))
}

/// A ring on which every node has several places, its tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ring {
    /// In order, each with its node.
    tokens: Vec<(u64, NodeId)>,
    nodes: u16,
}

impl Ring {
    /// Makes the ring of these nodes. Where a node's tokens are does not depend on who else is there:
    /// that is why a join moves so little. Another `salt` gives another ring.
    pub fn new(nodes: &[NodeId], tokens_each: u64, salt: u64) -> Self {
        let token = |node: NodeId, nth: u64| (digest_of(&(salt, node.0, nth)), node);
        let of = |node: NodeId| (0..tokens_each).map(move |nth| token(node, nth));
        let mut tokens: Vec<(u64, NodeId)> = nodes.iter().copied().flat_map(of).collect();
        sort(&mut tokens);
        Self { tokens, nodes: u16::try_from(nodes.len()).unwrap_or(u16::MAX) }
    }

    /// Returns the tokens in order, each with its node.
    pub fn tokens(&self) -> &[(u64, NodeId)] {
        &self.tokens
    }

    /// Returns the stretch between two tokens in which a place lies: from, exclusive, and to.
    pub fn stretch_of(&self, place: u64) -> (u64, u64) {
        let next = self.tokens.partition_point(|(at, _)| *at < place);
        let at = |index: usize| self.tokens.get(index).map_or(0, |token| token.0);
        let count = self.tokens.len().max(1);
        (at((next + count - 1) % count), at(next % count))
    }

    /// Returns all nodes, each once, in the order in which they are met from a place on.
    pub fn walk(&self, place: u64) -> Vec<NodeId> {
        let begin = self.tokens.partition_point(|(at, _)| *at < place);
        let (before, after) = self.tokens.split_at(begin);
        let mut met = Vec::with_capacity(self.nodes.into());
        for (_, node) in after.iter().chain(before) {
            if met.len() == usize::from(self.nodes) {
                break;
            }
            if !met.contains(node) {
                met.push(*node);
            }
        }
        met
    }

    /// Returns the length of all stretches that end at tokens of this node.
    pub fn length_of(&self, node: NodeId) -> u128 {
        let before = self.tokens.iter().cycle().skip(self.tokens.len().saturating_sub(1));
        let length = |((from, _), (to, of)): (&(u64, NodeId), &(u64, NodeId))| {
            let length = u128::from(to.wrapping_sub(*from));
            // The only token of all has the whole ring.
            let length = if length == 0 { 1 << 64 } else { length };
            if *of == node { length } else { 0 }
        };
        before.zip(&self.tokens).map(length).sum()
    }
}

/// How it is decided who keeps a key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Placement {
    /// The first few nodes after its place on the ring.
    Ring(Ring),
    /// The node that its hash gives as a remainder, and the next few.
    Modulo(Vec<NodeId>),
}

impl Placement {
    /// Returns all nodes in the order in which a key goes to them: its own first, then those that stand
    /// in for them.
    pub fn walk(&self, place: u64) -> Vec<NodeId> {
        match self {
            Self::Ring(ring) => ring.walk(place),
            Self::Modulo(nodes) => {
                let count = nodes.len().max(1) as u64;
                let first = usize::try_from(place % count).unwrap_or_default();
                nodes.iter().cycle().skip(first).take(nodes.len()).copied().collect()
            }
        }
    }

    /// Returns the nodes that are to keep a key.
    pub fn owners(&self, place: u64, copies: u16) -> Vec<NodeId> {
        let mut walk = self.walk(place);
        walk.truncate(copies.into());
        walk
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn nodes(count: u16) -> Vec<NodeId> {
        NodeId::first(count).collect()
    }

    proptest! {
        /// Karger et al. 1997, section 4: who joins takes keys over, and nobody else does.
        #[test]
        fn a_join_moves_keys_only_to_who_joins(
            count in 3..9_u16, tokens in 1..20_u64, salt: u64, place: u64, copies in 1..4_u16,
        ) {
            let before = Placement::Ring(Ring::new(&nodes(count), tokens, salt));
            let after = Placement::Ring(Ring::new(&nodes(count + 1), tokens, salt));
            let (before, after) = (before.owners(place, copies), after.owners(place, copies));
            let new: Vec<NodeId> =
                after.iter().copied().filter(|id| !before.contains(id)).collect();
            prop_assert!(new.is_empty() || new == [NodeId(count)], "{before:?} {after:?}");
            prop_assert_eq!(after.len(), usize::from(copies));
        }

        #[test]
        fn all_stretches_are_the_whole_ring(count in 1..9_u16, tokens in 1..20_u64, salt: u64) {
            let ring = Ring::new(&nodes(count), tokens, salt);
            let whole: u128 = NodeId::first(count).map(|id| ring.length_of(id)).sum();
            prop_assert_eq!(whole, 1 << 64);
        }

        /// Every node is met once, whatever the way to go.
        #[test]
        fn a_walk_meets_everybody_once(count in 1..9_u16, tokens in 1..9_u64, place: u64) {
            let ring = Placement::Ring(Ring::new(&nodes(count), tokens, 0));
            for placement in [ring, Placement::Modulo(nodes(count))] {
                let mut walk = placement.walk(place);
                walk.sort();
                prop_assert_eq!(walk, nodes(count));
            }
        }
    }

    #[test]
    fn a_walk_begins_at_the_place_and_goes_round() {
        let tokens = vec![(10, NodeId(0)), (20, NodeId(1)), (30, NodeId(0)), (40, NodeId(2))];
        let ring = Ring { tokens, nodes: 3 };
        let ids = |ids: [u16; 3]| ids.map(NodeId);
        assert_eq!(ring.walk(20), ids([1, 0, 2]), "a token's own place is its");
        assert_eq!(ring.walk(21), ids([0, 2, 1]));
        assert_eq!(ring.walk(41), ids([0, 1, 2]), "around the end");
        assert_eq!(
            [20, 21, 41, 5].map(|at| ring.stretch_of(at)),
            [(10, 20), (20, 30), (40, 10), (40, 10)]
        );
    }
}
