//! The simulated disk does what the reference does, for any series of operations.

use std::collections::BTreeSet;

use faultline_core::sim::{Extent, FileError, FileSystem, Files, Storage, SyncId};
use proptest::prelude::*;

use super::reference::Reference;
use super::tools::{Contents, contents, outcomes};

const NAMES: [&str; 3] = ["a", "b", "c"];
/// The reference goes through every subset of so many steps.
const MOST_STEPS: usize = 11;
/// After every single operation, through so many.
const MOST_STEPS_OFTEN: usize = 6;

#[derive(Clone, Debug)]
enum Op {
    Create(usize),
    Write { file: usize, offset: usize, length: usize, fill: u8 },
    Truncate { file: usize, length: usize },
    Rename(usize, usize),
    Remove(usize),
    StartSync { file: Option<usize> },
    CompleteSync,
    Crash(u64),
}

fn op() -> impl Strategy<Value = Op> {
    let file = || 0..NAMES.len();
    // Lengths cross, meet and miss the boundaries of sectors.
    let length = || prop_oneof![0..1600_usize, Just(0), Just(512), Just(1024)];
    prop_oneof![
        4 => file().prop_map(Op::Create),
        8 => (file(), length(), 1..1100_usize, any::<u8>())
            .prop_map(|(file, offset, length, fill)| Op::Write { file, offset, length, fill }),
        3 => (file(), length()).prop_map(|(file, length)| Op::Truncate { file, length }),
        2 => (file(), file()).prop_map(|(from, to)| Op::Rename(from, to)),
        1 => file().prop_map(Op::Remove),
        4 => prop::option::of(file()).prop_map(|file| Op::StartSync { file }),
        3 => Just(Op::CompleteSync),
        1 => any::<u64>().prop_map(Op::Crash),
    ]
}

#[derive(Default)]
struct Pair {
    files: Files,
    reference: Reference,
    running: Vec<SyncId>,
    next_sync: u32,
}

impl Pair {
    fn act(&mut self, op: &Op) {
        match *op {
            Op::Create(file) => match self.files.create(NAMES[file]) {
                Ok(_) => self.reference.create(NAMES[file]),
                Err(error) => assert!(matches!(error, FileError::AlreadyExists(_)), "{error}"),
            },
            Op::Write { file, offset, length, fill } => {
                let Ok(id) = self.files.open(NAMES[file]) else { return };
                let bytes: Vec<u8> = (fill..=u8::MAX).cycle().take(length).collect();
                self.files.write_at(id, offset as u64, &bytes).unwrap();
                self.reference.write(NAMES[file], offset, &bytes);
            }
            Op::Truncate { file, length } => {
                let Ok(id) = self.files.open(NAMES[file]) else { return };
                self.files.truncate(id, length as u64).unwrap();
                self.reference.truncate(NAMES[file], length);
            }
            Op::Rename(from, to) => {
                if self.files.rename(NAMES[from], NAMES[to]).is_ok() {
                    self.reference.rename(NAMES[from], NAMES[to]);
                }
            }
            Op::Remove(file) => {
                if self.files.remove(NAMES[file]).is_ok() {
                    self.reference.remove(NAMES[file]);
                }
            }
            Op::StartSync { file } => self.start_sync(file),
            Op::CompleteSync => {
                if !self.running.is_empty() {
                    let sync = self.running.remove(0);
                    self.files.sync_completed(sync);
                    self.reference.complete_sync(sync.0);
                }
            }
            Op::Crash(seed) => self.crash(seed),
        }
    }

    fn start_sync(&mut self, file: Option<usize>) {
        let extent = match file.map(|file| self.files.open(NAMES[file])) {
            None => Extent::Names,
            Some(Ok(id)) => Extent::File(id),
            Some(Err(_)) => return,
        };
        let sync = self.files.sync(extent).unwrap();
        assert_eq!(sync, SyncId(self.next_sync), "disk and world name a sync alike");
        self.files.sync_asked(sync, false);
        self.files.sync_started(sync);
        self.reference.start_sync(file.map(|file| NAMES[file]), sync.0);
        self.running.push(sync);
        self.next_sync += 1;
    }

    fn crash(&mut self, seed: u64) {
        let allowed = self.reference.outcomes();
        let mut draw = seed;
        self.files.crashed(&mut |options| {
            draw = draw
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (draw >> 33) % options
        });
        let left = contents(&self.files);
        assert!(allowed.contains(&left), "a crash left what it may not");
        self.reference.restart(&left);
        self.running.clear();
    }
}

/// Returns lengths only, so that a failure can be read.
fn shape(all: &BTreeSet<Contents>) -> Vec<Vec<(&String, usize)>> {
    let lengths = |contents: &Contents| contents.values().map(Vec::len).collect::<Vec<_>>();
    all.iter().map(|contents| contents.keys().zip(lengths(contents)).collect()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn reads_and_crash_outcomes_are_those_of_the_reference(
        ops in prop::collection::vec(op(), 1..24),
    ) {
        let mut pair = Pair::default();
        for op in &ops {
            pair.act(op);
            prop_assert_eq!(contents(&pair.files), pair.reference.contents());
            if pair.reference.history_len() <= MOST_STEPS_OFTEN {
                prop_assert_eq!(outcomes(&pair.files), pair.reference.outcomes());
            }
            if pair.reference.history_len() > MOST_STEPS {
                break;
            }
        }
        if pair.reference.history_len() <= MOST_STEPS {
            let (found, allowed) = (outcomes(&pair.files), pair.reference.outcomes());
            prop_assert!(found == allowed, "{:?} against {:?}", shape(&found), shape(&allowed));
            let count = pair.files.crash_outcomes().count() as u64;
            prop_assert_eq!(pair.files.count_crash_outcomes(), count);
        }
    }
}
