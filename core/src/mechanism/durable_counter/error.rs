//! Why a counter cannot do what it is asked.

use crate::sim::FileError;

/// Why a counter could not do what it was asked. Each is one sentence.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CounterError {
    /// The disk could not.
    Disk(FileError),
    /// What follows on this count is damaged in every copy, so nobody knows how far it went.
    Damaged {
        /// So far it is known.
        after: u64,
    },
    /// A later revision of this program wrote it.
    NewerFormat(u16),
    /// A write or a sync has failed: what is on the disk is not known until it is opened again.
    InDoubt,
    /// It is not open yet, or waits for a snapshot: ask again when a sync has ended.
    Busy,
}

impl From<FileError> for CounterError {
    fn from(error: FileError) -> Self {
        Self::Disk(error)
    }
}

impl std::fmt::Display for CounterError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Disk(error) => error.fmt(f),
            Self::Damaged { after: 0 } => f.write_str(
                "The snapshot, or the first record, is damaged in every copy, so nothing is known of the \
                 count; the counter does not guess.",
            ),
            Self::Damaged { after } => write!(
                f,
                "The count is known up to {after}; the record behind it is damaged in every copy, and the \
                 counter does not guess."
            ),
            Self::NewerFormat(found) => write!(
                f,
                "A newer version of this program wrote this counter (format {found}); it is left alone."
            ),
            Self::InDoubt => f.write_str(
                "A sync has failed, so nothing is counted until the counter is opened again.",
            ),
            Self::Busy => f.write_str("The counter counts nothing just now; ask again soon."),
        }
    }
}

impl std::error::Error for CounterError {}
