//! The runs of a text in order, tombstones included: a splay tree that counts the letters to be seen.
//!
//! Slot 0 stands for nothing in the tree, and for both ends of the text in the list.

use std::collections::BTreeMap;

use super::operation::Id;
use crate::sim::NodeId;

/// Letters that stand together and whose names follow each other.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// The name of the first.
    pub first: Id,
    /// How many.
    pub length: u32,
    /// Deleted, and kept as a tombstone.
    pub is_deleted: bool,
}

impl Run {
    /// Returns how many letters a reader sees.
    fn shown(self) -> u32 {
        if self.is_deleted { 0 } else { self.length }
    }

    fn is_continued_by(self, next: Self) -> bool {
        self.is_deleted == next.is_deleted && self.first.later(self.length) == next.first
    }
}

/// The place of a run; 0 is none.
pub(super) type Slot = u32;

#[derive(Copy, Clone, Debug)]
struct Node {
    run: Run,
    /// Letters to be seen in this run and below.
    shown: u32,
    parent: Slot,
    /// The roots of what stands before and after.
    children: [Slot; 2],
    before: Slot,
    after: Slot,
}

/// A text as runs.
#[derive(Clone, Debug)]
pub(super) struct Rope {
    nodes: Vec<Node>,
    free: Vec<Slot>,
    root: Slot,
    /// The runs by the names of their first letters.
    by_name: BTreeMap<Id, Slot>,
}

impl Rope {
    /// Makes an empty text.
    pub(super) fn new() -> Self {
        let run =
            Run { first: Id { agent: NodeId::default(), counter: 0 }, length: 0, is_deleted: true };
        let nothing = Node { run, shown: 0, parent: 0, children: [0; 2], before: 0, after: 0 };
        Self { nodes: vec![nothing], free: Vec::new(), root: 0, by_name: BTreeMap::new() }
    }

    fn node(&self, slot: Slot) -> &Node {
        &self.nodes[slot as usize]
    }

    fn node_mut(&mut self, slot: Slot) -> &mut Node {
        &mut self.nodes[slot as usize]
    }

    /// Returns how many letters a reader sees.
    pub(super) fn shown(&self) -> u32 {
        self.node(self.root).shown
    }

    /// Returns the run in this slot.
    pub(super) fn run(&self, slot: Slot) -> Run {
        self.node(slot).run
    }

    /// Returns the slot of the run after this one, of the first after 0; 0 after the last.
    pub(super) fn after(&self, slot: Slot) -> Slot {
        self.node(slot).after
    }

    /// Returns all runs in order.
    pub(super) fn runs(&self) -> impl Iterator<Item = Run> {
        let slots = std::iter::successors(Some(self.after(0)), |&slot| Some(self.after(slot)));
        slots.take_while(|&slot| slot != 0).map(|slot| self.run(slot))
    }

    /// Returns the slot of the run with this letter, and its place in the run.
    pub(super) fn find(&self, id: Id) -> Option<(Slot, u32)> {
        let (first, &slot) = self.by_name.range(..=id).next_back()?;
        let offset = id.counter - first.counter.min(id.counter);
        (first.agent == id.agent && offset < self.run(slot).length).then_some((slot, offset))
    }

    /// Returns the slot of the run with the letter that a reader sees at `place`, and its place in the
    /// run.
    pub(super) fn find_shown(&mut self, mut place: u32) -> Option<(Slot, u32)> {
        let mut slot = self.root;
        while slot != 0 {
            let Node { run, children: [left, right], .. } = *self.node(slot);
            let before = self.node(left).shown;
            if place < before {
                slot = left;
            } else if place - before < run.shown() {
                self.splay(slot);
                return Some((slot, place - before));
            } else {
                place -= before + run.shown();
                slot = right;
            }
        }
        None
    }

    /// Returns how many letters a reader sees before this one.
    pub(super) fn shown_before(&self, id: Id) -> Option<u32> {
        let (mut slot, offset) = self.find(id)?;
        let run = self.run(slot);
        let mut count = self.node(self.node(slot).children[0]).shown + offset.min(run.shown());
        while self.node(slot).parent != 0 {
            let parent = self.node(slot).parent;
            let Node { run, children: [left, right], .. } = *self.node(parent);
            if slot == right {
                count += self.node(left).shown + run.shown();
            }
            slot = parent;
        }
        Some(count)
    }

    /// Puts letters after the first `offset` letters of a run, which is the only run if it is slot 0.
    pub(super) fn insert(&mut self, (slot, offset): (Slot, u32), new: Run) {
        if offset < self.run(slot).length {
            let before = if offset == 0 { self.node(slot).before } else { slot };
            self.split(slot, offset);
            self.put_after(before, new);
        } else {
            self.put_after(slot, new);
        }
    }

    /// Puts letters after a run, as part of it if they continue it.
    fn put_after(&mut self, slot: Slot, new: Run) {
        let run = self.run(slot);
        if slot != 0 && run.is_continued_by(new) {
            self.set(slot, Run { length: run.length + new.length, ..run });
        } else {
            self.link_after(slot, new);
        }
    }

    /// Deletes letters of a run, those deleted before included.
    pub(super) fn delete(&mut self, slot: Slot, offset: u32, count: u32) {
        let run = self.run(slot);
        if run.is_deleted {
            return;
        }
        let slot = self.split(slot, offset);
        self.split(slot, count);
        let run = self.run(slot);
        self.set(slot, Run { is_deleted: true, ..run });
        self.join(slot);
        self.join(self.node(slot).before);
    }

    /// Makes the letters from `offset` on a run of their own, and returns its slot.
    fn split(&mut self, slot: Slot, offset: u32) -> Slot {
        let run = self.run(slot);
        if offset == 0 || offset >= run.length {
            return slot;
        }
        self.set(slot, Run { length: offset, ..run });
        let first = run.first.later(offset);
        self.link_after(slot, Run { first, length: run.length - offset, ..run })
    }

    /// Makes this run and the next one, if they continue each other.
    fn join(&mut self, slot: Slot) {
        let (after, run) = (self.after(slot), self.run(slot));
        let next = self.run(after);
        if slot != 0 && after != 0 && run.is_continued_by(next) {
            self.unlink(after);
            self.set(slot, Run { length: run.length + next.length, ..run });
        }
    }

    /// Changes the length or state of a run.
    fn set(&mut self, slot: Slot, run: Run) {
        self.splay(slot);
        self.node_mut(slot).run = run;
        self.count(slot);
    }

    /// Puts a new run after another, in front of all after 0, and returns its slot.
    fn link_after(&mut self, before: Slot, run: Run) -> Slot {
        let after = self.after(before);
        self.splay(before);
        let rest = if before == 0 {
            self.root
        } else {
            std::mem::take(&mut self.node_mut(before).children[1])
        };
        self.count(before);
        let node = Node { run, shown: 0, parent: 0, children: [before, rest], before, after };
        let slot = if let Some(slot) = self.free.pop() {
            *self.node_mut(slot) = node;
            slot
        } else {
            self.nodes.push(node);
            u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX)
        };
        for neighbour in [before, rest] {
            self.node_mut(neighbour).parent = slot;
        }
        self.node_mut(before).after = slot;
        self.node_mut(after).before = slot;
        self.count(slot);
        self.root = slot;
        self.by_name.insert(run.first, slot);
        slot
    }

    /// Takes a run out.
    fn unlink(&mut self, slot: Slot) {
        self.splay(slot);
        let Node { run, children: [left, right], before, after, .. } = *self.node(slot);
        self.node_mut(before).after = after;
        self.node_mut(after).before = before;
        self.by_name.remove(&run.first);
        self.free.push(slot);
        self.node_mut(left).parent = 0;
        self.node_mut(right).parent = 0;
        self.root = right;
        if left != 0 {
            // The run before is the last on its side, so nothing hangs after it once it is on top.
            self.splay(before);
            self.node_mut(before).children[1] = right;
            self.node_mut(right).parent = before;
            self.count(before);
        }
    }

    /// Counts the letters of a run and below anew. Nothing has none.
    fn count(&mut self, slot: Slot) {
        if slot != 0 {
            let Node { run, children: [left, right], .. } = *self.node(slot);
            self.node_mut(slot).shown =
                self.node(left).shown + run.shown() + self.node(right).shown;
        }
    }

    /// Brings a run to the top.
    fn splay(&mut self, slot: Slot) {
        if slot == 0 {
            return;
        }
        while self.node(slot).parent != 0 {
            let parent = self.node(slot).parent;
            if self.node(parent).parent != 0 {
                let is_straight = self.side(slot) == self.side(parent);
                self.lift(if is_straight { parent } else { slot });
            }
            self.lift(slot);
        }
        self.count(slot);
        self.root = slot;
    }

    /// Returns on which side of its parent a run hangs.
    fn side(&self, slot: Slot) -> usize {
        usize::from(self.node(self.node(slot).parent).children[1] == slot)
    }

    /// Changes places with the parent, whose letters are counted anew; the run's own are not.
    fn lift(&mut self, slot: Slot) {
        let side = self.side(slot);
        let parent = self.node(slot).parent;
        let above = self.node(parent).parent;
        if above != 0 {
            let side_above = self.side(parent);
            self.node_mut(above).children[side_above] = slot;
        }
        let inner = self.node(slot).children[1 - side];
        self.node_mut(parent).children[side] = inner;
        self.node_mut(inner).parent = parent;
        self.node_mut(slot).children[1 - side] = parent;
        self.node_mut(parent).parent = slot;
        self.node_mut(slot).parent = above;
        self.count(parent);
    }
}
