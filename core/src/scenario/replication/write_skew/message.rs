//! What doctors, planner, coordinator and shards say to each other. How it reads is in [`super::words`].

use super::roster::{Night, Row, Wish};
use crate::mechanism::mvcc::{Dangerous, Key, Overwrite, Stamp, Tx};
use crate::sim::NodeId;

/// Rows with what is written to them.
pub(super) type Writes = Vec<(Key, Option<u64>)>;

/// A transaction as it reads at a shard.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reading {
    pub(super) tx: Tx,
    pub(super) night: Night,
    /// As of when it reads.
    pub(super) snapshot: Stamp,
    /// It locks what it reads.
    pub(super) locks: bool,
}

/// Why a transaction aborts.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Why {
    /// A row that it would lock or write was changed since its snapshot.
    Changed,
    /// A row that it would write is another's.
    Held(Tx),
    /// It has lost its locks, or waited too long for them.
    Unlocked,
    /// Its snapshot is older than what is kept.
    TooOld,
    /// A shard did not answer in time.
    Silence,
    /// It would complete a dangerous structure.
    Dangerous(Dangerous),
    /// The coordinator does not know it any more.
    Forgotten,
}

/// What nodes say.
#[derive(Clone, Debug, Hash)]
pub(super) enum Msg {
    /// The viewer has somebody do something.
    Do(Night, Wish),
    /// A client wants a snapshot, for this attempt of its own.
    Begin(u64),
    /// It has one.
    Began { attempt: u64, tx: Tx, snapshot: Stamp },
    /// It reads a night's rows.
    Read(Reading),
    /// These are they.
    Rows { tx: Tx, rows: Vec<Row> },
    /// The shard cannot let it have them.
    Denied { tx: Tx, why: Why },
    /// A client gives a transaction up before it has asked to commit.
    Rollback(Tx),
    /// A client has read this and wants to write that.
    Commit { reading: Reading, reads: Vec<Row>, writes: Writes },
    /// The coordinator asks a shard whether it can.
    Prepare { reading: Reading, writes: Writes },
    /// It can, and these are the reads that were overwritten; or it cannot.
    Vote { tx: Tx, vote: Result<Vec<Overwrite>, Why> },
    /// It is committed as of this, or aborted; nobody reads as of before the floor any more.
    Decide { tx: Tx, stamp: Option<Stamp>, floor: Stamp },
    /// A shard has on disk that it is committed.
    Applied(Tx),
    /// A shard has prepared it, and has not heard what became of it.
    InDoubt(Tx),
    /// The client hears what became of it.
    Done { tx: Tx, why: Option<Why> },
}

/// What wakes a node.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// A client's turn by the timetable.
    Turn,
    /// Who waits for an answer asks again.
    Late,
    /// A client has thought about what it has read.
    Thought,
    /// A client tries again.
    Again,
    /// Coordinator or shard looks at what is under way.
    Look,
}

/// A transaction that has committed.
#[derive(Clone, Debug, Hash)]
pub(super) struct Decided {
    pub(super) tx: Tx,
    pub(super) client: NodeId,
    pub(super) night: Night,
    pub(super) reads: Vec<Row>,
    pub(super) writes: Writes,
    /// The reads that were overwritten, between it and those that had committed.
    pub(super) overwrites: Vec<Overwrite>,
}

/// What happens.
#[derive(Clone, Debug, Hash)]
pub(super) enum Fact {
    /// A client begins to do something; its operation has this number.
    Wants { number: u64, night: Night, wish: Wish },
    /// It has read how many are on call, and how many shifts there are.
    Reads { tx: Tx, night: Night, on_call: u64, shifts: u64 },
    /// It has nothing to do, or must not.
    Stays { number: u64, night: Night },
    /// Its transaction has aborted.
    Aborts { tx: Tx, night: Night, why: Why },
    /// It is told that its transaction has committed.
    HasDone { number: u64, tx: Tx },
    /// It has tried too often.
    GivesUp { number: u64, night: Night },
    /// It comes up again, and has forgotten what it was doing.
    Returns,
    /// The coordinator has on disk that a transaction commits.
    Decides(Box<Decided>),
    /// At a shard one transaction waits for another's lock.
    Waits { tx: Tx, holder: Tx },
    /// A shard asks what became of a transaction.
    Asks(Tx),
    /// A shard or the coordinator comes up again, with so many transactions that are not decided or applied.
    Recovers(u64),
}
