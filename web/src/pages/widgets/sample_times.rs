//! Samples of what runs along an axis.

use faultline_core::view::{
    Bucket, Datum, Histogram, Plane, Quantity, Series, Span, Tone, Widget, Window, WindowEvent,
    WindowRow, Windows,
};

use super::samples::{LONG_NAME, NOW_US, Sample, scattered};

/// Returns the samples of lanes, series, windows and histograms.
pub(super) fn times() -> [Sample; 5] {
    [lanes(), series(), plane(), windows(), histogram()]
}

fn plane() -> Sample {
    let quantities = || {
        let time = Quantity { decimals: 3, ..Quantity::new("time to detection", "s") };
        (Quantity::new("threshold", ""), time)
    };
    let make = |label: &str| {
        let (threshold, time) = quantities();
        Plane::new(label, threshold, time)
    };
    let detected = make("Detection time against threshold")
        .with_curve(
            "crashed nodes",
            [(1, 310), (2, 480), (4, 900), (8, 1_750), (12, 2_600)],
            Tone::Neutral,
        )
        .with_points("wrong suspicions", [(1, 240), (1, 420), (2, 610), (3, 700)], Tone::Bad)
        .with_mark("threshold in use", Some(8), None)
        .with_mark("promised", None, Some(2_000))
        .with_mark("here", Some(8), Some(1_750));
    let scatter = |offset: u64| {
        let numbers = scattered(2_000).zip(scattered(2_000).skip(7));
        let small = move |number: u64| i64::try_from((number + offset) % 9_000).unwrap_or_default();
        numbers.map(move |(x, y)| (small(x), small(y)))
    };
    let many = ["one", "two", "three", "four", LONG_NAME].into_iter().zip(0..);
    let many = many.fold(make("Ten thousand points"), |plane, (name, nth)| {
        plane.with_points(name, scatter(nth * 1_709), Tone::Neutral)
    });
    let label = "Detection time against threshold";
    Sample {
        key: "plane",
        title: "Plane",
        purpose: "One quantity against another, where time is neither: curves and points, each with a \
                  sign of its own, and what they are to be compared with.",
        typical: vec![Widget::Plane(detected)],
        extreme: vec![Widget::Plane(many)],
        empty: vec![Widget::Plane(make(label))],
    }
}

fn span(from_ms: u64, to_ms: Option<u64>, text: &str, epoch: Option<u64>, tone: Tone) -> Span {
    let us = |ms: u64| ms * 1_000;
    Span { from_us: us(from_ms), to_us: to_ms.map(us), text: text.into(), epoch, tone }
}

fn lanes() -> Sample {
    let rows = vec![
        (
            "S1".to_owned(),
            vec![
                span(200, Some(1_900), "leads", Some(1), Tone::Neutral),
                span(1_900, Some(2_600), "down", None, Tone::Muted),
                span(2_600, None, "follows", None, Tone::Neutral),
            ],
        ),
        (
            "S2".to_owned(),
            vec![
                span(0, Some(2_000), "follows", None, Tone::Neutral),
                span(2_100, None, "leads", Some(2), Tone::Neutral),
            ],
        ),
        (
            "C1".to_owned(),
            vec![
                span(300, Some(1_850), "served", None, Tone::Good),
                span(1_850, Some(2_300), "refused", None, Tone::Bad),
                span(2_300, Some(3_000), "slow", None, Tone::Warn),
                span(3_000, None, "served", None, Tone::Good),
            ],
        ),
    ];
    let short = (0..300)
        .map(|at| span(at * 10, Some(at * 10 + 9), "busy", Some(at % 9 + 1), Tone::Neutral));
    let short: Vec<Span> = short.collect();
    let many = (0..60).map(|lane| (format!("node {lane}"), Vec::new()));
    let many = [(LONG_NAME.to_owned(), short)].into_iter().chain(many);
    let label = "Who leads, who is served".to_owned();
    Sample {
        key: "lanes",
        title: "Lanes",
        purpose: "What each node was doing when, in true time up to now.",
        typical: vec![Widget::Lanes { label: label.clone(), rows }],
        extreme: vec![Widget::Lanes { label: "Sixty-one lanes".into(), rows: many.collect() }],
        empty: vec![Widget::Lanes { label, rows: Vec::new() }],
    }
}

fn series() -> Sample {
    let queue = [0, 3, 7, 12, 30, 44, 41, 20, 9, 4, 4, 6];
    let points = (0..).zip(queue).map(|(at, value)| (at * 350_000, value));
    let queue = Series {
        limit: Some(("limit".into(), 40)),
        tone: Tone::Good,
        ..Series::new("Queue", "requests", points)
    };
    let rate = (0..).zip([990, 990, 970, 640, 120, 400, 800, 950]);
    let rate = Series {
        decimals: 1,
        tone: Tone::Warn,
        ..Series::new("Hit rate", "%", rate.map(|(at, value)| (at * 500_000, value)))
    };
    let many = (0..)
        .zip(scattered(20_000))
        .map(|(at, number)| (at * 200, i64::try_from(number % 2_000).unwrap_or(0) - 1_000));
    Sample {
        key: "series",
        title: "Series",
        purpose: "A number over time, small, with its last value in figures.",
        typical: vec![Widget::Series(queue), Widget::Series(rate)],
        extreme: vec![
            Widget::Series(Series::new("Twenty thousand points", "", many)),
            Widget::Series(Series::new(LONG_NAME, "requests a second", [(0, i64::MAX)])),
        ],
        empty: vec![Widget::Series(Series::new("Queue", "requests", []))],
    }
}

fn windows() -> Sample {
    let minute = 60_000_000;
    let window = |from: u64, to: u64, result: Datum| Window {
        from_us: from * minute,
        to_us: to * minute,
        result,
    };
    let event = |at: u64, tone| WindowEvent { at_us: at * minute / 2, text: "sale".into(), tone };
    let fixed = WindowRow {
        name: "fixed".into(),
        windows: vec![
            window(0, 4, Datum::new("14").durable()),
            window(4, 8, Datum::new("9").toned(Tone::Warn)),
            window(8, 12, Datum::new("3").uncommitted()),
        ],
        events: vec![
            event(1, Tone::Neutral),
            event(3, Tone::Neutral),
            event(6, Tone::Neutral),
            event(10, Tone::Warn),
            event(13, Tone::Neutral),
            event(5, Tone::Bad),
            event(18, Tone::Neutral),
        ],
        watermark_us: None,
    };
    let session = WindowRow {
        name: "session".into(),
        windows: vec![
            window(0, 5, Datum::new("17")),
            window(3, 8, Datum::new("6").uncommitted()),
            window(9, 11, Datum::new("3").uncommitted()),
        ],
        events: vec![event(2, Tone::Neutral), event(12, Tone::Neutral), event(19, Tone::Neutral)],
        watermark_us: Some(6 * minute),
    };
    let sliding = (0..200).map(|at| window(at, at + 30, Datum::from(at)));
    let sliding =
        WindowRow { name: LONG_NAME.into(), windows: sliding.collect(), ..WindowRow::default() };
    let many = (0..40).map(|row| WindowRow { name: format!("key {row}"), ..WindowRow::default() });
    let extreme = Windows {
        label: "Two hundred sliding windows, forty-one keys".into(),
        rows: std::iter::once(sliding).chain(many).collect(),
        watermark_us: Some(200 * minute),
    };
    Sample {
        key: "windows",
        title: "Windows",
        purpose: "A stream over event time: windows with their results, dashed until they are final; \
                  events as dots, late ones as triangles, dropped ones as diamonds; and the watermark.",
        typical: vec![Widget::Windows(Windows {
            label: "Sales by event time".into(),
            rows: vec![fixed, session],
            watermark_us: Some(8 * minute),
        })],
        extreme: vec![Widget::Windows(extreme)],
        empty: vec![Widget::Windows(Windows { label: "Sales".into(), ..Windows::default() })],
    }
}

fn histogram() -> Sample {
    let counts = [2, 9, 31, 58, 44, 21, 9, 4, 2, 1, 0, 1];
    let bucket = |(at, count): (u64, u64)| Bucket { from: at * 10, to: at * 10 + 10, count };
    let latencies = Histogram {
        label: "Time to answer".into(),
        unit: "ms".into(),
        buckets: (0..).zip(counts).map(bucket).collect(),
        marks: vec![("p50".into(), 38), ("p99".into(), 93), ("p99.9".into(), 114)],
    };
    let wide = scattered(300).enumerate().map(|(at, number)| Bucket {
        from: at as u64,
        to: at as u64 + 1,
        count: number % 1_000_000_007,
    });
    let wide = Histogram {
        label: "Three hundred bars".into(),
        unit: "microseconds".into(),
        buckets: wide.collect(),
        marks: (1..=9).map(|at| (format!("p{at}0"), at * 8)).collect(),
    };
    let empty = Histogram { label: "Time to answer".into(), ..Histogram::default() };
    Sample {
        key: "histogram",
        title: "Histogram",
        purpose: "How often each value came up, with quantiles.",
        typical: vec![Widget::Histogram(latencies)],
        extreme: vec![Widget::Histogram(wide)],
        empty: vec![Widget::Histogram(empty)],
    }
}

const _: () = assert!(NOW_US > 3_000_000, "the lanes go on until now");
