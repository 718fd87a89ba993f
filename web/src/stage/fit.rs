//! How large words within a shape can be.

use faultline_core::view::Role;

use super::geometry::real;

/// Letters within a shape are no smaller than this, …
pub(super) const LEAST_TEXT: f64 = 8.0;
/// … but for a name that has no room below it.
pub(super) const LEAST_NAME: f64 = 6.0;

/// Returns how wide a word within a shape can be, in radii.
pub(super) fn room_for_words(role: Role) -> f64 {
    match role {
        Role::Storage => 1.56,
        Role::Peer
        | Role::Follower
        | Role::Candidate
        | Role::Leader
        | Role::Client
        | Role::Coordinator
        | Role::Queue
        | Role::Gateway => 1.7,
    }
}

/// Returns the size of letters with which a word fits, no smaller than can be read.
pub(super) fn fitting(word: &str, size: f64, room: f64) -> f64 {
    size.min(widest(word, room)).max(LEAST_TEXT)
}

/// Returns the size of letters with which a word takes all of the room.
pub(super) fn widest(word: &str, room: f64) -> f64 {
    /// As a share of their height, bold letters are this wide.
    const BOLD_WIDTH: f64 = 0.64;
    room / (real(word.chars().count().max(1)) * BOLD_WIDTH)
}

/// Returns as much of a name as can be within a shape, with some room for wide letters.
pub(super) fn shortened(name: &str, room: f64) -> String {
    let most = room / (LEAST_NAME * 0.7);
    if real(name.chars().count()) <= most {
        return name.to_owned();
    }
    let kept = name.chars().enumerate().take_while(|(nth, _)| real(nth + 2) <= most);
    kept.map(|(_, letter)| letter).chain(['…']).collect()
}
