//! A node: the counter, or a client.

use super::client::Client;
use super::message::{Fact, Msg, Timer};
use super::server::Server;
use crate::sim::{Files, kinds};

/// What survives a crash.
pub(super) type Disk = Files;

kinds! {
    /// One node.
    Node in "count" {
        /// Counts.
        Server(Server),
        /// Asks it.
        Client(Client),
    }
}
