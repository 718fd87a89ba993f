//! Replicas that hear of entries in any order, and any number of times.

use proptest::prelude::*;

use super::{CausalLog, Dot, Early, Entry, Rules};
use crate::mechanism::clock::VersionVector;
use crate::mechanism::small_map::SmallMap;
use crate::sim::NodeId;

const WRITERS: u16 = 3;

/// What a writer does: it reads the log of a replica or not, and then writes there.
type Deed = (u16, u16, bool, Vec<(u16, u16)>);

fn dot(by: u16, number: u64) -> Dot {
    Dot { by: NodeId(by), number }
}

/// Replicas, and writers that go from one to another; who had read what is told by names alone, which is
/// what a log's vectors are to say.
#[derive(Default)]
struct Story {
    logs: Vec<CausalLog<u8>>,
    /// What each writer has read: the vector, and the entries.
    read: Vec<(VersionVector, Vec<Dot>)>,
    /// What the writer of each entry had read.
    past: SmallMap<Dot, Vec<Dot>>,
}

impl Story {
    fn new() -> Self {
        let logs = (0..WRITERS).map(|_| CausalLog::default()).collect();
        Self { logs, read: vec![<_>::default(); WRITERS.into()], past: SmallMap::default() }
    }

    fn give(&mut self, from: usize, to: usize) {
        let news = self.logs[from].news_beyond(self.logs[to].vector());
        let mut early = Early::default();
        for entry in news.into_iter().rev() {
            early.hold(entry);
        }
        while let Some(entry) = early.take_ready(&self.logs[to]) {
            self.logs[to].insert(1, entry);
        }
        assert!(early.is_empty(), "a whole log lacks nothing of anybody's past");
    }

    fn read(&mut self, writer: usize, at: usize) {
        let (vector, ids) = &mut self.read[writer];
        vector.merge(self.logs[at].vector());
        ids.extend(self.logs[at].ids());
        ids.sort_unstable();
        ids.dedup();
    }

    fn write(&mut self, writer: u16, at: u16) {
        let number = 1 + self.past.iter().filter(|(id, _)| id.by.0 == writer).count() as u64;
        let (context, read) = self.read[usize::from(writer)].clone();
        let id = dot(writer, number);
        self.past.insert(id, read);
        let log = &mut self.logs[usize::from(at)];
        if log.has_all(&context) {
            let entry = Entry { dot: log.next_dot(NodeId(at)), id, context, body: 0 };
            assert!(log.is_ready(&entry) && log.is_news(&entry));
            log.insert(1, entry);
        }
        self.read(writer.into(), at.into());
    }

    fn is_before(&self, one: Dot, other: Dot) -> bool {
        self.past.get(other).is_some_and(|read| read.contains(&one))
    }

    /// The entries of a log that have a sibling there with which nothing shares a later one.
    fn unsettled(&self, ids: &[Dot]) -> Vec<Dot> {
        let at_or_before = |one, other| one == other || self.is_before(one, other);
        let is_open = |one: Dot, other: Dot| {
            !at_or_before(one, other)
                && !at_or_before(other, one)
                && !ids.iter().any(|it| at_or_before(one, *it) && at_or_before(other, *it))
        };
        ids.iter().copied().filter(|one| ids.iter().any(|it| is_open(*one, *it))).collect()
    }
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let pair = (0..WRITERS, 0..WRITERS);
    let gives = prop::collection::vec(pair, 0..2);
    prop::collection::vec((0..WRITERS, 0..WRITERS, any::<bool>(), gives), 1..24)
}

proptest! {
    /// Judged by who had read what: the order of each log respects it, two logs order alike what both have,
    /// and exactly the siblings that nothing follows on are flagged.
    #[test]
    fn logs_order_alike_and_flag_what_nobody_had_read(deeds in deeds()) {
        let mut story = Story::new();
        for (writer, at, reads, gives) in deeds {
            if reads {
                story.read(writer.into(), at.into());
            }
            story.write(writer, at);
            for (from, to) in gives {
                story.give(from.into(), to.into());
            }
        }
        let shown = |log: &CausalLog<u8>| log.lines().iter().map(|it| it.id).collect::<Vec<_>>();
        for (log, other) in story.logs.iter().flat_map(|it| story.logs.iter().map(move |o| (it, o))) {
            let mut ids = shown(log);
            for (place, later) in ids.iter().enumerate() {
                prop_assert!(!ids[..place].iter().any(|it| story.is_before(*later, *it)));
            }
            prop_assert_eq!(log.unsettled().collect::<Vec<_>>(), story.unsettled(&ids));
            let mut others = shown(other);
            ids.retain(|id| other.has(*id));
            others.retain(|id| log.has(*id));
            prop_assert_eq!(ids, others);
        }
        for (from, to) in [(0, 1), (1, 2), (2, 0), (0, 1)] {
            story.give(from, to);
        }
        prop_assert_eq!(story.logs[0].lines(), story.logs[1].lines());
        prop_assert_eq!(story.logs[0].lines(), story.logs[2].lines());
    }
}

fn entry(by: u16, number: u64, id: Dot, context: &[(u16, u64)]) -> Entry<u8> {
    let mut vector = VersionVector::default();
    for (by, number) in context {
        vector.contain(NodeId(*by), *number);
    }
    Entry { dot: dot(by, number), id, context: vector, body: 0 }
}

#[test]
fn an_entry_waits_for_what_its_writer_had_read_and_for_those_before_it() {
    let mut log = CausalLog::default();
    let mut early = Early::default();
    let first = entry(0, 1, dot(0, 1), &[]);
    let second = entry(0, 2, dot(1, 1), &[]);
    let follows = entry(1, 1, dot(0, 2), &[(0, 1)]);
    assert!(early.hold(follows.clone()) && early.hold(second) && !early.hold(follows));
    assert_eq!(early.take_ready(&log), None);
    log.insert(1, first);
    while let Some(ready) = early.take_ready(&log) {
        log.insert(2, ready);
    }
    assert!(early.is_empty());
    assert_eq!((log.vector().updates(NodeId(0)), log.vector().updates(NodeId(1))), (2, 1));
}

/// The second copy is no sibling of the first, and whoever read one of them has read the entry.
#[test]
fn an_entry_that_two_replicas_took_is_one_line() {
    let copies = [entry(0, 1, dot(0, 1), &[]), entry(1, 1, dot(0, 1), &[])];
    let later = entry(2, 1, dot(1, 1), &[(1, 1)]);
    let log_of = |rules: Rules| {
        let mut log = CausalLog::new(rules);
        let all = copies.iter().chain([&later]).cloned();
        all.zip(1..).for_each(|(entry, arrival)| log.insert(arrival, entry));
        log
    };
    let log = log_of(Rules::default());
    assert_eq!((log.lines().len(), log.unsettled().count()), (2, 0));
    let naive = log_of(Rules { folds: false, ..Rules::default() });
    assert_eq!(naive.lines().len(), 3);
    assert!(naive.unsettled().count() > 0);
}

#[test]
fn an_entry_under_a_name_that_is_taken_overwrites_it() {
    let mut log = CausalLog::default();
    log.insert(1, entry(0, 1, dot(0, 1), &[]));
    let other = entry(0, 1, dot(1, 1), &[]);
    assert!(log.is_news(&other) && log.is_ready(&other));
    log.insert(2, other);
    assert!(!log.has(dot(0, 1)) && log.has(dot(1, 1)));
    assert_eq!(log.lines().len(), 1);
}

/// The number that a replica gave is no order: it counts less at a replica that is new.
#[test]
fn by_number_and_arrival_an_answer_can_stand_before_what_it_answers() {
    let asked = [(1, entry(0, 1, dot(0, 1), &[])), (2, entry(0, 2, dot(0, 2), &[(0, 1)]))];
    let answer = (3, entry(1, 1, dot(1, 1), &[(0, 2)]));
    let shown = |is_by_past| {
        let mut log = CausalLog::new(Rules { is_by_past, folds: true });
        let all = asked.iter().chain([&answer]).cloned();
        all.for_each(|(arrival, entry)| log.insert(arrival, entry));
        log.lines().iter().map(|it| it.id).collect::<Vec<_>>()
    };
    assert_eq!(shown(true), [dot(0, 1), dot(0, 2), dot(1, 1)]);
    assert_eq!(shown(false), [dot(0, 1), dot(1, 1), dot(0, 2)]);
}
