//! A node: a replica of all tables, or a client, and what each keeps on its disk.

use super::client::{Client, Counts};
use super::message::{Fact, Msg, Timer};
use super::server::{Copies, Server};
use crate::sim::{Cell, kinds};

/// What survives a crash: a replica's copies, and what a client counts.
pub(super) type Disk = (Cell<Copies>, Cell<Counts>);

kinds! {
    /// One node.
    Node in "version" {
        /// Keeps copies.
        Server(Server),
        /// Writes its own keys and reads all.
        Client(Client),
    }
}
