//! What was written and is not durable yet, in the order it was written.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::SyncId;
use super::image::{SECTOR_BYTES, Sector};
use super::{Extent, FileId};

/// Which file each name means.
pub(super) type NameMap = BTreeMap<String, FileId>;

/// One step from what is durable towards what the running node reads.
#[derive(Clone, Debug, Hash)]
pub(super) enum Change {
    /// The directory, after an operation on it.
    Names(Rc<NameMap>),
    /// A file is longer; what is new is zeros.
    Grow { file: FileId, len_bytes: u64 },
    /// A file is shorter.
    Cut { file: FileId, len_bytes: u64 },
    /// A sector of a file has a new version.
    Sector {
        file: FileId,
        sector: u32,
        /// Where the disk puts it: `sector`, unless the write is misdirected.
        lands_at: u32,
        version: Rc<Sector>,
    },
}

impl Change {
    /// Returns the file that changes; `None` if it is the directory.
    pub(super) fn file(&self) -> Option<FileId> {
        match self {
            Self::Names(_) => None,
            Self::Grow { file, .. } | Self::Cut { file, .. } | Self::Sector { file, .. } => {
                Some(*file)
            }
        }
    }

    /// Returns the length that the file gets.
    pub(super) fn new_len_bytes(&self) -> Option<u64> {
        match self {
            Self::Grow { len_bytes, .. } | Self::Cut { len_bytes, .. } => Some(*len_bytes),
            Self::Names(_) | Self::Sector { .. } => None,
        }
    }

    /// Returns true if nothing is left of an `older` change where this one is durable.
    pub(super) fn replaces(&self, older: &Self) -> bool {
        match (self, older) {
            (Self::Names(_), Self::Names(_)) => true,
            (Self::Sector { file, lands_at, .. }, Self::Sector { file: of, lands_at: at, .. }) => {
                (file, lands_at) == (of, at)
            }
            (Self::Cut { file, len_bytes }, Self::Sector { file: of, lands_at, .. }) => {
                file == of && !is_within(*lands_at, *len_bytes)
            }
            (Self::Grow { file, .. } | Self::Cut { file, .. }, _) => {
                older.file() == Some(*file) && older.new_len_bytes().is_some()
            }
            (Self::Names(_) | Self::Sector { .. }, _) => false,
        }
    }

    /// Returns true if a sync of `extent` makes this durable.
    pub(super) fn is_within(&self, extent: Extent) -> bool {
        match extent {
            Extent::Names => self.file().is_none(),
            Extent::File(file) => self.file() == Some(file),
        }
    }
}

/// Returns true if a sector begins before the end of a file.
pub(super) fn is_within(sector: u32, len_bytes: u64) -> bool {
    u64::from(sector) * (SECTOR_BYTES as u64) < len_bytes
}

/// What syncs have promised for a change.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Claim {
    /// No sync has been asked to cover it.
    Unclaimed,
    /// It is durable when this sync completes.
    Running(SyncId),
    /// A sync was asked to cover it, and lies.
    Lost,
    /// A sync covered it and failed. No later one takes it up: to the cache it is clean.
    Failed,
}

/// A change that is not durable yet.
#[derive(Clone, Debug, Hash)]
pub(super) struct Pending {
    pub(super) change: Change,
    pub(super) claim: Claim,
}
