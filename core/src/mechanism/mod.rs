//! Algorithms that several scenarios share: sans-I/O, tested alone.

pub mod clock;
pub mod crdt;
pub mod gossip;
pub mod lanes;
pub mod majority;
pub mod quorum;
pub mod raft;
pub mod small_map;
pub mod swim;
pub mod writer;
