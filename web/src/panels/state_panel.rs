//! The state of the whole: the scenario's own panels, what is charted, what it costs.

use yew::prelude::*;

use super::turn::use_in_turn;
use crate::figures::{LatenciesProps, axis_us, cost_strip, latencies, price_table};
use crate::pages::lab::{Intent, LabState};
use crate::shared::Shared;
use crate::widgets::{Chart, PanelView, Series};
use crate::wire::Opened;

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub(crate) struct StateProps {
    /// The lab.
    pub(crate) lab: Shared<LabState>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// Panels, charts and costs, a frame after what they stand below.
#[component]
pub(crate) fn StatePanel(props: &StateProps) -> Html {
    let StateProps { lab, on } = props;
    let lab = &use_in_turn(lab, 1);
    let (Some(opened), Some(frame)) = (&lab.opened, &lab.frame) else { return Html::default() };
    let now_us = frame.scene.now_us;
    let chart = |(unit, frames): (&str, u32)| {
        html! {
            <UnitChart key={unit.to_owned()} lab={lab.clone()} unit={unit.to_owned()} {frames}
                on={on.clone()} />
        }
    };
    html! {
        <>
            // First, for the banner leads here.
            if let Some(price) = &lab.price { { price_table(price) } }
            for panel in frame.scene.panels.iter() {
                <section class="section">
                    <PanelView panel={panel.clone()} {now_us} />
                </section>
            }
            { for units(opened).into_iter().zip(2..).map(chart) }
            <Spending lab={lab.clone()} on={on.clone()} />
        </>
    }
}

/// What it costs, and how long operations took; a frame after the panel.
#[component]
fn Spending(props: &StateProps) -> Html {
    let StateProps { lab, on } = props;
    let lab = &use_in_turn(lab, 1);
    let Some(frame) = &lab.frame else { return Html::default() };
    html! {
        <>
            <section class="section">
                <h2 class="label">{ "Cost so far" }</h2>
                { cost_strip(frame) }
            </section>
            <section class="section">
                <h2 class="label">{ "How long operations took" }</h2>
                { latencies(&LatenciesProps {
                    frame: frame.clone(),
                    listed: lab.asked.listed.clone(),
                    on: on.clone(),
                }) }
            </section>
        </>
    }
}

/// What a chart shows.
#[derive(Properties, PartialEq)]
struct UnitChartProps {
    lab: Shared<LabState>,
    unit: String,
    /// Where another run was opened, it is drawn so many frames after the panel.
    frames: u32,
    on: Callback<Intent>,
}

/// The chart of one unit: what is counted alike can be compared.
#[component]
fn UnitChart(props: &UnitChartProps) -> Html {
    let UnitChartProps { lab, unit, frames, on } = props;
    let lab = &use_in_turn(lab, *frames);
    let (Some(opened), Some(frame)) = (&lab.opened, &lab.frame) else { return Html::default() };
    let timeline = &lab.timeline;
    let of_unit = || opened.metrics.iter().enumerate().filter(|(_, it)| it.unit == *unit);
    let series: Vec<Series> = of_unit()
        .map(|(index, metric)| Series {
            name: metric.label.clone(),
            readings: timeline.series.get(index).cloned().unwrap_or_default(),
            total: timeline.readings.get(index).copied().unwrap_or_default(),
            now: frame.figures.readings.get(index).copied(),
        })
        .collect();
    let title = match &series[..] {
        [only] => only.name.clone(),
        _ => unit.clone(),
    };
    let horizon_us = axis_us(opened.horizon_us, timeline.known_us);
    html! {
        <section class="section">
            <Chart {title} unit={unit.clone()} {series} {horizon_us} timeline={timeline.clone()}
                now_us={frame.scene.now_us} on_seek={on.reform(Intent::Seek)} />
        </section>
    }
}

/// Lists the units that are charted, each once.
fn units(opened: &Opened) -> Vec<&str> {
    let mut units: Vec<&str> = opened.metrics.iter().map(|metric| metric.unit.as_str()).collect();
    let mut seen: Vec<&str> = Vec::new();
    units.retain(|unit| {
        let is_new = !seen.contains(unit);
        seen.push(unit);
        is_new
    });
    units
}
