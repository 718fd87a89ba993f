//! Records in a table that the viewer can sort.

use faultline_core::view::{Column, ColumnKind, Datum, Record, Table};
use yew::{Callback, Html, MouseEvent, Properties, classes, component, html, use_state_eq};

use super::changes::use_changes;
use super::datum::{cell_content, tone_class, tone_in_words, tone_sign, value_classes};
use super::frame::{empty, framed, more};

/// More records than this are counted below instead.
pub(super) const MOST_ROWS: usize = 60;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct TableProps {
    pub(super) table: Table,
    pub(super) now_us: u64,
}

/// Draws a table. Its heads sort it: up, down, and as it was.
#[component]
pub(super) fn TableView(props: &TableProps) -> Html {
    let table = &props.table;
    let sorting = use_state_eq(|| None::<(usize, bool)>);
    let has_changed = use_changes(&keyed(table), props.now_us);
    let order = match *sorting {
        Some((column, descending)) => table.order_by(column, descending),
        None => (0..table.rows.len()).collect(),
    };
    let head = |(index, column): (usize, &Column)| {
        let direction = sorting.filter(|(sorted, _)| *sorted == index).map(|(_, down)| down);
        let next = match direction {
            None => Some((index, false)),
            Some(false) => Some((index, true)),
            Some(true) => None,
        };
        let sorting = sorting.setter();
        heading(column, direction, Callback::from(move |_: MouseEvent| sorting.set(next)))
    };
    let width = table.columns.len();
    // The changes stand in the order of the records, not in that of the screen.
    let changes_before =
        |row: usize| -> usize { table.rows[..row].iter().map(|record| record.cells.len()).sum() };
    let row =
        |row: usize| record(&table.rows[row], &table.columns, &has_changed[changes_before(row)..]);
    let body = html! {<>
        <div class="widget-scroll" tabindex="0" role="group" aria-label={table.label.clone()}>
            <table class="records">
                <thead><tr>{ for table.columns.iter().enumerate().map(head) }</tr></thead>
                <tbody>{ for order.into_iter().take(MOST_ROWS).map(row) }</tbody>
            </table>
        </div>
        { more(table.rows.len().saturating_sub(MOST_ROWS), "rows") }
    </>};
    let is_empty = table.rows.is_empty() || width == 0;
    framed("widget-table", &table.label, if is_empty { empty() } else { body })
}

/// Returns all cells under their row's name and their column.
fn keyed(table: &Table) -> Vec<((String, usize), Datum)> {
    let cells = |record: &Record| {
        let name = record.cells.first().map(|cell| cell.text.clone()).unwrap_or_default();
        let cells = record.cells.iter().cloned().enumerate();
        cells.map(|(at, cell)| ((name.clone(), at), cell)).collect::<Vec<_>>()
    };
    table.rows.iter().flat_map(cells).collect()
}

fn heading(column: &Column, direction: Option<bool>, on_click: Callback<MouseEvent>) -> Html {
    let (sort, sign) = match direction {
        None => ("none", ""),
        Some(false) => ("ascending", "↑"),
        Some(true) => ("descending", "↓"),
    };
    html! {
        <th scope="col" aria-sort={sort} class={classes!(kind_class(column))}>
            <button type="button" onclick={on_click}>
                { &column.name }<span class="records-sort" aria-hidden="true">{ sign }</span>
            </button>
        </th>
    }
}

fn kind_class(column: &Column) -> Option<&'static str> {
    match column.kind {
        ColumnKind::Text => None,
        ColumnKind::Number => Some("is-number"),
    }
}

fn record(record: &Record, columns: &[Column], has_changed: &[bool]) -> Html {
    let cells = record.cells.iter().zip(columns).zip(has_changed);
    let cell = |(place, ((cell, column), has_changed)): (usize, ((&Datum, &Column), &bool))| {
        let value = html! {
            <span class={classes!("records-value", value_classes(cell, *has_changed))}>
                { cell_content(cell) }
            </span>
        };
        let class = classes!(kind_class(column));
        if place > 0 {
            return html! { <td {class}>{ value }</td> };
        }
        let tone = tone_in_words(record.tone).map(|tone| format!(", {tone}"));
        html! {
            <th scope="row" {class}>
                { tone_sign(record.tone) }{ value }
                if let Some(tone) = tone { <span class="visually-hidden">{ tone }</span> }
            </th>
        }
    };
    html! { <tr class={classes!(tone_class(record.tone))}>{ for cells.enumerate().map(cell) }</tr> }
}
