//! The store against a map: what is written is read, whatever is merged, crashed or held.

use super::super::compaction::Policy;
use super::super::table;
use super::super::{Settings, StoreError, SyncPolicy, Value};
use super::harness::{Bench, Contents};
use crate::mechanism::mount::State;
use crate::sim::{DiskFault, FileSystem as _, Stream};

const LEVELED: Policy = Policy::Leveled { trigger: 4, base_bytes: 4 << 10, fanout: 4 };
const TIERED: Policy = Policy::SizeTiered { runs: 4 };

fn settings(policy: Policy) -> Settings {
    Settings { memtable_bytes: 1 << 10, table_bytes: 2 << 10, policy, ..Settings::default() }
}

fn apply(contents: &mut Contents, writes: &[(Vec<u8>, Value)]) {
    for (key, value) in writes {
        match value {
            Some(value) => contents.insert(key.clone(), value.clone()),
            None => contents.remove(key),
        };
    }
}

fn drawn(stream: &mut Stream, keys: u64) -> Vec<(Vec<u8>, Value)> {
    let count = if stream.chance(10) { 3 } else { 1 };
    let mut one = || {
        let key = format!("key-{:04}", stream.range(0, keys - 1)).into_bytes();
        let length = usize::try_from(stream.range(0, 40)).unwrap_or_default();
        let value = vec![u8::try_from(stream.range(0, 255)).unwrap_or_default(); length];
        (key, (!stream.chance(20)).then_some(value))
    };
    (0..count).map(|_| one()).collect()
}

/// Runs so many operations with crashes; every read and every recovery is compared with a map.
fn agrees_with_a_map(policy: Policy, operations: u32, keys: u64, seed: u64) -> Bench {
    let settings = settings(policy);
    let mut stream = Stream::new(seed, "operations");
    let mut bench = Bench::new(&settings);
    // What was there after each write that may still be lost, oldest first; the first is safe.
    let mut states = vec![(0, Contents::new())];
    for _ in 0..operations {
        match stream.range(0, 999) {
            0..=1 => {
                bench = bench
                    .crash(&settings, &mut |options| stream.range(0, options - 1))
                    .expect("a crash damages nothing");
                let found = bench.contents().expect("all can be read");
                let last = bench.engine.last();
                let state = states.iter().find(|(sequence, _)| *sequence == last);
                assert_eq!(state.map(|(_, contents)| contents), Some(&found), "after {last}");
                states = vec![(last, found)];
            }
            2..=299 => {
                let key = format!("key-{:04}", stream.range(0, keys - 1));
                let expected = states.last().and_then(|(_, it)| it.get(key.as_bytes())).cloned();
                assert_eq!(bench.get(&key), Ok(expected), "{key}");
            }
            300..=309 => {
                let from = format!("key-{:04}", stream.range(0, keys - 1)).into_bytes();
                let last = bench.engine.last();
                let found = bench.engine.scan(&bench.disk, &from, None, last, 7).expect("it reads");
                let (_, newest) = states.last().expect("there is always one");
                let expected = newest.range(from..).take(7);
                assert!(expected.map(|(k, v)| (k.clone(), v.clone())).eq(found));
            }
            310..=599 => _ = bench.complete(),
            _ => {
                let writes = drawn(&mut stream, keys);
                match bench.write(writes.clone()) {
                    Ok(sequence) => {
                        let mut contents = states.last().expect("there is one").1.clone();
                        apply(&mut contents, &writes);
                        states.push((sequence, contents));
                    }
                    Err(error) => {
                        assert_eq!(error, StoreError::Busy);
                        bench.settle();
                    }
                }
            }
        }
        let durable = bench.engine.durable();
        let safe = states.partition_point(|(sequence, _)| *sequence <= durable);
        states.drain(..safe - 1);
    }
    bench
}

/// With keys few enough that most are written over and over.
#[test]
fn a_hundred_thousand_operations_with_crashes_agree_with_a_map() {
    for (policy, seed) in [(LEVELED, 1), (TIERED, 2)] {
        let bench = agrees_with_a_map(policy, 50_000, 300, seed);
        let levels = bench.engine.version().levels.len();
        assert!(levels >= 3, "{policy:?} has {levels} levels: too few for the test to mean much");
    }
}

/// Who writes much and reads little merges by tiers, who reads much by levels.
#[test]
fn levels_cost_writes_and_tiers_cost_reads() {
    let cost = |policy| {
        let mut stream = Stream::new(7, "operations");
        let mut bench = Bench::new(&settings(policy));
        for _ in 0..6_000 {
            while bench.write(drawn(&mut stream, 800)).is_err() {
                bench.settle();
            }
            bench.complete();
        }
        bench.settle();
        for key in 0..800 {
            bench.get(&format!("key-{key:04}")).expect("it reads");
        }
        let measures = bench.engine.measures();
        let runs = bench.engine.version().tables().count();
        (measures.write_amplification_permille(), measures.read_amplification_permille(), runs)
    };
    let (leveled, tiered, none) = (cost(LEVELED), cost(TIERED), cost(Policy::None));
    assert!(leveled.0 > tiered.0 && tiered.0 > none.0, "{leveled:?} {tiered:?} {none:?}");
    assert!(leveled.1 <= tiered.1 && tiered.1 <= none.1, "{leveled:?} {tiered:?} {none:?}");
    assert!(leveled.2 < none.2);
}

#[test]
fn a_reader_sees_its_moment_whatever_is_written_and_merged() {
    for policy in [LEVELED, TIERED] {
        let mut bench = Bench::new(&settings(policy));
        for key in 0..60 {
            bench.put(&format!("key-{key:02}"), "old").expect("there is room");
            bench.settle();
        }
        let moment = bench.engine.snapshot();
        for round in 0..20 {
            for key in 0..60 {
                let write =
                    (format!("key-{key:02}").into_bytes(), (round % 3 > 0).then(|| vec![round]));
                while bench.write(vec![write.clone()]).is_err() {
                    bench.settle();
                }
            }
            bench.settle();
        }
        assert!(bench.engine.version().levels.len() > 1);
        let seen = bench.engine.scan(&bench.disk, b"key-10", Some(b"key-20"), moment, 100);
        let seen = seen.expect("it reads");
        assert_eq!(seen.len(), 10);
        assert!(seen.iter().all(|(_, value)| value == b"old"));
        let one = bench.engine.get(&bench.disk, b"key-33", moment);
        assert_eq!(one, Ok(Some(b"old".to_vec())));
        bench.engine.release(moment);
    }
}

/// What a reader held is given up when it is released: the disk holds little more than what is there.
#[test]
fn what_nobody_sees_is_not_kept() {
    let mut bench = Bench::new(&settings(LEVELED));
    for round in 0..200_u32 {
        for key in 0..20 {
            while bench.put(&format!("key-{key}"), &format!("{round}")).is_err() {
                bench.settle();
            }
        }
        bench.settle();
    }
    let entries: u64 = bench.engine.version().tables().map(|it| it.entries).sum();
    assert!(entries < 200, "{entries} versions of 20 keys");
}

#[test]
fn a_failed_sync_ends_writing_until_the_store_is_opened_again() {
    let settings = settings(LEVELED);
    let mut bench = Bench::new(&settings);
    bench.put("a", "1").expect("there is room");
    bench.settle();
    bench.fault(&DiskFault::FailSyncs { count: 1 });
    let doubtful = bench.put("b", "2").expect("there is room");
    bench.settle();
    assert!(bench.engine.durable() < doubtful);
    assert_eq!(bench.engine.state(), State::InDoubt);
    assert_eq!(bench.put("c", "3"), Err(StoreError::ReadOnly));
    assert_eq!(bench.get("a"), Ok(Some(b"1".to_vec())));
    // The cache still has it: opened again without a crash, it is written anew, and then it is safe.
    let mut again = Bench::recovered(&settings, bench.disk.files.clone()).expect("it opens");
    assert_eq!(again.get("b"), Ok(Some(b"2".to_vec())));
    assert_eq!(again.engine.durable(), doubtful);
    let mut after = again.crash(&settings, &mut |_| 0).expect("it opens");
    assert_eq!(after.get("b"), Ok(Some(b"2".to_vec())));
    // After a crash it may be lost: nobody was told that it was safe.
    let mut lost = bench.crash(&settings, &mut |_| 0).expect("it opens");
    assert_eq!(lost.get("a"), Ok(Some(b"1".to_vec())));
    assert_eq!(lost.get("b"), Ok(None));
}

/// Whichever sync fails, whatever it covered, and however well those end that come after it.
#[test]
fn what_counts_as_durable_when_a_sync_has_failed_outlives_a_crash() {
    let settings = settings(LEVELED);
    let mut doubts = 0;
    for seed in 0..300 {
        let mut stream = Stream::new(seed, "failed sync");
        let mut bench = Bench::new(&settings);
        let fails_at = stream.range(0, 60);
        let mut written = Contents::new();
        let mut states = vec![(0, written.clone())];
        for step in 0..80 {
            if step == fails_at {
                bench.fault(&DiskFault::FailSyncs { count: 1 });
            }
            let writes = drawn(&mut stream, 30);
            if let Ok(sequence) = bench.write(writes.clone()) {
                apply(&mut written, &writes);
                states.push((sequence, written.clone()));
            }
            if stream.chance(60) {
                bench.complete();
            }
            let crashed = bench.crash(&settings, &mut |_| 0).expect("a crash damages nothing");
            let (last, durable) = (crashed.engine.last(), bench.engine.durable());
            assert!(last >= durable, "seed {seed}, step {step}: {last} of {durable}");
            let state = states.iter().find(|(sequence, _)| *sequence == last);
            let found = crashed.contents().expect("all can be read");
            assert_eq!(state.map(|it| &it.1), Some(&found), "seed {seed}, step {step}");
        }
        doubts += u32::from(bench.engine.state() == State::InDoubt);
    }
    assert!(doubts > 200, "{doubts} failures of 300 came to light");
}

#[test]
fn a_full_disk_refuses_writes_and_loses_nothing() {
    let settings = settings(LEVELED);
    let mut bench = Bench::new(&settings);
    for key in 0..100 {
        bench.put(&format!("{key:03}"), "here").expect("there is room");
        bench.settle();
    }
    let used = bench.disk.files.used_bytes();
    bench.fault(&DiskFault::Capacity { bytes: used + 1_024 });
    let mut taken = 100;
    let refused = loop {
        match bench.put(&format!("{taken:03}"), "here") {
            Ok(_) => taken += 1,
            Err(StoreError::Busy) => {}
            Err(error) => break error,
        }
        bench.settle();
    };
    assert_eq!(refused, StoreError::Disk(crate::sim::FileError::Full));
    assert_eq!(bench.contents().expect("it reads").len(), taken);
    bench.fault(&DiskFault::Capacity { bytes: 1 << 20 });
    bench.engine.go_on(&mut bench.disk);
    bench.settle();
    while bench.put("more", "room").is_err() {
        bench.settle();
    }
    let after = bench.crash(&settings, &mut |_| 0).expect("it opens");
    assert!(after.contents().expect("it reads").len() >= taken);
}

/// Each sector of each table and of the manifest in turn: what is damaged is refused and never served.
#[test]
fn rot_is_refused_and_never_served() {
    let settings = settings(LEVELED);
    let mut bench = Bench::new(&settings);
    for key in 0..200 {
        while bench.put(&format!("{key:03}"), &format!("value {key}")).is_err() {
            bench.settle();
        }
        bench.settle();
    }
    let expected = bench.contents().expect("it reads");
    let mut refused = 0;
    for name in bench.disk.names() {
        let file = bench.disk.open(&name).expect("it is there");
        let length = bench.disk.len_bytes(file).expect("it is there");
        for offset in (0..length).step_by(61) {
            let mut rotten = bench.clone();
            rotten.fault(&DiskFault::BitRot { file: name.clone(), offset, bit: 3 });
            let is_log = !table::is_name(&name) && name != super::super::version::MANIFEST;
            match rotten.crash(&settings, &mut |_| 0) {
                Err(StoreError::Damaged { file, .. }) => {
                    assert_eq!(file, name);
                    refused += 1;
                }
                Err(error) => panic!("{error}"),
                Ok(found) => match found.contents() {
                    // Rot in the last durable record of a log cannot be told from its torn end.
                    Ok(contents) if is_log => {
                        assert!(contents.iter().all(|(key, value)| expected[key] == *value));
                        assert!(contents.len() + 1 >= expected.len());
                    }
                    Ok(_) => panic!("byte {offset} of {name} is not covered by any sum"),
                    Err(error) => {
                        assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
                        refused += 1;
                    }
                },
            }
        }
    }
    assert!(refused > 50, "{refused}");
}

#[test]
fn fewer_syncs_leave_more_in_doubt() {
    let doubt = |sync| {
        let mut bench = Bench::new(&Settings { sync, ..settings(LEVELED) });
        let mut most = 0;
        for key in 0..40 {
            bench.put(&format!("{key}"), "x").expect("there is room");
            bench.settle();
            most = most.max(bench.engine.last() - bench.engine.durable());
        }
        most
    };
    assert_eq!(doubt(SyncPolicy::Always), 0);
    assert_eq!(doubt(SyncPolicy::Every(10)), 9);
    assert_eq!(doubt(SyncPolicy::Never), 40);
}

/// A later program's store is left alone.
#[test]
fn a_store_of_a_later_format_is_not_touched() {
    let settings = settings(LEVELED);
    let mut bench = Bench::new(&settings);
    let mut bytes = Vec::new();
    crate::mechanism::frame::append(&mut bytes, &[9, 0, 1, 2, 3]);
    let file = bench.disk.open(super::super::version::MANIFEST).expect("it is there");
    bench.disk.truncate(file, 0).expect("it is there");
    bench.disk.write_at(file, 0, &bytes).expect("there is room");
    let before = bench.disk.files.clone();
    let error = Bench::of(&settings, before).err();
    assert_eq!(error, Some(StoreError::NewerFormat(9)));
}
