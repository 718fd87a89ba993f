//! The interface that a storage engine is written against.

use std::error::Error;
use std::fmt;

use super::super::SyncId;
use super::image::SECTOR_BYTES;

/// Names a file until it is removed or the disk restarts, whatever it is called meanwhile. Until
/// then no other file is given the same one, so a stale one is an error and never another file.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// What a sync makes durable. The bytes of a file and its name are apart, as on a real disk.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extent {
    /// The bytes and the length of one file.
    File(FileId),
    /// Which names exist and which file each one means: the directory.
    Names,
}

/// Files with names, on one flat disk: simulated sectors, or real files in a browser.
///
/// Every call answers at once, from what was written last. Durability alone takes time: [`sync`]
/// only asks for it. A sync covers what was written up to the end of the handler that asked,
/// completes in the order asked, and whoever runs the engine says when (in a world, through
/// [`Process::on_synced`]). What no complete sync covers may survive a crash whole, in part, out of
/// order, or not at all. After a restart an engine syncs what it recovered before it promises it to
/// anybody: what it reads may never have been synced.
///
/// [`sync`]: Self::sync
/// [`Process::on_synced`]: crate::sim::Process::on_synced
pub trait FileSystem {
    /// Returns every name, in order.
    fn names(&self) -> Vec<String>;

    /// Returns the file called `name`.
    ///
    /// # Errors
    ///
    /// If no file has this name.
    fn open(&self, name: &str) -> Result<FileId, FileError>;

    /// Makes an empty file called `name`, which must be free.
    ///
    /// # Errors
    ///
    /// If the name is taken or bad, or no file is free.
    fn create(&mut self, name: &str) -> Result<FileId, FileError>;

    /// Gives the file called `from` the name `to` in one step; a file called that is removed.
    ///
    /// # Errors
    ///
    /// If no file is called `from`, or `to` is a bad name.
    fn rename(&mut self, from: &str, to: &str) -> Result<(), FileError>;

    /// Removes a name and its file. Its space returns only when [`Extent::Names`] is synced.
    ///
    /// # Errors
    ///
    /// If no file has this name.
    fn remove(&mut self, name: &str) -> Result<(), FileError>;

    /// Returns the length of `file` in bytes.
    ///
    /// # Errors
    ///
    /// If the file is not open.
    fn len_bytes(&self, file: FileId) -> Result<u64, FileError>;

    /// Reads into `into` from byte `offset`; returns how many bytes there were before the end.
    ///
    /// # Errors
    ///
    /// If the file is not open, or a sector cannot be read.
    fn read_at(&self, file: FileId, offset: u64, into: &mut [u8]) -> Result<usize, FileError>;

    /// Writes all of `bytes` at byte `offset`; the file grows to hold them, with zeros in any gap.
    /// After an error any part of them may have been written.
    ///
    /// # Errors
    ///
    /// If the file is not open, the disk is full, or a sector that is written only in part cannot be
    /// read.
    fn write_at(&mut self, file: FileId, offset: u64, bytes: &[u8]) -> Result<(), FileError>;

    /// Cuts the file to `len_bytes`, or grows it with zeros.
    ///
    /// # Errors
    ///
    /// If the file is not open, or the disk is full.
    fn truncate(&mut self, file: FileId, len_bytes: u64) -> Result<(), FileError>;

    /// Asks that `extent` become durable. Every request of one handler shares one sync.
    ///
    /// # Errors
    ///
    /// If the file is not open. Of a sync that fails later the process hears in
    /// [`on_sync_failed`](crate::sim::Process::on_sync_failed).
    fn sync(&mut self, extent: Extent) -> Result<SyncId, FileError>;

    /// Writes `bytes` at the end; returns the offset at which they begin.
    ///
    /// # Errors
    ///
    /// As [`write_at`](Self::write_at).
    fn append(&mut self, file: FileId, bytes: &[u8]) -> Result<u64, FileError> {
        let end = self.len_bytes(file)?;
        self.write_at(file, end, bytes)?;
        Ok(end)
    }
}

/// Why a disk could not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FileError {
    /// No file has this name.
    NotFound(String),
    /// A file has this name already.
    AlreadyExists(String),
    /// The name is empty or longer than [`MAX_NAME_BYTES`].
    BadName(String),
    /// The file was removed, or the disk has restarted since.
    Closed(FileId),
    /// Every file that the disk can hold is in use, or waits for a sync of the names.
    NoFreeFile {
        /// How many files the disk can hold.
        files: u32,
    },
    /// There is no room for the bytes.
    Full,
    /// A sector cannot be read back until it is written anew.
    Unreadable {
        /// Which file.
        file: FileId,
        /// The sector's place in the file.
        sector: u32,
    },
    /// Another page, or a worker that is still ending, holds the files.
    Locked,
    /// There are no files to write to here, as in a private window of some browsers.
    Unavailable,
    /// No copy of the directory can be believed.
    NamesDamaged,
    /// An earlier revision of this program wrote the store, in a format that is read no more.
    OlderFormat {
        /// The format that was found.
        found: u16,
    },
    /// A later revision of this program wrote the store.
    NewerFormat {
        /// The format that was found.
        found: u16,
    },
    /// The device or the browser refused, in its own words.
    Device(String),
    /// What this file holds in two copies is sound in none.
    NoSoundCopy(String),
}

/// The longest name, in bytes of UTF-8.
pub const MAX_NAME_BYTES: usize = 64;

/// Checks the length of a name, the same on every disk.
///
/// # Errors
///
/// If it is empty or too long.
pub fn check_name(name: &str) -> Result<(), FileError> {
    let is_good = (1..=MAX_NAME_BYTES).contains(&name.len());
    if is_good { Ok(()) } else { Err(FileError::BadName(name.to_owned())) }
}

impl FileError {
    /// Returns true if the same may succeed later, although nobody mends anything.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::NoFreeFile { .. } | Self::Full | Self::Locked | Self::Device(_))
    }

    /// Returns where in a file what cannot be read begins: that is damage, for a crash leaves none.
    pub fn unreadable_at(&self) -> Option<u64> {
        let Self::Unreadable { sector, .. } = self else { return None };
        Some(u64::from(*sector) * SECTOR_BYTES as u64)
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(name) => write!(f, "There is no file called {name}."),
            Self::AlreadyExists(name) => write!(f, "A file called {name} exists already."),
            Self::BadName(name) => {
                write!(f, "A name has 1 to {MAX_NAME_BYTES} bytes; this one has {}.", name.len())
            }
            Self::Closed(file) => write!(f, "File {} was removed or is not open now.", file.0),
            Self::NoFreeFile { files } => {
                write!(f, "All {files} files of this disk are in use; remove one and sync names.")
            }
            Self::Full => f.write_str("The disk is full: the last write may be there in part."),
            Self::Unreadable { file, sector } => {
                write!(f, "Sector {sector} of file {} cannot be read.", file.0)
            }
            Self::Locked => f.write_str(
                "Another tab has this store open; close it there, then try again. Nothing is lost.",
            ),
            Self::Unavailable => f.write_str(
                "This window has no files to write to (private windows have none); use another.",
            ),
            Self::NamesDamaged => {
                f.write_str("No copy of the list of names can be read; nothing was changed.")
            }
            Self::OlderFormat { found } => write!(
                f,
                "An older version of this page wrote this store (format {found}); it is left alone: \
                 export it to keep it, then clear it."
            ),
            Self::NewerFormat { found } => write!(
                f,
                "A newer version of this page wrote this store (format {found}); it is left alone."
            ),
            Self::Device(words) => write!(f, "The disk refused: {words}."),
            Self::NoSoundCopy(name) => write!(
                f,
                "No copy of the {name} can be read; nothing is guessed at, and nothing was changed."
            ),
        }
    }
}

impl Error for FileError {}
