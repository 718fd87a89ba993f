//! Text that several people write through one server: operational transformation.
//!
//! An operation says where in a text: “after the fifth letter”. Whoever has changed the text meanwhile moves the
//! operation over those changes before it takes effect ([`Operation::over`]). Two operations made on the same
//! text are two sides of a diamond; moved over each other they come to the same text both ways round, which is
//! called TP1 (Ressel, Nitsche-Ruhland & Gunzenhäuser 1996, "An integrating, transformation-oriented approach
//! to concurrency control and undo in group editors", section 3). Three operations without a server would need
//! more, TP2: that moving one over two others does not depend on their order. This transformation lacks it, as a
//! test shows, and does not need it: a server puts all operations into one order, so that everybody goes round
//! the same diamonds.
//!
//! - [`Operation`]: what is kept, inserted and deleted along a text; application, composition,
//!   transformation. Ellis & Gibbs 1989, "Concurrency control in groupware systems", section 4, with the
//!   operations along a whole text of Wang, Mah & Lassen 2010, "Google Wave Operational Transformation".
//! - [`Client`]: one operation on its way to the server, and a buffer of what was done since. Nichols, Curtis,
//!   Dixon & Lamping 1995, "High-latency, low-bandwidth windowing in the Jupiter collaboration system",
//!   section 4; with one on its way the server needs one history instead of one a client, as in Wave.
//! - [`Store`]: the server's history, a [log](crate::mechanism::wal) on its disk, and a snapshot of the text that
//!   says at which revision it was taken.
//!
//! What two people insert at one place stands in the order of their names: [`comes_first`].
//!
//! Left out: dropping old operations, which needs a bound on how far behind a client may be; undo; attributes of
//! letters.

mod client;
mod entry;
mod operation;
mod store;
#[cfg(test)]
mod tests;

pub use client::{Client, Pending, Rules, Taken};
pub use entry::{Context, Entry, Name, comes_first, rebase};
pub use operation::{Component, LARGEST, Operation, moved_over_each_other};
pub use store::{LOG, SNAPSHOT, Snapshot, Store};
