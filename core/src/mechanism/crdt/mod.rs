//! Replicated data types: copies that everybody changes without asking anybody, and that come to be equal.
//!
//! Counters and registers are state-based: their states form a join-semilattice, so that merging them in any order,
//! any number of times, gives the same result.
//!
//! Shapiro, Preguiça, Baquero & Zawirski 2011, "A comprehensive study of Convergent and Commutative
//! Replicated Data Types", INRIA RR-7506. Each type keeps the report's four operations: update,
//! value, `compare` (here [`PartialOrd`]) and merge. What makes them converge without agreement is
//! section 2.3: updates only ever move up in the order, and merge is its least upper bound.
//!
//! - [`GCounter`]: specification 6, a counter that only grows.
//! - [`PnCounter`]: specification 7, a counter that can be lowered: two that only grow.
//! - [`LwwMap`]: specification 8, the last-writer-wins register, one a key.
//!
//! [`sequence`] is based on operations: the report's section 2.4, in which copies tell each other what was
//! done.
//!
//! Left out: deltas of states (Almeida, Shoker & Baquero 2018), which save bytes and change no
//! result, and slots of replicas that have left, which need agreement to be retired.

mod g_counter;
mod lww_map;
mod pn_counter;
pub mod sequence;

pub use g_counter::GCounter;
pub use lww_map::LwwMap;
pub use pn_counter::PnCounter;
