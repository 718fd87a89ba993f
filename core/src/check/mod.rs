//! Judging runs by the thousand: swarm fuzzing within what a design claims to survive, and shrinking
//! what it finds.
//!
//! Fuzzing outside the claim proves nothing, so schedules are drawn only from
//! [`crate::scenario::Faults`]. "No violation in N runs" is not a proof, and is never called one.
//!
//! Small systems are explored to the last state: an [`Explorer`] visits every state of a [`Model`];
//! larger ones are walked through at random ([`walk`]), with odds that can be stated.
//!
//! Left out for now: exploring a world instead of a model, and checkers of client histories.

mod breadth;
mod depth;
mod explore;
mod fingerprint;
mod model;
mod search;
mod shrink;
mod trial;
mod visited;
mod waiting;
mod walk;

pub use explore::{Exploration, Explorer, Limit, Order, Progress, Sighting, Status};
pub use fingerprint::Fingerprinter;
pub use model::{Counterexample, Model, Path};
pub use search::draw_schedule;
pub use shrink::shrink;
pub use trial::{Outcome, Trial};
pub use walk::{Priorities, Scheduler, Uniform, Walk, WalkEnd, walk};
