//! State along an axis: stretches of time, series, windows of a stream, histograms.

use serde::{Deserialize, Serialize};

use super::{Datum, Tone};

/// A stretch of true time on a lane.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// When it begins.
    pub from_us: u64,
    /// When it ends; open if it still goes on.
    pub to_us: Option<u64>,
    /// What it is.
    pub text: String,
    /// The epoch it belongs to.
    pub epoch: Option<u64>,
    /// How good or bad it is.
    pub tone: Tone,
}

/// A number over time in a small picture without axes, with its last value in figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Series {
    /// What is counted.
    pub label: String,
    /// In which unit; may be empty.
    pub unit: String,
    /// How many of the digits of each value stand behind the point: 12345 with 3 is 12.345.
    pub decimals: u8,
    /// True time and value, in order of time; a value holds until the next.
    pub points: Vec<(u64, i64)>,
    /// A value that should not be passed, and what it is called.
    pub limit: Option<(String, i64)>,
    /// How good or bad the last value is.
    pub tone: Tone,
}

impl Series {
    /// Makes a series of whole numbers without a limit.
    pub fn new(
        label: impl Into<String>,
        unit: impl Into<String>,
        points: impl IntoIterator<Item = (u64, i64)>,
    ) -> Self {
        let points = points.into_iter().collect();
        Self { label: label.into(), unit: unit.into(), points, ..Self::default() }
    }
}

/// A window of a stream: a stretch of event time and what was computed for it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Window {
    /// Where it begins in event time.
    pub from_us: u64,
    /// Where it ends.
    pub to_us: u64,
    /// The result; dashed while it is not final.
    pub result: Datum,
}

/// An event of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WindowEvent {
    /// When it happened: event time.
    pub at_us: u64,
    /// What it is; may be empty.
    pub text: String,
    /// Warn for late, bad for dropped.
    pub tone: Tone,
}

/// The windows of one key, partition or kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WindowRow {
    /// Whose they are.
    pub name: String,
    /// The windows; they may overlap.
    pub windows: Vec<Window>,
    /// The events.
    pub events: Vec<WindowEvent>,
    /// The row's own watermark, such as a partition's.
    pub watermark_us: Option<u64>,
}

/// Windows of a stream over event time, with the watermark: nothing earlier is waited for (Akidau et
/// al., The Dataflow Model, VLDB 2015, section 2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Windows {
    /// What the windows are.
    pub label: String,
    /// One row a key, partition or kind.
    pub rows: Vec<WindowRow>,
    /// The watermark of all.
    pub watermark_us: Option<u64>,
}

/// A bar of a [`Histogram`].
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bucket {
    /// The smallest value that is counted here.
    pub from: u64,
    /// The smallest value that no longer is.
    pub to: u64,
    /// How many there are.
    pub count: u64,
}

/// How often each value came up, with quantiles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Histogram {
    /// What is counted.
    pub label: String,
    /// The values' unit; may be empty.
    pub unit: String,
    /// The bars, by value, without gaps; of any widths.
    pub buckets: Vec<Bucket>,
    /// Values that stand out, by name: ("p99", 140).
    pub marks: Vec<(String, u64)>,
}

impl Histogram {
    /// Counts values in bars of one width up to `most`, with one bar for all beyond if there are any.
    pub fn of(
        label: impl Into<String>,
        unit: impl Into<String>,
        values: &[u64],
        (width, most): (u64, u64),
    ) -> Self {
        let bar = |from: u64, to: u64| {
            let count = values.iter().filter(|it| (from..to).contains(*it)).count() as u64;
            Bucket { from, to, count }
        };
        let bars = (0..most / width).map(|nth| bar(nth * width, (nth + 1) * width));
        let largest = values.iter().copied().max().filter(|it| *it >= most);
        let buckets = bars.chain(largest.map(|it| bar(most, it + 1))).collect();
        Self { label: label.into(), unit: unit.into(), buckets, marks: Vec::new() }
    }

    /// Marks a value that stands out.
    #[must_use]
    pub fn with_mark(mut self, name: impl Into<String>, at: u64) -> Self {
        self.marks.push((name.into(), at));
        self
    }

    /// Returns how many values were counted.
    pub fn total(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_in_one_bar_and_one_bar_has_all_beyond() {
        let count = |values: &[u64]| {
            let histogram = Histogram::of("", "ms", values, (10, 30));
            assert_eq!(histogram.total(), values.len() as u64);
            histogram.buckets.iter().map(|it| (it.to, it.count)).collect::<Vec<_>>()
        };
        assert_eq!(count(&[0, 9, 10, 29]), [(10, 2), (20, 1), (30, 1)]);
        assert_eq!(count(&[30, 75]), [(10, 0), (20, 0), (30, 0), (76, 2)]);
    }
}
