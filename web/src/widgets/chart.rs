//! Charts over virtual time: hover or focus to read, click or Enter to go there.

use web_sys::{Element, KeyboardEvent, MouseEvent, PointerEvent};
use yew::{
    AttrValue, Callback, Html, Properties, classes, component, html, use_memo, use_node_ref,
    use_state_eq,
};

use super::chart_table::ChartTable;
use super::plot::{BOTTOM, EDGE, LEFT, STROKES, TOP, plot};
use super::scale::Scale;
use super::series::{Series, value_text};
use crate::figures::{MarkLinesProps, mark_lines, mark_near};
use crate::format::{count, instant};
use crate::shared::Shared;
use crate::stage::{micros, use_area, whole};
use crate::wire::Timeline;

/// A chart is this high at least, and where there is room a quarter of its width.
const LEAST_HEIGHT: u32 = 116;
const MOST_HEIGHT: u32 = 220;
/// Keys move the reading by this share of the axis.
const STEPS: u64 = 100;
/// What the last part of the axis, one in so many, did is the trend.
const TREND_PARTS: u64 = 10;

/// Properties of [`Chart`].
#[derive(Clone, PartialEq, Properties)]
pub struct ChartProps {
    /// What is charted.
    pub title: String,
    /// What its values count.
    pub unit: String,
    /// The lines.
    pub series: Vec<Series>,
    /// The run as far as it is known: its marks stand on the same axis.
    pub timeline: Shared<Timeline>,
    /// The end of the axis.
    pub horizon_us: u64,
    /// True time on screen; what comes after it is dimmed.
    pub now_us: u64,
    /// Hears where to go.
    pub on_seek: Callback<u64>,
}

/// Draws readings over virtual time.
#[component]
pub fn Chart(props: &ChartProps) -> Html {
    let place = use_node_ref();
    let width = whole(use_area(&place).width, 4_000);
    let height = (width / 4).clamp(LEAST_HEIGHT, MOST_HEIGHT);
    let pointed = use_state_eq(|| None::<u64>);
    let wants_decades = use_state_eq(|| false);
    let horizon_us = props.horizon_us.max(1);
    let may_go_by_decades = Scale::may_go_by_decades(&props.series);
    let scale = Scale::of(&props.series, *wants_decades && may_go_by_decades);
    let at_us = {
        let place = place.clone();
        move |event: &MouseEvent| {
            let box_ = place.cast::<Element>()?.get_bounding_client_rect();
            let room = box_.width() - f64::from(LEFT + EDGE);
            let along = f64::from(event.client_x()) - box_.left() - f64::from(LEFT);
            // Thousandths of the axis are finer than a pixel.
            Some(part_of(horizon_us, whole((along / room * 1_000.0).round(), 1_000)))
        }
    };
    let on_move = {
        let (at_us, pointed) = (at_us.clone(), pointed.clone());
        Callback::from(move |event: PointerEvent| pointed.set(at_us(&event)))
    };
    let forget = {
        let pointed = pointed.setter();
        move || pointed.set(None)
    };
    let (on_leave, on_blur) = (forget.clone(), forget);
    let on_click = {
        let on_seek = props.on_seek.clone();
        Callback::from(move |event: MouseEvent| {
            if let Some(at_us) = at_us(&event) {
                on_seek.emit(at_us);
            }
        })
    };
    let on_key = on_key(props, &pointed);
    let toggle = {
        let wants_decades = wants_decades.clone();
        Callback::from(move |_: MouseEvent| wants_decades.set(!*wants_decades))
    };
    let read_us = pointed.unwrap_or(props.now_us);
    let reading = reading(props, read_us);
    html! {
        <figure class="chart">
            <figcaption>
                <span class="label chart-title">{ &props.title }</span>
                if may_go_by_decades {
                    <button type="button" class="chip chart-log"
                        aria-pressed={wants_decades.to_string()} onclick={toggle}
                        title="Give every decade the same height">{ "log scale" }</button>
                }
                { legend(props, read_us) }
            </figcaption>
            <div class="chart-plot" ref={place} role="slider" tabindex="0"
                aria-label={format!("Read {} at", props.title)} aria-valuemin="0"
                aria-valuemax={horizon_us.to_string()} aria-valuenow={read_us.to_string()}
                aria-valuetext={reading} onpointermove={on_move} onkeydown={on_key}
                onpointerleave={move |_: PointerEvent| on_leave()}
                onblur={move |_| on_blur()} onclick={on_click}
                style={format!("height:{height}px")}>
                <Plot series={props.series.clone()} {horizon_us} {scale} size={(width, height)} />
                <span class="chart-unit" aria-hidden="true">{ &props.unit }</span>
                { over_plot(props, horizon_us, *pointed, &scale) }
            </div>
            { note(props, *pointed, horizon_us, width) }
            <ChartTable unit={props.unit.clone()} series={props.series.clone()}
                known_us={props.timeline.known_us} now_us={props.now_us}
                on_seek={props.on_seek.clone()} />
        </figure>
    }
}

/// Arrows move the reading, Enter goes to it, Escape lets go of it.
fn on_key(
    props: &ChartProps,
    pointed: &yew::UseStateHandle<Option<u64>>,
) -> Callback<KeyboardEvent> {
    let (pointed, on_seek) = (pointed.clone(), props.on_seek.clone());
    let (now_us, horizon_us) = (props.now_us, props.horizon_us.max(1));
    Callback::from(move |event: KeyboardEvent| {
        let from_us = pointed.unwrap_or(now_us);
        let step_us = (horizon_us / STEPS).max(1);
        let to_us = match event.key().as_str() {
            "ArrowLeft" | "ArrowDown" => Some(from_us.saturating_sub(step_us)),
            "ArrowRight" | "ArrowUp" => Some((from_us + step_us).min(horizon_us)),
            "PageDown" => Some(from_us.saturating_sub(10 * step_us)),
            "PageUp" => Some((from_us + 10 * step_us).min(horizon_us)),
            "Home" => Some(0),
            "End" => Some(horizon_us),
            "Enter" | " " => {
                on_seek.emit(from_us);
                None
            }
            "Escape" if pointed.is_some() => None,
            _ => return,
        };
        event.prevent_default();
        pointed.set(to_us);
    })
}

/// Returns so many thousandths of a time.
pub(crate) fn part_of(whole_us: u64, thousandths: u32) -> u64 {
    let thousandths = u64::from(thousandths);
    whole_us / 1_000 * thousandths + whole_us % 1_000 * thousandths / 1_000
}

/// Returns what a line reads at a time: at the cursor what the run says there, elsewhere the last
/// reading, and beyond what is known nothing.
fn value_at(series: &Series, at_us: u64, props: &ChartProps) -> Option<i64> {
    if at_us == props.now_us && series.now.is_some() {
        series.now
    } else if at_us > props.timeline.known_us {
        None
    } else {
        series.at(at_us)
    }
}

/// Says what all lines read at a time.
fn reading(props: &ChartProps, at_us: u64) -> String {
    let values = props.series.iter().map(|series| {
        let value = value_text(value_at(series, at_us, props));
        format!("{} {value} {}", series.name, props.unit)
    });
    let values: Vec<String> = values.collect();
    format!("{}: {}", instant(at_us), values.join(", "))
}

/// Names the lines, with their readings and the time of these.
fn legend(props: &ChartProps, at_us: u64) -> Html {
    let entry = |(index, series): (usize, &Series)| {
        html! {
            <span class="chart-entry">
                { sample(index, props.series.len() > 1) }
                if props.series.len() > 1 { { &series.name } }
                <b>{ value_text(value_at(series, at_us, props)) }</b>
            </span>
        }
    };
    let is_now = at_us == props.now_us;
    html! {
        <span class="chart-legend">
            { for props.series.iter().enumerate().map(entry) }
            <span class={classes!("chart-at", (!is_now).then_some("is-read"))}>
                { "at " }{ instant(at_us) }
            </span>
        </span>
    }
}

/// Draws how a line looks, with its sign if it has one.
fn sample(index: usize, has_sign: bool) -> Html {
    let index = index % STROKES;
    let line = format!("chart-line chart-line-{index}");
    let sign = match index {
        0 | 3 => html! { <circle cx="11" cy="5" r="3" /> },
        1 => html! { <path d="M11 1L15 8H7Z" /> },
        _ => html! { <path d="M8 2H14V8H8Z" /> },
    };
    html! {
        <svg width="22" height="10" aria-hidden="true">
            <path class={line} d="M1 5H21" />
            if has_sign { <g class={format!("chart-sign chart-sign-{index}")}>{ sign }</g> }
        </svg>
    }
}

/// Returns faults and violations, what is not yet run, the time on screen, what comes after it, and
/// the time that is read.
fn over_plot(props: &ChartProps, horizon_us: u64, pointed_us: Option<u64>, scale: &Scale) -> Html {
    let percent = |at_us: u64| (micros(at_us) / micros(horizon_us) * 100.0).min(100.0);
    let left = |at_us: u64| format!("left:{:.2}%", percent(at_us));
    let edges = format!("left:{LEFT}px;right:{EDGE}px;top:{TOP}px;bottom:{BOTTOM}px");
    let (now_us, known_us) = (props.now_us, props.timeline.known_us.max(props.now_us));
    let dot = |(index, series): (usize, &Series)| {
        let height = series.now.map(|value| scale.height(value) * 100.0)?;
        let style = format!("left:{:.2}%;bottom:{height:.2}%", percent(now_us));
        let class = format!("chart-dot chart-dot-{}", index % STROKES);
        Some(html! { <i {class} {style} /> })
    };
    html! {
        <div class="chart-over" style={edges} aria-hidden="true">
            { mark_lines(&MarkLinesProps {
                timeline: props.timeline.clone(),
                window: (0, horizon_us),
            }) }
            <i class="chart-future" style={format!("left:{:.2}%;right:{:.2}%", percent(now_us),
                100.0 - percent(known_us))} />
            <i class="chart-unknown" style={left(known_us)} />
            <i class="chart-now" style={left(now_us)} />
            { for props.series.iter().enumerate().filter_map(dot) }
            if let Some(at_us) = pointed_us {
                <i class="chart-pointed" style={left(at_us)} />
            }
        </div>
    }
}

/// Says what is pointed at, or else what the chart shows, in as much room whatever it says.
fn note(props: &ChartProps, pointed_us: Option<u64>, horizon_us: u64, width: u32) -> Html {
    let near_us = horizon_us / u64::from(width.max(60)) * 7;
    let mark = pointed_us.and_then(|at_us| mark_near(&props.timeline.marks, at_us, near_us));
    let lines = match (mark, pointed_us) {
        (Some(mark), _) => vec![format!("{} · {}", instant(mark.at_us), mark.text)],
        (None, Some(at_us)) if at_us > props.timeline.known_us => vec!["not run yet".into()],
        (None, _) => summary(props),
    };
    let style = format!("min-height:{}em", 1.5 * micros(props.series.len() as u64));
    let line = |line: String| html! { <span title={line.clone()}>{ line }</span> };
    html! {
        <p class={classes!("chart-note", mark.is_some().then_some("bad"))} {style}>
            { for lines.into_iter().map(line) }
        </p>
    }
}

/// Says what each line shows: extremes, where it is heading, and whether readings were left out.
fn summary(props: &ChartProps) -> Vec<String> {
    let has_names = props.series.len() > 1;
    let parts = props.series.iter().map(|series| {
        let name = if has_names { format!("{}: ", series.name) } else { String::new() };
        let (least, most) = (series.values().min(), series.values().max());
        let trend = series.trend(props.now_us, props.horizon_us / TREND_PARTS);
        let (least, most) = (value_text(least), value_text(most));
        let (drawn, all) = (series.readings.len() as u64, u64::from(series.total));
        let cut = if drawn < all {
            let (drawn, all) = (count(drawn), count(all));
            format!("; {drawn} of {all} readings are drawn, peaks and lows among them")
        } else {
            String::new()
        };
        format!("{name}least {least}, most {most}, {trend}{cut}")
    });
    parts.collect()
}

#[derive(Clone, PartialEq, Properties)]
struct PlotProps {
    series: Vec<Series>,
    horizon_us: u64,
    scale: Scale,
    size: (u32, u32),
}

/// Draws the lines. A component of its own, so that they are drawn anew only when they change.
#[component]
fn Plot(props: &PlotProps) -> Html {
    // What is read at the cursor is a dot over the lines.
    let lines = |series: &Series| Series { now: None, ..series.clone() };
    let lines = props.series.iter().map(lines).collect();
    let drawn = PlotProps { series: lines, ..props.clone() };
    let text = use_memo(drawn, |PlotProps { series, horizon_us, scale, size }| {
        plot(series, *horizon_us, scale, *size).map(AttrValue::from)
    });
    let Some(text) = (*text).clone() else { return Html::default() };
    html! { <div class="chart-lines" aria-hidden="true">{ Html::from_html_unchecked(text) }</div> }
}
