//! Commands that report on scenarios and runs: the catalogue, one run, a campaign of many, pictures;
//! and on histories that were recorded elsewhere.
//!
//! For users as much as for the project: a teacher checks a link, an engineer runs a campaign. Each
//! prints JSON on standard output and nothing else there, and ends with 0 when it did its job,
//! whatever it found.

mod campaign;
mod catalogue;
mod check_history;
mod output;
mod run;
mod shots;
mod source;

pub(crate) use campaign::main as campaign;
pub(crate) use catalogue::{for_page as catalogue_for_page, main as catalogue};
pub(crate) use check_history::main as check_history;
pub(crate) use run::main as run;
pub(crate) use shots::main as shots;
