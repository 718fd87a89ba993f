//! The state of the whole: the scenario's own panels, what is charted, what it costs.

use std::rc::Rc;

use yew::prelude::*;

use crate::figures::{CostStrip, Latencies, axis_us};
use crate::pages::lab::{Intent, Spent};
use crate::shared::Shared;
use crate::widgets::{Chart, PanelView, Series};
use crate::wire::{Frame, Listed, Opened, Timeline};

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub(crate) struct StateProps {
    /// Scenario and setup.
    pub(crate) opened: Shared<Opened>,
    /// The run as far as it is known.
    pub(crate) timeline: Shared<Timeline>,
    /// The world at the cursor.
    pub(crate) frame: Shared<Frame>,
    /// What the same schedule had cost with the safeguards flipped.
    pub(crate) spent_before: Option<Rc<Spent>>,
    /// The operations in a bar of a histogram, if they were asked for.
    pub(crate) listed: Option<Rc<Listed>>,
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
            { for charts(props) }
            <section class="section">
                <h2 class="label">{ "Cost so far" }</h2>
                <CostStrip frame={frame.clone()} before={props.spent_before.clone()} />
            </section>
            <section class="section">
                <h2 class="label">{ "How long operations took" }</h2>
                <Latencies frame={frame.clone()} listed={props.listed.clone()}
                    on={props.on.clone()} />
            </section>
        </>
    }
}

/// One chart a unit: what is counted alike can be compared.
fn charts(props: &StateProps) -> Vec<Html> {
    let StateProps { opened, timeline, frame, on, .. } = props;
    let mut units: Vec<&str> = opened.metrics.iter().map(|metric| metric.unit.as_str()).collect();
    let chart = |unit: &str| {
        let of_unit = || opened.metrics.iter().enumerate().filter(|(_, it)| it.unit == unit);
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
            _ => unit.to_owned(),
        };
        let horizon_us = axis_us(opened.horizon_us, timeline.known_us);
        html! {
            <section class="section">
                <Chart {title} unit={unit.to_owned()} {series} {horizon_us}
                    timeline={timeline.clone()}
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
