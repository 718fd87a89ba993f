//! What a world shows, built only when somebody looks.

use super::act::timer_digest;
use super::slot::{InFlight, Slot};
use super::{Describe, NodeId, Payload, Process, TimerName, World, digest_of};
use crate::view::{
    CutScene, FallenScene, MessageScene, NodeScene, Panel, Scene, Status, TimerScene,
};

impl<P: Process> World<P> {
    /// Returns everything on the stage, with the scenario's own `panels`.
    pub(super) fn scene(&self, panels: Vec<Panel>) -> Scene {
        let mut messages: Vec<_> =
            self.in_flight.iter().flatten().map(|message| self.message_scene(message)).collect();
        messages.sort_by_key(|message| (message.name, message.is_twin));
        let fallen = |fallen: &super::slot::Fallen<P::Msg>| FallenScene {
            message: self.message_scene(&fallen.message),
            at_us: fallen.at_us,
            fate: fallen.fate,
        };
        let cuts = self.network.cuts().map(|(from, to, since_us)| CutScene { from, to, since_us });
        Scene {
            now_us: self.now_us,
            nodes: self.ids().map(|id| self.node_scene(id)).collect(),
            messages,
            fallen: self.fallen.iter().map(fallen).collect(),
            cuts: cuts.collect(),
            loss_percent: self.network.loss_percent(),
            duplicate_percent: self.network.duplicate_percent(),
            panels,
        }
    }

    fn node_scene(&self, id: NodeId) -> NodeScene {
        let slot = &self.slots[id.index()];
        let status = match &slot.process {
            None if slot.is_starting => Status::Up,
            None => Status::Down,
            Some(_) if slot.is_paused => Status::Paused,
            Some(_) => Status::Up,
        };
        let view = slot.process.as_ref().map_or_else(
            // A crashed node shows what its disk would give it back.
            || (self.spawn)(id, &self.setup).view(&slot.disk),
            |process| process.view(&slot.disk),
        );
        NodeScene {
            id,
            name: self.names[id].to_owned(),
            status,
            view,
            timers: Self::timer_scenes(id, slot),
            clock_error_us: slot.clock.error_us(self.now_us),
            drift_ppm: slot.clock.drift_ppm(),
            state_digest: digest_of(&(&slot.process, &slot.disk)),
        }
    }

    fn timer_scenes(node: NodeId, slot: &Slot<P>) -> Vec<TimerScene> {
        let scene = |pending: &super::slot::PendingTimer<P::Timer>| TimerScene {
            name: TimerName { node, digest: timer_digest(&pending.timer) },
            label: pending.timer.label(),
            set_at_us: pending.set_at_us,
            due_at_us: pending.due_at_us,
        };
        let mut timers: Vec<_> = slot.timers.iter().map(scene).collect();
        timers.sort_by_key(|timer| timer.due_at_us);
        timers
    }

    fn message_scene(&self, message: &InFlight<P::Msg>) -> MessageScene {
        let label = message.msg.label();
        debug_assert!(label.chars().count() <= 12, "“{label}” does not fit the stage");
        MessageScene {
            name: message.name,
            label: label.chars().take(12).collect(),
            sentence: message.msg.sentence(&self.names),
            kind: message.msg.kind(),
            epoch: message.msg.epoch(),
            is_error: message.msg.is_error(),
            sent_at_us: message.sent_at_us,
            due_at_us: message.due_at_us,
            is_twin: message.is_twin,
            is_delayed: message.is_delayed,
        }
    }
}
