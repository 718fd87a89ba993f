//! A node: a doctor's or the planner's client, the coordinator, or a shard.

use super::client::Client;
use super::coordinator::{Coordinator, Ledger};
use super::message::{Fact, Msg, Timer};
use super::roster::Night;
use super::shard::Shard;
use crate::mechanism::mvcc::Store;
use crate::sim::{Cell, NodeId, kinds};

/// How the roster is kept.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Config {
    /// How many doctors there are; planner, coordinator and both shards come after them.
    pub(super) doctors: u16,
    /// How long a client thinks between reading and writing.
    pub(super) think_us: u64,
    /// Safeguard: on Friday everybody writes one row.
    pub(super) has_conflict_row: bool,
    /// Safeguard: on Saturday everybody locks what they read.
    pub(super) locks: bool,
    /// Safeguard: of Sunday's transactions none may complete a dangerous structure.
    pub(super) certifies: bool,
}

impl Config {
    /// Returns the planner.
    pub(super) fn planner(self) -> NodeId {
        NodeId(self.doctors)
    }

    /// Returns the coordinator.
    pub(super) fn coordinator(self) -> NodeId {
        NodeId(self.doctors + 1)
    }

    /// Returns a shard by its place.
    pub(super) fn shard(self, place: u16) -> NodeId {
        NodeId(self.doctors + 2 + place)
    }

    /// Lists the shards.
    pub(super) fn shards(self) -> [NodeId; 2] {
        [0, 1].map(|place| self.shard(place))
    }

    /// Returns a shard's place.
    pub(super) fn place_of(self, shard: NodeId) -> u16 {
        shard.0.saturating_sub(self.doctors + 2)
    }

    /// Whether a night's transactions lock what they read.
    pub(super) fn locks_on(self, night: Night) -> bool {
        self.locks && night == Night::SATURDAY
    }
}

/// What survives a crash: a shard's rows, and the coordinator's ledger.
pub(super) type Disk = (Cell<Store>, Cell<Ledger>);

kinds! {
    /// One node.
    Node in "transaction" {
        /// Leaves, comes back, or plans.
        Client(Client),
        /// Gives out snapshots, and decides.
        Coordinator(Coordinator),
        /// Keeps rows.
        Shard(Shard),
    }
}

impl Node {
    /// Returns the shard that this is, if it is one.
    pub(super) fn shard(&self) -> Option<&Shard> {
        if let Self::Shard(shard) = self { Some(shard) } else { None }
    }
}
