//! A second, slower disk: plain byte vectors and the history of what was done to them. Its crash
//! rules are one predicate over subsets of that history.

use std::collections::{BTreeMap, BTreeSet};

use super::tools::Contents;

const SECTOR: usize = 512;

#[derive(Clone, Default)]
struct State {
    names: BTreeMap<String, usize>,
    files: BTreeMap<usize, Vec<u8>>,
}

#[derive(Clone)]
enum Step {
    Link(String, usize),
    Rename(String, String),
    Unlink(String),
    Length(usize, usize),
    Sector(usize, usize, Vec<u8>),
}

/// What a step is part of: the directory, a length, or one sector.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Names,
    Length(usize),
    Sector(usize, usize),
}

impl Step {
    fn part(&self) -> Part {
        match self {
            Self::Link(..) | Self::Rename(..) | Self::Unlink(_) => Part::Names,
            Self::Length(file, _) => Part::Length(*file),
            Self::Sector(file, sector, _) => Part::Sector(*file, *sector),
        }
    }
}

impl State {
    fn apply(&mut self, step: &Step) {
        match step {
            Step::Link(name, file) => {
                self.names.insert(name.clone(), *file);
            }
            Step::Rename(from, to) => {
                let file = self.names.remove(from).unwrap();
                self.names.insert(to.clone(), file);
            }
            Step::Unlink(name) => {
                self.names.remove(name);
            }
            Step::Length(file, length) => self.files.entry(*file).or_default().resize(*length, 0),
            Step::Sector(file, sector, bytes) => {
                let file = self.files.entry(*file).or_default();
                for (place, byte) in bytes.iter().enumerate() {
                    if let Some(old) = file.get_mut(sector * SECTOR + place) {
                        *old = *byte;
                    }
                }
            }
        }
    }

    fn contents(&self) -> Contents {
        let file = |id: &usize| self.files.get(id).cloned().unwrap_or_default();
        self.names.iter().map(|(name, id)| (name.clone(), file(id))).collect()
    }
}

#[derive(Clone, Default)]
pub(crate) struct Reference {
    durable: State,
    now: State,
    /// Each step, and the sync that covers it.
    history: Vec<(Step, Option<u32>)>,
    next_file: usize,
}

impl Reference {
    pub(crate) fn contents(&self) -> Contents {
        self.now.contents()
    }

    pub(crate) fn history_len(&self) -> usize {
        self.history.len()
    }

    pub(crate) fn create(&mut self, name: &str) {
        self.take(Step::Link(name.to_owned(), self.next_file));
        self.next_file += 1;
    }

    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        if from != to {
            self.take(Step::Rename(from.to_owned(), to.to_owned()));
        }
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.take(Step::Unlink(name.to_owned()));
    }

    pub(crate) fn write(&mut self, name: &str, offset: usize, bytes: &[u8]) {
        let end = offset + bytes.len();
        if end > offset && end > self.length(name) {
            self.truncate(name, end);
        }
        let id = self.now.names[name];
        let mut whole = self.now.files.get(&id).cloned().unwrap_or_default();
        whole[offset..end].copy_from_slice(bytes);
        whole.resize(whole.len().next_multiple_of(SECTOR), 0);
        if end > offset {
            for sector in offset / SECTOR..=(end - 1) / SECTOR {
                let new = whole[sector * SECTOR..][..SECTOR].to_vec();
                self.take(Step::Sector(id, sector, new));
            }
        }
    }

    pub(crate) fn truncate(&mut self, name: &str, length: usize) {
        if length != self.length(name) {
            self.take(Step::Length(self.now.names[name], length));
        }
    }

    fn length(&self, name: &str) -> usize {
        self.now.files.get(&self.now.names[name]).map_or(0, Vec::len)
    }

    fn take(&mut self, step: Step) {
        self.now.apply(&step);
        self.history.push((step, None));
    }

    /// A sync begins, of one file (`Some`), or of the names.
    pub(crate) fn start_sync(&mut self, name: Option<&str>, sync: u32) {
        let file = name.map(|name| self.now.names[name]);
        for (step, covered_by) in &mut self.history {
            let of = match step.part() {
                Part::Names => None,
                Part::Length(of) | Part::Sector(of, _) => Some(of),
            };
            if of == file {
                covered_by.get_or_insert(sync);
            }
        }
    }

    pub(crate) fn complete_sync(&mut self, sync: u32) {
        let is_done = |covered_by: &Option<u32>| covered_by.is_some_and(|of| of <= sync);
        for (step, _) in self.history.iter().filter(|(_, covered_by)| is_done(covered_by)) {
            self.durable.apply(step);
        }
        self.history.retain(|(_, covered_by)| !is_done(covered_by));
    }

    /// Returns everything that a crash may leave: every subset of the history, carried out in order,
    /// in which no operation on the names and no change of a length is missing before one that is
    /// there.
    pub(crate) fn outcomes(&self) -> BTreeSet<Contents> {
        (0..1_u32 << self.history.len()).filter_map(|subset| self.outcome(subset)).collect()
    }

    fn outcome(&self, subset: u32) -> Option<Contents> {
        let mut missing = BTreeSet::new();
        let mut state = self.durable.clone();
        for (place, (step, _)) in self.history.iter().enumerate() {
            let is_ordered = !matches!(step.part(), Part::Sector(..));
            if subset >> place & 1 == 0 {
                missing.insert(step.part());
            } else if is_ordered && missing.contains(&step.part()) {
                return None;
            } else {
                state.apply(step);
            }
        }
        Some(state.contents())
    }

    /// Goes on from what a crash left.
    pub(crate) fn restart(&mut self, contents: &Contents) {
        let mut now = State::default();
        for (id, (name, bytes)) in contents.iter().enumerate() {
            now.names.insert(name.clone(), id);
            now.files.insert(id, bytes.clone());
        }
        self.next_file = now.names.len();
        self.durable = now.clone();
        self.now = now;
        self.history.clear();
    }
}
