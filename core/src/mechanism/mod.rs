//! Algorithms that several scenarios share: sans-I/O, tested alone.

pub mod bully;
pub mod clock;
pub mod crdt;
pub mod failure_detector;
pub mod fencing;
pub mod gossip;
pub mod lanes;
pub mod lease;
pub mod majority;
pub mod mutex;
pub mod paxos;
pub mod quorum;
pub mod raft;
pub mod revisions;
pub mod small_map;
pub mod swim;
pub mod writer;
