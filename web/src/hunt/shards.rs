//! Numbers shared out among workers, none lost and none done twice, though workers die.
//!
//! A worker says seldom how far it is, so when it dies nobody knows at which number. What it had left is
//! then done one number at a time: the one at which a worker dies again is left out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A range of numbers that a worker is at.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    /// The first number.
    pub(crate) first: u64,
    /// The first number after it.
    pub(crate) end: u64,
    /// The first number that is not known to be done.
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
    /// Numbers of which one may have ended a worker.
    suspects: BTreeSet<u64>,
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

    /// A worker has done all its numbers below this one.
    pub(crate) fn reach(&mut self, worker: usize, at: u64) {
        if let Some(shard) = self.taken.get_mut(&worker) {
            shard.at = at;
        }
    }

    /// A worker is done with its shard.
    pub(crate) fn finish(&mut self, worker: usize) {
        self.taken.remove(&worker);
    }

    /// A worker is gone. What it has not done is done by others, one number at a time; a number at which
    /// another one dies is left out, and returned.
    pub(crate) fn lose(&mut self, worker: usize) -> Option<u64> {
        let Shard { at, end, .. } = self.taken.remove(&worker)?;
        if at + 1 == end && !self.suspects.insert(at) {
            return Some(at);
        }
        for number in (at..end).rev() {
            self.suspects.insert(number);
            self.left.push_front(Shard { first: number, at: number, end: number + 1 });
        }
        None
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
        let alone = |number| Some(Shard { first: number, end: number + 1, at: number });
        assert_eq!((shards.take(1), shards.take(2)), (alone(5), alone(6)));
        shards.finish(1);
        // The other one dies: that number is left out, and said; what came after it is not.
        assert_eq!(shards.lose(2), Some(6));
        assert_eq!(shards.take(1), alone(7));
        assert!(!shards.is_over());
        shards.finish(1);
        assert!(shards.is_over());
    }

    #[test]
    fn a_number_alone_may_end_one_worker_and_not_two() {
        let mut shards = Shards::new(0, 1, 1);
        shards.take(0);
        assert_eq!(shards.lose(0), None);
        shards.take(1);
        assert_eq!(shards.lose(1), Some(0));
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
