//! A node: the store, the dashboard, or a thermometer.

use super::dashboard::Dashboard;
use super::message::{Fact, Msg, Timer};
use super::sensor::Sensor;
use super::server::Server;
use crate::sim::{Files, kinds};

/// What survives a crash.
pub(super) type Disk = Files;

kinds! {
    /// One node.
    Node in "shard" {
        /// Keeps the points.
        Server(Server),
        /// Asks for them.
        Dashboard(Dashboard),
        /// Makes them.
        Sensor(Sensor),
    }
}

impl Node {
    /// Returns the node that has the store, if it is this.
    pub(super) fn server(&self) -> Option<&Server> {
        if let Self::Server(server) = self { Some(server) } else { None }
    }
}
