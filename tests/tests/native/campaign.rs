//! Two hundred schedules of faults for each row and preset, drawn from what the design claims to
//! survive.

use std::collections::BTreeMap;

use faultline_core::check::{Outcome, Trial, draw_trial};
use faultline_core::scenario::{Preset, Scenario};
use faultline_core::view::{CheckKind, Verdict};
use faultline_tests::{all, finding};

/// A nightly campaign runs ten thousand.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=200;

/// Runs every schedule to its end.
fn campaign(row: &'static Scenario, preset: Preset) -> impl Iterator<Item = (Trial, Outcome)> {
    SEEDS.map(move |seed| {
        let trial = draw_trial(row, preset, seed);
        let outcome = trial.run();
        (trial, outcome)
    })
}

#[test]
fn the_hardened_design_survives_what_it_claims_to_and_recovers_in_time() {
    for row in all() {
        for (trial, outcome) in campaign(row, Preset::Hardened) {
            // A missed goal counts: liveness is promised within a bound after the last fault.
            assert!(outcome.violation().is_none(), "{}", finding(&trial, &outcome));
            for goal in outcome.checks.iter().filter(|check| check.kind == CheckKind::Goal) {
                let is_reached = matches!(goal.verdict, Verdict::Reached { .. });
                assert!(is_reached, "“{}” was never reached: {}", goal.name, trial.link(None));
            }
        }
    }
}

#[test]
fn the_search_finds_what_breaks_the_naive_design() {
    for row in all() {
        let found = campaign(row, Preset::Naive).filter(|(_, it)| it.violation().is_some()).count();
        eprintln!("{}: {found} of {} schedules break the naive design", row.slug, SEEDS.count());
        assert!(found > 0, "{}", row.slug);
    }
}

#[test]
fn what_should_happen_sometimes_happens() {
    for row in all() {
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        for (_, outcome) in Preset::ALL.into_iter().flat_map(|preset| campaign(row, preset)) {
            for check in outcome.checks.iter().filter(|check| check.kind == CheckKind::Sometimes) {
                let count = seen.entry(check.name.clone()).or_default();
                *count += u32::from(matches!(check.verdict, Verdict::Reached { .. }));
            }
        }
        eprintln!("{}: {seen:?}", row.slug);
        let never: Vec<&String> = seen.iter().filter(|(_, n)| **n == 0).map(|(it, _)| it).collect();
        assert!(never.is_empty(), "{}: never seen: {never:?}", row.slug);
    }
}

#[test]
fn the_faults_that_are_drawn_bite() {
    // Fuzzing with faults that change nothing would prove nothing. Some miss: a cut between two
    // nodes that say nothing meanwhile. Most must not.
    for row in all() {
        let (mut drawn, mut bitten) = (0_u32, 0_u32);
        for (_, outcome) in campaign(row, Preset::Hardened).take(50) {
            drawn += u32::try_from(outcome.bites.len()).unwrap_or(u32::MAX);
            bitten += u32::try_from(outcome.bites.iter().filter(|bites| **bites > 0).count())
                .unwrap_or(u32::MAX);
        }
        eprintln!("{}: {bitten} of {drawn} actions bit", row.slug);
        assert!(bitten * 2 > drawn, "{}: {bitten} of {drawn}", row.slug);
    }
}
