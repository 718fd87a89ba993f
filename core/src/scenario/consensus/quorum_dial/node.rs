//! A node of this world: a replica, a stand-in or a client, and what passes between them.

use super::{CLAIM_US, Config, THINK_US};
use crate::mechanism::paxos::{self, Acceptor, Proposer, Vote, Votes};
use crate::mechanism::quorum::{self, Call, Client, Replica, StandIn, Version};
use crate::sim::{
    Boot, Cell, Cx, Describe, MessageKind, Names, NodeId, Operation, Payload, Process, embed,
};
use crate::view::{NodeView, Widget};

/// A replica, a stand-in or a client.
#[derive(Clone, Debug, Hash)]
pub(super) enum Node {
    /// Keeps a copy of the register, and of who has which seat.
    Replica(Replica, Acceptor),
    /// Takes a write for a replica that does not answer.
    StandIn(StandIn),
    /// Reads and writes the register, and claims seats.
    Client(Box<User>),
}

/// A client: its coordinator is part of it.
#[derive(Clone, Debug, Hash)]
pub(super) struct User {
    pub(super) register: Client,
    pub(super) seats: Proposer,
    /// Which client this is, from 1.
    number: u64,
    writes_percent: u8,
    /// How many writes it has asked for; begins anew where its disk says that it was.
    writes: u64,
    is_thinking: bool,
}

impl User {
    fn new(number: u64, config: &Config) -> Self {
        Self {
            register: Client::new(config.client),
            seats: Proposer::new(config.client.quorums),
            number,
            writes_percent: config.writes_percent,
            writes: 0,
            is_thinking: false,
        }
    }

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        // No value is ever written twice: every write before a crash was an operation.
        self.writes = cx.disk().1.0.get().operations;
        cx.lift(|cx| self.register.on_start(boot, cx));
        cx.set_timer(CLAIM_US, Timer::Claim);
        self.think(cx);
    }

    /// Comes up with the next operation a moment after the last one is done.
    fn think(&mut self, cx: &mut Cx<'_, Node>) {
        if self.register.is_idle() && !self.is_thinking {
            self.is_thinking = true;
            let after_us = cx.jitter_us(THINK_US.0, THINK_US.1);
            cx.set_timer(after_us, Timer::Think);
        }
    }

    fn call(&mut self, is_write: bool, cx: &mut Cx<'_, Node>) {
        self.writes += u64::from(is_write);
        // 31 is the third write of client 1: whoever reads it sees whose it is.
        let value = 10 * self.writes + self.number;
        let call = if is_write { Call::Write(value) } else { Call::Read };
        cx.lift(|cx| self.register.call(call, cx));
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Register(timer) => cx.lift(|cx| self.register.on_timer(timer, cx)),
            Timer::Seats(timer) => cx.lift(|cx| self.seats.on_timer(timer, cx)),
            Timer::Think => {
                self.is_thinking = false;
                let is_write = cx.chance(self.writes_percent);
                self.call(is_write, cx);
            }
            Timer::Claim => {
                cx.set_timer(CLAIM_US, Timer::Claim);
                cx.lift(|cx| self.seats.propose(self.number, cx));
            }
        }
    }
}

impl Node {
    /// Makes a node, as it is before it starts.
    pub(super) fn new(me: NodeId, config: &Config) -> Self {
        let (replicas, order) = (config.client.quorums.replicas, config.client.order);
        let stand_in_end = replicas + super::STAND_INS;
        if me.0 < replicas {
            Self::Replica(Replica { order }, Acceptor { promises: config.promises })
        } else if me.0 < stand_in_end {
            Self::StandIn(StandIn::new(replicas, order))
        } else {
            let number = u64::from(me.0 - stand_in_end) + 1;
            Self::Client(Box::new(User::new(number, config)))
        }
    }

    /// Returns the client that this is, if it is one.
    pub(super) fn user(&self) -> Option<&User> {
        match self {
            Self::Client(user) => Some(user),
            Self::Replica(..) | Self::StandIn(_) => None,
        }
    }
}

impl Process for Node {
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Fact = Fact;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Replica(..) => {
                if boot == Boot::Recovered {
                    cx.record(Fact::Recovers);
                }
            }
            Self::StandIn(stand_in) => cx.lift(|cx| stand_in.on_start(boot, cx)),
            Self::Client(user) => user.on_start(boot, cx),
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match (self, msg) {
            (Self::Replica(replica, _), Msg::Register(msg)) => {
                cx.lift(|cx| replica.on_message(from, msg, cx));
            }
            (Self::Replica(_, acceptor), Msg::Seats(msg)) => {
                cx.lift(|cx| acceptor.on_message(from, msg, cx));
            }
            (Self::StandIn(stand_in), Msg::Register(msg)) => {
                cx.lift(|cx| stand_in.on_message(from, msg, cx));
            }
            (Self::Client(user), msg) => {
                match msg {
                    Msg::Register(msg) => cx.lift(|cx| user.register.on_message(from, msg, cx)),
                    Msg::Seats(msg) => cx.lift(|cx| user.seats.on_message(from, msg, cx)),
                    Msg::Ask { is_write } => user.call(is_write, cx),
                    Msg::Claim => cx.lift(|cx| user.seats.propose(user.number, cx)),
                }
                user.think(cx);
            }
            (Self::Replica(..) | Self::StandIn(_), _) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match (self, timer) {
            (Self::StandIn(stand_in), Timer::Register(timer)) => {
                cx.lift(|cx| stand_in.on_timer(timer, cx));
            }
            (Self::Client(user), timer) => {
                user.on_timer(timer, cx);
                user.think(cx);
            }
            (Self::Replica(..) | Self::StandIn(_), _) => {}
        }
    }

    fn view(&self, disk: &Disk) -> NodeView {
        let view = match self {
            Self::Replica(replica, _) => replica.view(&disk.0.0),
            Self::StandIn(stand_in) => stand_in.view(&disk.0.0),
            Self::Client(user) => user.register.view(&disk.1.0),
        };
        // A client's and a stand-in's disk hold no votes.
        let votes = disk.0.1.get();
        let Some((_, last)) = votes.iter().last() else { return view };
        let seat = |(seat, vote): (u32, &Vote)| {
            let owner = vote.accepted.map_or("–".into(), |(_, client)| format!("C{client}"));
            format!("{seat}: {owner}").into()
        };
        view.with([
            Widget::cells("seats", votes.iter().map(seat)),
            Widget::field("ballot promised", last.promised.number),
        ])
    }
}

/// A message.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Msg {
    /// About the register.
    Register(quorum::Message),
    /// About the seats.
    Seats(paxos::Message),
    /// The viewer asks a client to read or write.
    Ask { is_write: bool },
    /// The viewer asks a client to claim the next seat.
    Claim,
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Register(message) => message.label(),
            Self::Seats(message) => message.label(),
            Self::Ask { is_write } => if *is_write { "write" } else { "read" }.into(),
            Self::Claim => "claim".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Register(message) => message.sentence(names),
            Self::Seats(message) => message.sentence(names),
            Self::Ask { .. } | Self::Claim => self.label(),
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Register(message) => message.epoch(),
            Self::Seats(message) => message.epoch(),
            Self::Ask { .. } | Self::Claim => None,
        }
    }

    fn is_error(&self) -> bool {
        matches!(self, Self::Seats(message) if message.is_error())
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Register(message) => message.kind(),
            Self::Seats(message) => message.kind(),
            Self::Ask { .. } | Self::Claim => MessageKind::Request,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Register(message) => message.bytes(),
            Self::Seats(message) => message.bytes(),
            Self::Ask { .. } | Self::Claim => 1,
        }
    }
}

/// What a node waits for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    Register(quorum::Timer),
    Seats(paxos::Timer),
    /// A client comes up with its next operation.
    Think,
    /// A client claims the next seat.
    Claim,
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Register(timer) => timer.label(),
            Self::Seats(timer) => timer.label(),
            Self::Think => "think".into(),
            Self::Claim => "claim".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Register(timer) => timer.sentence(names),
            Self::Seats(timer) => timer.sentence(names),
            Self::Think => "has the next operation ready".into(),
            Self::Claim => "claims the next seat".into(),
        }
    }
}

/// A turn worth remembering.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    Register(quorum::Fact),
    Seats(paxos::Fact),
    /// A replica comes up again.
    Recovers,
}

impl Describe for Fact {
    fn label(&self) -> String {
        match self {
            Self::Register(fact) => fact.label(),
            Self::Seats(fact) => fact.label(),
            Self::Recovers => "is back".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Register(fact) => fact.sentence(names),
            Self::Seats(paxos::Fact::Begins { decree, .. }) => format!("claims seat {decree}"),
            Self::Seats(paxos::Fact::Decides { decree, value }) => {
                format!("is told that seat {decree} is C{value}'s")
            }
            Self::Seats(paxos::Fact::IsRefused { decree }) => {
                format!("hears that another claim of seat {decree} came first, and tries again")
            }
            Self::Recovers => "is back with what its disk kept".into(),
        }
    }

    fn operation(&self) -> Option<Operation> {
        match self {
            Self::Register(fact) => fact.operation(),
            Self::Seats(fact) => fact.operation(),
            Self::Recovers => None,
        }
    }
}

/// What survives a crash: a replica's (or stand-in's) version and votes, a client's counts.
pub(super) type Disk = ((Cell<Version>, Cell<Votes>), (Cell<quorum::Counts>, Cell<paxos::Counts>));

embed!(Replica as Register in Node, |disk| &mut disk.0.0);
embed!(StandIn as Register in Node, |disk| &mut disk.0.0);
embed!(Client as Register in Node, |disk| &mut disk.1.0);
embed!(Acceptor as Seats in Node, |disk| &mut disk.0.1);
embed!(Proposer as Seats in Node, |disk| &mut disk.1.1);
