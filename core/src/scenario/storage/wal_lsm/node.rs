//! A node: the store, or a client.

use super::client::Client;
use super::message::{Fact, Msg, Timer};
use super::server::Server;
use crate::sim::{Files, kinds};

/// What survives a crash.
pub(super) type Disk = Files;

kinds! {
    /// One node.
    Node in "write" {
        /// Has the store.
        Server(Server),
        /// Asks it.
        Client(Client),
    }
}

impl Node {
    /// Returns the node that has the store, if it is this.
    pub(super) fn server(&self) -> Option<&Server> {
        if let Self::Server(server) = self { Some(server) } else { None }
    }
}
