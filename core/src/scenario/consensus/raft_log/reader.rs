//! A client that reads: one question at a time, until somebody answers it.

use super::node::{Fact, Msg, Node, Question, Timer};
use crate::mechanism::raft::Term;
use crate::mechanism::writer::Timer as Wait;
use crate::sim::{Cx, NodeId};
use crate::view::{NodeView, Role};

/// Least and most time between an answer and the next question.
const THINK_US: (u64, u64) = (60_000, 120_000);
/// Least and most time that it waits for an answer.
const ANSWER_US: (u64, u64) = (120_000, 160_000);
/// Least and most pause after a refusal.
const PAUSE_US: (u64, u64) = (10_000, 40_000);

/// A reader. It asks for the writers' registers in turn.
#[derive(Clone, Debug, Hash)]
pub(super) struct Reader {
    servers: u16,
    writers: u16,
    number: u32,
    /// The question that waits.
    question: Option<Question>,
    /// Whom it asks: the leader as far as known, and the term in which that is known.
    server: NodeId,
    term: Term,
    is_waiting: bool,
    last: Option<u32>,
}

impl Reader {
    /// Makes the reader of so many writers' registers on so many servers.
    pub(super) fn new(servers: u16, writers: u16) -> Self {
        Self {
            servers,
            writers,
            number: 0,
            question: None,
            server: NodeId(0),
            term: 0,
            is_waiting: false,
            last: None,
        }
    }

    pub(super) fn think(cx: &mut Cx<'_, Node>) {
        let after_us = cx.jitter_us(THINK_US.0, THINK_US.1);
        cx.set_timer(after_us, Timer::Reader(Wait::Think));
    }

    fn begin(&mut self, cx: &mut Cx<'_, Node>) {
        if self.question.is_some() {
            return;
        }
        self.number += 1;
        let of = u16::try_from(self.number % u32::from(self.writers.max(1))).unwrap_or(0);
        let question = Question { number: self.number, of };
        self.question = Some(question);
        cx.record(Fact::Asks(question));
        self.ask(cx);
    }

    fn ask(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(question) = self.question else { return };
        self.is_waiting = true;
        cx.send(self.server, Msg::Read(question));
        let after_us = cx.jitter_us(ANSWER_US.0, ANSWER_US.1);
        cx.set_timer(after_us, Timer::Reader(Wait::Retry));
    }

    fn try_next_server(&mut self) {
        self.server = NodeId((self.server.0 + 1) % self.servers.max(1));
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: &Msg, cx: &mut Cx<'_, Node>) {
        match *msg {
            Msg::Value { question, value, .. } if self.question == Some(question) => {
                self.question = None;
                self.last = Some(value);
                self.server = from;
                cx.record(Fact::IsTold { question, value });
                cx.cancel_timer(Timer::Reader(Wait::Retry));
                Self::think(cx);
            }
            Msg::NotRead { question, leader, term }
                if self.question == Some(question) && self.is_waiting && from == self.server =>
            {
                self.is_waiting = false;
                cx.record(Fact::AsksElsewhere { server: from });
                match leader.filter(|_| term >= self.term) {
                    Some(leader) => self.server = leader,
                    None => self.try_next_server(),
                }
                self.term = self.term.max(term);
                let after_us = cx.jitter_us(PAUSE_US.0, PAUSE_US.1);
                cx.set_timer(after_us, Timer::Reader(Wait::Retry));
            }
            Msg::ReadNow => self.begin(cx),
            Msg::Raft(_)
            | Msg::Writer(_)
            | Msg::Read(_)
            | Msg::Value { .. }
            | Msg::NotRead { .. }
            | Msg::LeaveOrReturn(_) => {}
        }
    }

    pub(super) fn on_timer(&mut self, timer: Wait, cx: &mut Cx<'_, Node>) {
        match timer {
            Wait::Think => self.begin(cx),
            Wait::Retry => {
                if self.is_waiting {
                    cx.record(Fact::AsksElsewhere { server: self.server });
                    self.try_next_server();
                }
                self.ask(cx);
            }
        }
    }

    pub(super) fn view(&self) -> NodeView {
        let label = if self.question.is_some() { "waits for an answer" } else { "thinks" };
        let value = self.last.map(|value| value.to_string());
        NodeView { value, ..NodeView::new(Role::Client, label) }
    }
}
