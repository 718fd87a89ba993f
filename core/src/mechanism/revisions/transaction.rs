//! What can be asked of a store: transactions, leases, compaction.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// Names what is kept. A host gives the numbers their names.
pub type Key = u16;

/// A state of the whole store: how many transactions have changed something. 0 is the empty store.
pub type Revision = u64;

/// Names a lease, as whoever asks for it chooses.
pub type LeaseId = u64;

/// What is kept under a key.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Item {
    /// What was put there.
    pub value: u64,
    /// The revision since which the key has been there without a break.
    pub created: Revision,
    /// The revision that last changed it.
    pub modified: Revision,
    /// How often it has been put since it was created.
    pub version: u64,
    /// The lease with which it goes.
    pub lease: Option<LeaseId>,
}

/// A change of a key.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Event {
    /// The revision that it is part of.
    pub revision: Revision,
    /// What has changed.
    pub key: Key,
    /// What is there now; `None` if it was deleted.
    pub item: Option<Item>,
}

/// How a number is to stand to what it is compared with.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Relation {
    /// The same.
    Equal,
    /// Another.
    NotEqual,
    /// Smaller.
    Less,
    /// Larger.
    Greater,
}

impl Relation {
    fn admits(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::Greater => ordering.is_gt(),
        }
    }
}

/// What of a key is compared, and with what. A key that is not there has zeros, and no value.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Target {
    /// Its value.
    Value(u64),
    /// How often it was put.
    Version(u64),
    /// When it was created.
    Created(Revision),
    /// When it was changed.
    Modified(Revision),
}

/// A condition of a transaction.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Compare {
    /// What is looked at.
    pub key: Key,
    /// How it is to stand to the target.
    pub relation: Relation,
    /// With what it is compared.
    pub target: Target,
}

impl Compare {
    /// Returns true if what is under the key is as it should be.
    pub fn holds(&self, item: Option<&Item>) -> bool {
        let known = |number: fn(&Item) -> u64| item.map(number).unwrap_or_default();
        let (left, right) = match self.target {
            Target::Value(value) => match item {
                Some(item) => (item.value, value),
                None => return false,
            },
            Target::Version(version) => (known(|item| item.version), version),
            Target::Created(revision) => (known(|item| item.created), revision),
            Target::Modified(revision) => (known(|item| item.modified), revision),
        };
        self.relation.admits(left.cmp(&right))
    }
}

/// One step of a transaction.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operation {
    /// Reads a key, after the steps before it.
    Get(Key),
    /// Puts a value under a key.
    Put {
        /// Where.
        key: Key,
        /// What.
        value: u64,
        /// With which lease it goes; `None` if it stays.
        lease: Option<LeaseId>,
    },
    /// Deletes a key, if it is there.
    Delete(Key),
}

/// If all conditions hold one list of steps, else the other, in one revision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Transaction {
    /// What must hold.
    pub compares: Vec<Compare>,
    /// What is done if it does.
    pub then: Vec<Operation>,
    /// What is done if it does not.
    pub otherwise: Vec<Operation>,
}

/// A change of the store, as an entry of a replicated log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Changes keys.
    Transact(Transaction),
    /// Creates a lease.
    Grant {
        /// Which.
        lease: LeaseId,
        /// How long it lasts without a renewal, by the clock of whoever leads.
        lasts_us: u64,
    },
    /// Renews a lease.
    KeepAlive(LeaseId),
    /// Ends a lease, and deletes its keys in one revision.
    Revoke {
        /// Which.
        lease: LeaseId,
        /// Only if it has been renewed so often and not once more: so a clock proposes its end, and the
        /// order of the log decides.
        renewals: Option<u64>,
    },
    /// Forgets what was before a revision.
    Compact(Revision),
}

/// A command of a client, by who asks and the how-manieth of theirs it is: a retry is the same request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Request {
    /// The client and its number; `None` for what the servers do by themselves.
    pub id: Option<(u16, u32)>,
    /// What is asked.
    pub command: Command,
}

/// Why a command changed nothing.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Refusal {
    /// There is no such lease, or no longer.
    NoLease,
    /// There is such a lease already.
    LeaseExists,
    /// A transaction would change a key twice in one revision.
    KeyTwice,
    /// What is to be compacted is gone already, or has not been yet.
    NotThere,
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Outcome {
    /// The store's revision after it.
    pub revision: Revision,
    /// Whether a transaction's conditions held; true for all else that was done; or why nothing was.
    pub result: Result<bool, Refusal>,
    /// What a transaction's steps have read, in order.
    pub read: Vec<Option<Item>>,
}
