//! Values of which the last one written stays.

use crate::mechanism::small_map::SmallMap;
use crate::sim::NodeId;

/// When a value was written on its writer's Lamport clock, and by whom: no two writes share both.
type Stamp = (u32, NodeId);

/// A register for each key in which the last write wins (specification 8). “Last” is by Lamport clock, so a
/// write is later than all that its writer knew; of two that did not know of each other one stays, the same
/// at every copy, and the other is given up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LwwMap<K, V>(SmallMap<K, (Stamp, V)>);

impl<K, V> Default for LwwMap<K, V> {
    fn default() -> Self {
        Self(SmallMap::default())
    }
}

impl<K: Copy + Ord, V: Clone> LwwMap<K, V> {
    /// Returns the value of `key`.
    pub fn get(&self, key: K) -> Option<&V> {
        self.0.get(key).map(|(_, value)| value)
    }

    /// Returns when the value of `key` was written.
    pub fn time(&self, key: K) -> Option<u32> {
        self.0.get(key).map(|((at, _), _)| *at)
    }

    /// Returns how many keys were ever written.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns true if none was.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the time at which a write is later than all known ones.
    pub fn next_time(&self) -> u32 {
        self.0.values().map(|((at, _), _)| at + 1).max().unwrap_or(0)
    }

    /// Writes a value in the name of `writer`, at a time that [`Self::next_time`] gave.
    pub fn write(&mut self, key: K, value: V, at: u32, writer: NodeId) {
        self.0.insert(key, ((at, writer), value));
    }

    /// Takes over what `other` knows: of each two values the later one.
    pub fn merge(&mut self, other: &Self) {
        for (key, theirs) in other.0.iter() {
            if self.0.get(key).is_none_or(|mine| mine.0 < theirs.0) {
                self.0.insert(key, theirs.clone());
            }
        }
    }

    /// Takes over all that `other` holds, later or not: what arrives last stays. Two copies that hear of
    /// two writes in different orders differ for ever. Public so that this can be shown.
    pub fn overwrite(&mut self, other: &Self) {
        for (key, theirs) in other.0.iter() {
            self.0.insert(key, theirs.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Some writes: which key, when, and by whom. Who and when decide what is written.
    fn map() -> impl Strategy<Value = LwwMap<u16, u32>> {
        prop::collection::vec((0..4_u16, 0..6_u32, 0..4_u16), 0..12).prop_map(|writes| {
            let mut map = LwwMap::default();
            for (key, at, writer) in writes {
                map.write(key, at * 10 + u32::from(writer), at, NodeId(writer));
            }
            map
        })
    }

    fn merged(a: &LwwMap<u16, u32>, b: &LwwMap<u16, u32>) -> LwwMap<u16, u32> {
        let mut all = a.clone();
        all.merge(b);
        all
    }

    proptest! {
        #[test]
        fn merge_is_commutative_associative_and_idempotent(a in map(), b in map(), c in map()) {
            prop_assert_eq!(merged(&a, &b), merged(&b, &a));
            prop_assert_eq!(merged(&a, &merged(&b, &c)), merged(&merged(&a, &b), &c));
            prop_assert_eq!(merged(&a, &a), a);
        }

        #[test]
        fn a_write_wins_over_all_that_its_writer_knew(a in map(), key in 0..4_u16) {
            let mut later = a.clone();
            later.write(key, 99, a.next_time(), NodeId(9));
            let both = merged(&a, &later);
            prop_assert_eq!(both.get(key), Some(&99));
        }
    }

    #[test]
    fn without_stamps_the_order_of_arrival_decides() {
        let (mut a, mut b) = (LwwMap::default(), LwwMap::default());
        a.write(0, 'a', 0, NodeId(0));
        b.write(0, 'b', 0, NodeId(1));
        let (at_a, at_b) = (a.clone(), b.clone());
        a.overwrite(&at_b);
        b.overwrite(&at_a);
        assert_eq!((a.get(0), b.get(0)), (Some(&'b'), Some(&'a')));
    }
}
