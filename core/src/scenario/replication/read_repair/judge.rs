//! What clients were told, against what lies on the disks.

use super::config::{Config, Strategy, key_text};
use super::message::{Fact, How, held_text, version_text};
use super::node::Node;
use super::server::Copies;
use super::{clients, replicas};
use crate::check::history::{Call, Register, RegisterAnswer, RegisterCall, SeenAs};
use crate::mechanism::quorum::Version;
use crate::mechanism::small_map::SmallMap;
use crate::sim::{Action, NodeId, Observer, SeenObject, Violation, World};

/// More copies than so many that are not the newest are worth a look.
const MANY_BEHIND: u64 = 4;

/// A write or delete that a client was told of: what, when, and which client.
type Told = (Version, u64, NodeId);

/// The newest version that a replica has had of a key, and when it took it; whether it has forgotten it by
/// rights.
#[derive(Copy, Clone, Debug, Hash)]
struct Had {
    version: Version,
    at_us: u64,
    is_collected: bool,
}

/// A read that was told less than it must have been.
#[derive(Copy, Clone, Debug, Hash)]
pub(super) struct Missed {
    pub(super) key: u16,
    version: Version,
    at_us: u64,
    client: NodeId,
    before: Told,
}

/// A read to which replicas answered different things.
#[derive(Clone, Debug, Hash)]
pub(super) struct Difference {
    pub(super) key: u16,
    held: Vec<(NodeId, Version)>,
    /// What was sent, and to whom.
    sent: Option<(Version, Vec<NodeId>)>,
}

impl Difference {
    /// Returns what a replica said, and whether that is the newest of the answers.
    pub(super) fn said(&self, id: NodeId) -> Option<(Version, bool)> {
        let newest = self.held.iter().map(|it| it.1).max_by_key(|version| version.tag);
        let (_, version) = self.held.iter().find(|it| it.0 == id)?;
        Some((*version, Some(*version) == newest))
    }

    /// Returns what a replica was sent.
    pub(super) fn sent_to(&self, id: NodeId) -> Option<Version> {
        self.sent.as_ref().filter(|(_, nodes)| nodes.contains(&id)).map(|it| it.0)
    }
}

/// All that clients were told, and what replicas did.
#[derive(Clone, Debug, Default, Hash)]
pub(super) struct History {
    /// The last write or delete of each key that its client was told is on enough disks.
    told: SmallMap<u16, Told>,
    /// The newest version of each key that was told, or collected when all had it.
    passed: SmallMap<u16, Version>,
    /// The last delete of each key that was begun.
    deleted: SmallMap<u16, u64>,
    /// What each client reads, and the last write of that key that was told before.
    reading: SmallMap<NodeId, Option<Told>>,
    /// When each client was last served, and each key last read with all replicas answering.
    served_us: SmallMap<NodeId, u64>,
    heard_all_us: SmallMap<u16, u64>,
    had: SmallMap<(NodeId, u16), Had>,
    /// The first answers that missed a delete, and a write.
    pub(super) came_back: Option<Missed>,
    missed: Option<Missed>,
    /// The last read that met a difference.
    pub(super) difference: Option<Difference>,
    /// When each replica was last sent a repair.
    repaired_us: SmallMap<NodeId, u64>,
    pub(super) reads: u64,
    pub(super) repairs: u64,
    pub(super) by_trees: u64,
    pub(super) settled: u64,
    pub(super) collected: u64,
}

impl History {
    fn saw(&mut self, at_us: u64, client: NodeId, (key, version): (u16, Version)) {
        self.reads += 1;
        self.served_us.insert(client, at_us);
        let Some(before) = self.reading.get(client).copied().flatten() else { return };
        let missed = Missed { key, version, at_us, client, before };
        let (number, is_live) = (before.0.tag.number, version.value > 0);
        let is_older = is_live && version.tag.number < number;
        // Who finds nothing may have met a delete that was under way.
        let may_be_gone = self.deleted.get(key).is_some_and(|deleted| *deleted > number);
        if before.0.is_tombstone() {
            if is_older {
                self.came_back.get_or_insert(missed);
            }
        } else if is_older || !is_live && !may_be_gone {
            self.missed.get_or_insert(missed);
        }
    }

    /// Returns true if the last that a client was told of this key is that it is deleted.
    pub(super) fn is_deleted(&self, key: u16) -> bool {
        self.told.get(key).is_some_and(|(version, ..)| version.is_tombstone())
    }

    /// Returns true if the last write or delete of a key that its client was told of is so old.
    pub(super) fn is_older_than(&self, key: u16, age_us: u64, now_us: u64) -> bool {
        self.told.get(key).is_some_and(|(_, at_us, _)| at_us + age_us <= now_us)
    }

    fn passes(&mut self, key: u16, version: Version) {
        let newest = self.passed.get_or_insert(key, version);
        if version.tag > newest.tag {
            *newest = version;
        }
    }

    /// Returns true if a replica was sent a repair since then.
    pub(super) fn is_repaired_since(&self, id: NodeId, at_us: u64) -> bool {
        self.repaired_us.get(id).is_some_and(|it| *it >= at_us)
    }

    fn repairs(&mut self, at_us: u64, version: Version, nodes: &[NodeId]) {
        self.repairs += 1;
        for &node in nodes {
            self.repaired_us.insert(node, at_us);
        }
        if let Some(difference) = &mut self.difference {
            difference.sent = Some((version, nodes.to_vec()));
        }
    }

    fn takes(&mut self, at_us: u64, node: NodeId, (key, version): (u16, Version)) {
        let newest = self.had.get((node, key)).map_or(Version::default(), |had| had.version);
        if version.tag >= newest.tag {
            self.had.insert((node, key), Had { version, at_us, is_collected: false });
        }
    }

    /// A replica has crashed: what it had not synced it never had. Whether it had removed something for
    /// good cannot be seen of what is not there: that is for those to judge who read.
    fn forget_unsynced(&mut self, replica: NodeId, disk: &Copies) {
        let keys: Vec<(NodeId, u16)> = self.had.iter().map(|(place, _)| place).collect();
        for place in keys.into_iter().filter(|(id, _)| *id == replica) {
            let held = disk.of(place.1);
            match self.had.get_mut(place) {
                Some(had) if !held.is_nothing() => {
                    (had.version, had.is_collected) = (held, false);
                }
                Some(had) if had.is_collected => {}
                Some(_) | None => self.had.remove(place),
            }
        }
    }
}

impl Observer<Node> for History {
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &Fact) {
        match fact {
            Fact::Writes { key, version, .. } if version.is_tombstone() => {
                self.deleted.insert(*key, version.tag.number);
            }
            Fact::Reads { key, .. } => {
                self.reading.insert(node, self.told.get(*key).copied());
            }
            Fact::Wrote { key, version, .. } => {
                self.told.insert(*key, (*version, at_us, node));
                self.passes(*key, *version);
                self.served_us.insert(node, at_us);
            }
            Fact::Saw { key, version, .. } => self.saw(at_us, node, (*key, *version)),
            Fact::HeardAll { key } => self.heard_all_us.insert(*key, at_us),
            Fact::Differs { key, held } => {
                self.difference = Some(Difference { key: *key, held: held.clone(), sent: None });
            }
            Fact::Repairs { version, nodes, .. } => self.repairs(at_us, *version, nodes),
            Fact::Takes { key, version, how, .. } => {
                self.by_trees += u64::from(*how == How::Tree);
                self.takes(at_us, node, (*key, *version));
            }
            Fact::Settles { .. } => self.settled += 1,
            Fact::Collects { key, version } => {
                self.collected += 1;
                self.passes(*key, *version);
                if let Some(had) = self.had.get_mut((node, *key)) {
                    had.is_collected = true;
                }
            }
            Fact::Writes { .. } | Fact::IsBack => {}
        }
    }

    fn on_action(&mut self, _: u64, action: &Action, world: &World<Node>) {
        if let Action::Crash(id) = action {
            self.forget_unsynced(*id, world.disk(*id).0.get());
        }
    }

    fn seen_as() -> Option<&'static dyn SeenObject> {
        Some(&THE_STORE)
    }
}

/// Clients see a store of keys, whose values are the numbers of writes, and 0 is nothing. No promise says
/// that it is linearizable: a read repairs after it has answered, not before.
static THE_STORE: SeenAs<Register<u64>, Fact> = SeenAs {
    name: "a store",
    specification: Register { initial: 0 },
    read: |asks, answer| {
        let (key, input) = match *asks {
            Fact::Writes { key, version, .. } => (key, RegisterCall::Write(version.value)),
            Fact::Reads { key, .. } => (key, RegisterCall::Read),
            Fact::Wrote { .. }
            | Fact::Saw { .. }
            | Fact::HeardAll { .. }
            | Fact::Differs { .. }
            | Fact::Repairs { .. }
            | Fact::IsBack
            | Fact::Takes { .. }
            | Fact::Settles { .. }
            | Fact::Collects { .. } => return None,
        };
        let output = match answer {
            Some(Fact::Saw { version, .. }) => Some(RegisterAnswer::Value(version.value)),
            Some(Fact::Wrote { .. }) => Some(RegisterAnswer::Written),
            Some(_) | None => None,
        };
        Some(Call { key: key_text(key), input, output })
    },
};

/// Returns what a replica has of a key, whether it is up or down.
pub(super) fn copy(world: &World<Node>, replica: NodeId, key: u16) -> Version {
    world.disk(replica).0.get().of(key)
}

/// Returns the newest version of a key: that any replica has, or that a client was told of. A delete that
/// left nothing behind is known to clients only.
fn newest(world: &World<Node>, it: &History, key: u16) -> Version {
    let held = replicas(world.setup()).map(|id| copy(world, id, key));
    let passed = it.passed.get(key).copied();
    held.chain(passed).max_by_key(|version| version.tag).unwrap_or_default()
}

/// Returns true if a replica has something else than the newest. A tombstone, and having forgotten it,
/// are the same to whoever reads.
pub(super) fn is_behind(world: &World<Node>, it: &History, replica: NodeId, key: u16) -> bool {
    copy(world, replica, key).value != newest(world, it, key).value
}

/// Returns how many copies of these keys are not the newest.
pub(super) fn behind(
    world: &World<Node>,
    it: &History,
    keys: impl IntoIterator<Item = u16>,
) -> u64 {
    let of = |key| {
        let is_behind = |id: &NodeId| is_behind(world, it, *id, key);
        replicas(world.setup()).filter(is_behind).count() as u64
    };
    keys.into_iter().map(of).sum()
}

/// Returns the same for a whole table.
pub(super) fn table_behind(world: &World<Node>, it: &History, table: Strategy) -> u64 {
    let config = Config::of(world.setup());
    behind(world, it, config.keys_of(table, true).chain(config.keys_of(table, false)))
}

/// A replica that has had a version of a key holds no older one, whoever sent it: not even after it has
/// forgotten that the key was deleted.
pub(super) fn never_older(world: &World<Node>, it: &History) -> Result<(), Violation> {
    for ((replica, key), had) in it.had.iter() {
        let held = copy(world, replica, key);
        if !held.is_nothing() && held.tag < had.version.tag {
            let (name, held) = (&world.names()[replica], version_text(key, held));
            let reason = if had.version.is_tombstone() {
                format!("{name} holds {held}, which had been deleted there")
            } else {
                format!("{name} holds {held}, and had {} before", held_text(had.version))
            };
            let moments = [(had.at_us, replica), (world.now_us(), replica)];
            return Err(Violation::new(reason, [replica]).of(moments));
        }
    }
    Ok(())
}

fn found(world: &World<Node>, missed: Option<&Missed>, what: &str) -> Result<(), Violation> {
    let Some(Missed { key, version, at_us, client, before: (before, before_us, writer) }) = missed
    else {
        return Ok(());
    };
    let (name, now) = (&world.names()[*client], version_text(*key, *version));
    let before = version_text(*key, *before);
    let reason = format!("{name} was told {now}, after {what} {before} was acknowledged");
    Err(Violation::new(reason, [*client, *writer]).of([(*before_us, *writer), (*at_us, *client)]))
}

/// A read that begins after a delete was acknowledged returns nothing that is older than that delete.
pub(super) fn stays_deleted(world: &World<Node>, it: &History) -> Result<(), Violation> {
    found(world, it.came_back.as_ref(), "the delete")
}

/// A read that begins after a write was acknowledged returns that write or a newer one, or finds that the
/// key was deleted since.
pub(super) fn reads_find_writes(world: &World<Node>, it: &History) -> Result<(), Violation> {
    found(world, it.missed.as_ref(), "the write")
}

/// Every hot key of the table that reads repair was read with all replicas answering, and has the same
/// on all of them.
pub(super) fn reads_have_repaired(world: &World<Node>, it: &History) -> bool {
    let keys = || Config::of(world.setup()).keys_of(Strategy::Reads, true);
    let since_us = world.disturbed_at_us();
    let was_read = |key: u16| it.heard_all_us.get(key).is_some_and(|at_us| *at_us >= since_us);
    keys().all(was_read) && behind(world, it, keys()) == 0
}

/// Returns how many tombstones replicas keep, of these tables.
pub(super) fn tombstones(world: &World<Node>, tables: &[Strategy]) -> u64 {
    let of = |id: NodeId| {
        let copies = world.disk(id).0.get().0.iter();
        let is_it = |(key, version): &(u16, &Version)| {
            version.is_tombstone() && tables.contains(&Strategy::of(*key))
        };
        copies.filter(is_it).count() as u64
    };
    replicas(world.setup()).map(of).sum()
}

/// Of the deletes in the table with trees that were acknowledged before the last disturbance, no tombstone is
/// left.
pub(super) fn old_tombstones_are_gone(world: &World<Node>, it: &History) -> bool {
    let is_old = |(key, (version, at_us, _)): &(u16, &Told)| {
        let is_compared = Strategy::of(*key) == Strategy::Trees;
        is_compared && version.is_tombstone() && *at_us < world.disturbed_at_us()
    };
    let is_kept = |(key, (version, ..)): (u16, &Told)| {
        replicas(world.setup()).any(|id| copy(world, id, key) == *version)
    };
    !it.told.iter().filter(is_old).any(is_kept)
}

/// Every client was served since the last disturbance.
pub(super) fn all_served(world: &World<Node>, it: &History) -> bool {
    let since_us = world.disturbed_at_us();
    let is_served = |id: NodeId| it.served_us.get(id).is_some_and(|at_us| *at_us >= since_us);
    clients(world.setup()).all(is_served)
}

/// An operator wants to know of copies that are not the newest.
pub(super) fn few_are_behind(world: &World<Node>, it: &History) -> Result<(), Violation> {
    let count = behind(world, it, Config::of(world.setup()).all_keys());
    if count <= MANY_BEHIND {
        return Ok(());
    }
    Err(Violation::new(format!("{count} copies are not the newest of their keys"), []))
}
