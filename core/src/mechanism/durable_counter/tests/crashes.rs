//! A crash at every change of the disk.

use super::super::{Counter, CounterError, Settings};
use super::harness::{Bench, moments};
use crate::sim::Files;

fn small() -> Settings {
    Settings { every: 3, ..Settings::default() }
}

/// What a crash did that it must not.
#[derive(Debug, PartialEq, Eq)]
enum Harm {
    Refused(CounterError),
    Wrong { acknowledged: u64, asked: u64, found: u64 },
}

/// Opens everything that any crash may leave; returns how many disks that was, and the first harm.
fn explore(settings: &Settings, lag: u32) -> (usize, Option<Harm>) {
    let mut disks = 0;
    for moment in moments(settings, 11, lag) {
        let count = moment.files.count_crash_outcomes();
        assert!(count < 100_000, "{count} outcomes of one crash");
        for files in moment.files.crash_outcomes() {
            disks += 1;
            let (acknowledged, asked) = (moment.acknowledged, moment.asked);
            let harm = match Bench::recovered(settings, files) {
                Err(error) => Harm::Refused(error),
                Ok(bench) => match bench.engine.durable() {
                    found if (acknowledged..=asked).contains(&found) => continue,
                    found => Harm::Wrong { acknowledged, asked, found },
                },
            };
            return (disks, Some(harm));
        }
    }
    (disks, None)
}

#[test]
fn no_crash_makes_the_number_wrong() {
    let mut disks = 0;
    for lag in [0, 1, 4] {
        let (explored, harm) = explore(&small(), lag);
        assert_eq!(harm, None, "lag {lag}");
        disks += explored;
    }
    assert!(disks > 1_000, "{disks}");
}

/// What recovery does to the disk, a crash may cut short, too.
#[test]
fn no_crash_in_recovery_makes_the_number_wrong() {
    let settings = small();
    let mut disks = 0;
    for moment in moments(&settings, 8, 1).into_iter().rev().step_by(7) {
        for files in moment.files.crash_outcomes().step_by(5) {
            let opened = Bench::open(files, true, |disk| Counter::open(settings.clone(), disk));
            let mut bench = opened.expect("a crash damages nothing");
            bench.settle();
            let found = bench.engine.durable();
            let pictures: Vec<Files> = bench.disk.pictures.take().unwrap_or_default();
            for files in pictures.iter().flat_map(Files::crash_outcomes) {
                disks += 1;
                let again = Bench::recovered(&settings, files).expect("a crash damages nothing");
                assert_eq!(again.engine.durable(), found);
            }
        }
    }
    assert!(disks > 500, "{disks}");
}

#[test]
fn without_numbers_a_crash_before_the_cut_counts_twice() {
    let (_, harm) = explore(&Settings { is_numbered: false, ..small() }, 0);
    let Some(Harm::Wrong { asked, found, .. }) = harm else { panic!("{harm:?}") };
    assert!(found > asked, "{found} of {asked}");
}

/// What the counters say of a question that was asked before, they say after a crash as well.
#[test]
fn a_question_counts_once() {
    let settings = small();
    let mut bench = Bench::new(&settings);
    for question in 1..=7 {
        assert_eq!(bench.add(question), Ok(Some(u64::from(question))));
        bench.settle();
    }
    assert_eq!(bench.add(7), Ok(None));
    let mut bench = Bench::recovered(&settings, bench.crashed(&mut |_| 0)).expect("it opens");
    assert_eq!(bench.add(7), Ok(None));
    assert_eq!(bench.add(8), Ok(Some(8)));
}

#[test]
fn after_a_failed_sync_it_counts_nothing_until_it_is_opened_again() {
    use crate::sim::DiskFault;
    let settings = small();
    let mut bench = Bench::new(&settings);
    assert_eq!(bench.add(1), Ok(Some(1)));
    bench.settle();
    bench.fault(&DiskFault::FailSyncs { count: 1 });
    assert_eq!(bench.add(2), Ok(Some(2)));
    bench.settle();
    assert_eq!(bench.add(3), Err(CounterError::InDoubt));
    assert_eq!(bench.engine.durable(), 1);
    let bench = Bench::recovered(&settings, bench.disk.files.clone()).expect("it opens");
    let found = bench.engine.durable();
    assert!((1..=2).contains(&found), "{found}");
    let again = Bench::recovered(&settings, bench.crashed(&mut |_| 0)).expect("it opens");
    assert_eq!(again.engine.durable(), found);
}
