//! A write-ahead log in one file: records that are durable when a sync of the log has ended, in order and
//! without a hole.
//!
//! C. Mohan et al., "ARIES", TODS 17(1), 1992, section 1.1: what is promised is in the log, and the log is on
//! the disk, before the promise is made. Several appends share one sync (group commit).
//!
//! A record lies within one sector, which a crash leaves as it was before or as it is after. So three
//! things can be told apart. Where a sector ends in zeros, nothing arrived: the log ends there.
//! What is there and lacks its sum was damaged. And each record says up to which one all was durable when
//! it was written: if one that was is missing, no crash did it. Each says in which sector it belongs, too: what
//! lies in another was misdirected, over what may have been durable. Where a disk [tears
//! sectors](Settings::sectors_tear) the second of these is given up for what the last sync covered.
//!
//! What is recovered is written anew beside the old log and takes its place when it is durable: what was read may
//! have been in the cache alone, and behind a torn end may lie what must never be taken for what comes next.
//! A header holds the format and how much was written anew.
//!
//! Left out: segments and compaction (the log grows, and recovery reads all of it), records longer than a
//! sector, preallocation.

mod error;
mod log;
mod replay;
#[cfg(test)]
mod tests;

pub use error::LogError;
pub use log::{Log, Place, Settings};
