//! Play, step, seek: the controls of a player, the timeline, and the futures left behind.

use std::rc::Rc;

use faultline_core::view::Check;
use yew::prelude::*;

use super::glyph::{Glyph, glyph};
use super::popover::Popover;
use super::timeline::{
    Extent, ForksProps, RunUntilProps, Track, Words, Zoom, drawn_note, forks, run_until,
};
use crate::format::{count, instant};
use crate::pages::lab::{Intent, NO_FILM, Sheet, StripTab, Waits};
use crate::player::SPEEDS;
use crate::shared::Shared;
use crate::stage::use_area;
use crate::wire::{Command, Frame, Opened, Timeline, Until};

/// What Play does, unlike the button over the stage, which begins anew.
const PLAY: &str = "Play on from here, with all that was done to the system, and stop at each new step of \
                    the lesson (Space)";

/// What the transport shows.
#[derive(Properties, PartialEq)]
pub(crate) struct TransportProps {
    /// Scenario and setup, once open.
    pub(crate) opened: Option<Shared<Opened>>,
    /// The run as far as it is known.
    pub(crate) timeline: Shared<Timeline>,
    /// The world at the cursor.
    pub(crate) frame: Option<Shared<Frame>>,
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
    /// What was to be run until is so already, and how to ask for the next time.
    pub(crate) already: Option<(AttrValue, Option<Until>)>,
    /// At which step of the lesson the film waits.
    pub(crate) waits: Option<Waits>,
    /// A long command goes on: true time and events so far.
    pub(crate) progress: Option<(u64, u32)>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The controls of the player.
#[component]
pub(crate) fn Transport(props: &TransportProps) -> Html {
    let TransportProps { opened, timeline, on, .. } = props;
    let zoom = use_state_eq(Zoom::default);
    let zooms = use_state_eq(|| false);
    let line = use_node_ref();
    let width = use_area(&line).width;
    let words = use_words(opened.as_ref(), props.frame.as_ref());
    let whole_us = props.extent_us;
    let horizon_us = opened.as_ref().map_or(whole_us, |opened| opened.horizon_us);
    let extent = Extent { now_us: props.now_us, horizon_us, whole_us };
    let on_zoom = {
        let zoom = zoom.setter();
        Callback::from(move |to| zoom.set(to))
    };
    let done = props.frame.as_ref().map_or(0, |frame| frame.actions);
    let crowding = drawn_note(timeline, zoom.stretch(extent), width);
    html! {
        <section class="transport" aria-label="Playback">
            <div class="controls">
                { buttons(props) }
                { run_until(&RunUntilProps {
                    opened: opened.clone(),
                    checks: props.checks.clone(),
                    now_us: props.now_us,
                    open: props.chooses_until,
                    already: props.already.clone(),
                    on: on.clone(),
                }) }
                <span class="clock">{ instant(props.now_us) }</span>
                { speed(props) }
                { zoom_menu(&zooms, *zoom, extent, &on_zoom, crowding) }
            </div>
            <Track opened={opened.clone()} timeline={timeline.clone()} {extent} {done} {words}
                zoom={*zoom} {on_zoom} {line} {width} on={on.clone()} />
            { waiting(props) }
            { forks(&ForksProps {
                timeline: timeline.clone(),
                stretch: zoom.stretch(extent),
                on: on.clone(),
            }) }
            { left_behind(timeline, on) }
            { progress(props) }
        </section>
    }
}

/// Returns what can be named in an action; the same allocation while it is the same.
#[hook]
fn use_words(opened: Option<&Shared<Opened>>, frame: Option<&Shared<Frame>>) -> Rc<Words> {
    let kept = use_mut_ref(Rc::<Words>::default);
    let words = Words::of(opened, frame);
    let mut kept = kept.borrow_mut();
    if **kept != words {
        *kept = Rc::new(words);
    }
    kept.clone()
}

fn buttons(props: &TransportProps) -> Html {
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
    let title = match (props.compares, props.plays) {
        (true, _) => NO_FILM,
        (false, true) => "Pause (Space)",
        (false, false) => PLAY,
    };
    let next = Intent::Ask(Command::NextInteresting);
    html! {
        <>
            { button("To start", "Home", Glyph::ToStart, Intent::Seek(0)) }
            { button("Step back", "←", Glyph::StepBack, Intent::Ask(Command::StepBack)) }
            <button type="button" class="icon play" aria-label={label}
                aria-disabled={props.compares.then_some("true")} {title}
                onclick={toggle}>{ glyph(shape) }</button>
            { button("Step", "→", Glyph::Step, Intent::Ask(Command::Step)) }
            { button("Next interesting event", "Shift →", Glyph::NextInteresting, next) }
        </>
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

/// How much of the run the timeline shows.
fn zoom_menu(
    open: &UseStateHandle<bool>,
    zoom: Zoom,
    extent: Extent,
    on_zoom: &Callback<Zoom>,
    crowding: Option<String>,
) -> Html {
    let choice = |label: String, to: Zoom, is_on: bool| {
        let (on_zoom, open) = (on_zoom.clone(), open.setter());
        let choose = Callback::from(move |_: MouseEvent| {
            on_zoom.emit(to);
            open.set(false);
        });
        html! {
            <button type="button" class="choice" aria-pressed={is_on.to_string()}
                onclick={choose}>{ label }</button>
        }
    };
    let scale = |label: &'static str, percent: u64| {
        let on_zoom = on_zoom.clone();
        let to = zoom.scaled(percent, extent.now_us, extent);
        html! {
            <button type="button" class="button"
                onclick={Callback::from(move |_: MouseEvent| on_zoom.emit(to))}>{ label }</button>
        }
    };
    let on_open = {
        let open = open.setter();
        Callback::from(move |is_open| open.set(is_open))
    };
    let whole = format!("The whole run: {}", instant(extent.whole_us));
    let story = format!("The story: {}", instant(extent.horizon_us));
    let is_part = matches!(zoom, Zoom::Part { .. });
    html! {
        <Popover open={**open} {on_open} class={classes!("icon", is_part.then_some("on"))}
            above={true} label={Some(AttrValue::from("What the timeline shows"))}
            button={glyph(Glyph::Zoom)}>
            <h2 class="label">{ "The timeline shows" }</h2>
            { choice(whole, Zoom::Whole, zoom == Zoom::Whole) }
            { choice(story, Zoom::Story, zoom == Zoom::Story) }
            { choice("What is around the cursor".into(), Zoom::around(extent), is_part) }
            <div class="buttons">{ scale("Closer (+)", 50) }{ scale("Wider (−)", 200) }</div>
            <p class="hint">{ "Ctrl and the wheel do the same; the signs + − 0 too, on the line." }</p>
            for sentence in crowding { <p class="hint">{ sentence }</p> }
        </Popover>
    }
}

/// On a small screen: how many futures there are, and the way to them.
fn left_behind(timeline: &Timeline, on: &Callback<Intent>) -> Html {
    let futures = match timeline.lanes.len() {
        0 => return Html::default(),
        1 => "1 future left behind".to_owned(),
        many => format!("{many} futures left behind"),
    };
    let on = on.clone();
    let show = Callback::from(move |_: MouseEvent| {
        on.emit(Intent::Strip(StripTab::Faults));
        on.emit(Intent::Sheet(Some(Sheet::Strip)));
    });
    html! { <button type="button" class="link forks-link" onclick={show}>{ futures }</button> }
}

/// Says why the film stands, where the lesson is in sight and says the rest.
fn waiting(props: &TransportProps) -> Html {
    let Some(waits) = &props.waits else { return Html::default() };
    let intent = waits.go_on.clone();
    let go_on = props.on.reform(move |_: MouseEvent| intent.clone());
    let class = classes!("film-waits", (!props.timeline.lanes.is_empty()).then_some("progress"));
    html! {
        <p {class} role="status">
            { &waits.reason }{ " " }<b>{ &waits.title }</b>
            <button type="button" class="link" onclick={go_on}>{ waits.label }</button>
        </p>
    }
}

fn progress(props: &TransportProps) -> Html {
    let Some((at_us, events)) = props.progress else { return Html::default() };
    let cancel = props.on.reform(|_: MouseEvent| Intent::Ask(Command::Cancel));
    let reached = format!("{}, {} events", instant(at_us), count(u64::from(events)));
    html! {
        <span class="progress" role="status">
            { reached }
            <button type="button" class="button" onclick={cancel} title="Stop (Esc)">
                { "Stop" }
            </button>
        </span>
    }
}
