//! What is promised, judged from what clients were told and what servers have made.

use std::collections::VecDeque;

use super::message::{Call, Fact, KEYS, LIMIT, PRIMARY, change, differences};
use super::node::Node;
use super::server::Server;
use super::watcher::Watcher;
use crate::check::history::{Call as ObjectCall, Register, RegisterAnswer, RegisterCall, SeenAs};
use crate::mechanism::raft;
use crate::mechanism::revisions::{Event, Key, Revision};
use crate::mechanism::small_map::SmallMap;
use crate::scenario::Setup;
use crate::sim::{Action, Aside, LongList, NodeId, Observer, SeenObject, Violation, World};

/// A disturbed group has settled after this many longest election timeouts.
const TIMEOUTS_TO_SETTLE: u64 = 10;
/// A revision this old is due in every cache.
const DUE_US: u64 = 300_000;
/// A server so many revisions behind is worth an operator's attention.
const LONG_LAG: u64 = 10;
/// A cache so many revisions behind is worth it, too.
const LONG_WAY_BEHIND: u64 = 3;
/// So many missed changes are told.
const MOST_TOLD: usize = 6;

/// When something happened, and where.
type Moment = (u64, NodeId);

/// What a watcher has come to.
#[derive(Clone, Debug, Default, Hash)]
struct Seen {
    upto: Revision,
    at: Aside<Moment>,
}

/// A promise that was broken: what is to be said of it, and what it is made of.
#[derive(Clone, Debug, Hash)]
struct Breach {
    reason: Reason,
    by: NodeId,
    moments: Aside<Vec<Moment>>,
}

#[derive(Copy, Clone, Debug, Hash)]
enum Reason {
    /// A read was answered as of a revision, though this later one was known.
    Stale(Revision, Revision),
    /// A watcher saw a revision, though this was the last one before.
    Skipped(Revision, Revision),
    /// A cache that was at a revision went back to this one.
    WentBack(Revision, Revision),
    /// A revision was made for this service, though it was not the primary.
    NotPrimary(Revision, u16),
}

/// What a watcher was told first by the server to which it had gone.
#[derive(Copy, Clone, Debug)]
pub(super) struct FirstWord {
    pub(super) at_us: u64,
    pub(super) watcher: NodeId,
    pub(super) server: NodeId,
    /// The last revision that it had seen.
    pub(super) had: Revision,
    /// The revisions that it was told of.
    pub(super) first: Revision,
    pub(super) last: Revision,
}

/// What happened so far, as far as judgement needs it.
#[derive(Clone, Debug, Default, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a sight of its own")]
pub(super) struct History {
    pub(super) raft: raft::History,
    /// When each revision was made first, and where, and its first change; revision 1 first.
    made: LongList<(Moment, Event)>,
    /// The primary, as the store has it, and when it came to be that.
    primary: Option<(u64, Aside<Moment>)>,
    /// The latest revision that any client was told of.
    known: (Revision, Aside<Moment>),
    /// For each client that waits, what was known when it asked.
    asked: SmallMap<NodeId, (Revision, Aside<Moment>)>,
    seen: SmallMap<NodeId, Seen>,
    stale: Option<Breach>,
    skipped: Option<Breach>,
    went_back: Option<Breach>,
    not_primary: Option<Breach>,
    /// When writes of the last second were acknowledged.
    recent: VecDeque<u64>,
    /// Watchers that have gone to another server, and heard nothing from it yet.
    moving: Vec<NodeId>,
    /// And where to.
    moving_to: Aside<SmallMap<NodeId, NodeId>>,
    /// Whether the first that did so went on without a gap.
    pub(super) went_on: Option<bool>,
    pub(super) first_word: Aside<Option<FirstWord>>,
    pub(super) was_compacted: bool,
    pub(super) was_recognised: bool,
    pub(super) has_moved: bool,
    pub(super) has_expired: bool,
    pub(super) has_installed: bool,
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match fact {
            Fact::Raft(fact) => {
                self.has_installed |= matches!(fact, raft::Fact::Installs { .. });
                self.raft.on_fact(at_us, node, fact);
            }
            Fact::Makes { by, events } => self.on_made((at_us, node), *by, events),
            Fact::Asks { .. } => self.asked.insert(node, self.known.clone()),
            Fact::IsTold { call, answer, .. } => {
                if *call != Call::Read && answer.is_done {
                    while self.recent.pop_front_if(|it| *it + 1_000_000 <= at_us).is_some() {}
                    self.recent.push_back(at_us);
                }
                self.on_told((at_us, node), *call == Call::Read, answer.revision);
            }
            Fact::Lists { revision } => {
                self.step((at_us, node), *revision);
            }
            Fact::Sees(events) => self.on_seen((at_us, node), events),
            Fact::IsCompacted { .. } => self.was_compacted = true,
            Fact::Recognises => self.was_recognised = true,
            Fact::Moves { to } => {
                self.has_moved = true;
                self.moving_to.0.insert(node, *to);
                self.moving.push(node);
            }
            Fact::Expires => self.has_expired = true,
            Fact::Recovers | Fact::AsksElsewhere { .. } => {}
        }
    }

    fn on_action(&mut self, at_us: u64, action: &Action, _: &World<Node>) {
        self.raft.lanes.on_action(at_us, action);
    }

    fn seen_as() -> Option<&'static dyn SeenObject> {
        Some(&REGISTERS)
    }
}

/// Clients see a register a key; the primary's key also changes by itself, and is not asked for.
static REGISTERS: SeenAs<Register<u64>, Fact> = SeenAs {
    name: "a register for each key",
    specification: Register { initial: 0 },
    read: |asks, answer| {
        let Fact::Asks { call, .. } = asks else { return None };
        let told = answer
            .and_then(|it| if let Fact::IsTold { answer, .. } = it { Some(answer) } else { None });
        let written = told.map(|_| RegisterAnswer::Written);
        let (key, input, output) = match *call {
            Call::Limit(limit) => ("limit", RegisterCall::Write(limit), written),
            Call::Flag(on) => ("flag", RegisterCall::Write(on.into()), written),
            Call::Read => {
                ("limit", RegisterCall::Read, told.map(|it| RegisterAnswer::Value(it.limit)))
            }
            Call::Grant | Call::Renew | Call::Claim => return None,
        };
        Some(ObjectCall { key: key.into(), input, output })
    },
};

impl History {
    /// A server carries out the next revision: the first that does speaks for all.
    fn on_made(&mut self, at: Moment, by: Option<u16>, events: &[Event]) {
        let Some(first) = events.first().copied() else { return };
        let revision = first.revision;
        if revision != self.made.len() as u64 + 1 {
            return;
        }
        self.made.push((at, first));
        for event in events {
            let primary = self.primary.as_ref().map(|(service, _)| *service);
            if event.key == LIMIT
                && let Some(by) = by
                && primary != Some(by.into())
            {
                let since = self.primary.as_ref().map(|(_, since)| since.0);
                let reason = Reason::NotPrimary(revision, by);
                let moments = since.into_iter().chain([at]).collect();
                self.not_primary.get_or_insert(Breach {
                    reason,
                    by: at.1,
                    moments: Aside(moments),
                });
            }
            if event.key == PRIMARY {
                self.primary = event.item.map(|item| (item.value, Aside(at)));
            }
        }
    }

    fn on_told(&mut self, at: Moment, is_read: bool, revision: Revision) {
        let asked = self.asked.get(at.1).cloned();
        self.asked.remove(at.1);
        if let Some((known, known_at)) = asked.filter(|_| is_read)
            && revision < known
        {
            let moments = Aside(vec![known_at.0, at]);
            let reason = Reason::Stale(revision, known);
            self.stale.get_or_insert(Breach { reason, by: at.1, moments });
        }
        self.learn(at, revision);
    }

    /// Somebody knows of a revision.
    fn learn(&mut self, at: Moment, revision: Revision) {
        if revision > self.known.0 {
            self.known = (revision, Aside(at));
        }
    }

    /// A watcher's cache comes to a revision; returns where it was.
    fn step(&mut self, at: Moment, to: Revision) -> Seen {
        let seen = self.seen.get_or_insert(at.1, Seen::default());
        let before = seen.clone();
        *seen = Seen { upto: to, at: Aside(at) };
        if to < before.upto {
            let reason = Reason::WentBack(before.upto, to);
            let moments = Aside(vec![before.at.0, at]);
            self.went_back.get_or_insert(Breach { reason, by: at.1, moments });
        }
        self.learn(at, to);
        before
    }

    fn on_seen(&mut self, at: Moment, events: &[Event]) {
        let was_moving = self.moving.contains(&at.1);
        self.moving.retain(|id| *id != at.1);
        if was_moving && let [first, ..] = events {
            let (had, first) = (self.seen.get(at.1).map_or(0, |seen| seen.upto), first.revision);
            self.went_on.get_or_insert(first == had + 1);
            let server = self.moving_to.0.get(at.1).copied().unwrap_or_default();
            let last = events.last().map_or(first, |event| event.revision);
            let word = FirstWord { at_us: at.0, watcher: at.1, server, had, first, last };
            self.first_word.0.get_or_insert(word);
        }
        let mut last = None;
        for revision in events.iter().map(|event| event.revision) {
            // All changes of one revision come together.
            if last.replace(revision) == Some(revision) {
                continue;
            }
            let before = self.step(at, revision).upto;
            if revision != before + 1 {
                // What was skipped first, or came again.
                let about = if revision > before { before + 1 } else { revision };
                let moments = self.made_at(about).map(|it| it.0).into_iter().chain([at]).collect();
                let reason = Reason::Skipped(before, revision);
                self.skipped.get_or_insert(Breach { reason, by: at.1, moments: Aside(moments) });
            }
        }
    }

    /// Returns when and where a revision was made first, and its first change.
    fn made_at(&self, revision: Revision) -> Option<(Moment, Event)> {
        self.made.get(usize::try_from(revision.checked_sub(1)?).ok()?).copied()
    }

    /// Returns the latest revision made so long ago that every cache should have it.
    fn due(&self, now_us: u64) -> Revision {
        let old = |place: &usize| {
            let made = self.made.get(place - 1);
            made.is_some_and(|((at_us, _), _)| at_us + DUE_US <= now_us)
        };
        (1..=self.made.len()).rev().find(old).unwrap_or_default() as Revision
    }
}

/// Returns the servers, in order.
pub(super) fn servers(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(setup.count("nodes"))
}

/// Returns the services, in order.
pub(super) fn services(setup: &Setup) -> impl Iterator<Item = NodeId> + use<> {
    NodeId::range(setup.count("nodes"), setup.count("services"))
}

/// Returns the watchers, in order.
pub(super) fn watchers(setup: &Setup) -> impl Iterator<Item = NodeId> + use<> {
    NodeId::range(setup.count("nodes") + setup.count("services"), setup.count("watchers"))
}

/// Returns the servers that are up.
pub(super) fn up(world: &World<Node>) -> impl Iterator<Item = (NodeId, &Server)> {
    world.up().filter_map(|(id, node)| Some((id, node.server()?)))
}

/// Returns the watchers that are up.
pub(super) fn watching(world: &World<Node>) -> impl Iterator<Item = (NodeId, &Watcher)> {
    world.up().filter_map(|(id, node)| Some((id, node.watcher()?)))
}

/// Returns the server that is furthest: its state is the store's.
pub(super) fn furthest(world: &World<Node>) -> Option<&Server> {
    up(world).map(|(_, server)| server).max_by_key(|server| server.store.revision())
}

/// Says what changed in some revisions; only so many are told.
fn told(history: &History, revisions: std::ops::Range<Revision>) -> String {
    let made = revisions.filter_map(|revision| history.made_at(revision)).take(MOST_TOLD);
    let changes: Vec<String> = made.map(|(_, event)| change(&event)).collect();
    changes.join(", ")
}

fn judged(
    world: &World<Node>,
    history: &History,
    breach: Option<&Breach>,
) -> Result<(), Violation> {
    let Some(Breach { reason, by, moments }) = breach else { return Ok(()) };
    let name = &world.names()[*by];
    let text = match *reason {
        Reason::Stale(told, known) => {
            format!(
                "{name} was told the state of revision {told}, long after revision {known} was known"
            )
        }
        Reason::Skipped(before, at) if at > before => {
            let missed = told(history, before + 1..at);
            format!("{name} went on from revision {before} to {at}, and never heard of: {missed}")
        }
        Reason::Skipped(before, at) => {
            format!("{name} saw revision {at} once more, though it was at {before} before")
        }
        Reason::WentBack(from, to) => format!("{name} was at revision {from}, and is at {to} now"),
        Reason::NotPrimary(revision, service) => {
            let who = services(world.setup()).nth(service.into());
            let who = who.map_or("a service", |id| &world.names()[id]);
            format!("revision {revision} was made for {who}, which is not the primary any more")
        }
    };
    Err(Violation::new(text, [*by]).of(moments.0.iter().copied()))
}

/// A read shows every revision that any client was told of before it began.
pub(super) fn reads_are_fresh(world: &World<Node>, history: &History) -> Result<(), Violation> {
    judged(world, history, history.stale.as_ref())
}

/// A watcher sees every revision behind the one it listed, in order, once.
pub(super) fn every_revision(world: &World<Node>, history: &History) -> Result<(), Violation> {
    judged(world, history, history.skipped.as_ref())
}

/// What a cache shows is never older than what it showed before.
pub(super) fn never_back(world: &World<Node>, history: &History) -> Result<(), Violation> {
    judged(world, history, history.went_back.as_ref())
}

/// The limit is set by the primary alone, as the store has it at that revision.
pub(super) fn primary_writes(world: &World<Node>, history: &History) -> Result<(), Violation> {
    judged(world, history, history.not_primary.as_ref())
}

/// Returns how long a disturbed group may take to settle.
pub(super) fn settle_us(_: &Setup) -> u64 {
    TIMEOUTS_TO_SETTLE * super::ELECTION_TIMEOUT_US.1
}

/// Returns how long it may take until the limit is set again: a lease may have to end first.
pub(super) fn serve_us(setup: &Setup) -> u64 {
    settle_us(setup) + 1_000_000 + 2_000 * setup.knob("lease")
}

/// A server leads, and a majority knows no other leader.
pub(super) fn leader_exists(world: &World<Node>, _: &History) -> bool {
    let leads = |leader: NodeId| {
        let follow = up(world).filter(|(_, server)| server.raft.leader() == Some(leader)).count();
        2 * follow > servers(world.setup()).count()
    };
    up(world).any(|(id, server)| server.raft.is_leader() && leads(id))
}

/// A primary's change has been acknowledged in the last tenth of a second, and since the last
/// disturbance.
pub(super) fn serves(world: &World<Node>, history: &History) -> bool {
    let last = history.recent.back().copied();
    last.is_some_and(|at| at + 100_000 > world.now_us() && at >= world.disturbed_at_us())
}

/// Returns the keys of a cache that are not as the store had them at the cache's revision; none if
/// that is no longer known.
pub(super) fn wrong_keys(world: &World<Node>, watcher: &Watcher) -> Vec<Key> {
    let informer = &watcher.informer;
    let truth = furthest(world).and_then(|it| it.store.items_at(informer.cursor()).ok());
    let Some(truth) = truth else { return Vec::new() };
    differences(&truth, informer.items())
}

/// Every cache is as the store was at its revision, and that is not long ago.
pub(super) fn caches_are_right(world: &World<Node>, history: &History) -> bool {
    let due = history.due(world.now_us());
    let is_right = |id: NodeId| {
        let watcher = world.process(id).and_then(Node::watcher);
        watcher.is_some_and(|it| it.informer.cursor() >= due && wrong_keys(world, it).is_empty())
    };
    !history.made.is_empty() && watchers(world.setup()).all(is_right)
}

/// No cache shows what the store did not hold at the cache's revision.
pub(super) fn no_cache_is_wrong(world: &World<Node>, _: &History) -> Result<(), Violation> {
    let wrong = |(id, it): (NodeId, &Watcher)| Some((id, *wrong_keys(world, it).first()?));
    let Some((id, key)) = watching(world).find_map(wrong) else { return Ok(()) };
    let what = KEYS.iter().find(|(it, _)| *it == key).map_or("?", |(_, name)| name);
    Err(Violation::new(format!("{} shows a wrong {what}", &world.names()[id]), [id]))
}

/// Returns how many revisions behind the store each watcher is.
fn behind(world: &World<Node>) -> impl Iterator<Item = (u64, NodeId)> {
    let last = furthest(world).map_or(0, |server| server.store.revision());
    watching(world).map(move |(id, it)| (last.saturating_sub(it.informer.cursor()), id))
}

/// No cache is far behind.
pub(super) fn no_cache_lags(world: &World<Node>, _: &History) -> Result<(), Violation> {
    lags(world, behind(world), LONG_WAY_BEHIND)
}

/// All servers are up, and have made all revisions that every cache should have.
pub(super) fn servers_agree(world: &World<Node>) -> bool {
    let last = furthest(world).map_or(0, |server| server.store.revision());
    let is_there = |server: &Server| server.store.revision() + LONG_WAY_BEHIND >= last;
    up(world).filter(|(_, server)| is_there(server)).count() == servers(world.setup()).count()
}

/// No server that is up is far behind.
pub(super) fn no_server_lags(world: &World<Node>, _: &History) -> Result<(), Violation> {
    let last = furthest(world).map_or(0, |server| server.store.revision());
    let lag = |(id, server): (NodeId, &Server)| (last - server.store.revision(), id);
    lags(world, up(world).map(lag), LONG_LAG)
}

fn lags(
    world: &World<Node>,
    all: impl Iterator<Item = (u64, NodeId)>,
    limit: u64,
) -> Result<(), Violation> {
    match all.max().filter(|(by, _)| *by > limit) {
        Some((by, id)) => {
            let reason = format!("{} is {by} revisions behind", &world.names()[id]);
            Err(Violation::new(reason, [id]))
        }
        None => Ok(()),
    }
}

/// Once there is a primary there always is one.
pub(super) fn has_primary(_: &World<Node>, history: &History) -> Result<(), Violation> {
    if history.made.is_empty() || history.primary.is_some() {
        return Ok(());
    }
    Err(Violation::new("the primary's lease is over, and nobody has followed", []))
}

/// Returns how many changes were acknowledged in the last second.
pub(super) fn acknowledged_a_second(world: &World<Node>, history: &History) -> i64 {
    let is_recent = |at: &&u64| **at + 1_000_000 > world.now_us();
    i64::try_from(history.recent.iter().filter(is_recent).count()).unwrap_or(i64::MAX)
}

/// Returns how many revisions the cache that is furthest behind is behind.
pub(super) fn furthest_behind(world: &World<Node>, _: &History) -> i64 {
    behind(world).map(|(by, _)| by).max().unwrap_or_default().cast_signed()
}

/// Returns how many cached values are wrong.
pub(super) fn wrong_values(world: &World<Node>, _: &History) -> i64 {
    let wrong = watching(world).map(|(_, it)| wrong_keys(world, it).len()).sum::<usize>();
    i64::try_from(wrong).unwrap_or(i64::MAX)
}
