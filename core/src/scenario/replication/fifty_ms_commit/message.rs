//! What nodes say to each other, wait for and record, and how it reads.

use crate::mechanism::geo::Shipment;
use crate::mechanism::raft::{self, Command as _, Content, Entry, Index};
use crate::mechanism::writer::{self, Write};
use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, Payload};

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Msg {
    /// Between servers of the region.
    Raft(raft::Message<Write>),
    /// Between a client and a server.
    Writer(writer::Message),
    /// Entries of the region's log, to a copy in another region.
    Ship(Shipment<Entry<Write>>),
    /// All up to here is on the copy's disk.
    Kept {
        /// The last entry.
        through: Index,
    },
}

/// Says which entries come after a position, up to another.
fn entries(after: Index, through: Index) -> String {
    match through.saturating_sub(after) {
        0 => "no entries".into(),
        1 => format!("entry {through}"),
        _ => format!("entries {} to {through}", after + 1),
    }
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Raft(message) => message.label(),
            Self::Writer(message) => message.label(),
            Self::Ship(shipment) => format!("ship …{}", shipment.through()),
            Self::Kept { through } => format!("kept {through}"),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Raft(message) => message.sentence(names),
            Self::Writer(message) => message.sentence(names),
            Self::Ship(it) => format!("Shipment of {}", entries(it.after, it.through())),
            Self::Kept { through } => format!("All entries up to {through} kept, on disk"),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Raft(message) => message.epoch(),
            Self::Writer(message) => message.epoch(),
            Self::Ship(_) | Self::Kept { .. } => None,
        }
    }

    fn is_error(&self) -> bool {
        match self {
            Self::Raft(message) => message.is_error(),
            Self::Writer(message) => message.is_error(),
            Self::Ship(_) | Self::Kept { .. } => false,
        }
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Raft(message) => message.kind(),
            Self::Writer(message) => message.kind(),
            Self::Ship(_) => MessageKind::Request,
            Self::Kept { .. } => MessageKind::Reply,
        }
    }

    fn bytes(&self) -> u64 {
        let size = |entry: &Entry<Write>| match &entry.content {
            Content::Command(write) => 8 + write.bytes(),
            Content::Blank | Content::Members(_) => 8,
        };
        match self {
            Self::Raft(message) => message.bytes(),
            Self::Writer(message) => message.bytes(),
            Self::Ship(shipment) => 1 + 8 + shipment.entries.iter().map(size).sum::<u64>(),
            Self::Kept { .. } => 1 + 8,
        }
    }
}

/// What a node waits for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    Raft(raft::Timer),
    Writer(writer::Timer),
    /// A leader ships again.
    Ship,
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Raft(timer) => timer.label(),
            Self::Writer(timer) => timer.label(),
            Self::Ship => "ship".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Raft(timer) => timer.sentence(names),
            Self::Writer(timer) => timer.sentence(names),
            Self::Ship => "it is time to ship".into(),
        }
    }
}

/// A turn worth remembering.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    Raft(raft::Fact),
    Writer(writer::Fact),
    /// A copy takes over the log up to an entry.
    TakesOver {
        through: Index,
    },
    /// A copy takes over nothing: what comes before is missing.
    FindsGap {
        have: Index,
        after: Index,
    },
    /// A leader hears how far a copy's disk has come.
    Hears {
        of: NodeId,
        through: Index,
    },
    /// A node comes up again.
    Recovers,
}

impl Fact {
    /// Returns what a client records, if it is that.
    pub(super) fn writer(&self) -> Option<&writer::Fact> {
        if let Self::Writer(fact) = self { Some(fact) } else { None }
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Raft(fact) => fact.label(),
            Self::Writer(fact) => fact.label(),
            Self::TakesOver { .. } => "takes over".into(),
            Self::FindsGap { .. } => "finds a gap".into(),
            Self::Hears { .. } => "hears".into(),
            Self::Recovers => "recovers".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Raft(fact) => fact.sentence(names),
            Self::Writer(fact) => fact.sentence(names),
            Self::TakesOver { through } => format!("takes over all up to entry {through}"),
            Self::FindsGap { have, after } => {
                format!("takes over nothing: it lacks {}", entries(*have, *after))
            }
            Self::Hears { of, through } => {
                format!("hears that {} has all up to entry {through}", &names[*of])
            }
            Self::Recovers => "is back, and knows only what its disk kept".into(),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Raft(fact) => fact.epoch(),
            Self::Writer(fact) => fact.epoch(),
            Self::TakesOver { .. }
            | Self::FindsGap { .. }
            | Self::Hears { .. }
            | Self::Recovers => None,
        }
    }

    fn is_error(&self) -> bool {
        self.writer().is_some_and(Describe::is_error) || matches!(self, Self::FindsGap { .. })
    }

    fn operation(&self) -> Option<Operation> {
        self.writer()?.operation()
    }
}
