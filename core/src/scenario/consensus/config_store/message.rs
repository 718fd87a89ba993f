//! What passes between servers, services and watchers, and what they remember of it.

use crate::mechanism::raft::{self, Term};
use crate::mechanism::revisions::{
    Batch, Command, Event, Item, Key, Outcome, Refusal, Request, Revision,
};
use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload};

/// Whether a feature is on.
pub(super) const FLAG: Key = 0;
/// How many requests a second are let in. Only the primary changes it.
pub(super) const LIMIT: Key = 1;
/// Which service is the primary. It goes with that service's lease.
pub(super) const PRIMARY: Key = 2;
/// All keys, with their names.
pub(super) const KEYS: [(Key, &str); 3] = [(FLAG, "flag"), (LIMIT, "limit"), (PRIMARY, "primary")];

/// Returns what is under a key, in words.
fn shown(key: Key, item: Option<&Item>) -> String {
    match (key, item.map(|item| item.value)) {
        (FLAG, Some(0)) => "off".into(),
        (FLAG, Some(_)) => "on".into(),
        (PRIMARY, Some(service)) => format!("P{}", service + 1),
        (_, Some(value)) => value.to_string(),
        (_, None) => "–".into(),
    }
}

/// Returns a change in words: "flag on".
pub(super) fn change(event: &Event) -> String {
    let name = KEYS.iter().find(|(key, _)| *key == event.key).map_or("?", |(_, name)| name);
    format!("{name} {}", shown(event.key, event.item.as_ref()))
}

/// Returns the value under a key in a list; 0 if it is not there.
pub(super) fn value_in(items: &[(Key, Item)], key: Key) -> u64 {
    items.iter().find(|(it, _)| *it == key).map_or(0, |(_, item)| item.value)
}

/// Returns what a list has under a key, in words.
pub(super) fn value_shown(items: &[(Key, Item)], key: Key) -> String {
    shown(key, items.iter().find(|it| it.0 == key).map(|it| &it.1))
}

/// Lists the keys under which two lists differ.
pub(super) fn differences(one: &[(Key, Item)], other: &[(Key, Item)]) -> Vec<Key> {
    let item = |items: &[(Key, Item)], key| items.iter().find(|it| it.0 == key).map(|it| it.1);
    let keys = KEYS.iter().map(|(key, _)| *key);
    keys.filter(|key| item(one, *key) != item(other, *key)).collect()
}

impl raft::Command for Request {
    fn label(&self) -> String {
        let what = match &self.command {
            Command::Transact(_) => "txn",
            Command::Grant { .. } => "lease",
            Command::KeepAlive(_) => "renew",
            Command::Revoke { .. } => "expire",
            Command::Compact(_) => "compact",
        };
        self.id.map_or(what.into(), |(client, _)| format!("P{} {what}", client + 1))
    }

    fn bytes(&self) -> u64 {
        let steps = match &self.command {
            Command::Transact(it) => it.compares.len() + it.then.len() + it.otherwise.len(),
            Command::Grant { .. }
            | Command::KeepAlive(_)
            | Command::Revoke { .. }
            | Command::Compact(_) => 1,
        };
        1 + 2 * 8 + 3 * 8 * steps as u64
    }
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Msg {
    /// Between servers.
    Raft(raft::Message<Request>),
    /// A service asks for a change, of which it says what it is.
    Ask(Request, Call),
    /// What came of it.
    Done { number: u32, outcome: Outcome, term: Term },
    /// "What is there?"
    Read { number: u32 },
    /// All that is there as of a revision.
    Listed { number: u32, revision: Revision, items: Vec<(Key, Item)>, term: Term },
    /// "I do not lead."
    NotLeader { number: u32, leader: Option<NodeId>, term: Term },
    /// "Tell me what changes" behind a revision, or from now on.
    Watch { number: u32, after: Option<Revision> },
    /// What has changed, or that nothing has.
    Batch(Batch),
    /// The watch is over: what it needs next is gone.
    Compacted { watch: u32, at: Revision },
    /// The watch is no longer needed.
    Cancel { watch: u32 },
    /// The viewer asks a service to set the flag.
    SetFlag(bool),
    /// The viewer asks a watcher to read at once.
    ReadNow,
    /// The viewer asks that all but the present be forgotten.
    CompactNow,
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Raft(message) => return message.label(),
            Self::Ask(_, call) => return call.label(),
            Self::Done { outcome, .. } => return outcome_label(outcome).into(),
            Self::Listed { revision, .. } => return format!("list @{revision}"),
            Self::Watch { after: Some(after), .. } => return format!("watch >{after}"),
            Self::Batch(batch) if !batch.events.is_empty() => {
                return format!("upto {}", batch.upto);
            }
            Self::Batch(_) => "no news",
            Self::Read { .. } => "read",
            Self::NotLeader { .. } => "not leader",
            Self::Watch { after: None, .. } => "watch",
            Self::Compacted { .. } => "compacted",
            Self::Cancel { .. } => "cancel",
            Self::SetFlag(on) => return if *on { "flag on" } else { "flag off" }.into(),
            Self::ReadNow => "read now",
            Self::CompactNow => "compact now",
        }
        .into()
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Raft(message) => message.sentence(names),
            Self::Ask(_, call) => call.sentence(),
            Self::Done { outcome, .. } => {
                format!("{}, revision {}", outcome_label(outcome), outcome.revision)
            }
            Self::Read { .. } => "What is there?".into(),
            Self::Listed { revision, items, .. } => {
                format!("All {} keys as of revision {revision}", items.len())
            }
            Self::NotLeader { leader: Some(leader), .. } => {
                format!("refused, {} leads", &names[*leader])
            }
            Self::NotLeader { leader: None, .. } => "refused, no leader known".into(),
            Self::Watch { after: Some(after), .. } => {
                format!("Tell me what follows revision {after}")
            }
            Self::Watch { after: None, .. } => "Tell me what changes from now on".into(),
            Self::Batch(batch) if batch.events.is_empty() => {
                format!("nothing new, you have all up to revision {}", batch.upto)
            }
            Self::Batch(batch) => {
                let changes: Vec<String> = batch.events.iter().map(change).collect();
                let (after, upto) = (batch.after, batch.upto);
                format!("{}: revisions {} to {upto}", changes.join(", "), after + 1)
            }
            Self::Compacted { at, .. } => {
                format!("what you need is compacted away, up to revision {at}")
            }
            Self::Cancel { .. } => "this watch is no longer needed".into(),
            Self::SetFlag(on) => format!("turn the flag {}", if *on { "on" } else { "off" }),
            Self::ReadNow => "read now".into(),
            Self::CompactNow => "forget all but the present".into(),
        }
    }

    fn epoch(&self) -> Option<u64> {
        if let Self::Raft(message) = self {
            return message.epoch();
        }
        if let Self::Done { term, .. } | Self::Listed { term, .. } | Self::NotLeader { term, .. } =
            self
        {
            Some(*term)
        } else {
            None
        }
    }

    fn is_error(&self) -> bool {
        if let Self::Raft(message) = self {
            return message.is_error();
        }
        matches!(self, Self::NotLeader { .. } | Self::Compacted { .. })
    }
}

fn outcome_label(outcome: &Outcome) -> &'static str {
    match outcome.result {
        Ok(true) => "done",
        Ok(false) => "not so",
        Err(Refusal::NoLease) => "lease over",
        Err(Refusal::LeaseExists | Refusal::KeyTwice | Refusal::NotThere) => "refused",
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Raft(message) => message.kind(),
            Self::Batch(batch) if batch.events.is_empty() => MessageKind::Heartbeat,
            Self::Batch(_)
            | Self::Done { .. }
            | Self::Listed { .. }
            | Self::NotLeader { .. }
            | Self::Compacted { .. } => MessageKind::Reply,
            Self::Ask(..)
            | Self::Read { .. }
            | Self::Watch { .. }
            | Self::Cancel { .. }
            | Self::SetFlag(_)
            | Self::ReadNow
            | Self::CompactNow => MessageKind::Request,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Raft(message) => message.bytes(),
            Self::Ask(request, _) => 1 + raft::Command::bytes(request),
            Self::Done { outcome, .. } => 1 + 4 * 8 + 6 * 8 * outcome.read.len() as u64,
            Self::Listed { items, .. } => 1 + 3 * 8 + 6 * 8 * items.len() as u64,
            Self::Batch(batch) => 1 + 3 * 8 + 7 * 8 * batch.events.len() as u64,
            Self::NotLeader { .. } => 1 + 3 * 8,
            Self::Watch { .. } | Self::Compacted { .. } => 1 + 2 * 8,
            Self::Read { .. } | Self::Cancel { .. } => 1 + 8,
            Self::SetFlag(_) | Self::ReadNow | Self::CompactNow => 1,
        }
    }
}

/// What a client asks for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Call {
    /// A lease of one's own.
    Grant,
    /// More time for it.
    Renew,
    /// To be the primary, if nobody is.
    Claim,
    /// A new limit, as the primary.
    Limit(u64),
    /// The flag, on or off.
    Flag(bool),
    /// All that is there.
    Read,
}

impl Call {
    fn label(self) -> String {
        match self {
            Self::Grant => "lease?",
            Self::Renew => "renew",
            Self::Claim => "claim",
            Self::Limit(limit) => return format!("limit {limit}"),
            Self::Flag(true) => "flag on",
            Self::Flag(false) => "flag off",
            Self::Read => "read",
        }
        .into()
    }

    fn sentence(self) -> String {
        match self {
            Self::Grant => "Grant me a lease".into(),
            Self::Renew => "Renew my lease".into(),
            Self::Claim => "Make me the primary if nobody is".into(),
            Self::Limit(limit) => format!("Set the limit to {limit}"),
            Self::Flag(on) => format!("Turn the flag {}", if on { "on" } else { "off" }),
            Self::Read => "Read".into(),
        }
    }
}

/// What a client was told.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Answer {
    /// The store's revision then.
    pub(super) revision: Revision,
    /// Whether what was asked was done.
    pub(super) is_done: bool,
    /// The limit, for a read.
    pub(super) limit: u64,
}

/// A turn worth remembering.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    Raft(raft::Fact),
    /// A server comes up again.
    Recovers,
    /// A server carries out the next change, which that service asked for if any did.
    Makes {
        by: Option<u16>,
        events: Vec<Event>,
    },
    /// A leader finds that a lease is over.
    Expires,
    /// A leader is asked again for what it has made, or has in its log.
    Recognises,
    /// A client asks, for the first time.
    Asks {
        number: u32,
        call: Call,
    },
    /// It is told.
    IsTold {
        number: u32,
        call: Call,
        answer: Answer,
    },
    /// It waits no longer for this server, or hears that this one does not lead.
    AsksElsewhere {
        server: NodeId,
    },
    /// A watcher has listed everything.
    Lists {
        revision: Revision,
    },
    /// Its cache takes these changes over.
    Sees(Vec<Event>),
    /// Its server is silent: it goes on at another.
    Moves {
        to: NodeId,
    },
    /// It hears that what it needs is compacted away.
    IsCompacted {
        at: Revision,
    },
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Raft(fact) => return fact.label(),
            Self::Asks { call, .. } => return call.label(),
            Self::IsTold { answer, .. } => return format!("told @{}", answer.revision),
            Self::Recovers => "recovers",
            Self::Makes { .. } => "makes",
            Self::Expires => "lease over",
            Self::Recognises => "recognises",
            Self::AsksElsewhere { .. } => "no answer",
            Self::Lists { .. } => "lists",
            Self::Sees(_) => "sees",
            Self::Moves { .. } => "moves",
            Self::IsCompacted { .. } => "compacted",
        }
        .into()
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Raft(fact) => fact.sentence(names),
            Self::Recovers => "is back, and knows only what its disk kept".into(),
            Self::Makes { events, .. } => {
                let changes: Vec<String> = events.iter().map(change).collect();
                let revision = events.first().map(|it| it.revision).unwrap_or_default();
                format!("makes revision {revision}: {}", changes.join(", "))
            }
            Self::Expires => "finds a lease over, and puts its end into the log".into(),
            Self::Recognises => "has been asked for this before, and makes it once".into(),
            Self::Asks { call, .. } => format!("asks: {}", call.sentence()),
            Self::IsTold { call, answer, .. } => {
                let Answer { revision, is_done, limit } = answer;
                let what = match (call, is_done) {
                    (Call::Read, _) => format!("limit {limit}"),
                    (_, true) => format!("{}: done", call.label()),
                    (_, false) => format!("{}: not done", call.label()),
                };
                format!("is told: {what}, as of revision {revision}")
            }
            Self::AsksElsewhere { server } => format!("has no answer from {}", &names[*server]),
            Self::Lists { revision } => format!("has a list of all as of revision {revision}"),
            Self::Sees(events) => {
                let changes: Vec<String> = events
                    .iter()
                    .map(|event| format!("{} ({})", change(event), event.revision))
                    .collect();
                format!("sees {}", changes.join(", "))
            }
            Self::Moves { to } => format!("hears nothing, and watches at {} now", &names[*to]),
            Self::IsCompacted { at } => {
                format!("hears that what it needs is compacted away, up to revision {at}")
            }
        }
    }

    fn epoch(&self) -> Option<u64> {
        if let Self::Raft(fact) = self { fact.epoch() } else { None }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::AsksElsewhere { .. } | Self::Moves { .. } | Self::IsCompacted { .. })
    }

    fn operation(&self) -> Option<Operation> {
        let (number, step) = if let Self::Asks { number, .. } = self {
            (number, OperationStep::Begins)
        } else if let Self::IsTold { number, answer, .. } = self {
            let is_done = answer.is_done;
            (number, if is_done { OperationStep::Succeeds } else { OperationStep::Fails })
        } else {
            return None;
        };
        Some(Operation { number: (*number).into(), step })
    }
}
