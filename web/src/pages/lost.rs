//! An address that leads nowhere.

use yew::prelude::*;

use crate::route;

/// What was asked for.
pub(crate) struct LostProps {
    /// In a sentence.
    pub(crate) sentence: AttrValue,
    /// The scenario that was asked for, if one can be made out: its title and address.
    pub(crate) afresh: Option<(AttrValue, AttrValue)>,
}

/// One sentence, and the ways out.
pub(crate) fn lost(props: &LostProps) -> Html {
    html! {
        <div class="lost">
            // A link that names a scenario leads somewhere; the rest of it cannot be read.
            <h1>{ if props.afresh.is_some() { "This link is damaged" } else { "Nothing here" } }</h1>
            <p role="alert">{ &props.sentence }</p>
            <p class="lost-ways">
                if let Some((title, address)) = &props.afresh {
                    <a class="button primary" href={address}>{ format!("Open {title} afresh") }</a>
                }
                <a class={classes!("button", props.afresh.is_none().then_some("primary"))}
                    href={route::GALLERY}>{ "See all scenarios" }</a>
            </p>
        </div>
    }
}
