//! Every sign of the stage once, with what it means.

use yew::prelude::*;

use crate::route;
use crate::stage::EncodingsGallery;

/// All signs.
pub(crate) fn signs() -> Html {
    html! {
        <main class="signs">
            <h1>{ "The signs on the stage" }</h1>
            <p>
                { "What stands on the stage looks the same in every scenario. Shape says what part \
                   a node plays, colour and number say its epoch, and nothing is said by colour \
                   alone." }
            </p>
            <p><a href={route::PICTURES}>{ "The pictures in the panels" }</a>{ " have a page of their own." }</p>
            <EncodingsGallery />
        </main>
    }
}
