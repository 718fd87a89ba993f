//! A client: what its person sees at once, and what the server has not confirmed.

use std::collections::VecDeque;

use super::entry::{Entry, Name, comes_first};
use super::operation::{LARGEST, Operation, moved_over_each_other};
use crate::sim::{NodeId, Splice};

/// What a client keeps to. A naive one lacks some.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// Safeguard: the next operation is sent when the one before is confirmed.
    pub one_in_flight: bool,
    /// Safeguard: what is heard and what waits are moved over each other, both sides of each diamond. Off:
    /// what is heard is moved over the last that waits, and what waits stays as it was.
    pub both_sides: bool,
    /// Safeguard: operations are taken in the order of the server's history, each once. Off: as they come.
    pub in_order: bool,
}

/// An operation that the server has not confirmed, as it is on the text of the client's revision after those
/// before it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pending {
    /// Its name.
    pub name: Name,
    /// What it does.
    pub operation: Operation,
    /// It is on its way to the server, and no more is put into it.
    pub is_sent: bool,
}

/// What has come of an operation that was heard.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was known.
    Known,
    /// One before it is missing.
    Gap,
    /// It is the client's own, and so confirmed.
    Own,
    /// It took effect, after so many transformations.
    Theirs {
        /// How many operations were moved over one other.
        moves: u32,
    },
}

/// So many letters at once make an operation that fits a record, and so many deleted ones.
const PIECE: (usize, u32) = (100, 30);

/// Takes an edit apart if it is too large for one record: what is deleted goes first.
fn pieces(edit: Splice) -> Vec<Splice> {
    if edit.is_empty() {
        return Vec::new();
    }
    if Operation::of(&edit).weight() <= LARGEST {
        return vec![edit];
    }
    let Splice { mut at, mut deleted, inserted } = edit;
    let mut pieces = Vec::new();
    while deleted > 0 {
        let now = deleted.min(PIECE.1);
        pieces.push(Splice { at, deleted: now, inserted: String::new() });
        deleted -= now;
    }
    let letters: Vec<char> = inserted.chars().collect();
    for letters in letters.chunks(PIECE.0) {
        pieces.push(Splice { at, deleted: 0, inserted: letters.iter().collect() });
        at += u32::try_from(letters.len()).unwrap_or(u32::MAX);
    }
    pieces
}

/// A client of a document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    site: NodeId,
    session: u32,
    rules: Rules,
    next_number: u32,
    revision: u32,
    text: String,
    /// Oldest first. By the rules at most the first is on its way.
    pending: VecDeque<Pending>,
}

impl Client {
    /// Begins with the text of a revision.
    pub fn open((site, session): (NodeId, u32), rules: Rules, revision: u32, text: String) -> Self {
        let pending = VecDeque::new();
        Self { site, session, rules, next_number: 0, revision, text, pending }
    }

    /// Returns the text as the person sees it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns how many operations of the server's history it has taken.
    pub fn revision(&self) -> u32 {
        self.revision
    }

    /// Returns what the server has not confirmed, oldest first.
    pub fn pending(&self) -> impl ExactSizeIterator<Item = &Pending> {
        self.pending.iter()
    }

    /// Makes an edit; returns in which pieces, each with the name of the operation that it is part of.
    pub fn edit(&mut self, edit: Splice) -> Vec<(Name, Splice)> {
        let length = u32::try_from(self.text.chars().count()).unwrap_or(u32::MAX);
        let pieces = pieces(edit.within(length)).into_iter();
        pieces.map(|piece| (self.make(&piece), piece)).collect()
    }

    /// Makes an edit that fits a record. What waits in the buffer and this become one operation, as far as that
    /// is not too large.
    fn make(&mut self, edit: &Splice) -> Name {
        let operation = Operation::of(edit);
        self.text = operation.apply(&self.text);
        if let Some(buffer) = self.pending.back_mut().filter(|it| !it.is_sent) {
            let both = buffer.operation.then(&operation);
            if both.weight() <= LARGEST {
                buffer.operation = both;
                return buffer.name;
            }
        }
        let name = Name { site: self.site, session: self.session, number: self.next_number };
        self.next_number += 1;
        self.pending.push_back(Pending { name, operation, is_sent: false });
        name
    }

    /// Returns what is to be sent now, all made on the text of [`revision`](Self::revision): the buffer, when
    /// nothing is on its way any more.
    pub fn send(&mut self) -> Vec<Pending> {
        let may_be_sent = if self.rules.one_in_flight { 1 } else { self.pending.len() };
        let mut news = Vec::new();
        for it in self.pending.iter_mut().take(may_be_sent).filter(|it| !it.is_sent) {
            it.is_sent = true;
            news.push(it.clone());
        }
        news
    }

    /// Returns what is on its way, to be sent again: it may be lost.
    pub fn send_again(&self) -> impl Iterator<Item = &Pending> {
        self.pending.iter().filter(|it| it.is_sent)
    }

    /// Hears the operation of the server's history that makes revision `at` to the next. A place of the text is
    /// moved with it.
    pub fn take(&mut self, at: u32, entry: &Entry, place: &mut u32) -> Taken {
        if self.rules.in_order && at != self.revision {
            return if at < self.revision { Taken::Known } else { Taken::Gap };
        }
        self.revision = at + 1;
        if self.pending.front().is_some_and(|it| it.is_sent && it.name == entry.name) {
            self.pending.pop_front();
            return Taken::Own;
        }
        let mut theirs = entry.operation.clone();
        let is_first = comes_first(entry.name.site, self.site);
        let mut moves = 0;
        if self.rules.both_sides {
            for mine in &mut self.pending {
                (theirs, mine.operation) =
                    moved_over_each_other(&theirs, &mine.operation, is_first);
                moves += 2;
            }
        } else if let Some(mine) = self.pending.back() {
            theirs = theirs.over(&mine.operation, is_first);
            moves = 1;
        }
        self.text = theirs.apply(&self.text);
        *place = theirs.moved(*place);
        Taken::Theirs { moves }
    }
}
