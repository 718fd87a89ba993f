//! A server: Raft's log, a rule for who leads, and a rule for when a write is acknowledged.

use super::node::{Fact, LeaseLeft, Msg, Node, Timer};
use crate::mechanism::raft::{Config, Election, Index, NotLeader, Raft, Term, Waiting};
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::writer::{Message, Receipt, Write};
use crate::sim::{Boot, Cx, NodeId, Process, SyncId};

/// How long a lease lasts.
pub(super) const LEASE_US: u64 = 500_000;
/// How often a leader renews its lease.
const RENEW_US: u64 = 50_000;
/// Least and most time between a follower's looks at its clock.
const LOOK_US: (u64, u64) = (20_000, 200_000);

/// A lease as its holder or somebody else knows it.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Lease {
    /// Who leads by it.
    pub(super) holder: Option<NodeId>,
    /// Until when, read on the wall clock of whoever reads it.
    pub(super) until_wall_us: u64,
}

/// A server.
#[derive(Clone, Debug, Hash)]
pub(super) struct Server {
    pub(super) raft: Raft<Write>,
    /// Safeguard: a write is acknowledged when a majority has it on disk.
    commits_by_majority: bool,
    pub(super) lease: Lease,
    /// Writes in the log whose clients wait, each with its place.
    waiting: Waiting<Write>,
    /// The latest committed write of each client, so that a retry is not written again. Latest by
    /// number: a client that crashed begins its next write while a copy of the last one may still be
    /// on its way, and be committed behind it.
    served: SmallMap<u16, (Write, Index, Term)>,
}

impl Server {
    pub(super) fn new(config: Config, commits_by_majority: bool) -> Self {
        Self {
            raft: Raft::new(config),
            commits_by_majority,
            lease: Lease::default(),
            waiting: Waiting::default(),
            served: SmallMap::default(),
        }
    }

    /// Safeguard: a majority of votes makes a leader; otherwise a lease and a wall clock do.
    pub(super) fn is_elected(&self) -> bool {
        self.raft.config().election == Election::ByVotes
    }

    pub(super) fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        if boot == Boot::Recovered {
            cx.record(Fact::Recovers);
        }
        self.lease.until_wall_us = cx.wall_us() + LEASE_US;
        if self.is_elected() {
            return cx.lift(|cx| self.raft.start(boot, cx));
        }
        cx.lift(|cx| self.raft.on_start(boot, cx));
        cx.set_timer(RENEW_US, Timer::Lease);
        if boot == Boot::Fresh && cx.me() == NodeId(0) {
            self.take_over(cx);
        }
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Raft(message) => {
                cx.lift(|cx| self.raft.on_message(from, message, cx));
            }
            Msg::Lease { term, until_wall_us } => self.on_lease(from, term, until_wall_us, cx),
            Msg::LeaseSeen { term, until_wall_us } => {
                // One follower's word is enough to go on. It is a word from a minority, too.
                if self.raft.is_leader() && term == cx.disk().0.get().term {
                    self.lease.until_wall_us = self.lease.until_wall_us.max(until_wall_us);
                }
            }
            Msg::Writer(Message::Write(write)) => self.on_write(from, write, cx),
            Msg::Writer(
                Message::Acknowledged(_)
                | Message::Refused { .. }
                | Message::WriteNow
                | Message::WriteMany(_)
                | Message::AskServer(_),
            ) => {}
        }
        self.settle(cx);
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Raft(timer) => {
                cx.lift(|cx| self.raft.on_timer(timer, cx));
            }
            Timer::Lease => self.look_at_lease(cx),
            Timer::Writer(_) => {}
        }
        self.settle(cx);
    }

    pub(super) fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        cx.lift(|cx| self.raft.on_synced(sync, cx));
        self.settle(cx);
    }

    /// The naive rule for who leads: whoever holds a lease, until a wall clock says that it is over.
    fn look_at_lease(&mut self, cx: &mut Cx<'_, Node>) {
        let is_over = cx.wall_us() >= self.lease.until_wall_us;
        if self.raft.is_leader() && is_over {
            cx.record(Fact::LeaseEnds);
            cx.lift(|cx| self.raft.step_down(cx));
        }
        if self.raft.is_leader() {
            return self.renew_lease(cx);
        }
        let after_us = cx.jitter_us(LOOK_US.0, LOOK_US.1);
        cx.set_timer(after_us, Timer::Lease);
        // Whoever lost a lease leaves the next one to others; nobody asks anybody.
        if is_over && self.lease.holder != Some(cx.me()) {
            cx.record(Fact::TakesOver { from: self.lease.holder });
            self.take_over(cx);
        }
    }

    /// Takes the lease and the next term without asking anybody.
    fn take_over(&mut self, cx: &mut Cx<'_, Node>) {
        let until_wall_us = cx.wall_us() + LEASE_US;
        self.lease = Lease { holder: Some(cx.me()), until_wall_us };
        cx.lift(|cx| self.raft.take_over(cx));
        self.renew_lease(cx);
    }

    /// Tells everybody until when this server leads, as its clock has it.
    fn renew_lease(&self, cx: &mut Cx<'_, Node>) {
        let (me, term) = (cx.me(), cx.disk().0.get().term);
        let until_wall_us = cx.wall_us() + LEASE_US;
        for &to in self.raft.config().members.iter().filter(|id| **id != me) {
            cx.send(to, Msg::Lease { term, until_wall_us });
        }
        cx.set_timer(RENEW_US, Timer::Lease);
    }

    fn on_lease(&mut self, from: NodeId, term: Term, until_wall_us: u64, cx: &mut Cx<'_, Node>) {
        if term >= cx.disk().0.get().term && !self.raft.is_leader() {
            self.lease = Lease { holder: Some(from), until_wall_us };
            cx.send(from, Msg::LeaseSeen { term, until_wall_us });
        }
    }

    /// Takes a client's write into the log, unless it is there already.
    fn on_write(&mut self, client: NodeId, write: Write, cx: &mut Cx<'_, Node>) {
        let leads = self.raft.is_leader();
        let served = self.served.get(write.client).filter(|_| leads).copied();
        match served {
            // A retry of what is done.
            Some((done, index, term)) if done == write => {
                cx.record(Fact::Recognises { write, index });
                self.acknowledge(client, write, index, term, cx);
            }
            // A copy that comes so late that its client has long gone on.
            Some((done, ..)) if done > write => {}
            Some(_) | None => {
                let known = self.raft.place_of(&write, &cx.disk().0).filter(|_| leads);
                if let Some(index) = known {
                    cx.record(Fact::Recognises { write, index });
                }
                let place = known.map_or_else(|| cx.lift(|cx| self.raft.propose(write, cx)), Ok);
                match place {
                    Ok(index) => self.waiting.insert(write, index),
                    Err(NotLeader { hint }) => refuse(client, write, hint, cx),
                }
            }
        }
    }

    /// Answers whoever can be answered now.
    fn settle(&mut self, cx: &mut Cx<'_, Node>) {
        for applied in self.raft.take_committed(&cx.disk().0) {
            let write = applied.command;
            let done = (write, applied.index, applied.term);
            let latest = self.served.get_or_insert(write.client, done);
            *latest = done.max(*latest);
            // The leader that commits an entry speaks for all servers.
            if self.raft.is_leader() {
                cx.record(Fact::Applies(applied));
            }
        }
        // The naive rule: what I have, everybody will have soon.
        let safe =
            if self.commits_by_majority { self.raft.commit() } else { self.raft.synced(cx.me()) };
        let servers = u16::try_from(self.raft.config().members.len()).unwrap_or(u16::MAX);
        for (write, outcome) in self.waiting.settle(&self.raft, safe) {
            let client = NodeId(servers + write.client);
            match outcome {
                Ok(index) => {
                    let term = cx.disk().0.get().log.term_at(index).unwrap_or_default();
                    self.acknowledge(client, write, index, term, cx);
                }
                Err(NotLeader { hint }) => refuse(client, write, hint, cx),
            }
        }
    }

    fn acknowledge(
        &self,
        client: NodeId,
        write: Write,
        index: Index,
        term: Term,
        cx: &mut Cx<'_, Node>,
    ) {
        let led_in = cx.disk().0.get().term;
        let receipt = Receipt { write, index, term, by: cx.me(), led_in };
        let left_us = self.lease.until_wall_us.saturating_sub(cx.wall_us());
        let lease_left = LeaseLeft((!self.is_elected()).then_some(left_us));
        cx.record(Fact::Acknowledges { receipt, lease_left });
        cx.send(client, Msg::Writer(Message::Acknowledged(receipt)));
    }
}

/// Tells a client that this server does not lead, and who does, as far as it knows.
fn refuse(client: NodeId, write: Write, leader: Option<NodeId>, cx: &mut Cx<'_, Node>) {
    let term = cx.disk().0.get().term;
    cx.send(client, Msg::Writer(Message::Refused { write, leader, term }));
}
