//! What is within a design's claim: no more than the search draws, whatever shrinking leaves out.

use std::collections::BTreeSet;
use std::mem::discriminant;

use faultline_core::check::{Trial, draw_schedule, is_within_claim, shrink};
use faultline_core::scenario::{DiskFaultKind, Faults, Preset, Scenario, Setup};
use faultline_core::sim::{Action, DiskFault, Files, MessageName, NodeId, TimedAction};

use crate::kernel::puppet::{Behaviour, setup_of};

const N0: NodeId = NodeId(0);
const N1: NodeId = NodeId(1);
/// A client, as it were: nobody may hurt it.
const N2: NodeId = NodeId(2);

/// Three nodes that do nothing.
#[derive(Clone, Default, Hash)]
struct Silent;

impl Behaviour for Silent {
    const NODES: u16 = 3;
}

const fn row(survives: Faults) -> Scenario {
    let silent = Scenario::unlisted("silent", |setup| setup_of::<Silent>(setup.seed).build());
    Scenario { survives, horizon_us: 10_000_000, ..silent }
}

const VICTIMS: Faults = Faults { victims: |_| vec![N0, N1], down_at_once: |_| 1, ..Faults::NONE };
const ONE_WAY: &Scenario = &row(Faults { one_way_cuts: true, ..VICTIMS });
const DEAF: &Scenario = &row(Faults { deaf_or_mute: true, ..VICTIMS });
const BOTH: &Scenario = &row(Faults { one_way_cuts: true, deaf_or_mute: true, ..VICTIMS });
const CRASHES: &Scenario = &row(Faults { pauses: true, ..VICTIMS });
const TIME: &Scenario = &row(Faults {
    clock_step_us: 10,
    drift_ppm: 10,
    slow_us: 10,
    holds: true,
    disk: &[DiskFaultKind::Slow],
    ..VICTIMS
});
const DISKS: &Scenario = &row(Faults {
    disk: &[
        DiskFaultKind::BitRot { file: "log", within_bytes: 2_048 },
        DiskFaultKind::Misdirect { file: "log", within_bytes: 2_048 },
        DiskFaultKind::ReadError { file: "table", within_bytes: 1_000 },
        DiskFaultKind::Capacity { least_bytes: 4_096 },
    ],
    ..VICTIMS
});
const NETWORK: &Scenario = &row(Faults {
    partitions: true,
    flapping: true,
    loss_percent: 30,
    duplicate_percent: 30,
    pauses: true,
    one_way_cuts: true,
    ..Faults::NONE
});

fn setup(row: &'static Scenario) -> Setup {
    Setup::new(row, Preset::Hardened, 1)
}

fn timed(actions: &[(u64, Action)]) -> Vec<TimedAction> {
    let timed = |(at_us, action): &(u64, Action)| {
        let action = action.clone();
        TimedAction { at_us: *at_us, action }
    };
    actions.iter().map(timed).collect()
}

fn is_claimed(row: &'static Scenario, actions: &[(u64, Action)]) -> bool {
    is_within_claim(&setup(row), &timed(actions))
}

fn cut(from: NodeId, to: NodeId) -> Action {
    Action::Cut { from, to }
}

#[test]
fn a_lone_cut_is_no_deaf_node() {
    let deaf = [(5, cut(N1, N0)), (5, cut(N2, N0))];
    let mute = [(5, cut(N0, N2)), (5, cut(N0, N1))];
    assert!(is_claimed(DEAF, &deaf) && is_claimed(DEAF, &mute));
    assert!(!is_claimed(DEAF, &deaf[..1]) && !is_claimed(DEAF, &mute[1..]));
    assert!(!is_claimed(DEAF, &[(5, cut(N1, N0)), (6, cut(N2, N0))]), "half deaf for a while");
    assert!(!is_claimed(DEAF, &[(5, cut(N0, N2)), (5, cut(N1, N2))]), "N2 may not be hurt");
    // What is left of one when another one's end has mended a part of it may be made whole again.
    let heal = [(6, Action::Mend { from: N1, to: N0 }), (7, cut(N1, N0))];
    assert!(is_claimed(DEAF, &[&deaf[..], &heal].concat()));
    assert!(!is_claimed(DEAF, &[&deaf[..], &[(6, Action::Heal), (7, cut(N1, N0))]].concat()));
    // Where single cuts are claimed, they are between those who may be hurt.
    assert!(is_claimed(ONE_WAY, &[(5, cut(N1, N0))]) && !is_claimed(ONE_WAY, &[(5, cut(N2, N0))]));
    assert!(is_claimed(BOTH, &deaf) && is_claimed(BOTH, &deaf[..1]));
    assert!(!is_claimed(BOTH, &deaf[1..]));
}

#[test]
fn only_victims_are_hurt_and_only_as_much_as_is_claimed() {
    let drift = |node, drift_ppm| Action::Drift { node, drift_ppm };
    let slow = |node, by_us| Action::Slow { node, by_us };
    let step = |node, by_us| Action::StepClock { node, by_us };
    let disk = |node, percent| Action::Disk { node, fault: DiskFault::Slow { percent } };
    let ended = |first: Action, end: Action| is_claimed(TIME, &[(1, first), (2, end)]);
    assert!(ended(drift(N0, 10), drift(N0, 0)) && !ended(drift(N2, 10), drift(N2, 0)));
    assert!(ended(slow(N0, 10), slow(N0, 0)) && !ended(slow(N2, 10), slow(N2, 0)));
    assert!(ended(disk(N0, 400), disk(N0, 100)) && !ended(disk(N2, 400), disk(N2, 100)));
    assert!(ended(step(N0, 10), step(N0, -10)) && !ended(step(N2, 10), step(N2, -10)));
    assert!(!ended(drift(N0, -11), drift(N0, 0)) && !ended(slow(N0, 11), slow(N0, 0)));
    assert!(!ended(step(N0, 6), step(N0, 6)));
    let hold = |from, to| is_claimed(TIME, &[(1, Action::Hold { from, to })]);
    assert!(hold(N0, N1) && !hold(N0, N2) && !hold(N2, N0));
    let late = |from, to| {
        let message = MessageName { from, to, nth: 0 };
        is_claimed(TIME, &[(1, Action::DelayMessage { message, by_us: 9 })])
    };
    assert!(late(N0, N1) && !late(N2, N1));
}

/// The goals are judged in calm, and a node that stays slow is no calm.
#[test]
fn what_bends_time_or_room_must_end() {
    let slow = |by_us| Action::Slow { node: N0, by_us };
    assert!(!is_claimed(TIME, &[(1, slow(5))]));
    assert!(!is_claimed(TIME, &[(1, slow(5)), (2, slow(0)), (3, slow(7))]));
    assert!(!is_claimed(TIME, &[(1, slow(5)), (2, Action::Slow { node: N1, by_us: 0 })]));
    assert!(!is_claimed(TIME, &[(1, Action::Drift { node: N0, drift_ppm: 5 })]));
    let disk = |fault| Action::Disk { node: N0, fault };
    assert!(!is_claimed(TIME, &[(1, disk(DiskFault::Slow { percent: 400 }))]));
    let full = disk(DiskFault::Capacity { bytes: 5_000 });
    let roomy = disk(DiskFault::Capacity { bytes: Files::default().capacity_bytes() });
    assert!(!is_claimed(DISKS, &[(1, full.clone())]));
    assert!(is_claimed(DISKS, &[(1, full), (2, roomy)]));
}

#[test]
fn a_frozen_node_is_as_good_as_down_when_another_one_crashes() {
    let crash = (2, Action::Crash(N0));
    assert!(!is_claimed(CRASHES, &[(1, Action::Pause(N1)), crash.clone()]));
    let resumed = [(1, Action::Pause(N1)), (2, Action::Resume(N1)), crash.clone()];
    assert!(is_claimed(CRASHES, &resumed));
    assert!(is_claimed(CRASHES, &[(1, Action::Pause(N0)), crash.clone()]), "the same one");
    assert!(is_claimed(CRASHES, &[crash, (3, Action::Pause(N1))]), "as the search draws it");
}

#[test]
fn damage_is_claimed_at_its_places() {
    let disk = |fault| is_claimed(DISKS, &[(1, Action::Disk { node: N0, fault })]);
    let rot = |file: &str, offset| DiskFault::BitRot { file: file.into(), offset, bit: 0 };
    assert!(disk(rot("log", 2_047)) && !disk(rot("log", 2_048)) && !disk(rot("table", 0)));
    let misdirect = |to_sector| DiskFault::Misdirect { file: "log".into(), to_sector };
    assert!(disk(misdirect(3)) && !disk(misdirect(4)));
    let unreadable = |offset| DiskFault::ReadError { file: "table".into(), offset };
    assert!(disk(unreadable(999)) && !disk(unreadable(1_000)));
    assert!(!disk(DiskFault::LostSyncs { count: 1 }));
}

/// Every kind is drawn sometimes, at many places, and all of it is within the claim.
#[test]
fn damage_is_drawn_and_what_is_drawn_is_claimed() {
    let mut kinds = BTreeSet::new();
    let mut places = BTreeSet::new();
    for number in 1..=200 {
        let setup = setup(DISKS);
        let actions = draw_schedule(&setup, number);
        assert!(is_within_claim(&setup, &actions), "{number}: {actions:?}");
        for timed in actions {
            let Action::Disk { fault, .. } = timed.action else { continue };
            if let DiskFault::BitRot { offset, .. } = fault {
                places.insert(offset);
            }
            kinds.insert(format!("{:?}", discriminant(&fault)));
        }
    }
    assert_eq!(kinds.len(), 4, "{kinds:?}");
    assert!(places.len() > 20 && places.iter().any(|place| *place > 1_000), "{places:?}");
}

#[test]
fn a_network_is_hurt_where_no_node_may_be() {
    let mut kinds = BTreeSet::new();
    for number in 1..=100 {
        let actions = draw_schedule(&setup(NETWORK), number);
        assert!(is_within_claim(&setup(NETWORK), &actions), "{actions:?}");
        for timed in actions {
            let is_of_network = matches!(
                timed.action,
                Action::Partition(_)
                    | Action::Flap { .. }
                    | Action::Lose { .. }
                    | Action::Duplicate { .. }
                    | Action::Heal
                    | Action::Command { .. }
            );
            assert!(is_of_network, "{timed:?} needs a victim");
            kinds.insert(format!("{:?}", discriminant(&timed.action)));
        }
    }
    assert_eq!(kinds.len(), 6, "{kinds:?}");
}

/// Nothing stores a number, so that a goal is missed whatever is done: all of it can be left out, a
/// deaf node as a whole and in no other way.
#[test]
fn a_deaf_node_is_left_out_as_a_whole() {
    let deaf = [(5, cut(N1, N0)), (5, cut(N2, N0))];
    let mended = [N1, N2].map(|from| (9, Action::Mend { from, to: N0 }));
    let trial = Trial::new(setup(DEAF), timed(&[&deaf[..], &mended].concat()));
    let small = shrink(&trial, |_| true).expect("the goal is missed");
    assert_eq!(small.actions, []);
}
