//! Charts over virtual time: hover to read, click to go there.

use web_sys::{Element, MouseEvent};
use yew::{
    AttrValue, Callback, Html, Properties, component, html, use_memo, use_node_ref, use_state_eq,
};

use super::plot::{BOTTOM, EDGE, LEFT, STROKES, Series, plot};
use crate::format::{count, instant, short_instant};
use crate::stage::{micros, use_area, whole};

const HEIGHT: u32 = 104;

/// Properties of [`Chart`].
#[derive(Clone, PartialEq, Properties)]
pub struct ChartProps {
    /// What is charted.
    pub title: String,
    /// What its values count.
    pub unit: String,
    /// Names and readings, each of true time and value, in order.
    pub series: Vec<(String, Vec<(u64, i64)>)>,
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
    let hovered = use_state_eq(|| None::<u64>);
    let horizon_us = props.horizon_us.max(1);
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
        let (at_us, hovered) = (at_us.clone(), hovered.clone());
        Callback::from(move |event: web_sys::PointerEvent| hovered.set(at_us(&event)))
    };
    let on_leave = {
        let hovered = hovered.clone();
        Callback::from(move |_: web_sys::PointerEvent| hovered.set(None))
    };
    let on_click = {
        let on_seek = props.on_seek.clone();
        Callback::from(move |event: MouseEvent| {
            if let Some(at_us) = at_us(&event) {
                on_seek.emit(at_us);
            }
        })
    };
    let read_us = hovered.unwrap_or(props.now_us);
    html! {
        <figure class="chart">
            <figcaption>
                <span class="label">{ title(&props.title, &props.unit) }</span>
                { legend(&props.series, read_us, *hovered) }
            </figcaption>
            <div class="chart-plot" ref={place} onpointermove={on_move} onpointerleave={on_leave}
                onclick={on_click} style={format!("height:{HEIGHT}px")}>
                <Plot series={props.series.clone()} {horizon_us} {width} />
                { cursors(horizon_us, props.now_us, *hovered) }
            </div>
            <Summary series={props.series.clone()} unit={props.unit.clone()} />
        </figure>
    }
}

/// Returns so many thousandths of a time.
pub(crate) fn part_of(whole_us: u64, thousandths: u32) -> u64 {
    let thousandths = u64::from(thousandths);
    whole_us / 1_000 * thousandths + whole_us % 1_000 * thousandths / 1_000
}

fn title(title: &str, unit: &str) -> String {
    if unit.is_empty() || title.to_lowercase().contains(&unit.to_lowercase()) {
        title.to_owned()
    } else {
        format!("{title}, {unit}")
    }
}

/// Returns the last reading at or before a time, with its time.
fn last_before(readings: &[(u64, i64)], at_us: u64) -> Option<(u64, i64)> {
    let after = readings.partition_point(|&(reading_us, _)| reading_us <= at_us);
    after.checked_sub(1).map(|index| readings[index])
}

/// Returns a value with its thousands apart, or a dash where nothing was read yet.
fn value_text(value: Option<i64>) -> String {
    let Some(value) = value else { return "–".into() };
    let sign = if value < 0 { "\u{2212}" } else { "" };
    format!("{sign}{}", count(value.unsigned_abs()))
}

/// Names the lines, with their readings and the time of these: the one pointed at, or else when they
/// were last taken, since the system may have changed after that.
fn legend(series: &[Series], at_us: u64, hovered_us: Option<u64>) -> Html {
    let taken = series.iter().filter_map(|(_, readings)| last_before(readings, at_us));
    let read_us = hovered_us.or_else(|| taken.map(|(read_us, _)| read_us).max());
    let entry = |(index, (name, readings)): (usize, &Series)| {
        let class = format!("chart-line chart-line-{}", index % STROKES);
        html! {
            <span class="chart-entry">
                <svg width="18" height="8" aria-hidden="true"><path {class} d="M1 4H17" /></svg>
                if series.len() > 1 { { name } }
                <b>{ value_text(last_before(readings, at_us).map(|(_, value)| value)) }</b>
            </span>
        }
    };
    html! {
        <span class="chart-legend">
            { for series.iter().enumerate().map(entry) }
            if let Some(read_us) = read_us {
                <span class="chart-at">{ "at " }{ instant(read_us) }</span>
            }
        </span>
    }
}

/// Returns the time on screen, what comes after it, and the time under the pointer.
fn cursors(horizon_us: u64, now_us: u64, hovered_us: Option<u64>) -> Html {
    let percent = |at_us: u64| (micros(at_us) / micros(horizon_us) * 100.0).min(100.0);
    let edges = format!("left:{LEFT}px;right:{EDGE}px;top:0;bottom:{BOTTOM}px");
    html! {
        <div class="chart-cursors" style={edges} aria-hidden="true">
            <i class="chart-future" style={format!("left:{:.2}%", percent(now_us))} />
            <i class="chart-now" style={format!("left:{:.2}%", percent(now_us))} />
            if let Some(at_us) = hovered_us {
                <i class="chart-hovered" style={format!("left:{:.2}%", percent(at_us))} />
            }
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct PlotProps {
    series: Vec<Series>,
    horizon_us: u64,
    width: u32,
}

/// Draws the lines. A component of its own, so that they are drawn anew only when they change.
#[component]
fn Plot(props: &PlotProps) -> Html {
    let text = use_memo(props.clone(), |PlotProps { series, horizon_us, width }| {
        plot(series, *horizon_us, (*width, HEIGHT)).map(AttrValue::from)
    });
    let Some(text) = (*text).clone() else { return Html::default() };
    html! { <div class="chart-lines" aria-hidden="true">{ Html::from_html_unchecked(text) }</div> }
}

#[derive(Clone, PartialEq, Properties)]
struct SummaryProps {
    series: Vec<Series>,
    unit: String,
}

/// Says what the chart shows.
#[component]
fn Summary(props: &SummaryProps) -> Html {
    let line = |(name, readings): &Series| {
        let values = || readings.iter().map(|&(_, value)| value);
        let text = match readings.last() {
            None => format!("{name}: no readings yet."),
            Some(&(at_us, last)) => format!(
                "{name}: {} readings, least {}, most {}, last {} {} at {}.",
                readings.len(),
                value_text(values().min()),
                value_text(values().max()),
                value_text(Some(last)),
                props.unit,
                short_instant(at_us),
            ),
        };
        html! { <p>{ text }</p> }
    };
    html! { <div class="visually-hidden">{ for props.series.iter().map(line) }</div> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reading_at_a_time_is_the_last_before_it() {
        let readings = [(10, 1), (20, 5)];
        assert_eq!(last_before(&readings, 9), None);
        assert_eq!(last_before(&readings, 10), Some((10, 1)));
        assert_eq!(last_before(&readings, 19), Some((10, 1)));
        assert_eq!(last_before(&readings, 99), Some((20, 5)));
    }

    #[test]
    fn values_read_like_numbers() {
        assert_eq!(value_text(None), "–");
        assert_eq!(value_text(Some(-1_200)), "\u{2212}1,200");
    }
}
