//! The keys, and what else a viewer can choose.

use yew::prelude::*;

use super::dialog::Dialog;
use crate::keys::HELP;
use crate::pages::lab::Intent;
use crate::preferences::Preferences;
use crate::route;

/// What the dialog shows.
pub(crate) struct HelpProps {
    /// What the viewer has chosen.
    pub(crate) preferences: Preferences,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The list of keys.
pub(crate) fn help_dialog(props: &HelpProps) -> Html {
    let on_close = props.on.reform(|()| Intent::Dialog(None));
    let letter_keys = props.preferences.letter_keys;
    let toggle = props.on.reform(move |_: MouseEvent| Intent::LetterKeys(!letter_keys));
    html! {
        <Dialog title="Keys" {on_close}>
            <div class="card-text">
                <dl class="keys">
                    for (keys, meaning) in HELP.iter() {
                        <><dt>{ for keys.split(' ').map(key) }</dt><dd>{ *meaning }</dd></>
                    }
                </dl>
                <button type="button" role="switch" class="switch" onclick={toggle}
                    aria-checked={letter_keys.to_string()}>
                    <span class="knob-of-switch" aria-hidden="true"></span>
                    <span class="switch-text">{ "Single letters, digits and signs are shortcuts" }</span>
                </button>
                <p class="hint">
                    { "On a touch screen, a long press on anything shows what can be done to it." }
                </p>
                <p><a href={route::PICTURES}>{ "All pictures, explained" }</a></p>
            </div>
        </Dialog>
    }
}

fn key(text: &str) -> Html {
    if text == "–" {
        html! { " – " }
    } else {
        html! { <kbd>{ text }</kbd> }
    }
}
