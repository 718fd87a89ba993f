//! What is shown: panels judged from outside.

use super::judge::{History, furthest, servers, up, watching, wrong_keys};
use super::message::{KEYS, change, value_shown};
use super::node::Node;
use super::server::Server;
use super::watcher::Watcher;
use crate::mechanism::revisions::{Item, Key, Revision};
use crate::sim::{NodeId, World};
use crate::view::{Datum, LogMatrix, LogRow, Panel, Tone, Widget};

/// How many revisions of the tape are shown.
const SHOWN: u64 = 10;

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let lanes = history.raft.lanes.widget("servers", world, servers(world.setup()));
    vec![
        Panel::new("What each cache shows", [caches(world)]),
        Panel::new("Revisions, and who has come how far", [tapes(world)]),
        Panel::new("Who leads when", [lanes]),
    ]
}

/// What the store holds, and what each cache shows; what the store did not hold then is marked.
fn caches(world: &World<Node>) -> Widget {
    let row = |name: &str, items: &[(Key, Item)], wrong: &[Key], revision: Revision| {
        let tone = |key| if wrong.contains(&key) { Tone::Bad } else { Tone::Neutral };
        let cells = KEYS.map(|(key, _)| Datum::new(value_shown(items, key)).toned(tone(key)));
        (name.to_owned(), cells.into_iter().chain([revision.into()]))
    };
    let store = furthest(world).map(|server| &server.store);
    let store = store.map(|it| row("the store", &it.items(), &[], it.revision()));
    let cache = |(id, watcher): (NodeId, &Watcher)| {
        let (cache, wrong) = (&watcher.informer, wrong_keys(world, watcher));
        row(&world.names()[id], cache.items(), &wrong, cache.cursor())
    };
    let columns = KEYS.into_iter().map(|(_, name)| name).chain(["as of revision"]);
    Widget::matrix("keys", columns, store.into_iter().chain(watching(world).map(cache)))
}

/// Each server's tape of changes, with the cursors of those who watch there.
fn tapes(world: &World<Node>) -> Widget {
    let last = furthest(world).map_or(0, |server| server.store.revision());
    let first = last.saturating_sub(SHOWN - 1).max(1);
    let row = |(id, server): (NodeId, &Server)| {
        let of = |at: Revision| server.store.tape().iter().find(move |it| it.revision == at);
        let entries = (first..=server.store.revision()).map(|at| Some(Datum::new(change(of(at)?))));
        let row =
            LogRow { entries: entries.collect(), ..LogRow::new(&world.names()[id], first, []) };
        let here = watching(world).filter(|(_, watcher)| watcher.home() == id);
        here.fold(row.kept_from(server.store.compacted() + 1), |row, (id, watcher)| {
            row.with_pointer(&world.names()[id], watcher.informer.cursor())
        })
    };
    Widget::LogMatrix(LogMatrix { label: "servers".into(), rows: up(world).map(row).collect() })
}
