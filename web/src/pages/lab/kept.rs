//! What the address does not hold, kept over a reload.
//!
//! The address holds the run; the futures left behind, what was muted and what the run is put beside
//! are put into the tab's own storage with it, and given to the engine when that very address is
//! opened again. Undo and redo, the selection and bets are not kept.

use serde::{Deserialize, Serialize};
use web_sys::Storage;

use crate::BUILD;
use crate::wire::Kept;

const KEY: &str = "faultline.kept";
/// More than this many bytes are not kept: a tab's storage is small.
const BYTE_LIMIT: usize = 400_000;

/// What is kept.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Note {
    /// Another build may mean something else by the same bytes.
    build: String,
    /// The address of the run that it belongs to.
    link: String,
    kept: Kept,
}

/// Keeps what belongs to the run at `link`.
pub(super) fn keep(link: &str, kept: Kept) {
    let Some(storage) = storage() else { return };
    // Where there is no room, the work goes on without.
    drop(match written(link, kept) {
        Some(text) => storage.set_item(KEY, &text),
        None => storage.remove_item(KEY),
    });
}

/// Returns what was kept for `link`, once.
pub(super) fn take(link: &str) -> Option<Kept> {
    let storage = storage()?;
    let text = storage.get_item(KEY).ok().flatten().unwrap_or_default();
    drop(storage.remove_item(KEY));
    read(&text, link)
}

/// Bytes as characters, one each; `None` if there is nothing to keep, or too much.
fn written(link: &str, kept: Kept) -> Option<String> {
    let is_empty = kept.lanes.is_empty() && kept.muted.is_empty() && kept.against.is_none();
    let note = Note { build: BUILD.into(), link: link.into(), kept };
    let bytes = postcard::to_allocvec(&note).ok()?;
    let has_room = !is_empty && bytes.len() <= BYTE_LIMIT;
    has_room.then(|| bytes.into_iter().map(char::from).collect())
}

fn read(text: &str, link: &str) -> Option<Kept> {
    let bytes: Option<Vec<u8>> = text.chars().map(|sign| u8::try_from(sign).ok()).collect();
    let note = bytes.and_then(|bytes| postcard::from_bytes::<Note>(&bytes).ok());
    let note = note.filter(|note| note.build == BUILD && note.link == link);
    note.map(|note| note.kept)
}

fn storage() -> Option<Storage> {
    gloo::utils::window().session_storage().ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Against, LaneView};

    fn kept(link: String) -> Kept {
        let lane = LaneView {
            name: "without “Crash A” at 1.2 s".into(),
            link,
            muted: Vec::new(),
            from_us: 1,
            at_us: 2,
            known_us: u64::MAX,
            marks: Vec::new(),
            marks_left_out: 0,
        };
        let against = Some(Against::Run { name: "other".into(), link: "#/s/a?seed=1".into() });
        Kept { name: "with it".into(), lanes: vec![lane], muted: Vec::new(), against }
    }

    #[test]
    fn what_was_kept_comes_back_with_its_own_run_alone() {
        let kept = kept("#/s/a?seed=1".into());
        let text = written("#/s/a?seed=1&at=2s", kept.clone()).unwrap();
        assert_eq!(read(&text, "#/s/a?seed=1&at=2s"), Some(kept));
        assert_eq!(read(&text, "#/s/a?seed=1&at=3s"), None);
        assert_eq!(written("#/s/a", Kept::default()), None);
    }

    #[test]
    fn too_much_is_not_kept_and_damage_is_nothing() {
        assert_eq!(written("#/s/a", kept("x".repeat(BYTE_LIMIT))), None);
        for damaged in ["", "ÿÿÿÿ", "☂", "#/s/a"] {
            assert_eq!(read(damaged, "#/s/a"), None);
        }
    }
}
