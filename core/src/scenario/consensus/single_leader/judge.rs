//! What is promised, judged from outside: from the world, the disks and the clients' receipts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::node::{Fact, Node};
use super::server::Server;
use crate::mechanism::raft::{Fact as RaftFact, Term, Why, majority};
use crate::mechanism::writer::{Fact as WriterFact, Receipt, Receipts};
use crate::scenario::Setup;
use crate::sim::{NodeId, Observer, Violation, World};
use crate::view::Tone;

/// A disturbed group has settled after this many longest election timeouts: a leader gives up, a
/// follower notices, elections may be split twice, clients have to find the new leader.
const TIMEOUTS_TO_SETTLE: u64 = 10;
/// A receipt this old is due everywhere.
const DUE_US: u64 = 250_000;
/// A client that waits longer than this is worth an operator's attention.
const LONG_WAIT_US: u64 = 500_000;
/// How many stretches a lane remembers.
const LANE: usize = 24;

/// A stretch of a node's lane.
#[derive(Clone, Debug, Hash)]
pub(super) struct Stretch {
    pub(super) from_us: u64,
    pub(super) to_us: Option<u64>,
    pub(super) what: &'static str,
    /// 0 if it belongs to none.
    pub(super) term: Term,
    pub(super) tone: Tone,
    /// The node crashed in it, nobody knows when.
    pub(super) has_crashed: bool,
}

/// Something that should be seen in some run.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Turn {
    /// Several stood in one term, and none was elected.
    SplitVote,
    /// A client was told that a server does not lead.
    Refusal,
    /// A leader gave up for want of a majority, or because its lease was over.
    GivingUp,
    /// A server dropped entries that its new leader does not have.
    Drop,
}

/// What happened so far, as far as judgement needs it.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// Who led each term first.
    leaders: BTreeMap<Term, NodeId>,
    /// A term that two servers led.
    doubled: Option<(Term, NodeId, NodeId)>,
    /// When a server last became leader, and which.
    last_election: (u64, NodeId),
    pub(super) receipts: Receipts,
    /// How many stood for election in the latest term.
    stood: (Term, u32),
    turns: BTreeSet<Turn>,
    /// What each server has been, and what each client has been doing.
    pub(super) lanes: BTreeMap<NodeId, VecDeque<Stretch>>,
    /// Whom each server last gave its vote or denied it, and in which term.
    pub(super) answers: BTreeMap<NodeId, (bool, NodeId, Term)>,
}

impl History {
    /// Returns true if this was seen.
    pub(super) fn saw(&self, turn: Turn) -> bool {
        self.turns.contains(&turn)
    }

    /// Returns true if a second server has led.
    pub(super) fn leader_changed(&self) -> bool {
        self.leaders.values().any(|id| Some(id) != self.leaders.values().next())
    }

    fn on_raft(&mut self, at_us: u64, node: NodeId, fact: &RaftFact) {
        match fact {
            RaftFact::Probes { term } => self.lane(at_us, node, "asks", *term, Tone::Neutral),
            RaftFact::Stands { term } => {
                self.on_candidate(*term);
                self.lane(at_us, node, "stands", *term, Tone::Warn);
            }
            RaftFact::Votes { term, candidate } => {
                self.answers.insert(node, (true, *candidate, *term));
            }
            RaftFact::Denies { term, candidate, .. } => {
                self.answers.insert(node, (false, *candidate, *term));
            }
            RaftFact::Leads { term } => {
                let first = *self.leaders.entry(*term).or_insert(node);
                if first != node {
                    self.doubled.get_or_insert((*term, first, node));
                }
                self.last_election = (at_us, node);
                self.lane(at_us, node, "leads", *term, Tone::Good);
            }
            RaftFact::Follows { term, .. } => self.lane(at_us, node, "follows", *term, Tone::Muted),
            RaftFact::StepsDown { term, why } => {
                if *why != Why::HigherTerm {
                    self.turns.insert(Turn::GivingUp);
                }
                self.lane(at_us, node, "waits", *term, Tone::Warn);
            }
            RaftFact::Drops { .. } => {
                self.turns.insert(Turn::Drop);
            }
            RaftFact::Commits { .. } => {}
        }
    }

    fn on_candidate(&mut self, term: Term) {
        let (latest, count) = self.stood;
        if term > latest {
            if count > 1 && !self.leaders.contains_key(&latest) {
                self.turns.insert(Turn::SplitVote);
            }
            self.stood = (term, 1);
        } else if term == latest {
            self.stood.1 += 1;
        }
    }

    fn on_writer(&mut self, at_us: u64, client: NodeId, fact: &WriterFact) {
        self.receipts.on_fact(at_us, client, fact);
        match fact {
            WriterFact::Begins(_) => {}
            WriterFact::Holds(Receipt { led_in, .. }) => {
                self.lane(at_us, client, "is served", *led_in, Tone::Good);
            }
            WriterFact::IsRefused { .. } => {
                self.turns.insert(Turn::Refusal);
                self.lane(at_us, client, "waits", 0, Tone::Warn);
            }
            WriterFact::GivesUpOn { .. } => self.lane(at_us, client, "waits", 0, Tone::Warn),
        }
    }

    /// Ends the present stretch of a node's lane and begins the next.
    fn lane(&mut self, at_us: u64, node: NodeId, what: &'static str, term: Term, tone: Tone) {
        let lane = self.lanes.entry(node).or_default();
        if let Some(last) = lane.back_mut() {
            if (last.what, last.term) == (what, term) {
                return;
            }
            last.to_us = Some(at_us);
        }
        if lane.len() == LANE {
            lane.pop_front();
        }
        let (from_us, to_us, has_crashed) = (at_us, None, false);
        lane.push_back(Stretch { from_us, to_us, what, term, tone, has_crashed });
    }
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match fact {
            Fact::Raft(fact) => self.on_raft(at_us, node, fact),
            Fact::Writer(fact) => self.on_writer(at_us, node, fact),
            Fact::Recovers => {
                if let Some(last) = self.lanes.entry(node).or_default().back_mut() {
                    last.has_crashed = true;
                }
                self.lane(at_us, node, "is back", 0, Tone::Neutral);
            }
            Fact::LeaseEnds | Fact::TakesOver { .. } => {}
        }
    }
}

/// Returns the servers, in order.
pub(super) fn servers(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(u16::try_from(setup.knob("nodes")).unwrap_or(u16::MAX))
}

/// Returns the clients, in order.
pub(super) fn clients(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    let first = u16::try_from(setup.knob("nodes")).unwrap_or(u16::MAX);
    let count = u16::try_from(setup.knob("clients")).unwrap_or(u16::MAX);
    (first..first.saturating_add(count)).map(NodeId)
}

/// Returns the servers that are up.
pub(super) fn up(world: &World<Node>) -> impl Iterator<Item = (NodeId, &Server)> {
    let ids = servers(world.setup());
    ids.filter_map(|id| Some((id, world.process(id)?.server()?)))
}

/// Returns the servers that believe that they lead, each with its term.
pub(super) fn leading(world: &World<Node>) -> Vec<(NodeId, Term)> {
    let leads = up(world).filter(|(_, server)| server.raft.is_leader());
    leads.map(|(id, _)| (id, world.disk(id).raft.get().term)).collect()
}

/// No term has two leaders, neither at one time nor one after the other (§5.2, Election Safety).
pub(super) fn one_leader_a_term(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let first = |term: Term| history.leaders.get(&term).copied();
    let mut now = leading(world).into_iter();
    let other = now.find_map(|(id, term)| Some((term, first(term).filter(|it| *it != id)?, id)));
    match other.or(history.doubled) {
        None => Ok(()),
        Some((term, a, b)) => {
            let names = world.names();
            let reason = format!("{} and {} both lead term {term}", &names[a], &names[b]);
            Err(Violation::new(reason, [a, b]))
        }
    }
}

/// No two writes are acknowledged for one place of the log, judged from the clients' receipts.
///
/// Two leaders of different terms may both believe that they lead, and receipts from both may cross
/// on the wire; what matters is that no two receipts contradict each other.
pub(super) fn receipts_agree(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some((a, b)) = history.receipts.contradiction() else { return Ok(()) };
    let names = world.names();
    let say = |it: &Receipt| {
        let (by, client) = (&names[it.by], it.write.client + 1);
        format!("{by} of term {} (write {} of C{client})", it.led_in, it.write.number)
    };
    let reason = format!("{} and {} both acknowledged entry {}", say(&a), say(&b), a.index);
    Err(Violation::new(reason, [a.by, b.by]))
}

/// Every acknowledged write is on some server's disk.
pub(super) fn nothing_is_lost(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let disks = servers(world.setup()).map(|id| &world.disk(id).raft.durable().log);
    let Some(receipt) = history.receipts.lost(&disks.collect::<Vec<_>>()) else { return Ok(()) };
    let Receipt { write, by, led_in, .. } = receipt;
    let (number, client, server) = (write.number, write.client + 1, &world.names()[by]);
    let reason = format!(
        "write {number} of C{client} is on no disk any more, but {server} of term {led_in} \
         acknowledged it"
    );
    Err(Violation::new(reason, [by]))
}

/// While a majority is connected, writes are acknowledged, whatever the others do.
pub(super) fn majority_serves(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let since_us = world.disturbed_at_us().max(history.receipts.last_us().unwrap_or_default());
    if world.now_us() <= since_us + settle_us(world) {
        return Ok(());
    }
    let Some(group) = connected_majority(world) else { return Ok(()) };
    let names = world.names().list(group.iter().copied());
    let ms = (world.now_us() - since_us) / 1_000;
    let reason = format!("no write acknowledged for {ms} ms, although {names} are connected");
    Err(Violation::new(reason, group))
}

/// Once a connected majority has settled, nobody takes the lead from its leader.
pub(super) fn leader_stays(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let (elected_us, leader) = history.last_election;
    if elected_us <= world.disturbed_at_us() + settle_us(world) {
        return Ok(());
    }
    let Some(group) = connected_majority(world) else { return Ok(()) };
    let names = world.names().list(group.iter().copied());
    let (leader, ms) = (&world.names()[leader], (elected_us - world.disturbed_at_us()) / 1_000);
    let reason = format!(
        "{leader} became leader {ms} ms after the last disturbance, although {names} are connected"
    );
    Err(Violation::new(reason, group))
}

/// Returns how long a disturbed group may take to settle.
fn settle_us(world: &World<Node>) -> u64 {
    let longest = up(world).map(|(_, server)| server.raft.config().election_timeout_us.1).max();
    TIMEOUTS_TO_SETTLE * longest.unwrap_or_default()
}

/// Returns a majority of servers that run and reach each other both ways without loss, if a running
/// client reaches every server that might lead: them, and whoever else is in touch with a majority.
fn connected_majority(world: &World<Node>) -> Option<Vec<NodeId>> {
    let network = world.network();
    if network.loss_percent() > 0 {
        return None;
    }
    let touch = |a: NodeId, b: NodeId| a == b || network.reaches(a, b) && network.reaches(b, a);
    let setup = world.setup();
    let needed = majority(u32::try_from(setup.knob("nodes")).unwrap_or(u32::MAX)) as usize;
    let running: Vec<NodeId> = servers(setup).filter(|&id| world.is_running(id)).collect();
    let may_lead = |id: NodeId| running.iter().filter(|&&it| touch(it, id)).count() >= needed;
    let reaches_all = |client: &NodeId| {
        world.is_running(*client) && running.iter().all(|&id| touch(*client, id) || !may_lead(id))
    };
    clients(setup).find(reaches_all)?;
    let group = |set: u32| -> Vec<NodeId> {
        let members = running.iter().zip(0..).filter(|(_, n)| set >> n & 1 == 1);
        members.map(|(id, _)| *id).collect()
    };
    (0_u32..1 << running.len())
        .filter(|set| set.count_ones() as usize >= needed)
        .map(group)
        .find(|group| group.iter().all(|&a| group.iter().all(|&b| touch(a, b))))
}

pub(super) fn leader_exists(world: &World<Node>, _: &History) -> bool {
    !leading(world).is_empty()
}

/// A write has been acknowledged in the last tenth of a second.
pub(super) fn serves(world: &World<Node>, history: &History) -> bool {
    history.receipts.last_us().is_some_and(|at_us| at_us + 100_000 > world.now_us())
}

/// Every server has applied what was acknowledged a quarter of a second ago, and all logs agree there.
pub(super) fn caught_up(world: &World<Node>, history: &History) -> bool {
    let due = history.receipts.furthest_older_than(DUE_US, world.now_us());
    let mut entries = servers(world.setup()).map(|id| {
        let server = world.process(id)?.server()?;
        let log = &world.disk(id).raft.durable().log;
        log.get(due).filter(|_| server.raft.commit() >= due)
    });
    let first = entries.next().flatten();
    first.is_some() && entries.all(|entry| entry == first)
}

/// At most one server believes that it leads.
pub(super) fn one_believes(world: &World<Node>, _: &History) -> Result<(), Violation> {
    let leading: Vec<NodeId> = leading(world).into_iter().map(|(id, _)| id).collect();
    if leading.len() < 2 {
        return Ok(());
    }
    let names = world.names().list(leading.iter().copied());
    Err(Violation::new(format!("{names} believe that they lead"), leading))
}

/// No client waits long.
pub(super) fn nobody_waits(world: &World<Node>, history: &History) -> Result<(), Violation> {
    match history.receipts.longest_wait(world.now_us()) {
        Some((client, wait_us)) if wait_us > LONG_WAIT_US => {
            let (name, ms) = (&world.names()[client], wait_us / 1_000);
            Err(Violation::new(format!("{name} has waited for {ms} ms"), [client]))
        }
        Some(_) | None => Ok(()),
    }
}

/// Returns how many writes were acknowledged in the last second.
pub(super) fn acknowledged_a_second(world: &World<Node>, history: &History) -> i64 {
    i64::try_from(history.receipts.in_last_second(world.now_us())).unwrap_or(i64::MAX)
}

/// Returns how long the client that has waited longest has waited.
pub(super) fn longest_wait_ms(world: &World<Node>, history: &History) -> i64 {
    let wait_us = history.receipts.longest_wait(world.now_us()).map_or(0, |(_, wait_us)| wait_us);
    i64::try_from(wait_us / 1_000).unwrap_or(i64::MAX)
}
