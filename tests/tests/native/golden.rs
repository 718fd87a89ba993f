//! Golden traces: the default run of each row and preset, in the words of the log.
//!
//! A whole run has thousands of lines, so a trace keeps what a reader follows: everything that was
//! done or judged; what nodes recorded around those moments; and every message around the first
//! violation of the naive preset (for the hardened one, the same time of the same schedule). Longer
//! stretches that are left out are marked.
//!
//! Each trace begins with a few sentences that explain its key lines: they were written by a person
//! who had read it, and are worth reading again when the trace changes.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Scenario, Setup, all};
use faultline_core::sim::{MarkKind, TextKind, TextLine};
use faultline_tests::default_actions;

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
const EXPLANATIONS: [(&str, Preset, &str); 6] = [
    (
        "single-leader",
        Preset::Naive,
        "Nobody votes: the first server simply leads, and every other server waits for the lease to \
         end by its own wall clock. At 500 ms S1's clock is set back, so that S1 believes in its \
         lease for longer than the others do; nothing looks wrong, heartbeats keep coming. The cut at \
         1 s leaves S1 alone with C1. S5's clock ends the lease and S5 takes over, in term 2, while \
         S1 goes on acknowledging C1's writes from its own disk. The first break is one line later \
         than the harm: S5 acknowledges entry 36 to C2, which S1 had already promised to C1. From then \
         on both speak in turn, though S1 should be silent (the second break). At 3 s the cut heals, \
         S1 follows S5 and drops its entries: with them goes a write that was acknowledged (the third).",
    ),
    (
        "single-leader",
        Preset::Hardened,
        "The same schedule. S1 leads after a pre-vote and four votes, and answers a client only when \
         a majority has the entry on disk (each “acknowledges” follows its “counts entries up to …”). The \
         clock set back at 500 ms moves nothing, since no decision reads a wall clock. After the cut \
         at 1 s the majority elects S3 in term 2. For a while S1 believes that it leads, too, hence \
         the first alert; but it gets no majority, acknowledges nothing and steps down, and soon only \
         asks who would vote for it. C1 waits: that is the price, and the second alert. After the \
         heal S1 drops two entries: neither had been acknowledged.",
    ),
    ("raft-log", Preset::Naive, "TO BE WRITTEN."),
    ("raft-log", Preset::Hardened, "TO BE WRITTEN."),
    (
        "g-counter",
        Preset::Naive,
        "Every copy adds what it hears. From 150 ms on, half of the messages arrive twice: N1's delta \
         0 reaches N4 a second time at 209.370 ms, and N4 adds it again: it counts a click of N1 \
         that nobody made. The crash at 1.4 s is the second break: the clicks that N5 had \
         acknowledged were in its memory only, and it comes back with none. After the heal \
         the sums can't find together again, as a sum doesn't know what it is made of: two seconds \
         into the quiet a copy is still wrong, and the goal is missed.",
    ),
    (
        "g-counter",
        Preset::Hardened,
        "The same schedule. A click is acknowledged only when the disk has synced, some milliseconds \
         after it was asked for: so N5 comes back from its crash with the nine clicks of \
         its own. Doubled messages change nothing, since copies exchange vectors and take the larger \
         number of each slot. During the cut both sides count on, and drift apart until the alert \
         rings: available, and wrong for now. The heal at 2.2 s brings every copy to every click \
         within two tenths of a second, without anybody's help.",
    ),
];

#[test]
fn default_runs_go_as_they_are_told() {
    for row in all() {
        for preset in Preset::ALL {
            let found = EXPLANATIONS.iter().find(|it| it.0 == row.slug && it.1 == preset);
            let name = format!("{}-{}", row.slug, preset.key());
            let explanation = found.map(|it| it.2);
            let explanation = explanation.unwrap_or_else(|| panic!("explain the trace of {name}"));
            let trace = trace(row, preset);
            let lines = trace.lines().count();
            eprintln!("{name}: {lines} lines");
            insta::with_settings!({
                description => explanation,
                omit_expression => true,
                prepend_module_to_snapshot => false,
                snapshot_path => "../../golden",
            }, {
                insta::assert_snapshot!(name.as_str(), trace);
            });
            assert!(lines <= LONGEST, "{name} has {lines} lines");
        }
    }
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
