//! What is shown: each node's inside, and four panels judged from outside.

use super::client::Client;
use super::judge::{History, Stretch, clients, servers, up};
use super::message::Disk;
use super::node::Node;
use super::server::Server;
use crate::sim::{NodeId, Process, World};
use crate::view::{Datum, NodeView, Panel, Role, Span, Tone, Widget};

/// How many places of the log the matrix shows.
const PLACES: u64 = 10;

impl Server {
    pub(super) fn view(&self, disk: &Disk) -> NodeView {
        let mut view = self.raft.view(&disk.raft);
        if let (Role::Follower, leader) = (view.role, self.raft.leader()) {
            view.label =
                leader.map_or("knows no leader".into(), |id| format!("follows S{}", id.0 + 1));
        }
        if !self.is_elected() {
            let until_ms = self.lease.until_wall_us / 1_000;
            view.widgets.push(Widget::field("lease ends, wall clock", format!("{until_ms} ms")));
        }
        view
    }
}

impl Client {
    pub(super) fn view(&self) -> NodeView {
        let (write, acknowledged) = self.progress();
        let label = write.map_or("thinks".into(), |write| format!("write {} waits", write.number));
        let value = Some(acknowledged.to_string());
        NodeView { role: Role::Client, label, value, ..NodeView::default() }
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let panel = |title: &str, widget| Panel { title: title.into(), widgets: vec![widget] };
    let setup = world.setup();
    vec![
        panel("Who leads when", lanes("term", world, history, servers(setup))),
        panel("Who follows whom", allegiance(world)),
        panel("Logs", logs(world)),
        panel("Who is served when", lanes("receipts", world, history, clients(setup))),
    ]
}

fn lanes(
    label: &str,
    world: &World<Node>,
    history: &History,
    ids: impl Iterator<Item = NodeId>,
) -> Widget {
    let span = |&(from_us, to_us, what, term, tone): &Stretch| {
        let epoch = (term > 0).then_some(term);
        Span { from_us, to_us, text: what.into(), epoch, tone }
    };
    let lane = |id| history.lanes.get(&id).into_iter().flatten().map(span).collect();
    let rows = ids.map(|id| (world.names()[id].to_owned(), lane(id))).collect();
    Widget::Lanes { label: label.into(), rows }
}

fn allegiance(world: &World<Node>) -> Widget {
    let name = |id: Option<NodeId>| Datum::new(id.map_or("nobody", |id| &world.names()[id]));
    let row = |(id, server): (NodeId, &Server)| {
        let own = world.disk(id).raft.get();
        let term = Datum::new(own.term.to_string()).in_epoch(own.term);
        (world.names()[id].to_owned(), vec![term, name(own.vote), name(server.raft.leader())])
    };
    let columns = ["term", "voted for", "follows"].map(String::from).to_vec();
    Widget::Matrix {
        label: "term, vote and leader".into(),
        columns,
        rows: up(world).map(row).collect(),
    }
}

fn logs(world: &World<Node>) -> Widget {
    let last = servers(world.setup()).map(|id| world.disk(id).raft.get().log.last().index).max();
    let last = last.unwrap_or_default();
    let places = last.saturating_sub(PLACES - 1).max(1)..=last;
    let row = |(id, server): (NodeId, &Server)| {
        let cell = |index| server.raft.cell(index, &world.disk(id).raft);
        let empty = Datum::default().toned(Tone::Muted);
        let cells = places.clone().map(|index| cell(index).unwrap_or_else(|| empty.clone()));
        (world.names()[id].to_owned(), cells.collect())
    };
    let columns = places.clone().map(|index| index.to_string()).collect();
    Widget::Matrix { label: "last entries".into(), columns, rows: up(world).map(row).collect() }
}
