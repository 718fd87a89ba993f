//! What can be done with the diagram, and with the event that is selected.

use faultline_core::sim::{NodeId, Step};
use web_sys::MouseEvent;
use yew::{Callback, Html, html};

use super::plan::Order;
use super::scale::Scale;
use super::view::View;
use crate::format::{count, counted};
use crate::pages::lab::{Intent, Trace, TraceIntent};
use crate::panels::glyph::{Glyph, glyph};
use crate::wire::{Command, SpaceTime, Told, Without};

/// Returns the row of tools over the diagram.
pub(super) fn tools(
    view: &View,
    names: &[String],
    spacetime: &SpaceTime,
    set: &Callback<View>,
) -> Html {
    let choose = |label: &str, order: Order, title: &str| {
        let changed = View { order, centre: None, ..view.clone() };
        let set = set.reform(move |_: MouseEvent| changed.clone());
        html! {
            <button type="button" aria-pressed={(view.order == order).to_string()}
                title={title.to_owned()} onclick={set}>{ label }</button>
        }
    };
    let zoom = |sign: &str, label: &str, nearer: bool| {
        let changed = view.zoomed(nearer);
        let is_end = changed.zoom == view.zoom;
        let set = set.reform(move |_: MouseEvent| changed.clone());
        html! {
            <button type="button" aria-label={label.to_owned()} title={label.to_owned()}
                disabled={is_end} onclick={set}>{ sign }</button>
        }
    };
    let shown_again = |node: &NodeId| {
        let name = names.get(node.index()).cloned().unwrap_or_default();
        let changed = view.toggled(*node, names.len());
        let set = set.reform(move |_: MouseEvent| changed.clone());
        html! {
            <button type="button" class="st-hidden-lane" onclick={set}
                aria-label={format!("Show the lane of {name}")}>{ format!("+ {name}") }</button>
        }
    };
    let follow = view.centre.is_some().then(|| {
        let changed = View { centre: None, ..view.clone() };
        let set = set.reform(move |_: MouseEvent| changed.clone());
        html! { <button type="button" class="st-follow" onclick={set}>{ "To the cursor" }</button> }
    });
    html! {
        <div class="st-tools" role="toolbar" aria-label="Space-time diagram">
            { cut(spacetime) }
            { for view.hidden.iter().map(shown_again) }
            { for follow }
            { by_request(view, set) }
            <span class="st-group" role="group" aria-label="From left to right">
                { choose("Logical", Order::Logical, "One column after the other, in order") }
                { choose("Real time", Order::Real, "Distance is true time") }
            </span>
            <span class="st-group" role="group" aria-label="Zoom">
                { zoom("−", "Farther", false) }{ zoom("+", "Nearer", true) }
            </span>
        </div>
    }
}

/// Returns the button that has requests told apart.
fn by_request(view: &View, set: &Callback<View>) -> Html {
    let changed = View { by_request: !view.by_request, ..view.clone() };
    let set = set.reform(move |_: MouseEvent| changed.clone());
    html! {
        <button type="button" class="st-by-request" aria-pressed={view.by_request.to_string()}
            title="Colour and dash by the client's request that brought it about" onclick={set}>
            { "By request" }
        </button>
    }
}

/// Says so if not all that is known of the run is in the diagram.
fn cut(spacetime: &SpaceTime) -> Html {
    let shown = spacetime.events.len() as u64;
    let all = u64::from(spacetime.first) + shown + u64::from(spacetime.more);
    if all == shown {
        return Html::default();
    }
    html! {
        <span class="st-cut">{ format!("{} of {} around the cursor", count(shown),
            counted(all, "event")) }</span>
    }
}

/// Returns the buttons with which a lane is hidden.
pub(super) fn heads(
    view: &View,
    names: &[String],
    (lanes, scale): (&[(NodeId, f64)], &Scale),
    set: &Callback<View>,
) -> Html {
    // As high as a thumb wants it, as far as there is room.
    let (high, wide) = (scale.pitch.min(44.0), scale.sheet.name_width());
    let head = |(node, y): &(NodeId, f64)| {
        let name = names.get(node.index()).cloned().unwrap_or_default();
        let changed = view.toggled(*node, names.len());
        let set = set.reform(move |_: MouseEvent| changed.clone());
        html! {
            <button type="button" class="st-head" onclick={set}
                style={format!("top:{}px;height:{high}px;width:{wide}px", y - high / 2.0)}
                key={node.0} title={format!("Hide the lane of {name}")}
                aria-label={format!("Hide the lane of {name}")}>{ &name }</button>
        }
    };
    html! { <div class="st-heads">{ for lanes.iter().map(head) }</div> }
}

/// Returns what the selected event is, and what can be done about it.
pub(super) fn selection(trace: &Trace, on: &Callback<Intent>) -> Html {
    let Some(event) = trace.selected else { return Html::default() };
    let told = trace.told.as_deref().filter(|told| told.event == event);
    let ask = |intent: Intent| on.reform(move |_: MouseEvent| intent.clone());
    let words = told.map(|told| {
        let lines: Vec<&str> = told.lines.iter().map(|line| line.text.as_str()).collect();
        lines.join("; ")
    });
    html! {
        <div class="st-selection" role="region" aria-label="Selected event">
            <p aria-live="polite">{ words.unwrap_or_else(|| "…".into()) }</p>
            <button type="button" class="button" onclick={ask(Intent::Why(Step::Event(event)))}>
                { "Why?" }
            </button>
            { without_button(event, told, on) }
            <button type="button" class="button"
                onclick={ask(Intent::Ask(Command::SeekEvent { event }))}>{ "Go there" }</button>
            <button type="button" class="icon" aria-label="Select no event"
                onclick={ask(Intent::Trace(TraceIntent::Select(None)))}>
                { glyph(Glyph::Close) }
            </button>
        </div>
    }
}

/// Returns the button that forks a run in which an event does not happen; if there is no such run,
/// it is off and says why.
fn without_button(event: u32, told: Option<&Told>, on: &Callback<Intent>) -> Html {
    let Some(told) = told else { return Html::default() };
    match &told.without {
        Ok(how) => {
            let intent = Intent::Trace(TraceIntent::Without(Without::Event(event)));
            let fork = on.reform(move |_: MouseEvent| intent.clone());
            let title = format!("Forks the run: {how}");
            html! {
                <button type="button" class="button" {title} onclick={fork}>
                    { "Without this event" }
                </button>
            }
        }
        // Not `disabled`: the reason must be within reach of keyboard and screen reader.
        Err(reason) => html! {<>
            <button type="button" class="button" aria-disabled="true"
                aria-description={reason.clone()} title={reason.clone()}>
                { "Without this event" }
            </button>
            <small class="hint">{ reason }</small>
        </>},
    }
}
