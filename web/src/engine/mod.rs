//! The engine: owns the run and answers the page.
//!
//! [`Session`] is plain Rust, tested natively; the binary `engine` gives it a worker's messages, and
//! [`Letter`] is what that worker posts. **The state shown is a function of setup, actions and
//! position.** What else is kept between commands (undo, lanes, a search, a run to compare with, what
//! clients said) is made from these and forgotten when they change.

mod begin;
mod changes;
mod compare;
mod difference;
mod disk;
mod disk_files;
mod disk_inbox;
mod disk_trials;
mod edits;
mod figures;
mod guards;
mod hearing;
mod history;
mod hunter;
mod lab;
mod lanes;
mod letter;
mod lookout;
mod pricing;
mod query;
mod report;
mod requests;
mod search;
mod session;
mod since;
mod spacetime;
mod typing;
mod without;
mod work;

pub use disk::run_disk;
pub use hunter::{Voice, carry_out};
pub use letter::Letter;
pub use session::Session;
pub use work::last_good_us;
