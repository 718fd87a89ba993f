//! Asks the engine for what is looked at closely, when what is on screen needs it.

use std::rc::Rc;

use gloo::timers::callback::Timeout;
use yew::prelude::*;

use super::intent::{SideTab, StripTab};
use super::questions::beat_of_clock;
use super::state::LabState;
use super::wiring::Desk;
use crate::selection::Selection;
use crate::wire::Command;

/// Events in the diagram: while the film runs, and while it stands.
const EVENTS: [u32; 2] = [2_000, 10_000];
/// How long typing settles before the search begins.
const TYPING_MS: u32 = 150;

/// Keeps the diagram, the search and the inspector up to date.
#[hook]
pub(super) fn use_tracing(desk: &Rc<Desk>, state: &UseReducerHandle<LabState>) {
    use_diagram(desk, state);
    use_search(desk, state);
    use_inspector(desk, state);
}

#[hook]
fn use_diagram(desk: &Rc<Desk>, state: &UseReducerHandle<LabState>) {
    let trace = &state.trace;
    let is_shown = state.strip == StripTab::SpaceTime && state.frame.is_some();
    let (events, plays) = (state.frame.as_ref().map_or(0, |it| it.event), state.plays);
    let (first, count) = (trace.spacetime.first, trace.spacetime.events.len());
    let end = first.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
    // Near an end beyond which there is more, another stretch is due. A film leaves its stretch with
    // every event: the next beat is soon enough for it.
    let margin = EVENTS[0] / 10;
    let is_left = !plays
        && ((first > 0 && events < first.saturating_add(margin))
            || events > end
            || (trace.spacetime.more > 0 && events.saturating_add(margin) > end));
    let timeline = state.timeline.address();
    let beat = if plays { beat_of_clock() } else { 0 };
    let desk_of_stretch = desk.clone();
    let stretch = (is_shown, plays, beat, (!plays).then_some(timeline), is_left.then_some(events));
    use_effect_with(stretch, move |&(is_shown, plays, ..)| {
        if is_shown {
            desk_of_stretch.ask(Command::Trace { events: EVENTS[usize::from(!plays)] });
        }
    });
    let desk = desk.clone();
    use_effect_with((trace.selected, timeline), move |&(selected, _)| {
        if let Some(event) = selected {
            desk.ask(Command::Tell { event });
        }
    });
}

#[hook]
fn use_search(desk: &Rc<Desk>, state: &UseReducerHandle<LabState>) {
    let desk = desk.clone();
    let is_open = state.frame.is_some();
    // While the film runs, what it adds is not searched; when it stands, all of it is.
    let known = (!state.plays).then(|| state.timeline.address());
    let deps = (state.trace.query.clone(), known, is_open);
    let searches = use_mut_ref(|| false);
    use_effect_with(deps, move |(query, _, is_open)| {
        // An empty query ends the search that is under way.
        let is_due = *is_open && (!query.is_empty() || *searches.borrow());
        let query = query.to_string();
        let search = move || {
            searches.replace(!query.is_empty());
            desk.ask(Command::Find { query });
        };
        let wait = is_due.then(|| Timeout::new(TYPING_MS, search));
        move || drop(wait)
    });
}

#[hook]
fn use_inspector(desk: &Rc<Desk>, state: &UseReducerHandle<LabState>) {
    let is_shown = state.side == SideTab::Inspect && state.frame.is_some();
    let node = match state.selected {
        Some(Selection::Node(node)) => Some(node),
        Some(Selection::Link(..) | Selection::Message(_)) | None => None,
    };
    let timeline = (!state.plays).then(|| state.timeline.address());
    let moment = state.moment(beat_of_clock);
    let pin = state.trace.pin.map(|pin| pin.since(state.side_shown()));
    let deps = (is_shown, node, pin, (moment, state.side_shown()), timeline, state.plays);
    let desk = desk.clone();
    use_effect_with(deps, move |&(is_shown, node, since, _, _, plays)| {
        if !is_shown {
            return;
        }
        if let Some(node) = node {
            desk.ask(Command::LookInto { node });
        }
        // What the last step changed is a question of one step: nobody could read it in a film.
        if !plays {
            desk.ask(Command::Changes { since });
        }
    });
}
