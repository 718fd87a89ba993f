//! What a server may not forget, the few ways in which it changes, and the disk that keeps it.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::log::{Command, Entry, Index, Log, Position, Term};
use crate::sim::{Cell, NodeId, Storage};

/// What a server may not forget (Figure 2, "persistent state on all servers").
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Persistent<C: Command> {
    /// The latest term that it has seen.
    pub term: Term,
    /// To whom it gave its vote in that term.
    pub vote: Option<NodeId>,
    /// Its log.
    pub log: Log<C>,
    /// What stands for the entries that the log no longer keeps (§7).
    pub snapshot: Option<Rc<Snapshot>>,
}

impl<C: Command> Default for Persistent<C> {
    fn default() -> Self {
        Self { term: 0, vote: None, log: Log::default(), snapshot: None }
    }
}

/// The state that the entries up to a place have led to (§7, Figure 12).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Snapshot {
    /// The last entry that it stands for.
    pub last: Position,
    /// A digest of the log up to there, which the algorithm does not look at.
    pub digest: u64,
    /// The members as of that entry.
    pub members: Vec<NodeId>,
    /// The host's state after that entry, in the host's own coding.
    pub state: Vec<u8>,
}

/// One change of what is persistent: what a disk that is written in records has as a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Change<C> {
    /// Another term, or a vote in it.
    Term {
        /// The term.
        term: Term,
        /// The vote, if it is given.
        vote: Option<NodeId>,
    },
    /// These entries stand behind `kept`, and nothing behind them.
    Entries {
        /// The last place that stays as it is.
        kept: Index,
        /// What follows.
        entries: Vec<Entry<C>>,
    },
    /// A snapshot stands for the beginning of the log.
    Snapshot(Snapshot),
}

impl<C: Command> Persistent<C> {
    /// Carries out a change.
    pub fn apply(&mut self, change: Change<C>) {
        match change {
            Change::Term { term, vote } => (self.term, self.vote) = (term, vote),
            Change::Entries { kept, entries } => self.log.replace_behind(kept, &entries),
            Change::Snapshot(snapshot) => {
                self.log.rebase(snapshot.last, snapshot.digest);
                self.snapshot = Some(Rc::new(snapshot));
            }
        }
    }
}

/// A disk that keeps a server's state.
pub trait Stable<C: Command>: Storage {
    /// Returns the state as the running server reads it, synced or not.
    fn get(&self) -> &Persistent<C>;
    /// Returns the state that a crash leaves at least.
    fn durable(&self) -> &Persistent<C>;
    /// Changes the state; a crash may undo it unless it is synced first.
    fn write(&mut self, change: Change<C>);
    /// The server starts again after a crash, and has read what is left.
    fn recover(&mut self) {}
}

/// A disk whose writes are atomic, for hosts whose lesson is not the disk.
pub type Disk<C> = Cell<Persistent<C>>;

impl<C: Command> Stable<C> for Disk<C> {
    fn get(&self) -> &Persistent<C> {
        Self::get(self)
    }

    fn durable(&self) -> &Persistent<C> {
        Self::durable(self)
    }

    fn write(&mut self, change: Change<C>) {
        self.get_mut().apply(change);
    }
}
