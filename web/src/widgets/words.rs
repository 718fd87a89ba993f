//! Each piece of state in words: what a drawing carries for those who do not see it, and what
//! "Read as text" shows. Nothing is in a picture that is not in its words; long lists say how much
//! they leave out.

mod shapes;
mod times;

use faultline_core::view::{
    Bits, Datum, Document, LogMatrix, LogRow, Sectors, Table, TextRun, TextState, Widget,
};

use super::datum::{datum_in_words, tone_in_words};
use super::frame::more_in_words;
use super::sectors::{STATES, sector_in_words, state_name};
use crate::format::{count, counted};

/// More sentences of one kind than this are counted instead.
const MOST_LINES: usize = 40;
/// More values in a sentence than this are counted instead.
const MOST_VALUES: usize = 32;

/// Returns a piece of state as sentences without full stops; the first says what it is.
pub(crate) fn widget_in_words(widget: &Widget) -> Vec<String> {
    match widget {
        Widget::Field { label, value } => vec![format!("{label}: {}", datum_in_words(value))],
        Widget::Gauge { label, value, max, tone } => {
            let tone = tone_in_words(*tone).map(|tone| format!(", {tone}")).unwrap_or_default();
            vec![format!("{label}: {} of {}{tone}", count(*value), count(*max))]
        }
        Widget::Cells { label, cells } => vec![format!("{label}: {}", in_order(cells))],
        Widget::Chips { label, chips } => {
            let number = counted(chips.len() as u64, "value");
            let said = listed(chips.iter().map(datum_in_words), "; ");
            vec![if chips.is_empty() {
                format!("{label}: empty")
            } else {
                format!("{label}: {number}: {said}")
            }]
        }
        Widget::Matrix { label, columns, rows } => {
            let row = |(heading, cells): &(String, Vec<Datum>)| {
                format!("{heading}: {}", under_heads(columns, cells))
            };
            titled(label, rows.iter().map(row), "rows")
        }
        Widget::Table(table) => table_in_words(table),
        Widget::LogMatrix(logs) => log_in_words(logs),
        Widget::Lanes { label, rows } => {
            let lane = |(heading, spans): &(String, Vec<_>)| super::lanes::in_words(heading, spans);
            titled(label, rows.iter().map(lane), "lanes")
        }
        Widget::Series(series) => times::series(series),
        Widget::Plane(plane) => shapes::plane(plane),
        Widget::Windows(windows) => times::windows(windows),
        Widget::Histogram(histogram) => times::histogram(histogram),
        Widget::Ring(ring) => shapes::ring(ring),
        Widget::Tree(tree) => shapes::tree(tree),
        Widget::Graph(graph) => shapes::graph(graph),
        Widget::Map(map) => shapes::map(map),
        Widget::Bits(bits) => bits_in_words(bits),
        Widget::Sectors(sectors) => sectors_in_words(sectors),
        Widget::Document(document) => document_in_words(document),
        Widget::Text(text) => vec![text.clone()],
    }
}

/// Returns a title and lines below it, as many as anybody would hear.
fn titled(label: &str, lines: impl ExactSizeIterator<Item = String>, things: &str) -> Vec<String> {
    let hidden = lines.len().saturating_sub(MOST_LINES);
    if lines.len() == 0 {
        return vec![format!("{label}: empty")];
    }
    let rest = (hidden > 0).then(|| more_in_words(hidden, things));
    std::iter::once(label.to_owned()).chain(lines.take(MOST_LINES)).chain(rest).collect()
}

/// Returns values in one sentence, as many as anybody would hear.
fn listed(values: impl ExactSizeIterator<Item = String>, between: &str) -> String {
    let hidden = values.len().saturating_sub(MOST_VALUES);
    let rest = (hidden > 0).then(|| more_in_words(hidden, "").trim_end().to_owned());
    values.take(MOST_VALUES).chain(rest).collect::<Vec<_>>().join(between)
}

/// Returns cells with their places; of many, the last.
fn in_order(cells: &[Datum]) -> String {
    let hidden = cells.len().saturating_sub(MOST_VALUES);
    let before = (hidden > 0).then(|| format!("{} before", count(hidden as u64)));
    let said = cells.iter().enumerate().skip(hidden);
    let said = said.map(|(place, cell)| format!("{}: {}", place + 1, datum_in_words(cell)));
    let said: Vec<String> = before.into_iter().chain(said).collect();
    if said.is_empty() { "empty".into() } else { said.join("; ") }
}

fn under_heads(columns: &[String], cells: &[Datum]) -> String {
    let cell = |(place, cell): (usize, &Datum)| {
        let said = datum_in_words(cell);
        columns.get(place).map_or(said.clone(), |column| format!("{column} {said}"))
    };
    listed(cells.iter().enumerate().map(cell), "; ")
}

fn table_in_words(table: &Table) -> Vec<String> {
    let columns: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
    let row = |row: &faultline_core::view::Record| {
        let tone = tone_in_words(row.tone).map(|tone| format!(" ({tone})")).unwrap_or_default();
        format!("{}{tone}", under_heads(&columns, &row.cells))
    };
    titled(&table.label, table.rows.iter().map(row), "rows")
}

fn log_in_words(logs: &LogMatrix) -> Vec<String> {
    titled(&logs.label, logs.rows.iter().map(copy_in_words), "copies")
}

fn copy_in_words(row: &LogRow) -> String {
    let tone = tone_in_words(row.tone).map(|tone| format!(" ({tone})")).unwrap_or_default();
    let entry = |(index, entry): (u64, &Option<Datum>)| match entry {
        Some(entry) => format!("{index}: {}", datum_in_words(entry)),
        None => format!("{index}: missing"),
    };
    let hidden = row.entries.len().saturating_sub(MOST_VALUES);
    let gone = row.kept_from.saturating_sub(1);
    let before = (row.first + hidden as u64).saturating_sub(row.kept_from.max(1));
    let gone = (gone > 0).then(|| format!("entries up to {gone} no longer kept"));
    let before = (before > 0).then(|| format!("{} more before these", count(before)));
    let entries: Vec<String> = (row.first..).zip(&row.entries).skip(hidden).map(entry).collect();
    let entries = if entries.is_empty() { vec!["no entry".to_owned()] } else { entries };
    let pointers = row.pointers.iter().map(|pointer| format!("{} {}", pointer.name, pointer.at));
    let said: Vec<String> = gone.into_iter().chain(before).chain(entries).chain(pointers).collect();
    format!("{}{tone}: {}", row.name, said.join("; "))
}

fn bits_in_words(bits: &Bits) -> Vec<String> {
    let set: Vec<(usize, u32)> =
        bits.values.iter().copied().enumerate().filter(|(_, value)| *value > 0).collect();
    let kind = if bits.most <= 1 { "bits are set" } else { "places are above 0" };
    let sum = format!(
        "{}: {} of {} {kind}",
        bits.label,
        count(set.len() as u64),
        count(bits.values.len() as u64)
    );
    let place = |&(at, value): &(usize, u32)| {
        if bits.most <= 1 { at.to_string() } else { format!("{at} = {value}") }
    };
    let places = (!set.is_empty()).then(|| listed(set.iter().map(place), ", "));
    let mark = |mark: &faultline_core::view::BitMark| {
        let at = usize::try_from(mark.at).unwrap_or(usize::MAX);
        let value = bits.values.get(at).map_or("outside".to_owned(), u32::to_string);
        let tone = tone_in_words(mark.tone).map(|tone| format!(", {tone}")).unwrap_or_default();
        format!("{}: place {} is {value}{tone}", mark.text, mark.at)
    };
    let marks = bits.marks.iter().take(MOST_LINES).map(mark);
    std::iter::once(sum).chain(places).chain(marks).collect()
}

fn sectors_in_words(sectors: &Sectors) -> Vec<String> {
    let of = |state| sectors.sectors.iter().filter(|sector| sector.state == state).count();
    let sums = STATES.iter().map(|&state| (of(state), state_name(state)));
    let sums: Vec<String> = sums
        .filter(|(number, _)| *number > 0)
        .map(|(number, name)| format!("{number} {name}"))
        .collect();
    let size = format!("{} each", counted(sectors.sector_bytes.into(), "byte"));
    let label = format!("{}, {size}: {}", sectors.label, sums.join(", "));
    let sector = |(index, sector)| sector_in_words(index, sector);
    titled(label.trim_end_matches(": "), sectors.sectors.iter().enumerate().map(sector), "sectors")
}

fn document_in_words(document: &Document) -> Vec<String> {
    /// More letters than this are not read out.
    const MOST_LETTERS: usize = 2_000;
    let text = document.text();
    let shown = super::frame::shortened(&text, MOST_LETTERS);
    let run = |run: &TextRun| {
        let what = match run.state {
            TextState::Kept => return None,
            TextState::Inserted => "new",
            TextState::Deleted => "deleted",
        };
        let author = run.author.as_ref().map(|author| format!(" by {author}")).unwrap_or_default();
        Some(format!("{what}{author}: “{}”", super::frame::shortened(&run.text, 200)))
    };
    let changes: Vec<String> = document.runs.iter().filter_map(run).collect();
    let hidden = changes.len().saturating_sub(MOST_LINES);
    let rest = (hidden > 0).then(|| more_in_words(hidden, "changes"));
    let carets = document.carets.iter().take(MOST_LINES);
    let carets =
        carets.map(|caret| format!("{} writes before letter {}", caret.name, caret.at + 1));
    let said = if text.is_empty() { "empty".to_owned() } else { format!("“{shown}”") };
    std::iter::once(format!("{}: {said}", document.label))
        .chain(changes.into_iter().take(MOST_LINES))
        .chain(rest)
        .chain(carets)
        .collect()
}

#[cfg(test)]
mod tests;
