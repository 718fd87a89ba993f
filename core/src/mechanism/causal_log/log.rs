//! The entries that a replica has, and how it shows them.

use std::collections::BTreeMap;

use super::{Body, Dot, Entry};
use crate::mechanism::clock::VersionVector;
use crate::mechanism::logged_state::Replayed;
use crate::mechanism::small_map::SmallMap;
use crate::mechanism::wal::Place;
use crate::order::sort_by_key;

/// How a log shows its entries. A naive one lacks some safeguard.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// Safeguard: entries stand by the size of their past, then by name. Off: by the number of their dot,
    /// and of two with one number the first to come is first.
    pub is_by_past: bool,
    /// Safeguard: copies of one entry are one line.
    pub folds: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { is_by_past: true, folds: true }
    }
}

/// Where a line stands among the others.
type Key = (u64, u64, u64);

/// An entry as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line {
    key: Key,
    /// Its writer, and that writer's count.
    pub id: Dot,
    /// Its copies.
    pub dots: Vec<Dot>,
    /// It has a sibling, and no entry follows on both.
    pub is_unsettled: bool,
}

impl Line {
    fn is_in(&self, vector: &VersionVector) -> bool {
        self.dots.iter().any(|dot| dot.is_in(vector))
    }
}

/// A replica's log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CausalLog<B> {
    rules: Rules,
    /// Each with its place among those that came.
    entries: SmallMap<Dot, (u64, Entry<B>)>,
    vector: VersionVector,
    lines: Vec<Line>,
    /// In order of the writers.
    ids: Vec<Dot>,
}

impl<B> Default for CausalLog<B> {
    fn default() -> Self {
        Self::new(Rules::default())
    }
}

impl<B> CausalLog<B> {
    /// Makes an empty log.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            entries: SmallMap::default(),
            vector: VersionVector::default(),
            lines: Vec::new(),
            ids: Vec::new(),
        }
    }

    /// Returns which entries are there, if none came before its past.
    pub fn vector(&self) -> &VersionVector {
        &self.vector
    }

    /// Lists the entries in the order in which they are shown.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Lists the entries by writer.
    pub fn ids(&self) -> &[Dot] {
        &self.ids
    }

    /// Returns true if an entry is there, in whichever copy.
    pub fn has(&self, id: Dot) -> bool {
        self.ids.binary_search(&id).is_ok()
    }

    /// Returns the entry of this name.
    pub fn get(&self, dot: Dot) -> Option<&Entry<B>> {
        self.entries.get(dot).map(|(_, entry)| entry)
    }

    /// Lists all copies, by name.
    pub fn copies(&self) -> impl Iterator<Item = &Entry<B>> {
        self.entries.values().map(|(_, entry)| entry)
    }

    /// Returns the next name that `by` gives. An entry of its own that it forgets gives its name away again.
    pub fn next_dot(&self, by: crate::sim::NodeId) -> Dot {
        let own = self.entries.iter().filter(|(dot, _)| dot.by == by).count();
        Dot { by, number: own as u64 + 1 }
    }

    /// Lists where siblings are that nothing follows on: the ends of the log, and those before them that not
    /// all ends follow on.
    pub fn unsettled(&self) -> impl Iterator<Item = Dot> + '_ {
        self.lines.iter().filter(|line| line.is_unsettled).map(|line| line.id)
    }
}

impl<B: Body> CausalLog<B> {
    /// Returns true if no entry is there under this one's name, or another one.
    pub fn is_news(&self, entry: &Entry<B>) -> bool {
        self.get(entry.dot).is_none_or(|it| it.id != entry.id)
    }

    /// Returns true if all of an entry's past is there, and what its replica took before it.
    pub fn is_ready(&self, entry: &Entry<B>) -> bool {
        let Dot { by, number } = entry.dot;
        number <= self.vector.updates(by) + 1 && self.has_all(&entry.context)
    }

    /// Returns true if all is there that a writer has read.
    pub fn has_all(&self, context: &VersionVector) -> bool {
        *context <= self.vector
    }

    /// Lists what a log of this vector lacks.
    pub fn news_beyond(&self, vector: &VersionVector) -> Vec<Entry<B>> {
        let lacking = |dot: &&Dot| !dot.is_in(vector);
        let dots = self.lines.iter().flat_map(|line| line.dots.iter().filter(lacking));
        dots.filter_map(|dot| self.get(*dot).cloned()).collect()
    }

    /// Takes an entry, as the so many-eth. One that is there under its name gives way.
    pub fn insert(&mut self, arrival: u64, entry: Entry<B>) {
        self.vector.contain(entry.dot.by, entry.dot.number);
        self.entries.insert(entry.dot, (arrival, entry));
        self.show();
    }

    fn key(&self, arrival: u64, entry: &Entry<B>) -> Key {
        if self.rules.is_by_past {
            (entry.context.total(), entry.id.by.0.into(), entry.id.number)
        } else {
            (entry.dot.number, arrival, 0)
        }
    }

    /// Works out what is shown.
    fn show(&mut self) {
        let mut lines: BTreeMap<(Dot, Dot), Line> = BTreeMap::new();
        for (dot, (arrival, entry)) in self.entries.iter() {
            let (key, id) = (self.key(*arrival, entry), entry.id);
            let copy = if self.rules.folds { Dot::default() } else { dot };
            let line = lines.entry((id, copy)).or_insert_with(|| Line {
                key,
                id,
                dots: Vec::new(),
                is_unsettled: false,
            });
            line.key = line.key.min(key);
            line.dots.push(dot);
        }
        self.ids = lines.keys().map(|(id, _)| *id).collect();
        self.ids.dedup();
        self.lines = lines.into_values().collect();
        sort_by_key(&mut self.lines, |line| line.key);
        self.flag();
    }

    /// Flags what not all ends of the log follow on.
    fn flag(&mut self) {
        let mut followed = VersionVector::default();
        self.copies().for_each(|entry| followed.merge(&entry.context));
        let ends = self.lines.iter().filter(|line| !line.is_in(&followed));
        let past_of = |line: &Line| {
            let copies = line.dots.iter().filter_map(|dot| self.get(*dot));
            let mut past = VersionVector::default();
            copies.for_each(|copy| past.merge(&copy.context));
            (line.id, line.dots[0], past)
        };
        let ends: Vec<(Dot, Dot, VersionVector)> = ends.map(past_of).collect();
        let flags: Vec<bool> = (self.lines.iter())
            .map(|line| {
                let is_it = |id: Dot, dot: Dot| id == line.id && line.dots.contains(&dot);
                ends.iter().any(|(id, dot, past)| !is_it(*id, *dot) && !line.is_in(past))
            })
            .collect();
        for (line, is_unsettled) in self.lines.iter_mut().zip(flags) {
            line.is_unsettled = is_unsettled;
        }
    }
}

impl<B: Body> Replayed for CausalLog<B> {
    type Record = Entry<B>;

    fn apply(&mut self, place: Place, entry: &Entry<B>) {
        self.insert(place.sequence, entry.clone());
    }
}
