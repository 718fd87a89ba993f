//! What passes between servers, the store, the power switch and clients.

use super::store::Block;
use crate::mechanism::writer::{self, Message, Receipt, Write};
use crate::sim::{Describe, LongList, MessageKind, Names, NodeId, Operation, Payload};

/// A number for each try of a server to take over: an answer to an earlier one counts for nothing.
pub(super) type Attempt = u64;

/// A message.
#[derive(Clone, Debug, Hash)]
pub(super) enum Msg {
    /// Between a client and a server.
    Writer(writer::Message),
    /// "I am here", to every other server.
    Alive {
        /// Whom the sender has heard of late, a bit a server.
        hears: u64,
        /// The epoch in which it leads, if it does.
        leads: Option<u64>,
        /// Whether it objects to a new leader: it sees one, or stands itself.
        objects: bool,
    },
    /// To the store: "who has you?"
    Look { attempt: Attempt },
    /// The store's answer: who had it last, and what it holds.
    Shows { attempt: Attempt, epoch: u64, holder: Option<NodeId>, blocks: LongList<Option<Block>> },
    /// To the store: "from now on take nothing of an earlier epoch, and show what you hold."
    Seal { attempt: Attempt, epoch: u64 },
    /// The store is sealed for the asker.
    Sealed { attempt: Attempt, epoch: u64, blocks: LongList<Option<Block>> },
    /// To the store: "write this here."
    Put { epoch: u64, index: u64, write: Write },
    /// It is written, and on disk.
    Done { epoch: u64, index: u64 },
    /// The store knows a later epoch than that of what it was asked for.
    Fenced { epoch: u64 },
    /// To the power switch: "switch this server off, if it leads by that epoch or does not lead."
    Shoot { attempt: Attempt, server: NodeId, epoch: u64 },
    /// From the power switch to a server: "off."
    Off { attempt: Attempt, by: NodeId, epoch: u64 },
    /// From a server's board to the power switch: it is off, and forgets everything.
    IsOff { attempt: Attempt, by: NodeId },
    /// From the power switch: "it is off."
    Confirmed { attempt: Attempt },
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Writer(message) => message.label(),
            Self::Alive { leads: Some(_), .. } => "I lead".into(),
            Self::Alive { .. } => "alive".into(),
            Self::Look { .. } => "who has you?".into(),
            Self::Shows { .. } => "shows".into(),
            Self::Seal { epoch, .. } => format!("seal {epoch}"),
            Self::Sealed { epoch, .. } => format!("sealed {epoch}"),
            Self::Put { index, .. } => format!("block {index}"),
            Self::Done { index, .. } => format!("done {index}"),
            Self::Fenced { .. } => "fenced".into(),
            Self::Shoot { .. } => "shoot".into(),
            Self::Off { .. } => "power off".into(),
            Self::IsOff { .. } => "is off".into(),
            Self::Confirmed { .. } => "confirmed".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Writer(Message::Acknowledged(Receipt { write, index, .. })) => {
                format!("Write {} acknowledged, block {index}", write.number)
            }
            Self::Writer(message) => message.sentence(names),
            Self::Alive { leads: Some(epoch), .. } => format!("Alive, leading by epoch {epoch}"),
            Self::Alive { objects: true, .. } => "Alive, wants no other leader".into(),
            Self::Alive { .. } => "Alive, sees no leader".into(),
            Self::Look { .. } => "Who has the store?".into(),
            Self::Shows { epoch, holder: Some(id), .. } => {
                format!("{} had the store last, in epoch {epoch}", &names[*id])
            }
            Self::Shows { .. } => "Nobody had the store yet".into(),
            Self::Seal { epoch, .. } => format!("Seal the store with epoch {epoch}"),
            Self::Sealed { epoch, .. } => format!("Sealed with epoch {epoch}"),
            Self::Put { epoch, index, write } => {
                let (client, number) = (write.client + 1, write.number);
                format!("Epoch {epoch}: write {number} of C{client} into block {index}")
            }
            Self::Done { epoch, index } => format!("Epoch {epoch}: block {index} is on disk"),
            Self::Fenced { epoch } => format!("Refused: the store is sealed with epoch {epoch}"),
            Self::Shoot { server, .. } => format!("Switch {} off", &names[*server]),
            Self::Off { by, .. } => format!("Off, by order of {}", &names[*by]),
            Self::IsOff { .. } => "Off, all memory is gone".into(),
            Self::Confirmed { .. } => "It is off".into(),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Writer(message) => message.epoch(),
            Self::Alive { leads, .. } => *leads,
            Self::Seal { epoch, .. }
            | Self::Sealed { epoch, .. }
            | Self::Put { epoch, .. }
            | Self::Done { epoch, .. }
            | Self::Fenced { epoch } => Some(*epoch),
            Self::Look { .. }
            | Self::Shows { .. }
            | Self::Shoot { .. }
            | Self::Off { .. }
            | Self::IsOff { .. }
            | Self::Confirmed { .. } => None,
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Writer(message) if message.is_error())
            || matches!(self, Self::Fenced { .. })
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Writer(message) => message.kind(),
            Self::Alive { .. } => MessageKind::Heartbeat,
            Self::Look { .. }
            | Self::Seal { .. }
            | Self::Put { .. }
            | Self::Shoot { .. }
            | Self::Off { .. } => MessageKind::Request,
            Self::Shows { .. }
            | Self::Sealed { .. }
            | Self::Done { .. }
            | Self::Fenced { .. }
            | Self::IsOff { .. }
            | Self::Confirmed { .. } => MessageKind::Reply,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Writer(message) => message.bytes(),
            Self::Shows { blocks, .. } | Self::Sealed { blocks, .. } => {
                1 + 3 * 8 + 14 * blocks.len() as u64
            }
            Self::Put { .. } => 1 + 2 * 8 + 6,
            Self::Alive { .. } => 1 + 8 + 9 + 1,
            Self::Shoot { .. } | Self::Off { .. } => 1 + 3 * 8,
            Self::Seal { .. } | Self::Done { .. } | Self::IsOff { .. } => 1 + 2 * 8,
            Self::Look { .. } | Self::Fenced { .. } | Self::Confirmed { .. } => 1 + 8,
        }
    }
}

/// What a node waits for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    Writer(writer::Timer),
    /// A server tells the others that it is there, and looks around.
    Tick,
    /// A server that was switched off comes up again.
    Boot,
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Writer(timer) => timer.label(),
            Self::Tick => "tick".into(),
            Self::Boot => "boot".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Writer(timer) => timer.sentence(names),
            Self::Tick => "says that it is there, and looks who else is".into(),
            Self::Boot => "has booted".into(),
        }
    }
}

/// A turn worth remembering.
#[derive(Clone, Debug, Hash)]
pub(super) enum Fact {
    Writer(writer::Fact),
    /// A server begins to take over.
    Stands,
    /// A server has another one switched off.
    Shoots {
        server: NodeId,
    },
    /// A server is switched off.
    IsOff {
        by: NodeId,
    },
    /// A server leads, and serves.
    Leads {
        epoch: u64,
    },
    /// A server leads no longer, and why.
    StepsDown {
        why: &'static str,
    },
    /// A server comes up again.
    Recovers,
    /// The store grants an epoch.
    IsSealed {
        epoch: u64,
        by: NodeId,
    },
    /// The store writes a block.
    Applies {
        epoch: u64,
        index: u64,
        write: Write,
        by: NodeId,
    },
    /// The store refuses to.
    Refuses {
        epoch: u64,
        sealed: u64,
        by: NodeId,
    },
}

impl Fact {
    /// Returns what a writer remembers, if this is that.
    pub(super) fn writer(&self) -> Option<&writer::Fact> {
        if let Self::Writer(fact) = self { Some(fact) } else { None }
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Writer(fact) => fact.label(),
            Self::Stands => "stands".into(),
            Self::Shoots { .. } => "shoots".into(),
            Self::IsOff { .. } => "is off".into(),
            Self::Leads { epoch } => format!("leads {epoch}"),
            Self::StepsDown { .. } => "steps down".into(),
            Self::Recovers => "is back".into(),
            Self::IsSealed { epoch, .. } => format!("epoch {epoch}"),
            Self::Applies { index, .. } => format!("block {index}"),
            Self::Refuses { .. } => "refuses".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Writer(writer::Fact::Holds(Receipt { write, index, by, led_in, .. })) => format!(
                "has write {} acknowledged by {} in epoch {led_in}, as block {index}",
                write.number, &names[*by]
            ),
            Self::Writer(fact) => fact.sentence(names),
            Self::Stands => "sees no leader, and wants to lead".into(),
            Self::Shoots { server } => format!("has {} switched off", &names[*server]),
            Self::IsOff { by } => format!("is switched off by order of {}", &names[*by]),
            Self::Leads { epoch } => format!("leads by epoch {epoch}"),
            Self::StepsDown { why } => format!("leads no longer: {why}"),
            Self::Recovers => "is back with what its disk kept".into(),
            Self::IsSealed { epoch, by } => {
                format!("is sealed with epoch {epoch} for {}", &names[*by])
            }
            Self::Applies { epoch, index, write, by } => format!(
                "writes {} of C{} into block {index}, for {} in epoch {epoch}",
                write.number,
                write.client + 1,
                &names[*by]
            ),
            Self::Refuses { epoch, sealed, by } => {
                format!("refuses {} of epoch {epoch}: it is sealed with {sealed}", &names[*by])
            }
        }
    }

    fn epoch(&self) -> Option<u64> {
        let (Self::Leads { epoch } | Self::IsSealed { epoch, .. }) = self else { return None };
        Some(*epoch)
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Writer(fact) if fact.is_error())
            || matches!(self, Self::Refuses { .. })
    }

    fn operation(&self) -> Option<Operation> {
        if let Self::Writer(fact) = self { fact.operation() } else { None }
    }
}
