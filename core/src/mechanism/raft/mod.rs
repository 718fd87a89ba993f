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
//! [`History`] folds the facts of all servers into what can be judged and shown. [`Log`] answers the
//! questions that the rules ask, as functions of the log alone; [`mismatch`] judges whether several
//! logs match.
//!
//! Left out, because no row needs them yet: snapshots (§7), membership changes (§6), and reads that
//! bypass the log (§8).

mod config;
mod election;
mod history;
mod log;
mod message;
mod replication;
mod server;

pub use config::{Config, Election};
pub use history::History;
pub use log::{Command, Conflict, Entry, Index, Log, Position, Term, mismatch, reached_by};
pub use message::{Fact, Message, Timer, Why};
pub use server::{Applied, Disk, NotLeader, Persistent, Raft};
