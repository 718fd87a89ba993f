//! What replicas of the note say, and how stamps and versions read.

use crate::mechanism::clock::{HybridTimestamp, VectorClock, VersionVector};
use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload};
use crate::view::instant;

/// Returns what a replica is called: A, B, C …
pub(super) fn name_of(id: NodeId) -> char {
    char::from(b'A' + u8::try_from(id.0 % 26).unwrap_or_default())
}

/// Names a write: whose, and which of theirs.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct WriteId {
    /// At which replica it was made.
    pub(super) by: NodeId,
    /// Which one of that replica's, from 1.
    pub(super) number: u64,
}

impl WriteId {
    /// Returns the write's short name: "B3" is the third of B.
    pub(super) fn text(self, names: &Names) -> String {
        format!("{}{}", &names[self.by], self.number)
    }

    /// Returns the same where nobody has the names at hand.
    pub(super) fn short(self) -> String {
        format!("{}{}", name_of(self.by), self.number)
    }
}

/// What one write made of the note.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Version {
    /// The write.
    pub(super) id: WriteId,
    /// The updates of each replica that it contains: those its writer had seen, and itself.
    pub(super) contains: VersionVector,
    /// Its writer's hybrid clock.
    pub(super) hybrid: HybridTimestamp,
    /// Its writer's wall clock.
    pub(super) wall_us: u64,
}

/// Returns the short names of these writes: "A2 | B3"; a dash for none.
pub(super) fn ids_text(ids: impl IntoIterator<Item = WriteId>, names: &Names) -> String {
    let ids: Vec<String> = ids.into_iter().map(|id| id.text(names)).collect();
    if ids.is_empty() { "—".into() } else { ids.join(" | ") }
}

/// An event's stamps, one by each clock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Stamps {
    /// Lamport's clock.
    pub(super) lamport: u64,
    /// The vector clock.
    pub(super) vector: VectorClock,
    /// The hybrid logical clock.
    pub(super) hybrid: HybridTimestamp,
    /// The wall clock, which is no more than read.
    pub(super) wall_us: u64,
}

/// Returns a hybrid stamp in words: "1.204 s + 2".
pub(super) fn hybrid_text(stamp: HybridTimestamp) -> String {
    format!("{} + {}", instant(stamp.physical_us), stamp.logical)
}

/// Returns the entries of a vector in words: "(3 0 1)".
pub(super) fn vector_text(
    entry: impl Fn(NodeId) -> u64,
    ids: impl Iterator<Item = NodeId>,
) -> String {
    let entries: Vec<String> = ids.map(|id| entry(id).to_string()).collect();
    format!("({})", entries.join(" "))
}

impl Stamps {
    /// What the four clocks are called.
    pub(super) const CLOCKS: [&str; 4] = ["wall", "Lamport", "hybrid", "vector"];

    fn sentence(&self, names: &Names) -> String {
        let Self { lamport, vector, hybrid, wall_us } = self;
        let vector = vector_text(|id| vector.known(id), names.ids());
        let (hybrid, wall) = (hybrid_text(*hybrid), instant(*wall_us));
        format!("Lamport {lamport}, vector {vector}, hybrid {hybrid}, wall clock {wall}")
    }

    /// Returns the stamps in words, in the order of [`Self::CLOCKS`].
    pub(super) fn texts(&self, names: &Names) -> [String; 4] {
        let Self { lamport, vector, hybrid, wall_us } = self;
        let vector = vector_text(|id| vector.known(id), names.ids());
        [instant(*wall_us), lamport.to_string(), hybrid_text(*hybrid), vector]
    }
}

/// What a replica can be told.
#[derive(Clone, Debug, Hash)]
pub(super) enum Msg {
    /// The viewer writes here.
    Write,
    /// The viewer picks the write of this number for comparison.
    Pick(u64),
    /// All that the sender shows.
    Copy(Stamps, Vec<Version>),
}

/// What wakes a replica.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// Its editor writes.
    Edit,
    /// Time to tell one of the others.
    Gossip,
}

/// What happens at a replica.
#[derive(Clone, Debug, Hash)]
pub(super) enum Fact {
    /// The clocks stamped this event.
    Stamped(Stamps),
    /// Its editor has read these writes, and writes.
    Wrote(WriteId, Vec<WriteId>),
    /// Its editor was told that the write is kept.
    Acknowledged(WriteId),
    /// It is back after a crash, with so many events on its own clock.
    CameBack(u64),
    /// The viewer picked a write.
    Picked(WriteId),
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Write => "write".into(),
            Self::Pick(number) => format!("pick {number}"),
            Self::Copy(_, versions) => {
                let ids: Vec<String> = versions.iter().map(|it| it.id.short()).collect();
                let shown = if ids.is_empty() { "—".into() } else { ids.join(" | ") };
                if shown.chars().count() <= 12 { shown } else { format!("{} notes", ids.len()) }
            }
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Write => "write now".into(),
            Self::Pick(number) => format!("compare write {number}"),
            Self::Copy(stamps, versions) => {
                let ids = ids_text(versions.iter().map(|it| it.id), names);
                format!("the note is {ids} ({})", stamps.sentence(names))
            }
        }
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Write | Self::Pick(_) => MessageKind::Request,
            Self::Copy(..) => MessageKind::Gossip,
        }
    }

    fn bytes(&self) -> u64 {
        let numbers = match self {
            Self::Write => 0,
            Self::Pick(_) => 1,
            // Lamport's clock, a hybrid stamp of 64 bits and the vector; each version carries its
            // name, both its times, and a vector of its own.
            Self::Copy(stamps, versions) => {
                let vector = stamps.vector.nodes();
                let of_version = |it: &Version| 4 + it.contains.replicas();
                2 + vector + versions.iter().map(of_version).sum::<u64>()
            }
        };
        1 + 8 * numbers
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Edit => "edit".into(),
            Self::Gossip => "gossip".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Edit => "its editor writes".into(),
            Self::Gossip => "time to tell somebody".into(),
        }
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Stamped(stamps) => format!("at {}", stamps.lamport),
            Self::Wrote(id, _) => format!("write {}", id.number),
            Self::Acknowledged(_) => "acknowledges".into(),
            Self::CameBack(_) => "came back".into(),
            Self::Picked(_) => "picked".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Stamped(stamps) => format!("stamps this: {}", stamps.sentence(names)),
            Self::Wrote(id, read) => {
                let (id, read) = (id.text(names), ids_text(read.iter().copied(), names));
                format!("has read {read} and writes {id}")
            }
            Self::Acknowledged(id) => format!("tells its editor that {} is kept", id.text(names)),
            Self::CameBack(events) => format!("is back; its own clock says {events} events"),
            Self::Picked(id) => format!("is asked about {}", id.text(names)),
        }
    }

    fn operation(&self) -> Option<Operation> {
        let (id, step) = match self {
            Self::Wrote(id, _) => (id, OperationStep::Begins),
            Self::Acknowledged(id) => (id, OperationStep::Succeeds),
            Self::Stamped(_) | Self::CameBack(_) | Self::Picked(_) => return None,
        };
        Some(Operation { number: id.number, step })
    }
}
