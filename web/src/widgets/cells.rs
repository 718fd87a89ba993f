//! Cells in rows and grids.

use faultline_core::view::Datum;
use yew::{Html, Properties, component, html};

use super::changes::use_changes;
use super::datum::{cell_classes, cell_content};
use crate::format::counted;

/// More cells than this in a row are counted at its front instead.
const MOST_CELLS: usize = 120;

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct CellsProps {
    pub(crate) label: String,
    pub(crate) cells: Vec<Datum>,
    pub(crate) now_us: u64,
}

/// Draws cells in a row, such as a log.
#[component]
pub(crate) fn Cells(props: &CellsProps) -> Html {
    let has_changed = use_changes(&props.cells, props.now_us);
    let hidden = props.cells.len().saturating_sub(MOST_CELLS);
    let shown = props.cells.iter().zip(has_changed).skip(hidden);
    html! {
        <div class="widget">
            <div class="widget-label">{ &props.label }</div>
            if props.cells.is_empty() { <div class="widget-empty">{ "empty" }</div> }
            <ol class="cells" start={(hidden + 1).to_string()} aria-label={props.label.clone()}>
                if hidden > 0 {
                    <li class="cells-hidden">{ counted(hidden as u64, "cell") }{ " before" }</li>
                }
                { for shown.map(|(cell, has_changed)| html! {
                    <li class={cell_classes(cell, has_changed)}>{ cell_content(cell) }</li>
                }) }
            </ol>
        </div>
    }
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
    let all: Vec<Datum> = props.rows.iter().flat_map(|(_, cells)| cells.iter().cloned()).collect();
    let mut has_changed = use_changes(&all, props.now_us).into_iter();
    let mut cell = |cell: &Datum| {
        let has_changed = has_changed.next().unwrap_or(false);
        html! { <td class={cell_classes(cell, has_changed)}>{ cell_content(cell) }</td> }
    };
    let row = |(heading, cells): &(String, Vec<Datum>)| {
        html! { <tr><th scope="row">{ heading }</th>{ for cells.iter().map(&mut cell) }</tr> }
    };
    let heading = |column: &String| html! { <th scope="col">{ column }</th> };
    let body: Vec<Html> = props.rows.iter().map(row).collect();
    html! {
        <div class="widget">
            <div class="widget-scroll" tabindex="0" role="group" aria-label={props.label.clone()}>
                <table class="matrix">
                    <caption class="widget-label">{ &props.label }</caption>
                    <thead><tr>
                        <td />
                        { for props.columns.iter().map(heading) }
                    </tr></thead>
                    <tbody>{ for body }</tbody>
                </table>
            </div>
        </div>
    }
}
