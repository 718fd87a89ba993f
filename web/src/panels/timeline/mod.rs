//! The timeline: where the run is, what was done and happened when, and the futures left behind.
//!
//! What can be worked out without a browser is in [`stretch`], [`handles`], [`marks`] and [`form`],
//! and tested there.

mod editor;
mod forks;
mod form;
mod handles;
mod marks;
mod stretch;
mod ticks;
mod track;
mod until;

pub(crate) use editor::{FaultEditor, effect};
pub(crate) use forks::{ForksProps, fork_list, forks};
pub(crate) use form::Words;
pub(crate) use marks::{drawn_note, mark_name};
pub(crate) use stretch::{Extent, Zoom};
pub(crate) use track::Track;
pub(crate) use until::{RunUntilProps, run_until};
