//! A disk of real bytes: files of 512-byte sectors, a volatile cache and what survives a crash.
//!
//! [`FileSystem`] is what a storage engine is written against; [`Files`] implements it as a node's
//! disk in a world, and a browser's files can implement it as well.
//!
//! # What a crash leaves
//!
//! - **A sector is atomic**: it holds one of the versions that were written to it since its last
//!   complete sync, or the durable one. Versions of different sectors are independent, so one big
//!   write can be torn between any of its sectors, and a later write can survive without an
//!   earlier one. (`SQLite`, "Atomic Commit In `SQLite`", section 2, assumes less: that a sector is
//!   written from one end to the other; [`DiskFault::TornSectors`] turns that on.)
//! - **A file's length** and its bytes survive apart. The changes of one length survive in order:
//!   as many of them as the crash likes. A length without its bytes reads as zeros, bytes past a
//!   length are gone, and what was cut away never comes back.
//! - **The directory** (create, rename, remove) is kept in order, as in a journal of metadata: a
//!   crash leaves it as it was after some operation since its last complete sync. It is kept apart
//!   from every file, so a name can survive while its bytes do not: the famous empty file after a
//!   rename without a sync.
//! - **A sync** of a file does not cover its name, nor the other way round. What a complete sync
//!   covers always survives.
//!
//! This is the contract of no one file system. It is weaker than ext4 with ordered data, which
//! writes bytes before the length that shows them and syncs a new file's name with the file, and
//! stronger than the weakest reading of POSIX in Pillai et al., "All File Systems Are Not Created
//! Equal" (OSDI 2014), sections 2 and 3, in that directory operations stay in order and no file
//! shows another file's old bytes. An engine that is right here is right on both kinds.
//!
//! Left out: folders, hard links, permissions, holes that take no room, and reading a file that
//! was removed while it was open.

mod choices;
mod crash;
mod fault;
mod file_system;
mod image;
mod log;
mod picture;
mod store;

pub use choices::Choices;
pub use crash::CrashOutcomes;
pub use fault::DiskFault;
pub use file_system::{Extent, FileError, FileId, FileSystem, MAX_NAME_BYTES, check_name};
pub use image::SECTOR_BYTES;
pub use picture::{DiskPicture, FilePicture, SectorState};
pub use store::Files;
