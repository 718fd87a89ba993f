//! A server: whoever leads by its group's rule writes to the group's store.

use super::Style;
use super::message::{Fact, Msg, Timer};
use super::node::{Disk, Node};
use crate::mechanism::bully::{self, Bully};
use crate::mechanism::fencing::Promise;
use crate::mechanism::lease::{self, LeaseElection};
use crate::mechanism::raft::{self, Raft};
use crate::mechanism::writer::Write;
use crate::sim::{Boot, Cx, NodeId, Process, SyncId};

/// How often a leader says that it is there.
const HEARTBEAT_US: u64 = 50_000;
/// How long a bully, and who asks for a lease, waits for answers.
const ANSWER_US: u64 = 30_000;
/// Least and most time between a leader's writes.
const WRITE_US: (u64, u64) = (15_000, 30_000);

/// How a group goes about it.
#[derive(Clone, Debug, Hash)]
pub(super) struct Config {
    pub(super) style: Style,
    /// The servers of the group, by rank.
    pub(super) members: Vec<NodeId>,
    pub(super) store: NodeId,
    /// Who has not been heard for this long is not there.
    pub(super) timeout_us: u64,
    /// Safeguard: a majority has to agree on a leader.
    pub(super) majority: bool,
    /// Safeguard: epochs are given once, remembered, and checked.
    pub(super) epochs: bool,
}

/// A group's rule for who leads.
#[derive(Clone, Debug, Hash)]
pub(super) enum Election {
    Bully(Bully),
    Lease(LeaseElection),
    Raft(Box<Raft<Write>>),
}

/// A server.
#[derive(Clone, Debug, Hash)]
pub(super) struct Server {
    pub(super) config: Config,
    pub(super) election: Election,
    /// The epoch in which it was leading after the last event.
    pub(super) reign: Option<u64>,
    /// The number of its last write since it came up.
    number: u32,
}

impl Config {
    fn election(&self, me: NodeId, promise: Promise, has_crashed: bool) -> Election {
        let (members, epochs) = (self.members.clone(), self.epochs);
        match self.style {
            Style::Bully => {
                let config = bully::Config {
                    members,
                    answer_us: ANSWER_US,
                    silence_us: self.timeout_us,
                    alive_us: HEARTBEAT_US,
                    majority: self.majority,
                    epochs,
                };
                Election::Bully(Bully::new(me, config, promise))
            }
            Style::Lease => {
                // Safeguard: a majority grants, instead of the first server alone.
                let granters = if self.majority { members.len() } else { 1 };
                let config = lease::Config {
                    granters: members.iter().copied().take(granters).collect(),
                    members,
                    duration_us: 2 * self.timeout_us,
                    renew_us: HEARTBEAT_US,
                    attempt_us: ANSWER_US,
                    epochs,
                };
                Election::Lease(LeaseElection::new(me, config, promise, has_crashed))
            }
            Style::Raft => {
                let timeout_us = (self.timeout_us, 2 * self.timeout_us);
                let config = raft::Config::by_votes(members, timeout_us, HEARTBEAT_US);
                Election::Raft(Box::new(Raft::new(config)))
            }
        }
    }
}

impl Server {
    pub(super) fn new(me: NodeId, config: Config) -> Self {
        let election = config.election(me, Promise::default(), false);
        Self { config, election, reign: None, number: 0 }
    }

    /// Returns whom it takes for the leader, at this time of its clock.
    pub(super) fn leader(&self, now_us: u64) -> Option<NodeId> {
        match &self.election {
            Election::Bully(bully) => bully.leader(),
            Election::Lease(lease) => lease.leader(now_us),
            Election::Raft(raft) => raft.leader(),
        }
    }

    pub(super) fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        let of = u16::try_from(self.config.members.len()).unwrap_or(u16::MAX);
        let is_new = boot == Boot::Fresh;
        cx.record(if is_new { Fact::IsUp { of } } else { Fact::Recovers });
        // Without the safeguard an epoch is a mere label, and nobody writes labels down.
        let kept = Some(*cx.disk().1.0.get()).filter(|_| self.config.epochs);
        let me = cx.me();
        self.election = self.config.election(me, kept.unwrap_or_default(), !is_new);
        // In every group the last server leads first.
        let is_first = is_new && self.config.members.last() == Some(&me);
        let sends = match &mut self.election {
            Election::Bully(bully) => said(Msg::Bully, bully.call_election(cx.now_us())),
            Election::Lease(lease) if is_first => said(Msg::Lease, lease.ask(cx.now_us())),
            Election::Lease(_) => Vec::new(),
            Election::Raft(raft) => {
                cx.lift(|cx| raft.on_start(boot, cx));
                if is_first {
                    cx.lift(|cx| raft.campaign(cx));
                }
                Vec::new()
            }
        };
        self.settle(sends, cx);
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        let now_us = cx.now_us();
        let sends = match (&mut self.election, msg) {
            (Election::Bully(bully), Msg::Bully(message)) => {
                said(Msg::Bully, bully.on_message(now_us, from, message))
            }
            (Election::Bully(bully), Msg::Refused { epoch }) => {
                said(Msg::Bully, bully.on_later(now_us, epoch))
            }
            (Election::Bully(bully), Msg::CallElection) => {
                said(Msg::Bully, bully.call_election(now_us))
            }
            (Election::Lease(lease), Msg::Lease(message)) => {
                said(Msg::Lease, lease.on_message(now_us, from, message))
            }
            (Election::Lease(lease), Msg::Refused { epoch }) => {
                lease.on_later(now_us, epoch);
                Vec::new()
            }
            (Election::Lease(lease), Msg::CallElection) if lease.reign(now_us).is_none() => {
                said(Msg::Lease, lease.ask(now_us))
            }
            (Election::Raft(raft), Msg::Raft(message)) => {
                let is_asked = matches!(
                    message,
                    raft::Message::RequestPreVote { .. } | raft::Message::RequestVote { .. }
                );
                if is_asked {
                    cx.record(Fact::Considers { candidate: from });
                }
                cx.lift(|cx| raft.on_message(from, message, cx));
                Vec::new()
            }
            (Election::Raft(raft), Msg::CallElection) => {
                cx.lift(|cx| raft.campaign(cx));
                Vec::new()
            }
            // What a store answers moves nothing else, and no group hears of another one.
            _ => Vec::new(),
        };
        self.settle(sends, cx);
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Node>) {
        let now_us = cx.now_us();
        let sends = match (&mut self.election, timer) {
            (Election::Bully(bully), Timer::Due) => said(Msg::Bully, bully.on_due(now_us)),
            (Election::Lease(lease), Timer::Due) => said(Msg::Lease, lease.on_due(now_us)),
            (Election::Raft(raft), Timer::Raft(timer)) => {
                cx.lift(|cx| raft.on_timer(timer, cx));
                Vec::new()
            }
            (_, Timer::Due | Timer::Raft(_) | Timer::Write) => Vec::new(),
        };
        self.settle(sends, cx);
        if timer == Timer::Write {
            self.write(cx);
        }
    }

    pub(super) fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Node>) {
        if let Election::Raft(raft) = &mut self.election {
            cx.lift(|cx| raft.on_synced(sync, cx));
            self.settle(Vec::new(), cx);
        }
    }

    /// Returns the epoch that it leads now, if it does.
    fn reign_now(&self, now_us: u64, disk: &Disk) -> Option<u64> {
        match &self.election {
            Election::Bully(bully) => bully.reign(),
            Election::Lease(lease) => lease.reign(now_us),
            Election::Raft(raft) => raft.is_leader().then(|| disk.0.get().term),
        }
    }

    /// Sends what its rule wants sent, and tells whether it leads.
    fn settle(&mut self, sends: Vec<(NodeId, Msg)>, cx: &mut Cx<'_, Node>) {
        let now_us = cx.now_us();
        let is_said = |(_, message): &&(NodeId, Msg)| message.is_of_election();
        let of_election: Vec<&Msg> = sends.iter().filter(is_said).map(|(_, it)| it).collect();
        for same in of_election.chunk_by(|a, b| a == b) {
            let to = u16::try_from(same.len()).unwrap_or(u16::MAX);
            cx.record(Fact::Says { message: same[0].clone(), to });
        }
        let (promise, due_us) = match &self.election {
            Election::Bully(bully) => (Some(bully.promise()), Some(bully.due_us())),
            Election::Lease(lease) => (Some(lease.promise()), Some(lease.due_us())),
            Election::Raft(_) => (None, None),
        };
        let kept = promise.filter(|_| self.config.epochs);
        if let Some(promise) = kept.filter(|it| it != cx.disk().1.0.get()) {
            *cx.disk_mut().1.0.get_mut() = promise;
        }
        for (to, msg) in sends {
            // Safeguard: what a server has promised is on its disk before anybody hears of it.
            if kept.is_some() { cx.send_after_sync(to, msg) } else { cx.send(to, msg) }
        }
        if let Some(due_us) = due_us {
            cx.set_timer(due_us.saturating_sub(now_us), Timer::Due);
        }
        let reign = self.reign_now(now_us, cx.disk());
        let before = std::mem::replace(&mut self.reign, reign);
        if reign == before {
            return;
        }
        if let Some(epoch) = before {
            cx.record(Fact::StepsDown { epoch });
        }
        if let Some(epoch) = reign {
            cx.record(Fact::Leads { epoch });
            cx.set_timer(0, Timer::Write);
        } else {
            cx.cancel_timer(Timer::Write);
        }
    }

    /// Writes to the store, and again after a while.
    fn write(&mut self, cx: &mut Cx<'_, Node>) {
        let Some(epoch) = self.reign else { return };
        self.number += 1;
        cx.send(self.config.store, Msg::Put { epoch, number: self.number });
        let after_us = cx.jitter_us(WRITE_US.0, WRITE_US.1);
        cx.set_timer(after_us, Timer::Write);
    }
}

fn said<M>(wrap: fn(M) -> Msg, sends: Vec<(NodeId, M)>) -> Vec<(NodeId, Msg)> {
    sends.into_iter().map(|(to, message)| (to, wrap(message))).collect()
}
