//! Every knob builds at its limits, and any action in any state is harmless nonsense at worst.

use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Scenario, Setup};
use faultline_core::sim::{Step, Stream};
use faultline_tests::all;

use crate::any_action;

/// Every setup with one knob, or all of them, at a limit.
fn setups_at_limits(row: &'static Scenario) -> Vec<Setup> {
    let mut setups = Vec::new();
    for preset in Preset::ALL {
        let usual = Setup::new(row, preset, 11);
        let (mut lowest, mut highest) = (usual.clone(), usual.clone());
        for knob in row.knobs {
            for (value, together) in [(knob.min, &mut lowest), (knob.max, &mut highest)] {
                let value = value.to_string();
                let mut alone = usual.clone();
                alone.set(knob.key, &value).expect("a knob takes its limits");
                together.set(knob.key, &value).expect("a knob takes its limits");
                setups.push(alone);
            }
        }
        setups.extend([usual, lowest, highest]);
    }
    setups
}

/// Acts at random for a while, looks at everything there is to see, and goes back and forth.
fn torment(setup: Setup, seed: u64) {
    let mut stream = Stream::new(seed, "torment");
    let mut run = Run::new(setup, Vec::new());
    for round in 0..40_u32 {
        (0..stream.range(0, 40)).for_each(|_| _ = run.step());
        let action = any_action::draw(&mut stream, run.simulation());
        let names = run.simulation().names();
        let sentence = action.sentence(names, &run.simulation().command_labels());
        assert!(!sentence.is_empty());
        let reason = run.simulation().why_not(&action);
        assert_ne!(reason.as_deref(), Some(""));
        run.act(action);
        if round % 8 == 0 {
            let scene = run.simulation().scene();
            assert_eq!(scene.nodes.len(), usize::from(run.simulation().names().count()));
            assert!(!run.simulation().checks().is_empty());
            (0..3).for_each(|_| _ = run.step_back());
        }
    }
    let events = run.known().events;
    assert!(!run.text(events.saturating_sub(20), events).is_empty());
    let threads = run.why(Step::Event(events.saturating_sub(1)), 0).threads;
    assert!(threads.iter().map(|thread| thread.chain.len()).sum::<usize>() < 200);
}

#[test]
fn every_knob_builds_at_its_limits_and_survives_random_actions() {
    for row in all() {
        for (setup, seed) in setups_at_limits(row).into_iter().zip(1..) {
            torment(setup, seed);
        }
    }
}

#[test]
fn every_single_safeguard_can_be_turned_off_alone_under_random_actions() {
    for row in all() {
        for (switch, seed) in row.switches.iter().zip(1..) {
            for (preset, state) in [(Preset::Hardened, "off"), (Preset::Naive, "on")] {
                let mut setup = Setup::new(row, preset, seed);
                setup.set(switch.key, state).expect("a switch can be turned");
                torment(setup, 100 + seed);
            }
        }
    }
}
