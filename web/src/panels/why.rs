//! The answer to "Why?": what was done to the system, and the story of each side, one below the other.

use faultline_core::sim::{Step, TextLine};
use faultline_core::why::{Join, Thread};
use yew::prelude::*;

use super::glyph::{Glyph, glyph};
use crate::format::{counted, instant};
use crate::pages::lab::{Intent, TraceIntent};
use crate::wire::{Command, Why, Without};

/// So many causes of a thread are in sight at first.
const SEEN_AT_FIRST: usize = 5;

/// Tells what led to an event, faults first.
pub(crate) fn why(why: &Why, on: &Callback<Intent>) -> Html {
    let close = on.reform(|_: MouseEvent| Intent::CloseWhy);
    let story = &why.story;
    let is_contradiction = story.threads.len() > 1;
    html! {
        <section class="why" aria-label="Why">
            <header>
                <h2 class="label">{ "Why" }</h2>
                <button type="button" class="icon" aria-label="Close" onclick={close}>
                    { glyph(Glyph::Close) }
                </button>
            </header>
            for reason in &story.of { <p class="why-of">{ reason }{ "." }</p> }
            if !story.done.is_empty() {
                <h3 class="label">{ "Done to the system by then" }</h3>
                { list(&story.done, why, on) }
            }
            if is_contradiction {
                <p class="hint">
                    { format!("{} came together here. Below each stands what led to it, the \
                               latest first.", number(story.threads.len())) }
                </p>
            }
            if story.threads.is_empty() && story.of.is_some() {
                <p class="hint">{ "Nothing that happened caused this: something did not happen in time." }</p>
            }
            { for story.threads.iter().map(|it| thread(it, why, on)) }
            if is_contradiction && story.threads.iter().all(|it| it.joins.is_none()) {
                <p class="why-apart">
                    { "No message and no timer leads from one of these to another: each came about \
                       by itself, and only together do they break the promise." }
                </p>
            }
            if !story.past.is_empty() {
                <details>
                    <summary>{ format!(
                        "Everything that happened before it: the last {}",
                        counted(story.past.len() as u64, "event"),
                    ) }</summary>
                    { list(&story.past, why, on) }
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
    let is_alone = why.story.threads.len() == 1;
    // What is asked about by its own line need not be told again.
    let is_headed = !is_alone || why.story.of.is_some();
    let (seen, rest) = thread.chain.split_at(thread.chain.len().min(SEEN_AT_FIRST));
    html! {
        <section class="why-thread">
            if is_headed {
                <div class="why-head">{ list(std::slice::from_ref(&thread.head), why, on) }</div>
            }
            if is_alone && !thread.chain.is_empty() {
                <h3 class="label">
                    { "What led to it, the latest first" }
                </h3>
            }
            if thread.chain.is_empty() && !is_headed {
                <p class="hint">{ "Nothing is known to have caused this." }</p>
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
    format!("This, too, was caused by {above}{text}, at {}.", instant(*at_us))
}

fn list(lines: &[TextLine], why: &Why, on: &Callback<Intent>) -> Html {
    html! { <ol>{ for lines.iter().map(|it| cause(it, why, on)) }</ol> }
}

/// A line of the answer to why, with the moment to go to, and with the run in which it does not happen:
/// where there is none, with the reason.
fn cause(line: &TextLine, why: &Why, on: &Callback<Intent>) -> Html {
    let (step, at_us) = (line.step, line.at_us);
    let seek = on.reform(move |_: MouseEvent| Intent::Ask(Command::to(step, at_us)));
    let event = if let Step::Event(event) = step { Some(event) } else { None };
    let fixed = event.and_then(|event| why.fixed.get(&event));
    let without = event.filter(|_| fixed.is_none()).map(|event| {
        on.reform(move |_: MouseEvent| TraceIntent::Without(Without::Event(event)).into())
    });
    html! {
        <li>
            <button type="button" class="time" onclick={seek}>{ instant(at_us) }</button>
            <span>{ &line.text }</span>
            if let Some(reason) = fixed {
                <details class="why-fixed">
                    <summary aria-label={format!("why not without it? {}", line.text)}>
                        { "why not without it?" }
                    </summary>
                    <p class="hint">{ reason }</p>
                </details>
            }
            for without in without {
                <button type="button" class="link" onclick={without}
                    aria-label={format!("run without it: {}", line.text)}
                    title="Shows the run in which this does not happen">{ "run without it" }</button>
            }
        </li>
    }
}
