//! Gossip: news spreads like a disease, by random contacts and without a coordinator.
//!
//! Demers, Greene, Hauser, Irish, Larson, Shenker, Sturgis, Swinehart & Terry 1987, "Epidemic
//! algorithms for replicated database maintenance":
//!
//! - [`Directory`]: what a site knows, one entry an owner. Of two entries the newer counts (section
//!   1.1); what was deleted stays as a death certificate (section 2).
//! - [`Rumors`]: rumor mongering (section 1.4). A site tells what is new to it, and loses interest
//!   after contacts that were in vain. [`Rule`] has the four variants of that section: blind or with
//!   feedback, by a coin or a counter.
//! - [`Spread`]: push, pull or both (section 1.3); the same for rumors and for anti-entropy.
//! - [`Epidemic`]: the differential equations of section 1.4, by which a rumor spreads among many.
//!
//! A version is a generation and a number, as in van Renesse, Dumitriu, Gough & Thomas 2008,
//! "Efficient reconciliation and flow control for anti-entropy protocols", and in what was built on
//! it: the generation goes up with every start of the owner, so that a number may begin anew.
//!
//! Left out: several writers of one entry, which need time stamps; connection limits and hunting;
//! spatial distributions; dormant death certificates, which bound what deleted entries cost.

mod directory;
mod epidemic;
mod rumor;

pub use directory::{Directory, Entry, Merge, Version};
pub use epidemic::Epidemic;
pub use rumor::{Interest, Rule, Rumors, Spread};
