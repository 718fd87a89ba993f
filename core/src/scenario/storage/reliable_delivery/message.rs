//! What nodes say to each other, and how it reads.

use serde::{Deserialize, Serialize};

use crate::mechanism::wal::LogError;
use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload};

/// Takes messages from apps, and delivers them.
pub(super) const SENDER: NodeId = NodeId(0);
/// Lets each message take effect.
pub(super) const RECEIVER: NodeId = NodeId(1);
/// The first of the apps; what comes after it are apps as well.
pub(super) const FIRST_APP: u16 = 2;

/// Whose accounts the Receiver keeps.
pub(super) const ACCOUNTS: [&str; 4] = ["Ada", "Bob", "Cem", "Dia"];

/// Names a message: which app handed it over, from 1, and as which of its messages.
pub(super) type Key = (u16, u32);

/// Returns the name of a message as it is shown: A1.7.
pub(super) fn name_of((app, number): Key) -> String {
    format!("A{app}.{number}")
}

/// Returns the app of this number as a node.
pub(super) fn app(number: u16) -> NodeId {
    NodeId(FIRST_APP + number - 1)
}

/// What an app wants done: an amount is to be added to an account.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Message {
    /// Which message this is.
    pub(super) key: Key,
    /// To which of the accounts.
    pub(super) account: u8,
    /// How much is added.
    pub(super) amount: u32,
}

impl Message {
    /// Returns the message that an app hands over under this number: always the same one.
    pub(super) fn of(key: Key) -> Self {
        let mixed = u64::from(key.0) + 5 * u64::from(key.1);
        let account = u8::try_from(mixed % ACCOUNTS.len() as u64).unwrap_or_default();
        Self { key, account, amount: u32::try_from(mixed * 7 % 9).unwrap_or_default() + 1 }
    }

    /// Returns whose account it is.
    pub(super) fn account(&self) -> &'static str {
        ACCOUNTS.get(usize::from(self.account)).copied().unwrap_or("nobody")
    }

    /// Says what it does: +5 to Ada.
    pub(super) fn effect(&self) -> String {
        format!("+{} to {}", self.amount, self.account())
    }

    fn text(&self) -> String {
        format!("message {} ({})", name_of(self.key), self.effect())
    }
}

/// What nodes say.
#[derive(Clone, Debug, Hash)]
pub(super) enum Msg {
    /// An app hands a message over.
    HandOver(Message),
    /// The Sender has it, and will deliver it.
    Taken(u32),
    /// The Sender delivers what lies at this place of its log.
    Deliver(u64, Message),
    /// The Receiver says that what came from this place is DELIVERED.
    Delivered(u64),
    /// The viewer has an app hand its next message over.
    HandOverNow,
}

/// What wakes a node.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// An app hands its next message over.
    Next,
    /// An app has waited long enough, and asks again.
    Late,
    /// The Sender has not heard that this one is delivered.
    Unheard(u64),
    /// The Sender writes its index down.
    Flush,
    /// A node opens its files again.
    Again,
}

/// What happens.
#[derive(Clone, Debug, Hash)]
pub(super) enum Fact {
    /// An app hands over its message of this number.
    HandsOver(u32),
    /// It asks the same once more.
    AsksAgain(u32),
    /// It was told that the message is taken.
    Hears(u32),
    /// The Sender has put a message at this place of its log.
    Takes(u64, Message),
    /// The Sender sends this one once more.
    SendsAgain(u64, Key),
    /// The Sender has read its log up to this place: so many are to be delivered, and so many its
    /// index did not know.
    ReadsOutbox(u64, u32, u32),
    /// A message has taken effect, as this place of the Receiver's log.
    Applies(u64, Message),
    /// The Receiver has this message already.
    Knows(Key),
    /// The Receiver has read its log up to this place.
    ReadsBook(u64),
    /// A node is at work.
    Serves,
    /// A node's files cannot be opened, or not be read.
    Refuses(LogError),
    /// A write or a sync has failed.
    Doubts,
}

/// Returns a sentence without its full stop.
pub(super) fn without_stop(error: &LogError) -> String {
    error.to_string().trim_end_matches('.').to_owned()
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::HandOver(it) => format!("+{} {}", it.amount, it.account()),
            Self::Taken(_) => "taken".into(),
            Self::Deliver(_, it) => name_of(it.key),
            Self::Delivered(_) => "DELIVERED".into(),
            Self::HandOverNow => "hand over".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::HandOver(it) => format!("hands over {}", it.text()),
            Self::Taken(number) => format!("message {number} is taken"),
            Self::Deliver(place, it) => format!("delivers {} from place {place}", it.text()),
            Self::Delivered(place) => format!("what came from place {place} is DELIVERED"),
            Self::HandOverNow => "hand the next message over now".into(),
        }
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Taken(_) | Self::Delivered(_) => MessageKind::Reply,
            Self::HandOver(_) | Self::Deliver(..) | Self::HandOverNow => MessageKind::Request,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::HandOver(_) => 1 + 4 * 8,
            Self::Deliver(..) => 1 + 5 * 8,
            Self::Taken(_) | Self::Delivered(_) | Self::HandOverNow => 1 + 8,
        }
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Next => "next".into(),
            Self::Late => "late".into(),
            Self::Unheard(place) => format!("retry {place}"),
            Self::Flush => "index".into(),
            Self::Again => "again".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Next => "it hands over the next message".into(),
            Self::Late => "it has waited long enough".into(),
            Self::Unheard(place) => format!("it has not heard of place {place}"),
            Self::Flush => "it writes its index down".into(),
            Self::Again => "it opens its files again".into(),
        }
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::HandsOver(number) => format!("message {number}"),
            Self::AsksAgain(_) => "asks again".into(),
            Self::Hears(_) => "taken".into(),
            Self::Takes(place, _) => format!("place {place}"),
            Self::SendsAgain(..) => "sends again".into(),
            Self::ReadsOutbox(..) | Self::ReadsBook(_) => "reads".into(),
            Self::Applies(_, it) => format!("+{} {}", it.amount, it.account()),
            Self::Knows(_) => "knows it".into(),
            Self::Serves => "serves".into(),
            Self::Refuses(_) => "refuses".into(),
            Self::Doubts => "in doubt".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::HandsOver(number) => format!("hands over its message {number}"),
            Self::AsksAgain(number) => format!("asks about message {number} again"),
            Self::Hears(number) => format!("hears that message {number} is taken"),
            Self::Takes(place, it) => format!("puts {} at place {place} of its log", it.text()),
            Self::SendsAgain(place, key) => {
                format!("sends {} from place {place} again", name_of(*key))
            }
            Self::ReadsOutbox(last, pending, unlisted) => format!(
                "reads its log up to place {last}; to be delivered: {pending}; its index did not know \
                 {unlisted}"
            ),
            Self::Applies(place, it) => {
                format!("lets {} take effect, as place {place} of its log", it.text())
            }
            Self::Knows(key) => format!("has message {} already, and adds nothing", name_of(*key)),
            Self::ReadsBook(last) => format!("reads its log up to place {last}"),
            Self::Serves => "is at work".into(),
            Self::Refuses(error) => format!("does not go on: {}", without_stop(error)),
            Self::Doubts => "hears that a sync failed, and does nothing more".into(),
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Refuses(_) | Self::Doubts)
    }

    fn operation(&self) -> Option<Operation> {
        let (number, step) = match self {
            Self::HandsOver(number) => (*number, OperationStep::Begins),
            Self::Hears(number) => (*number, OperationStep::Succeeds),
            Self::AsksAgain(_)
            | Self::Takes(..)
            | Self::SendsAgain(..)
            | Self::ReadsOutbox(..)
            | Self::Applies(..)
            | Self::Knows(_)
            | Self::ReadsBook(_)
            | Self::Serves
            | Self::Refuses(_)
            | Self::Doubts => return None,
        };
        Some(Operation { number: u64::from(number), step })
    }
}
