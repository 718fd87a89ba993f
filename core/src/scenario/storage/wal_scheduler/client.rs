//! A client: it submits one bill after the other, each again and again until it is accepted.

use super::message::{Fact, Msg, SCHEDULER, Timer};
use super::node::{Disk, Node};
use crate::mechanism::job_log::JobId;
use crate::sim::{Boot, Cx, Kind, NodeId};
use crate::view::NodeView;

/// When the first client submits its first bill, and least and most time until the others do.
const FIRST_US: u64 = 30_000;
/// Least and most time between an acceptance and the next bill.
const THINK_US: (u64, u64) = (250_000, 550_000);
/// How long a client waits for an answer before it asks again.
const PATIENCE_US: u64 = 100_000;

/// A client.
#[derive(Clone, Debug, Hash)]
pub(super) struct Client {
    /// Which one, from 0.
    place: u16,
    /// How many bills it has submitted.
    submitted: u32,
    /// The last of them is not accepted yet.
    pub(super) is_waiting: bool,
    /// Bills that the viewer asked for while one was not accepted.
    extra: u32,
    pub(super) accepted: u32,
}

impl Client {
    pub(super) fn new(place: u16) -> Self {
        Self { place, submitted: 0, is_waiting: false, extra: 0, accepted: 0 }
    }

    /// Returns its last bill.
    pub(super) fn job(&self) -> JobId {
        JobId { client: self.place, number: self.submitted }
    }

    fn submit(&mut self, cx: &mut Cx<'_, Node>) {
        self.submitted += 1;
        self.is_waiting = true;
        cx.record(Fact::Submits(self.job()));
        cx.cancel_timer(Timer::Next);
        self.say(cx);
    }

    fn say(&self, cx: &mut Cx<'_, Node>) {
        cx.send(SCHEDULER, Msg::Submit(self.job()));
        cx.set_timer(PATIENCE_US, Timer::Late);
    }
}

impl Kind<Node> for Client {
    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Node>) {
        let after_us =
            if self.place == 0 { FIRST_US } else { cx.jitter_us(FIRST_US + 20_000, THINK_US.0) };
        cx.set_timer(after_us, Timer::Next);
    }

    fn on_message(&mut self, _: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match msg {
            Msg::Accepted(job) if self.is_waiting && job == self.job() => {
                cx.record(Fact::IsAccepted(job));
                cx.cancel_timer(Timer::Late);
                self.is_waiting = false;
                self.accepted += 1;
                if self.extra > 0 {
                    self.extra -= 1;
                    return self.submit(cx);
                }
                let after_us = cx.jitter_us(THINK_US.0, THINK_US.1);
                cx.set_timer(after_us, Timer::Next);
            }
            Msg::SubmitNow if self.is_waiting => self.extra = self.extra.saturating_add(1),
            Msg::SubmitNow => self.submit(cx),
            Msg::Submit(_)
            | Msg::Accepted(_)
            | Msg::Want(_)
            | Msg::Grant(..)
            | Msg::Look(_)
            | Msg::Seen(..)
            | Msg::Pay(_)
            | Msg::Paid(..)
            | Msg::TooLate(..)
            | Msg::Report(..)
            | Msg::Noted(_) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match (timer, self.is_waiting) {
            (Timer::Next, false) => self.submit(cx),
            (Timer::Late, true) => self.say(cx),
            (Timer::Next | Timer::Late | Timer::Ready | Timer::Reopen, _) => {}
        }
    }

    fn view(&self, _: &Disk) -> NodeView {
        self.show()
    }
}
