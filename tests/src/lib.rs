//! Helpers of the catalogue-wide suites: which rows there are, and the runs that every row must have.
//!
//! The suites know no row. Whatever is registered is tested, and whatever is not registered is found
//! by a test as well.

pub mod editing_trace;
pub mod models;

use faultline_core::check::{Outcome, Trial};
use faultline_core::run::{Position, Run};
use faultline_core::scenario::{self, Preset, Scenario, Setup};
use faultline_core::sim::TimedAction;

/// Returns every listed row; of them only those whose slugs the variable `ROWS` names, with commas
/// between them, if it is set: who builds a row need not wait for all others.
///
/// # Panics
///
/// If `ROWS` names a row that is not listed: a slip would pass for a success.
pub fn all() -> impl Iterator<Item = &'static Scenario> {
    let wanted = std::env::var("ROWS").ok();
    for slug in wanted.iter().flat_map(|rows| rows.split(',')) {
        assert!(
            scenario::all().any(|row| row.slug == slug),
            "ROWS names “{slug}”, which is no row"
        );
    }
    let is_wanted = move |row: &&Scenario| {
        wanted.as_ref().is_none_or(|rows| rows.split(',').any(|slug| slug == row.slug))
    };
    scenario::all().filter(is_wanted)
}

/// Returns the lines that a table keeps of the rows of [`all`]; each line begins with its row.
///
/// # Panics
///
/// If a line is of no row that is listed: nobody would look at it.
pub fn kept_lines(table: &'static str) -> impl Iterator<Item = &'static str> {
    let asked: Vec<&str> = all().map(|row| row.slug).collect();
    table.lines().filter(|line| !line.starts_with('#')).filter(move |line| {
        let slug = line.split(' ').next().unwrap_or_default();
        assert!(scenario::all().any(|row| row.slug == slug), "this is kept of no row: {line}");
        asked.contains(&slug)
    })
}

/// Returns a table anew: these lines of the rows of [`all`], what it kept of all others, and the
/// remark at its head.
pub fn updated(table: &str, lines: &[String]) -> String {
    let asked: Vec<&str> = all().map(|row| row.slug).collect();
    let of = |slug: &str, line: &str| line.split(' ').next() == Some(slug);
    let mut text: String = table.lines().filter(|line| line.starts_with('#')).collect();
    text.extend((!text.is_empty()).then_some('\n'));
    for slug in scenario::all().map(|row| row.slug) {
        let kept = table.lines().filter(|line| of(slug, line) && !asked.contains(&slug));
        let new = lines.iter().map(String::as_str).filter(|line| of(slug, line));
        kept.chain(new).for_each(|line| text.extend([line, "\n"]));
    }
    text
}

/// Returns every listed row with each of its presets.
pub fn rows_and_presets() -> impl Iterator<Item = (&'static Scenario, Preset)> {
    all().flat_map(|row| Preset::ALL.map(|preset| (row, preset)))
}

/// Returns the actions of the row's default script; none if it has no script.
pub fn default_actions(setup: &Setup) -> Vec<TimedAction> {
    setup.scenario().script(setup, 0)
}

/// Returns the run of the default script.
pub fn default_trial(row: &'static Scenario, preset: Preset, seed: u64) -> Trial {
    let setup = Setup::new(row, preset, seed);
    let actions = default_actions(&setup);
    Trial::new(setup, actions)
}

/// Says what broke in a run and how to see it, for the message of a failed test.
pub fn finding(trial: &Trial, outcome: &Outcome) -> String {
    let broken: Vec<String> = outcome
        .checks
        .iter()
        .filter(|check| check.is_violated())
        .map(|check| format!("“{}” ({:?})", check.name, check.verdict))
        .collect();
    format!("{}: {}", trial.link(Some(outcome.at_us)), broken.join(", "))
}

/// The seeds whose runs must be the same to the bit on every platform.
pub const DIGEST_SEEDS: [u64; 3] = [1, 2, 3];

/// How many events of each such run are compared.
pub const DIGEST_EVENTS: u32 = 20_000;

/// The table of digests that native code and WebAssembly must both arrive at.
pub const DIGEST_TABLE: &str = include_str!("../digests.txt");

/// Returns one line for each row, preset and seed: what was run and the digest it came to.
///
/// The default script is part of every run; a run in which nothing is left to happen ends earlier.
pub fn digest_lines() -> Vec<String> {
    let runs = rows_and_presets().flat_map(|(row, preset)| {
        DIGEST_SEEDS.map(|seed| {
            let setup = Setup::new(row, preset, seed);
            let actions = default_actions(&setup);
            let mut run = Run::new(setup, actions);
            run.seek(Position { events: DIGEST_EVENTS, actions: 0 });
            let events = run.position().events;
            let digest = run.simulation().digest();
            format!(
                "{} {} seed {seed}: {events} events, digest {digest:016x}",
                row.slug,
                preset.key()
            )
        })
    });
    runs.collect()
}
