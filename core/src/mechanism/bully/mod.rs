//! The bully algorithm: of all members that answer, the highest leads.
//!
//! Garcia-Molina 1982, "Elections in a Distributed Computing System", IEEE Transactions on Computers
//! C-31(1), pages 48 to 59: the Bully Algorithm. Whoever misses the coordinator, or comes up, asks all higher members; if none answers, it leads, and tells all
//! lower ones; if one answers, that one goes on. A higher member that comes back takes the lead from
//! whoever has it: hence the name.
//!
//! The paper assumes that no message is lost, that each comes within a known time, and that nobody stands
//! still. Then an answer that does not come is a proof. In any other network it is none, and the paper
//! has another algorithm for those. Two safeguards can be switched on, neither of them the paper's:
//!
//! - *majority*: whoever claims the lead waits until a majority has accepted it, and gives it up when it
//!   hears no majority any more;
//! - *epochs*: each claim has a number, which a member gives to one claimant only
//!   ([`super::fencing::Promise`]); a claim of an earlier number is refused.
//!
//! A [`Bully`] is one member, sans I/O: each event returns what is to be sent, and [`Bully::due_us`] says
//! when it wants to be heard again. [`messages_of_election`] counts what an election costs in the paper's
//! network.
//!
//! Left out: reorganising the members' work after an election (the paper's state "Reorganization"), and the
//! Invitation algorithm, which merges groups and promises no more than one leader a group.

mod calm;
mod member;
mod message;

pub use calm::messages_of_election;
pub use member::{Bully, Config, Sends, Stage};
pub use message::Message;
