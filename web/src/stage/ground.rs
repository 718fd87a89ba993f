//! What decides where nodes stand: the scenario's hint, the zones, and who is of which kind.

use faultline_core::view::{Layout, NodeScene, Role};

use crate::wire::{Opened, ZoneView};

/// What a scenario and its setup say of the places of nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ground {
    /// How the nodes are best arranged.
    pub(crate) layout: Layout,
    /// Where they stand, if that matters to the network.
    pub(crate) zones: Vec<ZoneView>,
}

impl Ground {
    /// Takes what decides about places.
    pub(crate) fn of(opened: &Opened) -> Self {
        Self { layout: opened.layout.clone(), zones: opened.zones.clone() }
    }

    /// Returns where everybody stands now: on a map or places of its own, a node may go about.
    pub(crate) fn with(&self, nodes: &[NodeScene]) -> Self {
        let mut now = self.clone();
        if let Layout::Map(places) | Layout::Free(places) = &mut now.layout {
            for (place, node) in places.iter_mut().zip(nodes) {
                *place = node.view.place.unwrap_or(*place);
            }
        }
        now
    }

    /// Returns the members of each zone by place in the scene, and at the end of all the nodes that
    /// are in none; groups without members are left out.
    pub(super) fn by_zone(&self, count: usize) -> Vec<(Option<&str>, Vec<usize>)> {
        let mut is_placed = vec![false; count];
        let mut groups = Vec::new();
        for zone in &self.zones {
            let within = zone.nodes.iter().map(|id| id.index()).filter(|&index| index < count);
            let members: Vec<usize> = within.collect();
            for &index in &members {
                is_placed[index] = true;
            }
            groups.push((Some(zone.name.as_str()), members));
        }
        groups.push((None, (0..count).filter(|&index| !is_placed[index]).collect()));
        groups.retain(|(_, members)| !members.is_empty());
        groups
    }
}

/// A kind of node, as far as it decides where the node stands. A node that is elected stays where it
/// is, so all that serve are of one kind.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tier {
    /// Uses the system from outside.
    Client,
    /// Lets requests in.
    Gateway,
    /// Runs a protocol on behalf of others.
    Coordinator,
    /// Holds work until somebody takes it.
    Queue,
    /// Serves.
    #[default]
    Server,
    /// Keeps data for others.
    Storage,
}

impl Tier {
    /// All kinds, from who asks to what is kept.
    pub(crate) const ALL: [Self; 6] =
        [Self::Client, Self::Gateway, Self::Coordinator, Self::Queue, Self::Server, Self::Storage];

    /// Returns the kind of a node.
    pub(crate) fn of(node: &NodeScene) -> Self {
        match node.view.role {
            Role::Client => Self::Client,
            Role::Gateway => Self::Gateway,
            Role::Coordinator => Self::Coordinator,
            Role::Queue => Self::Queue,
            Role::Storage => Self::Storage,
            Role::Peer | Role::Follower | Role::Candidate | Role::Leader => Self::Server,
        }
    }

    /// Returns what a layer of this kind is called.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Client => "clients",
            Self::Gateway => "gateways",
            Self::Coordinator => "coordinators",
            Self::Queue => "queues",
            Self::Server => "servers",
            Self::Storage => "storage",
        }
    }
}

/// Returns the places of each kind's nodes, in the order of kinds; kinds without nodes are left out.
pub(super) fn by_tier(tiers: &[Tier]) -> Vec<(Tier, Vec<usize>)> {
    let of = |tier: Tier| (0..tiers.len()).filter(|&index| tiers[index] == tier).collect();
    let mut bands: Vec<(Tier, Vec<usize>)> = Tier::ALL.map(|tier| (tier, of(tier))).into();
    bands.retain(|(_, members)| !members.is_empty());
    bands
}
