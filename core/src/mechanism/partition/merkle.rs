//! Trees of hashes: two nodes find what they differ in without sending all that they have.
//!
//! Merkle 1987, “A Digital Signature Based on a Conventional Encryption Function”; Dynamo, section 4.7.
//! Leaves are equal parts of the ring. Left out: a tree that is kept up while keys change; it is made
//! when it is needed.

use std::hash::Hash;

use crate::order::sort;
use crate::sim::digest_of;

/// So many levels are below the root.
const DEPTH: u32 = 4;
/// The number of leaves.
pub const LEAVES: u16 = 1 << DEPTH;

/// Returns the leaf in which a place of the ring lies.
pub fn leaf_of(place: u64) -> u16 {
    u16::try_from(place >> (64 - DEPTH)).unwrap_or_default()
}

/// What two trees differ in, as far as one of them has told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The nodes below those that differ, with the own hashes: to be compared next.
    pub deeper: Vec<(u16, u64)>,
    /// The leaves that differ.
    pub leaves: Vec<u16>,
}

/// A tree of hashes over keys and their versions. Its nodes are numbered from 1, the root; below
/// node n are 2n and 2n + 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merkle(Vec<u64>);

impl Merkle {
    /// The root's number.
    pub const ROOT: u16 = 1;

    /// Makes the tree of these keys: the place of each, and its version.
    pub fn of<V: Ord + Hash>(items: impl IntoIterator<Item = (u64, V)>) -> Self {
        let mut items: Vec<(u64, V)> = items.into_iter().collect();
        sort(&mut items);
        let mut hashes = vec![0; 2 * usize::from(LEAVES)];
        for part in items.chunk_by(|a, b| leaf_of(a.0) == leaf_of(b.0)) {
            let leaf = part.first().map_or(0, |(place, _)| leaf_of(*place));
            hashes[usize::from(LEAVES + leaf)] = digest_of(&part);
        }
        for node in (1..usize::from(LEAVES)).rev() {
            hashes[node] = digest_of(&(hashes[2 * node], hashes[2 * node + 1]));
        }
        Self(hashes)
    }

    /// Returns the hash of a node.
    pub fn hash(&self, node: u16) -> u64 {
        self.0.get(usize::from(node)).copied().unwrap_or_default()
    }

    /// Compares nodes of another tree with those of this one.
    pub fn compare(&self, theirs: &[(u16, u64)]) -> Difference {
        let mut difference = Difference::default();
        for &(node, hash) in theirs {
            if self.hash(node) == hash {
                continue;
            }
            if let Some(leaf) = node.checked_sub(LEAVES) {
                difference.leaves.push(leaf);
            } else {
                let below = [2 * node, 2 * node + 1];
                difference.deeper.extend(below.map(|node| (node, self.hash(node))));
            }
        }
        difference
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Lets two trees talk until nothing is left to compare; returns the leaves that differ.
    fn talk(a: &Merkle, b: &Merkle) -> Vec<u16> {
        let (mut told, mut leaves) = (vec![(Merkle::ROOT, a.hash(Merkle::ROOT))], Vec::new());
        let mut turn = [b, a].into_iter().cycle();
        while !told.is_empty() {
            let difference = turn.next().map(|tree| tree.compare(&told)).unwrap_or_default();
            leaves.extend(difference.leaves);
            told = difference.deeper;
        }
        leaves
    }

    proptest! {
        /// The leaves that are found are those in which the two differ, no more and no fewer.
        #[test]
        fn what_differs_is_found(
            a in prop::collection::btree_map(any::<u64>(), 0..3_u64, 0..20),
            changes in prop::collection::vec((any::<u64>(), 0..3_u64), 0..4),
        ) {
            let mut b: BTreeMap<u64, u64> = a.clone();
            b.extend(changes);
            let part = |map: &BTreeMap<u64, u64>, leaf: u16| -> Vec<(u64, u64)> {
                map.iter().filter(|(at, _)| leaf_of(**at) == leaf).map(|(k, v)| (*k, *v)).collect()
            };
            let differ: Vec<u16> =
                (0..LEAVES).filter(|leaf| part(&a, *leaf) != part(&b, *leaf)).collect();
            let mut found = talk(&Merkle::of(a), &Merkle::of(b));
            found.sort_unstable();
            prop_assert_eq!(found, differ);
        }
    }

    #[test]
    fn equal_trees_say_one_hash() {
        let tree = Merkle::of([(1, 1), (u64::MAX, 2)]);
        assert_eq!(tree.compare(&[(Merkle::ROOT, tree.hash(Merkle::ROOT))]), Difference::default());
    }
}
