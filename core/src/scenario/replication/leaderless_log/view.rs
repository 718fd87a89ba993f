//! What is shown: which entry follows on which, and the log of each replica.

use super::judge::{self, History, charts};
use super::message::{Note, entry_text};
use super::node::{Chart, Config, Node};
use super::replica::Replica;
use super::replicas;
use crate::mechanism::causal_log::{Dot, Line};
use crate::mechanism::logged_state::LoggedState;
use crate::sim::{NodeId, World};
use crate::view::{Datum, Graph, LogMatrix, LogRow, NodeView, Panel, Role, Tone, Widget};

/// So many of the last entries are drawn.
const DRAWN: usize = 10;
/// So many places of the logs are lined up.
const COLUMNS: usize = 14;
/// So many entries of the end of a log stand below its replica.
const CELLS: usize = 4;

fn cell(line: &Line) -> Datum {
    Datum::new(entry_text(line.id)).toned(Tone::Warn.when(line.is_unsettled))
}

/// Shows a replica on the stage.
pub(super) fn replica(it: &Replica) -> NodeView {
    let Some(chart) = it.kept.store().map(LoggedState::content) else {
        return NodeView::new(Role::Storage, it.kept.label("serves"));
    };
    let lines = chart.lines();
    let end = lines.iter().skip(lines.len().saturating_sub(CELLS)).map(cell);
    let waiting = it.waiting().map(|id| Datum::new(entry_text(id)));
    let inside =
        [Widget::cells("end of the log", end), Widget::chips("waits for its past", waiting)];
    let label = it.kept.label(&it.standing(chart));
    NodeView::new(Role::Storage, label).showing(lines.len()).meaning("entries").with(inside)
}

pub(super) fn panels(world: &World<Node>, it: &History) -> Vec<Panel> {
    vec![
        Panel::new("What follows on what", [graph(world, it)]),
        Panel::new("The log at each replica", [logs(world, it), vectors(world)]),
    ]
}

/// Draws the last entries, each with an arrow from those on which it follows directly.
fn graph(world: &World<Node>, it: &History) -> Widget {
    let last: Vec<(Dot, Note)> = it.last_written(DRAWN).collect();
    let ids: Vec<Dot> = last.iter().map(|(id, _)| *id).collect();
    let node = |&(id, note): &(Dot, Note)| {
        let is_lost = it.told.iter().any(|told| told.id == id && judge::is_lost(world, told));
        let warn = Tone::Warn.when(charts(world).any(|(_, it)| it.unsettled().any(|of| of == id)));
        let what = if note == Note::Check { " check" } else { "" };
        let datum = Datum::new(format!("{}{what}", entry_text(id)));
        let datum = datum.toned(if is_lost { Tone::Bad } else { warn });
        if charts(world).all(|(_, chart)| chart.has(id)) { datum } else { datum.uncommitted() }
    };
    let label = "arrow: read before the next was written; dashed: not in every log yet";
    Widget::Graph(Graph::new(label, last.iter().map(node)).with_edges(it.truth.edges(&ids)))
}

/// Lines the logs up: by place, and where entries have names of their own, as they are shown.
fn logs(world: &World<Node>, it: &History) -> Widget {
    let config = Config::of(world.setup());
    let all: Vec<_> = charts(world).map(|(id, chart)| (id, config.slots(chart))).collect();
    let longest = all.iter().map(|(_, slots)| slots.len()).max().unwrap_or_default();
    let first = longest.saturating_sub(COLUMNS);
    let lost_by = judge::lost(world, it).map(|told| told.by);
    let row = |(id, slots): &(NodeId, Vec<Option<&Line>>)| {
        let at = |(place, line): (usize, Option<&Line>)| {
            let line = line?;
            let collides = judge::collides(world, place, line.id);
            Some(if collides { cell(line).toned(Tone::Bad) } else { cell(line) })
        };
        let entries = slots.iter().copied().enumerate().skip(first).map(at);
        let row = LogRow::with_holes(&world.names()[*id], first as u64 + 1, entries);
        row.toned(Tone::Bad.when(lost_by == Some(*id)))
    };
    let what = if config.has_dots { "in order" } else { "by place; red: two for one place" };
    Widget::LogMatrix(LogMatrix::new(format!("entries {what}"), all.iter().map(row)))
}

/// Shows how many entries of each replica are in each log: what replicas compare.
fn vectors(world: &World<Node>) -> Widget {
    // Where a name is no more than a place, no replica's entries are counted.
    let has_dots = Config::of(world.setup()).has_dots;
    let counted = || replicas(world.setup()).filter(|_| has_dots);
    let newest = |of| charts(world).map(|(_, chart)| chart.vector().updates(of)).max().unwrap_or(0);
    let row = |(id, chart): (NodeId, &Chart)| {
        let count = move |of| {
            let count = chart.vector().updates(of);
            Datum::from(count).toned(Tone::Warn.when(count < newest(of)))
        };
        let doses = chart.copies().filter(|it| it.body == Note::Dose);
        let doses = crate::order::set_of(doses.map(|it| it.id)).len();
        let cells = counted().map(count).chain([Datum::from(doses as u64)]);
        (&world.names()[id], cells.collect::<Vec<_>>())
    };
    let heads = counted().map(|of| world.names()[of].to_string());
    let heads = heads.chain(["doses".to_owned()]);
    let label =
        if has_dots { "version vector of each log, and its doses" } else { "doses in each log" };
    Widget::matrix(label, heads, charts(world).map(row))
}
