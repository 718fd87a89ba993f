//! Text that several people write at the same time, without a lock and without a server: a replicated
//! sequence of letters.
//!
//! A place in a text such as “after the fifth letter” means something else as soon as somebody else
//! types in front of it. So every letter gets an [`Id`] that is its own for ever, and a new letter says
//! beside which letter it was typed, not where. Letters hang in a tree: each is a child of the letter
//! that it was typed beside, and the text is the tree read from left to right. The tree is made of the
//! operations alone, so whoever has the same operations has the same text, whatever their order was. A
//! deleted letter stays as a tombstone, since somebody who has not heard of it may still type beside it.
//!
//! Two algorithms differ in where a letter hangs and in the order of siblings ([`Algorithm`]):
//!
//! - RGA: a letter is a child of the letter to its left; the youngest sibling comes first. Roh, Jeon, Kim
//!   & Lee 2011, "Replicated abstract data types: Building blocks for collaborative applications"; as a
//!   tree: Attiya et al. 2016, "Specification and Complexity of Collaborative Text Editing". What two people type at one place stays in one piece each, but only if they type
//!   forwards.
//! - Fugue: a letter is a right child of the letter to its left or, if that has one already, a left child
//!   of the letter to its right. Weidner & Kleppmann 2023, "The Art of the Fugue: Minimizing Interleaving
//!   in Collaborative Text Editing", algorithm 1. Backwards works as well as forwards.
//!
//! An operation takes effect once all earlier ones of its author and the letters that it names are
//! there; until then it waits, and one that comes again changes nothing. This is less than full causal
//! order and enough for the same text. Copies sync by version vectors: each sends what the other's does
//! not contain.
//!
//! Runs of letters and of deletions that one author made in a row are kept as one; the runs of the text
//! stand in a splay tree (Sleator & Tarjan 1985, "Self-Adjusting Binary Search Trees"), which counts
//! letters and is fast near where the last edit was.
//!
//! Left out: dropping tombstones, which needs to know that everybody has heard of them; Fugue's variant
//! that never interleaves at all (the paper's `FugueMax`); and a bound on a single step: a splay tree
//! promises one only for many steps together, and an operation that competes with many others for one place
//! walks past them.

mod children;
mod log;
mod operation;
mod rope;
mod text;

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

pub use operation::{Edit, Id, Operation, Side};
pub use rope::Run;
pub use text::{Algorithm, Sequence};
