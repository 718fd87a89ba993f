//! What was found, step by step, and what would have prevented it.

use faultline_core::scenario::Preset;
use faultline_core::sim::TextKind;
use faultline_core::view::{Cure, Incurable};
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::before::before;
use super::graveyard::keep;
use super::hunted::{Hunted, Quarry};
use super::panel::button;
use crate::format::{counted, instant};
use crate::pages::lab::Intent;
use crate::panels::scroll::move_up;
use crate::shared::Shared;
use crate::wire::{Against, Caption, Catch, Command, Opened};

/// How long a button says that it copied.
const COPIED_MS: u32 = 2_000;

/// What the find shows.
#[derive(Properties, PartialEq)]
pub(super) struct FindProps {
    /// What has come of a search.
    pub(super) hunted: Shared<Hunted>,
    /// Scenario and setup.
    pub(super) opened: Shared<Opened>,
    /// True time at the cursor.
    pub(super) now_us: u64,
    /// Where wishes go.
    pub(super) on: Callback<Intent>,
}

/// The find: what breaks, why, and the steps that are left. While another question is answered, it is one
/// click away.
#[component]
pub(super) fn Find(props: &FindProps) -> Html {
    let FindProps { hunted, opened, now_us, on } = props;
    let place = use_node_ref();
    use_arrival(&place, hunted.shrunk.as_ref().map(Shared::address), hunted.task.is_none());
    let Some(found) = hunted.find() else { return Html::default() };
    let is_aside = matches!(hunted.quarry, Some(Quarry::Seeds(_)));
    let is_done = found.actions > 0;
    html! {
        <section class="hunt-find" aria-label="What was found" ref={place}><details open={!is_aside}>
            <summary><h3 tabindex="-1">{ "Broken: " }{ &found.check }</h3></summary>
            <div class="hunt-what">
                <p class="hunt-reason">{ &found.reason }</p>
                <p class="hint">{ how(hunted, opened) }</p>
                <details class="hunt-claim">
                    <summary>{ "What it claims to survive" }</summary>
                    <p>{ &opened.card.survives }</p>
                </details>
                if hunted.shrunk.is_some() {
                    { cures(hunted, opened, on) }
                    { buttons(found, opened, on) }
                }
                { before(hunted, found, on) }
            </div>
            <div class="hunt-steps">
                if !found.captions.is_empty() {
                    <p class="hint">
                        { "Step by step" }
                        if is_done { { ", in bold what was done to the system" } }
                        { ":" }
                    </p>
                }
                <ol class="captions" aria-label="Step by step">
                    { for found.captions.iter().map(|it| caption(it, *now_us, on)) }
                </ol>
            </div>
        </details></section>
    }
}

/// Brings a find into view when it is there, and leads the keyboard to its heading, unless somebody is
/// at work elsewhere on the page. Once more when all is done, since what stood above it goes then.
#[hook]
fn use_arrival(place: &NodeRef, find: Option<*const Catch>, is_done: bool) {
    let before = use_mut_ref(|| find);
    let place = place.clone();
    use_effect_with((find, is_done), move |(find, _)| {
        let is_new = before.replace(*find) != *find;
        let Some(section) = place.cast::<Element>().filter(|_| find.is_some()) else { return };
        let list = section.closest(".strip-body").ok().flatten();
        let heading = section.query_selector("h3").ok().flatten();
        let active = gloo::utils::document().active_element();
        if !is_new && active != heading {
            return;
        }
        if let Some(list) = &list {
            move_up(list, &section);
        }
        let is_free = active.is_none_or(|it| {
            it.tag_name() == "BODY" || list.is_some_and(|list| list.contains(Some(&it)))
        });
        let heading = heading.and_then(|it| it.dyn_into::<HtmlElement>().ok());
        if let Some(heading) = heading.filter(|_| is_free && is_new) {
            drop(heading.focus());
        }
    });
}

/// How it was found, how much smaller it got, and whether that is too much to ask of the design.
fn how(hunted: &Hunted, opened: &Opened) -> String {
    let Some(first) = hunted.found.as_ref().or(hunted.shrunk.as_ref()) else {
        return String::new();
    };
    let by = match hunted.sought {
        Some(Quarry::Break { .. }) => format!("Run {} of the search broke this", first.number),
        Some(Quarry::Survey) => "Going through every order led here".into(),
        _ => "The open run breaks this".into(),
    };
    let things = format!("{} done to the system", counted(first.actions.into(), "thing"));
    let size = match (first.actions, hunted.shrunk.as_ref().map(|small| small.actions)) {
        (0, _) => " with nothing done to the system: luck alone is enough.".into(),
        (_, None) => format!(" after {things}."),
        (_, Some(0)) => format!(" after {things}; none is needed: luck alone is enough."),
        // The open run was made smaller: how large it was is in its own list.
        (_, Some(_)) if hunted.found.is_none() => {
            format!(": made as small as it gets, after {things}, of which none can be left out.")
        }
        (all, Some(left)) if left >= all => format!(", and of {things} none can be left out."),
        (all, Some(left)) => {
            format!(" after {things}; without {} of them it breaks all the same.", all - left)
        }
    };
    format!("{by}{size} {}", claim(first.is_claimed, opened.preset))
}

/// Says which design claims to survive what was done, or that none does.
fn claim(is_claimed: bool, preset: Option<Preset>) -> &'static str {
    match (is_claimed, preset) {
        (false, _) => "What was done goes beyond what the hardened design claims to survive.",
        (true, Some(Preset::Hardened)) => {
            "This is the hardened design, and it claims to survive what was done."
        }
        (true, Some(Preset::Naive) | None) => {
            "The hardened design claims to survive what was done; here not all of its safeguards \
             are on."
        }
    }
}

fn caption(caption: &Caption, now_us: u64, on: &Callback<Intent>) -> Html {
    let class = match caption.kind {
        TextKind::Action => "is-action",
        TextKind::Verdict => "is-verdict",
        TextKind::Loss => "is-loss",
        TextKind::Event | TextKind::Send | TextKind::Fact => "is-event",
    };
    let at_us = caption.at_us;
    let go = on.reform(move |_: MouseEvent| Intent::Seek(at_us));
    html! {
        <li class={classes!(class, (at_us <= now_us).then_some("is-past"))}>
            <button type="button" class="link" onclick={go} title="Go there">
                <time>{ instant(at_us) }</time>{ " " }{ &caption.text }
            </button>
        </li>
    }
}

fn buttons(found: &Catch, opened: &Shared<Opened>, on: &Callback<Intent>) -> Html {
    let name = format!("what breaks “{}”", found.check);
    let open = Intent::Ask(Command::Adopt { link: found.link.clone(), name });
    let bury = {
        let (found, opened) = (found.clone(), opened.clone());
        on.reform(move |_: MouseEvent| {
            keep(&found, &opened);
            Intent::Say("Kept among the findings of this browser.")
        })
    };
    html! {
        <div class="hunt-buttons">
            { button("Open it", "Open this run as a fork; the present one becomes a lane", open,
                false, on) }
            <CopyButton label="Copy link" text={crate::route::address_of(&found.link)} />
            <CopyButton label="Copy as a test" text={found.test.clone()} />
            <CopyButton label="Copy for Mermaid" text={found.mermaid.clone()} />
            if !found.shiviz.is_empty() {
                <CopyButton label="Copy for ShiViz" text={found.shiviz.clone()} />
            }
            <button type="button" class="button" onclick={bury}
                title="Keep it in this browser, to be run again when the page changes">
                { "Keep it" }
            </button>
        </div>
    }
}

/// What would have prevented it, or why nothing would.
fn cures(hunted: &Hunted, opened: &Shared<Opened>, on: &Callback<Intent>) -> Html {
    let Some(cures) = &hunted.cures else { return Html::default() };
    if cures.is_empty() {
        return incurable(hunted, on);
    }
    let label = |key: &String| {
        let switch = opened.switches.iter().find(|it| it.key == *key);
        switch.map_or_else(|| key.clone(), |it| it.label.clone())
    };
    let cure = |cure: &Cure| {
        let labels: Vec<String> = cure.switches.iter().map(label).collect();
        let names = labels.join(" + ");
        let name = format!("the same schedule with {names}");
        let against = Against::Run { name, link: cure.link.clone() };
        let compare = Intent::Ask(Command::Compare(Some(against)));
        button(&names, "Turn this on and play the same schedule side by side", compare, false, on)
    };
    html! {
        <p class="hunt-cure">
            { "On the knobs of the run found this prevents it, see it side by side: " }
            { for cures.iter().map(cure) }
        </p>
    }
}

/// Why no safeguard prevents it.
fn incurable(hunted: &Hunted, on: &Callback<Intent>) -> Html {
    let Some(Incurable { check, reason, is_claimed, claim, link }) = &hunted.otherwise else {
        return Html::default();
    };
    let bound = if *is_claimed {
        "The hardened design claims to survive this: it is a bug of that design.".to_owned()
    } else {
        format!("That is more than the hardened design claims to survive: {claim}")
    };
    let name = "the same schedule with all safeguards".to_owned();
    let against = Against::Run { name, link: link.clone() };
    let compare = Intent::Ask(Command::Compare(Some(against)));
    html! {
        <div class="hunt-cure">
            <p>
                { "No safeguard prevents it on the knobs of the run found. With all of them on, this breaks: " }
                { format!("{check} ({reason}). {bound}") }
            </p>
            { button("See it with all of them", "Play the same schedule with all safeguards beside it",
                compare, false, on) }
        </div>
    }
}

/// What a button copies.
#[derive(Properties, PartialEq)]
struct CopyProps {
    label: AttrValue,
    text: String,
}

/// A button that copies a text and says so.
#[component]
fn CopyButton(props: &CopyProps) -> Html {
    let copied = use_state_eq(|| false);
    let label = if *copied { AttrValue::from("Copied") } else { props.label.clone() };
    let copy = {
        let (text, copied) = (props.text.clone(), copied);
        Callback::from(move |_: MouseEvent| {
            let (text, copied) = (text.clone(), copied.clone());
            spawn_local(async move {
                let clipboard = gloo::utils::window().navigator().clipboard();
                if JsFuture::from(clipboard.write_text(&text)).await.is_ok() {
                    copied.set(true);
                    Timeout::new(COPIED_MS, move || copied.set(false)).forget();
                }
            });
        })
    };
    html! {
        <button type="button" class="button" onclick={copy} aria-live="polite">{ label }</button>
    }
}
