//! What is shown: which server has which key, and the ring that says so.

use super::judge::{self, History};
use super::message::key_text;
use super::node::Node;
use super::plan::{Config, placement};
use super::server::{Server, Store};
use super::{servers, spare};
use crate::mechanism::partition::Placement;
use crate::sim::{NodeId, World};
use crate::view::{Datum, NodeView, Panel, Ring, RingArc, Role, Tone, Widget};

impl Server {
    pub(super) fn show(store: &Store) -> NodeView {
        let key = |(key, number): (u16, &u64)| {
            let cell = Datum::new(format!("{}={number}", key_text(key)));
            if store.custody.has(key) { cell.uncommitted() } else { cell }
        };
        let label = match (store.ring, store.custody.len()) {
            (0, _) => "has not joined".into(),
            (_, 0) => "keeps its keys".into(),
            (_, count) => format!("keeps {count} for others"),
        };
        NodeView::new(Role::Peer, label)
            .in_epoch(Some(u64::from(store.ring)).filter(|ring| *ring > 0))
            .with([Widget::chips("keys, dashed: kept for others", store.copies.iter().map(key))])
    }
}

pub(super) fn panels(world: &World<Node>, it: &History) -> Vec<Panel> {
    let config = judge::plan(world);
    let moved = judge::moved_keys(&config);
    let fullest = judge::fullest_percent(world);
    let load = [
        Widget::field("keys that the join moves", format!("{moved} of {}", config.keys)),
        Widget::field("copies on the fullest server", format!("{fullest} % of the mean")),
        Widget::field("copies missing where they should be", judge::missing(world, it)),
        Widget::field(
            "answers with stand-ins",
            format!("{} of {}", it.unsure, it.sure + it.unsure),
        ),
    ];
    let mut panels = vec![Panel::new("Who has which key", [copies(world, it, &config)])];
    if let Placement::Ring(_) = placement(world.setup(), config.has_ring, config.servers) {
        panels.push(Panel::new("The ring", [ring(world, it, &config)]));
    }
    panels.push(Panel::new("What it costs", load));
    panels
}

/// Each key a row, each server a column: what is there, and whether it should be.
fn copies(world: &World<Node>, it: &History, config: &Config) -> Widget {
    let ring = judge::ring(world);
    let row = |key: u16| {
        let told = judge::disks_with(world, it, key);
        let owners = config.owners(key, ring);
        let cell = move |id: NodeId| {
            let store = world.disk(id).0.get();
            let Some(number) = store.copies.get(key) else {
                let lacks = owners.contains(&id) && told.is_some();
                return Datum::none().toned(if lacks { Tone::Bad } else { Tone::Muted });
            };
            let is_new = told.is_some_and(|(_, told)| *number >= told);
            let tone = if is_new { Tone::Good } else { Tone::Warn };
            let cell = Datum::from(*number).toned(tone);
            if store.custody.has(key) { cell.uncommitted() } else { cell }
        };
        (key_text(key), servers(world.setup()).map(cell).collect::<Vec<_>>())
    };
    let heads = servers(world.setup()).map(|id| &world.names()[id]);
    let label = "last write of each key on each server; dashed: kept for others";
    Widget::matrix(label, heads, (0..config.keys).map(row))
}

/// The ring with its tokens and keys; a stretch of which a copy is still on its way stands out.
fn ring(world: &World<Node>, it: &History, config: &Config) -> Widget {
    let members = config.members(judge::ring(world));
    let Placement::Ring(tokens) = placement(world.setup(), true, members) else {
        return Widget::Text(String::new());
    };
    let of = |id: NodeId| {
        let own = tokens.tokens().iter().filter(move |(_, node)| *node == id);
        (world.names()[id].to_owned(), own.map(|(at, _)| *at))
    };
    let ring =
        NodeId::first(members).map(of).fold(Ring::new("4 places a server", 64), |ring, it| {
            ring.with_owner(Datum::new(it.0), it.1)
        });
    let key = |ring: Ring, key: u16| {
        let tone = match judge::disks_with(world, it, key) {
            Some((have, _)) if have < usize::from(config.writes()) => Tone::Bad,
            Some((have, _)) if have < usize::from(config.copies) => Tone::Warn,
            Some(_) | None => Tone::Neutral,
        };
        ring.with_key(config.place(key), Datum::new(key_text(key)).toned(tone))
    };
    let mut ring = (0..config.keys).fold(ring, key);
    ring.label = format!("{} places a server", world.setup().knob("tokens"));
    let joins = &world.names()[spare(world.setup())];
    for (from, to, _) in ring.ranges() {
        let is_in = |key: u16| {
            let place = config.place(key);
            place.wrapping_sub(from) <= to.wrapping_sub(from) && place != from
        };
        if judge::awaited(world).iter().any(|(_, key)| is_in(*key)) {
            let text = format!("on its way to {joins}");
            ring.arcs.push(RingArc { from, to, text, tone: Tone::Warn });
        }
    }
    Widget::Ring(ring)
}
