//! A worker: it takes a bill, asks the bank whether it is paid, makes the payment out, and reports.

use super::message::{Attempt, BANK, Fact, Msg, SCHEDULER, Timer, W1};
use super::node::{Disk, Node};
use crate::sim::{Boot, Cx, Kind, NodeId};
use crate::view::NodeView;

/// When the first worker asks for work, and least and most time until the others do.
const FIRST_US: u64 = 45_000;
const BEGIN_US: (u64, u64) = (80_000, 120_000);
/// Least and most time between two questions for work.
const IDLE_US: (u64, u64) = (20_000, 40_000);
/// Least and most time that it takes to make a payment out.
const WORK_US: (u64, u64) = (120_000, 200_000);
/// How long it waits for an answer before it asks again.
const PATIENCE_US: u64 = 60_000;

/// How far a worker is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// It asks for work.
    Idle,
    /// It asks the bank whether the bill is paid.
    Looks,
    /// It makes the payment out.
    Works,
    /// It has the bank pay.
    Pays,
    /// It reports this payment.
    Reports(u32),
}

/// A worker.
#[derive(Clone, Debug, Hash)]
pub(super) struct Worker {
    pub(super) step: Step,
    /// What it has to do, if anything.
    pub(super) attempt: Option<Attempt>,
    /// Its present question for work.
    question: u32,
    /// How many bills it has reported.
    pub(super) reported: u32,
}

impl Worker {
    pub(super) fn new() -> Self {
        Self { step: Step::Idle, attempt: None, question: 0, reported: 0 }
    }

    /// Says what its step is about, for the first time or again.
    fn say(&self, cx: &mut Cx<'_, Node>) {
        let (to, msg) = match (self.step, self.attempt) {
            (Step::Looks, Some(it)) => (BANK, Msg::Look(it)),
            (Step::Pays, Some(it)) => (BANK, Msg::Pay(it)),
            (Step::Reports(receipt), Some(it)) => (SCHEDULER, Msg::Report(it, receipt)),
            (Step::Idle | Step::Works, _) | (_, None) => return,
        };
        cx.send(to, msg);
        cx.set_timer(PATIENCE_US, Timer::Late);
    }

    fn turn(&mut self, step: Step, cx: &mut Cx<'_, Node>) {
        self.step = step;
        cx.cancel_timer(Timer::Late);
        self.say(cx);
    }

    /// It has nothing to do, and asks for work.
    fn rest(&mut self, after_us: u64, cx: &mut Cx<'_, Node>) {
        (self.step, self.attempt) = (Step::Idle, None);
        // Unlike any question of a life before a crash, whose answer may still be on its way.
        self.question = u32::try_from(cx.nonce(1 << 24)).unwrap_or_default();
        cx.cancel_timer(Timer::Late);
        cx.cancel_timer(Timer::Ready);
        cx.set_timer(after_us, Timer::Next);
    }

    fn on_answer(&mut self, it: Attempt, msg: &Msg, cx: &mut Cx<'_, Node>) {
        match (self.step, msg) {
            (Step::Looks, Msg::Seen(_, None)) => {
                self.turn(Step::Works, cx);
                // Between this look and the payment lies the work: a pause fits in.
                let work_us = cx.jitter_us(WORK_US.0, WORK_US.1);
                cx.set_timer(work_us, Timer::Ready);
            }
            (Step::Looks, Msg::Seen(_, Some(receipt))) => {
                cx.record(Fact::FindsPaid(it, *receipt));
                self.turn(Step::Reports(*receipt), cx);
            }
            (Step::Pays, Msg::Paid(_, receipt)) => self.turn(Step::Reports(*receipt), cx),
            (Step::Reports(_), Msg::Noted(_)) => {
                self.reported += 1;
                self.rest(0, cx);
            }
            (Step::Looks | Step::Pays | Step::Reports(_), Msg::TooLate(..)) => {
                cx.record(Fact::GivesUp(it));
                self.rest(0, cx);
            }
            // An answer to what it no longer asks.
            _ => {}
        }
    }
}

impl Kind<Node> for Worker {
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        let after_us = match boot {
            Boot::Fresh if cx.me() == W1 => FIRST_US,
            Boot::Fresh => cx.jitter_us(BEGIN_US.0, BEGIN_US.1),
            Boot::Recovered => cx.jitter_us(IDLE_US.0, IDLE_US.1),
        };
        self.rest(after_us, cx);
    }

    fn on_message(&mut self, _: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        match &msg {
            Msg::Grant(question, attempt)
                if self.step == Step::Idle && *question == self.question =>
            {
                self.attempt = Some(*attempt);
                cx.cancel_timer(Timer::Next);
                self.turn(Step::Looks, cx);
            }
            Msg::Seen(it, _) | Msg::Paid(it, _) | Msg::TooLate(it, _) | Msg::Noted(it)
                if self.attempt == Some(*it) =>
            {
                self.on_answer(*it, &msg, cx);
            }
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
            | Msg::Noted(_)
            | Msg::SubmitNow => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match (timer, self.step) {
            (Timer::Next, Step::Idle) => {
                cx.send(SCHEDULER, Msg::Want(self.question));
                let after_us = cx.jitter_us(IDLE_US.0, IDLE_US.1);
                cx.set_timer(after_us, Timer::Next);
            }
            (Timer::Ready, Step::Works) => self.turn(Step::Pays, cx),
            (Timer::Late, _) => self.say(cx),
            (Timer::Next | Timer::Ready | Timer::Reopen, _) => {}
        }
    }

    fn view(&self, _: &Disk) -> NodeView {
        self.show()
    }
}
