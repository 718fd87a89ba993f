//! What is shown: a server's inside, and four panels judged from outside.

use super::judge::{History, Stretch, clients, servers, up};
use super::node::{Disk, Node};
use super::server::Server;
use crate::sim::{NodeId, Process, World};
use crate::view::{Datum, NodeView, Panel, Role, Span, Tone, Widget};

/// How many places of the log are shown.
const PLACES: u64 = 10;

impl Server {
    pub(super) fn view(&self, disk: &Disk) -> NodeView {
        let mut view = self.raft.view(&disk.raft);
        if view.role == Role::Follower {
            let leader = self.raft.leader().map(|id| format!("follows S{}", id.0 + 1));
            view.label = leader.unwrap_or_else(|| "knows no leader".into());
        }
        if !self.is_elected() {
            let until = format!("{} ms", self.lease.until_wall_us / 1_000);
            view.widgets.push(Widget::field("lease ends, wall clock", until));
        }
        view
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let panel = |title: &str, widget| Panel { title: title.into(), widgets: vec![widget] };
    vec![
        panel("Who leads when", lanes("servers", world, history, servers(world.setup()))),
        panel("Who is served when", lanes("clients", world, history, clients(world.setup()))),
        panel("Who follows whom", allegiance(world, history)),
        panel("Logs", logs(world)),
    ]
}

fn lanes(
    label: &str,
    world: &World<Node>,
    history: &History,
    ids: impl Iterator<Item = NodeId>,
) -> Widget {
    let span = |it: &Stretch, is_down: bool| {
        let fell = it.has_crashed || (is_down && it.to_us.is_none());
        let text = if fell { format!("{}, then down", it.what) } else { it.what.into() };
        let tone = if fell { Tone::Muted } else { it.tone };
        let epoch = (it.term > 0).then_some(it.term);
        Span { from_us: it.from_us, to_us: it.to_us, text, epoch, tone }
    };
    let row = |id| {
        let is_down = world.process(id).is_none();
        let lane = history.lanes.get(&id).into_iter().flatten();
        (world.names()[id].to_owned(), lane.map(|it| span(it, is_down)).collect())
    };
    Widget::Lanes { label: label.into(), rows: ids.map(row).collect() }
}

fn allegiance(world: &World<Node>, history: &History) -> Widget {
    let name = |id: Option<NodeId>| Datum::new(id.map_or("nobody", |id| &world.names()[id]));
    let row = |(id, server): (NodeId, &Server)| {
        let term = world.disk(id).raft.get().term;
        let last = history.answers.get(&id).map(|(granted, to, term)| {
            let (answer, to) = (if *granted { "yes" } else { "no" }, &world.names()[*to]);
            Datum::new(format!("{answer} to {to}")).in_epoch(*term)
        });
        let writes = if server.raft.is_leader() { "accepts" } else { "refuses" };
        let term = Datum::new(term.to_string()).in_epoch(term);
        let cells =
            [term, name(server.raft.leader()), last.unwrap_or_default(), Datum::new(writes)];
        (world.names()[id].to_owned(), cells.to_vec())
    };
    let columns = ["term", "follows", "last vote", "writes"].map(String::from).to_vec();
    Widget::Matrix { label: "servers".into(), columns, rows: up(world).map(row).collect() }
}

fn logs(world: &World<Node>) -> Widget {
    let last = servers(world.setup()).map(|id| world.disk(id).raft.get().log.last().index).max();
    let last = last.unwrap_or_default();
    let places = last.saturating_sub(PLACES - 1).max(1)..=last;
    let row = |(id, server): (NodeId, &Server)| {
        let cell = |index| server.raft.cell(index, &world.disk(id).raft);
        let cells = places.clone().map(|index| cell(index).unwrap_or_default());
        (world.names()[id].to_owned(), cells.collect())
    };
    let columns = places.clone().map(|index| index.to_string()).collect();
    Widget::Matrix { label: "last entries".into(), columns, rows: up(world).map(row).collect() }
}
