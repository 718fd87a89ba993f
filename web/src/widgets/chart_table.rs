//! A chart's values as a table, for those who read rather than look.

use web_sys::{Event, HtmlElement, MouseEvent};
use yew::{Callback, Html, Properties, TargetCast as _, component, html, use_state_eq};

use super::series::{Series, value_text};
use crate::format::instant;
use faultline_core::order::sort;

/// So many times are listed, besides the cursor.
const ROWS: u64 = 16;

/// Properties of [`ChartTable`].
#[derive(Clone, PartialEq, Properties)]
pub(super) struct ChartTableProps {
    /// What the values count.
    pub(super) unit: String,
    /// The lines.
    pub(super) series: Vec<Series>,
    /// Up to here.
    pub(super) known_us: u64,
    /// True time on screen.
    pub(super) now_us: u64,
    /// Hears where to go.
    pub(super) on_seek: Callback<u64>,
}

/// Lists values at evenly spaced times and at the cursor, once it is opened.
#[component]
pub(super) fn ChartTable(props: &ChartTableProps) -> Html {
    let is_open = use_state_eq(|| false);
    let on_toggle = {
        let is_open = is_open.clone();
        Callback::from(move |event: Event| {
            let details: Option<HtmlElement> = event.target_dyn_into();
            is_open.set(details.is_some_and(|details| details.has_attribute("open")));
        })
    };
    html! {
        <details class="chart-table" ontoggle={on_toggle}>
            <summary>{ "Values" }</summary>
            if *is_open { { table(props) } }
        </details>
    }
}

fn table(props: &ChartTableProps) -> Html {
    let step_us = (props.known_us / ROWS).max(1);
    let mut times: Vec<u64> = (0..=ROWS).map(|nth| nth * step_us).collect();
    times.push(props.now_us);
    times.retain(|&at_us| at_us <= props.known_us.max(props.now_us));
    sort(&mut times);
    times.dedup();
    let row = |&at_us: &u64| {
        let is_now = at_us == props.now_us;
        let seek = props.on_seek.reform(move |_: MouseEvent| at_us);
        let value = |series: &Series| {
            let now = series.now.filter(|_| is_now);
            html! { <td>{ value_text(now.or_else(|| series.at(at_us))) }</td> }
        };
        html! {
            <tr aria-current={is_now.then_some("time")}>
                <th scope="row">
                    <button type="button" class="time" onclick={seek}>{ instant(at_us) }</button>
                </th>
                { for props.series.iter().map(value) }
            </tr>
        }
    };
    html! {
        <table class="costs">
            <caption class="hint">
                { format!("In {}, at evenly spaced times and at the cursor", props.unit) }
            </caption>
            <thead><tr><th scope="col">{ "at" }</th>
                { for props.series.iter().map(|it| html! { <th scope="col">{ &it.name }</th> }) }
            </tr></thead>
            <tbody>{ for times.iter().map(row) }</tbody>
        </table>
    }
}
