//! Algorithms that several scenarios share: sans-I/O, tested alone.

#[cfg(test)]
pub(crate) mod bench;
pub mod bully;
pub mod clock;
pub mod crdt;
pub mod deeds;
pub mod durable_counter;
pub mod failure_detector;
pub mod fencing;
pub mod files;
pub mod frame;
pub mod geo;
pub mod gossip;
pub mod job_log;
pub mod lanes;
pub mod lease;
pub mod ledger;
pub mod logged_state;
pub mod lsm;
pub mod majority;
pub mod mount;
pub mod mutex;
pub mod mvcc;
pub mod ot;
pub mod partition;
pub mod paxos;
pub mod quorum;
pub mod raft;
pub mod recent;
pub mod repair;
pub mod revisions;
pub mod small_map;
pub mod swim;
pub mod time_series;
pub mod wal;
pub mod writer;
