//! What is different in two runs: where they part, what differs now, what comes of it.

use faultline_core::sim::TextLine;
use yew::prelude::*;

use super::beside::contrast;
use super::log::class_of;
use crate::contrast::{Contrasts, Turn, turns};
use crate::format::{counted, instant};
use crate::pages::lab::{Intent, go_to, step_to_difference};
use crate::shared::Shared;
use crate::wire::{Command, Compared, FirstDifference, Frame, Side};

/// At most so many differences of the moment are listed.
const LIMIT: usize = 40;
/// Of the first difference, at most so many lines are told here.
const LINE_LIMIT: usize = 2;

/// What the lists show.
#[derive(Properties, PartialEq)]
pub(crate) struct DifferencesProps {
    /// How the two runs differ.
    pub(crate) compared: Shared<Compared>,
    /// What differs at the cursor.
    pub(crate) now: Contrasts,
    /// The open run's world.
    pub(crate) frame: Shared<Frame>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// Three lists, each of which scrolls by itself.
#[component]
pub(crate) fn Differences(props: &DifferencesProps) -> Html {
    let DifferencesProps { compared, now, frame, on } = props;
    let now_text = instant(frame.scene.now_us);
    let unlisted = now.seen.len().saturating_sub(LIMIT);
    html! {
        <div class="differences">
            <section aria-label="First difference" tabindex="0">
                { first(compared, frame, on) }
            </section>
            <section aria-label="What differs now" tabindex="0">
                <h2 class="label">{ format!("What differs now, at {now_text}") }</h2>
                if *now == Contrasts::default() {
                    <p class="hint">{ "Nothing that can be seen." }</p>
                }
                <ul class="contrasts">
                    { for now.seen.iter().take(LIMIT).map(|it| contrast(it, on)) }
                </ul>
                if unlisted > 0 {
                    <p class="hint">{ format!("{unlisted} more are not listed.") }</p>
                }
                if !now.inside.is_empty() {
                    <p class="hint">{ inside(&now.inside) }</p>
                }
            </section>
            <section aria-label="Outcomes that differ" tabindex="0">
                <h2 class="label">{ "Outcomes that differ" }</h2>
                { outcomes(compared, frame, on) }
            </section>
        </div>
    }
}

/// Says which nodes hold something else and look alike.
fn inside(names: &[String]) -> String {
    let listed = names.iter().take(LIMIT).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if names.len() > LIMIT { " …" } else { "" };
    format!("Alike outside, other contents: {listed}{more}.")
}

fn first(compared: &Compared, frame: &Frame, on: &Callback<Intent>) -> Html {
    let turns = turns(compared);
    let step = |is_next: bool, label: &'static str, text: &'static str| {
        let target = step_to_difference(compared, frame, is_next);
        let on = on.clone();
        let is_off = target.is_err();
        let go = Callback::from(move |_: MouseEvent| {
            on.emit(target.clone().unwrap_or_else(Intent::Say));
        });
        html! {
            <button type="button" class="button" title={label} aria-disabled={is_off.to_string()}
                onclick={go}>{ text }</button>
        }
    };
    let body = match (&compared.first, turns.iter().find(|turn| turn.outcome.is_none())) {
        (Some(first), Some(turn)) => first_in_words(first, turn, frame, on),
        _ => none_yet(compared, on),
    };
    html! {
        <>
            <div class="difference-buttons">
                { step(false, "Previous difference (Shift N)", "‹ Previous") }
                { step(true, "Next difference (N)", "Next difference ›") }
            </div>
            { body }
            for start in &compared.start { { start_in_words(start) } }
        </>
    }
}

/// What is otherwise from the start: the designs differ, and nothing has come of it yet.
fn start_in_words(start: &FirstDifference) -> Html {
    html! {
        <>
            <p class="hint">{ "Set up otherwise, at " }{ instant(start.at_us) }{ ":" }</p>
            { lines(start) }
        </>
    }
}

fn first_in_words(
    first: &FirstDifference,
    turn: &Turn<'_>,
    frame: &Frame,
    on: &Callback<Intent>,
) -> Html {
    let place = turn.place;
    let go = on.reform(move |_: MouseEvent| go_to(place));
    let is_here = !place.is_ahead_of(frame) && !place.is_behind(frame);
    let what = first.lines[0].first().filter(|_| first.begins_alike).map(|line| &line.text);
    html! {
        <>
            <button type="button" class={classes!("first-difference", is_here.then_some("is-here"))}
                aria-current={is_here.then_some("true")} onclick={go}>
                <b>{ format!("≠ First difference in the log: {}", instant(first.at_us)) }</b>
                if let Some(what) = what { <span>{ what }</span> }
            </button>
            { lines(first) }
        </>
    }
}

/// What each run says of a difference.
fn lines(first: &FirstDifference) -> Html {
    html! {
        <dl class="first-lines">
                { for Side::BOTH.map(|side| {
                    let lines = &first.lines[side.index()];
                    let own = lines.get(usize::from(first.begins_alike)..).unwrap_or_default();
                    said(side, own, first.begins_alike)
                }) }
            </dl>
    }
}

/// What one run says of the first difference.
fn said(side: Side, lines: &[TextLine], begins_alike: bool) -> Html {
    let silence = if begins_alike { "nothing more" } else { "nothing at this time" };
    html! {
        <>
            <dt><b class="letter">{ side.letter() }</b></dt>
            <dd>
                if lines.is_empty() { <span class="hint">{ silence }</span> }
                { for lines.iter().take(LINE_LIMIT).map(|line| html! {
                    <span class={class_of(line.kind)}>{ &line.text }</span>
                }) }
                if lines.len() > LINE_LIMIT {
                    <span class="hint">{ "… and more, in the log" }</span>
                }
            </dd>
        </>
    }
}

/// The search goes on, or has found nothing.
fn none_yet(compared: &Compared, on: &Callback<Intent>) -> Html {
    let looked = instant(compared.looked_us);
    let sentence = if compared.is_over {
        format!("No difference up to the end, {looked}.")
    } else if compared.is_stopped {
        format!("No difference up to {looked}, where the search was stopped.")
    } else {
        format!("No difference up to {looked}; the search goes on.")
    };
    html! { <p role="status">{ sentence }{ stop(compared, on) }</p> }
}

fn stop(compared: &Compared, on: &Callback<Intent>) -> Html {
    if compared.is_over || compared.is_stopped {
        return Html::default();
    }
    let cancel = on.reform(|_: MouseEvent| Intent::Ask(Command::Cancel));
    html! { <>{ " " }<button type="button" class="link" onclick={cancel}>{ "Stop" }</button></> }
}

fn outcomes(compared: &Compared, frame: &Frame, on: &Callback<Intent>) -> Html {
    let turns = turns(compared);
    let turns = turns.iter().filter(|turn| turn.outcome.is_some());
    let entry = |turn: &Turn<'_>| {
        let Some(outcome) = turn.outcome else { return Html::default() };
        let place = turn.place;
        let go = on.reform(move |_: MouseEvent| go_to(place));
        let is_here = !place.is_ahead_of(frame) && !place.is_behind(frame);
        let says = Side::BOTH.map(|side| {
            let at_us = outcome.at_us[side.index()];
            // An alert that rang in both breaks no promise: it is not red.
            let class = match (outcome.is_bad, at_us) {
                (true, Some(_)) if outcome.is_alert => "warn",
                (true, Some(_)) | (false, None) => "bad",
                (true, None) | (false, Some(_)) => "good",
            };
            let text =
                at_us.map_or_else(|| "never".to_owned(), |at_us| format!("at {}", instant(at_us)));
            html! {
                <span class={classes!("says", class)}><b class="letter">{ side.letter() }</b>
                    { text }</span>
            }
        });
        html! {
            <li aria-current={is_here.then_some("true")}>
                <button type="button" class="link" onclick={go}>{ &outcome.text }</button>
                { for says }
            </li>
        }
    };
    let looked = instant(compared.looked_us);
    html! {
        <>
            <ul class="contrasts">{ for turns.map(entry) }</ul>
            if compared.left_out > 0 {
                <p class="hint">{ format!("{} more are left out.",
                    counted(compared.left_out.into(), "verdict")) }</p>
            }
            if compared.is_over && compared.outcomes.is_empty() {
                <p class="hint">
                    { format!("Every promise comes out the same in both, up to {looked}.") }
                </p>
            } else if compared.is_over {
                <p class="hint">{ format!("Both were looked through up to {looked}.") }</p>
            } else {
                <p class="hint">
                    { format!("Looked through up to {looked}.") }{ stop(compared, on) }
                </p>
            }
        </>
    }
}
