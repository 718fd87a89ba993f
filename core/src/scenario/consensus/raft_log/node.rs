//! A node of this world, a server, a writer or a reader, and what passes between them.

use super::reader::Reader;
use super::server::Server;
use crate::mechanism::raft::{self, Index, NoChange, Raft, StableFile, Term};
use crate::mechanism::writer::{self, Write, Writer};
use crate::sim::{
    Boot, Cell, Cx, Describe, MessageKind, Names, NodeId, Operation, OperationStep, Payload,
    Process, SyncId, embed,
};
use crate::view::NodeView;

/// A server, or a client that writes or reads.
#[derive(Clone, Debug, Hash)]
pub(super) enum Node {
    /// Keeps the log.
    Server(Box<Server>),
    /// Writes to it.
    Writer(Writer),
    /// Reads what the log has led to.
    Reader(Reader),
}

impl Node {
    /// Returns the server that this is, if it is one.
    pub(super) fn server(&self) -> Option<&Server> {
        if let Self::Server(server) = self { Some(server) } else { None }
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
            Self::Writer(writer) => cx.lift(|cx| writer.on_start(boot, cx)),
            Self::Reader(_) => Reader::think(cx),
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match (self, msg) {
            (Self::Server(server), msg) => server.on_message(from, msg, cx),
            (Self::Writer(writer), Msg::Writer(msg)) => {
                cx.lift(|cx| writer.on_message(from, msg, cx));
            }
            (Self::Reader(reader), msg) => reader.on_message(from, &msg, cx),
            (Self::Writer(_), _) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match (self, timer) {
            (Self::Server(server), Timer::Raft(timer)) => server.on_timer(timer, cx),
            (Self::Writer(writer), Timer::Writer(timer)) => {
                cx.lift(|cx| writer.on_timer(timer, cx));
            }
            (Self::Reader(reader), Timer::Reader(timer)) => reader.on_timer(timer, cx),
            (Self::Server(_) | Self::Writer(_) | Self::Reader(_), _) => {}
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Server(server) => server.on_synced(sync, cx),
            Self::Writer(writer) => cx.lift(|cx| writer.on_synced(sync, cx)),
            Self::Reader(_) => {}
        }
    }

    fn view(&self, disk: &Disk) -> NodeView {
        match self {
            Self::Server(server) => server.view(&disk.0),
            Self::Writer(writer) => writer.view(&disk.1),
            Self::Reader(reader) => reader.view(),
        }
    }
}

/// What a reader wants to know: what a client wrote last.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question {
    /// The how-manieth question of this reader.
    pub(super) number: u32,
    /// Which client's register, from 0.
    pub(super) of: u16,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Msg {
    /// Between servers.
    Raft(raft::Message<Write>),
    /// Between a writer and a server.
    Writer(writer::Message),
    /// A reader asks a server.
    Read(Question),
    /// The number of the last write to that register, as of an entry of the log.
    Value { question: Question, value: u32, index: Index },
    /// "I do not lead."
    NotRead { question: Question, leader: Option<NodeId>, term: Term },
    /// The viewer asks a reader to read at once.
    ReadNow,
    /// The operator asks that a server leave the group, or return to it.
    LeaveOrReturn(NodeId),
}

/// What a client's register is called.
pub(super) fn register(client: u16) -> String {
    ["x", "y", "z", "u", "v", "w"].get(usize::from(client)).copied().unwrap_or("?").into()
}

impl Describe for Msg {
    fn label(&self) -> String {
        match self {
            Self::Raft(message) => message.label(),
            Self::Writer(message) => message.label(),
            Self::Read(question) => format!("{}?", register(question.of)),
            Self::Value { question, value, .. } => format!("{} = {value}", register(question.of)),
            Self::NotRead { .. } => "not leader".into(),
            Self::ReadNow => "read now".into(),
            Self::LeaveOrReturn(_) => "in or out".into(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Raft(message) => message.sentence(names),
            Self::Writer(message) => message.sentence(names),
            Self::Read(question) => format!("Read {}", register(question.of)),
            Self::Value { question, value, index } => {
                format!("{} is {value}, as of entry {index}", register(question.of))
            }
            Self::NotRead { leader: Some(leader), .. } => {
                format!("Read refused, {} leads", &names[*leader])
            }
            Self::NotRead { leader: None, .. } => "Read refused, no leader known".into(),
            Self::ReadNow => "read now".into(),
            Self::LeaveOrReturn(server) => {
                format!("let {} leave the group, or return to it", &names[*server])
            }
        }
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Raft(message) => message.epoch(),
            Self::Writer(message) => message.epoch(),
            Self::NotRead { term, .. } => Some(*term),
            Self::Read(_) | Self::Value { .. } | Self::ReadNow | Self::LeaveOrReturn(_) => None,
        }
    }

    fn is_error(&self) -> bool {
        match self {
            Self::Raft(message) => message.is_error(),
            Self::Writer(message) => message.is_error(),
            Self::NotRead { .. } => true,
            Self::Read(_) | Self::Value { .. } | Self::ReadNow | Self::LeaveOrReturn(_) => false,
        }
    }
}

impl Payload for Msg {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Raft(message) => message.kind(),
            Self::Writer(message) => message.kind(),
            Self::Value { .. } | Self::NotRead { .. } => MessageKind::Reply,
            Self::Read(_) | Self::ReadNow | Self::LeaveOrReturn(_) => MessageKind::Request,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Raft(message) => message.bytes(),
            Self::Writer(message) => message.bytes(),
            Self::Read(_) => 1 + 2 * 8,
            Self::Value { .. } | Self::NotRead { .. } => 1 + 4 * 8,
            Self::ReadNow => 1,
            Self::LeaveOrReturn(_) => 1 + 8,
        }
    }
}

/// What a reader waits for; as a [`writer::Timer`], which says the same of a writer.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    Raft(raft::Timer),
    Writer(writer::Timer),
    Reader(writer::Timer),
}

impl Describe for Timer {
    fn label(&self) -> String {
        match self {
            Self::Raft(timer) => timer.label(),
            Self::Writer(timer) | Self::Reader(timer) => timer.label(),
        }
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Raft(timer) => timer.sentence(names),
            Self::Writer(timer) => timer.sentence(names),
            Self::Reader(writer::Timer::Think) => "has the next question ready".into(),
            Self::Reader(writer::Timer::Retry) => "asks again".into(),
        }
    }
}

/// An entry that a server has carried out.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Done {
    /// Its place.
    pub(super) index: Index,
    /// A digest of the log up to it.
    pub(super) digest: u64,
    /// The write that it made, if it made one: not a retry of one that was made.
    pub(super) write: Option<Write>,
}

/// A turn worth remembering.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    Raft(raft::Fact),
    Writer(writer::Fact),
    /// A leader has put an entry at the end of its log.
    Appends {
        term: Term,
        index: Index,
        digest: u64,
    },
    /// A leader counts the log up to an entry as committed.
    Vouches {
        led_in: Term,
        index: Index,
        digest: u64,
    },
    /// A server carries out committed entries.
    Applies(Vec<Done>),
    /// A server takes over the state that a snapshot holds.
    Restores {
        index: Index,
        digest: u64,
    },
    /// A leader finds a write that it is asked for in its log already.
    Recognises {
        write: Write,
        index: Index,
    },
    /// A server comes up again.
    Recovers,
    /// A leader lets a server leave, or return.
    Changes {
        server: NodeId,
        returns: bool,
    },
    /// A leader changes no members now.
    Declines(NoChange),
    /// A reader asks, for the first time.
    Asks(Question),
    /// It is told.
    IsTold {
        question: Question,
        value: u32,
    },
    /// It waits no longer for this server, or is told that this one does not lead.
    AsksElsewhere {
        server: NodeId,
    },
}

impl Describe for Fact {
    fn label(&self) -> String {
        let label = match self {
            Self::Raft(fact) => return fact.label(),
            Self::Writer(fact) => return fact.label(),
            Self::Asks(question) => return format!("asks {}", register(question.of)),
            Self::IsTold { question, value } => {
                return format!("{} is {value}", register(question.of));
            }
            Self::Appends { .. } => "appends",
            Self::Vouches { .. } => "vouches",
            Self::Applies(_) => "applies",
            Self::Restores { .. } => "restores",
            Self::Recognises { .. } => "recognises",
            Self::Recovers => "recovers",
            Self::Changes { .. } => "changes",
            Self::Declines(_) => "declines",
            Self::AsksElsewhere { .. } => "no answer",
        };
        label.into()
    }

    fn sentence(&self, names: &Names) -> String {
        match self {
            Self::Raft(fact) => fact.sentence(names),
            Self::Writer(fact) => fact.sentence(names),
            Self::Appends { term, index, .. } => format!("appends entry {index} of term {term}"),
            Self::Vouches { index, .. } => format!("vouches for all entries up to {index}"),
            Self::Applies(done) => {
                let (first, last) = (done.first().map(|it| it.index), done.last());
                match (first, last.map(|it| (it.index, it.write))) {
                    (Some(first), Some((last, Some(write)))) if first == last => {
                        let what = format!("{} ← {}", register(write.client), write.number);
                        format!("applies entry {last}: {what}")
                    }
                    (Some(first), Some((last, _))) if first == last => {
                        format!("applies entry {last}, which changes nothing")
                    }
                    (Some(first), Some((last, _))) => format!("applies entries {first} to {last}"),
                    (None, _) | (_, None) => "applies nothing".into(),
                }
            }
            Self::Restores { index, .. } => format!("has the state as of entry {index}"),
            Self::Recognises { write, index } => {
                let (number, client) = (write.number, write.client + 1);
                format!("has write {number} of C{client} already, as entry {index}")
            }
            Self::Recovers => "is back, and knows only what its disk kept".into(),
            Self::Changes { server, returns } => {
                let what = if *returns { "return to" } else { "leave" };
                format!("lets {} {what} the group", &names[*server])
            }
            Self::Declines(why) => {
                let why = match why {
                    NoChange::NotLeader { .. } => "it does not lead",
                    NoChange::ChangeUnderWay => "the last change is not committed yet",
                    NoChange::NothingCommitted => "no entry of its term is committed yet",
                    NoChange::NotPossible => "the group would be too small",
                };
                format!("changes no members: {why}")
            }
            Self::Asks(question) => {
                format!("asks for {}, question {}", register(question.of), question.number)
            }
            Self::IsTold { question, value } => {
                format!("is told that {} is {value}", register(question.of))
            }
            Self::AsksElsewhere { server } => format!("has no answer from {}", &names[*server]),
        }
    }

    fn epoch(&self) -> Option<u64> {
        if let Self::Raft(fact) = self {
            fact.epoch()
        } else if let Self::Writer(fact) = self {
            fact.epoch()
        } else if let Self::Appends { term, .. } | Self::Vouches { led_in: term, .. } = self {
            Some(*term)
        } else {
            None
        }
    }

    fn is_error(&self) -> bool {
        if let Self::Writer(fact) = self {
            return fact.is_error();
        }
        matches!(self, Self::Declines(_) | Self::AsksElsewhere { .. })
    }

    fn operation(&self) -> Option<Operation> {
        let (question, step) = if let Self::Asks(question) = self {
            (question, OperationStep::Begins)
        } else if let Self::IsTold { question, .. } = self {
            (question, OperationStep::Succeeds)
        } else if let Self::Writer(fact) = self {
            return fact.operation();
        } else {
            return None;
        };
        Some(Operation { number: question.number.into(), step })
    }
}

/// What survives a crash: a server's journal, and a writer's last number.
pub(super) type Disk = (StableFile<Write>, Cell<u32>);

impl raft::Host for Node {
    type Command = Write;
    type Stable = StableFile<Write>;

    fn raft(&self) -> Option<&Raft<Write, StableFile<Write>>> {
        self.server().map(|server| &server.raft)
    }

    fn stable(disk: &Disk) -> &StableFile<Write> {
        &disk.0
    }
}

embed!(Raft<Write, StableFile<Write>> as Raft in Node, |disk| &mut disk.0);
embed!(Writer as Writer in Node, |disk| &mut disk.1);
