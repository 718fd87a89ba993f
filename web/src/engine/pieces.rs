//! Widgets taken apart: names of pieces and what they are, so that two moments can be compared.

use faultline_core::view::{Branch, Datum, LogRow, Span, Widget};

/// Names of pieces and what they are, in order.
pub(super) type Pieces = Vec<(String, String)>;

/// Takes a widget apart, piece by piece where single pieces change.
pub(super) fn of_widget(widget: &Widget) -> Pieces {
    match widget {
        Widget::Field { label, value } => vec![(label.clone(), in_words(value))],
        Widget::Gauge { label, value, max, .. } => {
            vec![(label.clone(), format!("{value} of {max}"))]
        }
        Widget::Cells { label, cells } => numbered(label, cells.iter().map(in_words)),
        Widget::Chips { label, chips } => vec![(label.clone(), listed(chips.iter()))],
        Widget::Matrix { label, columns, rows } => {
            let row = |(heading, cells): &(String, Vec<Datum>)| {
                let piece = |(column, cell): (&String, &Datum)| {
                    (format!("{label} {heading}, {column}"), in_words(cell))
                };
                columns.iter().zip(cells).map(piece).collect::<Pieces>()
            };
            rows.iter().flat_map(row).collect()
        }
        Widget::Table(table) => {
            numbered(&table.label, table.rows.iter().map(|row| listed(row.cells.iter())))
        }
        Widget::LogMatrix(logs) => {
            logs.rows.iter().flat_map(|row| of_log(&logs.label, row)).collect()
        }
        Widget::Lanes { label, rows } => {
            let row = |(heading, spans): &(String, Vec<Span>)| {
                (format!("{label} {heading}"), last_of(spans))
            };
            rows.iter().map(row).collect()
        }
        Widget::Tree(tree) => {
            let mut pieces = Pieces::new();
            branches(&tree.label, &tree.roots, &mut pieces);
            pieces
        }
        Widget::Bits(bits) => numbered(&bits.label, bits.values.iter().map(u32::to_string)),
        Widget::Sectors(sectors) => {
            let said = sectors.sectors.iter().map(|it| format!("{:?} {}", it.state, it.text));
            numbered(&sectors.label, said.map(|it| it.to_lowercase()))
        }
        Widget::Document(document) => vec![(document.label.clone(), document.text())],
        Widget::Text(text) => vec![("text".into(), text.clone())],
        Widget::Series(_)
        | Widget::Windows(_)
        | Widget::Histogram(_)
        | Widget::Ring(_)
        | Widget::Graph(_)
        | Widget::Map(_) => of_picture(widget),
    }
}

/// Takes a picture apart.
#[expect(clippy::wildcard_enum_match_arm, reason = "all else is taken apart elsewhere")]
fn of_picture(widget: &Widget) -> Pieces {
    let named = |what: &str| format!("{} {what}", widget.label());
    match widget {
        Widget::Series(series) => {
            let last = series.points.last().map_or(0, |point| point.1);
            vec![(series.label.clone(), format!("{last} {}", series.unit))]
        }
        Widget::Windows(windows) => {
            let row = |row: &faultline_core::view::WindowRow| {
                let results = row.windows.iter().map(|window| &window.result);
                (named(&row.name), listed(results))
            };
            windows.rows.iter().map(row).collect()
        }
        Widget::Histogram(histogram) => {
            let bucket = |bucket: &faultline_core::view::Bucket| {
                (named(&format!("{} to {}", bucket.from, bucket.to)), bucket.count.to_string())
            };
            histogram.buckets.iter().map(bucket).collect()
        }
        Widget::Ring(ring) => {
            let keys = ring.keys.iter().map(|key| (named(&key.key.text), key.at.to_string()));
            let owners = [(named("owners"), listed(ring.owners.iter()))];
            owners.into_iter().chain(keys).collect()
        }
        Widget::Graph(graph) => {
            let edges: Vec<String> = (graph.edges.iter())
                .map(|edge| {
                    let name = |place: u16| graph.nodes.get(usize::from(place)).map(in_words);
                    let ends = name(edge.from).zip(name(edge.to)).unwrap_or_default();
                    format!("{} → {} {}", ends.0, ends.1, edge.text)
                })
                .collect();
            vec![(named("nodes"), listed(graph.nodes.iter())), (named("edges"), edges.join("; "))]
        }
        Widget::Map(map) => {
            map.places.iter().map(|place| (named(&place.name), in_words(&place.value))).collect()
        }
        _ => Pieces::new(),
    }
}

fn numbered(label: &str, values: impl Iterator<Item = String>) -> Pieces {
    (1_u32..).zip(values).map(|(nth, value)| (format!("{label} {nth}"), value)).collect()
}

fn listed<'a>(values: impl Iterator<Item = &'a Datum>) -> String {
    values.map(in_words).collect::<Vec<_>>().join(", ")
}

fn of_log(label: &str, row: &LogRow) -> Pieces {
    let entries = (row.first..).zip(&row.entries).map(|(index, entry)| {
        let said = entry.as_ref().map_or_else(|| "nothing".into(), in_words);
        (format!("{label} {}, {index}", row.name), said)
    });
    let pointers = row
        .pointers
        .iter()
        .map(|pointer| (format!("{label} {}, {}", row.name, pointer.name), pointer.at.to_string()));
    entries.chain(pointers).collect()
}

fn last_of(spans: &[Span]) -> String {
    let Some(last) = spans.last() else { return "nothing".into() };
    let end = if last.to_us.is_some() { "ended" } else { "goes on" };
    format!("{} {end}, {} in all", last.text, spans.len())
}

fn branches(path: &str, of: &[Branch], pieces: &mut Pieces) {
    for (nth, branch) in (1_u32..).zip(of) {
        let edge = if branch.edge.is_empty() { nth.to_string() } else { branch.edge.clone() };
        let path = format!("{path} {edge}");
        pieces.push((path.clone(), listed(branch.cells.iter())));
        branches(&path, &branch.children, pieces);
    }
}

/// Says a cell, and what its border and lock say.
fn in_words(datum: &Datum) -> String {
    let mut text = datum.text.clone();
    if let Some(epoch) = datum.epoch {
        text = format!("{text} (epoch {epoch})");
    }
    if !datum.committed {
        text.push_str(", not committed");
    }
    if datum.durable {
        text.push_str(", durable");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_said_with_its_border_and_lock() {
        let cell = Datum { durable: true, committed: false, ..Datum::new("a").in_epoch(3) };
        let row = of_widget(&Widget::cells("log", [cell]));
        assert_eq!(row, [("log 1".to_owned(), "a (epoch 3), not committed, durable".to_owned())]);
    }
}
