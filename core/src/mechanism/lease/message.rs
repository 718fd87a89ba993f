//! What servers say to each other when leases decide who leads.

use crate::sim::{Describe, MessageKind, Names, Payload};

/// A message between servers of a [`super::LeaseElection`].
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// To those who grant: "let me lead for a while".
    Ask {
        /// In this epoch.
        epoch: u64,
        /// When that was asked, by the asker's clock.
        asked_us: u64,
    },
    /// To all, by who leads: "let me go on", and a sign of life.
    Renew {
        /// In its epoch.
        epoch: u64,
        /// When that was asked, by the asker's clock.
        asked_us: u64,
    },
    /// "You may": for a lease from when I heard you, by my clock.
    Granted {
        /// In this epoch.
        epoch: u64,
        /// When it was asked for.
        asked_us: u64,
    },
    /// "You may go on": the answer to a renewal.
    Renewed {
        /// In this epoch.
        epoch: u64,
        /// When that was asked, by the leader's clock.
        asked_us: u64,
    },
    /// "You may not": another one has the lease, or a later epoch is known.
    Denied {
        /// The latest that is known.
        epoch: u64,
    },
    /// "I need it no more": not enough have granted it.
    GiveBack,
}

impl Message {
    /// Returns true for what an election is made of; a leader renews its lease in calm as well.
    pub fn is_of_election(self) -> bool {
        !matches!(self, Self::Renew { .. } | Self::Renewed { .. })
    }
}

impl Describe for Message {
    fn label(&self) -> String {
        match self {
            Self::Ask { .. } => "ask lease",
            Self::Renew { .. } => "renew",
            Self::Granted { .. } => "granted",
            Self::Renewed { .. } => "renewed",
            Self::Denied { .. } => "denied",
            Self::GiveBack => "give back",
        }
        .into()
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Ask { epoch, .. } => format!("Asks for a lease in epoch {epoch}"),
            Self::Renew { epoch, .. } => format!("Renews its lease of epoch {epoch}"),
            Self::Granted { epoch, .. } => format!("Grants a lease in epoch {epoch}"),
            Self::Renewed { epoch, .. } => format!("Goes on granting it in epoch {epoch}"),
            Self::Denied { epoch } => format!("No lease; the latest epoch is {epoch}"),
            Self::GiveBack => "Gives the lease back".into(),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Ask { epoch, .. }
            | Self::Renew { epoch, .. }
            | Self::Granted { epoch, .. }
            | Self::Renewed { epoch, .. }
            | Self::Denied { epoch } => Some(*epoch),
            Self::GiveBack => None,
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Denied { .. })
    }
}

impl Payload for Message {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Ask { .. } | Self::GiveBack => MessageKind::Request,
            Self::Granted { .. } | Self::Renewed { .. } | Self::Denied { .. } => MessageKind::Reply,
            Self::Renew { .. } => MessageKind::Heartbeat,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Ask { .. } | Self::Renew { .. } | Self::Granted { .. } | Self::Renewed { .. } => {
                1 + 2 * 8
            }
            Self::Denied { .. } => 1 + 8,
            Self::GiveBack => 1,
        }
    }
}
