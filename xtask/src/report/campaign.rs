//! `campaign`: many runs of each row, with faults drawn only from what the row claims to survive.

use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use faultline_core::check::{Trial, draw_trial, shrink};
use faultline_core::scenario::{Preset, Scenario};
use lexopt::prelude::*;
use serde_json::{Value, json};

use super::output;
use crate::BadArguments;

/// Between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(2);

/// What the command line says.
#[derive(Debug)]
struct Request {
    rows: Option<String>,
    presets: Vec<Preset>,
    /// The first and the last.
    seeds: (u64, u64),
    shrink: bool,
}

/// What came of one row's runs with one preset.
#[derive(Debug, Default)]
struct Tally {
    runs: u64,
    violations: u64,
    events: u64,
    /// The run with the smallest seed among those that broke something.
    first: Option<(u64, Trial)>,
}

/// `cargo xtask campaign --seeds 1..200`.
pub(crate) fn main(arguments: lexopt::Parser) -> Result<()> {
    let request = Request::read(arguments)?;
    let mut report = Vec::new();
    for row in output::rows(request.rows.as_deref())? {
        for &preset in &request.presets {
            report.push(request.run(row, preset)?);
        }
    }
    output::print(&json!(report))
}

impl Request {
    fn read(mut arguments: lexopt::Parser) -> Result<Self> {
        let mut seeds = None;
        let mut request =
            Self { rows: None, presets: Preset::ALL.to_vec(), seeds: (1, 0), shrink: false };
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("rows") => request.rows = Some(arguments.value()?.string()?),
                Long("preset") => {
                    request.presets = vec![output::preset(&arguments.value()?.string()?)?];
                }
                Long("seeds") => seeds = Some(seed_range(&arguments.value()?.string()?)?),
                Long("shrink") => request.shrink = true,
                Long("json") => {}
                other @ (Value(_) | Long(_) | Short(_)) => return Err(other.unexpected().into()),
            }
        }
        let sentence = "campaign needs --seeds A..B, such as --seeds 1..200";
        request.seeds = seeds.ok_or_else(|| BadArguments(sentence.into()))?;
        Ok(request)
    }

    fn run(&self, row: &'static Scenario, preset: Preset) -> Result<Value> {
        let started = Instant::now();
        let tally = tally(row, preset, self.seeds)?;
        let elapsed_us = started.elapsed().as_micros().max(1);
        let first = tally.first.map(|(_, trial)| {
            let smaller = if self.shrink { shrink(&trial, |_| true) } else { None };
            let trial = smaller.unwrap_or(trial);
            trial.link(Some(trial.run_to_violation().at_us))
        });
        let runs_per_s = u64::try_from(u128::from(tally.runs) * 1_000_000 / elapsed_us)?;
        Ok(json!({
            "slug": row.slug,
            "preset": preset.key(),
            "runs": tally.runs,
            "violations": tally.violations,
            "first_violation_link": first,
            "events": tally.events,
            "runs_per_s": runs_per_s,
        }))
    }
}

/// Runs every seed on as many threads as there are processors. Which thread runs which seed changes
/// nothing: the tally is the same.
fn tally(row: &'static Scenario, preset: Preset, (first, last): (u64, u64)) -> Result<Tally> {
    let count = last - first + 1;
    let done = AtomicU64::new(0);
    let mut tally = Tally::default();
    let mut has_panicked = false;
    let is_finished = Mutex::new(false);
    let progress = || {
        let runs = done.load(Ordering::Relaxed).min(count);
        eprintln!("{} {}: {runs} of {count} runs", row.slug, preset.key());
    };
    thread::scope(|scope| {
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let work = || {
            let mut own = Tally::default();
            loop {
                let number = done.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    break own;
                }
                own.add(row, preset, first + number);
            }
        };
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let reporter = scope.spawn(|| {
            let mut waited = Duration::ZERO;
            while is_finished.lock().is_ok_and(|is_finished| !*is_finished) {
                thread::sleep(Duration::from_millis(20));
                waited += Duration::from_millis(20);
                if waited >= PROGRESS {
                    waited = Duration::ZERO;
                    progress();
                }
            }
        });
        for worker in threads {
            match worker.join() {
                Ok(own) => tally.join(own),
                Err(_) => has_panicked = true,
            }
        }
        if let Ok(mut is_finished) = is_finished.lock() {
            *is_finished = true;
        }
        drop(reporter.join());
    });
    if io::stderr().is_terminal() {
        progress();
    }
    if has_panicked {
        bail!("{} {}: a run panicked, see above", row.slug, preset.key());
    }
    Ok(tally)
}

impl Tally {
    fn add(&mut self, row: &'static Scenario, preset: Preset, seed: u64) {
        let trial = draw_trial(row, preset, seed);
        let outcome = trial.run_to_violation();
        self.runs += 1;
        self.events += u64::from(outcome.events);
        if outcome.violation().is_some() {
            self.violations += 1;
            self.note(seed, trial);
        }
    }

    fn note(&mut self, seed: u64, trial: Trial) {
        if self.first.as_ref().is_none_or(|(first, _)| seed < *first) {
            self.first = Some((seed, trial));
        }
    }

    fn join(&mut self, other: Self) {
        self.runs += other.runs;
        self.violations += other.violations;
        self.events += other.events;
        if let Some((seed, trial)) = other.first {
            self.note(seed, trial);
        }
    }
}

/// Reads `A..B`: from A to B, both included.
fn seed_range(text: &str) -> Result<(u64, u64)> {
    let range = text.split_once("..").and_then(|(first, last)| {
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        (first <= last && last < u64::MAX).then_some((first, last))
    });
    Ok(range.ok_or_else(|| {
        BadArguments(format!("--seeds takes A..B with A not above B, such as 1..200, not `{text}`"))
    })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_range_of_seeds_are_run() {
        assert_eq!(seed_range("1..200").unwrap(), (1, 200));
        assert_eq!(seed_range("7..7").unwrap(), (7, 7));
        for bad in ["", "5", "1..", "..9", "9..1", "1...9", "a..b", "0..18446744073709551615"] {
            assert!(seed_range(bad).unwrap_err().is::<BadArguments>(), "{bad}");
        }
        let row = faultline_core::scenario::all().next().unwrap();
        let tally = tally(row, Preset::Hardened, (1, 20)).unwrap();
        assert_eq!((tally.runs, tally.violations), (20, 0));
        assert!(tally.events > 0);
    }

    #[test]
    fn a_run_that_panics_is_not_left_out_in_silence() {
        let row = faultline_core::scenario::find("test-panics").unwrap();
        assert!(tally(row, Preset::Hardened, (1, 20)).is_err());
    }

    #[test]
    fn a_campaign_without_seeds_is_a_bad_argument() {
        let error = Request::read(lexopt::Parser::from_args(["--shrink"])).unwrap_err();
        assert!(error.is::<BadArguments>());
    }
}
