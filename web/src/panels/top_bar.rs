//! The bar on top: where one is, which design runs, from which seed, and how to pass it on.

use faultline_core::scenario::Preset;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::compare_button::CompareButton;
use super::glyph::{Glyph, glyph};
use super::knobs::{KnobsProps, knobs};
use super::popover::Popover;
use crate::pages::lab::{Dialog, Intent, NOTHING_TO_COMPARE, other_preset};
use crate::preferences::{Preferences, Theme};
use crate::route;
use crate::shared::Shared;
use crate::wire::{Against, Command, Opened, Timeline};

/// What the bar shows.
#[derive(Clone, Properties, PartialEq)]
pub(crate) struct TopBarProps {
    /// Scenario and setup, once open.
    pub(crate) opened: Option<Shared<Opened>>,
    /// The run as far as it is known.
    pub(crate) timeline: Shared<Timeline>,
    /// Whether two runs are compared.
    pub(crate) compares: bool,
    /// What the viewer has chosen.
    pub(crate) preferences: Preferences,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The bar on top of the lab.
#[component]
pub(crate) fn TopBar(props: &TopBarProps) -> Html {
    let on = &props.on;
    let skip = Callback::from(|_: MouseEvent| focus_main_button());
    let wants = |intent: Intent| on.reform(move |_: MouseEvent| intent.clone());
    html! {
        <header class="top-bar">
            <button type="button" class="skip button" onclick={skip}>
                { "Skip to the main button" }
            </button>
            <a class="brand" href={route::GALLERY} title="All scenarios">
                <img class="logo" src="favicon.svg" alt="" width="22" height="22" />
                <span>{ "Faultline" }</span>
            </a>
            <a class="all-scenarios" href={route::GALLERY}>{ "All scenarios" }</a>
            if let Some(opened) = &props.opened {
                <h1 class="crumb">
                    <span class="crumb-family">{ &opened.card.family }{ " · " }</span>
                    { &opened.card.title }
                </h1>
                { variants(opened, on) }
                <CompareButton opened={opened.clone()} timeline={props.timeline.clone()}
                    compares={props.compares} letter_keys={props.preferences.letter_keys}
                    on={on.clone()} />
                <Setup opened={opened.clone()} on={on.clone()} />
            }
            <span class="space"></span>
            { undo_buttons(props.timeline.undo, on) }
            { theme_button(props.preferences.theme, on) }
            <button type="button" class="icon help" aria-label="Help" title="Help (?)"
                onclick={wants(Intent::Dialog(Some(Dialog::Help)))}>{ "?" }</button>
            <More ..props.clone() />
            <button type="button" class="button primary" disabled={props.opened.is_none()}
                onclick={wants(Intent::Dialog(Some(Dialog::Share)))}>{ "Share" }</button>
        </header>
    }
}

/// On a phone: which scenario this is, and what the bar has no room for. The style sheet knows where.
#[component]
fn More(props: &TopBarProps) -> Html {
    let TopBarProps { opened, timeline, compares, preferences, on } = props;
    let open = use_state_eq(|| false);
    let on_open = {
        let open = open.setter();
        Callback::from(move |wants| open.set(wants))
    };
    // What is chosen is done where one looks: the choice lies over it.
    let choice = |label: String, can: bool, intent: Intent, stays: bool| {
        let (on, close) = (on.clone(), open.setter());
        let choose = Callback::from(move |_: MouseEvent| {
            on.emit(intent.clone());
            close.set(stays);
        });
        html! {
            <button type="button" class="choice" disabled={!can} onclick={choose}>{ label }</button>
        }
    };
    let ask = |command| Intent::Ask(command);
    let (can_undo, can_redo) = timeline.undo;
    let compare = |opened: &Shared<Opened>| {
        let (label, intent) = match other_preset(opened) {
            _ if *compares => ("Compare no longer", ask(Command::Compare(None))),
            Some(other) => {
                let against = Some(Against::Preset(other));
                ("Compare naive and hardened, side by side", ask(Command::Compare(against)))
            }
            None => ("Compare", Intent::Say(NOTHING_TO_COMPARE)),
        };
        choice(label.into(), true, intent, false)
    };
    html! {
        <div class="more">
            <Popover open={*open} {on_open} class="icon" label={Some(AttrValue::from("More"))}
                button={html! { "⋯" }}>
                if let Some(opened) = opened {
                    <h2 class="more-title">{ &opened.card.title }</h2>
                    { compare(opened) }
                }
                { choice("Undo the last change".into(), can_undo, ask(Command::Undo), true) }
                { choice("Do it again".into(), can_redo, ask(Command::Redo), true) }
                { choice(format!("Colours: {}", preferences.theme.key()), true, Intent::NextTheme, true) }
                { choice("Help".into(), true, Intent::Dialog(Some(Dialog::Help)), false) }
                <a class="choice" href={route::GALLERY}>{ "All scenarios" }</a>
            </Popover>
        </div>
    }
}

/// For those who come by keyboard: over everything else in the bar to what the page is about.
fn focus_main_button() {
    let button = gloo::utils::document().query_selector(".stage-buttons button").ok().flatten();
    if let Some(button) = button.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        drop(button.focus());
    }
}

/// Naive or hardened, or neither.
fn variants(opened: &Opened, on: &Callback<Intent>) -> Html {
    let variant = |preset: Preset, label: &str, help: &str| {
        let is_on = opened.preset == Some(preset);
        let flip = on.reform(move |_: MouseEvent| Intent::Flip(preset));
        html! {
            <button type="button" aria-pressed={is_on.to_string()} title={help.to_owned()}
                onclick={flip}>{ label }</button>
        }
    };
    html! {
        <div class="segments" role="group" aria-label="Design">
            { variant(Preset::Naive, "Naive", &opened.card.naive) }
            { variant(Preset::Hardened, "Hardened", &opened.card.hardened) }
            if opened.preset.is_none() {
                <span class="custom">{ "Custom" }</span>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct SetupProps {
    opened: Shared<Opened>,
    on: Callback<Intent>,
}

/// The chip with the seed; under it, seed and knobs can be changed.
#[component]
fn Setup(props: &SetupProps) -> Html {
    let open = use_state_eq(|| false);
    let on_open = {
        let open = open.setter();
        Callback::from(move |wants| open.set(wants))
    };
    let reseed = props.on.reform(|_: MouseEvent| Intent::Reseed);
    let on_seed = props.on.reform(|event: Event| {
        let field = event.target_unchecked_into::<web_sys::HtmlInputElement>();
        match field.value().trim().parse() {
            Ok(seed) => Intent::Ask(Command::Reseed(seed)),
            Err(_) => Intent::Say("A seed is a whole number from 0 to 2^64 − 1."),
        }
    });
    html! {
        <Popover open={*open} {on_open} class="chip" label={Some(AttrValue::from(
                format!("Seed {}: change seed and knobs", props.opened.seed)))}
            button={html! { <><span class="long">{ "seed " }</span>{ props.opened.seed }</> }}>
            <div class="setup">
                <label class="seed">{ "Seed" }
                    <input type="text" inputmode="numeric" key={props.opened.seed.to_string()}
                        value={props.opened.seed.to_string()} onchange={on_seed} />
                </label>
                <button type="button" class="button" onclick={reseed}>{ "New seed" }</button>
                <p class="hint">{ "The seed decides every random draw: same seed, same run." }</p>
                { knobs(&KnobsProps { opened: props.opened.clone(), on: props.on.clone() }) }
            </div>
        </Popover>
    }
}

fn undo_buttons((can_undo, can_redo): (bool, bool), on: &Callback<Intent>) -> Html {
    let undo = on.reform(|_: MouseEvent| Intent::Ask(Command::Undo));
    let redo = on.reform(|_: MouseEvent| Intent::Ask(Command::Redo));
    html! {
        <span class="undo">
            <button type="button" class="icon" aria-label="Undo the last change"
                title="Undo (Ctrl Z)" disabled={!can_undo} onclick={undo}>
                { glyph(Glyph::Undo) }
            </button>
            <button type="button" class="icon" aria-label="Do it again"
                title="Redo (Ctrl Shift Z)" disabled={!can_redo} onclick={redo}>
                { glyph(Glyph::Redo) }
            </button>
        </span>
    }
}

/// Goes from "as the system says" to light to dark.
pub(crate) fn theme_button(theme: Theme, on: &Callback<Intent>) -> Html {
    let label = format!("Colours: {}", theme.key());
    html! {
        <button type="button" class="icon theme" aria-label={label.clone()} title={label}
            onclick={on.reform(|_: MouseEvent| Intent::NextTheme)}>
            { glyph(Glyph::Theme) }
        </button>
    }
}
