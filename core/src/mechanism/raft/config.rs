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
    /// The servers: those that are members at first, and may leave and return.
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
    /// Returns the settings of a group that elects its leader with all that helps to keep one:
    /// pre-vote and check-quorum.
    pub fn by_votes(
        members: Vec<NodeId>,
        election_timeout_us: (u64, u64),
        heartbeat_us: u64,
    ) -> Self {
        let (election, pre_vote, check_quorum) = (Election::ByVotes, true, true);
        Self { members, election, election_timeout_us, heartbeat_us, pre_vote, check_quorum }
    }

    /// Returns how many servers are more than half of all that are members at first.
    pub fn majority(&self) -> u32 {
        majority(u32::try_from(self.members.len()).unwrap_or(u32::MAX))
    }
}

/// The rules that are left out most often. Without any one of them a committed entry can be lost.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
pub struct Safeguards {
    /// A leader begins its term with a blank entry (§8), and counts nothing as committed before an
    /// entry of its own term is on a majority of disks (§5.4.2): otherwise Figure 8 happens.
    pub commits_own_term: bool,
    /// A server votes only for one whose log is at least as up-to-date as its own (§5.4.1).
    pub compares_logs: bool,
    /// A vote is on disk before it is given (Figure 2, "persistent state").
    pub keeps_votes: bool,
    /// A leader changes the members only when an entry of its own term is committed (Ongaro 2015, "bug
    /// in single-server membership changes", raft-dev).
    pub settles_before_change: bool,
}

impl Safeguards {
    /// All of them, as the paper has it.
    pub const ALL: Self = Self {
        commits_own_term: true,
        compares_logs: true,
        keeps_votes: true,
        settles_before_change: true,
    };
}
