//! Every picture with sample data and its words: what a scenario can show, for those who write one,
//! for those who want a sign explained, and for the tests that compare pictures.

mod sample_shapes;
mod sample_times;
mod samples;

use faultline_core::view::Widget;
use yew::prelude::*;

use self::samples::{NOW_US, Sample, samples};
use crate::pages::gallery::ThemeButton;
use crate::route;
use crate::widgets::{WidgetList, widget_in_words};

/// All pictures, one below the other.
#[component]
pub(crate) fn Pictures() -> Html {
    use_effect_with((), |()| gloo::utils::document().set_title("All pictures · Faultline"));
    let samples = use_memo((), |()| samples());
    let entry = |sample: &Sample| {
        // The address of the page is its fragment, so a way within the page has to be walked.
        let id = format!("picture-{}", sample.key);
        let on_click = Callback::from(move |event: MouseEvent| {
            event.prevent_default();
            if let Some(section) = gloo::utils::document().get_element_by_id(&id) {
                section.scroll_into_view();
            }
        });
        html! { <li><a href={route::PICTURES} onclick={on_click}>{ sample.title }</a></li> }
    };
    html! {
        <div class="pictures">
            <header class="top-bar">
                <a class="brand" href="#/">{ "Faultline" }</a>
                <span class="crumb">{ "All pictures, explained" }</span>
                <span class="space"></span>
                <ThemeButton />
            </header>
            <main class="pictures-body">
                <h1>{ "All pictures, explained" }</h1>
                <p>
                    { "Every scenario shows its state in these. Each stands in a narrow panel as \
                       scenarios have it, with far too much in it, and with nothing; and each can be \
                       read as text. The signs on the stage are explained " }
                    <a href={route::SIGNS}>{ "on a page of their own" }</a>{ "." }
                </p>
                <ul class="pictures-list">{ for samples.iter().map(entry) }</ul>
                { for samples.iter().map(picture) }
            </main>
        </div>
    }
}

fn picture(sample: &Sample) -> Html {
    let Sample { key, title, purpose, typical, extreme, empty } = sample;
    html! {
        <section class="picture" id={format!("picture-{key}")} aria-labelledby={format!("title-{key}")}>
            <h2 id={format!("title-{key}")}>{ *title }</h2>
            <p>{ *purpose }</p>
            <div class="picture-samples">
                { shown("typical", key, "As it often is", typical) }
                { shown("extreme", key, "Far too much", extreme) }
                { shown("empty", key, "Nothing", empty) }
            </div>
        </section>
    }
}

/// Draws a sample of a kind, with its words to unfold.
fn shown(kind: &'static str, key: &str, title: &'static str, widgets: &[Widget]) -> Html {
    let words = widgets.iter().flat_map(widget_in_words);
    html! {
        <div class={classes!("picture-sample", format!("is-{kind}"))}>
            <h3 class="label">{ title }</h3>
            <div class="picture-frame" data-picture={format!("{key}-{kind}")}>
                <WidgetList widgets={widgets.to_vec()} now_us={NOW_US} />
            </div>
            <details>
                <summary>{ "Read as text" }</summary>
                <ul class="picture-words">{ for words.map(|line| html! { <li>{ line }</li> }) }</ul>
            </details>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::mem::discriminant;

    use super::*;

    #[test]
    fn there_is_a_sample_of_every_case_and_each_says_its_name() {
        let samples = samples();
        let all =
            || samples.iter().flat_map(|it| it.typical.iter().chain(&it.extreme).chain(&it.empty));
        let mut cases = Vec::new();
        for widget in all() {
            if !cases.contains(&discriminant(widget)) {
                cases.push(discriminant(widget));
            }
            let words = widget_in_words(widget);
            assert!(words[0].starts_with(widget.label()), "{words:?}");
        }
        assert_eq!(cases.len(), 20, "a case of Widget has no sample");
        let keys: BTreeSet<&str> = samples.iter().map(|sample| sample.key).collect();
        assert_eq!(keys.len(), samples.len());
    }

    /// What the browser's tests compare with, light and dark.
    #[test]
    fn every_case_has_its_pictures() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/browser/visual");
        for sample in samples() {
            for theme in ["light", "dark"] {
                let file = format!("{folder}/{}-{theme}.png", sample.key);
                assert!(std::path::Path::new(&file).exists(), "{file}");
            }
        }
    }

    #[test]
    fn words_are_bounded_however_much_there_is() {
        for sample in samples() {
            for widget in &sample.extreme {
                let words = widget_in_words(widget);
                assert!(words.len() < 100, "{}: {} lines", sample.key, words.len());
                let longest = words.iter().map(String::len).max().unwrap_or(0);
                assert!(longest < 4_000, "{}: a line of {longest}", sample.key);
            }
        }
    }
}
