//! What servers and clients say to each other, what they wait for, and what they remember of it.

use super::node::Node;
use crate::mechanism::raft::{self, Command, Index, Raft, Term};
use crate::sim::{Cell, Describe, Embed, MessageKind, Names, NodeId, Payload, Storage, SyncId};

/// A write, by who asked for it and the how-manieth of theirs it is: a retry is the same write.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Write {
    /// Which client, from 0.
    pub(super) client: u16,
    /// Its number, from 1.
    pub(super) number: u32,
}

impl Command for Write {
    fn label(&self) -> String {
        format!("C{}·{}", self.client + 1, self.number)
    }

    fn bytes(&self) -> u64 {
        2 * 8
    }
}

/// What a client holds in its hand when a write is acknowledged.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Receipt {
    /// For which write.
    pub(super) write: Write,
    /// Its place in the log.
    pub(super) index: Index,
    /// The term of that entry.
    pub(super) term: Term,
    /// Who acknowledged it.
    pub(super) by: NodeId,
    /// The term in which that server led.
    pub(super) led_in: Term,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Msg {
    /// Raft's own, between servers.
    Raft(raft::Message<Write>),
    /// "I lead this term until then." Only where leases decide.
    Lease {
        /// The term.
        term: Term,
        /// The end, by the wall clock.
        until_wall_us: u64,
    },
    /// "I have seen your lease": the leader may go on until then.
    LeaseSeen {
        /// The term.
        term: Term,
        /// The end, by the wall clock.
        until_wall_us: u64,
    },
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
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Raft(message) => message.label(),
            Self::Lease { .. } => "lease".into(),
            Self::LeaseSeen { .. } => "lease seen".into(),
            Self::Write(write) => format!("write {}", write.number),
            Self::Acknowledged(receipt) => format!("done {}", receipt.write.number),
            Self::Refused { .. } => "not leader".into(),
            Self::WriteNow => "write now".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        let ms = |us: &u64| format!("{}.{:03} s", us / 1_000_000, us / 1_000 % 1_000);
        match self {
            Self::Raft(message) => message.sentence(names),
            Self::Lease { term, until_wall_us } => {
                format!("Lease of term {term} until {} wall time", ms(until_wall_us))
            }
            Self::LeaseSeen { term, until_wall_us } => {
                format!("Lease of term {term} seen, until {} wall time", ms(until_wall_us))
            }
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
            Self::WriteNow => "asked to write now".into(),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Raft(message) => message.epoch(),
            Self::Lease { term, .. }
            | Self::LeaseSeen { term, .. }
            | Self::Refused { term, .. } => Some(*term),
            Self::Acknowledged(receipt) => Some(receipt.led_in),
            Self::Write(_) | Self::WriteNow => None,
        }
    }

    fn is_error(&self) -> bool {
        match self {
            Self::Raft(message) => message.is_error(),
            Self::Refused { .. } => true,
            Self::Lease { .. }
            | Self::LeaseSeen { .. }
            | Self::Write(_)
            | Self::Acknowledged(_)
            | Self::WriteNow => false,
        }
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Raft(message) => message.kind(),
            Self::Lease { .. } => MessageKind::Heartbeat,
            Self::LeaseSeen { .. } | Self::Acknowledged(_) | Self::Refused { .. } => {
                MessageKind::Reply
            }
            Self::Write(_) | Self::WriteNow => MessageKind::Request,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Raft(message) => message.bytes(),
            Self::Lease { .. } | Self::LeaseSeen { .. } => 1 + 2 * 8,
            Self::Write(write) => 1 + write.bytes(),
            Self::Acknowledged(receipt) => 1 + receipt.write.bytes() + 4 * 8,
            Self::Refused { write, .. } => 1 + write.bytes() + 2 * 8,
            Self::WriteNow => 1,
        }
    }
}

/// What a node waits for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// Raft's own.
    Raft(raft::Timer),
    /// A server looks at the lease and at its wall clock.
    Lease,
    /// A client has thought long enough.
    Think,
    /// A client has waited long enough.
    Retry,
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Raft(timer) => timer.label(),
            Self::Lease => "lease".into(),
            Self::Think => "think".into(),
            Self::Retry => "retry".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Raft(timer) => timer.sentence(names),
            Self::Lease => "looks at its clock and the lease".into(),
            Self::Think => "has the next write ready".into(),
            Self::Retry => "tries again".into(),
        }
    }
}

/// A turn worth remembering.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    /// Raft's own.
    Raft(raft::Fact),
    /// A server comes up again.
    Recovers,
    /// A leader's lease is over by its own clock.
    LeaseEnds,
    /// Somebody else's lease is over by this server's clock, which is enough for it to lead.
    LeaseIsOver {
        /// Whose lease, if it knows.
        holder: Option<NodeId>,
    },
    /// A client begins a write.
    Asks(Write),
    /// A client holds a receipt.
    IsAcknowledged(Receipt),
    /// A client is told that this server does not lead.
    IsRefused {
        /// By whom.
        by: NodeId,
    },
    /// A client stops waiting for this server's answer.
    GivesUpOn {
        /// On whom.
        server: NodeId,
    },
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Raft(fact) => fact.label(),
            Self::Recovers => "recovers".into(),
            Self::LeaseEnds => "lease ends".into(),
            Self::LeaseIsOver { .. } => "takes over".into(),
            Self::Asks(write) => format!("asks {}", write.number),
            Self::IsAcknowledged(receipt) => format!("has {}", receipt.write.number),
            Self::IsRefused { .. } => "refused".into(),
            Self::GivesUpOn { .. } => "no answer".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Raft(fact) => fact.sentence(names),
            Self::Recovers => "knows only what its disk kept".into(),
            Self::LeaseEnds => "sees its own lease end by its own clock".into(),
            Self::LeaseIsOver { holder: Some(holder) } => {
                format!("takes over: by its clock the lease of {} is over", &names[*holder])
            }
            Self::LeaseIsOver { holder: None } => {
                "takes over: by its clock nobody holds a lease".into()
            }
            Self::Asks(write) => format!("begins write {}", write.number),
            Self::IsAcknowledged(Receipt { write, index, by, led_in, .. }) => format!(
                "has write {} acknowledged by {} of term {led_in}, as entry {index}",
                write.number, &names[*by]
            ),
            Self::IsRefused { by } => format!("is refused by {}", &names[*by]),
            Self::GivesUpOn { server } => format!("waits no longer for {}", &names[*server]),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Raft(fact) => fact.epoch(),
            Self::IsAcknowledged(receipt) => Some(receipt.led_in),
            Self::Recovers
            | Self::LeaseEnds
            | Self::LeaseIsOver { .. }
            | Self::Asks(_)
            | Self::IsRefused { .. }
            | Self::GivesUpOn { .. } => None,
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::IsRefused { .. } | Self::GivesUpOn { .. })
    }
}

/// What survives a crash: a server's term, vote and log, or a client's last number.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Disk {
    /// A server's.
    pub(super) raft: raft::Disk<Write>,
    /// A client's.
    pub(super) last_number: Cell<u32>,
}

impl Storage for Disk {
    fn is_dirty(&self) -> bool {
        self.raft.is_dirty() || self.last_number.is_dirty()
    }

    fn sync_started(&mut self, sync: SyncId) {
        self.raft.sync_started(sync);
        self.last_number.sync_started(sync);
    }

    fn sync_completed(&mut self, sync: SyncId) {
        self.raft.sync_completed(sync);
        self.last_number.sync_completed(sync);
    }

    fn crashed(&mut self) {
        self.raft.crashed();
        self.last_number.crashed();
    }
}

impl Embed<Raft<Write>> for Node {
    fn msg(msg: raft::Message<Write>) -> Msg {
        Msg::Raft(msg)
    }

    fn timer(timer: raft::Timer) -> Timer {
        Timer::Raft(timer)
    }

    fn fact(fact: raft::Fact) -> Fact {
        Fact::Raft(fact)
    }

    fn disk(disk: &mut Disk) -> &mut raft::Disk<Write> {
        &mut disk.raft
    }
}
