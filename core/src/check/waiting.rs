//! A first-in-first-out list that takes no more memory than it needs.

use std::collections::VecDeque;

/// So many items are allocated and freed together.
const CHUNK: usize = 512;

/// Items in the order in which they came.
///
/// A `VecDeque` that grows leaves up to half of itself unused, and holds its old and its new self
/// while it moves; of whole states, that is more than all fingerprints take.
pub(super) struct Waiting<T> {
    front: std::vec::IntoIter<T>,
    middle: VecDeque<Vec<T>>,
    back: Vec<T>,
    count: u64,
}

impl<T> Waiting<T> {
    pub(super) fn new() -> Self {
        Self { front: Vec::new().into_iter(), middle: VecDeque::new(), back: Vec::new(), count: 0 }
    }

    /// Returns how many items wait.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn push(&mut self, item: T) {
        if self.back.len() == CHUNK {
            let full = std::mem::replace(&mut self.back, Vec::with_capacity(CHUNK));
            self.middle.push_back(full);
        }
        self.back.push(item);
        self.count += 1;
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        if self.front.len() == 0 {
            let next = self.middle.pop_front();
            self.front = next.unwrap_or_else(|| std::mem::take(&mut self.back)).into_iter();
        }
        let item = self.front.next();
        self.count -= u64::from(item.is_some());
        item
    }
}
