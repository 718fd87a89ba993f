//! Undo and redo: what the run was made of before each change.

use std::collections::VecDeque;

use faultline_core::scenario::Setup;
use faultline_core::sim::TimedAction;

/// How many changes can be undone.
const DEPTH: usize = 100;

/// All that decides a run, and what its future is called.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Version {
    pub(super) setup: Setup,
    pub(super) actions: Vec<TimedAction>,
    /// What was taken out of it and can be put back, by time. It decides nothing.
    pub(super) muted: Vec<TimedAction>,
    /// How far it is gone through when it comes back. It decides nothing.
    pub(super) far_us: u64,
    /// What this future is called beside others. It decides nothing.
    pub(super) name: String,
}

impl Version {
    /// Returns from when on its run is another than that of `other`; `None` if it never is.
    pub(super) fn parts_from(&self, other: &Self) -> Option<u64> {
        if self.setup != other.setup {
            return Some(0);
        }
        let pairs = self.actions.iter().zip(&other.actions);
        let shared = pairs.take_while(|(one, other)| one == other).count();
        // Where the lists part, the earlier of the two next actions is the first difference.
        let next = [self.actions.get(shared), other.actions.get(shared)];
        next.into_iter().flatten().map(|timed| timed.at_us).min()
    }

    /// Returns true if its run is that of `other`, whatever it is called.
    pub(super) fn is_same_run(&self, other: &Self) -> bool {
        self.parts_from(other).is_none()
    }
}

/// What the run was made of before and after the present version.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    before: VecDeque<Version>,
    /// The latest undone is last.
    undone: Vec<Version>,
}

impl Changes {
    /// Notes that `old` is about to give way to something new. What was undone is gone with that.
    pub(super) fn note(&mut self, old: Version) {
        if self.before.len() == DEPTH {
            self.before.pop_front();
        }
        self.before.push_back(old);
        self.undone.clear();
    }

    /// Gives back the version before `present`.
    pub(super) fn undo(&mut self, present: Version) -> Option<Version> {
        let before = self.before.pop_back()?;
        self.undone.push(present);
        Some(before)
    }

    /// Gives back the version that was undone last.
    pub(super) fn redo(&mut self, present: Version) -> Option<Version> {
        let after = self.undone.pop()?;
        self.before.push_back(present);
        Some(after)
    }

    /// Returns whether there is something to undo, and to redo.
    pub(super) fn available(&self) -> (bool, bool) {
        (!self.before.is_empty(), !self.undone.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use faultline_core::scenario::Preset;

    fn version(seed: u64) -> Version {
        let setup = Setup::of("test-panics", Preset::Naive, seed).unwrap();
        Version { setup, actions: Vec::new(), muted: Vec::new(), far_us: 0, name: String::new() }
    }

    #[test]
    fn what_is_undone_can_be_redone_until_something_new_is_done() {
        let mut changes = Changes::default();
        assert_eq!(changes.undo(version(0)), None);
        changes.note(version(1));
        changes.note(version(2));
        assert_eq!(changes.undo(version(3)), Some(version(2)));
        assert_eq!(changes.undo(version(2)), Some(version(1)));
        assert_eq!(changes.available(), (false, true));
        assert_eq!(changes.redo(version(1)), Some(version(2)));
        changes.note(version(2));
        assert_eq!(changes.available(), (true, false));
    }

    #[test]
    fn futures_part_at_the_first_difference() {
        use faultline_core::sim::{Action, NodeId};
        let at = |at_us, node| TimedAction { at_us, action: Action::Crash(NodeId(node)) };
        let of = |actions: &[TimedAction]| Version { actions: actions.to_vec(), ..version(1) };
        let present = of(&[at(10, 0), at(20, 1)]);
        assert_eq!(of(&[at(10, 0), at(15, 1)]).parts_from(&present), Some(15));
        assert_eq!(of(&[at(10, 0)]).parts_from(&present), Some(20));
        assert_eq!(present.parts_from(&present), None);
        assert_eq!(version(2).parts_from(&present), Some(0));
        assert!(present.is_same_run(&Version { name: "another".into(), ..present.clone() }));
    }

    #[test]
    fn only_so_many_changes_are_kept() {
        let mut changes = Changes::default();
        (0..1_000).for_each(|seed| changes.note(version(seed)));
        assert_eq!(changes.before.len(), DEPTH);
        assert_eq!(changes.undo(version(1_000)), Some(version(999)));
    }
}
