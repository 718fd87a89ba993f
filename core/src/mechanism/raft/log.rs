//! The replicated log and the questions that Raft asks of it, as functions of the log alone.

use std::cmp::Ordering;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::order::sort_by;
use crate::sim::{LongList, NodeId, StableHasher};

/// A term: a stretch of time with at most one leader (§5.1). Counts from 1; 0 is before the first.
pub type Term = u64;

/// A place in the log. Counts from 1, as in the paper; 0 is before the first entry.
pub type Index = u64;

/// What the log carries on behalf of its host.
pub trait Command: Clone + Debug + PartialEq + Hash + 'static {
    /// Returns a few characters for a cell of the log.
    fn label(&self) -> String;
    /// Returns its size on the wire.
    fn bytes(&self) -> u64;
}

/// Where an entry stands and in which term it was created.
///
/// The order is that of §5.4.1: the later term is more up-to-date; in one term, the longer log.
#[derive(
    Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Position {
    /// The term in which a leader created it.
    pub term: Term,
    /// Its place.
    pub index: Index,
}

/// What an entry carries.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Content<C> {
    /// Nothing: it is the entry with which a leader begins its term (§8).
    Blank,
    /// A command of the host.
    Command(C),
    /// Who is a member from here on (thesis §4.1).
    Members(Vec<NodeId>),
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entry<C> {
    /// The term in which a leader created it.
    pub term: Term,
    /// What it carries.
    pub content: Content<C>,
}

impl<C> Entry<C> {
    /// Returns the host's command, if the entry carries one.
    pub fn command(&self) -> Option<&C> {
        if let Content::Command(command) = &self.content { Some(command) } else { None }
    }
}

/// Why a follower refuses entries, so that the leader can step back by whole terms (end of §5.3).
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Conflict {
    /// The term of the follower's entry at the refused place; `None` if its log is too short.
    pub term: Option<Term>,
    /// The first place that holds an entry of that term, or the first free place.
    pub first: Index,
}

/// The entries of one server: all of them, or those behind what a snapshot stands for (§7).
///
/// Each entry is kept with a digest of the log up to it, so that two logs can be compared as far as
/// any place by one number: whoever judges Log Matching (§5.3) would otherwise read both from the
/// start. The algorithm does not look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log<C: Command> {
    /// What comes before the first entry that is kept.
    base: Base,
    entries: LongList<Chained<C>>,
}

/// The last entry that is no longer kept, and a digest of it and all before it.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
struct Base {
    position: Position,
    digest: u64,
}

/// An entry, and a digest of it and all before it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Chained<C: Command> {
    entry: Entry<C>,
    digest: u64,
}

impl<C: Command> Hash for Log<C> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.base.position.index, self.last().index).hash(state);
        self.digest_at(self.last().index).hash(state);
    }
}

impl<C: Command> Default for Log<C> {
    fn default() -> Self {
        Self { base: Base::default(), entries: LongList::default() }
    }
}

impl<C: Command> Log<C> {
    /// Returns the number under which the list has the entry at `index`.
    fn place(&self, index: Index) -> Option<usize> {
        usize::try_from(index.checked_sub(self.base.position.index + 1)?).ok()
    }

    /// Returns where the last entry stood that is no longer kept; 0 if all are.
    pub fn base(&self) -> Position {
        self.base.position
    }

    /// Returns the entry at `index`, if there is one.
    pub fn get(&self, index: Index) -> Option<&Entry<C>> {
        Some(&self.entries.get(self.place(index)?)?.entry)
    }

    /// Returns a digest of all entries up to `index`; `None` if the log is shorter, or no longer keeps
    /// them. Two logs with the same digest at the same place are equal up to it.
    pub fn digest_at(&self, index: Index) -> Option<u64> {
        if index == self.base.position.index {
            return Some(self.base.digest);
        }
        Some(self.entries.get(self.place(index)?)?.digest)
    }

    /// Returns where the last entry stands.
    pub fn last(&self) -> Position {
        let Some(last) = self.entries.last() else { return self.base.position };
        let index = self.base.position.index + self.entries.len() as Index;
        Position { term: last.entry.term, index }
    }

    /// Returns the term of the entry at `index`; 0 for the place before the first entry.
    pub fn term_at(&self, index: Index) -> Option<Term> {
        if index == self.base.position.index {
            return Some(self.base.position.term);
        }
        self.get(index).map(|entry| entry.term)
    }

    /// Returns true if a candidate whose log ends at `candidate` may have this server's vote: its
    /// log is at least as up-to-date as this one (§5.4.1).
    pub fn may_vote_for(&self, candidate: Position) -> bool {
        candidate >= self.last()
    }

    /// Returns true if entries may follow `previous` here: this log holds that very entry (§5.3).
    /// By induction both logs are then equal up to it.
    pub fn holds(&self, previous: Position) -> bool {
        self.term_at(previous.index) == Some(previous.term)
    }

    /// Says where this log departs from one that holds an entry at `refused` (end of §5.3).
    pub fn conflict_at(&self, refused: Index) -> Conflict {
        let Some(term) = self.term_at(refused) else {
            return Conflict { term: None, first: self.last().index + 1 };
        };
        Conflict { term: Some(term), first: self.end_before(term) + 1 }
    }

    /// Returns the place from which a leader with this log sends next after `conflict`: behind its own
    /// last entry of the conflicting term if it has one, else at the start of the follower's.
    pub fn next_after(&self, conflict: Conflict) -> Index {
        let Some(term) = conflict.term else { return conflict.first };
        let up_to = self.end_before(term + 1);
        if self.term_at(up_to) == Some(term) { up_to + 1 } else { conflict.first }
    }

    /// Returns the place of the last entry of a term before `term`. Terms never go down in a log.
    fn end_before(&self, term: Term) -> Index {
        let (mut low, mut high) = (self.base.position.index, self.last().index);
        while low < high {
            let middle = (low + high).div_ceil(2);
            if self.term_at(middle) < Some(term) { low = middle } else { high = middle - 1 }
        }
        low
    }

    /// Lists the entries from `first` on.
    pub fn from(&self, first: Index) -> impl Iterator<Item = &Entry<C>> {
        (first..=self.last().index).filter_map(|index| self.get(index))
    }

    /// Returns the first of `entries`, which begin behind `previous`, that this log lacks, as an
    /// offset into them; `None` if it holds them all.
    pub fn first_missing(&self, previous: Index, entries: &[Entry<C>]) -> Option<usize> {
        let place = |offset: usize| previous + 1 + offset as Index;
        entries.iter().enumerate().position(|(n, e)| self.term_at(place(n)) != Some(e.term))
    }

    /// Adds an entry and returns its place.
    pub fn push(&mut self, entry: Entry<C>) -> Index {
        let before = self.entries.last().map_or(self.base.digest, |last| last.digest);
        let mut hasher = StableHasher::chained(before);
        entry.hash(&mut hasher);
        self.entries.push(Chained { entry, digest: hasher.finish() });
        self.last().index
    }

    /// Replaces everything behind `kept` by `entries`.
    pub fn replace_behind(&mut self, kept: Index, entries: &[Entry<C>]) {
        let kept = kept.saturating_sub(self.base.position.index);
        self.entries.truncate(usize::try_from(kept).unwrap_or(usize::MAX));
        for entry in entries {
            self.push(entry.clone());
        }
    }

    /// Keeps no entry up to `last` any more, since a snapshot stands for them. What follows stays if
    /// it follows that very entry; otherwise nothing does (Figure 13, rules 6 and 7).
    pub fn rebase(&mut self, last: Position, digest: u64) {
        if last.index < self.base.position.index {
            return;
        }
        let place = usize::try_from(last.index - self.base.position.index).unwrap_or(usize::MAX);
        self.entries = if self.holds(last) {
            self.entries.iter_from(place).cloned().collect()
        } else {
            LongList::default()
        };
        self.base = Base { position: last, digest };
    }

    /// Returns the last place at which both logs hold an entry of the same term; `None` if one of them
    /// keeps no entry that far back, so that nobody can tell.
    fn last_shared(&self, other: &Self) -> Option<Index> {
        let mut index = self.last().index.min(other.last().index);
        loop {
            let (own, others) = (self.term_at(index)?, other.term_at(index)?);
            // Terms never go down, so the log with the higher one has nothing to share in that term.
            let before = match own.cmp(&others) {
                Ordering::Equal => return Some(index),
                Ordering::Greater => self.end_before(own),
                Ordering::Less => other.end_before(others),
            };
            if before == index {
                return None;
            }
            index = before;
        }
    }
}

/// Returns two of `logs` that share an entry (the same place, the same term) but not all before it,
/// as their numbers in the list, with the place of that entry (Figure 3, Log Matching).
///
/// Only the last entry that two logs share is looked at: its digest speaks for all before it. Logs
/// that are equal, as most are most of the time, are compared once.
pub fn mismatch<C: Command>(logs: &[&Log<C>]) -> Option<(usize, usize, Index)> {
    let digest = |log: &Log<C>| log.digest_at(log.last().index);
    let mut distinct: Vec<(usize, _)> = Vec::with_capacity(logs.len());
    for (log, number) in logs.iter().zip(0..) {
        let digest = digest(log);
        if distinct.iter().all(|(_, other)| *other != digest) {
            distinct.push((number, digest));
        }
    }
    let mut pairs = distinct
        .iter()
        .zip(1..)
        .flat_map(|((a, _), next)| distinct[next..].iter().map(move |(b, _)| (*a, *b)));
    pairs.find_map(|(a, b)| {
        let shared = logs[a].last_shared(logs[b])?;
        let differs = logs[a].digest_at(shared) != logs[b].digest_at(shared);
        differs.then_some((a, b, shared))
    })
}

/// Returns the highest place that at least `needed` of `matched` have reached (Figure 2, last rule
/// for leaders, without the condition on the term).
pub fn reached_by(needed: u32, matched: impl IntoIterator<Item = Index>) -> Index {
    let mut places: Vec<Index> = matched.into_iter().collect();
    sort_by(&mut places, |a, b| b.cmp(a));
    let last_needed = usize::try_from(needed).ok().and_then(|needed| needed.checked_sub(1));
    last_needed.and_then(|place| places.get(place)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::majority::majority;
    use crate::sim::digest_of;

    impl Command for u64 {
        fn label(&self) -> String {
            self.to_string()
        }

        fn bytes(&self) -> u64 {
            8
        }
    }

    fn log(terms: &[Term]) -> Log<u64> {
        let mut log = Log::default();
        for &term in terms {
            log.push(Entry { term, content: Content::Blank });
        }
        log
    }

    /// The logs of Figure 7: the leader of term 8, and followers a to f.
    fn figure_7() -> [Log<u64>; 7] {
        [
            log(&[1, 1, 1, 4, 4, 5, 5, 6, 6, 6]),
            log(&[1, 1, 1, 4, 4, 5, 5, 6, 6]),
            log(&[1, 1, 1, 4]),
            log(&[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6]),
            log(&[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7]),
            log(&[1, 1, 1, 4, 4, 4, 4]),
            log(&[1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3]),
        ]
    }

    /// How often a follower refuses until entries fit, if the leader steps back by `step`.
    fn refusals(follower: &Log<u64>, step: impl Fn(&Log<u64>, Index) -> Index) -> (u32, Index) {
        let [leader, ..] = figure_7();
        let (mut next, mut refused) = (leader.last().index + 1, 0);
        loop {
            let index = next - 1;
            let term = leader.term_at(index).unwrap();
            if follower.holds(Position { term, index }) {
                return (refused, next);
            }
            next = step(&leader, index);
            refused += 1;
        }
    }

    #[test]
    fn figure_7_gives_each_candidate_its_votes() {
        let logs = figure_7();
        let votes = |candidate: &Log<u64>| {
            logs.iter().filter(|voter| voter.may_vote_for(candidate.last())).count()
        };
        assert_eq!(logs.each_ref().map(votes), [5, 4, 2, 6, 7, 3, 1]);
        let electable = logs.each_ref().map(|log| votes(log) >= majority(7) as usize);
        assert_eq!(electable, [true, true, false, true, true, false, false]);
    }

    #[test]
    fn figure_7_plain_decrement_is_refused_so_often() {
        let [_, followers @ ..] = figure_7();
        let refused = followers.each_ref().map(|log| refusals(log, |_, index| index).0);
        assert_eq!(refused, [1, 6, 0, 0, 5, 7]);
    }

    #[test]
    fn stepping_back_by_terms_finds_the_same_place_sooner() {
        let [_, followers @ ..] = figure_7();
        for follower in &followers {
            let (plain, place) = refusals(follower, |_, index| index);
            let (by_terms, found) =
                refusals(follower, |leader, index| leader.next_after(follower.conflict_at(index)));
            // The hint may go back further than needed, never less far.
            assert!(found <= place, "{found} is behind {place}");
            assert!(by_terms <= plain.min(2), "{by_terms} refusals instead of {plain}");
        }
    }

    #[test]
    fn the_later_term_is_more_up_to_date_and_then_the_longer_log() {
        let voter = log(&[1, 2, 2]);
        assert!(voter.may_vote_for(Position { term: 3, index: 1 }));
        assert!(voter.may_vote_for(Position { term: 2, index: 3 }));
        assert!(!voter.may_vote_for(Position { term: 2, index: 2 }));
        assert!(!voter.may_vote_for(Position { term: 1, index: 9 }));
    }

    #[test]
    fn entries_that_are_there_already_change_nothing() {
        let mut held = log(&[1, 1, 2, 2]);
        let entries = |terms| log(terms).from(1).cloned().collect::<Vec<_>>();
        assert_eq!(held.first_missing(1, &entries(&[1, 2])), None);
        assert_eq!(held.first_missing(1, &entries(&[1, 3])), Some(1));
        held.replace_behind(2, &entries(&[3]));
        assert_eq!(held, log(&[1, 1, 3]));
    }

    #[test]
    fn a_log_in_parts_is_like_one_in_one_piece() {
        let terms: Vec<Term> = (0..1_000).map(|n| 1 + n / 300).collect();
        let whole = log(&terms);
        for (term, index) in terms.iter().zip(1..) {
            assert_eq!(whole.term_at(index), Some(*term));
        }
        assert_eq!(whole.conflict_at(999), Conflict { term: Some(4), first: 901 });
        for kept in [0, 1, 127, 128, 129, 640, 999, 1_000] {
            let mut cut = whole.clone();
            cut.replace_behind(kept, &[]);
            let kept = usize::try_from(kept).unwrap();
            assert_eq!(cut, log(&terms[..kept]));
            assert_eq!(digest_of(&cut), digest_of(&log(&terms[..kept])));
        }
    }

    #[test]
    fn logs_that_share_an_entry_share_all_before_it() {
        let logs = figure_7();
        assert_eq!(mismatch(&logs.each_ref()), None);
        // Two leaders of term 2 gave different entries to place 2; then one of them wrote place 3
        // to both.
        let write = |term, n| Entry { term, content: Content::Command(n) };
        let with = |entries: &[Entry<u64>]| {
            let mut log = log(&[1]);
            log.replace_behind(1, entries);
            log
        };
        let a = with(&[write(2, 10), write(2, 12)]);
        let b = with(&[write(2, 11), write(2, 12)]);
        assert_eq!(mismatch(&[&a, &a, &b]), Some((0, 2, 3)));
        // It is seen as well where the logs part again behind it.
        let c = with(&[write(2, 11), write(3, 13), write(3, 14)]);
        assert_eq!(mismatch(&[&a, &c]), Some((0, 1, 2)));
        assert_eq!(mismatch(&[&a, &with(&[write(3, 10)])]), None);
    }

    #[test]
    fn a_log_behind_a_snapshot_is_like_the_end_of_the_whole_one() {
        let [leader, _, b, _, d, ..] = figure_7();
        let position =
            |log: &Log<u64>, index| Position { term: log.term_at(index).unwrap(), index };
        let cut_at = |log: &Log<u64>, index| {
            let mut cut = log.clone();
            cut.rebase(position(log, index), log.digest_at(index).unwrap());
            cut
        };
        let short = cut_at(&leader, 6);
        assert_eq!((short.last(), short.base()), (leader.last(), position(&leader, 6)));
        assert_eq!((short.get(6), short.term_at(5), short.term_at(6)), (None, None, Some(5)));
        assert_eq!(short.get(7), leader.get(7));
        assert_eq!(short.digest_at(10), leader.digest_at(10));
        assert_eq!(mismatch(&[&short, &d]), None);
        assert_eq!(mismatch(&[&short, &b]), None, "nothing to compare");
        // A straggler that still has what was never committed where the snapshot ends.
        assert_eq!(mismatch(&[&short, &log(&[1, 1, 1, 2, 2, 2, 3])]), None);
        assert_eq!(mismatch(&[&log(&[1, 1, 1, 2, 2, 6, 6]), &short]), None);
        // Terms that began before the snapshot cannot be told apart any more.
        assert_eq!(short.conflict_at(7), Conflict { term: Some(5), first: 7 });
        assert_eq!(short.conflict_at(9), Conflict { term: Some(6), first: 8 });
        // Whoever has not the last entry of the snapshot starts anew from it.
        let mut behind = b.clone();
        behind.rebase(leader.last(), leader.digest_at(10).unwrap());
        assert_eq!((behind.last(), behind.base()), (leader.last(), leader.last()));
        assert_eq!(digest_of(&behind), digest_of(&cut_at(&leader, 10)));
    }

    #[test]
    fn the_place_that_a_majority_has_reached() {
        assert_eq!(reached_by(3, [7, 2, 9, 4, 4]), 4);
        assert_eq!(reached_by(2, [7, 2]), 2);
        assert_eq!(reached_by(1, []), 0);
    }

    #[test]
    fn questions_about_places_outside_the_log_are_harmless() {
        let log = log(&[1]);
        assert_eq!(log.get(0), None);
        assert_eq!(log.term_at(2), None);
        assert!(log.from(0).count() == 1 && log.from(5).count() == 0);
        assert_eq!(log.conflict_at(5), Conflict { term: None, first: 2 });
    }
}
