//! Play, step, seek: the controls of a player, and the timeline.

use std::rc::Rc;

use faultline_core::view::{Check, CheckKind};
use yew::prelude::*;

use super::glyph::{Glyph, glyph};
use super::popover::Popover;
use super::track::Track;
use crate::format::{count, instant};
use crate::pages::lab::{Intent, NO_FILM};
use crate::player::SPEEDS;
use crate::shared::Shared;
use crate::wire::{Command, Opened, Timeline, Until};

/// What the transport shows.
#[derive(Properties, PartialEq)]
pub(crate) struct TransportProps {
    /// Scenario and setup, once open.
    pub(crate) opened: Option<Shared<Opened>>,
    /// The run as far as it is known.
    pub(crate) timeline: Shared<Timeline>,
    /// The verdicts.
    pub(crate) checks: Rc<[Check]>,
    /// True time at the cursor.
    pub(crate) now_us: u64,
    /// How far the timeline reaches.
    pub(crate) extent_us: u64,
    /// Whether the film runs.
    pub(crate) plays: bool,
    /// Whether two runs are compared, of which there is no film.
    pub(crate) compares: bool,
    /// Index into the player's speeds.
    pub(crate) speed: usize,
    /// Whether it is being chosen what to run until.
    pub(crate) chooses_until: bool,
    /// A long command goes on: true time and events so far.
    pub(crate) progress: Option<(u64, u32)>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The controls of the player.
#[component]
pub(crate) fn Transport(props: &TransportProps) -> Html {
    let on = &props.on;
    let button = |label: &str, keys: &str, shape: Glyph, intent: Intent| {
        let wants = on.reform(move |_: MouseEvent| intent.clone());
        html! {
            <button type="button" class="icon" aria-label={label.to_owned()}
                title={format!("{label} ({keys})")} onclick={wants}>{ glyph(shape) }</button>
        }
    };
    let toggle = {
        let plays = props.plays;
        on.reform(move |_: MouseEvent| Intent::Play(!plays))
    };
    let (label, shape) = if props.plays { ("Pause", Glyph::Pause) } else { ("Play", Glyph::Play) };
    let next = Intent::Ask(Command::NextInteresting);
    html! {
        <section class="transport" aria-label="Playback">
            <div class="controls">
                { button("To start", "Home", Glyph::ToStart, Intent::Seek(0)) }
                { button("Step back", "←", Glyph::StepBack, Intent::Ask(Command::StepBack)) }
                <button type="button" class="icon play" aria-label={label}
                    aria-disabled={props.compares.then_some("true")}
                    title={if props.compares { NO_FILM.to_owned() } else { format!("{label} (Space)") }} onclick={toggle}>{ glyph(shape) }</button>
                { button("Step", "→", Glyph::Step, Intent::Ask(Command::Step)) }
                { button("Next interesting event", "Shift →", Glyph::NextInteresting, next) }
                { until(props) }
            </div>
            <span class="clock">{ instant(props.now_us) }</span>
            { speed(props) }
            <Track timeline={props.timeline.clone()} now_us={props.now_us}
                extent_us={props.extent_us} on={on.clone()} />
            { progress(props) }
        </section>
    }
}

fn speed(props: &TransportProps) -> Html {
    let choose = props.on.reform(|event: Event| {
        let value = event.target_unchecked_into::<web_sys::HtmlSelectElement>().value();
        Intent::Speed(value.parse().unwrap_or(crate::player::USUAL_SPEED))
    });
    html! {
        <select class="chip speed" aria-label="Speed" title="Speed ([ and ])" onchange={choose}>
            for (index, factor) in SPEEDS.into_iter().enumerate() {
                <option value={index.to_string()} selected={index == props.speed}>
                    { format!("{factor}×") }
                </option>
            }
        </select>
    }
}

/// What to run until: whatever the scenario judges.
fn until(props: &TransportProps) -> Html {
    let on = &props.on;
    let choice = |label: String, until: Until| {
        let run = on.reform(move |_: MouseEvent| Intent::Until(until));
        html! { <button type="button" class="choice" onclick={run}>{ label }</button> }
    };
    let checks = (0..).zip(props.checks.iter()).filter_map(|(index, check)| match check.kind {
        CheckKind::Goal | CheckKind::Sometimes => Some((index, check)),
        CheckKind::Invariant | CheckKind::Alert => None,
    });
    html! {
        <Popover open={props.chooses_until} on_open={on.reform(Intent::ChooseUntil)} class="icon"
            above={true} label={Some(AttrValue::from("Run until … (G)"))}
            button={glyph(Glyph::RunUntil)}>
            <h2 class="label">{ "Run until" }</h2>
            { choice("A promise is broken".into(), Until::Violation) }
            { for checks.map(|(index, check)| choice(check.name.clone(), Until::Check(index))) }
            if props.checks.iter().any(|check| check.kind == CheckKind::Alert) {
                { choice("An alert rings".into(), Until::Alert) }
            }
            if props.opened.as_ref().is_some_and(|opened| !opened.lesson.is_empty()) {
                { choice("The next step of the lesson".into(), Until::Beat) }
            }
        </Popover>
    }
}

fn progress(props: &TransportProps) -> Html {
    let Some((at_us, events)) = props.progress else { return Html::default() };
    let cancel = props.on.reform(|_: MouseEvent| Intent::Ask(Command::Cancel));
    let reached = format!("{}, {} events", instant(at_us), count(u64::from(events)));
    html! {
        <span class="progress" role="status">
            { reached }
            <button type="button" class="button" onclick={cancel}>{ "Stop" }</button>
        </span>
    }
}
