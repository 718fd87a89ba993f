//! The answer to "Why?": what was done to the system, and the story of each side, one below the other.

use faultline_core::sim::{TextKind, TextLine};
use faultline_core::why::{Join, Thread};
use yew::prelude::*;

use super::glyph::{Glyph, glyph};
use crate::format::{counted, instant};
use crate::pages::lab::{Intent, TraceIntent};
use crate::wire::{Command, Why, Without};

/// So many causes of a thread are in sight at first.
const SEEN_AT_FIRST: usize = 5;

/// Tells what led to an event, faults first.
pub(super) fn why(why: &Why, on: &Callback<Intent>) -> Html {
    let close = on.reform(|_: MouseEvent| Intent::CloseWhy);
    let is_contradiction = why.threads.len() > 1;
    html! {
        <section class="why" aria-label="Why">
            <header>
                <h2 class="label">{ "Why" }</h2>
                <button type="button" class="icon" aria-label="Close" onclick={close}>
                    { glyph(Glyph::Close) }
                </button>
            </header>
            for reason in &why.of { <p class="why-of">{ reason }{ "." }</p> }
            if !why.done.is_empty() {
                <h3 class="label">{ "Done to the system by then" }</h3>
                { list(&why.done, why, on) }
            }
            if is_contradiction {
                <p class="hint">
                    { format!("{} came together here. Each heads what led to it; a line was \
                               brought about by the one below it.", number(why.threads.len())) }
                </p>
            }
            if why.threads.is_empty() && why.of.is_some() {
                <p class="hint">{ "No event brought this about: it did not happen in time." }</p>
            }
            { for why.threads.iter().map(|it| thread(it, why, on)) }
            if is_contradiction && why.threads.iter().all(|it| it.joins.is_none()) {
                <p class="why-apart">
                    { "No message and no timer led to more than one of these: none is a cause of \
                       another." }
                </p>
            }
            if !why.past.is_empty() {
                <details>
                    <summary>{ format!(
                        "Everything that happened before it: the last {}",
                        counted(why.past.len() as u64, "event"),
                    ) }</summary>
                    { list(&why.past, why, on) }
                </details>
            }
        </section>
    }
}

fn number(count: usize) -> String {
    match count {
        2 => "Two things".into(),
        3 => "Three things".into(),
        4 => "Four things".into(),
        _ => counted(count as u64, "thing"),
    }
}

/// One thing that happened, and below it what led to it.
fn thread(thread: &Thread, why: &Why, on: &Callback<Intent>) -> Html {
    let is_alone = why.threads.len() == 1;
    // What is asked about by its own line need not be told again.
    let is_headed = !is_alone || why.of.is_some();
    let (seen, rest) = thread.chain.split_at(thread.chain.len().min(SEEN_AT_FIRST));
    html! {
        <section class="why-thread">
            if is_headed {
                <div class="why-head">{ list(std::slice::from_ref(&thread.head), why, on) }</div>
            }
            if is_alone && !thread.chain.is_empty() {
                <h3 class="label">
                    { "What led to it: each line was brought about by the one below it" }
                </h3>
            }
            if thread.chain.is_empty() && !is_headed {
                <p class="hint">{ "Nothing is known to have brought this about." }</p>
            }
            { list(seen, why, on) }
            if !rest.is_empty() {
                <details>
                    <summary>{ format!("and {} before", counted(rest.len() as u64, "cause")) }</summary>
                    { list(rest, why, on) }
                </details>
            }
            for join in &thread.joins { <p class="why-joins">{ joins(join) }</p> }
            for missed in &thread.missed { <p class="why-missed">{ missed }</p> }
        </section>
    }
}

/// Says where a thread meets one above it.
fn joins(join: &Join) -> String {
    let above = if join.is_listed { "what is told above: " } else { "" };
    let Join { cause: TextLine { at_us, text, .. }, .. } = join;
    format!("Both go back to {above}{text} at {}.", instant(*at_us))
}

fn list(lines: &[TextLine], why: &Why, on: &Callback<Intent>) -> Html {
    html! { <ol>{ for lines.iter().map(|it| cause(it, why, on)) }</ol> }
}

/// A line of the answer to why, with the moment to go to, and with the run in which it does not happen:
/// where there is none, with the reason.
fn cause(line: &TextLine, why: &Why, on: &Callback<Intent>) -> Html {
    let (event, at_us, is_action) = (line.event, line.at_us, line.kind == TextKind::Action);
    let seek = on.reform(move |_: MouseEvent| {
        // An action belongs to a time, not to an event.
        if is_action { Intent::Seek(at_us) } else { Intent::Ask(Command::SeekEvent { event }) }
    });
    let without =
        on.reform(move |_: MouseEvent| TraceIntent::Without(Without::Event(event)).into());
    html! {
        <li>
            <button type="button" class="time" onclick={seek}>{ instant(at_us) }</button>
            <span>{ &line.text }</span>
            if let Some(reason) = why.fixed.get(&event).filter(|_| !is_action) {
                <details class="why-fixed">
                    <summary title="Why this cannot be left out"
                        aria-label={format!("stays, and why: {}", line.text)}>
                        { "stays" }
                    </summary>
                    <p class="hint">{ reason }</p>
                </details>
            } else if !is_action {
                <button type="button" class="link" onclick={without}
                    aria-label={format!("The run without this: {}", line.text)}
                    title="Forks a run in which this does not happen">{ "without" }</button>
            }
        </li>
    }
}
