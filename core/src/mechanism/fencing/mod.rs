//! Fencing: a resource remembers the highest epoch that it was shown, and refuses whatever is older.
//!
//! Whoever holds a lock or leads may be paused, cut off, or simply late: when it acts, somebody else may long
//! hold what it believes to hold. No clock and no vote can call back what is on its way. So the resource
//! itself checks: each right to act has a number that only grows (an epoch, a token, a sequencer), and
//! every act carries it.
//!
//! Gray & Cheriton 1989 know the problem; Burrows 2006 ("The Chubby lock service", section 2.4) has
//! sequencers; Balakrishnan et al. 2012 ("CORFU", section 3) seal storage units with an epoch before a new
//! layout is used; Kleppmann 2017 ("Designing Data-Intensive Applications", chapter 8) calls them fencing
//! tokens. There are two ways to raise the number, and both are here: [`Fence::seal`] before anything is
//! done, which also tells the new holder that nothing older will come any more, and [`Fence::admit`], by
//! the first act itself.
//!
//! Who gives the numbers out is another matter. A store that is sealed does it itself, since it grants
//! each once; for a lock it is the lock's server; in a group it is a majority, of which each member keeps a
//! [`Promise`].

mod fence;
mod promise;

pub use fence::{Fence, Stale};
pub use promise::Promise;
