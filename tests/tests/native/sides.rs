//! Promises whose breaking has sides: each row here names them, so that "why?" tells one beside the other.

use faultline_core::link;
use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Setup};
use faultline_core::sim::TextLine;
use faultline_core::view::Verdict;

/// Rows whose default script breaks a promise that two events contradict, with that promise.
const ROWS: [(&str, &str); 22] = [
    ("leaderless-log", "what a replica acknowledged stays in its log"),
    ("g-counter", "no click is counted twice"),
    ("gossip-udp", "30 comparisons into the quiet, all directories are right"),
    ("heartbeats", "nobody is declared dead within a burst"),
    ("heartbeats", "who was declared dead comes back in a new incarnation only"),
    ("heartbeats", "in calm, everybody is listed"),
    ("raft-log", "State Machine Safety: in one place all apply one entry"),
    ("raft-log", "Leader Completeness: every later leader has what is committed"),
    ("quorum-dial", "a seat has one owner"),
    ("quorum-dial", "a read returns the latest acknowledged write, or one under way"),
    ("lock-from-scratch", "two never hold the lock at one time"),
    ("lock-from-scratch", "a job's parts stay together"),
    ("lock-from-scratch", "nobody writes after a later holder"),
    ("lock-from-scratch", "a number is given away once"),
    ("redis-lock", "no ticket is sold twice"),
    ("split-brain", "no two servers serve at the same time"),
    ("split-brain", "the store applies no write of an earlier epoch"),
    ("split-brain", "an acknowledged write stays in its block"),
    ("reliable-delivery", "nothing that was taken is lost"),
    ("reliable-delivery", "each message takes effect once"),
    ("read-repair", "no replica ever replaces a version by an older one"),
    ("read-repair", "a deleted key does not come back"),
];

#[test]
fn each_side_of_a_contradiction_is_something_that_happened_before() {
    for (slug, promise) in ROWS {
        let setup = Setup::of(slug, Preset::Naive, 1).expect("it is registered");
        let mut run = Run::new(setup.clone(), setup.scenario().script(&setup, 0));
        run.seek_time(setup.scenario().horizon_us);
        let checks = run.simulation().checks();
        let check = checks.iter().find(|it| it.name == promise).expect("the row promises it");
        let Verdict::Broken { at_us, moments, .. } = &check.verdict else {
            panic!("{slug}: “{promise}” has not broken");
        };
        assert_eq!(moments.len(), 2, "{slug}: {moments:?}");
        assert!(moments.iter().all(|(side_us, _)| side_us <= at_us), "{slug}: {moments:?}");
        let lines = run.text(0, u32::MAX);
        let happened = |&(at_us, node): &(u64, _)| {
            lines.iter().any(|line| (line.at_us, line.node) == (at_us, Some(node)))
        };
        assert!(moments.iter().all(happened), "{slug}: {moments:?}");
    }
}

/// Rows of which every promise is broken by some kept run, and each such break names its moments.
const WHOLE_ROWS: [&str; 8] = [
    "leaderless-log",
    "single-leader",
    "election-styles",
    "raft-log",
    "config-store",
    "quorum-dial",
    "split-brain",
    "reliable-delivery",
];
/// What does not happen has no moment.
const MISSING: &str = "a connected majority serves";

#[test]
fn whatever_a_kept_run_breaks_is_made_of_moments_at_which_something_happened() {
    for line in include_str!("../../kept.txt").lines().filter(|line| !line.starts_with('#')) {
        let [slug, _, promise, link] = line.split(" | ").collect::<Vec<_>>()[..] else {
            panic!("four parts a line: {line}");
        };
        if !WHOLE_ROWS.contains(&slug) || promise == MISSING {
            continue;
        }
        let opened = link::parse(link, 0).expect("a kept run opens");
        let until_us = opened.at_us.unwrap_or(opened.setup.scenario().horizon_us);
        let mut run = Run::new(opened.setup, opened.actions.unwrap_or_default());
        run.seek_time(until_us);
        let checks = run.simulation().checks();
        let check = checks.iter().find(|it| it.name == promise).expect("the row promises it");
        let Verdict::Broken { at_us, moments, .. } = &check.verdict else {
            panic!("“{promise}” has not broken: {link}");
        };
        assert!(!moments.is_empty(), "{slug}: “{promise}” names no moment: {link}");
        let lines = run.text(0, u32::MAX);
        for &(moment_us, node) in moments {
            let is_of = |it: &TextLine| (it.at_us, it.node) == (moment_us, Some(node));
            assert!(moment_us <= *at_us && lines.iter().any(is_of), "{slug}: “{promise}”: {link}");
        }
    }
}
