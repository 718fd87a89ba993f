//! What counting nodes say, and how it reads.

use crate::mechanism::crdt::PnCounter;
use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload};

/// A visitor's click.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Click {
    /// Its number at its node, counted from the node's start: a crash leaves no click to be
    /// acknowledged.
    pub(super) number: u64,
    /// How far up it counts; negative if down.
    pub(super) by: i64,
}

/// What a counting node can be told.
#[derive(Clone, Debug, Hash)]
pub(super) enum Msg {
    /// A visitor's click, up or down.
    Click(i64),
    /// Add this, and answer. The number says only which one it is that the answer answers.
    Delta(u32, i64),
    /// The delta with this number is added.
    Added(u32),
    /// All that the sender knows.
    Known(PnCounter),
}

/// What wakes a counting node.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// A visitor comes.
    Visitor,
    /// Time to gossip, or to retry.
    Round,
}

/// What happens between visitors and a counting node.
#[derive(Clone, Debug, Hash)]
pub(super) enum Fact {
    /// A visitor clicked.
    Clicked(Click),
    /// The visitor was told that the click is counted.
    Acknowledged(Click),
    /// The node added somebody's delta to its sum.
    Added {
        /// Who sent it.
        from: NodeId,
        /// The sender's number for it.
        number: u32,
    },
    /// The node heard of clicks that it did not know.
    Learns {
        /// Who told it.
        from: NodeId,
        /// All that it was told.
        told: PnCounter,
    },
    /// The node restarted, with this slot of its own.
    CameBack((u64, u64)),
}

/// Returns a click as a signed number.
pub(super) fn signed(by: i64) -> String {
    if by < 0 { format!("−{}", by.unsigned_abs()) } else { format!("+{by}") }
}

/// Returns the slots of one node in words: "7", or "7 − 2" when some of it was counted down.
pub(super) fn slot_text((up, down): (u64, u64)) -> String {
    if down == 0 { up.to_string() } else { format!("{up} − {down}") }
}

/// Returns the slots that are not zero, in words: "N1 7, N3 4 − 1".
fn vector_text(known: &PnCounter, names: &Names) -> String {
    let slot = |id| format!("{} {}", &names[id], slot_text(known.slot(id)));
    let is_known = |id: &NodeId| known.slot(*id) != (0, 0);
    names.ids().filter(is_known).map(slot).collect::<Vec<_>>().join(", ")
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Click(by) => format!("click {}", signed(*by)),
            Self::Delta(_, by) => signed(*by),
            Self::Added(_) => "added".into(),
            Self::Known(known) => format!("Σ {}", known.value()),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Click(by) => format!("click {}", signed(*by)),
            Self::Delta(number, by) => format!("add {} (delta {number})", signed(*by)),
            Self::Added(number) => format!("delta {number} is added"),
            Self::Known(known) => format!("vector ({})", vector_text(known, names)),
        }
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Click(_) | Self::Delta(..) => MessageKind::Request,
            Self::Added(_) => MessageKind::Reply,
            Self::Known(_) => MessageKind::Gossip,
        }
    }

    fn bytes(&self) -> u64 {
        let numbers = match self {
            Self::Click(_) | Self::Added(_) => 1,
            Self::Delta(..) => 2,
            // A slot travels with the name of its node.
            Self::Known(PnCounter { increments, decrements }) => {
                2 * (increments.replicas() + decrements.replicas()) as u64
            }
        };
        1 + 8 * numbers
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Visitor => "visitor".into(),
            Self::Round => "round".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Visitor => "a visitor comes".into(),
            Self::Round => "the next round begins".into(),
        }
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Clicked(click) => format!("click {}", signed(click.by)),
            Self::Acknowledged(_) => "acknowledges".into(),
            Self::Added { .. } => "added".into(),
            Self::Learns { .. } => "learns".into(),
            Self::CameBack(_) => "came back".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Clicked(click) => format!("is asked to count {}", signed(click.by)),
            Self::Acknowledged(click) => {
                format!("acknowledges {} to its visitor", signed(click.by))
            }
            Self::Added { from, number } => format!("adds {}'s delta {number}", &names[*from]),
            Self::Learns { from, told } => {
                format!("learns of clicks from {}: {}", &names[*from], vector_text(told, names))
            }
            Self::CameBack((0, 0)) => "finds no clicks of its own on its disk".into(),
            Self::CameBack(own) => format!("finds its own clicks on its disk: {}", slot_text(*own)),
        }
    }

    fn operation(&self) -> Option<Operation> {
        let (click, step) = match self {
            Self::Clicked(click) => (click, OperationStep::Begins),
            Self::Acknowledged(click) => (click, OperationStep::Succeeds),
            Self::Added { .. } | Self::Learns { .. } | Self::CameBack(_) => return None,
        };
        Some(Operation { number: click.number, step })
    }
}
