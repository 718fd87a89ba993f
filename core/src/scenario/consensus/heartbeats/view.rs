//! How monitor and workers look, who was listed when, and what other detectors would have done.

use super::compare::{Family, Point};
use super::judge::{self, History, workers};
use super::message::{Partitions, name_of};
use super::monitor::{Member, Monitor};
use super::node::Node;
use super::worker::Worker;
use crate::sim::World;
use crate::view::{Datum, NodeView, Panel, Plane, Quantity, Role, Tone, Widget};

pub(super) fn show_monitor(monitor: &Monitor) -> NodeView {
    let mark = |id, it: &Member| it.condition().mark(name_of(id)).in_epoch(it.beat.incarnation);
    let marks = monitor.members.iter().map(|(id, it)| mark(id, it));
    let view = NodeView::new(Role::Coordinator, monitor.doubts()).showing(monitor.listed());
    view.meaning("workers listed").with([
        Widget::chips("Workers: ? suspected, † declared dead", marks),
        Widget::gauge("Partitions served", monitor.served(), Partitions::ALL.into()),
    ])
}

pub(super) fn show_worker(worker: &Worker, incarnation: u64) -> NodeView {
    NodeView::new(Role::Peer, worker.text()).in_epoch(incarnation.max(1)).with([
        Widget::cells("Serves partitions", worker.ready.iter().map(Datum::from)),
        Widget::field("Incarnation", Datum::from(incarnation).durable()),
        Widget::field("Heartbeats sent", worker.beat.sequence),
    ])
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
    let records = judge::members(world).map(|(id, member)| {
        let silence_us = history.silence_us(id);
        let name = Datum::new(&world.names()[id]).in_epoch(member.beat.incarnation);
        let state = Datum::new(member.state.text()).toned(member.condition().tone());
        let [phi, mean, deviation] = judge::arrivals_in_words(&member.arrivals, silence_us);
        let share = judge::share_of(world, id).iter().count().into();
        [name, state, Datum::ms(silence_us), phi.into(), mean.into(), deviation.into(), share]
    });
    let columns = (["worker", "state"], ["silent", "φ", "usually every", "±", "partitions"]);
    Widget::table("Workers, as the monitor sees them", columns, records)
}

/// Shows each detector: how long the dead go unnoticed, and how often it would have been wrong.
fn comparison(history: &History) -> Widget {
    let record = |it: Point| {
        let mistakes = Datum::from(it.mistakes_per_thousand).good_if(it.is_never_wrong());
        [it.family.name().into(), it.threshold_text().into(), Datum::ms(it.patience_us), mistakes]
    };
    let columns = (["detector", "suspects after"], ["notices in", "mistakes in 1,000"]);
    Widget::table("On the heartbeats of this run", columns, history.comparison.points().map(record))
}

/// Shows each family of detectors as a curve over its threshold.
fn plane(history: &History) -> Widget {
    let notices_in = Quantity::new("silence until suspected", "ms");
    let mistakes = Quantity::new("mistakes", "in 1,000 intervals");
    let plane = Plane::new("Each family over its threshold", notices_in, mistakes);
    Widget::Plane(Family::ALL.into_iter().fold(plane, |plane, family| {
        let of_family = history.comparison.points().filter(|it| it.family == family);
        plane.with_curve(family.name(), of_family.map(|it| it.place()), Tone::Neutral)
    }))
}
