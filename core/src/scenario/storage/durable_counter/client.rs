//! A client: one question at a time, asked again until it is answered.

use super::message::{Ask, COUNTER, Fact, Msg, Reply, Timer};
use super::node::Node;
use crate::sim::{Boot, Cx, Describe as _, Kind, NodeId};
use crate::view::{NodeView, Role};

/// Least and most time between an answer and the next question.
const THINK_US: (u64, u64) = (8_000, 30_000);
/// How long a client waits for an answer before it asks again.
const PATIENCE_US: u64 = 150_000;
/// How many questions in a hundred are +1.
const ADDS_PERCENT: u8 = 80;

/// A client.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Client {
    /// How many questions it has asked.
    asked: u32,
    /// The question that waits for its answer.
    open: Option<Ask>,
    /// How many +1 it was told are counted.
    counted: u32,
}

impl Client {
    fn think(cx: &mut Cx<'_, Node>) {
        let after_us = cx.jitter_us(THINK_US.0, THINK_US.1);
        cx.set_timer(after_us, Timer::Next);
    }

    fn ask(&mut self, ask: Ask, cx: &mut Cx<'_, Node>) {
        self.asked += 1;
        self.open = Some(ask);
        cx.record(Fact::Asks(self.asked, ask));
        cx.cancel_timer(Timer::Next);
        self.send(ask, cx);
    }

    fn send(&self, ask: Ask, cx: &mut Cx<'_, Node>) {
        cx.send(COUNTER, Msg::Ask(self.asked, ask));
        cx.set_timer(PATIENCE_US, Timer::Late);
    }
}

impl Kind<Node> for Client {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        Self::think(cx);
    }

    fn on_message(&mut self, _: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Reply(number, reply @ (Reply::Counted | Reply::Count(_)))
                if number == self.asked =>
            {
                let Some(ask) = self.open.take() else { return };
                self.counted += u32::from(reply == Reply::Counted);
                cx.record(Fact::Hears(number, ask, reply));
                cx.cancel_timer(Timer::Late);
                Self::think(cx);
            }
            Msg::AskNow(ask) if self.open.is_none() => self.ask(ask, cx),
            // It has no answer in that, and asks again when it has waited long enough; or it is busy.
            Msg::Reply(..) | Msg::AskNow(_) | Msg::Ask(..) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match (timer, self.open) {
            (Timer::Next, None) => {
                let ask = if cx.chance(ADDS_PERCENT) { Ask::Add } else { Ask::Read };
                self.ask(ask, cx);
            }
            (Timer::Late, Some(ask)) => {
                cx.record(Fact::AsksAgain(self.asked));
                self.send(ask, cx);
            }
            (Timer::Next | Timer::Late | Timer::Again, _) => {}
        }
    }

    fn view(&self, _: &super::node::Disk) -> NodeView {
        let label = self.open.map_or_else(|| "thinks".into(), |ask| ask.label());
        NodeView::new(Role::Client, label)
            .showing(self.counted)
            .meaning("+1 it was told are counted")
    }
}
