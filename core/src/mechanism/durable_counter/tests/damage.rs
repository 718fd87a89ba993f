//! Damage to every sector of one copy, and of both.

use super::super::area::{log, snapshot};
use super::super::{CounterError, Settings, mendings};
use super::harness::Bench;
use crate::sim::files::SECTOR_BYTES;
use crate::sim::{DiskFault, FileSystem as _, Files, Storage as _};

/// Counts to `to`, all of it acknowledged.
fn counted(settings: &Settings, to: u32) -> Files {
    let mut bench = Bench::new(settings);
    for question in 1..=to {
        assert_eq!(bench.add(question), Ok(Some(u64::from(question))));
        bench.settle();
    }
    bench.crashed(&mut |_| 0)
}

fn small() -> Settings {
    Settings { every: 4, ..Settings::default() }
}

/// Every fault that strikes a sector of this file: an unreadable one, and a flipped bit here and there.
fn faults(files: &Files, file: &str) -> Vec<DiskFault> {
    let id = files.open(file).expect("it is there");
    let sectors = files.len_bytes(id).expect("it is open") / SECTOR_BYTES as u64;
    let of_sector = |sector: u64| {
        let file = file.to_owned();
        let begin = sector * SECTOR_BYTES as u64;
        let bits = [0, 4, 8, 9, 10, 11, 12, 13, 511];
        let rots = bits.map(|byte| {
            let bit = u8::try_from(byte % 8).unwrap_or_default();
            DiskFault::BitRot { file: file.clone(), offset: begin + byte, bit }
        });
        rots.into_iter().chain([DiskFault::ReadError { file: file.clone(), offset: begin }])
    };
    (0..sectors).flat_map(of_sector).collect()
}

fn files_of(area: &str) -> [String; 2] {
    [log(area), snapshot(area)]
}

#[test]
fn damage_to_one_copy_is_survived_whatever_it_strikes() {
    let mut struck = 0;
    for to in [0, 3, 4, 9, 19] {
        let files = counted(&small(), to);
        for area in small().areas() {
            // Both files of an area at once: all of the copy.
            let [logs, snapshots] = files_of(area).map(|file| faults(&files, &file));
            for (log, snapshot) in
                logs.iter().flat_map(|log| snapshots.iter().map(move |it| (log, it)))
            {
                let mut damaged = files.clone();
                damaged.fault(log);
                damaged.fault(snapshot);
                struck += 1;
                let bench = Bench::recovered(&small(), damaged)
                    .unwrap_or_else(|error| panic!("{to}, {log:?}, {snapshot:?}: {error}"));
                assert_eq!(bench.engine.durable(), u64::from(to), "{log:?}, {snapshot:?}");
            }
        }
    }
    assert!(struck > 1_000, "{struck}");
}

#[test]
fn damage_to_both_is_never_answered_with_a_wrong_number() {
    let to = 9;
    let files = counted(&small(), to);
    let (mut refused, mut survived) = (0, 0);
    let [a, b] = ["a", "b"].map(|area| {
        files_of(area).into_iter().flat_map(|file| faults(&files, &file)).collect::<Vec<_>>()
    });
    for (a, b) in a.iter().flat_map(|a| b.iter().map(move |b| (a, b))) {
        let mut damaged = files.clone();
        damaged.fault(a);
        damaged.fault(b);
        match Bench::recovered(&small(), damaged) {
            Err(CounterError::Damaged { after }) => {
                // Where the place of the next record is damaged in both, it may have been there.
                assert!(after <= u64::from(to), "{a:?}, {b:?}: after {after}");
                refused += 1;
            }
            Err(error) => panic!("{a:?}, {b:?}: {error}"),
            Ok(bench) => {
                assert_eq!(bench.engine.durable(), u64::from(to), "{a:?}, {b:?}");
                survived += 1;
            }
        }
    }
    assert!(refused > 100 && survived > 100, "{refused} refused, {survived} survived");
}

/// The question that the row's source asks: stop at the first bad record? Then the number is too small.
#[test]
fn who_stops_at_the_first_bad_record_forgets_what_it_promised() {
    let files = counted(&small(), 10);
    let settings = Settings { refuses_damage: false, ..small() };
    let mut damaged = files.clone();
    for area in small().areas() {
        let offset = 9 % small().slots() * SECTOR_BYTES as u64 + 9;
        assert!(damaged.fault(&DiskFault::BitRot { file: log(area), offset, bit: 1 }));
    }
    let refused = Bench::recovered(&small(), damaged.clone()).map(|bench| bench.engine.durable());
    assert_eq!(refused, Err(CounterError::Damaged { after: 8 }));
    let wrong = Bench::recovered(&settings, damaged).expect("it opens");
    assert_eq!(wrong.engine.durable(), 8);
}

#[test]
fn without_sums_a_flipped_bit_is_counted() {
    let settings = Settings { is_summed: false, ..small() };
    let mut files = counted(&settings, 4);
    // The count of the snapshot, behind length, sum and format.
    assert!(files.fault(&DiskFault::BitRot { file: snapshot("a"), offset: 10, bit: 4 }));
    let bench = Bench::recovered(&settings, files).expect("it opens");
    assert_eq!(bench.engine.durable(), 20);
}

/// A sum accepts a record in the wrong place, and what it was to replace is missed there.
#[test]
fn a_write_that_lands_elsewhere_loses_nothing() {
    for to_sector in 0..8 {
        let mut bench = Bench::new(&small());
        for question in 1..=9 {
            if question == 6 {
                bench.fault(&DiskFault::Misdirect { file: log("a"), to_sector });
            }
            assert_eq!(bench.add(question), Ok(Some(u64::from(question))));
            bench.settle();
        }
        let files = bench.crashed(&mut |_| 0);
        let bench = Bench::recovered(&small(), files).expect("one copy is whole");
        assert_eq!(bench.engine.durable(), 9, "to sector {to_sector}");
        // Where it was to be, or under a later record, nobody can tell.
        assert!([&["a"][..], &[]].contains(&bench.engine.damaged()), "to sector {to_sector}");
    }
}

/// Each copy lost the same record under a later one, and nothing there lacks its sum.
#[test]
fn what_is_missing_in_both_and_was_durable_is_damage() {
    let settings = Settings { every: 16, ..small() };
    let mut bench = Bench::new(&settings);
    for question in 1..=7 {
        if question == 5 {
            for area in ["a", "b"] {
                bench.fault(&DiskFault::Misdirect { file: log(area), to_sector: 6 });
            }
        }
        assert_eq!(bench.add(question), Ok(Some(u64::from(question))));
        bench.settle();
    }
    let files = bench.crashed(&mut |_| 0);
    let open =
        |settings| Bench::recovered(settings, files.clone()).map(|bench| bench.engine.durable());
    assert_eq!(open(&settings), Err(CounterError::Damaged { after: 4 }));
    assert_eq!(open(&Settings { refuses_damage: false, ..settings }), Ok(4));
}

#[test]
fn a_later_format_is_left_alone() {
    use super::super::area::{Snapshot, snapshot};
    use crate::mechanism::frame;
    let mut files = counted(&small(), 4);
    let mut body = 7_u16.to_le_bytes().to_vec();
    body.extend(postcard::to_allocvec(&Snapshot::default()).expect("it has bytes"));
    let mut bytes = Vec::new();
    frame::append(&mut bytes, &body);
    let file = files.open(&snapshot("b")).expect("it is there");
    crate::sim::FileSystem::write_at(&mut files, file, 0, &bytes).expect("there is room");
    let refused = Bench::recovered(&small(), files).map(|bench| bench.engine.durable());
    assert_eq!(refused, Err(CounterError::NewerFormat(7)));
}

/// What is bad in both copies is made good from neither.
#[test]
fn what_is_made_good_is_told_with_what_it_is_made_good_from() {
    let mut files = counted(&small(), 9);
    assert_eq!(mendings(&files, &small()), Ok(Vec::new()));
    let rot = |area| {
        // The fifth record, which the snapshot after the eighth covers.
        let offset = 5 * SECTOR_BYTES as u64 + 9;
        DiskFault::BitRot { file: log(area), offset, bit: 1 }
    };
    assert!(files.fault(&rot("b")));
    assert_eq!(mendings(&files, &small()), Ok(vec!["copy b, from the other one".into()]));
    assert!(files.fault(&rot("a")));
    let told = mendings(&files, &small()).expect("it can be read");
    assert!(told.len() == 1 && told[0].contains("that no count needs, bad in every copy"));
    let bench = Bench::recovered(&small(), files).expect("nothing is missing");
    assert_eq!(bench.engine.durable(), 9);
    assert_eq!(mendings(&bench.disk.files, &small()), Ok(Vec::new()));
}
