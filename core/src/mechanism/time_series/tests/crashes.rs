//! A crash at every change of the disk, with everything that it may leave.

use super::super::rollup::rollups_of;
use super::super::{Point, Settings, What};
use super::harness::{Bench, Contents};
use crate::sim::Files;

const SERIES: u16 = 2;

/// So short that a few points seal shards and have some forgotten.
fn small() -> Settings {
    Settings { shard_span: 20, window: 20, retention: 60, rollup_span: 10, ..Settings::default() }
}

/// A disk in mid-work, and what counts of it.
struct Moment {
    files: Files,
    /// What somebody was told is safe.
    safe: Contents,
    /// What was begun.
    begun: Contents,
    /// Of what is before this nothing is promised.
    kept_from: u64,
}

/// Points of both series, some of which come late.
fn work() -> Vec<(u16, Vec<Point>)> {
    let mut work = Vec::new();
    for step in 0..22_u16 {
        let at = u64::from(step) * 6;
        work.push((step % SERIES, vec![Point::new(at, f64::from(step + 1) / 16.0)]));
        if step % 4 == 3 {
            let late = [(at - 1, 1.5), (at - 9, -0.0), (at - 17, f64::NAN)];
            let late = late.map(|(at, value)| Point::new(at, value));
            work.push((step % SERIES, late.to_vec()));
        }
    }
    work
}

/// Does the work, and photographs the disk before each change and after each write. A sync ends after
/// every write but the first `lag`.
fn moments(settings: &Settings, lag: usize) -> Vec<Moment> {
    let mut bench = Bench::new(settings);
    let mut moments = Vec::new();
    let (mut safe, mut begun) = (Contents::new(), Contents::new());
    let mut waiting: Vec<(u64, Contents)> = Vec::new();
    for (number, (series, points)) in work().into_iter().enumerate() {
        let mut after = begun.clone();
        after.extend(points.iter().map(|it| ((series, it.at), it.bits)));
        bench.disk.pictures = Some(Vec::new());
        let taken = bench.write(series, &points).expect("it is open");
        for (at, _) in &taken.refused {
            after.remove(&(series, *at));
        }
        begun = after;
        waiting.push((taken.ticket, begun.clone()));
        if number >= lag {
            bench.complete();
        }
        let newest = bench.engine.newest().unwrap_or_default();
        let kept_from = newest.saturating_sub(settings.retention);
        let pictures = bench.disk.pictures.take().unwrap_or_default();
        for files in pictures.into_iter().chain([bench.disk.files.clone()]) {
            moments.push(Moment { files, safe: safe.clone(), begun: begun.clone(), kept_from });
        }
        // Who never syncs tells everybody at once.
        let durable = if settings.is_synced { bench.engine.durable() } else { u64::MAX };
        while waiting.first().is_some_and(|(ticket, _)| *ticket <= durable) {
            safe = waiting.remove(0).1;
        }
    }
    moments
}

/// What a crash did that it must not.
fn harm(bench: &Bench, moment: &Moment) -> Option<String> {
    let found = match bench.contents(SERIES) {
        Err(error) => return Some(error.to_string()),
        Ok(found) => found,
    };
    let lost = moment
        .safe
        .iter()
        .find(|(key, bits)| key.1 >= moment.kept_from && found.get(key) != Some(bits));
    let invented = found.iter().find(|(key, bits)| moment.begun.get(key) != Some(bits));
    if lost.is_some() || invented.is_some() {
        return Some(format!("lost {lost:?}, invented {invented:?}"));
    }
    for series in 0..SERIES {
        let points = bench.answer(series, What::Points).expect("it was read before").points;
        let rollups = bench.answer(series, What::Rollups).expect("nothing is damaged").rollups;
        if rollups != rollups_of(points, bench.engine.settings().rollup_span) {
            return Some(format!("rollups of {series}: {rollups:?}"));
        }
    }
    None
}

/// Opens everything that any crash may leave; returns how many disks that was, and the first harm.
fn explore(settings: &Settings, lag: usize) -> (usize, Option<String>) {
    let mut disks = 0;
    for moment in moments(settings, lag) {
        let count = moment.files.count_crash_outcomes();
        assert!(count < 100_000, "{count} outcomes of one crash");
        for files in moment.files.crash_outcomes() {
            disks += 1;
            let found = match Bench::recovered(settings, files) {
                Err(error) => Some(error.to_string()),
                Ok(bench) => harm(&bench, &moment),
            };
            if found.is_some() {
                return (disks, found);
            }
        }
    }
    (disks, None)
}

#[test]
fn no_crash_at_any_change_loses_what_was_promised() {
    let mut explored = 0;
    for lag in [0, 1, 3] {
        let (disks, harm) = explore(&small(), lag);
        assert_eq!(harm, None, "{lag} syncs behind");
        explored += disks;
    }
    println!("{explored} disks");
    assert!(explored > 1_000, "{explored} disks");
}

/// Coming up changes the disk as well, and may be cut short as well.
#[test]
fn no_crash_while_it_comes_up_loses_what_was_promised() {
    let settings = small();
    let mut explored = 0;
    for moment in moments(&settings, 3).iter().step_by(5) {
        for files in moment.files.crash_outcomes().step_by(7) {
            let mut bench = Bench::of(&settings, files, true).expect("a crash damages nothing");
            bench.settle();
            for again in bench.disk.pictures.take().unwrap_or_default() {
                for files in again.crash_outcomes() {
                    explored += 1;
                    let found = Bench::recovered(&settings, files).expect("it opens");
                    assert_eq!(harm(&found, moment), None);
                }
            }
        }
    }
    println!("{explored} disks");
    assert!(explored > 1_000, "{explored} disks");
}

/// Each safeguard of the disk is needed: without it some crash does harm.
#[test]
fn without_a_safeguard_some_crash_does_harm() {
    let without_sync = Settings { is_synced: false, ..small() };
    assert!(explore(&without_sync, 0).1.is_some_and(|harm| harm.contains("lost Some")));
    // Records that lie across two sectors, of which a crash leaves the first: in one long shard.
    let long = Settings { shard_span: 7_000, window: 7_000, retention: 7_000, ..small() };
    let without_sums = Settings { is_summed: false, ..long.clone() };
    assert!(explore(&without_sums, 40).1.is_some_and(|harm| harm.contains("invented Some")));
    assert_eq!(explore(&long, 40).1, None);
}
