//! A counter that can also be lowered.

use std::cmp::Ordering;

use super::GCounter;
use crate::sim::NodeId;

/// Increments and decrements, each in a counter that only grows (specification 7). In a single
/// vector the larger of two copies would be the one from before a decrement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PnCounter {
    /// What was added, by replica.
    pub increments: GCounter,
    /// What was subtracted, by replica.
    pub decrements: GCounter,
}

impl PnCounter {
    /// Counts `by`, up or down, in the name of `replica`, which only that replica may do.
    pub fn count(&mut self, replica: NodeId, by: i64) {
        let part = if by < 0 { &mut self.decrements } else { &mut self.increments };
        part.increment(replica, by.unsigned_abs());
    }

    /// Returns the slots of `replica`: what it has added, and what it has subtracted.
    pub fn slot(&self, replica: NodeId) -> (u64, u64) {
        (self.increments.slot(replica), self.decrements.slot(replica))
    }

    /// Returns a replica for which this copy holds more than `other`, in either of its two slots.
    pub fn ahead_of(&self, other: &Self) -> Option<NodeId> {
        let ups = self.increments.ahead_of(&other.increments);
        ups.or_else(|| self.decrements.ahead_of(&other.decrements))
    }

    /// Returns what the two slots of one replica come to.
    pub fn net((up, down): (u64, u64)) -> i64 {
        up.cast_signed() - down.cast_signed()
    }

    /// Returns increments minus decrements, as far as this copy knows of them.
    pub fn value(&self) -> i64 {
        Self::net((self.increments.value(), self.decrements.value()))
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
            counter.count(NodeId(id), by);
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
        fn a_counter_is_ahead_of_another_unless_it_is_within(a in clicks(), b in clicks()) {
            let (a, b) = (counter_of(&a), counter_of(&b));
            prop_assert_eq!(a.ahead_of(&b).is_none(), a <= b);
        }

        #[test]
        fn a_click_moves_up_whichever_way_it_counts(a in clicks(), id in 0_u16..6) {
            let counter = counter_of(&a);
            let (mut more, mut less) = (counter.clone(), counter.clone());
            more.count(NodeId(id), 1);
            less.count(NodeId(id), -1);
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
