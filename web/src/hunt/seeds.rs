//! Many seeds: how a number spreads, with and without safeguards; bars open a seed.

use faultline_core::scenario::Preset;
use yew::prelude::*;

use super::panel::chosen;
use super::plan::{Hunted, Sample};
use crate::format::count;
use crate::pages::lab::Intent;
use crate::shared::Shared;
use crate::wire::Command;

/// So many bars a histogram.
const BARS: i64 = 24;
/// The percentiles of the table, in a hundred.
const PERCENTILES: [usize; 4] = [50, 90, 99, 100];

/// What is spread.
#[derive(Properties, PartialEq)]
pub(super) struct SeedsProps {
    /// What has come of it so far.
    pub(super) hunted: Shared<Hunted>,
    /// Where wishes go.
    pub(super) on: Callback<Intent>,
}

/// The histogram of one measure, and its percentiles.
#[component]
pub(super) fn Seeds(props: &SeedsProps) -> Html {
    let SeedsProps { hunted, on } = props;
    let measure = use_state_eq(|| 0_usize);
    let Some(shown) = hunted.measures.get(*measure) else { return Html::default() };
    let choose = {
        let measure = measure.clone();
        Callback::from(move |event: Event| measure.set(chosen(&event).unwrap_or_default()))
    };
    let series = Preset::ALL.map(|preset| Series::of(hunted, preset, *measure));
    html! {
        <section class="hunt-seeds" aria-label="Many seeds">
            <label>
                <span>{ "Over many seeds: " }</span>
                <select onchange={choose}>
                    { for hunted.measures.iter().enumerate().map(|(place, it)| html! {
                        <option selected={place == *measure}>{ &it.label }</option>
                    }) }
                </select>
            </label>
            { bars(&series, &shown.unit, on) }
            { table(&series, &shown.unit) }
        </section>
    }
}

/// One measure of all runs of one design.
struct Series<'a> {
    preset: Preset,
    /// Smallest first.
    values: Vec<(i64, &'a Sample)>,
    /// In how many runs there was nothing to measure.
    never: usize,
}

impl<'a> Series<'a> {
    fn of(hunted: &'a Hunted, preset: Preset, measure: usize) -> Self {
        let of_preset = hunted.samples.iter().filter(|it| it.preset == Some(preset));
        let (mut values, mut never) = (Vec::new(), 0);
        for sample in of_preset {
            match sample.values.get(measure).copied().flatten() {
                Some(value) => values.push((value, sample)),
                None => never += 1,
            }
        }
        values.sort_unstable_by_key(|it| (it.0, it.1.seed));
        Self { preset, values, never }
    }

    fn label(&self) -> &'static str {
        match self.preset {
            Preset::Naive => "Naive",
            Preset::Hardened => "Hardened",
        }
    }

    /// Returns the smallest value that so many in a hundred do not exceed (nearest rank).
    fn percentile(&self, percent: usize) -> Option<i64> {
        let rank = (self.values.len() * percent).div_ceil(100);
        self.values.get(rank.checked_sub(1)?).map(|it| it.0)
    }
}

fn bars(series: &[Series<'_>; 2], unit: &str, on: &Callback<Intent>) -> Html {
    let all = || series.iter().flat_map(|it| it.values.iter().map(|it| it.0));
    let (Some(least), Some(most)) = (all().min(), all().max()) else {
        return html! { <p class="hint">{ "Nothing to measure yet." }</p> };
    };
    let width = ((most - least) / BARS + 1).max(1);
    let bars = (most - least) / width + 1;
    let within = |series: &Series<'_>, bar: i64| {
        let (from, to) = (least + bar * width, least + (bar + 1) * width);
        let first = series.values.partition_point(|it| it.0 < from);
        (first, series.values.partition_point(|it| it.0 < to) - first)
    };
    let counts = (0..bars).flat_map(|bar| series.iter().map(move |it| (bar, it)));
    let tallest = counts.map(|(bar, it)| within(it, bar).1).max().unwrap_or(1).max(1);
    let one = |series: &Series<'_>, bar: i64| {
        let (first, number) = within(series, bar);
        let Some((_, sample)) = series.values.get(first).filter(|_| number > 0) else {
            return html! { <i class="seed-bar is-empty" /> };
        };
        let (from, to) = (least + bar * width, least + (bar + 1) * width - 1);
        let words = format!(
            "{}, {from} to {to} {unit}: {number} seeds; opens seed {}",
            series.label(),
            sample.seed
        );
        let (link, name) = (sample.link.clone(), format!("seed {}", sample.seed));
        let open = on.reform(move |_: MouseEvent| {
            Intent::Ask(Command::Adopt { link: link.clone(), name: name.clone() })
        });
        let height = (number * 100).div_ceil(tallest);
        html! {
            <button type="button" class={classes!("seed-bar", series.preset.key())} title={words.clone()}
                aria-label={words} onclick={open}><i style={format!("height:{height}%")} /></button>
        }
    };
    html! {
        <>
            <div class="seed-bars">
                { for (0..bars).map(|bar| html! {
                    <span class="seed-pair">{ for series.iter().map(|it| one(it, bar)) }</span>
                }) }
            </div>
            <p class="seed-axis hint"><span>{ format!("{least} {unit}") }</span><span>{ format!("{} {unit}", least + bars * width) }</span></p>
        </>
    }
}

fn table(series: &[Series<'_>; 2], unit: &str) -> Html {
    let row = |series: &Series<'_>| {
        let cell = |percent: usize| {
            let text = series.percentile(percent).map_or("–".into(), |it| format!("{it} {unit}"));
            html! { <td>{ text }</td> }
        };
        html! {
            <tr>
                <th scope="row"><i class={classes!("seed-key", series.preset.key())} />{ series.label() }</th>
                { for PERCENTILES.into_iter().map(cell) }
                <td>{ count(u64::try_from(series.never).unwrap_or_default()) }</td>
                <td>{ count(u64::try_from(series.values.len() + series.never).unwrap_or_default()) }</td>
            </tr>
        }
    };
    html! {
        <table class="seed-table">
            <thead><tr>
                <th scope="col">{ "Design" }</th>
                { for PERCENTILES.iter().map(|it| html! { <th scope="col">{ if *it == 100 { "most".to_owned() } else { format!("{it} %") } }</th> }) }
                <th scope="col">{ "never" }</th>
                <th scope="col">{ "runs" }</th>
            </tr></thead>
            <tbody>{ for series.iter().map(row) }</tbody>
        </table>
    }
}
