//! What a crash leaves at any moment: nothing that was promised is bad, and what is bad was not promised.
//!
//! A disk makes nothing durable in the midst of a handler, so what a crash there leaves is among what one
//! at its end may leave, with the later changes lost.

use super::super::superblock::FILE;
use super::super::{Block, scan};
use super::{Bench, SAFE};
use crate::sim::files::SECTOR_BYTES;
use crate::sim::{DiskFault, Files, Storage as _};

/// Every disk that a crash may leave; with torn sectors, some of so many drawn ones.
fn outcomes(disk: &Files) -> Vec<Files> {
    let mut all: Vec<Files> = disk.crash_outcomes().take(3_000).collect();
    for bytes in [20, 40, 70] {
        let mut torn = disk.clone();
        torn.fault(&DiskFault::TornSectors { bytes });
        all.extend(torn.crash_outcomes().take(3_000));
    }
    all
}

/// Looks at what each crash leaves: blocks up to `sound` are there and right, and any other that is
/// taken for good is one that was made.
fn check(bench: &Bench, made: &[Block]) -> usize {
    let sound = usize::try_from(bench.engine.sound()).expect("it is small");
    let all = outcomes(&bench.disk.files);
    for disk in &all {
        let found = scan(disk, SAFE).expect("the disk works");
        assert!(found.slots.len() >= sound, "{found:?}");
        let mut opened = Bench::of(disk.clone());
        for (block, position) in made.iter().zip(1_u64..) {
            let is_promised = position <= sound as u64;
            match opened.read(position) {
                Some(read) => assert_eq!(read, *block),
                None => assert!(!is_promised, "block {position} of {sound}: {found:?}"),
            }
        }
        // What was dropped as torn had not been promised, and what is in doubt was made.
        for slot in &found.slots[sound..] {
            let is_made = |id| made.iter().any(|block| block.id() == id);
            assert!(slot.id().is_none_or(is_made), "{found:?}");
        }
        // A copy that has come up comes up again as good, whatever happens meanwhile.
        let bad: Vec<u64> = opened.engine.bad().collect();
        loop {
            for again in opened.disk.files.crash_outcomes().take(20) {
                let again = Bench::of(again);
                assert_eq!(again.engine.bad().collect::<Vec<_>>(), bad);
                assert_eq!(again.engine.len(), opened.engine.len());
            }
            if !opened.complete() {
                break;
            }
        }
    }
    all.len()
}

#[test]
fn what_was_promised_survives_a_crash_at_any_moment() {
    let mut bench = Bench::of(Files::default());
    let mut made = Vec::new();
    let mut tried = check(&bench, &made);
    // No block is written before both superblocks are on disk.
    while bench.engine.is_settling() {
        assert!(bench.complete(), "it waits for nothing");
        tried += check(&bench, &made);
    }
    // Some syncs end before the next block, some later: several blocks hang in the air at one time.
    for round in 0..9_u32 {
        made.push(bench.append(1));
        tried += check(&bench, &made);
        if round % 3 != 0 {
            bench.complete();
            tried += check(&bench, &made);
        }
    }
    bench.settle();
    assert_eq!(bench.engine.sound(), 9);
    assert!(tried > 5_000, "{tried} disks are few");
}

#[test]
fn what_was_cut_off_does_not_come_back_behind_what_was_appended_later() {
    let mut bench = Bench::with_blocks(5);
    bench.change(|ledger, disk| ledger.cut(disk, 2));
    assert!(bench.engine.is_settling());
    bench.settle();
    assert!(!bench.engine.is_settling());
    bench.append(2);
    for disk in outcomes(&bench.disk.files) {
        let found = scan(&disk, SAFE).expect("the disk works");
        assert!((2..=3).contains(&found.slots.len()), "{found:?}");
        assert!(found.slots[..2].iter().all(|slot| !slot.is_bad()));
    }
}

/// Whoever tells others of a generation before it is on disk may tell two lives' worth of them the same;
/// and what one copy alone keeps goes with it.
#[test]
fn a_generation_counts_as_kept_when_neither_a_crash_nor_a_bad_superblock_can_undo_it() {
    let mut bench = Bench::with_blocks(1);
    bench.append(1);
    // A sync that is under way covers nothing that comes later.
    bench.change(|ledger, _| {
        ledger.enter(2);
        Ok(())
    });
    bench.complete();
    assert_eq!((bench.engine.generation(), bench.engine.durable_generation()), (2, 0));
    bench.complete();
    assert_eq!(bench.engine.durable_generation(), 0, "one superblock has it");
    bench.settle();
    assert_eq!(bench.engine.durable_generation(), 2);
    bench.append(1);
    for files in outcomes(&bench.disk.files) {
        assert_eq!(Bench::of(files).engine.generation(), 2);
    }
    bench.settle();
    for side in [0, SECTOR_BYTES as u64] {
        for offset in side..side + 16 {
            let mut disk = bench.disk.files.clone();
            let _ = disk.fault(&DiskFault::BitRot { file: FILE.into(), offset, bit: 2 });
            assert_eq!(Bench::of(disk).engine.generation(), 2, "byte {offset}");
        }
    }
}

#[test]
fn a_torn_block_that_the_superblock_does_not_name_is_dropped_and_one_that_it_names_is_in_doubt() {
    let mut bench = Bench::with_blocks(3);
    let last = bench.append(1).id();
    bench.fault(&DiskFault::TornSectors { bytes: 40 });
    let (mut torn, mut doubtful) = (0, 0);
    for disk in bench.disk.files.crash_outcomes() {
        let found = scan(&disk, SAFE).expect("the disk works");
        torn += found.torn;
        doubtful += u32::from(found.slots.last() == Some(&super::super::Slot::Bad(Some(last))));
    }
    assert!(torn > 0 && doubtful > 0, "{torn} torn, {doubtful} doubtful");
}
