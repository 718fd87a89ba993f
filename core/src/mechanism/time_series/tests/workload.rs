//! The store against a map: late points, retries, rot, full disks, syncs that fail, readers.

use proptest::prelude::*;

use super::super::rollup::rollups_of;
use super::super::{Point, Query, Refusal, Settings, Store, StoreError, What, log, shard};
use super::harness::{Bench, Contents};
use crate::mechanism::mount::State;
use crate::sim::{DiskFault, FileSystem as _, Storage as _, Stream};

fn small() -> Settings {
    Settings { shard_span: 50, window: 100, retention: 400, rollup_span: 25, ..Settings::default() }
}

fn ramp(from: u64, to: u64) -> Vec<Point> {
    let value = |at: u64| f64::from(u8::try_from(at / 10 % 7).unwrap_or_default());
    (from..to).step_by(10).map(|at| Point::new(at, value(at))).collect()
}

/// A store with points from 0 to before `to`, all safe.
fn filled(settings: &Settings, to: u64) -> Bench {
    let mut bench = Bench::new(settings);
    for at in (0..to).step_by(50) {
        bench.write(0, &ramp(at, at + 50)).expect("it is open");
        bench.settle();
    }
    bench
}

#[test]
fn a_late_point_is_taken_within_the_window_and_refused_beyond() {
    let mut bench = filled(&small(), 300);
    let late = [Point::new(195, 7.5), Point::new(185, 7.5), Point::new(290, 7.5)];
    let taken = bench.write(0, &late).expect("it is open");
    assert_eq!(taken.refused, [(185, Refusal::TooLate), (290, Refusal::Contradicts)]);
    let points = bench.answer(0, What::Points).expect("it answers").points;
    assert!(points.contains(&late[0]) && !points.contains(&late[1]));
    assert_eq!((bench.engine.measures().late, bench.engine.measures().after_close), (1, 1));
}

#[test]
fn asking_again_changes_nothing_even_when_the_shard_is_sealed() {
    let mut bench = filled(&small(), 400);
    assert!(bench.engine.sealed().count() > 3);
    let before = bench.contents(1);
    let taken = bench.write(0, &ramp(0, 400)).expect("it is open");
    assert_eq!(taken.refused, []);
    assert_eq!(bench.contents(1), before);
}

#[test]
fn retention_removes_whole_shards_and_their_files() {
    let bench = filled(&small(), 1_000);
    let first = bench.engine.sealed().next().map(|shard| shard.number);
    // The newest is 990: what is from 590 on is kept, and the shard from 550 on has some of it.
    assert_eq!(first, Some(11));
    let names = bench.disk.names();
    let files = names.iter().filter(|name| name.ends_with(shard::SUFFIX)).count();
    assert_eq!(files, bench.engine.sealed().count());
    let logs = names.iter().filter(|name| name.ends_with(log::SUFFIX)).count();
    assert_eq!(logs, bench.engine.young().count());
    let answer = bench.answer(0, What::Points).expect("it answers");
    assert_eq!((answer.covers_from, answer.points.len()), (550, 45));
}

/// Who cannot make durable what it has read knows what was forgotten all the same.
#[test]
fn a_store_that_fails_while_it_comes_up_does_not_say_that_it_has_all() {
    let files = filled(&small(), 1_000).disk.files;
    let mut bench = Bench::of(&small(), files, false).expect("it can be read");
    bench.fault(&DiskFault::FailSyncs { count: 1 });
    bench.settle();
    assert_eq!(bench.engine.state(), State::InDoubt);
    let answer = bench.answer(0, What::Points).expect("it answers");
    assert_eq!((answer.covers_from, answer.points.len()), (550, 45));
}

/// Whichever sync fails, whatever it covered, and however well those end that come after it. A reader that
/// holds old shards lets go of them at some time, and they are removed.
#[test]
fn what_counts_as_durable_when_a_sync_has_failed_outlives_a_crash() {
    let mut doubts = 0;
    for seed in 0..300 {
        let mut stream = Stream::new(seed, "failed sync");
        let mut bench = filled(&small(), 400);
        let fails_at = stream.range(0, 60);
        let query = Query { series: 0, from: 0, to: u64::MAX, what: What::Points };
        let mut held = None;
        // Up to which time there are points when so many tickets are safe.
        let mut states = vec![(0, 400)];
        for step in 0..80 {
            if step == fails_at {
                bench.fault(&DiskFault::FailSyncs { count: 1 });
            }
            let at = states.last().map_or(0, |it| it.1);
            if let Ok(taken) = bench.write(0, &ramp(at, at + 20)) {
                states.push((taken.ticket, at + 20));
            }
            match held.take() {
                Some(reader) if stream.chance(20) => {
                    bench.act(|store, disk| store.release(disk, &reader));
                }
                Some(reader) => held = Some(reader),
                None => {
                    let reader = bench.engine.reader(query);
                    bench.engine.hold(&reader);
                    held = Some(reader);
                }
            }
            if stream.chance(60) {
                bench.complete();
            }
            let safe = bench.engine.durable();
            let until = states.iter().rev().find(|it| it.0 <= safe).map_or(0, |it| it.1);
            let crashed = Bench::recovered(&small(), bench.crashed(&mut |_| 0)).expect("it opens");
            let answer = crashed.answer(0, What::Points).expect("it answers");
            let points = ramp(answer.covers_from, until);
            assert!(answer.points.starts_with(&points), "seed {seed}, step {step}: {answer:?}");
        }
        doubts += u32::from(bench.engine.state() == State::InDoubt);
    }
    assert!(doubts > 200, "{doubts} failures of 300 came to light");
}

/// A reader that began before retention came sees what was there; without a hold it has a hole.
#[test]
fn a_reader_sees_the_store_as_it_was() {
    for is_held in [true, false] {
        let settings = Settings { is_held, ..small() };
        let mut bench = filled(&settings, 500);
        let query = Query { series: 0, from: 0, to: u64::MAX, what: What::Points };
        let mut reader = bench.engine.reader(query);
        bench.engine.hold(&reader);
        let held = reader.clone();
        for at in (500..1_000).step_by(50) {
            bench.write(0, &ramp(at, at + 50)).expect("it is open");
            bench.settle();
        }
        while bench.engine.read_on(&bench.disk, &mut reader).expect("nothing is damaged") {}
        let answer = reader.into_answer(&settings);
        let is_whole = answer.points == ramp(answer.covers_from, 500);
        assert_eq!(is_whole, is_held);
        assert_eq!(bench.engine.doomed().count() > 0, is_held);
        bench.act(|store, disk| store.release(disk, &held));
        assert_eq!(bench.engine.doomed().count(), 0);
        let names = bench.disk.names();
        assert!(!names.contains(&shard::file_name(5)), "it is removed at last");
    }
}

#[test]
fn rollups_wait_for_late_points_or_are_wrong() {
    for waits_for_late in [true, false] {
        let settings = Settings { waits_for_late, ..small() };
        let mut bench = filled(&settings, 300);
        bench.write(0, &[Point::new(221, 100.0)]).expect("it is open");
        for at in (300..500).step_by(50) {
            bench.write(0, &ramp(at, at + 50)).expect("it is open");
            bench.settle();
        }
        let points = bench.answer(0, What::Points).expect("it answers").points;
        let rollups = bench.answer(0, What::Rollups).expect("it answers").rollups;
        assert_eq!(rollups == rollups_of(points, 25), waits_for_late);
    }
}

#[test]
fn rot_is_found_and_refused() {
    let bench = filled(&small(), 400);
    let names = bench.disk.names();
    for name in names.iter().filter(|name| name.ends_with(shard::SUFFIX)) {
        let file = bench.disk.open(name).expect("it is there");
        let length = bench.disk.len_bytes(file).expect("it is open");
        for offset in 0..length {
            let mut files = bench.disk.files.clone();
            let bit = (offset % 8) as u8;
            assert!(files.fault(&DiskFault::BitRot { file: name.clone(), offset, bit }));
            let found = Bench::recovered(&small(), files).and_then(|it| it.contents(1));
            assert!(matches!(found, Err(StoreError::Damaged { .. })), "{name} {offset}: {found:?}");
        }
    }
}

/// A record that later ones knew to be durable was not torn by a crash.
#[test]
fn rot_of_a_log_before_its_durable_end_is_no_torn_end() {
    let mut bench = Bench::new(&small());
    for at in 0..4 {
        bench.write(0, &[Point::new(at, 1.5)]).expect("it is open");
        bench.settle();
    }
    let mut refused = 0;
    let name = log::file_name(0);
    let length = bench.engine.young().map(|(_, shard)| shard.log_bytes).sum::<u64>();
    for offset in 0..length {
        let mut files = bench.disk.files.clone();
        assert!(files.fault(&DiskFault::BitRot { file: name.clone(), offset, bit: 3 }));
        match Bench::recovered(&small(), files) {
            Err(error) => {
                assert!(matches!(error, StoreError::Damaged { .. }));
                refused += 1;
            }
            // The last record: one disk alone cannot tell.
            Ok(bench) => assert_eq!(bench.contents(1).expect("it answers").len(), 3),
        }
    }
    assert_eq!(refused, length / 4 * 3);
}

#[test]
fn a_full_disk_is_refused_and_harms_nothing() {
    let mut bench = filled(&small(), 300);
    let before = bench.contents(1).expect("it answers");
    let used = bench.disk.files.used_bytes();
    assert!(bench.disk.files.fault(&DiskFault::Capacity { bytes: used }));
    let mut at = 300;
    let error = loop {
        match bench.write(0, &ramp(at, at + 50)) {
            Err(error) => break error,
            Ok(_) => at += 50,
        }
        bench.settle();
    };
    assert_eq!(error.to_string(), "The disk is full: the last write may be there in part.");
    let found = bench.contents(1).expect("it answers");
    assert!(before.iter().all(|(key, bits)| found.get(key) == Some(bits)));
    bench.disk.files.fault(&DiskFault::Capacity { bytes: 1 << 20 });
    bench.act(Store::go_on);
    bench.settle();
    assert_eq!(bench.write(0, &ramp(at, at + 50)).expect("there is room").refused, []);
}

#[test]
fn after_a_failed_sync_it_takes_nothing_and_opens_with_what_it_had() {
    let mut bench = filled(&small(), 300);
    assert!(bench.disk.files.fault(&DiskFault::FailSyncs { count: 1 }));
    bench.write(0, &[Point::new(305, 2.0)]).expect("it is open");
    bench.complete();
    assert_eq!(bench.engine.state(), State::InDoubt);
    assert_eq!(bench.write(0, &[Point::new(306, 2.0)]), Err(StoreError::ReadOnly));
    let before = bench.contents(1).expect("it answers");
    // It opens the files that it has: no crash, the cache is as it was.
    let bench = Bench::recovered(&small(), bench.disk.files.clone()).expect("it opens");
    assert_eq!(bench.contents(1).as_ref(), Ok(&before));
    // What it serves now is on the disk: the plainest crash loses nothing.
    let mut files = bench.disk.files.clone();
    files.crashed(&mut |_| 0);
    let bench = Bench::recovered(&small(), files).expect("it opens");
    assert_eq!(bench.contents(1), Ok(before));
}

#[test]
fn a_newer_format_is_left_alone() {
    let mut bench = Bench::new(&small());
    let mut newer = Vec::new();
    crate::mechanism::frame::append(&mut newer, &9_u16.to_le_bytes());
    let file = bench.disk.open("format").expect("it is there");
    bench.disk.write_at(file, 0, &newer).expect("there is room");
    let refused = Bench::of(&small(), bench.disk.files.clone(), false).err();
    assert_eq!(refused, Some(StoreError::NewerFormat(9)));
}

proptest! {
    /// Any points in any order: what is taken is there, what is not is refused, and rollups agree.
    #[test]
    fn it_is_a_map_within_its_window(
        batches in prop::collection::vec(
            (0..2_u16, prop::collection::vec((0..900_u64, 0..5_u8), 1..6), any::<bool>()),
            0..60,
        ),
    ) {
        let settings = Settings { retention: 10_000, ..small() };
        let mut bench = Bench::new(&settings);
        let mut model = Contents::new();
        for (series, points, completes) in batches {
            let points: Vec<Point> =
                points.into_iter().map(|(at, value)| Point::new(at, f64::from(value))).collect();
            let newest = bench.engine.newest().unwrap_or_default();
            let taken = bench.write(series, &points).expect("it is open");
            for point in &points {
                let known = model.get(&(series, point.at)).copied();
                let why = taken.refused.iter().find(|(at, _)| *at == point.at).map(|it| it.1);
                let is_late = point.at + settings.window < newest;
                match known {
                    None if is_late => prop_assert_eq!(why, Some(Refusal::TooLate)),
                    None => { model.insert((series, point.at), point.bits); }
                    Some(_) => prop_assert!(why != Some(Refusal::TooLate)),
                }
            }
            if completes {
                bench.complete();
            }
        }
        bench.settle();
        prop_assert_eq!(bench.contents(2).expect("it answers"), model);
        for series in 0..2 {
            let points = bench.answer(series, What::Points).expect("it answers").points;
            let rollups = bench.answer(series, What::Rollups).expect("it answers").rollups;
            prop_assert_eq!(rollups, rollups_of(points, 25));
        }
    }
}
