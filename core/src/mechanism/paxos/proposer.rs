//! A proposer: brings one decision about at a time, or learns which one it is.

use super::message::{Ballot, Fact, Message, Timer};
use crate::mechanism::quorum::{Phase, Quorums};
use crate::sim::{Boot, Cell, Cx, NodeId, Process};
use crate::view::NodeView;

/// Least and most time until the next ballot after one that came to nothing; doubled with each.
const PAUSE_US: (u64, u64) = (20_000, 60_000);
/// How often the pause is doubled at most.
const DOUBLINGS: u32 = 3;
/// How long a ballot may take.
const BALLOT_US: u64 = 120_000;

/// What a proposer must not forget in a crash.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counts {
    /// The greatest number of its ballots: no two proposals may share one.
    pub ballots: u64,
    /// How many decrees it has proposed something for.
    pub decrees: u32,
}

/// The decree that is to be decided.
#[derive(Clone, Debug, Hash)]
struct Pending {
    decree: u32,
    own: u64,
    ballot: Ballot,
    phase: Phase,
    /// Who has promised, and then who has accepted.
    answers: Vec<NodeId>,
    /// What somebody had accepted before, in the highest ballot of which was heard.
    found: Option<(Ballot, u64)>,
    tries: u32,
}

/// A proposer. The acceptors are the replicas of its quorums.
#[derive(Clone, Debug, Hash)]
pub struct Proposer {
    quorums: Quorums,
    pending: Option<Pending>,
}

impl Proposer {
    /// Creates a proposer that has nothing to propose.
    pub fn new(quorums: Quorums) -> Self {
        Self { quorums, pending: None }
    }

    /// Proposes a value of its own for the next decree, unless it is still busy with the last.
    pub fn propose(&mut self, value: u64, cx: &mut Cx<'_, Self>) {
        if self.pending.is_some() {
            return;
        }
        let counts = cx.disk_mut().get_mut();
        counts.decrees += 1;
        let decree = counts.decrees;
        cx.record(Fact::Begins { decree, value });
        let (ballot, phase, answers) = (Ballot::default(), Phase::Query, Vec::new());
        let (own, found, tries) = (value, None, 0);
        self.pending = Some(Pending { decree, own, ballot, phase, answers, found, tries });
        self.begin_ballot(cx);
    }

    /// Returns the decree that is under way.
    pub fn decree(&self) -> Option<u32> {
        self.pending.as_ref().map(|pending| pending.decree)
    }

    fn begin_ballot(&mut self, cx: &mut Cx<'_, Self>) {
        let Some(pending) = &mut self.pending else { return };
        let proposer = cx.me();
        let counts = cx.disk_mut().get_mut();
        counts.ballots += 1;
        pending.ballot = Ballot { number: counts.ballots, proposer };
        (pending.phase, pending.found) = (Phase::Query, None);
        pending.answers.clear();
        let (decree, ballot) = (pending.decree, pending.ballot);
        for id in self.quorums.ids() {
            cx.send_after_sync(id, Message::Prepare { decree, ballot });
        }
        cx.set_timer(BALLOT_US, Timer::Retry);
    }

    /// Takes in an answer to the ballot under way; true if it is enough for the phase.
    fn counts(&mut self, from: NodeId, phase: Phase) -> bool {
        let Some(pending) = self.pending.as_mut().filter(|it| it.phase == phase) else {
            return false;
        };
        if !pending.answers.contains(&from) {
            pending.answers.push(from);
        }
        self.quorums.are_enough(phase, pending.answers.len())
    }

    fn on_promised(
        &mut self,
        from: NodeId,
        accepted: Option<(Ballot, u64)>,
        cx: &mut Cx<'_, Self>,
    ) {
        let is_enough = self.counts(from, Phase::Query);
        let Some(pending) = &mut self.pending else { return };
        if pending.phase == Phase::Query {
            pending.found = pending.found.max(accepted);
        }
        if !is_enough {
            return;
        }
        pending.phase = Phase::Store;
        pending.answers.clear();
        // What may have been decided stays decided (section 2.2, P2c).
        let value = pending.found.map_or(pending.own, |(_, value)| value);
        pending.found = Some((pending.ballot, value));
        let (decree, ballot) = (pending.decree, pending.ballot);
        for id in self.quorums.ids() {
            cx.send(id, Message::Accept { decree, ballot, value });
        }
    }

    fn on_accepted(&mut self, from: NodeId, cx: &mut Cx<'_, Self>) {
        if !self.counts(from, Phase::Store) {
            return;
        }
        let Some(Pending { decree, found, own, .. }) = self.pending.take() else { return };
        cx.cancel_timer(Timer::Retry);
        let value = found.map_or(own, |(_, value)| value);
        cx.record(Fact::Decides { decree, value });
    }

    fn on_refused(&mut self, promised: u64, cx: &mut Cx<'_, Self>) {
        let Some(pending) = &mut self.pending else { return };
        pending.tries += 1;
        // Whatever else is answered to this ballot comes too late.
        pending.ballot = Ballot::default();
        let (doublings, decree) = (pending.tries.min(DOUBLINGS), pending.decree);
        let counts = cx.disk_mut().get_mut();
        counts.ballots = counts.ballots.max(promised);
        cx.record(Fact::IsRefused { decree });
        // Two that outbid each other for ever would decide nothing (section 2.4): chance parts them.
        let pause_us = cx.jitter_us(PAUSE_US.0, PAUSE_US.1 << doublings);
        cx.set_timer(pause_us, Timer::Retry);
    }
}

impl Process for Proposer {
    type Msg = Message;
    type Timer = Timer;
    type Disk = Cell<Counts>;
    type Fact = Fact;

    fn on_start(&mut self, _: Boot, _: &mut Cx<'_, Self>) {}

    fn on_message(&mut self, from: NodeId, msg: Message, cx: &mut Cx<'_, Self>) {
        let asked = self.pending.as_ref().map(|pending| (pending.decree, pending.ballot));
        match msg {
            Message::Promised { decree, ballot, accepted } if asked == Some((decree, ballot)) => {
                self.on_promised(from, accepted, cx);
            }
            Message::Accepted { decree, ballot } if asked == Some((decree, ballot)) => {
                self.on_accepted(from, cx);
            }
            Message::Refused { decree, ballot, promised } if asked == Some((decree, ballot)) => {
                self.on_refused(promised, cx);
            }
            Message::Prepare { .. }
            | Message::Promised { .. }
            | Message::Accept { .. }
            | Message::Accepted { .. }
            | Message::Refused { .. } => {}
        }
    }

    fn on_timer(&mut self, Timer::Retry: Timer, cx: &mut Cx<'_, Self>) {
        self.begin_ballot(cx);
    }

    fn view(&self, _: &Cell<Counts>) -> NodeView {
        NodeView::default()
    }
}
