//! What clients and replicas say to each other, and what is remembered of it.

use super::Phase;
use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload};

/// Orders the versions of a register: by number, then by writer, so that no two writes are equal.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag {
    /// Greater than that of every write that had returned when the writer asked.
    pub number: u64,
    /// Who wrote.
    pub writer: NodeId,
}

/// A value and its place among all that were written.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Its place.
    pub tag: Tag,
    /// The value; 0 before the first write, and of what is deleted.
    pub value: u64,
}

impl Version {
    /// Returns true if this stands for what was never written, or is forgotten.
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// Returns true if this says that something is deleted: a version like any other.
    pub fn is_tombstone(self) -> bool {
        self.value == 0 && !self.is_nothing()
    }
}

/// What a client is asked to do.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// Reads the register.
    Read,
    /// Writes this value.
    Write(u64),
}

/// A message between a client and a replica, or from the viewer to a client.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// "What do you hold?"
    Query {
        /// The client's phase that asks.
        round: u64,
    },
    /// Answers a query.
    Holds {
        /// The phase that asked.
        round: u64,
        /// What the replica holds.
        version: Version,
    },
    /// "Store this, unless you hold something newer."
    Store {
        /// The client's phase that asks.
        round: u64,
        /// What to store.
        version: Version,
    },
    /// "That or something newer is on my disk."
    Stored {
        /// The phase that asked.
        round: u64,
    },
    /// The viewer asks a client for an operation.
    Call(Call),
}

impl Describe for Message {
    fn label(&self) -> String {
        match self {
            Self::Query { .. } => "query".into(),
            Self::Holds { version, .. } => format!("holds {}", version.value),
            Self::Store { version, .. } => format!("store {}", version.value),
            Self::Stored { .. } => "stored".into(),
            Self::Call(Call::Read) => "read".into(),
            Self::Call(Call::Write(value)) => format!("write {value}"),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        let told = |version: &Version| match version.tag {
            Tag { number: 0, .. } => "nothing yet".into(),
            Tag { number, writer } => {
                format!("{} (version {number} of {})", version.value, &names[writer])
            }
        };
        match self {
            Self::Query { round } => format!("Query {round}"),
            Self::Holds { round, version } => format!("Query {round}: holds {}", told(version)),
            Self::Store { round, version } => format!("Store {round}: {}", told(version)),
            Self::Stored { round } => format!("Store {round}: done"),
            Self::Call(Call::Read) => "read".into(),
            Self::Call(Call::Write(value)) => format!("write {value}"),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Holds { version, .. } | Self::Store { version, .. } => Some(version.tag.number),
            Self::Query { .. } | Self::Stored { .. } | Self::Call(_) => None,
        }
    }
}

impl Payload for Message {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Query { .. } | Self::Store { .. } | Self::Call(_) => MessageKind::Request,
            Self::Holds { .. } | Self::Stored { .. } => MessageKind::Reply,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Query { .. } | Self::Stored { .. } | Self::Call(Call::Write(_)) => 1 + 8,
            Self::Holds { .. } | Self::Store { .. } => 1 + 4 * 8,
            Self::Call(Call::Read) => 1,
        }
    }
}

/// What a client waits for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// To ask those again that have not answered.
    Resend,
    /// To wait no longer.
    GiveUp,
    /// A stand-in offers what it holds to those whom it belongs to.
    HandOff,
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Resend => "resend".into(),
            Self::GiveUp => "give up".into(),
            Self::HandOff => "hand off".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Resend => "asks again".into(),
            Self::GiveUp => "has waited long enough".into(),
            Self::HandOff => "offers what it holds to the replicas".into(),
        }
    }
}

/// A turn in the life of a client or a replica. Operations are named by their number among those of
/// the client that records the fact.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// A client begins an operation.
    Begins {
        /// Which.
        number: u64,
        /// What it does.
        call: Call,
    },
    /// A read returns.
    HasRead {
        /// Which.
        number: u64,
        /// What was read.
        version: Version,
    },
    /// A write returns.
    HasWritten {
        /// Which.
        number: u64,
        /// What was written.
        version: Version,
    },
    /// A client waits no longer; a write may take effect all the same.
    GivesUp {
        /// Which.
        number: u64,
        /// In which phase.
        phase: Phase,
        /// How many replicas had answered.
        answers: u16,
    },
    /// A replica takes over a newer version.
    Adopts(Version),
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Begins { call: Call::Read, .. } => "begins read".into(),
            Self::Begins { call: Call::Write(_), .. } => "begins write".into(),
            Self::HasRead { version, .. } => format!("read {}", version.value),
            Self::HasWritten { version, .. } => format!("wrote {}", version.value),
            Self::GivesUp { .. } => "gives up".into(),
            Self::Adopts(version) => format!("takes {}", version.value),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Begins { number, call: Call::Read } => format!("begins operation {number}: read"),
            Self::Begins { number, call: Call::Write(value) } => {
                format!("begins operation {number}: write {value}")
            }
            Self::HasRead { number, version } => {
                format!("ends operation {number}: has read {}", version.value)
            }
            Self::HasWritten { number, version } => {
                format!("ends operation {number}: has written {}", version.value)
            }
            Self::GivesUp { number, phase, answers } => {
                let phase = if *phase == Phase::Query { "query" } else { "store" };
                format!("gives up operation {number} in its {phase} phase after {answers} answers")
            }
            Self::Adopts(version) => format!("takes over {}", version.value),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::HasRead { version, .. }
            | Self::HasWritten { version, .. }
            | Self::Adopts(version) => Some(version.tag.number),
            Self::Begins { .. } | Self::GivesUp { .. } => None,
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::GivesUp { .. })
    }

    fn operation(&self) -> Option<Operation> {
        let (number, step) = match *self {
            Self::Begins { number, .. } => (number, OperationStep::Begins),
            Self::HasRead { number, .. } | Self::HasWritten { number, .. } => {
                (number, OperationStep::Succeeds)
            }
            Self::GivesUp { number, .. } => (number, OperationStep::IsAbandoned),
            Self::Adopts(_) => return None,
        };
        Some(Operation { number, step })
    }
}
