//! What is written down of a job.

use serde::{Deserialize, Serialize};

/// Names a job: whoever submits it numbers it, so that the same one asked twice is one.
#[derive(
    Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct JobId {
    /// Who submitted it.
    pub client: u16,
    /// Which of its jobs it is, from 1.
    pub number: u32,
}

/// A record of the log.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Change {
    /// There is a job.
    Queued {
        /// Which.
        job: JobId,
    },
    /// It is somebody's.
    InProgress {
        /// Which.
        job: JobId,
        /// How often it has been given out, this time included.
        attempt: u32,
        /// To whom.
        worker: u16,
        /// For so long; then somebody else may have it.
        lease_ms: u32,
    },
    /// It is done.
    Completed {
        /// Which.
        job: JobId,
        /// In which attempt.
        attempt: u32,
        /// What whoever has the effect calls it.
        receipt: u32,
    },
}

impl Change {
    /// Returns whose state changes.
    pub fn job(&self) -> JobId {
        match self {
            Self::Queued { job } | Self::InProgress { job, .. } | Self::Completed { job, .. } => {
                *job
            }
        }
    }
}
