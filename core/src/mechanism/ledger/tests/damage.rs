//! Damage to one disk: every byte, and writes that go elsewhere or nowhere.

use super::super::scan::segment_name;
use super::super::superblock::{FILE, Superblock};
use super::super::{BLOCK_BYTES, BlockId, Choice, Ledger, Slot, choose, scan};
use super::{Bench, SAFE};
use crate::sim::files::SECTOR_BYTES;
use crate::sim::{DiskFault, FileError, FileSystem as _, Files, Storage as _};

fn slots(disk: &Files) -> Vec<Slot> {
    scan(disk, SAFE).expect("the disk works").slots
}

/// With the word of the others, each bad block is classified rightly: acknowledged, and to be mended from
/// whoever has it; never acknowledged, and to be cut; or in doubt, as long as too few are heard.
#[test]
fn rot_of_every_byte_is_found_named_and_classified() {
    let bench = Bench::with_blocks(5);
    let whole = slots(&bench.disk.files);
    let ids: Vec<_> = whole.iter().filter_map(|slot| slot.id()).collect();
    for offset in 0..5 * BLOCK_BYTES as u64 {
        let mut disk = bench.disk.files.clone();
        let bit = u8::try_from(offset % 8).expect("it is small");
        assert!(disk.fault(&DiskFault::BitRot { file: segment_name(1), offset, bit }));
        let place = usize::try_from(offset).expect("it is small") / BLOCK_BYTES;
        let mut expected = whole.clone();
        expected[place] = Slot::Bad(Some(ids[place]));
        let found = slots(&disk);
        assert_eq!(found, expected, "byte {offset}");
        let choice = |copies: &[Option<&[Slot]>]| choose(copies, 2);
        let cut = &whole[..place];
        assert_eq!(choice(&[Some(&found), Some(&whole), None]), Choice::Chain(ids.clone()));
        assert_eq!(choice(&[Some(&found), Some(cut), Some(&whole)]), Choice::Chain(ids.clone()));
        assert_eq!(
            choice(&[Some(&found), Some(cut), Some(cut)]),
            Choice::Chain(ids[..place].into())
        );
        assert_eq!(choice(&[Some(&found), Some(cut), None]), Choice::Wait(Some(place as u64 + 1)));
        assert_eq!(choice(&[Some(&found), None, None]), Choice::Wait(None));
    }
}

#[test]
fn a_sector_that_cannot_be_read_is_bad_and_is_mended_by_writing_it() {
    let mut bench = Bench::with_blocks(4);
    let block = bench.read(2).expect("it is good");
    bench.fault(&DiskFault::ReadError { file: segment_name(1), offset: 700 });
    assert_eq!(slots(&bench.disk.files)[1], Slot::Bad(Some(block.id())));
    assert_eq!(bench.read(2), None);
    assert_eq!(bench.engine.sound(), 1);
    bench.change(|ledger, disk| ledger.mend(disk, (2, &block)));
    assert_eq!(bench.engine.sound(), 1, "it is not on disk yet");
    bench.settle();
    assert_eq!((bench.engine.sound(), bench.read(2)), (4, Some(block)));
}

#[test]
fn a_misdirected_write_is_found_at_both_places() {
    let mut bench = Bench::with_blocks(4);
    let whole = slots(&bench.disk.files);
    bench.fault(&DiskFault::Misdirect { file: segment_name(1), to_sector: 1 });
    let last = bench.append(1);
    bench.settle();
    let found = slots(&bench.disk.files);
    let (second, fifth) = (Slot::Bad(whole[1].id()), Slot::Bad(Some(last.id())));
    assert_eq!(found, [whole[0], second, whole[2], whole[3], fifth]);
    // Who believes sums alone takes it for the second block.
    let believing = super::Settings { is_placed: false, ..SAFE };
    let found = scan(&bench.disk.files, believing).expect("the disk works").slots;
    assert_eq!(found[1], Slot::Good(last.id()));
}

/// A write that is lost leaves what was there before, with a right sum and in its place: here a block of
/// an earlier generation.
#[test]
fn a_lost_write_is_found_by_the_block_behind_it() {
    let mut bench = Bench::with_blocks(3);
    let old = bench.read(3).expect("it is good");
    bench.change(|ledger, disk| ledger.cut(disk, 2));
    bench.settle();
    let lost = bench.append(2);
    bench.settle();
    bench.append(2);
    bench.settle();
    bench.change(|ledger, disk| ledger.mend(disk, (3, &old)));
    bench.settle();
    assert_eq!(slots(&bench.disk.files)[2], Slot::Bad(Some(lost.id())));
}

#[test]
fn damage_to_one_copy_of_the_superblock_harms_no_block() {
    let bench = Bench::with_blocks(3);
    let whole = slots(&bench.disk.files);
    for offset in 0..2 * BLOCK_BYTES as u64 {
        let mut disk = bench.disk.files.clone();
        disk.fault(&DiskFault::BitRot { file: FILE.into(), offset, bit: 1 });
        assert_eq!(slots(&disk), whole, "byte {offset}");
    }
}

/// One bad block beside it, and all behind it would pass for torn.
#[test]
fn damage_to_both_copies_of_the_superblock_is_refused_and_nothing_is_changed() {
    let bench = Bench::with_blocks(5);
    for offset in (0..40).chain([300, 511]) {
        let mut disk = bench.disk.files.clone();
        let rot = |file: String, offset| DiskFault::BitRot { file, offset, bit: 1 };
        assert!(disk.fault(&rot(FILE.into(), offset % 12)));
        assert!(disk.fault(&rot(segment_name(1), BLOCK_BYTES as u64 + offset)));
        let (_, found) = Ledger::open(&mut disk.clone(), SAFE).expect("one copy is sound");
        assert_eq!((found.copies.bad, found.slots.len()), (1, 5), "byte {offset}");
        assert!(disk.fault(&rot(FILE.into(), BLOCK_BYTES as u64 + offset % 12)));
        let mut opened = disk.clone();
        let refused = Ledger::open(&mut opened, SAFE).map(|_| ());
        assert_eq!(refused, Err(FileError::NoSoundCopy(FILE.into())), "byte {offset}");
        assert_eq!(scan(&opened, SAFE), scan(&disk, SAFE), "byte {offset}");
    }
    // A sector that cannot be read counts as bad.
    let mut disk = bench.disk.files.clone();
    for offset in [0, BLOCK_BYTES as u64] {
        assert!(disk.fault(&DiskFault::ReadError { file: FILE.into(), offset }));
    }
    assert!(Ledger::open(&mut disk, SAFE).is_err());
}

/// Whatever has become of both copies, blocks without any are no new ledger.
#[test]
fn a_ledger_with_blocks_and_without_a_sound_superblock_is_refused() {
    let rotten = [0xa5; SECTOR_BYTES];
    let empty = [0; SECTOR_BYTES];
    for count in 0..3 {
        let bench = Bench::with_blocks(count);
        for (first, second) in [(rotten, rotten), (rotten, empty), (empty, rotten), (empty, empty)]
        {
            let mut disk = bench.disk.files.clone();
            let file = disk.open(FILE).expect("it is there");
            disk.write_at(file, 0, &[first, second].concat()).expect("there is room");
            let is_refused = Ledger::open(&mut disk, SAFE).is_err();
            // A crash may tear the first copy of all, before there is anything, and no more.
            assert_eq!(is_refused, count > 0 || (first, second) == (rotten, rotten));
        }
        let mut disk = bench.disk.files.clone();
        disk.remove(FILE).expect("it is there");
        assert_eq!(Ledger::open(&mut disk, SAFE).is_err(), count > 0);
    }
    // Nor is a block that cannot be believed itself.
    let bench = Bench::with_blocks(1);
    let mut disk = bench.disk.files.clone();
    disk.remove(FILE).expect("it is there");
    assert!(disk.fault(&DiskFault::BitRot { file: segment_name(1), offset: 9, bit: 1 }));
    assert!(Ledger::open(&mut disk, SAFE).is_err());
}

/// No accident makes one, but a file that somebody has made may be taken in.
#[test]
fn a_superblock_that_speaks_of_more_than_a_disk_can_hold_is_not_believed() {
    let mut disk = Bench::with_blocks(2).disk.files;
    let file = disk.open(FILE).expect("it is there");
    let end = (u64::MAX, BlockId::default());
    let absurd = (0..99).fold(Superblock::default(), |it, _| it.next(0, end));
    disk.write_at(file, 0, &absurd.encode()).expect("there is room");
    let found = scan(&disk, SAFE).expect("it reads");
    assert_eq!((found.slots.len(), found.copies.bad), (2, 1));
}

/// With one bad beside it, the sound one is made two before anything is written that needs it.
#[test]
fn a_bad_superblock_is_made_good_before_the_ledger_goes_on() {
    for side in [0, 1] {
        let mut disk = Bench::with_blocks(3).disk.files;
        let file = disk.open(FILE).expect("it is there");
        disk.write_at(file, side * SECTOR_BYTES as u64, &[0xa5; 40]).expect("there is room");
        let mut bench = Bench::of(disk);
        assert!(bench.engine.is_settling());
        while bench.engine.is_settling() {
            assert!(bench.complete(), "it waits for nothing");
        }
        assert_eq!(scan(&bench.disk.files, SAFE).expect("it reads").copies.bad, 0, "side {side}");
        bench.settle();
        assert_eq!((bench.engine.sound(), bench.engine.durable_generation()), (3, 0));
    }
}

/// The first superblock of all may be torn: nothing was acknowledged before it.
#[test]
fn a_torn_first_superblock_is_no_damage() {
    let mut disk = Files::default();
    let file = disk.create(FILE).expect("the name is free");
    let first = Superblock::default().next(0, (0, BlockId::default())).encode();
    disk.write_at(file, 0, &first[..6]).expect("there is room");
    let (ledger, scan) = Ledger::open(&mut disk, SAFE).expect("nothing was in it");
    assert!(ledger.is_empty() && scan.copies.bad == 1);
}

#[test]
fn blocks_lie_in_as_many_segments_as_they_need() {
    let mut bench = Bench::with_blocks(70);
    assert_eq!(bench.disk.files.picture(1).files.len(), 4, "three segments and the superblock");
    assert_eq!(bench.engine.sound(), 70);
    let mut again = Bench::of(bench.disk.files.clone());
    assert_eq!(again.engine.slots(), bench.engine.slots());
    assert!((1..=70).all(|position| again.read(position).is_some()));
    bench.change(|ledger, disk| ledger.cut(disk, 31));
    bench.settle();
    assert_eq!(slots(&bench.disk.files).len(), 31);
}
