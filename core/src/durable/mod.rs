//! Storage engines outside a world: the engine of a row on a browser's files, or on any other.
//!
//! In a world a row's engine runs on [`Files`](crate::sim::Files), whose crashes may leave whatever
//! a disk may leave. Here the same engine, behind [`Engine`], runs on a [`Disk`] whose syncs end
//! when the one who runs it says so: a [`Pool`] of handles that were opened beforehand, or the
//! simulated disk itself, by the same [`Runner`]. Nothing of it ever reaches a world: a run stays a
//! function of its inputs.
//!
//! # The pool
//!
//! A browser opens files asynchronously, and an engine never waits; so a fixed number of handles is
//! opened beforehand, and names are the pool's own, as in `SQLite`'s "opfs-sahpool" VFS. They
//! change in memory, and reach the [table of names](names) when they are synced: so what a restart
//! forgets is the same as on the simulated disk. All that an engine writes passes one place, where a
//! [`Fuse`] can end it in the middle of any write: where a plug is pulled is decided there, to the
//! byte.
//!
//! # What a browser cannot show
//!
//! A process that is killed loses nothing that it wrote: the operating system has it, synced or
//! not. Only a loss of power shows what a missing sync costs, and only the simulated disk can lose
//! power.
//!
//! This module does no I/O: what a handle is made of is its owner's business.

pub mod conformance;
mod disk;
mod engine;
mod fuse;
mod handle;
pub mod names;
mod ordeal;
mod parcel;
mod pool;
mod runner;
#[cfg(test)]
mod tests;

pub use disk::Disk;
pub use engine::{Engine, Held, OnDisk, Opened};
pub use fuse::{Cut, Fuse};
pub use handle::{Handle, Memory};
pub use ordeal::{Ordeal, Survived};
pub use parcel::{pack, unpack};
pub use pool::{MOST_FILES, Pool};
pub use runner::{Runner, SyncEach, Tally};
