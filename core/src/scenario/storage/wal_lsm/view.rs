//! How the store looks: its log, its levels, its sectors, and what it costs.

use super::judge::{self, History};
use super::message::STORE;
use super::node::Node;
use super::server::Server;
use crate::mechanism::lsm::table::TableFacts;
use crate::mechanism::lsm::{Sequence, Store};
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
        // Which writes there are it knows when what it has read is on the disk anew.
        let store = self.open_store();
        let (last, durable, promised) =
            store.map_or((0, 0, 0), |it| (it.last(), it.durable(), self.promised(it)));
        NodeView::new(Role::Storage, label)
            .showing_if(store.map(Store::durable))
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
    let store = judge::open_store(world);
    // While it is down or reads its disk nobody knows which of them are there.
    let log = store.into_iter().flat_map(|it| last_writes(history, it.durable()));
    let mut panels = vec![Panel::new("The last writes", [Widget::cells("in order", log)])];
    if let Some(store) = store {
        panels.push(Panel::new("Memory and levels", levels(store)));
        panels.push(Panel::new("What it costs", costs(world, history, store)));
    }
    panels.push(Panel::new("On the disk", world.disk(STORE).picture(SHOWN.1).widgets()));
    panels
}

fn last_writes(history: &History, durable: Sequence) -> impl Iterator<Item = Datum> {
    let before = history.taken.len().saturating_sub(SHOWN.0);
    let writes = (before as u64 + 1..).zip(history.taken.iter_from(before));
    writes.map(move |(number, it)| {
        let text = format!("{number} {}={}", it.key.text(), it.write.label());
        let is_safe = number <= durable;
        let tone = Tone::Warn.when(it.told_us.is_some() && !is_safe);
        Datum::new(text).toned(tone).durable_if(is_safe)
    })
}

fn levels(store: &Store) -> Vec<Widget> {
    let (entries, bytes) = store.in_memory();
    let writes = store.last().saturating_sub(store.version().flushed);
    let plural = if writes == 1 { "" } else { "s" };
    let memory = format!("{writes} write{plural} as {entries} entries, {bytes} bytes");
    let memory = [
        Widget::field("in memory", memory),
        Widget::field("entry “asked by C1”", "the last question of C1, noted with each write"),
    ];
    let chip = |table: &TableFacts| {
        let (first, last) =
            (String::from_utf8_lossy(&table.first), String::from_utf8_lossy(&table.last));
        Datum::new(format!("{}: {first}–{last}, {}", table.number, table.entries)).durable()
    };
    let level = |(number, tables): (usize, &Vec<TableFacts>)| {
        Widget::chips(format!("level {number}: file, keys, entries"), tables.iter().map(chip))
    };
    let levels = store.version().levels.iter().enumerate().map(level);
    memory.into_iter().chain(levels).collect()
}

fn costs(world: &World<Node>, history: &History, store: &Store) -> Vec<Widget> {
    let measures = store.measures();
    let ratio = |permille: Option<u64>| match permille {
        Some(it) => Datum::new(format!("{}.{:02}", it / 1_000, it % 1_000 / 10)),
        None => Datum::none(),
    };
    let written = judge::write_amplification_permille(world, history);
    let read = (measures.reads > 0).then(|| measures.read_amplification_permille());
    let space = judge::space_amplification_permille(world, history);
    vec![
        Widget::field("bytes written a byte of the users', in the run", ratio(written)),
        Widget::field("bytes on disk a byte that is there to be read", ratio(space)),
        Widget::field("blocks read a look-up, since it opened", ratio(read)),
        Widget::field("look-ups that a filter spared, since it opened", measures.filtered),
    ]
}
