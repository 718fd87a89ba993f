//! How monitor and workers look, who was listed when, and what other detectors would have done.

use super::compare::{Family, Point};
use super::judge::{History, monitor, workers};
use super::message::Partitions;
use super::monitor::{Member, Monitor, State};
use super::node::Node;
use super::worker::Worker;
use crate::sim::{NodeId, World};
use crate::view::{Column, Datum, NodeView, Panel, Plane, Quantity, Role, Table, Tone, Widget};

pub(super) fn show_monitor(monitor: &Monitor) -> NodeView {
    let listed = monitor.members.iter().filter(|(_, it)| it.state.is_listed()).count();
    let member = |(id, member): (NodeId, &Member)| {
        let (_, tone) = state(member.state);
        Datum::new(format!("W{}", id.0)).in_epoch(member.beat.incarnation).toned(tone)
    };
    let all = u64::from(Partitions::ALL);
    let value = format!("{listed}/{}", monitor.members.len());
    NodeView::new(Role::Coordinator, "lists").showing(value).meaning("workers listed").with([
        Widget::chips("Members", monitor.members.iter().map(member)),
        Widget::gauge("Partitions served", all - monitor.unserved() as u64, all),
    ])
}

pub(super) fn show_worker(worker: &Worker, incarnation: u64) -> NodeView {
    let label = format!("serves {}", worker.ready.iter().count());
    NodeView::new(Role::Peer, label).in_epoch(incarnation.max(1)).with([
        Widget::field("Incarnation", Datum::from(incarnation).durable()),
        Widget::field("Heartbeats sent", worker.beat.sequence),
        Widget::cells("Serves partitions", worker.ready.iter().map(Datum::from)),
    ])
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
    let lanes = history.lanes.widget("workers", world, workers(world.setup()));
    vec![
        Panel::new("Who was listed when", [lanes]),
        Panel::new("What the monitor knows", [members(world, history)]),
        Panel::new("Patience against mistakes", [plane(history)]),
        Panel::new("All detectors on the heartbeats of this run", [comparison(history)]),
    ]
}

/// Lists the workers as the monitor sees them.
fn members(world: &World<Node>, history: &History) -> Widget {
    let columns = ["worker", "state"].map(Column::text).into_iter();
    let numbers = ["silent", "φ", "usually every", "±", "partitions"].map(Column::number);
    let table = Table::new("Workers, as the monitor sees them", columns.chain(numbers));
    let Some(monitor) = monitor(world) else { return Widget::Table(table) };
    Widget::Table(table.with(monitor.members.iter().map(|(id, member)| {
        let silence_us = history.silence_us(id);
        let (mean_us, deviation_us) = member.arrivals.mean_and_deviation_us();
        let ms = |us: f64| format!("{:.0} ms", us / 1_000.0).into();
        let (text, tone) = state(member.state);
        [
            Datum::new(&world.names()[id]).in_epoch(member.beat.incarnation),
            Datum::new(text).toned(tone),
            Datum::ms(silence_us),
            format!("{:.1}", member.arrivals.phi(silence_us).min(99.0)).into(),
            ms(mean_us),
            ms(deviation_us),
            monitor.share_of(id).iter().count().into(),
        ]
    })))
}

/// Shows each detector as a point: how long the dead go unnoticed, and how often it would have been
/// wrong.
fn comparison(history: &History) -> Widget {
    let columns = [Column::text("detector"), Column::text("suspects after")].into_iter();
    let numbers = ["notices in", "mistakes in 1,000"].map(Column::number);
    let table = Table::new("On the heartbeats of this run", columns.chain(numbers));
    Widget::Table(table.with(history.comparison.points().map(|point| {
        let (family, threshold) = match point.family {
            Family::Timeout => ("timeout", format!("{} % of a period", point.threshold)),
            Family::Misses => ("misses", format!("{} in a row", point.threshold)),
            Family::Phi => ("φ accrual", format!("φ = {}", point.threshold)),
        };
        let mistakes = point.mistakes_per_thousand;
        let tone = if mistakes == 0 { Tone::Good } else { Tone::Warn };
        let mistakes = Datum::from(mistakes).toned(tone);
        [family.into(), threshold.into(), Datum::ms(point.patience_us), mistakes]
    })))
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
