//! How a directory looks, all of them beside the truth, and how news has spread.

use super::judge::{self, History};
use super::message::{entry_text, sign_text};
use super::node::Node;
use super::spread;
use crate::sim::World;
use crate::view::{Datum, Graph, Panel, Series, Tone, Widget};

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let (config, count) = (super::config(world.setup()), world.names().count());
    let equation = spread::equation(&config, count, world.network().loss_percent());
    let (traffic, residue) = judge::traffic_and_residue(world, history);
    let curve = |label: &str, points| Widget::Series(Series::new(label, "%", points));
    let speed = [
        curve("Nodes that know a change, by its age", history.spreading.curve(count.into())),
        curve("By the epidemic equation", equation),
        Widget::field("Traffic m: rumors told for each node and change", traffic),
        Widget::field("Residue s that push leaves at this traffic, e^−m", residue),
    ];
    vec![
        Panel::new("Who told whom of one change", [tree(world, history)]),
        Panel::new("Directories", [directories(world, history)]),
        Panel::new("How fast a change spreads", speed),
    ]
}

fn tree(world: &World<Node>, history: &History) -> Widget {
    let (followed, contacts) = (history.spreading.followed, &history.spreading.contacts);
    let nodes = world.ids().map(|id| {
        let has_said = followed.is_some_and(|(owner, _)| owner == id);
        let knows = has_said || contacts.iter().any(|(_, to)| *to == id);
        Datum::new(&world.names()[id]).toned(if knows { Tone::Good } else { Tone::Muted })
    });
    let label = followed.map_or("Nothing was said yet".into(), |(owner, (entry, _))| {
        format!("{}: {}", &world.names()[owner], entry_text(&entry))
    });
    let edges = contacts.iter().map(|(from, to)| (from.0, to.0));
    Widget::Graph(Graph::new(label, nodes).with_edges(edges))
}

/// A row a node and a column an owner: what the node says of where the owner serves.
fn directories(world: &World<Node>, history: &History) -> Widget {
    let label = "What each node (row) says of each (column); † is withdrawn";
    Widget::of_each(label, world, |id, node, owner| {
        let shown = node.directory.get(owner).map_or("–".into(), sign_text);
        let is_right = judge::is_right(history, node, owner);
        Datum::new(shown).toned(if is_right { Tone::Good.when(id == owner) } else { Tone::Warn })
    })
}
