//! What passes between the servers of a group and their store.

use crate::mechanism::writer::Write;
use crate::mechanism::{bully, lease, raft};
use crate::sim::{Describe, MessageKind, Names, NodeId, Payload};

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Msg {
    /// Between the servers of the first group.
    Bully(bully::Message),
    /// Between those of the second.
    Lease(lease::Message),
    /// Between those of the third.
    Raft(raft::Message<Write>),
    /// The viewer has a server call an election.
    CallElection,
    /// From a leader to its store.
    Put { epoch: u64, number: u32 },
    /// It is on disk.
    Done { number: u32 },
    /// The store has been written in that later epoch.
    Refused { epoch: u64 },
}

impl Msg {
    /// Returns true for what an election is made of, as far as a group's own rule says.
    pub(super) fn is_of_election(&self) -> bool {
        match self {
            Self::Bully(message) => message.is_of_election(),
            Self::Lease(message) => message.is_of_election(),
            Self::Raft(_)
            | Self::CallElection
            | Self::Put { .. }
            | Self::Done { .. }
            | Self::Refused { .. } => false,
        }
    }
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Bully(message) => message.label(),
            Self::Lease(message) => message.label(),
            Self::Raft(message) => message.label(),
            Self::CallElection => "elect".into(),
            Self::Put { number, .. } => format!("write {number}"),
            Self::Done { number } => format!("done {number}"),
            Self::Refused { .. } => "refused".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Bully(message) => message.sentence(names),
            Self::Lease(message) => message.sentence(names),
            Self::Raft(message) => message.sentence(names),
            Self::CallElection => "call an election".into(),
            Self::Put { epoch, number } => format!("Write {number} of epoch {epoch}"),
            Self::Done { number } => format!("Write {number} acknowledged"),
            Self::Refused { epoch } => format!("Refused: epoch {epoch} has written"),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Bully(message) => message.epoch(),
            Self::Lease(message) => message.epoch(),
            Self::Raft(message) => message.epoch(),
            Self::Put { epoch, .. } | Self::Refused { epoch } => Some(*epoch),
            Self::CallElection | Self::Done { .. } => None,
        }
    }

    fn is_error(&self) -> bool {
        match self {
            Self::Bully(message) => message.is_error(),
            Self::Lease(message) => message.is_error(),
            Self::Raft(message) => message.is_error(),
            Self::Refused { .. } => true,
            Self::CallElection | Self::Put { .. } | Self::Done { .. } => false,
        }
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Bully(message) => message.kind(),
            Self::Lease(message) => message.kind(),
            Self::Raft(message) => message.kind(),
            Self::CallElection | Self::Put { .. } => MessageKind::Request,
            Self::Done { .. } | Self::Refused { .. } => MessageKind::Reply,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Bully(message) => message.bytes(),
            Self::Lease(message) => message.bytes(),
            Self::Raft(message) => message.bytes(),
            Self::CallElection => 1,
            Self::Put { .. } => 1 + 2 * 8,
            Self::Done { .. } | Self::Refused { .. } => 1 + 8,
        }
    }
}

/// What a server waits for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    Raft(raft::Timer),
    /// What its bully or lease wants to be woken for.
    Due,
    /// A leader's next write.
    Write,
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Raft(timer) => timer.label(),
            Self::Due => "due".into(),
            Self::Write => "write".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Raft(timer) => timer.sentence(names),
            Self::Due => "has waited long enough".into(),
            Self::Write => "writes, if it leads".into(),
        }
    }
}

/// A turn worth remembering.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    Raft(raft::Fact),
    /// A server is up for the first time, in a group of so many.
    IsUp {
        of: u16,
    },
    /// A server is up again.
    Recovers,
    /// A server says the same to so many others, as a part of an election.
    Says {
        message: Msg,
        to: u16,
    },
    /// A server is asked for its vote, and will answer.
    Considers {
        candidate: NodeId,
    },
    /// A server leads, as far as it knows.
    Leads {
        epoch: u64,
    },
    /// A server leads no longer.
    StepsDown {
        epoch: u64,
    },
    /// A store has a write on disk, and says so.
    Acknowledges {
        epoch: u64,
        by: NodeId,
    },
    /// A store refuses a write of an epoch that is over.
    Refuses {
        epoch: u64,
        by: NodeId,
        later: u64,
    },
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Raft(fact) => fact.label(),
            Self::IsUp { .. } => "is up".into(),
            Self::Recovers => "recovers".into(),
            Self::Says { message, .. } => message.label(),
            Self::Considers { .. } => "considers".into(),
            Self::Leads { epoch } => format!("leads {epoch}"),
            Self::StepsDown { .. } => "steps down".into(),
            Self::Acknowledges { .. } => "takes it".into(),
            Self::Refuses { .. } => "refuses".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Raft(fact) => fact.sentence(names),
            Self::IsUp { of } => format!("is up, one of {of}"),
            Self::Recovers => "is back with what its disk kept".into(),
            Self::Says { message, to: 1 } => {
                format!("says to another one: {}", message.sentence(names))
            }
            Self::Says { message, to } => {
                format!("says to {to} others: {}", message.sentence(names))
            }
            Self::Considers { candidate } => {
                format!("is asked for its vote by {}", &names[*candidate])
            }
            Self::Leads { epoch } => format!("leads, in epoch {epoch}"),
            Self::StepsDown { epoch } => format!("leads epoch {epoch} no longer"),
            Self::Acknowledges { epoch, by } => {
                format!("has a write of {} in epoch {epoch} on disk", &names[*by])
            }
            Self::Refuses { epoch, by, later } => {
                format!("refuses {} of epoch {epoch}: epoch {later} has written", &names[*by])
            }
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Raft(fact) => fact.epoch(),
            Self::Leads { epoch }
            | Self::StepsDown { epoch }
            | Self::Acknowledges { epoch, .. }
            | Self::Refuses { epoch, .. } => Some(*epoch),
            Self::IsUp { .. } | Self::Recovers | Self::Says { .. } | Self::Considers { .. } => None,
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Refuses { .. })
    }
}
