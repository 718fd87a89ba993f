//! Models that others have counted: how many states they have is published, so an explorer that
//! counts differently is wrong.
//!
//! Each is written as its source says, with sets as bits and maps as arrays; none knows its counts.

mod chang_roberts;
mod history;
mod paxos;
mod register;
mod single_copy;
mod transaction_commit;
mod two_phase_commit;

pub use chang_roberts::ChangRoberts;
pub use paxos::{Paxos, Server};
pub use register::{Envelope, Message, RegisterServer, RegisterSystem, State as RegisterState};
pub use single_copy::SingleCopy;
pub use transaction_commit::TransactionCommit;
pub use two_phase_commit::TwoPhaseCommit;
