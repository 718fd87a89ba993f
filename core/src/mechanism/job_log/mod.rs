//! Jobs whose states are records in a log: queued, in progress, completed.
//!
//! Nobody has a job because a process remembers so, but because the log says so. A scheduler writes
//! that a job is in progress, by whom and for how long, and hands it out when that is durable; it writes that a
//! job is completed when it hears so. After a crash it reads the log: what was queued still waits, what was
//! in progress is somebody's until its lease is over, what was completed is done.
//!
//! # What it keeps
//!
//! - Each time a job is given out is an [attempt](Job::attempt) with a number of its own, which is in the log
//!   before anybody hears it. So no number is given out twice, whatever a crash undoes, and whoever
//!   compares numbers (see [`crate::mechanism::fencing`]) knows the last attempt from those before.
//! - A lease is written down as a duration. An instant would be one of a clock that starts anew with the
//!   process, or that somebody sets.
//! - A COMPLETED that a crash has torn was never written: the job is in progress, and will be given out again.
//!   That its effect comes once is for whoever has the effect to see to.
//!
//! Bernstein, Hsu & Mann, "Implementing Recoverable Requests Using Queues" (SIGMOD 1990); that a task whose worker
//! failed is given out again: Dean & Ghemawat, "`MapReduce`" (OSDI 2004), section 3.3. Leases are those of Gray & Cheriton
//! (SOSP 1989), section 2.
//!
//! # Left out
//!
//! Renewal of a lease; jobs that fail, with retries that back off; priorities; a log that is cut.

mod change;
mod jobs;
#[cfg(test)]
mod tests;

pub use change::{Change, JobId};
pub use jobs::{Done, Job, Jobs, REMEMBERED};
