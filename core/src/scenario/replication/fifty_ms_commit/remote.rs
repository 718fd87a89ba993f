//! The copy of the log in another region: it takes over what follows on what it has, and says how far
//! its disk has come. Nobody waits for that.

use super::config::Config;
use super::message::{Fact, Msg, Timer};
use super::node::{Disk, Node};
use crate::mechanism::geo::Shipment;
use crate::mechanism::raft::Entry;
use crate::mechanism::writer::Write;
use crate::sim::{Boot, Cx, Kind, NodeId};
use crate::view::NodeView;

/// A copy in another region.
#[derive(Clone, Debug, Hash)]
pub(super) struct Remote {
    config: Config,
}

impl Remote {
    pub(super) fn new(config: Config) -> Self {
        Self { config }
    }

    fn take_over(&self, from: NodeId, shipment: &Shipment<Entry<Write>>, cx: &mut Cx<'_, Node>) {
        let have = cx.disk().1.0.get().last().index;
        if self.config.leaves_no_gap && shipment.leaves_gap(have) {
            cx.record(Fact::FindsGap { have, after: shipment.after });
        } else if shipment.through() > have {
            let copy = cx.disk_mut().1.0.get_mut();
            for (_, entry) in shipment.news(have) {
                copy.push(entry.clone());
            }
            cx.record(Fact::TakesOver { through: shipment.through() });
        }
        let through = cx.disk().1.0.get().last().index;
        cx.send_after_sync(from, Msg::Kept { through });
    }
}

impl Kind<Node> for Remote {
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Node>) {
        if boot == Boot::Recovered {
            cx.record(Fact::Recovers);
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Node>) {
        if let Msg::Ship(shipment) = msg {
            self.take_over(from, &shipment, cx);
        }
    }

    fn on_timer(&mut self, _: Timer, _: &mut Cx<'_, Node>) {}

    fn view(&self, disk: &Disk) -> NodeView {
        Self::show(&disk.1.0)
    }
}
