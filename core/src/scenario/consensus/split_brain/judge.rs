//! What is promised, judged from the store's disk, the clients' receipts and who leads when.

use std::collections::VecDeque;

use super::message::Fact;
use super::node::Node;
use super::server::Server;
use super::store::Block;
use super::{SETTLE_US, servers, store};
use crate::check::history::{AppendLog, SeenAs};
use crate::mechanism::deeds::Deeds;
use crate::mechanism::lanes::Lanes;
use crate::mechanism::majority::{connected_majority, majority};
use crate::mechanism::raft::Command;
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::writer::{self, Fact as WriterFact, Receipt, Receipts, Write};
use crate::sim::{Action, Aside, NodeId, Observer, SeenObject, Violation, World};
use crate::view::Tone;

/// So many of the last blocks touched are looked up in the store: more than are touched while a sync is
/// under way.
const WATCHED: usize = 32;

/// When something happened, in true time, and at which node.
type Moment = (u64, NodeId);
/// An epoch, and whose it is.
type Reign = (u64, NodeId);

/// What happened so far, as far as judgement needs it.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// What the clients were told.
    pub(super) receipts: Receipts,
    /// The first receipt for each block.
    acknowledged: SmallMap<u64, Receipt>,
    /// Blocks that were written or acknowledged last.
    watched: VecDeque<u64>,
    /// The highest epoch in which the store was sealed or written, and by whom.
    latest: Reign,
    /// When, and at which node, the store first heard of that epoch.
    latest_at: Option<Moment>,
    /// A write that the store applied, by whom and in which epoch, after that of a later one; and when
    /// the store did either.
    zombie: Option<([Reign; 2], [Moment; 2])>,
    /// How many writes of earlier epochs the store has refused.
    pub(super) refused: u64,
    /// When a server last began to lead, and which.
    last_lead: Option<Moment>,
    /// A server was switched off.
    pub(super) has_shot: bool,
    /// A server began to lead after another one had.
    pub(super) has_changed: bool,
    /// A server stood and gave up.
    pub(super) gave_up: bool,
    /// Who led when.
    pub(super) lanes: Lanes,
    /// What the servers' automation did.
    pub(super) deeds: Deeds,
    /// When each server last began to lead.
    pub(super) led_us: Aside<SmallMap<NodeId, u64>>,
    /// When the store last refused a write, of which epoch, and whose.
    pub(super) last_refused: Aside<Option<(u64, u64, NodeId)>>,
    /// When a client was first told that a block is written, and when the store last wrote it.
    told_at: Aside<SmallMap<u64, Moment>>,
    written_at: Aside<SmallMap<u64, Moment>>,
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        let (mut deed, mut lane) = (None, None);
        match fact {
            Fact::Writer(fact) => self.on_writer(at_us, node, fact),
            Fact::Stands => lane = Some(("wants to lead", Tone::Warn, None)),
            Fact::Shoots { server } => deed = Some(format!("orders S{} off", server.0 + 1)),
            Fact::IsOff { .. } => {
                self.has_shot = true;
                deed = Some("is switched off".into());
                lane = Some(("is off", Tone::Muted, None));
            }
            Fact::Leads { epoch } => {
                self.has_changed |= self.last_lead.is_some_and(|(_, id)| id != node);
                self.last_lead = Some((at_us, node));
                self.led_us.0.insert(node, at_us);
                deed = Some(format!("takes over, epoch {epoch}"));
                lane = Some(("leads", Tone::Good, Some(*epoch)));
            }
            Fact::StepsDown { .. } => {
                self.gave_up = true;
                deed = Some("steps down".into());
                lane = Some(("follows", Tone::Neutral, None));
            }
            Fact::Recovers => {}
            Fact::IsSealed { epoch, by } => {
                self.note_epoch((*epoch, *by), (at_us, node));
                deed = Some(format!("is sealed with epoch {epoch}"));
            }
            Fact::Applies { epoch, index, by, .. } => {
                self.on_applied((at_us, node), *epoch, *index, *by);
            }
            Fact::Refuses { epoch, by, .. } => {
                self.refused += 1;
                self.last_refused.0 = Some((at_us, *epoch, *by));
                deed = Some(format!("refuses a write of epoch {epoch}"));
            }
        }
        if let Some((what, tone, epoch)) = lane {
            self.lanes.turn(at_us, node, (what, tone), epoch);
        }
        if let Some(deed) = deed {
            self.deeds.push(at_us, node, deed);
        }
    }

    fn on_action(&mut self, at_us: u64, action: &Action, _: &World<Node>) {
        self.lanes.on_action(at_us, action);
    }

    /// A block that has lost a write, or else the one that was touched last.
    fn remark(&self, world: &World<Node>, node: NodeId) -> Option<String> {
        let lost = lost(world, self).map(|(receipt, _)| receipt.index);
        let index =
            lost.or(self.watched.back().copied()).filter(|_| node == store(world.setup()))?;
        let block = world.disk(node).0.get().block(index);
        let there = block.map_or("–".into(), |block| block.write.label());
        Some(format!("block {index} holds {there}"))
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
    fn on_writer(&mut self, at_us: u64, client: NodeId, fact: &WriterFact) {
        self.receipts.on_fact(at_us, client, fact);
        let (WriterFact::Holds(receipt) | WriterFact::HoldsLate(receipt)) = fact else { return };
        self.acknowledged.get_or_insert(receipt.index, *receipt);
        self.told_at.0.get_or_insert(receipt.index, (at_us, client));
        self.watch(receipt.index);
    }

    fn on_applied(&mut self, at: Moment, epoch: u64, index: u64, by: NodeId) {
        if epoch < self.latest.0
            && let Some(later_at) = self.latest_at
        {
            self.zombie.get_or_insert(([(epoch, by), self.latest], [later_at, at]));
        }
        self.note_epoch((epoch, by), at);
        self.written_at.0.insert(index, at);
        self.watch(index);
    }

    /// Returns the highest epoch in which the store was sealed or written.
    pub(super) fn latest_epoch(&self) -> u64 {
        self.latest.0
    }

    fn note_epoch(&mut self, reign: Reign, at: Moment) {
        if reign > self.latest {
            (self.latest, self.latest_at) = (reign, Some(at));
        }
    }

    fn watch(&mut self, index: u64) {
        self.watched.push_back(index);
        if self.watched.len() > WATCHED {
            self.watched.pop_front();
        }
    }
}

/// Returns the servers that run.
pub(super) fn up(world: &World<Node>) -> impl Iterator<Item = (NodeId, &Server)> {
    world.up().filter_map(|(id, node)| Some((id, node.server()?)))
}

/// Returns the servers that lead, as far as they know, each with its epoch.
pub(super) fn leading(world: &World<Node>) -> Vec<(NodeId, u64)> {
    up(world).filter_map(|(id, server)| Some((id, server.lead()?.epoch))).collect()
}

/// The store applies no write of an earlier epoch after it was sealed for, or written by, a later one.
pub(super) fn no_zombie_writes(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some(([(epoch, by), (later, holder)], moments)) = history.zombie else { return Ok(()) };
    let names = world.names();
    let reason = format!(
        "the store wrote for {} of epoch {epoch}, though {} has it in epoch {later}",
        &names[by], &names[holder]
    );
    Err(Violation::new(reason, [by, store(world.setup())]).of(moments))
}

/// Returns a receipt for a write that is not in its block on the store's disk, and what is there.
fn lost(world: &World<Node>, history: &History) -> Option<(Receipt, Option<Block>)> {
    let volume = world.disk(store(world.setup())).0.durable();
    let is_lost = |index: &u64| {
        let (receipt, block) = (*history.acknowledged.get(*index)?, volume.block(*index));
        let is_there = block.is_some_and(|block| block.write == receipt.write);
        (!is_there).then_some((receipt, block))
    };
    history.watched.iter().find_map(is_lost)
}

/// What a client was told is written is in its block on the store's disk.
pub(super) fn nothing_is_lost(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some((receipt, block)) = lost(world, history) else { return Ok(()) };
    let index = receipt.index;
    let of = |it: &Write| format!("{} of C{}", it.number, it.client + 1);
    let there = block.map_or("nothing".into(), |block| format!("write {}", of(&block.write)));
    let reason = format!(
        "write {} was acknowledged by {}, but its block {index} holds {there}",
        of(&receipt.write),
        &world.names()[receipt.by]
    );
    let moments = [&history.told_at, &history.written_at];
    let moments = moments.into_iter().filter_map(|it| it.0.get(index).copied());
    Err(Violation::new(reason, [receipt.by, store(world.setup())]).of(moments))
}

/// Whoever serves, serves alone: a new leader begins when no other one believes that it leads.
pub(super) fn one_serves(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let leading = leading(world);
    if leading.len() < 2 {
        return Ok(());
    }
    let ids: Vec<NodeId> = leading.iter().map(|(id, _)| *id).collect();
    let reason = format!("{} serve at the same time", world.names().list(ids.iter().copied()));
    let began = |id: &NodeId| history.led_us.0.get(*id).map(|at_us| (*at_us, *id));
    let moments: Vec<Moment> = ids.iter().filter_map(began).collect();
    Err(Violation::new(reason, ids).of(moments))
}

/// Once a connected majority that reaches the store has settled, nobody takes over any more.
pub(super) fn leader_stays(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some((at_us, leader)) = history.last_lead else { return Ok(()) };
    if at_us <= world.disturbed_at_us() + SETTLE_US {
        return Ok(());
    }
    let group = connected_majority(world, servers(world.setup()), [store(world.setup())]);
    let Some(group) = group else { return Ok(()) };
    let names = world.names().list(group.iter().copied());
    let (leader, ms) = (&world.names()[leader], (at_us - world.disturbed_at_us()) / 1_000);
    let reason = format!(
        "{leader} took over {ms} ms after the last disturbance, although {names} are connected"
    );
    Err(Violation::new(reason, group).of(history.last_lead))
}

/// One server leads, and a majority sees it.
pub(super) fn leader_is_seen(world: &World<Node>, _: &History) -> bool {
    let [(leader, _)] = leading(world)[..] else { return false };
    let sees = |(id, server): &(NodeId, &Server)| {
        server.leader(*id, world.clock(*id).monotonic_us(world.now_us())) == Some(leader)
    };
    let all = u32::try_from(servers(world.setup()).count()).unwrap_or(u32::MAX);
    up(world).filter(sees).count() >= majority(all) as usize
}

/// A write has been acknowledged in the last tenth of a second, and since the last disturbance.
pub(super) fn serves(world: &World<Node>, history: &History) -> bool {
    let is_recent = |at_us| at_us + 100_000 > world.now_us() && at_us >= world.disturbed_at_us();
    history.receipts.last_us().is_some_and(is_recent)
}

/// No client waits long.
pub(super) fn nobody_waits(world: &World<Node>, history: &History) -> Result<(), Violation> {
    writer::nobody_waits(world.names(), history.receipts.longest_wait(world.now_us()))
}

/// Nobody acts on a right that is over.
pub(super) fn nobody_is_fenced(world: &World<Node>, history: &History) -> Result<(), Violation> {
    let Some((at_us, epoch, by)) = history.last_refused.0 else { return Ok(()) };
    let (store, latest) = (store(world.setup()), history.latest_epoch());
    let name = &world.names()[by];
    let reason =
        format!("the store, in epoch {latest}, refused a write of {name} by epoch {epoch}");
    Err(Violation::new(reason, [store, by]).of([(at_us, store)]))
}
