//! What proposers and acceptors say to each other, and what is remembered of it.

use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload};

/// Orders proposals: by number, then by who makes them, so that no two are equal.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ballot {
    /// Greater with every try of a proposer.
    pub number: u64,
    /// Who proposes.
    pub proposer: NodeId,
}

/// A message between a proposer and an acceptor.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// "Promise to accept nothing of a lower ballot, and tell what you have accepted" (phase 1a).
    Prepare {
        /// Of which decision.
        decree: u32,
        /// The proposal.
        ballot: Ballot,
    },
    /// "I promise" (phase 1b).
    Promised {
        /// Of which decision.
        decree: u32,
        /// The proposal.
        ballot: Ballot,
        /// What has been accepted so far, and in which ballot.
        accepted: Option<(Ballot, u64)>,
    },
    /// "Accept this" (phase 2a).
    Accept {
        /// Of which decision.
        decree: u32,
        /// The proposal.
        ballot: Ballot,
        /// Its value.
        value: u64,
    },
    /// "I have accepted it" (phase 2b).
    Accepted {
        /// Of which decision.
        decree: u32,
        /// The proposal.
        ballot: Ballot,
    },
    /// "I have promised a higher ballot."
    Refused {
        /// Of which decision.
        decree: u32,
        /// The proposal that is refused.
        ballot: Ballot,
        /// The number of the ballot that was promised.
        promised: u64,
    },
}

impl Message {
    fn parts(&self) -> (u32, Ballot) {
        match *self {
            Self::Prepare { decree, ballot }
            | Self::Promised { decree, ballot, .. }
            | Self::Accept { decree, ballot, .. }
            | Self::Accepted { decree, ballot }
            | Self::Refused { decree, ballot, .. } => (decree, ballot),
        }
    }
}

impl Describe for Message {
    fn label(&self) -> String {
        match self {
            Self::Prepare { .. } => "prepare".into(),
            Self::Promised { accepted: None, .. } => "promise".into(),
            Self::Promised { accepted: Some((_, value)), .. } => format!("promise, {value}"),
            Self::Accept { value, .. } => format!("accept {value}"),
            Self::Accepted { .. } => "accepted".into(),
            Self::Refused { .. } => "refused".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        let (decree, Ballot { number, proposer }) = self.parts();
        let what = match self {
            Self::Prepare { .. } => "prepare".into(),
            Self::Promised { accepted: None, .. } => "promised, nothing accepted yet".into(),
            Self::Promised { accepted: Some((ballot, value)), .. } => {
                format!("promised, {value} accepted in ballot {}", ballot.number)
            }
            Self::Accept { value, .. } => format!("accept {value}"),
            Self::Accepted { .. } => "accepted".into(),
            Self::Refused { promised, .. } => format!("refused, ballot {promised} is promised"),
        };
        format!("Decree {decree}, ballot {number} of {}: {what}", &names[proposer])
    }

    fn epoch(&self) -> Option<u64> {
        Some(self.parts().1.number)
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

impl Payload for Message {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Prepare { .. } | Self::Accept { .. } => MessageKind::Request,
            Self::Promised { .. } | Self::Accepted { .. } | Self::Refused { .. } => {
                MessageKind::Reply
            }
        }
    }

    fn bytes(&self) -> u64 {
        // Kind, decree and ballot, then what else there is.
        let head = 1 + 4 + 2 * 8;
        match self {
            Self::Prepare { .. } | Self::Accepted { .. } => head,
            Self::Accept { .. } | Self::Refused { .. } => head + 8,
            Self::Promised { accepted, .. } => head + 1 + if accepted.is_some() { 24 } else { 0 },
        }
    }
}

/// What a proposer waits for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// To try again with a higher ballot.
    Retry,
}

impl Describe for Timer {
    fn label(&self) -> String {
        "next ballot".into()
    }

    fn sentence(&self, _: &Names) -> String {
        "tries again with a higher ballot".into()
    }
}

/// A turn in the life of a proposer or an acceptor.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// A proposer begins to propose a value of its own.
    Begins {
        /// For which decision.
        decree: u32,
        /// The value.
        value: u64,
    },
    /// A proposer learns what is decided, its own value or another one.
    Decides {
        /// Which decision.
        decree: u32,
        /// The value.
        value: u64,
    },
    /// A proposer hears that an acceptor has promised a higher ballot.
    IsRefused {
        /// In which decision.
        decree: u32,
    },
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Begins { value, .. } => format!("proposes {value}"),
            Self::Decides { value, .. } => format!("decides {value}"),
            Self::IsRefused { .. } => "is refused".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Begins { decree, value } => format!("proposes {value} for decree {decree}"),
            Self::Decides { decree, value } => format!("learns that decree {decree} is {value}"),
            Self::IsRefused { decree } => format!("is refused for decree {decree}"),
        }
    }

    fn operation(&self) -> Option<Operation> {
        let (decree, step) = match self {
            Self::Begins { decree, .. } => (decree, OperationStep::Begins),
            Self::Decides { decree, .. } => (decree, OperationStep::Succeeds),
            Self::IsRefused { .. } => return None,
        };
        // Apart from the numbers that a host's other operations have.
        Some(Operation { number: 1 << 31 | u64::from(*decree), step })
    }
}
