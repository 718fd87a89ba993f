//! The tab "Break it": what can be searched for, how far the search is, what it found.

use std::rc::Rc;

use faultline_core::view::Check;
use faultline_core::view::Strategy;
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::before::smallest;
use super::board::{Board, use_hunted};
use super::captions::Find;
use super::futures::futures;
use super::graveyard::Graveyard;
use super::hunted::Quarry;
use super::progress::{ending, progress};
use super::seeds::Seeds;
use crate::format::count;
use crate::pages::lab::Intent;
use crate::shared::Shared;
use crate::wire::Opened;

/// How many runs a search can take, and how many seeds are measured.
const TRIES: [u64; 3] = [200, Quarry::USUAL_TRIES, 10_000];

/// What the tab shows.
#[derive(Properties, PartialEq)]
pub(crate) struct HuntProps {
    /// Scenario and setup.
    pub(crate) opened: Shared<Opened>,
    /// Where what has come of a search stands.
    pub(crate) board: Board,
    /// The verdicts on the open run, for the names of what is judged.
    pub(crate) checks: Rc<[Check]>,
    /// True time at the cursor.
    pub(crate) now_us: u64,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// How a search looks for a run.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
enum Way {
    #[default]
    Swarm,
    Priorities,
    Survey,
}

impl Way {
    const ALL: [Self; 3] = [Self::Swarm, Self::Priorities, Self::Survey];

    fn label(self) -> &'static str {
        match self {
            Self::Swarm => "Random faults",
            Self::Priorities => "Random orders",
            Self::Survey => "Every order",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Self::Swarm => {
                "Faults at random times, of the kinds that the hardened design claims to survive, on these \
                 knobs. Each run has a seed of its own."
            }
            Self::Priorities => {
                "Time stands still; messages, timers and disks come in orders that random priorities \
                 decide. For designs whose safety needs no timing."
            }
            Self::Survey => {
                "Time stands still, so what needs time to pass cannot be found. Every order of all \
                 else in the smallest world that the knobs allow: a proof within its limits, or \
                 what it left out."
            }
        }
    }

    fn quarry(self, tries: u64) -> Quarry {
        match self {
            Self::Swarm => Quarry::Break { strategy: Strategy::Swarm, tries },
            Self::Priorities => Quarry::Break { strategy: Strategy::Priorities, tries },
            Self::Survey => Quarry::Survey,
        }
    }
}

/// The tab.
#[component]
pub(crate) fn HuntPanel(props: &HuntProps) -> Html {
    let HuntProps { opened, board, on, .. } = props;
    let hunted = use_hunted(board);
    let way = use_state_eq(Way::default);
    let tries = use_state_eq(|| Quarry::USUAL_TRIES);
    let choose_way = {
        let way = way.clone();
        Callback::from(move |event: Event| {
            way.set(chosen(&event).and_then(|it| Way::ALL.get(it).copied()).unwrap_or_default());
        })
    };
    let choose_tries = {
        let tries = tries.clone();
        Callback::from(move |event: Event| {
            let place = chosen(&event).and_then(|it| TRIES.get(it).copied());
            tries.set(place.unwrap_or(Quarry::USUAL_TRIES));
        })
    };
    let takes = (*way == Way::Survey).then(|| smallest(opened)).flatten();
    let is_idle = hunted.task.is_none() && hunted.quarry.is_none();
    html! {
        <div class="hunt">
            <div class="hunt-left">
                <div class="hunt-orders">
                    <label>
                        <span>{ "Search with" }</span>
                        <select onchange={choose_way}>
                            { for Way::ALL.iter().map(|it| html! {
                                <option selected={*it == *way}>{ it.label() }</option>
                            }) }
                        </select>
                    </label>
                    <label>
                        <span>{ "Runs at most" }</span>
                        <select onchange={choose_tries}>
                            { for TRIES.iter().map(|it| html! {
                                <option selected={*it == *tries}>{ count(*it) }</option>
                            }) }
                        </select>
                    </label>
                    <p class="hint">{ way.help() }{ " " }{ takes }</p>
                    { buttons(hunted.task.is_some(), *way, *tries, on) }
                </div>
                <Graveyard opened={opened.clone()} rechecked={hunted.rechecked.clone()} {is_idle}
                    on={on.clone()} />
            </div>
            <div class="hunt-results">
                // Each part has an element of its own: one that comes is put where it belongs, even if
                // its neighbours have just become others.
                <div class="hunt-part">{ progress(&hunted, &props.checks) }</div>
                <div class="hunt-part">{ ending(&hunted, *tries, on) }</div>
                <div class="hunt-part">
                    { for hunted.troubles.iter().map(|it| html! {
                        <p class="hunt-trouble" role="status">{ it }</p>
                    }) }
                </div>
                <div class="hunt-part">{ futures(&hunted, on) }</div>
                <div class="hunt-part">
                    <Find hunted={hunted.clone()} opened={opened.clone()} now_us={props.now_us}
                        on={on.clone()} />
                </div>
                <div class="hunt-part"><Seeds hunted={hunted.clone()} on={on.clone()} /></div>
            </div>
        </div>
    }
}

/// What can be asked for, or that it is enough.
fn buttons(is_busy: bool, way: Way, tries: u64, on: &Callback<Intent>) -> Html {
    if is_busy {
        let stop = button("Stop", "Stop the search (Esc)", Intent::StopHunt, true, on);
        return html! { <div class="hunt-buttons">{ stop }</div> };
    }
    let ask = |label, title, quarry, is_primary| {
        button(label, title, Intent::Hunt(quarry), is_primary, on)
    };
    html! {
        <div class="hunt-buttons">
            { ask("Break it",
                "Search for a run that breaks a promise (B)", way.quarry(tries), true) }
            { ask("Shrink this run",
                "Make the open run as small as can be, if it breaks a promise",
                Quarry::Shrink, false) }
            { ask("Many seeds",
                "Play this schedule with so many seeds, with and without safeguards",
                Quarry::Seeds(tries), false) }
            { ask("Point of no return",
                "From when on was the open run lost? Plays its futures with other luck",
                Quarry::Futures, false) }
        </div>
    }
}

/// A button that says what it is for.
pub(super) fn button(
    label: &str,
    title: &str,
    intent: Intent,
    is_primary: bool,
    on: &Callback<Intent>,
) -> Html {
    let press = on.reform(move |_: MouseEvent| intent.clone());
    html! {
        <button type="button" class={classes!("button", is_primary.then_some("primary"))}
            title={title.to_owned()} onclick={press}>{ label }</button>
    }
}

/// Returns the place of what was chosen from a list.
pub(super) fn chosen(event: &Event) -> Option<usize> {
    let list: HtmlSelectElement = event.target()?.dyn_into().ok()?;
    usize::try_from(list.selected_index()).ok()
}
