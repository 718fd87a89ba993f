//! How often each value came up, with quantiles.

use faultline_core::view::{Bucket, Histogram};
use yew::{Html, classes, html};

use super::axis::with_unit;
use super::frame::{empty, framed, left, more};
use crate::format::count;
use crate::stage::{micros, real};

/// More bars than this are counted below instead.
pub(super) const MOST_BUCKETS: usize = 80;
/// More values that stand out than this are counted below instead.
const MOST_MARKS: usize = 6;

/// Draws a histogram: bars of one width, as buckets often grow with the value.
pub(super) fn histogram(histogram: &Histogram, words: String) -> Html {
    let buckets = &histogram.buckets[..histogram.buckets.len().min(MOST_BUCKETS)];
    let most = buckets.iter().map(|bucket| bucket.count).max().unwrap_or(0);
    if most == 0 {
        return framed("widget-histogram", &histogram.label, empty());
    }
    let bar = |bucket: &Bucket| {
        let height = micros(bucket.count) / micros(most) * 100.0;
        let title = format!("{}: {}", range(bucket, &histogram.unit), count(bucket.count));
        html! { <i {title} style={format!("height:{height:.1}%")}></i> }
    };
    let marks: Vec<(&String, u64, f64)> = (histogram.marks.iter().take(MOST_MARKS))
        .map(|(name, at)| (name, *at, place(buckets, *at)))
        .collect();
    let mark = |(row, (name, at, share)): (usize, &(&String, u64, f64))| {
        let text = with_unit(&format!("{name} {}", count(*at)), &histogram.unit);
        let class = classes!("buckets-mark", (*share > 0.5).then_some("is-late"));
        html! { <b {class} style={format!("{};--row:{row}", left(*share))}><span>{ text }</span></b> }
    };
    let first = buckets.first().map_or(0, |bucket| bucket.from);
    let last = buckets.last().map_or(0, |bucket| bucket.to);
    let middle = &buckets[buckets.len() / 2];
    let body = html! {<>
        <div class="buckets" role="img" aria-label={words}
            style={format!("--marks:{}", marks.len())}>
            <div class="buckets-bars">{ for buckets.iter().map(bar) }</div>
            { for marks.iter().enumerate().map(mark) }
        </div>
        <div class="time-axis" aria-hidden="true">
            <span>{ count(first) }</span>
            if buckets.len() > 3 { <span>{ count(middle.from) }</span> }
            <span>{ with_unit(&count(last), &histogram.unit) }</span>
        </div>
        { more(histogram.buckets.len() - buckets.len(), "bars") }
        { more(histogram.marks.len() - marks.len(), "marks") }
    </>};
    framed("widget-histogram", &histogram.label, body)
}

/// Returns a bar's values: "10 to 20 ms".
pub(super) fn range(bucket: &Bucket, unit: &str) -> String {
    with_unit(&format!("{} to {}", count(bucket.from), count(bucket.to)), unit)
}

/// Returns where a value stands on the picture, from 0 to 1: inside its bar by its share of it.
fn place(buckets: &[Bucket], at: u64) -> f64 {
    let bars = real(buckets.len().max(1));
    let found = buckets.iter().position(|bucket| at < bucket.to);
    let Some(index) = found else { return 1.0 };
    let Bucket { from, to, .. } = buckets[index];
    let inside = micros(at.saturating_sub(from)) / micros((to - from.min(to)).max(1));
    (real(index) + inside.min(1.0)) / bars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_inside_its_bar() {
        let bucket = |from, to| Bucket { from, to, count: 1 };
        let buckets = [bucket(0, 10), bucket(10, 100)];
        assert!((place(&buckets, 5) - 0.25).abs() < 1e-9);
        assert!((place(&buckets, 55) - 0.75).abs() < 1e-9);
        assert!((place(&buckets, 100) - 1.0).abs() < 1e-9);
        assert!((place(&[], 3) - 1.0).abs() < 1e-9);
    }
}
