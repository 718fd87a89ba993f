//! What an observer keeps for telling alone: for "why?", and for the lesson.

use std::hash::{Hash, Hasher};

/// Something that no promise is judged by, such as when something happened that "why?" is to tell of,
/// or that a lesson beat waits for. Worlds that differ in it are one to the explorer, so it has no part
/// in hashes.
#[derive(Clone, Debug, Default)]
pub struct Aside<T>(pub T);

impl<T> Hash for Aside<T> {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}
