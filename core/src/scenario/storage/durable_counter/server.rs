//! The node that counts: it asks its disk, and answers when it may.

use std::collections::VecDeque;

use super::message::{Ask, Fact, Msg, Reply, Timer};
use super::node::{Disk, Node};
use crate::mechanism::durable_counter::{Counter, CounterError, Settings, State};
use crate::sim::{Boot, Cx, Kind, NodeId, SyncId};
use crate::view::NodeView;

/// How long it waits before it opens its files again, or tries again what had no room.
const AGAIN_US: u64 = 60_000;

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
    /// The counter, or why it does not open; none before the first start.
    pub(super) counter: Option<Result<Counter, CounterError>>,
    /// Oldest first.
    pub(super) waiting: VecDeque<Waiting>,
}

impl Server {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, counter: None, waiting: VecDeque::new() }
    }

    /// Returns the counter, if it was opened.
    pub(super) fn counter(&self) -> Option<&Counter> {
        self.counter.as_ref()?.as_ref().ok()
    }

    fn open(&mut self, cx: &mut Cx<'_, Node>) {
        let opened = Counter::open(self.settings.clone(), cx.disk_mut());
        cx.record(match &opened {
            Ok(counter) => Fact::Finds(counter.last(), counter.damaged().to_vec()),
            Err(error) => Fact::Refuses(error.clone()),
        });
        self.counter = Some(opened);
        self.look(State::Opening, cx);
    }

    /// Does what is to be done after the counter has done something: tells that it counts, or is in
    /// doubt, and comes back if it has to wait for room.
    fn look(&mut self, before: State, cx: &mut Cx<'_, Node>) {
        let Some(Ok(counter)) = &mut self.counter else { return };
        counter.sync(cx.disk_mut());
        let (state, durable, is_stalled) =
            (counter.state(), counter.durable(), counter.stalled().is_some());
        if state == State::InDoubt && before != State::InDoubt {
            cx.record(Fact::Doubts);
            for it in self.waiting.drain(..) {
                cx.send(it.client, Msg::Reply(it.question, Reply::Unknown));
            }
        }
        if state == State::Open && before == State::Opening {
            cx.record(Fact::Serves(durable));
        }
        if is_stalled || state == State::InDoubt {
            cx.set_timer(AGAIN_US, Timer::Again);
        }
        while let Some(it) = self.waiting.pop_front_if(|it| it.sequence <= durable) {
            cx.send(it.client, Msg::Reply(it.question, Reply::Counted));
        }
    }

    /// Lets the counter do something, and looks what came of it.
    fn with<T>(
        &mut self,
        cx: &mut Cx<'_, Node>,
        act: impl FnOnce(&mut Counter, &mut Disk) -> T,
    ) -> Option<T> {
        let Some(Ok(counter)) = &mut self.counter else { return None };
        let before = counter.state();
        let done = act(counter, cx.disk_mut());
        self.look(before, cx);
        Some(done)
    }

    fn add(&mut self, client: NodeId, question: u32, cx: &mut Cx<'_, Node>) {
        let source = client.0 - 1;
        let Some(Ok(counter)) = &mut self.counter else {
            return cx.send(client, Msg::Reply(question, Reply::Refused(CounterError::Busy)));
        };
        let before = counter.state();
        match counter.add(cx.disk_mut(), (source, question)) {
            Ok(added) => {
                // What was counted before is safe when all is that was counted since.
                let sequence = added.unwrap_or(counter.last());
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
        self.look(before, cx);
    }

    fn read(&self) -> Reply {
        match self.counter() {
            // Who reads what a crash can undo has been told what may never have been.
            Some(counter) if counter.state() == State::Open => Reply::Count(counter.durable()),
            Some(_) | None => Reply::Refused(CounterError::Busy),
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
        match self.counter().map(Counter::state) {
            // The cache cannot be believed after a failed sync: all is read and written anew.
            Some(State::InDoubt) => self.open(cx),
            Some(State::Opening | State::Open) => _ = self.with(cx, |it, disk| it.go_on(disk)),
            None => {}
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
