//! The verdict on a history, and the button that asks for it.

use faultline_core::sim::Step;
use web_sys::MouseEvent;
use yew::{Callback, Html, html};

use crate::format::{count, counted, instant};
use crate::pages::lab::Intent;
use crate::wire::{Command, HistoryAnswer, HistoryFinding, HistoryView};

/// Says what is known about the history, and offers to find out.
pub(super) fn verdict(history: &HistoryView, judging: Option<u64>, on: &Callback<Intent>) -> Html {
    let Some(object) = &history.object else {
        return html! {
            <p class="history-verdict">
                { "Each bar is one operation, from its call to its answer. Whether the answers were \
                   right is judged under Properties." }
            </p>
        };
    };
    let check = on.reform(|_: MouseEvent| Intent::JudgeHistory);
    let cancel = on.reform(|_: MouseEvent| Intent::Ask(Command::Cancel));
    let label = match (&history.verdict, judging) {
        (_, Some(0)) => "Checking …".into(),
        (_, Some(calls)) => format!("Checking: {} calls tried …", count(calls)),
        (None, None) => "Check the history".into(),
        (Some(_), None) => "Check again".into(),
    };
    html! {
        <div class="history-verdict">
            <div role="status">{ said(history.verdict.as_ref(), object, on) }</div>
            <button type="button" class="button" onclick={check}
                aria-disabled={judging.is_some().to_string()}>{ label }</button>
            if judging.is_some() {
                <button type="button" class="button" onclick={cancel}>{ "Cancel" }</button>
            }
        </div>
    }
}

fn said(verdict: Option<&HistoryFinding>, object: &str, on: &Callback<Intent>) -> Html {
    let Some(verdict) = verdict else {
        return html! {
            <p>
                { format!("Clients see {object}. Is there an order of their operations, each at one \
                    moment between asking and answer, that explains what they were told?") }
            </p>
        };
    };
    let up_to = format!(
        "{} up to {}",
        counted(verdict.operations, "operation"),
        instant(verdict.judged_us)
    );
    match &verdict.answer {
        HistoryAnswer::Possible => html! {
            <p>
                <b class="good">{ "✓ Linearizable: " }</b>
                { format!("{up_to} could have happened one at a time, at the points shown. This \
                    judges only what clients were told: what servers hold can break a promise all \
                    the same.") }
            </p>
        },
        HistoryAnswer::Unknown { steps } => html! {
            <p>
                <b class="warn">{ "? Not known: " }</b>
                { format!("the search was given up after {} calls, on {up_to}.", count(*steps)) }
            </p>
        },
        HistoryAnswer::Impossible { from_us, to_us, event, reason } => {
            let event = *event;
            let at_us = *to_us;
            let go = on.reform(move |_: MouseEvent| Intent::Seek(at_us));
            let why = on.reform(move |_: MouseEvent| Intent::Why(Step::Event(event)));
            html! {
                <p>
                    <b class="bad">{ "◆ Not linearizable: " }</b>
                    { format!("no order explains {} to {}. ", instant(*from_us), instant(*to_us)) }
                    { reason }{ " " }
                    <button type="button" class="link" onclick={go}>{ "Show it" }</button>
                    <button type="button" class="link" onclick={why}>{ "Why?" }</button>
                </p>
            }
        }
    }
}
