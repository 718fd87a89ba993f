//! Where the page is: the fragment of the address, read as far as the page cares.
//!
//! A lab's fragment is the whole run and belongs to the engine; the page passes it on unread.

use gloo::events::EventListener;
use wasm_bindgen::JsValue;
use yew::prelude::*;

/// The fragment of the gallery.
pub const GALLERY: &str = "#/gallery";
/// The fragment of the page that explains the signs on the stage.
pub const SIGNS: &str = "#/signs";
/// The fragment of the page with all pictures.
pub const PICTURES: &str = "#/widgets";

/// Names the puzzle in a lab's fragment: the one part of it that is the page's own.
const PUZZLE: &str = "puzzle=";

/// A place in the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The first scenario, ready to run.
    Home,
    /// All scenarios.
    Gallery,
    /// The signs on the stage.
    Signs,
    /// Every picture with sample data.
    Pictures,
    /// One scenario; holds the fragment for the engine.
    Lab(String),
    /// No place at all; holds what was asked for.
    Unknown(String),
}

impl Route {
    /// Reads a fragment, with or without its `#`.
    pub fn of(fragment: &str) -> Self {
        let path = fragment.strip_prefix('#').unwrap_or(fragment);
        match path {
            "" | "/" => Self::Home,
            "/gallery" => Self::Gallery,
            "/signs" => Self::Signs,
            "/widgets" => Self::Pictures,
            _ if path.starts_with("/s/") => Self::Lab(format!("#{path}")),
            _ => Self::Unknown(path.into()),
        }
    }
}

/// Returns the fragment that opens a scenario with its defaults.
pub fn lab_of(slug: &str) -> String {
    format!("#/s/{slug}")
}

/// Returns the slug in a lab's fragment, even if nothing else in it can be read.
pub fn slug_of(link: &str) -> Option<&str> {
    link.strip_prefix("#/s/")?.split(['?', '&']).next()
}

/// Adds to a lab's fragment the puzzle that it is an answer to.
pub fn with_puzzle(link: &str, puzzle: u16) -> String {
    format!("{link}&{PUZZLE}{puzzle}")
}

/// Returns the puzzle that a lab's fragment names.
pub fn puzzle_of(link: &str) -> Option<u16> {
    link.split(['?', '&']).find_map(|part| part.strip_prefix(PUZZLE))?.parse().ok()
}

/// A route and how many times the page has gone somewhere: the same link followed twice is opened
/// twice, since the run has moved on in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The place.
    pub route: Route,
    /// Goes up with each change of the address that the page did not make itself.
    pub number: u32,
}

/// Follows the address.
#[hook]
pub fn use_visit() -> Visit {
    let visit = use_state_eq(|| Visit { route: Route::of(&current_fragment()), number: 0 });
    {
        let visit = visit.setter();
        use_effect_with((), move |()| {
            let mut number = 0;
            let listener = EventListener::new(&gloo::utils::window(), "hashchange", move |_| {
                number += 1;
                visit.set(Visit { route: Route::of(&current_fragment()), number });
            });
            move || drop(listener)
        });
    }
    (*visit).clone()
}

/// Writes a fragment into the address bar without going there: a reload then finds the work in
/// progress.
pub fn remember(fragment: &str) {
    if let Ok(history) = gloo::utils::window().history() {
        // A browser may refuse after too many changes; the work goes on without.
        drop(history.replace_state_with_url(&JsValue::NULL, "", Some(fragment)));
    }
}

/// Returns the full address of a fragment of this page.
pub fn address_of(fragment: &str) -> String {
    let here = gloo::utils::window().location().href().unwrap_or_default();
    let page = here.split('#').next().unwrap_or_default();
    format!("{page}{fragment}")
}

fn current_fragment() -> String {
    gloo::utils::window().location().hash().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_lead_to_their_places() {
        for home in ["", "#", "#/", "/"] {
            assert_eq!(Route::of(home), Route::Home);
        }
        assert_eq!(Route::of(GALLERY), Route::Gallery);
        assert_eq!(Route::of(SIGNS), Route::Signs);
        assert_eq!(Route::of(PICTURES), Route::Pictures);
        let link = "#/s/g-counter?seed=42&a=%20x";
        assert_eq!(Route::of(link), Route::Lab(link.into()));
        assert_eq!(slug_of(link), Some("g-counter"));
        assert_eq!(slug_of("#/gallery"), None);
        assert_eq!(puzzle_of(link), None);
        assert_eq!(puzzle_of(&with_puzzle(link, 2)), Some(2));
        assert_eq!(puzzle_of("#/s/g-counter?puzzle=x"), None);
        assert_eq!(Route::of("#/nowhere"), Route::Unknown("/nowhere".into()));
    }
}
