//! A number over time in a small picture, with its last value in figures.

use std::fmt::Write as _;

use faultline_core::order::sort;
use faultline_core::view::Series;
use yew::{Html, classes, html};

use super::axis::{TimeAxis, with_decimals, with_unit};
use super::datum::{tone_class, tone_sign};
use super::frame::empty;
use crate::stage::px;

/// The picture's width and height in its own units; it is stretched to the room there is.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 60.0;
/// More points than this are thinned out: the highest and lowest of each stretch stay.
const MOST_POINTS: usize = 300;

/// Draws a series.
pub(super) fn sparkline(series: &Series, now_us: u64, words: String) -> Html {
    let value = |value: i64| with_unit(&with_decimals(value, series.decimals), &series.unit);
    let last = series.points.last().map(|&(_, last)| value(last));
    let has_points = last.is_some();
    let picture = has_points.then(|| picture(series, now_us, words));
    html! {
        <figure class="widget widget-series">
            <figcaption class="field">
                <span class="field-name">{ &series.label }</span>
                if let Some(last) = last {
                    <span class={classes!("field-value", tone_class(series.tone))}>
                        { tone_sign(series.tone) }{ last }
                    </span>
                }
            </figcaption>
            if let Some(picture) = picture { { picture } } else { { empty() } }
        </figure>
    }
}

fn picture(series: &Series, now_us: u64, words: String) -> Html {
    let points = thinned(&series.points);
    let (least, most) = bounds(series);
    let first_us = points.first().map_or(0, |&(at_us, _)| at_us);
    let last_us = points.last().map_or(0, |&(at_us, _)| at_us);
    let axis = TimeAxis::new(first_us, last_us.max(now_us));
    let y = |value: i64| (1.0 - share(value, least, most)) * (HEIGHT - 8.0) + 4.0;
    let mut line = String::new();
    let mut before = None;
    for &(at_us, value) in &points {
        let (x, y) = (px(axis.share(at_us) * WIDTH), px(y(value)));
        // A value holds until the next: steps, not slopes. Writing to a string cannot fail.
        let _ = match before {
            None => write!(line, "M{x} {y}"),
            Some(_) => write!(line, "H{x}V{y}"),
        };
        before = Some(value);
    }
    let _ = write!(line, "H{}", px(WIDTH));
    let area = format!("{line}V{HEIGHT}H{}Z", px(axis.share(first_us) * WIDTH));
    let limit = series.limit.as_ref().map(|(name, limit)| (name, *limit, y(*limit)));
    // The unit stands with the last value.
    let value = |value: i64| with_decimals(value, series.decimals);
    html! {<>
        <div class="series-plot" role="img" aria-label={words}>
            <svg viewBox={format!("0 0 {WIDTH} {HEIGHT}")} preserveAspectRatio="none"
                aria-hidden="true">
                <path class="series-area" d={area} />
                if let Some((_, _, y)) = limit {
                    <path class="series-limit" d={format!("M0 {}H{WIDTH}", px(y))} />
                }
                <path class="series-line" d={line} />
            </svg>
        </div>
        <div class="time-axis" aria-hidden="true">
            <span>{ axis.time(axis.from_us) }</span>
            <span>{ format!("{} to {}", value(least_of(series)), value(most_of(series))) }</span>
            if let Some((name, limit, _)) = limit {
                <span class="series-limit-name">{ format!("- - {name} {}", value(limit)) }</span>
            }
            <span>{ axis.time(axis.to_us) }</span>
        </div>
    </>}
}

/// Returns the smallest value.
pub(super) fn least_of(series: &Series) -> i64 {
    series.points.iter().map(|&(_, value)| value).min().unwrap_or(0)
}

/// Returns the largest value.
pub(super) fn most_of(series: &Series) -> i64 {
    series.points.iter().map(|&(_, value)| value).max().unwrap_or(0)
}

/// Returns what the picture reaches from and to: all values, the limit, and nought.
fn bounds(series: &Series) -> (i64, i64) {
    let limit = series.limit.as_ref().map(|(_, limit)| *limit);
    let (least, most) = (least_of(series).min(0), most_of(series).max(0));
    let (least, most) = (limit.map_or(least, |it| it.min(least)), limit.unwrap_or(most).max(most));
    if least == most { (least, most.saturating_add(1)) } else { (least, most) }
}

#[expect(clippy::cast_precision_loss, reason = "a picture shows no more than a few digits")]
fn share(value: i64, least: i64, most: i64) -> f64 {
    (value as f64 - least as f64) / (most as f64 - least as f64)
}

/// Returns at most [`MOST_POINTS`] points with all peaks and valleys.
fn thinned(points: &[(u64, i64)]) -> Vec<(u64, i64)> {
    if points.len() <= MOST_POINTS {
        return points.to_vec();
    }
    let stretch = points.len().div_ceil(MOST_POINTS / 2);
    let mut kept = Vec::with_capacity(MOST_POINTS);
    for part in points.chunks(stretch) {
        let low = part.iter().min_by_key(|(_, value)| value);
        let high = part.iter().max_by_key(|(_, value)| value);
        let mut pair: Vec<_> = low.into_iter().chain(high).copied().collect();
        sort(&mut pair);
        kept.extend(pair);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_peaks_and_stays_bounded() {
        let mut points: Vec<(u64, i64)> = (0..10_000).map(|at| (at, 5)).collect();
        points[6_000].1 = 99;
        let kept = thinned(&points);
        assert!(kept.len() <= MOST_POINTS);
        assert!(kept.contains(&(6_000, 99)));
        assert!(kept.is_sorted());
    }

    #[test]
    fn a_flat_line_has_room() {
        let flat = Series::new("Queue", "", [(0, 0), (9, 0)]);
        assert_eq!(bounds(&flat), (0, 1));
        let limited = Series { limit: Some(("limit".into(), 50)), ..flat };
        assert_eq!(bounds(&limited), (0, 50));
    }
}
