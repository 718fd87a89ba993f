//! What was done to the system, how often it bit, what else can be done to the network; and the
//! timeline in words.

use std::rc::Rc;

use faultline_core::order::sort_by_key;
use faultline_core::sim::Action;
use yew::prelude::*;

use super::glyph::{Glyph, glyph};
use super::timeline::{Extent, FaultEditor, ForksProps, Words, Zoom, effect, fork_list, mark_name};
use crate::format::{counted, instant};
use crate::pages::lab::Intent;
use crate::shared::Shared;
use crate::wire::{ActionName, ActionView, Command, Frame, MarkView, Opened, Timeline};

/// At most so many actions and marks are listed.
const LISTED: usize = 300;

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub(crate) struct FaultsProps {
    /// Scenario and setup.
    pub(crate) opened: Shared<Opened>,
    /// The run as far as it is known.
    pub(crate) timeline: Shared<Timeline>,
    /// The world at the cursor.
    pub(crate) frame: Shared<Frame>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The list of actions, and scripts to replace it by.
#[component]
pub(crate) fn FaultsPanel(props: &FaultsProps) -> Html {
    let FaultsProps { opened, timeline, .. } = props;
    let edited = use_state_eq(|| None::<ActionName>);
    let words = Rc::new(Words::of(Some(opened), Some(&props.frame)));
    let open = edited.as_ref().and_then(|it| it.place_in(&timeline.actions));
    let fault = |(index, action): (u32, &ActionView)| {
        let is_edited = open == Some(index as usize);
        (action.at_us, fault(index, action, is_edited, &edited, &words, props))
    };
    let muted = timeline.muted.iter().map(|action| (action.at_us, muted(action, &props.on)));
    let faults = (0..).zip(timeline.actions.iter().take(LISTED)).map(fault);
    let mut lines: Vec<(u64, Html)> = faults.chain(muted).collect();
    sort_by_key(&mut lines, |(at_us, _)| *at_us);
    html! {
        <div class="faults">
            { tools(props) }
            if timeline.actions.is_empty() && timeline.muted.is_empty() {
                <p class="hint">
                    { "Nothing has been done yet. Run a script, right-click anything on the stage, \
                       or press P and draw a line across it." }
                </p>
            }
            <div class="faults-columns">
                <div>
                    <ol class="fault-list" aria-label="What is done">
                        { for lines.into_iter().map(|(_, line)| line) }
                    </ol>
                    { cut(timeline.actions.len(), "actions") }
                </div>
                <div>
                    { futures(props) }
                    { marks(props) }
                </div>
            </div>
        </div>
    }
}

fn tools(props: &FaultsProps) -> Html {
    let FaultsProps { opened, timeline, on, .. } = props;
    let clear = on.reform(|_: MouseEvent| Intent::Ask(Command::ClearActions));
    let network = |label: &str, action: Action| {
        let act = on.reform(move |_: MouseEvent| Intent::Do(vec![action.clone()]));
        html! { <button type="button" class="button" onclick={act}>{ label }</button> }
    };
    html! {
        <div class="fault-tools">
            <span class="label">{ "Scripts" }</span>
            { for (0..).zip(&opened.card.scripts).map(|(index, script)| run(index, script, on)) }
            <span class="label">{ "Network" }</span>
            { network("Lose 20 %", Action::Lose { percent: 20 }) }
            { network("Duplicate 20 %", Action::Duplicate { percent: 20 }) }
            { network("Heal", Action::Heal) }
            <button type="button" class="button" onclick={clear}
                disabled={timeline.actions.is_empty() && timeline.muted.is_empty()}>{ "Remove all" }</button>
        </div>
    }
}

fn run(index: u16, (label, help): &(String, String), on: &Callback<Intent>) -> Html {
    let run = on.reform(move |_: MouseEvent| Intent::RunScript(index));
    html! {
        <button type="button" class="button" title={help.clone()} onclick={run}>{ label }</button>
    }
}

fn fault(
    index: u32,
    action: &ActionView,
    is_edited: bool,
    edited: &UseStateHandle<Option<ActionName>>,
    words: &Rc<Words>,
    props: &FaultsProps,
) -> Html {
    let at_us = action.at_us;
    let is_done = index < props.frame.actions;
    let name = action.named(index);
    let seek = props.on.reform(move |_: MouseEvent| Intent::Seek(at_us));
    let remove = first_click(&props.on, Command::RemoveAction(name.clone()));
    let (setter, closer) = (edited.setter(), edited.setter());
    let edit = Callback::from(move |_: MouseEvent| setter.set((!is_edited).then(|| name.clone())));
    let class = match (action.bites, is_done) {
        (Some(0), _) if action.is_vain => "warn",
        (Some(_), true) => "value",
        (None, _) | (Some(_), false) => "hint",
    };
    html! {
        <li key={index} class={classes!((!is_done).then_some("ahead"))}>
            <button type="button" class="time" onclick={seek}
                aria-label={format!("Go to {}", instant(at_us))}>{ instant(at_us) }</button>
            <span class="statement">{ &action.sentence }</span>
            <span {class} title={EFFECT}>{ effect(action, is_done) }</span>
            <button type="button" class="icon" onclick={edit} title="Edit"
                aria-expanded={is_edited.to_string()}
                aria-label={format!("Edit: {}", action.sentence)}>{ glyph(Glyph::Rename) }</button>
            <button type="button" class="icon" onclick={remove} title="Remove"
                aria-label={format!("Remove: {}", action.sentence)}>{ glyph(Glyph::Close) }</button>
            if is_edited {
                <FaultEditor place="list" {index} action={action.clone()} {is_done} words={words.clone()}
                    grain_us={props.opened.grain_us} horizon_us={props.opened.horizon_us}
                    on={props.on.clone()}
                    on_close={Callback::from(move |()| closer.set(None))} />
            }
        </li>
    }
}

/// What is counted as an effect.
const EFFECT: &str = "How often it changed or stopped something, such as a message or a timer";

/// Asks for something, but not by the second click of two: by then the list may have moved up.
fn first_click(on: &Callback<Intent>, command: Command) -> Callback<MouseEvent> {
    let on = on.clone();
    Callback::from(move |event: MouseEvent| {
        if event.detail() < 2 {
            on.emit(Intent::Ask(command.clone()));
        }
    })
}

/// An action that is not in the run: it can be put back, or forgotten.
fn muted(action: &ActionView, on: &Callback<Intent>) -> Html {
    let unmute =
        |is_back: bool| first_click(on, Command::Unmute { muted: action.timed(), is_back });
    html! {
        <li class="ahead muted">
            <span class="time">{ instant(action.at_us) }</span>
            <span class="statement">{ &action.sentence }</span>
            <span class="hint">{ "muted: not in this run" }</span>
            <button type="button" class="button" onclick={unmute(true)}
                aria-label={format!("Put back: {}", action.sentence)}>{ "Put back" }</button>
            <button type="button" class="icon" onclick={unmute(false)} title="Forget"
                aria-label={format!("Forget: {}", action.sentence)}>{ glyph(Glyph::Close) }</button>
        </li>
    }
}

/// The futures left behind, with the present one.
fn futures(props: &FaultsProps) -> Html {
    let timeline = &props.timeline;
    if timeline.lanes.is_empty() {
        return Html::default();
    }
    let extent = Extent { now_us: 0, horizon_us: 1, whole_us: timeline.known_us.max(1) };
    html! {
        <>
            <h2 class="label">{ "Futures left behind" }</h2>
            <p class="hint">{ "Now on stage: " }{ &timeline.name }{ "." }</p>
            { fork_list(&ForksProps {
                timeline: timeline.clone(),
                stretch: Zoom::Whole.stretch(extent),
                on: props.on.clone(),
            }) }
        </>
    }
}

/// Everything on the timeline in words, in order of time.
fn marks(props: &FaultsProps) -> Html {
    let (timeline, on) = (&props.timeline, &props.on);
    if timeline.marks.is_empty() {
        return Html::default();
    }
    let now_us = props.frame.scene.now_us;
    let mark = |mark: &MarkView| {
        let at_us = mark.at_us;
        let seek = on.reform(move |_: MouseEvent| Intent::Seek(at_us));
        let to_come = if at_us > now_us { "to come · " } else { "" };
        html! {
            <li class={classes!((at_us > now_us).then_some("ahead"))}>
                <button type="button" class="time" onclick={seek}
                    aria-label={format!("Go to {}", instant(at_us))}>{ instant(at_us) }</button>
                <span class="value">{ to_come }{ mark_name(mark.kind) }</span>
                <span>{ &mark.text }</span>
            </li>
        }
    };
    let total = counted(timeline.marks.len() as u64, "mark");
    html! {
        <details class="mark-list">
            <summary class="label">{ "The timeline in words: " }{ total }</summary>
            <ol aria-label="Marks on the timeline">
                { for timeline.marks.iter().take(LISTED).map(mark) }
            </ol>
            { cut(timeline.marks.len(), "marks") }
            if timeline.marks_left_out > 0 {
                <p class="hint">
                    { "Of kinds with too many marks, " }{ timeline.marks_left_out }
                    { " are left out, evenly over the run." }
                </p>
            }
        </details>
    }
}

/// Says that a list was cut, if it was.
fn cut(total: usize, things: &str) -> Html {
    if total <= LISTED {
        return Html::default();
    }
    html! { <p class="hint">{ format!("The first {LISTED} of {total} {things} are listed.") }</p> }
}
