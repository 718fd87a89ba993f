//! The lesson: what to look at, in order, and bets that the run itself answers.

use std::collections::BTreeMap;
use std::rc::Rc;

use faultline_core::sim::BeatView;
use web_sys::Element;
use yew::prelude::*;

use super::glyph::{Glyph, glyph};
use super::lesson_end::LessonEnd;
use super::scroll::{move_up, reveal};
use crate::pages::gallery::Row;
use crate::pages::lab::{Dialog, Intent};
use crate::route;
use crate::shared::Shared;
use crate::wire::Opened;

/// How much of the lesson the buttons at its lower edge cover.
const BUTTONS_PX: f64 = 70.0;

/// What the lesson shows.
#[derive(Properties, PartialEq)]
pub(crate) struct LessonProps {
    /// Scenario and setup.
    pub(crate) opened: Shared<Opened>,
    /// Where the lesson stands.
    pub(crate) beat: usize,
    /// The right answer to each beat's bet, once the run has shown it.
    pub(crate) answers: Vec<Option<u8>>,
    /// What the viewer predicted.
    pub(crate) bets: Rc<BTreeMap<usize, Option<u8>>>,
    /// Whether the last beat has come up.
    pub(crate) is_over: bool,
    /// Whether the run follows another schedule than the one that the beats tell of.
    pub(crate) leaves_script: bool,
    /// All scenarios, as far as they are known.
    pub(crate) rows: Rc<[Row]>,
    /// Whether a sheet with it has been pulled up.
    pub(crate) is_shown: bool,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

impl LessonProps {
    fn answer(&self, beat: usize) -> Option<u8> {
        self.answers.get(beat).copied().flatten()
    }
}

/// The lesson's place beside the stage.
#[component]
pub(crate) fn Lesson(props: &LessonProps) -> Html {
    let LessonProps { opened, on, .. } = props;
    let beats = &opened.lesson;
    let place = props.beat.min(beats.len().saturating_sub(1));
    let list = use_node_ref();
    {
        let list = list.clone();
        let is_at_end = props.is_over && place + 1 == beats.len();
        use_effect_with((place, props.is_shown, is_at_end), move |&(.., is_at_end)| {
            show_beat(&list, is_at_end);
        });
    }
    let card = on.reform(|_: MouseEvent| Intent::Dialog(Some(Dialog::Card)));
    let close = on.reform(|_: MouseEvent| Intent::ShowLesson(false));
    html! {
        <>
            <div class="lesson-top">
                <p class="label">
                    if beats.is_empty() { { "Lesson" } } else {
                        { format!("Lesson · {} of {}", place + 1, beats.len()) }
                    }
                </p>
                <button type="button" class="icon collapse" aria-label="Hide the lesson"
                    title="Hide the lesson" onclick={close}>{ glyph(Glyph::Collapse) }</button>
            </div>
            <h2>{ &opened.card.title }</h2>
            <p class="question">{ &opened.card.question }</p>
            <p class="lesson-links">
                <button type="button" class="link" onclick={card}>{ "About this system" }</button>
                <a href={route::GALLERY}>{ "All scenarios" }</a>
            </p>
            { reservation(props) }
            <ol class="beats" ref={list}>
                { for beats.iter().enumerate().map(|(index, beat)| line(index, beat, place, props)) }
            </ol>
            if props.is_over && place + 1 == beats.len() {
                <LessonEnd opened={opened.clone()} answers={props.answers.clone()}
                    bets={props.bets.clone()} rows={props.rows.clone()} on={on.clone()} />
            }
            { buttons(place, props) }
        </>
    }
}

/// Says so if the beats do not tell of the run as it is.
fn reservation(props: &LessonProps) -> Html {
    let card = &props.opened.card;
    if props.opened.lesson.is_empty() {
        Html::default()
    } else if props.opened.preset.is_none() {
        html! {
            <p class="reservation">
                { "With some safeguards on and others off no step comes up: the lesson tells of \
                   the naive and of the hardened design." }
            </p>
        }
    } else if let (true, Some((script, _))) = (props.leaves_script, card.scripts.first()) {
        let restore = props.on.reform(|_: MouseEvent| Intent::RunScript(0));
        html! {
            <p class="reservation">
                { format!("The steps tell of the script “{script}”; this run goes another way. ") }
                <button type="button" class="link" onclick={restore}>{ "Back to the script" }</button>
            </p>
        }
    } else {
        Html::default()
    }
}

/// Scrolls the lesson to the present beat, above the buttons; at the end of the lesson to the top, so
/// that there is room for what comes after the last beat.
fn show_beat(list: &NodeRef, is_at_end: bool) {
    let Some(list) = list.cast::<Element>() else { return };
    let (Ok(Some(lesson)), Ok(Some(beat))) =
        (list.closest(".lesson"), list.query_selector("[aria-current]"))
    else {
        return;
    };
    if is_at_end {
        move_up(&lesson, &beat);
    } else {
        reveal(&lesson, &beat, BUTTONS_PX);
    }
}

/// A beat by its title; the present one says what it has to say.
fn line(index: usize, beat: &BeatView, place: usize, props: &LessonProps) -> Html {
    let (class, sign) = match index.cmp(&place) {
        std::cmp::Ordering::Less => ("done", "✓"),
        std::cmp::Ordering::Equal => ("now", "▸"),
        std::cmp::Ordering::Greater => ("later", "·"),
    };
    let go = props.on.reform(move |_: MouseEvent| Intent::GoToBeat(index));
    html! {
        <li class={class} aria-current={(index == place).then_some("step")}>
            <button type="button" onclick={go}>
                <span class="sign" aria-hidden="true">{ sign }</span>
                <span>{ &beat.title }</span>
            </button>
            if index == place && props.opened.preset.is_some() {
                <p class="say" aria-live="polite">{ &beat.say }</p>
                { bet(place, beat, props) }
            } else {
                { settled_bet(index, beat, props) }
            }
        </li>
    }
}

/// How a bet of another beat ended: what the viewer said, and what the run did.
fn settled_bet(place: usize, beat: &BeatView, props: &LessonProps) -> Html {
    let (Some((_, options)), Some(choice), Some(answer)) =
        (&beat.bet, props.bets.get(&place).copied(), props.answer(place))
    else {
        return Html::default();
    };
    let text = |option: u8| options.get(usize::from(option)).map_or("", String::as_str);
    let chosen = choice.map_or("not sure", text);
    html! {
        <p class="outcome">
            { format!("You bet: {chosen}. The run: {}. ", text(answer)) }{ outcome(answer, choice) }
        </p>
    }
}

/// The question of a beat, its options, and how the run answered.
fn bet(place: usize, beat: &BeatView, props: &LessonProps) -> Html {
    let Some((question, options)) = &beat.bet else { return Html::default() };
    let choice = props.bets.get(&place).copied();
    let answer = props.answer(place);
    let option = |index: Option<u8>, text: &str| {
        let is_right = answer.is_some() && answer == index;
        let is_chosen = choice == Some(index);
        let choose = props.on.reform(move |_: Event| Intent::Bet(place, index));
        html! {
            <label class={classes!(is_right.then_some("right"))}>
                <input type="radio" name={format!("bet-{place}")} checked={is_chosen}
                    disabled={answer.is_some()} onchange={choose} />
                <span>{ text }</span>
                if is_right { <span class="mark">{ "✓ the run says so" }</span> }
            </label>
        }
    };
    html! {
        <fieldset class="bet">
            <legend>{ question }</legend>
            for (index, text) in (0_u8..).zip(options.iter()) {
                { option(Some(index), text) }
            }
            { option(None, "Not sure") }
            if let (Some(answer), Some(choice)) = (answer, choice) {
                <p class="outcome" role="status">{ outcome(answer, choice) }</p>
            }
        </fieldset>
    }
}

fn outcome(answer: u8, choice: Option<u8>) -> &'static str {
    match choice {
        None => "Now you know.",
        Some(choice) if choice == answer => "You saw it coming.",
        Some(_) => "The run says otherwise.",
    }
}

fn buttons(place: usize, props: &LessonProps) -> Html {
    let beats = &props.opened.lesson;
    let awaits_answer =
        beats.get(place).is_some_and(|beat| beat.bet.is_some()) && props.answer(place).is_none();
    let previous = props.on.reform(move |_: MouseEvent| Intent::GoToBeat(place.saturating_sub(1)));
    let next = props.on.reform(move |_: MouseEvent| {
        // The answer to a bet is worth watching; everything else can be jumped to.
        if awaits_answer { Intent::Play(true) } else { Intent::GoToBeat(place + 1) }
    });
    let is_last = place + 1 >= beats.len();
    html! {
        <div class="lesson-buttons">
            <button type="button" class="button" disabled={place == 0} onclick={previous}>
                { "Previous" }
            </button>
            <button type="button" class="button primary" disabled={is_last && !awaits_answer}
                onclick={next}>
                { if awaits_answer { "Show me" } else { "Next" } }
            </button>
        </div>
    }
}
