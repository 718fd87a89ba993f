//! What is inside a node, for an inspector.

use super::NodeId;
use super::behaviour::Behaviour;
use super::kernel::Kernel;
use super::queue::{Entry, Pending};
use crate::view::{NodeInside, WaitingScene};

/// So many of the messages that wait are told of one by one.
const MOST_WAITING: usize = 20;

impl Kernel {
    /// Looks into a node; `None` if there is no such node.
    pub(super) fn inside(&self, id: NodeId, nodes: &dyn Behaviour) -> Option<NodeInside> {
        let node = self.nodes.get(id.index())?;
        // Some of what is set aside for a busy node has yet to come.
        let has_come = |entry: &&Entry| entry.at_us <= self.now_us;
        let places = node.waiting.iter().filter(has_come).filter_map(|entry| match entry.pending {
            Pending::Deliver(place) => Some((place, entry.at_us)),
            Pending::Start(_)
            | Pending::Timer(..)
            | Pending::Synced(..)
            | Pending::Notice(..)
            | Pending::Done(..) => None,
        });
        let mut waiting: Vec<_> = places.collect();
        let more = waiting.len().saturating_sub(MOST_WAITING);
        waiting.truncate(MOST_WAITING);
        let scene = |(place, since_us): (u32, u64)| {
            let flight = self.flights[place as usize]?;
            let message = nodes.message(place);
            Some(WaitingScene {
                from: flight.name.from,
                label: message.label(),
                sentence: message.sentence(&self.names),
                since_us,
            })
        };
        let (is_dirty, disk) = nodes.disk_scene(id);
        Some(NodeInside {
            id,
            disk,
            is_dirty,
            syncs: u32::try_from(node.syncing.len()).unwrap_or(u32::MAX),
            after_crash: nodes.view_after_crash(id, &self.setup),
            waiting: waiting.into_iter().filter_map(scene).collect(),
            waiting_more: u32::try_from(more).unwrap_or(u32::MAX),
            wall_us: node.clock.wall_us(self.now_us),
            monotonic_us: node.clock.monotonic_us(self.now_us),
        })
    }
}
