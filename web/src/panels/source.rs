//! The scenario's own file, as it was compiled.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::fetch;

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub(crate) struct SourceProps {
    /// The file's address, if it is served.
    pub(crate) address: Option<AttrValue>,
}

/// The text of the file, fetched when it is first looked at.
#[component]
pub(crate) fn SourcePanel(props: &SourceProps) -> Html {
    let text = use_state(|| None::<Result<AttrValue, AttrValue>>);
    {
        let text = text.setter();
        use_effect_with(props.address.clone(), move |address| {
            text.set(None);
            if let Some(address) = address.clone() {
                spawn_local(async move {
                    let fetched = fetch::text(&address).await;
                    text.set(Some(fetched.map(Into::into).map_err(Into::into)));
                });
            }
        });
    }
    let body = match (&props.address, &*text) {
        (None, _) => html! {
            <p class="hint">{ "This scenario's file is not served with this page." }</p>
        },
        (_, None) => html! { <p class="hint">{ "Fetching the file …" }</p> },
        (_, Some(Err(sentence))) => html! { <p role="alert">{ sentence }</p> },
        (Some(address), Some(Ok(text))) => html! {
            <>
                <p class="hint">
                    { "What runs is this file, compiled. " }<a href={address.clone()}>{ "Open it alone" }</a>
                </p>
                <pre class="source" tabindex="0" aria-label="Source"><code>{ text }</code></pre>
            </>
        },
    };
    html! { <section class="section grow">{ body }</section> }
}
