//! How a replica looks, the stamps of all clocks side by side, and two writes compared by each.

use std::cmp::Ordering;

use super::judge::{History, Stamped, Write, missing, running};
use super::message::{Stamps, Version, hybrid_text, ids_text, time_text, vector_text};
use super::node::Node;
use crate::sim::World;
use crate::view::{Column, Datum, Panel, Table, Tone, Widget};

/// How many events the table of stamps shows.
const EVENTS: usize = 12;

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    vec![
        Panel::new("Before, after or concurrent?", compared(world, history)),
        Panel::new("The note", [copies(world, history)]),
        Panel::new("The same events by four clocks", [stamps(world, history)]),
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
    let row = |clock: &str, text: &dyn Fn(&Stamps) -> String, so: Datum| {
        [clock.into(), text(of_a).into(), text(of_b).into(), so]
    };
    let wall = Some(of_a.wall_us.cmp(&of_b.wall_us));
    let lamport = Some(of_a.lamport.cmp(&of_b.lamport));
    let hybrid = Some(of_a.hybrid.cmp(&of_b.hybrid));
    let vector = of_a.vector.partial_cmp(&of_b.vector);
    let vector_text = |it: &Stamps| vector_text(|id| it.vector.known(id), names);
    let columns = ["clock", &a_text, &b_text, "so"].map(Column::text);
    let table = Table::new("What each clock says", columns).with([
        row("wall", &|it| time_text(it.wall_us), claim(wall, truth)),
        row("Lamport", &|it| it.lamport.to_string(), hint(lamport, truth)),
        row("hybrid", &|it| hybrid_text(it.hybrid), hint(hybrid, truth)),
        row("vector", &vector_text, claim(vector, truth)),
    ]);
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
    Datum::new(says).toned(Tone::Bad.when(truth.is_some() && order != truth))
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
    let rows = running(world).map(|(id, node)| {
        let dropped = [true, false].into_iter().flat_map(|it| missing(world, history, it));
        let dropped = dropped.filter(|it| it.at == id).map(|it| it.lost);
        let dropped = ids_text(dropped, names);
        let has_dropped = dropped != "—";
        let shown = Datum::new(ids_text(node.shown(), names));
        let vector = |it: &Version| vector_text(|id| it.contains.updates(id), names);
        let vectors: Vec<String> = node.kept.versions.iter().map(vector).collect();
        let error_ms = world.clock(id).error_us(world.now_us()) / 1_000;
        let cells = [
            shown.toned(Tone::Warn.when(node.shown().count() > 1)),
            Datum::new(dropped).toned(Tone::Bad.when(has_dropped)),
            vectors.join(" | ").into(),
            format!("{error_ms:+} ms").into(),
        ];
        (&names[id], cells)
    });
    Widget::matrix("replicas", ["shows", "has lost", "version vector", "clock error"], rows)
}

/// Lists the last events with their stamps.
fn stamps(world: &World<Node>, history: &History) -> Widget {
    let names = world.names();
    let columns = ["event", "vector", "hybrid", "wall"].map(Column::text);
    let columns = columns.into_iter().chain([Column::number("Lamport")]);
    let newest_first = (0..history.stamped.len()).rev().filter_map(|at| history.stamped.get(at));
    let row = |Stamped { node, heard, wrote, stamps, .. }: &Stamped| {
        let name = &names[*node];
        let what = match (wrote, heard) {
            (Some(id), _) => format!("{name} writes {}", id.text(names)),
            (None, Some(from)) => format!("{name} hears {}", &names[*from]),
            (None, None) => format!("{name} speaks"),
        };
        [
            what.into(),
            vector_text(|id| stamps.vector.known(id), names).into(),
            hybrid_text(stamps.hybrid).into(),
            time_text(stamps.wall_us).into(),
            stamps.lamport.into(),
        ]
    };
    let rows = newest_first.take(EVENTS).map(row);
    Widget::Table(Table::new("Stamps, newest first", columns).with(rows))
}
