//! What is shown: what each replica has of each key, table by table, and the last read that met a
//! difference.

use super::config::{Config, Strategy, index_of, key_text};
use super::judge::{self, Difference, History};
use super::message::{held_text, version_text};
use super::node::Node;
use super::replicas;
use super::server::{Copies, Server};
use crate::mechanism::quorum::Version;
use crate::sim::{NodeId, World};
use crate::view::{Datum, NodeView, Panel, Role, Tone, Widget};

impl Server {
    pub(super) fn show(copies: &Copies) -> NodeView {
        let tombs = copies.0.values().filter(|version| version.is_tombstone()).count();
        let label = match tombs {
            0 => format!("{} keys", copies.0.len()),
            _ => format!("{} keys, {tombs} †", copies.0.len() - tombs),
        };
        let chips = |table: Strategy| {
            let of_table = copies.0.iter().filter(move |(key, _)| Strategy::of(*key) == table);
            let chip = |(key, version): (u16, &Version)| Datum::new(version_text(key, *version));
            Widget::chips(title(table), of_table.map(chip))
        };
        // What the lesson tells of first: a stage has room for one table.
        let tables = [Strategy::Reads, Strategy::Trees, Strategy::Nothing];
        NodeView::new(Role::Storage, label).with(tables.map(chips))
    }
}

fn title(table: Strategy) -> &'static str {
    match table {
        Strategy::Nothing => "n: nothing repairs",
        Strategy::Reads => "r: reads repair",
        Strategy::Trees => "t: trees repair",
    }
}

pub(super) fn panels(world: &World<Node>, it: &History) -> Vec<Panel> {
    let tables = Strategy::ALL.map(|table| matrix(world, it, table));
    let mut panels = vec![Panel::new("What each replica has of each key", tables)];
    panels.extend(it.difference.as_ref().map(|difference| last(world, difference)));
    panels
}

/// What each replica has of each key of a table; what is not the newest stands out.
fn matrix(world: &World<Node>, it: &History, table: Strategy) -> Widget {
    let config = Config::of(world.setup());
    let cell = |id: NodeId, key: u16| {
        let held = judge::copy(world, id, key);
        let (text, tone) = if held.is_nothing() {
            ("–".into(), Tone::Muted)
        } else {
            (held_text(held), Tone::Good)
        };
        let is_behind = judge::is_behind(world, it, id, key);
        Datum::new(text).toned(if is_behind { Tone::Bad } else { tone })
    };
    let row = |key: u16| {
        let kind = if index_of(key) < config.hot { "hot" } else { "cold" };
        let cells: Vec<Datum> = replicas(world.setup()).map(|id| cell(id, key)).collect();
        (format!("{} {kind}", key_text(key)), cells)
    };
    let keys = config.keys_of(table, true).chain(config.keys_of(table, false));
    let heads = replicas(world.setup()).map(|id| &world.names()[id]);
    let label = format!("{}; {} behind", title(table), judge::table_behind(world, it, table));
    Widget::matrix(label, heads, keys.map(row))
}

/// The last read that met a difference: what each replica said, and what it was sent.
fn last(world: &World<Node>, it: &Difference) -> Panel {
    let ids: Vec<NodeId> = replicas(world.setup()).collect();
    let text = |version| Datum::new(held_text(version));
    let said = |id: &NodeId| match it.said(*id) {
        Some((version, true)) => text(version).toned(Tone::Good),
        Some((version, false)) => text(version).toned(Tone::Bad),
        None => Datum::none(),
    };
    let sent = |id: &NodeId| it.sent_to(*id).map_or(Datum::none(), text);
    let rows = [
        ("said", ids.iter().map(said).collect::<Vec<_>>()),
        ("is sent", ids.iter().map(sent).collect()),
    ];
    let heads = ids.iter().map(|id| &world.names()[*id]);
    let key = format!("{}, in full", key_text(it.key));
    Panel::new("The last read that met a difference", [Widget::matrix(key, heads, rows)])
}
