//! The four session guarantees (Terry et al. 1994): what one client may expect of a store whose
//! copies are not all up to date.
//!
//! Versions stand for what a copy contains: a client's operation has to be served at, or make, a
//! version that includes the ones the guarantee speaks of. They may be numbers or vectors: all that
//! counts is which includes which, and of two that do not compare neither includes the other. Judged
//! for each key alone; that a write of one key brings along the writes of other keys that its author
//! had seen is causal consistency, and left out here.

use std::collections::BTreeMap;

use super::{At, Completion, History};

/// A read or a write; its answer is the version read or made.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Answers the version that was read.
    Read,
    /// Answers the version that was made.
    Write,
}

/// A guarantee that a session may give (Terry et al. 1994, section 3).
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guarantee {
    /// A read includes the session's earlier writes.
    ReadYourWrites,
    /// A read includes what the session's earlier reads included.
    MonotonicReads,
    /// A write is ordered after the session's earlier writes.
    MonotonicWrites,
    /// A write is ordered after what the session's earlier reads included.
    WritesFollowReads,
}

impl Guarantee {
    /// Every guarantee, in the paper's order.
    pub const ALL: [Self; 4] = [
        Self::ReadYourWrites,
        Self::MonotonicReads,
        Self::WritesFollowReads,
        Self::MonotonicWrites,
    ];

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadYourWrites => "read your writes",
            Self::MonotonicReads => "monotonic reads",
            Self::MonotonicWrites => "monotonic writes",
            Self::WritesFollowReads => "writes follow reads",
        }
    }

    fn between(earlier: Access, later: Access) -> Self {
        match (earlier, later) {
            (Access::Write, Access::Read) => Self::ReadYourWrites,
            (Access::Read, Access::Read) => Self::MonotonicReads,
            (Access::Write, Access::Write) => Self::MonotonicWrites,
            (Access::Read, Access::Write) => Self::WritesFollowReads,
        }
    }
}

/// Two operations of one session, the later of which does not include what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionBreach {
    /// Which guarantee is broken.
    pub guarantee: Guarantee,
    /// Whose session it is.
    pub process: u64,
    /// The number of the earlier operation.
    pub earlier: usize,
    /// The number of the later operation, whose version does not include the earlier one's.
    pub later: usize,
}

/// Returns every breach of a session guarantee, in the order of the later operations: for each
/// operation and guarantee the latest operation of its session that it fails. A process is a session.
///
/// A write has to make a new version: one that includes, and is not, the earlier one's. Operations
/// without an answer say nothing, and break nothing.
pub fn session_breaches<K: Clone + Ord, V: PartialOrd>(
    history: &History<At<K, Access>, V>,
) -> Vec<SessionBreach> {
    // For each session and key: what was done, by which operation, and the version.
    let mut sessions = BTreeMap::new();
    let mut breaches = Vec::new();
    for operation in history.operations() {
        let Completion::Answered(version) = &operation.completion else { continue };
        let session = (operation.process, &operation.input.key);
        let earlier: &mut Vec<(Access, usize, &V)> = sessions.entry(session).or_default();
        let later = operation.input.input;
        for kind in [Access::Write, Access::Read] {
            let failed = earlier.iter().rev().find(|(access, _, included)| {
                let is_included = match later {
                    Access::Read => *included <= version,
                    Access::Write => *included < version,
                };
                *access == kind && !is_included
            });
            breaches.extend(failed.map(|(_, number, _)| SessionBreach {
                guarantee: Guarantee::between(kind, later),
                process: operation.process,
                earlier: *number,
                later: operation.number,
            }));
        }
        earlier.push((later, operation.number, version));
    }
    breaches
}
