//! What all clients together have been told, as far as judgement needs it.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use super::message::{Fact, Receipt, Write};
use crate::mechanism::raft::{Index, Log, Term};
use crate::sim::NodeId;

/// How far back single receipts are remembered.
const RECENT_US: u64 = 1_000_000;
/// How many places of the log a shared part covers.
const PART: u64 = 128;

/// The receipts that clients hold. It grows with the length of the log, not with the run's events.
#[derive(Clone, Debug, Default, Hash)]
pub struct Receipts {
    /// The first receipt for each place of the log, in parts that copies share.
    places: BTreeMap<u64, Rc<BTreeMap<Index, Receipt>>>,
    /// The first two that contradict each other.
    contradiction: Option<(Receipt, Receipt)>,
    /// The receipt furthest up the log from each leader in each term.
    furthest: BTreeMap<(Term, NodeId), Receipt>,
    /// When the latest receipts came, each with its place.
    recent: VecDeque<(u64, Index)>,
    /// The furthest place with a receipt that is no longer recent.
    settled: Index,
    last_us: Option<u64>,
    /// Since when each client has waited for its present write.
    open: BTreeMap<NodeId, u64>,
}

impl Receipts {
    /// Takes note of what `client` recorded.
    pub fn on_fact(&mut self, at_us: u64, client: NodeId, fact: &Fact) {
        match fact {
            Fact::Begins(_) => {
                self.open.insert(client, at_us);
            }
            Fact::Holds(receipt) => self.on_receipt(at_us, client, *receipt),
            Fact::IsRefused { .. } | Fact::GivesUpOn { .. } => {}
        }
    }

    fn on_receipt(&mut self, at_us: u64, client: NodeId, receipt: Receipt) {
        let part = Rc::make_mut(self.places.entry(receipt.index / PART).or_default());
        let first = *part.entry(receipt.index).or_insert(receipt);
        if first.write != receipt.write {
            self.contradiction.get_or_insert((first, receipt));
        }
        let furthest = self.furthest.entry((receipt.led_in, receipt.by)).or_insert(receipt);
        if receipt.index > furthest.index {
            *furthest = receipt;
        }
        while let Some((_, index)) = self.recent.pop_front_if(|(at, _)| *at + RECENT_US <= at_us) {
            self.settled = self.settled.max(index);
        }
        self.recent.push_back((at_us, receipt.index));
        self.last_us = Some(at_us);
        self.open.remove(&client);
    }

    /// Returns the first two receipts for different writes in one place of the log.
    pub fn contradiction(&self) -> Option<(Receipt, Receipt)> {
        self.contradiction
    }

    /// Returns a receipt for a write that none of `logs` holds any more.
    ///
    /// Only the receipt furthest up the log from each leader in each term is looked up. Logs that share
    /// an entry share all before it (Raft §5.3, Log Matching), so a log that holds that one holds the
    /// same leader's earlier ones too.
    pub fn lost(&self, logs: &[&Log<Write>]) -> Option<Receipt> {
        let holds = |log: &Log<Write>, receipt: &Receipt| {
            let entry = log.get(receipt.index);
            entry.is_some_and(|it| it.term == receipt.term && it.command == Some(receipt.write))
        };
        let is_lost = |receipt: &&Receipt| !logs.iter().any(|log| holds(log, receipt));
        self.furthest.values().find(is_lost).copied()
    }

    /// Returns when the last receipt came.
    pub fn last_us(&self) -> Option<u64> {
        self.last_us
    }

    /// Returns how many came within the last second.
    pub fn in_last_second(&self, now_us: u64) -> usize {
        self.recent.iter().filter(|(at_us, _)| at_us + RECENT_US > now_us).count()
    }

    /// Returns the furthest place with a receipt that is at least `age_us` old, up to a second.
    pub fn furthest_older_than(&self, age_us: u64, now_us: u64) -> Index {
        let old = self.recent.iter().filter(|(at_us, _)| at_us + age_us <= now_us);
        old.map(|(_, index)| *index).max().unwrap_or_default().max(self.settled)
    }

    /// Returns the client that has waited longest for its present write, and for how long.
    pub fn longest_wait(&self, now_us: u64) -> Option<(NodeId, u64)> {
        let waits = self.open.iter().map(|(id, since_us)| (*id, now_us.saturating_sub(*since_us)));
        waits.max_by_key(|(_, wait_us)| *wait_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::raft::Entry;

    fn receipt(number: u32, index: Index, (led_in, by): (Term, u16)) -> Receipt {
        let write = Write { client: 0, number };
        Receipt { write, index, term: led_in, by: NodeId(by), led_in }
    }

    fn receipts(list: impl IntoIterator<Item = Receipt>) -> Receipts {
        let mut receipts = Receipts::default();
        for (receipt, n) in list.into_iter().zip(1..) {
            receipts.on_fact(n * 100_000, NodeId(9), &Fact::Holds(receipt));
        }
        receipts
    }

    fn log(entries: &[(Term, u32)]) -> Log<Write> {
        let mut log = Log::default();
        for &(term, number) in entries {
            log.push(Entry { term, command: Some(Write { client: 0, number }) });
        }
        log
    }

    #[test]
    fn the_same_receipt_twice_is_no_contradiction() {
        let twice = receipts([receipt(1, 5, (1, 0)), receipt(1, 5, (2, 3))]);
        assert_eq!(twice.contradiction(), None);
        let (a, b) = (receipt(1, 5, (1, 0)), receipt(2, 5, (2, 3)));
        assert_eq!(receipts([a, b]).contradiction(), Some((a, b)));
    }

    #[test]
    fn a_write_is_lost_when_no_log_holds_it() {
        let held = receipts([receipt(1, 1, (1, 0)), receipt(2, 2, (1, 0)), receipt(3, 2, (2, 1))]);
        let (old, new) = (log(&[(1, 1), (1, 2)]), log(&[(1, 1), (2, 3)]));
        assert_eq!(held.lost(&[&old, &new]), None);
        assert_eq!(held.lost(&[&new, &new]), Some(receipt(2, 2, (1, 0))));
    }

    #[test]
    fn the_last_second_and_what_is_older() {
        let receipts = receipts((1..=15).map(|n| receipt(n, u64::from(n), (1, 0))));
        assert_eq!(receipts.in_last_second(1_500_000), 10);
        assert_eq!(receipts.in_last_second(2_400_000), 1);
        assert_eq!(receipts.furthest_older_than(250_000, 1_500_000), 12);
        assert_eq!(receipts.furthest_older_than(2_000_000, 1_500_000), 5);
    }
}
