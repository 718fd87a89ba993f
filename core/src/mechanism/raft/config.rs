//! What a group of servers agrees on before it starts.

use crate::mechanism::majority::majority;
use crate::sim::NodeId;

/// Who decides who leads.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Election {
    /// The servers, by votes of a majority (§5.2).
    ByVotes,
    /// The host, through [`Raft::take_over`](super::Raft::take_over) and
    /// [`Raft::step_down`](super::Raft::step_down). Nothing here keeps two hosts from doing so in
    /// one term.
    ByHost,
}

/// The settings of one group of servers, equal on all of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// The servers.
    pub members: Vec<NodeId>,
    /// Who decides who leads.
    pub election: Election,
    /// Shortest and longest time without a word from a leader before a follower stands for election.
    /// Each wait is drawn anew, so that votes are seldom split (§5.2).
    pub election_timeout_us: (u64, u64),
    /// How often a leader says that it is there.
    pub heartbeat_us: u64,
    /// A server asks whether it could win before it raises its term (thesis §9.6).
    pub pre_vote: bool,
    /// A leader that has not heard from a majority for an election timeout steps down (thesis §6.2).
    /// It measures that on its own monotonic clock: a wrong clock costs time, never safety.
    pub check_quorum: bool,
}

impl Config {
    /// Returns how many servers are more than half of all.
    pub fn majority(&self) -> u32 {
        majority(u32::try_from(self.members.len()).unwrap_or(u32::MAX))
    }

    /// Lists all servers but `me`.
    pub(super) fn others(&self, me: NodeId) -> impl Iterator<Item = NodeId> + use<> {
        let others: Vec<_> = self.members.iter().copied().filter(|id| *id != me).collect();
        others.into_iter()
    }
}
