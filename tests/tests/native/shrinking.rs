//! What the search finds is made small: what is left is needed, and as plain as can be.

use faultline_core::check::{Trial, draw_trial, is_within_claim, shrink};
use faultline_core::scenario::{Preset, Scenario, Setup, Unit};
use faultline_core::sim::{Action, NodeId, TimedAction};
use faultline_tests::all;

/// The first findings of the search in a naive design.
fn findings(row: &'static Scenario) -> impl Iterator<Item = Trial> {
    let drawn = (1..=200).map(move |number| draw_trial(row, Preset::Naive, number));
    drawn.filter(|trial| broken(trial).is_some()).take(3)
}

fn broken(trial: &Trial) -> Option<String> {
    trial.run_to_violation().violation().map(|(_, check)| check.name.clone())
}

#[test]
fn nothing_can_be_left_out_of_a_shrunk_run_and_no_knob_is_turned_without_need() {
    for (row, found) in all().flat_map(|row| findings(row).map(move |found| (row, found))) {
        let small = shrink(&found, |_| true).expect("it broke something");
        let name = broken(&found);
        assert_eq!(broken(&small), name, "{}", small.link(None));
        assert!(small.actions.len() <= found.actions.len() && small.until_us <= found.until_us);
        assert!(is_within_claim(&small.setup, &small.actions), "{}", small.link(None));
        assert!(small.actions.is_sorted_by_key(|timed| timed.at_us));
        assert!(small.actions.iter().all(|timed| timed.at_us % row.grain_us == 0));
        // It is judged until the found run ended: a candidate may break later than the smallest does.
        let breaks = |trial: &Trial| {
            let whole = Trial { until_us: found.until_us, ..trial.clone() };
            is_within_claim(&whole.setup, &whole.actions) && broken(&whole) == name
        };
        for left_out in 0..small.actions.len() {
            let mut fewer = small.clone();
            let action = fewer.actions.remove(left_out);
            assert!(!breaks(&fewer), "{action:?} is not needed: {}", small.link(None));
        }
        for (knob, &value) in row.knobs.iter().zip(small.setup.knobs()) {
            let goal = if knob.unit == Unit::Count { knob.min } else { knob.default };
            let plainer = match (knob.choices().is_empty(), value > goal) {
                (false, _) => goal,
                (true, true) => value - 1,
                (true, false) => value + 1,
            };
            let mut turned = small.clone();
            turned.setup.set(knob.key, &plainer.to_string()).expect("it is between its limits");
            assert!(value == goal || !breaks(&turned), "{}: {}", knob.key, small.link(None));
        }
    }
}

#[test]
fn shrinking_stops_when_it_is_told_to() {
    for row in all() {
        let Some(found) = findings(row).next() else { panic!("{}: nothing is found", row.slug) };
        for limit in [0, 1, 7] {
            let mut asked = 0;
            let small = shrink(&found, |_| {
                asked += 1;
                asked <= limit
            });
            assert_eq!(broken(&small.expect("it broke something")), broken(&found));
            assert!(asked <= limit + 1, "asked {asked} times");
        }
    }
}

#[test]
fn what_breaks_nothing_cannot_be_made_smaller() {
    for row in all() {
        let trial = draw_trial(row, Preset::Hardened, 1);
        assert!(shrink(&trial, |_| true).is_none(), "{}", row.slug);
    }
}

#[test]
fn what_is_drawn_is_within_the_claim_and_one_crash_too_many_is_not() {
    for row in all() {
        for number in 1..=100 {
            let Trial { setup, actions, .. } = draw_trial(row, Preset::Hardened, number);
            assert!(is_within_claim(&setup, &actions), "{} {number}: {actions:?}", row.slug);
        }
        let setup = Setup::new(row, Preset::Hardened, 1);
        let is_claimed = |actions: &[Action]| {
            let timed = actions.iter().cloned().map(|action| TimedAction { at_us: 0, action });
            is_within_claim(&setup, &timed.collect::<Vec<_>>())
        };
        let victims = (row.survives.victims)(&setup);
        let limit = usize::from((row.survives.down_at_once)(&setup));
        let crashes: Vec<Action> = victims.iter().copied().map(Action::Crash).collect();
        assert_eq!(is_claimed(&crashes), limit >= victims.len(), "{}", row.slug);
        let first = victims[0];
        let again = [Action::Crash(first), Action::Restart(first), Action::Crash(first)];
        assert!(is_claimed(&again));
        assert!(!is_claimed(&[Action::Crash(NodeId(999))]));
        assert!(!is_claimed(&[Action::TakeByHand]));
        assert!(!is_claimed(&[Action::Lose { percent: 100 }]));
    }
}
