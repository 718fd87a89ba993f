//! A node: a replica, or a client.

use super::client::Client;
use super::message::{Fact, Msg, Timer};
use super::replica::Replica;
use crate::sim::{Files, kinds};

/// What survives a crash.
pub(super) type Disk = Files;

kinds! {
    /// One node.
    Node in "generation" {
        /// Keeps a copy of the ledger.
        Replica(Replica),
        /// Asks for transfers.
        Client(Client),
    }
}

impl Node {
    /// Returns the replica that it is, if it is one.
    pub(super) fn replica(&self) -> Option<&Replica> {
        if let Self::Replica(replica) = self { Some(replica) } else { None }
    }
}
