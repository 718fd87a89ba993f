//! A client: one write at a time, again and again until somebody acknowledges it.

use super::message::{Fact, Msg, Timer, Write};
use super::node::Node;
use crate::mechanism::raft::Term;
use crate::sim::{Cx, NodeId};

/// Least and most time between an acknowledgement and the next write.
const THINK_US: (u64, u64) = (30_000, 60_000);
/// How long a client waits for an answer at first, and at most.
const ANSWER_US: (u64, u64) = (120_000, 240_000);
/// Least and most pause before the next try after a refusal; doubled while nobody knows a leader.
const PAUSE_US: (u64, u64) = (5_000, 20_000);
/// How often waits and pauses are doubled at most.
const DOUBLINGS: u32 = 3;

/// A client. It numbers its writes on disk, so that no number ever stands for two writes.
#[derive(Clone, Debug, Hash)]
pub(super) struct Client {
    /// Which client this is, from 0.
    me: u16,
    servers: u16,
    /// The write that is under way.
    write: Option<Write>,
    /// How often it has been tried in vain.
    tries: u32,
    /// Whom to ask: the leader as far as known.
    server: NodeId,
    /// The term in which that is known.
    term: Term,
    /// The server that last left a question unanswered.
    silent: Option<NodeId>,
    /// Whether an answer is awaited.
    is_waiting: bool,
    /// Writes that the viewer asked for.
    extra: u32,
    acknowledged: u32,
}

impl Client {
    pub(super) fn new(me: u16, servers: u16) -> Self {
        Self {
            me,
            servers,
            write: None,
            tries: 0,
            server: NodeId(0),
            term: 0,
            silent: None,
            is_waiting: false,
            extra: 0,
            acknowledged: 0,
        }
    }

    /// Returns the write under way and how many have been acknowledged since the client started.
    pub(super) fn progress(&self) -> (Option<Write>, u32) {
        (self.write, self.acknowledged)
    }

    pub(super) fn on_start(&self, cx: &mut Cx<'_, Node>) {
        Self::think(cx);
    }

    fn think(cx: &mut Cx<'_, Node>) {
        let after_us = cx.jitter_us(THINK_US.0, THINK_US.1);
        cx.set_timer(after_us, Timer::Think);
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: &Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Acknowledged(receipt) if Some(receipt.write) == self.write => {
                cx.record(Fact::IsAcknowledged(*receipt));
                cx.cancel_timer(Timer::Retry);
                self.acknowledged += 1;
                self.write = None;
                self.silent = None;
                if receipt.led_in >= self.term {
                    (self.server, self.term) = (from, receipt.led_in);
                }
                if self.extra > 0 {
                    self.extra -= 1;
                    self.begin(cx);
                } else {
                    Self::think(cx);
                }
            }
            Msg::Refused { write, leader, term }
                if Some(*write) == self.write && self.is_waiting && from == self.server =>
            {
                cx.record(Fact::IsRefused { by: from });
                self.on_refused(*leader, *term, cx);
            }
            Msg::WriteNow if self.write.is_none() => self.begin(cx),
            Msg::WriteNow => self.extra += 1,
            // Answers to what is no longer asked, and what only servers hear.
            Msg::Acknowledged(_)
            | Msg::Refused { .. }
            | Msg::Raft(_)
            | Msg::Lease { .. }
            | Msg::LeaseSeen { .. }
            | Msg::Write(_) => {}
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Think => self.begin(cx),
            Timer::Retry => {
                if self.is_waiting {
                    cx.record(Fact::GivesUpOn { server: self.server });
                    self.silent = Some(self.server);
                    self.tries += 1;
                    self.try_next_server();
                }
                self.ask(cx);
            }
            Timer::Raft(_) | Timer::Lease => {}
        }
    }

    /// Begins the next write, unless one is under way.
    fn begin(&mut self, cx: &mut Cx<'_, Node>) {
        if self.write.is_some() {
            return;
        }
        cx.cancel_timer(Timer::Think);
        let number = cx.disk_mut().last_number.get_mut();
        *number += 1;
        let write = Write { client: self.me, number: *number };
        self.write = Some(write);
        self.tries = 0;
        cx.record(Fact::Asks(write));
        self.ask(cx);
    }

    fn ask(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(write) = self.write else { return };
        self.is_waiting = true;
        // The number is on disk before anybody hears it.
        cx.send_after_sync(self.server, Msg::Write(write));
        let wait_us = (ANSWER_US.0 << self.tries.min(DOUBLINGS)).min(ANSWER_US.1);
        let jitter_us = cx.jitter_us(0, wait_us / 4);
        cx.set_timer(wait_us + jitter_us, Timer::Retry);
    }

    /// Goes where the cluster says that the leader is, or looks on elsewhere after a pause.
    fn on_refused(&mut self, leader: Option<NodeId>, term: Term, cx: &mut Cx<'_, Node>) {
        self.is_waiting = false;
        let hint = leader.filter(|id| term > self.term || Some(*id) != self.silent);
        let doublings = if let Some(leader) = hint {
            self.server = leader;
            0
        } else {
            self.tries += 1;
            self.try_next_server();
            self.tries.min(DOUBLINGS)
        };
        self.term = self.term.max(term);
        let pause_us = cx.jitter_us(PAUSE_US.0, PAUSE_US.1) << doublings;
        cx.set_timer(pause_us, Timer::Retry);
    }

    fn try_next_server(&mut self) {
        self.server = NodeId((self.server.0 + 1) % self.servers.max(1));
    }
}
