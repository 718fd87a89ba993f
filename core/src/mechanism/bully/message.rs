//! What members say to each other.

use crate::sim::{Describe, MessageKind, Names, Payload};

/// A message between members. Each carries an epoch; without that safeguard it is a mere label.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// To all higher members: "somebody has to lead".
    Election {
        /// The latest that the sender knows of.
        epoch: u64,
    },
    /// "I am higher and I am here: leave it to me."
    Answer {
        /// The latest that the sender knows of.
        epoch: u64,
    },
    /// To all lower members: "I lead."
    Coordinator {
        /// In this epoch.
        epoch: u64,
    },
    /// "You lead me": the answer to a claim, where a majority decides.
    Accept {
        /// In this epoch.
        epoch: u64,
    },
    /// "You do not": a later epoch is known.
    Refuse {
        /// That epoch.
        epoch: u64,
    },
    /// To all, again and again: "I lead, and am here."
    Alive {
        /// In this epoch.
        epoch: u64,
    },
    /// "I am here, too", where a leader needs a majority.
    Present {
        /// In the leader's epoch.
        epoch: u64,
    },
}

impl Message {
    /// Returns true for what an election is made of, and false for what is said in calm as well.
    pub fn is_of_election(self) -> bool {
        !matches!(self, Self::Alive { .. } | Self::Present { .. })
    }

    fn number(self) -> u64 {
        match self {
            Self::Election { epoch }
            | Self::Answer { epoch }
            | Self::Coordinator { epoch }
            | Self::Accept { epoch }
            | Self::Refuse { epoch }
            | Self::Alive { epoch }
            | Self::Present { epoch } => epoch,
        }
    }
}

impl Describe for Message {
    fn label(&self) -> String {
        match self {
            Self::Election { .. } => "election",
            Self::Answer { .. } => "OK",
            Self::Coordinator { .. } => "coordinator",
            Self::Accept { .. } => "accept",
            Self::Refuse { .. } => "refuse",
            Self::Alive { .. } => "alive",
            Self::Present { .. } => "present",
        }
        .into()
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Election { .. } => "Election: somebody has to lead".into(),
            Self::Answer { .. } => "OK: I am higher, leave it to me".into(),
            Self::Coordinator { epoch } => format!("Coordinator: I lead epoch {epoch}"),
            Self::Accept { epoch } => format!("Accepted: you lead epoch {epoch}"),
            Self::Refuse { epoch } => format!("Refused: epoch {epoch} has begun"),
            Self::Alive { epoch } => format!("Alive, leading epoch {epoch}"),
            Self::Present { epoch } => format!("Present in epoch {epoch}"),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Election { .. } | Self::Answer { .. } => None,
            Self::Coordinator { .. }
            | Self::Accept { .. }
            | Self::Refuse { .. }
            | Self::Alive { .. }
            | Self::Present { .. } => Some(self.number()),
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Refuse { .. })
    }
}

impl Payload for Message {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Election { .. } | Self::Coordinator { .. } => MessageKind::Request,
            Self::Answer { .. }
            | Self::Accept { .. }
            | Self::Refuse { .. }
            | Self::Present { .. } => MessageKind::Reply,
            Self::Alive { .. } => MessageKind::Heartbeat,
        }
    }

    fn bytes(&self) -> u64 {
        1 + 8
    }
}
