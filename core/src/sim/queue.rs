//! The event queue, ordered by (time, sequence).

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::{NodeId, SyncId};

/// What a queue entry stands for. Payloads stay with their owner; an entry whose owner no longer
/// knows its sequence number is stale and is passed over.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Pending {
    /// A node comes up.
    Start(NodeId),
    /// The message in this place of the world's table arrives.
    Deliver(u32),
    /// The timer in this place of a node's table fires.
    Timer(NodeId, u32),
    /// A sync of this node's disk completes.
    Synced(NodeId, SyncId),
    /// A node that was frozen when its disk synced learns of it.
    Notice(NodeId, SyncId),
    /// A node's work with this number is done.
    Done(NodeId, u32),
}

/// An entry: when, in which order among equals, and what. No two have the same sequence number.
#[derive(Copy, Clone, Debug)]
pub(super) struct Entry {
    pub(super) at_us: u64,
    pub(super) sequence: u64,
    pub(super) pending: Pending,
}

impl Entry {
    fn key(&self) -> (u64, u64) {
        (self.at_us, self.sequence)
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// Entries by time, then by the order in which they were pushed.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    heap: BinaryHeap<Reverse<Entry>>,
    next_sequence: u64,
}

impl Default for Queue {
    fn default() -> Self {
        // 0 is the sequence number of what is not queued.
        Self { heap: BinaryHeap::new(), next_sequence: 1 }
    }
}

impl Queue {
    /// Adds an entry and returns the sequence number that proves it is not stale.
    pub(super) fn push(&mut self, at_us: u64, pending: Pending) -> u64 {
        let sequence = self.number();
        self.heap.push(Reverse(Entry { at_us, sequence, pending }));
        sequence
    }

    /// Returns a sequence number that proves an entry outside the queue not to be stale.
    pub(super) fn number(&mut self) -> u64 {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        sequence
    }

    /// Adds an entry that was taken out before: it keeps its order among equals.
    pub(super) fn put_back(&mut self, entry: Entry) {
        self.heap.push(Reverse(entry));
    }

    /// Takes out the entry that was pushed last.
    pub(super) fn take_last(&mut self) -> Option<Entry> {
        let last = self.next_sequence - 1;
        let mut taken = None;
        self.heap.retain(|entry| {
            let is_it = entry.0.sequence == last;
            if is_it {
                taken = Some(entry.0);
            }
            !is_it
        });
        taken
    }

    /// Keeps the entries that `keeps` wants.
    pub(super) fn retain(&mut self, mut keeps: impl FnMut(&Entry) -> bool) {
        self.heap.retain(|entry| keeps(&entry.0));
    }

    /// Returns the first entry without removing it.
    pub(super) fn peek(&self) -> Option<Entry> {
        self.heap.peek().map(|entry| entry.0)
    }

    /// Removes the first entry.
    pub(super) fn pop(&mut self) -> Option<Entry> {
        self.heap.pop().map(|entry| entry.0)
    }
}
