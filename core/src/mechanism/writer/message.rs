//! What a client and its servers say to each other, and what the client remembers of it.

use serde::{Deserialize, Serialize};

use crate::mechanism::raft::{Command, Index, Term};
use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload};

/// A write, by who asked for it and the how-manieth of theirs it is: a retry is the same write.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Write {
    /// Which client, from 0.
    pub client: u16,
    /// Its number, from 1.
    pub number: u32,
}

impl Command for Write {
    fn label(&self) -> String {
        format!("C{}·{}", self.client + 1, self.number)
    }

    fn bytes(&self) -> u64 {
        2 * 8
    }
}

/// What a client is told when a write is acknowledged.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Receipt {
    /// For which write.
    pub write: Write,
    /// Its place in the log.
    pub index: Index,
    /// The term of that entry.
    pub term: Term,
    /// Who acknowledged it.
    pub by: NodeId,
    /// The term in which that server led.
    pub led_in: Term,
}

/// A message between a client and a server.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// A client asks for a write.
    Write(Write),
    /// It is done.
    Acknowledged(Receipt),
    /// "I do not lead."
    Refused {
        /// What was asked for.
        write: Write,
        /// Who leads, as far as the server knows: the cluster's own metadata.
        leader: Option<NodeId>,
        /// The server's term.
        term: Term,
    },
    /// The viewer asks a client to write at once.
    WriteNow,
    /// The viewer asks a client for so many writes, one right after the other.
    WriteMany(u32),
    /// The viewer sends a client to a server: with the write that it waits for, or with the next.
    AskServer(NodeId),
}

impl Describe for Message {
    fn label(&self) -> String {
        match self {
            Self::Write(write) => format!("write {}", write.number),
            Self::Acknowledged(receipt) => format!("done {}", receipt.write.number),
            Self::Refused { .. } => "not leader".into(),
            Self::WriteNow => "write now".into(),
            Self::WriteMany(count) => format!("write ×{count}"),
            Self::AskServer(_) => "go there".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Write(write) => format!("Write {}", write.number),
            Self::Acknowledged(receipt) => {
                format!("Write {} acknowledged, entry {}", receipt.write.number, receipt.index)
            }
            Self::Refused { write, leader: Some(leader), .. } => {
                format!("Write {} refused, {} leads", write.number, &names[*leader])
            }
            Self::Refused { write, leader: None, .. } => {
                format!("Write {} refused, no leader known", write.number)
            }
            Self::WriteNow => "write now".into(),
            Self::WriteMany(count) => format!("write {count} times, one right after the other"),
            Self::AskServer(server) => format!("write through {}", &names[*server]),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Acknowledged(receipt) => Some(receipt.led_in),
            Self::Refused { term, .. } => Some(*term),
            Self::Write(_) | Self::WriteNow | Self::WriteMany(_) | Self::AskServer(_) => None,
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

impl Payload for Message {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Acknowledged(_) | Self::Refused { .. } => MessageKind::Reply,
            Self::Write(_) | Self::WriteNow | Self::WriteMany(_) | Self::AskServer(_) => {
                MessageKind::Request
            }
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Write(write) => 1 + write.bytes(),
            Self::Acknowledged(receipt) => 1 + receipt.write.bytes() + 4 * 8,
            Self::Refused { write, .. } => 1 + write.bytes() + 2 * 8,
            Self::WriteNow => 1,
            Self::WriteMany(_) | Self::AskServer(_) => 1 + 8,
        }
    }
}

/// What a client waits for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// It has thought long enough.
    Think,
    /// It has waited long enough.
    Retry,
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Think => "think".into(),
            Self::Retry => "retry".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Think => "has the next write ready".into(),
            Self::Retry => "tries again".into(),
        }
    }
}

/// A turn in the life of a client.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// Begins a write.
    Begins(Write),
    /// Is told that its write is acknowledged.
    Holds(Receipt),
    /// Is told so of a write for which it no longer waits: again, or after its own crash.
    HoldsLate(Receipt),
    /// Is told that this server does not lead.
    IsRefused {
        /// By whom.
        by: NodeId,
    },
    /// Waits no longer for this server's answer.
    GivesUpOn {
        /// On whom.
        server: NodeId,
    },
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Begins(write) => format!("begins {}", write.number),
            Self::Holds(receipt) => format!("has {}", receipt.write.number),
            Self::HoldsLate(receipt) => format!("late {}", receipt.write.number),
            Self::IsRefused { .. } => "is refused".into(),
            Self::GivesUpOn { .. } => "no answer".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Begins(write) => format!("begins write {}", write.number),
            Self::Holds(Receipt { write, index, by, led_in, .. }) => format!(
                "has write {} acknowledged by {} of term {led_in}, as entry {index}",
                write.number, &names[*by]
            ),
            Self::HoldsLate(Receipt { write, index, by, led_in, .. }) => format!(
                "hears late that write {} is acknowledged by {} of term {led_in}, as entry {index}",
                write.number, &names[*by]
            ),
            Self::IsRefused { by } => format!("is refused by {}", &names[*by]),
            Self::GivesUpOn { server } => format!("waits no longer for {}", &names[*server]),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Holds(receipt) | Self::HoldsLate(receipt) => Some(receipt.led_in),
            Self::Begins(_) | Self::IsRefused { .. } | Self::GivesUpOn { .. } => None,
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::IsRefused { .. } | Self::GivesUpOn { .. })
    }

    /// A write is one operation however often it is tried: a refusal or a silence ends a try, and
    /// the client goes on until somebody acknowledges it.
    fn operation(&self) -> Option<Operation> {
        let (write, step) = match self {
            Self::Begins(write) => (write, OperationStep::Begins),
            Self::Holds(receipt) => (&receipt.write, OperationStep::Succeeds),
            Self::HoldsLate(_) | Self::IsRefused { .. } | Self::GivesUpOn { .. } => return None,
        };
        Some(Operation { number: write.number.into(), step })
    }
}
