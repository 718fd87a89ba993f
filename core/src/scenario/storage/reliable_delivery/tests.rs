//! A node that does not go on: for a while if its disk may do better, for good if its log is damaged.

use super::*;
use crate::run::Run;
use crate::scenario::Preset;
use crate::view::Verdict;

/// Plays actions, and returns what the Receiver is at when, and which checks are broken in the end.
fn played(actions: Vec<TimedAction>, at_us: &[u64]) -> (Vec<String>, Vec<String>) {
    let setup = Setup::of("reliable-delivery", Preset::Hardened, 1).expect("it is listed");
    let mut run = Run::new(setup, actions);
    let looks = at_us.iter().map(|at_us| {
        run.seek_time(*at_us);
        run.simulation().scene().nodes[RECEIVER.index()].view.label.clone()
    });
    let looks = looks.collect();
    run.seek_time(2 * SCENARIO.horizon_us);
    let checks = run.simulation().checks().into_iter();
    let broken = checks.filter(|it| {
        matches!(it.verdict, Verdict::Broken { .. }) && it.kind != crate::view::CheckKind::Alert
    });
    (looks, broken.map(|it| it.name).collect())
}

fn on_receiver(at_us: u64, fault: DiskFault) -> TimedAction {
    at(at_us, Action::Disk { node: RECEIVER, fault })
}

#[test]
fn a_disk_that_was_full_is_tried_again() {
    let room = crate::sim::Files::default().capacity_bytes();
    let mut actions = vec![on_receiver(900_000, DiskFault::Capacity { bytes: 1 })];
    actions.extend(crash(RECEIVER, 1_000_000, 1_010_000));
    actions.push(on_receiver(1_500_000, DiskFault::Capacity { bytes: room }));
    let (looks, broken) = played(actions, &[1_400_000, 1_800_000]);
    assert_eq!(looks, ["tries its disk again", "keeps accounts"]);
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn a_damaged_log_is_refused_for_good() {
    let rot = DiskFault::BitRot { file: BOOK.into(), offset: AMOUNT_AT, bit: 2 };
    let mut actions: Vec<_> = crash(RECEIVER, 1_000_000, 1_010_000).into();
    actions.insert(1, on_receiver(1_005_000, rot));
    let (looks, broken) = played(actions, &[1_400_000, 3_900_000]);
    assert_eq!(looks, ["refuses: damaged"; 2]);
    assert_eq!(broken, Vec::<String>::new());
}
