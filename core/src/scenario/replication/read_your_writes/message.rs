//! What clients and regions say to each other, and how it reads.

use crate::mechanism::geo::{SessionToken, Shipment};
use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload};

/// What a client would rather have while its record's home cannot be reached.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Mode {
    /// No answer rather than an old one.
    Strict,
    /// An old answer that says so, and no writes.
    Available,
    /// An old answer that says so; writes wait in the client's pocket.
    Queue,
}

impl Mode {
    pub(super) const ALL: [Self; 3] = [Self::Strict, Self::Available, Self::Queue];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Available => "available",
            Self::Queue => "queue",
        }
    }
}

/// A write of a client's own record: its number is its value, so that whoever reads it sees how old it is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Entry {
    /// Whose record, from 0.
    pub(super) record: u16,
    /// Which write of its client, from 1.
    pub(super) number: u64,
}

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Request {
    /// What stands in this record?
    Read {
        /// The client's number for it.
        id: u64,
        /// Whose record.
        record: u16,
        /// What an answer has to include.
        token: SessionToken,
        /// What to do if it cannot.
        mode: Mode,
    },
    /// Write these.
    Write {
        /// What is written, in order: several if they have waited in a pocket.
        entries: Vec<Entry>,
        /// What to do if the record's home cannot be reached.
        mode: Mode,
    },
}

/// What a client is answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Reply {
    /// This stands in the record.
    Value {
        /// Which read is answered.
        id: u64,
        /// The number of the write; 0 if nothing was ever written.
        number: u64,
        /// Where it stands in its home's log.
        position: u64,
        /// “This may be old”: so many entries are missing for certain, perhaps more.
        label: Option<u64>,
    },
    /// This region is behind the token, and cannot do better for now.
    Behind {
        /// Which read.
        id: u64,
        /// So many entries are missing.
        missing: u64,
    },
    /// The write, and those asked for with it, are on the disk of the record's home.
    Written {
        /// What was written last.
        entry: Entry,
        /// Where it stands in its home's log.
        position: u64,
    },
    /// The record's home cannot be reached: nothing can be written for now, this neither.
    ReadOnly(Entry),
}

/// What nodes say.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Msg {
    /// A client asks a region.
    Ask(Request),
    /// A region answers its client.
    Reply(Reply),
    /// A region asks the record's home, for this client.
    Forward(NodeId, Request),
    /// The home answers, for this client.
    Back(NodeId, Reply),
    /// Entries of the sender's log.
    Ship(Shipment<Entry>),
    /// All up to this position of the receiver's log is on the sender's disk.
    Kept(u64),
    /// The viewer sends a client to a region.
    Travel(u8),
    /// The viewer has a client write.
    WriteNow,
    /// The viewer has a client read its own record.
    ReadNow,
}

/// What wakes a node.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// A region ships what is new.
    Ship,
    /// A region has let this client wait for long enough.
    GiveUp(NodeId),
    /// A client comes up with its next operation.
    Think,
    /// A client has waited for long enough, and asks again.
    Again,
    /// A client goes somewhere else.
    Travel,
    /// A client tries to send what waits in its pocket.
    Drain,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    /// A client reads.
    Reads { id: u64, record: u16, mode: Mode },
    /// It sees this.
    Sees {
        id: u64,
        record: u16,
        /// The number of the write that it sees.
        number: u64,
        /// The answer says that it may be old, and that so many entries are missing for certain.
        label: Option<u64>,
    },
    /// A client writes.
    Writes { id: u64, entry: Entry, mode: Mode },
    /// It hears that the write is stored.
    Stored { id: u64, entry: Entry },
    /// The write is in its pocket, to be sent later.
    Queues { id: u64, entry: Entry },
    /// What waited in its pocket up to this write is stored now.
    Drains(Entry),
    /// It is told that nothing can be written for now.
    GivesUp { id: u64, entry: Entry },
    /// A client goes to this region.
    Travels(NodeId),
    /// It hears nothing, and asks this region from now on.
    FailsOver(NodeId),
    /// It is back, with what its pocket kept.
    IsBack,
    /// A region is behind a client's token by so many entries, and lets it wait.
    LetsWait { client: NodeId, missing: u64 },
    /// A region writes this at this position of its own log.
    Appends(Entry, u64),
    /// A region has taken over another's log up to this position.
    TakesOver(NodeId, u64),
    /// A shipment does not follow on what is there.
    FindsGap(NodeId, u64),
}

fn value(number: u64) -> String {
    if number == 0 { "nothing".into() } else { format!("v{number}") }
}

impl Entry {
    /// Returns "C1's v7".
    pub(super) fn text(self) -> String {
        record_text(self.record, self.number)
    }
}

/// Returns "C1's v7", or "nothing of C1".
pub(super) fn record_text(record: u16, number: u64) -> String {
    match number {
        0 => format!("nothing of C{}", record + 1),
        _ => format!("C{}'s {}", record + 1, value(number)),
    }
}

/// Returns "1 write" or "3 writes".
pub(super) fn writes_text(count: u64) -> String {
    format!("{count} write{}", if count == 1 { "" } else { "s" })
}

fn label_text(label: Option<u64>) -> String {
    match label {
        None => String::new(),
        Some(0) => ", which may be old".into(),
        Some(missing) => format!(", which is old by {} or more", writes_text(missing)),
    }
}

impl Request {
    fn label(&self) -> String {
        match self {
            Self::Read { record, .. } => format!("C{}?", record + 1),
            Self::Write { entries, .. } => match entries.last() {
                Some(last) => format!("C{}={}", last.record + 1, value(last.number)),
                None => "nothing".into(),
            },
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Read { record, mode, .. } => {
                format!("read the record of C{} ({})", record + 1, mode.name())
            }
            Self::Write { entries, mode } => {
                let entries: Vec<String> = entries.iter().map(|entry| entry.text()).collect();
                format!("write {} ({})", entries.join(", "), mode.name())
            }
        }
    }

    fn numbers(&self) -> u64 {
        match self {
            Self::Read { token, .. } => 3 + 2 * token.regions(),
            Self::Write { entries, .. } => 1 + 2 * entries.len() as u64,
        }
    }
}

impl Reply {
    fn label(&self) -> String {
        match self {
            Self::Value { number, label: None, .. } => value(*number),
            Self::Value { number, label: Some(_), .. } => format!("old {}", value(*number)),
            Self::Behind { .. } => "behind".into(),
            Self::Written { entry, .. } => format!("{} stored", value(entry.number)),
            Self::ReadOnly(_) => "read-only".into(),
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Value { number, label, .. } => {
                format!("the record holds {}{}", value(*number), label_text(*label))
            }
            Self::Behind { missing, .. } => {
                format!("this copy lacks {} that you have seen", writes_text(*missing))
            }
            Self::Written { entry, position } => {
                format!("{} is stored, at {position} of its home's log", entry.text())
            }
            Self::ReadOnly(entry) => {
                format!("{} cannot be written for now: its home is out of reach", entry.text())
            }
        }
    }
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Ask(request) | Self::Forward(_, request) => request.label(),
            Self::Reply(reply) | Self::Back(_, reply) => reply.label(),
            Self::Ship(shipment) => match shipment.entries.len() {
                0 => "here".into(),
                count => format!("+{count}"),
            },
            Self::Kept(through) => format!("have {through}"),
            Self::Travel(_) => "travel".into(),
            Self::WriteNow => "write".into(),
            Self::ReadNow => "read".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Ask(request) => request.sentence(),
            Self::Forward(client, request) => {
                format!("for {}: {}", &names[*client], request.sentence())
            }
            Self::Reply(reply) => reply.sentence(),
            Self::Back(client, reply) => format!("for {}: {}", &names[*client], reply.sentence()),
            Self::Ship(shipment) => match shipment.entries.len() as u64 {
                0 => format!("nothing new after {}", shipment.after),
                count => format!("{} after position {}", writes_text(count), shipment.after),
            },
            Self::Kept(through) => format!("all up to position {through} is on disk"),
            Self::Travel(to) => format!("go to {}", &names[NodeId(u16::from(*to))]),
            Self::WriteNow => "write now".into(),
            Self::ReadNow => "read your own record now".into(),
        }
    }

    fn is_error(&self) -> bool {
        matches!(
            self,
            Self::Reply(Reply::Behind { .. } | Reply::ReadOnly(_))
                | Self::Back(_, Reply::Behind { .. } | Reply::ReadOnly(_))
        )
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Reply(_) | Self::Back(..) | Self::Kept(_) => MessageKind::Reply,
            Self::Ship(shipment) if shipment.entries.is_empty() => MessageKind::Heartbeat,
            Self::Ship(_) => MessageKind::Gossip,
            Self::Ask(_) | Self::Forward(..) | Self::Travel(_) | Self::WriteNow | Self::ReadNow => {
                MessageKind::Request
            }
        }
    }

    fn bytes(&self) -> u64 {
        let numbers = match self {
            Self::Ask(request) => request.numbers(),
            Self::Forward(_, request) => 1 + request.numbers(),
            Self::Reply(_) => 4,
            Self::Back(..) => 5,
            Self::Ship(shipment) => 1 + 2 * shipment.entries.len() as u64,
            Self::Kept(_) | Self::Travel(_) => 1,
            Self::WriteNow | Self::ReadNow => 0,
        };
        1 + 8 * numbers
    }
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Ship => "ship",
            Self::GiveUp(_) => "give up",
            Self::Think => "think",
            Self::Again => "ask again",
            Self::Travel => "travel",
            Self::Drain => "drain",
        }
        .into()
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Ship => "it ships what is new".into(),
            Self::GiveUp(client) => format!("it lets {} wait no longer", &names[*client]),
            Self::Think => "it has its next operation ready".into(),
            Self::Again => "it asks again, elsewhere".into(),
            Self::Travel => "it goes somewhere else".into(),
            Self::Drain => "it tries to send what is in its pocket".into(),
        }
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Reads { record, .. } => format!("C{}?", record + 1),
            Self::Sees { number, label: None, .. } => format!("sees {}", value(*number)),
            Self::Sees { number, label: Some(_), .. } => format!("old {}", value(*number)),
            Self::Writes { entry, .. } => format!("writes {}", value(entry.number)),
            Self::Stored { entry, .. } | Self::Drains(entry) => {
                format!("{} stored", value(entry.number))
            }
            Self::Queues { entry, .. } => format!("{} queued", value(entry.number)),
            Self::GivesUp { .. } => "gives up".into(),
            Self::Travels(_) => "travels".into(),
            Self::FailsOver(_) => "fails over".into(),
            Self::IsBack => "is back".into(),
            Self::LetsWait { missing, .. } => format!("behind by {missing}"),
            Self::Appends(_, position) => format!("log {position}"),
            Self::TakesOver(_, through) => format!("copy {through}"),
            Self::FindsGap(..) => "gap".into(),
        }
        .chars()
        .take(12)
        .collect()
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Reads { record, .. } => format!("reads the record of C{}", record + 1),
            Self::Sees { record, number, label, .. } => {
                format!("sees {}{}", record_text(*record, *number), label_text(*label))
            }
            Self::Writes { entry, .. } => format!("writes {}", entry.text()),
            Self::Stored { entry, .. } => format!("hears that {} is stored", entry.text()),
            Self::Queues { entry, .. } => format!("keeps {} in its pocket", entry.text()),
            Self::Drains(entry) => {
                format!("hears that its pocket is stored up to {}", entry.text())
            }
            Self::GivesUp { entry, .. } => format!("gives up writing {}", entry.text()),
            Self::Travels(to) => format!("goes to {}", &names[*to]),
            Self::FailsOver(to) => format!("hears nothing, and asks {} from now on", &names[*to]),
            Self::IsBack => "is back, with what its pocket kept".into(),
            Self::LetsWait { client, missing } => format!(
                "lacks {} that {} has seen, and lets it wait",
                writes_text(*missing),
                &names[*client]
            ),
            Self::Appends(entry, position) => {
                format!("writes {} at position {position} of its log", entry.text())
            }
            Self::TakesOver(of, through) => {
                format!("has {}'s log up to position {through}", &names[*of])
            }
            Self::FindsGap(of, have) => {
                format!("has {}'s log up to {have}, and what comes does not follow", &names[*of])
            }
        }
    }

    fn operation(&self) -> Option<Operation> {
        let (id, step) = match self {
            Self::Reads { id, .. } | Self::Writes { id, .. } => (id, OperationStep::Begins),
            Self::Sees { id, .. } | Self::Stored { id, .. } | Self::Queues { id, .. } => {
                (id, OperationStep::Succeeds)
            }
            Self::GivesUp { id, .. } => (id, OperationStep::IsAbandoned),
            Self::Drains(_)
            | Self::Travels(_)
            | Self::FailsOver(_)
            | Self::IsBack
            | Self::LetsWait { .. }
            | Self::Appends(..)
            | Self::TakesOver(..)
            | Self::FindsGap(..) => return None,
        };
        Some(Operation { number: *id, step })
    }
}
