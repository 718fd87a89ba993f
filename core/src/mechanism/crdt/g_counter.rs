//! A counter that only grows.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::sim::NodeId;

/// One count a replica (specification 6). A replica raises only its own slot, so of two copies of a
/// slot the larger is the newer, and nothing is ever added twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct GCounter {
    /// The slots by replica, up to the last that is not zero, so that equal counters are equal as data.
    slots: Vec<u64>,
}

impl GCounter {
    /// Adds `by` to the slot of `replica`, which only that replica may do.
    pub fn increment(&mut self, replica: NodeId, by: u64) {
        self.overwrite(replica, self.slot(replica) + by);
    }

    /// Overwrites the slot of `replica`. Lowering a slot breaks the type: the next merge with an older
    /// copy brings the old count back. Public so that this can be shown.
    pub fn overwrite(&mut self, replica: NodeId, count: u64) {
        let place = replica.index();
        if self.slots.len() <= place {
            self.slots.resize(place + 1, 0);
        }
        self.slots[place] = count;
        while self.slots.last() == Some(&0) {
            self.slots.pop();
        }
    }

    /// Returns the slot of `replica`.
    pub fn slot(&self, replica: NodeId) -> u64 {
        self.slots.get(replica.index()).copied().unwrap_or_default()
    }

    /// Returns how many slots are not zero.
    pub fn replicas(&self) -> usize {
        self.slots.iter().filter(|&&count| count > 0).count()
    }

    /// Returns the sum of all slots: the increments that this copy knows of.
    pub fn value(&self) -> u64 {
        self.slots.iter().sum()
    }

    /// Takes over what `other` knows: the larger of each two slots.
    pub fn merge(&mut self, other: &Self) {
        let known = self.slots.len().max(other.slots.len());
        self.slots.resize(known, 0);
        for (mine, theirs) in self.slots.iter_mut().zip(&other.slots) {
            *mine = (*mine).max(*theirs);
        }
    }

    /// Returns the first replica for which this copy knows more increments than `other`.
    pub fn ahead_of(&self, other: &Self) -> Option<NodeId> {
        let mut slots = (0..).map(NodeId).zip(&self.slots);
        slots.find(|&(replica, &count)| count > other.slot(replica)).map(|(replica, _)| replica)
    }
}

/// The report's `compare`: slot by slot. Copies that each know an increment that the other does
/// not are neither less, equal nor greater.
impl PartialOrd for GCounter {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self.ahead_of(other).is_none(), other.ahead_of(self).is_none()) {
            (true, true) => Some(Ordering::Equal),
            (true, false) => Some(Ordering::Less),
            (false, true) => Some(Ordering::Greater),
            (false, false) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Any counter of up to six replicas.
    fn counters() -> impl Strategy<Value = GCounter> {
        prop::collection::vec((0_u16..6, 0_u64..5), 0..12).prop_map(|increments| {
            let mut counter = GCounter::default();
            for (id, by) in increments {
                counter.increment(NodeId(id), by);
            }
            counter
        })
    }

    fn merged(a: &GCounter, b: &GCounter) -> GCounter {
        let mut all = a.clone();
        all.merge(b);
        all
    }

    proptest! {
        #[test]
        fn merge_is_commutative(a in counters(), b in counters()) {
            prop_assert_eq!(merged(&a, &b), merged(&b, &a));
        }

        #[test]
        fn merge_is_associative(a in counters(), b in counters(), c in counters()) {
            prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
        }

        #[test]
        fn merge_is_idempotent(a in counters(), b in counters()) {
            prop_assert_eq!(merged(&a, &a), a.clone());
            let once = merged(&a, &b);
            prop_assert_eq!(merged(&once, &b), once);
        }

        #[test]
        fn merge_is_the_least_upper_bound(a in counters(), b in counters(), c in counters()) {
            let both = merged(&a, &b);
            prop_assert!(a <= both && b <= both);
            let above = merged(&both, &c);
            prop_assert!(both <= above);
            prop_assert_eq!(a <= c && b <= c, both <= c);
        }

        #[test]
        fn an_increment_moves_up(a in counters(), id in 0_u16..6, by in 1_u64..5) {
            let mut more = a.clone();
            more.increment(NodeId(id), by);
            prop_assert!(a < more);
            prop_assert_eq!(more.value(), a.value() + by);
        }

        #[test]
        fn value_is_the_sum_of_increments(
            increments in prop::collection::vec((0_u16..6, 0_u64..5), 0..20),
            gossip in prop::collection::vec((0_usize..6, 0_usize..6), 0..40),
        ) {
            // Six copies, each raised by its owner, tell each other in some order, some twice.
            let mut copies = vec![GCounter::default(); 6];
            for &(id, by) in &increments {
                copies[usize::from(id)].increment(NodeId(id), by);
            }
            for &(from, to) in gossip.iter().chain(&gossip) {
                let told = copies[from].clone();
                copies[to].merge(&told);
            }
            let total: u64 = increments.iter().map(|&(_, by)| by).sum();
            prop_assert!(copies.iter().all(|copy| copy.value() <= total));
            let all = copies.iter().fold(GCounter::default(), |all, copy| merged(&all, copy));
            prop_assert_eq!(all.value(), total);
        }
    }

    #[test]
    fn copies_that_each_know_something_are_not_comparable() {
        let (mut a, mut b) = (GCounter::default(), GCounter::default());
        a.increment(NodeId(0), 1);
        b.increment(NodeId(1), 1);
        assert_eq!(a.partial_cmp(&b), None);
        assert_eq!(a.partial_cmp(&merged(&a, &b)), Some(Ordering::Less));
    }

    #[test]
    fn a_lowered_slot_comes_back_with_the_next_merge() {
        let mut owner = GCounter::default();
        owner.increment(NodeId(0), 2);
        let older = owner.clone();
        owner.overwrite(NodeId(0), 1);
        assert_eq!(merged(&owner, &older).value(), 2);
    }

    #[test]
    fn an_increment_by_nothing_changes_nothing() {
        let mut counter = GCounter::default();
        counter.increment(NodeId(3), 0);
        assert_eq!(counter, GCounter::default());
    }
}
