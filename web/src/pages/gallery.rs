//! All scenarios, by family, with a search.

use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use serde::Deserialize;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, KeyboardEvent};
use yew::prelude::*;

use crate::format::words;
use crate::keys::{Shortcut, shortcut_of};
use crate::panels::glyph::{Glyph, glyph};
use crate::preferences::Preferences;
use crate::route::lab_of;

/// One scenario as `catalogue.json` tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Row {
    /// Part of the link.
    pub(crate) slug: String,
    /// As shown.
    pub(crate) title: String,
    /// The family's name.
    pub(crate) family: String,
    /// What it answers.
    pub(crate) question: String,
    /// What the system promises.
    pub(crate) promise: String,
    /// Catalogue numbers.
    pub(crate) seeds: Vec<String>,
    /// From 1, first steps, to 3, advanced.
    pub(crate) difficulty: u8,
    /// Slugs of scenarios to know first.
    pub(crate) prerequisites: Vec<String>,
    /// What it is made of.
    pub(crate) primitives: Vec<String>,
    /// The addresses of its files, the main one first.
    pub(crate) sources: Vec<String>,
}

/// What the gallery shows.
#[derive(Properties, PartialEq)]
pub(crate) struct GalleryProps {
    /// The rows, once read.
    pub(crate) rows: Option<Rc<[Row]>>,
    /// Why they could not be read.
    pub(crate) failure: Option<AttrValue>,
}

/// Cards by family.
#[component]
pub(crate) fn Gallery(props: &GalleryProps) -> Html {
    let sought = use_state_eq(String::new);
    let field = use_node_ref();
    use_search_key(&field);
    use_effect_with((), |()| gloo::utils::document().set_title("All scenarios · Faultline"));
    let on_input = {
        let sought = sought.setter();
        Callback::from(move |event: InputEvent| {
            sought.set(event.target_unchecked_into::<HtmlInputElement>().value());
        })
    };
    html! {
        <div class="gallery">
            <header class="top-bar">
                <a class="brand" href="#/">{ "Faultline" }</a>
                <span class="crumb">{ "All scenarios" }</span>
                <span class="space"></span>
                <ThemeButton />
            </header>
            <main class="gallery-body">
                <h1>{ "Break a distributed system. See which promise falls, and why." }</h1>
                <p class="lead">
                    { "Every scenario runs real state machines in a simulated world: no server, \
                       nothing is sent anywhere. Break it, turn a safeguard on, pass the run on as \
                       a link." }
                </p>
                <input ref={field} type="search" class="search" oninput={on_input}
                    placeholder="Search scenarios ( / )" aria-label="Search scenarios" />
                { listing(props, &sought) }
            </main>
        </div>
    }
}

fn listing(props: &GalleryProps, sought: &str) -> Html {
    if let Some(sentence) = &props.failure {
        return html! { <p role="alert">{ sentence }</p> };
    }
    let Some(rows) = &props.rows else {
        return html! { <p role="status">{ "Reading the catalogue …" }</p> };
    };
    let found: Vec<&Row> = rows.iter().filter(|row| matches(row, sought)).collect();
    if found.is_empty() {
        let sentence = if rows.is_empty() {
            "This build lists no scenario.".to_owned()
        } else {
            format!("No scenario mentions “{}”.", sought.trim())
        };
        return html! { <p role="status">{ sentence }</p> };
    }
    let mut families: Vec<&str> = Vec::new();
    for row in &found {
        if !families.contains(&row.family.as_str()) {
            families.push(&row.family);
        }
    }
    let family = |name: &str| {
        let cards = found.iter().filter(|row| row.family == name);
        // A family takes as many columns as it has cards, up to a whole row.
        let width = format!("family-{}", cards.clone().count().min(3));
        html! {
            <section class={classes!("family", width)}>
                <h2 class="label">{ name }</h2>
                <ul class="cards">{ for cards.map(|row| card(row, rows)) }</ul>
            </section>
        }
    };
    html! { <div class="families">{ for families.into_iter().map(family) }</div> }
}

fn card(row: &Row, rows: &[Row]) -> Html {
    let title_of = |slug: &String| {
        let known = rows.iter().find(|row| &row.slug == slug);
        known.map_or_else(|| slug.clone(), |row| row.title.clone())
    };
    let first: Vec<String> = row.prerequisites.iter().map(title_of).collect();
    let made_of: Vec<String> =
        row.primitives.iter().map(|name| words(name).to_lowercase()).collect();
    html! {
        <li class="card">
            <h3><a href={lab_of(&row.slug)}>{ &row.title }</a></h3>
            <p class="card-question">{ &row.question }</p>
            <p class="card-promise">{ &row.promise }</p>
            <p class="hint">
                { difficulty(row.difficulty) }
                if !first.is_empty() { { format!(" · after {}", first.join(", ")) } }
            </p>
            if !made_of.is_empty() {
                <p class="tags">{ for made_of.iter().map(|it| html! { <span>{ it }</span> }) }</p>
            }
        </li>
    }
}

fn difficulty(level: u8) -> Html {
    let name = match level {
        0 | 1 => "first steps",
        2 => "some background",
        _ => "advanced",
    };
    let dots = "●".repeat(usize::from(level.clamp(1, 3)));
    html! { <><span class="dots" aria-hidden="true">{ dots }</span>{ " " }{ name }</> }
}

/// Returns true if every word sought is somewhere in the row.
fn matches(row: &Row, sought: &str) -> bool {
    let text = [&row.slug, &row.title, &row.family, &row.question, &row.promise]
        .into_iter()
        .chain(&row.seeds)
        .chain(&row.primitives)
        .map(|part| part.to_lowercase())
        .collect::<Vec<_>>()
        .join(" ");
    sought.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

#[hook]
fn use_search_key(field: &NodeRef) {
    let field = field.clone();
    use_effect_with((), move |()| {
        let options = EventListenerOptions::enable_prevent_default();
        let document = gloo::utils::document();
        let hear = move |event: &Event| {
            let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
            let letter_keys = Preferences::load().letter_keys;
            if shortcut_of(event, letter_keys) == Some(Shortcut::Search) {
                event.prevent_default();
                if let Some(field) = field.cast::<HtmlInputElement>() {
                    drop(field.focus());
                }
            }
        };
        let listener = EventListener::new_with_options(&document, "keydown", options, hear);
        move || drop(listener)
    });
}

/// The colours, for a page that keeps no other state.
#[component]
pub(crate) fn ThemeButton() -> Html {
    let preferences = use_state_eq(Preferences::load);
    let label = format!("Colours: {}", preferences.theme.key());
    let on_click = Callback::from(move |_: MouseEvent| {
        let next = Preferences { theme: preferences.theme.next(), ..*preferences };
        next.save();
        next.apply();
        preferences.set(next);
    });
    html! {
        <button type="button" class="icon" aria-label={label.clone()} title={label}
            onclick={on_click}>{ glyph(Glyph::Theme) }</button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_sought_must_be_there() {
        let row = Row { title: "Two clocks".into(), seeds: vec!["1.2".into()], ..Row::default() };
        assert!(matches(&row, ""));
        assert!(matches(&row, "clocks TWO"));
        assert!(matches(&row, "1.2"));
        assert!(!matches(&row, "two disks"));
    }
}
