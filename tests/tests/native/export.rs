//! What is exported is what the formats ask for, and says what happened.

use std::collections::BTreeMap;

use faultline_core::export::{mermaid, shiviz};
use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Setup};
use faultline_core::sim::EventKind;
use faultline_tests::all;

/// Every row's default run, up to its first broken promise.
fn broken_runs() -> impl Iterator<Item = Run> {
    all().map(|row| {
        let setup = Setup::new(row, Preset::Naive, 1);
        let actions = faultline_tests::default_actions(&setup);
        let trial = faultline_core::check::Trial::new(setup.clone(), actions.clone());
        let at_us = trial.run_to_violation().at_us;
        let mut run = Run::new(setup, actions);
        run.seek_time(at_us);
        run
    })
}

/// The clocks are read back as the tool's published expression takes them apart: host, clock, event. Each
/// host counts its own events one by one, and nobody knows of more than has happened.
#[test]
fn a_log_for_shiviz_has_clocks_that_are_clocks() {
    for run in broken_runs() {
        let slug = run.setup().scenario().slug;
        let Ok(log) = shiviz(&run) else { continue };
        let mut lines = log.lines();
        assert_eq!(lines.next(), Some("(?<host>\\S+) (?<clock>\\{.*\\})\\n(?<event>.*)"));
        assert_eq!(lines.next(), Some(""), "one execution, so no delimiter");
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        while let Some(line) = lines.next() {
            let (host, clock) = line.split_once(' ').expect("host and clock");
            assert!(!host.contains(char::is_whitespace));
            let clock: BTreeMap<String, u64> =
                serde_json::from_str(clock).expect("clocks are JSON");
            let own = counts.entry(host.to_owned()).or_default();
            *own += 1;
            assert_eq!(clock.get(host), Some(&*own), "{slug}: {line}");
            for (other, count) in &clock {
                assert!(*count <= counts[other], "{slug}: {line} knows of what has not happened");
            }
            assert!(!lines.next().expect("what happened").is_empty(), "{slug}");
        }
        // What fell on the way happened to nobody.
        let records = &run.journal().events[..run.position().events as usize];
        let happened = records.iter().filter(|it| it.kind != EventKind::Fell).map(|_| 1_u64);
        assert_eq!(counts.values().sum::<u64>(), happened.sum::<u64>(), "{slug}");
    }
}

#[test]
fn a_sequence_diagram_names_everybody_and_ends_with_what_broke() {
    for run in broken_runs() {
        let slug = run.setup().scenario().slug;
        let text = mermaid(&run);
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("sequenceDiagram"));
        let nodes = run.simulation().scene().nodes.len();
        assert_eq!(text.matches("\n  participant ").count(), nodes, "{slug}");
        assert!(text.contains(": BROKEN: "), "{slug}: {text}");
        for line in lines {
            let is_known = line.starts_with("  participant ")
                || line.starts_with("  Note over ")
                || line.split_once("->>").is_some_and(|it| it.1.contains(": "));
            assert!(is_known && !line.contains([';', '#', '%']), "{slug}: {line}");
        }
    }
}
