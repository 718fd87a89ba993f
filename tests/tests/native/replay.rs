//! A run is a function of its inputs: played again, sought through, forked or opened from its link,
//! it is the same run to the bit.

use faultline_core::check::{Trial, draw_schedule};
use faultline_core::link;
use faultline_core::run::{Position, Run};
use faultline_core::scenario::Setup;
use faultline_core::sim::{Journal, Stream};
use faultline_tests::{all, rows_and_presets};

use crate::any_action;

/// A run with faults, at its beginning, for each row and preset.
fn runs() -> impl Iterator<Item = Run> {
    rows_and_presets().map(|(row, preset)| {
        let setup = Setup::new(row, preset, 5);
        let actions = draw_schedule(&setup, 5);
        Run::new(setup, actions)
    })
}

#[test]
fn the_same_setup_and_actions_give_the_same_run() {
    for (row, preset) in rows_and_presets() {
        for seed in 1..=5 {
            let setup = Setup::new(row, preset, seed);
            let trial = Trial::new(setup.clone(), draw_schedule(&setup, seed));
            let outcome = trial.run();
            assert_eq!(outcome, trial.run());
            assert_eq!(draw_schedule(&setup, seed), trial.actions);
            // The same through a run with checkpoints, which keeps a journal besides.
            let mut run = Run::new(setup, trial.actions.clone());
            run.seek_time(trial.until_us);
            assert_eq!(run.simulation().digest(), outcome.digest, "{}", trial.link(None));
        }
    }
}

#[test]
fn another_seed_gives_another_run() {
    for (row, preset) in rows_and_presets() {
        let digest = |seed| Trial::new(Setup::new(row, preset, seed), Vec::new()).run().digest;
        assert_ne!(digest(1), digest(2), "{}", row.slug);
    }
}

#[test]
fn a_fork_goes_on_as_the_original_does() {
    for mut run in runs() {
        let slug = run.setup().scenario().slug;
        run.seek(Position { events: 700, actions: 0 });
        let mut fork = run.simulation().fork();
        let mut original = run.simulation().fork();
        let mut journal = Journal::ignoring();
        for _ in 0..2_000 {
            assert_eq!(fork.step(&mut journal), original.step(&mut journal));
            assert_eq!(fork.digest(), original.digest(), "{slug}");
        }
        assert_eq!(fork.scene(), original.scene());
        assert_eq!(fork.checks(), original.checks());
    }
}

/// What must be the same at a place however one came there.
type Sight = (Position, u64, u64, usize);

fn sight(run: &Run) -> Sight {
    let simulation = run.simulation();
    (run.position(), simulation.digest(), simulation.now_us(), simulation.scene().messages.len())
}

/// Plays straight on for so many steps and notes every place.
fn straight(run: &mut Run, steps: usize) -> Vec<Sight> {
    let mut sights = vec![sight(run)];
    while sights.len() <= steps && run.step() {
        sights.push(sight(run));
    }
    sights
}

#[test]
fn every_place_is_the_same_stepping_back_as_stepping_on() {
    for mut run in runs() {
        let sights = straight(&mut run, 1_500);
        for expected in sights.iter().rev().skip(1) {
            assert!(run.step_back());
            assert_eq!(sight(&run), *expected);
        }
        assert!(!run.step_back(), "there is nothing before the beginning");
    }
}

#[test]
fn every_place_is_the_same_wherever_one_comes_from() {
    for mut run in runs() {
        let sights = straight(&mut run, 6_000);
        let journal_length = run.journal().events.len();
        let mut places = Stream::new(1, "places");
        for _ in 0..150 {
            let expected = sights[places.index(sights.len())];
            run.seek(expected.0);
            assert_eq!(sight(&run), expected);
            // And going on from there leads through the same places.
            let place = sights.binary_search_by_key(&expected.0, |sight| sight.0);
            let place = place.expect("it is one of them");
            if let Some(next) = sights.get(place + 1) {
                assert!(run.step());
                assert_eq!(sight(&run), *next);
            }
        }
        assert_eq!(run.journal().events.len(), journal_length, "the known future stays known");
    }
}

#[test]
fn seeking_a_time_is_the_end_of_that_instant() {
    for mut run in runs() {
        let sights = straight(&mut run, 3_000);
        let mut places = Stream::new(2, "times");
        for _ in 0..100 {
            let at_us = sights[places.index(sights.len())].2;
            let last = sights.iter().rfind(|sight| sight.2 <= at_us).expect("there is one");
            if last.0 == run.known() {
                // The instant may go on beyond what was noted.
                continue;
            }
            run.seek_time(at_us);
            assert_eq!((run.position(), run.now_us()), (last.0, at_us));
            assert_eq!(run.simulation().digest(), last.1);
        }
    }
}

#[test]
fn a_live_run_with_actions_at_every_event_boundary_is_the_replay_of_its_link() {
    for (row, preset) in rows_and_presets() {
        let mut stream = Stream::new(9, ("live", row.slug));
        let mut live = Run::new(Setup::new(row, preset, 9), Vec::new());
        while live.position().events < 250 && live.step() {
            let action = any_action::draw(&mut stream, live.simulation());
            live.act(action);
        }
        same_from_link(&live);
        // Going back and acting there replaces the future, and the link tells the new one.
        live.seek(Position { events: 120, actions: 0 });
        let action = any_action::draw(&mut stream, live.simulation());
        live.act(action);
        live.seek(Position { events: 200, actions: 0 });
        same_from_link(&live);
    }
}

/// Opens the link of a run and compares all there is to compare.
fn same_from_link(live: &Run) {
    let text = live.link_at_cursor();
    let opened = link::parse(&text, 0).unwrap_or_else(|error| panic!("{text}: {error}"));
    let place = opened.place();
    let actions = opened.actions.expect("the link tells the actions");
    assert_eq!(opened.setup, *live.setup());
    assert_eq!(actions, live.actions(), "{text}");
    let mut replay = Run::new(opened.setup, actions);
    while !replay.seek_some(place, u32::MAX) {}
    assert_eq!(Some(replay.simulation().digest()), opened.digest, "{text}");
    assert_eq!(replay.link_at_cursor(), text);
    assert_eq!((replay.position(), replay.now_us()), (live.position(), live.now_us()), "{text}");
    let both = live.position().events as usize;
    assert_eq!(replay.journal().events[..both], live.journal().events[..both], "{text}");
}

#[test]
fn a_run_of_nothing_but_its_scenario_s_name_can_be_opened() {
    for row in all() {
        let opened = link::parse(&format!("#/s/{}", row.slug), 77).expect("a name is enough");
        assert_eq!(opened.setup.seed, 77);
        assert!(opened.actions.is_none());
    }
}
