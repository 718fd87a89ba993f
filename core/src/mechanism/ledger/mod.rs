//! An append-only ledger in blocks, whose copies on three disks mend each other.
//!
//! Alagappan et al., "Protocol-Aware Recovery for Consensus-Based Storage" (FAST 2018), is the paper:
//! a bad block is no reason to cut a log, since it may be one that was acknowledged, and what the
//! other copies have tells. `TigerBeetle`'s journal is the practice: blocks of one size at fixed
//! places, each naming itself and the one before it, and a superblock apart from them.
//!
//! - A [block] fills one sector. It carries a sum, its position, the generation in which it was
//!   made, and the name of the block before it: a sum alone accepts a block that lies in a wrong place,
//!   and an old one where a newer was lost.
//! - The [superblock] lies in two copies apart from the blocks, and names the last one. It is written
//!   in the same sync as that block (the paper's persist record, section 3.3.2): a bad last block that it
//!   does not name was never acknowledged, and one that it names may have been.
//! - [`scan`](fn@scan) reads a disk and says of each place whether its block is good, or bad and which one
//!   belongs there: every block but the last is named by the one behind it.
//! - [`Ledger`] is one copy: it appends, mends and cuts, and knows what is on disk. It is written against
//!   [`FileSystem`](crate::sim::FileSystem), and never waits.
//! - [`choose`] is the rule of recovery: a bad block is cut only if so many copies lack it that it cannot
//!   have been acknowledged, mended if any copy has it, and else waited for.
//! - [`Accounts`] are what the blocks add up to.
//!
//! # Left out
//!
//! Elections: whoever uses this says who makes blocks, one generation after the other (the rule is right
//! for any order of them). Snapshots and segments that are thrown away. Coming up again from peers when
//! no copy of the superblock is sound: such a ledger is refused. Damage to the newer superblock and to
//! the last block at one time: then one disk alone cannot know what it has forgotten. Sums are CRC-32C: enough against accidents, not against malice.

pub mod accounts;
pub mod agree;
pub mod block;
pub mod scan;
pub mod store;
pub mod superblock;

#[cfg(test)]
mod tests;

pub use accounts::Accounts;
pub use agree::{Choice, choose};
pub use block::{BLOCK_BYTES, Block, BlockId, MOST_TRANSFERS, Posting, Transfer};
pub use scan::{Scan, Settings, Slot, scan};
pub use store::Ledger;
