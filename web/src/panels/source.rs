//! The scenario's own files, as they were compiled.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::fetch;

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub(crate) struct SourceProps {
    /// The files' addresses, the main one first.
    pub(crate) addresses: Rc<[String]>,
}

/// The text of one file, fetched when it is looked at, and the names of the others.
#[component]
pub(crate) fn SourcePanel(props: &SourceProps) -> Html {
    let text = use_state(|| None::<Result<AttrValue, AttrValue>>);
    let chosen = use_state_eq(|| 0);
    let address = props.addresses.get(*chosen).or(props.addresses.first()).cloned();
    {
        let text = text.setter();
        use_effect_with(address.clone(), move |address| {
            text.set(None);
            if let Some(address) = address.clone() {
                spawn_local(async move {
                    let fetched = fetch::text(&address).await;
                    text.set(Some(fetched.map(Into::into).map_err(Into::into)));
                });
            }
        });
    }
    let body = match (&address, &*text) {
        (None, _) => html! {
            <p class="hint">{ "This scenario's file is not served with this page." }</p>
        },
        (_, None) => html! { <p class="hint">{ "Fetching the file …" }</p> },
        (_, Some(Err(sentence))) => html! { <p role="alert">{ sentence }</p> },
        (Some(address), Some(Ok(text))) => html! {
            <>
                <p class="hint">
                    { "What runs is this, compiled. " }<a href={address.clone()}>{ "Open it alone" }</a>
                </p>
                <pre class="source" tabindex="0" aria-label="Source"><code>{ text }</code></pre>
            </>
        },
    };
    let file = |(place, file): (usize, &String)| {
        let chosen = chosen.clone();
        let is_on = Some(file) == address.as_ref();
        let choose = Callback::from(move |_: MouseEvent| chosen.set(place));
        html! {
            <button type="button" class="chip" aria-pressed={is_on.to_string()} onclick={choose}>
                { file.rsplit('/').next() }
            </button>
        }
    };
    html! {
        <section class="section grow">
            if props.addresses.len() > 1 {
                <div class="files" role="group" aria-label="Files">
                    { for props.addresses.iter().enumerate().map(file) }
                </div>
            }
            { body }
        </section>
    }
}
