//! What is shown: who sees whom, the store with its epoch, and what the automation did.

use super::judge::{History, leading};
use super::node::{Disk, Node};
use super::server::{Server, Stage};
use super::{servers, store};
use crate::mechanism::raft::Command as _;
use crate::sim::World;
use crate::view::{Datum, NodeView, Panel, Role, Tone, Widget};

/// So many of the last blocks are shown.
const BLOCKS: usize = 12;

/// Shows a server.
pub(super) fn show_server(server: &Server) -> NodeView {
    let candidate = |label: &str| NodeView::new(Role::Candidate, label);
    match &server.stage {
        Stage::Off => NodeView::new(Role::Follower, "is off"),
        Stage::Follows => NodeView::new(Role::Follower, "follows"),
        Stage::Looks { .. } => candidate("asks the store"),
        Stage::Shoots { server, .. } => candidate(&format!("shoots S{}", server.0 + 1)),
        Stage::Seals { epoch } => candidate(&format!("seals {epoch}")),
        Stage::Leads(lead) => NodeView::new(Role::Leader, "leads").in_epoch(lead.epoch),
    }
}

/// Shows the store; for one that is down, what its disk holds.
pub(super) fn show_store(disk: &Disk) -> NodeView {
    let volume = disk.0.get();
    let label =
        volume.holder.map_or("no leader yet".into(), |id| format!("latest leader S{}", id.0 + 1));
    NodeView::new(Role::Storage, label)
        .in_epoch(Some(volume.fence.epoch()).filter(|epoch| *epoch > 0))
        .with([Widget::cells("blocks", blocks(disk))])
}

/// The last blocks of the store: whose each is, and whether it would survive a crash.
fn blocks(disk: &Disk) -> impl Iterator<Item = Datum> {
    let (volume, durable) = (disk.0.get(), disk.0.durable());
    volume.last(BLOCKS).map(|(index, block)| match block {
        Some(it) => Datum::new(format!("{index}: {}", it.write.label()))
            .in_epoch(it.epoch)
            .durable_if(durable.block(index) == block),
        None => Datum::new(format!("{index}: –")).toned(Tone::Muted),
    })
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let disk = world.disk(store(world.setup()));
    let store = [
        Widget::field("highest epoch shown to it", Datum::of_epoch(disk.0.get().fence.epoch())),
        Widget::field("writes of old epochs refused", Datum::count(history.refused, Tone::Warn)),
        Widget::cells("last blocks", blocks(disk)),
    ];
    vec![
        Panel::new("The store", store),
        Panel::new("Who sees whom", [sights(world)]),
        history.lanes.panel("Who leads when", world, servers(world.setup())),
        history.deeds.panel("What the automation did", world.names()),
    ]
}

/// Each server's view of the others: both sides of a cut at a glance.
fn sights(world: &World<Node>) -> Widget {
    let (all, names) = (|| servers(world.setup()), world.names());
    let columns = all().map(|id| &names[id]).chain(["takes for leader"]);
    Widget::of_nodes("in touch both ways", world, all(), columns, |id, node| {
        let (server, now_us) = (node.server()?, world.clock(id).monotonic_us(world.now_us()));
        let sees = move |other| server.in_touch(id, now_us).any(|(it, _)| it == other);
        let sight = move |it| if it == id { Datum::none() } else { Datum::yes_or_no(sees(it)) };
        let leader = Datum::new(server.leader(id, now_us).map_or("nobody", |id| &names[id]));
        Some(all().map(sight).chain([leader.toned(Tone::Warn.when(leading(world).len() > 1))]))
    })
}
