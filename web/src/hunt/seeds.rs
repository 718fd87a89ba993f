//! Many seeds: how a number spreads, with and without safeguards; bars open a seed.

use faultline_core::scenario::Preset;
use yew::prelude::*;

use super::hunted::{Hunted, Samples};
use super::panel::chosen;
use crate::format::{count, counted};
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
    let asked = use_state_eq(|| None::<usize>);
    let measure =
        asked.unwrap_or_else(|| first_apart(hunted.samples.each_ref().map(AsRef::as_ref)));
    let Some(shown) = hunted.measures.get(measure) else { return Html::default() };
    let choose = {
        let asked = asked.clone();
        Callback::from(move |event: Event| asked.set(chosen(&event)))
    };
    let of_preset = |place: usize| Series::of(&hunted.samples[place], Preset::ALL[place], measure);
    let series = [of_preset(0), of_preset(1)];
    html! {
        <section class="hunt-seeds" aria-label="Many seeds">
            <label>
                <span>{ "Over many seeds: " }</span>
                <select onchange={choose}>
                    { for hunted.measures.iter().enumerate().map(|(place, it)| html! {
                        <option selected={place == measure}>{ &it.label }</option>
                    }) }
                </select>
            </label>
            { bars(&series, &shown.unit, on) }
            { table(&series, &shown.unit) }
            { for series.iter().filter_map(|it| it.without(&shown.label)).map(|it| html! {
                <p class="hint">{ it }</p>
            }) }
        </section>
    }
}

/// Returns the first measure in which the two designs differ with one seed at least; the very first if
/// they are alike in all.
fn first_apart([one, other]: [&Samples; 2]) -> usize {
    let alike = one.seeds.iter().zip(&other.seeds).take_while(|(one, other)| one == other).count();
    let differs = |(one, other): (&Vec<Option<i64>>, &Vec<Option<i64>>)| {
        one.iter().zip(other).take(alike).any(|(one, other)| one != other)
    };
    one.columns.iter().zip(&other.columns).position(differs).unwrap_or_default()
}

/// One measure of all runs of one design.
struct Series<'a> {
    preset: Preset,
    /// The run of each seed, but for the seed.
    link: &'a str,
    /// What was measured and with which seed, smallest first.
    values: Vec<(i64, u64)>,
    /// In how many runs there was nothing to measure.
    never: usize,
}

impl<'a> Series<'a> {
    fn of(samples: &'a Samples, preset: Preset, measure: usize) -> Self {
        let column = samples.columns.get(measure).into_iter().flatten();
        let measured = column.zip(&samples.seeds).filter_map(|(it, seed)| Some(((*it)?, *seed)));
        let mut values: Vec<(i64, u64)> = measured.collect();
        values.sort_unstable();
        let never = samples.seeds.len() - values.len();
        Self { preset, link: &samples.link, values, never }
    }

    /// Returns the link to the run with this seed.
    fn link(&self, seed: u64) -> String {
        let (path, query) = self.link.split_once("?seed=").unwrap_or((self.link, ""));
        let rest = query.trim_start_matches(|digit: char| digit.is_ascii_digit());
        format!("{path}?seed={seed}{rest}")
    }

    fn label(&self) -> &'static str {
        match self.preset {
            Preset::Naive => "Naive",
            Preset::Hardened => "Hardened",
        }
    }

    /// Says what it means that there was nothing to measure in some of the runs, if that is so.
    fn without(&self, label: &str) -> Option<String> {
        let (all, design) = (self.never + self.values.len(), self.label());
        let runs = counted(u64::try_from(all).unwrap_or_default(), "run");
        match (self.never, self.values.len()) {
            (0, _) => None,
            (_, 0) => Some(format!(
                "{design}: “{label}” has no value in any of {runs}: it never came to that as long as \
                 they were played. Other seeds and other faults may lead there."
            )),
            (never, _) => Some(format!(
                "{design}: “{label}” has no value in {} of {runs}: it did not come to that as long as \
                 they were played. The figures are those of the others.",
                count(u64::try_from(never).unwrap_or_default())
            )),
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
        let is_begun = series.iter().any(|it| it.never > 0);
        return html! { if !is_begun { <p class="hint">{ "No run has been measured yet." }</p> } };
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
        let Some(&(_, seed)) = series.values.get(first).filter(|_| number > 0) else {
            return html! { <i class="seed-bar is-empty" /> };
        };
        let (from, to) = (least + bar * width, least + (bar + 1) * width - 1);
        let words =
            format!("{}, {from} to {to} {unit}: {number} seeds; opens seed {seed}", series.label());
        let (link, name) = (series.link(seed), format!("seed {seed}"));
        let open = on.reform(move |_: MouseEvent| {
            Intent::Ask(Command::Adopt { link: link.clone(), name: name.clone() })
        });
        let height = (number * 100).div_ceil(tallest);
        html! {
            <button type="button" class={classes!("seed-bar", series.preset.key())}
                title={words.clone()} aria-label={words} onclick={open}>
                <i style={format!("height:{height}%")} />
            </button>
        }
    };
    html! {
        <>
            <div class="seed-bars">
                { for (0..bars).map(|bar| html! {
                    <span class="seed-pair">{ for series.iter().map(|it| one(it, bar)) }</span>
                }) }
            </div>
            <p class="seed-axis hint">
                <span>{ format!("{least} {unit}") }</span>
                <span>{ format!("{} {unit}", least + bars * width) }</span>
            </p>
        </>
    }
}

fn heading(percent: usize) -> String {
    if percent == 100 { "most".into() } else { format!("{percent} %") }
}

fn table(series: &[Series<'_>; 2], unit: &str) -> Html {
    let row = |series: &Series<'_>| {
        let cell = |percent: usize| {
            let text = series.percentile(percent).map_or("–".into(), |it| format!("{it} {unit}"));
            html! { <td>{ text }</td> }
        };
        html! {
            <tr>
                <th scope="row">
                    <i class={classes!("seed-key", series.preset.key())} />{ series.label() }
                </th>
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
                { for PERCENTILES.iter().map(|it| html! { <th scope="col">{ heading(*it) }</th> }) }
                <th scope="col">{ "did not happen" }</th>
                <th scope="col">{ "runs" }</th>
            </tr></thead>
            <tbody>{ for series.iter().map(row) }</tbody>
        </table>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_run_of_a_seed_is_the_run_of_all_but_for_the_seed() {
        let samples =
            Samples { link: "#/s/row?seed=1&nodes=3&a=AA&r=1.1".into(), ..Samples::default() };
        let link = Series::of(&samples, Preset::Naive, 0).link(917);
        assert_eq!(link, "#/s/row?seed=917&nodes=3&a=AA&r=1.1");
    }

    #[test]
    fn what_is_shown_first_tells_the_designs_apart() {
        let of = |seeds: &[u64], columns: [&[Option<i64>]; 2]| Samples {
            seeds: seeds.to_vec(),
            columns: columns.map(<[_]>::to_vec).to_vec(),
            ..Samples::default()
        };
        let one = of(&[1, 2], [&[Some(5), Some(6)], &[None, Some(3)]]);
        let other = of(&[1], [&[Some(5)], &[Some(9)]]);
        assert_eq!(first_apart([&one, &other]), 1);
        assert_eq!(first_apart([&one, &one]), 0, "alike in all");
        assert_eq!(first_apart([&Samples::default(), &one]), 0, "nothing yet");
    }

    #[test]
    fn what_was_never_measured_is_counted_apart() {
        let samples = Samples {
            seeds: vec![4, 5, 6],
            columns: vec![vec![Some(9), None, Some(2)]],
            ..Samples::default()
        };
        let series = Series::of(&samples, Preset::Hardened, 0);
        assert_eq!((series.values.as_slice(), series.never), (&[(2, 6), (9, 4)][..], 1));
        let said = series.without("time until it breaks").unwrap();
        assert!(said.starts_with("Hardened: “time until it breaks” has no value in 1 of 3 runs: "));
        assert_eq!([50, 100].map(|percent| series.percentile(percent)), [Some(2), Some(9)]);
    }
}
