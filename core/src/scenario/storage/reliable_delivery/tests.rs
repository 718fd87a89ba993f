//! A node that does not go on: for a while if its disk may do better, for good if its log is damaged. And
//! a long backlog on real files.

use super::on_disk::ON_DISK;
use super::*;
use crate::durable::{Memory, Pool, Runner, SyncEach};
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

/// Ends syncs one by one, and returns how many there were.
fn rest(runner: &mut Runner, disk: &mut Pool<Memory>) -> u64 {
    let mut syncs = 0;
    while runner.rest_some(disk).expect("the disk is sound") {
        syncs += 1;
    }
    syncs
}

/// A page that looks on has to get a word in, and a store that was never synced must not take it for ever.
#[test]
fn a_long_backlog_is_delivered_in_batches_and_every_message_is_found() {
    let files = (0..ON_DISK.files + 2).map(|_| Memory::default()).collect();
    let mut disk = Pool::open(files, ON_DISK.format).expect("it is new");
    let mut runner = Runner::open(&ON_DISK, &mut disk, SyncEach(0)).expect("it opens");
    let (some, all) = (5_000, 40_000);
    let write = |runner: &mut Runner, disk: &mut Pool<Memory>, up_to| {
        while runner.written() < up_to {
            runner.operate(disk).expect("there is room");
        }
    };
    write(&mut runner, &mut disk, some);
    assert_eq!((rest(&mut runner, &mut disk), runner.acknowledged()), (0, 0));
    runner.sync_each(&mut disk, SyncEach(10)).expect("the disk is sound");
    assert!(rest(&mut runner, &mut disk) >= some / 1_000);
    assert_eq!(runner.acknowledged(), some);
    runner.sync_each(&mut disk, SyncEach(0)).expect("the disk is sound");
    write(&mut runner, &mut disk, all);
    // Nothing but the files is left of it.
    let mut runner = Runner::begin(&ON_DISK, &mut disk, SyncEach(0)).expect("it opens");
    assert!(rest(&mut runner, &mut disk) >= (all - some) / 1_000);
    let mut runner = runner.up().expect("it has come up");
    let mut tally = runner.tally(0, all);
    while runner.count(&disk, &mut tally).expect("it reads") {}
    assert_eq!((tally.recovered, tally.is_kept()), (all, true));
}
