//! A client: one write at a time, again and again until somebody acknowledges it.

use super::message::{Fact, Message, Receipt, Timer, Write};
use crate::mechanism::raft::Term;
use crate::sim::{Boot, Cell, Cx, NodeId, Process};
use crate::view::{NodeView, Role};

/// Least and most time between an acknowledgement and the next write.
const THINK_US: (u64, u64) = (30_000, 60_000);
/// How long a client waits for an answer at first, and at most; plus up to a quarter at random.
const ANSWER_US: (u64, u64) = (120_000, 240_000);
/// Least and most pause before the next try after a refusal; doubled while nobody knows a leader.
const PAUSE_US: (u64, u64) = (5_000, 20_000);
/// How often waits and pauses are doubled at most.
const DOUBLINGS: u32 = 3;

/// A client. It numbers its writes on disk, so that no number ever stands for two writes.
#[derive(Clone, Debug, Hash)]
pub struct Writer {
    /// Which client this is, from 0.
    client: u16,
    /// The servers are the nodes from 0 to this.
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
    /// Writes that the viewer asked for while one was under way.
    extra: u32,
    acknowledged: u32,
}

impl Writer {
    /// Creates the client numbered `client`, of servers that are the nodes below `servers`.
    pub fn new(client: u16, servers: u16) -> Self {
        Self {
            client,
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

    /// Returns the write that is under way.
    pub fn write(&self) -> Option<Write> {
        self.write
    }

    /// Begins the next write, unless one is under way.
    fn begin(&mut self, cx: &mut Cx<'_, Self>) {
        if self.write.is_some() {
            return;
        }
        cx.cancel_timer(Timer::Think);
        let number = cx.disk_mut().get_mut();
        *number += 1;
        let write = Write { client: self.client, number: *number };
        self.write = Some(write);
        self.tries = 0;
        cx.record(Fact::Begins(write));
        self.ask(cx);
    }

    /// Begins so many writes, one after the other: the first at once, unless one is under way.
    fn write_more(&mut self, count: u32, cx: &mut Cx<'_, Self>) {
        self.extra = self.extra.saturating_add(count);
        if self.write.is_none() && self.extra > 0 {
            self.extra -= 1;
            self.begin(cx);
        }
    }

    fn ask(&mut self, cx: &mut Cx<'_, Self>) {
        let Some(write) = self.write else { return };
        self.is_waiting = true;
        // The number is on disk before anybody hears it.
        cx.send_after_sync(self.server, Message::Write(write));
        let wait_us = (ANSWER_US.0 << self.tries.min(DOUBLINGS)).min(ANSWER_US.1);
        let jitter_us = cx.jitter_us(0, wait_us / 4);
        cx.set_timer(wait_us + jitter_us, Timer::Retry);
    }

    fn on_acknowledged(&mut self, from: NodeId, receipt: Receipt, cx: &mut Cx<'_, Self>) {
        if Some(receipt.write) != self.write {
            // It changes nothing here, but it is a promise like the first.
            return cx.record(Fact::HoldsLate(receipt));
        }
        cx.record(Fact::Holds(receipt));
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
            think(cx);
        }
    }

    /// Goes where the cluster says that the leader is, or looks on elsewhere after a pause.
    fn on_refused(
        &mut self,
        from: NodeId,
        leader: Option<NodeId>,
        term: Term,
        cx: &mut Cx<'_, Self>,
    ) {
        cx.record(Fact::IsRefused { by: from });
        self.is_waiting = false;
        // Old news: that server was silent when asked.
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

fn think(cx: &mut Cx<'_, Writer>) {
    let after_us = cx.jitter_us(THINK_US.0, THINK_US.1);
    cx.set_timer(after_us, Timer::Think);
}

impl Process for Writer {
    type Msg = Message;
    type Timer = Timer;
    type Disk = Cell<u32>;
    type Fact = Fact;

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Self>) {
        think(cx);
    }

    fn on_message(&mut self, from: NodeId, msg: Message, cx: &mut Cx<'_, Self>) {
        match msg {
            Message::Acknowledged(receipt) => self.on_acknowledged(from, receipt, cx),
            Message::Refused { write, leader, term } => {
                // Anything else answers what is no longer asked.
                if Some(write) == self.write && self.is_waiting && from == self.server {
                    self.on_refused(from, leader, term, cx);
                }
            }
            Message::WriteNow => self.write_more(1, cx),
            Message::WriteMany(count) => self.write_more(count, cx),
            Message::AskServer(server) => {
                self.server = server;
                if self.write.is_some() { self.ask(cx) } else { self.write_more(1, cx) }
            }
            Message::Write(_) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
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
        }
    }

    fn view(&self, _: &Cell<u32>) -> NodeView {
        let asked = self.write.map(|write| format!("write {} waits", write.number));
        let label = asked.unwrap_or_else(|| "thinks".into());
        NodeView::new(Role::Client, label).showing(self.acknowledged).meaning("writes acknowledged")
    }
}
