//! Judging runs by the thousand: swarm fuzzing within what a design claims to survive, and shrinking
//! what it finds. Judging what clients saw, here or elsewhere: [`history`] of objects,
//! [`transactions`], and both as text in [`recorded`].
//!
//! Fuzzing outside the claim proves nothing, so schedules are drawn only from
//! [`crate::scenario::Faults`]. "No violation in N runs" is not a proof, and is never called one.
//!
//! Small systems are explored to the last state: an [`Explorer`] visits every state of a [`Model`];
//! larger ones are walked through at random ([`walk`]), with odds that can be stated. A scenario's
//! world is a model as well: [`ByHand`].
//!
//! [`attempt`] is one try of such a search, by number; what is found can be shrunk, cured ([`cures`]) and
//! asked how much of it was luck ([`future`]).
//!
//! What a person does to a run can be judged too: [`grades`] says whether it solves a puzzle.
//!
//! A mechanism alone is explored faster and further as [`Actors`], over a network that forgets nothing.
//!
//! Left out: exploring worlds whose safety depends on time. They keep their timers' order, which a
//! world taken by hand does not.

pub mod history;
pub mod recorded;
pub mod transactions;

mod actors;
mod breadth;
mod by_hand;
mod claim;
mod depth;
mod explore;
mod fingerprint;
mod hunt;
mod interner;
mod model;
mod puzzle;
mod search;
mod shrink;
mod trial;
mod visited;
mod waiting;
mod walk;

pub use actors::{Act, Actors, Cue, Stage, Troupe};
pub use by_hand::{Budget, ByHand, Moment, Step};
pub use claim::is_within_claim;
pub use explore::{Exploration, Explorer, Limit, Progress, Sighting, Status, Traversal};
pub use fingerprint::Fingerprinter;
pub use hunt::{
    Finding, Survey, attempt, cures, forks, future, incurable, measure, measures, smallest, told,
};
pub use model::{Choice, Counterexample, Model, Path, successors};
pub use puzzle::grades;
pub use search::{draw_schedule, draw_trial};
pub use shrink::shrink;
pub use trial::{Outcome, Trial};
pub use walk::{Priorities, Scheduler, Uniform, Walk, WalkEnd, walk};
