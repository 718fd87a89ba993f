//! An app: hands one message over at a time, and asks again until it is told that it is taken.

use super::message::{FIRST_APP, Fact, Message, Msg, SENDER, Timer};
use super::node::{Disk, Node};
use crate::sim::{Boot, Cx, Kind, NodeId};
use crate::view::{NodeView, Role};

/// Least and most time between two messages.
const THINK_US: (u64, u64) = (20_000, 52_000);
/// How long an app waits before it asks again.
const PATIENCE_US: u64 = 150_000;

/// An app.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct App {
    /// How many messages it has begun to hand over.
    number: u32,
    /// Whether the last one waits to be taken.
    waits: bool,
    /// How many it was told are taken.
    taken: u32,
}

impl App {
    fn think(cx: &mut Cx<'_, Node>) {
        let after_us = cx.jitter_us(THINK_US.0, THINK_US.1);
        cx.set_timer(after_us, Timer::Next);
    }

    fn next(&mut self, cx: &mut Cx<'_, Node>) {
        self.number += 1;
        self.waits = true;
        cx.record(Fact::HandsOver(self.number));
        cx.cancel_timer(Timer::Next);
        self.hand_over(cx);
    }

    fn hand_over(&self, cx: &mut Cx<'_, Node>) {
        let app = cx.me().0 - FIRST_APP + 1;
        cx.send(SENDER, Msg::HandOver(Message::of((app, self.number))));
        cx.set_timer(PATIENCE_US, Timer::Late);
    }
}

impl Kind<Node> for App {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        Self::think(cx);
    }

    fn on_message(&mut self, _: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Taken(number) if self.waits && number == self.number => {
                self.waits = false;
                self.taken += 1;
                cx.record(Fact::Hears(number));
                cx.cancel_timer(Timer::Late);
                Self::think(cx);
            }
            Msg::HandOverNow if !self.waits => self.next(cx),
            Msg::Taken(_)
            | Msg::HandOverNow
            | Msg::HandOver(_)
            | Msg::Deliver(..)
            | Msg::Delivered(_) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Next if !self.waits => self.next(cx),
            Timer::Late if self.waits => {
                cx.record(Fact::AsksAgain(self.number));
                self.hand_over(cx);
            }
            Timer::Next | Timer::Late | Timer::Unheard(_) | Timer::Flush | Timer::Again => {}
        }
    }

    fn view(&self, _: &Disk) -> NodeView {
        let label = if self.waits { "waits" } else { "works" };
        NodeView::new(Role::Client, label)
            .showing(self.taken)
            .meaning("its messages that it was told are taken")
    }
}
