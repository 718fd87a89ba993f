//! Algorithms that several scenarios share: sans-I/O, tested alone.

pub mod clock;
pub mod crdt;
pub mod fencing;
pub mod lanes;
pub mod majority;
pub mod paxos;
pub mod quorum;
pub mod raft;
pub mod small_map;
pub mod writer;
