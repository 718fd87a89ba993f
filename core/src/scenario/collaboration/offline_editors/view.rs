//! How the copies look.

use super::copy::Copy;
use super::judge::{History, worst_copy};
use super::node::{Editor, List};
use crate::mechanism::clock::VersionVector;
use crate::mechanism::crdt::sequence::{Id, Run};
use crate::mechanism::small_map::SmallMap;
use crate::sim::{NodeId, World};
use crate::view::{Datum, Document, NodeView, Panel, Role, TextRun, TextState, Tone, Widget};

/// So many letters of the list stand below an editor.
const LABEL_LETTERS: usize = 12;

/// Returns the letters of a copy in order, with whether each is deleted.
fn letters(copy: &Copy) -> Vec<(Id, char, bool)> {
    match copy {
        Copy::Whole(_) | Copy::Placed(_) => {
            copy.letters().into_iter().map(|(id, letter)| (id, letter, false)).collect()
        }
        Copy::Named(text) => {
            let of = |run: Run| {
                let letters = text.letters_of(run).iter().zip(0..);
                letters.map(move |(&letter, by)| (run.first.later(by), letter, run.is_deleted))
            };
            text.runs().flat_map(of).collect()
        }
    }
}

/// Shows an editor on the stage.
pub(super) fn editor(node: &Editor, on_disk: Option<&List>) -> NodeView {
    let all = letters(&node.list.copy);
    let shown: String =
        all.iter().filter(|(_, _, is_deleted)| !is_deleted).map(|it| it.1).collect();
    let items = shown.matches(' ').count();
    let tombstones = all.iter().filter(|(_, _, is_deleted)| *is_deleted).count();
    let first: String =
        shown.split_whitespace().next().unwrap_or_default().chars().take(LABEL_LETTERS).collect();
    let is_durable = on_disk.is_some_and(|list| list.copy == node.list.copy);
    NodeView::new(Role::Peer, if first.is_empty() { "empty".into() } else { format!("{first} …") })
        .showing(i64::try_from(items).unwrap_or(i64::MAX))
        .meaning("items on the list")
        .with([
            Widget::field("Items", Datum::new(items.to_string()).durable_if(is_durable)),
            Widget::field("Tombstones", tombstones.to_string()),
        ])
}

/// Shows every copy: whose each letter is, what only some have, and the tombstones.
pub(super) fn documents(world: &World<Editor>) -> Panel {
    let versions: Vec<_> = world.up().map(|(_, node)| node.list.copy.version()).collect();
    let has = |author| move |version: &VersionVector| version.updates(author);
    let everywhere: SmallMap<NodeId, u64> =
        world.ids().map(|id| (id, versions.iter().map(has(id)).min().unwrap_or(0))).collect();
    let copies = world.ids().map(|id| {
        let name = &world.names()[id];
        let node = world.process(id);
        let list = node.map_or_else(|| world.disk(id).durable().as_ref(), |node| Some(&node.list));
        let mut runs: Vec<(Id, TextRun)> = Vec::new();
        for (letter, text, is_deleted) in list.map(|list| letters(&list.copy)).unwrap_or_default() {
            let known = everywhere.get(letter.agent).copied().unwrap_or(0);
            let state = match (is_deleted, known > letter.counter.into()) {
                (true, _) => TextState::Deleted,
                (false, true) => TextState::Kept,
                (false, false) => TextState::Inserted,
            };
            let author = world.names()[letter.agent].chars().take(1).collect::<String>();
            let mut run = TextRun::by(author, state, text);
            run.is_bold = list.is_some_and(|list| list.marks.get(letter) == Some(&true));
            match runs.last_mut() {
                Some((end, before)) if *end == letter && same_look(before, &run) => {
                    before.text.push(text);
                    *end = letter.later(1);
                }
                _ => runs.push((letter.later(1), run)),
            }
        }
        let label =
            if node.is_some() { format!("{name}'s list") } else { format!("{name}'s disk") };
        let runs = runs.into_iter().map(|(_, run)| run);
        Widget::Document(Document::new(label, runs).kept_by(id))
    });
    Panel::new("The list at each editor", copies)
}

fn same_look(one: &TextRun, other: &TextRun) -> bool {
    (one.state, one.is_bold) == (other.state, other.is_bold)
}

/// Shows how many edits of whom each has heard of: what editors ask each other by.
pub(super) fn versions(world: &World<Editor>, history: &History) -> Panel {
    let rows = world.up().map(|(id, node)| {
        let version = node.list.copy.version();
        let cell = |of| {
            let count = version.updates(of);
            let is_behind = count < history.saved.updates(of);
            Datum::new(count.to_string()).toned(Tone::Warn.when(is_behind))
        };
        (world.names()[id].to_owned(), world.ids().map(cell).collect::<Vec<_>>())
    });
    let columns = world.ids().map(|id| format!("by {}", &world.names()[id]));
    let widgets = [
        Widget::matrix("Edits each has heard of: letters typed and deleted", columns, rows),
        Widget::field(
            "Edits that the worst copy lacks",
            worst_copy(world, history).map_or(0, |(lack, _)| lack),
        ),
    ];
    Panel::new("Version vectors", widgets)
}
