//! A node: a server of the ring, or a client, and what each keeps on its disk.

use super::client::{Client, Counts};
use super::message::{Fact, Msg, Timer};
use super::server::{Server, Store};
use crate::sim::{Cell, kinds};

/// What survives a crash: a server's copies, and what a client counts.
pub(super) type Disk = (Cell<Store>, Cell<Counts>);

kinds! {
    /// One node.
    Node in "list" {
        /// Keeps copies.
        Server(Server),
        /// Writes its own keys and reads all.
        Client(Client),
    }
}

impl Node {
    /// Returns the server that it is, if it is one.
    pub(super) fn server(&self) -> Option<&Server> {
        if let Self::Server(server) = self { Some(server) } else { None }
    }
}
