//! A log that replicas append to without asking each other: entries name what came before them.
//!
//! An [`Entry`] has a name for ever, its [`Dot`]: the replica that took it, and that replica's count. And it
//! carries a version vector (Parker et al. 1983): what its writer had read. So whoever has two entries can
//! tell whether one came before the other or neither did: then they are siblings. Together these two are the
//! dotted version vectors of Preguiça et al. 2010, "Dotted Version Vectors: Logical Clocks for Optimistic
//! Replication": a replica that gave its own vector to an entry would claim that the writer
//! had read what it had not.
//!
//! # What it keeps
//!
//! - [`CausalLog`]: the entries and the [order](CausalLog::lines) in which they are shown. The size of an
//!   entry's past grows along every chain of causes, so sorting by it, and by name where it is equal, is one
//!   order for all that never contradicts what came before (Lamport 1978, "Ordering the Events Totally", with
//!   sizes for clocks).
//! - [`Early`]: entries that came before something of their past wait for it (Birman & Joseph 1987, "Reliable
//!   Communication in the Presence of Failures", causal broadcast). So a vector has no gaps,
//!   and says exactly which entries are there.
//! - What one replica lacks another one finds by comparing vectors:
//!   [`news_beyond`](CausalLog::news_beyond), as in Bayou's anti-entropy (Petersen et al. 1997) and in the
//!   replicated log of Wuu & Bernstein 1984.
//! - A writer that hears no answer asks elsewhere: the same entry is then taken twice. Its writer's own
//!   number ([`Entry::id`]) tells, and it is one [`Line`].
//! - Siblings stay [unsettled](Line::is_unsettled) until an entry follows on both.
//!
//! # Left out
//!
//! Cutting the log: an entry may go when everybody has it and nobody will follow on an older one, which takes
//! knowledge of everybody.

mod early;
mod entry;
mod log;
#[cfg(test)]
mod tests;

pub use early::Early;
pub use entry::{Body, Dot, Entry};
pub use log::{CausalLog, Line, Rules};
