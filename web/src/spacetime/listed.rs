//! The diagram as a list of events in words: it has the focus, and arrow keys go along it.

use faultline_core::sim::NodeId;
use web_sys::KeyboardEvent;
use yew::{Callback, Html, Properties, component, html};

use super::view::Way;
use super::words;
use crate::shared::Shared;
use crate::wire::SpaceTime;

/// So many events before and after the chosen one are in the list.
const AROUND: u32 = 12;

/// What is listed.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct ListedProps {
    pub(super) spacetime: Shared<SpaceTime>,
    pub(super) names: Vec<String>,
    pub(super) hidden: Vec<NodeId>,
    /// The selected event, or the one at the cursor.
    pub(super) around: u32,
    pub(super) selected: Option<u32>,
    /// Hears where the arrow keys lead.
    pub(super) on_move: Callback<Way>,
    /// Hears that the selected event is where to go.
    pub(super) on_go: Callback<()>,
    /// Hears that no event is to be selected.
    pub(super) on_leave: Callback<()>,
}

/// Lists the events around the selected one.
#[component]
pub(super) fn Listed(props: &ListedProps) -> Html {
    let all = &props.spacetime;
    let has_selection = props.selected.is_some();
    let on_key = {
        let (on_move, on_go, on_leave) =
            (props.on_move.clone(), props.on_go.clone(), props.on_leave.clone());
        Callback::from(move |event: KeyboardEvent| {
            let way = match event.key().as_str() {
                _ if event.ctrl_key() || event.alt_key() || event.meta_key() => return,
                "ArrowRight" => Way::Next,
                "ArrowLeft" => Way::Previous,
                "ArrowUp" => Way::Cause,
                "ArrowDown" => Way::Effect,
                "Home" => Way::First,
                "End" => Way::Last,
                "Enter" if has_selection => {
                    event.prevent_default();
                    return on_go.emit(());
                }
                "Escape" if has_selection => {
                    event.prevent_default();
                    return on_leave.emit(());
                }
                _ => return,
            };
            event.prevent_default();
            on_move.emit(way);
        })
    };
    let first = props.around.saturating_sub(AROUND).max(all.first);
    let events = (all.first..).zip(&all.events).skip((first - all.first) as usize);
    let shown = events.take(2 * AROUND as usize + 1);
    let shown = shown.filter(|(_, event)| !props.hidden.contains(&event.node));
    let shown: Vec<_> = shown.collect();
    let is_listed = |number: &u32| shown.iter().any(|(listed, _)| listed == number);
    let active = props.selected.filter(is_listed);
    let id = |number: u32| format!("st-event-{number}");
    let option = |(number, event): (u32, &crate::wire::EventView)| {
        html! {
            <div role="option" id={id(number)} key={number}
                aria-selected={(props.selected == Some(number)).to_string()}>
                { words::event_of(&props.spacetime, (number, event), &props.names) }
            </div>
        }
    };
    html! {
        <div class="st-list" role="listbox" tabindex="0" onkeydown={on_key}
            aria-label="Events in order. Arrows left and right: in order; up: what brought it about; \
                down: what came of it; Enter: go there"
            aria-activedescendant={active.map(id)}>
            <div class="visually-hidden">{ for shown.into_iter().map(option) }</div>
        </div>
    }
}
