//! A log-structured merge store: a write-ahead log, a table in memory, sorted tables on disk.
//!
//! O'Neil et al., "The Log-Structured Merge-Tree" (Acta Informatica 33, 1996), as `LevelDB` and
//! `RocksDB` made it known: every write goes to the [log](wal) and to a [table in memory](memtable);
//! a full one is written down as a [sorted table](table) with an index and a [Bloom filter](bloom);
//! [compaction] merges tables, and the [manifest](version) names those that count. What to merge is
//! decided apart from the [merging](merge).
//!
//! [`Store`] is written against [`FileSystem`](crate::sim::FileSystem): the same engine runs on simulated
//! sectors and on a browser's files. It never waits. Each call writes, asks for syncs, and returns;
//! whoever runs the disk says by [`Store::synced`] and [`Store::sync_failed`] how they ended, and by
//! that the store goes on.
//!
//! # What it keeps
//!
//! - Every write, of one key or of several, has a sequence number, one more than the write before. What
//!   survives a crash is a beginning of that order, and holds everything up to [`Store::durable`]; of one
//!   write all survives, or nothing.
//! - A table counts when the manifest names it, and the manifest names it when all its bytes are
//!   durable. The manifest is written anew beside the old one and takes its name in one step.
//! - Recovery never goes on with bytes that it read: what the log holds is written down as a table, and
//!   the log begins anew. After a sync has failed, the cache says what the medium does not hold, and no
//!   later sync makes it good (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX
//!   ATC 2020, sections 3 and 4); so such a store takes no more writes until it is opened again.
//! - Every block, record and manifest has its sum. What does not have it is refused and never served. A
//!   bad record in the log is where a crash tore it, unless a later one says that it was durable before.
//!
//! # Left out
//!
//! Deletion of whole ranges, column families, compression of blocks, a cache of blocks, and several
//! compactions at one time. Of the log's very last durable records, rot cannot be told from a torn end
//! by one disk alone.

pub mod bloom;
pub mod compaction;
pub mod memtable;
pub mod merge;
pub mod table;
pub mod version;
pub mod wal;

mod background;
mod entry;
mod error;
mod recovery;
mod settings;
mod store;
#[cfg(test)]
mod tests;

pub use compaction::Policy;
pub use entry::{Entry, Key, Sequence, Value};
pub use error::StoreError;
pub use settings::{Settings, SyncPolicy};
pub use store::{Measures, Store};
