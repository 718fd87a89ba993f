//! How monitor and workers look, who was listed when, and what other detectors would have done.

use super::compare::{Family, Point};
use super::judge::{History, monitor, workers};
use super::message::Partitions;
use super::monitor::{Member, Monitor, State};
use super::node::Node;
use super::worker::Worker;
use crate::sim::{NodeId, World};
use crate::view::{Datum, NodeView, Panel, Plane, Quantity, Role, Tone, Widget};

pub(super) fn show_monitor(monitor: &Monitor) -> NodeView {
    let chip = |(id, Member { state, beat, .. }): (NodeId, &Member)| {
        let name = Datum::new(format!("W{}{}", id.0, state.sign()));
        name.in_epoch(beat.incarnation).toned(tone(*state))
    };
    let all = u64::from(Partitions::ALL);
    let view = NodeView::new(Role::Coordinator, monitor.doubts()).showing(monitor.listed());
    view.meaning("workers listed").with([
        Widget::chips("Workers: ? suspected, † declared dead", monitor.members.iter().map(chip)),
        Widget::gauge("Partitions served", all - monitor.unserved() as u64, all),
    ])
}

pub(super) fn show_worker(worker: &Worker, incarnation: u64) -> NodeView {
    let label = format!("serves {}", worker.ready.iter().count());
    NodeView::new(Role::Peer, label).in_epoch(incarnation.max(1)).with([
        Widget::cells("Serves partitions", worker.ready.iter().map(Datum::from)),
        Widget::field("Incarnation", Datum::from(incarnation).durable()),
        Widget::field("Heartbeats sent", worker.beat.sequence),
    ])
}

/// Returns how bad a state is.
fn tone(state: State) -> Tone {
    match state {
        State::Alive => Tone::Good,
        State::Suspected => Tone::Warn,
        State::Condemned(_) | State::Dead => Tone::Bad,
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
    let ms = |us: f64| format!("{:.0} ms", us / 1_000.0).into();
    let record = |monitor: &Monitor, id: NodeId, member: &Member| {
        let silence_us = history.silence_us(id);
        let (mean_us, deviation_us) = member.arrivals.mean_and_deviation_us();
        [
            Datum::new(&world.names()[id]).in_epoch(member.beat.incarnation),
            Datum::new(member.state.text()).toned(tone(member.state)),
            Datum::ms(silence_us),
            format!("{:.1}", member.arrivals.phi(silence_us).min(99.0)).into(),
            ms(mean_us),
            ms(deviation_us),
            monitor.share_of(id).iter().count().into(),
        ]
    };
    let monitor = monitor(world).into_iter();
    let records =
        monitor.flat_map(|it| it.members.iter().map(|(id, member)| record(it, id, member)));
    let columns = (["worker", "state"], ["silent", "φ", "usually every", "±", "partitions"]);
    Widget::table("Workers, as the monitor sees them", columns, records)
}

/// Shows each detector: how long the dead go unnoticed, and how often it would have been wrong.
fn comparison(history: &History) -> Widget {
    let record = |it: Point| {
        let mistakes = Datum::from(it.mistakes_per_thousand);
        let tone = if it.mistakes_per_thousand == 0 { Tone::Good } else { Tone::Warn };
        let patience = Datum::ms(it.patience_us);
        [it.family.name().into(), it.threshold_text().into(), patience, mistakes.toned(tone)]
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
