//! A map for few keys: a sorted list.
//!
//! Mechanisms and observers keep something by node, term or client: a handful of keys, looked up at
//! every event and copied with every checkpoint. A sorted list does that faster than a tree. It is
//! also a fraction of a tree's code, which is compiled anew for every type of key and value and paid
//! for in the page's download by every row.

/// A map from `K` to `V`, in the order of the keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SmallMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for SmallMap<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Copy + Ord, V> SmallMap<K, V> {
    /// Returns how many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns true if there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns where `key` stands, or would stand.
    fn find(&self, key: K) -> Result<usize, usize> {
        self.0.binary_search_by(|(it, _)| it.cmp(&key))
    }

    /// Returns the value of `key`.
    pub fn get(&self, key: K) -> Option<&V> {
        self.find(key).ok().map(|at| &self.0[at].1)
    }

    /// Returns the value of `key` for changing.
    pub fn get_mut(&mut self, key: K) -> Option<&mut V> {
        self.find(key).ok().map(|at| &mut self.0[at].1)
    }

    /// Returns the value of `key` for changing, which is `value` if there was none.
    pub fn get_or_insert(&mut self, key: K, value: V) -> &mut V {
        let at = self.find(key).unwrap_or_else(|at| {
            self.0.insert(at, (key, value));
            at
        });
        &mut self.0[at].1
    }

    /// Gives `key` this value.
    pub fn insert(&mut self, key: K, value: V) {
        match self.find(key) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (key, value)),
        }
    }

    /// Forgets `key`.
    pub fn remove(&mut self, key: K) {
        if let Ok(at) = self.find(key) {
            self.0.remove(at);
        }
    }

    /// Keeps only what `is_kept`.
    pub fn retain(&mut self, mut is_kept: impl FnMut(K, &V) -> bool) {
        self.0.retain(|(key, value)| is_kept(*key, value));
    }

    /// Lists keys and values, by key.
    pub fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.0.iter().map(|(key, value)| (*key, value))
    }

    /// Lists the values, by key.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }
}

impl<K: Copy + Ord, V> FromIterator<(K, V)> for SmallMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(items: I) -> Self {
        let mut map = Self::default();
        items.into_iter().for_each(|(key, value)| map.insert(key, value));
        map
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is done to it, it holds what a tree would hold, in the same order.
        #[test]
        fn behaves_as_a_tree(steps in prop::collection::vec((0..4_u8, 0..8_u16, 0..9_u32), 0..40)) {
            let (mut map, mut tree) = (SmallMap::default(), BTreeMap::new());
            for (kind, key, value) in steps {
                match kind {
                    0 => { map.insert(key, value); tree.insert(key, value); }
                    1 => { map.remove(key); tree.remove(&key); }
                    2 => {
                        *map.get_or_insert(key, value) += 1;
                        *tree.entry(key).or_insert(value) += 1;
                    }
                    _ => {
                        map.retain(|key, _| u32::from(key) != value);
                        tree.retain(|key, _| u32::from(*key) != value);
                    }
                }
                prop_assert_eq!(map.len(), tree.len());
                prop_assert_eq!(map.is_empty(), tree.is_empty());
                prop_assert_eq!(map.get(key), tree.get(&key));
                prop_assert_eq!(map.get_mut(key), tree.get_mut(&key));
                prop_assert!(map.iter().eq(tree.iter().map(|(key, value)| (*key, value))));
                prop_assert!(map.values().eq(tree.values()));
                prop_assert_eq!(&map, &map.iter().map(|(key, value)| (key, *value)).collect());
            }
        }
    }
}
