//! How monitor and workers look, who was listed when, and what other detectors would have done.

use super::compare::{Family, Point};
use super::judge::{History, monitor, workers};
use super::message::Partitions;
use super::monitor::{Member, Monitor, State};
use super::node::{Kept, Node};
use super::worker::Worker;
use crate::sim::{Cell, NodeId, World};
use crate::view::{
    Column, Datum, NodeView, Panel, Plane, Quantity, Record, Role, Table, Tone, Widget,
};

/// Shows one node.
pub(super) fn node(node: &Node, disk: &Cell<Kept>) -> NodeView {
    match node {
        Node::Monitor(monitor) => of_monitor(monitor),
        Node::Worker(worker) => of_worker(worker, disk.get().incarnation),
    }
}

fn of_monitor(monitor: &Monitor) -> NodeView {
    let listed = monitor.members.iter().filter(|(_, it)| it.state.is_listed()).count();
    let member = |(id, member): (NodeId, &Member)| {
        let (_, tone) = state(member.state);
        Datum::new(format!("W{}", id.0)).in_epoch(member.beat.incarnation).toned(tone)
    };
    let widgets = vec![
        Widget::chips("Members", monitor.members.iter().map(member)),
        Widget::gauge(
            "Partitions served",
            (usize::from(Partitions::ALL) - monitor.unserved()) as u64,
            u64::from(Partitions::ALL),
        ),
    ];
    let value = Some(format!("{listed}/{}", monitor.members.len()));
    NodeView {
        role: Role::Coordinator,
        label: "lists".into(),
        value,
        widgets,
        ..NodeView::default()
    }
}

fn of_worker(worker: &Worker, incarnation: u64) -> NodeView {
    let partitions = worker.ready.iter().map(|it| Datum::new(it.to_string()));
    let widgets = vec![
        Widget::field("Incarnation", Datum::new(incarnation.to_string()).durable()),
        Widget::field("Heartbeats sent", worker.beat.sequence),
        Widget::cells("Serves partitions", partitions),
    ];
    let label = format!("serves {}", worker.ready.iter().count());
    NodeView { label, epoch: Some(incarnation.max(1)), widgets, ..NodeView::default() }
}

/// Returns a state in words, and how bad it is.
fn state(state: State) -> (&'static str, Tone) {
    match state {
        State::Alive => ("alive", Tone::Good),
        State::Suspected => ("suspected", Tone::Warn),
        State::Condemned(_) => ("dead, not on disk yet", Tone::Bad),
        State::Dead => ("declared dead", Tone::Bad),
    }
}

pub(super) fn panels(world: &World<Node>, history: &History) -> Vec<Panel> {
    let panel = |title: &str, widget| Panel { title: title.into(), widgets: vec![widget] };
    let lanes = history.lanes.widget("workers", world, workers(world.setup()));
    vec![
        panel("Who was listed when", lanes),
        panel("What the monitor knows", members(world, history)),
        panel("Patience against mistakes", plane(history)),
        panel("All detectors on the heartbeats of this run", comparison(history)),
    ]
}

/// Lists the workers as the monitor sees them.
fn members(world: &World<Node>, history: &History) -> Widget {
    let columns = ["worker", "state"].map(Column::text).into_iter();
    let numbers = ["silent", "φ", "usually every", "±", "partitions"].map(Column::number);
    let mut table = Table::new("Workers, as the monitor sees them", columns.chain(numbers));
    let Some(monitor) = monitor(world) else { return Widget::Table(table) };
    for (id, member) in monitor.members.iter() {
        let silence_us = history.silence_us(id);
        let (mean_us, deviation_us) = member.arrivals.mean_and_deviation_us();
        let ms = |us: f64| Datum::new(format!("{:.0} ms", us / 1_000.0));
        let (text, tone) = state(member.state);
        table.rows.push(Record::new([
            Datum::new(&world.names()[id]).in_epoch(member.beat.incarnation),
            Datum::new(text).toned(tone),
            format!("{} ms", silence_us / 1_000).into(),
            format!("{:.1}", member.arrivals.phi(silence_us).min(99.0)).into(),
            ms(mean_us),
            ms(deviation_us),
            (monitor.share_of(id).iter().count() as u64).into(),
        ]));
    }
    Widget::Table(table)
}

/// Shows each detector as a point: how long the dead go unnoticed, and how often it would have been
/// wrong.
fn comparison(history: &History) -> Widget {
    let columns = [Column::text("detector"), Column::text("suspects after")].into_iter();
    let numbers = ["notices in", "mistakes in 1,000"].map(Column::number);
    let mut table = Table::new("On the heartbeats of this run", columns.chain(numbers));
    for point in history.comparison.points() {
        let (family, threshold) = match point.family {
            Family::Timeout => ("timeout", format!("{} % of a period", point.threshold)),
            Family::Misses => ("misses", format!("{} in a row", point.threshold)),
            Family::Phi => ("φ accrual", format!("φ = {}", point.threshold)),
        };
        let mistakes = point.mistakes_per_thousand;
        let tone = if mistakes == 0 { Tone::Good } else { Tone::Warn };
        table.rows.push(Record::new([
            family.into(),
            threshold.into(),
            format!("{} ms", point.patience_us / 1_000).into(),
            Datum::new(mistakes.to_string()).toned(tone),
        ]));
    }
    Widget::Table(table)
}

/// Shows each family of detectors as a curve over its threshold: how long the dead go unnoticed, and how
/// often it would have been wrong.
fn plane(history: &History) -> Widget {
    let notices_in = Quantity::new("silence until suspected", "ms");
    let mistakes = Quantity::new("mistakes", "in 1,000 intervals");
    let families =
        [(Family::Timeout, "timeout"), (Family::Misses, "misses"), (Family::Phi, "φ accrual")];
    let plane = Plane::new("Each family over its threshold", notices_in, mistakes);
    Widget::Plane(families.into_iter().fold(plane, |plane, (family, name)| {
        let of_family = history.comparison.points().filter(|it| it.family == family);
        let point = |it: Point| {
            let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            (whole(it.patience_us / 1_000), whole(it.mistakes_per_thousand))
        };
        plane.with_curve(name, of_family.map(point).collect::<Vec<_>>(), Tone::Neutral)
    }))
}
