//! "Break it": searching for a run that breaks a promise, making it small, and asking it questions, on as
//! many workers as the machine has room for.
//!
//! [`shards`] shares numbers out, [`plan`] knows what comes after what, both without a browser;
//! [`foreman`] hires the workers and ends them. What is shown of it all is in [`panel`].

mod captions;
mod foreman;
mod futures;
mod graveyard;
mod panel;
mod plan;
mod progress;
mod seeds;
mod shards;

pub(crate) use foreman::Foreman;
pub(crate) use panel::HuntPanel;
pub(crate) use plan::{Hunted, Quarry};
