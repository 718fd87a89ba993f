//! A crash at every change of the disk, with everything that it may leave; and what each safeguard is for.

use super::book::effects_on;
use super::message::Message;
use super::on_disk::Pair;
use super::settings::Settings;
use crate::durable::{Engine as _, Held};
use crate::mechanism::bench::{self, Hears, Watched};
use crate::mechanism::wal::{self, LogError};
use crate::sim::{DiskFault, FileSystem as _, Files, Storage as _, SyncId};

impl Hears for Pair {
    fn synced(&mut self, disk: &mut Watched, sync: SyncId) {
        crate::durable::Engine::synced(self, disk, sync);
    }

    fn sync_failed(&mut self, sync: SyncId) {
        crate::durable::Engine::sync_failed(self, sync);
    }
}

type Bench = bench::Bench<Pair>;

/// A disk before a change, and up to which message all had been taken then.
struct Moment {
    files: Files,
    taken: u64,
}

/// What a crash did that it must not.
#[derive(Debug, PartialEq, Eq)]
enum Harm {
    Refused(LogError),
    Lost(u64),
    Twice(u64),
}

fn open(settings: Settings, files: Files, pictures: bool) -> Result<Bench, LogError> {
    Bench::open(files, pictures, |disk| Pair::open(settings, disk))
}

/// Hands messages over up to `to`, a sync for each two, and ends one sync after each: so that some wait
/// for the first log, some for the second, and some for their mark.
fn moments(settings: Settings, to: u64) -> Vec<Moment> {
    let mut bench = open(settings, Files::default(), true).expect("an empty disk is a new pair");
    bench.settle();
    let mut moments = Vec::new();
    let mut taken = 0;
    for number in 1..=to {
        bench.act(|pair, disk| pair.operate(disk, number)).expect("there is room");
        if number % 2 == 0 {
            bench.act(|pair, disk| pair.sync(disk)).expect("no sync has failed");
        }
        bench.complete();
        if number % 3 == 0 {
            bench.act(|pair, disk| pair.outbox.flush(disk));
        }
        if number == to {
            bench.settle();
        }
        let pictures = bench.disk.pictures.replace(Vec::new()).unwrap_or_default();
        moments.extend(pictures.into_iter().map(|files| Moment { files, taken }));
        taken = bench.engine.acknowledged();
        moments.push(Moment { files: bench.disk.files.clone(), taken });
    }
    moments
}

/// Lets a pair come up and deliver all that it finds, and looks what the disk holds then.
fn harm_of(settings: Settings, files: Files, taken: u64) -> Option<Harm> {
    let mut bench = match open(settings, files, false) {
        Ok(bench) => bench,
        Err(error) => return Some(Harm::Refused(error)),
    };
    bench.settle();
    let all = effects_on(&bench.disk, settings).expect("it came up");
    for number in 1..=bench.engine.written().max(taken) {
        let expected = Message::of((1, u32::try_from(number).unwrap_or_default()));
        match all.iter().filter(|(_, it)| *it == expected).count() {
            0 if number <= taken => return Some(Harm::Lost(number)),
            0 | 1 => {}
            _ => return Some(Harm::Twice(number)),
        }
    }
    None
}

/// Opens everything that a crash may leave; returns how many disks that was, and the first harm.
fn explore(settings: Settings, moments: &[Moment]) -> (usize, Option<Harm>) {
    let mut disks = 0;
    for moment in moments {
        let count = moment.files.count_crash_outcomes();
        assert!(count < 100_000, "{count} outcomes of one crash");
        for files in moment.files.crash_outcomes() {
            disks += 1;
            if let Some(harm) = harm_of(settings, files, moment.taken) {
                return (disks, Some(harm));
            }
        }
    }
    (disks, None)
}

#[test]
fn wherever_it_crashes_what_was_taken_takes_effect_once() {
    let settings = Settings::default();
    let (disks, harm) = explore(settings, &moments(settings, 9));
    assert_eq!(harm, None);
    assert!(disks > 1_000, "{disks}");
}

/// What recovery and the deliveries after it do to the disk, a crash may cut short, too.
#[test]
fn wherever_its_recovery_crashes_it_does_too() {
    let settings = Settings::default();
    let mut disks = 0;
    for moment in moments(settings, 6).into_iter().rev().step_by(4) {
        for files in moment.files.crash_outcomes().step_by(7) {
            let mut bench = open(settings, files, true).expect("a crash damages nothing");
            bench.settle();
            for files in bench.disk.pictures.take().unwrap_or_default() {
                for files in files.crash_outcomes().step_by(3) {
                    disks += 1;
                    assert_eq!(harm_of(settings, files, moment.taken), None);
                }
            }
        }
    }
    assert!(disks > 500, "{disks}");
}

#[test]
fn without_a_safeguard_some_crash_does_harm() {
    let whole = Settings::default();
    let two_writes = Settings { is_one_record: false, ..whole };
    let (_, harm) = explore(two_writes, &moments(two_writes, 9));
    assert!(matches!(harm, Some(Harm::Twice(_))), "{harm:?}");
    let hasty = Settings { waits_for_sync: false, ..whole };
    let (_, harm) = explore(hasty, &moments(hasty, 9));
    assert!(matches!(harm, Some(Harm::Lost(_))), "{harm:?}");
    let trusting = Settings { checks_index: false, ..whole };
    let (_, harm) = explore(trusting, &moments(trusting, 9));
    assert!(matches!(harm, Some(Harm::Lost(_))), "{harm:?}");
}

/// Delivers so many messages, all of them taken; returns what a crash leaves.
fn delivered(settings: Settings, to: u64) -> Files {
    let mut bench = open(settings, Files::default(), false).expect("it begins");
    bench.settle();
    for number in 1..=to {
        bench.act(|pair, disk| pair.operate(disk, number)).expect("there is room");
        bench.act(|pair, disk| pair.sync(disk)).expect("no sync has failed");
        bench.settle();
    }
    bench.act(|pair, disk| pair.outbox.flush(disk));
    bench.settle();
    bench.crashed(&mut |_| 0)
}

/// Returns every fault of one byte of a file.
fn flips(files: &Files, file: &str) -> Vec<DiskFault> {
    let id = files.open(file).expect("it is there");
    let length = files.len_bytes(id).expect("it is open");
    let rot = |offset| {
        let bit = u8::try_from(offset % 8).unwrap_or_default();
        DiskFault::BitRot { file: file.to_owned(), offset, bit }
    };
    (0..length).map(rot).collect()
}

#[test]
fn rot_in_a_log_is_refused_or_served_as_it_was_and_rot_in_the_index_is_made_good() {
    let settings = Settings::default();
    let files = delivered(settings, 20);
    for (name, is_derived) in [(super::OUTBOX, false), (super::BOOK, false), (super::INDEX, true)] {
        let mut refused = 0;
        for fault in flips(&files, name) {
            let mut rotten = files.clone();
            assert!(rotten.fault(&fault));
            match harm_of(settings, rotten.clone(), 20) {
                Some(Harm::Refused(LogError::Damaged { file, .. })) if file == name => refused += 1,
                None => {
                    let opened = open(settings, rotten, false).expect("it came up before");
                    assert_eq!(opened.engine.written(), 20, "{fault:?}");
                }
                other => panic!("{fault:?}: {other:?}"),
            }
        }
        assert_eq!(refused == 0, is_derived, "{name}: {refused}");
    }
}

#[test]
fn without_sums_a_flipped_bit_is_an_effect() {
    let log = wal::Settings { is_summed: false, refuses_damage: false, ..Default::default() };
    let settings = Settings { log, ..Settings::default() };
    let files = delivered(settings, 3);
    let served = flips(&files, super::BOOK).into_iter().filter(|fault| {
        let mut rotten = files.clone();
        rotten.fault(fault);
        let Ok(mut bench) = open(settings, rotten, false) else { return false };
        bench.settle();
        (1..=3).any(|number| bench.act(|pair, disk| pair.held(&*disk, number)) == Ok(Held::Wrong))
    });
    assert!(served.count() > 0);
}

/// The same message handed over twice: known by its app's number it is one, by its place it is two.
#[test]
fn who_asks_again_asks_for_the_same() {
    for (is_named_by_app, effects) in [(true, 1), (false, 2)] {
        let settings = Settings { is_named_by_app, ..Settings::default() };
        let mut bench = open(settings, Files::default(), false).expect("it begins");
        bench.settle();
        for _ in 0..2 {
            bench.act(|pair, disk| pair.operate(disk, 1)).expect("there is room");
        }
        bench.act(|pair, disk| pair.sync(disk)).expect("no sync has failed");
        bench.settle();
        let found = effects_on(&bench.disk, settings).expect("it is open").len();
        assert_eq!(found, effects, "named by the app: {is_named_by_app}");
    }
}
