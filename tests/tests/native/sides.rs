//! Promises whose breaking has sides: each row here names them, so that "why?" tells one beside the other.

use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Setup};
use faultline_core::view::Verdict;

/// Rows whose default script breaks a promise that two events contradict, with that promise.
const ROWS: [(&str, &str); 6] = [
    ("g-counter", "no click is counted twice"),
    ("raft-log", "State Machine Safety: in one place all apply one entry"),
    ("quorum-dial", "a seat has one owner"),
    ("lock-from-scratch", "a job's parts stay together"),
    ("redis-lock", "no ticket is sold twice"),
    ("split-brain", "the store applies no write of an earlier epoch"),
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
