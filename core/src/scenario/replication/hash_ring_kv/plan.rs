//! Who keeps what before and after the join, worked out once: what every client and server looks up.

use std::sync::Arc;

use crate::mechanism::partition::{Placement, Ring, place_of};
use crate::scenario::Setup;
use crate::sim::{Aside, NodeId};

use super::server::Store;

/// Where a key is, and in which order nodes come for it: in ring 1, and in ring 2 after the join.
#[derive(Clone, Debug, Default)]
struct Way {
    place: u64,
    walks: [Vec<NodeId>; 2],
}

/// How the nodes of a world go about it.
#[derive(Clone, Debug, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is a safeguard of its own")]
pub(super) struct Config {
    /// By key.
    ways: Aside<Arc<[Way]>>,
    pub(super) servers: u16,
    pub(super) keys: u16,
    pub(super) copies: u16,
    pub(super) clients: u16,
    pub(super) writes_percent: u8,
    pub(super) has_ring: bool,
    pub(super) hints: bool,
    pub(super) keeps: bool,
    pub(super) waits: bool,
    pub(super) trees: bool,
}

/// Returns how keys are placed on the first so many servers.
pub(super) fn placement(setup: &Setup, has_ring: bool, servers: u16) -> Placement {
    let nodes: Vec<NodeId> = NodeId::first(servers).collect();
    if has_ring {
        Placement::Ring(Ring::new(&nodes, setup.knob("tokens"), 0))
    } else {
        Placement::Modulo(nodes)
    }
}

/// Returns each of these once, in order.
pub(super) fn distinct<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort_unstable();
    items.dedup();
    items
}

impl Config {
    pub(super) fn of(setup: &Setup) -> Self {
        let (servers, has_ring) = (setup.count("servers"), setup.is_on("ring"));
        let placements = [0, 1].map(|more| placement(setup, has_ring, servers + more));
        let way = |key: u16| {
            let place = place_of("key", key.into());
            Way { place, walks: [0, 1].map(|ring: usize| placements[ring].walk(place)) }
        };
        Self {
            ways: Aside((0..setup.count("keys")).map(way).collect()),
            servers,
            keys: setup.count("keys"),
            copies: setup.count("copies"),
            clients: setup.count("clients"),
            writes_percent: u8::try_from(setup.knob("writes")).unwrap_or(100),
            has_ring,
            hints: setup.is_on("hints"),
            keeps: setup.is_on("keep"),
            waits: setup.is_on("wait"),
            trees: setup.is_on("trees"),
        }
    }

    /// Returns how many disks must have a write before its client is told so.
    pub(super) fn writes(&self) -> u16 {
        self.copies / 2 + 1
    }

    /// Returns how many must answer a read: one of them has what a write was told of.
    pub(super) fn reads(&self) -> u16 {
        self.copies + 1 - self.writes()
    }

    /// Returns how many servers a ring has.
    pub(super) fn members(&self, ring: u8) -> u16 {
        self.servers + u16::from(ring > 1)
    }

    pub(super) fn place(&self, key: u16) -> u64 {
        self.ways.0.get(usize::from(key)).map_or(0, |way| way.place)
    }

    fn met(&self, key: u16, ring: u8) -> &[NodeId] {
        let way = self.ways.0.get(usize::from(key));
        way.map_or(&[], |way| &way.walks[usize::from(ring > 1)])
    }

    /// Returns all servers in the order in which they come for a key.
    pub(super) fn walk(&self, key: u16, ring: u8) -> Vec<NodeId> {
        self.met(key, ring).to_vec()
    }

    /// Returns a key's own replicas.
    pub(super) fn owners(&self, key: u16, ring: u8) -> Vec<NodeId> {
        self.met(key, ring).iter().take(self.copies.into()).copied().collect()
    }

    fn only_in(&self, key: u16, (there, not_there): (u8, u8)) -> Vec<NodeId> {
        let other = self.owners(key, not_there);
        let mut only = self.owners(key, there);
        only.retain(|id| !other.contains(id));
        only
    }

    /// Returns those whose a key was before the join, and is not in this ring.
    pub(super) fn leavers(&self, key: u16, ring: u8) -> Vec<NodeId> {
        if ring > 1 { self.only_in(key, (1, 2)) } else { Vec::new() }
    }

    /// Returns those whose a key is in this ring, and was not before the join.
    pub(super) fn newcomers(&self, key: u16, ring: u8) -> Vec<NodeId> {
        if ring > 1 { self.only_in(key, (2, 1)) } else { Vec::new() }
    }

    /// Returns those who have a key in this ring that this server has lost by the join.
    pub(super) fn heirs(&self, me: NodeId, ring: u8) -> Vec<NodeId> {
        let lost = (0..self.keys).filter(|key| self.leavers(*key, ring).contains(&me));
        distinct(lost.flat_map(|key| self.newcomers(key, ring)))
    }

    /// Returns the keys of two servers both, with what one of them has of each.
    pub(super) fn common(&self, (me, other): (NodeId, NodeId), store: &Store) -> Vec<(u16, u64)> {
        let is_common = |key: u16| {
            let owners = self.owners(key, store.ring);
            owners.contains(&me) && owners.contains(&other)
        };
        let copies = store.copies.iter().map(|(key, number)| (key, *number));
        copies.filter(|(key, _)| is_common(*key)).collect()
    }
}
