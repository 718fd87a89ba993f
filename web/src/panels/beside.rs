//! Two runs side by side: what sets them apart, both stages, and what differs at this moment.
//!
//! Nothing in here moves by itself: an animated difference confuses people, so both are stepped.

use std::rc::Rc;

use faultline_core::sim::NodeId;
use gloo::events::EventListener;
use yew::prelude::*;

use super::differences::Differences;
use super::glyph::{Glyph, glyph};
use crate::contrast::{Contrast, Contrasts, contrasts, most_telling, turns};
use crate::format::{counted, instant};
use crate::pages::lab::{Beside, Intent, LabState, NO_FILM, broken_of};
use crate::selection::Selection;
use crate::shared::Shared;
use crate::stage::{DisplayClock, Ground, Stage, Zoom};
use crate::wire::{Command, Compared, Frame, Schedule, Side};

/// A screen narrower than this shows one stage at a time: in half of what is left beside the panels, a
/// world would be too small to be read.
const NARROW: &str = "(max-width: 1199px)";

/// What both runs have in common on screen.
#[derive(Clone, Properties, PartialEq)]
pub(crate) struct BesideProps {
    /// The run beside the open one.
    pub(crate) beside: Rc<Beside>,
    /// The open run's world.
    pub(crate) frame: Shared<Frame>,
    /// The time on screen.
    pub(crate) clock: DisplayClock,
    /// What decides where nodes stand, and the name under which this browser keeps that.
    pub(crate) ground: (Rc<Ground>, AttrValue),
    /// The latest wish to come closer or go further away: both views follow.
    pub(crate) zoom: (u32, Zoom),
    /// What is selected, in both.
    pub(crate) selected: Option<Selection>,
    /// Whether a drag draws a partition line.
    pub(crate) draws_line: bool,
    /// Hears which nodes such a line cuts off, in both.
    pub(crate) on_line: Callback<Vec<NodeId>>,
    /// Whether nothing may travel.
    pub(crate) reduced_motion: bool,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

impl BesideProps {
    /// Gathers what is shown of a comparison, if there is one.
    pub(crate) fn of(
        lab: &LabState,
        clock: &DisplayClock,
        ground: (Rc<Ground>, AttrValue),
        reduced_motion: bool,
        (on, on_line): (&Callback<Intent>, &Callback<Vec<NodeId>>),
    ) -> Option<Self> {
        Some(Self {
            beside: lab.beside.clone()?,
            frame: lab.frame.clone()?,
            clock: clock.clone(),
            ground,
            zoom: lab.zoom,
            selected: lab.selected,
            draws_line: lab.draws_line,
            on_line: on_line.clone(),
            reduced_motion,
            on: on.clone(),
        })
    }

    /// Returns both worlds; until the other one is there, this one twice.
    fn frames(&self) -> [Shared<Frame>; 2] {
        let other = self.beside.frame.clone().unwrap_or_else(|| self.frame.clone());
        [self.frame.clone(), other]
    }
}

/// Two runs side by side.
#[component]
pub(crate) fn BesideView(props: &BesideProps) -> Html {
    let Beside { compared, shown, .. } = &*props.beside;
    let frames = props.frames();
    // While the other run is still on its way, nothing true can be said of both.
    let is_together = frames[0].scene.now_us == frames[1].scene.now_us;
    let differences = use_memo((frames.clone(), is_together), |(frames, is_together)| {
        if *is_together { contrasts([&frames[0], &frames[1]]) } else { Contrasts::default() }
    });
    let is_narrow = use_narrow();
    let marked = (most_telling(&differences.seen).into(), parting(compared, &props.frame));
    let stages = Side::BOTH.into_iter().filter(|side| !is_narrow || side == shown);
    html! {
        <section class="beside" aria-label="Two runs side by side">
            { head(&props.beside.compared, &props.on) }
            <div class="beside-sides">
                { for Side::BOTH.map(|side| header(side, props, &frames[side.index()])) }
            </div>
            <div class="beside-stages">
                // On a narrow screen one stage shows either run, with the same view of it.
                { for stages.enumerate().map(|(place, side)| {
                    let frame = &frames[side.index()];
                    stage(place, side, props, frame, &marked)
                }) }
            </div>
            <Differences compared={compared.clone()} now={(*differences).clone()}
                frame={props.frame.clone()} on={props.on.clone()} />
        </section>
    }
}

/// Returns the node in which the two runs first part, while the cursor is there.
fn parting(compared: &Compared, frame: &Frame) -> Option<NodeId> {
    let place = turns(compared).into_iter().find(|turn| turn.outcome.is_none())?.place;
    let is_here = !place.is_ahead_of(frame) && !place.is_behind(frame);
    let first = compared.first.as_ref().filter(|_| is_here)?;
    first.lines.iter().flatten().find_map(|line| line.node)
}

/// What sets the two apart, in a sentence, and the way out.
fn head(compared: &Compared, on: &Callback<Intent>) -> Html {
    let end = on.reform(|_: MouseEvent| Intent::Ask(Command::Compare(None)));
    html! {
        <header class="beside-head">
            <p class="beside-premise">
                { premise(&compared.schedule) }{ " " }<span class="hint">{ NO_FILM }</span>
            </p>
            <button type="button" class="button" onclick={end} title="End the comparison (V)">
                { glyph(Glyph::Close) }<span>{ "End the comparison" }</span>
            </button>
        </header>
    }
}

/// Says which of two runs a panel shows: its letter and its name.
pub(crate) fn which_run(beside: Option<&Rc<Beside>>, side: Side) -> Html {
    let Some(beside) = beside else { return Html::default() };
    html! {
        <p class="which-run">
            <b class="letter">{ side.letter() }</b>{ &beside.compared.names[side.index()] }
        </p>
    }
}

/// Says what is the same in both runs and what is not.
fn premise(schedule: &Schedule) -> Html {
    if schedule.is_same() {
        return html! { "Both runs are made of the same: nothing can differ." };
    }
    let start = if schedule.actions.is_empty() { "Same schedule" } else { "Two schedules" };
    let parts = parts(schedule).into_iter().map(|part| html! { <>{ "; " }{ part }</> });
    html! { <>{ start }{ for parts }{ "." }</> }
}

fn parts(schedule: &Schedule) -> Vec<Html> {
    let mut parts = Vec::new();
    for side in Side::BOTH {
        let labels: Vec<&str> = schedule
            .switches
            .iter()
            .filter(|(_, on)| *on == side)
            .map(|(label, _)| label.as_str())
            .collect();
        let letter = side.letter();
        match labels.as_slice() {
            [] => {}
            [label] => parts.push(html! {
                <>{ "one difference: " }<b>{ *label }</b>{ format!(" is on in {letter} only") }</>
            }),
            _ => parts.push(html! {
                <>
                    { format!("{letter} alone has ") }
                    <b title={listed(&labels)}>{ counted(labels.len() as u64, "safeguard") }</b>
                    { " on" }
                    <span class="beside-names">{ ": " }{ listed(&labels) }</span>
                </>
            }),
        }
    }
    parts.extend(schedule.actions.iter().map(|(side, at_us, sentence)| {
        let when = format!(" at {} in {} only", instant(*at_us), side.letter());
        html! { <><b>{ format!("“{sentence}”") }</b>{ when }</> }
    }));
    if schedule.left_out > 0 {
        parts.push(html! { { format!("{} more", counted(schedule.left_out.into(), "action")) } });
    }
    parts.extend(schedule.knobs.iter().map(|knob| html! { { knob } }));
    parts
}

/// Joins names as one does in a sentence.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Which of the two it is, how it stands, and what it has cost. Pressed: the panels show this one.
fn header(side: Side, props: &BesideProps, frame: &Frame) -> Html {
    let name = &props.beside.compared.names[side.index()];
    let is_shown = props.beside.shown == side;
    let show = props.on.reform(move |_: MouseEvent| Intent::ShowSide(side));
    let (class, verdict, reason) = match broken_of(&frame.checks) {
        Some(broken) => {
            ("bad", format!("◆ Broken at {}", instant(broken.at_us)), Some(broken.reason))
        }
        None => ("good", "✓ Holds so far".to_owned(), None),
    };
    let costs = &frame.costs;
    let counts = [(costs.events, "event"), (costs.messages, "message")];
    let counts = counts.map(|(number, what)| counted(number, what)).join(" · ");
    html! {
        <button type="button" class="beside-side" aria-pressed={is_shown.to_string()} onclick={show}
            title="Show this run in the panels">
            <span class="beside-name"><b class="letter">{ side.letter() }</b>{ name }</span>
            <span class={classes!("beside-verdict", class)}>{ verdict }</span>
            <span class="beside-counts">{ counts }</span>
            if let Some(reason) = reason {
                <span class="beside-reason" title={reason.clone()}>{ &reason }</span>
            }
        </button>
    }
}

fn stage(
    place: usize,
    side: Side,
    props: &BesideProps,
    frame: &Shared<Frame>,
    (differing, parting): &(Rc<[NodeId]>, Option<NodeId>),
) -> Html {
    let halo: Rc<[NodeId]> =
        broken_of(&frame.checks).map_or_else(|| Rc::from([]), |broken| broken.nodes.into());
    let on = &props.on;
    // Who touches one of the two wants the panels to speak of that one.
    let on_select = {
        let on = on.clone();
        Callback::from(move |selected| {
            on.emit(Intent::ShowSide(side));
            on.emit(Intent::Select(selected));
        })
    };
    let on_menu = {
        let on = on.clone();
        Callback::from(move |(thing, x, y)| {
            on.emit(Intent::ShowSide(side));
            on.emit(Intent::Menu(thing, x, y));
        })
    };
    let name = &props.beside.compared.names[side.index()];
    html! {
        <div class="beside-stage" key={place} role="group"
            aria-label={format!("{}: {name}", side.letter())}>
            <Stage frame={frame.clone()} clock={props.clock.clone()} selected={props.selected} {halo}
                ground={props.ground.0.clone()} row={props.ground.1.clone()} zoom={props.zoom}
                differing={differing.clone()} parting={*parting}
                drawing_line={props.draws_line} reduced_motion={props.reduced_motion}
                {on_select} {on_menu} on_line={props.on_line.clone()} />
            <span class="beside-letter" aria-hidden="true">{ side.letter() }</span>
        </div>
    }
}

/// Returns whether the screen has room for one stage only.
#[hook]
fn use_narrow() -> bool {
    let is_narrow = use_state_eq(is_narrow);
    {
        let is_narrow_now = is_narrow.setter();
        use_effect_with((), move |()| {
            let listener = EventListener::new(&gloo::utils::window(), "resize", move |_| {
                is_narrow_now.set(self::is_narrow());
            });
            move || drop(listener)
        });
    }
    *is_narrow
}

fn is_narrow() -> bool {
    let query = gloo::utils::window().match_media(NARROW);
    query.ok().flatten().is_some_and(|query| query.matches())
}

/// A difference as the list shows it: what it is about, and how it is in each run.
pub(super) fn contrast(contrast: &Contrast, on: &Callback<Intent>) -> Html {
    let subject = match contrast.node {
        Some(node) => {
            let select =
                on.reform(move |_: MouseEvent| Intent::Select(Some(Selection::Node(node))));
            html! {
                <button type="button" class="link" onclick={select}>{ &contrast.subject }</button>
            }
        }
        None => html! { <span class="statement">{ &contrast.subject }</span> },
    };
    let says = Side::BOTH.map(|side| {
        html! {
            <span class="says"><b class="letter">{ side.letter() }</b>
                { &contrast.says[side.index()] }</span>
        }
    });
    html! { <li>{ subject }{ for says }</li> }
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn names_are_joined_as_in_a_sentence() {
        assert_eq!(listed(&["a"]), "a");
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
    }
}
