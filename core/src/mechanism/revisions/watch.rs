//! A watch as the server keeps it: how far it has told its watcher.

use super::store::{Compacted, Store};
use super::transaction::{Event, Revision};

/// What a watcher is told at one time. Without changes it says only "you have all up to here": a
/// progress notification.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Batch {
    /// Of which watch, as the watcher numbers them.
    pub watch: u32,
    /// The revision that these changes follow.
    pub after: Revision,
    /// The revision to which they lead.
    pub upto: Revision,
    /// All changes between, in order.
    pub events: Vec<Event>,
}

/// A watch of all keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Watch {
    number: u32,
    sent: Revision,
}

impl Watch {
    /// Begins a watch behind a revision; `None` for whatever comes from now on, which is not the same
    /// on two servers.
    pub fn new(number: u32, after: Option<Revision>, store: &Store) -> Self {
        Self { number, sent: after.unwrap_or(store.revision()) }
    }

    /// Returns its number.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns what is new since the last batch. A revision that this server has not reached yet is
    /// waited for.
    ///
    /// # Errors
    /// Some of it may have been compacted away; then the watch is over.
    pub fn next(&mut self, store: &Store) -> Result<Batch, Compacted> {
        let events = store.since(self.sent)?.to_vec();
        let (after, upto) = (self.sent, self.sent.max(store.revision()));
        self.sent = upto;
        Ok(Batch { watch: self.number, after, upto, events })
    }
}
