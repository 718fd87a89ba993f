//! Copies that are made alike in the background: what a read's answers differ in, and when it may be
//! forgotten that something was deleted.
//!
//! `DeCandia` et al. 2007, “Dynamo”, section 4.9 (read repair); Demers et al. 1987, “Epidemic Algorithms for
//! Replicated Database Maintenance”, section 2 (death certificates, and how long to keep them); Apache Cassandra's
//! documentation on read repair, digests and tombstones. Versions and quorums are those of
//! [`crate::mechanism::quorum`]; trees of hashes are in [`crate::mechanism::partition`].
//!
//! Left out: dormant death certificates, which a few nodes keep for longer.

mod comparison;
mod graves;

pub use comparison::{Answer, Comparison};
pub use graves::{Collect, Graves};
