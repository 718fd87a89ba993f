//! How the store looks: its log, its levels, its sectors, and what it costs.

use super::judge::{self, History};
use super::message::STORE;
use super::node::Node;
use super::server::Server;
use crate::mechanism::lsm::Store;
use crate::mechanism::lsm::table::TableFacts;
use crate::mechanism::raft::Command as _;
use crate::sim::World;
use crate::view::{Datum, NodeView, Panel, Role, Tone, Widget};

/// So many writes of the log are shown, and so many sectors of each file.
const SHOWN: (usize, u32) = (16, 24);

impl Server {
    pub(super) fn show(&self) -> NodeView {
        let tables = self.store.store().map(tables).unwrap_or_default();
        let label = self.store.label(&format!("serves{tables}"));
        let waiting = self.waiting.iter().map(|it| Datum::new(it.write.label()).uncommitted());
        let (last, durable, promised) =
            self.store.store().map_or((0, 0, 0), |it| (it.last(), it.durable(), self.promised(it)));
        NodeView::new(Role::Storage, label)
            .showing(durable)
            .meaning("the last write that no crash undoes")
            .with_first(Widget::log_end("the last writes", last, durable, promised))
            .with([Widget::cells("wait for the disk", waiting)])
    }
}

/// Says how many tables each level has, the first one first, if there are any.
fn tables(store: &Store) -> String {
    let counts: Vec<String> =
        store.version().levels.iter().map(|level| level.len().to_string()).collect();
    let is_empty = store.version().levels.iter().all(Vec::is_empty);
    if is_empty { String::new() } else { format!(" · tables {}", counts.join(" + ")) }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let durable = judge::open_store(world).map_or(0, Store::durable);
    let before = history.taken.len().saturating_sub(SHOWN.0);
    let log = (before as u64 + 1..).zip(history.taken.iter_from(before)).map(|(number, it)| {
        let text = format!("{number} {}={}", it.key.text(), it.write.label());
        let is_safe = number <= durable;
        let tone = Tone::Warn.when(it.told_us.is_some() && !is_safe);
        Datum::new(text).toned(tone).durable_if(is_safe)
    });
    let mut panels = vec![Panel::new("The last writes", [Widget::cells("in order", log)])];
    if let Some(store) = judge::open_store(world) {
        panels.push(Panel::new("Memory and levels", levels(store)));
        panels.push(Panel::new("What it costs", costs(store)));
    }
    panels.push(Panel::new("On the disk", world.disk(STORE).picture(SHOWN.1).widgets()));
    panels
}

fn levels(store: &Store) -> Vec<Widget> {
    let (writes, bytes) = store.in_memory();
    let memory = Widget::field("in memory", format!("{writes} writes, {bytes} bytes"));
    let chip = |table: &TableFacts| {
        let (first, last) =
            (String::from_utf8_lossy(&table.first), String::from_utf8_lossy(&table.last));
        Datum::new(format!("{}: {first}–{last}, {}", table.number, table.entries)).durable()
    };
    let level = |(number, tables): (usize, &Vec<TableFacts>)| {
        Widget::chips(format!("level {number}: file, keys, versions"), tables.iter().map(chip))
    };
    let levels = store.version().levels.iter().enumerate().map(level);
    std::iter::once(memory).chain(levels).collect()
}

fn costs(store: &Store) -> Vec<Widget> {
    let measures = store.measures();
    let ratio = |permille: u64| format!("{}.{:02}", permille / 1_000, permille % 1_000 / 10);
    let stored: u64 = store.version().level_bytes().iter().sum();
    vec![
        Widget::field(
            "bytes written a byte of the user's",
            ratio(measures.write_amplification_permille()),
        ),
        Widget::field("blocks read a look-up", ratio(measures.read_amplification_permille())),
        Widget::field("bytes in tables", stored),
        Widget::field("look-ups that a filter spared", measures.filtered),
    ]
}
