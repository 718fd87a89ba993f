//! A store of time series: compressed blocks, shards by time, and a head that takes what comes late.
//!
//! Pelkonen et al., "Gorilla: A Fast, Scalable, In-Memory Time Series Database" (VLDB 2015): points of one
//! series are [compressed](gorilla) by delta-of-delta of their times and XOR of their values, without
//! loss of a bit. [`Store`] keeps them by time in [shards](shard): a young shard is in memory and has a
//! [log]; when nothing can come for it any more it is sealed, as one file of blocks with sums and
//! [rollups](rollup), and its log goes. Retention removes whole shards. [`Text`] is the naive store: one
//! file of lines, rewritten when it is to forget.
//!
//! Both are written against [`FileSystem`](crate::sim::FileSystem), so that they run on simulated sectors
//! and on a browser's files. They never wait: each call writes, asks for syncs and returns, and whoever
//! runs the disk says how the syncs ended. [`Engine`] is one or the other.
//!
//! # What it keeps
//!
//! - A point that was taken survives every crash once [`Store::durable`] has reached its ticket.
//! - A point that comes late is taken while it is within the window behind the newest; else it is refused
//!   by name, unless it is there already. To ask again does no harm: one time has one value.
//! - A sealed shard counts when its file has its name, and it gets that when all its bytes are durable; only
//!   then its log is removed. So every point is in a log or in a shard, whatever a crash leaves.
//! - What is read back from a log is written anew before it is served: after a failed sync the cache says
//!   what the medium does not hold (Rebello et al., "Can Applications Recover from fsync Failures?",
//!   USENIX ATC 2020, sections 3 and 4), so such a store takes nothing until it is opened again.
//! - A [`Reader`] sees the store as it was when it began. Retention hides a shard at once, and removes
//!   its file when the last reader has let go of it. It forgets by what is durable: a crash cannot make
//!   the store believe again that it still has what it has removed.
//! - Every record, header and block has its sum; what lacks it is refused and never served.
//!
//! # Left out
//!
//! Names and labels of series and their index, blocks that are compressed while they are written (a young
//! shard is a tree in memory, so that late points find their place), deletion of single points, and
//! rollups of rollups. Of a log's very last durable records, rot cannot be told from a torn end.

pub mod bits;
pub mod gorilla;
pub mod log;
pub mod probe;
pub mod rollup;
pub mod shard;

mod background;
mod engine;
mod head;
mod reader;
mod recovery;
mod settings;
mod store;
#[cfg(test)]
mod tests;
mod text;

pub use super::lsm::StoreError;
pub use engine::Engine;
pub use gorilla::Point;
pub use head::OpenShard;
pub use reader::{Answer, Query, Reader, What};
pub use rollup::Rollup;
pub use settings::{Series, Settings};
pub use shard::SealedShard;
pub use store::{Measures, Refusal, Store, Taken};
pub use text::Text;
