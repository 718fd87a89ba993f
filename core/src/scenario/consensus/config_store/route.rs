//! How a client finds the server that leads.

use crate::mechanism::raft::Term;
use crate::sim::NodeId;

/// Least and most time that a client waits for an answer.
pub(super) const ANSWER_US: (u64, u64) = (120_000, 160_000);
/// Least and most pause after a refusal.
pub(super) const PAUSE_US: (u64, u64) = (10_000, 30_000);

/// The leader, as far as a client knows.
#[derive(Clone, Debug, Hash)]
pub(super) struct Route {
    servers: u16,
    pub(super) server: NodeId,
    /// The term in which that is known.
    term: Term,
    /// Whether an answer is awaited; else a pause.
    pub(super) is_waiting: bool,
}

impl Route {
    pub(super) fn new(servers: u16, server: NodeId) -> Self {
        Self { servers, server, term: 0, is_waiting: false }
    }

    /// Goes on to the next server.
    pub(super) fn try_next(&mut self) {
        self.server = NodeId((self.server.0 + 1) % self.servers.max(1));
    }

    /// This server has answered as leader of a term.
    pub(super) fn led(&mut self, by: NodeId, term: Term) {
        if term >= self.term {
            (self.server, self.term) = (by, term);
        }
    }

    /// The server asked does not lead, but perhaps knows who does.
    pub(super) fn refused(&mut self, leader: Option<NodeId>, term: Term) {
        self.is_waiting = false;
        match leader.filter(|_| term >= self.term) {
            Some(leader) => self.server = leader,
            None => self.try_next(),
        }
        self.term = self.term.max(term);
    }
}
