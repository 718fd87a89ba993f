//! What is shown: who sees whom, the store with its epoch, and what the automation did.

use super::judge::{History, leading, up};
use super::node::{Disk, Node};
use super::server::{Server, Stage};
use super::{servers, store};
use crate::sim::{NodeId, World};
use crate::view::{Datum, NodeView, Panel, Role, Tone, Widget, instant};

/// So many of the last blocks are shown.
const BLOCKS: usize = 12;

/// Shows a server.
pub(super) fn show_server(server: &Server) -> NodeView {
    let (role, label) = match &server.stage {
        Stage::Off => (Role::Follower, "is off".into()),
        Stage::Follows => (Role::Follower, "follows".into()),
        Stage::Looks { .. } => (Role::Candidate, "asks the store".into()),
        Stage::Shoots { server, .. } => (Role::Candidate, format!("shoots S{}", server.0 + 1)),
        Stage::Seals { epoch } => (Role::Candidate, format!("seals {epoch}")),
        Stage::Leads(_) => (Role::Leader, "leads".into()),
    };
    NodeView::new(role, label).in_epoch(server.lead().map(|lead| lead.epoch))
}

/// Shows the store; for one that is down, what its disk holds.
pub(super) fn show_store(disk: &Disk) -> NodeView {
    let volume = disk.0.get();
    let label = volume.holder.map_or("nobody's".into(), |id| format!("S{}'s", id.0 + 1));
    NodeView::new(Role::Storage, label)
        .in_epoch(Some(volume.fence.epoch()).filter(|epoch| *epoch > 0))
        .with([Widget::cells("blocks", blocks(disk))])
}

/// The last blocks of the store: whose each is, and whether it would survive a crash.
fn blocks(disk: &Disk) -> impl Iterator<Item = Datum> {
    let (volume, durable) = (disk.0.get(), disk.0.durable());
    let from = volume.blocks.len().saturating_sub(BLOCKS).max(1);
    (from as u64..volume.blocks.len() as u64).map(|index| match volume.block(index) {
        Some(block) => {
            let text = format!("{index}: C{}·{}", block.write.client + 1, block.write.number);
            let is_durable = durable.block(index) == Some(block);
            Datum::new(text).in_epoch(block.epoch).durable_if(is_durable)
        }
        None => Datum::new(format!("{index}: –")).toned(Tone::Muted),
    })
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let disk = world.disk(store(world.setup()));
    let epoch = disk.0.get().fence.epoch();
    let refused = Datum::from(history.refused).toned(Tone::Warn.when(history.refused > 0));
    let store = [
        Widget::field("highest epoch shown to it", Datum::from(epoch).in_epoch(epoch)),
        Widget::field("writes of earlier epochs refused", refused),
        Widget::cells("last blocks", blocks(disk)),
    ];
    let deeds = history.deeds.iter().rev().map(|(at_us, id, what)| {
        (instant(*at_us), [format!("{} {what}", &world.names()[*id]).into()])
    });
    let lanes = history.lanes.widget("servers", world, servers(world.setup()));
    vec![
        Panel::new("The store", store),
        Panel::new("Who sees whom", [sights(world)]),
        Panel::new("Who leads when", [lanes]),
        Panel::new("What the automation did", [Widget::matrix("latest first", ["what"], deeds)]),
    ]
}

/// Each server's view of the others: both sides of a cut at a glance.
fn sights(world: &World<Node>) -> Widget {
    let names = world.names();
    let are_many = leading(world).len() > 1;
    let rows = up(world).map(|(id, server)| {
        let now_us = world.clock(id).monotonic_us(world.now_us());
        let touch: Vec<NodeId> = server.in_touch(id, now_us).map(|(id, _)| id).collect();
        let cell = move |other: NodeId| match (other == id, touch.contains(&other)) {
            (true, _) => Datum::new("self").toned(Tone::Muted),
            (_, true) => Datum::new("sees").toned(Tone::Good),
            (_, false) => Datum::new("–").toned(Tone::Bad),
        };
        let leader = Datum::new(server.leader(id, now_us).map_or("nobody", |id| &names[id]));
        let leader = leader.toned(Tone::Warn.when(are_many));
        (&names[id], servers(world.setup()).map(cell).chain([leader]))
    });
    let columns = servers(world.setup()).map(|id| &names[id]).chain(["takes for leader"]);
    Widget::matrix("in touch both ways", columns, rows)
}
