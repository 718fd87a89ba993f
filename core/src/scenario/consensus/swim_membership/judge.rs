//! Who is listed as dead, and whether that is fair and true.

use super::message::Fact;
use super::node::Node;
use crate::mechanism::lanes::Lanes;
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::swim::{Claim, Condition, Update};
use crate::scenario::Setup;
use crate::sim::{Action, Happened, NodeId, Observer, Violation, World};
use crate::view::Tone;

/// A death is on all lists after so many periods: it doubles from probe to probe, and each member asks
/// somebody in each period.
const PERIODS_TO_SPREAD: u64 = 10;
/// Clocks may be 5 % slow, and an answer takes a few latencies.
const ROOM_US: u64 = 100_000;

/// A suspicion that a member has.
#[derive(Copy, Clone, Debug, Hash)]
struct Suspicion {
    since_us: u64,
    incarnation: u64,
    /// The suspecter has heard the objection.
    is_answered: bool,
}

/// The last objection of a member.
#[derive(Copy, Clone, Debug, Hash)]
struct Objection {
    at_us: u64,
    to: Claim,
    with: u64,
}

/// Somebody's word of another, and when.
type Word = (NodeId, NodeId, u64);

/// What the lists have said so far.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// By suspecter and suspect.
    suspicions: SmallMap<(NodeId, NodeId), Suspicion>,
    objections: SmallMap<NodeId, Objection>,
    /// When something last happened at each member.
    alive_us: SmallMap<NodeId, u64>,
    /// Who is not alive on whose list: by owner of the list and member, the condition and since when.
    listed: SmallMap<(NodeId, NodeId), (Condition, u64)>,
    /// When a member was first listed as dead under its last incarnation, and by whom.
    first_dead: SmallMap<NodeId, (u64, NodeId)>,
    /// Who was declared dead although the one who did had heard the objection.
    ignored: Option<Word>,
    /// The last judgement of death without time to object.
    hasty: Option<Word>,
    /// The last probe that failed.
    missed: Option<Word>,
    /// Probes that only helpers brought an answer to.
    pub(super) saved_by_helpers: u32,
    /// Suspicions so far.
    pub(super) suspected: u32,
    /// Objections that ended a suspicion.
    pub(super) forgiven: u32,
    /// Members that came back on a list on which they were dead.
    pub(super) returned: u32,
    /// A node has restarted.
    pub(super) has_restarted: bool,
    /// How each member stands on the lists.
    pub(super) lanes: Lanes,
}

impl History {
    /// Returns the last incarnation of a member, as it has said itself.
    fn incarnation(&self, member: NodeId) -> u64 {
        self.objections.get(member).map_or(0, |objection| objection.with)
    }

    fn on_believes(&mut self, at_us: u64, id: NodeId, update: Update, is_own: bool) {
        let Update { member, claim } = update;
        let pair = (id, member);
        let suspicion = self.suspicions.get(pair).copied();
        let was = self.listed.get(pair).map(|(condition, _)| *condition);
        match claim.condition {
            Condition::Alive => {
                self.forgiven += u32::from(suspicion.is_some());
                self.returned += u32::from(was == Some(Condition::Dead));
                self.listed.remove(pair);
            }
            Condition::Suspect => {
                self.suspected += u32::from(is_own);
                self.listed.insert(pair, (Condition::Suspect, at_us));
            }
            Condition::Dead => {
                if was != Some(Condition::Dead) {
                    self.listed.insert(pair, (Condition::Dead, at_us));
                }
                if is_own {
                    self.on_judges_dead(at_us, pair, suspicion);
                }
                if claim.incarnation >= self.incarnation(member) {
                    self.first_dead.get_or_insert(member, (at_us, id));
                }
            }
        }
        self.suspicions.remove(pair);
        if claim.condition == Condition::Suspect {
            let Claim { incarnation, .. } = claim;
            let suspicion = Suspicion { since_us: at_us, incarnation, is_answered: false };
            self.suspicions.insert(pair, suspicion);
        }
        self.turn(at_us, member, claim.incarnation);
    }

    /// A member was declared dead by somebody's own judgement.
    fn on_judges_dead(
        &mut self,
        at_us: u64,
        (id, member): (NodeId, NodeId),
        it: Option<Suspicion>,
    ) {
        match it {
            Some(Suspicion { is_answered: true, .. }) => {
                self.ignored.get_or_insert((id, member, at_us));
            }
            Some(_) => {}
            None => self.hasty = Some((id, member, at_us)),
        }
    }

    /// Returns the two sides of a false judgement: the member's last sign of life, and when it was missed
    /// or declared dead.
    fn sides(&self, id: NodeId, member: NodeId, at_us: u64) -> impl Iterator<Item = (u64, NodeId)> {
        let alive_us = self.alive_us.get(member).map(|alive_us| (*alive_us, member));
        alive_us.into_iter().chain([(at_us, id)])
    }

    fn on_hears_alive(&mut self, id: NodeId, member: NodeId, incarnation: u64) {
        let Some(suspicion) = self.suspicions.get_mut((id, member)) else { return };
        // It is an answer if it was made after the suspicion began, and to no older one.
        suspicion.is_answered |= self.objections.get(member).is_some_and(|objection| {
            objection.with == incarnation
                && objection.at_us >= suspicion.since_us
                && objection.to.incarnation >= suspicion.incarnation
        });
    }

    /// Notes how a member stands on all lists.
    fn turn(&mut self, at_us: u64, member: NodeId, incarnation: u64) {
        let on_lists = || self.listed.iter().filter(|((_, it), _)| *it == member);
        let is_dead = on_lists().any(|(_, (condition, _))| *condition == Condition::Dead);
        let what = match (is_dead, on_lists().next().is_some()) {
            (true, _) => ("dead on some list", Tone::Bad),
            (false, true) => ("suspected", Tone::Warn),
            (false, false) => ("alive on all", Tone::Good),
        };
        self.lanes.turn(at_us, member, what, Some(incarnation));
    }
}

impl Observer<Node> for History {
    fn on_event(&mut self, event: &Happened) {
        self.alive_us.insert(event.record.node, event.record.at_us);
    }

    fn remark(&self, world: &World<Node>, node: NodeId) -> Option<String> {
        remark(world, self, node)
    }

    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match *fact {
            Fact::Misses(member) => self.missed = Some((node, member, at_us)),
            Fact::IsHelped(_) => self.saved_by_helpers += 1,
            Fact::Believes { update, from } => {
                self.on_believes(at_us, node, update, from.is_none());
            }
            Fact::Objects { to, with } => {
                self.objections.insert(node, Objection { at_us, to, with });
                self.first_dead.remove(node);
            }
            Fact::HearsAlive(member, incarnation) => {
                self.on_hears_alive(node, member, incarnation);
            }
            Fact::ComesBack => {
                // Its list begins anew, and if it was dead, it no longer is.
                self.suspicions.retain(|(id, _), _| id != node);
                self.listed.retain(|(id, _), _| id != node);
                self.first_dead.remove(node);
                self.has_restarted = true;
            }
        }
    }

    fn on_action(&mut self, at_us: u64, action: &Action, _: &World<Node>) {
        self.lanes.on_action(at_us, action);
    }
}

/// Returns the length of a period, as long as the slowest clock makes it, times so many.
fn periods_us(setup: &Setup, count: u64) -> u64 {
    count * setup.knob("period") * 1_060 + ROOM_US
}

/// How long a suspect has time to object.
pub(super) fn objection_us(setup: &Setup) -> u64 {
    setup.knob("grace") * setup.knob("period") * 1_000
}

/// How long a living member may stay on a list of the dead while all is calm: everybody has knocked on
/// all others by then, by its own order twice.
pub(super) fn back_us(setup: &Setup) -> u64 {
    periods_us(setup, 2 * (setup.knob("nodes") + 2))
}

/// How long it may take after the last fault until all are alive on all lists: suspicions end, deaths
/// spread, and the knocking begins anew.
pub(super) fn settle_us(setup: &Setup) -> u64 {
    objection_us(setup) * 106 / 100 + 2 * back_us(setup)
}

pub(super) fn objections_count(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some((id, member, at_us)) = history.ignored else { return Ok(()) };
    let (name, member_name) = (&world.names()[id], &world.names()[member]);
    let reason =
        format!("{name} declares {member_name} dead, whose objection it has heard in time");
    let objected_us = history.objections.get(member).map(|it| (it.at_us, member));
    Err(Violation::new(reason, [id, member]).of(objected_us.into_iter().chain([(at_us, id)])))
}

pub(super) fn there_is_time_to_object(
    world: &World<Node>,
    history: &History,
) -> Result<(), Violation> {
    match history.hasty {
        Some((id, member, at_us)) if at_us == world.now_us() && world.is_running(member) => {
            let (name, member_name) = (&world.names()[id], &world.names()[member]);
            let reason = format!("{name} declares {member_name} dead at once, and it runs");
            Err(Violation::new(reason, [id, member]).of(history.sides(id, member, at_us)))
        }
        Some(_) | None => Ok(()),
    }
}

pub(super) fn one_link_is_not_enough(
    world: &World<Node>,
    history: &History,
) -> Result<(), Violation> {
    let Some((id, member, at_us)) = history.missed else { return Ok(()) };
    let lasts_us = periods_us(world.setup(), 2);
    if at_us != world.now_us()
        || world.now_us() < world.disturbed_at_us() + lasts_us
        || world.network().loss_percent() > 0
        || !world.ids().all(|id| world.is_running(id))
    {
        return Ok(());
    }
    let is_theirs = |from, to| (from, to) == (id, member) || (from, to) == (member, id);
    let only_theirs = world.network().cuts().all(|(from, to, _)| is_theirs(from, to))
        && world.network().holds().all(|(from, to)| is_theirs(from, to));
    if !only_theirs {
        return Ok(());
    }
    let (name, member_name) = (&world.names()[id], &world.names()[member]);
    let reason = format!("{name} misses {member_name}, whom everybody else can reach");
    Err(Violation::new(reason, [id, member]).of(history.sides(id, member, at_us)))
}

/// Returns who is listed as dead by whom although both run, and since when.
pub(super) fn false_deaths<'a>(
    world: &'a World<Node>,
    history: &'a History,
) -> impl Iterator<Item = Word> + 'a {
    history.listed.iter().filter_map(|((id, member), (_, since_us))| {
        let is_listed = world.process(id)?.members.is(member, Condition::Dead);
        (is_listed && world.process(member).is_some()).then_some((id, member, *since_us))
    })
}

pub(super) fn the_living_return(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let is_late = |since_us: u64| world.now_us() > since_us + back_us(world.setup());
    // Whether all is calm takes a look at every node, so first comes what is cheap.
    let is_candidate = |it: &(Condition, u64)| it.0 == Condition::Dead && is_late(it.1);
    if !history.listed.values().any(is_candidate) || !world.calm_since_us().is_some_and(is_late) {
        return Ok(());
    }
    let Some((id, member, since_us)) = false_deaths(world, history).find(|it| is_late(it.2)) else {
        return Ok(());
    };
    let (name, member_name) = (&world.names()[id], &world.names()[member]);
    let reason = format!("{name} still lists {member_name} as dead, which runs and is reachable");
    Err(Violation::new(reason, [id, member]).of(history.sides(id, member, since_us)))
}

/// Returns true if somebody is down and all others run in a whole network.
fn only_the_dead_are_missing(world: &World<Node>) -> bool {
    let is_well = |id: NodeId| world.process(id).is_none() || world.is_running(id);
    world.network().is_whole() && world.ids().all(is_well)
}

pub(super) fn deaths_spread(world: &World<Node>, history: &History) -> Result<(), Violation> {
    for (member, &(since_us, first)) in history.first_dead.iter() {
        // Who was down or cut off when the news went round has to find out by itself.
        let is_recent = since_us < world.disturbed_at_us();
        let is_late = world.now_us() > since_us + periods_us(world.setup(), PERIODS_TO_SPREAD);
        if is_recent || !is_late || world.process(member).is_some() {
            continue;
        }
        let misses = world.up().find(|(_, node)| !node.members.is(member, Condition::Dead));
        if let Some((id, _)) = misses.filter(|_| only_the_dead_are_missing(world)) {
            let (name, member_name) = (&world.names()[id], &world.names()[member]);
            let reason = format!("{name} does not list {member_name} as dead, as others long do");
            return Err(Violation::new(reason, [id, member]).of([(since_us, first)]));
        }
    }
    Ok(())
}

/// Returns a member that is down and dead on all lists.
pub(super) fn known_death(world: &World<Node>) -> Option<NodeId> {
    let mut down = world.ids().filter(|id| world.process(*id).is_none());
    down.find(|member| world.up().all(|(_, node)| node.members.is(*member, Condition::Dead)))
}

/// Returns the last to list a member as dead, and since when it does.
pub(super) fn last_to_know(history: &History, member: NodeId) -> Option<(NodeId, u64)> {
    let lists = history.listed.iter().filter(|((_, it), _)| *it == member);
    lists.map(|((id, _), (_, since_us))| (id, *since_us)).max_by_key(|(_, since_us)| *since_us)
}

/// Returns true if all run and are alive on all lists.
pub(super) fn all_are_alive(world: &World<Node>, _: &History) -> bool {
    world.ids().all(|id| world.process(id).is_some())
        && world
            .up()
            .all(|(_, node)| world.ids().all(|member| node.members.is(member, Condition::Alive)))
}

pub(super) fn the_living_are_listed(
    world: &World<Node>,
    history: &History,
) -> Result<(), Violation> {
    match false_deaths(world, history).next() {
        Some((id, member, since_us)) => {
            let (name, member_name) = (&world.names()[id], &world.names()[member]);
            let reason = format!("{name} lists {member_name} as dead, which runs");
            Err(Violation::new(reason, [id, member]).of(history.sides(id, member, since_us)))
        }
        None => Ok(()),
    }
}

/// Returns how many entries list a member that runs as dead.
pub(super) fn false_count(world: &World<Node>, history: &History) -> u64 {
    false_deaths(world, history).count() as u64
}

/// Returns how many messages a member sends in a period, in hundredths.
pub(super) fn load_hundredths(world: &World<Node>) -> i64 {
    let members = world.ids().len() as u64;
    let period_us = world.setup().knob("period") * 1_000;
    let all = world.costs().messages * 100 * period_us;
    (all / (members * world.now_us().max(period_us))).cast_signed()
}

/// Says of a member that runs how many others list it as dead.
fn remark(world: &World<Node>, _: &History, id: NodeId) -> Option<String> {
    world.process(id)?;
    let others = world.up().filter(|(_, node)| node.members.is(id, Condition::Dead)).count();
    (others > 0).then(|| format!("dead to {others}"))
}
