//! The node that counts: it asks its disk, and answers when it may.

use std::collections::VecDeque;

use super::message::{Ask, Fact, Msg, Reply, Timer};
use super::node::{Disk, Node};
use crate::mechanism::durable_counter::{Counter, CounterError, Settings};
use crate::mechanism::mount::{AGAIN_US, Due, Mount, Turn};
use crate::sim::{Boot, Cx, Kind, NodeId, SyncId};
use crate::view::NodeView;

/// A +1 whose client waits.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Waiting {
    /// It is safe when the count has come so far.
    pub(super) sequence: u64,
    client: NodeId,
    question: u32,
}

/// The node.
#[derive(Clone, Debug, Hash)]
pub(super) struct Server {
    pub(super) settings: Settings,
    pub(super) counter: Mount<Counter>,
    /// Oldest first.
    pub(super) waiting: VecDeque<Waiting>,
}

impl Server {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, counter: Mount::default(), waiting: VecDeque::new() }
    }

    fn open(&mut self, cx: &mut Cx<'_, Node>) {
        let opened = Counter::open(self.settings.clone(), cx.disk_mut());
        if let Ok(counter) = &opened {
            cx.record(Fact::Finds(counter.last(), counter.damaged().to_vec()));
        }
        let turn = self.counter.mount(opened);
        self.look(turn, cx);
    }

    /// Does what is to be done after the counter has done something: tells that it counts, or is in
    /// doubt, and comes back if that may help.
    fn look(&mut self, turn: Turn, cx: &mut Cx<'_, Node>) {
        if let Some(error) = self.counter.refusal().filter(|_| turn.refuses) {
            cx.record(Fact::Refuses(error.clone()));
        }
        if turn.doubts {
            cx.record(Fact::Doubts);
            for it in self.waiting.drain(..) {
                cx.send(it.client, Msg::Reply(it.question, Reply::Unknown));
            }
        }
        if turn.wakes {
            cx.set_timer(AGAIN_US, Timer::Again);
        }
        let Some(durable) = self.counter.store().map(Counter::durable) else { return };
        if turn.serves {
            cx.record(Fact::Serves(durable));
        }
        while let Some(it) = self.waiting.pop_front_if(|it| it.sequence <= durable) {
            cx.send(it.client, Msg::Reply(it.question, Reply::Counted));
        }
    }

    /// Lets the counter do something, and looks what came of it.
    fn with(&mut self, cx: &mut Cx<'_, Node>, act: impl FnOnce(&mut Counter, &mut Disk)) {
        if let Some(((), turn)) = self.counter.with(cx.disk_mut(), act) {
            self.look(turn, cx);
        }
    }

    fn add(&mut self, client: NodeId, question: u32, cx: &mut Cx<'_, Node>) {
        let source = client.0 - 1;
        let added = self.counter.with(cx.disk_mut(), |it, disk| {
            // What was counted before is safe when all is that was counted since.
            it.add(disk, (source, question)).map(|added| (added, it.last()))
        });
        let Some((added, turn)) = added else {
            return cx.send(client, Msg::Reply(question, Reply::Refused(CounterError::Busy)));
        };
        match added {
            Ok((added, last)) => {
                let sequence = added.unwrap_or(last);
                if added.is_some() {
                    cx.record(Fact::Counts { sequence, client: source, question });
                }
                self.waiting.push_back(Waiting { sequence, client, question });
            }
            Err(CounterError::InDoubt) => {
                cx.send(client, Msg::Reply(question, Reply::Unknown));
            }
            Err(error) => cx.send(client, Msg::Reply(question, Reply::Refused(error))),
        }
        self.look(turn, cx);
    }

    fn read(&self) -> Reply {
        match self.counter.serving() {
            // Who reads what a crash can undo has been told what may never have been.
            Some(counter) => Reply::Count(counter.durable()),
            None => Reply::Refused(CounterError::Busy),
        }
    }
}

impl Kind<Node> for Server {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        self.open(cx);
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Ask(question, Ask::Add) => self.add(from, question, cx),
            Msg::Ask(question, Ask::Read) => cx.send(from, Msg::Reply(question, self.read())),
            Msg::Reply(..) | Msg::AskNow(_) => {}
        }
    }

    fn on_timer(&mut self, _: Timer, cx: &mut Cx<'_, Node>) {
        match self.counter.come_back() {
            Due::Mount => self.open(cx),
            Due::GoOn => self.with(cx, |it, disk| it.go_on(disk)),
            Due::Nothing => {}
        }
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        self.with(cx, |it, disk| it.synced(disk, sync));
    }

    fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        self.with(cx, |it, _| it.sync_failed(sync));
    }

    fn view(&self, disk: &Disk) -> NodeView {
        self.show(disk)
    }
}
