//! Golden traces: the default run of each row and preset, in the words of the log.
//!
//! A whole run has thousands of lines, so a trace keeps what a reader follows: everything that was
//! done or judged; what nodes recorded around those moments; and every message around the first
//! violation of the naive preset (for the hardened one, the same time of the same schedule). Longer
//! stretches that are left out are marked.
//!
//! Each trace begins with a few sentences that explain its key lines: they were written by a person
//! who had read it, and are worth reading again when the trace changes.

mod collaboration;
mod consensus;
mod replication;
mod storage;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Scenario, Setup};
use faultline_core::sim::{MarkKind, TextKind, TextLine};
use faultline_tests::{all, default_actions};

/// Messages are told this long before and after the moment that the trace is about.
const CLOSE_UP_US: u64 = 4_000;
/// Facts are told this long before a moment …
const BEFORE_US: u64 = 20_000;
/// … and this long after it.
const AFTER_US: u64 = 60_000;
/// So many lines left out in a row are worth a mark.
const NOTABLE: usize = 40;
/// A trace that is longer than this is read by nobody.
const LONGEST: usize = 250;

/// What to see in a trace, by row and preset.
type Explained = (&'static str, Preset, &'static str);

#[test]
fn default_runs_go_as_they_are_told() {
    let families = [
        consensus::EXPLAINED,
        replication::EXPLAINED,
        collaboration::EXPLAINED,
        storage::EXPLAINED,
    ];
    for row in all() {
        for preset in Preset::ALL {
            let found =
                families.iter().copied().flatten().find(|it| it.0 == row.slug && it.1 == preset);
            let name = format!("{}-{}", row.slug, preset.key());
            let explanation = found.map(|it| it.2);
            let explanation = explanation.unwrap_or_else(|| panic!("explain the trace of {name}"));
            assert!(explanation.len() > 200, "{name}: say what is to be seen");
            let trace = trace(row, preset);
            let lines = trace.lines().count();
            eprintln!("{name}: {lines} lines");
            let record = format!("{}/golden/{name}.snap", env!("CARGO_MANIFEST_DIR"));
            let updates = std::env::var("INSTA_UPDATE").is_ok_and(|it| it == "always");
            // A record is written anew only if its trace has changed, whatever it is described as.
            if updates && !is_described(&record, explanation) {
                std::fs::remove_file(&record).unwrap_or_default();
            }
            insta::with_settings!({
                description => explanation,
                omit_expression => true,
                prepend_module_to_snapshot => false,
                snapshot_path => "../../golden",
            }, {
                insta::assert_snapshot!(name.as_str(), trace);
            });
            assert!(
                is_described(&record, explanation),
                "{record} has an older explanation: INSTA_UPDATE=always writes it anew"
            );
            assert!(lines <= LONGEST, "{name} has {lines} lines");
        }
    }
}

/// Returns true if a record has this explanation at its head.
fn is_described(record: &str, explanation: &str) -> bool {
    let record = std::fs::read_to_string(record).unwrap_or_default();
    record.contains(&format!("\ndescription: {explanation:?}\n"))
}

/// Plays the default script and tells what a reader needs to follow it.
fn trace(row: &'static Scenario, preset: Preset) -> String {
    let subject_us = first_violation_us(row);
    let run = played(row, preset);
    let lines = run.text(0, u32::MAX);
    let is_moment = |line: &&TextLine| matches!(line.kind, TextKind::Action | TextKind::Verdict);
    let moments = lines.iter().filter(is_moment).map(|line| line.at_us);
    let moments: BTreeSet<u64> = moments.chain([subject_us]).collect();
    let is_near = |at_us: u64| {
        let near = at_us.saturating_sub(AFTER_US)..=at_us + BEFORE_US;
        moments.range(near).next().is_some()
    };
    let mut text = String::new();
    let mut left_out = 0;
    for line in lines {
        let is_told = match line.kind {
            TextKind::Action | TextKind::Verdict => true,
            TextKind::Fact => is_near(line.at_us),
            TextKind::Event | TextKind::Send | TextKind::Loss => {
                line.at_us.abs_diff(subject_us) <= CLOSE_UP_US
            }
        };
        if !is_told {
            left_out += 1;
            continue;
        }
        if left_out >= NOTABLE {
            _ = writeln!(text, "{:>12}  … {left_out} lines", "");
        }
        left_out = 0;
        _ = writeln!(text, "{}", told(&line));
    }
    text
}

fn played(row: &'static Scenario, preset: Preset) -> Run {
    let setup = Setup::new(row, preset, 1);
    let actions = default_actions(&setup);
    let mut run = Run::new(setup, actions);
    run.seek_time(row.horizon_us);
    run
}

/// Returns when the naive preset first breaks something under the default script.
fn first_violation_us(row: &'static Scenario) -> u64 {
    let is_it = |kind| matches!(kind, MarkKind::Violation(_) | MarkKind::GoalMissed(_));
    let run = played(row, Preset::Naive);
    let first = run.journal().marks.iter().find(|mark| is_it(mark.kind));
    first.expect("the default script breaks the naive preset").at_us
}

/// Writes a line: when, then what, set in if it belongs to the event above it.
fn told(line: &TextLine) -> String {
    let (ms, us) = (line.at_us / 1_000, line.at_us % 1_000);
    let mark = match line.kind {
        TextKind::Action => "▶ ",
        TextKind::Event => "",
        TextKind::Send => "    → ",
        TextKind::Fact => "    · ",
        TextKind::Loss => "    × ",
        TextKind::Verdict => "! ",
    };
    format!("{ms:>5}.{us:03} ms  {mark}{}", line.text)
}
