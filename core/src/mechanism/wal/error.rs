//! Why a log cannot do what it is asked.

use crate::sim::FileError;

/// Why a log could not do what it was asked. Each is one sentence.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LogError {
    /// The disk could not.
    Disk(FileError),
    /// What was durable is not there as it was written.
    Damaged {
        /// Which file.
        file: String,
        /// Where in it the damage begins.
        at_byte: u64,
    },
    /// A later revision of this program wrote it.
    NewerFormat(u16),
    /// The record does not fit into a sector.
    TooLong {
        /// How long it is with its header.
        bytes: u64,
    },
    /// A write or a sync has failed: what is on the disk is not known until it is opened again.
    InDoubt,
    /// What was recovered is not durable yet.
    Busy,
}

impl LogError {
    /// Returns the disk's error, if that is what it is.
    pub fn of_disk(&self) -> Option<&FileError> {
        if let Self::Disk(error) = self { Some(error) } else { None }
    }
}

impl From<FileError> for LogError {
    fn from(error: FileError) -> Self {
        Self::Disk(error)
    }
}

impl std::fmt::Display for LogError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Disk(error) => error.fmt(f),
            Self::Damaged { file, at_byte } => {
                write!(f, "{file} is damaged at byte {at_byte}; what it promised is not guessed.")
            }
            Self::NewerFormat(found) => write!(
                f,
                "A newer version of this program wrote this log (format {found}); it is left alone."
            ),
            Self::TooLong { bytes } => {
                write!(f, "A record of {bytes} bytes does not fit into a sector.")
            }
            Self::InDoubt => f.write_str(
                "A sync has failed, so nothing is written until the log is opened again.",
            ),
            Self::Busy => f.write_str("The log is not open yet; ask again soon."),
        }
    }
}

impl std::error::Error for LogError {}
