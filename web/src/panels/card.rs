//! About a system: what is required of it, what it faces, what is modelled and what is not.

use yew::prelude::*;

use super::dialog::Dialog;
use crate::format::words;
use crate::pages::lab::Intent;
use crate::shared::Shared;
use crate::widgets::{BlockDiagramProps, block_diagram};
use crate::wire::{Card, Opened};

/// What the card shows.
pub(crate) struct CardProps {
    /// Scenario and setup.
    pub(crate) opened: Shared<Opened>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The card of the scenario, over the lab.
pub(crate) fn card_dialog(props: &CardProps) -> Html {
    let card = &props.opened.card;
    let on_close = props.on.reform(|()| Intent::Dialog(None));
    html! {
        <Dialog title={card.title.clone()} wide={true} {on_close}>
            <div class="card-text">
                <p class="lead">{ &card.promise }</p>
                <p>{ &card.constraint }</p>
                { block_diagram(&BlockDiagramProps {
                    boxes: card.boxes.clone(),
                    arrows: card.arrows.clone(),
                }) }
                { designs(card) }
                { list("Requirements", &card.requirements) }
                if !card.faced.is_empty() {
                    <h3>{ "What it faces" }</h3>
                    <dl class="pairs">{ for card.faced.iter().map(pair) }</dl>
                }
                { list("What people get wrong", &card.pitfalls) }
                { fidelity(card) }
                { list("Sources", &card.sources) }
                { small_print(&props.opened) }
            </div>
        </Dialog>
    }
}

fn designs(card: &Card) -> Html {
    let rows = [
        ("How strong", &card.guarantee),
        ("Naive design", &card.naive),
        ("What breaks it", &card.breaks),
        ("Hardened design", &card.hardened),
        ("It survives", &card.survives),
        ("First to give out", &card.saturates_first),
    ];
    let rows = rows.into_iter().filter(|(_, text)| !text.is_empty());
    html! {
        <dl class="pairs">
            { for rows.map(|(name, text)| html! { <><dt>{ name }</dt><dd>{ text }</dd></> }) }
        </dl>
    }
}

fn pair((name, text): &(String, String)) -> Html {
    html! { <><dt>{ name }</dt><dd>{ text }</dd></> }
}

fn list(heading: &str, items: &[String]) -> Html {
    if items.is_empty() {
        return Html::default();
    }
    html! {
        <>
            <h3>{ heading }</h3>
            <ul>{ for items.iter().map(|item| html! { <li>{ item }</li> }) }</ul>
        </>
    }
}

fn fidelity(card: &Card) -> Html {
    let [modelled, simplified, omitted] = &card.fidelity;
    html! {
        <>
            { list("Runs for real", modelled) }
            { list("Simpler than in the world", simplified) }
            { list("Left out", omitted) }
        </>
    }
}

fn small_print(opened: &Opened) -> Html {
    let primitives: Vec<String> =
        opened.card.primitives.iter().map(|primitive| words(&format!("{primitive:?}"))).collect();
    html! {
        <p class="hint">
            if !primitives.is_empty() {
                { format!("Made of: {}. ", primitives.join(", ").to_lowercase()) }
            }
            { format!("Catalogue: {}. Revision {}.", opened.card.seeds.join(", "), opened.revision) }
        </p>
    }
}
