//! What is shown: which server has which key, and the ring that says so.

use super::judge::{self, History};
use super::message::key_text;
use super::node::Node;
use super::plan::{Config, distinct, placement};
use super::server::{Server, Store};
use super::{servers, spare};
use crate::mechanism::partition::{Placement, Ring as Tokens};
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
    let members = config.members(judge::ring(world));
    let (title, picture) = match placement(world.setup(), config.has_ring, members) {
        Placement::Ring(tokens) => ("The ring", ring(world, it, &config, &tokens)),
        Placement::Modulo(_) => ("Hash modulo servers", modulo(world, &config)),
    };
    let moved = judge::moved_by_now(world);
    let moved = moved.map_or("–".into(), |moved| format!("{moved} of {}", config.keys));
    let moved = Widget::field("keys that the join gave another first server", moved);
    vec![
        Panel::new("Who has which key", [copies(world, it, &config)]),
        Panel::new(title, [moved, picture]),
    ]
}

/// The first server of each key: before the join, and after it as soon as it has come.
fn modulo(world: &World<Node>, config: &Config) -> Widget {
    let rings = || 1..=judge::ring(world).max(1);
    let first = |key: u16, ring: u8| config.walk(key, ring).first().copied();
    let cell = |key: u16, ring: u8| {
        let name = first(key, ring).map_or(Datum::none(), |id| Datum::new(&world.names()[id]));
        name.toned(Tone::Warn.when(first(key, ring) != first(key, 1)))
    };
    let row = |key: u16| (key_text(key), rings().map(move |ring| cell(key, ring)));
    let heads = rings().map(|ring| format!("hash mod {}", config.members(ring)));
    Widget::matrix("the first server of each key", heads, (0..config.keys).map(row))
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
fn ring(world: &World<Node>, it: &History, config: &Config, tokens: &Tokens) -> Widget {
    let awaited = judge::awaited(world);
    let label = format!("{} places a server", world.setup().knob("tokens"));
    let owner = |ring: Ring, id: NodeId| {
        let own = tokens.tokens().iter().filter(|(_, node)| *node == id);
        let name = Datum::new(&world.names()[id]);
        let waits = awaited.iter().any(|(node, _)| *node == id);
        ring.with_owner(if waits { name.uncommitted() } else { name }, own.map(|(at, _)| *at))
    };
    let key = |ring: Ring, key: u16| {
        let tone = match judge::disks_with(world, it, key) {
            Some((have, _)) if have < usize::from(config.writes()) => Tone::Bad,
            Some((have, _)) if have < usize::from(config.copies) => Tone::Warn,
            Some(_) | None => Tone::Neutral,
        };
        ring.with_key(config.place(key), Datum::new(key_text(key)).toned(tone))
    };
    let ring = NodeId::first(config.members(judge::ring(world))).fold(Ring::new(label, 64), owner);
    let mut ring = (0..config.keys).fold(ring, key);
    let joins = &world.names()[spare(world.setup())];
    let stretch = |key: u16| tokens.stretch_of(config.place(key));
    let stretches = distinct(awaited.iter().map(|(_, key)| stretch(*key)));
    let arc = |(from, to)| {
        let keys = awaited.iter().map(|it| it.1).filter(|key| stretch(*key) == (from, to));
        let text =
            format!("{}: on the way to {joins}", keys.map(key_text).collect::<Vec<_>>().join(", "));
        RingArc { from, to, text, tone: Tone::Warn }
    };
    ring.arcs = stretches.into_iter().map(arc).collect();
    Widget::Ring(ring)
}
