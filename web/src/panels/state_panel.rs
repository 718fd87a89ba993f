//! The state of the whole: the scenario's own panels, what is charted, what it costs.

use faultline_core::sim::Costs;
use yew::prelude::*;

use crate::format::{bytes, count, counted};
use crate::pages::lab::Intent;
use crate::shared::Shared;
use crate::widgets::{Chart, PanelView};
use crate::wire::{Frame, Opened, Timeline};

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub(crate) struct StateProps {
    /// Scenario and setup.
    pub(crate) opened: Shared<Opened>,
    /// The run as far as it is known.
    pub(crate) timeline: Shared<Timeline>,
    /// The world at the cursor.
    pub(crate) frame: Shared<Frame>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// Panels, charts and costs.
#[component]
pub(crate) fn StatePanel(props: &StateProps) -> Html {
    let StateProps { frame, .. } = props;
    let now_us = frame.scene.now_us;
    html! {
        <>
            for panel in frame.scene.panels.iter() {
                <section class="section">
                    <PanelView panel={panel.clone()} {now_us} />
                </section>
            }
            <section class="section">
                <h2 class="label">{ "Cost so far" }</h2>
                { costs(&frame.costs) }
            </section>
            { for charts(props) }
        </>
    }
}

fn costs(costs: &Costs) -> Html {
    html! {
        <p class="costs">
            <span>{ counted(costs.messages, "message") }</span>
            <span>{ bytes(costs.bytes) }</span>
            <span>{ format!("{} lost", count(costs.fallen)) }</span>
            <span>{ counted(costs.syncs, "sync") }</span>
            <span>{ counted(costs.events, "event") }</span>
        </p>
    }
}

/// One chart a unit: what is counted alike can be compared.
fn charts(props: &StateProps) -> Vec<Html> {
    let StateProps { opened, timeline, frame, on } = props;
    let mut units: Vec<&str> = opened.metrics.iter().map(|metric| metric.unit.as_str()).collect();
    let chart = |unit: &str| {
        let of_unit = || opened.metrics.iter().enumerate().filter(|(_, it)| it.unit == unit);
        let series: Vec<(String, Vec<(u64, i64)>)> = of_unit()
            .map(|(index, metric)| {
                let samples = timeline.series.get(index).cloned().unwrap_or_default();
                (metric.label.clone(), samples)
            })
            .collect();
        let title = match &series[..] {
            [(label, _)] => label.clone(),
            _ => unit.to_owned(),
        };
        let horizon_us = opened.horizon_us.max(timeline.known_us);
        html! {
            <section class="section">
                <Chart {title} unit={unit.to_owned()} {series} {horizon_us}
                    now_us={frame.scene.now_us} on_seek={on.reform(Intent::Seek)} />
            </section>
        }
    };
    let mut seen: Vec<&str> = Vec::new();
    units.retain(|unit| {
        let is_new = !seen.contains(unit);
        seen.push(unit);
        is_new
    });
    units.into_iter().map(chart).collect()
}
