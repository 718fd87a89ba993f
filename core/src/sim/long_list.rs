//! A list that grows for as long as a run lasts, and is cheap to copy.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// Items in a chunk: what a push may have to copy, and what a copy of the list shares.
const CHUNK: usize = 128;

/// A list whose copies share all but the chunks in which they differ.
///
/// Worlds are copied at every checkpoint, so state that only ever grows (a replicated log, a history
/// of receipts) must not be copied with them: a run of a million events would hold it a hundred times.
#[derive(Clone)]
pub struct LongList<T> {
    /// All full but the last.
    chunks: Vec<Rc<Vec<T>>>,
}

impl<T> Default for LongList<T> {
    fn default() -> Self {
        Self { chunks: Vec::new() }
    }
}

impl<T: Clone> LongList<T> {
    /// Returns how many items there are.
    pub fn len(&self) -> usize {
        let last = self.chunks.last().map_or(0, |chunk| chunk.len());
        self.chunks.len().saturating_sub(1) * CHUNK + last
    }

    /// Returns true if there is no item.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Returns the item at `place`, counted from 0.
    pub fn get(&self, place: usize) -> Option<&T> {
        self.chunks.get(place / CHUNK)?.get(place % CHUNK)
    }

    /// Returns the item at `place` for changing.
    pub fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        Rc::make_mut(self.chunks.get_mut(place / CHUNK)?).get_mut(place % CHUNK)
    }

    /// Returns the last item.
    pub fn last(&self) -> Option<&T> {
        self.chunks.last()?.last()
    }

    /// Adds an item at the end.
    pub fn push(&mut self, item: T) {
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK => Rc::make_mut(last).push(item),
            Some(_) | None => self.chunks.push(Rc::new(vec![item])),
        }
    }

    /// Drops all items from `length` on.
    pub fn truncate(&mut self, length: usize) {
        self.chunks.truncate(length.div_ceil(CHUNK));
        let left = length - self.chunks.len().saturating_sub(1).min(length / CHUNK) * CHUNK;
        if let Some(last) = self.chunks.last_mut()
            && left < last.len()
        {
            Rc::make_mut(last).truncate(left);
        }
    }

    /// Lists the items from `place` on.
    pub fn iter_from(&self, place: usize) -> impl Iterator<Item = &T> {
        let chunks = self.chunks.iter().skip(place / CHUNK);
        chunks.flat_map(|chunk| chunk.iter()).skip(place % CHUNK)
    }

    /// Lists the items.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.iter_from(0)
    }
}

impl<T: Clone> FromIterator<T> for LongList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut list = Self::default();
        items.into_iter().for_each(|item| list.push(item));
        list
    }
}

impl<T: Clone + PartialEq> PartialEq for LongList<T> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<T: Clone + Eq> Eq for LongList<T> {}

impl<T: Clone + Hash> Hash for LongList<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.len() as u64).hash(state);
        self.iter().for_each(|item| item.hash(state));
    }
}

impl<T: Clone + fmt::Debug> fmt::Debug for LongList<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is done to it, it holds what a vector would hold, and copies stay as they were.
        #[test]
        fn behaves_as_a_vector(steps in prop::collection::vec((0..3_u8, 0..700_usize), 0..40)) {
            let (mut list, mut vector) = (LongList::default(), Vec::new());
            for (kind, n) in steps {
                let (copy, before) = (list.clone(), vector.clone());
                match kind {
                    0 => (0..n).for_each(|i| { list.push(i); vector.push(i); }),
                    1 => { list.truncate(n); vector.truncate(n); }
                    _ => if let Some(item) = list.get_mut(n) { *item += 1; vector[n] += 1; },
                }
                prop_assert_eq!(list.len(), vector.len());
                prop_assert!(list.iter().eq(&vector));
                prop_assert!(list.iter_from(n).eq(vector.iter().skip(n)));
                prop_assert_eq!(list.last(), vector.last());
                prop_assert_eq!(list.get(n), vector.get(n));
                prop_assert!(copy.iter().eq(&before));
            }
        }
    }
}
