//! What is shown: one log in three places, how long clients waited, and what a lost region would take along.

use super::judge::{self, History};
use super::node::Node;
use super::remote::Remote;
use super::server::Server;
use super::{remotes, servers};
use crate::mechanism::raft::{Command, Log, Raft, StableFile};
use crate::mechanism::writer::Write;
use crate::sim::{Cell, NodeId, World};
use crate::view::{Datum, Histogram, LogRow, NodeView, Panel, Role, Tone, Widget};

/// So many entries of a copy are shown.
const SHOWN: u64 = 10;
/// The bars of the histogram: so wide, up to so much, and one for all beyond.
const BARS_MS: (u64, u64) = (10, 200);

impl Server {
    pub(super) fn show(&self, disk: &StableFile<Write>) -> NodeView {
        self.raft.view_with_names(disk, |id| format!("W{}", id.0 + 1))
    }
}

impl Remote {
    pub(super) fn show(copy: &Cell<Log<Write>>) -> NodeView {
        let (last, durable) = (copy.get().last().index, copy.durable().last().index);
        NodeView::new(Role::Storage, "a copy, later")
            .showing(durable)
            .meaning("entries of the home region's log")
            .with([Widget::log_end("end of the copy", last, durable, durable)])
    }
}

pub(super) fn panels(world: &World<Node>, it: &History) -> Vec<Panel> {
    vec![
        Panel::new("One log, and its copies", [logs(world)]),
        Panel::new("Acknowledged in", [times(it)]),
        Panel::new("If the region were lost", loss(world, it)),
        it.raft.lanes.panel("Who leads when", world, servers(world.setup())),
    ]
}

/// The end of the log on each server, and below it of the copies; what a copy has and most of the region's
/// disks have not is wrong.
fn logs(world: &World<Node>) -> Widget {
    let row = |id: NodeId| {
        let commit = world.process(id).and_then(Node::server).map(|it| it.raft.commit());
        (&world.names()[id], commit, &world.disk(id).0)
    };
    let rows: Vec<_> = servers(world.setup()).map(row).collect();
    let Widget::LogMatrix(mut matrix) = Raft::logs_and_disks(&rows, |_, _| false) else {
        return Widget::Text(String::new());
    };
    let first = matrix.range().map_or(1, |(first, _)| first);
    for id in remotes(world.setup()) {
        let copy = judge::copy(world, id);
        let last = copy.last().index;
        let first = first.min((last + 1).saturating_sub(SHOWN).max(1));
        let cell = |index: u64| {
            let entry = copy.get(index)?;
            let text = entry.command().map_or("·".into(), Command::label);
            let cell = Datum::new(text).in_epoch(entry.term).durable();
            Some(cell.toned(Tone::Bad.when(!judge::is_at_home(world, copy, index))))
        };
        let row = LogRow::new(&world.names()[id], first, (first..=last).filter_map(cell));
        matrix.rows.push(row.with_pointer("kept", last));
    }
    Widget::LogMatrix(matrix)
}

/// How long the last hundred acknowledgements took.
fn times(it: &History) -> Widget {
    let took_us = it.times_us();
    let in_ms: Vec<u64> = took_us.iter().map(|us| us / 1_000).collect();
    let histogram = Histogram::of("the last 100 acknowledgements", "ms", &in_ms, BARS_MS)
        .with_mark("promise", judge::BOUND_US / 1_000);
    Widget::Histogram(match judge::p99_us(&took_us) {
        Some(p99_us) => histogram.with_mark("p99", p99_us / 1_000),
        None => histogram,
    })
}

/// What would be gone, now and when the region was down last.
fn loss(world: &World<Node>, it: &History) -> Vec<Widget> {
    let (writes, _) = judge::only_here(world, it);
    let tone = Tone::Warn.when(writes > judge::LONG_BACKLOG);
    let last = it.lost.map_or("–".into(), |lost| {
        format!("{} writes, up to {} ms old", lost.writes, lost.age_us / 1_000)
    });
    vec![
        Widget::field("acknowledged, and in no other region", Datum::from(writes).toned(tone)),
        Widget::field("when it last went dark", last),
        Widget::field("entries on their way to the farthest copy", judge::backlog(world)),
    ]
}
