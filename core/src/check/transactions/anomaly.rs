//! What can go wrong with transactions, by the names of Adya 1999 and of Elle.

use super::Dependency;

/// Something that went wrong with transactions.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnomalyKind {
    /// A value was read that nobody wrote.
    GarbageRead,
    /// Two reads of a list cannot both be beginnings of one list.
    IncompatibleOrder,
    /// G0, dirty write: a cycle of overwriting.
    G0,
    /// G1a, aborted read: what was read was never committed.
    G1a,
    /// G1b, intermediate read: what was read is not what its transaction wrote last.
    G1b,
    /// G1c, circular information flow: a cycle of overwriting and reading from.
    G1c,
    /// A transaction's reads contradict what it read or wrote before.
    Internal,
    /// P4, lost update: two transactions read the same version of a key and both overwrote it.
    LostUpdate,
    /// G-single, read skew: a cycle with exactly one read that was overwritten later.
    GSingle,
    /// G-nonadjacent: a cycle with several reads that were overwritten later, no two in a row.
    GNonadjacent,
    /// G2-item, write skew among others: a cycle with two reads in a row that were overwritten later.
    G2Item,
}

/// How well transactions are kept apart. Each forbids what the ones before it forbid, and more.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isolation {
    /// Adya's PL-1: no dirty writes.
    ReadUncommitted,
    /// Adya's PL-2: no reads of what was not, or not in the end, committed either.
    ReadCommitted,
    /// Every transaction reads from a snapshot, and of two concurrent writers of a key one aborts:
    /// only cycles with two adjacent anti-dependencies remain (Fekete et al. 2005, theorem 2.1;
    /// Cerone and Gotsman 2018, theorem 9).
    SnapshotIsolation,
    /// Adya's PL-3, for items: as if one came after the other.
    Serializable,
}

impl AnomalyKind {
    /// Returns the name in the literature.
    pub fn name(self) -> &'static str {
        match self {
            Self::GarbageRead => "garbage read",
            Self::IncompatibleOrder => "incompatible order",
            Self::G0 => "G0",
            Self::G1a => "G1a",
            Self::G1b => "G1b",
            Self::G1c => "G1c",
            Self::Internal => "internal",
            Self::LostUpdate => "P4",
            Self::GSingle => "G-single",
            Self::GNonadjacent => "G-nonadjacent",
            Self::G2Item => "G2-item",
        }
    }

    /// Returns the weakest isolation that forbids it.
    pub fn forbidden_by(self) -> Isolation {
        match self {
            Self::GarbageRead | Self::IncompatibleOrder | Self::G0 => Isolation::ReadUncommitted,
            Self::G1a | Self::G1b | Self::G1c => Isolation::ReadCommitted,
            Self::Internal | Self::LostUpdate | Self::GSingle | Self::GNonadjacent => {
                Isolation::SnapshotIsolation
            }
            Self::G2Item => Isolation::Serializable,
        }
    }
}

impl Isolation {
    /// Every isolation, the weakest first.
    pub const ALL: [Self; 4] =
        [Self::ReadUncommitted, Self::ReadCommitted, Self::SnapshotIsolation, Self::Serializable];

    /// Returns its name, as a word of a command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::ReadUncommitted => "read-uncommitted",
            Self::ReadCommitted => "read-committed",
            Self::SnapshotIsolation => "snapshot-isolation",
            Self::Serializable => "serializable",
        }
    }

    /// Whether it forbids an anomaly.
    pub fn forbids(self, kind: AnomalyKind) -> bool {
        kind.forbidden_by() <= self
    }
}

/// Something that went wrong, with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anomaly {
    /// What it is.
    pub kind: AnomalyKind,
    /// The transactions it is about, by their numbers; of a cycle in the cycle's order.
    pub transactions: Vec<usize>,
    /// Of a cycle the dependency of each transaction's successor on it, the last one's of the first.
    pub cycle: Vec<Dependency>,
    /// Why, in sentences: of a cycle one a dependency.
    pub reasons: Vec<String>,
}

impl Anomaly {
    /// Whether it is one only because a transaction had returned before another was invoked.
    pub fn needs_real_time(&self) -> bool {
        self.cycle.iter().any(|dependency| dependency.kind == super::DependencyKind::RealTime)
    }
}
