//! How long clients' operations took, how many messages their answers waited for, and what else nodes
//! found to take time: histograms of the run up to the cursor. A bar lists what it counts, and each of
//! those can be gone to.

use std::rc::Rc;

use web_sys::{KeyboardEvent, MouseEvent};
use yew::{Callback, Html, Properties, classes, component, html, use_state_eq};

use super::lanes::focus_nth;
use crate::format::{count, counted, instant};
use crate::pages::lab::{BarOf, Intent};
use crate::shared::Shared;
use crate::stage::micros;
use crate::widgets::rounded_up;
use crate::wire::{Bar, Distribution, Frame, Listed, ListedEntry, Measure};

/// A bar is no wider than this, in pixels: one alone would be a wall.
const MOST_BAR_PX: usize = 72;
/// Kept free beside the bars, for a count.
const BESIDE_PX: usize = 34;
/// So many labels fit below the bars.
const LABELS: usize = 5;

/// Properties of [`latencies`].
pub(crate) struct LatenciesProps {
    /// The world at the cursor.
    pub(crate) frame: Shared<Frame>,
    /// The operations of a bar, if they were asked for.
    pub(crate) listed: Option<Rc<Listed>>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// How long operations took, how many round trips, and then whatever else nodes found to take time.
pub(crate) fn latencies(props: &LatenciesProps) -> Html {
    let figures = &props.frame.figures;
    let histogram = |measure: &Measure, name: &str, of: &Distribution| {
        html! {
            <Histogram measure={measure.clone()} name={name.to_owned()} of={of.clone()}
                listed={props.listed.clone()} on={props.on.clone()} />
        }
    };
    let observed = |(quantity, of): &(String, Distribution)| {
        let measure = Measure::Observed(quantity.clone());
        html! {
            <>
                <h3 class="label">{ quantity }</h3>
                { histogram(&measure, quantity, of) }
                { marks_in_words(&measure, of) }
            </>
        }
    };
    html! {
        <div class="latencies">
            if figures.latency.count == 0 {
                <p class="hint">{ "No operation of a client has ended yet." }</p>
            } else {
                { histogram(&Measure::Took, "How long operations took", &figures.latency) }
                { marks_in_words(&Measure::Took, &figures.latency) }
                <h3 class="label">{ "Round trips an operation" }</h3>
                { histogram(&Measure::Hops, "Round trips", &figures.hops) }
            }
            { for figures.observed.iter().map(observed) }
            { listed(props) }
        </div>
    }
}

/// So many of what a bar counts, in words.
fn so_many(measure: &Measure, many: u64) -> String {
    counted(many, if matches!(measure, Measure::Observed(_)) { "reading" } else { "operation" })
}

/// Returns a time to three digits, in the unit that suits it: "12.5 ms".
pub(super) fn took_text(us: u64) -> String {
    let tenths = |whole: u64, unit: u64, sign: &str| {
        let (number, tenth) = (whole / unit, whole % unit * 10 / unit);
        if tenth == 0 || number >= 100 {
            format!("{number} {sign}")
        } else {
            format!("{number}.{tenth} {sign}")
        }
    };
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => tenths(us, 1_000, "ms"),
        _ if us % 1_000_000 >= 10_000 && us < 10_000_000 => {
            format!("{}.{:02} s", us / 1_000_000, us / 10_000 % 100)
        }
        _ => tenths(us, 1_000_000, "s"),
    }
}

/// Returns messages one after the other as round trips: three are "1.5".
pub(super) fn trips_text(hops: u64) -> String {
    if hops.is_multiple_of(2) { (hops / 2).to_string() } else { format!("{}.5", hops / 2) }
}

/// Returns what lies in a bar, in words.
fn range_text(measure: &Measure, bar: &Bar) -> String {
    match measure {
        Measure::Took | Measure::Observed(_) if bar.from == 0 => {
            format!("less than {}", took_text(bar.to))
        }
        Measure::Took | Measure::Observed(_) => {
            format!("{} to {}", took_text(bar.from), took_text(bar.to))
        }
        Measure::Hops if bar.to == u64::MAX => {
            format!("{} round trips or more", trips_text(bar.from))
        }
        Measure::Hops if bar.from == 0 => "no round trip".into(),
        Measure::Hops if bar.from == 2 => "1 round trip".into(),
        Measure::Hops => format!("{} round trips", trips_text(bar.from)),
    }
}

/// Where a value stands along the bars, in a hundred.
fn place(bars: &[Bar], value: u64) -> f64 {
    let index = bars.iter().position(|bar| value < bar.to).unwrap_or(bars.len().saturating_sub(1));
    let Some(bar) = bars.get(index) else { return 0.0 };
    let within = micros(value.saturating_sub(bar.from)) / micros((bar.to - bar.from).max(1));
    (micros(index as u64) + within.clamp(0.0, 1.0)) / micros(bars.len() as u64) * 100.0
}

/// The marks: class, name, value.
fn marks(of: &Distribution) -> [(&'static str, &'static str, u64); 4] {
    [
        ("p50", "p50", of.median),
        ("p95", "p95", of.p95),
        ("p99", "p99", of.p99),
        ("most", "longest", of.max),
    ]
}

/// Says what the marks stand for.
fn marks_in_words(measure: &Measure, of: &Distribution) -> Html {
    let entry = |(class, name, value): (&str, &str, u64)| {
        html! {
            <li>
                <i class={format!("quantile-sample is-{class}")} aria-hidden="true" />
                { name }{ " " }<b>{ took_text(value) }</b>
            </li>
        }
    };
    html! {
        <ul class="quantiles" aria-label="Latency">
            { for marks(of).into_iter().map(entry) }
            <li>{ so_many(measure, of.count) }</li>
        </ul>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct HistogramProps {
    measure: Measure,
    name: String,
    of: Distribution,
    listed: Option<Rc<Listed>>,
    on: Callback<Intent>,
}

/// Bars of one distribution. Arrows go from bar to bar.
#[component]
fn Histogram(props: &HistogramProps) -> Html {
    let HistogramProps { measure, name, of, listed, on } = props;
    let current = use_state_eq(|| 0_usize);
    let last = of.bars.iter().filter(|bar| bar.count > 0).count().saturating_sub(1);
    let on_key = {
        let current = current.clone();
        Callback::from(move |event: KeyboardEvent| {
            let to = match event.key().as_str() {
                "ArrowLeft" => current.saturating_sub(1),
                "ArrowRight" => (*current + 1).min(last),
                "Home" => 0,
                "End" => last,
                _ => return,
            };
            event.prevent_default();
            current.set(to);
            focus_nth(&event, to);
        })
    };
    // Bars grow in their frame, and the frame in steps.
    let most = rounded_up(of.bars.iter().map(|bar| bar.count).max().unwrap_or(1));
    let mut filled = 0;
    let bar = |bar: &Bar| {
        let words = format!("{}: {}", range_text(measure, bar), so_many(measure, bar.count));
        if bar.count == 0 {
            return html! { <span class="histogram-bar" title={words} /> };
        }
        let index = filled;
        filled += 1;
        let list = {
            let (current, measure, bar) = (current.clone(), measure.clone(), *bar);
            on.reform(move |_: MouseEvent| {
                current.set(index);
                Intent::List(BarOf { measure: measure.clone(), from: bar.from, to: bar.to })
            })
        };
        let is_listed = listed
            .as_ref()
            .is_some_and(|it| it.measure == *measure && (it.from, it.to) == (bar.from, bar.to));
        let height = micros(bar.count) / micros(most) * 100.0;
        html! {
            <button type="button" class="histogram-bar" title={words.clone()} aria-label={words}
                aria-pressed={is_listed.to_string()} onclick={list}
                tabindex={if index == (*current).min(last) { "0" } else { "-1" }}>
                <i style={format!("height:{height:.1}%")} />
            </button>
        }
    };
    let is_small = *measure == Measure::Hops;
    let room = format!("max-width:{}px", BESIDE_PX + of.bars.len() * MOST_BAR_PX);
    html! {
        <div class={classes!("histogram", is_small.then_some("is-small"))} style={room}>
            <span class="histogram-most" aria-hidden="true">{ count(most) }</span>
            <div class="histogram-bars" role="group" onkeydown={on_key}
                aria-label={name.clone()}>
                { for of.bars.iter().map(bar) }
                if !is_small { { quantile_lines(of) } }
            </div>
            <div class="histogram-axis" aria-hidden="true">{ labels(measure, of) }</div>
        </div>
    }
}

fn quantile_lines(of: &Distribution) -> Html {
    let line = |(class, name, value): (&str, &str, u64)| {
        let style = format!("left:{:.2}%", place(&of.bars, value));
        let title = format!("{name}: {}", took_text(value));
        html! { <i class={format!("quantile is-{class}")} {style} {title} aria-hidden="true" /> }
    };
    marks(of).into_iter().map(line).collect()
}

/// Labels some bars: at their left edge where they stand for a range, else in their middle.
fn labels(measure: &Measure, of: &Distribution) -> Html {
    let every = of.bars.len().div_ceil(LABELS).max(1);
    let width = 100.0 / micros(of.bars.len().max(1) as u64);
    let label = |(index, bar): (usize, &Bar)| {
        let (shift, text) = match measure {
            Measure::Took | Measure::Observed(_) => (0.0, took_text(bar.from)),
            Measure::Hops => (0.5, trips_text(bar.from)),
        };
        let left = (micros(index as u64) + shift) * width;
        html! { <span style={format!("left:{left:.2}%")}>{ text }</span> }
    };
    let some = |(index, _): &(usize, &Bar)| index.is_multiple_of(every);
    of.bars.iter().enumerate().filter(some).map(label).collect()
}

/// Lists what a bar counts.
fn listed(props: &LatenciesProps) -> Html {
    let Some(listed) = &props.listed else { return Html::default() };
    let close = props.on.reform(|_: MouseEvent| Intent::CloseList);
    let bar = Bar { from: listed.from, to: listed.to, count: listed.total };
    let verb = match &listed.measure {
        Measure::Took => "took",
        Measure::Hops => "waited for",
        Measure::Observed(_) => "of",
    };
    let shown = listed.entries.len() as u64;
    let cut = if shown < listed.total {
        format!("; the latest {shown} are listed")
    } else {
        String::new()
    };
    let row = |it: &ListedEntry| entry(it, props);
    html! {
        <section class="listed" aria-label="What this bar counts">
            <div class="listed-head">
                <p role="status">
                    { format!("{} {verb} {}, up to {}{cut}.", so_many(&listed.measure, listed.total),
                        range_text(&listed.measure, &bar), instant(listed.as_of_us)) }
                </p>
                <button type="button" class="link" onclick={close}>{ "Close" }</button>
            </div>
            <ol>{ for listed.entries.iter().map(row) }</ol>
        </section>
    }
}

fn entry(it: &ListedEntry, props: &LatenciesProps) -> Html {
    let at_us = it.at_us;
    let seek = props.on.reform(move |_: MouseEvent| Intent::Seek(at_us));
    let node = props.frame.scene.nodes.get(it.node.index()).map(|node| node.name.as_str());
    let (node, took) = (node.unwrap_or_default(), took_text(it.took_us));
    let words = match it.operation {
        None => format!("{node}: {took}"),
        Some((number, hops)) => {
            let trips = hops.map_or_else(String::new, |hops| {
                let bar = Bar { from: hops.into(), to: u64::from(hops) + 1, count: 1 };
                format!(", {}", range_text(&Measure::Hops, &bar))
            });
            format!("{node} no. {number}: {took}{trips}")
        }
    };
    html! {
        <li>
            <button type="button" class="time" onclick={seek} title="Go there">
                { instant(at_us) }
            </button>
            <span>{ words }</span>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_to_three_digits() {
        assert_eq!(took_text(0), "0 µs");
        assert_eq!(took_text(12_500), "12.5 ms");
        assert_eq!(took_text(315_900), "315 ms");
        assert_eq!(took_text(1_250_000), "1.25 s");
        assert_eq!(took_text(2_000_000), "2 s");
        assert_eq!(took_text(31_500_000), "31.5 s");
    }

    #[test]
    fn two_messages_are_a_round_trip() {
        assert_eq!((trips_text(2), trips_text(3)), ("1".into(), "1.5".into()));
        let bar = Bar { from: 12, to: u64::MAX, count: 1 };
        assert_eq!(range_text(&Measure::Hops, &bar), "6 round trips or more");
    }

    #[test]
    fn marks_stand_within_the_bars() {
        let bars = [Bar { from: 100, to: 200, count: 1 }, Bar { from: 200, to: 300, count: 1 }];
        assert!((place(&bars, 150) - 25.0).abs() < 1e-9);
        assert!((place(&bars, 250) - 75.0).abs() < 1e-9);
        assert!((place(&bars, 999) - 100.0).abs() < 1e-9);
        assert!(place(&[], 5).abs() < 1e-9);
    }
}
