//! Where what has come of a search stands, for whoever looks at it.
//!
//! It is no part of the lab's state: with that, the whole page would be drawn anew at each word of a
//! worker, while one panel shows it.

use std::cell::{Ref, RefCell};
use std::rc::Rc;

use yew::prelude::*;

use super::hunted::Hunted;
use crate::shared::Shared;

/// What has come of a search. Copies are the same board.
#[derive(Clone, Default)]
pub(crate) struct Board(Rc<Face>);

#[derive(Default)]
struct Face {
    hunted: RefCell<Shared<Hunted>>,
    /// The panel that shows it, if it is on the screen.
    watcher: RefCell<Option<Callback<Shared<Hunted>>>>,
}

impl PartialEq for Board {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Board {
    /// Puts up what has come of it by now.
    pub(super) fn show(&self, hunted: Shared<Hunted>) {
        self.0.hunted.replace(hunted.clone());
        let watcher = self.0.watcher.borrow().clone();
        if let Some(watcher) = watcher {
            watcher.emit(hunted);
        }
    }

    /// Returns true while something is searched for.
    pub(crate) fn is_busy(&self) -> bool {
        self.hunted().task.is_some()
    }

    fn hunted(&self) -> Ref<'_, Shared<Hunted>> {
        self.0.hunted.borrow()
    }
}

/// Returns what stands on a board; the component is drawn anew when that changes.
#[hook]
pub(super) fn use_hunted(board: &Board) -> Shared<Hunted> {
    let shown = use_state_eq(|| board.hunted().clone());
    {
        let shown = shown.setter();
        use_effect_with(board.clone(), move |board| {
            shown.set(board.hunted().clone());
            let watcher = Callback::from(move |hunted| shown.set(hunted));
            board.0.watcher.replace(Some(watcher));
            let board = board.clone();
            move || drop(board.0.watcher.take())
        });
    }
    (*shown).clone()
}
