//! Who keeps which key, and what follows from it: a ring of hashes with several places a node, copies
//! kept for others, and trees of hashes in which two nodes find what they differ in.
//!
//! Karger et al. 1997, “Consistent Hashing and Random Trees”, sections 3 and 4; `DeCandia` et al. 2007,
//! “Dynamo”, sections 4.2 (partitioning), 4.6 (hinted handoff), 4.7 (Merkle trees) and 6.2 (load).
//!
//! Left out: weights for nodes of unequal size, and places that are moved by hand.

mod common;
mod custody;
mod merkle;
mod placement;

pub use common::Common;
pub use custody::Custody;
pub use merkle::{Difference, LEAVES, Merkle, leaf_of};
pub use placement::{Placement, Ring, place_of};
