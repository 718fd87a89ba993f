//! SWIM: who is a member and who has died, by random probes and gossip.
//!
//! Das, Gupta & Motivala 2002, "SWIM: Scalable Weakly-consistent Infection-style Process Group
//! Membership Protocol":
//!
//! - [`Probes`]: whom to probe in each period (sections 3.1 and 4.3): at random, or in turn in an order
//!   that is shuffled after each turn and into which new members are put anywhere.
//! - [`Members`]: what is believed of each member, and which word overrides which (section 4.2).
//! - [`Updates`]: what rides along on probes and answers, the least told first (section 4.1).
//!
//! Here a [`Claim`] of a higher incarnation overrides any other of the same member, a confirmed death
//! too, as in Serf and its memberlist library: the paper leaves a member that was confirmed dead to
//! join again under a new name. So claims form one order, and lists converge however they hear.
//!
//! Left out: growing and leaving groups, and Lifeguard (Dadgar, Phillips & Currey 2018), which lets a
//! member trust itself less when it is slow.

mod members;
mod probes;
mod updates;

pub use super::failure_detector::Condition;
pub use members::{Claim, Members, Update};
pub use probes::{Probes, Selection};
pub use updates::Updates;
