//! What is shown: a node's inside, and panels judged from outside.

use super::judge::{History, furthest, up, watching, wrong_keys};
use super::message::{KEYS, change, shown};
use super::node::Node;
use super::server::Server;
use super::watcher::Watcher;
use crate::mechanism::revisions::{Item, Key, Request, Revision};
use crate::sim::{NodeId, Process, World};
use crate::view::{Datum, LogMatrix, LogRow, NodeView, Panel, Role, Tone, Widget};

/// How many revisions of the tape are shown.
const SHOWN: u64 = 10;

impl Server {
    pub(super) fn view(&self, disk: &crate::mechanism::raft::Disk<Request>) -> NodeView {
        let mut view = self.raft.view(disk);
        if view.role == Role::Follower {
            let leader = self.raft.leader().map(|id| format!("follows S{}", id.0 + 1));
            view.label = leader.unwrap_or_else(|| "knows no leader".into());
        }
        view.widgets.insert(0, Widget::field("revision", self.store.revision()));
        view.widgets.insert(1, Widget::field("compacted up to", self.store.compacted()));
        view
    }
}

impl Watcher {
    pub(super) fn view(&self) -> NodeView {
        let cell = |(key, name): &(Key, &str)| Widget::field(*name, cached(self, *key));
        let (role, label) = (Role::Client, format!("watches S{}", self.home().0 + 1));
        let value = Some(self.informer.cursor().to_string());
        let widgets = KEYS.iter().map(cell).collect();
        NodeView { role, label, value, widgets, ..NodeView::default() }
    }
}

fn value(items: &[(Key, Item)], key: Key) -> String {
    shown(key, items.iter().find(|it| it.0 == key).map(|it| &it.1))
}

fn cached(watcher: &Watcher, key: Key) -> String {
    value(watcher.informer.items(), key)
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let panel = |title: &str, widget| Panel { title: title.into(), widgets: vec![widget] };
    let lanes = super::judge::servers(world.setup());
    vec![
        panel("What everybody believes", beliefs(world)),
        panel("Revisions, and who has come how far", tapes(world)),
        panel("Who leads when", history.raft.lanes.widget("servers", world, lanes)),
    ]
}

/// What the store holds, and what each cache does; what was never true together is marked.
fn beliefs(world: &World<Node>) -> Widget {
    let columns = KEYS.iter().map(|(_, name)| *name).chain(["as of revision"]).map(String::from);
    let store = furthest(world).map(|server| {
        let items = server.store.items();
        let cells = KEYS.iter().map(|(key, _)| Datum::new(value(&items, *key)));
        ("the store".into(), cells.chain([server.store.revision().into()]).collect())
    });
    let row = |(id, watcher): (NodeId, &Watcher)| {
        let wrong = wrong_keys(world, watcher);
        let tone = |key: &Key| if wrong.contains(key) { Tone::Bad } else { Tone::Neutral };
        let cell = |(key, _): &(Key, &str)| Datum::new(cached(watcher, *key)).toned(tone(key));
        let cells = KEYS.iter().map(cell).chain([watcher.informer.cursor().into()]);
        (world.names()[id].to_owned(), cells.collect())
    };
    let rows = store.into_iter().chain(watching(world).map(row)).collect();
    Widget::Matrix { label: "flag, limit and primary".into(), columns: columns.collect(), rows }
}

/// Each server's tape of changes, with the cursors of those who watch there.
fn tapes(world: &World<Node>) -> Widget {
    let last = furthest(world).map_or(0, |server| server.store.revision());
    let first = last.saturating_sub(SHOWN - 1).max(1);
    let row = |(id, server): (NodeId, &Server)| {
        let cell = |revision: Revision| {
            let of = server.store.tape().iter().filter(|event| event.revision == revision);
            let changes: Vec<String> = of.map(change).collect();
            (!changes.is_empty()).then(|| Datum::new(changes.join(", ")))
        };
        let entries = (first..=server.store.revision()).map(cell).collect();
        let kept_from = server.store.compacted() + 1;
        let row = LogRow { entries, ..LogRow::new(&world.names()[id], first, []) };
        let here = watching(world).filter(|(_, watcher)| watcher.home() == id);
        here.fold(row.kept_from(kept_from), |row, (id, watcher)| {
            row.with_pointer(&world.names()[id], watcher.informer.cursor())
        })
    };
    let rows = up(world).map(row).collect();
    Widget::LogMatrix(LogMatrix { label: "last revisions".into(), rows })
}
