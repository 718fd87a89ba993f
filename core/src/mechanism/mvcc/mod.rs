//! Transactions on versions: who reads which, who must wait, and who must not commit.
//!
//! A [`Store`] keeps several versions of each row. A transaction reads as of its snapshot, and of two that
//! write one row only the first can commit: snapshot isolation (Berenson et al. 1995, section 4.2). That
//! leaves cycles of reads that were overwritten. A store names those of its own rows when a transaction is
//! prepared, and a [`Certifier`], which hears of them from every store, lets no transaction commit that
//! completes a dangerous structure: one read and overwritten by two others in a row (Fekete et al. 2005,
//! theorem 2.1; Cahill et al. 2008, section 3).
//!
//! Reads by predicate are remembered as reads of a whole table, as `PostgreSQL` does for a sequential scan
//! (Ports and Grittner 2012, section 5.2.1).
//!
//! Left out: granularity between row and table, safe snapshots and the order of commits that would spare
//! some aborts (Ports and Grittner 2012, sections 3.3 and 4), and savepoints.

mod certifier;
mod store;

pub use certifier::{Certifier, Dangerous};
pub use store::{Denied, Key, Overwrite, Scope, Stamp, Store, Tx, Version};
