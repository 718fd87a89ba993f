//! `campaign`: many runs of each row, with faults drawn only from what the row claims to survive; or, on
//! a link, the very tries that the page makes there.

use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use faultline_core::check::{Trial, attempt, draw_trial, shrink};
use faultline_core::link;
use faultline_core::scenario::{Preset, Scenario, Setup};
use faultline_core::view::Strategy;
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
    /// A run on whose knobs and safeguards to search as the page does, and how.
    on: Option<(Setup, Strategy)>,
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
    if let Some((setup, strategy)) = &request.on {
        let preset = setup.preset().map_or("custom", Preset::key);
        let attempt = |number| attempted(setup, *strategy, number);
        let report = request.run((setup.scenario().slug, preset), &attempt)?;
        return output::print(&json!([report]));
    }
    for row in output::rows(request.rows.as_deref())? {
        for &preset in &request.presets {
            report.push(request.run((row.slug, preset.key()), &|seed| drawn(row, preset, seed))?);
        }
    }
    output::print(&json!(report))
}

impl Request {
    fn read(mut arguments: lexopt::Parser) -> Result<Self> {
        let (mut seeds, mut on, mut strategy) = (None, None, Strategy::Swarm);
        let presets = Preset::ALL.to_vec();
        let mut request = Self { rows: None, on: None, presets, seeds: (1, 0), shrink: false };
        while let Some(argument) = arguments.next()? {
            match argument {
                Long("rows") => request.rows = Some(arguments.value()?.string()?),
                Long("preset") => {
                    request.presets = vec![output::preset(&arguments.value()?.string()?)?];
                }
                Long("seeds") => seeds = Some(seed_range(&arguments.value()?.string()?)?),
                Long("on") => on = Some(arguments.value()?.string()?),
                Long("orders") => strategy = Strategy::Priorities,
                Long("shrink") => request.shrink = true,
                Long("json") => {}
                other @ (Value(_) | Long(_) | Short(_)) => return Err(other.unexpected().into()),
            }
        }
        if let Some(text) = on {
            let opened = link::parse(&text, 1).map_err(|error| BadArguments(error.to_string()))?;
            request.on = Some((opened.setup, strategy));
        }
        let sentence = "campaign needs --seeds A..B, such as --seeds 1..200";
        request.seeds = seeds.ok_or_else(|| BadArguments(sentence.into()))?;
        Ok(request)
    }

    fn run(&self, name: (&str, &str), attempt: &Attempt<'_>) -> Result<Value> {
        let started = Instant::now();
        let tally = tally(name, attempt, self.seeds)?;
        let elapsed_us = started.elapsed().as_micros().max(1);
        let first = tally.first.map(|(_, trial)| {
            let smaller = if self.shrink { shrink(&trial, |_| true) } else { None };
            let trial = smaller.unwrap_or(trial);
            trial.link(Some(trial.run_to_violation().at_us))
        });
        let runs_per_s = u64::try_from(u128::from(tally.runs) * 1_000_000 / elapsed_us)?;
        Ok(json!({
            "slug": name.0,
            "preset": name.1,
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
fn tally(
    (slug, preset): (&str, &str),
    attempt: &Attempt<'_>,
    (first, last): (u64, u64),
) -> Result<Tally> {
    let count = last - first + 1;
    let done = AtomicU64::new(0);
    let mut tally = Tally::default();
    let mut has_panicked = false;
    let is_finished = Mutex::new(false);
    let progress = || {
        let runs = done.load(Ordering::Relaxed).min(count);
        eprintln!("{slug} {preset}: {runs} of {count} runs");
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
                own.add(first + number, attempt(first + number));
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
        bail!("{slug} {preset}: a run panicked, see above");
    }
    Ok(tally)
}

/// What comes of the run with a number: its events, and the run if it breaks something.
type Attempt<'a> = dyn Fn(u64) -> (u64, Option<Trial>) + Sync + 'a;

/// A run of a row with any knobs.
fn drawn(row: &'static Scenario, preset: Preset, seed: u64) -> (u64, Option<Trial>) {
    let trial = draw_trial(row, preset, seed);
    let outcome = trial.run_to_violation();
    let is_broken = outcome.violation().is_some();
    (outcome.events.into(), is_broken.then_some(trial))
}

/// A try on a link's own knobs, as the page makes it.
fn attempted(setup: &Setup, strategy: Strategy, number: u64) -> (u64, Option<Trial>) {
    let (tally, finding) = attempt(setup, strategy, number);
    (tally.events, finding.map(|finding| finding.trial))
}

impl Tally {
    fn add(&mut self, seed: u64, (events, broken): (u64, Option<Trial>)) {
        self.runs += 1;
        self.events += events;
        if let Some(trial) = broken {
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
        let one = |seed| drawn(row, Preset::Hardened, seed);
        let tally = tally((row.slug, "hardened"), &one, (1, 20)).unwrap();
        assert_eq!((tally.runs, tally.violations), (20, 0));
        assert!(tally.events > 0);
    }

    #[test]
    fn a_run_that_panics_is_not_left_out_in_silence() {
        let row = faultline_core::scenario::find("test-panics").unwrap();
        let one = |seed| drawn(row, Preset::Hardened, seed);
        assert!(tally((row.slug, "hardened"), &one, (1, 20)).is_err());
    }

    #[test]
    fn on_a_link_the_smallest_number_that_breaks_is_the_find_as_on_the_page() {
        let words = ["--on", "#/s/g-counter?seed=9", "--seeds", "1..60"];
        let request = Request::read(lexopt::Parser::from_args(words)).unwrap();
        let (setup, strategy) = request.on.as_ref().unwrap();
        let one = |number| attempted(setup, *strategy, number);
        let found = tally(("g-counter", "naive"), &one, request.seeds).unwrap().first.unwrap();
        let first = (1..=60).find(|&number| one(number).1.is_some());
        assert_eq!(Some(found.0), first);
        let bad = ["--on", "#/s/nothing", "--seeds", "1..2"];
        assert!(Request::read(lexopt::Parser::from_args(bad)).unwrap_err().is::<BadArguments>());
    }

    #[test]
    fn a_campaign_without_seeds_is_a_bad_argument() {
        let error = Request::read(lexopt::Parser::from_args(["--shrink"])).unwrap_err();
        assert!(error.is::<BadArguments>());
    }
}
