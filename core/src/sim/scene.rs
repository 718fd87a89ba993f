//! What a world shows, built only when somebody looks.

use std::hash::Hasher as _;

use super::behaviour::Behaviour;
use super::kernel::Kernel;
use super::node::{Fallen, Flight};
use super::{DiskFault, NodeId, StableHasher, TimerName};
use crate::order::{set_of, sort_by_key};
use crate::view::{
    CutScene, FallenScene, HoldScene, LoadScene, MessageScene, NodeScene, Panel, Scene, Status,
    TimerScene,
};

impl Kernel {
    /// Returns everything on the stage, with the scenario's own `panels`.
    pub(super) fn scene(&self, nodes: &dyn Behaviour, panels: Vec<Panel>) -> Scene {
        let flights = self.flights.iter().zip(0_u32..);
        let flights = flights.filter_map(|(flight, place)| Some((flight.as_ref()?, place)));
        // What waits in an inbox has arrived.
        let waiting = set_of(self.nodes.iter().flat_map(|node| node.inbox_places(self.now_us)));
        let flights = flights.filter(|(_, place)| !waiting.contains(place));
        let mut messages: Vec<_> =
            flights.map(|(flight, place)| self.message_scene(flight, place, nodes)).collect();
        sort_by_key(&mut messages, |message| (message.name, message.is_twin));
        let fallen = |fallen: &Fallen| FallenScene {
            message: self.message_scene(&fallen.flight, fallen.place, nodes),
            at_us: fallen.at_us,
            fate: fallen.fate,
        };
        let holds = self.network.holds().map(|(from, to)| HoldScene { from, to });
        Scene {
            now_us: self.now_us,
            nodes: self.names.ids().map(|id| self.node_scene(id, nodes)).collect(),
            messages,
            fallen: self.fallen.iter().map(fallen).collect(),
            cuts: self.cut_scenes(),
            holds: holds.collect(),
            loss_percent: self.network.loss_percent(),
            duplicate_percent: self.network.duplicate_percent(),
            panels,
        }
    }

    fn cut_scenes(&self) -> Vec<CutScene> {
        let scene = |(from, to, since_us)| {
            // However often it comes and goes, it blocks when it begins.
            let cut = self.network.cut_of(from, to, since_us);
            let period_us = cut.map(|cut| cut.period_us).filter(|period_us| *period_us > 0);
            let blocks = self.network.cut_of(from, to, self.now_us).is_some();
            CutScene { from, to, since_us, period_us, blocks }
        };
        self.network.cuts().map(scene).collect()
    }

    fn load_scene(&self, id: NodeId) -> LoadScene {
        let node = &self.nodes[id.index()];
        let load = node.load_at(self.now_us);
        LoadScene {
            inbox: node.inbox_at(self.now_us),
            inbox_limit: node.capacity.inbox,
            busy: u32::try_from(node.jobs.len()).unwrap_or(u32::MAX),
            servers: node.capacity.servers.max(1),
            busy_us: load.busy_us,
            refused: load.refused,
        }
    }

    fn node_scene(&self, id: NodeId, nodes: &dyn Behaviour) -> NodeScene {
        let node = &self.nodes[id.index()];
        let status = match (node.is_up, node.is_paused) {
            (false, _) if !node.is_starting => Status::Down,
            (_, true) => Status::Paused,
            (_, false) => Status::Up,
        };
        let mut state = StableHasher::chained(0);
        nodes.hash_node(id, &mut state);
        let mut view = nodes.view(id, &self.setup);
        // What was only in memory is gone: not in epoch 0, but in none until it comes back.
        view.epoch = view.epoch.filter(|epoch| *epoch > 0 || status != Status::Down);
        NodeScene {
            id,
            name: self.names[id].to_owned(),
            status,
            view,
            timers: self.timer_scenes(id, nodes),
            clock_error_us: node.clock.error_us(self.now_us),
            drift_ppm: node.clock.drift_ppm(),
            load: self.load_scene(id),
            slowness_us: node.slowness_us,
            has_fallible_disk: has_fallible_disk(id, nodes),
            costs: self.node_costs[id.index()],
            state_digest: state.finish(),
        }
    }

    fn timer_scenes(&self, id: NodeId, nodes: &dyn Behaviour) -> Vec<TimerScene> {
        let scene = |&place: &u32| {
            let pending = &self.nodes[id.index()].timers[place as usize];
            TimerScene {
                name: TimerName { node: id, digest: nodes.timer_digest(id, place) },
                label: nodes.timer(id, place).label(),
                set_at_us: pending.set_at_us,
                due_at_us: pending.due_at_us,
            }
        };
        let mut timers: Vec<_> = nodes.timers(id).iter().map(scene).collect();
        sort_by_key(&mut timers, |timer| timer.due_at_us);
        timers
    }

    fn message_scene(&self, flight: &Flight, place: u32, nodes: &dyn Behaviour) -> MessageScene {
        let message = nodes.message(place);
        let label = message.label();
        debug_assert!(label.chars().count() <= 12, "“{label}” does not fit the stage");
        MessageScene {
            name: flight.name,
            label: label.chars().take(12).collect(),
            sentence: message.sentence(&self.names),
            kind: message.kind(),
            epoch: message.epoch(),
            is_error: message.is_error() || flight.is_refusal,
            sent_at_us: flight.sent_at_us,
            due_at_us: flight.due_at_us,
            is_twin: flight.is_twin,
            is_delayed: flight.is_delayed,
        }
    }
}

/// A disk that can go wrong can be slow; whichever share of its speed it has, another is news.
fn has_fallible_disk(id: NodeId, nodes: &dyn Behaviour) -> bool {
    let slow = |percent| nodes.disk_can_suffer(id, &DiskFault::Slow { percent });
    slow(100) || slow(200)
}
