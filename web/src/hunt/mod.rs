//! "Break it": searching for a run that breaks a promise, making it small, and asking it questions, on as
//! many workers as the machine has room for.
//!
//! [`shards`] shares numbers out, [`plan`] knows what comes after what, both without a browser;
//! [`foreman`] hires the workers and ends them, and writes on the [`board`] what there is to show; all that
//! is shown of it is in [`panel`].

mod before;
mod board;
mod captions;
mod foreman;
mod futures;
mod graveyard;
mod hunted;
mod panel;
mod plan;
mod progress;
mod seeds;
mod shards;

pub(crate) use board::Board;
pub(crate) use foreman::Foreman;
pub(crate) use hunted::Quarry;
pub(crate) use panel::HuntPanel;
