//! A crash at every change of the disk, with everything that it may leave; and every bit of the log.

use super::{Change, JobId, Jobs};
use crate::mechanism::bench::{self, Hears, Watched};
use crate::mechanism::logged_state::{LoggedState, Replayed};
use crate::mechanism::mount::State;
use crate::mechanism::wal::{LogError, Place, Settings};
use crate::sim::files::SECTOR_BYTES;
use crate::sim::{DiskFault, FileSystem as _, Files, Storage as _, SyncId};

const NAME: &str = "jobs.log";
const SETTINGS: Settings = Settings { is_summed: true, refuses_damage: true, sectors_tear: true };

type Bench = bench::Bench<LoggedState<Jobs>>;

impl Hears for LoggedState<Jobs> {
    fn synced(&mut self, disk: &mut Watched, sync: SyncId) {
        self.synced(disk, sync);
        self.sync(disk);
    }

    fn sync_failed(&mut self, sync: SyncId) {
        self.sync_failed(sync);
    }
}

/// Three jobs: one is done at once, one in its second attempt, and one is under way at the end.
fn work(client: u16) -> Vec<Change> {
    let job = |number| JobId { client, number };
    let given = |number, attempt, worker| Change::InProgress {
        job: job(number),
        attempt,
        worker,
        lease_ms: 400,
    };
    let done = |number, attempt, receipt| Change::Completed { job: job(number), attempt, receipt };
    vec![
        Change::Queued { job: job(1) },
        Change::Queued { job: job(2) },
        given(1, 1, 1),
        given(2, 1, 2),
        done(1, 1, 70),
        given(2, 2, 1),
        Change::Queued { job: job(3) },
        done(2, 2, 71),
        given(3, 1, 2),
    ]
}

fn len_bytes(files: &Files) -> u64 {
    files.open(NAME).and_then(|file| files.len_bytes(file)).unwrap_or_default()
}

/// Where in its sector the log ends before the work that is photographed.
fn end() -> u16 {
    let end = len_bytes(&noted(&before()).disk.files) % SECTOR_BYTES as u64;
    u16::try_from(end).unwrap_or_default()
}

/// What can be told of jobs wherever in the file their records lie.
fn told(jobs: &Jobs) -> (Vec<super::Job>, Vec<(JobId, u32, u32)>, u64) {
    let done = jobs.done().map(|it| (it.id, it.attempt, it.receipt)).collect();
    (jobs.open().to_vec(), done, jobs.completed())
}

/// Adds the first of these changes up.
fn added(changes: &[Change], count: u64) -> Jobs {
    let mut jobs = Jobs::default();
    for (change, sequence) in changes.iter().zip(1..=count) {
        jobs.apply(Place { sequence, at_byte: 0 }, change);
    }
    jobs
}

fn open(settings: Settings, files: Files, pictures: bool) -> Result<Bench, LogError> {
    let mut bench =
        Bench::open(files, pictures, |disk| LoggedState::open(Some(settings), NAME, disk))?;
    bench.settle();
    assert_eq!(bench.engine.state(), State::Open);
    Ok(bench)
}

fn note(bench: &mut Bench, change: &Change) {
    bench.act(|journal, disk| {
        journal.note(disk, change).expect("it is open");
        journal.sync(disk);
    });
}

/// Notes these changes, all durable.
fn noted(changes: &[Change]) -> Bench {
    let mut bench = open(SETTINGS, Files::default(), false).expect("an empty disk is a new log");
    for change in changes {
        note(&mut bench, change);
        bench.settle();
    }
    bench
}

/// So many changes that the log has all but filled its first sector.
fn before() -> Vec<Change> {
    (0..3).flat_map(work).collect()
}

/// A disk in mid-work: how many changes were durable, and how many noted.
struct Moment {
    files: Files,
    durable: u64,
    noted: u64,
}

/// Photographs the disk before each change to it. So many changes are noted before the first sync ends,
/// and one between two ends.
fn moments(changes: &[Change], lag: usize) -> Vec<Moment> {
    let mut bench = noted(&before());
    bench.disk.pictures = Some(Vec::new());
    let (mut moments, mut durable) = (Vec::new(), bench.engine.durable());
    for (change, place) in changes.iter().zip(0..) {
        note(&mut bench, change);
        if place >= lag {
            bench.complete();
        }
        let taken = bench.disk.pictures.replace(Vec::new()).unwrap_or_default();
        let taken = taken.into_iter().chain([bench.disk.files.clone()]);
        let noted = bench.engine.last();
        moments.extend(taken.map(|files| Moment { files, durable, noted }));
        durable = bench.engine.durable();
    }
    moments
}

/// Opens everything that any crash may leave, where `bytes` of a sector may be new; returns how many disks
/// that was, and of how many the states are none of a moment between what was durable and what was noted.
fn explore(settings: Settings, lag: usize, bytes: Option<u16>) -> (usize, usize) {
    let (mut disks, mut wrong) = (0, 0);
    let changes: Vec<Change> = before().into_iter().chain(work(9)).collect();
    for mut moment in moments(&work(9), lag) {
        if let Some(bytes) = bytes {
            moment.files.fault(&DiskFault::TornSectors { bytes });
        }
        assert!(moment.files.count_crash_outcomes() < 100_000);
        for files in moment.files.crash_outcomes() {
            disks += 1;
            let opened = open(settings, files, false);
            let is_right = opened.is_ok_and(|bench| {
                let (found, last) = (bench.engine.content(), bench.engine.last());
                (moment.durable..=moment.noted).contains(&last)
                    && told(found) == told(&added(&changes, last))
            });
            wrong += usize::from(!is_right);
        }
    }
    (disks, wrong)
}

#[test]
fn a_crash_leaves_the_states_of_a_moment_and_nothing_that_was_durable_is_undone() {
    let mut disks = 0;
    let torn = (0..40).map(|more| Some((end() + more) % 512));
    for bytes in torn.chain([None]) {
        for lag in [0, 2, 9] {
            let (explored, wrong) = explore(SETTINGS, lag, bytes);
            assert_eq!(wrong, 0, "{bytes:?} bytes of a sector, lag {lag}");
            disks += explored;
        }
    }
    assert!(disks > 5_000, "{disks}");
}

/// A torn COMPLETED is believed then, or a job comes out of nothing.
#[test]
fn without_sums_a_torn_record_is_taken_for_a_whole_one() {
    let settings = Settings { is_summed: false, ..SETTINGS };
    let wrong: usize = (0..40).map(|more| explore(settings, 9, Some((end() + more) % 512)).1).sum();
    assert!(wrong > 20, "{wrong}");
}

/// What recovery does to the disk, a crash may cut short, too.
#[test]
fn a_crash_in_recovery_changes_no_state() {
    let mut disks = 0;
    for moment in moments(&work(9), 2).into_iter().rev().step_by(3) {
        for files in moment.files.crash_outcomes().step_by(3) {
            let mut bench = open(SETTINGS, files, true).expect("a crash damages nothing");
            let found = told(bench.engine.content());
            for files in bench.disk.pictures.take().iter().flatten().flat_map(Files::crash_outcomes)
            {
                disks += 1;
                let again = open(SETTINGS, files, false).expect("a crash damages nothing");
                assert_eq!(told(again.engine.content()), found);
            }
        }
    }
    assert!(disks > 100, "{disks}");
}

/// A bit of every byte. Where sectors tear, damage to what the last sync covered, one record here, passes for
/// a torn end.
#[test]
fn a_bit_that_rots_is_refused_or_passes_for_a_torn_end() {
    let changes: Vec<Change> = before().into_iter().chain(work(9)).collect();
    let files = noted(&changes).crashed(&mut |_| 0);
    let all = changes.len() as u64;
    let (mut refused, mut cut) = (0, 0);
    for offset in 0..len_bytes(&files) {
        let mut rotten = files.clone();
        let bit = u8::try_from(offset % 8).unwrap_or_default();
        rotten.fault(&DiskFault::BitRot { file: NAME.into(), offset, bit });
        match open(SETTINGS, rotten, false) {
            Err(LogError::Damaged { .. }) => refused += 1,
            Err(error) => panic!("byte {offset}: {error}"),
            Ok(bench) => {
                let last = bench.engine.last();
                assert!(last + 1 >= all, "byte {offset}: {last} of {all}");
                assert_eq!(told(bench.engine.content()), told(&added(&changes, last)));
                cut += u32::from(last < all);
            }
        }
    }
    assert!(refused > 300, "{refused}");
    assert!(cut > 0, "{cut}");
    let mut rotten = files.clone();
    let offset = SECTOR_BYTES as u64 + 10;
    rotten.fault(&DiskFault::BitRot { file: NAME.into(), offset, bit: 3 });
    let settings = Settings { refuses_damage: false, ..SETTINGS };
    let bench = open(settings, rotten, false).expect("nobody refuses");
    assert_eq!(bench.engine.last(), 0, "all was durable, and is forgotten");
}

#[test]
fn the_oldest_job_that_nobody_has_is_given_out_and_each_time_under_a_new_number() {
    let jobs = added(&work(0), 9);
    let job = |number| JobId { client: 0, number };
    let claim = |jobs: &Jobs, is_free| jobs.claim((5, 400), |_| is_free);
    assert_eq!(claim(&jobs, false), None, "the third is the second worker's");
    let Some(Change::InProgress { job: id, attempt, .. }) = claim(&jobs, true) else {
        panic!("its lease is over")
    };
    assert_eq!((id, attempt), (job(3), 2));
    assert!(jobs.knows(job(1)) && jobs.knows(job(3)) && !jobs.knows(job(4)));
    let receipt = jobs.find_done(job(2)).map(|it| (it.attempt, it.receipt));
    assert_eq!(receipt, Some((2, 71)));
    let first = added(&work(0), 2).claim((5, 400), |_| false);
    assert!(first.is_some_and(|it| it.job() == job(1)), "{first:?}");
}

#[test]
fn without_a_log_nothing_waits_and_nothing_stays() {
    let mut files = Files::default();
    let mut journal = LoggedState::<Jobs>::open(None, NAME, &mut files).expect("nothing is read");
    for change in work(0) {
        journal.note(&mut files, &change).expect("it is in memory");
    }
    assert_eq!((journal.last(), journal.durable()), (9, 9));
    assert!(files.names().is_empty());
    let again = LoggedState::<Jobs>::open(None, NAME, &mut files).expect("nothing is read");
    assert_eq!(again.content(), &Jobs::default());
}
