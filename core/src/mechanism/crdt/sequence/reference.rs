//! The algorithms as the papers have them, letter by letter and without any structure: what the real
//! thing is compared with.

use std::collections::BTreeSet;

use super::operation::{Edit, Id, Operation, Side, moved};
use super::text::Algorithm;

/// A letter as it was inserted.
#[derive(Copy, Clone, Debug)]
struct Letter {
    id: Id,
    stamp: u32,
    parent: Option<Id>,
    side: Side,
    shown: char,
}

/// All letters and deletions, in any order.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    algorithm: Algorithm,
    letters: Vec<Letter>,
    deleted: BTreeSet<Id>,
}

impl Reference {
    pub(super) fn of(algorithm: Algorithm, operations: &[Operation]) -> Self {
        let mut all = Self { algorithm, letters: Vec::new(), deleted: BTreeSet::new() };
        for Operation { id, stamp, edit } in operations {
            match edit {
                Edit::Insert { parent, side, text } => {
                    let mut at = (*parent, *side);
                    for (shown, by) in text.chars().zip(0..) {
                        let id = id.later(by);
                        let (parent, side) = at;
                        all.letters.push(Letter { id, stamp: stamp + by, parent, side, shown });
                        at = (Some(id), Side::Right);
                    }
                }
                &Edit::Delete { target, length, is_backward } => {
                    all.deleted.extend((0..length).map(|by| moved(target, by, is_backward)));
                }
            }
        }
        all
    }

    /// Returns the letters in order, tombstones included.
    fn order(&self) -> Vec<Letter> {
        let mut order = Vec::new();
        match self.algorithm {
            Algorithm::Fugue => self.traverse(None, &mut order),
            Algorithm::Rga => {
                // Roh et al. 2011: past all letters that are younger. Who names a letter as
                // its parent is younger than it.
                let mut letters = self.letters.clone();
                letters.sort_by_key(|it| (it.stamp, it.id.agent));
                for letter in letters {
                    let parent = order.iter().position(|it: &Letter| Some(it.id) == letter.parent);
                    let mut at = parent.map_or(0, |parent| parent + 1);
                    let age = |it: &Letter| (it.stamp, it.id.agent);
                    while order.get(at).is_some_and(|it| age(it) > age(&letter)) {
                        at += 1;
                    }
                    order.insert(at, letter);
                }
            }
        }
        order
    }

    /// Weidner & Kleppmann 2023, algorithm 1: left children, the letter itself, right children.
    fn traverse(&self, parent: Option<Id>, order: &mut Vec<Letter>) {
        let mut children: Vec<&Letter> =
            self.letters.iter().filter(|it| it.parent == parent).collect();
        children.sort_by_key(|it| it.id);
        for child in children.iter().filter(|it| it.side == Side::Left) {
            self.traverse(Some(child.id), order);
        }
        order.extend(self.letters.iter().find(|it| Some(it.id) == parent));
        for child in children.iter().filter(|it| it.side == Side::Right) {
            self.traverse(Some(child.id), order);
        }
    }

    pub(super) fn text(&self) -> String {
        let order = self.order().into_iter();
        order.filter(|it| !self.deleted.contains(&it.id)).map(|it| it.shown).collect()
    }

    /// Returns where a letter hangs that is typed before the one that a reader sees at `place`.
    pub(super) fn place(&self, place: usize) -> (Option<Id>, Side) {
        let order = self.order();
        let mut shown = order.iter().enumerate().filter(|(_, it)| !self.deleted.contains(&it.id));
        let left = place.checked_sub(1).and_then(|before| shown.nth(before));
        let parent = left.map(|(_, it)| it.id);
        let has_right_child =
            self.letters.iter().any(|it| (it.parent, it.side) == (parent, Side::Right));
        if self.algorithm == Algorithm::Rga || !has_right_child {
            return (parent, Side::Right);
        }
        let next = left.map_or(0, |(at, _)| at + 1);
        (Some(order[next].id), Side::Left)
    }
}
