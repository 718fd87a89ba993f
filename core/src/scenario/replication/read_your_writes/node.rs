//! A node: a region's store, or a client, and what each keeps on its disk.

use super::client::{Client, Pocket};
use super::message::{Fact, Msg, Timer};
use super::region::{Region, Store};
use crate::sim::{Cell, kinds};

/// What survives a crash: a region's store, and what a client has in its pocket.
pub(super) type Disk = (Cell<Store>, Cell<Pocket>);

kinds! {
    /// One node.
    Node in "version" {
        /// Keeps a copy of every record.
        Region(Region),
        /// Writes its own record and reads all.
        Client(Client),
    }
}

impl Node {
    /// Returns the client that it is, if it is one.
    pub(super) fn client(&self) -> Option<&Client> {
        if let Self::Client(client) = self { Some(client) } else { None }
    }
}
