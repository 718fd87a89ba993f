//! How the nodes of a world go about it: knobs and switches in the row's own terms.

use super::ELECTION_TIMEOUT_US;
use crate::mechanism::raft;
use crate::scenario::Setup;
use crate::sim::NodeId;

/// How often a leader speaks.
const HEARTBEAT_US: u64 = 50_000;

/// How the nodes of a world go about it.
#[derive(Copy, Clone, Debug, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a safeguard of its own")]
pub(super) struct Config {
    servers: u16,
    remotes: u16,
    pub(super) ship_us: u64,
    /// Safeguard: a write is acknowledged when most servers of the region have it.
    pub(super) waits_for_quorum: bool,
    /// Safeguard: what a server says of its log is on its disk first.
    pub(super) waits_for_disk: bool,
    /// Safeguard: nobody who writes waits for another region.
    pub(super) is_asynchronous: bool,
    /// Safeguard: only what is committed leaves the region.
    pub(super) ships_committed: bool,
    /// Safeguard: a copy takes over only what follows on what it has.
    pub(super) leaves_no_gap: bool,
}

impl Config {
    pub(super) fn of(setup: &Setup) -> Self {
        Self {
            servers: setup.count("servers"),
            remotes: setup.count("remotes"),
            ship_us: setup.knob("ship") * 1_000,
            waits_for_quorum: setup.is_on("quorum"),
            waits_for_disk: setup.is_on("fsync"),
            is_asynchronous: setup.is_on("async"),
            ships_committed: setup.is_on("committed"),
            leaves_no_gap: setup.is_on("gaps"),
        }
    }

    /// Returns how the servers of the region elect and replicate.
    pub(super) fn group(&self) -> raft::Config {
        let members = NodeId::first(self.servers).collect();
        raft::Config::by_votes(members, ELECTION_TIMEOUT_US, HEARTBEAT_US)
    }

    /// Lists the copies in other regions.
    pub(super) fn remotes(&self) -> impl Iterator<Item = NodeId> + use<> {
        NodeId::range(self.servers, self.remotes)
    }

    /// Returns a client by its number, from 0.
    pub(super) fn client(&self, number: u16) -> NodeId {
        NodeId(self.servers + self.remotes + number)
    }
}
