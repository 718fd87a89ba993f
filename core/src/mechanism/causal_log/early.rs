//! Entries that came before something of their past.

use super::{Body, CausalLog, Dot, Entry};
use crate::mechanism::small_map::SmallMap;

/// Entries that wait for others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Early<B>(SmallMap<Dot, Entry<B>>);

impl<B> Default for Early<B> {
    fn default() -> Self {
        Self(SmallMap::default())
    }
}

impl<B: Body> Early<B> {
    /// Keeps an entry until its past is there; true if it was not kept yet.
    pub fn hold(&mut self, entry: Entry<B>) -> bool {
        let is_new = self.0.get(entry.dot).is_none();
        self.0.insert(entry.dot, entry);
        is_new
    }

    /// Takes out an entry whose past is there by now, and forgets what the log has got by another way.
    pub fn take_ready(&mut self, log: &CausalLog<B>) -> Option<Entry<B>> {
        self.0.retain(|_, entry| log.is_news(entry));
        let ready = self.0.values().find(|entry| log.is_ready(entry)).cloned()?;
        self.0.remove(ready.dot);
        Some(ready)
    }

    /// Lists the entries that wait.
    pub fn iter(&self) -> impl Iterator<Item = &Entry<B>> {
        self.0.values()
    }

    /// Returns how many wait.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns true if none waits.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
