//! What is shown: who sees whom, the store with its epoch, and what the automation did.

use super::judge::{History, leading, up};
use super::node::{Disk, Node};
use super::server::{Server, Stage};
use super::{servers, store};
use crate::sim::{NodeId, Process, World};
use crate::view::{Datum, NodeView, Panel, Role, Tone, Widget};

/// So many of the last blocks are shown.
const BLOCKS: usize = 12;

/// Shows one node.
pub(super) fn node(node: &Node, disk: &Disk) -> NodeView {
    match node {
        Node::Server(it) => server(it),
        Node::Client(client) => client.view(&disk.1.1),
        Node::Power => {
            NodeView { role: Role::Gateway, label: "power switch".into(), ..NodeView::default() }
        }
        Node::Store(_) => {
            let volume = disk.0.get();
            let epoch = Some(volume.fence.epoch()).filter(|epoch| *epoch > 0);
            let label = volume.holder.map_or("nobody's".into(), |id| format!("S{}'s", id.0 + 1));
            let widgets = vec![Widget::cells("blocks", blocks(disk))];
            NodeView { role: Role::Storage, label, epoch, widgets, ..NodeView::default() }
        }
    }
}

fn server(server: &Server) -> NodeView {
    let (role, label) = match &server.stage {
        Stage::Off => (Role::Follower, "is off".into()),
        Stage::Follows => (Role::Follower, "follows".into()),
        Stage::Looks { .. } => (Role::Candidate, "asks the store".into()),
        Stage::Shoots { server, .. } => (Role::Candidate, format!("shoots S{}", server.0 + 1)),
        Stage::Seals { epoch } => (Role::Candidate, format!("seals {epoch}")),
        Stage::Leads(_) => (Role::Leader, "leads".into()),
    };
    let epoch = server.lead().map(|lead| lead.epoch);
    NodeView { role, label, epoch, ..NodeView::default() }
}

/// The last blocks of the store: whose each is, and whether it would survive a crash.
fn blocks(disk: &Disk) -> Vec<Datum> {
    let (volume, durable) = (disk.0.get(), disk.0.durable());
    let from = volume.blocks.len().saturating_sub(BLOCKS).max(1);
    let cell = |index: u64| match volume.block(index) {
        Some(block) => {
            let text = format!("{index}: C{}·{}", block.write.client + 1, block.write.number);
            let durable = durable.block(index) == Some(block);
            Datum { durable, ..Datum::new(text).in_epoch(block.epoch) }
        }
        None => Datum::new(format!("{index}: –")).toned(Tone::Muted),
    };
    (from as u64..volume.blocks.len() as u64).map(cell).collect()
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let panel = |title: &str, widgets| Panel { title: title.into(), widgets };
    let disk = world.disk(store(world.setup()));
    let tone = if history.refused > 0 { Tone::Warn } else { Tone::Neutral };
    let epoch = disk.0.get().fence.epoch();
    let last = Datum::new(epoch.to_string()).in_epoch(epoch);
    let fenced = Datum::new(history.refused.to_string()).toned(tone);
    let deed = |(at_us, id, what): &(u64, NodeId, String)| {
        let name = world.names()[*id].to_owned();
        let at = format!("{}.{:03} s", at_us / 1_000_000, at_us / 1_000 % 1_000);
        (at, vec![Datum::new(format!("{name} {what}"))])
    };
    let rows = history.deeds.iter().rev().map(deed).collect();
    let audit = Widget::Matrix { label: "latest first".into(), columns: vec!["what".into()], rows };
    vec![
        panel(
            "The store",
            vec![
                Widget::field("highest epoch shown to it", last),
                Widget::field("writes of earlier epochs refused", fenced),
                Widget::cells("last blocks", blocks(disk)),
            ],
        ),
        panel("Who sees whom", vec![sights(world)]),
        panel(
            "Who leads when",
            vec![history.lanes.widget("servers", world, servers(world.setup()))],
        ),
        panel("What the automation did", vec![audit]),
    ]
}

/// Each server's view of the others: both sides of a cut at a glance.
fn sights(world: &World<Node>) -> Widget {
    let names = world.names();
    let now_us = |id: NodeId| world.clock(id).monotonic_us(world.now_us());
    let row = |(id, server): (NodeId, &Server)| {
        let touch: Vec<NodeId> = server.in_touch(id, now_us(id)).map(|(id, _)| id).collect();
        let cell = |other: NodeId| match (other == id, touch.contains(&other)) {
            (true, _) => Datum::new("self").toned(Tone::Muted),
            (_, true) => Datum::new("sees").toned(Tone::Good),
            (_, false) => Datum::new("–").toned(Tone::Bad),
        };
        let leader = server.leader(id, now_us(id)).map_or("nobody", |id| &names[id]);
        let is_alone = leading(world).len() < 2;
        let leader = Datum::new(leader).toned(if is_alone { Tone::Neutral } else { Tone::Warn });
        (names[id].to_owned(), servers(world.setup()).map(cell).chain([leader]).collect())
    };
    let columns = servers(world.setup()).map(|id| names[id].to_owned());
    let columns = columns.chain(["takes for leader".into()]).collect();
    Widget::Matrix {
        label: "in touch both ways".into(),
        columns,
        rows: up(world).map(row).collect(),
    }
}
