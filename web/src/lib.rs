//! Faultline's page and its engine worker. Two binaries, one wire; neither names a mechanism.

pub mod answers;
pub mod app;
pub mod bets;
pub mod client;
mod contrast;
mod disk;
pub mod engine;
mod epoch;
pub mod fetch;
mod figures;
pub mod format;
mod hunt;
pub mod keys;
mod pages;
mod panels;
pub mod player;
pub mod preferences;
pub mod route;
pub mod selection;
pub mod shared;
pub mod spacetime;
pub mod stage;
pub mod widgets;
pub mod wire;

/// Which build this is. Page and engine compare theirs: the two must come from one build.
pub const BUILD: &str = match option_env!("FAULTLINE_BUILD") {
    Some(build) => build,
    None => env!("CARGO_PKG_VERSION"),
};
