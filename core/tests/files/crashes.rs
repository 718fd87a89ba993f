//! The rules of a crash, one test each.

use std::collections::BTreeSet;

use faultline_core::sim::files::{Choices, SECTOR_BYTES};
use faultline_core::sim::{Extent, FileError, FileSystem, Files, Storage, SyncId, digest_of};

use super::tools::{
    after_plain_crash, contents, holding, outcomes, read, start, sync, sync_everything, with_log,
};

/// Returns the first byte of each sector of "log", in every outcome.
fn first_bytes(disk: &Files) -> BTreeSet<Vec<u8>> {
    let sectors = |bytes: &Vec<u8>| bytes.iter().step_by(SECTOR_BYTES).copied().collect();
    outcomes(disk).iter().map(|left| sectors(&left["log"])).collect()
}

#[test]
fn what_is_synced_survives_and_what_is_not_need_not() {
    let (mut disk, file) = with_log(&[1; 100]);
    disk.write_at(file, 0, &[2; 100]).unwrap();
    assert_eq!(read(&disk, file), [2; 100], "a node reads what it wrote");
    assert_eq!(after_plain_crash(&disk), holding(&[("log", &[1; 100])]));
    assert_eq!(outcomes(&disk).len(), 2);
    sync(&mut disk, Extent::File(file));
    assert_eq!(outcomes(&disk), BTreeSet::from([holding(&[("log", &[2; 100])])]));
    assert_eq!(disk.count_crash_outcomes(), 1);
}

#[test]
fn a_big_write_may_survive_as_any_subset_of_its_sectors() {
    let (mut disk, file) = with_log(&[1; 4 * SECTOR_BYTES]);
    disk.write_at(file, 0, &[2; 4 * SECTOR_BYTES]).unwrap();
    assert_eq!(disk.count_crash_outcomes(), 16);
    let left = first_bytes(&disk);
    assert_eq!(left.len(), 16);
    assert!(left.contains(&vec![1, 2, 1, 2]), "a later sector without an earlier one");
}

#[test]
fn a_sector_is_atomic() {
    let (mut disk, file) = with_log(&[1; SECTOR_BYTES]);
    disk.write_at(file, 10, &[2; 300]).unwrap();
    let mut new = vec![1; SECTOR_BYTES];
    new[10..310].fill(2);
    let whole = [holding(&[("log", &[1; SECTOR_BYTES])]), holding(&[("log", &new)])];
    assert_eq!(outcomes(&disk), BTreeSet::from(whole));
}

#[test]
fn a_sector_may_hold_any_version_since_its_last_sync() {
    let (mut disk, file) = with_log(&[0; SECTOR_BYTES]);
    for version in 1..=3 {
        disk.write_at(file, 0, &[version; SECTOR_BYTES]).unwrap();
    }
    assert_eq!(first_bytes(&disk), (0..=3).map(|version| vec![version]).collect());
}

#[test]
fn a_length_may_survive_without_its_bytes_and_then_reads_as_zeros() {
    let (mut disk, file) = with_log(&[1; SECTOR_BYTES]);
    disk.append(file, &[2; SECTOR_BYTES]).unwrap();
    assert_eq!(first_bytes(&disk), BTreeSet::from([vec![1], vec![1, 0], vec![1, 2]]));
    assert_eq!(disk.count_crash_outcomes(), 3, "bytes that no length shows make no difference");
}

#[test]
fn bytes_past_a_length_are_gone() {
    let (mut disk, file) = with_log(&[1; 100]);
    disk.append(file, &[2; 100]).unwrap();
    for mut after in disk.crash_outcomes() {
        let file = after.open("log").unwrap();
        let len = after.len_bytes(file).unwrap();
        after.truncate(file, 300).unwrap();
        let len = usize::try_from(len).unwrap();
        assert!(read(&after, file)[len..].iter().all(|byte| *byte == 0));
    }
}

#[test]
fn what_was_cut_away_never_comes_back() {
    let (mut disk, file) = with_log(&[1; 3 * SECTOR_BYTES]);
    disk.truncate(file, 100).unwrap();
    disk.truncate(file, 3 * SECTOR_BYTES as u64).unwrap();
    assert_eq!(read(&disk, file)[100..], [0; 3 * SECTOR_BYTES - 100]);
    let (whole, mut zeros) = (vec![1; 3 * SECTOR_BYTES], vec![1; 100]);
    let cut = zeros.clone();
    zeros.resize(3 * SECTOR_BYTES, 0);
    let allowed = [whole, cut, zeros].map(|bytes| holding(&[("log", &bytes)]));
    assert_eq!(outcomes(&disk), BTreeSet::from(allowed));
}

#[test]
fn a_write_before_a_cut_does_not_come_back_either() {
    let (mut disk, file) = with_log(&[]);
    disk.write_at(file, 0, &[1; 2 * SECTOR_BYTES]).unwrap();
    disk.truncate(file, 0).unwrap();
    disk.truncate(file, 2 * SECTOR_BYTES as u64).unwrap();
    let bytes = |left: &super::tools::Contents| {
        let log = &left["log"];
        (log.len() == 2 * SECTOR_BYTES).then(|| (log[0], log[SECTOR_BYTES]))
    };
    // Before the cut, with any of its sectors, or after it, with none.
    let long: BTreeSet<_> = outcomes(&disk).iter().filter_map(bytes).collect();
    assert_eq!(long, BTreeSet::from([(0, 0), (0, 1), (1, 0), (1, 1)]));
    sync(&mut disk, Extent::File(file));
    assert_eq!(outcomes(&disk), BTreeSet::from([holding(&[("log", &[0; 2 * SECTOR_BYTES])])]));
}

#[test]
fn a_name_needs_a_sync_of_its_own() {
    let mut disk = Files::default();
    let file = disk.create("log").unwrap();
    disk.write_at(file, 0, b"abc").unwrap();
    sync(&mut disk, Extent::File(file));
    assert_eq!(outcomes(&disk), BTreeSet::from([holding(&[]), holding(&[("log", b"abc")])]));
    sync(&mut disk, Extent::Names);
    assert_eq!(outcomes(&disk), BTreeSet::from([holding(&[("log", b"abc")])]));
}

#[test]
fn a_sync_of_the_names_covers_no_bytes() {
    let mut disk = Files::default();
    let file = disk.create("log").unwrap();
    disk.write_at(file, 0, b"abc").unwrap();
    sync(&mut disk, Extent::Names);
    assert_eq!(after_plain_crash(&disk), holding(&[("log", b"")]));
}

#[test]
fn a_sync_of_one_file_covers_no_other() {
    let mut disk = Files::default();
    let (a, b) = (disk.create("a").unwrap(), disk.create("b").unwrap());
    sync(&mut disk, Extent::Names);
    disk.write_at(a, 0, b"a").unwrap();
    disk.write_at(b, 0, b"b").unwrap();
    sync(&mut disk, Extent::File(a));
    assert_eq!(after_plain_crash(&disk), holding(&[("a", b"a"), ("b", b"")]));
}

#[test]
fn directory_operations_survive_in_order() {
    let mut disk = Files::default();
    disk.create("a").unwrap();
    disk.create("b").unwrap();
    disk.rename("b", "c").unwrap();
    disk.remove("a").unwrap();
    let names = |disk: &Files| disk.names().join(" ");
    let left: BTreeSet<String> = disk.crash_outcomes().map(|after| names(&after)).collect();
    assert_eq!(left, ["", "a", "a b", "a c", "c"].map(str::to_owned).into());
}

/// Replaces "config" by writing a new file and renaming it.
fn replace(disk: &mut Files, is_synced_first: bool) {
    let new = disk.create("new").unwrap();
    disk.write_at(new, 0, b"new").unwrap();
    if is_synced_first {
        sync(disk, Extent::File(new));
    }
    disk.rename("new", "config").unwrap();
}

#[test]
fn a_rename_without_a_sync_may_leave_an_empty_file() {
    let mut before = Files::default();
    let config = before.create("config").unwrap();
    before.write_at(config, 0, b"old").unwrap();
    sync_everything(&mut before);
    let configs = |disk: &Files| -> BTreeSet<Vec<u8>> {
        outcomes(disk).into_iter().map(|mut left| left.remove("config").unwrap()).collect()
    };

    let mut naive = before.clone();
    replace(&mut naive, false);
    assert_eq!(configs(&naive), [&b""[..], b"\0\0\0", b"new", b"old"].map(<[u8]>::to_vec).into());
    sync(&mut naive, Extent::Names);
    assert_eq!(after_plain_crash(&naive), holding(&[("config", b"")]));

    let mut hardened = before.clone();
    replace(&mut hardened, true);
    assert_eq!(configs(&hardened), [b"new", b"old"].map(|it| it.to_vec()).into());
    sync(&mut hardened, Extent::Names);
    assert_eq!(outcomes(&hardened), BTreeSet::from([holding(&[("config", b"new")])]));
}

#[test]
fn a_removed_file_may_come_back_and_keeps_its_room_until_the_names_are_synced() {
    let mut disk = Files::with_limits(1, 4096);
    disk.create("a").unwrap();
    sync(&mut disk, Extent::Names);
    let file = disk.open("a").unwrap();
    disk.remove("a").unwrap();
    assert_eq!(disk.len_bytes(file), Err(FileError::Closed(file)));
    assert_eq!(disk.create("b"), Err(FileError::NoFreeFile { files: 1 }));
    assert_eq!(after_plain_crash(&disk), holding(&[("a", b"")]));
    sync(&mut disk, Extent::Names);
    let other = disk.create("b").unwrap();
    assert_ne!(other, file, "a stale identity is never another file");
}

#[test]
fn a_file_whose_removal_is_not_synced_keeps_its_bytes() {
    let (mut disk, _) = with_log(b"abc");
    disk.create("other").unwrap();
    let names = disk.sync(Extent::Names).unwrap();
    start(&mut disk, names);
    disk.remove("log").unwrap();
    disk.sync_completed(names);
    assert_eq!(after_plain_crash(&disk), holding(&[("log", b"abc"), ("other", b"")]));
}

#[test]
fn a_file_that_came_and_went_unsynced_may_still_be_there() {
    let mut disk = Files::default();
    disk.create("other").unwrap();
    let names = disk.sync(Extent::Names).unwrap();
    start(&mut disk, names);
    let file = disk.create("brief").unwrap();
    disk.write_at(file, 0, b"abc").unwrap();
    disk.remove("brief").unwrap();
    disk.sync_completed(names);
    let (other, brief) = (("other", &b""[..]), |bytes| ("brief", bytes));
    let with = |bytes| holding(&[other, brief(bytes)]);
    let allowed = [holding(&[other]), with(b""), with(b"\0\0\0"), with(b"abc")];
    assert_eq!(outcomes(&disk), BTreeSet::from(allowed));
}

#[test]
fn a_sync_covers_what_was_written_before_it_began_and_nothing_after() {
    let (mut disk, file) = with_log(b"0");
    disk.write_at(file, 0, b"1").unwrap();
    let first = disk.sync(Extent::File(file)).unwrap();
    start(&mut disk, first);
    disk.write_at(file, 0, b"2").unwrap();
    assert_eq!(after_plain_crash(&disk), holding(&[("log", b"0")]), "a sync takes time");
    disk.sync_completed(first);
    assert_eq!(after_plain_crash(&disk), holding(&[("log", b"1")]));
    assert_eq!(read(&disk, file), b"2");
    assert!(disk.is_dirty());
}

#[test]
fn syncs_in_flight_complete_in_order() {
    let (mut disk, file) = with_log(b"0");
    let mut syncs = Vec::new();
    for version in [b"1", b"2", b"3"] {
        disk.write_at(file, 0, version).unwrap();
        syncs.push(disk.sync(Extent::File(file)).unwrap());
        start(&mut disk, syncs[syncs.len() - 1]);
    }
    assert!(!disk.is_dirty(), "every write is covered by a sync that runs");
    disk.sync_completed(syncs[1]);
    let left = [holding(&[("log", b"2")]), holding(&[("log", b"3")])];
    assert_eq!(outcomes(&disk), BTreeSet::from(left.clone()), "the earlier one is done too");
    disk.sync_completed(syncs[0]);
    assert_eq!(outcomes(&disk), BTreeSet::from(left), "and takes nothing back");
    disk.sync_completed(syncs[2]);
    assert_eq!(outcomes(&disk), BTreeSet::from([holding(&[("log", b"3")])]));
}

#[test]
fn a_sync_of_everything_covers_what_was_not_named() {
    let mut disk = Files::default();
    let file = disk.create("log").unwrap();
    disk.write_at(file, 0, b"abc").unwrap();
    assert!(disk.is_dirty() && !disk.wants_sync());
    disk.sync_asked(SyncId(0), true);
    disk.sync_started(SyncId(0));
    disk.sync_completed(SyncId(0));
    assert_eq!(outcomes(&disk), BTreeSet::from([holding(&[("log", b"abc")])]));
}

#[test]
fn a_sync_that_begins_late_covers_what_it_was_asked_for_and_keeps_its_name() {
    let (mut disk, first) = with_log(b"0");
    let second = disk.create("other").unwrap();
    sync_everything(&mut disk);
    disk.write_at(first, 0, b"1").unwrap();
    disk.write_at(second, 0, b"2").unwrap();
    // One handler asks for a sync of the first file and works on; the next one, of the second.
    let early = disk.sync(Extent::File(first)).unwrap();
    disk.sync_asked(early, false);
    let late = disk.sync(Extent::File(second)).unwrap();
    assert_eq!(late, SyncId(early.0 + 1));
    disk.sync_asked(late, false);
    disk.sync_started(late);
    assert!(disk.sync_completed(late));
    let left = holding(&[("log", b"0"), ("other", b"2")]);
    assert_eq!(after_plain_crash(&disk), left, "the first file's sync has not begun");
    disk.sync_started(early);
    assert!(disk.sync_completed(early));
    assert_eq!(after_plain_crash(&disk), holding(&[("log", b"1"), ("other", b"2")]));
    assert_eq!(disk.sync(Extent::Names).unwrap(), SyncId(late.0 + 1), "no name comes twice");
}

#[test]
fn what_syncs_are_called_makes_no_difference_to_what_a_disk_is() {
    let running = |name: u32| {
        let (mut disk, file) = with_log(b"0");
        for _ in 0..name {
            sync_everything(&mut disk);
        }
        disk.write_at(file, 0, b"1").unwrap();
        let sync = disk.sync(Extent::File(file)).unwrap();
        start(&mut disk, sync);
        disk
    };
    assert_eq!(digest_of(&running(0)), digest_of(&running(3)));
}

#[test]
fn a_crash_forgets_syncs_that_run() {
    let (mut disk, file) = with_log(b"0");
    disk.write_at(file, 0, b"1").unwrap();
    let sync = disk.sync(Extent::File(file)).unwrap();
    start(&mut disk, sync);
    disk.sync(Extent::Names).unwrap();
    disk.crashed(&mut |_| 0);
    assert!(!disk.wants_sync(), "nor does the next handler sync what the last one asked for");
    disk.sync_completed(sync);
    assert_eq!(contents(&disk), holding(&[("log", b"0")]));
    assert!(!disk.is_dirty());
}

#[test]
fn a_copy_is_independent() {
    let (mut disk, file) = with_log(&[1; 1000]);
    let digest = digest_of(&disk);
    let mut copy = disk.clone();
    copy.write_at(file, 500, &[2; 1000]).unwrap();
    copy.truncate(file, 1200).unwrap();
    copy.rename("log", "other").unwrap();
    sync_everything(&mut copy);
    assert_eq!(digest_of(&disk), digest);
    assert_eq!(contents(&disk), holding(&[("log", &[1; 1000])]));
    disk.write_at(file, 0, &[3]).unwrap();
    assert_eq!(read(&copy, file)[0], 1);
}

#[test]
fn equal_disks_have_equal_digests_however_they_came_to_be() {
    let mut one = Files::default();
    let b = one.create("b").unwrap();
    let a = one.create("a").unwrap();
    one.write_at(a, 600, &[7; 700]).unwrap();
    one.write_at(b, 0, b"b").unwrap();
    sync_everything(&mut one);

    let mut two = Files::default();
    let gone = two.create("gone").unwrap();
    two.write_at(gone, 100_000, &[9; 100]).unwrap();
    let a = two.create("first").unwrap();
    two.write_at(a, 0, &[1; 5000]).unwrap();
    sync_everything(&mut two);
    two.write_at(a, 0, &[0; 600]).unwrap();
    two.write_at(a, 600, &[7; 700]).unwrap();
    two.truncate(a, 1300).unwrap();
    two.remove("gone").unwrap();
    two.rename("first", "a").unwrap();
    let b = two.create("b").unwrap();
    two.write_at(b, 0, b"b").unwrap();
    sync_everything(&mut two);

    one.crashed(&mut |_| 0);
    two.crashed(&mut |_| 0);
    assert_eq!(contents(&one), contents(&two));
    assert_eq!(digest_of(&one), digest_of(&two));
    let a = two.open("a").unwrap();
    two.write_at(a, 0, &[1]).unwrap();
    assert_ne!(digest_of(&one), digest_of(&two));
}

/// A disk with something of everything that a crash decides about.
fn busy() -> Files {
    let (mut disk, file) = with_log(&[1; 1200]);
    disk.write_at(file, 400, &[2; 1000]).unwrap();
    disk.write_at(file, 0, &[3; 10]).unwrap();
    let other = disk.create("other").unwrap();
    disk.write_at(other, 0, &[4; 10]).unwrap();
    disk.rename("other", "log").unwrap();
    disk
}

#[test]
fn a_crash_gives_every_enumerated_outcome_and_no_other() {
    let disk = busy();
    let enumerated = outcomes(&disk);
    let mut given = BTreeSet::new();
    let mut choices = Choices::default();
    loop {
        let mut after = disk.clone();
        after.crashed(&mut |options| choices.choose(options));
        given.insert(contents(&after));
        if !choices.advance() {
            break;
        }
    }
    assert_eq!(given, enumerated);
    assert_eq!(disk.count_crash_outcomes(), disk.crash_outcomes().count() as u64);
}

#[test]
fn a_crash_may_lose_all_keep_all_or_stop_at_any_write() {
    let disk = busy();
    let crash = |answers: &[u64]| {
        let mut answers = answers.iter();
        let mut after = disk.clone();
        after.crashed(&mut |_| *answers.next().unwrap());
        contents(&after)
    };
    assert_eq!(crash(&[0]), holding(&[("log", &[1; 1200])]));
    assert_eq!(crash(&[1]), contents(&disk));
    assert_eq!(crash(&[2, 0]), crash(&[0]));
    // The log grows by one write, over three sectors, before the next one.
    let mut grown = vec![1; 1200];
    grown.resize(1400, 0);
    assert_eq!(crash(&[2, 1]), holding(&[("log", &grown)]));
    grown[400..512].fill(2);
    assert_eq!(crash(&[2, 2]), holding(&[("log", &grown)]));
    let all = outcomes(&disk);
    (0..=9).for_each(|kept| assert!(all.contains(&crash(&[2, kept]))));
}

#[test]
fn a_crash_never_trusts_who_chooses_and_asks_nothing_without_need() {
    // Neither the names nor the length of this one are in doubt.
    let (mut disk, file) = with_log(&[1; 10]);
    disk.write_at(file, 0, &[2; 10]).unwrap();
    for mut disk in [busy(), disk] {
        let all = outcomes(&disk);
        disk.crashed(&mut |options| {
            assert!(options > 1, "one answer is no question");
            u64::MAX
        });
        assert!(all.contains(&contents(&disk)));
    }
    let mut disk = Files::default();
    disk.crashed(&mut |_| panic!("there is nothing to choose"));
}

#[test]
fn too_many_outcomes_are_counted_and_limited() {
    let (mut disk, file) = with_log(&[]);
    for at in 0..2000 {
        disk.write_at(file, at * 40, &[7; 40]).unwrap();
    }
    assert_eq!(disk.count_crash_outcomes(), u64::MAX);
    assert_eq!(disk.crash_outcomes().take(20).count(), 20);
}

#[test]
fn a_cache_that_is_too_dirty_writes_its_oldest_back() {
    let (mut disk, file) = with_log(&[]);
    for at in 0..5000 {
        disk.write_at(file, at * 8, &[7; 8]).unwrap();
    }
    let len = after_plain_crash(&disk)["log"].len();
    assert!((1..40_000).contains(&len), "{len} bytes are durable");
    assert_eq!(read(&disk, file), vec![7; 40_000]);
}
