//! A node of this world, a server or a client, and what passes between them.

use std::hash::{Hash, Hasher};

use super::server::Server;
use crate::mechanism::raft::{self, Index, Raft, Term};
use crate::mechanism::writer::{self, Write, Writer};
use crate::sim::{
    Boot, Cell, Cx, Describe, MessageKind, Names, NodeId, Operation, Payload, Process, SyncId,
    embed,
};
use crate::view::{NodeView, instant};

/// A server or a client.
#[derive(Clone, Debug, Hash)]
pub(super) enum Node {
    /// Keeps the log.
    Server(Box<Server>),
    /// Writes to it.
    Client(Writer),
}

impl Node {
    /// Returns the server that this is, if it is one.
    pub(super) fn server(&self) -> Option<&Server> {
        match self {
            Self::Server(server) => Some(server),
            Self::Client(_) => None,
        }
    }

    /// Returns the client that this is, if it is one.
    pub(super) fn client(&self) -> Option<&Writer> {
        if let Self::Client(client) = self { Some(client) } else { None }
    }
}

impl Process for Node {
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Fact = Fact;

    const EPOCH: &'static str = "term";

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Server(server) => server.on_start(boot, cx),
            Self::Client(client) => cx.lift(|cx| client.on_start(boot, cx)),
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match (self, msg) {
            (Self::Server(server), msg) => server.on_message(from, msg, cx),
            (Self::Client(client), Msg::Writer(msg)) => {
                cx.lift(|cx| client.on_message(from, msg, cx));
            }
            (Self::Client(_), Msg::Raft(_) | Msg::Lease { .. } | Msg::LeaseSeen { .. }) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match (self, timer) {
            (Self::Server(server), timer) => server.on_timer(timer, cx),
            (Self::Client(client), Timer::Writer(timer)) => {
                cx.lift(|cx| client.on_timer(timer, cx));
            }
            (Self::Client(_), Timer::Raft(_) | Timer::Lease) => {}
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Server(server) => server.on_synced(sync, cx),
            Self::Client(client) => cx.lift(|cx| client.on_synced(sync, cx)),
        }
    }

    fn view(&self, disk: &Disk) -> NodeView {
        match self {
            Self::Server(server) => server.view(disk),
            Self::Client(client) => client.view(&disk.1),
        }
    }
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Msg {
    /// Between servers.
    Raft(raft::Message<Write>),
    /// Between a client and a server.
    Writer(writer::Message),
    /// "I lead this term until then." Only where leases decide.
    Lease { term: Term, until_wall_us: u64 },
    /// "I have seen your lease": the leader may go on until then.
    LeaseSeen { term: Term, until_wall_us: u64 },
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Raft(message) => message.label(),
            Self::Writer(message) => message.label(),
            Self::Lease { .. } => "lease".into(),
            Self::LeaseSeen { .. } => "lease seen".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        let time = |us: &u64| format!("{} wall time", instant(*us));
        match self {
            Self::Raft(message) => message.sentence(names),
            Self::Writer(message) => message.sentence(names),
            Self::Lease { term, until_wall_us } => {
                format!("Lease of term {term} until {}", time(until_wall_us))
            }
            Self::LeaseSeen { term, until_wall_us } => {
                format!("Lease of term {term} until {} seen", time(until_wall_us))
            }
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Raft(message) => message.epoch(),
            Self::Writer(message) => message.epoch(),
            Self::Lease { term, .. } | Self::LeaseSeen { term, .. } => Some(*term),
        }
    }

    fn is_error(&self) -> bool {
        match self {
            Self::Raft(message) => message.is_error(),
            Self::Writer(message) => message.is_error(),
            Self::Lease { .. } | Self::LeaseSeen { .. } => false,
        }
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Raft(message) => message.kind(),
            Self::Writer(message) => message.kind(),
            Self::Lease { .. } => MessageKind::Heartbeat,
            Self::LeaseSeen { .. } => MessageKind::Reply,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Raft(message) => message.bytes(),
            Self::Writer(message) => message.bytes(),
            Self::Lease { .. } | Self::LeaseSeen { .. } => 1 + 2 * 8,
        }
    }
}

/// What a node waits for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    Raft(raft::Timer),
    Writer(writer::Timer),
    /// A server looks at the lease and at its wall clock.
    Lease,
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Raft(timer) => timer.label(),
            Self::Writer(timer) => timer.label(),
            Self::Lease => "lease".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Raft(timer) => timer.sentence(names),
            Self::Writer(timer) => timer.sentence(names),
            Self::Lease => "looks at its clock and the lease".into(),
        }
    }
}

/// How long a lease lasts, told for "why?" alone: it has no part in hashes.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct LeaseLeft(pub(super) Option<u64>);

impl Hash for LeaseLeft {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// A turn worth remembering.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    Raft(raft::Fact),
    Writer(writer::Fact),
    /// A leader carries out a write, since it is committed.
    Applies(raft::Applied<Write>),
    /// A leader finds a write that it is asked for in its log already.
    Recognises {
        /// The write.
        write: Write,
        /// Its place.
        index: Index,
    },
    /// A server acknowledges a write; whether that arrives is another matter.
    Acknowledges {
        /// Which write, and where it stands.
        receipt: writer::Receipt,
        /// Where leases decide: how long its own lasts by its own clock.
        lease_left: LeaseLeft,
    },
    /// A server comes up again.
    Recovers,
    /// A leader's lease is over by its own clock.
    LeaseEnds,
    /// Somebody else's lease is over by this server's clock, which is enough for it to lead.
    TakesOver {
        /// Whose lease, if it knows.
        from: Option<NodeId>,
    },
}

impl Fact {
    /// Returns what a writer remembers, if this is that.
    pub(super) fn writer(&self) -> Option<&writer::Fact> {
        if let Self::Writer(fact) = self { Some(fact) } else { None }
    }
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Raft(fact) => fact.label(),
            Self::Writer(fact) => fact.label(),
            Self::Applies(_) => "applies".into(),
            Self::Recognises { .. } => "recognises".into(),
            Self::Acknowledges { .. } => "acknowledges".into(),
            Self::Recovers => "recovers".into(),
            Self::LeaseEnds => "lease ends".into(),
            Self::TakesOver { .. } => "takes over".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Raft(fact) => fact.sentence(names),
            Self::Writer(fact) => fact.sentence(names),
            Self::Applies(raft::Applied { command: write, index, .. }) => {
                format!("applies write {} of C{}, entry {index}", write.number, write.client + 1)
            }
            Self::Recognises { write, index } => format!(
                "has write {} of C{} already, as entry {index}",
                write.number,
                write.client + 1
            ),
            Self::Acknowledges { receipt, lease_left } => {
                let by = lease_left.0.map(|left_us| {
                    format!("; by its own clock its lease lasts {} ms more", left_us / 1_000)
                });
                format!(
                    "acknowledges write {} of C{} as entry {} of term {}{}",
                    receipt.write.number,
                    receipt.write.client + 1,
                    receipt.index,
                    receipt.term,
                    by.unwrap_or_default()
                )
            }
            Self::Recovers => "is back, and knows only what its disk kept".into(),
            Self::LeaseEnds => "sees its lease end, by its own clock".into(),
            Self::TakesOver { from: Some(holder) } => {
                format!("takes over: by its clock the lease of {} is over", &names[*holder])
            }
            Self::TakesOver { from: None } => {
                "takes over: by its clock nobody holds a lease".into()
            }
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Raft(fact) => fact.epoch(),
            Self::Writer(fact) => fact.epoch(),
            Self::Acknowledges { receipt, .. } => Some(receipt.led_in),
            Self::Applies(applied) => Some(applied.term),
            Self::Recognises { .. } | Self::Recovers | Self::LeaseEnds | Self::TakesOver { .. } => {
                None
            }
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Writer(fact) if fact.is_error())
    }

    fn operation(&self) -> Option<Operation> {
        if let Self::Writer(fact) = self { fact.operation() } else { None }
    }
}

/// What survives a crash: a server's term, vote and log, and a client's last number.
pub(super) type Disk = (raft::Disk<Write>, Cell<u32>);

impl raft::Host for Node {
    type Command = Write;
    type Stable = raft::Disk<Write>;

    fn raft(&self) -> Option<&Raft<Write>> {
        self.server().map(|server| &server.raft)
    }

    fn stable(disk: &Disk) -> &raft::Disk<Write> {
        &disk.0
    }
}

embed!(Raft<Write> as Raft in Node, |disk| &mut disk.0);
embed!(Writer as Writer in Node, |disk| &mut disk.1);
