//! Version vectors.
//!
//! Parker et al. 1983, "Detection of Mutual Inconsistency in Distributed Systems".

use serde::{Deserialize, Serialize};

use crate::mechanism::crdt::GCounter;
use crate::sim::NodeId;

/// How many updates of each replica a copy of an object contains. As data it is a counter that only
/// grows, and its order is that counter's: a copy is newer if it contains all that the other does.
#[derive(Clone, Debug, Default, PartialEq, PartialOrd, Eq, Hash, Serialize, Deserialize)]
pub struct VersionVector(GCounter);

impl VersionVector {
    /// Counts an update made at `replica`, which only that replica may do.
    pub fn update(&mut self, replica: NodeId) {
        self.advance(replica, 1);
    }

    /// Counts several updates made at `replica`.
    pub fn advance(&mut self, replica: NodeId, updates: u64) {
        self.0.increment(replica, updates);
    }

    /// Takes note that the first so many updates of `replica` are contained.
    pub fn contain(&mut self, replica: NodeId, updates: u64) {
        self.0.increment(replica, updates.saturating_sub(self.updates(replica)));
    }

    /// Returns how many updates of `replica` are contained.
    pub fn updates(&self, replica: NodeId) -> u64 {
        self.0.slot(replica)
    }

    /// Returns how many updates are contained in all.
    pub fn total(&self) -> u64 {
        self.0.value()
    }

    /// Returns of how many replicas updates are contained, which is what it costs on the wire.
    pub fn replicas(&self) -> u64 {
        self.0.replicas() as u64
    }

    /// Returns true if each copy contains an update that the other does not: the paper's version
    /// conflict, which somebody has to reconcile.
    pub fn conflicts_with(&self, other: &Self) -> bool {
        self.partial_cmp(other).is_none()
    }

    /// Takes over what `other` contains. Whoever reconciles a conflict counts that as an update too.
    pub fn merge(&mut self, other: &Self) {
        self.0.merge(&other.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_updated_apart_conflict_until_they_are_reconciled() {
        let (here, there) = (NodeId(0), NodeId(1));
        let mut one = VersionVector::default();
        one.update(here);
        let mut other = one.clone();
        assert!(!one.conflicts_with(&other));
        other.update(there);
        assert!(one < other && !one.conflicts_with(&other));
        one.update(here);
        assert!(one.conflicts_with(&other));
        let mut both = one.clone();
        both.merge(&other);
        both.update(there);
        assert!(one < both && other < both);
        assert_eq!((both.updates(here), both.updates(there)), (2, 2));
    }
}
