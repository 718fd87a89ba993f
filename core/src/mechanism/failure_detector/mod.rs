//! Failure detectors: whether somebody who has been silent for a while is dead.
//!
//! A heartbeat says "I am here". When none comes, its sender is dead, or slow, or the message was lost,
//! and nothing that one node can see tells these apart; so every detector is a patience, after which it
//! suspects (Chandra & Toueg 1996: complete, as whoever is dead is suspected in the end, and accurate
//! only in the end, when the network has become what the patience assumes). They differ in where the
//! patience comes from:
//!
//! - [`Detector::Timeout`]: a constant.
//! - [`Detector::Misses`]: so many heartbeats in a row, which is a constant too, in other units.
//! - [`Detector::Phi`] (Hayashibara, Défago, Yared & Katayama 2004, "The φ accrual failure detector"):
//!   measured. [`Arrivals`] keeps the last intervals between heartbeats; φ says how unlikely a silence
//!   is by these, as a power of ten.
//!
//! [`Vigil`] notices that its own host was frozen: whoever sleeps through the heartbeats of all others
//! must not call them dead (Cassandra's `FailureDetector` has such a guard, `MAX_LOCAL_PAUSE`).
//!
//! What a list says of a member is a [`Condition`], whatever found it out.
//!
//! All are plain state; a host feeds times of its own monotonic clock, in microseconds. What it does
//! with a suspicion is its own affair. Left out: asking others before suspecting (SWIM), estimates of
//! the next arrival by a linear combination (Chen, Toueg & Aguilera 2002), and other distributions than
//! the normal one, which is the paper's.

mod arrivals;
mod condition;
mod detector;
mod vigil;

pub use arrivals::Arrivals;
pub use condition::{Condition, in_short};
pub use detector::Detector;
pub use vigil::Vigil;
