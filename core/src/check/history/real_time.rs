//! Which operations may come next if an operation that returned before another was invoked comes
//! before it: the frontier of linearizability.

use super::order::Frontier;
use super::{Completion, Operation};

/// The list's end, and its beginning.
const ENDS: usize = 0;

/// Invocations and returns that are still to be explained, as a doubly linked list in the order of
/// events (Lowe 2017, section 4.2). What is invoked before the first return may come next.
pub(super) struct RealTime {
    next: Vec<usize>,
    previous: Vec<usize>,
    entries: Vec<Entry>,
    places: Vec<Place>,
    /// Answered operations that are not taken.
    unexplained: usize,
    answered: Members,
    unanswered: Members,
}

#[derive(Copy, Clone)]
enum Entry {
    Ends,
    Invocation(usize),
    Return(usize),
}

/// Where an operation is in the list.
#[derive(Copy, Clone, Default)]
struct Place {
    /// The entry of its invocation.
    invocation: usize,
    /// The entry of its return, if it was answered.
    end: Option<usize>,
    /// Its place among the answered or the unanswered operations.
    rank: usize,
}

/// The set of taken operations: of the answered ones all below 64 × `full` and those in `answered`,
/// and of the unanswered ones those in `unanswered`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TakenSet {
    full: usize,
    answered: Box<[u64]>,
    unanswered: Box<[u64]>,
}

/// A set of small numbers of which nearly all below some number are members, and nearly none above.
#[derive(Default)]
struct Members {
    words: Vec<u64>,
    /// Words before this one are full.
    full: usize,
    /// Words from this one on are empty.
    empty: usize,
}

impl Members {
    fn insert(&mut self, member: usize) {
        let word = member / 64;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (member % 64);
        self.empty = self.empty.max(word + 1);
        while self.words.get(self.full) == Some(&u64::MAX) {
            self.full += 1;
        }
    }

    fn remove(&mut self, member: usize) {
        let word = member / 64;
        self.words[word] &= !(1 << (member % 64));
        self.full = self.full.min(word);
        while self.empty > 0 && self.words[self.empty - 1] == 0 {
            self.empty -= 1;
        }
    }

    fn from(&self, word: usize) -> Box<[u64]> {
        self.words.get(word..self.empty).unwrap_or_default().into()
    }
}

impl RealTime {
    pub(super) fn new<I, O>(operations: &[&Operation<I, O>]) -> Self {
        let mut events = Vec::new();
        for (index, operation) in operations.iter().enumerate() {
            events.push((operation.invoked, Entry::Invocation(index)));
            events.extend(answered_at(operation).map(|event| (event, Entry::Return(index))));
        }
        events.sort_unstable_by_key(|(event, _)| *event);
        let mut entries = vec![Entry::Ends];
        entries.extend(events.into_iter().map(|(_, entry)| entry));
        let mut places = vec![Place::default(); operations.len()];
        for (place, entry) in entries.iter().enumerate() {
            match *entry {
                Entry::Invocation(operation) => places[operation].invocation = place,
                Entry::Return(operation) => places[operation].end = Some(place),
                Entry::Ends => {}
            }
        }
        let mut counts = [0, 0];
        for place in &mut places {
            let count = &mut counts[usize::from(place.end.is_some())];
            place.rank = *count;
            *count += 1;
        }
        let count = entries.len();
        Self {
            next: (0..count).map(|entry| (entry + 1) % count).collect(),
            previous: (0..count).map(|entry| (entry + count - 1) % count).collect(),
            entries,
            places,
            unexplained: counts[1],
            answered: Members::default(),
            unanswered: Members::default(),
        }
    }

    /// Returns the operation whose answer is the first that is still to be explained.
    pub(super) fn blocked_by(&self) -> Option<usize> {
        let mut entry = self.next[ENDS];
        loop {
            match self.entries[entry] {
                Entry::Invocation(_) => entry = self.next[entry],
                Entry::Return(operation) => return Some(operation),
                Entry::Ends => return None,
            }
        }
    }

    fn invocation(&self, entry: usize) -> Option<usize> {
        match self.entries[entry] {
            Entry::Invocation(operation) => Some(operation),
            Entry::Return(_) | Entry::Ends => None,
        }
    }

    fn unlink(&mut self, entry: usize) {
        self.next[self.previous[entry]] = self.next[entry];
        self.previous[self.next[entry]] = self.previous[entry];
    }

    fn link(&mut self, entry: usize) {
        self.next[self.previous[entry]] = entry;
        self.previous[self.next[entry]] = entry;
    }
}

/// Returns the event of an operation's answer.
pub(super) fn answered_at<I, O>(operation: &Operation<I, O>) -> Option<usize> {
    operation.returned.filter(|_| matches!(operation.completion, Completion::Answered(_)))
}

impl Frontier for RealTime {
    type Taken = TakenSet;

    fn first(&self) -> Option<usize> {
        self.invocation(self.next[ENDS])
    }

    fn after(&self, candidate: usize) -> Option<usize> {
        self.invocation(self.next[self.places[candidate].invocation])
    }

    fn take(&mut self, operation: usize) {
        let Place { invocation, end, rank } = self.places[operation];
        self.unlink(invocation);
        if let Some(end) = end {
            self.unlink(end);
            self.unexplained -= 1;
            self.answered.insert(rank);
        } else {
            self.unanswered.insert(rank);
        }
    }

    fn put_back(&mut self, operation: usize) {
        let Place { invocation, end, rank } = self.places[operation];
        if let Some(end) = end {
            self.link(end);
            self.unexplained += 1;
            self.answered.remove(rank);
        } else {
            self.unanswered.remove(rank);
        }
        self.link(invocation);
    }

    fn is_complete(&self) -> bool {
        self.unexplained == 0
    }

    fn taken(&self) -> TakenSet {
        TakenSet {
            full: self.answered.full,
            answered: self.answered.from(self.answered.full),
            unanswered: self.unanswered.from(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::check::history::History;
    use crate::sim::Stream;

    /// Beyond one word, and with full words at the beginning: the same operations are the same set,
    /// and others are not.
    #[test]
    fn sets_of_taken_operations_are_equal_if_their_members_are() {
        let mut history: History<(), ()> = History::new();
        for process in 0..400 {
            history.invoke(process, ()).unwrap();
        }
        for process in (0..400).filter(|process| process % 3 != 0) {
            history.complete(process, Completion::Answered(())).unwrap();
        }
        let operations: Vec<&Operation<(), ()>> = history.operations().iter().collect();
        let mut frontier = RealTime::new(&operations);
        let mut stream = Stream::new(1, "taken");
        let mut path: Vec<usize> = Vec::new();
        let mut seen: BTreeMap<BTreeSet<usize>, TakenSet> = BTreeMap::new();
        let mut sets: BTreeMap<TakenSet, BTreeSet<usize>> = BTreeMap::new();
        for round in 0..20_000 {
            // Up to the end and back again, ten times.
            if stream.chance(if round / 1_000 % 2 == 0 { 85 } else { 60 }) {
                let left = (0..400).filter(|it| !path.contains(it));
                let near: Vec<usize> = left.take(3).collect();
                if let Some(operation) = near.get(stream.index(near.len())) {
                    frontier.take(*operation);
                    path.push(*operation);
                }
            } else {
                for _ in 0..stream.index(6) {
                    path.pop().into_iter().for_each(|operation| frontier.put_back(operation));
                }
            }
            let members: BTreeSet<usize> = path.iter().copied().collect();
            let set = frontier.taken();
            assert_eq!(*seen.entry(members.clone()).or_insert_with(|| set.clone()), set);
            assert_eq!(*sets.entry(set).or_insert_with(|| members.clone()), members);
        }
        assert!(seen.len() > 1_000 && sets.keys().any(|set| set.full > 2));
    }
}
