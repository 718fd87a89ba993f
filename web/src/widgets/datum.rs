//! One cell.

use faultline_core::view::{Datum, Tone};
use yew::{Classes, Html, classes, html};

use crate::epoch::{epoch_in_words, epoch_word};
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

/// Returns the sign of a tone as a letter, for where only letters can stand.
pub(crate) fn tone_letter(tone: Tone) -> Option<&'static str> {
    match tone {
        Tone::Neutral | Tone::Muted => None,
        Tone::Good => Some("✓"),
        Tone::Warn => Some("▲"),
        Tone::Bad => Some("◆"),
    }
}

/// Returns the sign of a tone: colour alone says nothing to some.
pub(crate) fn tone_sign(tone: Tone) -> Html {
    let Some(sign) = tone_letter(tone) else { return Html::default() };
    html! { <span class="tone-sign" aria-hidden="true">{ sign }</span> }
}

/// Returns a tone in words.
pub(crate) fn tone_in_words(tone: Tone) -> Option<&'static str> {
    match tone {
        Tone::Neutral | Tone::Muted => None,
        Tone::Good => Some("good"),
        Tone::Warn => Some("worth a look"),
        Tone::Bad => Some("wrong"),
    }
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

/// Returns the classes of a value that stands in running text or in a table: a cell only if it has
/// an epoch or is not decided.
pub(crate) fn value_classes(datum: &Datum, has_changed: bool) -> Classes {
    let is_cell = datum.epoch.is_some() || !datum.committed;
    if is_cell {
        return cell_classes(datum, has_changed);
    }
    classes!(tone_class(datum.tone), has_changed.then_some("is-changed"))
}

/// Returns what a cell says: its epoch's number, its text, and what its border says, in words.
pub(crate) fn cell_content(datum: &Datum) -> Html {
    html! {<>
        { tone_sign(datum.tone) }
        if let Some(epoch) = datum.epoch {
            <b class="cell-epoch">{ epoch_number(epoch) }</b>
        }
        <span class="cell-text">{ &datum.text }</span>
        if datum.durable { { lock() } }
        { unseen_words(datum) }
    </>}
}

/// Returns an epoch's number, with its word for those who do not see where it stands.
pub(crate) fn epoch_number(epoch: u64) -> Html {
    html! {<><span class="visually-hidden">{ format!("{} ", epoch_word()) }</span>{ epoch }</>}
}

/// Returns the lock of what survives a crash.
pub(crate) fn lock() -> Html {
    html! {
        <svg class="cell-lock" width="9" height="10" viewBox="0 0 9 10" aria-hidden="true">
            <path d="M1 4.5h7v5H1zM2.5 4.5v-2a2 2 0 0 1 4 0v2" fill="none"
                stroke="currentColor" stroke-width="1.3" />
        </svg>
    }
}

/// Returns what only the look of a cell says, for those who do not see it.
pub(crate) fn unseen_words(datum: &Datum) -> Html {
    let words = look_in_words(datum);
    if words.is_empty() {
        return Html::default();
    }
    html! { <span class="visually-hidden">{ format!(", {}", words.join(", ")) }</span> }
}

fn look_in_words(datum: &Datum) -> Vec<&'static str> {
    let durable = datum.durable.then_some("durable");
    let open = (!datum.committed).then_some("not committed");
    durable.into_iter().chain(open).chain(tone_in_words(datum.tone)).collect()
}

/// Returns a cell in words: "epoch 3 x=1, durable, not committed".
pub(crate) fn datum_in_words(datum: &Datum) -> String {
    let epoch = datum.epoch.map(epoch_in_words);
    let text = (!datum.text.is_empty()).then(|| datum.text.clone());
    let said: Vec<String> = epoch.into_iter().chain(text).collect();
    let said = if said.is_empty() { "blank".to_owned() } else { said.join(" ") };
    std::iter::once(said.as_str()).chain(look_in_words(datum)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_what_only_the_look_says() {
        let datum = Datum::new("x=1").in_epoch(3).durable().uncommitted().toned(Tone::Bad);
        assert_eq!(datum_in_words(&datum), "epoch 3 x=1, durable, not committed, wrong");
        assert_eq!(datum_in_words(&Datum::new("7")), "7");
        assert_eq!(datum_in_words(&Datum::new("")), "blank");
    }
}
