//! Single-decree Paxos (Lamport 2001, "Paxos Made Simple", sections 2.2 and 2.3): several proposers, one
//! decision.
//!
//! A [`Proposer`] first asks a quorum to promise that it will accept nothing of a lower ballot, and to tell what
//! it has accepted so far (section 2.2, phase 1). Then it asks a quorum to accept a value: its own if nothing
//! had been accepted, else the one of the highest ballot (phase 2). A value that a quorum has
//! accepted is decided; whoever comes later meets somebody who knows it. The two phases use the read and the write
//! quorum of a register: it is enough that every quorum of the one meets every quorum of the other
//! (Howard, Malkhi & Spiegelman 2016, "Flexible Paxos").
//!
//! Many decrees are independent of each other: each message names its own.
//!
//! [`Acceptor::promises`] is the line that makes the difference. Without it the same two phases are a
//! compare-and-set on bare quorums: look whether the place is free, then take it; and two can.
//!
//! Left out: a distinguished proposer and learners apart from the proposers (sections 2.3 and 2.4), and the
//! log of many decrees (section 3), which the rows on Raft have.

mod acceptor;
mod message;
mod proposer;

pub use acceptor::{Acceptor, Vote, Votes};
pub use message::{Ballot, Fact, Message, Timer};
pub use proposer::{Counts, Proposer};
