//! What is shown: panels judged from outside.

use super::judge::{History, furthest, servers, up, watching, wrong_keys};
use super::message::{KEYS, change, value_shown};
use super::node::Node;
use super::server::Server;

use crate::sim::World;
use crate::view::{Datum, LogMatrix, LogRow, Panel, Tone, Widget};

/// How many revisions of the tape are shown.
const SHOWN: u64 = 10;

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    vec![
        Panel::new("What each cache shows", [caches(world)]),
        Panel::new("Revisions, and who has come how far", [tapes(world)]),
        history.raft.lanes.panel("Who leads when", world, servers(world.setup())),
    ]
}

/// What the store holds, and what each cache shows; what the store did not hold then is marked.
fn caches(world: &World<Node>) -> Widget {
    let store = furthest(world).map(|it| &it.store);
    let store = store.map(|it| ("the store", it.items(), Vec::new(), it.revision()));
    let caches = watching(world).map(|(id, it)| {
        let (cache, wrong) = (&it.informer, wrong_keys(world, it));
        (&world.names()[id], cache.items().to_vec(), wrong, cache.cursor())
    });
    let rows = store.into_iter().chain(caches).map(|(name, items, wrong, revision)| {
        let tone = |key| Tone::Bad.when(wrong.contains(&key));
        let cells = KEYS.map(|(key, _)| Datum::new(value_shown(&items, key)).toned(tone(key)));
        (name, cells.into_iter().chain([revision.into()]))
    });
    Widget::matrix("keys", KEYS.map(|it| it.1).into_iter().chain(["as of revision"]), rows)
}

/// Each server's tape of changes, with the cursors of those who watch there.
fn tapes(world: &World<Node>) -> Widget {
    let (names, last) = (world.names(), furthest(world).map_or(0, |it| it.store.revision()));
    let first = last.saturating_sub(SHOWN - 1).max(1);
    let rows = up(world).map(|(id, Server { store, .. })| {
        let made = |at| store.tape().iter().find(|it| it.revision == at).map(change);
        let here = watching(world).filter(|(_, it)| it.home() == id);
        LogRow::with_holes(&names[id], first, (first..=store.revision()).map(made))
            .kept_from(store.compacted() + 1)
            .with_pointers(here.map(|(id, it)| (&names[id], it.informer.cursor())))
    });
    Widget::LogMatrix(LogMatrix::new("servers", rows))
}
