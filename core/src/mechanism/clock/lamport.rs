//! Lamport's logical clock.
//!
//! Lamport 1978, "Time, Clocks, and the Ordering of Events in a Distributed System".

use crate::sim::NodeId;

/// A counter that each event of its node raises: a → b implies C(a) < C(b), the paper's clock
/// condition.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LamportClock(u64);

/// An event's place in the paper's total order ⇒: by clock, then by node.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LamportTimestamp {
    /// The clock at the event.
    pub time: u64,
    /// Where it happened.
    pub node: NodeId,
}

impl LamportClock {
    /// Returns the clock at the last event; 0 before the first.
    pub fn time(self) -> u64 {
        self.0
    }

    /// Stamps an event that receives nothing, such as a send (rule IR1).
    pub fn tick(&mut self) -> u64 {
        self.0 = self.0.saturating_add(1);
        self.0
    }

    /// Stamps the receipt of a message that was sent at `sent` (rule IR2): later than that, and later
    /// than the node's own last event.
    pub fn receive(&mut self, sent: u64) -> u64 {
        self.0 = self.0.max(sent);
        self.tick()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_later_than_the_send_and_than_all_before_it() {
        let (mut sender, mut receiver) = (LamportClock::default(), LamportClock::default());
        let sent = (0..5).map(|_| sender.tick()).last().unwrap_or_default();
        assert_eq!((sent, receiver.receive(sent), receiver.receive(2)), (5, 6, 7));
    }

    #[test]
    fn equal_times_are_told_apart_by_node() {
        let stamp = |time, node| LamportTimestamp { time, node: NodeId(node) };
        assert!(stamp(3, 0) < stamp(3, 1) && stamp(3, 1) < stamp(4, 0));
    }
}
