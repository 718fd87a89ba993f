//! Numbers shared out among workers, none lost and none done twice, though workers die.

use std::collections::{BTreeMap, VecDeque};

/// How often a number may end a worker before it is left out.
const LIVES: u32 = 2;

/// A range of numbers that a worker is at.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    /// The first number.
    pub(crate) first: u64,
    /// The first number after it.
    pub(crate) end: u64,
    /// The number under way.
    pub(crate) at: u64,
}

/// The numbers of one piece of work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shards {
    /// The first number that nobody was given.
    next: u64,
    /// The first number that nobody needs.
    end: u64,
    /// So many numbers a shard.
    size: u64,
    /// What dead workers have left.
    left: VecDeque<Shard>,
    /// Who is at what.
    taken: BTreeMap<usize, Shard>,
    /// How often a number has ended a worker.
    deaths: BTreeMap<u64, u32>,
}

impl Shards {
    /// Shares out `first..end`, `size` numbers at a time.
    pub(crate) fn new(first: u64, end: u64, size: u64) -> Self {
        Self { next: first, end, size: size.max(1), ..Self::default() }
    }

    /// Gives a worker what is to be done next, if anything is.
    pub(crate) fn take(&mut self, worker: usize) -> Option<Shard> {
        let end = self.end;
        self.left.retain(|shard| shard.first < end);
        let shard = self.left.pop_front().or_else(|| {
            let first = self.next;
            (first < self.end).then(|| {
                self.next = self.end.min(first + self.size);
                Shard { first, end: self.next, at: first }
            })
        })?;
        self.taken.insert(worker, shard);
        Some(shard)
    }

    /// A worker is at this number.
    pub(crate) fn reach(&mut self, worker: usize, at: u64) {
        if let Some(shard) = self.taken.get_mut(&worker) {
            shard.at = at;
        }
    }

    /// A worker is done with its shard.
    pub(crate) fn finish(&mut self, worker: usize) {
        self.taken.remove(&worker);
    }

    /// A worker is gone. What it has not done is done by another; a number at which workers die again
    /// and again is left out, and returned.
    pub(crate) fn lose(&mut self, worker: usize) -> Option<u64> {
        let shard = self.taken.remove(&worker)?;
        let deaths = self.deaths.entry(shard.at).or_default();
        *deaths += 1;
        let is_given_up = *deaths >= LIVES;
        let first = if is_given_up { shard.at + 1 } else { shard.at };
        if first < shard.end {
            self.left.push_front(Shard { first, at: first, end: shard.end });
        }
        is_given_up.then_some(shard.at)
    }

    /// Nobody needs this number or any above it.
    pub(crate) fn stop_at(&mut self, number: u64) {
        self.end = self.end.min(number);
    }

    /// Returns the workers that are at numbers which nobody needs.
    pub(crate) fn idle_work(&self) -> Vec<usize> {
        let needless = self.taken.iter().filter(|(_, shard)| shard.at >= self.end);
        needless.map(|(worker, _)| *worker).collect()
    }

    /// Returns true if nothing is under way and nothing is left.
    pub(crate) fn is_over(&self) -> bool {
        let is_left = self.left.iter().any(|shard| shard.first < self.end);
        self.taken.is_empty() && !is_left && self.next >= self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_given_out_once() {
        let mut shards = Shards::new(1, 11, 4);
        let mut all = Vec::new();
        while let Some(shard) = shards.take(0) {
            all.extend(shard.first..shard.end);
            shards.finish(0);
        }
        assert_eq!(all, (1..11).collect::<Vec<u64>>());
        assert!(shards.is_over());
    }

    #[test]
    fn what_a_dead_worker_leaves_is_done_by_another_from_where_it_stood() {
        let mut shards = Shards::new(0, 8, 8);
        shards.take(3);
        shards.reach(3, 5);
        assert_eq!(shards.lose(3), None);
        assert_eq!(shards.take(1), Some(Shard { first: 5, end: 8, at: 5 }));
        assert!(!shards.is_over());
        // It dies there again: the number is left out, and said.
        assert_eq!(shards.lose(1), Some(5));
        assert_eq!(shards.take(1), Some(Shard { first: 6, end: 8, at: 6 }));
        shards.finish(1);
        assert!(shards.is_over());
    }

    #[test]
    fn after_a_find_only_smaller_numbers_are_looked_at() {
        let mut shards = Shards::new(0, 100, 10);
        shards.take(0);
        shards.take(1);
        shards.reach(1, 14);
        shards.stop_at(12);
        assert_eq!(shards.idle_work(), [1]);
        assert_eq!(shards.take(2), None);
        shards.finish(0);
        shards.finish(1);
        assert!(shards.is_over());
    }
}
