//! What passes between workers, arbiter and resource, and what is worth remembering of it.

use crate::mechanism::lease::{Expiry, Record};
use crate::mechanism::mutex;
use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload};

/// What a worker says when it wants the lock, or wants to keep it; the answer repeats it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ask {
    /// Names this attempt to get the lock; no other has the same.
    pub(super) attempt: u32,
    /// When it was sent, by the worker's monotonic clock.
    pub(super) at_us: u64,
    /// The number of the grant that it has, if it has one.
    pub(super) token: Option<u64>,
}

/// A part of a job, for the resource.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Part {
    /// The number of the grant under which it is written.
    pub(super) token: u64,
    /// Which part, from 1.
    pub(super) number: u32,
}

/// A message.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Msg {
    /// A viewer has a job of so many parts.
    Work(u32),
    /// To the arbiter: for the lock, or to keep it.
    Ask(Ask),
    /// From the arbiter: the lock is yours.
    Granted { token: u64, expiry: Expiry, ask: Ask },
    /// To the arbiter: I am done.
    Done { token: u64 },
    /// To the shared file: what do you hold?
    Read,
    /// From the shared file: this.
    Content(Option<Record>),
    /// To the shared file: hold this from now on.
    Put(Record),
    /// From the shared file: I do.
    Stored(Record),
    /// Between workers, where there is no arbiter.
    Mutex(mutex::Message),
    /// To the resource.
    Write(Part),
    /// From the resource: it is done.
    Applied(Part),
    /// From the resource: it is not, since a later holder was here.
    Refused { part: Part, highest: u64 },
}

fn record_text(record: &Record, names: &Names) -> String {
    let Record { token, owner, expiry, .. } = record;
    format!("{token}, {}, {expiry}", &names[*owner])
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Work(_) => "job".into(),
            Self::Ask(Ask { token: None, .. }) => "lock?".into(),
            Self::Ask(Ask { token: Some(_), .. }) => "renew".into(),
            Self::Granted { token, .. } => format!("granted {token}"),
            Self::Done { token } => format!("done {token}"),
            Self::Read => "read".into(),
            Self::Content(None) => "empty".into(),
            Self::Content(Some(record)) => format!("holds {}", record.token),
            Self::Put(record) => format!("put {}", record.token),
            Self::Stored(record) => format!("stored {}", record.token),
            Self::Mutex(message) => message.label(),
            Self::Write(part) => format!("part {}", part.number),
            Self::Applied(part) => format!("ok {}", part.number),
            Self::Refused { .. } => "too late".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Work(parts) => format!("Do a job of {parts} parts"),
            Self::Ask(Ask { token: None, .. }) => "May I have the lock?".into(),
            Self::Ask(Ask { token: Some(token), .. }) => format!("May I keep the lock, {token}?"),
            Self::Granted { token, expiry, .. } => {
                format!("The lock is yours, {token}, {expiry}")
            }
            Self::Done { token } => format!("I am done with {token}"),
            Self::Read => "What is in the file?".into(),
            Self::Content(None) => "Nothing is in the file".into(),
            Self::Content(Some(record)) => format!("In the file: {}", record_text(record, names)),
            Self::Put(record) => format!("Write: {}", record_text(record, names)),
            Self::Stored(record) => format!("Written: {}", record_text(record, names)),
            Self::Mutex(message) => message.sentence(names),
            Self::Write(part) => format!("Part {} under {}", part.number, part.token),
            Self::Applied(part) => format!("Part {} under {} is applied", part.number, part.token),
            Self::Refused { part, highest } => format!(
                "Part {} under {} comes too late: {highest} was here",
                part.number, part.token
            ),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Granted { token, .. } | Self::Done { token } => Some(*token),
            Self::Content(Some(record)) | Self::Put(record) | Self::Stored(record) => {
                Some(record.token)
            }
            Self::Write(part) | Self::Applied(part) | Self::Refused { part, .. } => {
                Some(part.token)
            }
            Self::Ask(ask) => ask.token,
            Self::Work(_) | Self::Read | Self::Content(None) | Self::Mutex(_) => None,
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Ask(Ask { token: Some(_), .. }) => MessageKind::Heartbeat,
            Self::Work(_)
            | Self::Ask(_)
            | Self::Done { .. }
            | Self::Read
            | Self::Put(_)
            | Self::Write(_) => MessageKind::Request,
            Self::Granted { .. }
            | Self::Content(_)
            | Self::Stored(_)
            | Self::Applied(_)
            | Self::Refused { .. } => MessageKind::Reply,
            Self::Mutex(message) => message.kind(),
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Read | Self::Content(None) => 1,
            Self::Work(_) | Self::Done { .. } => 1 + 8,
            Self::Write(_) | Self::Applied(_) => 1 + 2 * 8,
            Self::Ask(_) | Self::Refused { .. } => 1 + 3 * 8,
            Self::Granted { .. } => 1 + 5 * 8,
            Self::Content(Some(_)) | Self::Put(_) | Self::Stored(_) => 1 + Record::BYTES as u64,
            Self::Mutex(message) => message.bytes(),
        }
    }
}

/// What a node waits for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// A worker's next job comes.
    Job,
    /// A worker asks again, or renews.
    Ask,
    /// A part is ready to be written.
    Part,
    /// A worker's lease ends, by its own clock.
    LeaseEnds,
    /// The arbiter's lease to somebody ends, by its own clock.
    Frees,
    /// The arbiter has waited long enough after its restart.
    Opens,
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Job => "next job".into(),
            Self::Ask => "ask again".into(),
            Self::Part => "next part".into(),
            Self::LeaseEnds => "lease ends".into(),
            Self::Frees => "lease over".into(),
            Self::Opens => "opens".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Job => "has the next job to do".into(),
            Self::Ask => "asks again".into(),
            Self::Part => "has a part ready".into(),
            Self::LeaseEnds => "looks whether its lease is over".into(),
            Self::Frees => "looks whether the lease that it gave is over".into(),
            Self::Opens => "has waited for one lease".into(),
        }
    }
}

/// A turn worth remembering.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    /// A worker has a job, and wants the lock.
    Begins { job: u64 },
    /// A worker has the lock.
    Holds { token: u64 },
    /// A worker has renewed its lease.
    Renews { token: u64 },
    /// A worker stops: its lease is over, or a later holder was heard of.
    Stops { token: u64 },
    /// A worker has finished its job.
    Finishes { job: u64, token: u64 },
    /// A worker comes up again.
    Returns,
    /// The lock's keeper gives it away, or stores that somebody took it.
    Grants { to: NodeId, token: u64 },
    /// The arbiter's lease to somebody is over.
    Frees { token: u64 },
    /// The lock's keeper has the lock back.
    TakesBack { token: u64 },
    /// The lock's keeper comes up again, and knows of grants up to this one.
    Recovers { token: u64, waits: bool },
    /// The lock's keeper comes up again, and cannot read its file.
    IsBlind,
    /// The resource applies a part.
    Applies { writer: NodeId, part: Part },
    /// The resource refuses a part.
    Refuses { writer: NodeId, part: Part, highest: u64 },
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Begins { .. } => "begins".into(),
            Self::Holds { token } => format!("holds {token}"),
            Self::Renews { .. } => "renews".into(),
            Self::Stops { .. } => "stops".into(),
            Self::Finishes { .. } => "finishes".into(),
            Self::Returns => "is back".into(),
            Self::Grants { token, .. } => format!("grants {token}"),
            Self::Frees { .. } => "frees".into(),
            Self::TakesBack { .. } => "takes back".into(),
            Self::Recovers { .. } => "recovers".into(),
            Self::IsBlind => "is blind".into(),
            Self::Applies { part, .. } => format!("applies {}", part.number),
            Self::Refuses { .. } => "refuses".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Begins { job } => format!("begins job {job}, and wants the lock"),
            Self::Holds { token } => format!("holds the lock, {token}"),
            Self::Renews { token } => format!("may keep the lock, {token}"),
            Self::Stops { token } => format!("stops: its lease {token} is over"),
            Self::Finishes { job, token } => format!("finishes job {job} under {token}"),
            Self::Returns => "is back, and has forgotten its job".into(),
            Self::Grants { to, token } => format!("gives {} the lock, {token}", &names[*to]),
            Self::Frees { token } => format!("sees lease {token} end, by its own clock"),
            Self::TakesBack { token } => format!("has the lock back, {token}"),
            Self::Recovers { token, waits: true } => {
                format!("is back; its file ends with {token}, so it waits for one lease")
            }
            Self::Recovers { token, waits: false } => {
                format!("is back; its file ends with {token}")
            }
            Self::IsBlind => "cannot read its file, and gives the lock to nobody".into(),
            Self::Applies { writer, part } => {
                format!("applies part {} of {} under {}", part.number, &names[*writer], part.token)
            }
            Self::Refuses { writer, part, highest } => format!(
                "refuses part {} of {} under {}: {highest} was here",
                part.number, &names[*writer], part.token
            ),
        }
    }

    fn epoch(&self) -> Option<u64> {
        let (Self::Holds { token } | Self::Grants { token, .. }) = self else { return None };
        Some(*token)
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Refuses { .. } | Self::IsBlind)
    }

    fn operation(&self) -> Option<Operation> {
        if let Self::Begins { job } = *self {
            return Some(Operation { number: job, step: OperationStep::Begins });
        }
        let Self::Finishes { job, .. } = *self else { return None };
        Some(Operation { number: job, step: OperationStep::Succeeds })
    }
}
