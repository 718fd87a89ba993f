//! Each fault does what it says, and says what it does.

use std::collections::BTreeSet;

use faultline_core::sim::files::{SECTOR_BYTES, SectorState};
use faultline_core::sim::{DiskFault, Extent, FileError, FileId, FileSystem, Files, Storage};
use faultline_core::view::Widget;

use super::tools::{
    after_plain_crash, contents, holding, outcomes, read, start, sync, sync_everything, with_log,
};

fn rot(offset: u64, bit: u8) -> DiskFault {
    DiskFault::BitRot { file: "log".into(), offset, bit }
}

fn states(disk: &Files) -> Vec<SectorState> {
    disk.picture(100).files[0].sectors.clone()
}

#[test]
fn a_lost_sync_reports_success_and_keeps_nothing_until_an_honest_one() {
    let (mut disk, file) = with_log(b"0");
    assert!(disk.fault(&DiskFault::LostSyncs { count: 1 }));
    disk.write_at(file, 0, b"1").unwrap();
    sync(&mut disk, Extent::File(file));
    assert!(!disk.is_dirty(), "the disk says that it is done");
    assert_eq!(states(&disk), [SectorState::Lost]);
    assert_eq!(outcomes(&disk).len(), 2, "luck may still keep it");
    assert_eq!(after_plain_crash(&disk), holding(&[("log", b"0")]));
    sync(&mut disk, Extent::File(file));
    assert_eq!(outcomes(&disk), BTreeSet::from([holding(&[("log", b"1")])]));
}

#[test]
fn a_lost_sync_does_not_undo_one_that_runs() {
    let (mut disk, file) = with_log(b"0");
    disk.write_at(file, 0, b"1").unwrap();
    let honest = disk.sync(Extent::File(file)).unwrap();
    start(&mut disk, honest);
    assert!(disk.fault(&DiskFault::LostSyncs { count: 1 }));
    disk.write_at(file, 0, b"2").unwrap();
    sync(&mut disk, Extent::File(file));
    disk.sync_completed(honest);
    assert_eq!(after_plain_crash(&disk), holding(&[("log", b"1")]));
}

/// Rebello et al. 2020: after a failed sync the pages are marked clean, and the next sync, which
/// succeeds, has nothing to write.
#[test]
fn a_failed_sync_says_so_and_a_later_success_does_not_make_up_for_it() {
    let (mut disk, file) = with_log(b"0");
    assert!(disk.fault(&DiskFault::FailSyncs { count: 1 }));
    disk.write_at(file, 0, b"1").unwrap();
    let failing = disk.sync(Extent::File(file)).unwrap();
    start(&mut disk, failing);
    assert!(!disk.sync_completed(failing), "the disk reports failure");
    assert_eq!(read(&disk, file), b"1", "the cache still shows it");
    let next = disk.sync(Extent::File(file)).unwrap();
    start(&mut disk, next);
    assert!(disk.sync_completed(next), "the next sync succeeds");
    assert_eq!(after_plain_crash(&disk), holding(&[("log", b"0")]));
    disk.write_at(file, 0, b"1").unwrap();
    sync(&mut disk, Extent::File(file));
    assert_eq!(after_plain_crash(&disk), holding(&[("log", b"1")]), "written anew, it is kept");
}

#[test]
fn rot_flips_one_bit_of_the_medium() {
    let (mut disk, file) = with_log(&[0; 600]);
    assert!(disk.fault(&rot(513, 3)));
    let mut rotten = vec![0; 600];
    rotten[513] = 8;
    assert_eq!(read(&disk, file), rotten, "what is not in the cache is read from the medium");
    assert_eq!(states(&disk), [SectorState::Durable, SectorState::Rotten]);
    assert_eq!(after_plain_crash(&disk), holding(&[("log", &rotten)]));
    disk.write_at(file, 512, &[1; 88]).unwrap();
    sync_everything(&mut disk);
    assert_eq!(states(&disk), [SectorState::Durable; 2], "a new version covers it");
}

#[test]
fn rot_under_a_pending_version_shows_only_if_that_is_lost() {
    let (mut disk, file) = with_log(&[0; 10]);
    disk.write_at(file, 0, &[5; 10]).unwrap();
    assert!(disk.fault(&rot(0, 0)));
    assert_eq!(read(&disk, file), [5; 10]);
    let rotten = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let allowed = [holding(&[("log", &rotten)]), holding(&[("log", &[5; 10])])];
    assert_eq!(outcomes(&disk), BTreeSet::from(allowed));
}

#[test]
fn a_misdirected_write_damages_two_sectors_once_it_reaches_the_medium() {
    let (mut disk, file) = with_log(&[0; 3 * SECTOR_BYTES]);
    assert!(disk.fault(&DiskFault::Misdirect { file: "log".into(), to_sector: 2 }));
    disk.write_at(file, 0, &[7; SECTOR_BYTES]).unwrap();
    let firsts = |disk: &Files| {
        let bytes = contents(disk).remove("log").unwrap();
        bytes.iter().step_by(SECTOR_BYTES).copied().collect::<Vec<_>>()
    };
    assert_eq!(firsts(&disk), [7, 0, 0], "the cache hides it");
    assert_eq!(after_plain_crash(&disk), holding(&[("log", &[0; 3 * SECTOR_BYTES])]));
    sync(&mut disk, Extent::File(file));
    assert_eq!(firsts(&disk), [0, 0, 7]);
    let (good, bad) = (SectorState::Durable, SectorState::Rotten);
    assert_eq!(states(&disk), [bad, good, bad]);
    disk.write_at(file, 0, &[8; SECTOR_BYTES]).unwrap();
    sync(&mut disk, Extent::File(file));
    assert_eq!(firsts(&disk), [8, 0, 7], "only one write is misdirected");
}

#[test]
fn a_torn_sector_keeps_its_first_bytes_at_the_next_crash_only() {
    let (mut disk, file) = with_log(&[1; SECTOR_BYTES]);
    assert!(disk.fault(&DiskFault::TornSectors { bytes: 100 }));
    disk.write_at(file, 0, &[2; SECTOR_BYTES]).unwrap();
    let mut torn = vec![1; SECTOR_BYTES];
    torn[..100].fill(2);
    let all = [vec![1; SECTOR_BYTES], torn, vec![2; SECTOR_BYTES]];
    let allowed: BTreeSet<_> = all.iter().map(|bytes| holding(&[("log", bytes)])).collect();
    assert_eq!(outcomes(&disk), allowed);
    assert_eq!(disk.count_crash_outcomes(), 3);
    disk.crashed(&mut |_| 0);
    let file = disk.open("log").unwrap();
    disk.write_at(file, 0, &[3; SECTOR_BYTES]).unwrap();
    assert_eq!(outcomes(&disk).len(), 2);
}

#[test]
fn a_full_disk_writes_what_fits_says_so_and_keeps_what_it_has() {
    let (mut disk, file) = with_log(&[1; 600]);
    assert!(disk.fault(&DiskFault::Capacity { bytes: 3 * SECTOR_BYTES as u64 }));
    assert_eq!(disk.append(file, &[2; 2000]), Err(FileError::Full));
    assert_eq!(disk.len_bytes(file), Ok(3 * SECTOR_BYTES as u64));
    assert_eq!(read(&disk, file)[600..], [2; 3 * SECTOR_BYTES - 600]);
    disk.write_at(file, 0, &[3; 600]).unwrap();
    assert_eq!(disk.truncate(file, 5000), Err(FileError::Full));
    assert_eq!(disk.write_at(file, u64::MAX, &[4]), Err(FileError::Full));
    assert_eq!(disk.write_at(file, 1 << 50, &[4; 10]), Err(FileError::Full));
    disk.truncate(file, 512).unwrap();
    disk.append(file, &[5; 1024]).unwrap();
    assert!(disk.fault(&DiskFault::Capacity { bytes: 0 }));
    disk.write_at(file, 0, &[6; 1536]).unwrap();
    assert_eq!(disk.used_bytes(), 1536);
}

#[test]
fn a_sector_that_cannot_be_read_stays_so_until_it_is_written_and_synced() {
    let (mut disk, file) = with_log(&[1; 3 * SECTOR_BYTES]);
    assert!(disk.fault(&DiskFault::ReadError { file: "log".into(), offset: 600 }));
    let refused = Err(FileError::Unreadable { file, sector: 1 });
    let mut bytes = [0; 3 * SECTOR_BYTES];
    assert_eq!(disk.read_at(file, 0, &mut bytes), refused);
    assert_eq!(disk.read_at(file, 0, &mut bytes[..512]), Ok(512));
    assert_eq!(disk.read_at(file, 1024, &mut bytes), Ok(512));
    assert_eq!(disk.write_at(file, 512, &[2; 10]), refused.map(|_| ()), "it would have to be read");
    disk.write_at(file, 512, &[2; 512]).unwrap();
    assert_eq!(disk.read_at(file, 0, &mut bytes), Ok(1536), "the cache has it");
    let mut lost = disk.clone();
    lost.crashed(&mut |_| 0);
    let again = lost.open("log").unwrap();
    assert_eq!(
        lost.read_at(again, 600, &mut bytes[..1]),
        Err(FileError::Unreadable { file: again, sector: 1 })
    );
    sync_everything(&mut disk);
    disk.crashed(&mut |_| 0);
    let again = disk.open("log").unwrap();
    assert_eq!(read(&disk, again)[512..1024], [2; 512]);
}

#[test]
fn a_slow_disk_says_how_slow() {
    let mut disk = Files::default();
    assert_eq!(disk.sync_percent(), 100);
    assert!(disk.fault(&DiskFault::Slow { percent: 2000 }));
    assert_eq!(disk.sync_percent(), 2000);
    assert!(!disk.fault(&DiskFault::Slow { percent: 2000 }));
}

#[test]
fn a_fault_that_changes_nothing_says_so_and_is_harmless() {
    let (mut disk, file) = with_log(&[1; 600]);
    let elsewhere = || "other".to_owned();
    for fault in [
        DiskFault::LostSyncs { count: 0 },
        rot(600, 0),
        rot(u64::MAX, 0),
        rot(0, 8),
        DiskFault::BitRot { file: elsewhere(), offset: 0, bit: 0 },
        DiskFault::Misdirect { file: elsewhere(), to_sector: 0 },
        DiskFault::Misdirect { file: "log".into(), to_sector: 2 },
        DiskFault::TornSectors { bytes: 0 },
        DiskFault::TornSectors { bytes: 512 },
        DiskFault::Capacity { bytes: disk.capacity_bytes() },
        DiskFault::ReadError { file: elsewhere(), offset: 0 },
        DiskFault::ReadError { file: "log".into(), offset: 600 },
        DiskFault::Slow { percent: 100 },
    ] {
        assert!(!disk.fault(&fault), "{fault:?}");
    }
    assert_eq!(read(&disk, file), [1; 600]);
}

#[test]
fn every_fault_has_a_sentence() {
    let log = || "log".to_owned();
    let sentences = [
        (DiskFault::LostSyncs { count: 1 }, "The next sync of S1 lies: it keeps nothing"),
        (DiskFault::LostSyncs { count: 3 }, "The next 3 syncs of S1 lie: they keep nothing"),
        (rot(7, 0), "A bit rots at byte 7 of log on S1"),
        (
            DiskFault::Misdirect { file: log(), to_sector: 4 },
            "The next write to log on S1 lands at sector 4",
        ),
        (
            DiskFault::TornSectors { bytes: 100 },
            "The next crash of S1 may tear sectors after 100 bytes",
        ),
        (DiskFault::Capacity { bytes: 4096 }, "The disk of S1 has room for 4096 bytes"),
        (
            DiskFault::ReadError { file: log(), offset: 9 },
            "The sector at byte 9 of log on S1 cannot be read",
        ),
        (DiskFault::Slow { percent: 500 }, "Syncs of S1 take 500 % of their time"),
    ];
    for (fault, sentence) in sentences {
        assert_eq!(fault.sentence("S1"), sentence);
    }
}

#[test]
fn a_bad_name_or_a_stale_file_is_an_error_with_a_sentence() {
    let (mut disk, file) = with_log(b"abc");
    assert_eq!(disk.create(""), Err(FileError::BadName(String::new())));
    let long = "x".repeat(65);
    assert_eq!(disk.rename("log", &long), Err(FileError::BadName(long)));
    assert_eq!(disk.create("log"), Err(FileError::AlreadyExists("log".into())));
    assert_eq!(disk.remove("other"), Err(FileError::NotFound("other".into())));
    disk.rename("log", "log").unwrap();
    disk.remove("log").unwrap();
    let closed = FileError::Closed(file);
    assert_eq!(disk.write_at(file, 0, b"d"), Err(closed.clone()));
    assert_eq!(disk.truncate(file, 0), Err(closed.clone()));
    assert_eq!(disk.sync(Extent::File(file)), Err(closed.clone()));
    assert_eq!(disk.read_at(FileId(99), 0, &mut []), Err(FileError::Closed(FileId(99))));
    assert_eq!(closed.to_string(), "File 0 was removed or is not open now.");
}

#[test]
fn a_picture_shows_how_far_each_sector_has_come() {
    let (mut disk, file) = with_log(&[1; 3 * SECTOR_BYTES]);
    disk.write_at(file, 0, &[2]).unwrap();
    let running = disk.sync(Extent::File(file)).unwrap();
    start(&mut disk, running);
    disk.write_at(file, 512, &[3]).unwrap();
    disk.append(file, &[4]).unwrap();
    disk.create("new").unwrap();
    let picture = disk.picture(3);
    assert_eq!(picture.used_bytes, 4 * SECTOR_BYTES as u64);
    let (log, new) = (&picture.files[0], &picture.files[1]);
    assert_eq!((log.name.as_str(), log.len_bytes), ("log", 1537));
    assert!(log.is_name_durable && !log.is_length_durable && !new.is_name_durable);
    let expected = [SectorState::Syncing, SectorState::Cached, SectorState::Durable];
    assert_eq!(log.sectors, expected, "at most as many as were asked for");
    assert_eq!((log.bytes.len(), log.bytes[0], log.bytes[512]), (3 * SECTOR_BYTES, 2, 3));
    let widgets = picture.widgets();
    let drawn = widgets.iter().filter(|it| matches!(it, Widget::Sectors(_)));
    assert_eq!(drawn.count(), 2, "a row needs no picture of its own for its files");
    disk.remove("log").unwrap();
    assert_eq!(disk.picture(3).undead_names, ["log"]);
    assert!(picture.undead_names.is_empty());
}
