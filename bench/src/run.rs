//! A long run with a cursor: a million events, seeking anywhere, stepping back, and the memory all
//! that takes.

use cpu_time::ThreadTime;
use faultline_bench_workloads::elections;
use faultline_core::run::{Position, Run};
use faultline_core::sim::Stream;
use serde_json::{Value, json};

use crate::measure::{self, Effort, percentile, rounded, timed};

/// The part whose memory is measured in a process of its own.
const MEMORY_PREFIX: &str = "run of ";
/// Steps back at each place.
const STEPS_BACK: u32 = 20;

/// What can be done alone: `run of 1000000`.
pub(crate) fn contestant(name: &str) -> Option<Box<dyn Fn() -> u64>> {
    let events = name.strip_prefix(MEMORY_PREFIX)?.parse().ok()?;
    Some(Box::new(move || {
        let mut run = run_of(events);
        // What seeking leaves behind counts as well.
        drop(seek_times(&mut run, events, 20));
        run.known().events.into()
    }))
}

/// A run of this length, the cursor at its end.
fn run_of(events: u32) -> Run {
    let mut run = Run::new(elections::setup(1), Vec::new());
    run.seek(Position { events, actions: 0 });
    run
}

/// Seeks to random places of a run and steps back from each; returns the milliseconds that each
/// seek and each step back took.
fn seek_times(run: &mut Run, events: u32, places: u32) -> (Vec<f64>, Vec<f64>) {
    let mut stream = Stream::new(1, "places to seek");
    let mut seeks = Vec::new();
    let mut steps_back = Vec::new();
    for _ in 0..places {
        let place = stream.range(0, events.into());
        let place = u32::try_from(place).unwrap_or(events);
        seeks.push(milliseconds(|| run.seek(Position { events: place, actions: 0 })));
        for _ in 0..STEPS_BACK {
            steps_back.push(milliseconds(|| {
                // False only at the beginning, where there is nothing to undo.
                let _ = run.step_back();
            }));
        }
    }
    (seeks, steps_back)
}

fn milliseconds(work: impl FnOnce()) -> f64 {
    let start = ThreadTime::now();
    work();
    start.elapsed().as_secs_f64() * 1_000.0
}

/// Measures the run.
pub(crate) fn section(effort: Effort) -> Value {
    let (events, places) = match effort {
        Effort::Quick => (100_000, 50),
        Effort::Full => (1_000_000, 500),
    };
    let rates = measure::take_turns(
        effort,
        &[&|| timed(|| run_of(events).known().events.into()), &|| {
            timed(|| elections::run(false, events.into()))
        }],
    );
    let mut run = run_of(events);
    let (seeks, steps_back) = seek_times(&mut run, events, places);
    let alone = measure::alone(&format!("{MEMORY_PREFIX}{events}"), None);
    let mebibytes = |bytes: u64| u32::try_from(bytes >> 20).unwrap_or(u32::MAX);
    let milliseconds = |values: &[f64], percent| percentile(values.to_vec(), percent).map(rounded);
    json!({
        "events": events,
        "events_per_second": rates[0].map(f64::round),
        "events_per_second_without_record_or_checkpoints": rates[1].map(f64::round),
        "seek_median_ms": milliseconds(&seeks, 50),
        "seek_p99_ms": milliseconds(&seeks, 99),
        "seek_worst_ms": milliseconds(&seeks, 100),
        "seek_p99_aim_ms": 100,
        "step_back_median_ms": milliseconds(&steps_back, 50),
        "step_back_p99_ms": milliseconds(&steps_back, 99),
        "step_back_worst_ms": milliseconds(&steps_back, 100),
        "step_back_p99_aim_ms": 16,
        "memory_mebibytes": alone.and_then(|alone| alone.bytes).map(mebibytes),
        "memory_aim_mebibytes": 300,
    })
}
