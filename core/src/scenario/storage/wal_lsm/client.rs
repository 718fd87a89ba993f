//! A client: one question at a time, never asked again.

use super::message::{Ask, Fact, Key, Msg, Reply, STORE, Timer};
use super::node::{Disk, Node};
use crate::mechanism::writer::Write;
use crate::sim::{Boot, Cx, Kind, NodeId};
use crate::view::{NodeView, Role};

/// Least and most time between an answer and the next question.
const THINK_US: (u64, u64) = (8_000, 30_000);
/// How long a client waits for an answer.
const PATIENCE_US: u64 = 150_000;
/// How many questions in a hundred are writes.
const PUTS_PERCENT: u8 = 70;

/// A client.
#[derive(Clone, Debug, Hash)]
pub(super) struct Client {
    /// Which one, from 0.
    place: u16,
    /// How many keys there are.
    keys: u16,
    /// How many questions it has asked.
    asked: u32,
    /// The question that waits for its answer.
    open: Option<Ask>,
    /// How many writes it was told are kept.
    kept: u32,
}

impl Client {
    pub(super) fn new(place: u16, keys: u16) -> Self {
        Self { place, keys, asked: 0, open: None, kept: 0 }
    }

    fn think(cx: &mut Cx<'_, Node>) {
        let after_us = cx.jitter_us(THINK_US.0, THINK_US.1);
        cx.set_timer(after_us, Timer::Next);
    }

    fn ask(&mut self, ask: Ask, cx: &mut Cx<'_, Node>) {
        self.open = Some(ask);
        cx.record(Fact::Asks(self.asked, ask));
        cx.send(STORE, Msg::Ask(self.asked, ask));
        cx.cancel_timer(Timer::Next);
        cx.set_timer(PATIENCE_US, Timer::GiveUp);
    }

    fn put(&mut self, key: Key, cx: &mut Cx<'_, Node>) {
        self.asked += 1;
        self.ask(Ask::Put(key, Write { client: self.place, number: self.asked }), cx);
    }

    fn get(&mut self, key: Key, cx: &mut Cx<'_, Node>) {
        self.asked += 1;
        self.ask(Ask::Get(key), cx);
    }
}

impl Kind<Node> for Client {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        Self::think(cx);
    }

    fn on_message(&mut self, _: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Reply(number, reply) if number == self.asked => {
                let Some(ask) = self.open.take() else { return };
                self.kept += u32::from(reply == Reply::Done);
                cx.record(Fact::Hears(number, ask, reply));
                cx.cancel_timer(Timer::GiveUp);
                Self::think(cx);
            }
            Msg::PutNow(key) if self.open.is_none() => self.put(key, cx),
            Msg::GetNow(key) if self.open.is_none() => self.get(key, cx),
            // It is busy, or waits for that no longer.
            Msg::Reply(..) | Msg::PutNow(_) | Msg::GetNow(_) | Msg::Ask(..) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Next => {
                let key = cx.choose(u64::from(self.keys));
                let key = Key(u16::try_from(key).unwrap_or_default());
                if cx.chance(PUTS_PERCENT) { self.put(key, cx) } else { self.get(key, cx) }
            }
            Timer::GiveUp => {
                self.open = None;
                cx.record(Fact::GivesUp(self.asked));
                Self::think(cx);
            }
            Timer::Again => {}
        }
    }

    fn view(&self, _: &Disk) -> NodeView {
        use crate::sim::Describe as _;
        let label = self.open.map_or_else(|| "thinks".into(), |ask| ask.label());
        NodeView::new(Role::Client, label).showing(self.kept).meaning("writes it was told are kept")
    }
}
