//! What clients were told against what lies on the disks, and how long they waited: judged from outside.

use super::message::Fact;
use super::node::Node;
use super::{clients, remotes, servers};
use crate::check::history::{AppendLog, SeenAs};
use crate::mechanism::majority::majority;
use crate::mechanism::raft::{self, Index, Log, Stable as _, leading};
use crate::mechanism::recent::Recent;
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::writer::{self, Fact as WriterFact, Receipt, Receipts, Write};
use crate::order::sort;
use crate::sim::{Action, Aside, NodeId, Observer, SeenObject, Violation, World};

/// Of a hundred writes, 99 are acknowledged within so long while nothing is broken.
pub(super) const BOUND_US: u64 = 50_000;
/// A write is judged by that if nothing was done to the world for so long before it: time enough to elect.
const CALM_US: u64 = 2_000_000;
/// So many times until an acknowledgement are remembered: of a hundred, the second-longest is their p99.
const REMEMBERED: usize = 100;
/// More acknowledged writes than these are in no other region: worth an operator's attention.
pub(super) const LONG_BACKLOG: u64 = 20;

/// What was there, and nowhere else, when the region went down.
#[derive(Copy, Clone, Debug, Hash)]
pub(super) struct Loss {
    pub(super) at_us: u64,
    /// Writes that were acknowledged and are in no other region, and how old the oldest of them is.
    pub(super) writes: u64,
    pub(super) age_us: u64,
}

/// Writes that began in calm, since something was last done to the world.
#[derive(Copy, Clone, Debug, Default, Hash)]
struct Calm {
    from_us: u64,
    acknowledged: u64,
    late: u64,
}

/// What happened so far, as far as judgement needs it.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    pub(super) raft: raft::History,
    pub(super) receipts: Receipts,
    /// Since when each client waits for its write.
    open: SmallMap<NodeId, u64>,
    /// When each client was last told that a write is safe.
    told_us: SmallMap<NodeId, u64>,
    /// How long the last acknowledgements took.
    took_us: Recent<u64, REMEMBERED>,
    calm: Calm,
    /// When the last that came late in calm began and ended, and whose it was.
    late: Aside<Option<(u64, u64, NodeId)>>,
    /// Acknowledged writes of which no leader has heard that a copy has them, and since when.
    unshipped: SmallMap<Write, (u64, Receipt)>,
    /// How far anybody was told that the log is safe; and how far when last something was done.
    furthest: Index,
    furthest_before: Index,
    pub(super) lost: Option<Loss>,
    /// How often a copy took something over, and how often it found a gap.
    pub(super) taken_over: u64,
    pub(super) gaps: u64,
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match fact {
            Fact::Raft(fact) => self.raft.on_fact(at_us, node, fact),
            Fact::Writer(fact) => {
                self.receipts.on_fact(at_us, node, fact);
                self.on_client(at_us, node, fact);
            }
            Fact::TakesOver { .. } => self.taken_over += 1,
            Fact::FindsGap { .. } => self.gaps += 1,
            Fact::Hears { through, .. } => {
                self.unshipped.retain(|_, (_, receipt)| receipt.index > *through);
            }
            Fact::Recovers => {}
        }
    }

    fn on_action(&mut self, at_us: u64, action: &Action, world: &World<Node>) {
        self.raft.lanes.on_action(at_us, action);
        self.calm = Calm { from_us: at_us + CALM_US, ..Calm::default() };
        self.furthest_before = self.furthest;
        if matches!(action, Action::Crash(id) if id.0 < world.setup().count("servers"))
            && is_dark(world)
        {
            let (writes, since_us) = only_here(world, self);
            let age_us = since_us.map_or(0, |since_us| at_us - since_us);
            self.lost = Some(Loss { at_us, writes, age_us });
        }
    }

    fn seen_as() -> Option<&'static dyn SeenObject> {
        Some(&THE_LOG)
    }
}

/// Clients see one log, to which they append.
static THE_LOG: SeenAs<AppendLog, Fact> = SeenAs {
    name: "a log that only grows",
    specification: AppendLog,
    read: |asks, answer| writer::as_append(asks.writer()?, answer.and_then(Fact::writer)),
};

impl History {
    fn on_client(&mut self, at_us: u64, client: NodeId, fact: &WriterFact) {
        if let WriterFact::Begins(_) = fact {
            self.open.insert(client, at_us);
        }
        let (WriterFact::Holds(receipt) | WriterFact::HoldsLate(receipt)) = fact else { return };
        self.unshipped.insert(receipt.write, (at_us, *receipt));
        self.furthest = self.furthest.max(receipt.index);
        let WriterFact::Holds(_) = fact else { return };
        self.told_us.insert(client, at_us);
        let Some(began_us) = self.open.get(client).copied() else { return };
        self.open.remove(client);
        let took_us = at_us - began_us;
        self.took_us.push(took_us);
        if began_us >= self.calm_from_us() {
            self.calm.acknowledged += 1;
            if took_us > BOUND_US {
                self.calm.late += 1;
                self.late.0 = Some((began_us, at_us, client));
            }
        }
    }

    /// Returns from when on writes are judged by how long they take.
    fn calm_from_us(&self) -> u64 {
        self.calm.from_us.max(CALM_US)
    }

    /// Returns when a client was told this, unless it is long shipped.
    fn told_at(&self, receipt: &Receipt) -> Option<u64> {
        self.unshipped.get(receipt.write).map(|(at_us, _)| *at_us)
    }

    /// Returns how many writes that began in calm were acknowledged since something was last done.
    pub(super) fn acknowledged_in_calm(&self) -> u64 {
        self.calm.acknowledged
    }

    /// Returns true if somebody was told that a write is safe since then.
    pub(super) fn is_told_since(&self, us: u64) -> bool {
        self.told_us.values().any(|told_us| *told_us > us)
    }

    /// Returns the times of the last acknowledgements, shortest first.
    pub(super) fn times_us(&self) -> Vec<u64> {
        let mut times_us: Vec<u64> = self.took_us.iter().copied().collect();
        sort(&mut times_us);
        times_us
    }
}

/// Returns the value that 99 in 100 of some times, shortest first, do not exceed (nearest rank).
pub(super) fn p99_us(times_us: &[u64]) -> Option<u64> {
    let rank = (99 * times_us.len()).div_ceil(100);
    times_us.get(rank.checked_sub(1)?).copied()
}

/// Returns true if no server of the region runs.
pub(super) fn is_dark(world: &World<Node>) -> bool {
    servers(world.setup()).all(|id| world.process(id).is_none())
}

/// Returns true if so few servers of the region run that none can be elected.
pub(super) fn most_are_down(world: &World<Node>) -> bool {
    let count = servers(world.setup()).count();
    let down = servers(world.setup()).filter(|id| world.process(*id).is_none()).count();
    2 * down >= count
}

/// Returns the log that a copy's disk would give back.
pub(super) fn copy(world: &World<Node>, remote: NodeId) -> &Log<Write> {
    world.disk(remote).1.0.durable()
}

/// Returns how many of the region's disks have the same log as a copy, up to a place.
fn disks_with(world: &World<Node>, copy: &Log<Write>, index: Index) -> usize {
    let digest = copy.digest_at(index);
    let logs = raft::durable_logs(world, world.setup().count("servers"));
    logs.iter().filter(|log| log.digest_at(index) == digest).count()
}

/// Returns true if most of the region's disks have the same log as a copy, up to a place.
pub(super) fn is_at_home(world: &World<Node>, copy: &Log<Write>, index: Index) -> bool {
    disks_with(world, copy, index) >= majority(world.setup().count("servers").into()) as usize
}

/// Returns how many acknowledged writes that copy lacks which lacks the fewest, and since when the oldest of
/// them has been acknowledged. A write is there if its entry is: not if another has its place.
pub(super) fn only_here(world: &World<Node>, it: &History) -> (u64, Option<u64>) {
    let lacks = |remote: NodeId| {
        let copy = copy(world, remote);
        let lacked = it.unshipped.values().filter(|(_, receipt)| !has(copy, receipt));
        lacked.fold((0, None), |(count, oldest): (u64, Option<u64>), (at_us, _)| {
            (count + 1, Some(oldest.map_or(*at_us, |oldest| oldest.min(*at_us))))
        })
    };
    remotes(world.setup()).map(lacks).min_by_key(|(count, _)| *count).unwrap_or_default()
}

/// Returns true if what a receipt is for stands where it says.
fn has(log: &Log<Write>, receipt: &Receipt) -> bool {
    let entry = log.get(receipt.index).filter(|entry| entry.term == receipt.term);
    entry.and_then(|entry| entry.command()) == Some(&receipt.write)
}

fn told(world: &World<Node>, receipt: &Receipt) -> (String, NodeId) {
    let setup = world.setup();
    let first = setup.count("servers") + setup.count("remotes");
    let client = NodeId(first + receipt.write.client);
    let name = &world.names()[client];
    (format!("{name} was told that its write {} is safe", receipt.write.number), client)
}

/// Every acknowledged write is on so many disks that any minority of them can be lost. Only the furthest
/// receipt of each leader is looked up, since logs that share an entry share all before it: that is judged
/// first.
pub(super) fn minority_can_be_lost(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let count = world.setup().count("servers");
    raft::log_matching(world, &it.raft, count)?;
    let logs = raft::durable_logs(world, count);
    let needed = majority(count.into()) as usize;
    let Some(receipt) = it.receipts.held_by_fewer(needed, &logs, u64::MAX) else { return Ok(()) };
    let (told, client) = told(world, &receipt);
    let have = logs.iter().filter(|log| has(log, &receipt)).count();
    let reason = format!("{told}, and it is on {have} of {count} disks");
    let at_us = it.told_at(&receipt).map(|at_us| (at_us, client));
    Err(Violation::new(reason, [client, receipt.by]).of(at_us))
}

/// Who leads has every write that a leader of its term or an earlier one acknowledged: also when the whole
/// region was down before.
pub(super) fn leaders_have_all(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let lacks = |(leader, term): (NodeId, u64)| {
        let log = &world.disk(leader).0.get().log;
        Some((leader, term, it.receipts.held_by_fewer(1, &[log], term)?))
    };
    let Some((leader, term, receipt)) = leading(world).into_iter().find_map(lacks) else {
        return Ok(());
    };
    let (told, client) = told(world, &receipt);
    let reason = format!("{told}, and {} leads term {term} without it", &world.names()[leader]);
    let at_us = it.told_at(&receipt).map(|at_us| (at_us, client));
    let moments = at_us.into_iter().chain(it.raft.beginning(term, leader));
    Err(Violation::new(reason, [client, leader]).of(moments))
}

/// What a copy in another region has on disk is, entry for entry, what most of the region's disks have up to
/// there. Digests stand for all entries up to a place.
pub(super) fn copies_are_prefixes(world: &World<Node>, _: &History) -> Result<(), Violation> {
    let count = world.setup().count("servers");
    for remote in remotes(world.setup()) {
        let copy = copy(world, remote);
        let last = copy.last().index;
        let same = disks_with(world, copy, last);
        if same < majority(count.into()) as usize {
            let name = &world.names()[remote];
            let reason =
                format!("{name} has entries up to {last}, and {same} of {count} disks the same");
            return Err(Violation::new(reason, [remote]).of([(world.now_us(), remote)]));
        }
    }
    Ok(())
}

/// While everything runs and nothing was done to the world for two seconds, at most one write in a hundred
/// takes longer than 50 ms; one that still waits counts.
pub(super) fn acknowledged_in_time(world: &World<Node>, it: &History) -> Result<(), Violation> {
    if world.calm_since_us().is_none() {
        return Ok(());
    }
    let from_us = it.calm_from_us();
    let open = it.open.iter().map(|(id, began_us)| (id, *began_us));
    let is_late = |began_us| began_us >= from_us && world.now_us() > began_us + BOUND_US;
    let waiting: Vec<(NodeId, u64)> = open.filter(|(_, began_us)| is_late(*began_us)).collect();
    let late = it.calm.late + waiting.len() as u64;
    let count = it.calm.acknowledged + waiting.len() as u64;
    if 100 * late <= count {
        return Ok(());
    }
    let last = it.late.0.filter(|(began_us, ..)| *began_us >= from_us);
    let (client, began_us) = match (waiting.first(), last) {
        (Some(first), _) => *first,
        (None, Some((began_us, _, client))) => (client, began_us),
        (None, None) => return Ok(()),
    };
    let bound_ms = BOUND_US / 1_000;
    let reason = format!("{late} of {count} writes took longer than {bound_ms} ms in calm");
    Err(Violation::new(reason, [client]).of([(began_us, client), (world.now_us(), client)]))
}

/// Everybody was served after the last fault, and the copies have what was acknowledged before it ended.
pub(super) fn all_is_well_again(world: &World<Node>, it: &History) -> bool {
    let Some(calm_us) = world.calm_since_us() else { return false };
    let is_served = |id| it.told_us.get(id).is_some_and(|told_us| *told_us > calm_us);
    let has_all = |id| copy(world, id).last().index >= it.furthest_before;
    clients(world.setup()).all(is_served) && remotes(world.setup()).all(has_all)
}

/// An operator wants to know how much would be gone with the region.
pub(super) fn little_is_only_here(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let (writes, _) = only_here(world, it);
    if writes <= LONG_BACKLOG {
        return Ok(());
    }
    let reason = format!("{writes} acknowledged writes are in no other region");
    Err(Violation::new(reason, remotes(world.setup())))
}

/// No client waits long.
pub(super) fn nobody_waits(world: &World<Node>, it: &History) -> Result<(), Violation> {
    writer::nobody_waits(world.names(), it.receipts.longest_wait(world.now_us()))
}

/// Returns since when the oldest acknowledged write waits to be in another region, in milliseconds.
pub(super) fn lag_ms(world: &World<Node>, it: &History) -> u64 {
    only_here(world, it).1.map_or(0, |since_us| (world.now_us() - since_us) / 1_000)
}

/// Returns how many committed entries the copy that lacks most of them lacks.
pub(super) fn backlog(world: &World<Node>) -> u64 {
    let commit = raft::up(world).map(|(_, raft)| raft.commit()).max().unwrap_or_default();
    let lacks = |id| commit.saturating_sub(copy(world, id).last().index);
    remotes(world.setup()).map(lacks).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_hundred_times_the_last_but_one_is_their_p99() {
        let times: Vec<u64> = (1..=100).collect();
        assert_eq!((p99_us(&times), p99_us(&times[..50])), (Some(99), Some(50)));
        assert_eq!((p99_us(&times[..1]), p99_us(&[])), (Some(1), None));
    }
}
