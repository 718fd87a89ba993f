//! The client's half: a list, a watch, and a cache that follows it.
//!
//! Clients of etcd and Kubernetes call it list-and-watch. What makes it right are three rules, each of
//! which can be left out to show what it is for.

use super::store::Compacted;
use super::transaction::{Event, Item, Key, Revision};
use super::watch::Batch;

/// The rules of a cache.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// A watch goes on behind the last revision that was seen, not "from now on".
    pub resumes: bool,
    /// Changes are taken in order and once: a batch that follows something else is no use.
    pub keeps_order: bool,
    /// Who hears that revisions were compacted away lists everything anew before going on.
    pub lists_again: bool,
}

/// What came of a message to the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The cache has taken over these changes; none for a word that it is up to date.
    Sees(Vec<Event>),
    /// Something is missing before it: the watch is to begin anew.
    Gap,
    /// It is of another watch, which is no longer needed.
    Stranger,
    /// Everything is to be listed anew.
    NeedsList,
}

/// A copy of the store as of a revision, kept by whoever wants to know what changes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Informer {
    rules: Rules,
    items: Vec<(Key, Item)>,
    cursor: Revision,
    /// The present watch.
    watch: u32,
    /// How far the present watch has come; unknown before the first batch of one "from now on".
    position: Option<Revision>,
}

impl Informer {
    /// Makes an empty cache.
    pub fn new(rules: Rules) -> Self {
        Self { rules, items: Vec::new(), cursor: 0, watch: 0, position: None }
    }

    /// Returns what the cache holds, by key.
    pub fn items(&self) -> &[(Key, Item)] {
        &self.items
    }

    /// Returns the revision as of which it believes to be a copy.
    pub fn cursor(&self) -> Revision {
        self.cursor
    }

    /// Begins with a list of everything as of a revision.
    pub fn on_list(&mut self, revision: Revision, items: &[(Key, Item)]) {
        self.items = items.to_vec();
        self.cursor = revision;
    }

    /// Begins a watch under a number of the host's choice, never used before; returns behind which
    /// revision it is to begin. `None`: from now on.
    pub fn begin_watch(&mut self, number: u32) -> Option<Revision> {
        self.watch = number;
        self.position = self.rules.resumes.then_some(self.cursor);
        self.position
    }

    /// Takes a batch over.
    pub fn on_batch(&mut self, batch: &Batch) -> Heard {
        if batch.watch != self.watch {
            return Heard::Stranger;
        }
        let mut seen = batch.events.clone();
        if self.rules.keeps_order {
            let position = self.position.unwrap_or(batch.after);
            if batch.after > position {
                return Heard::Gap;
            }
            seen.retain(|event| event.revision > position);
            self.position = Some(position.max(batch.upto));
        }
        for event in &seen {
            self.items.retain(|(key, _)| *key != event.key);
            self.items.extend(event.item.map(|item| (event.key, item)));
        }
        self.items.sort_unstable_by_key(|(key, _)| *key);
        self.cursor = self.cursor.max(batch.upto);
        Heard::Sees(seen)
    }

    /// Hears that its watch is over, because what it needs next is gone.
    pub fn on_compacted(&mut self, watch: u32, compacted: Compacted) -> Heard {
        if watch != self.watch {
            return Heard::Stranger;
        }
        if self.rules.lists_again {
            return Heard::NeedsList;
        }
        // It goes on with what is left, and never learns what it has missed.
        self.cursor = self.cursor.max(compacted.at);
        Heard::Gap
    }
}
