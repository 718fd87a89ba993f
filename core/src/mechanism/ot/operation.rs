//! What is done to a text, and what that comes to after something else was done.

use serde::{Deserialize, Serialize};

use crate::sim::Splice;

/// An operation that [weighs](Operation::weight) no more than this fits into a record of a log, whatever it is
/// moved over.
pub const LARGEST: u32 = 432;
/// What a piece of an operation takes at most, with the stretch before it: two kinds and two lengths.
const PIECE_BYTES: u32 = 12;

/// A piece of an operation, along the text that it is made on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Component {
    /// So many letters stay.
    Retain(u32),
    /// These letters come in here.
    Insert(String),
    /// So many letters go.
    Delete(u32),
}

/// What is done to a text, from its beginning to its end; behind the last piece all stays. What is inserted
/// where something is deleted stands first, so that operations that do the same are equal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Operation(Vec<Component>);

fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// Returns the byte before which so many letters stand.
fn byte_of(text: &str, letters: u32) -> usize {
    // Mostly letters are bytes, and then none need be counted.
    let begin = text.as_bytes().get(..letters as usize);
    if begin.is_some_and(<[u8]>::is_ascii) {
        return letters as usize;
    }
    text.char_indices().nth(letters as usize).map_or(text.len(), |(byte, _)| byte)
}

/// What comes next of an operation.
#[derive(Copy, Clone)]
enum Next<'a> {
    Retain(u32),
    Insert(&'a str),
    Delete(u32),
}

/// An operation on the way along its text.
struct Walk<'a> {
    components: &'a [Component],
    /// How many letters of the first component are done.
    done: u32,
}

impl<'a> Walk<'a> {
    fn of(operation: &'a Operation) -> Self {
        Self { components: &operation.0, done: 0 }
    }

    fn is_over(&self) -> bool {
        self.components.is_empty()
    }

    /// Returns what comes next: behind the last piece all stays.
    fn next(&self) -> Next<'a> {
        match self.components.first() {
            None => Next::Retain(u32::MAX),
            Some(Component::Retain(letters)) => Next::Retain(letters - self.done),
            Some(Component::Insert(text)) => Next::Insert(&text[byte_of(text, self.done)..]),
            Some(Component::Delete(letters)) => Next::Delete(letters - self.done),
        }
    }

    /// Goes on by so many letters, at most to the end of the component.
    fn skip(&mut self, letters: u32) {
        let Some((first, rest)) = self.components.split_first() else { return };
        let length = match first {
            Component::Retain(length) | Component::Delete(length) => *length,
            Component::Insert(text) => count(text),
        };
        self.done += letters;
        if self.done >= length {
            (self.components, self.done) = (rest, 0);
        }
    }
}

impl Operation {
    /// Returns the operation that makes an edit.
    pub fn of(edit: &Splice) -> Self {
        let mut operation = Self::default();
        operation.retain(edit.at);
        operation.insert(&edit.inserted);
        operation.delete(edit.deleted);
        operation.ended()
    }

    /// Returns its pieces, in order.
    pub fn components(&self) -> &[Component] {
        &self.0
    }

    /// Returns true if it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn retain(&mut self, letters: u32) {
        match self.0.last_mut() {
            Some(Component::Retain(before)) => *before = before.saturating_add(letters),
            _ if letters == 0 => {}
            _ => self.0.push(Component::Retain(letters)),
        }
    }

    fn insert(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let deleted = self.0.pop_if(|it| matches!(it, Component::Delete(_)));
        match self.0.last_mut() {
            Some(Component::Insert(before)) => before.push_str(text),
            _ => self.0.push(Component::Insert(text.to_owned())),
        }
        self.0.extend(deleted);
    }

    fn delete(&mut self, letters: u32) {
        match self.0.last_mut() {
            Some(Component::Delete(before)) => *before = before.saturating_add(letters),
            _ if letters == 0 => {}
            _ => self.0.push(Component::Delete(letters)),
        }
    }

    /// Drops what says nothing.
    fn ended(mut self) -> Self {
        self.0.pop_if(|it| matches!(it, Component::Retain(_)));
        self
    }

    /// Returns the text after it. Whatever lies beyond the text is its end: every operation is one of every text.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let mut after = String::with_capacity(text.len());
        let mut rest = text;
        for component in &self.0 {
            match component {
                Component::Retain(letters) => {
                    let (kept, behind) = rest.split_at(byte_of(rest, *letters));
                    after.push_str(kept);
                    rest = behind;
                }
                Component::Insert(inserted) => after.push_str(inserted),
                Component::Delete(letters) => rest = &rest[byte_of(rest, *letters)..],
            }
        }
        after.push_str(rest);
        after
    }

    /// Makes it on a text whose letters are more than that: what it inserts is what `new` makes of each letter.
    pub fn apply_to<T>(&self, letters: &mut Vec<T>, new: impl Fn(char) -> T) {
        let mut at = 0;
        for component in &self.0 {
            match component {
                Component::Retain(count) => at = letters.len().min(at + *count as usize),
                Component::Insert(text) => {
                    letters.splice(at..at, text.chars().map(&new));
                    at += text.chars().count();
                }
                Component::Delete(count) => {
                    letters.drain(at..letters.len().min(at + *count as usize));
                }
            }
        }
    }

    /// Returns what it and then `other` do, as one operation.
    #[must_use]
    pub fn then(&self, other: &Self) -> Self {
        let (mut first, mut second) = (Walk::of(self), Walk::of(other));
        let mut both = Self::default();
        while !(first.is_over() && second.is_over()) {
            match (first.next(), second.next()) {
                (_, Next::Insert(text)) => {
                    both.insert(text);
                    second.skip(count(text));
                }
                (Next::Delete(letters), _) => {
                    both.delete(letters);
                    first.skip(letters);
                }
                (Next::Retain(kept), Next::Retain(letters) | Next::Delete(letters)) => {
                    let letters = kept.min(letters);
                    match second.next() {
                        Next::Delete(_) => both.delete(letters),
                        Next::Retain(_) | Next::Insert(_) => both.retain(letters),
                    }
                    first.skip(letters);
                    second.skip(letters);
                }
                (Next::Insert(text), Next::Retain(letters) | Next::Delete(letters)) => {
                    let letters = count(text).min(letters);
                    if matches!(second.next(), Next::Retain(_)) {
                        both.insert(&text[..byte_of(text, letters)]);
                    }
                    first.skip(letters);
                    second.skip(letters);
                }
            }
        }
        both.ended()
    }

    /// Returns what it comes to on the text after `other`, both made on the same text. What both insert at one
    /// place stands in order: this one's before the other's if `is_first`.
    #[must_use]
    pub fn over(&self, other: &Self, is_first: bool) -> Self {
        let (mut mine, mut theirs) = (Walk::of(self), Walk::of(other));
        let mut moved = Self::default();
        while !mine.is_over() {
            match (mine.next(), theirs.next()) {
                (Next::Insert(text), next) if is_first || !matches!(next, Next::Insert(_)) => {
                    moved.insert(text);
                    mine.skip(count(text));
                }
                (_, Next::Insert(text)) => {
                    moved.retain(count(text));
                    theirs.skip(count(text));
                }
                (Next::Insert(_), Next::Retain(_) | Next::Delete(_)) => {}
                (
                    Next::Retain(letters) | Next::Delete(letters),
                    Next::Retain(others) | Next::Delete(others),
                ) => {
                    let letters = letters.min(others);
                    match (mine.next(), theirs.next()) {
                        // What the other has deleted is gone.
                        (_, Next::Delete(_)) => {}
                        (Next::Delete(_), _) => moved.delete(letters),
                        (Next::Retain(_) | Next::Insert(_), _) => moved.retain(letters),
                    }
                    mine.skip(letters);
                    theirs.skip(letters);
                }
            }
        }
        moved.ended()
    }

    /// Returns where a place of the text is after it; what is inserted there comes behind the place.
    pub fn moved(&self, place: u32) -> u32 {
        let (mut before, mut after) = (0_u32, 0_u32);
        for component in &self.0 {
            if before >= place {
                break;
            }
            match component {
                Component::Retain(letters) => {
                    let letters = (*letters).min(place - before);
                    before += letters;
                    after = after.saturating_add(letters);
                }
                Component::Insert(text) => after = after.saturating_add(count(text)),
                Component::Delete(letters) => before += (*letters).min(place - before),
            }
        }
        after.saturating_add(place - before)
    }

    /// Returns the bytes that it inserts.
    pub fn inserted_bytes(&self) -> u32 {
        let bytes = self.0.iter().map(|it| match it {
            Component::Insert(text) => u32::try_from(text.len()).unwrap_or(u32::MAX),
            Component::Retain(_) | Component::Delete(_) => 0,
        });
        bytes.fold(0, u32::saturating_add)
    }

    /// Returns how many bytes it takes at most, whatever it is moved over: an insertion stays one piece, and a
    /// deletion comes apart into as many as it has letters.
    pub fn weight(&self) -> u32 {
        let pieces = self.0.iter().map(|it| match it {
            Component::Retain(_) => 0,
            Component::Insert(_) => 1,
            Component::Delete(letters) => *letters,
        });
        let pieces = pieces.fold(0, u32::saturating_add);
        pieces.saturating_mul(PIECE_BYTES).saturating_add(self.inserted_bytes())
    }
}

/// Takes two operations made on the same text round the diamond: returns what each comes to after the other.
pub fn moved_over_each_other(
    one: &Operation,
    other: &Operation,
    one_is_first: bool,
) -> (Operation, Operation) {
    (one.over(other, one_is_first), other.over(one, !one_is_first))
}
