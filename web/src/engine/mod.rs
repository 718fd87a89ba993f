//! The engine: owns the run and answers the page.
//!
//! [`Session`] is plain Rust, tested natively; the binary `engine` gives it a worker's messages, and
//! [`Letter`] is what that worker posts. **The state shown is a function of setup, actions and
//! position.** Nothing else is kept between commands but what undo, redo and lanes go back to.

mod begin;
mod changes;
mod compare;
mod difference;
mod edits;
mod figures;
mod hearing;
mod history;
mod lab;
mod lanes;
mod letter;
mod lookout;
mod query;
mod report;
mod search;
mod session;
mod since;
mod spacetime;
mod without;
mod work;

pub use letter::Letter;
pub use session::Session;
pub use work::last_good_us;
