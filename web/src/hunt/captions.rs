//! What was found, step by step, and what would have prevented it.

use faultline_core::sim::TextKind;
use faultline_core::view::Cure;
use gloo::timers::callback::Timeout;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

use super::graveyard::keep;
use super::panel::button;
use super::plan::{Hunted, Quarry};
use crate::format::{counted, instant};
use crate::pages::lab::Intent;
use crate::shared::Shared;
use crate::wire::{Against, Caption, Catch, Command, Opened};

/// How long a button says that it copied.
const COPIED_MS: u32 = 2_000;

/// The find: what breaks, why, and the steps that are left.
pub(super) fn finding(
    hunted: &Hunted,
    opened: &Shared<Opened>,
    now_us: u64,
    on: &Callback<Intent>,
) -> Html {
    let Some(found) = hunted.shrunk.as_ref().or(hunted.found.as_ref()) else {
        return Html::default();
    };
    html! {
        <section class="hunt-find" aria-label="What was found">
            <div class="hunt-what">
                <h3>{ "Broken: " }{ &found.check }</h3>
                <p class="hunt-reason">{ &found.reason }</p>
                <p class="hint">{ how(hunted, found) }</p>
                if hunted.shrunk.is_some() {
                    { cures(hunted.cures.as_deref(), opened, on) }
                    { buttons(found, opened, on) }
                }
            </div>
            <ol class="captions">{ for found.captions.iter().map(|it| caption(it, now_us, on)) }</ol>
        </section>
    }
}

/// How it was found, and how much smaller it got.
fn how(hunted: &Hunted, found: &Catch) -> String {
    let searched = matches!(hunted.quarry, Some(Quarry::Break { .. }));
    let first = hunted.found.as_ref().filter(|_| searched);
    let number = first.map_or_else(String::new, |it| format!("Found in run {}. ", it.number));
    let claim = if found.is_claimed {
        "The design claims to survive all that is done here."
    } else {
        "This goes beyond what the design claims to survive."
    };
    let actions = |found: &Catch| counted(found.actions.into(), "action");
    let size = match (&hunted.found, &hunted.shrunk) {
        (Some(first), Some(small)) => format!("{} left of {}. ", actions(small), first.actions),
        _ => format!("{}. ", actions(found)),
    };
    format!("{number}{size}{claim}")
}

fn caption(caption: &Caption, now_us: u64, on: &Callback<Intent>) -> Html {
    let class = match caption.kind {
        TextKind::Action => "is-action",
        TextKind::Verdict => "is-verdict",
        TextKind::Event | TextKind::Send | TextKind::Fact | TextKind::Loss => "is-event",
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
            keep(&found, &opened.card.title);
            Intent::Say("Kept among the findings of this browser.")
        })
    };
    html! {
        <div class="hunt-buttons">
            { button("Open it", "Open this run as a fork; the present one becomes a lane", open, false, on) }
            <CopyButton label="Copy link" text={crate::route::address_of(&found.link)} />
            <CopyButton label="Copy as a test" text={found.test.clone()} />
            <CopyButton label="Copy for Mermaid" text={found.mermaid.clone()} />
            if !found.shiviz.is_empty() {
                <CopyButton label="Copy for ShiViz" text={found.shiviz.clone()} />
            }
            <button type="button" class="button" title="Keep it in this browser, to be run again when the page changes"
                onclick={bury}>{ "Keep it" }</button>
        </div>
    }
}

/// What would have prevented it.
fn cures(cures: Option<&[Cure]>, opened: &Shared<Opened>, on: &Callback<Intent>) -> Html {
    let Some(cures) = cures else { return Html::default() };
    if cures.is_empty() {
        return html! { <p class="hunt-cure">{ "No safeguard of this scenario prevents it: with all of them on it breaks all the same." }</p> };
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
            { "Prevents it, see it side by side: " }
            { for cures.iter().map(cure) }
        </p>
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
    html! { <button type="button" class="button" onclick={copy} aria-live="polite">{ label }</button> }
}
