//! What is shown: panels judged from outside.

use super::judge::{History, furthest, servers, up, watching, wrong_keys};
use super::message::{KEYS, change, value_shown};
use super::node::Node;
use super::server::Server;
use super::watcher::Watcher;
use crate::mechanism::revisions::{Key, Revision};
use crate::sim::{NodeId, World};
use crate::view::{Datum, LogMatrix, LogRow, Panel, Tone, Widget};

/// How many revisions of the tape are shown.
const SHOWN: u64 = 10;

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let panel = |title: &str, widget| Panel { title: title.into(), widgets: vec![widget] };
    let lanes = history.raft.lanes.widget("servers", world, servers(world.setup()));
    vec![
        panel("What each cache shows", caches(world)),
        panel("Revisions, and who has come how far", tapes(world)),
        panel("Who leads when", lanes),
    ]
}

/// What the store holds, and what each cache shows; what the store did not hold then is marked.
fn caches(world: &World<Node>) -> Widget {
    let columns = KEYS.iter().map(|(_, name)| *name).chain(["as of revision"]).map(String::from);
    let cells = |items: &[_], wrong: &[_], revision: Revision| {
        let tone = |key: &Key| if wrong.contains(key) { Tone::Bad } else { Tone::Neutral };
        let cell = |key: &Key| Datum::new(value_shown(items, *key)).toned(tone(key));
        KEYS.iter().map(|(key, _)| cell(key)).chain([revision.into()]).collect()
    };
    let store = furthest(world).map(|server| &server.store);
    let store = store.map(|it| ("the store".into(), cells(&it.items(), &[], it.revision())));
    let row = |(id, watcher): (NodeId, &Watcher)| {
        let (cache, wrong) = (&watcher.informer, wrong_keys(world, watcher));
        (world.names()[id].to_owned(), cells(cache.items(), &wrong, cache.cursor()))
    };
    let rows = store.into_iter().chain(watching(world).map(row)).collect();
    Widget::Matrix { label: "keys".into(), columns: columns.collect(), rows }
}

/// Each server's tape of changes, with the cursors of those who watch there.
fn tapes(world: &World<Node>) -> Widget {
    let last = furthest(world).map_or(0, |server| server.store.revision());
    let first = last.saturating_sub(SHOWN - 1).max(1);
    let row = |(id, server): (NodeId, &Server)| {
        let of = |at: Revision| server.store.tape().iter().filter(move |it| it.revision == at);
        let entry = |at| of(at).next().map(|event| Datum::new(change(event)));
        let entries = (first..=server.store.revision()).map(entry).collect();
        let row = LogRow { entries, ..LogRow::new(&world.names()[id], first, []) };
        let here = watching(world).filter(|(_, watcher)| watcher.home() == id);
        here.fold(row.kept_from(server.store.compacted() + 1), |row, (id, watcher)| {
            row.with_pointer(&world.names()[id], watcher.informer.cursor())
        })
    };
    Widget::LogMatrix(LogMatrix { label: "servers".into(), rows: up(world).map(row).collect() })
}
