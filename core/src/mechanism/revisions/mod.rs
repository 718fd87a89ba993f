//! Keys with one revision for all of them: the state machine of a configuration store, and the cache
//! of those who watch it.
//!
//! Every transaction that changes something makes the next **revision**, one number for the whole
//! store. A key knows the revisions that created and last changed it, and of which it is the
//! how-manieth version; earlier versions are kept until they are compacted away. On that stand:
//!
//! - **Transactions** compare, and then do one thing or the other, all in one revision
//!   ([`Transaction`]); with [`Target::Modified`] that is compare-and-swap.
//! - **Leases** carry keys that go when their lease does ([`Command::Grant`]). The log alone decides:
//!   a leader's clock only proposes the end ([`LeaseClock`]), and a renewal that comes before it in the log
//!   prevents it.
//! - **Watches** get every change behind a revision, in order ([`Watch`]); or hear that it has been
//!   compacted away ([`Compacted`]).
//! - An [`Informer`] is the client's half: a list, then a watch from the list's revision on, and a
//!   cache that is a true copy as of its cursor.
//!
//! All is sans-I/O: a host feeds [`Store::carry_out`] from a replicated log, keeps the store in
//! snapshots (it is serialised as it is), and carries lists and batches between [`Store`] and
//! [`Informer`].
//!
//! etcd: "KV API guarantees", "Data model", "etcd API" (revisions, transactions, watch, lease), v3.5.
//! Hunt et al. 2010, "`ZooKeeper`: Wait-free coordination for Internet-scale systems", §2.1–2.3 (versions,
//! watches, ephemeral nodes). Burrows 2006, "The Chubby lock service", §2.5 and §2.7–2.9 (events, caching,
//! sessions, fail-overs). Ongaro & Ousterhout 2014, §8 (a retry is made once).
//!
//! Left out: keys as bytes with ranges and prefixes (keys and values are numbers, and a watch is of all
//! keys), users and rights, filters of watches.

mod informer;
mod lease;
mod store;
#[cfg(test)]
mod tests;
mod transaction;
mod watch;

pub use informer::{Heard, Informer, Rules};
pub use lease::LeaseClock;
pub use store::{Compacted, Lease, Store};
pub use transaction::{
    Command, Compare, Event, Item, Key, LeaseId, Operation, Outcome, Refusal, Relation, Request,
    Revision, Target, Transaction,
};
pub use watch::{Batch, Watch};
