//! How it looks: the text at the server and at each client, the log, and the CRDT beside.

use super::beside;
use super::editor::Editor;
use super::judge::{self, History};
use super::message::in_words;
use super::node::{Node, editors};
use super::server::Server;
use crate::mechanism::crdt::sequence::Sequence;
use crate::sim::{NodeId, World};
use crate::view::{Datum, Document, NodeView, Panel, Role, Widget};

/// So many of the last operations are shown.
const SHOWN: usize = 8;

/// Shows the server on the stage.
pub(super) fn server(it: &Server) -> NodeView {
    let view = NodeView::new(Role::Storage, it.kept.label("orders operations"));
    let Some(store) = it.kept.store() else { return view };
    let (what, last, durable) =
        ("operations in the log", store.revision().into(), store.durable().into());
    view.showing(last).meaning(what).with([
        Widget::log_end(what, last, durable, durable),
        Widget::field("snapshot of revision", store.snapshot().0.to_string()),
    ])
}

/// Shows a client on the stage.
pub(super) fn editor(it: &Editor) -> NodeView {
    let Some(document) = &it.document else {
        return NodeView::new(Role::Client, "opens the text");
    };
    let label = match document.pending().len() {
        0 => "all confirmed".to_owned(),
        waiting => format!("{waiting} waiting"),
    };
    let waiting = document.pending().map(|it| {
        let what = Datum::new(in_words(&it.operation));
        if it.is_sent { what } else { what.uncommitted() }
    });
    NodeView::new(Role::Client, label)
        .showing(document.revision())
        .meaning("operations taken")
        .with([Widget::cells("on its way, and the buffer", waiting)])
}

/// Shows the text as the log has it, and at each client: whose each letter is, and which are not confirmed.
pub(super) fn documents(world: &World<Node>, it: &History) -> Panel {
    let text = |label, client| {
        let initial = |by: NodeId| world.names()[by].chars().take(1).collect();
        let letters = judge::letters(it, client).into_iter();
        Document::of_letters(label, letters.map(|(by, state, it)| (by.map(initial), state, it)))
    };
    let log = text(format!("The log, revision {}", it.revision()), None);
    let clients = editors(world).filter_map(|(id, editor)| {
        let (name, revision) = (&world.names()[id], editor.document.as_ref()?.revision());
        let document = text(format!("{name}, revision {revision}"), Some((id, editor)));
        Some(document.kept_by(id).with_caret(name, editor.caret))
    });
    Panel::new("The text", [log].into_iter().chain(clients).map(Widget::Document))
}

/// Shows the end of the log: who did what, and over how many operations it was moved.
pub(super) fn log(world: &World<Node>, it: &History) -> Panel {
    let first = it.log.len().saturating_sub(SHOWN);
    let rows = it.log.iter_from(first).zip(first..).map(|(logged, at)| {
        let (by, what) = (logged.entry.name.site, in_words(&logged.entry.operation));
        [at.to_string(), world.names()[by].to_owned(), logged.moves.to_string(), what]
            .map(Datum::new)
    });
    let label = "The last operations: on which revision, by whom, moved over how many";
    let columns = (["on", "by", "over", "what it does"], []);
    Panel::new("The server's log", [Widget::table(label, columns, rows)])
}

/// Shows what a CRDT makes of the same keystrokes.
pub(super) fn beside(world: &World<Node>, it: &History) -> Panel {
    let tenths = |of: u64| Datum::new(format!("{}.{}", of / 10, of % 10));
    let rows = ["Transformed", "CRDT"].into_iter().zip(it.per_operation());
    let rows = rows.map(|(name, (bytes, work))| (name, [tenths(bytes), tenths(work)]));
    let same = editors(world).filter_map(|(id, editor)| {
        let is_same = judge::is_same_beside(editor, id, it)?;
        let words = if is_same { "same text" } else { "another text" };
        Some(Datum::new(format!("{}: {words}", &world.names()[id])).good_if(is_same))
    });
    let copy = world.ids().find_map(|id| it.beside.copy(id));
    let label = "For each operation, at all copies: work is transformations, or pieces placed";
    let widgets = [
        Widget::matrix(label, ["bytes", "work"], rows),
        Widget::chips("The CRDT's text is", same),
        Widget::field("Tombstones that only the CRDT keeps", copy.map_or(0, beside::tombstones)),
        Widget::field("Its text", copy.map(Sequence::text).unwrap_or_default()),
    ];
    Panel::new("A CRDT on the same keystrokes", widgets)
}
