//! Judging what clients saw: was there an order in which one client at a time would have seen it?
//!
//! A [`History`] is recorded by whoever was there, here or elsewhere. [`linearizable`] and
//! its kin search it for such an order; what a [`SequentialSpecification`] says is the only thing
//! they know about an object.

mod linearizability;
mod objects;
mod order;
mod real_time;
mod recording;
mod seen;
mod sequential;
mod sessions;
mod specification;

pub use linearizability::{
    Finding, KeyedReport, Refusal, Report, Window, linearizable, linearizable_by_key,
};
pub use objects::{
    Append, AppendLog, FifoQueue, Lock, LockAnswer, LockCall, Place, QueueAnswer, QueueCall,
    Register, RegisterAnswer, RegisterCall, TextAnswer, TextCall, TextRegister,
};
pub use recording::{Completion, History, HistoryError, HistoryErrorReason, Operation};
pub use seen::{Call, CallOf, SeenAs};
pub use sequential::{Standstill, sequentially_consistent, sequentially_consistent_by_key};
pub use sessions::{Access, Guarantee, SessionBreach, session_breaches};
pub use specification::{At, Keyed, SequentialSpecification};
