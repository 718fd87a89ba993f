//! The stamps of all clocks side by side, two writes compared by each, and what a copy has lost.

use std::cmp::Ordering;

use super::judge::{History, Write};
use super::message::Stamps;
use super::node::Node;
use crate::sim::World;
use crate::view::{Datum, Panel, Record, Tone, Widget, instant};

/// How many events the table of stamps shows.
const EVENTS: usize = 12;

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    vec![
        Panel::new("Before, after or concurrent?", compared(world, history)),
        Panel::new("The same events by four clocks", [stamps(world, history)]),
    ]
}

/// Compares two writes by the kernel's record and by each clock.
fn compared(world: &World<Node>, history: &History) -> Vec<Widget> {
    let Some([(a, of_a), (b, of_b)]) = history.compared() else {
        return vec![Widget::Text("Nobody has written twice yet.".into())];
    };
    let (names, path) = (world.names(), history.pasts.path(a.event, b.event));
    let truth = path.is_some().then_some(Ordering::Less);
    let says = [
        claim(Some(of_a.wall_us.cmp(&of_b.wall_us)), truth),
        hint(of_a.lamport.cmp(&of_b.lamport), truth),
        hint(of_a.hybrid.cmp(&of_b.hybrid), truth),
        claim(of_a.vector.partial_cmp(&of_b.vector), truth),
    ];
    let texts = of_a.texts(names).into_iter().zip(of_b.texts(names)).zip(says);
    let rows = Stamps::CLOCKS.into_iter().zip(texts);
    let rows = rows.map(|(clock, ((a, b), so))| [clock.into(), a.into(), b.into(), so]);
    let (of_a, of_b) = (a.id.text(names), b.id.text(names));
    let table = Widget::table("What each clock says", (["clock", &of_a, &of_b, "so"], []), rows);
    vec![Widget::Text(proof(world, history, (a, b), path)), table]
}

/// Says what a clock says that claims to know the order, and whether it is right.
fn claim(order: Option<Ordering>, truth: Option<Ordering>) -> Datum {
    let wrong = if truth.is_some() { Tone::Bad } else { Tone::Warn };
    Datum::new(in_words(order)).toned(if order == truth { Tone::Good } else { wrong })
}

/// Says what a clock says whose smaller stamp only means that the other event did not come first.
fn hint(order: Ordering, truth: Option<Ordering>) -> Datum {
    let says = if order == Ordering::Less { "not after" } else { "not before" };
    Datum::new(says).toned(Tone::Bad.when(truth.is_some_and(|truth| order != truth)))
}

fn in_words(order: Option<Ordering>) -> &'static str {
    match order {
        Some(Ordering::Less) => "before",
        Some(Ordering::Equal) => "at once",
        Some(Ordering::Greater) => "after",
        None => "concurrent",
    }
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
        format!("{from} told {to} ({} → {})", instant(sent_us), instant(heard_us))
    };
    let hops: Vec<String> = hops.into_iter().map(hop).collect();
    let why = if hops.is_empty() {
        format!("{} made both", &names[a.id.by])
    } else {
        hops.join(", then ")
    };
    format!("{a_text} came before {b_text}: {why}.")
}

/// Lists the last events with their stamps.
fn stamps(world: &World<Node>, history: &History) -> Widget {
    let names = world.names();
    let rows = history.last_stamped(EVENTS).map(|it| Record::new(it.texts(names).map(Datum::new)));
    Widget::table("Stamps, newest first", (["event"].into_iter().chain(Stamps::CLOCKS), []), rows)
}
