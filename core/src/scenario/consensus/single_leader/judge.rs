//! What is promised, judged from outside: from the world, the disks and the clients' receipts.

use std::collections::{BTreeMap, VecDeque};

use super::message::{Fact, Receipt};
use super::node::Node;
use super::server::Server;
use crate::mechanism::raft::{Fact as RaftFact, Index, Term, Why, majority};
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

/// A stretch of a lane: since when, until when, what, in which term, how good.
pub(super) type Stretch = (u64, Option<u64>, &'static str, Term, Tone);

/// What happened so far, as far as judgement needs it.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// Who led each term.
    leaders: BTreeMap<Term, NodeId>,
    /// A term that two servers led.
    doubled: Option<(Term, NodeId, NodeId)>,
    /// When a server last became leader.
    last_election_us: u64,
    /// The first receipt for each place of the log.
    places: BTreeMap<Index, Receipt>,
    /// Two receipts for one place.
    pub(super) overlap: Option<(Receipt, Receipt)>,
    /// The receipt furthest up the log from each leader in each term.
    furthest: BTreeMap<(Term, NodeId), Receipt>,
    /// When writes were acknowledged during the last second, with their places.
    recent: VecDeque<(u64, Index)>,
    /// When the last write was acknowledged.
    last_receipt_us: u64,
    /// The highest place for which there is a receipt that is due everywhere.
    due: Index,
    /// Since when each client has waited for its present write.
    open: BTreeMap<NodeId, u64>,
    /// How many stood for election in the latest term.
    stood: (Term, u32),
    pub(super) was_split: bool,
    pub(super) was_refused: bool,
    /// A leader gave up for want of a majority, or because its lease was over.
    pub(super) gave_up: bool,
    /// A server dropped entries that its new leader does not have.
    pub(super) dropped: bool,
    /// What each server has been, and what each client has been doing.
    pub(super) lanes: BTreeMap<NodeId, VecDeque<Stretch>>,
}

impl History {
    /// Returns true if a second server has led.
    pub(super) fn leader_changed(&self) -> bool {
        self.leaders.values().any(|id| Some(id) != self.leaders.values().next())
    }

    fn on_raft(&mut self, at_us: u64, node: NodeId, fact: &RaftFact) {
        match fact {
            RaftFact::Probes { term } => self.turn(at_us, node, "asks", *term, Tone::Neutral),
            RaftFact::Stands { term } => {
                let (latest, count) = self.stood;
                if *term > latest {
                    self.was_split |= count > 1 && !self.leaders.contains_key(&latest);
                    self.stood = (*term, 1);
                } else if *term == latest {
                    self.stood.1 += 1;
                }
                self.turn(at_us, node, "stands", *term, Tone::Warn);
            }
            RaftFact::Leads { term } => {
                let first = *self.leaders.entry(*term).or_insert(node);
                if first != node {
                    self.doubled.get_or_insert((*term, first, node));
                }
                self.last_election_us = at_us;
                self.turn(at_us, node, "leads", *term, Tone::Good);
            }
            RaftFact::Follows { term, .. } => self.turn(at_us, node, "follows", *term, Tone::Muted),
            RaftFact::StepsDown { term, why } => {
                self.gave_up |= *why != Why::HigherTerm;
                self.turn(at_us, node, "waits", *term, Tone::Warn);
            }
            RaftFact::Drops { .. } => self.dropped = true,
            RaftFact::Votes { .. } | RaftFact::Denies { .. } | RaftFact::Commits { .. } => {}
        }
    }

    fn on_receipt(&mut self, at_us: u64, client: NodeId, receipt: Receipt) {
        let first = *self.places.entry(receipt.index).or_insert(receipt);
        if first.write != receipt.write {
            self.overlap.get_or_insert((first, receipt));
        }
        let furthest = self.furthest.entry((receipt.led_in, receipt.by)).or_insert(receipt);
        if receipt.index > furthest.index {
            *furthest = receipt;
        }
        self.recent.push_back((at_us, receipt.index));
        self.last_receipt_us = at_us;
        self.open.remove(&client);
        self.turn(at_us, client, "has a receipt", receipt.led_in, Tone::Good);
    }

    /// Ends the present stretch of a node's lane and begins the next.
    fn turn(&mut self, at_us: u64, node: NodeId, what: &'static str, term: Term, tone: Tone) {
        let lane = self.lanes.entry(node).or_default();
        if let Some(last) = lane.back_mut() {
            if (last.2, last.3) == (what, term) {
                return;
            }
            last.1 = last.1.or(Some(at_us));
        }
        if lane.len() == LANE {
            lane.pop_front();
        }
        lane.push_back((at_us, None, what, term, tone));
    }

    fn forget_before(&mut self, at_us: u64) {
        let is_due = |at: &u64| at + DUE_US <= at_us;
        let due = self.recent.iter().filter(|(at, _)| is_due(at)).map(|(_, index)| *index).max();
        self.due = self.due.max(due.unwrap_or_default());
        self.recent.retain(|(at, _)| at + 1_000_000 > at_us);
    }
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        self.forget_before(at_us);
        match fact {
            Fact::Raft(fact) => self.on_raft(at_us, node, fact),
            Fact::Recovers => self.turn(at_us, node, "is back", 0, Tone::Neutral),
            Fact::Asks(_) => {
                self.open.insert(node, at_us);
            }
            Fact::IsAcknowledged(receipt) => self.on_receipt(at_us, node, *receipt),
            Fact::IsRefused { .. } => {
                self.was_refused = true;
                self.turn(at_us, node, "waits", 0, Tone::Warn);
            }
            Fact::GivesUpOn { .. } => self.turn(at_us, node, "waits", 0, Tone::Warn),
            Fact::LeaseEnds | Fact::LeaseIsOver { .. } => {}
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

/// No term has two leaders, neither now nor over time (Election Safety, figure 3 of the paper).
pub(super) fn one_leader_a_term(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let leading = leading(world);
    let mut pairs =
        leading.iter().enumerate().flat_map(|(n, a)| leading[..n].iter().map(move |b| (b, a)));
    let now = pairs.find(|(a, b)| a.1 == b.1).map(|(a, b)| (a.1, a.0, b.0));
    match now.or(history.doubled) {
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
    let Some((a, b)) = history.overlap else { return Ok(()) };
    let names = world.names();
    let say = |it: &Receipt| {
        let client = u64::from(it.write.client) + 1;
        format!("{} of term {} (write {} of C{client})", &names[it.by], it.led_in, it.write.number)
    };
    let reason = format!("{} and {} both acknowledged entry {}", say(&a), say(&b), a.index);
    Err(Violation::new(reason, [a.by, b.by]))
}

/// Every acknowledged write is on some server's disk.
///
/// Only the receipt furthest up the log from each leader in each term is looked up. Logs that share
/// an entry share all before it (Log Matching, §5.3), so while that one is on a disk, the leader's
/// earlier ones are on it too.
pub(super) fn nothing_is_lost(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let is_on_disk = |receipt: &Receipt| {
        servers(world.setup()).any(|id| {
            let entry = world.disk(id).raft.durable().log.get(receipt.index);
            entry.is_some_and(|it| it.term == receipt.term && it.command == Some(receipt.write))
        })
    };
    match history.furthest.values().find(|receipt| !is_on_disk(receipt)) {
        None => Ok(()),
        Some(receipt) => {
            let (write, client) = (receipt.write.number, receipt.write.client + 1);
            let reason = format!(
                "write {write} of C{client} is on no disk any more, but {} of term {} acknowledged it",
                &world.names()[receipt.by],
                receipt.led_in
            );
            Err(Violation::new(reason, [receipt.by]))
        }
    }
}

/// While a majority is connected, writes are acknowledged, whatever the others do.
pub(super) fn majority_serves(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let since_us = world.disturbed_at_us().max(history.last_receipt_us);
    if world.now_us() <= since_us + settle_us(world) {
        return Ok(());
    }
    let Some(group) = connected_majority(world) else { return Ok(()) };
    let names = world.names().list(group.iter().copied());
    let waited_ms = (world.now_us() - since_us) / 1_000;
    let reason = format!("nothing acknowledged for {waited_ms} ms, although {names} are connected");
    Err(Violation::new(reason, group))
}

/// Once a connected majority has settled, nobody takes the lead from its leader.
pub(super) fn leader_stays(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let settled_us = world.disturbed_at_us() + settle_us(world);
    if history.last_election_us <= settled_us {
        return Ok(());
    }
    let Some(group) = connected_majority(world) else { return Ok(()) };
    let names = world.names().list(group.iter().copied());
    let quiet_ms = (history.last_election_us - world.disturbed_at_us()) / 1_000;
    let reason =
        format!("the leader was replaced {quiet_ms} ms into quiet, although {names} are connected");
    Err(Violation::new(reason, group))
}

/// Returns how long a disturbed group may take to settle.
fn settle_us(world: &World<Node>) -> u64 {
    let longest = up(world).map(|(_, server)| server.raft.config().election_timeout_us.1).max();
    TIMEOUTS_TO_SETTLE * longest.unwrap_or_default()
}

/// Returns a majority of servers that run and reach each other both ways without loss, if a running
/// client reaches them and every other server that might lead. Cuts that let a leader keep a majority
/// but not meet any client are nobody's fault here.
fn connected_majority(world: &World<Node>) -> Option<Vec<NodeId>> {
    if world.network().loss_percent() > 0 {
        return None;
    }
    let network = world.network();
    let touch = |a: NodeId, b: NodeId| network.reaches(a, b) && network.reaches(b, a);
    let all: Vec<NodeId> = servers(world.setup()).collect();
    let running: Vec<NodeId> = all.iter().copied().filter(|&id| world.is_running(id)).collect();
    let needed = majority(u32::try_from(all.len()).unwrap_or(u32::MAX)) as usize;
    let may_lead =
        |id: NodeId| running.iter().filter(|&&it| it == id || touch(it, id)).count() >= needed;
    let mut clients = clients(world.setup()).filter(|&id| world.is_running(id));
    clients.find(|&client| running.iter().all(|&id| touch(client, id) || !may_lead(id)))?;
    let groups = (0_u32..1 << running.len()).filter(|set| set.count_ones() as usize >= needed);
    let members =
        |set: u32| (0..running.len()).filter(move |n| set >> n & 1 == 1).map(|n| running[n]);
    let mut groups = groups.map(|set| members(set).collect::<Vec<NodeId>>());
    groups.find(|group| group.iter().all(|&a| group.iter().all(|&b| a == b || touch(a, b))))
}

pub(super) fn leader_exists(world: &World<Node>, _: &History) -> bool {
    !leading(world).is_empty()
}

/// A write has been acknowledged in the last tenth of a second.
pub(super) fn serves(world: &World<Node>, history: &History) -> bool {
    history.last_receipt_us > 0 && history.last_receipt_us + 100_000 > world.now_us()
}

/// Every server has applied what was acknowledged a quarter of a second ago, and all logs agree there.
pub(super) fn caught_up(world: &World<Node>, history: &History) -> bool {
    let mut entries = servers(world.setup()).map(|id| {
        let server = world.process(id)?.server()?;
        (server.raft.commit() >= history.due).then_some(())?;
        world.disk(id).raft.durable().log.get(history.due)
    });
    let first = entries.next().flatten();
    first.is_some() && entries.all(|entry| entry == first)
}

/// At most one server believes that it leads.
pub(super) fn one_believes(world: &World<Node>, _: &History) -> Result<(), Violation> {
    let leading = leading(world);
    if leading.len() < 2 {
        return Ok(());
    }
    let names = world.names().list(leading.iter().map(|(id, _)| *id));
    Err(Violation::new(format!("{names} believe that they lead"), leading.iter().map(|it| it.0)))
}

/// No client waits long.
pub(super) fn nobody_waits(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let waits = |since_us: u64| world.now_us().saturating_sub(since_us);
    let longest = history.open.iter().max_by_key(|(_, since_us)| waits(**since_us));
    match longest {
        Some((client, since_us)) if waits(*since_us) > LONG_WAIT_US => {
            let (name, ms) = (&world.names()[*client], waits(*since_us) / 1_000);
            Err(Violation::new(format!("{name} has waited for {ms} ms"), [*client]))
        }
        Some(_) | None => Ok(()),
    }
}

/// Returns how many writes were acknowledged in the last second.
pub(super) fn acknowledged_a_second(world: &World<Node>, history: &History) -> i64 {
    let recent = history.recent.iter().filter(|(at, _)| at + 1_000_000 > world.now_us());
    i64::try_from(recent.count()).unwrap_or(i64::MAX)
}

/// Returns how long the client that has waited longest has waited.
pub(super) fn longest_wait_ms(world: &World<Node>, history: &History) -> i64 {
    let waits = history.open.values().map(|since_us| world.now_us().saturating_sub(*since_us));
    i64::try_from(waits.max().unwrap_or_default() / 1_000).unwrap_or(i64::MAX)
}
