//! What is promised, judged from outside: from the world, the disks and the clients' receipts.

use super::node::{Fact, Node};
use super::server::Server;
use crate::check::history::{AppendLog, SeenAs};
use crate::mechanism::lanes::Lanes;
use crate::mechanism::majority::connected_majority;
use crate::mechanism::raft::{self, Log, Term, durable_logs, leading};
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::writer::{self, Fact as WriterFact, Receipt, Receipts, Write};
use crate::scenario::Setup;
use crate::sim::{Action, Aside, LongList, NodeId, Observer, SeenObject, Violation, World};
use crate::view::Tone;

/// A disturbed group has settled after this many longest election timeouts: a leader gives up, a
/// follower notices, elections may be split twice, clients have to find the new leader.
const TIMEOUTS_TO_SETTLE: u64 = 10;
/// A receipt this old is due everywhere.
const DUE_US: u64 = 250_000;

/// What happened so far, as far as judgement needs it.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// The servers' elections.
    pub(super) raft: raft::History,
    /// What the clients have been told.
    pub(super) receipts: Receipts,
    /// Every acknowledgement by a server, with its time.
    acknowledged: Aside<LongList<(u64, Receipt)>>,
    /// For each term, the first place in which an entry of that term was acknowledged.
    issued: SmallMap<Term, Receipt>,
    /// An acknowledgement of an earlier leader behind one of a later leader.
    overtaken: Option<(Receipt, Receipt)>,
    /// When each server last acknowledged a write.
    last_issued_us: SmallMap<NodeId, u64>,
    /// A leader was asked again for a write that its log held already.
    pub(super) was_recognised: bool,
    /// A client was told that a server does not lead.
    pub(super) was_refused: bool,
    /// Who served each client when.
    pub(super) lanes: Lanes,
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match fact {
            Fact::Raft(fact) => self.raft.on_fact(at_us, node, fact),
            Fact::Writer(fact) => {
                self.receipts.on_fact(at_us, node, fact);
                self.on_writer(at_us, node, fact);
            }
            Fact::Applies(applied) => {
                self.receipts.on_applied((at_us, node), applied.command, applied.index);
            }
            Fact::Recognises { .. } => self.was_recognised = true,
            Fact::Acknowledges { receipt, .. } => self.on_issued(at_us, *receipt),
            Fact::Recovers | Fact::LeaseEnds | Fact::TakesOver { .. } => {}
        }
    }

    fn on_action(&mut self, at_us: u64, action: &Action, _: &World<Node>) {
        self.raft.lanes.on_action(at_us, action);
        self.lanes.on_action(at_us, action);
    }

    fn seen_as() -> Option<&'static dyn SeenObject> {
        Some(&THE_LOG)
    }
}

/// Clients see one log, into which each of their writes goes once.
static THE_LOG: SeenAs<AppendLog, Fact> = SeenAs {
    name: "a log that only grows",
    specification: AppendLog,
    read: |asks, answer| writer::as_append(asks.writer()?, answer.and_then(Fact::writer)),
};

impl History {
    /// Returns true if `server` has acknowledged a write since the cut that holds now.
    pub(super) fn acknowledged_since_cut(&self, world: &World<Node>, server: NodeId) -> bool {
        let last_us = self.last_issued_us.get(server);
        cut_us(world).zip(last_us).is_some_and(|(since_us, last_us)| *last_us > since_us)
    }

    /// Returns what `server` acknowledged last, and when.
    pub(super) fn last_issued(&self, server: NodeId) -> Option<(u64, Receipt)> {
        self.acknowledged.0.iter().filter(|(_, it)| it.by == server).last().copied()
    }

    /// Returns true if `server` and another one have acknowledged different writes for one entry.
    pub(super) fn contradicted(&self, server: NodeId) -> bool {
        let own = || self.acknowledged.0.iter().filter(|(_, it)| it.by == server);
        let of_others = self.acknowledged.0.iter().filter(|(_, it)| it.by != server);
        let differ = |a: &Receipt, b: &Receipt| a.index == b.index && a.write != b.write;
        of_others.into_iter().any(|(_, other)| own().any(|(_, it)| differ(it, other)))
    }

    /// Returns true if another server than this one acknowledged a write before the last disturbance.
    pub(super) fn others_served(&self, world: &World<Node>, server: NodeId) -> bool {
        let until_us = world.disturbed_at_us();
        self.acknowledged.0.iter().any(|(at_us, it)| it.by != server && *at_us < until_us)
    }

    /// Returns how a receipt came to be: its leader began to lead, and acknowledged the write.
    fn moments_of(&self, receipt: &Receipt) -> impl Iterator<Item = (u64, NodeId)> {
        let first = self.acknowledged.0.iter().find(|(_, it)| it == receipt);
        let began = self.raft.beginning(receipt.led_in, receipt.by);
        began.into_iter().chain(first.map(|(at_us, it)| (*at_us, it.by)))
    }

    fn on_issued(&mut self, at_us: u64, receipt: Receipt) {
        self.acknowledged.0.push((at_us, receipt));
        let is_later = |it: &Receipt| it.term > receipt.term && it.index <= receipt.index;
        if let Some(later) = self.issued.values().copied().find(is_later) {
            self.overtaken.get_or_insert((later, receipt));
        }
        let first = self.issued.get_or_insert(receipt.term, receipt);
        if receipt.index < first.index {
            *first = receipt;
        }
        self.last_issued_us.insert(receipt.by, at_us);
    }

    fn on_writer(&mut self, at_us: u64, client: NodeId, fact: &WriterFact) {
        self.was_refused |= matches!(fact, WriterFact::IsRefused { .. });
        match fact {
            WriterFact::Begins(_) | WriterFact::HoldsLate(_) => {}
            WriterFact::Holds(receipt) => {
                let what = ("is served", Tone::Good);
                self.lanes.turn(at_us, client, what, Some(receipt.led_in));
            }
            WriterFact::IsRefused { .. } | WriterFact::GivesUpOn { .. } => {
                self.lanes.turn(at_us, client, ("waits", Tone::Warn), None);
            }
        }
    }
}

/// Returns the servers, in order.
pub(super) fn servers(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(setup.count("nodes"))
}

/// Returns the clients, in order.
pub(super) fn clients(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::range(setup.count("nodes"), setup.count("clients"))
}

/// Returns the servers that are up.
pub(super) fn up(world: &World<Node>) -> impl Iterator<Item = (NodeId, &Server)> {
    world.up().filter_map(|(id, node)| Some((id, node.server()?)))
}

/// Returns since when the network is cut.
pub(super) fn cut_us(world: &World<Node>) -> Option<u64> {
    world.network().cuts().map(|(.., since_us)| since_us).min()
}

/// Returns true if `server` leads, as it believes.
pub(super) fn leads(world: &World<Node>, server: NodeId) -> bool {
    leading(world).into_iter().any(|(id, _)| id == server)
}

/// Returns true if `server` believes that it leads, while another does in a higher term.
pub(super) fn is_overtaken(world: &World<Node>, server: NodeId) -> bool {
    let leading = leading(world);
    let own = leading.iter().find(|(id, _)| *id == server);
    own.is_some_and(|(_, own)| leading.iter().any(|(_, term)| term > own))
}

/// Returns true if `server` follows another one.
pub(super) fn follows(world: &World<Node>, server: NodeId) -> bool {
    let known = up(world).find(|(id, _)| *id == server).and_then(|(_, it)| it.raft.leader());
    known.is_some_and(|leader| leader != server)
}

/// Returns true if no other server hears `server`, nor it any of them, while it and `client` hear
/// each other.
pub(super) fn is_cut_off_with(world: &World<Node>, server: NodeId, client: NodeId) -> bool {
    let network = world.network();
    let hears = |a, b| network.reaches(a, b) || network.reaches(b, a);
    network.reaches(server, client)
        && network.reaches(client, server)
        && !servers(world.setup()).any(|other| other != server && hears(server, other))
}

/// Returns the first client.
pub(super) fn first_client(setup: &Setup) -> NodeId {
    clients(setup).next().unwrap_or(NodeId::OUTSIDE)
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
    let moments = [a, b];
    let moments = moments.iter().flat_map(|it| history.moments_of(it));
    Err(Violation::new(reason, [a.by, b.by]).of(moments))
}

/// Once a later leader has acknowledged a write, an earlier one acknowledges none in that part of the
/// log, judged by when servers speak, not by when clients hear.
///
/// It may still acknowledge what stands before: entries that the later leader has as well (§5.4).
pub(super) fn earlier_is_silent(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some((later, earlier)) = history.overtaken else { return Ok(()) };
    let say = |it: &Receipt| {
        format!("{} (term {}) acknowledged entry {}", &world.names()[it.by], it.term, it.index)
    };
    let reason = format!("{} after {}", say(&earlier), say(&later));
    let moments = [later, earlier];
    let moments = moments.iter().flat_map(|it| history.moments_of(it));
    Err(Violation::new(reason, [earlier.by, later.by]).of(moments))
}

/// A write has one place in the log, however often it was asked for and acknowledged.
///
/// Judged are the places at which leaders have committed and applied writes, and those that clients
/// were told, again and late included. What is not committed may differ: a leader that does not know
/// that it is deposed may take a retry that its successor has long committed. That copy is never
/// acknowledged, and dropped when the leader follows.
pub(super) fn written_once(world: &World<Node>, history: &History) -> Result<(), Violation> {
    history.receipts.made_once(world.names(), first_client(world.setup()))
}

/// Log Matching: see [`raft::log_matching`].
pub(super) fn logs_match(world: &World<Node>, history: &History) -> Result<(), Violation> {
    raft::log_matching(world, &history.raft, world.setup().count("nodes"))
}

/// Returns on how many disks an acknowledged write is, and of how many.
pub(super) fn copies(world: &World<Node>, receipt: &Receipt) -> (usize, usize) {
    let logs = durable_logs(world, world.setup().count("nodes"));
    let entry = |log: &&&Log<Write>| {
        log.get(receipt.index).and_then(|it| it.command()) == Some(&receipt.write)
    };
    (logs.iter().filter(entry).count(), logs.len())
}

/// Returns a receipt for a write that is on no disk any more, if there is one.
pub(super) fn lost(world: &World<Node>, history: &History) -> Option<Receipt> {
    history.receipts.lost(&durable_logs(world, world.setup().count("nodes")))
}

/// Every acknowledged write is on at least one server's disk, if the logs match ([`logs_match`]).
pub(super) fn nothing_is_lost(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some(receipt) = lost(world, history) else { return Ok(()) };
    let Receipt { write, by, led_in, .. } = receipt;
    let (number, client, server) = (write.number, write.client + 1, &world.names()[by]);
    let reason = format!(
        "write {number} of C{client} is on no disk any more, but {server} of term {led_in} \
         acknowledged it"
    );
    Err(Violation::new(reason, [by]).of(history.moments_of(&receipt)))
}

/// While a majority is connected, writes are acknowledged, whatever the others do.
pub(super) fn majority_serves(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let since_us = world.disturbed_at_us().max(history.receipts.last_us().unwrap_or_default());
    if world.now_us() <= since_us + settle_us(world.setup()) {
        return Ok(());
    }
    let Some(group) = connected(world) else { return Ok(()) };
    let names = world.names().list(group.iter().copied());
    let ms = (world.now_us() - since_us) / 1_000;
    let reason = format!("no write acknowledged for {ms} ms, although {names} are connected");
    Err(Violation::new(reason, group))
}

/// Once a connected majority has settled, nobody takes the lead from its leader.
pub(super) fn leader_stays(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some((elected_us, leader)) = history.raft.last_election() else { return Ok(()) };
    if elected_us <= world.disturbed_at_us() + settle_us(world.setup()) {
        return Ok(());
    }
    let Some(group) = connected(world) else { return Ok(()) };
    let names = world.names().list(group.iter().copied());
    let (leader, ms) = (&world.names()[leader], (elected_us - world.disturbed_at_us()) / 1_000);
    let reason = format!(
        "{leader} became leader {ms} ms after the last disturbance, although {names} are connected"
    );
    Err(Violation::new(reason, group).of(history.raft.last_election()))
}

/// Returns a connected majority that owes the clients service, if there is one.
fn connected(world: &World<Node>) -> Option<Vec<NodeId>> {
    connected_majority(world, servers(world.setup()), clients(world.setup()))
}

/// Returns how long a disturbed group may take to settle.
pub(super) fn settle_us(setup: &Setup) -> u64 {
    TIMEOUTS_TO_SETTLE * super::election_timeout_us(setup).1
}

/// A server leads, and a majority knows no other leader.
pub(super) fn leader_exists(world: &World<Node>, _: &History) -> bool {
    let leads = |leader: NodeId| {
        let follow =
            up(world).filter(|(id, server)| *id == leader || server.raft.leader() == Some(leader));
        let all = servers(world.setup()).count();
        2 * follow.count() > all
    };
    leading(world).into_iter().any(|(id, _)| leads(id))
}

/// A write has been acknowledged in the last tenth of a second, and since the last disturbance.
pub(super) fn serves(world: &World<Node>, history: &History) -> bool {
    history
        .receipts
        .last_us()
        .is_some_and(|at_us| at_us + 100_000 > world.now_us() && at_us >= world.disturbed_at_us())
}

/// Every server has applied what was acknowledged a quarter of a second ago, and all logs agree there.
pub(super) fn caught_up(world: &World<Node>, history: &History) -> bool {
    let due = history.receipts.furthest_older_than(DUE_US, world.now_us());
    let mut entries = servers(world.setup()).map(|id| {
        let server = world.process(id)?.server()?;
        let log = &world.disk(id).0.durable().log;
        log.get(due).filter(|_| server.raft.commit() >= due)
    });
    let first = entries.next().flatten();
    first.is_some() && entries.all(|entry| entry == first)
}

/// The first client has waited for longer than this, cut off with `server`.
pub(super) fn waits_cut_off(
    world: &World<Node>,
    history: &History,
    (server, for_us): (NodeId, u64),
) -> bool {
    let client = first_client(world.setup());
    let wait = history.receipts.longest_wait(world.now_us());
    is_cut_off_with(world, server, client)
        && wait.is_some_and(|(id, wait_us)| id == client && wait_us > for_us)
}

/// No client waits long.
pub(super) fn nobody_waits(world: &World<Node>, history: &History) -> Result<(), Violation> {
    writer::nobody_waits(world.names(), history.receipts.longest_wait(world.now_us()))
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
