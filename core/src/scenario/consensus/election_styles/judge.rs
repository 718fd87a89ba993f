//! What is promised, judged from what the stores acknowledge, and what an election costs.

use super::election::Elections;
use super::message::Fact;
use super::node::Node;
use super::server::Server;
use super::{Style, members, store};
use crate::mechanism::lanes::Lanes;
use crate::mechanism::majority::majority;
use crate::mechanism::raft;
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Action, Aside, NodeId, Observer, Violation, World};
use crate::view::Tone;

/// So many of the last writes of each store are shown.
const SHOWN: usize = 12;

/// A stretch in which one server leads: its epoch, and who.
pub(super) type Reign = (u64, NodeId);

/// A write that a store has acknowledged.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Taken {
    pub(super) at_us: u64,
    pub(super) reign: Reign,
    /// Another reign had begun to write.
    pub(super) is_late: bool,
}

/// One group, as its store sees it.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct Group {
    /// The first write in each reign.
    first: SmallMap<Reign, Taken>,
    /// The last writes, oldest first.
    pub(super) taken: Vec<Taken>,
    /// Two that wrote in one epoch.
    doubled: Option<[Taken; 2]>,
    /// A write of a reign after which another one had begun to write, and that one's first.
    overlap: Option<[Taken; 2]>,
    /// How often another server came to write than before.
    pub(super) changes: u64,
    /// When the store last refused a write of an earlier epoch, and whose.
    pub(super) last_refused: Option<(u64, Reign)>,
    /// What elections cost.
    pub(super) elections: Elections,
    /// When each reign began, by the word of who led.
    began_us: Aside<SmallMap<Reign, u64>>,
}

/// What happened so far, as far as judgement needs it.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// How many servers a group has.
    size: u16,
    groups: [Group; 3],
    /// A server has come back after a crash.
    pub(super) has_recovered: bool,
    /// Who led when; those that never led are not listed.
    pub(super) lanes: Lanes,
    /// Who has led.
    pub(super) leaders: SmallMap<NodeId, ()>,
}

impl History {
    /// Returns what is known of a group.
    pub(super) fn of(&self, style: Style) -> &Group {
        &self.groups[style as usize]
    }

    /// Returns how many messages the last election of a group took.
    pub(super) fn messages(&self, style: Style) -> i64 {
        self.of(style).elections.last().messages.cast_signed()
    }

    /// Returns how long it took until the leader was there that stayed.
    pub(super) fn stable_ms(&self, style: Style) -> i64 {
        (self.of(style).elections.last().took_us / 1_000).cast_signed()
    }

    /// Returns the group of a node.
    fn group(&mut self, node: NodeId) -> &mut Group {
        let place = usize::from(node.0 / (self.size + 1)).min(self.groups.len() - 1);
        &mut self.groups[place]
    }
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        let others = u64::from(self.size.saturating_sub(1));
        match fact {
            Fact::IsUp { of } => self.size = *of,
            Fact::Recovers => self.has_recovered = true,
            Fact::Says { to, .. } => self.group(node).elections.said(at_us, u64::from(*to)),
            // The answer to it.
            Fact::Considers { .. } => self.group(node).elections.said(at_us, 1),
            // Each to all others; the last one by its first entry.
            Fact::Raft(
                raft::Fact::Probes { .. } | raft::Fact::Stands { .. } | raft::Fact::Leads { .. },
            ) => self.group(node).elections.said(at_us, others),
            Fact::Raft(_) => {}
            Fact::Leads { epoch } => {
                self.leaders.insert(node, ());
                self.lanes.turn(at_us, node, ("leads", Tone::Good), Some(*epoch));
                self.group(node).began_us.0.get_or_insert((*epoch, node), at_us);
            }
            Fact::StepsDown { .. } => {
                self.lanes.turn(at_us, node, ("follows", Tone::Muted), None);
            }
            Fact::Acknowledges { epoch, by } => self.group(node).on_taken(at_us, (*epoch, *by)),
            Fact::Refuses { epoch, by, .. } => {
                self.group(node).last_refused = Some((at_us, (*epoch, *by)));
            }
        }
    }

    fn on_action(&mut self, at_us: u64, action: &Action, _: &World<Node>) {
        self.lanes.on_action(at_us, action);
    }
}

impl Group {
    fn on_taken(&mut self, at_us: u64, reign: Reign) {
        let (last, (epoch, by)) = (self.taken.last().copied(), reign);
        let is_known = self.first.get(reign).is_some();
        let is_other = last.is_some_and(|it| it.reign != reign);
        let taken = Taken { at_us, reign, is_late: is_known && is_other };
        self.first.get_or_insert(reign, taken);
        let is_rival = |it: &&Taken| it.reign.0 == epoch && it.reign.1 != by;
        if let Some(rival) = self.first.values().find(is_rival) {
            self.doubled.get_or_insert([*rival, taken]);
        }
        if let Some(last) = last.filter(|_| taken.is_late) {
            let newer = self.first.get(last.reign).copied().unwrap_or(last);
            self.overlap.get_or_insert([newer, taken]);
        }
        self.changes += u64::from(last.is_some_and(|it| it.reign.1 != by));
        self.elections.taken(at_us, is_other || last.is_none());
        if self.taken.len() == SHOWN {
            self.taken.remove(0);
        }
        self.taken.push(taken);
    }

    /// Returns who wrote last.
    pub(super) fn writer(&self) -> Option<NodeId> {
        self.taken.last().map(|it| it.reign.1)
    }

    /// Returns how two writes came to be: when their leaders began to lead, and when they were taken.
    fn moments_of(&self, store: NodeId, pair: &[Taken]) -> Vec<(u64, NodeId)> {
        let moments = |it: &Taken| {
            let began = self.began_us.0.get(it.reign).map(|at_us| (*at_us, it.reign.1));
            began.into_iter().chain([(it.at_us, store)])
        };
        pair.iter().flat_map(moments).collect()
    }
}

/// Returns the servers of a group that run.
pub(super) fn up(world: &World<Node>, style: Style) -> impl Iterator<Item = (NodeId, &Server)> {
    let ids = members(world.setup(), style);
    ids.filter_map(|id| Some((id, world.process(id)?.server()?)))
}

/// Returns the servers of a group that lead, as far as they know, each with its epoch.
pub(super) fn leading(world: &World<Node>, style: Style) -> Vec<(NodeId, u64)> {
    up(world, style).filter_map(|(id, server)| Some((id, server.reign?))).collect()
}

/// As each store sees it, an epoch has one leader.
pub(super) fn one_leader_an_epoch(world: &World<Node>, it: &History) -> Result<(), Violation> {
    for style in Style::ALL {
        let group = it.of(style);
        let Some([a, b]) = group.doubled else { continue };
        let (store, names) = (store(world.setup(), style), world.names());
        let (first, second) = (&names[a.reign.1], &names[b.reign.1]);
        let reason =
            format!("{first} and {second} both wrote to {} in epoch {}", &names[store], a.reign.0);
        let moments = group.moments_of(store, &[a, b]);
        return Err(Violation::new(reason, [a.reign.1, b.reign.1, store]).of(moments));
    }
    Ok(())
}

/// Once a store has acknowledged a write of another reign, it acknowledges none of the one before.
pub(super) fn no_writes_overlap(world: &World<Node>, it: &History) -> Result<(), Violation> {
    for style in Style::ALL {
        let group = it.of(style);
        let Some([newer, late]) = group.overlap else { continue };
        let (store, names) = (store(world.setup(), style), world.names());
        let reason = format!(
            "{} acknowledged a write of {} (epoch {}) after those of {} (epoch {}) had begun",
            &names[store], &names[late.reign.1], late.reign.0, &names[newer.reign.1], newer.reign.0
        );
        let moments = group.moments_of(store, &[newer, late]);
        return Err(Violation::new(reason, [late.reign.1, newer.reign.1, store]).of(moments));
    }
    Ok(())
}

/// In each group one server leads, and a majority follows it.
pub(super) fn each_has_a_leader(world: &World<Node>, _: &History) -> bool {
    let has_one = |style| {
        let [(leader, _)] = leading(world, style)[..] else { return false };
        let follows = |(id, server): &(NodeId, &Server)| {
            server.leader(world.clock(*id).monotonic_us(world.now_us())) == Some(leader)
        };
        let all = u32::try_from(members(world.setup(), style).count()).unwrap_or(u32::MAX);
        up(world, style).filter(follows).count() >= majority(all) as usize
    };
    Style::ALL.into_iter().all(has_one)
}

/// Each store has acknowledged a write in the last tenth of a second, and since the last disturbance.
pub(super) fn all_are_written(world: &World<Node>, it: &History) -> bool {
    let since_us = world.disturbed_at_us().max(world.now_us().saturating_sub(100_000));
    let is_written = |style| it.of(style).taken.last().is_some_and(|taken| taken.at_us >= since_us);
    Style::ALL.into_iter().all(is_written)
}

/// Returns a group in which two lead now.
pub(super) fn divided(world: &World<Node>) -> Option<Style> {
    Style::ALL.into_iter().find(|style| leading(world, *style).len() > 1)
}

/// Nobody leads beside another one.
pub(super) fn one_leads(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let Some(style) = divided(world) else { return Ok(()) };
    let (leading, began_us) = (leading(world, style), &it.of(style).began_us.0);
    let ids = || leading.iter().map(|(id, _)| *id);
    let began = |(id, epoch): &(NodeId, u64)| Some((*began_us.get((*epoch, *id))?, *id));
    let reason = format!("{} lead at the same time", world.names().list(ids()));
    Err(Violation::new(reason, ids()).of(leading.iter().filter_map(began)))
}

/// Nobody writes by a right that is over.
pub(super) fn nobody_is_refused(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let refused = |style: Style| Some((style, it.of(style).last_refused?));
    let Some((style, (at_us, (epoch, by)))) = Style::ALL.into_iter().find_map(refused) else {
        return Ok(());
    };
    let (store, names) = (store(world.setup(), style), world.names());
    let reason = format!(
        "{} refused a write of {} in epoch {epoch}, which is over",
        &names[store], &names[by]
    );
    Err(Violation::new(reason, [store, by]).of([(at_us, store)]))
}
