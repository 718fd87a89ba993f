//! What two nodes both keep, and how they find what they differ in: anti-entropy.
//!
//! `DeCandia` et al. 2007, “Dynamo”, section 4.7. Who has the turn is told nodes of the other's tree, and
//! answers with the nodes below those that differ; where leaves differ, the keys in them are exchanged.

use std::hash::Hash;

use super::merkle::{Difference, Merkle, leaf_of};

/// What a node has of the keys that it has in common with another one: each key with its place on the
/// ring and the version that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common<V>(Vec<(u16, u64, V)>);

impl<V: Copy + Ord + Hash> Common<V> {
    /// Makes it of these keys, their places and versions.
    pub fn of(items: impl IntoIterator<Item = (u16, u64, V)>) -> Self {
        Self(items.into_iter().collect())
    }

    fn tree(&self) -> Merkle {
        Merkle::of(self.0.iter().map(|(_, place, version)| (*place, *version)))
    }

    /// Returns what is told first: the root.
    pub fn root(&self) -> Vec<(u16, u64)> {
        vec![(Merkle::ROOT, self.tree().hash(Merkle::ROOT))]
    }

    /// Compares nodes of the other's tree with those of this one.
    pub fn compare(&self, theirs: &[(u16, u64)]) -> Difference {
        self.tree().compare(theirs)
    }

    /// Returns the keys in these leaves.
    pub fn in_leaves(&self, leaves: &[u16]) -> Vec<(u16, V)> {
        let lies_there = |(_, place, _): &&(u16, u64, V)| leaves.contains(&leaf_of(*place));
        self.0.iter().filter(lies_there).map(|(key, _, version)| (*key, *version)).collect()
    }

    /// Returns the keys in these leaves that the other one lacks, or has in a version than which this
    /// one's is newer.
    pub fn lacked_by(
        &self,
        theirs: &[(u16, V)],
        leaves: &[u16],
        is_newer: impl Fn(V, V) -> bool,
    ) -> Vec<(u16, V)> {
        let has_it = |(key, mine): &(u16, V)| {
            theirs.iter().any(|(other, version)| other == key && !is_newer(*mine, *version))
        };
        let mut items = self.in_leaves(leaves);
        items.retain(|item| !has_it(item));
        items
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::mechanism::partition::place_of;

    type Copies = BTreeMap<u16, u64>;

    fn common(copies: &Copies) -> Common<u64> {
        Common::of(
            copies.iter().map(|(key, version)| (*key, place_of("key", (*key).into()), *version)),
        )
    }

    fn take(copies: &mut Copies, items: &[(u16, u64)]) {
        for &(key, version) in items {
            let held = copies.entry(key).or_insert(version);
            *held = version.max(*held);
        }
    }

    proptest! {
        /// One talk makes two nodes equal: each key has the newer of the two versions on both.
        #[test]
        fn one_talk_makes_two_nodes_equal(
            mut a in prop::collection::btree_map(0..40_u16, 1..4_u64, 0..20),
            mut b in prop::collection::btree_map(0..40_u16, 1..4_u64, 0..20),
        ) {
            let mut both = a.clone();
            take(&mut both, &b.clone().into_iter().collect::<Vec<_>>());
            let (one, other) = (common(&a), common(&b));
            let (mut told, mut leaves) = (one.root(), Vec::new());
            let mut turn = [&other, &one].into_iter().cycle();
            while let (false, Some(who)) = (told.is_empty(), turn.next()) {
                let difference = who.compare(&told);
                leaves.extend(difference.leaves);
                told = difference.deeper;
            }
            let items = one.in_leaves(&leaves);
            let answer = other.lacked_by(&items, &leaves, |mine, theirs| mine > theirs);
            prop_assert!(answer.iter().all(|(key, version)| a.get(key) != Some(version)));
            take(&mut b, &items);
            take(&mut a, &answer);
            prop_assert_eq!((&a, &b), (&both, &both));
        }
    }
}
