//! A replica: keeps the newest version that it has heard of.

use super::message::{Fact, Message, Timer, Version};
use super::picture::register;
use super::quorums::Order;
use crate::sim::{Boot, Cell, Cx, NodeId, Process};
use crate::view::{NodeView, Role};

/// Stores one version, on disk. It decides nothing: what a register promises is made by its clients.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Replica {
    /// How it tells whether what it is asked to store is newer than what it holds.
    pub order: Order,
}

impl Process for Replica {
    type Msg = Message;
    type Timer = Timer;
    type Disk = Cell<Version>;
    type Fact = Fact;

    fn on_start(&mut self, _: Boot, _: &mut Cx<'_, Self>) {}

    fn on_message(&mut self, from: NodeId, msg: Message, cx: &mut Cx<'_, Self>) {
        match msg {
            Message::Query { round } => {
                // What is not on disk yet belongs to a store that has not been acknowledged here.
                let version = *cx.disk().get();
                cx.send(from, Message::Holds { round, version });
            }
            Message::Store { round, version } => {
                if self.order.is_newer(version, *cx.disk().get()) {
                    *cx.disk_mut().get_mut() = version;
                    cx.record(Fact::Adopts(version));
                }
                cx.send_after_sync(from, Message::Stored { round });
            }
            Message::Holds { .. } | Message::Stored { .. } | Message::Call(_) => {}
        }
    }

    fn on_timer(&mut self, _: Timer, _: &mut Cx<'_, Self>) {}

    fn view(&self, disk: &Cell<Version>) -> NodeView {
        let Version { tag, value } = *disk.get();
        let epoch = Some(tag.number).filter(|number| *number > 0);
        let label = format!("holds {value}");
        NodeView::new(Role::Storage, label).in_epoch(epoch).with([register(disk)])
    }
}
