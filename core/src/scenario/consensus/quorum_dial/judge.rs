//! What is promised, judged from what clients were told and what replicas took over.

use std::collections::VecDeque;

use super::node::{Fact, Node};
use super::{clients, quorums, replicas};
use crate::check::history::{Call, Register, RegisterAnswer, RegisterCall, SeenAs};
use crate::mechanism::paxos;
use crate::mechanism::quorum::{self, Answers, Breach, Tag};
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::writer;
use crate::sim::{Aside, LongList, NodeId, Observer, SeenObject, Violation, World};

/// So many reads must have been counted before their share of stale ones means anything.
const ENOUGH_READS: u64 = 12;
/// A share of stale reads that is worth an operator's attention, in a hundred.
const MANY_STALE_PERCENT: u64 = 25;

/// When something happened, in true time, and at which node.
type Moment = (u64, NodeId);
/// Whose a seat is, and when somebody was told so.
type Told = (u64, u64);

/// What happened so far, as far as judgement needs it.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// What clients were told of the register.
    pub(super) answers: Answers,
    /// Since when each client has waited for its present operation.
    open: SmallMap<NodeId, u64>,
    /// When each client last had an answer.
    served_us: SmallMap<NodeId, u64>,
    /// When the answers of the last second came.
    recent: VecDeque<u64>,
    /// The latest write of each client, with the nodes that took it over.
    takers: SmallMap<NodeId, (Tag, Vec<NodeId>)>,
    /// The newest version that each node has taken over.
    held: SmallMap<NodeId, Tag>,
    /// The newest version that was acknowledged.
    acknowledged: Tag,
    /// The write that returned last.
    returned: Option<Acknowledged>,
    /// Who was told whose each seat is, and when.
    pub(super) seats: SmallMap<u32, SmallMap<NodeId, Told>>,
    /// When each client was last told whose a seat is.
    told_us: SmallMap<NodeId, u64>,
    /// A seat, and two clients who were told different owners, with what they were told, and when.
    two_owners: Option<(u32, [(NodeId, Told); 2])>,
    /// A replica took over a version that had been acknowledged before.
    pub(super) was_repaired: bool,
    /// A claim was refused.
    pub(super) was_refused: bool,
    /// A replica came back after a crash.
    pub(super) came_back: bool,
    /// How many reads have returned.
    pub(super) reads: u64,
    /// When each value was first told or acknowledged, and to whom.
    told_first: Aside<LongList<(u64, Moment)>>,
    /// When each node last took over a version.
    held_at: Aside<SmallMap<NodeId, Moment>>,
    /// When the first answer came that no regular register gives, and that no linearizable one does.
    stale_at: Aside<Option<Moment>>,
    inverted_at: Aside<Option<Moment>>,
}

/// A write that has returned, and where it was by then.
#[derive(Clone, Debug, Hash)]
struct Acknowledged {
    client: NodeId,
    value: u64,
    /// Who had taken it over.
    at: Vec<NodeId>,
    /// Who had taken over a version with a greater tag.
    newer_at: Vec<NodeId>,
    /// When each of the first took it over, and when it returned.
    moments: Aside<Vec<Moment>>,
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match fact {
            Fact::Register(fact) => {
                self.answers.on_fact(node, fact);
                self.on_register(at_us, node, fact);
                self.note_breaches((at_us, node));
            }
            Fact::Seats(paxos::Fact::Decides { decree, value }) => {
                self.told_us.insert(node, at_us);
                let told = self.seats.get_or_insert(*decree, SmallMap::default());
                let owner = (*value, at_us);
                told.insert(node, owner);
                if let Some((id, other)) = told.iter().find(|(_, other)| other.0 != *value) {
                    self.two_owners.get_or_insert((*decree, [(id, *other), (node, owner)]));
                }
            }
            Fact::Seats(paxos::Fact::IsRefused { .. }) => self.was_refused = true,
            Fact::Seats(paxos::Fact::Begins { .. }) => {}
            Fact::Recovers => self.came_back = true,
        }
    }

    /// Whose the last seat is of which a client was told.
    fn remark(&self, _: &World<Node>, node: NodeId) -> Option<String> {
        let told = |(seat, told): (u32, &SmallMap<NodeId, Told>)| Some((seat, told.get(node)?.0));
        let (seat, owner) = self.seats.iter().filter_map(told).last()?;
        Some(format!("seat {seat}: C{owner}"))
    }

    fn seen_as() -> Option<&'static dyn SeenObject> {
        Some(&THE_REGISTER)
    }
}

/// Clients see one register; their claims are another matter.
static THE_REGISTER: SeenAs<Register<u64>, Fact> = SeenAs {
    name: "a register",
    specification: Register { initial: 0 },
    read: |asks, answer| {
        let Fact::Register(quorum::Fact::Begins { call, .. }) = asks else { return None };
        let output = match answer {
            Some(Fact::Register(quorum::Fact::HasRead { version, .. })) => {
                Some(RegisterAnswer::Value(version.value))
            }
            Some(Fact::Register(quorum::Fact::HasWritten { .. })) => Some(RegisterAnswer::Written),
            Some(_) | None => None,
        };
        let input = match *call {
            quorum::Call::Read => RegisterCall::Read,
            quorum::Call::Write(value) => RegisterCall::Write(value),
        };
        Some(Call { key: String::new(), input, output })
    },
};

impl History {
    fn on_register(&mut self, at_us: u64, node: NodeId, fact: &quorum::Fact) {
        match *fact {
            quorum::Fact::Begins { .. } => {
                self.open.insert(node, at_us);
            }
            quorum::Fact::Adopts(version) => {
                self.was_repaired |= version.tag <= self.acknowledged;
                self.held.insert(node, version.tag);
                self.held_at.0.insert(node, (at_us, node));
                let first = (version.tag, Vec::new());
                let (tag, takers) = self.takers.get_or_insert(version.tag.writer, first);
                if *tag < version.tag {
                    (*tag, *takers) = (version.tag, Vec::new());
                }
                if *tag == version.tag && !takers.contains(&node) {
                    takers.push(node);
                }
            }
            quorum::Fact::HasRead { version, .. } => {
                self.reads += 1;
                self.note_told(version.value, (at_us, node));
                self.on_answer(at_us, node);
            }
            quorum::Fact::HasWritten { version, .. } => {
                self.note_told(version.value, (at_us, node));
                self.acknowledged = self.acknowledged.max(version.tag);
                let (tag, takers) = (version.tag, self.takers.get(node));
                let took = takers.filter(|it| it.0 == tag).map(|it| it.1.clone());
                let newer = self.held.iter().filter(|(_, held)| **held > tag).map(|it| it.0);
                let (at, newer_at) = (took.unwrap_or_default(), newer.collect());
                let (client, value) = (node, version.value);
                let taken = at.iter().filter_map(|id| self.held_at.0.get(*id).copied());
                let moments = Aside(taken.chain([(at_us, node)]).collect());
                self.returned = Some(Acknowledged { client, value, at, newer_at, moments });
                self.on_answer(at_us, node);
            }
            quorum::Fact::GivesUp { .. } => {}
        }
    }

    fn note_told(&mut self, value: u64, moment: Moment) {
        if self.first_told(value).is_none() {
            self.told_first.0.push((value, moment));
        }
    }

    fn first_told(&self, value: u64) -> Option<Moment> {
        self.told_first.0.iter().find(|(it, _)| *it == value).map(|(_, moment)| *moment)
    }

    fn note_breaches(&mut self, moment: Moment) {
        if self.answers.stale().is_some() {
            self.stale_at.0.get_or_insert(moment);
        }
        if self.answers.inverted().is_some() {
            self.inverted_at.0.get_or_insert(moment);
        }
    }

    /// Returns how long a client has waited for its present operation, if there is one.
    pub(super) fn wait_us(&self, client: NodeId, now_us: u64) -> Option<u64> {
        self.open.get(client).map(|since_us| now_us.saturating_sub(*since_us))
    }

    fn on_answer(&mut self, at_us: u64, client: NodeId) {
        self.open.remove(client);
        self.served_us.insert(client, at_us);
        while self.recent.pop_front_if(|it| *it + 1_000_000 <= at_us).is_some() {}
        self.recent.push_back(at_us);
    }
}

fn breach(
    (world, history): (&World<Node>, &History),
    (breach, at): (Option<Breach>, Option<Moment>),
    say: fn(&str, Breach) -> String,
) -> Result<(), Violation> {
    let Some(breach) = breach else { return Ok(()) };
    let moments = history.first_told(breach.other).into_iter().chain(at);
    let reason = say(&world.names()[breach.client], breach);
    Err(Violation::new(reason, [breach.client]).of(moments))
}

/// A read returns the latest write that had returned before it began, or one that was under way: the
/// register is regular.
pub(super) fn no_read_is_stale(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let found = (history.answers.stale(), history.stale_at.0);
    breach((world, history), found, |name, Breach { told, other, .. }| {
        let what =
            if told == 0 { "0, as if nothing had been written".into() } else { told.to_string() };
        format!("{name} read {what}, but {other} was acknowledged before that read began")
    })
}

/// Operations take effect one at a time, each between its call and its answer: the register is
/// linearizable.
pub(super) fn one_at_a_time(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let found = (history.answers.inverted(), history.inverted_at.0);
    breach((world, history), found, |name, Breach { told, other, .. }| {
        format!(
            "{name} was told {told}, and no order of all reads and writes allows that after {other}"
        )
    })
}

/// A write returns when W of the register's own replicas have it, or something newer.
pub(super) fn is_at_home(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let quorums = quorums(world.setup());
    let Some(Acknowledged { client, value, at, newer_at, moments }) = &history.returned else {
        return Ok(());
    };
    // Without versions nothing is newer: what came last may be any other write.
    let has_versions = world.setup().is_on("versions");
    let has_newer = |id: &NodeId| has_versions && newer_at.contains(id);
    let is_safe_at = |id: &NodeId| at.contains(id) || has_newer(id);
    let at_home = replicas(world.setup()).filter(is_safe_at).count();
    if quorums.are_enough(quorum::Phase::Store, at_home) {
        return Ok(());
    }
    let (name, names) = (&world.names()[*client], world.names().list(at.iter().copied()));
    let reason = format!(
        "write {value} of {name} was acknowledged by {names}, and of its own replicas {at_home} have it"
    );
    Err(Violation::new(reason, at.iter().copied().chain([*client])).of(moments.0.iter().copied()))
}

/// Nobody is told another owner of a seat than somebody else.
pub(super) fn decided_once(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some((seat, told)) = history.two_owners else { return Ok(()) };
    let [(a, (first, _)), (b, (second, _))] = told;
    let (one, other) = (&world.names()[a], &world.names()[b]);
    let reason = format!(
        "seat {seat}: {one} was told that it is C{first}'s, {other} that it is C{second}'s"
    );
    let moments = told.map(|(client, (_, at_us))| (at_us, client));
    Err(Violation::new(reason, [a, b]).of(moments))
}

/// A claim was refused, and all clients were told the same of one seat.
pub(super) fn was_decided(world: &World<Node>, history: &History) -> bool {
    let all = clients(world.setup()).count();
    history.was_refused
        && decided_once(world, history).is_ok()
        && history.seats.values().any(|told| told.len() == all)
}

/// Every client has had an answer since the last disturbance.
pub(super) fn all_served(world: &World<Node>, history: &History) -> bool {
    let since_us = world.disturbed_at_us();
    let was_served = |id: NodeId| history.served_us.get(id).is_some_and(|at| *at >= since_us);
    clients(world.setup()).all(was_served)
}

/// Every client has been told whose a seat is since the last disturbance.
pub(super) fn seats_are_told(world: &World<Node>, history: &History) -> bool {
    let since_us = world.disturbed_at_us();
    let was_told = |id: NodeId| history.told_us.get(id).is_some_and(|at| *at >= since_us);
    clients(world.setup()).all(was_told)
}

fn longest_wait(world: &World<Node>, history: &History) -> Option<(u64, NodeId)> {
    let waits = history.open.iter().map(|(id, at_us)| (world.now_us().saturating_sub(*at_us), id));
    waits.max()
}

/// No client waits long.
pub(super) fn nobody_waits(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let longest = longest_wait(world, history).map(|(wait_us, id)| (id, wait_us));
    writer::nobody_waits(world.names(), longest)
}

/// Returns how long the client that has waited longest has waited.
pub(super) fn longest_wait_ms(world: &World<Node>, history: &History) -> i64 {
    longest_wait(world, history).map_or(0, |(wait_us, _)| (wait_us / 1_000).cast_signed())
}

/// Returns how many operations were answered in the last second.
pub(super) fn answered_a_second(world: &World<Node>, history: &History) -> i64 {
    let is_recent = |at_us: &&u64| **at_us + 1_000_000 > world.now_us();
    i64::try_from(history.recent.iter().filter(is_recent).count()).unwrap_or(i64::MAX)
}

/// Returns the share of stale reads among those that a formula speaks of, in a hundred.
pub(super) fn stale_percent(history: &History) -> Option<u64> {
    let (missed, counted) = history.answers.missed_of();
    (counted >= ENOUGH_READS).then(|| 100 * missed / counted)
}

/// The share of stale reads stays small.
pub(super) fn few_are_stale(world: &World<Node>, history: &History) -> Result<(), Violation> {
    match stale_percent(history).filter(|percent| *percent > MANY_STALE_PERCENT) {
        Some(percent) => {
            let reason = format!("{percent} % of the reads after a write have missed it");
            Err(Violation::new(reason, replicas(world.setup())))
        }
        None => Ok(()),
    }
}

/// Answers whether a read can miss a write that was acknowledged before it, once one has, or so many
/// have not.
pub(super) fn can_miss(world: &World<Node>, history: &History) -> Option<u8> {
    if no_read_is_stale(world, history).is_err() {
        return Some(1);
    }
    let (missed, counted) = history.answers.missed_of();
    (counted >= ENOUGH_READS && missed == 0).then_some(0)
}
