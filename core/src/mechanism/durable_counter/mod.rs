//! A counter that survives crashes, and damage to one of its two copies.
//!
//! Each +1 is a record in a log; now and then the count is written down as a snapshot, beside the old one,
//! synced, and renamed over it. Both lie in two [areas](area) of the disk, and a +1 counts when it is
//! durable in both. Recovery takes the highest snapshot that can be believed and every record that
//! follows on it, from whichever area has it; then it writes both areas anew before it serves.
//!
//! # What it keeps
//!
//! - The log is a ring of [sectors](crate::sim::files::SECTOR_BYTES), one record each, at the place that its
//!   number gives it. Where a disk writes a sector whole or not at all, a crash leaves there what was
//!   there before, or the record: anything else is damage. So the end of the log can be told from a hole
//!   in it, which a sum alone cannot do.
//! - A record that is damaged in one area is read in the other. Where it is damaged in both, the count is
//!   known up to there and no further, and recovery says so and refuses: a number that is too small is as
//!   wrong as one that is too large.
//! - A record has its number, and a snapshot the number of the last record in it. What a snapshot holds
//!   is not counted again, wherever a crash falls between the snapshot and the next lap of the ring.
//! - A question that is asked twice counts once: records and snapshots say what was asked last by whom.
//!
//! Two copies against decay: Lampson & Sturgis, "Crash Recovery in a Distributed Data Storage System"
//! (Xerox PARC, 1979), section 4, "stable storage". That a bad record in mid-log must not end it: Alagappan et al.,
//! "Protocol-Aware Recovery for Consensus-Based Storage" (FAST 2018), section 3.2.
//!
//! # Left out
//!
//! Repair while it serves (a scrubber); sectors that tear, which drives promise not to do: what is torn in
//! both areas is refused like damage, although nobody was promised it.

pub mod area;

mod checkpoint;
mod counter;
mod error;
mod recovery;
#[cfg(test)]
mod tests;

pub use counter::{Counter, Settings};
pub use error::CounterError;
pub use recovery::mendings;
