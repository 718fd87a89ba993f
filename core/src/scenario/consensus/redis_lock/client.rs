//! A client: it gets the lock, sells one ticket under it, and lets go.

use super::message::{Fact, Msg, Timer, Value};
use super::node::{Config, Node};
use crate::mechanism::lease::Until;
use crate::sim::{Boot, Cx, NodeId};

/// Least and most time between two sales of a client.
const IDLE_US: (u64, u64) = (150_000, 400_000);
/// Least and most time that it takes to print a ticket.
const PRINT_US: (u64, u64) = (120_000, 200_000);
/// After so long without an answer a client asks again, or gives an attempt up.
const PATIENCE_US: u64 = 50_000;
/// Least and most time until the next attempt. Random, so that those who have split the keys between
/// them do not do it again.
const RETRY_US: (u64, u64) = (20_000, 90_000);

/// How far a client is.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// It has nothing to sell.
    Idle,
    /// It waits before its next attempt.
    Pauses,
    /// It asks for keys, since this time by its monotonic clock.
    Asks { since_us: u64 },
    /// It has the lock, and asks for a number.
    Numbers,
    /// It asks how many tickets are sold.
    Reads,
    /// It prints a ticket.
    Prints { ticket: u32 },
    /// It writes the ticket down.
    Writes { ticket: u32 },
}

impl Step {
    /// Returns the step in words.
    pub(super) fn text(self) -> String {
        match self {
            Self::Idle => "idle".into(),
            Self::Pauses => "tries again soon".into(),
            Self::Asks { .. } => "asks for keys".into(),
            Self::Numbers => "asks for a number".into(),
            Self::Reads => "reads".into(),
            Self::Prints { ticket } => format!("prints {ticket}"),
            Self::Writes { ticket } => format!("writes {ticket}"),
        }
    }
}

/// A client.
#[derive(Clone, Debug, Hash)]
pub(super) struct Client {
    config: Config,
    pub(super) step: Step,
    /// Names the attempt.
    pub(super) value: Value,
    /// Who has set the key for it.
    pub(super) keys: Vec<NodeId>,
    /// Who has another's key, and so none of its own.
    refusals: Vec<NodeId>,
    /// Until when it has the lock; only while it has.
    pub(super) until: Option<Until>,
    /// Its number, if it has one.
    pub(super) token: u64,
    job: u64,
    /// The instance that it takes for the primary, by its place.
    primary: u16,
}

impl Client {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            step: Step::Idle,
            value: Value(0),
            keys: Vec::new(),
            refusals: Vec::new(),
            until: None,
            token: 0,
            job: 0,
            primary: 0,
        }
    }

    /// Returns the number under which it has the lock, if it has both.
    pub(super) fn number(&self) -> Option<u64> {
        (self.token > 0 && self.until.is_some()).then_some(self.token)
    }

    pub(super) fn on_start(boot: Boot, cx: &mut Cx<'_, Node>) {
        if boot == Boot::Recovered {
            cx.record(Fact::Returns);
        }
        let is_first = boot == Boot::Fresh && cx.me() == NodeId(0);
        let after_us = if is_first { 0 } else { cx.jitter_us(IDLE_US.0, IDLE_US.1) };
        cx.set_timer(after_us, Timer::Job);
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match (timer, self.step) {
            (Timer::Job, Step::Idle) => self.begin(cx),
            (Timer::Ask, Step::Pauses) => self.attempt(cx),
            (Timer::Ask, Step::Asks { .. }) => self.give_up(cx),
            (Timer::Ask, Step::Numbers | Step::Reads | Step::Writes { .. }) => self.ask(cx),
            // Between the last look at the lease and this lies the printing: a pause fits in.
            (Timer::Printed, Step::Prints { ticket }) => {
                self.step = Step::Writes { ticket };
                self.ask(cx);
            }
            (Timer::LeaseEnds, Step::Numbers | Step::Reads | Step::Prints { .. }) => {
                self.look_at_lease(cx);
            }
            _ => {}
        }
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: &Msg, cx: &mut Cx<'_, Node>) {
        if msg.value().is_some_and(|value| value != self.value) {
            return;
        }
        match (msg, self.step) {
            (Msg::Sell, Step::Idle) => self.begin(cx),
            (Msg::Answer { is_set, .. }, _) => self.on_answer(from, *is_set, cx),
            (Msg::ReadOnly { .. }, Step::Asks { .. }) => self.give_up(cx),
            (Msg::Revision { token, .. }, Step::Numbers) => {
                self.token = *token;
                self.go_on(Step::Reads, cx);
            }
            (Msg::Count { sold, .. }, Step::Reads) => {
                self.go_on(Step::Prints { ticket: sold + 1 }, cx);
            }
            (Msg::Written { .. }, Step::Writes { ticket }) => self.finish(ticket, cx),
            (Msg::Refused { .. }, Step::Reads | Step::Writes { .. }) => self.stop(cx),
            // An answer to what is no longer asked.
            _ => {}
        }
    }

    fn finish(&mut self, ticket: u32, cx: &mut Cx<'_, Node>) {
        cx.record(Fact::Sells { job: self.job, ticket });
        self.let_go(cx);
        self.step = Step::Idle;
        let after_us = cx.jitter_us(IDLE_US.0, IDLE_US.1);
        cx.set_timer(after_us, Timer::Job);
    }

    fn begin(&mut self, cx: &mut Cx<'_, Node>) {
        self.job += 1;
        cx.record(Fact::Begins { job: self.job });
        self.attempt(cx);
    }

    /// Asks for the key, at one instance or at all of them, under a value that nobody else has.
    fn attempt(&mut self, cx: &mut Cx<'_, Node>) {
        let nonce = u32::try_from(cx.nonce(1 << 24)).unwrap_or_default();
        self.value = Value(u32::from(cx.me().0) << 24 | nonce);
        (self.keys, self.refusals, self.token) = (Vec::new(), Vec::new(), 0);
        self.step = Step::Asks { since_us: cx.now_us() };
        let ttl_us = self.config.is_atomic.then_some(self.config.ttl_us);
        for to in self.asked() {
            cx.send(to, Msg::Set { value: self.value, ttl_us });
        }
        cx.set_timer(PATIENCE_US, Timer::Ask);
    }

    /// Returns whom it asks for the key.
    fn asked(&self) -> Vec<NodeId> {
        if self.config.has_majority {
            self.config.instances().collect()
        } else {
            vec![self.config.instance(self.primary)]
        }
    }

    fn on_answer(&mut self, from: NodeId, is_set: bool, cx: &mut Cx<'_, Node>) {
        if self.keys.contains(&from) || self.refusals.contains(&from) {
            return;
        }
        if is_set {
            self.keys.push(from);
            // The naive way takes two commands, and anything may happen in between.
            if !self.config.is_atomic {
                cx.send(from, Msg::Expire { value: self.value, ttl_us: self.config.ttl_us });
            }
        } else {
            self.refusals.push(from);
        }
        let Step::Asks { since_us } = self.step else { return };
        let keys = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        let until = Until::after(since_us, self.config.ttl_us);
        if keys >= self.config.needed() && !until.is_over(cx.now_us(), cx.wall_us()) {
            cx.record(Fact::Holds { value: self.value });
            self.until = Some(until);
            self.go_on(if self.config.is_fenced { Step::Numbers } else { Step::Reads }, cx);
        } else if self.keys.len() + self.refusals.len() >= self.asked().len() {
            self.fail(cx);
        }
    }

    /// Too few have answered in time.
    fn give_up(&mut self, cx: &mut Cx<'_, Node>) {
        self.primary = 1 - self.primary;
        self.fail(cx);
    }

    /// Gives the keys back that it has got, also where it has not heard whether it has one.
    fn fail(&mut self, cx: &mut Cx<'_, Node>) {
        if self.config.has_majority {
            let keys = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
            cx.record(Fact::FindsNoMajority { keys });
            self.let_go(cx);
        }
        self.pause(cx);
    }

    fn pause(&mut self, cx: &mut Cx<'_, Node>) {
        self.step = Step::Pauses;
        let after_us = cx.jitter_us(RETRY_US.0, RETRY_US.1);
        cx.set_timer(after_us, Timer::Ask);
    }

    /// Takes the next step, if there is time left.
    fn go_on(&mut self, step: Step, cx: &mut Cx<'_, Node>) {
        self.step = step;
        self.look_at_lease(cx);
        if self.step == step {
            self.ask(cx);
        }
    }

    /// Does what its step is, for the first time or again.
    fn ask(&mut self, cx: &mut Cx<'_, Node>) {
        let (value, token, office) = (self.value, self.token, self.config.office());
        match self.step {
            Step::Numbers => cx.send(self.config.counter(), Msg::Next { value }),
            Step::Reads => cx.send(office, Msg::Read { value, token }),
            Step::Writes { ticket } => cx.send(office, Msg::Write { value, token, ticket }),
            Step::Prints { .. } => {
                let after_us = cx.jitter_us(PRINT_US.0, PRINT_US.1);
                return cx.set_timer(after_us, Timer::Printed);
            }
            Step::Idle | Step::Pauses | Step::Asks { .. } => return,
        }
        cx.set_timer(PATIENCE_US, Timer::Ask);
    }

    fn look_at_lease(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(until) = self.until else { return };
        match until.left_us(cx.now_us(), cx.wall_us()) {
            0 => self.stop(cx),
            left_us => cx.set_timer(left_us, Timer::LeaseEnds),
        }
    }

    /// Its time is over: it must begin again.
    fn stop(&mut self, cx: &mut Cx<'_, Node>) {
        cx.record(Fact::Stops);
        cx.cancel_timer(Timer::Printed);
        self.let_go(cx);
        self.pause(cx);
    }

    fn let_go(&mut self, cx: &mut Cx<'_, Node>) {
        self.until = None;
        cx.cancel_timer(Timer::LeaseEnds);
        let delete = Msg::Delete { value: self.value, compares: self.config.compares };
        for to in self.asked().into_iter().filter(|to| !self.refusals.contains(to)) {
            cx.send(to, delete.clone());
        }
    }
}
