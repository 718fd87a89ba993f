//! The time on screen.

use std::cell::Cell;
use std::rc::Rc;

/// The time on screen, in virtual microseconds with a fraction, shared by whoever moves it and
/// whoever draws it.
///
/// It is a cell and not a property: a screen that moves sixty times a second reads it from its
/// drawing loop, and nothing is rendered anew because time went by.
#[derive(Clone, Debug, Default)]
pub struct DisplayClock(Rc<Cell<f64>>);

impl DisplayClock {
    /// Returns the time on screen.
    pub fn now_us(&self) -> f64 {
        self.0.get()
    }

    /// Sets the time on screen.
    pub fn set_us(&self, now_us: f64) {
        self.0.set(now_us);
    }
}

impl PartialEq for DisplayClock {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}
