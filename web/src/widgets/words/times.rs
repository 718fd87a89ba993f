//! Series, windows and histograms in words.

use faultline_core::view::{Histogram, Series, Windows};

use super::super::axis::{with_decimals, with_unit};
use super::super::datum::tone_in_words;
use super::super::histogram::range;
use super::super::sparkline::{least_of, most_of};
use super::super::windows::{axis, row_in_words};
use super::titled;
use crate::format::{count, counted, instant};

/// Returns a series in words: where it stands, where it has been, and its limit.
pub(super) fn series(series: &Series) -> Vec<String> {
    let value = |value: i64| with_unit(&with_decimals(value, series.decimals), &series.unit);
    let (Some(&(first_us, first)), Some(&(last_us, last))) =
        (series.points.first(), series.points.last())
    else {
        return vec![format!("{}: empty", series.label)];
    };
    let tone = tone_in_words(series.tone).map(|tone| format!(", {tone}")).unwrap_or_default();
    let (low, high) = (value(least_of(series)), value(most_of(series)));
    let (first_at, last_at) = (instant(first_us), instant(last_us));
    let sum = format!("{}: {} at {last_at}{tone}", series.label, value(last));
    let past = format!("from {} at {first_at}, between {low} and {high}", value(first));
    let limit = series.limit.as_ref().map(|(name, limit)| format!("{name} {}", value(*limit)));
    [sum, past].into_iter().chain(limit).collect()
}

/// Returns windows in words, a line a row.
pub(super) fn windows(windows: &Windows) -> Vec<String> {
    let Some(axis) = axis(windows) else { return vec![format!("{}: empty", windows.label)] };
    let watermark = windows.watermark_us.map(|at_us| format!(", watermark {}", axis.time(at_us)));
    let label = format!("{}{}", windows.label, watermark.unwrap_or_default());
    titled(&label, windows.rows.iter().map(|row| row_in_words(row, axis)), "rows")
}

/// Returns a histogram in words: how many, where most are, the quantiles, then each bar.
pub(super) fn histogram(histogram: &Histogram) -> Vec<String> {
    let total = histogram.total();
    let Some(highest) = histogram.buckets.iter().rev().max_by_key(|bucket| bucket.count) else {
        return vec![format!("{}: empty", histogram.label)];
    };
    let unit = &histogram.unit;
    let most = range(highest, unit);
    let sum = format!(
        "{}: {}, most in {most} ({})",
        histogram.label,
        counted(total, "value"),
        count(highest.count)
    );
    let marks = histogram.marks.iter().map(|(name, at)| {
        let at = with_unit(&count(*at), unit);
        format!("{name} {at}")
    });
    let bars: Vec<String> = (histogram.buckets.iter())
        .filter(|bucket| bucket.count > 0)
        .map(|bucket| format!("{}: {}", range(bucket, unit), count(bucket.count)))
        .collect();
    let label = std::iter::once(sum).chain(marks).collect::<Vec<_>>().join(", ");
    titled(&label, bars.into_iter(), "bars")
}
