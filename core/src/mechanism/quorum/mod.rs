//! A register kept by several replicas, read and written through quorums.
//!
//! A [`Client`] is its own coordinator: it writes a tagged version to W of N [`Replica`]s, reads what R
//! of them hold, and takes the newest. What that promises depends on the [`Quorums`] and the
//! [`Config`]:
//!
//! - R + W ≤ N: a read may miss the latest write, at random quorums with probability C(N−W, R) / C(N, R)
//!   (Bailis et al. 2012, "Probabilistically Bounded Staleness for Practical Partial Quorums", PBS,
//!   section 3.1).
//! - R + W > N: a read returns the latest write that had returned, or one that was under way: a regular
//!   register (Lamport 1986, "On Interprocess Communication"). One after the other two reads may
//!   still see a new value and then an old one.
//! - with write-back too, the register is linearizable (Attiya, Bar-Noy & Dolev 1995, "Sharing Memory
//!   Robustly in Message-Passing Systems", ABD): a read returns only what a later one cannot miss.
//!   With several writers each asks for the newest tag first (Lynch & Shvartsman 1997, "Robust emulation
//!   of shared memory using dynamic quorum-acknowledged broadcasts").
//!
//! ABD's processes stop for good; here they come back. So a replica has on disk what it acknowledges,
//! and a client its counts: no tag is ever used for two values.
//!
//! Both parts are made to be embedded by [`Cx::lift`](crate::sim::Cx::lift). A host that makes its own
//! operations calls [`Client::call`].
//!
//! Two things that real stores do can be had as well, to see what they cost: [`Order::ByArrival`], without
//! tags; and sloppy quorums, in which [`StandIn`]s count for replicas that do not answer and hand off later
//! what they took (`DeCandia` et al. 2007, "Dynamo", section 4.6). What clients are told is judged by
//! [`Answers`].
//!
//! Left out: read repair in the background ([`crate::mechanism::repair`]), compare-and-set (which quorums alone cannot do:
//! see [`crate::mechanism::paxos`]), and changes of the set of replicas.

mod answers;
mod client;
mod message;
mod picture;
mod quorums;
mod replica;
mod stand_in;

pub use answers::{Answers, Breach};
pub use client::{Client, Config, Contact, Counts, Returned, Writers};
pub use message::{Call, Fact, Message, Tag, Timer, Version};
pub use quorums::{Order, Phase, Quorums};
pub use replica::Replica;
pub use stand_in::StandIn;
