//! What is shown: who holds what, which replicas an operation has heard, and who was told what.

use super::judge::History;
use super::node::Node;
use super::{clients, closed_form_permille, quorums, stage};
use crate::sim::{NodeId, World};
use crate::view::{Datum, Panel, Tone, Widget};

/// So many of the last seats are shown.
const SEATS: usize = 8;

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    vec![
        Panel::new("Which replicas overlapped", [overlap(world)]),
        Panel::new("Stale reads", staleness(world, history)),
        Panel::new("Whose seat is it", [seats(world, history)]),
    ]
}

/// Who holds what, and whom the last write and the last read have heard.
fn overlap(world: &World<Node>) -> Widget {
    let copies: Vec<_> = stage(world.setup()).map(|id| (id, *world.disk(id).0.0.get())).collect();
    let client = |id| Some((id, &world.process(id)?.user()?.register));
    let clients: Vec<_> = clients(world.setup()).filter_map(client).collect();
    quorums(world.setup()).show_overlap(&copies, &clients, world.names())
}

fn staleness(world: &World<Node>, history: &History) -> [Widget; 3] {
    let (missed, counted) = history.answers.missed_of();
    let formula = closed_form_permille(quorums(world.setup()));
    let percent = |permille: u64| format!("{}.{} %", permille / 10, permille % 10);
    let found = (1_000 * missed).checked_div(counted).map_or("none yet".into(), percent);
    [
        Widget::field("reads after a write", counted),
        Widget::field("of these missed it", format!("{missed}, {found}")),
        Widget::field("C(N−W, R) / C(N, R)", percent(formula)),
    ]
}

fn seats(world: &World<Node>, history: &History) -> Widget {
    let ids = || clients(world.setup());
    let seats = history.seats.iter().skip(history.seats.len().saturating_sub(SEATS));
    let rows = seats.map(|(seat, told)| {
        let first = told.values().next().map(|(owner, _)| owner);
        let cell = move |id: NodeId| {
            let Some((owner, _)) = told.get(id) else { return Datum::none() };
            let tone = if Some(owner) == first { Tone::Good } else { Tone::Bad };
            Datum::new(format!("C{owner}")).toned(tone)
        };
        (format!("seat {seat}"), ids().map(cell))
    });
    let columns = ids().map(|id| format!("{} was told", &world.names()[id]));
    Widget::matrix("whose each seat is", columns, rows)
}
