//! Raft: one log, kept equal on several servers by a leader that a majority has elected.
//!
//! Ongaro & Ousterhout 2014, "In Search of an Understandable Consensus Algorithm (Extended Version)";
//! "Figure 2" and section numbers in this module refer to it. Ongaro's thesis (Stanford 2014),
//! "Consensus: Bridging Theory and Practice", is cited as "thesis".
//!
//! What makes it safe needs no clock:
//!
//! - Time is divided into **terms**. A server votes once a term, for a candidate whose log is at
//!   least as up-to-date as its own; a majority of votes makes a leader. Two majorities share a
//!   server, so a term has at most one leader (§5.2).
//! - A leader only appends. It counts an entry as **committed** when a majority has it on disk and the
//!   entry is of its own term; such an entry is in the log of every later leader (§5.4).
//! - Whatever a server promises (a vote, an entry) is on its disk before the answer leaves (Figure 2,
//!   "persistent state").
//!
//! Time decides only how soon: when a follower gives its leader up, when a leader gives itself up.
//!
//! [`Raft`] is a [`Process`](crate::sim::Process) of its own, and made to be embedded by
//! [`Cx::lift`](crate::sim::Cx::lift): after each handler the host asks what changed
//! ([`Raft::take_committed`], [`Raft::leader`]) and proposes commands with [`Raft::propose`]. A host may
//! also decide by itself who leads ([`Election::ByHost`]); then only the log is Raft's, and the promise
//! of one leader a term is the host's to keep.
//!
//! The log need not be kept from its beginning: a snapshot stands for entries that have been applied
//! ([`Raft::compact`], §7). One server at a time joins or leaves ([`Raft::change_members`], thesis ch. 4).
//! Reads need not go through the log ([`Raft::read`], thesis §6.4). The state is on any disk that is
//! [`Stable`]: one whose writes are atomic ([`Disk`]), or a file of records that a crash may tear
//! ([`StableFile`]). The rules that are left out most often can be left out here ([`Safeguards`]).
//!
//! [`History`] folds the facts of all servers into what can be judged and shown. [`Log`] answers the
//! questions that the rules ask, as functions of the log alone; [`mismatch`] judges whether several
//! logs match. A node of a row that has a server in it is a [`Host`]: with that, the properties of Figure 3
//! are judged in any row alike ([`election_safety`], [`log_matching`]).
//!
//! Left out, because no row needs them yet: joint consensus (§6), handing leadership over (thesis §3.10),
//! and leases for reads (thesis §6.4.1).

mod config;
mod election;
mod history;
mod host;
mod log;
mod membership;
mod message;
mod picture;
mod read;
mod replication;
mod server;
mod snapshot;
mod stable;
mod stable_file;

pub use config::{Config, Election, Safeguards};
pub use history::History;
pub use host::{
    Host, Readers, Waiting, durable_logs, election_safety, leading, log_matching, one_believes, up,
};
pub use log::{
    Command, Conflict, Content, Entry, Index, Log, Position, Term, mismatch, reached_by,
};
pub use membership::NoChange;
pub use message::{Fact, Message, Timer, Why};
pub use read::Ticket;
pub use server::{Applied, NotLeader, Raft};
pub use stable::{Change, Disk, Persistent, Snapshot, Stable};
pub use stable_file::StableFile;
