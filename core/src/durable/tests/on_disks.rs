//! The suite, natively: on the simulated disk, and on a pool in memory.

use super::super::{
    Disk, Handle as _, Memory, OnDisk, Ordeal, Pool, Runner, SyncEach, conformance, pack, unpack,
};
use crate::scenario::all;
use crate::sim::{DiskFault, Extent, FileError, FileSystem as _, Files, Storage as _};
use crate::view::SectorState;

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
            while ordeal.kills < 200 {
                ordeal.round(on_disk, disk).unwrap_or_else(|error| panic!("{slug}: {error}"));
            }
            assert!(ordeal.acknowledged > 1_500, "{slug}: {} only", ordeal.acknowledged);
            assert!(ordeal.kills_in_recovery > 15);
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
        while ordeal.kills < 60 {
            ordeal.round(on_disk, &mut disk).unwrap_or_else(|error| panic!("{slug}: {error}"));
            for (place, handle) in handles.iter().enumerate() {
                if ordeal.kills as usize % 3 != place % 3 {
                    handle.lose_power();
                }
            }
            disk.restart(&mut |_| 0).unwrap_or_else(|error| panic!("{slug}: {error}"));
        }
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
    let picture = disk.picture("a").expect("it is there");
    let states: Vec<SectorState> = picture.sectors.iter().map(|sector| sector.state).collect();
    assert_eq!(states, [SectorState::Durable, SectorState::Cached, SectorState::Cached]);
    assert_eq!(picture.sectors[1].bytes[77..79], [7, 8]);
    disk.flip("a", 3, 1).expect("there is such a byte");
    assert!(disk.flip("a", 5_000, 1).is_err());
    assert_eq!(disk.picture("a").expect("it is there").sectors[0].bytes[3], 5);
}
