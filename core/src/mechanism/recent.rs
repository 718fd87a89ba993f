//! The last few things of many: what a judge remembers of a run that goes on for ever.

use std::collections::VecDeque;

/// The last `LIMIT` items that were pushed, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Recent<T, const LIMIT: usize>(VecDeque<T>);

impl<T, const LIMIT: usize> Default for Recent<T, LIMIT> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T, const LIMIT: usize> Recent<T, LIMIT> {
    /// Adds an item, and forgets the oldest one if there are too many.
    pub fn push(&mut self, item: T) {
        if self.0.len() == LIMIT {
            self.0.pop_front();
        }
        self.0.push_back(item);
    }

    /// Lists the items, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.0.iter()
    }

    /// Lists the items for changing, oldest first.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut T> {
        self.0.iter_mut()
    }

    /// Lists the last `count` items, oldest first.
    pub fn last(&self, count: usize) -> impl Iterator<Item = &T> {
        self.0.iter().skip(self.0.len().saturating_sub(count))
    }

    /// Returns the newest item for changing.
    pub fn newest_mut(&mut self) -> Option<&mut T> {
        self.0.back_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_the_limit_is_forgotten() {
        let mut recent = Recent::<u8, 3>::default();
        (1..=5).for_each(|item| recent.push(item));
        assert_eq!(recent.iter().copied().collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!(recent.last(2).copied().collect::<Vec<_>>(), [4, 5]);
        assert_eq!(recent.last(9).count(), 3);
    }
}
