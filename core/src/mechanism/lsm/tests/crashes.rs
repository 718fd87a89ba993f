//! A crash at every change of the disk, with everything that it may leave.

use super::super::compaction::Policy;
use super::super::{Settings, StoreError, SyncPolicy};
use super::harness::{Bench, Contents};
use crate::sim::Files;

/// So small that a few writes fill tables, flush and merge.
fn small() -> Settings {
    Settings {
        memtable_bytes: 18,
        block_bytes: 64,
        table_bytes: 18,
        policy: Policy::Leveled { trigger: 2, base_bytes: 200, fanout: 2 },
        ..Settings::default()
    }
}

/// A disk in mid-work, and what counts of it.
struct Moment {
    files: Files,
    /// Writes that somebody was told are safe.
    acknowledged: u64,
    /// Writes that were begun.
    begun: u64,
}

/// Three keys, written over and over.
#[derive(Copy, Clone)]
struct Work {
    writes: u64,
    /// So many writes come before the first sync ends, and then one between two ends.
    lag: u64,
    /// How long a value is.
    value_bytes: usize,
}

/// Does the work, and photographs the disk before each change and after each write.
fn moments(settings: &Settings, work: Work) -> (Vec<Moment>, Vec<Contents>) {
    let Work { writes, lag, value_bytes } = work;
    let mut bench = Bench::new(settings);
    let mut states = vec![Contents::new()];
    let mut moments = Vec::new();
    let mut acknowledged = 0;
    for number in 1..=writes {
        let key = format!("k{}", number % 3);
        let value = format!("{number:0value_bytes$}");
        bench.disk.pictures = Some(Vec::new());
        while bench.put(&key, &value).is_err() {
            bench.complete();
        }
        if number > lag {
            bench.complete();
        }
        if number == writes {
            bench.settle();
        }
        let mut contents = states.last().cloned().unwrap_or_default();
        contents.insert(key.into(), value.into());
        states.push(contents);
        let pictures = bench.disk.pictures.take().unwrap_or_default();
        let taken = pictures.into_iter().chain([bench.disk.files.clone()]);
        moments.extend(taken.map(|files| Moment { files, acknowledged, begun: number }));
        acknowledged = match settings.sync {
            // Who never syncs tells everybody at once.
            SyncPolicy::Never => number,
            SyncPolicy::Always | SyncPolicy::Every(_) => bench.engine.durable(),
        };
    }
    (moments, states)
}

const WORK: Work = Work { writes: 18, lag: 0, value_bytes: 4 };

/// What a crash did that it must not.
#[derive(Debug, PartialEq, Eq)]
enum Harm {
    /// The store does not open.
    Refused(StoreError),
    /// What is there is no beginning of what was written, or too short a one.
    Lost { acknowledged: u64, found: Contents },
}

/// Opens everything that any crash may leave; returns how many disks that was, and the first harm.
fn explore(settings: &Settings, work: Work) -> (usize, Option<Harm>) {
    let (moments, states) = moments(settings, work);
    let mut disks = 0;
    for moment in &moments {
        let count = moment.files.count_crash_outcomes();
        assert!(count < 100_000, "{count} outcomes of one crash");
        for files in moment.files.crash_outcomes() {
            disks += 1;
            let found = Bench::recovered(settings, files).and_then(|bench| bench.contents());
            let harm = match found {
                Err(error) => Harm::Refused(error),
                Ok(found) => {
                    let from = usize::try_from(moment.acknowledged).unwrap_or_default();
                    let to = usize::try_from(moment.begun).unwrap_or_default();
                    if states[from..=to].contains(&found) {
                        continue;
                    }
                    Harm::Lost { acknowledged: moment.acknowledged, found }
                }
            };
            return (disks, Some(harm));
        }
    }
    (disks, None)
}

#[test]
fn no_crash_at_any_change_loses_what_was_acknowledged_or_leaves_a_hole() {
    let mut explored = 0;
    for lag in [0, 1, 3] {
        for policy in [small().policy, Policy::SizeTiered { runs: 2 }] {
            let (disks, harm) = explore(&Settings { policy, ..small() }, Work { lag, ..WORK });
            assert_eq!(harm, None, "{policy:?}, {lag} syncs behind");
            explored += disks;
        }
    }
    println!("{explored} disks");
    assert!(explored > 1_000, "{explored} disks");
}

/// Coming up changes the disk as well, and may be cut short as well.
#[test]
fn no_crash_while_it_comes_up_loses_what_was_acknowledged() {
    let settings = small();
    let (moments, states) = moments(&settings, Work { lag: 3, ..WORK });
    let mut explored = 0;
    for moment in moments.iter().step_by(5) {
        for files in moment.files.crash_outcomes().step_by(7) {
            for again in Bench::pictures_of_opening(&settings, files) {
                for files in again.crash_outcomes() {
                    explored += 1;
                    let found = Bench::recovered(&settings, files).and_then(|it| it.contents());
                    let from = usize::try_from(moment.acknowledged).unwrap_or_default();
                    let to = usize::try_from(moment.begun).unwrap_or_default();
                    assert!(states[from..=to].contains(&found.expect("it opens")));
                }
            }
        }
    }
    assert!(explored > 1_000, "{explored} disks");
}

/// Each safeguard is needed: without it some crash does harm.
#[test]
fn without_any_one_safeguard_some_crash_does_harm() {
    let without_sync = Settings { sync: SyncPolicy::Never, ..small() };
    assert!(matches!(explore(&without_sync, WORK).1, Some(Harm::Lost { .. })));
    let without_order = Settings { is_ordered: false, ..small() };
    assert!(explore(&without_order, Work { lag: 1, ..WORK }).1.is_some());
    // Of values so long that one lies across two sectors, a crash may leave the first half.
    let without_sums = Settings { is_summed: false, memtable_bytes: 4_000, ..small() };
    let across = Work { writes: 22, lag: 22, value_bytes: 10 };
    assert!(matches!(explore(&without_sums, across).1, Some(Harm::Lost { .. })));
    let with_sums = Settings { is_summed: true, ..without_sums };
    assert_eq!(explore(&with_sums, across).1, None);
}
