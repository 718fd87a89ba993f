//! Futures left behind, kept over a reload.
//!
//! The address holds the run; what undo, redo and lanes go back to is the engine's, and gone with
//! it. The lanes are put into the tab's own storage beside the address, and given back to the engine
//! when that very address is opened again. Undo and redo, the selection and bets are not kept.

use serde::{Deserialize, Serialize};
use web_sys::Storage;

use crate::BUILD;
use crate::wire::LaneView;

const KEY: &str = "faultline.lanes";
/// More than this many bytes are not kept: a tab's storage is small.
const BYTE_LIMIT: usize = 400_000;

/// What is kept.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    /// Another build may mean something else by the same bytes.
    build: String,
    /// The address of the run that the lanes belong to.
    link: String,
    /// What its future is called beside them.
    name: String,
    lanes: Vec<LaneView>,
}

/// Keeps the lanes of the run at `link`.
pub(super) fn keep(link: &str, name: &str, lanes: &[LaneView]) {
    let Some(storage) = storage() else { return };
    // Where there is no room, the work goes on without.
    drop(match written(link, name, lanes) {
        Some(text) => storage.set_item(KEY, &text),
        None => storage.remove_item(KEY),
    });
}

/// Returns what was kept for `link`, once: what its future is called, and the lanes.
pub(super) fn take(link: &str) -> Option<(String, Vec<LaneView>)> {
    let storage = storage()?;
    let text = storage.get_item(KEY).ok().flatten().unwrap_or_default();
    drop(storage.remove_item(KEY));
    read(&text, link)
}

/// Bytes as characters, one each; `None` if there is nothing to keep, or too much.
fn written(link: &str, name: &str, lanes: &[LaneView]) -> Option<String> {
    let kept =
        Kept { build: BUILD.into(), link: link.into(), name: name.into(), lanes: lanes.to_vec() };
    let bytes = postcard::to_allocvec(&kept).ok()?;
    let has_room = !lanes.is_empty() && bytes.len() <= BYTE_LIMIT;
    has_room.then(|| bytes.into_iter().map(char::from).collect())
}

fn read(text: &str, link: &str) -> Option<(String, Vec<LaneView>)> {
    let bytes: Option<Vec<u8>> = text.chars().map(|sign| u8::try_from(sign).ok()).collect();
    let kept = bytes.and_then(|bytes| postcard::from_bytes::<Kept>(&bytes).ok());
    let kept = kept.filter(|kept| kept.build == BUILD && kept.link == link);
    kept.map(|kept| (kept.name, kept.lanes))
}

fn storage() -> Option<Storage> {
    gloo::utils::window().session_storage().ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(link: String) -> LaneView {
        LaneView {
            name: "without “Crash A” at 1.2 s".into(),
            link,
            from_us: 1,
            at_us: 2,
            known_us: u64::MAX,
            marks: Vec::new(),
            marks_left_out: 0,
        }
    }

    #[test]
    fn lanes_come_back_with_their_own_run_alone() {
        let lanes = [lane("#/s/a?seed=1".into())];
        let text = written("#/s/a?seed=1&at=2s", "with it", &lanes).unwrap();
        let kept = Some(("with it".to_owned(), lanes.to_vec()));
        assert_eq!(read(&text, "#/s/a?seed=1&at=2s"), kept);
        assert_eq!(read(&text, "#/s/a?seed=1&at=3s"), None);
        assert_eq!(written("#/s/a", "", &[]), None);
    }

    #[test]
    fn too_much_is_not_kept_and_damage_is_nothing() {
        assert_eq!(written("#/s/a", "", &[lane("x".repeat(BYTE_LIMIT))]), None);
        for damaged in ["", "ÿÿÿÿ", "☂", "#/s/a"] {
            assert_eq!(read(damaged, "#/s/a"), None);
        }
    }
}
