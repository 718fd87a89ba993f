//! What clients and the store say to each other, and how it reads.

use crate::check::history::{Call, Register, RegisterAnswer, RegisterCall, SeenAs};
use crate::mechanism::lsm::{Sequence, StoreError};
use crate::mechanism::raft::Command as _;
use crate::mechanism::writer::Write;
use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload};

/// A key, by its number from 0.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key(pub(super) u16);

impl Key {
    /// Returns its bytes in the store: "k07".
    pub(super) fn text(self) -> String {
        format!("k{:02}", self.0)
    }
}

/// Returns the bytes of what a write leaves: its name, and dots up to one of many lengths, so that
/// records end anywhere in a sector.
pub(super) fn value_of(write: Write) -> Vec<u8> {
    let length = 32 + write.number as usize * 13 % 47;
    format!("{:.<length$}", write.label()).into_bytes()
}

/// Returns the write that left these bytes; none if no write leaves such.
pub(super) fn write_of(value: &[u8]) -> Option<Write> {
    let text = std::str::from_utf8(value).ok()?;
    let (client, number) = text.trim_end_matches('.').strip_prefix('C')?.split_once('·')?;
    let client = client.parse::<u16>().ok()?.checked_sub(1)?;
    let write = Write { client, number: number.parse().ok()? };
    (value == value_of(write)).then_some(write)
}

/// What a client asks.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Ask {
    /// Keep this.
    Put(Key, Write),
    /// What is there?
    Get(Key),
}

/// What a reader is told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Seen {
    /// There is nothing.
    Nothing,
    /// What this write left.
    Left(Write),
    /// Bytes that no write leaves.
    Garbage,
}

/// What the store answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Reply {
    /// It is kept.
    Done,
    /// It may be kept, or not: its sync has failed.
    Unknown,
    /// It is not kept.
    Refused(StoreError),
    /// This is there.
    Found(Seen),
}

/// What nodes say.
#[derive(Clone, Debug, Hash)]
pub(super) enum Msg {
    /// A client asks; the number tells its question from its others.
    Ask(u32, Ask),
    /// The store answers the question of this number.
    Reply(u32, Reply),
    /// The viewer asks a client to write this key.
    PutNow(Key),
    /// The viewer asks a client to read this key.
    GetNow(Key),
}

/// What wakes a node.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// A client asks next.
    Next,
    /// A client has waited long enough.
    GiveUp,
    /// The store opens its files again, or tries again what had no room.
    Again,
}

/// What happens.
#[derive(Clone, Debug, Hash)]
pub(super) enum Fact {
    /// A client asks.
    Asks(u32, Ask),
    /// It has its answer.
    Hears(u32, Ask, Reply),
    /// It waits no longer.
    GivesUp(u32),
    /// The store has put a write in order.
    Takes(Sequence, Key, Write),
    /// A sync has failed.
    SyncFailed {
        /// Writes from the first of these on to the second are in doubt.
        doubt: (Sequence, Sequence),
    },
    /// The store serves, with all writes up to this one.
    Serves(Sequence),
    /// The store cannot be opened.
    Refuses(StoreError),
}

/// Clients see a register for each key.
pub(super) static REGISTERS: SeenAs<Register<u64>, Fact> = SeenAs {
    name: "a register for each key",
    specification: Register { initial: 0 },
    read: |asks, answer| {
        let number = |write: Write| u64::from(write.client) << 32 | u64::from(write.number);
        let Fact::Asks(_, ask) = asks else { return None };
        let answer = match answer {
            Some(Fact::Hears(_, _, reply)) => Some(reply),
            Some(_) | None => None,
        };
        let output = match answer {
            Some(Reply::Done) => Some(RegisterAnswer::Written),
            Some(Reply::Found(Seen::Nothing)) => Some(RegisterAnswer::Value(0)),
            Some(Reply::Found(Seen::Left(write))) => Some(RegisterAnswer::Value(number(*write))),
            // No write has left it, so no order of writes explains it.
            Some(Reply::Found(Seen::Garbage)) => Some(RegisterAnswer::Value(u64::MAX)),
            Some(Reply::Unknown | Reply::Refused(_)) | None => None,
        };
        let (key, input) = match *ask {
            Ask::Put(key, write) => (key, RegisterCall::Write(number(write))),
            Ask::Get(key) => (key, RegisterCall::Read),
        };
        Some(Call { key: key.text(), input, output })
    },
};

impl Describe for Ask {
    fn label(&self) -> String {
        match self {
            Self::Put(key, write) => format!("{} = {}", key.text(), write.label()),
            Self::Get(key) => format!("{}?", key.text()),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Put(key, write) => format!("put {} = {}", key.text(), write.label()),
            Self::Get(key) => format!("get {}", key.text()),
        }
    }
}

impl Describe for Reply {
    fn label(&self) -> String {
        match self {
            Self::Done => "done".into(),
            Self::Unknown => "unknown".into(),
            Self::Refused(_) => "refused".into(),
            Self::Found(Seen::Nothing) => "nothing".into(),
            Self::Found(Seen::Left(write)) => write.label(),
            Self::Found(Seen::Garbage) => "garbage".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Done => "done".into(),
            Self::Unknown => "nobody knows whether it is kept".into(),
            Self::Refused(error) => {
                let text = error.to_string();
                format!("refused: {}", text.trim_end_matches('.'))
            }
            Self::Found(Seen::Nothing) => "nothing is there".into(),
            Self::Found(Seen::Left(write)) => format!("{} is there", write.label()),
            Self::Found(Seen::Garbage) => "bytes are there that nobody wrote".into(),
        }
    }
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Ask(_, ask) => ask.label(),
            Self::Reply(_, reply) => reply.label(),
            Self::PutNow(key) => format!("put {}", key.text()),
            Self::GetNow(key) => format!("get {}", key.text()),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Ask(number, ask) => format!("question {number}: {}", ask.sentence(names)),
            Self::Reply(number, reply) => {
                format!("answer to question {number}: {}", reply.sentence(names))
            }
            Self::PutNow(key) => format!("put {} now", key.text()),
            Self::GetNow(key) => format!("get {} now", key.text()),
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Reply(_, Reply::Unknown | Reply::Refused(_)))
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Reply(..) => MessageKind::Reply,
            Self::Ask(..) | Self::PutNow(_) | Self::GetNow(_) => MessageKind::Request,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Ask(_, Ask::Put(..)) => 1 + 4 * 8,
            Self::Ask(_, Ask::Get(_)) | Self::Reply(_, Reply::Found(_)) => 1 + 2 * 8,
            Self::Reply(..) | Self::PutNow(_) | Self::GetNow(_) => 1 + 8,
        }
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Next => "next".into(),
            Self::GiveUp => "give up".into(),
            Self::Again => "again".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Next => "it asks next".into(),
            Self::GiveUp => "it has waited long enough".into(),
            Self::Again => "it tries again".into(),
        }
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Asks(_, ask) => ask.label(),
            Self::Hears(_, _, reply) => reply.label(),
            Self::GivesUp(_) => "gives up".into(),
            Self::Takes(sequence, ..) => format!("write {sequence}"),
            Self::SyncFailed { .. } => "sync failed".into(),
            Self::Serves(_) => "serves".into(),
            Self::Refuses(_) => "refuses".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Asks(_, ask) => format!("asks: {}", ask.sentence(names)),
            Self::Hears(_, ask, reply) => {
                format!("hears of “{}”: {}", ask.sentence(names), reply.sentence(names))
            }
            Self::GivesUp(number) => format!("waits no longer for answer {number}"),
            Self::Takes(sequence, key, write) => {
                format!("takes {} = {} as write {sequence}", key.text(), write.label())
            }
            Self::SyncFailed { doubt: (first, last) } if first > last => {
                "hears that a sync failed, and takes no more writes".into()
            }
            Self::SyncFailed { doubt: (first, last) } => {
                format!("hears that a sync failed: writes {first} to {last} are in doubt")
            }
            Self::Serves(0) => "serves, and is empty".into(),
            Self::Serves(last) => format!("serves, with all writes up to {last}"),
            Self::Refuses(error) => {
                let text = error.to_string();
                format!("does not open: {}", text.trim_end_matches('.'))
            }
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::SyncFailed { .. } | Self::Refuses(_))
    }

    fn operation(&self) -> Option<Operation> {
        let (number, step) = match self {
            Self::Asks(number, _) => (*number, OperationStep::Begins),
            Self::Hears(number, _, Reply::Refused(_)) => (*number, OperationStep::Fails),
            Self::Hears(number, _, Reply::Unknown) | Self::GivesUp(number) => {
                (*number, OperationStep::IsAbandoned)
            }
            Self::Hears(number, ..) => (*number, OperationStep::Succeeds),
            Self::Takes(..) | Self::SyncFailed { .. } | Self::Serves(_) | Self::Refuses(_) => {
                return None;
            }
        };
        Some(Operation { number: u64::from(number), step })
    }
}

/// Whom clients ask.
pub(super) const STORE: NodeId = NodeId(0);
