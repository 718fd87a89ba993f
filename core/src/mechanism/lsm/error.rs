//! Why a store cannot do what it is asked.

use crate::sim::FileError;

/// Why a store could not do what it was asked. Each is one sentence.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum StoreError {
    /// The disk could not.
    Disk(FileError),
    /// What was read is not what was written.
    Damaged {
        /// In this file.
        file: String,
        /// From this byte on.
        at_byte: u64,
    },
    /// A later revision of this program wrote the store.
    NewerFormat(u16),
    /// A sync has failed: what was written since the last good one may be lost.
    ReadOnly,
    /// It is not open yet, or two tables in memory are full: ask again when a sync has ended.
    Busy,
}

impl From<FileError> for StoreError {
    fn from(error: FileError) -> Self {
        Self::Disk(error)
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Disk(error) => error.fmt(f),
            Self::Damaged { file, at_byte } => write!(
                f,
                "{file} is damaged: what begins at byte {at_byte} does not match its sum, is cut short or \
                 cannot be read."
            ),
            Self::NewerFormat(found) => write!(
                f,
                "A newer version of this program wrote this store (format {found}); it is left alone."
            ),
            Self::ReadOnly => f.write_str(
                "A sync has failed, so no write is taken until the store is opened again.",
            ),
            Self::Busy => f.write_str("The store has no room for writes now; ask again soon."),
        }
    }
}

impl std::error::Error for StoreError {}
