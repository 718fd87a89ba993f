//! A copy of a text.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use super::children::{Children, Hook};
use super::log::Log;
use super::operation::{Edit, Id, Operation, Side, letters, moved};
use super::rope::{Rope, Run, Slot};
use crate::mechanism::clock::VersionVector;
use crate::sim::NodeId;

/// Where a letter hangs, and how siblings stand.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Right of the letter to its left; the youngest sibling first.
    Rga,
    /// Right of the letter to its left if that has no right child yet, else left of the letter to its
    /// right; siblings by name.
    Fugue,
}

/// A copy of a text that several people write. Two copies are equal if they have the same operations, in
/// effect and waiting.
#[derive(Clone, Debug)]
pub struct Sequence {
    algorithm: Algorithm,
    /// What everybody did, by author.
    logs: Vec<Log>,
    /// The next time on the Lamport clock.
    clock: u32,
    /// Operations whose letters or predecessors are not here yet.
    waiting: BTreeMap<Id, Operation>,
    /// What follows from the operations: which letters hang where, and the text.
    children: Children,
    rope: Rope,
}

impl PartialEq for Sequence {
    fn eq(&self, other: &Self) -> bool {
        (self.algorithm, &self.logs, &self.waiting)
            == (other.algorithm, &other.logs, &other.waiting)
    }
}

impl Eq for Sequence {}

impl Hash for Sequence {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.algorithm, &self.logs, &self.waiting).hash(state);
    }
}

impl Sequence {
    /// Makes an empty text.
    pub fn new(algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            logs: Vec::new(),
            clock: 0,
            waiting: BTreeMap::new(),
            children: Children::default(),
            rope: Rope::new(),
        }
    }

    /// Returns how it orders letters.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns how many letters a reader sees.
    pub fn shown(&self) -> u32 {
        self.rope.shown()
    }

    /// Returns the text that a reader sees.
    pub fn text(&self) -> String {
        let shown = self.runs().filter(|run| !run.is_deleted);
        shown.flat_map(|run| self.letters_of(run)).collect()
    }

    /// Returns the runs of the text in order, tombstones included.
    pub fn runs(&self) -> impl Iterator<Item = Run> {
        self.rope.runs()
    }

    /// Returns the letters of a run.
    pub fn letters_of(&self, run: Run) -> &[char] {
        self.log(run.first.agent).map_or(&[], |log| log.letters(run.first.counter, run.length))
    }

    /// Returns how many letters a reader sees before this one; `None` if the letter is not here.
    pub fn shown_before(&self, id: Id) -> Option<u32> {
        self.rope.shown_before(id)
    }

    /// Returns which operations have taken effect.
    pub fn version(&self) -> VersionVector {
        let mut version = VersionVector::default();
        for log in &self.logs {
            version.advance(log.agent(), log.length().into());
        }
        version
    }

    /// Returns the operations that a copy of this version does not have, oldest first.
    pub fn since(&self, version: &VersionVector) -> Vec<Operation> {
        let news = self.logs.iter().flat_map(|log| {
            log.since(u32::try_from(version.updates(log.agent())).unwrap_or(u32::MAX))
        });
        let mut news: Vec<Operation> = news.collect();
        crate::order::sort_by_key(&mut news, |operation| (operation.stamp, operation.id));
        news
    }

    /// Returns how many operations wait for others.
    pub fn waiting(&self) -> u32 {
        self.waiting.values().map(Operation::length).sum()
    }

    /// Types a text before the letter that a reader sees at `place`, at the end if there is none.
    pub fn insert(&mut self, agent: NodeId, place: u32, text: &str) {
        if text.is_empty() {
            return;
        }
        let at = match place.checked_sub(1) {
            None => (0, 0),
            Some(left) => {
                let left = left.min(self.shown().saturating_sub(1));
                self.rope.find_shown(left).map_or((0, 0), |(slot, offset)| (slot, offset + 1))
            }
        };
        let id = Id { agent, counter: self.length(agent) };
        let hook = self.hook(id, self.clock, self.hang(at));
        // Of what hangs there it comes first, so nothing stands between it and the letter to its left.
        self.record(id, self.clock, hook, at, text);
    }

    /// Deletes the letters that a reader sees from `place` on, as far as there are so many.
    pub fn delete(&mut self, agent: NodeId, place: u32, mut length: u32) {
        while length > 0
            && let Some((slot, offset)) = self.rope.find_shown(place)
        {
            let run = self.rope.run(slot);
            let count = length.min(run.length - offset);
            let target = run.first.later(offset);
            let stamp = self.clock;
            self.log_mut(agent).delete(stamp, target, count, false);
            self.clock += count;
            self.rope.delete(slot, offset, count);
            length -= count;
        }
    }

    /// Takes over operations of another copy. Known ones change nothing; one for which something is
    /// missing waits for it.
    pub fn apply(&mut self, operation: Operation) {
        let mut next = Some(operation);
        while let Some(operation) = next {
            let known = self.length(operation.id.agent).saturating_sub(operation.id.counter);
            if known < operation.length() {
                let operation = operation.skip(known);
                if self.is_ready(&operation) {
                    self.take_effect(operation);
                } else {
                    self.wait(operation);
                }
            }
            next = self.next_ready();
        }
    }

    /// Takes over all that another copy has.
    pub fn merge(&mut self, other: &Self) {
        let waiting = other.waiting.values().cloned();
        for operation in other.since(&self.version()).into_iter().chain(waiting) {
            self.apply(operation);
        }
    }

    fn wait(&mut self, operation: Operation) {
        let longest = self.waiting.get(&operation.id).map_or(0, Operation::length);
        if longest < operation.length() {
            self.waiting.insert(operation.id, operation);
        }
    }

    /// Returns an operation that waits no longer.
    fn next_ready(&mut self) -> Option<Operation> {
        let (&id, _) = self.waiting.iter().find(|(_, it)| self.is_ready(it))?;
        self.waiting.remove(&id)
    }

    /// Returns true if all that an operation needs is here, or the operation itself is.
    fn is_ready(&self, operation: &Operation) -> bool {
        let has = |letter| self.rope.find(letter).is_some();
        operation.id.counter <= self.length(operation.id.agent)
            && match &operation.edit {
                Edit::Insert { parent, .. } => parent.is_none_or(has),
                &Edit::Delete { target, length, is_backward } => {
                    has(target) && has(moved(target, length - 1, is_backward))
                }
            }
    }

    fn take_effect(&mut self, operation: Operation) {
        let Operation { id, stamp, edit } = operation;
        match edit {
            Edit::Insert { parent, side, text } => {
                let hook = self.hook(id, stamp, (parent, side));
                self.record(id, stamp, hook, self.stand(hook), &text);
            }
            Edit::Delete { target, length, is_backward } => {
                self.log_mut(id.agent).delete(stamp, target, length, is_backward);
                self.clock = self.clock.max(stamp + length);
                let lowest = if is_backward { moved(target, length - 1, true) } else { target };
                self.bury(lowest, length);
            }
        }
    }

    /// Deletes letters by name.
    fn bury(&mut self, first: Id, length: u32) {
        let mut gone = 0;
        while gone < length
            && let Some((slot, offset)) = self.rope.find(first.later(gone))
        {
            let count = (length - gone).min(self.rope.run(slot).length - offset);
            self.rope.delete(slot, offset, count);
            gone += count;
        }
    }

    /// Returns where a letter hangs that is typed here, after the first `offset` letters of a run.
    fn hang(&self, (slot, offset): (Slot, u32)) -> (Option<Id>, Side) {
        let run = self.rope.run(slot);
        let left = (slot != 0).then(|| run.first.later(offset - 1));
        if self.algorithm == Algorithm::Rga || !self.has_right_child(left) {
            return (left, Side::Right);
        }
        let right = if offset < run.length {
            run.first.later(offset)
        } else {
            self.rope.run(self.rope.after(slot)).first
        };
        (Some(right), Side::Left)
    }

    fn has_right_child(&self, parent: Option<Id>) -> bool {
        parent.is_some_and(|id| self.end_of_chain(id) != id)
            || self.children.has(parent, Side::Right)
    }

    /// Returns the place of a letter in the tree. Whoever gets a sibling there is listed from now on.
    fn hook(&mut self, id: Id, stamp: u32, (parent, side): (Option<Id>, Side)) -> Hook {
        if let (Some(parent), Side::Right) = (parent, side)
            && self.end_of_chain(parent) != parent
        {
            let child = parent.later(1);
            let stamp = self.log(child.agent).map_or(0, |log| log.stamp(child.counter));
            let rank = self.rank(child, stamp);
            self.children.insert(Hook { parent: Some(parent), side, rank }, child);
        }
        Hook { parent, side, rank: self.rank(id, stamp) }
    }

    /// Returns where a letter of another copy stands: after so many letters of which run.
    fn stand(&self, hook: Hook) -> (Slot, u32) {
        let neighbour = match hook.side {
            Side::Right => self.children.before(hook).map(|sibling| self.last_below(sibling)),
            Side::Left => self.children.after(hook).map(|sibling| self.first_below(sibling)),
        };
        let found = neighbour.or(hook.parent).and_then(|letter| self.rope.find(letter));
        let is_after = u32::from(hook.side == Side::Right);
        found.map_or((0, 0), |(slot, offset)| (slot, offset + is_after))
    }

    /// Returns the last letter of those that hang below this one, or it.
    fn last_below(&self, mut top: Id) -> Id {
        loop {
            let last = self.end_of_chain(top);
            match self.children.way_off(top, last) {
                Some(child) => top = child,
                None => return last,
            }
        }
    }

    /// Returns the first letter of those that hang below this one, or it.
    fn first_below(&self, mut top: Id) -> Id {
        while let Some(child) = self.children.first_left(top) {
            top = child;
        }
        top
    }

    /// Returns the place of a letter among its siblings.
    fn rank(&self, id: Id, stamp: u32) -> u64 {
        let agent = u64::from(id.agent.0);
        match self.algorithm {
            Algorithm::Rga => !(u64::from(stamp) << 16 | agent),
            Algorithm::Fugue => agent << 32 | u64::from(id.counter),
        }
    }

    /// Writes letters typed in a row into the log, the tree and the text.
    fn record(&mut self, id: Id, stamp: u32, hook: Hook, at: (Slot, u32), text: &str) {
        let Hook { parent, side, .. } = hook;
        let continues = self.log_mut(id.agent).insert(stamp, (parent, side), text);
        if !continues || self.children.has(parent, side) {
            self.children.insert(hook, id);
        }
        let length = letters(text);
        self.clock = self.clock.max(stamp + length);
        self.rope.insert(at, Run { first: id, length, is_deleted: false });
    }

    /// Returns the last letter of those typed in a row with this one, from it on.
    fn end_of_chain(&self, id: Id) -> Id {
        self.log(id.agent).map_or(id, |log| log.end_of_chain(id.counter))
    }

    fn length(&self, agent: NodeId) -> u32 {
        self.log(agent).map_or(0, Log::length)
    }

    fn log(&self, agent: NodeId) -> Option<&Log> {
        let place = self.logs.binary_search_by_key(&agent, Log::agent).ok()?;
        self.logs.get(place)
    }

    fn log_mut(&mut self, agent: NodeId) -> &mut Log {
        let place = self.logs.binary_search_by_key(&agent, Log::agent).unwrap_or_else(|place| {
            self.logs.insert(place, Log::new(agent));
            place
        });
        &mut self.logs[place]
    }
}
