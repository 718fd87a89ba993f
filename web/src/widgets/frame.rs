//! What all pieces share: their name above, and the words for what did not fit.

use yew::{Html, classes, html};

use crate::format::count;

/// Returns a piece with its name above it.
pub(super) fn framed(class: &'static str, label: &str, body: Html) -> Html {
    html! {
        <figure class={classes!("widget", class)}>
            if !label.is_empty() { <figcaption class="widget-label">{ label }</figcaption> }
            { body }
        </figure>
    }
}

/// Returns what stands in the place of a piece that holds nothing.
pub(super) fn empty() -> Html {
    html! { <p class="widget-empty">{ "empty" }</p> }
}

/// Returns the words for what is left out; nothing if nothing is.
pub(super) fn more(hidden: usize, things: &str) -> Html {
    if hidden == 0 {
        return Html::default();
    }
    html! { <p class="widget-more">{ more_in_words(hidden, things) }</p> }
}

/// Returns the words for what is left out: "… and 40 more entries".
pub(super) fn more_in_words(hidden: usize, things: &str) -> String {
    format!("… and {} more {things}", count(hidden as u64))
}

/// Returns the text with at most `letters` letters; marks what is cut off.
pub(super) fn shortened(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    text.chars().take(letters.saturating_sub(1)).chain(['…']).collect()
}

/// Returns a style that places something at a share of its parent's width.
pub(super) fn left(share: f64) -> String {
    format!("left:{:.2}%", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        assert_eq!(shortened("checkpoint", 10), "checkpoint");
        assert_eq!(shortened("checkpoint", 6), "check…");
        assert_eq!(more_in_words(1_200, "rows"), "… and 1,200 more rows");
    }
}
