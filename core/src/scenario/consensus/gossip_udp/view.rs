//! How a directory looks, all of them beside the truth, and how news has spread.

use super::judge::{self, History};
use super::message::{Address, entry_text};
use super::node::Node;
use super::spread;
use crate::mechanism::gossip::Entry;
use crate::sim::{Cell, NodeId, World};
use crate::view::{Datum, Graph, NodeView, Panel, Series, Tone, Widget};

/// Shows one node.
pub(super) fn node(node: &Node, disk: &Cell<u64>) -> NodeView {
    let known = node.directory.iter().filter(|(_, entry)| !entry.is_deleted).count();
    let tombstones = node.directory.iter().count() - known;
    let told = node.rumors.owners().filter_map(|owner| node.directory.get(owner));
    let address = node.address().map_or("nowhere".into(), Address::port);
    let widgets = vec![
        Widget::field("Serves at", address.clone()),
        Widget::field("Addresses known", known as u64),
        Widget::field("Tombstones", tombstones as u64),
        Widget::chips("Rumors it tells", told.map(|entry| Datum::new(entry_text(entry)))),
        Widget::field("Generation on disk", Datum::new(disk.durable().to_string()).durable()),
    ];
    NodeView { label: address, value: Some(known.to_string()), widgets, ..NodeView::default() }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let curves = ["Nodes that know a change, by its age", "By the epidemic equation"];
    let (config, count) = (super::config(world.setup()), world.names().count());
    let equation = spread::equation(&config, count, world.network().loss_percent());
    let points = [history.spreading.curve(count.into()), equation];
    let curves = curves.into_iter().zip(points);
    let curves = curves.map(|(label, it)| Widget::Series(Series::new(label, "%", it)));
    let (traffic, residue) = judge::traffic_and_residue(world, history);
    let figures = [
        Widget::field("Traffic m: rumors told for each node and change", traffic),
        Widget::field("Residue s that push leaves at this traffic, e^−m", residue),
    ];
    vec![
        Panel { title: "Who told whom of one change".into(), widgets: vec![tree(world, history)] },
        Panel { title: "Directories".into(), widgets: vec![directories(world, history)] },
        Panel {
            title: "How fast a change spreads".into(),
            widgets: curves.chain(figures).collect(),
        },
    ]
}

fn tree(world: &World<Node>, history: &History) -> Widget {
    let followed = history.spreading.followed;
    let contacts = &history.spreading.contacts;
    let tone = |id: NodeId| match followed {
        Some((owner, ..)) if owner == id => Tone::Good,
        _ if contacts.iter().any(|(_, to)| *to == id) => Tone::Good,
        _ => Tone::Muted,
    };
    let nodes = world.ids().map(|id| Datum::new(&world.names()[id]).toned(tone(id)));
    let label = followed.map_or("Nothing was said yet".into(), |(owner, (entry, _))| {
        format!("{}: {}", &world.names()[owner], entry_text(&entry))
    });
    let mut graph = Graph::new(label, nodes);
    for (from, to) in contacts {
        graph = graph.with_edge(from.0, to.0, "");
    }
    Widget::Graph(graph)
}

/// A row a node and a column an owner: what the node says of where the owner serves.
fn directories(world: &World<Node>, history: &History) -> Widget {
    let cell = |id: NodeId, node: &Node, owner: NodeId| {
        let text = |entry: &Entry<Address>| {
            if entry.is_deleted { "†".into() } else { entry_text(entry) }
        };
        let shown = node.directory.get(owner).map_or("–".into(), text);
        let tone = match (judge::is_right(history, node, owner), id == owner) {
            (true, true) => Tone::Good,
            (true, false) => Tone::Neutral,
            (false, _) => Tone::Warn,
        };
        Datum::new(shown).toned(tone)
    };
    let row = |(id, node): (NodeId, &Node)| {
        let cells = world.ids().map(|owner| cell(id, node, owner)).collect();
        (world.names()[id].to_owned(), cells)
    };
    let columns = world.ids().map(|id| world.names()[id].to_owned()).collect();
    let label = "What each node (row) says of each (column); † is withdrawn".into();
    Widget::Matrix { label, columns, rows: judge::running(world).map(row).collect() }
}
