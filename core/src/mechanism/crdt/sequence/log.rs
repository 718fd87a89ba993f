//! All operations of one author, in order.

use super::operation::{Edit, Id, Operation, Side, moved};
use crate::sim::NodeId;

/// Operations in a row, as in [`Operation`]; they end where the next ones begin.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
struct Entry {
    first: u32,
    stamp: u32,
    kind: Kind,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// The letters begin at `begin` among the author's.
    Insert { parent: Option<Id>, side: Side, begin: u32 },
    /// `is_backward` is false as long as it is a single one.
    Delete { target: Id, is_backward: bool },
}

/// The operations of one author. Those that continue the ones before are one entry with them, in whatever
/// pieces they came: equal operations are equal as data.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Log {
    agent: NodeId,
    entries: Vec<Entry>,
    /// The letters typed, those deleted again included.
    letters: Vec<char>,
    /// How many operations there are.
    length: u32,
}

impl Log {
    /// Makes the log of somebody who has done nothing.
    pub(super) fn new(agent: NodeId) -> Self {
        Self { agent, entries: Vec::new(), letters: Vec::new(), length: 0 }
    }

    /// Returns whose log it is.
    pub(super) fn agent(&self) -> NodeId {
        self.agent
    }

    /// Returns how many operations there are, which is the counter of the next.
    pub(super) fn length(&self) -> u32 {
        self.length
    }

    fn id(&self, counter: u32) -> Id {
        Id { agent: self.agent, counter }
    }

    /// Returns the place of the entry with this operation, which there is.
    fn find(&self, counter: u32) -> usize {
        // Mostly it is about what was typed last.
        match self.entries.last() {
            Some(last) if last.first <= counter => self.entries.len() - 1,
            _ => self.entries.partition_point(|entry| entry.first <= counter) - 1,
        }
    }

    /// Returns the first counter after the entry at this place.
    fn end(&self, place: usize) -> u32 {
        self.entries.get(place + 1).map_or(self.length, |next| next.first)
    }

    /// Returns the last letter of those that were typed in a row with this one, from it on.
    pub(super) fn end_of_chain(&self, counter: u32) -> Id {
        self.id(self.end(self.find(counter)) - 1)
    }

    /// Returns the time of an operation.
    pub(super) fn stamp(&self, counter: u32) -> u32 {
        let entry = self.entries[self.find(counter)];
        entry.stamp + (counter - entry.first)
    }

    /// Returns the letters with these names, which were all typed.
    pub(super) fn letters(&self, counter: u32, count: u32) -> &[char] {
        let entry = self.entries[self.find(counter)];
        let Kind::Insert { begin, .. } = entry.kind else { return &[] };
        let begin = begin + (counter - entry.first);
        &self.letters[begin as usize..(begin + count) as usize]
    }

    /// Adds the next letters. Returns true if they continue the letters before.
    pub(super) fn insert(&mut self, stamp: u32, at: (Option<Id>, Side), text: &str) -> bool {
        let continues = self.entries.last().is_some_and(|last| {
            matches!(last.kind, Kind::Insert { .. })
                && last.stamp + (self.length - last.first) == stamp
                && at == (Some(self.id(self.length - 1)), Side::Right)
        });
        let begin = self.letters.len();
        if !continues {
            let (parent, side) = at;
            let kind =
                Kind::Insert { parent, side, begin: u32::try_from(begin).unwrap_or(u32::MAX) };
            self.entries.push(Entry { first: self.length, stamp, kind });
        }
        self.letters.extend(text.chars());
        self.length += u32::try_from(self.letters.len() - begin).unwrap_or(u32::MAX);
        continues
    }

    /// Adds the next deletions.
    pub(super) fn delete(&mut self, stamp: u32, target: Id, length: u32, is_backward: bool) {
        let given = (length > 1).then_some(is_backward);
        if let Some(last) = self.entries.last_mut()
            && let Kind::Delete { target: first, is_backward: goes_back } = &mut last.kind
        {
            let so_far = self.length - last.first;
            let known = (so_far > 1).then_some(*goes_back);
            let in_a_row = [false, true].into_iter().find(|&back| {
                known.is_none_or(|it| it == back)
                    && given.is_none_or(|it| it == back)
                    && (!back || first.counter >= so_far)
                    && moved(*first, so_far, back) == target
            });
            if let Some(back) = in_a_row
                && last.stamp + so_far == stamp
            {
                *goes_back = back;
                self.length += length;
                return;
            }
        }
        let kind = Kind::Delete { target, is_backward: given.unwrap_or(false) };
        self.entries.push(Entry { first: self.length, stamp, kind });
        self.length += length;
    }

    /// Returns the operations from this one on.
    pub(super) fn since(&self, counter: u32) -> impl Iterator<Item = Operation> {
        let begin = if counter < self.length { self.find(counter) } else { self.entries.len() };
        (begin..self.entries.len()).map(move |place| {
            let entry = self.entries[place];
            let length = self.end(place) - entry.first;
            let edit = match entry.kind {
                Kind::Insert { parent, side, .. } => Edit::Insert {
                    parent,
                    side,
                    text: self.letters(entry.first, length).iter().collect(),
                },
                Kind::Delete { target, is_backward } => {
                    Edit::Delete { target, length, is_backward }
                }
            };
            let operation = Operation { id: self.id(entry.first), stamp: entry.stamp, edit };
            operation.skip(counter.saturating_sub(entry.first))
        })
    }
}
