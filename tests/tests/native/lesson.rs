//! What a viewer is shown by the default script, with either preset and whatever the seed.

use faultline_core::check::{Outcome, Trial};
use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Scenario, Setup};
use faultline_core::view::{CheckKind, Verdict};
use faultline_tests::{all, default_trial, finding};

/// A viewer can have any seed drawn: the lesson must not need the one that a first visit has.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=40;

#[test]
fn the_default_script_breaks_an_invariant_of_the_naive_preset() {
    for row in all() {
        for seed in SEEDS {
            let trial = default_trial(row, Preset::Naive, seed);
            let outcome = trial.run();
            let is_broken = outcome.checks.iter().any(|check| {
                check.kind == CheckKind::Invariant
                    && matches!(check.verdict, Verdict::Broken { .. })
            });
            assert!(is_broken, "nothing breaks: {}", trial.link(None));
        }
    }
}

#[test]
fn the_default_script_breaks_nothing_of_the_hardened_preset_and_it_reaches_its_goals() {
    for row in all() {
        for seed in SEEDS {
            let trial = default_trial(row, Preset::Hardened, seed);
            let outcome = trial.run();
            assert!(outcome.violation().is_none(), "{}", finding(&trial, &outcome));
            for goal in outcome.checks.iter().filter(|check| check.kind == CheckKind::Goal) {
                let is_reached = matches!(goal.verdict, Verdict::Reached { .. });
                assert!(is_reached, "“{}” is not reached: {}", goal.name, trial.link(None));
            }
        }
    }
}

#[test]
fn every_action_of_the_default_script_does_something_in_the_naive_preset() {
    for row in all() {
        let trial = default_trial(row, Preset::Naive, 1);
        let Outcome { bites, .. } = trial.run();
        for (timed, bites) in trial.actions.iter().zip(bites) {
            assert!(bites > 0, "{}: {timed:?} changes nothing", row.slug);
        }
    }
}

/// Plays the default script to the end of the scenario's horizon.
fn played(row: &'static Scenario, preset: Preset, seed: u64) -> Run {
    let setup = Setup::new(row, preset, seed);
    let actions = faultline_tests::default_actions(&setup);
    let mut run = Run::new(setup, actions);
    run.seek_time(row.horizon_us);
    run
}

#[test]
fn every_beat_comes_up_in_the_default_run_of_its_preset() {
    for row in all() {
        for (preset, seed) in
            Preset::ALL.into_iter().flat_map(|preset| SEEDS.map(move |s| (preset, s)))
        {
            let run = played(row, preset, seed);
            let lesson = run.simulation().lesson();
            for (beat, came_up) in lesson.iter().zip(run.simulation().beats()) {
                let expected = beat.preset == preset;
                assert_eq!(
                    came_up.is_some(),
                    expected,
                    "{} {} seed {seed}: beat “{}” at {came_up:?}",
                    row.slug,
                    preset.key(),
                    beat.title
                );
            }
        }
    }
}

#[test]
fn every_bet_has_an_answer_by_the_end_and_not_before_it_is_made() {
    for row in all() {
        for seed in SEEDS {
            for preset in Preset::ALL {
                let run = played(row, preset, seed);
                let lesson = run.simulation().lesson();
                for (beat, index) in lesson.iter().zip(0..) {
                    let Some((question, options)) = &beat.bet else {
                        assert_eq!(run.simulation().answer(index), None);
                        continue;
                    };
                    if beat.preset == preset {
                        let answer = run.simulation().answer(index);
                        let is_one = answer.is_some_and(|it| {
                            usize::from(it.option) < options.len()
                                && it.at_us <= run.now_us()
                                && !it.because.is_empty()
                                && !it.because.ends_with('.')
                        });
                        assert!(is_one, "{} seed {seed}: “{question}”: {answer:?}", row.slug);
                    }
                }
            }
        }
    }
}

#[test]
fn a_bet_is_open_when_it_is_offered() {
    for row in all() {
        for preset in Preset::ALL {
            let mut run = played(row, preset, 1);
            let beats = run.simulation().beats().to_vec();
            let lesson = run.simulation().lesson();
            for ((beat, came_up), index) in lesson.iter().zip(beats).zip(0..) {
                let (Some(_), Some(at_us)) = (&beat.bet, came_up) else { continue };
                run.seek_time(at_us);
                let answer = run.simulation().answer(index);
                assert_eq!(answer, None, "{}: “{}” is answered already", row.slug, beat.title);
            }
        }
    }
}

#[test]
fn an_alert_rings_in_a_default_run() {
    for row in all() {
        let rings = |preset| {
            let outcome = default_trial(row, preset, 1).run();
            outcome.checks.iter().any(|check| {
                check.kind == CheckKind::Alert && matches!(check.verdict, Verdict::Broken { .. })
            })
        };
        assert!(Preset::ALL.into_iter().any(rings), "no alert rings in {}", row.slug);
    }
}

#[test]
fn every_metric_moves_in_a_default_run() {
    for row in all() {
        let runs = Preset::ALL.map(|preset| played(row, preset, 1));
        let metrics = runs[0].simulation().metrics();
        for (metric, index) in metrics.iter().zip(0_u16..) {
            let samples = runs.iter().flat_map(|run| &run.journal().samples);
            let values: std::collections::BTreeSet<i64> = samples
                .filter(|sample| sample.metric == index)
                .map(|sample| sample.value)
                .collect();
            assert!(values.len() > 1, "{}: “{}” never moves", row.slug, metric.label);
        }
    }
}

/// “And then Y breaks too”: every twist comes on top of the default script.
#[test]
fn the_hardened_preset_survives_every_twist_on_top_of_the_default_script() {
    for row in all() {
        for (script, seed) in
            (1..row.scripts.len()).flat_map(|script| SEEDS.map(move |s| (script, s)))
        {
            let setup = Setup::new(row, Preset::Hardened, seed).for_script(script);
            let trial = Trial::new(setup.clone(), row.script(&setup, script));
            let outcome = trial.run();
            assert!(outcome.violation().is_none(), "{}", finding(&trial, &outcome));
        }
    }
}
