//! Clocks: what may be said about before and after, and about the time, without a shared clock.
//!
//! - [`LamportClock`] (Lamport 1978): one number. What happened before has the smaller one; a smaller
//!   one proves nothing.
//! - [`VectorClock`] (Fidge 1988, Mattern 1989): one number a node. Smaller exactly if it happened
//!   before, so that concurrent events are recognised.
//! - [`VersionVector`] (Parker et al. 1983): the same order, over the updates of one replicated object
//!   instead of all events; two copies of which neither has seen the other's updates conflict.
//! - [`HybridClock`] (Kulkarni et al. 2014): Lamport's promise, in numbers near physical time.
//! - [`Exchange`] and [`ClockFilter`] (Mills et al. 2010, RFC 5905): how far two wall clocks are apart,
//!   and within which error that is certain.
//!
//! All of them are plain state: a host feeds what it reads from its own clock and from messages. A
//! node that crashes must recover its logical clock from disk, or come back under a new name: one that
//! counts again from zero gives two events the same stamp.
//!
//! Left out: pruning and dotted version vectors (Preguiça et al. 2010), interval tree clocks for nodes
//! that come and go (Almeida et al. 2008), and of RFC 5905 all that follows the clock filter:
//! selection among several servers (section 11.2) and the discipline of a clock's rate (section 12).

mod exchange;
mod filter;
mod hybrid;
mod lamport;
mod vector;
mod version_vector;

pub use exchange::{Exchange, Offset};
pub use filter::ClockFilter;
pub use hybrid::{HybridClock, HybridTimestamp, TooFarAhead};
pub use lamport::{LamportClock, LamportTimestamp};
pub use vector::VectorClock;
pub use version_vector::VersionVector;
