//! Judging runs by the thousand: swarm fuzzing within what a design claims to survive, and shrinking
//! what it finds. Judging what clients saw, here or elsewhere: [`history`] of objects,
//! [`transactions`], and both as text in [`recorded`].
//!
//! Fuzzing outside the claim proves nothing, so schedules are drawn only from
//! [`crate::scenario::Faults`]. "No violation in N runs" is not a proof, and is never called one.
//!
//! Left out for now: exhaustive exploration and probabilistic concurrency testing.

pub mod history;
pub mod recorded;
pub mod transactions;

mod search;
mod shrink;
mod trial;

pub use search::draw_schedule;
pub use shrink::shrink;
pub use trial::{Outcome, Trial};
