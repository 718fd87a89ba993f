//! One cell.

use faultline_core::view::{Datum, Tone};
use yew::{Classes, Html, classes, html};

use crate::stage::hue_class;

/// Returns the class of a tone.
pub(crate) fn tone_class(tone: Tone) -> Option<&'static str> {
    match tone {
        Tone::Neutral => None,
        Tone::Good => Some("tone-good"),
        Tone::Warn => Some("tone-warn"),
        Tone::Bad => Some("tone-bad"),
        Tone::Muted => Some("tone-muted"),
    }
}

/// Returns the sign of a tone: colour alone says nothing to some.
pub(crate) fn tone_sign(tone: Tone) -> Html {
    let sign = match tone {
        Tone::Neutral | Tone::Muted => return Html::default(),
        Tone::Good => "✓",
        Tone::Warn => "▲",
        Tone::Bad => "◆",
    };
    html! { <span class="tone-sign" aria-hidden="true">{ sign }</span> }
}

/// Returns the classes of a cell.
pub(crate) fn cell_classes(datum: &Datum, has_changed: bool) -> Classes {
    classes!(
        "cell",
        datum.epoch.map(hue_class),
        tone_class(datum.tone),
        (!datum.committed).then_some("is-open"),
        has_changed.then_some("is-changed"),
    )
}

/// Returns what a cell says: its epoch's number, its text, and what its border says, in words.
pub(crate) fn cell_content(datum: &Datum) -> Html {
    html! {<>
        { tone_sign(datum.tone) }
        if let Some(epoch) = datum.epoch {
            <b class="cell-epoch"><span class="visually-hidden">{ "epoch " }</span>{ epoch }</b>
        }
        <span>{ &datum.text }</span>
        if datum.durable {
            <svg class="cell-lock" width="9" height="10" viewBox="0 0 9 10" aria-hidden="true">
                <path d="M1 4.5h7v5H1zM2.5 4.5v-2a2 2 0 0 1 4 0v2" fill="none"
                    stroke="currentColor" stroke-width="1.3" />
            </svg>
            <span class="visually-hidden">{ ", durable" }</span>
        }
        if !datum.committed { <span class="visually-hidden">{ ", not committed" }</span> }
    </>}
}
