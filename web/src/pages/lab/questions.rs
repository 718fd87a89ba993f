//! Asks the engine for what only some panels show, when they show it.

use std::rc::Rc;

use yew::prelude::*;

use super::change::COMMAND_REQUEST;
use super::intent::StripTab;
use super::state::LabState;
use super::study::CommandBar;
use super::wiring::Desk;
use crate::shared::Shared;
use crate::wire::Command;

/// How often the log is read anew while the film runs.
const LOG_EVERY_MS: f64 = 500.0;
/// How many events of the log are read before and after the cursor.
const LOG_EVENTS: u32 = 150;

/// Asks the engine for what only some panels show.
#[hook]
pub(super) fn use_questions(desk: &Rc<Desk>, state: &UseReducerHandle<LabState>) {
    let (plays, event) = (state.plays, state.frame.as_ref().map(|frame| frame.event));
    {
        let (desk, offers) = (desk.clone(), state.offers.clone());
        // Not at each frame of the film: what can be done changes seldom.
        let moment = if plays { beat_of_clock() } else { u64::from(state.request) };
        let request = state.request;
        use_effect_with((moment, plays, state.offered_in), move |_| {
            if !offers.is_empty() {
                let actions = offers.iter().flat_map(|offer| offer.actions.clone()).collect();
                desk.ask(Command::Offer { request, actions });
            }
        });
    }
    use_watching(desk, state);
    use_price(desk, state);
    use_command_questions(desk, state);
    let moment = if plays { beat_of_clock() } else { u64::from(event.unwrap_or(0)) };
    // What was done in the past changes the text without moving the cursor.
    let timeline = state.timeline.address();
    let desk = desk.clone();
    let question = match state.strip {
        StripTab::Log => Some(Command::Log { events: LOG_EVENTS }),
        StripTab::History => Some(Command::History { judge: false }),
        StripTab::SpaceTime | StripTab::Faults | StripTab::Hunt => None,
    };
    let question = question.filter(|_| event.is_some());
    let other = state.beside.as_ref().map(|it| it.frame.as_ref().map(Shared::address));
    let deps = (question, moment, (!plays).then_some(timeline), other);
    use_effect_with(deps, move |(question, ..)| {
        if let Some(question) = question {
            desk.ask(question.clone());
        }
    });
}

/// Has the engine say what the node has heard through whose eyes the viewer looks.
#[hook]
fn use_watching(desk: &Rc<Desk>, state: &UseReducerHandle<LabState>) {
    // A run that is opened anew is asked anew.
    let (desk, watched) = (desk.clone(), state.watched());
    let run = state.opened.as_ref().map(Shared::address);
    let has_watched = use_mut_ref(|| false);
    use_effect_with((watched, run), move |&(watched, run)| {
        let is_over = has_watched.replace(watched.is_some()) && watched.is_none();
        if run.is_some() && (watched.is_some() || is_over) {
            desk.ask(Command::Watch(watched));
        }
    });
}

/// Asks what the safeguards cost, of each run in which that is of interest.
#[hook]
fn use_price(desk: &Rc<Desk>, state: &UseReducerHandle<LabState>) {
    let desk = desk.clone();
    let run = state.opened.as_ref().map(Shared::address).filter(|_| state.is_priced());
    use_effect_with(run, move |run| {
        if run.is_some() {
            desk.ask(Command::Price);
        }
    });
}

/// Asks what the commands at hand would do.
#[hook]
fn use_command_questions(desk: &Rc<Desk>, state: &UseReducerHandle<LabState>) {
    let opened = state.opened.clone().filter(|_| state.commands.is_open && !state.plays);
    let asked = opened.as_deref().and_then(|it| state.commands.asked(it, state.selected_node()));
    let frame = state.shown_frame().map(Shared::address);
    let desk = desk.clone();
    use_effect_with((opened, asked, frame), move |(opened, asked, _)| {
        if let (Some(opened), Some(node)) = (opened, asked) {
            let actions = CommandBar::questions(opened, *node);
            desk.ask(Command::Offer { request: COMMAND_REQUEST, actions });
        }
    });
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the time since the page was opened is positive and short"
)]
pub(super) fn beat_of_clock() -> u64 {
    let now_ms = gloo::utils::window().performance().map_or(0.0, |clock| clock.now());
    (now_ms / LOG_EVERY_MS) as u64
}
