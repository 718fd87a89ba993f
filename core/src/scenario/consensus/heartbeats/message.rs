//! What workers and their monitor say, and how it reads.

use crate::sim::{Describe, MessageKind, Names, NodeId, Payload};

/// Returns what a worker is called.
pub(super) fn name_of(id: NodeId) -> String {
    format!("W{}", id.0)
}

/// Names a heartbeat of a worker: in which incarnation, and which one there.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct BeatId {
    /// The worker's incarnation, from 1; it never comes twice.
    pub(super) incarnation: u64,
    /// The heartbeat's number in that incarnation.
    pub(super) sequence: u64,
}

/// A set of partitions.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Partitions(pub(super) u32);

impl Partitions {
    /// How many there are in all.
    pub(super) const ALL: u16 = 12;

    /// Returns true if this one is in the set.
    pub(super) fn has(self, partition: u16) -> bool {
        self.0 >> partition & 1 == 1
    }

    /// Returns the set with this one.
    pub(super) fn with(self, partition: u16) -> Self {
        Self(self.0 | 1 << partition)
    }

    /// Lists what is in the set.
    pub(super) fn iter(self) -> impl Iterator<Item = u16> {
        (0..Self::ALL).filter(move |&partition| self.has(partition))
    }
}

impl FromIterator<u16> for Partitions {
    fn from_iter<I: IntoIterator<Item = u16>>(items: I) -> Self {
        items.into_iter().fold(Self::default(), Self::with)
    }
}

/// What is said.
#[derive(Copy, Clone, Debug, Hash)]
pub(super) enum Msg {
    /// A worker is there, and serves these partitions.
    Beat(BeatId, Partitions),
    /// The monitor's answer to that heartbeat: these partitions are the worker's.
    Own(BeatId, Partitions),
    /// The worker was declared dead in this incarnation: it may come back in a new one.
    Buried(u64),
    /// The viewer asks for a partition to be moved.
    Move,
}

/// What wakes a node.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// Time for a worker's next heartbeat.
    Beat,
    /// Time for the monitor to look at everybody.
    Look,
}

/// What happens, for judges and lesson.
#[derive(Copy, Clone, Debug, Hash)]
pub(super) enum Fact {
    /// The monitor is up, and looks at everybody so often.
    Watches {
        /// Time between two looks.
        every_us: u64,
    },
    /// The monitor lists a worker as a member, in this incarnation.
    Lists(NodeId, u64),
    /// The monitor suspects a worker, which gets no new partitions.
    Suspects(NodeId),
    /// The monitor has heard of a suspect.
    Trusts(NodeId),
    /// The monitor decides that a worker is dead in this incarnation, for good.
    Condemns(NodeId, u64),
    /// That decision is on disk, and acted upon.
    Declares(NodeId, u64),
    /// The monitor finds that it slept for so long itself, and excuses everybody.
    Slept(u64),
    /// The monitor gives a partition to another worker.
    Moves(u16, NodeId),
    /// A worker begins an incarnation.
    Lives(u64),
    /// A worker takes a partition over.
    Takes(u16),
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Beat(id, _) => format!("beat {}.{}", id.incarnation, id.sequence % 1_000),
            Self::Own(_, own) => format!("own {}", own.iter().count()),
            Self::Buried(incarnation) => format!("buried {incarnation}"),
            Self::Move => "move".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Beat(BeatId { incarnation, sequence }, ready) => format!(
                "heartbeat {sequence} of incarnation {incarnation}, serving {} partitions",
                ready.iter().count()
            ),
            Self::Own(_, own) => {
                let own: Vec<String> = own.iter().map(|it| it.to_string()).collect();
                format!(
                    "your partitions are {}",
                    if own.is_empty() { "none".into() } else { own.join(", ") }
                )
            }
            Self::Buried(incarnation) => {
                format!("incarnation {incarnation} was declared dead: come back as another")
            }
            Self::Move => "move a partition".into(),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Beat(id, _) | Self::Own(id, _) => Some(id.incarnation),
            Self::Buried(incarnation) => Some(*incarnation),
            Self::Move => None,
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Buried(_))
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Beat(..) => MessageKind::Heartbeat,
            Self::Own(..) | Self::Buried(_) => MessageKind::Reply,
            Self::Move => MessageKind::Request,
        }
    }

    fn bytes(&self) -> u64 {
        let numbers = match self {
            Self::Beat(..) | Self::Own(..) => 3,
            Self::Buried(_) => 1,
            Self::Move => 0,
        };
        1 + 8 * numbers
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Beat => "beat".into(),
            Self::Look => "look".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Beat => "the next heartbeat is due".into(),
            Self::Look => "looks at everybody".into(),
        }
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Watches { .. } => "watches",
            Self::Lists(..) => "lists",
            Self::Suspects(_) => "suspects",
            Self::Trusts(_) => "trusts",
            Self::Condemns(..) => "condemns",
            Self::Declares(..) => "dead",
            Self::Slept(_) => "slept",
            Self::Moves(..) => "moves",
            Self::Lives(_) => "is up",
            Self::Takes(_) => "takes over",
        }
        .into()
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Watches { every_us } => {
                format!("watches, and looks every {} ms", every_us / 1_000)
            }
            Self::Lists(id, incarnation) => {
                format!("lists {} in incarnation {incarnation}", &names[*id])
            }
            Self::Suspects(id) => format!("suspects {}", &names[*id]),
            Self::Trusts(id) => format!("has heard of {}, and trusts it again", &names[*id]),
            Self::Condemns(id, incarnation) => {
                format!("decides that {} is dead in incarnation {incarnation}", &names[*id])
            }
            Self::Declares(id, _) => format!("declares {} dead", &names[*id]),
            Self::Slept(for_us) => {
                format!("finds that it slept for {} ms, and excuses everybody", for_us / 1_000)
            }
            Self::Moves(partition, to) => {
                format!("gives partition {partition} to {}", &names[*to])
            }
            Self::Lives(incarnation) => format!("begins incarnation {incarnation}"),
            Self::Takes(partition) => format!("takes partition {partition} over"),
        }
    }
}
