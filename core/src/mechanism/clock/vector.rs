//! Vector clocks.
//!
//! Fidge 1988, "Timestamps in Message-Passing Systems That Preserve the Partial Ordering"; Mattern
//! 1989, "Virtual Time and Global States of Distributed Systems".

use std::cmp::Ordering;

use crate::sim::NodeId;

/// How many events of each node an event knows of, itself included; dense by node.
///
/// a → b ⇔ V(a) < V(b) (Mattern's theorem): what the order does not rank is concurrent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VectorClock(Vec<u64>);

impl VectorClock {
    /// Creates the clock of a world of so many nodes, in which nothing has happened.
    pub fn new(nodes: u16) -> Self {
        Self(vec![0; usize::from(nodes)])
    }

    /// Returns how many nodes have an entry, which is what a stamp costs on the wire.
    pub fn nodes(&self) -> u64 {
        self.0.len() as u64
    }

    /// Returns how many events of `node` are known.
    pub fn known(&self, node: NodeId) -> u64 {
        self.0.get(node.index()).copied().unwrap_or_default()
    }

    /// Counts an event of `node`, whose clock this is.
    pub fn tick(&mut self, node: NodeId) {
        if self.0.len() <= node.index() {
            self.0.resize(node.index() + 1, 0);
        }
        if let Some(count) = self.0.get_mut(node.index()) {
            *count = count.saturating_add(1);
        }
    }

    /// Counts the receipt at `node`, whose clock this is, of a message stamped `sent`.
    pub fn receive(&mut self, node: NodeId, sent: &Self) {
        if self.0.len() < sent.0.len() {
            self.0.resize(sent.0.len(), 0);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&sent.0) {
            *mine = (*theirs).max(*mine);
        }
        self.tick(node);
    }
}

/// Node by node. Two events of which each knows something that the other does not are concurrent:
/// neither less, equal nor greater.
impl PartialOrd for VectorClock {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let nodes = 0..self.0.len().max(other.0.len());
        let count = |clock: &Self, node| clock.0.get(node).copied().unwrap_or_default();
        nodes.map(|node| count(self, node).cmp(&count(other, node))).try_fold(
            Ordering::Equal,
            |all, one| match (all, one) {
                (Ordering::Equal, one) => Some(one),
                (all, Ordering::Equal) => Some(all),
                (all, one) => (all == one).then_some(all),
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: NodeId = NodeId(0);
    const B: NodeId = NodeId(1);

    #[test]
    fn a_message_orders_what_would_be_concurrent() {
        let (mut a, mut b) = (VectorClock::new(2), VectorClock::new(2));
        a.tick(A);
        b.tick(B);
        assert_eq!(a.partial_cmp(&b), None);
        b.receive(B, &a);
        assert!(a < b);
        assert_eq!((b.known(A), b.known(B)), (1, 2));
        a.tick(A);
        assert_eq!(a.partial_cmp(&b), None);
    }

    #[test]
    fn a_node_that_was_not_counted_on_counts_all_the_same() {
        let mut clock = VectorClock::new(1);
        clock.tick(NodeId(3));
        assert!(VectorClock::new(1) < clock);
        assert_eq!(clock.known(NodeId(9)), 0);
    }
}
