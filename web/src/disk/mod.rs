//! A row's storage engine on files that this browser keeps: killed, recovered, looked into.
//!
//! It has nothing to do with the run that is open beside it, and never changes that one.

mod bytes;
mod desk;
mod panel;
mod room;
mod state;
mod view;
mod words;

pub(crate) use panel::DiskPanel;
