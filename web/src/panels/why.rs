//! The answer to "Why?": what was done to the system, and the story of each side, one below the other.

use faultline_core::sim::{TextKind, TextLine};
use faultline_core::why::Thread;
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
                { list(&why.done, on) }
            }
            if is_contradiction {
                <p class="hint">
                    { format!("{} came together here. Each heads what led to it; a line was \
                               brought about by the one below it.", number(why.threads.len())) }
                </p>
            }
            { for why.threads.iter().map(|it| thread(it, is_contradiction, on)) }
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
                    { list(&why.past, on) }
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
fn thread(thread: &Thread, is_one_of_many: bool, on: &Callback<Intent>) -> Html {
    let (seen, rest) = thread.chain.split_at(thread.chain.len().min(SEEN_AT_FIRST));
    html! {
        <section class="why-thread">
            if is_one_of_many {
                <div class="why-head">{ list(std::slice::from_ref(&thread.head), on) }</div>
            } else {
                <h3 class="label">
                    { "What led to it: each line was brought about by the one below it" }
                </h3>
            }
            if thread.chain.is_empty() && thread.joins.is_none() && !is_one_of_many {
                <p class="hint">{ "Nothing is known to have brought this about." }</p>
            }
            { list(seen, on) }
            if !rest.is_empty() {
                <details>
                    <summary>{ format!("and {} before", counted(rest.len() as u64, "cause")) }</summary>
                    { list(rest, on) }
                </details>
            }
            for line in &thread.joins {
                <p class="why-joins">
                    { format!("Both go back to what is told above: {} at {}.", line.text,
                        instant(line.at_us)) }
                </p>
            }
            for missed in &thread.missed { <p class="why-missed">{ missed }</p> }
        </section>
    }
}

fn list(lines: &[TextLine], on: &Callback<Intent>) -> Html {
    html! { <ol>{ for lines.iter().map(|it| cause(it, on)) }</ol> }
}

/// A line of the answer to why, with the moment to go to.
fn cause(line: &TextLine, on: &Callback<Intent>) -> Html {
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
            if !is_action {
                <button type="button" class="link" onclick={without}
                    aria-label={format!("The run without this: {}", line.text)}
                    title="Forks a run in which this does not happen">{ "without" }</button>
            }
        </li>
    }
}
