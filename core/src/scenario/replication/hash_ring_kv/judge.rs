//! What clients were told, against what lies on the disks.

use super::message::{Fact, key_text, version_text};
use super::node::Node;
use super::plan::Config;
use super::{clients, servers, spare};
use crate::check::history::{Call, Register, RegisterAnswer, RegisterCall, SeenAs};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{NodeId, Observer, SeenObject, Violation, World};

/// More copies than so many that are not where they should be are worth a look.
const MANY_MISSING: u64 = 3;

/// A write that a client was told of: its number, when, and which client.
type Told = (u64, u64, NodeId);

/// A write that a key's own replicas acknowledged, and which of them.
type Acknowledged = (Told, Vec<NodeId>);

/// An answer of a key's own replicas that missed what they had acknowledged.
#[derive(Clone, Debug, Hash)]
struct Missed {
    key: u16,
    number: u64,
    at_us: u64,
    client: NodeId,
    by: Vec<NodeId>,
    before: Acknowledged,
}

/// All that clients were told, and what servers did.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// The last write of each key that a client was told is on enough disks; of any, and of its own.
    told: SmallMap<u16, Told>,
    told_own: SmallMap<u16, Acknowledged>,
    /// What each client reads, and the last write of its own replicas that was told before.
    reading: SmallMap<NodeId, Option<Acknowledged>>,
    /// When each client was last served.
    served_us: SmallMap<NodeId, u64>,
    /// The first answer that missed such a write.
    missed: Option<Missed>,
    /// Answers that its own replicas gave, and others.
    pub(super) sure: u64,
    pub(super) unsure: u64,
    /// The last write that a server keeps for others: which server, which key.
    pub(super) kept: Option<(NodeId, u16)>,
    pub(super) asked_stand_ins: u64,
    pub(super) let_go: u64,
    pub(super) repaired: u64,
    pub(super) taken_over: u64,
}

impl History {
    fn ends(&mut self, at_us: u64, client: NodeId, is_own: bool) {
        self.served_us.insert(client, at_us);
        if is_own {
            self.sure += 1;
        } else {
            self.unsure += 1;
        }
    }
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match *fact {
            Fact::Reads { key, .. } => {
                self.reading.insert(node, self.told_own.get(key).cloned());
            }
            Fact::Wrote { key, number, is_own, ref by, .. } => {
                let told = (number, at_us, node);
                self.told.insert(key, told);
                if is_own {
                    self.told_own.insert(key, (told, by.clone()));
                }
                self.ends(at_us, node, is_own);
            }
            Fact::Saw { key, number, is_own, ref by, .. } => {
                let before = self.reading.get(node).cloned().flatten();
                if let Some(before) = before.filter(|(told, _)| is_own && number < told.0) {
                    let (client, by) = (node, by.clone());
                    let missed = Missed { key, number, at_us, client, by, before };
                    self.missed.get_or_insert(missed);
                }
                self.ends(at_us, node, is_own);
            }
            Fact::AsksStandIns { .. } => self.asked_stand_ins += 1,
            Fact::Keeps { key, .. } => self.kept = Some((node, key)),
            Fact::LetsGo { .. } => self.let_go += 1,
            Fact::HasAllOf(_) => self.taken_over += 1,
            Fact::Repairs { .. } => self.repaired += 1,
            Fact::Writes { .. } | Fact::IsBack | Fact::Adopts { .. } => {}
        }
    }

    fn seen_as() -> Option<&'static dyn SeenObject> {
        Some(&THE_STORE)
    }
}

/// Clients see a store of keys, whose values are the numbers of writes. No promise says that it is
/// linearizable: that answers of stand-ins may be old is seen there.
static THE_STORE: SeenAs<Register<u64>, Fact> = SeenAs {
    name: "a store",
    specification: Register { initial: 0 },
    read: |asks, answer| {
        let (key, input) = match *asks {
            Fact::Writes { key, number, .. } => (key, RegisterCall::Write(number)),
            Fact::Reads { key, .. } => (key, RegisterCall::Read),
            Fact::Wrote { .. }
            | Fact::Saw { .. }
            | Fact::AsksStandIns { .. }
            | Fact::IsBack
            | Fact::Keeps { .. }
            | Fact::LetsGo { .. }
            | Fact::Adopts { .. }
            | Fact::HasAllOf(_)
            | Fact::Repairs { .. } => return None,
        };
        let output = match answer {
            Some(Fact::Saw { number, .. }) => Some(RegisterAnswer::Value(*number)),
            Some(Fact::Wrote { .. }) => Some(RegisterAnswer::Written),
            Some(_) | None => None,
        };
        Some(Call { key: key_text(key), input, output })
    },
};

/// Returns who keeps what, as every server has it from the beginning.
pub(super) fn plan(world: &World<Node>) -> Config {
    let of_any = world.up().find_map(|(_, node)| Some(node.server()?.config.clone()));
    of_any.unwrap_or_else(|| Config::of(world.setup()))
}

/// Returns the number that a server has of a key for certain: in use, and on its disk.
fn safe(world: &World<Node>, server: NodeId, key: u16) -> u64 {
    let disk = &world.disk(server).0;
    let of = |store: &super::server::Store| store.copies.get(key).copied().unwrap_or_default();
    of(disk.get()).min(of(disk.durable()))
}

/// Returns the newest ring that any server goes by.
pub(super) fn ring(world: &World<Node>) -> u8 {
    servers(world.setup()).map(|id| world.disk(id).0.get().ring).max().unwrap_or_default()
}

/// Returns on how many disks the last write of a key is that its client was told of; and that write.
pub(super) fn disks_with(world: &World<Node>, it: &History, key: u16) -> Option<(usize, u64)> {
    let (number, ..) = *it.told.get(key)?;
    let have = servers(world.setup()).filter(|id| safe(world, *id, key) >= number).count();
    Some((have, number))
}

/// Each write that a client was told of is on W disks, those of servers that are down included; so that any
/// W − 1 may be lost at once and for ever.
pub(super) fn survives_losses(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let needed = plan(world).writes();
    for (key, &(number, at_us, client)) in it.told.iter() {
        let has = |id: &NodeId| safe(world, *id, key) >= number;
        let have: Vec<NodeId> = servers(world.setup()).filter(has).collect();
        if have.len() < usize::from(needed) {
            let (name, what) = (&world.names()[client], version_text(key, number));
            let reason = format!(
                "{name} was told that {what} is on {needed} disks, and it is on {}",
                have.len()
            );
            let violation = Violation::new(reason, have.into_iter().chain([client]));
            return Err(violation.of([(at_us, client)]));
        }
    }
    Ok(())
}

/// A read that R of the key's own replicas answered returns every write that W of them had acknowledged
/// before it began: whoever answers has what those had whom it replaced.
pub(super) fn keys_are_found(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let Some(missed) = &it.missed else { return Ok(()) };
    let &Missed { key, number, at_us, client, ref by, ref before } = missed;
    let &((before, before_us, writer), ref had) = before;
    let names = world.names();
    let (now, before) = (version_text(key, number), version_text(key, before));
    let (by, had) = (names.list(by.iter().copied()), names.list(had.iter().copied()));
    let reason = format!(
        "{} was told {now} by {by}, the key's own replicas, after {had} had acknowledged {before} as such",
        &names[client]
    );
    Err(Violation::new(reason, [client, writer]).of([(before_us, writer), (at_us, client)]))
}

/// A join moves keys to who joins, and to nobody else (Karger et al. 1997, section 4: monotone). What is
/// judged is where keys are placed, by the copies that lie there.
pub(super) fn only_to_who_joins(world: &World<Node>, _: &History) -> Result<(), Violation> {
    if ring(world) < 2 {
        return Ok(());
    }
    let config = plan(world);
    let joins = spare(world.setup());
    for server in servers(world.setup()).filter(|id| *id != joins) {
        let store = world.disk(server).0.get();
        let is_new = |key: &u16| {
            config.newcomers(*key, store.ring).contains(&server) && !store.custody.has(*key)
        };
        if let Some(key) = store.copies.iter().map(|it| it.0).find(is_new) {
            let (names, text) = (world.names(), key_text(key));
            let reason = format!(
                "{} joins, and {text} becomes {}'s own, which is not the one that joins",
                &names[joins], &names[server]
            );
            return Err(Violation::new(reason, [server]).of([(world.now_us(), server)]));
        }
    }
    Ok(())
}

/// Returns how many copies are missing on a key's own replicas, of the writes that clients were told of.
pub(super) fn missing(world: &World<Node>, it: &History) -> u64 {
    let (config, ring) = (plan(world), ring(world));
    let lacks = |(key, told): (u16, &Told)| {
        let lacks = |id: &NodeId| safe(world, *id, key) < told.0;
        config.owners(key, ring).into_iter().filter(lacks).count() as u64
    };
    it.told.iter().map(lacks).sum()
}

/// Returns how many keys are kept for others.
pub(super) fn in_custody(world: &World<Node>) -> u64 {
    let of = |id| world.disk(id).0.get().custody.len() as u64;
    servers(world.setup()).map(of).sum()
}

/// Every write that a client was told of is on all its own replicas: any N − 1 disks may be lost now.
pub(super) fn all_is_at_home(world: &World<Node>, it: &History) -> bool {
    missing(world, it) == 0
}

/// The same, once something was written, or once everybody was served without a write.
pub(super) fn writes_are_at_home(world: &World<Node>, it: &History) -> bool {
    let is_asked = !it.told.is_empty() || all_served(world, it);
    is_asked && all_is_at_home(world, it)
}

/// The server that joined waits for nobody's copies any more, and has what clients were told is stored.
pub(super) fn has_taken_over(world: &World<Node>, it: &History) -> bool {
    if it.taken_over == 0 {
        return false;
    }
    let (config, ring, joins) = (plan(world), ring(world), spare(world.setup()));
    let mut taken = it.told.iter().filter(|(key, _)| config.newcomers(*key, ring).contains(&joins));
    world.process(joins).is_some()
        && awaited(world).is_empty()
        && taken.all(|(key, told)| safe(world, joins, key) >= told.0)
}

/// Returns the keys of which a new replica still waits for somebody's copy.
pub(super) fn awaited(world: &World<Node>) -> Vec<(NodeId, u16)> {
    let keys = world.setup().count("keys");
    let of = |id: NodeId| {
        let store = world.disk(id).0.get();
        let server = world.process(id).and_then(Node::server);
        let waits =
            move |key: &u16| server.is_some_and(|it| !it.awaits(id, *key, store).is_empty());
        (0..keys).filter(waits).map(move |key| (id, key))
    };
    servers(world.setup()).flat_map(of).collect()
}

/// Every client was served since the last disturbance.
pub(super) fn all_served(world: &World<Node>, it: &History) -> bool {
    let since_us = world.disturbed_at_us();
    let is_served = |id: NodeId| it.served_us.get(id).is_some_and(|at_us| *at_us >= since_us);
    clients(world.setup()).all(is_served)
}

/// An operator wants to know of copies that are not where they should be.
pub(super) fn few_are_missing(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let count = missing(world, it);
    if count <= MANY_MISSING {
        return Ok(());
    }
    Err(Violation::new(format!("{count} copies are missing on the replicas they belong to"), []))
}

/// Returns how many of the keys have another first server after the join than before, worked out from
/// where they are placed.
pub(super) fn moved_keys(config: &Config) -> u64 {
    let first = |key: u16, ring: u8| config.walk(key, ring).first().copied();
    (0..config.keys).filter(|key| first(*key, 1) != first(*key, 2)).count() as u64
}

/// Returns how many keys have another first server since the join; `None` before it.
pub(super) fn moved_by_now(world: &World<Node>) -> Option<u64> {
    (ring(world) > 1).then(|| moved_keys(&plan(world)))
}

/// Returns how many copies the fullest server has, in a hundred of the mean.
pub(super) fn fullest_percent(world: &World<Node>) -> u64 {
    let (config, ring) = (plan(world), ring(world));
    let owned = |id: NodeId| {
        (0..config.keys).filter(|key| config.owners(*key, ring).contains(&id)).count() as u64
    };
    let most = NodeId::first(config.members(ring)).map(owned).max().unwrap_or_default();
    let all = u64::from(config.keys) * u64::from(config.copies);
    (100 * most * u64::from(config.members(ring))).checked_div(all).unwrap_or_default()
}
