//! How a replica looks, the stamps of all clocks side by side, and two writes compared by each.

use std::cmp::Ordering;

use super::judge::{History, Stamped, Write, missing, running};
use super::message::{Stamps, Version, hybrid_text, ids_text, name_of, time_text, vector_text};
use super::node::{Kept, Node};
use crate::sim::{Cell, NodeId, World};
use crate::view::{Column, Datum, NodeView, Panel, Record, Table, Tone, Widget};

/// How many events the table of stamps shows.
const EVENTS: usize = 12;

/// Shows one replica; for one that is down, what its disk would give it back.
pub(super) fn node(node: &Node, disk: &Cell<Option<Kept>>) -> NodeView {
    let kept = disk.durable().as_ref().filter(|_| node.stamps.is_none()).unwrap_or(&node.kept);
    let text = |it: &Version| format!("{}{}", name_of(it.id.by), it.id.number);
    let versions: Vec<String> = kept.versions.iter().map(text).collect();
    let mut widgets = vec![Widget::chips("Shows", versions.iter().cloned().map(Datum::new))];
    if let Some(stamps) = &node.stamps {
        widgets.push(Widget::field("Lamport", stamps.lamport));
        let vector = (0..stamps.vector.nodes())
            .map(|at| stamps.vector.known(NodeId(u16::try_from(at).unwrap_or(u16::MAX))).into());
        widgets.push(Widget::cells("Vector", vector));
        widgets.push(Widget::field("Hybrid", hybrid_text(stamps.hybrid)));
        widgets.push(Widget::field("Wall clock", time_text(stamps.wall_us)));
    }
    let label = node.stamps.as_ref().map(|it| time_text(it.wall_us)).unwrap_or_default();
    NodeView { label, value: Some(versions.join(" | ")), widgets, ..NodeView::default() }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let panel = |title: &str, widgets| Panel { title: title.into(), widgets };
    vec![
        panel("Before, after or concurrent?", compared(world, history)),
        panel("The note", vec![copies(world, history)]),
        panel("The same events by four clocks", vec![stamps(world, history)]),
    ]
}

/// Compares two writes by the kernel's record and by each clock.
fn compared(world: &World<Node>, history: &History) -> Vec<Widget> {
    let Some((a, b)) = history.compared() else {
        return vec![Widget::Text("Nobody has written twice yet.".into())];
    };
    let Some((of_a, of_b)) = history.stamps_of(a).zip(history.stamps_of(b)) else {
        return Vec::new();
    };
    let (names, path) = (world.names(), history.pasts.path(a.event, b.event));
    let truth = path.is_some().then_some(Ordering::Less);
    let (a_text, b_text) = (a.id.text(names), b.id.text(names));
    let mut table =
        Table::new("What each clock says", ["clock", &a_text, &b_text, "so"].map(Column::text));
    let mut row = |clock: &str, [a, b]: [String; 2], so: Datum| {
        table.rows.push(Record::new([clock.into(), a.into(), b.into(), so]));
    };
    let both = |text: &dyn Fn(&Stamps) -> String| [of_a, of_b].map(text);
    let order = |by: &dyn Fn(&Stamps, &Stamps) -> Option<Ordering>| by(of_a, of_b);
    let wall = order(&|a, b| Some(a.wall_us.cmp(&b.wall_us)));
    row("wall", both(&|it| time_text(it.wall_us)), claim(wall, truth));
    let lamport = order(&|a, b| Some(a.lamport.cmp(&b.lamport)));
    row("Lamport", both(&|it| it.lamport.to_string()), hint(lamport, truth));
    let hybrid = order(&|a, b| Some(a.hybrid.cmp(&b.hybrid)));
    row("hybrid", both(&|it| hybrid_text(it.hybrid)), hint(hybrid, truth));
    let vector = order(&|a, b| a.vector.partial_cmp(&b.vector));
    row("vector", both(&|it| vector_text(|id| it.vector.known(id), names)), claim(vector, truth));
    vec![Widget::Text(proof(world, history, (a, b), path)), Widget::Table(table)]
}

/// Says what a clock says that claims to know the order, and whether it is right.
fn claim(order: Option<Ordering>, truth: Option<Ordering>) -> Datum {
    let says = match order {
        Some(Ordering::Less) => "before",
        Some(Ordering::Equal) => "at once",
        Some(Ordering::Greater) => "after",
        None => "concurrent",
    };
    let tone = match (order == truth, truth) {
        (true, _) => Tone::Good,
        (false, None) => Tone::Warn,
        (false, Some(_)) => Tone::Bad,
    };
    Datum::new(says).toned(tone)
}

/// Says what a clock says whose smaller stamp only means that the other event did not come first.
fn hint(order: Option<Ordering>, truth: Option<Ordering>) -> Datum {
    let says = if order == Some(Ordering::Less) { "not after" } else { "not before" };
    let is_wrong = truth.is_some() && order != truth;
    Datum::new(says).toned(if is_wrong { Tone::Bad } else { Tone::Neutral })
}

/// Says how one write is known to the other: the chain of messages that the kernel recorded.
fn proof(
    world: &World<Node>,
    history: &History,
    (a, b): (Write, Write),
    path: Option<Vec<(u32, u32)>>,
) -> String {
    let names = world.names();
    let (a_text, b_text) = (a.id.text(names), b.id.text(names));
    let Some(hops) = path else {
        return format!("Concurrent: no chain of messages leads from {a_text} to {b_text}.");
    };
    let hop = |(sent, heard): (u32, u32)| {
        let place = |event| history.pasts.place(event).unwrap_or_default();
        let ((from, sent_us), (to, heard_us)) = (place(sent), place(heard));
        let (from, to) = (&names[from], &names[to]);
        format!("{from} told {to} ({} → {})", time_text(sent_us), time_text(heard_us))
    };
    let hops: Vec<String> = hops.into_iter().map(hop).collect();
    let why = if hops.is_empty() {
        format!("{} made both", &names[a.id.by])
    } else {
        hops.join(", then ")
    };
    format!("{a_text} came before {b_text}: {why}.")
}

/// Shows what each replica shows and what it has dropped, beside its clock.
fn copies(world: &World<Node>, history: &History) -> Widget {
    let names = world.names();
    let row = |(id, node): (NodeId, &Node)| {
        let dropped = [true, false].into_iter().flat_map(|it| missing(world, history, it));
        let dropped = dropped.filter(|it| it.at == id).map(|it| it.lost);
        let dropped = ids_text(dropped, names);
        let tone = if dropped == "—" { Tone::Neutral } else { Tone::Bad };
        let siblings = node.shown().count();
        let shown = Datum::new(ids_text(node.shown(), names));
        let shown = shown.toned(if siblings > 1 { Tone::Warn } else { Tone::Neutral });
        let error_ms = world.clock(id).error_us(world.now_us()) / 1_000;
        let contains = node.kept.versions.iter();
        let contains: Vec<String> =
            contains.map(|it| vector_text(|id| it.contains.updates(id), names)).collect();
        let cells = vec![
            shown,
            Datum::new(dropped).toned(tone),
            contains.join(" | ").into(),
            format!("{error_ms:+} ms").into(),
        ];
        (names[id].to_owned(), cells)
    };
    let columns = ["shows", "has lost", "version vector", "clock error"].map(String::from).to_vec();
    let rows = running(world).map(row).collect();
    Widget::Matrix { label: "replicas".into(), columns, rows }
}

/// Lists the last events with their stamps.
fn stamps(world: &World<Node>, history: &History) -> Widget {
    let names = world.names();
    let columns = ["event", "vector", "hybrid", "wall"].map(Column::text);
    let columns = columns.into_iter().chain([Column::number("Lamport")]);
    let mut table = Table::new("Stamps, newest first", columns);
    let newest_first = (0..history.stamped.len()).rev().filter_map(|at| history.stamped.get(at));
    for Stamped { node, heard, wrote, stamps, .. } in newest_first.take(EVENTS) {
        let name = &names[*node];
        let what = match (wrote, heard) {
            (Some(id), _) => format!("{name} writes {}", id.text(names)),
            (None, Some(from)) => format!("{name} hears {}", &names[*from]),
            (None, None) => format!("{name} speaks"),
        };
        table.rows.push(Record::new([
            what.into(),
            vector_text(|id| stamps.vector.known(id), names).into(),
            hybrid_text(stamps.hybrid).into(),
            time_text(stamps.wall_us).into(),
            stamps.lamport.into(),
        ]));
    }
    Widget::Table(table)
}
