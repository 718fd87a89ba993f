//! Mutual exclusion without an arbiter: everybody asks everybody, and timestamps decide who is first.
//!
//! Lamport 1978, "Time, Clocks, and the Ordering of Events in a Distributed System": 3 (n − 1) messages
//! an entry. Ricart & Agrawala 1981, "An Optimal Algorithm for Mutual Exclusion in Computer Networks":
//! 2 (n − 1), since whoever lets another wait just does not answer yet.
//!
//! Both papers assume that every message arrives and that nobody dies. Messages may be lost, doubled and
//! overtaken here: whoever waits asks again, and each message says enough to be understood alone.
//! Left out: members that crash. One that does blocks all others; one that comes back has forgotten
//! its clock, and may ask with a timestamp from the past.

mod lamport;
mod message;
mod ricart_agrawala;

pub use lamport::Lamport;
pub use message::Message;
pub use ricart_agrawala::RicartAgrawala;
