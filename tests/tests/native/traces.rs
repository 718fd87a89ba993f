//! Runs that the field knows by name, each to be had by a script of its row.

use faultline_core::check::Trial;
use faultline_core::scenario::{Preset, Setup, find};
use faultline_core::view::Verdict;

/// Row, what the script's label says, the preset, and what is broken or seen in that run.
const TRACES: &[(&str, &str, Preset, &str)] = &[
    (
        "raft-log",
        "Figure 8",
        Preset::Naive,
        "Leader Completeness: every later leader has what is committed",
    ),
    ("raft-log", "Figure 7", Preset::Hardened, "entries are dropped for a leader's"),
    ("single-leader", "a split vote", Preset::Hardened, "a vote is split"),
    (
        "split-brain",
        "A zombie leader",
        Preset::Naive,
        "the store applies no write of an earlier epoch",
    ),
    ("quorum-dial", "A sloppy quorum", Preset::Naive, "a stand-in's answer counts"),
    (
        "quorum-dial",
        "A sloppy quorum",
        Preset::Naive,
        "a read returns the latest acknowledged write, or one under way",
    ),
];

#[test]
fn famous_runs_are_to_be_had_by_their_names() {
    for &(slug, name, preset, shows) in TRACES {
        let row = find(slug).expect("it is listed");
        let script = row.scripts.iter().position(|script| script.label.contains(name));
        let script = script.unwrap_or_else(|| panic!("no script of {slug} is called “{name}”"));
        for seed in [1, 42] {
            let setup = Setup::new(row, preset, seed).for_script(script);
            let actions = row.script(&setup, script);
            let outcome = Trial::new(setup, actions).run();
            let check = outcome.checks.iter().find(|check| check.name == shows);
            let is_shown = check.is_some_and(|check| {
                matches!(check.verdict, Verdict::Broken { .. } | Verdict::Reached { .. })
            });
            assert!(is_shown, "{slug} seed {seed}: “{name}” does not show “{shows}”");
        }
    }
}
