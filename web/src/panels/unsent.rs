//! What was typed in a text and not sent yet when the page went: an engine has no time left to answer then. It
//! is kept in the tab's own storage, and typed when the same run is open again: in another one it would meet another text.

use faultline_core::sim::NodeId;
use web_sys::Storage;

use crate::BUILD;
use crate::wire::Opened;

/// Names a run by its row, its seed and its design.
pub(super) fn run_of(opened: &Opened) -> String {
    format!("{}.{}.{:?}", opened.card.slug, opened.seed, opened.preset)
}

/// Keeps what was typed: the text before and after; or that nothing was.
pub(super) fn keep(run: &str, node: NodeId, unsent: Option<(&str, &str)>) {
    let Some(storage) = storage() else { return };
    // Where there is no room, it is lost.
    drop(match unsent.and_then(written) {
        Some(text) => storage.set_item(&key(run, node), &text),
        None => storage.remove_item(&key(run, node)),
    });
}

/// Returns what was kept, once.
pub(super) fn take(run: &str, node: NodeId) -> Option<(String, String)> {
    let storage = storage()?;
    let text = storage.get_item(&key(run, node)).ok().flatten()?;
    drop(storage.remove_item(&key(run, node)));
    read(&text)
}

fn key(run: &str, node: NodeId) -> String {
    format!("faultline.unsent.{run}.{}", node.0)
}

/// Another build may have another text there.
fn written((seen, wanted): (&str, &str)) -> Option<String> {
    let bytes = postcard::to_allocvec(&(BUILD, seen, wanted)).ok()?;
    Some(bytes.into_iter().map(char::from).collect())
}

fn read(text: &str) -> Option<(String, String)> {
    let bytes: Option<Vec<u8>> = text.chars().map(|sign| u8::try_from(sign).ok()).collect();
    let (build, seen, wanted): (String, _, _) = postcard::from_bytes(&bytes?).ok()?;
    (build == BUILD).then_some((seen, wanted))
}

fn storage() -> Option<Storage> {
    gloo::utils::window().session_storage().ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let text = written(("a\n🦀", "日本")).unwrap();
        assert_eq!(read(&text), Some(("a\n🦀".into(), "日本".into())));
        assert_eq!((read(""), read("日本"), read("abc")), (None, None, None));
    }
}
