//! What has changed: by the last step, or since a moment that the viewer has pinned.

use faultline_core::sim::NodeId;
use yew::prelude::*;

use super::inspect::name_of;
use crate::format::{counted, instant};
use crate::pages::lab::{Intent, Trace, TraceIntent};
use crate::shared::Shared;
use crate::wire::{ChangeLine, Frame};

/// What is listed.
pub(crate) struct ChangesProps {
    /// What has changed, since when, and whether all else is hidden.
    pub(crate) trace: Shared<Trace>,
    /// The world at the cursor.
    pub(crate) frame: Shared<Frame>,
    /// Only what concerns this node.
    pub(crate) node: Option<NodeId>,
    /// Whether the film runs.
    pub(crate) plays: bool,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The list of what has changed.
pub(crate) fn changes_list(props: &ChangesProps) -> Html {
    let ChangesProps { trace, frame, node, plays, on } = props;
    let changes = &trace.changes;
    let is_its = |line: &&ChangeLine| node.is_none() || line.node == *node;
    let lines: Vec<&ChangeLine> = changes.lines.iter().filter(is_its).collect();
    let heading = match trace.pin {
        Some(pin) => format!("Changed since {}", instant(pin.at_us)),
        None => "Changed by the last step".to_owned(),
    };
    let is_pinned = trace.pin.is_some();
    let pin = on.reform(move |_: MouseEvent| TraceIntent::Pin(!is_pinned).into());
    let only = trace.changes_only;
    let toggle = on.reform(move |_: MouseEvent| TraceIntent::ChangesOnly(!only).into());
    html! {
        <section class="section" aria-label="Changes">
            <div class="changes-head">
                <h2 class="label">{ heading }</h2>
                <button type="button" class="link" onclick={pin}>
                    { if is_pinned { "By the last step" } else { "Since now" } }
                </button>
                <button type="button" role="switch" class="switch" onclick={toggle}
                    aria-checked={only.to_string()} title="Show only what has changed (X)">
                    <span class="knob-of-switch" aria-hidden="true"></span>
                    <span class="switch-text">{ "Changes only" }</span>
                </button>
            </div>
            if *plays {
                <p class="hint">{ "Pause, and step: each step tells what it changed." }</p>
            } else if lines.is_empty() {
                <p class="hint">{ "Nothing has changed here." }</p>
            } else {
                <ul class="changes">
                    { for lines.into_iter().map(|it| change(it, frame, node.is_some())) }
                </ul>
            }
            if changes.more > 0 && !*plays {
                <p class="hint">{ format!("and {} more", counted(changes.more.into(), "change")) }</p>
            }
        </section>
    }
}

fn change(line: &ChangeLine, frame: &Frame, is_of_one_node: bool) -> Html {
    let name = line.node.filter(|_| !is_of_one_node).map(|node| name_of(frame, node));
    html! {
        <li>
            if let Some(name) = name { <b>{ format!("{name}:") }</b> }
            <span>{ &line.what }</span>
            if let Some(before) = &line.before {
                <del>{ before }</del><span aria-label="becomes">{ "→" }</span>
            }
            if let Some(after) = &line.after {
                <ins>{ after }</ins>
                if line.before.is_none() { <small class="hint">{ "new" }</small> }
            } else {
                <small>{ "gone" }</small>
            }
        </li>
    }
}
