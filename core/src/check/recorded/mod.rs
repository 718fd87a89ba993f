//! Histories made elsewhere: Jepsen's logs, its EDN, and the same in JSON, as text.

mod datum;
mod decode;
mod read;
mod transactions;

pub use datum::Datum;
pub use decode::{Recorded, RecordedHistory, history};
pub use read::{EventKind, ReadError, RecordedEvent, read};
pub use transactions::{RecordedTransactions, Values, transactions};
