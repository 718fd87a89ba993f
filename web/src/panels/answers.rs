//! What the viewer has answered: the score in words, the file to hand in, and the way to begin anew.

use js_sys::encode_uri_component;
use yew::prelude::*;

use crate::answers::answers_file;
use crate::pages::lab::{Intent, Study, Wish};
use crate::route;
use crate::wire::Opened;

/// Shows the score, and the buttons to save and to forget the answers.
pub(super) fn answers(opened: &Opened, study: &Study, on: &Callback<Intent>) -> Html {
    let ledger = &study.ledger;
    if ledger.records.is_empty() && ledger.solutions.is_empty() {
        return Html::default();
    }
    let text = answers_file(opened, ledger, route::address_of);
    let file = format!(
        "data:application/json;charset=utf-8,{}",
        String::from(encode_uri_component(&text))
    );
    let forget = on.reform(|_: MouseEvent| Intent::Study(Wish::ForgetAnswers));
    html! {
        <section class="answers" aria-labelledby="answers">
            <h3 id="answers">{ "Your answers" }</h3>
            if let Some(score) = ledger.score() { <p role="status">{ score }</p> }
            if !opened.puzzles.is_empty() {
                <p>
                    { format!(
                        "Puzzles solved: {} of {}.",
                        ledger.solutions.len(),
                        opened.puzzles.len(),
                    ) }
                </p>
            }
            <p class="answer-buttons">
                <a class="button" href={file}
                    download={format!("faultline-{}-answers.json", opened.card.slug)}>
                    { "Save as a file" }
                </a>
                <button type="button" class="button" onclick={forget}>{ "Forget them" }</button>
            </p>
            <p class="hint">{ "Kept in this browser, and sent nowhere." }</p>
        </section>
    }
}
