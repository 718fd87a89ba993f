//! The lab: one scenario on the stage, and everything that can be done with it.
//!
//! [`LabState`] is all that is on screen. It changes in one place, by what the engine says and by
//! what the viewer wants ([`Intent`]); what an intent asks of engine and player is done by [`Lab`].

mod change;
mod comparing;
mod intent;
mod kept;
mod lab_page;
mod offers;
mod questions;
mod reading;
mod shortcuts;
mod state;
#[cfg(test)]
mod state_tests;
mod study;
mod trace;
mod tracing;
mod wiring;

pub(crate) use comparing::{
    Beside, NO_FILM, NOTHING_TO_COMPARE, go_to, other_preset, step_to_difference,
};
pub(crate) use intent::{BarOf, Dialog, Intent, Sheet, SideTab, Split, StripTab};
pub(crate) use lab_page::Lab;
pub(crate) use offers::{Offer, reason_against};
pub(crate) use reading::{SAFEGUARDS, Telling, Waits};
pub(crate) use state::{Broken, LabState, all_broken, broken_of};
pub(crate) use study::{CommandBar, LessonView, Study, Wish};
pub(crate) use trace::{Trace, TraceIntent};
