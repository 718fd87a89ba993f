//! What the worker posts: the engine's updates, and word of the worker itself.

use serde::{Deserialize, Serialize};

use crate::wire::Update;

/// One message from the worker to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Letter {
    /// What the engine says, in order: what comes of one command, or of one slice of work. The page
    /// draws it once; were each a letter of its own, it would be drawn as often as there are updates.
    Updates(Vec<Update>),
    /// The link to the run, whenever what decides the run has changed and before anything comes of
    /// it: should the engine stop answering, the page still has it.
    Link(String),
    /// So many commands have been taken in, and nothing is under way. A page that hears neither
    /// this nor anything else knows that the engine hangs.
    Settled(u32),
    /// The engine is about to stop for good.
    Panicked {
        /// The panic's text.
        text: String,
        /// The last true time at which all was well.
        at_us: u64,
    },
}

impl Letter {
    /// Returns the bytes that travel.
    pub fn bytes(&self) -> Vec<u8> {
        // Serialising plain data into a growing buffer has no way to fail.
        postcard::to_allocvec(self).unwrap_or_default()
    }

    /// Reads the bytes that travelled; `None` if another build wrote them.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }
}
