//! The dashboard: one question at a time, for points or for rollups, of all that is kept.

use super::message::{Fact, Msg, STORE, Timer};
use super::node::{Disk, Node};
use crate::mechanism::time_series::{Query, What};
use crate::sim::{Boot, Cx, Describe as _, Kind, NodeId};
use crate::view::{NodeView, Role};

/// Least and most time between an answer and the next question.
const THINK_US: (u64, u64) = (5_000, 20_000);
/// How long it waits for an answer.
const PATIENCE_US: u64 = 400_000;
/// So much further than what is kept it asks, in milliseconds: it does not know what is.
const FURTHER_MS: u64 = 1_000;

/// The dashboard.
#[derive(Clone, Debug, Hash)]
pub(super) struct Dashboard {
    /// How many series there are.
    series: u16,
    retention_ms: u64,
    asked: u32,
    open: Option<Query>,
    answered: u32,
}

impl Dashboard {
    pub(super) fn new(series: u16, retention_ms: u64) -> Self {
        Self { series, retention_ms, asked: 0, open: None, answered: 0 }
    }

    fn think(cx: &mut Cx<'_, Node>) {
        let after_us = cx.jitter_us(THINK_US.0, THINK_US.1);
        cx.set_timer(after_us, Timer::Next);
    }

    fn ask(&mut self, what: What, cx: &mut Cx<'_, Node>) {
        let series = u16::try_from(cx.choose(u64::from(self.series))).unwrap_or_default();
        let to = cx.wall_us() / 1_000;
        let from = to.saturating_sub(self.retention_ms + FURTHER_MS);
        let query = Query { series, from, to, what };
        self.asked += 1;
        self.open = Some(query);
        cx.record(Fact::Asks(self.asked, query));
        cx.send(STORE, Msg::Ask(self.asked, query));
        cx.cancel_timer(Timer::Next);
        cx.set_timer(PATIENCE_US, Timer::GiveUp);
    }

    fn hears(&mut self, fact: Fact, cx: &mut Cx<'_, Node>) {
        self.open = None;
        cx.record(fact);
        cx.cancel_timer(Timer::GiveUp);
        Self::think(cx);
    }
}

impl Kind<Node> for Dashboard {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        Self::think(cx);
    }

    fn on_message(&mut self, _: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match (msg, self.open) {
            (Msg::Answer(number, answer), Some(query)) if number == self.asked => {
                self.answered += 1;
                self.hears(Fact::Gets(number, query, answer), cx);
            }
            (Msg::NoAnswer(number, error), Some(_)) if number == self.asked => {
                self.hears(Fact::IsRefused(number, error), cx);
            }
            (Msg::AskNow(what), None) => self.ask(what, cx),
            // It is busy, or waits for that no longer.
            _ => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Next => {
                // By turns.
                let is_even = self.asked.is_multiple_of(2);
                self.ask(if is_even { What::Points } else { What::Rollups }, cx);
            }
            Timer::GiveUp => self.hears(Fact::GivesUp(self.asked), cx),
            Timer::ReadOn | Timer::Again => {}
        }
    }

    fn view(&self, _: &Disk) -> NodeView {
        let label = self.open.map_or_else(|| "looks".into(), |it| Msg::AskNow(it.what).label());
        NodeView::new(Role::Client, label).showing(self.answered).meaning("answers it was given")
    }
}
