//! What was typed in a text and not sent yet when the page went: an engine has no time left to answer then. It
//! is kept in the tab's own storage, and typed when the same run is open again: in another one it would meet another text.

use faultline_core::sim::NodeId;
use web_sys::Storage;

use crate::BUILD;
use crate::wire::Opened;

/// Names a run by its row, its seed and its design: every knob and every switch. A preset would not do, as
/// most sets of switches amount to none.
pub(super) fn run_of(opened: &Opened) -> String {
    let knobs = opened.knobs.iter().map(|it| format!("{}={}", it.key, it.value));
    let switches = opened.switches.iter().map(|it| format!("{}={}", it.key, u8::from(it.is_on)));
    let design: Vec<String> = knobs.chain(switches).collect();
    format!("{}.{}.{}", opened.card.slug, opened.seed, design.join("."))
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
    use std::collections::BTreeSet;

    use super::*;
    use crate::engine::Session;
    use crate::wire::{Command, Kept, Update};

    /// Names the run of a link.
    fn run_of_link(link: &str) -> String {
        let mut session = Session::default();
        let mut updates = Vec::new();
        let (link, kept) = (link.to_owned(), Kept::default());
        session.command(Command::Open { request: 1, link, default_seed: 1, kept }, &mut updates);
        while session.slice(|| true, &mut updates) {}
        let opened = updates.iter().find_map(|update| {
            let Update::Opened { opened, .. } = update else { return None };
            Some(run_of(opened))
        });
        opened.unwrap()
    }

    #[test]
    fn runs_of_another_seed_or_design_have_other_names() {
        let runs = [
            "offline-editors?seed=1&preset=naive",
            "offline-editors?seed=1&preset=hardened",
            "offline-editors?seed=2&preset=hardened",
            "offline-editors?seed=1&preset=hardened&names=off",
            "offline-editors?seed=1&preset=hardened&fugue=off",
            "g-counter?seed=1&preset=hardened&nodes=3",
            "g-counter?seed=1&preset=hardened&nodes=5",
        ];
        let names = runs.map(|run| run_of_link(&format!("#/s/{run}")));
        assert_eq!(BTreeSet::from(names.clone()).len(), runs.len(), "{names:#?}");
        assert_eq!(run_of_link(&format!("#/s/{}", runs[0])), names[0]);
    }

    #[test]
    fn what_is_kept_comes_back() {
        let text = written(("a\n🦀", "日本")).unwrap();
        assert_eq!(read(&text), Some(("a\n🦀".into(), "日本".into())));
        assert_eq!((read(""), read("日本"), read("abc")), (None, None, None));
    }
}
