//! What passes between clients, instances, the ticket office and the revision counter.

use crate::sim::{Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload};

/// The random value that a client sets the key to. It names one attempt; the first byte says whose.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Value(pub(super) u32);

impl Value {
    /// Returns the client whose value it is.
    pub(super) fn owner(self) -> NodeId {
        NodeId(u16::try_from(self.0 >> 24).unwrap_or(0))
    }

    /// Returns the value as shown: a few of its digits.
    pub(super) fn text(self) -> String {
        format!("{:04x}", self.0 & 0xffff)
    }
}

/// The key of the lock at one instance. It has a time to live by the instance's wall clock, as in Redis.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) value: Value,
    /// When it was set.
    pub(super) set_wall_us: u64,
    /// When it expires; `None` for never.
    pub(super) expires_wall_us: Option<u64>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Msg {
    /// A viewer wants a ticket.
    Sell,
    /// `SET lock value NX PX ttl`, or without `PX`.
    Set { value: Value, ttl_us: Option<u64> },
    /// `PEXPIRE lock ttl`, for whoever sets first and thinks of the end later.
    Expire { value: Value, ttl_us: u64 },
    /// `DEL lock`, or the script that deletes it only if it has this value.
    Delete { value: Value, compares: bool },
    /// Whether the key was set.
    Answer { value: Value, is_set: bool },
    /// From a replica: ask the primary.
    ReadOnly { value: Value },
    /// From a primary: what it holds, and in which epoch it leads.
    Replicate { epoch: u32, key: Option<Key> },
    /// To the counter: the next revision.
    Next { value: Value },
    /// From the counter.
    Revision { value: Value, token: u64 },
    /// To the ticket office: how many are sold?
    Read { value: Value, token: u64 },
    /// From the ticket office: so many.
    Count { value: Value, sold: u32 },
    /// To the ticket office: this one is sold.
    Write { value: Value, token: u64, ticket: u32 },
    /// From the ticket office: it is.
    Written { value: Value },
    /// From the ticket office: a later client was here.
    Refused { value: Value, highest: u64 },
}

impl Msg {
    /// Returns the value that names the attempt, or the key, that this is about.
    pub(super) fn value(&self) -> Option<Value> {
        match *self {
            Self::Set { value, .. }
            | Self::Expire { value, .. }
            | Self::Delete { value, .. }
            | Self::Answer { value, .. }
            | Self::ReadOnly { value }
            | Self::Next { value }
            | Self::Revision { value, .. }
            | Self::Read { value, .. }
            | Self::Count { value, .. }
            | Self::Write { value, .. }
            | Self::Written { value }
            | Self::Refused { value, .. } => Some(value),
            Self::Sell | Self::Replicate { .. } => None,
        }
    }
}

fn ms(us: u64) -> String {
    format!("{} ms", us / 1_000)
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Sell => "sell".into(),
            Self::Set { value, .. } => format!("SET {}", value.text()),
            Self::Expire { .. } => "PEXPIRE".into(),
            Self::Delete { value, compares: true } => format!("DEL if {}", value.text()),
            Self::Delete { compares: false, .. } => "DEL".into(),
            Self::Answer { is_set: true, .. } => "OK".into(),
            Self::Answer { is_set: false, .. } => "nil".into(),
            Self::ReadOnly { .. } => "READONLY".into(),
            Self::Replicate { .. } => "replicate".into(),
            Self::Next { .. } => "next".into(),
            Self::Revision { token, .. } => format!("revision {token}"),
            Self::Read { .. } => "how many?".into(),
            Self::Count { sold, .. } => format!("{sold} sold"),
            Self::Write { ticket, .. } => format!("ticket {ticket}"),
            Self::Written { .. } => "written".into(),
            Self::Refused { .. } => "too late".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Sell => "Sell a ticket".into(),
            Self::Set { value, ttl_us: Some(us) } => {
                format!("SET lock {} NX PX {}", value.text(), us / 1_000)
            }
            Self::Set { value, ttl_us: None } => format!("SETNX lock {}", value.text()),
            Self::Expire { ttl_us, .. } => format!("PEXPIRE lock {}", ttl_us / 1_000),
            Self::Delete { value, compares: true } => {
                format!("DEL lock if it is {}", value.text())
            }
            Self::Delete { compares: false, .. } => "DEL lock".into(),
            Self::Answer { value, is_set: true } => format!("OK: lock is {}", value.text()),
            Self::Answer { is_set: false, .. } => "nil: lock exists".into(),
            Self::ReadOnly { .. } => "READONLY: ask the primary".into(),
            Self::Replicate { epoch, key: Some(key) } => {
                format!("Replicate in epoch {epoch}: lock is {}", key.value.text())
            }
            Self::Replicate { epoch, key: None } => format!("Replicate in epoch {epoch}: no lock"),
            Self::Next { value } => format!("The next revision for {}", value.text()),
            Self::Revision { value, token } => format!("Revision {token} for {}", value.text()),
            Self::Read { token: 0, .. } => "How many are sold?".into(),
            Self::Read { token, .. } => format!("How many are sold? My number is {token}"),
            Self::Count { sold, .. } => format!("{sold} are sold"),
            Self::Write { token: 0, ticket, .. } => format!("Ticket {ticket} is sold"),
            Self::Write { token, ticket, .. } => {
                format!("Ticket {ticket} is sold; my number is {token}")
            }
            Self::Written { .. } => "It is written".into(),
            Self::Refused { highest, .. } => format!("Too late: {highest} was here"),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Revision { token, .. } | Self::Read { token, .. } | Self::Write { token, .. } => {
                (*token > 0).then_some(*token)
            }
            Self::Sell
            | Self::Set { .. }
            | Self::Expire { .. }
            | Self::Delete { .. }
            | Self::Answer { .. }
            | Self::ReadOnly { .. }
            | Self::Replicate { .. }
            | Self::Next { .. }
            | Self::Count { .. }
            | Self::Written { .. }
            | Self::Refused { .. } => None,
        }
    }

    fn is_error(&self) -> bool {
        matches!(
            self,
            Self::Answer { is_set: false, .. } | Self::ReadOnly { .. } | Self::Refused { .. }
        )
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Replicate { .. } => MessageKind::Gossip,
            Self::Sell
            | Self::Set { .. }
            | Self::Expire { .. }
            | Self::Delete { .. }
            | Self::Next { .. }
            | Self::Read { .. }
            | Self::Write { .. } => MessageKind::Request,
            Self::Answer { .. }
            | Self::ReadOnly { .. }
            | Self::Revision { .. }
            | Self::Count { .. }
            | Self::Written { .. }
            | Self::Refused { .. } => MessageKind::Reply,
        }
    }

    fn bytes(&self) -> u64 {
        let numbers = match self {
            Self::Sell => 0,
            Self::ReadOnly { .. }
            | Self::Next { .. }
            | Self::Written { .. }
            | Self::Answer { .. }
            | Self::Delete { .. } => 1,
            Self::Set { .. }
            | Self::Expire { .. }
            | Self::Revision { .. }
            | Self::Read { .. }
            | Self::Count { .. }
            | Self::Refused { .. } => 2,
            Self::Write { .. } => 3,
            Self::Replicate { .. } => 4,
        };
        1 + 8 * numbers
    }
}

/// What a node waits for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// A client has the next ticket to sell.
    Job,
    /// A client asks again, or gives an attempt up.
    Ask,
    /// A ticket is printed.
    Printed,
    /// A client's time with the lock ends, by its own clock.
    LeaseEnds,
    /// A key expires.
    Expires,
    /// A primary tells its replica what it holds; a replica looks whether it does.
    Replication,
    /// An instance has kept silent for long enough after its restart.
    Speaks,
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Job => "next ticket".into(),
            Self::Ask => "ask again".into(),
            Self::Printed => "printed".into(),
            Self::LeaseEnds => "time is up".into(),
            Self::Expires => "key expires".into(),
            Self::Replication => "replication".into(),
            Self::Speaks => "speaks".into(),
        }
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Job => "has a ticket to sell".into(),
            Self::Ask => "has waited long enough for answers".into(),
            Self::Printed => "has printed the ticket".into(),
            Self::LeaseEnds => "looks whether its time with the lock is over".into(),
            Self::Expires => "looks whether the key has expired".into(),
            Self::Replication => "has its turn in replication".into(),
            Self::Speaks => "has kept silent for a time to live".into(),
        }
    }
}

/// A turn worth remembering.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    /// A client has a ticket to sell, and wants the lock.
    Begins { job: u64 },
    /// A client has the lock.
    Holds { value: Value },
    /// A client has got too few keys in time.
    FindsNoMajority { keys: u32 },
    /// A client stops: its time is over, or it was refused.
    Stops,
    /// A client has sold its ticket.
    Sells { job: u64, ticket: u32 },
    /// A client comes up again.
    Returns,
    /// An instance sets the key.
    Sets { value: Value },
    /// An instance deletes the key; `has` is what it was, `asked` who wants it deleted.
    Deletes { has: Value, asked: Value },
    /// An instance does not delete a key that has another value.
    Keeps { has: Value, asked: Value },
    /// A key's time is over.
    Expires { value: Value },
    /// A replica takes over.
    TakesOver { epoch: u32 },
    /// An instance comes up again, empty.
    Recovers { is_silent: bool },
    /// An instance finds that somebody has set its clock.
    ClockIsSet,
    /// The ticket office writes a sale down.
    Writes { seller: NodeId, ticket: u32, token: u64 },
    /// The ticket office refuses a client that comes too late.
    Refuses { seller: NodeId, token: u64, highest: u64 },
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Begins { .. } => "begins".into(),
            Self::Holds { .. } => "holds".into(),
            Self::FindsNoMajority { .. } => "no majority".into(),
            Self::Stops => "stops".into(),
            Self::Sells { ticket, .. } => format!("sells {ticket}"),
            Self::Returns => "is back".into(),
            Self::Sets { .. } => "sets".into(),
            Self::Deletes { .. } => "deletes".into(),
            Self::Keeps { .. } => "keeps".into(),
            Self::Expires { .. } => "expires".into(),
            Self::TakesOver { .. } => "takes over".into(),
            Self::Recovers { .. } => "recovers".into(),
            Self::ClockIsSet => "clock is set".into(),
            Self::Writes { ticket, .. } => format!("writes {ticket}"),
            Self::Refuses { .. } => "refuses".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        let name = |value: &Value| format!("{} of {}", value.text(), &names[value.owner()]);
        match self {
            Self::Begins { job } => format!("wants the lock, to sell its ticket {job}"),
            Self::Holds { value } => format!("has the lock, as {}", value.text()),
            Self::FindsNoMajority { keys } => format!("has got {keys} keys in time: too few"),
            Self::Stops => "stops: its time is over".into(),
            Self::Sells { job, ticket } => format!("has sold ticket {ticket}, its number {job}"),
            Self::Returns => "is back, and has forgotten its sale".into(),
            Self::Sets { value } => format!("sets the key to {}", name(value)),
            Self::Deletes { has, asked } if has == asked => format!("deletes {}", name(has)),
            Self::Deletes { has, asked } => {
                format!("deletes {}, as {} asked", name(has), &names[asked.owner()])
            }
            Self::Keeps { has, asked } => format!("keeps {}: it is not {}", name(has), name(asked)),
            Self::Expires { value } => format!("lets {} expire", name(value)),
            Self::TakesOver { epoch } => {
                format!("takes over in epoch {epoch}, with what it had heard")
            }
            Self::Recovers { is_silent: true } => {
                "is back, empty, and keeps silent for a time to live".into()
            }
            Self::Recovers { is_silent: false } => "is back, empty".into(),
            Self::ClockIsSet => "finds that its clock was set".into(),
            Self::Writes { seller, ticket, token: 0 } => {
                format!("writes: ticket {ticket} sold by {}", &names[*seller])
            }
            Self::Writes { seller, ticket, token } => {
                format!("writes: ticket {ticket} sold by {} under {token}", &names[*seller])
            }
            Self::Refuses { seller, token, highest } => {
                format!("refuses {} under {token}: {highest} was here", &names[*seller])
            }
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Refuses { .. })
    }

    fn operation(&self) -> Option<Operation> {
        if let Self::Begins { job } = *self {
            return Some(Operation { number: job, step: OperationStep::Begins });
        }
        let Self::Sells { job, .. } = *self else { return None };
        Some(Operation { number: job, step: OperationStep::Succeeds })
    }
}

/// Returns a time to live in words.
pub(super) fn ttl_text(left_us: u64) -> String {
    if left_us == u64::MAX { "no expiry set".into() } else { ms(left_us) }
}
