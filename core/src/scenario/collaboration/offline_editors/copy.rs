//! An editor's copy of the list, in each of the ways to keep it.
//!
//! Letters carry their names in all of them, so that a judge can tell whose a letter is; only a copy of
//! named letters makes use of it.

use crate::mechanism::clock::VersionVector;
use crate::mechanism::crdt::sequence::{Id, Operation, Sequence};
use crate::mechanism::small_map::SmallMap;
use crate::sim::NodeId;

/// A letter and its name.
pub(super) type Letter = (Id, char);

/// A copy of the list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Copy {
    /// The text is saved as a whole; the last save wins.
    Whole(Whole),
    /// Edits say where in the text, as the editor saw it.
    Placed(Placed),
    /// Edits say beside which letter.
    Named(Sequence),
}

/// A text as it was last saved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Whole {
    letters: Vec<Letter>,
    /// When it was saved on the saver's wall clock, and by whom.
    saved: (u64, NodeId),
    /// All edits that went into it or that it replaced.
    heard: VersionVector,
}

/// A text, and the edits that led to it by author.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Placed {
    letters: Vec<Letter>,
    edits: SmallMap<NodeId, Vec<PlacedEdit>>,
}

/// An edit at a place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct PlacedEdit {
    /// Its name, which is that of its first letter.
    id: Id,
    place: u32,
    /// How many letters it deletes.
    deleted: u32,
    /// What it inserts.
    inserted: String,
}

impl PlacedEdit {
    fn length(&self) -> u32 {
        self.deleted + u32::try_from(self.inserted.chars().count()).unwrap_or(0)
    }
}

/// What one copy tells another.
#[derive(Clone, Debug, Hash)]
pub(super) enum News {
    /// A text that was saved.
    Whole(Whole),
    /// Edits by place.
    Placed(Vec<PlacedEdit>),
    /// Edits by name.
    Named(Vec<Operation>),
}

impl News {
    /// Returns how many edits that are, in the copy's own pieces.
    pub(super) fn pieces(&self) -> usize {
        match self {
            Self::Whole(_) => 1,
            Self::Placed(edits) => edits.len(),
            Self::Named(operations) => operations.len(),
        }
    }

    /// Returns how many letters travel.
    pub(super) fn letters(&self) -> u64 {
        match self {
            Self::Whole(whole) => whole.letters.len() as u64,
            Self::Placed(edits) => edits.iter().map(|it| it.inserted.len() as u64).sum(),
            Self::Named(operations) => operations.iter().map(|it| u64::from(it.length())).sum(),
        }
    }
}

fn named(id: Id, text: &str) -> impl Iterator<Item = Letter> {
    text.chars().zip(0..).map(move |(letter, by)| (id.later(by), letter))
}

/// Replaces letters, as far as there are so many.
fn splice(letters: &mut Vec<Letter>, place: u32, deleted: u32, new: impl Iterator<Item = Letter>) {
    let begin = letters.len().min(place as usize);
    let end = letters.len().min(begin + deleted as usize);
    letters.splice(begin..end, new);
}

impl Copy {
    /// Returns the letters that a reader sees, in order.
    pub(super) fn letters(&self) -> Vec<Letter> {
        match self {
            Self::Whole(Whole { letters, .. }) | Self::Placed(Placed { letters, .. }) => {
                letters.clone()
            }
            Self::Named(text) => {
                let shown = text.runs().filter(|run| !run.is_deleted);
                let letters = shown.flat_map(|run| {
                    let letters = text.letters_of(run).iter().zip(0..);
                    letters.map(move |(&letter, by)| (run.first.later(by), letter))
                });
                letters.collect()
            }
        }
    }

    /// Returns how many edits of each editor went into it; a letter counts as one.
    pub(super) fn version(&self) -> VersionVector {
        match self {
            Self::Whole(whole) => whole.heard.clone(),
            Self::Placed(placed) => {
                let mut version = VersionVector::default();
                for (author, edits) in placed.edits.iter() {
                    version.advance(author, edits.iter().map(|it| u64::from(it.length())).sum());
                }
                version
            }
            Self::Named(text) => text.version(),
        }
    }

    /// Replaces letters in the name of `me`, whose wall clock shows `wall_us`.
    pub(super) fn edit(&mut self, me: NodeId, wall_us: u64, place: u32, deleted: u32, text: &str) {
        let counter = u32::try_from(self.version().updates(me)).unwrap_or(u32::MAX);
        let id = Id { agent: me, counter };
        match self {
            Self::Whole(whole) => {
                let inserted = text.chars().count() as u64;
                splice(&mut whole.letters, place, deleted, named(id, text));
                whole.heard.advance(me, u64::from(deleted) + inserted);
                // A clock that is behind does not keep an editor from saving.
                whole.saved = (wall_us.max(whole.saved.0 + 1), me);
            }
            Self::Placed(placed) => {
                placed.apply(PlacedEdit { id, place, deleted, inserted: text.into() });
            }
            Self::Named(sequence) => {
                sequence.delete(me, place, deleted);
                sequence.insert(me, place, text);
            }
        }
    }

    /// Returns what a copy of this version does not have.
    pub(super) fn since(&self, version: &VersionVector) -> News {
        match self {
            Self::Whole(whole) => News::Whole(whole.clone()),
            Self::Placed(placed) => {
                let all = placed.edits.values().flatten();
                let is_new =
                    |it: &&PlacedEdit| u64::from(it.id.counter) >= version.updates(it.id.agent);
                News::Placed(all.filter(is_new).cloned().collect())
            }
            Self::Named(text) => News::Named(text.since(version)),
        }
    }

    /// Takes over what it is told.
    pub(super) fn apply(&mut self, news: News) {
        match (self, news) {
            (Self::Whole(mine), News::Whole(theirs)) => {
                mine.heard.merge(&theirs.heard);
                if mine.saved < theirs.saved {
                    (mine.letters, mine.saved) = (theirs.letters, theirs.saved);
                }
            }
            (Self::Placed(placed), News::Placed(edits)) => {
                for edit in edits {
                    placed.apply(edit);
                }
            }
            (Self::Named(text), News::Named(operations)) => {
                for operation in operations {
                    text.apply(operation);
                }
            }
            (Self::Whole(_) | Self::Placed(_) | Self::Named(_), _) => {}
        }
    }
}

impl Placed {
    /// Applies an edit at its place, wherever that is by now, if it is the author's next.
    fn apply(&mut self, edit: PlacedEdit) {
        let edits = self.edits.get_or_insert(edit.id.agent, Vec::new());
        if edits.iter().map(PlacedEdit::length).sum::<u32>() == edit.id.counter {
            splice(&mut self.letters, edit.place, edit.deleted, named(edit.id, &edit.inserted));
            edits.push(edit);
        }
    }
}
