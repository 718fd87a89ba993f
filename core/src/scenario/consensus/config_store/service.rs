//! A service: one of several becomes the primary, by a key that goes with its lease, and sets the limit.

use std::collections::VecDeque;

use super::message::{Answer, Call, FLAG, Fact, LIMIT, Msg, PRIMARY, value_in};
use super::node::{Node, Timer};
use super::route::{ANSWER_US, PAUSE_US, Route};
use crate::mechanism::revisions::{
    Command, Compare, LeaseId, Operation, Outcome, Refusal, Relation, Request, Revision, Target,
    Transaction,
};
use crate::sim::{Cx, NodeId};
use crate::view::{NodeView, Role, Widget};

/// Least and most time between an answer and the next request.
const THINK_US: (u64, u64) = (20_000, 50_000);

/// The lease that a service has, as far as it knows.
#[derive(Clone, Debug, Hash)]
struct Held {
    id: LeaseId,
    /// When it asked for the last renewal that it was told of, by its own clock.
    renewed_us: u64,
}

/// A service.
#[derive(Clone, Debug, Hash)]
pub(super) struct Service {
    /// Which one, from 0.
    number: u16,
    lease_us: u64,
    /// Safeguard: what the primary writes is written only while it is the primary.
    is_guarded: bool,
    route: Route,
    lease: Option<Held>,
    /// The revision in which it became the primary, if it believes that it is.
    pub(super) claim: Option<Revision>,
    /// The limit, if it knows it.
    limit: Option<u64>,
    /// When it tries next to become the primary.
    claim_us: u64,
    /// What the viewer asked for.
    flags: VecDeque<bool>,
    /// What it waits for: its number, and when it was first asked.
    open: Option<(u32, Call, u64)>,
}

impl Service {
    pub(super) fn new(number: u16, servers: u16, lease_us: u64, is_guarded: bool) -> Self {
        Self {
            number,
            lease_us,
            is_guarded,
            route: Route::new(servers, NodeId(0)),
            lease: None,
            claim: None,
            limit: None,
            // The first gets the chance to be first.
            claim_us: u64::from(number) * lease_us / 3,
            flags: VecDeque::new(),
            open: None,
        }
    }

    pub(super) fn think(cx: &mut Cx<'_, Node>) {
        let after_us = cx.jitter_us(THINK_US.0, THINK_US.1);
        cx.set_timer(after_us, Timer::Think);
    }

    /// Begins what is most pressing, unless something is under way.
    fn begin(&mut self, cx: &mut Cx<'_, Node>) {
        if self.open.is_some() {
            return;
        }
        let now_us = cx.now_us();
        let call = match &self.lease {
            None => Call::Grant,
            Some(held) if now_us >= held.renewed_us + self.lease_us / 3 => Call::Renew,
            Some(_) => match (self.flags.pop_front(), self.claim, self.limit) {
                (Some(on), ..) => Call::Flag(on),
                (None, None, _) if now_us >= self.claim_us => Call::Claim,
                (None, None, _) => return Self::think(cx),
                (None, Some(_), None) => Call::Read,
                (None, Some(_), Some(limit)) => Call::Limit(limit + 1),
            },
        };
        let number = cx.disk_mut().1.get_mut();
        *number += 1;
        let number = *number;
        if call == Call::Grant {
            let id = LeaseId::from(self.number) << 32 | LeaseId::from(number);
            self.lease = Some(Held { id, renewed_us: now_us });
        }
        self.open = Some((number, call, now_us));
        cx.record(Fact::Asks { number, call });
        self.ask(cx);
    }

    /// Returns what a call is to the store; nothing for a read.
    fn command(&self, call: Call) -> Option<Command> {
        let lease = self.lease.as_ref().map(|held| held.id);
        let put = |key, value, lease| vec![Operation::Put { key, value, lease }];
        let primary_since = |revision| {
            let (relation, target) = (Relation::Equal, Target::Created(revision));
            vec![Compare { key: PRIMARY, relation, target }]
        };
        let transaction = match call {
            Call::Grant => return Some(Command::Grant { lease: lease?, lasts_us: self.lease_us }),
            Call::Renew => return Some(Command::KeepAlive(lease?)),
            Call::Read => return None,
            Call::Claim => Transaction {
                compares: primary_since(0),
                then: put(PRIMARY, self.number.into(), lease),
                ..Transaction::default()
            },
            Call::Limit(limit) => Transaction {
                compares: match self.claim.filter(|_| self.is_guarded) {
                    Some(since) => primary_since(since),
                    None => Vec::new(),
                },
                then: put(LIMIT, limit, None),
                ..Transaction::default()
            },
            Call::Flag(on) => {
                Transaction { then: put(FLAG, on.into(), None), ..Transaction::default() }
            }
        };
        Some(Command::Transact(transaction))
    }

    fn ask(&mut self, cx: &mut Cx<'_, Node>) {
        let Some((number, call, _)) = self.open else { return };
        self.route.is_waiting = true;
        let msg = match self.command(call) {
            Some(command) => Msg::Ask(Request { id: Some((self.number, number)), command }, call),
            None => Msg::Read { number },
        };
        // The number is on disk before anybody hears it, so that it never stands for two requests.
        cx.send_after_sync(self.route.server, msg);
        let after_us = cx.jitter_us(ANSWER_US.0, ANSWER_US.1);
        cx.set_timer(after_us, Timer::Retry);
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        let open = self.open.map(|(number, ..)| number);
        match msg {
            Msg::Done { number, outcome, term } if open == Some(number) => {
                self.route.led(from, term);
                self.on_done(&outcome, cx);
            }
            Msg::Listed { number, revision, items, term } if open == Some(number) => {
                self.route.led(from, term);
                let limit = value_in(&items, LIMIT);
                self.limit = Some(limit);
                self.end(Answer { revision, is_done: true, limit }, cx);
            }
            Msg::NotLeader { number, leader, term }
                if open == Some(number) && self.route.is_waiting && from == self.route.server =>
            {
                cx.record(Fact::AsksElsewhere { server: from });
                self.route.refused(leader, term);
                let after_us = cx.jitter_us(PAUSE_US.0, PAUSE_US.1);
                cx.set_timer(after_us, Timer::Retry);
            }
            Msg::SetFlag(on) => {
                self.flags.push_back(on);
                self.begin(cx);
            }
            Msg::Raft(_)
            | Msg::Ask(..)
            | Msg::Done { .. }
            | Msg::Read { .. }
            | Msg::Listed { .. }
            | Msg::NotLeader { .. }
            | Msg::Watch { .. }
            | Msg::Batch(_)
            | Msg::Compacted { .. }
            | Msg::Cancel { .. }
            | Msg::ReadNow
            | Msg::CompactNow => {}
        }
    }

    fn on_done(&mut self, outcome: &Outcome, cx: &mut Cx<'_, Node>) {
        let Some((_, call, asked_us)) = self.open else { return };
        let is_done = outcome.result == Ok(true);
        match call {
            Call::Renew if is_done => {
                if let Some(held) = &mut self.lease {
                    held.renewed_us = asked_us;
                }
            }
            Call::Claim if is_done => (self.claim, self.limit) = (Some(outcome.revision), None),
            Call::Claim => self.claim_us = cx.now_us() + self.lease_us / 3,
            Call::Limit(limit) if is_done => self.limit = Some(limit),
            // Another is the primary, or nobody: whoever is told so is it no longer.
            Call::Limit(_) => self.claim = None,
            Call::Grant | Call::Renew | Call::Flag(_) | Call::Read => {}
        }
        if outcome.result == Err(Refusal::NoLease) {
            (self.lease, self.claim) = (None, None);
        }
        self.end(Answer { revision: outcome.revision, is_done, limit: 0 }, cx);
    }

    fn end(&mut self, answer: Answer, cx: &mut Cx<'_, Node>) {
        let Some((number, call, _)) = self.open.take() else { return };
        cx.record(Fact::IsTold { number, call, answer });
        cx.cancel_timer(Timer::Retry);
        if self.flags.is_empty() { Self::think(cx) } else { self.begin(cx) }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        match timer {
            Timer::Think => self.begin(cx),
            Timer::Retry => {
                if self.route.is_waiting {
                    cx.record(Fact::AsksElsewhere { server: self.route.server });
                    self.route.try_next();
                }
                self.ask(cx);
            }
            Timer::Raft(_) | Timer::Tick | Timer::Silence => {}
        }
    }

    pub(super) fn view(&self) -> NodeView {
        let label = if self.claim.is_some() { "believes it is primary" } else { "stands by" };
        let lease = if self.lease.is_some() { "held" } else { "none" };
        NodeView::new(Role::Client, label)
            .showing_if(self.limit.filter(|_| self.claim.is_some()))
            .with([Widget::field("lease", lease)])
    }
}
