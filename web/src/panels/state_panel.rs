//! The state of the whole: the scenario's own panels, what is charted, what it costs.

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
                { costs(props) }
            </section>
            { for charts(props) }
        </>
    }
}

/// What the run has cost: in all, for each operation of a client and for each node. The same rows
/// for all scenarios, so that they can be compared.
fn costs(props: &StateProps) -> Html {
    let StateProps { frame, timeline, .. } = props;
    let (costs, nodes) = (&frame.costs, frame.scene.nodes.len() as u64);
    let row = |name: &str, total: u64, show: fn(u64) -> String| {
        html! {
            <tr>
                <th scope="row">{ name }</th>
                <td>{ show(total) }</td>
                <td>{ mean(total, costs.operations, show) }</td>
                <td>{ mean(total, nodes, show) }</td>
            </tr>
        }
    };
    let ended = timeline.operations.iter().filter(|it| it.at_us <= frame.scene.now_us);
    let (answered, hops) =
        ended.fold((0, 0), |(count, hops), it| (count + 1, hops + u64::from(it.hops)));
    html! {
        <>
            <table class="costs">
                <thead>
                    <tr><td></td><th scope="col">{ "in all" }</th>
                        <th scope="col">{ "an operation" }</th><th scope="col">{ "a node" }</th></tr>
                </thead>
                <tbody>
                    { row("messages", costs.messages, count) }
                    { row("bytes", costs.bytes, bytes) }
                    { row("syncs", costs.syncs, count) }
                    <tr>
                        <th scope="row">{ "round trips" }</th>
                        <td>{ "—" }</td><td>{ mean(hops, answered * 2, count) }</td><td>{ "—" }</td>
                    </tr>
                </tbody>
            </table>
            <p class="hint">
                { format!("{}, {}, {} lost", counted(costs.operations, "operation"),
                    counted(costs.events, "event"), counted(costs.fallen, "message")) }
            </p>
        </>
    }
}

/// Returns a mean, to a tenth where that says something; "—" of nothing.
fn mean(total: u64, of: u64, show: fn(u64) -> String) -> String {
    let Some(tenths) = total.saturating_mul(10).checked_div(of) else { return "—".into() };
    if tenths >= 1_000 || tenths % 10 == 0 {
        return show(tenths / 10);
    }
    // The unit stays behind the number: "12 B" becomes "12.4 B".
    let whole = show(tenths / 10);
    let digits = whole.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(whole.len());
    let (number, unit) = whole.split_at(digits);
    format!("{number}.{}{unit}", tenths % 10)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_has_a_tenth_while_it_is_small_and_none_of_nothing() {
        assert_eq!(mean(7, 0, count), "—");
        assert_eq!(mean(7, 2, count), "3.5");
        assert_eq!(mean(8, 2, count), "4");
        assert_eq!(mean(250, 20, bytes), "12.5 B");
        assert_eq!(mean(24_690, 2, count), "12,345");
    }
}
