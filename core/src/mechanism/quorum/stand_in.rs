//! A stand-in: takes a write for a replica that does not answer, and hands it off later.

use std::collections::BTreeSet;

use super::message::{Fact, Message, Timer, Version};
use super::picture::register;
use super::quorums::Order;
use crate::sim::{Boot, Cell, Cx, NodeId, Process};
use crate::view::{NodeView, Role};

/// How often a stand-in offers what it holds to the replicas.
const HAND_OFF_US: u64 = 200_000;

/// Keeps a version for replicas that could not be reached: hinted handoff (Dynamo, section 4.6). It offers it
/// to each of them until all have it, and forgets it then.
///
/// Dynamo's hint names the one replica for which a version was meant. Here there is one register, so
/// all replicas are meant to have it.
#[derive(Clone, Debug, Hash)]
pub struct StandIn {
    /// The replicas are the nodes below this.
    replicas: u16,
    order: Order,
    /// Who has confirmed the version that it holds.
    confirmed: BTreeSet<NodeId>,
}

impl StandIn {
    /// Creates a stand-in for the replicas that are the nodes below `replicas`.
    pub fn new(replicas: u16, order: Order) -> Self {
        Self { replicas, order, confirmed: BTreeSet::new() }
    }

    fn offer(&self, cx: &mut Cx<'_, Self>) {
        let version = *cx.disk().get();
        if version == Version::default() {
            return;
        }
        let round = round_of(version);
        for id in NodeId::first(self.replicas).filter(|id| !self.confirmed.contains(id)) {
            cx.send_after_sync(id, Message::Store { round, version });
        }
        cx.set_timer(HAND_OFF_US, Timer::HandOff);
    }

    fn on_confirmed(&mut self, from: NodeId, round: u64, cx: &mut Cx<'_, Self>) {
        let version = *cx.disk().get();
        if round != round_of(version) || from.0 >= self.replicas {
            return;
        }
        self.confirmed.insert(from);
        if self.confirmed.len() == usize::from(self.replicas) {
            *cx.disk_mut().get_mut() = Version::default();
            cx.sync();
            cx.cancel_timer(Timer::HandOff);
        }
    }
}

/// Names an offer by what is offered, so that an answer to an earlier one counts for nothing.
fn round_of(version: Version) -> u64 {
    version.tag.number << 16 | u64::from(version.tag.writer.0)
}

impl Process for StandIn {
    type Msg = Message;
    type Timer = Timer;
    type Disk = Cell<Version>;
    type Fact = Fact;

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Self>) {
        self.offer(cx);
    }

    fn on_message(&mut self, from: NodeId, msg: Message, cx: &mut Cx<'_, Self>) {
        match msg {
            Message::Query { round } => {
                let version = *cx.disk().get();
                cx.send(from, Message::Holds { round, version });
            }
            Message::Store { round, version } => {
                if self.order.is_newer(version, *cx.disk().get()) {
                    *cx.disk_mut().get_mut() = version;
                    self.confirmed.clear();
                    cx.record(Fact::Adopts(version));
                    cx.set_timer(HAND_OFF_US, Timer::HandOff);
                }
                cx.send_after_sync(from, Message::Stored { round });
            }
            Message::Stored { round } => self.on_confirmed(from, round, cx),
            Message::Holds { .. } | Message::Call(_) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match timer {
            Timer::HandOff => self.offer(cx),
            Timer::Resend | Timer::GiveUp => {}
        }
    }

    fn view(&self, disk: &Cell<Version>) -> NodeView {
        let Version { tag, value } = *disk.get();
        let epoch = Some(tag.number).filter(|number| *number > 0);
        let label = epoch.map_or("stands by".into(), |_| format!("keeps {value}"));
        NodeView::new(Role::Queue, label).in_epoch(epoch).with([register(disk)])
    }
}
