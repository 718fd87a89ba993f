//! A server: Raft's log, and the state machine that it drives.

use serde::{Deserialize, Serialize};

use super::node::{Done, Fact, Msg, Node, Question};
use crate::mechanism::raft::{
    self, Change, Config, Content, Entry, Index, NotLeader, Raft, Readers, Safeguards, Stable as _,
    StableFile, Term, Waiting,
};
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::writer::{Message, Receipt, Write};
use crate::sim::{Boot, Cx, NodeId, Process, SyncId};

/// The terms of the logs of Figure 7: the leader, and followers a to f.
const FIGURE_7: [&[Term]; 7] = [
    &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6],
    &[1, 1, 1, 4, 4, 5, 5, 6, 6],
    &[1, 1, 1, 4],
    &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
    &[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
    &[1, 1, 1, 4, 4, 4, 4],
    &[1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
];
/// The term in which the leader of Figure 7 was a candidate in vain, if it was.
const BEFORE_FIGURE_7: Term = 7;

/// How a group is set up.
#[derive(Clone, Debug, Hash)]
pub(super) struct Settings {
    pub(super) config: Config,
    pub(super) safeguards: Safeguards,
    /// Safeguard: a leader asks a majority whether it still leads before it answers a read.
    pub(super) confirms_reads: bool,
    /// Safeguard: a record on disk is believed only with its checksum.
    pub(super) checks_sums: bool,
    /// So many applied entries are replaced by a snapshot.
    pub(super) snapshot_entries: u64,
    /// Whether the logs of Figure 7 are there at the start.
    pub(super) is_figure_7: bool,
}

/// The last write of a client that was made: its register, and what a retry is recognised by (§8).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Session {
    client: u16,
    number: u32,
    index: Index,
    term: Term,
}

/// A server.
#[derive(Clone, Debug, Hash)]
pub(super) struct Server {
    pub(super) raft: Raft<Write, StableFile<Write>>,
    settings: Settings,
    /// The state machine. Lost in a crash, and made anew from snapshot and log.
    sessions: SmallMap<u16, Session>,
    /// Writes in the log whose clients wait.
    waiting: Waiting<Write>,
    reads: Readers<Question>,
    /// The end of what it has recorded as appended, and as committed, while it leads.
    appended: Index,
    vouched: Index,
}

impl Server {
    pub(super) fn new(settings: Settings) -> Self {
        let raft = Raft::new(settings.config.clone()).with(settings.safeguards);
        Self {
            raft,
            settings,
            sessions: SmallMap::default(),
            waiting: Waiting::default(),
            reads: Readers::default(),
            appended: 0,
            vouched: 0,
        }
    }

    /// Returns the value of a client's register: the number of its last write.
    pub(super) fn value(&self, client: u16) -> u32 {
        self.sessions.get(client).map_or(0, |session| session.number)
    }

    pub(super) fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        if boot == Boot::Recovered {
            cx.record(Fact::Recovers);
        } else {
            self.found(cx);
        }
        cx.lift(|cx| self.raft.start(boot, cx));
        self.settle(cx);
    }

    /// Writes the log with which a new group begins: who is a member (thesis §4.1).
    fn found(&self, cx: &mut Cx<'_, Node>) {
        let members = self.settings.config.members.clone();
        let terms = FIGURE_7.get(usize::from(cx.me().0)).filter(|_| self.settings.is_figure_7);
        let terms = terms.copied().unwrap_or(&[1]);
        let content = |n: usize| {
            if n == 0 { Content::Members(members.clone()) } else { Content::Blank }
        };
        let entry = |(n, term): (usize, &Term)| Entry { term: *term, content: content(n) };
        let entries = terms.iter().enumerate().map(entry).collect();
        let is_first = self.settings.is_figure_7 && cx.me() == NodeId(0);
        let last = terms.last().copied().unwrap_or(1);
        let term = if is_first { BEFORE_FIGURE_7 } else { last };
        let disk = &mut cx.disk_mut().0;
        disk.check_sums(self.settings.checks_sums);
        disk.write(Change::Entries { kept: 0, entries });
        disk.write(Change::Term { term, vote: None });
        cx.sync();
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Raft(message) => cx.lift(|cx| self.raft.on_message(from, message, cx)),
            Msg::Writer(Message::Write(write)) => self.on_write(from, write, cx),
            Msg::Read(question) => self.on_read(from, question, cx),
            Msg::LeaveOrReturn(server) => self.on_change(from, server, cx),
            Msg::Writer(_) | Msg::Value { .. } | Msg::NotRead { .. } | Msg::ReadNow => {}
        }
        self.settle(cx);
    }

    pub(super) fn on_timer(&mut self, timer: raft::Timer, cx: &mut Cx<'_, Node>) {
        cx.lift(|cx| self.raft.on_timer(timer, cx));
        self.settle(cx);
    }

    pub(super) fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        cx.lift(|cx| self.raft.on_synced(sync, cx));
        self.settle(cx);
    }

    /// Takes a client's write into the log, unless it is there already: a retry is made once.
    fn on_write(&mut self, client: NodeId, write: Write, cx: &mut Cx<'_, Node>) {
        let made = self.sessions.get(write.client).filter(|_| self.raft.is_leader()).copied();
        match made {
            Some(made) if made.number == write.number => {
                cx.record(Fact::Recognises { write, index: made.index });
                acknowledge(client, write, made, cx);
            }
            // A copy that comes so late that its client has long gone on.
            Some(made) if made.number > write.number => {}
            Some(_) | None => {
                let known = self.raft.place_of(&write, &cx.disk().0);
                let known = known.filter(|_| self.raft.is_leader());
                if let Some(index) = known {
                    cx.record(Fact::Recognises { write, index });
                }
                match known.map_or_else(|| cx.lift(|cx| self.raft.propose(write, cx)), Ok) {
                    Ok(index) => self.waiting.insert(write, index),
                    Err(NotLeader { hint }) => refuse(client, write, hint, cx),
                }
            }
        }
    }

    fn on_read(&mut self, reader: NodeId, question: Question, cx: &mut Cx<'_, Node>) {
        if self.raft.is_leader() && !self.settings.confirms_reads {
            return self.answer(reader, question, cx);
        }
        match cx.lift(|cx| self.raft.read(cx)) {
            Ok(ticket) => self.reads.insert(ticket, reader, question),
            Err(NotLeader { hint }) => refuse_read(reader, question, hint, cx),
        }
    }

    fn answer(&self, reader: NodeId, question: Question, cx: &mut Cx<'_, Node>) {
        let (value, index) = (self.value(question.of), self.raft.applied());
        cx.send(reader, Msg::Value { question, value, index });
    }

    /// Lets a server leave or return; passes it on to the leader if an operator asked here.
    fn on_change(&mut self, from: NodeId, server: NodeId, cx: &mut Cx<'_, Node>) {
        match self.raft.leader().filter(|_| !self.raft.is_leader() && from == NodeId::OUTSIDE) {
            Some(leader) => cx.send(leader, Msg::LeaveOrReturn(server)),
            None => match cx.lift(|cx| self.raft.change_members(server, cx)) {
                Ok(_) => {
                    let returns = self.raft.members().contains(&server);
                    cx.record(Fact::Changes { server, returns });
                }
                Err(why) => cx.record(Fact::Declines(why)),
            },
        }
    }

    /// Tells what has changed in the log, carries out what is committed, and answers who waits for it.
    fn settle(&mut self, cx: &mut Cx<'_, Node>) {
        self.tell(cx);
        self.apply(cx);
        self.answer_waiting(cx);
        let (sessions, entries) = (&self.sessions, self.settings.snapshot_entries);
        let state = || {
            let sessions: Vec<Session> = sessions.values().copied().collect();
            postcard::to_allocvec(&sessions).unwrap_or_default()
        };
        cx.lift(|cx| self.raft.compact_behind(entries, state, cx));
    }

    /// Records what a leader has appended and what it counts as committed.
    fn tell(&mut self, cx: &mut Cx<'_, Node>) {
        let state = cx.disk().0.get();
        let (term, last) = (state.term, state.log.last());
        let known = |index| state.log.digest_at(index).unwrap_or_default();
        let (at_last, commit) = (known(last.index), self.raft.commit());
        let at_commit = known(commit);
        if !self.raft.is_leader() {
            (self.appended, self.vouched) = (last.index, commit);
            return;
        }
        if last.index > self.appended && last.term == term {
            cx.record(Fact::Appends { term, index: last.index, digest: at_last });
            self.appended = last.index;
        }
        if commit > self.vouched {
            cx.record(Fact::Vouches { led_in: term, index: commit, digest: at_commit });
            self.vouched = commit;
        }
    }

    /// Carries out what is committed; a write that was made already is not made again (§8).
    fn apply(&mut self, cx: &mut Cx<'_, Node>) {
        if let Some(state) = self.raft.take_snapshot(&cx.disk().0) {
            let sessions: Vec<Session> = postcard::from_bytes(&state).unwrap_or_default();
            self.sessions = sessions.into_iter().map(|it| (it.client, it)).collect();
            let log = &cx.disk().0.get().log;
            let index = log.base().index;
            let digest = log.digest_at(index).unwrap_or_default();
            cx.record(Fact::Restores { index, digest });
        }
        let before = self.raft.applied();
        let committed = self.raft.take_committed(&cx.disk().0);
        let log = &cx.disk().0.get().log;
        let mut writes: SmallMap<Index, Write> = SmallMap::default();
        for applied in committed {
            let Write { client, number } = applied.command;
            if self.value(client) < number {
                let (index, term) = (applied.index, applied.term);
                self.sessions.insert(client, Session { client, number, index, term });
                writes.insert(index, applied.command);
            }
        }
        let done = |index| {
            let write = writes.get(index).copied();
            Some(Done { index, digest: log.digest_at(index)?, write })
        };
        let done: Vec<Done> = (before + 1..=self.raft.applied()).filter_map(done).collect();
        if !done.is_empty() {
            cx.record(Fact::Applies(done));
        }
    }

    fn answer_waiting(&mut self, cx: &mut Cx<'_, Node>) {
        let servers = u16::try_from(self.settings.config.members.len()).unwrap_or(u16::MAX);
        let client_of = |write: &Write| NodeId(servers + write.client);
        for (write, outcome) in self.waiting.settle(&self.raft, self.raft.applied()) {
            let made = self.sessions.get(write.client).filter(|it| it.number == write.number);
            match (outcome, made) {
                (Err(NotLeader { hint }), _) => refuse(client_of(&write), write, hint, cx),
                (Ok(_), Some(made)) => acknowledge(client_of(&write), write, *made, cx),
                (Ok(_), None) => {}
            }
        }
        for (reader, question, outcome) in self.reads.settle(&mut self.raft) {
            match outcome {
                Ok(()) => self.answer(reader, question, cx),
                Err(NotLeader { hint }) => refuse_read(reader, question, hint, cx),
            }
        }
    }
}

/// Tells a client that this server does not lead, and who does, as far as it knows.
fn refuse(client: NodeId, write: Write, leader: Option<NodeId>, cx: &mut Cx<'_, Node>) {
    let term = cx.disk().0.get().term;
    cx.send(client, Msg::Writer(Message::Refused { write, leader, term }));
}

fn refuse_read(reader: NodeId, question: Question, leader: Option<NodeId>, cx: &mut Cx<'_, Node>) {
    let term = cx.disk().0.get().term;
    cx.send(reader, Msg::NotRead { question, leader, term });
}

fn acknowledge(client: NodeId, write: Write, made: Session, cx: &mut Cx<'_, Node>) {
    let led_in = cx.disk().0.get().term;
    let (index, term) = (made.index, made.term);
    let receipt = Receipt { write, index, term, by: cx.me(), led_in };
    cx.send(client, Msg::Writer(Message::Acknowledged(receipt)));
}
