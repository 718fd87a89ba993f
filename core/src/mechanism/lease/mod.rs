//! Leases: the right to hold a lock for a while, so that a dead holder does not hold it for ever.
//!
//! Gray & Cheriton 1989, "Leases: An Efficient Fault-Tolerant Mechanism for Distributed File Cache
//! Consistency". Three parties count on one: the granter, which must not forget it ([`LockFile`]), the
//! holder, which must stop before the granter believes that it has (§2: clock error, [`Lease`]), and
//! whatever is protected, which cannot rely on either
//! ([`super::fencing`]). A [`LeaseElection`] has a group of servers grant the right to lead it.
//!
//! Left out: leases on many locks in one file, and cutting a file that has grown long.

mod election;
mod lock_file;
mod message;
mod picture;
mod record;
mod term;

pub use election::{Config, LeaseElection, Sends};
pub use lock_file::LockFile;
pub use message::Message;
pub use record::{Expiry, Record};
pub use term::{Lease, Until};
