//! A store in several regions of the world, each with a copy of everything.
//!
//! - [`Region`]: where regions are, and how long a message takes from one to another, as measured.
//! - [`SessionToken`]: what a client has written and read, so that a copy can tell whether it has as
//!   much (Terry et al. 1994, “Session Guarantees for Weakly Consistent Replicated Data”, section 4).
//! - [`Outbox`] and [`Shipment`]: each region's log on its way to the others, without waiting for them
//!   (asynchronous replication), and what one may take over of what arrives.
//!
//! All of it is plain state. The host sends and receives, and keeps on disk what it has confirmed.
//!
//! Left out: what a region does inside ([`raft`](super::raft) is one answer); cutting off a log that everybody
//! has, and sending a whole copy instead.

mod regions;
mod shipping;
mod token;

pub use regions::{REGIONS, Region, by_distance, round_trip_ms, zones};
pub use shipping::{Outbox, Shipment};
pub use token::SessionToken;
