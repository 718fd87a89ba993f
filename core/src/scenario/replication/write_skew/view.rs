//! What is shown: the roster with the versions of each row, who read and overwrote whom, and what each
//! transaction has read and written.

use super::client::{Client, Step};
use super::coordinator::{Coordinator, Ledger};
use super::judge::{History, Outcome, Shown};
use super::node::{Config, Node};
use super::roster::{Night, count, shard_of};
use super::shard::Shard;
use super::{DOCTORS, words};
use crate::mechanism::mvcc::{Key, Store, Tx};
use crate::sim::World;
use crate::view::{Datum, Graph, NodeView, Panel, Record, Role, Tone, Widget};

impl Client {
    pub(super) fn show(&self) -> NodeView {
        let seen = count(self.rows.iter().map(|row| (row.key, row.value))).0;
        let doing = match self.step {
            Step::Idle => return NodeView::new(Role::Client, "wants nothing now"),
            Step::Begins => "begins".into(),
            Step::Reads(_) => "reads".into(),
            Step::Thinks => format!("saw {seen} on call"),
            Step::Commits => format!("saw {seen}, commits"),
            Step::Pauses => "tries again".into(),
        };
        let label = format!("{}: {doing}", self.reading.night.short());
        NodeView::new(Role::Client, label).in_epoch(Some(self.reading.tx.0).filter(|tx| *tx > 0))
    }
}

impl Coordinator {
    pub(super) fn show(&self, ledger: &Ledger) -> NodeView {
        let open = Widget::field("not decided", self.undecided());
        NodeView::counting(Role::Coordinator, ledger.snapshot(), "newest snapshot").with([open])
    }
}

impl Shard {
    /// Whom it has on call each night, and what is under way there.
    pub(super) fn show(&self, store: &Store) -> NodeView {
        let under_way = |(tx, is_ready): (Tx, bool)| {
            let held = Datum::new(tx.to_string()).in_epoch(tx.0);
            if is_ready { held.durable() } else { held.uncommitted() }
        };
        let is_on = |key: &Key| store.versions(*key).last().is_none_or(|it| it.value != Some(0));
        let doctors = |night: Night, is_shown: &dyn Fn(&Key) -> bool| {
            let rows = self.keys(night).into_iter().filter(|it| it.table == night.doctors());
            let names = rows.filter(is_shown).map(|it| DOCTORS[usize::from(it.row)]);
            names.collect::<Vec<_>>().join(" ")
        };
        let on_call = Night::ALL.map(|night| match doctors(night, &is_on) {
            none if none.is_empty() => Datum::new(format!("{} –", night.short())).toned(Tone::Warn),
            names => Datum::new(format!("{} {names}", night.short())),
        });
        let label = format!("rows of {}", doctors(Night::FRIDAY, &|_| true));
        NodeView::new(Role::Storage, label).with([
            Widget::chips("on call", on_call),
            Widget::chips("under way", store.open().map(under_way)),
            Widget::field("wait for locks", self.waiting.len()),
        ])
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let config = super::config(world.setup());
    let (graph, cycle) = (graph(world, history), history.cycle.as_ref());
    let said = cycle.map(|it| {
        let text = it.text();
        Widget::Text(format!(
            "Sunday promises an order, and has none: {text}. Other nights promise none."
        ))
    });
    vec![
        Panel::new("The roster", [roster(world, history, config)]),
        Panel::new("Who read what another overwrote", [graph].into_iter().chain(said)),
        Panel::new("Transactions", [transactions(world, history)]),
    ]
}

/// Shows a row a night: of each of its rows the last versions, by the numbers of their commits.
fn roster(world: &World<Node>, history: &History, config: Config) -> Widget {
    let names = world.names();
    let versions = |key: Key| {
        let store = world.disk(config.shard(shard_of(key))).0.get();
        let kept = store.versions(key);
        let state = |value: Option<u64>| match (key.table % 3, value) {
            (0, Some(0)) => "off",
            (0, _) => "on",
            (_, None) => "none",
            (_, Some(_)) => "there",
        };
        let last = kept.iter().skip(kept.len().saturating_sub(2));
        let text: Vec<String> =
            last.map(|it| format!("{}@{}", state(it.value), it.stamp)).collect();
        if text.is_empty() { Datum::none() } else { text.join(", ").into() }
    };
    let row = |night: Night| {
        let (on_call, shifts) = history.count(night, config);
        let is_short = on_call < shifts;
        let count = Datum::new(format!("{on_call} for {shifts}"));
        let count = count.toned(if is_short { Tone::Bad } else { Tone::Good });
        let doctors = (0..config.doctors).map(move |place| night.doctor(place));
        let cells = doctors.chain([night.extra()]).map(versions);
        (night.name(), [count].into_iter().chain(cells).collect::<Vec<_>>())
    };
    let doctor = |place: u16| format!("{} (S{})", &names[crate::sim::NodeId(place)], place % 2 + 1);
    let columns =
        ["on call for shifts".to_owned()].into_iter().chain((0..config.doctors).map(doctor));
    let columns = columns.chain(["extra shift (S1)".to_owned()]);
    Widget::matrix("value@commit, newest last", columns, Night::ALL.map(row))
}

fn tone(shown: &Shown, history: &History) -> Tone {
    match shown.outcome {
        Outcome::Committed if in_cycle(shown, history) => Tone::Bad,
        Outcome::Committed => Tone::Good,
        Outcome::Aborted(_) => Tone::Warn,
        Outcome::Open => Tone::Neutral,
        Outcome::Stayed => Tone::Muted,
    }
}

/// Returns true if a transaction and another one have committed, and each read what the other overwrote.
fn in_cycle(shown: &Shown, history: &History) -> bool {
    let all = || history.overwrites.iter();
    let has_committed =
        |tx: Tx| history.shown.iter().any(|it| it.tx == tx && it.outcome == Outcome::Committed);
    has_committed(shown.tx)
        && all()
            .filter(|out| out.reader == shown.tx && has_committed(out.writer))
            .any(|out| all().any(|back| back.reader == out.writer && back.writer == shown.tx))
}

/// Draws the last transactions that read what another overwrote, an arrow from each reader.
fn graph(world: &World<Node>, history: &History) -> Widget {
    let names = world.names();
    let is_part = |it: &&Shown| {
        history.overwrites.iter().any(|edge| edge.reader == it.tx || edge.writer == it.tx)
    };
    let part: Vec<&Shown> = history.shown.iter().filter(is_part).collect();
    let node = |it: &&Shown| {
        // There is room for eight letters or so: the night and who it is must not be cut off.
        let who: String = names[it.client].chars().take(1).collect();
        let text = format!("{} {} {who}", it.tx, it.night.short());
        Datum::new(text).toned(tone(it, history))
    };
    let place = |tx| part.iter().position(|it| it.tx == tx).and_then(|at| u16::try_from(at).ok());
    let mut graph = Graph::new("arrow: read a row that the other overwrote", part.iter().map(node));
    for edge in history.overwrites.iter() {
        if let (Some(from), Some(to)) = (place(edge.reader), place(edge.writer)) {
            let ends = [from, to].map(|at| part[usize::from(at)]);
            let is_bad = ends.iter().all(|it| in_cycle(it, history));
            let tone = if is_bad { Tone::Bad } else { Tone::Warn };
            graph = graph.with_toned_edge(from, to, "rw", tone);
        }
    }
    Widget::Graph(graph)
}

/// Lists the last transactions, newest first: read set, write set, outcome.
fn transactions(world: &World<Node>, history: &History) -> Widget {
    let names = world.names();
    let record = |it: &Shown| {
        let read =
            it.seen.map_or("waits".into(), |(on_call, shifts)| format!("{on_call} for {shifts}"));
        let wrote = words::writes(&it.writes, names);
        let became = match it.outcome {
            Outcome::Open => "under way".into(),
            Outcome::Committed => "committed".into(),
            Outcome::Stayed => "no change".into(),
            Outcome::Aborted(why) => format!("aborted: {}", why.word()),
        };
        let cells =
            [it.tx.to_string(), names[it.client].to_string(), it.night.short().into(), read];
        let wrote = if wrote.is_empty() { Datum::none() } else { wrote.into() };
        let became = Datum::new(became).toned(tone(it, history));
        cells.map(Datum::new).into_iter().chain([became, wrote])
    };
    let rows = history.shown.iter().rev().take(8).map(|it| Record::new(record(it)));
    let words = ["tx", "who", "night", "read", "became", "wrote"];
    Widget::table("newest first; read: how many are on call for how many shifts", (words, []), rows)
}
