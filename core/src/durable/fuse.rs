//! Where the plug is pulled.

use serde::{Deserialize, Serialize};

use crate::sim::FileError;

/// The plug is pulled after so many more writes, in the middle of the next.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fuse {
    /// So many writes and cuts of files are carried out whole.
    pub writes: u32,
    /// Of the next, so many bytes; a cut is carried out whole or not at all.
    pub bytes: u32,
}

/// Where the plug went.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cut {
    /// So many writes and cuts of files were carried out whole.
    pub writes: u32,
    /// Of the next, so many bytes.
    pub bytes: u32,
    /// So many it had; none if it was to change a file's length.
    pub of_bytes: u32,
}

/// What is left of a disk's power.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Power {
    /// Nobody has pulled anything.
    #[default]
    On,
    /// It will go.
    Until {
        /// When.
        fuse: Fuse,
        /// So many writes have been carried out since.
        spent: u32,
    },
    /// It has gone, there.
    Gone(Cut),
}

impl Power {
    /// Says how many of a write's bytes are carried out.
    pub(super) fn spend(&mut self, bytes: usize) -> usize {
        match self {
            Self::On => bytes,
            Self::Gone(_) => 0,
            Self::Until { fuse, spent } if *spent < fuse.writes => {
                *spent += 1;
                bytes
            }
            Self::Until { fuse, .. } => {
                let carried_out = bytes.min(fuse.bytes as usize);
                let [bytes, of_bytes] =
                    [carried_out, bytes].map(|it| u32::try_from(it).unwrap_or(u32::MAX));
                *self = Self::Gone(Cut { writes: fuse.writes, bytes, of_bytes });
                carried_out
            }
        }
    }

    /// Fails if the power has gone.
    pub(super) fn check(self) -> Result<(), FileError> {
        if let Self::Gone(_) = self {
            return Err(FileError::Device("the plug has been pulled".into()));
        }
        Ok(())
    }
}
