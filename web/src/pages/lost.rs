//! An address that leads nowhere.

use yew::prelude::*;

use crate::route;

/// What was asked for.
#[derive(Properties, PartialEq)]
pub(crate) struct LostProps {
    /// In a sentence.
    pub(crate) sentence: AttrValue,
}

/// One sentence, and a way out.
#[component]
pub(crate) fn Lost(props: &LostProps) -> Html {
    html! {
        <div class="lost">
            <h1>{ "Nothing here" }</h1>
            <p role="alert">{ &props.sentence }</p>
            <p><a class="button primary" href={route::GALLERY}>{ "See all scenarios" }</a></p>
        </div>
    }
}
