//! Algorithms that several scenarios share: sans-I/O, tested alone.

pub mod crdt;
pub mod raft;
pub mod writer;
