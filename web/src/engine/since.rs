//! What has changed between two moments, piece by piece: "S2: votes 1 → 2".

use std::collections::BTreeMap;

use faultline_core::order::map_of;
use faultline_core::run::{Position, Run};
use faultline_core::sim::{NodeId, Simulation};
use faultline_core::view::{Datum, LogRow, NodeInside, NodeScene, Scene, Widget};

use crate::epoch::epoch_word;
use crate::format::instant;
use crate::widgets::{datum_in_words, widget_in_words};
use crate::wire::{ChangeLine, Changes, Since};

/// At most so many changes are told.
const LIMIT: usize = 200;

/// What is known of a node or of the whole: names of pieces and what they are, in order.
type Pieces = Vec<(String, String)>;

/// Returns what has changed from `since` to the cursor; without it, by the last step.
pub(super) fn changes(run: &Run, since: Option<Since>) -> Changes {
    let place = since.map(|since| match since.place {
        Some((events, actions)) => Position { events, actions },
        None => end_of(run, since.at_us),
    });
    let Some(place) = place.or_else(|| run.before()) else { return Changes::default() };
    let Some(before) = run.simulation_at(place) else { return Changes::default() };
    between(&*before, run.simulation())
}

/// Returns the place at the end of an instant, as far as the run is known.
fn end_of(run: &Run, at_us: u64) -> Position {
    let events = run.journal().events.partition_point(|event| event.at_us <= at_us);
    let actions = run.actions().partition_point(|timed| timed.at_us <= at_us);
    let short = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Position { events: short(events), actions: short(actions) }
}

fn between(before: &dyn Simulation, after: &dyn Simulation) -> Changes {
    let (old, new) = (before.scene(), after.scene());
    let mut lines = Vec::new();
    for (old, new) in old.nodes.iter().zip(&new.nodes) {
        // Most steps touch one node: what is alike at first sight is not looked into.
        if old == new && before.inside(old.id) == after.inside(new.id) {
            continue;
        }
        let pieces = |node: &NodeScene, world: &dyn Simulation| {
            let mut pieces = of_node(node);
            pieces.extend(world.inside(node.id).iter().flat_map(of_inside));
            pieces
        };
        compare(Some(new.id), pieces(old, before), pieces(new, after), &mut lines);
    }
    compare(None, of_whole(&old, before), of_whole(&new, after), &mut lines);
    let more = lines.len().saturating_sub(LIMIT);
    lines.truncate(LIMIT);
    Changes { since_us: old.now_us, lines, more: u32::try_from(more).unwrap_or(u32::MAX) }
}

/// Adds a line for each piece that is new, gone or other than before.
fn compare(node: Option<NodeId>, before: Pieces, after: Pieces, lines: &mut Vec<ChangeLine>) {
    let (before, after) = (told_apart(before), told_apart(after));
    let old = map_of(before.iter().cloned());
    let new = map_of(after.iter().cloned());
    for (what, value) in after {
        let before = old.get(&what).cloned();
        if before.as_ref() != Some(&value) {
            lines.push(ChangeLine { node, what, before, after: Some(value) });
        }
    }
    for (what, value) in before {
        if !new.contains_key(&what) {
            lines.push(ChangeLine { node, what, before: Some(value), after: None });
        }
    }
}

/// Numbers pieces of the same name, so that each is compared with its own past.
fn told_apart(pieces: Pieces) -> Pieces {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    let numbered = pieces.into_iter().map(|(what, value)| {
        let nth = counts.entry(what.clone()).or_default();
        *nth += 1;
        (if *nth == 1 { what } else { format!("{what} ({nth})") }, value)
    });
    numbered.collect()
}

fn of_node(node: &NodeScene) -> Pieces {
    let view = &node.view;
    let mut pieces = Vec::new();
    let mut add = |what: &str, value: String| pieces.push((what.to_owned(), value));
    add("status", format!("{:?}", node.status).to_lowercase());
    add("role", format!("{:?}", view.role).to_lowercase());
    if let Some(epoch) = view.epoch {
        add(&epoch_word(), epoch.to_string());
    }
    if let Some(value) = &view.value {
        add("value", value.clone());
    }
    if let Some((gained, needed)) = view.pips {
        add("gathered", format!("{gained} of {needed}"));
    }
    if !view.label.is_empty() {
        add("says", view.label.clone());
    }
    if node.drift_ppm == 0 {
        // A clock that drifts is another at every look.
        add("wall clock", format!("{} µs off", node.clock_error_us));
    }
    add("clock rate", format!("{} ppm off", node.drift_ppm));
    add("inbox", format!("{} waiting", node.load.inbox));
    add("refused", node.load.refused.to_string());
    add("at work", node.load.busy.to_string());
    add("slowed down by", format!("{} µs", node.slowness_us));
    for timer in &node.timers {
        add(&format!("timer {}", timer.label), format!("due at {}", instant(timer.due_at_us)));
    }
    pieces.extend(view.widgets.iter().flat_map(of_widget));
    pieces
}

fn of_inside(inside: &NodeInside) -> Pieces {
    let mut pieces = vec![
        ("unsynced writes".to_owned(), if inside.is_dirty { "yes" } else { "no" }.to_owned()),
        ("syncs under way".to_owned(), inside.syncs.to_string()),
    ];
    let named = |prefix: &'static str| {
        move |(what, value): (String, String)| (format!("{prefix}: {what}"), value)
    };
    pieces.extend(inside.disk.iter().flat_map(of_widget).map(named("disk")));
    let durable = inside.after_crash.widgets.iter().flat_map(of_widget);
    pieces.extend(durable.map(named("kept in a crash")));
    pieces
}

/// What concerns no single node: the network and the scenario's own panels.
fn of_whole(scene: &Scene, world: &dyn Simulation) -> Pieces {
    let names = world.names();
    let mut pieces: Pieces = Vec::new();
    for cut in &scene.cuts {
        let what = format!("link {} → {}", &names[cut.from], &names[cut.to]);
        pieces.push((what, if cut.blocks { "cut" } else { "cut now and then" }.into()));
    }
    for hold in &scene.holds {
        let what = format!("link {} → {}, at its end", &names[hold.from], &names[hold.to]);
        pieces.push((what, "held".into()));
    }
    pieces.push(("messages lost".into(), format!("{} %", scene.loss_percent)));
    pieces.push(("messages doubled".into(), format!("{} %", scene.duplicate_percent)));
    for panel in &scene.panels {
        let widgets = panel.widgets.iter().flat_map(of_widget);
        pieces.extend(widgets.map(|(what, value)| (format!("{}: {what}", panel.title), value)));
    }
    pieces
}

/// Takes a widget apart.
fn of_widget(widget: &Widget) -> Pieces {
    match widget {
        Widget::Field { label, value } => vec![(label.clone(), datum_in_words(value))],
        Widget::Gauge { label, value, max, .. } => {
            vec![(label.clone(), format!("{value} of {max}"))]
        }
        Widget::Cells { label, cells } => {
            let numbered = (1..).zip(cells);
            numbered
                .map(|(nth, cell): (u32, _)| (format!("{label} {nth}"), datum_in_words(cell)))
                .collect()
        }
        Widget::Matrix { label, columns, rows } => {
            let row = |(heading, cells): &(String, Vec<Datum>)| {
                let named = columns.iter().zip(cells);
                let piece = |(column, cell): (&String, &Datum)| {
                    (format!("{label} {heading}, {column}"), datum_in_words(cell))
                };
                named.map(piece).collect::<Pieces>()
            };
            rows.iter().flat_map(row).collect()
        }
        Widget::Lanes { label, rows } => {
            let row = |(heading, spans): &(String, Vec<_>)| {
                let (count, last): (usize, Option<&faultline_core::view::Span>) =
                    (spans.len(), spans.last());
                let last = last.map(|span| {
                    let end = if span.to_us.is_some() { "ended" } else { "goes on" };
                    format!("{} {end}, {count} in all", span.text)
                });
                (format!("{label} {heading}"), last.unwrap_or_else(|| "nothing".into()))
            };
            rows.iter().map(row).collect()
        }
        Widget::LogMatrix(logs) => {
            let row = |row: &LogRow| {
                let numbered = (row.first..).zip(&row.entries);
                let piece = |(index, entry): (u64, &Option<Datum>)| {
                    let what = format!("{} {}, {index}", logs.label, row.name);
                    entry.as_ref().map(|entry| (what, datum_in_words(entry)))
                };
                numbered.filter_map(piece).collect::<Pieces>()
            };
            logs.rows.iter().flat_map(row).collect()
        }
        Widget::Text(text) => vec![("text".into(), text.clone())],
        // Of what has no places of its own, a line of its words is what changes.
        Widget::Chips { .. }
        | Widget::Table(_)
        | Widget::Series(_)
        | Widget::Plane(_)
        | Widget::Windows(_)
        | Widget::Histogram(_)
        | Widget::Ring(_)
        | Widget::Tree(_)
        | Widget::Graph(_)
        | Widget::Map(_)
        | Widget::Bits(_)
        | Widget::Sectors(_)
        | Widget::Document(_) => {
            let numbered = (1_u32..).zip(widget_in_words(widget));
            numbered.map(|(nth, line)| (format!("{} {nth}", widget.label()), line)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(before: &[(&str, &str)], after: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |pieces: &[(&str, &str)]| {
            pieces.iter().map(|(what, value)| ((*what).into(), (*value).into())).collect::<Pieces>()
        };
        let mut lines = Vec::new();
        compare(None, owned(before), owned(after), &mut lines);
        let said = |line: ChangeLine| {
            let side = |side: Option<String>| side.unwrap_or_else(|| "—".into());
            (line.what, format!("{} → {}", side(line.before), side(line.after)))
        };
        lines.into_iter().map(said).collect()
    }

    #[test]
    fn what_is_other_new_or_gone_is_told_and_nothing_else() {
        let told = lines(
            &[("votes", "1"), ("log 1", "a"), ("x", "y")],
            &[("votes", "2"), ("log 1", "a"), ("log 2", "b")],
        );
        let expected = [("votes", "1 → 2"), ("log 2", "— → b"), ("x", "y → —")];
        let expected = expected.map(|(what, how)| (what.to_owned(), how.to_owned()));
        assert_eq!(told, expected);
    }

    #[test]
    fn pieces_of_one_name_are_compared_each_with_its_own_past() {
        let told = lines(
            &[("vote", "a"), ("vote", "b"), ("vote", "c")],
            &[("vote", "a"), ("vote", "x"), ("vote", "c")],
        );
        assert_eq!(told, [("vote (2)".to_owned(), "b → x".to_owned())]);
    }

    #[test]
    fn a_cell_is_said_with_its_border_and_lock() {
        let cell = Datum { durable: true, committed: false, ..Datum::new("a").in_epoch(3) };
        let row = of_widget(&Widget::cells("log", [cell]));
        assert_eq!(row, [("log 1".to_owned(), "epoch 3 a, durable, not committed".to_owned())]);
    }
}
