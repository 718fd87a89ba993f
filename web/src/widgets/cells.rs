//! Cells in rows, sets and grids.

use faultline_core::view::Datum;
use yew::{Html, Properties, component, html};

use super::changes::{by_place, use_changes};
use super::datum::{cell_classes, cell_content};
use super::frame::{empty, framed, more};
use crate::format::counted;

/// More cells than this in a row are counted at its front instead.
pub(super) const MOST_CELLS: usize = 120;
/// More rows of a grid than this are counted below it instead.
pub(super) const MOST_ROWS: usize = 60;
/// More columns of a grid than this are counted below it instead.
pub(super) const MOST_COLUMNS: usize = 40;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct CellsProps {
    pub(crate) label: String,
    pub(crate) cells: Vec<Datum>,
    pub(crate) now_us: u64,
}

/// Draws cells in a row, such as a log.
#[component]
pub(crate) fn Cells(props: &CellsProps) -> Html {
    let has_changed = use_changes(&by_place(&props.cells), props.now_us);
    let hidden = props.cells.len().saturating_sub(MOST_CELLS);
    let shown = props.cells.iter().zip(has_changed).skip(hidden);
    let cells = html! {
        <ol class="cells" start={(hidden + 1).to_string()} aria-label={props.label.clone()}>
            if hidden > 0 {
                <li class="cells-hidden">{ counted(hidden as u64, "cell") }{ " before" }</li>
            }
            { for shown.map(|(cell, has_changed)| html! {
                <li class={cell_classes(cell, has_changed)}>{ cell_content(cell) }</li>
            }) }
        </ol>
    };
    framed("widget-cells", &props.label, if props.cells.is_empty() { empty() } else { cells })
}

/// Draws small values without an order, such as the members of a set.
#[component]
pub(crate) fn Chips(props: &CellsProps) -> Html {
    // A member is the same one wherever the set happens to list it.
    let keyed: Vec<(String, Datum)> =
        props.cells.iter().map(|chip| (chip.text.clone(), chip.clone())).collect();
    let has_changed = use_changes(&keyed, props.now_us);
    let shown = props.cells.iter().zip(has_changed).take(MOST_CELLS);
    let chips = html! {
        <ul class="cells chips" aria-label={props.label.clone()}>
            { for shown.map(|(chip, has_changed)| html! {
                <li class={cell_classes(chip, has_changed)}>{ cell_content(chip) }</li>
            }) }
        </ul>
    };
    let body = html! {<>
        if props.cells.is_empty() { { empty() } } else { { chips } }
        { more(props.cells.len().saturating_sub(MOST_CELLS), "values") }
    </>};
    framed("widget-chips", &props.label, body)
}

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct MatrixProps {
    pub(crate) label: String,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<(String, Vec<Datum>)>,
    pub(crate) now_us: u64,
}

/// Draws a grid with headings.
#[component]
pub(crate) fn Matrix(props: &MatrixProps) -> Html {
    let rows = || props.rows.iter().take(MOST_ROWS);
    let all: Vec<((String, usize), Datum)> = rows()
        .flat_map(|(heading, cells)| {
            let key = move |place| (heading.clone(), place);
            cells.iter().take(MOST_COLUMNS).enumerate().map(move |(at, it)| (key(at), it.clone()))
        })
        .collect();
    let mut has_changed = use_changes(&all, props.now_us).into_iter();
    let mut cell = |cell: &Datum| {
        let has_changed = has_changed.next().unwrap_or(false);
        html! { <td class={cell_classes(cell, has_changed)}>{ cell_content(cell) }</td> }
    };
    let row = |(heading, cells): &(String, Vec<Datum>)| {
        let cells = cells.iter().take(MOST_COLUMNS).map(&mut cell);
        html! { <tr><th scope="row" title={heading.clone()}>{ heading }</th>{ for cells }</tr> }
    };
    let heading = |column: &String| html! { <th scope="col">{ column }</th> };
    let body: Vec<Html> = rows().map(row).collect();
    let grid = html! {
        <div class="widget-scroll" tabindex="0" role="group" aria-label={props.label.clone()}>
            <table class="matrix">
                <thead><tr>
                    <td />
                    { for props.columns.iter().take(MOST_COLUMNS).map(heading) }
                </tr></thead>
                <tbody>{ for body }</tbody>
            </table>
        </div>
    };
    let body = html! {<>
        if props.rows.is_empty() { { empty() } } else { { grid } }
        { more(props.rows.len().saturating_sub(MOST_ROWS), "rows") }
        { more(props.columns.len().saturating_sub(MOST_COLUMNS), "columns") }
    </>};
    framed("widget-matrix", &props.label, body)
}
