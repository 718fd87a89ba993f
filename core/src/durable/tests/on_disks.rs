//! The suite, natively: on the simulated disk, and on a pool in memory.

use super::super::{
    Disk, Fuse, Handle as _, Memory, OnDisk, Ordeal, Pool, Runner, Survived, SyncEach, conformance,
    pack, unpack,
};
use super::failing::Limits;
use crate::scenario::all;
use crate::sim::files::SECTOR_BYTES;
use crate::sim::{DiskFault, Extent, FileError, FileSystem as _, Files, Storage as _};
use crate::view::{Sector, SectorState, Sectors};

const FILES: u16 = 16;

fn handles(files: u16) -> Vec<Memory> {
    (0..files + 2).map(|_| Memory::default()).collect()
}

fn pool(files: u16) -> Pool<Memory> {
    Pool::open(handles(files), 1).expect("empty handles are a new pool")
}

fn engines() -> Vec<(&'static str, &'static OnDisk)> {
    all().filter_map(|row| Some((row.slug, row.on_disk?))).collect()
}

#[test]
fn every_disk_does_what_a_disk_must_do() {
    let files = u32::from(FILES);
    conformance::check_all(&mut Files::with_limits(files, 1 << 20), files).expect("simulated");
    conformance::check_all(&mut pool(FILES), files).expect("pool");
}

#[test]
fn no_engine_loses_what_it_acknowledged_however_often_it_is_killed() {
    for (slug, on_disk) in engines() {
        let mut files = Files::with_limits(u32::from(on_disk.files), 64 << 20);
        let mut pool = Pool::open(handles(on_disk.files), on_disk.format).expect("it is new");
        let disks: [&mut dyn Disk; 2] = [&mut files, &mut pool];
        for disk in disks {
            let mut ordeal = Ordeal::new(7);
            // Who writes much for an operation gets less far before each kill, and is killed more often.
            let is_enough =
                |it: &Survived| it.kills >= 300 || it.kills >= 200 && it.acknowledged > 1_500;
            while !is_enough(&ordeal.so_far()) {
                ordeal.round(on_disk, disk).unwrap_or_else(|error| panic!("{slug}: {error}"));
            }
            let ended = ordeal.end(on_disk, disk);
            let survived = ended.unwrap_or_else(|error| panic!("{slug}: {error}"));
            assert!(survived.acknowledged > 1_500, "{slug}: {survived:?}");
            assert!(survived.kills_in_recovery > 15, "{slug}: {survived:?}");
        }
    }
}

/// The simulated disk's crashes take more than a kill does; power cuts on handles lie in between.
#[test]
fn no_engine_loses_what_it_acknowledged_when_what_was_not_flushed_is_gone() {
    for (slug, on_disk) in engines() {
        let handles = handles(on_disk.files);
        let mut disk = Pool::open(handles.clone(), on_disk.format).expect("it is new");
        let mut ordeal = Ordeal::new(8);
        while ordeal.so_far().kills < 60 {
            ordeal.round(on_disk, &mut disk).unwrap_or_else(|error| panic!("{slug}: {error}"));
            for (place, handle) in handles.iter().enumerate() {
                if ordeal.so_far().kills as usize % 3 != place % 3 {
                    handle.lose_power();
                }
            }
            disk.restart(&mut |_| 0).unwrap_or_else(|error| panic!("{slug}: {error}"));
        }
        ordeal.end(on_disk, &mut disk).unwrap_or_else(|error| panic!("{slug}: {error}"));
    }
}

#[test]
fn a_policy_says_how_far_acknowledgements_lag() {
    for (slug, on_disk) in engines() {
        let lag = |each| {
            let mut disk = Pool::open(handles(on_disk.files), on_disk.format).expect("it is new");
            let mut runner = Runner::open(on_disk, &mut disk, SyncEach(each)).expect("it opens");
            let mut most = 0;
            for _ in 0..150 {
                runner.operate(&mut disk).expect("there is room");
                most = most.max(runner.written() - runner.acknowledged());
            }
            runner.sync(&mut disk).expect("it syncs");
            assert_eq!(runner.acknowledged(), 150, "{slug}");
            most
        };
        assert_eq!([lag(1), lag(10), lag(100)], [0, 9, 99], "{slug}");
        assert!(lag(0) >= 100, "{slug}");
    }
}

/// A long life: what is written over gives its room back.
#[test]
fn an_engine_needs_no_more_files_than_it_says() {
    for (slug, on_disk) in engines() {
        let mut disk = Pool::open(handles(on_disk.files), on_disk.format).expect("it is new");
        let mut runner = Runner::open(on_disk, &mut disk, SyncEach(100)).expect("it opens");
        for number in 0..12_000 {
            runner.operate(&mut disk).unwrap_or_else(|error| panic!("{slug} {number}: {error}"));
        }
        let mut tally = runner.tally(12_000, 12_000);
        while runner.count(&disk, &mut tally).expect("it reads") {}
        assert!(tally.is_kept() && tally.acknowledged == 12_000, "{slug}: {tally:?}");
    }
}

/// Nothing is lost when there is no room: what was acknowledged is there when there is room again.
#[test]
fn a_full_disk_says_so_and_loses_nothing() {
    let cases = engines().into_iter().flat_map(|engine| [(engine, 0), (engine, 512)]);
    for ((slug, on_disk), room_bytes) in cases {
        let mut disk = Files::with_limits(u32::from(on_disk.files), 64 << 20);
        let mut runner = Runner::open(on_disk, &mut disk, SyncEach(1)).expect("it opens");
        (0..500).for_each(|_| runner.operate(&mut disk).expect("there is room"));
        disk.fault(&DiskFault::Capacity { bytes: disk.used_bytes() + room_bytes });
        let refused = (0..5_000).find_map(|_| runner.operate(&mut disk).err());
        let acknowledged = runner.acknowledged();
        assert_eq!(refused, Some(FileError::Full.to_string()), "{slug}");
        disk.fault(&DiskFault::Capacity { bytes: 64 << 20 });
        disk.restart(&mut |_| 0).expect("it restarts");
        let mut runner = Runner::open(on_disk, &mut disk, SyncEach(1)).expect("it opens");
        let mut tally = runner.tally(acknowledged, acknowledged);
        while runner.count(&disk, &mut tally).expect("it reads") {}
        assert!(tally.is_kept(), "{slug}: {tally:?}");
        runner.operate(&mut disk).expect("there is room");
    }
}

/// Whatever byte is struck: it is refused or served as it was, never served otherwise. Of what was
/// acknowledged only the last batch may be taken for torn, and not even that once it was read again.
#[test]
fn a_flipped_byte_is_never_served() {
    for (slug, on_disk) in engines() {
        let refused: u32 = [false, true].into_iter().map(|again| flips(slug, on_disk, again)).sum();
        assert_eq!(refused > 0, on_disk.copies == 1, "{slug}: {refused}");
    }
}

/// Flips bytes of a store, which may have been opened `again` since it was written; returns how often
/// that was refused.
fn flips(slug: &str, on_disk: &'static OnDisk, again: bool) -> u32 {
    let handles = handles(on_disk.files);
    let mut disk = Pool::open(handles.clone(), on_disk.format).expect("it is new");
    let mut runner = Runner::open(on_disk, &mut disk, SyncEach(10)).expect("it opens");
    (0..700).for_each(|_| runner.operate(&mut disk).expect("there is room"));
    if again {
        disk.restart(&mut |_| 0).expect("it restarts");
        Runner::open(on_disk, &mut disk, SyncEach(10)).expect("it opens");
    }
    let may_lose = if on_disk.copies > 1 || again { 700 } else { 690 };
    let mut refused = 0;
    for (place, handle) in handles.iter().enumerate() {
        for offset in (0..handle.len_bytes().expect("it is there")).step_by(1_997) {
            let mut copies: Vec<Memory> = handles.iter().map(Memory::copied).collect();
            let mut byte = [0];
            copies[place].read_at(offset, &mut byte).expect("it is there");
            copies[place].write_at(offset, &[byte[0] ^ 8]).expect("it is there");
            let mut disk =
                Pool::open(copies, on_disk.format).expect("one copy of the names is sound");
            let at = format!("{slug}: byte {offset} of handle {place}, again: {again}");
            let Ok(mut runner) = Runner::open(on_disk, &mut disk, SyncEach(1)) else {
                // Asked once more it knows no more.
                assert!(Runner::open(on_disk, &mut disk, SyncEach(1)).is_err(), "{at}");
                refused += 1;
                continue;
            };
            let mut tally = runner.tally(700, 700);
            while runner.count(&disk, &mut tally).unwrap_or_else(|_| {
                refused += 1;
                false
            }) {}
            assert_eq!(tally.wrong, [0; 0], "{at}");
            assert!(tally.lost.iter().all(|number| *number > may_lose), "{at}: {tally:?}");
        }
    }
    refused
}

/// What both superblocks hide is not guessed at: one bad block more, and all behind it would pass for torn.
#[test]
fn a_ledger_whose_superblocks_are_both_damaged_is_left_alone() {
    let (_, on_disk) =
        engines().into_iter().find(|(slug, _)| *slug == "torn-ledger").expect("it is");
    let mut disk = Pool::open(handles(on_disk.files), on_disk.format).expect("it is new");
    let mut runner = Runner::open(on_disk, &mut disk, SyncEach(100)).expect("it opens");
    (0..1_000).for_each(|_| runner.operate(&mut disk).expect("there is room"));
    disk.restart(&mut |_| 0).expect("it restarts");
    let size = SECTOR_BYTES as u64;
    // One alone is made good, and that is told once.
    disk.flip("superblock", 9, 3).expect("there is such a byte");
    let mut told = Vec::new();
    for _ in 0..2 {
        disk.restart(&mut |_| 0).expect("it restarts");
        let runner = Runner::open(on_disk, &mut disk, SyncEach(100)).expect("one is sound");
        told.push((runner.written(), runner.mended().join("; ")));
    }
    let mended = "one copy of the superblock, from the other one".to_owned();
    assert_eq!(told, [(1_000, mended), (1_000, String::new())]);
    for (name, offset) in
        [("ledger-0001", 600 * size + 40), ("superblock", 9), ("superblock", size + 9)]
    {
        disk.flip(name, offset, 3).expect("there is such a byte");
    }
    let before = disk.images().expect("it reads");
    let refused = Runner::open(on_disk, &mut disk, SyncEach(1)).map(|_| ()).expect_err("damaged");
    assert!(refused.starts_with("No copy of the superblock can be read"), "{refused}");
    assert!(disk.images().expect("it reads") == before, "something was written");
}

#[test]
fn a_store_is_taken_along_and_nothing_else_is_taken_for_one() {
    for (slug, on_disk) in engines() {
        let mut disk = Pool::open(handles(on_disk.files), on_disk.format).expect("it is new");
        let mut runner = Runner::open(on_disk, &mut disk, SyncEach(10)).expect("it opens");
        (0..300).for_each(|_| runner.operate(&mut disk).expect("there is room"));
        let parcel = pack(slug, disk.images().expect("it reads"));
        let images = unpack(slug, &parcel).expect("it is what was packed");
        let mut other = Pool::open(handles(on_disk.files), on_disk.format).expect("it is new");
        other.replace(&images).expect("there is room");
        let mut runner = Runner::open(on_disk, &mut other, SyncEach(1)).expect("it opens");
        let mut tally = runner.tally(300, 300);
        while runner.count(&other, &mut tally).expect("it reads") {}
        assert!(tally.is_kept(), "{slug}: {tally:?}");
        assert!(unpack("another", &parcel).is_err_and(|it| it.contains(slug)));
        assert!(unpack(slug, b"something else").is_err());
        for cut in (0..parcel.len()).step_by(991) {
            assert!(unpack(slug, &parcel[..cut]).is_err());
        }
    }
}

/// Wherever the room for another store ends, the one before is there again.
#[test]
fn a_store_that_finds_no_room_replaces_nothing() {
    let (slug, on_disk) = engines()[0];
    let limits = Limits::default();
    let filled = |operations: u32| {
        let mut disk = Pool::open(limits.on(&handles(on_disk.files)), on_disk.format)?;
        let mut runner = Runner::open(on_disk, &mut disk, SyncEach(10)).expect("it opens");
        (0..operations).for_each(|_| runner.operate(&mut disk).expect("there is room"));
        Ok::<_, FileError>((disk, runner))
    };
    let (mut disk, mut runner) = filled(40).expect("it is new");
    let larger = filled(2_000).and_then(|(disk, _)| disk.images()).expect("it reads");
    let before = disk.images().expect("it reads");
    let in_use = |images: &[Vec<u8>]| images.iter().map(|image| image.len() as u64).sum::<u64>();
    let lacking = in_use(&larger) - in_use(&before);
    for room_bytes in (0..lacking).step_by(4_099) {
        limits.room(Some(room_bytes));
        assert_eq!(disk.replace(&larger), Err(FileError::Full), "{slug}: {room_bytes}");
        assert!(disk.images().expect("it reads") == before, "{slug}: {room_bytes}");
        // The engine that has files open goes on with them.
        let mut tally = runner.tally(40, 40);
        while runner.count(&disk, &mut tally).expect("it reads") {}
        assert!(tally.is_kept(), "{slug}: {tally:?}");
    }
    limits.room(None);
    runner.operate(&mut disk).expect("there is room");
    assert_eq!((runner.written(), runner.acknowledged()), (41, 40));
    disk.replace(&larger).expect("there is room");
    assert!(disk.images().expect("it reads") == larger);
}

#[test]
fn a_plug_that_was_armed_can_be_taken_back_and_one_that_was_pulled_cannot() {
    let mut disk = pool(FILES);
    let file = disk.create("a").expect("the name is free");
    disk.arm(Some(Fuse { writes: 2, bytes: 1 }));
    disk.write_at(file, 0, &[7; 600]).expect("the power is on");
    disk.arm(None);
    (0..9).for_each(|_| disk.write_at(file, 0, &[8; 600]).expect("the power stays on"));
    disk.arm(Some(Fuse { writes: 0, bytes: 1 }));
    assert!(disk.write_at(file, 0, &[9; 600]).is_err());
    disk.arm(None);
    assert!(disk.is_dead() && disk.write_at(file, 0, &[9; 600]).is_err());
}

/// A look at what a killed one leaves shows the names on the disk, changes none of its bytes, and
/// knows which of them were not flushed.
#[test]
fn what_a_killed_pool_leaves_can_be_looked_at() {
    let handles = handles(FILES);
    let mut disk = Pool::open(handles.clone(), 1).expect("it is new");
    let file = disk.create("kept").expect("the name is free");
    disk.write_at(file, 0, &[7; 600]).expect("there is room");
    for extent in [Extent::File(file), Extent::Names] {
        disk.sync(extent).expect("it is open");
    }
    disk.complete_sync();
    disk.create("unsynced").expect("the name is free");
    disk.arm(Some(Fuse { writes: 0, bytes: 30 }));
    assert!(disk.write_at(file, 600, &[8; 40]).is_err());
    let before = disk.images().expect("it reads");
    let remains = disk.remains(Memory::holding).expect("a copy of the names is sound");
    assert_eq!(remains.names(), ["kept"]);
    let (_, picture) = remains.picture("kept", None).expect("it is there");
    let states: Vec<SectorState> = picture.sectors.iter().map(|sector| sector.state).collect();
    assert_eq!(states, [SectorState::Durable, SectorState::Cached]);
    assert_eq!(picture.sectors[1].bytes.len(), 630 - 512);
    assert!(disk.images().expect("it reads") == before);
}

#[test]
fn a_store_of_another_format_is_left_alone() {
    let handles = handles(FILES);
    let mut disk = Pool::open(handles.clone(), 5).expect("it is new");
    disk.create("a").expect("the name is free");
    let before = disk.images().expect("it reads");
    let other = |holds| Pool::open(handles.clone(), holds).err();
    assert_eq!(other(4), Some(FileError::NewerFormat { found: 5 }));
    assert_eq!(other(6), Some(FileError::OlderFormat { found: 5 }));
    assert!(disk.images().expect("it reads") == before, "something was written");
}

#[test]
fn a_picture_shows_which_bytes_are_not_flushed() {
    let mut disk = pool(FILES);
    let file = disk.create("a").expect("the name is free");
    disk.write_at(file, 0, &[7; 600]).expect("there is room");
    disk.sync(Extent::File(file)).expect("it is open");
    disk.complete_sync();
    disk.write_at(file, 590, &[8; 600]).expect("there is room");
    let states = |picture: &Sectors| -> Vec<SectorState> {
        picture.sectors.iter().map(|sector| sector.state).collect()
    };
    let picture = |disk: &Pool<Memory>| disk.picture("a", None).expect("it is there");
    let (first, sectors) = picture(&disk);
    assert_eq!(states(&sectors), [SectorState::Durable, SectorState::Cached, SectorState::Cached]);
    assert_eq!((first, &sectors.sectors[1].bytes[77..79]), (0, [7, 8].as_slice()));
    assert_eq!(disk.flip("a", 3, 1), Ok(5));
    assert!(disk.flip("a", 5_000, 1).is_err());
    assert_eq!(picture(&disk).1.sectors[0].bytes[3], 5);
    // Of a long file it is the end, where something happens.
    disk.sync(Extent::File(file)).expect("it is open");
    disk.complete_sync();
    disk.write_at(file, 200 * 512, &[9; 3]).expect("there is room");
    let (first, sectors) = picture(&disk);
    assert_eq!((first, sectors.sectors.len()), (73, 128));
    assert_eq!(sectors.sectors[127], Sector::new(SectorState::Cached, "").with_bytes([9; 3]));
    // Or what was asked for.
    for (from, first) in [(0, 0), (50, 50), (100, 73)] {
        let (begins, sectors) = disk.picture("a", Some(from)).expect("it is there");
        assert_eq!((begins, sectors.sectors.len()), (first, 128));
    }
    // Or what is not flushed, wherever it is, and no more than that.
    disk.sync(Extent::File(file)).expect("it is open");
    disk.complete_sync();
    disk.write_at(file, 512, &[6; 513]).expect("there is room");
    let (first, sectors) = picture(&disk);
    let open = |(nth, it): (usize, &Sector)| (it.state == SectorState::Cached).then_some(nth);
    let open: Vec<usize> = sectors.sectors.iter().enumerate().filter_map(open).collect();
    assert_eq!((first, open), (0, vec![1, 2]));
    disk.truncate(file, 600).expect("it is open");
    assert_eq!(states(&picture(&disk).1), [SectorState::Durable, SectorState::Cached]);
}

/// The file of a ring is as long as ever.
#[test]
fn a_picture_of_what_is_flushed_ends_where_it_was_written_to_last_or_is_not_empty() {
    let handles = handles(FILES);
    let mut disk = Pool::open(handles.clone(), 1).expect("it is new");
    let file = disk.create("ring").expect("the name is free");
    disk.truncate(file, 900 * 512).expect("it is open");
    for sector in [700, 300] {
        disk.write_at(file, sector * 512, &[7; 512]).expect("there is room");
    }
    for extent in [Extent::File(file), Extent::Names] {
        disk.sync(extent).expect("it is open");
    }
    disk.complete_sync();
    let first = |disk: &Pool<Memory>| disk.picture("ring", None).expect("it is there").0;
    assert_eq!(first(&disk), 301 - 128);
    disk.restart(&mut |_| 0).expect("it restarts");
    assert_eq!(first(&disk), 701 - 128);
    let file = disk.open("ring").expect("it is there");
    for length in [0, 900 * 512] {
        disk.truncate(file, length).expect("it is open");
    }
    disk.sync(Extent::File(file)).expect("it is open");
    disk.complete_sync();
    assert_eq!(first(&disk), 0);
}
