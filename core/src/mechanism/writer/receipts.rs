//! What all clients together have been told, as far as judgement needs it.

use std::collections::VecDeque;

use super::message::{Fact, Receipt, Write};
use crate::check::history::{Append, Call, Place};
use crate::mechanism::raft::{Command, Index, Log, Term};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Aside, LongList, Names, NodeId, Violation};

/// A client that waits longer than this is worth an operator's attention.
pub const LONG_WAIT_US: u64 = 500_000;
/// How far back single receipts are remembered.
const RECENT_US: u64 = 1_000_000;

/// When something happened, in true time, and at which node.
type Moment = (u64, NodeId);

/// The receipts that clients hold. It grows with the length of the log, not with the run's events.
#[derive(Clone, Debug, Default, Hash)]
pub struct Receipts {
    /// The first receipt for each place of the log.
    entries: LongList<Option<Receipt>>,
    /// The first two that contradict each other.
    contradiction: Option<(Receipt, Receipt)>,
    /// Where each client's writes stand in the log, by number: as first acknowledged or applied.
    places: SmallMap<u16, LongList<Option<Index>>>,
    /// The first write that turned out to stand in two places.
    doubled: Option<(Write, Index, Index)>,
    /// When each of these places was first heard of, and from whom; and when both of that write were.
    placed_at: Aside<SmallMap<u16, LongList<Option<Moment>>>>,
    doubled_at: Aside<Vec<Moment>>,
    /// The receipt furthest up the log from each leader in each term.
    furthest: SmallMap<(Term, NodeId), Receipt>,
    /// When the latest receipts came, each with its place.
    recent: VecDeque<(u64, Index)>,
    /// The furthest place with a receipt that is no longer recent.
    settled: Index,
    last_us: Option<u64>,
    /// Since when each client has waited for its present write.
    open: SmallMap<NodeId, u64>,
}

/// Returns the item at `place`, which is put there first if `list` does not reach so far.
fn item<T: Clone + Default>(list: &mut LongList<T>, place: u64) -> Option<&mut T> {
    while list.len() as u64 <= place {
        list.push(T::default());
    }
    list.get_mut(usize::try_from(place).ok()?)
}

impl Receipts {
    /// Takes note of what `client` recorded.
    pub fn on_fact(&mut self, at_us: u64, client: NodeId, fact: &Fact) {
        match fact {
            Fact::Begins(_) => {
                self.open.insert(client, at_us);
            }
            Fact::Holds(receipt) => {
                self.on_receipt((at_us, client), *receipt);
                self.on_answer(at_us, client, receipt.index);
            }
            Fact::HoldsLate(receipt) => self.on_receipt((at_us, client), *receipt),
            Fact::IsRefused { .. } | Fact::GivesUpOn { .. } => {}
        }
    }

    /// Takes note that a leader has committed `write` at this place and applied it, and when.
    pub fn on_applied(&mut self, at: Moment, write: Write, index: Index) {
        let places = self.places.get_or_insert(write.client, LongList::default());
        let Some(place) = item(places, write.number.into()) else { return };
        let first = *place.get_or_insert(index);
        let moments = self.placed_at.0.get_or_insert(write.client, LongList::default());
        let Some(moments) = item(moments, write.number.into()) else { return };
        let first_at = *moments.get_or_insert(at);
        if first != index && self.doubled.is_none() {
            (self.doubled, self.doubled_at.0) = (Some((write, first, index)), vec![first_at, at]);
        }
    }

    fn on_receipt(&mut self, at: Moment, receipt: Receipt) {
        self.on_applied(at, receipt.write, receipt.index);
        let Some(place) = item(&mut self.entries, receipt.index) else { return };
        let first = *place.get_or_insert(receipt);
        if first.write != receipt.write {
            self.contradiction.get_or_insert((first, receipt));
        }
        let furthest = self.furthest.get_or_insert((receipt.led_in, receipt.by), receipt);
        if receipt.index > furthest.index {
            *furthest = receipt;
        }
    }

    /// The client waits no longer.
    fn on_answer(&mut self, at_us: u64, client: NodeId, index: Index) {
        while let Some((_, index)) = self.recent.pop_front_if(|(at, _)| *at + RECENT_US <= at_us) {
            self.settled = self.settled.max(index);
        }
        self.recent.push_back((at_us, index));
        self.last_us = Some(at_us);
        self.open.remove(client);
    }

    /// A write has one place in the log, however often it was asked for, by what leaders have applied
    /// and clients were told. The clients are the nodes from `first_client` on.
    ///
    /// # Errors
    /// A write has two places.
    pub fn made_once(&self, names: &Names, first_client: NodeId) -> Result<(), Violation> {
        let Some((write, first, second)) = self.doubled else { return Ok(()) };
        let client = NodeId(first_client.0 + write.client);
        let (number, name) = (write.number, &names[client]);
        let reason =
            format!("write {number} of {name} is entry {first}, and entry {second} as well");
        Err(Violation::new(reason, [client]).of(self.doubled_at.0.iter().copied()))
    }

    /// Returns the first two receipts for different writes in one place of the log.
    pub fn contradiction(&self) -> Option<(Receipt, Receipt)> {
        self.contradiction
    }

    /// Returns a receipt for a write that none of `logs` holds any more.
    ///
    /// Only the receipt furthest up the log from each leader in each term is looked up. Logs that share
    /// an entry share all before it, so a log that holds that one holds the same leader's earlier ones
    /// too. That is Log Matching (Raft §5.3), which whoever judges by this must judge beside it: see
    /// [`mismatch`](crate::mechanism::raft::mismatch).
    pub fn lost(&self, logs: &[&Log<Write>]) -> Option<Receipt> {
        self.held_by_fewer(1, logs, Term::MAX)
    }

    /// Returns a receipt from a leader of a term up to `term` for a write that fewer than `needed` of `logs`
    /// hold. Log Matching is judged beside it as with [`lost`](Self::lost).
    pub fn held_by_fewer(
        &self,
        needed: usize,
        logs: &[&Log<Write>],
        term: Term,
    ) -> Option<Receipt> {
        let holds = |log: &Log<Write>, receipt: &Receipt| {
            let entry = log.get(receipt.index);
            entry.is_some_and(|it| it.term == receipt.term && it.command() == Some(&receipt.write))
        };
        let count = |receipt: &Receipt| logs.iter().filter(|log| holds(log, receipt)).count();
        let is_due = |receipt: &&Receipt| receipt.led_in <= term;
        self.furthest.values().filter(is_due).find(|it| count(it) < needed).copied()
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
        let waits = self.open.iter().map(|(id, since_us)| (id, now_us.saturating_sub(*since_us)));
        waits.max_by_key(|(_, wait_us)| *wait_us)
    }
}

/// No client waits long, if this is the one that has waited longest, and for how long.
///
/// # Errors
/// It has waited for more than [`LONG_WAIT_US`].
pub fn nobody_waits(names: &Names, longest: Option<(NodeId, u64)>) -> Result<(), Violation> {
    match longest.filter(|(_, wait_us)| *wait_us > LONG_WAIT_US) {
        Some((client, wait_us)) => {
            let reason = format!("{} has waited for {} ms", &names[client], wait_us / 1_000);
            Err(Violation::new(reason, [client]))
        }
        None => Ok(()),
    }
}

/// Returns a write as an operation on one log that only grows, by the facts with which it began and, if
/// it has, succeeded.
pub fn as_append(asks: &Fact, answer: Option<&Fact>) -> Option<Call<Append, Place>> {
    let Fact::Begins(write) = asks else { return None };
    let place = answer
        .and_then(|it| if let Fact::Holds(receipt) = it { Some(receipt.index) } else { None });
    let input = Append { item: Command::label(write), place };
    Some(Call { key: String::new(), input, output: place.map(Place) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::raft::{Content, Entry};

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
            let content = Content::Command(Write { client: 0, number });
            log.push(Entry { term, content });
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
    fn a_write_has_one_place_however_often_it_is_acknowledged() {
        let mut told = receipts([receipt(1, 5, (1, 0)), receipt(1, 5, (2, 3))]);
        let (write, at) = (Write { client: 0, number: 1 }, (700_000, NodeId(2)));
        told.on_applied(at, write, 5);
        let names = Names::new(["S1", "S2", "S3", "C1"].map(String::from).to_vec());
        let judged = |it: &Receipts| it.made_once(&names, NodeId(3));
        assert_eq!(judged(&told), Ok(()));
        told.on_applied(at, write, 7);
        let violation = judged(&told).expect_err("a second place");
        assert_eq!(violation.reason, "write 1 of C1 is entry 5, and entry 7 as well");
        assert_eq!(violation.moments, [(100_000, NodeId(9)), at]);
        let mut late = receipts([receipt(1, 5, (1, 0)), receipt(2, 6, (1, 0))]);
        late.on_fact(900_000, NodeId(9), &Fact::HoldsLate(receipt(1, 8, (2, 3))));
        assert!(judged(&late).is_err_and(|it| it.reason.ends_with("entry 8 as well")));
    }

    #[test]
    fn a_late_receipt_is_a_promise_like_any_other() {
        let mut held = receipts([receipt(2, 6, (2, 1))]);
        held.on_fact(900_000, NodeId(9), &Fact::HoldsLate(receipt(1, 6, (1, 0))));
        assert!(held.contradiction().is_some());
        assert_eq!(held.lost(&[&log(&[])]), Some(receipt(1, 6, (1, 0))));
        assert_eq!(held.last_us(), Some(100_000), "nobody waited for it");
    }

    #[test]
    fn a_write_is_lost_when_no_log_holds_it() {
        let held = receipts([receipt(1, 1, (1, 0)), receipt(2, 2, (1, 0)), receipt(3, 2, (2, 1))]);
        let (old, new) = (log(&[(1, 1), (1, 2)]), log(&[(1, 1), (2, 3)]));
        assert_eq!(held.lost(&[&old, &new]), None);
        assert_eq!(held.lost(&[&new, &new]), Some(receipt(2, 2, (1, 0))));
        assert_eq!(held.held_by_fewer(2, &[&old, &old], 1), None);
        assert_eq!(held.held_by_fewer(2, &[&old, &new], 1), Some(receipt(2, 2, (1, 0))));
        assert_eq!(held.held_by_fewer(1, &[&old], 2), Some(receipt(3, 2, (2, 1))));
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
