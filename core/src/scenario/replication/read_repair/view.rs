//! What is shown: what each replica has of each key, table by table, and the last read that met a
//! difference.

use super::config::{Config, Strategy, index_of, key_text};
use super::judge::{self, History};
use super::message::held_text;
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
            let chip = |(key, version): (u16, &Version)| {
                Datum::new(super::message::version_text(key, *version))
            };
            Widget::chips(title(table), of_table.map(chip))
        };
        NodeView::new(Role::Storage, label).with(Strategy::ALL.map(chips))
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
    let tables = Strategy::ALL.map(|table| matrix(world, table));
    let mut panels = vec![Panel::new("What each replica has of each key", tables)];
    panels.extend(it.difference.as_ref().map(|difference| last(world, it, difference)));
    panels
}

/// What each replica has of each key of a table; what is not the newest stands out.
fn matrix(world: &World<Node>, table: Strategy) -> Widget {
    let config = Config::of(world.setup());
    let cell = |id: NodeId, key: u16| {
        let held = judge::copy(world, id, key);
        let is_behind = judge::is_behind(world, id, key);
        let tone = match held.is_nothing() {
            _ if is_behind => Tone::Bad,
            true => Tone::Muted,
            false => Tone::Good,
        };
        let text = if held.is_nothing() { "–".into() } else { held_text(held) };
        Datum::new(text).toned(tone)
    };
    let row = |key: u16| {
        let kind = if index_of(key) < config.hot { "hot" } else { "cold" };
        let cells: Vec<Datum> = replicas(world.setup()).map(|id| cell(id, key)).collect();
        (format!("{} {kind}", key_text(key)), cells)
    };
    let keys = config.keys_of(table, true).chain(config.keys_of(table, false));
    let heads = replicas(world.setup()).map(|id| &world.names()[id]);
    let label = format!("{}; {} behind", title(table), judge::table_behind(world, table));
    Widget::matrix(label, heads, keys.map(row))
}

/// The last read that met a difference: what each replica said, and what it was sent.
fn last(world: &World<Node>, it: &History, (key, held): &(u16, Vec<(NodeId, Version)>)) -> Panel {
    let repair = it.repaired.as_ref().filter(|(repaired, ..)| repaired == key);
    let said = |id: NodeId| held.iter().find(|it| it.0 == id).map(|it| it.1);
    let newest = held.iter().map(|it| it.1).max_by_key(|version| version.tag).unwrap_or_default();
    let answer = |id| {
        let tone = |version: Version| if version == newest { Tone::Good } else { Tone::Bad };
        said(id).map_or(Datum::none(), |it| Datum::new(held_text(it)).toned(tone(it)))
    };
    let sent = |id| {
        let is_sent = repair.filter(|(.., nodes)| nodes.contains(&id));
        is_sent.map_or(Datum::none(), |(_, version, _)| Datum::new(held_text(*version)))
    };
    let ids: Vec<NodeId> = replicas(world.setup()).collect();
    let rows = [
        ("said", ids.iter().map(|id| answer(*id)).collect::<Vec<_>>()),
        ("is sent", ids.iter().map(|id| sent(*id)).collect()),
    ];
    let heads = ids.iter().map(|id| &world.names()[*id]);
    Panel::new(
        "The last read that met a difference",
        [Widget::matrix(format!("{}, in full", key_text(*key)), heads, rows)],
    )
}
