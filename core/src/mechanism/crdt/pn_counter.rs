//! A counter that can also be lowered.

use std::cmp::Ordering;

use super::GCounter;
use crate::sim::NodeId;

/// Increments and decrements, each in a counter that only grows (specification 7). In a single
/// vector the larger of two copies would be the one from before a decrement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PnCounter {
    increments: GCounter,
    decrements: GCounter,
}

impl PnCounter {
    /// Adds `by`, in the name of `replica`, which only that replica may do.
    pub fn increment(&mut self, replica: NodeId, by: u64) {
        self.increments.increment(replica, by);
    }

    /// Subtracts `by`, in the name of `replica`, which only that replica may do.
    pub fn decrement(&mut self, replica: NodeId, by: u64) {
        self.decrements.increment(replica, by);
    }

    /// Returns what was added, by replica.
    pub fn increments(&self) -> &GCounter {
        &self.increments
    }

    /// Returns what was subtracted, by replica.
    pub fn decrements(&self) -> &GCounter {
        &self.decrements
    }

    /// Returns increments minus decrements, as far as this copy knows of them.
    pub fn value(&self) -> i64 {
        self.increments.value().cast_signed() - self.decrements.value().cast_signed()
    }

    /// Takes over what `other` knows.
    pub fn merge(&mut self, other: &Self) {
        self.increments.merge(&other.increments);
        self.decrements.merge(&other.decrements);
    }
}

/// The report's `compare`: less or equal in both parts.
impl PartialOrd for PnCounter {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let ups = self.increments.partial_cmp(&other.increments)?;
        let downs = self.decrements.partial_cmp(&other.decrements)?;
        match (ups, downs) {
            (Ordering::Equal, order) | (order, Ordering::Equal) => Some(order),
            _ => (ups == downs).then_some(ups),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Some clicks: at which replica, and by how much.
    fn clicks() -> impl Strategy<Value = Vec<(u16, i64)>> {
        prop::collection::vec((0_u16..6, -4_i64..5), 0..16)
    }

    fn counter_of(clicks: &[(u16, i64)]) -> PnCounter {
        let mut counter = PnCounter::default();
        for &(id, by) in clicks {
            if by < 0 {
                counter.decrement(NodeId(id), by.unsigned_abs());
            } else {
                counter.increment(NodeId(id), by.unsigned_abs());
            }
        }
        counter
    }

    fn merged(a: &PnCounter, b: &PnCounter) -> PnCounter {
        let mut all = a.clone();
        all.merge(b);
        all
    }

    proptest! {
        #[test]
        fn merge_is_commutative_associative_and_idempotent(
            a in clicks(), b in clicks(), c in clicks()
        ) {
            let (a, b, c) = (counter_of(&a), counter_of(&b), counter_of(&c));
            prop_assert_eq!(merged(&a, &b), merged(&b, &a));
            prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
            prop_assert_eq!(merged(&a, &a), a);
        }

        #[test]
        fn merge_is_the_least_upper_bound(a in clicks(), b in clicks(), c in clicks()) {
            let (a, b, c) = (counter_of(&a), counter_of(&b), counter_of(&c));
            let both = merged(&a, &b);
            prop_assert!(a <= both && b <= both);
            prop_assert_eq!(a <= c && b <= c, both <= c);
        }

        #[test]
        fn a_click_moves_up_whichever_way_it_counts(a in clicks(), id in 0_u16..6) {
            let counter = counter_of(&a);
            let (mut more, mut less) = (counter.clone(), counter.clone());
            more.increment(NodeId(id), 1);
            less.decrement(NodeId(id), 1);
            prop_assert!(counter < more && counter < less);
            prop_assert_eq!(more.partial_cmp(&less), None);
        }

        #[test]
        fn value_is_the_sum_of_clicks(a in clicks()) {
            let total: i64 = a.iter().map(|&(_, by)| by).sum();
            prop_assert_eq!(counter_of(&a).value(), total);
            // Each replica's own copy, merged in any order, gives the same total.
            let own = |id| a.iter().copied().filter(|&(at, _)| at == id).collect::<Vec<_>>();
            let all = (0..6).rev().fold(PnCounter::default(), |all, id| {
                merged(&all, &counter_of(&own(id)))
            });
            prop_assert_eq!(all.value(), total);
        }
    }
}
