//! Copies of a log side by side, with where each reader has got to.

use std::ops::RangeInclusive;

use faultline_core::view::{Datum, LogMatrix, LogRow, Pointer};
use web_sys::Element;
use yew::{Html, Properties, classes, component, html, use_effect_with, use_node_ref};

use super::changes::use_changes;
use super::datum::{
    cell_classes, datum_in_words, epoch_number, lock, tone_class, tone_in_words, tone_letter,
    tone_sign, unseen_words,
};
use super::frame::{empty, framed, more, shortened};

/// More indexes than this are counted instead: the last ones are shown.
const MOST_INDEXES: u64 = 48;
/// More copies than this are counted below instead.
const MOST_ROWS: usize = 40;
/// An entry has at most this many letters in its cell.
const MOST_LETTERS: usize = 8;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct LogMatrixProps {
    pub(super) logs: LogMatrix,
    pub(super) now_us: u64,
}

/// Returns the indexes that are shown, and how many come before them.
fn shown(logs: &LogMatrix) -> Option<(RangeInclusive<u64>, u64)> {
    let (first, last) = logs.range()?;
    // A pointer may stand behind the last entry: at the next one to be sent.
    let pointers = logs.rows.iter().flat_map(|row| &row.pointers).map(|pointer| pointer.at);
    let last = pointers.max().map_or(last, |at| at.clamp(last, last + 1));
    let from = first.max((last + 1).saturating_sub(MOST_INDEXES));
    let kept_from = logs.rows.iter().map(|row| row.kept_from).min()?;
    Some((from..=last, from.saturating_sub(kept_from)))
}

/// Draws the copies as a table: an entry's epoch above, what it does below.
#[component]
pub(super) fn LogMatrixView(props: &LogMatrixProps) -> Html {
    let logs = &props.logs;
    let all: Vec<((String, u64), Option<Datum>)> = logs
        .rows
        .iter()
        .flat_map(|row| {
            let key = move |index| (row.name.clone(), index);
            (row.first..).zip(&row.entries).map(move |(index, it)| (key(index), it.clone()))
        })
        .collect();
    let has_changed = use_changes(&all, props.now_us);
    let changed: Vec<&(String, u64)> =
        all.iter().zip(has_changed).filter(|(_, has)| *has).map(|((key, _), _)| key).collect();
    let scroll = use_node_ref();
    use_effect_with((), {
        // What happened last is at the end; from there on the viewer decides.
        let scroll = scroll.clone();
        move |()| {
            if let Some(element) = scroll.cast::<Element>() {
                element.set_scroll_left(element.scroll_width());
            }
        }
    });
    let Some((indexes, before)) = shown(logs) else {
        return framed("widget-log", &logs.label, empty());
    };
    let head = |index: u64| html! { <th scope="col">{ index }</th> };
    let row = |row: &LogRow| {
        let is_changed = |index| changed.iter().any(|(name, at)| (name, *at) == (&row.name, index));
        copy(row, &indexes, is_changed)
    };
    let body = html! {<>
        <div ref={scroll} class="widget-scroll" tabindex="0" role="group"
            aria-label={logs.label.clone()}>
            <table class="log-matrix">
                <thead><tr>
                    <td class="log-corner">{ "index" }</td>{ for indexes.clone().map(head) }
                </tr></thead>
                <tbody>{ for logs.rows.iter().take(MOST_ROWS).map(row) }</tbody>
            </table>
        </div>
        { more(usize::try_from(before).unwrap_or(usize::MAX), "entries before these") }
        { more(logs.rows.len().saturating_sub(MOST_ROWS), "copies") }
    </>};
    framed("widget-log", &logs.label, body)
}

/// Draws a copy, and a line below it for each pointer.
fn copy(row: &LogRow, indexes: &RangeInclusive<u64>, is_changed: impl Fn(u64) -> bool) -> Html {
    let tone = tone_in_words(row.tone).map(|tone| format!(", {tone}"));
    let pointed = |index: u64| row.pointers.iter().any(|pointer| pointer.at == index);
    let cell = |index: u64| place(row, index, is_changed(index), pointed(index));
    html! {<>
        <tr class={classes!(tone_class(row.tone))}>
            <th scope="row" title={row.name.clone()}>
                { tone_sign(row.tone) }{ &row.name }
                if let Some(tone) = tone { <span class="visually-hidden">{ tone }</span> }
            </th>
            { for indexes.clone().map(cell) }
        </tr>
        { for row.pointers.iter().map(|it| pointer_line(it, indexes)) }
    </>}
}

/// Draws the place of one index in a copy.
fn place(row: &LogRow, index: u64, is_changed: bool, is_pointed: bool) -> Html {
    let reached = is_pointed.then_some("is-reached");
    let Some(entry) = row.entry(index) else {
        let (class, words) = match index {
            _ if index < row.kept_from => ("log-gone", "no longer kept"),
            _ if index < row.first => ("log-none", "not shown"),
            _ if index < row.last() => ("log-hole", "missing"),
            _ => ("log-none", ""),
        };
        return html! {
            <td class={classes!(class, reached)}>
                <span class="visually-hidden">{ words }</span>
            </td>
        };
    };
    html! {
        <td class={classes!(reached)}>
            <div class={classes!("log-entry", cell_classes(entry, is_changed))}
                title={datum_in_words(entry)}>
                <span class="log-epoch">
                    if let Some(epoch) = entry.epoch {
                        <b>{ epoch_number(epoch) }</b>
                    }
                    { tone_letter(entry.tone) }
                    if entry.durable { { lock() } }
                </span>
                <span class="cell-text">{ shortened(&entry.text, MOST_LETTERS) }</span>
                { unseen_words(entry) }
            </div>
        </td>
    }
}

/// Draws where a pointer stands: at the end of what it has reached.
fn pointer_line(pointer: &Pointer, indexes: &RangeInclusive<u64>) -> Html {
    let Pointer { name, at } = pointer;
    let words = format!("{name} {at}");
    if !indexes.contains(at) {
        let span = (indexes.end() + 1 - indexes.start()).min(4).to_string();
        return html! {
            <tr class="log-pointers">
                <td></td><td class="log-pointer is-outside" colspan={span}>{ words }</td>
            </tr>
        };
    }
    // The copy's name leaves room for the pointer's.
    let span = (at - indexes.start() + 2).to_string();
    html! {
        <tr class="log-pointers">
            <td class="log-pointer" colspan={span}>{ words }<i aria-hidden="true">{ "▴" }</i></td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_indexes_are_shown_and_the_next_one_if_somebody_points_there() {
        let entries = |count: usize| vec![Datum::new("x"); count];
        let mut logs = LogMatrix {
            label: "Logs".into(),
            rows: vec![LogRow::new("S1", 1, entries(100)).with_pointer("next", 101)],
        };
        assert_eq!(shown(&logs), Some((54..=101, 53)));
        logs.rows[0].pointers[0].at = 4;
        assert_eq!(shown(&logs), Some((53..=100, 52)));
        assert_eq!(shown(&LogMatrix::default()), None);
    }
}
