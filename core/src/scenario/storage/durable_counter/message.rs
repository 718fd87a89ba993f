//! What clients and the counter say to each other, and how it reads.

use crate::mechanism::durable_counter::CounterError;
use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload};

/// Whom clients ask.
pub(super) const COUNTER: NodeId = NodeId(0);

/// What a client asks.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Ask {
    /// Count one more.
    Add,
    /// How many are there?
    Read,
}

/// What the counter answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Reply {
    /// It is counted, and no crash undoes it.
    Counted,
    /// So many are there.
    Count(u64),
    /// It may be counted, or not.
    Unknown,
    /// It is not counted now.
    Refused(CounterError),
}

/// What nodes say.
#[derive(Clone, Debug, Hash)]
pub(super) enum Msg {
    /// A client asks; the number tells its question from its others.
    Ask(u32, Ask),
    /// The counter answers the question of this number.
    Reply(u32, Reply),
    /// The viewer has a client ask.
    AskNow(Ask),
}

/// What wakes a node.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// A client asks next.
    Next,
    /// A client has waited long enough, and asks again.
    Late,
    /// The counter opens its files again, or tries again what had no room.
    Again,
}

/// What happens.
#[derive(Clone, Debug, Hash)]
pub(super) enum Fact {
    /// A client asks.
    Asks(u32, Ask),
    /// It asks the same once more.
    AsksAgain(u32),
    /// It has its answer.
    Hears(u32, Ask, Reply),
    /// The counter has counted one more.
    Counts {
        /// The count after it.
        sequence: u64,
        /// Who asked, from 0.
        client: u16,
        /// Which of its questions.
        question: u32,
    },
    /// The counter has read this count, and writes it anew; these copies were damaged.
    Finds(u64, Vec<&'static str>),
    /// The counter counts, from this count on.
    Serves(u64),
    /// The counter cannot be opened.
    Refuses(CounterError),
    /// A write or a sync has failed.
    Doubts,
}

/// Returns a sentence without its full stop.
pub(super) fn without_stop(error: &CounterError) -> String {
    error.to_string().trim_end_matches('.').to_owned()
}

impl Describe for Ask {
    fn label(&self) -> String {
        match self {
            Self::Add => "+1".into(),
            Self::Read => "how many?".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        self.label()
    }
}

impl Describe for Reply {
    fn label(&self) -> String {
        match self {
            Self::Counted => "counted".into(),
            Self::Count(count) => count.to_string(),
            Self::Unknown => "unknown".into(),
            Self::Refused(_) => "not now".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Counted => "counted".into(),
            Self::Count(count) => format!("{count} are counted"),
            Self::Unknown => "nobody knows whether it is counted".into(),
            Self::Refused(error) => format!("not counted: {}", without_stop(error)),
        }
    }
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Ask(_, ask) | Self::AskNow(ask) => ask.label(),
            Self::Reply(_, reply) => reply.label(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Ask(number, ask) => format!("question {number}: {}", ask.sentence(names)),
            Self::Reply(number, reply) => {
                format!("answer to question {number}: {}", reply.sentence(names))
            }
            Self::AskNow(ask) => format!("ask {} now", ask.sentence(names)),
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
            Self::Ask(..) | Self::AskNow(_) => MessageKind::Request,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Reply(_, Reply::Count(_)) => 1 + 2 * 8,
            Self::Ask(..) | Self::Reply(..) | Self::AskNow(_) => 1 + 8,
        }
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Next => "next".into(),
            Self::Late => "late".into(),
            Self::Again => "again".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Next => "it asks next".into(),
            Self::Late => "it has waited long enough".into(),
            Self::Again => "it tries again".into(),
        }
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Asks(_, ask) => ask.label(),
            Self::AsksAgain(_) => "asks again".into(),
            Self::Hears(_, _, reply) => reply.label(),
            Self::Counts { sequence, .. } => format!("count {sequence}"),
            Self::Finds(count, _) => format!("finds {count}"),
            Self::Serves(count) => format!("serves {count}"),
            Self::Refuses(_) => "refuses".into(),
            Self::Doubts => "in doubt".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Asks(_, ask) => format!("asks: {}", ask.sentence(names)),
            Self::AsksAgain(number) => format!("asks question {number} again"),
            Self::Hears(_, ask, reply) => {
                format!("hears of “{}”: {}", ask.sentence(names), reply.sentence(names))
            }
            Self::Counts { sequence, client, question } => {
                format!("counts question {question} of C{} as number {sequence}", client + 1)
            }
            Self::Finds(count, damaged) if damaged.is_empty() => {
                format!("reads {count} on its disk, and writes that down anew")
            }
            Self::Finds(count, damaged) => format!(
                "reads {count} on its disk although copy {} is damaged, and writes that down anew",
                damaged.join(" and copy ")
            ),
            Self::Serves(count) => format!("counts on from {count}"),
            Self::Refuses(error) => format!("does not open: {}", without_stop(error)),
            Self::Doubts => "hears that a sync failed, and counts nothing more".into(),
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Refuses(_) | Self::Doubts)
    }

    fn operation(&self) -> Option<Operation> {
        let (number, step) = match self {
            Self::Asks(number, _) => (*number, OperationStep::Begins),
            Self::Hears(number, ..) => (*number, OperationStep::Succeeds),
            Self::AsksAgain(_)
            | Self::Counts { .. }
            | Self::Finds(..)
            | Self::Serves(_)
            | Self::Refuses(_)
            | Self::Doubts => return None,
        };
        Some(Operation { number: u64::from(number), step })
    }
}
