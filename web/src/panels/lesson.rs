//! The lesson: what to look at, in order, bets that the run itself answers, and puzzles.

use std::rc::Rc;

use faultline_core::scenario::Preset;
use faultline_core::sim::{Answered, BeatView};
use faultline_core::view::Grade;
use web_sys::Element;
use yew::prelude::*;

use super::answers::answers;
use super::bet::{bet, open_bet, settled_bet};
use super::glossary::explained;
use super::glyph::{Glyph, glyph};
use super::lesson_end::{LessonEndProps, lesson_end};
use super::puzzles::puzzles;
use super::scroll::{move_up, reveal};
use crate::bets::Ledger;
use crate::pages::gallery::Row;
use crate::pages::lab::{Dialog, Intent, LessonView, SAFEGUARDS, Study, Waits, Wish};
use crate::preferences::{keep_text, kept_text};
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
    pub(crate) answers: Vec<Option<Answered>>,
    /// How far the run has come with each puzzle.
    pub(crate) grades: Vec<Grade>,
    /// What the viewer predicted and solved.
    pub(crate) study: Rc<Study>,
    /// The other steps that have come up and were not read yet.
    pub(crate) unread: Vec<usize>,
    /// The other steps whose bet the run has not settled.
    pub(crate) open_bets: Vec<usize>,
    /// The steps of the naive design that are still to come or to be read.
    pub(crate) naive_left: Vec<usize>,
    /// How the film goes on, if it waits for this step to be read or is still to begin.
    pub(crate) waits: Option<Waits>,
    /// Whether the last beat has come up.
    pub(crate) is_over: bool,
    /// Which script the run follows, if it follows one: the beats tell of the first.
    pub(crate) script: Option<u16>,
    /// What the safeguards cost, if the same schedule was run without them.
    pub(crate) price: Option<AttrValue>,
    /// All scenarios, as far as they are known.
    pub(crate) rows: Rc<[Row]>,
    /// Whether a sheet with it has been pulled up.
    pub(crate) is_shown: bool,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

impl LessonProps {
    fn answer(&self, beat: usize) -> Option<&Answered> {
        self.answers.get(beat)?.as_ref()
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
    use_kept_answers(props);
    let card = on.reform(|_: MouseEvent| Intent::Dialog(Some(Dialog::Card)));
    let close = on.reform(|_: MouseEvent| Intent::ShowLesson(false));
    let shows_puzzles = props.study.view == LessonView::Puzzles && !opened.puzzles.is_empty();
    html! {
        <>
            <div class="lesson-top">
                { views(place, shows_puzzles, props) }
                <button type="button" class="icon collapse" aria-label="Hide the lesson"
                    title="Hide the lesson" onclick={close}>{ glyph(Glyph::Collapse) }</button>
            </div>
            <h2>{ &opened.card.title }</h2>
            <p class="question">{ explained(&opened.card.question, &opened.glossary) }</p>
            <p class="lesson-links">
                <button type="button" class="link" onclick={card}>{ "About this system" }</button>
                <a href={route::GALLERY}>{ "All scenarios" }</a>
            </p>
            { foundations(props) }
            if shows_puzzles {
                { puzzles(opened, &props.grades, &props.study, on) }
                { answers(opened, &props.study, on) }
            } else if let Some(script) = props.script.filter(|script| *script > 0) {
                { another_script(script, props) }
            } else {
                { reservation(beats.get(place), props) }
                { steps_left(&props.naive_left, opened, on) }
                <ol class="beats" ref={list}>
                    { for beats.iter().enumerate().map(|(index, beat)| line(index, beat, place, props)) }
                </ol>
                if props.is_over && place + 1 == beats.len() {
                    { lesson_end(&LessonEndProps {
                        opened: opened.clone(),
                        study: props.study.clone(),
                        price: props.price.clone(),
                        rows: props.rows.clone(),
                        on: on.clone(),
                    }) }
                }
                { buttons(place, props) }
            }
        </>
    }
}

/// The scenarios that this one builds on.
fn foundations(props: &LessonProps) -> Html {
    let own = props.rows.iter().find(|row| row.slug == props.opened.card.slug);
    let before = own.map_or(&[][..], |own| &own.prerequisites);
    let rows: Vec<&Row> = props.rows.iter().filter(|row| before.contains(&row.slug)).collect();
    if rows.is_empty() {
        return Html::default();
    }
    let link = |row: &&Row| html! { <a href={route::lab_of(&row.slug)}>{ &row.title }</a> };
    html! { <p class="foundations hint">{ "It builds on: " }{ for rows.iter().map(link) }</p> }
}

/// The heading; where there are puzzles, the choice between them and the steps.
fn views(place: usize, shows_puzzles: bool, props: &LessonProps) -> Html {
    let (beats, puzzles) = (&props.opened.lesson, &props.opened.puzzles);
    let heading = if beats.is_empty() {
        "Lesson".to_owned()
    } else {
        format!("Lesson {}/{}", place + 1, beats.len())
    };
    if puzzles.is_empty() {
        return html! { <p class="label">{ heading }</p> };
    }
    let view = |label: String, view: LessonView, is_on: bool| {
        let choose = props.on.reform(move |_: MouseEvent| Intent::Study(Wish::View(view)));
        html! {
            <button type="button" aria-pressed={is_on.to_string()} onclick={choose}>{ label }</button>
        }
    };
    let solved = props.study.ledger.solutions.len();
    let count =
        if solved == 0 { puzzles.len().to_string() } else { format!("{solved}/{}", puzzles.len()) };
    html! {
        <div class="segments lesson-views" role="group" aria-label="Lesson or puzzles">
            { view(heading, LessonView::Steps, !shows_puzzles) }
            { view(format!("Puzzles {count}"), LessonView::Puzzles, shows_puzzles) }
        </div>
    }
}

/// Reads the answers that this browser has kept, and keeps those that come.
#[hook]
fn use_kept_answers(props: &LessonProps) {
    let (opened, on) = (&props.opened, props.on.clone());
    // Steps and puzzles are named by their places, which another revision may change.
    let name = format!("faultline.answers.{}.{}", opened.card.slug, opened.revision);
    use_effect_with(name.clone(), move |name| {
        let kept = Ledger::read(&kept_text(name).unwrap_or_default());
        on.emit(Intent::Study(Wish::Kept(name.clone(), Rc::new(kept))));
    });
    use_effect_with((name, props.study.clone()), |(name, study)| {
        if study.kept_as.as_ref() == Some(name) {
            keep_text(name, &study.ledger.write());
        }
    });
}

/// Replays the same schedule with the other design.
fn design_button(preset: Preset, on: &Callback<Intent>) -> Html {
    let flip = on.reform(move |_: MouseEvent| Intent::Retry(preset));
    let label = match preset {
        Preset::Naive => "Turn the safeguards off and replay",
        Preset::Hardened => SAFEGUARDS,
    };
    html! { <button type="button" class="link" onclick={flip}>{ label }</button> }
}

/// Says so if the beats do not tell of the run as it is.
fn reservation(beat: Option<&BeatView>, props: &LessonProps) -> Html {
    let card = &props.opened.card;
    if props.opened.lesson.is_empty() {
        Html::default()
    } else if props.opened.preset.is_none() {
        html! {
            <p class="reservation">
                { "With some safeguards on and others off no step comes up: the lesson tells of \
                   the naive and of the hardened design. " }
                { design_button(Preset::Naive, &props.on) }{ " " }
                { design_button(Preset::Hardened, &props.on) }
            </p>
        }
    } else if let Some(beat) = beat.filter(|beat| Some(beat.preset) != props.opened.preset) {
        let (told, runs) = match beat.preset {
            Preset::Naive => ("naive", "hardened"),
            Preset::Hardened => ("hardened", "naive"),
        };
        html! {
            <p class="reservation">
                { format!("This step tells of the {told} design, and the {runs} one runs. ") }
                { design_button(beat.preset, &props.on) }
            </p>
        }
    } else if let (None, Some((script, _))) = (props.script, card.scripts.first()) {
        let restore = props.on.reform(|_: MouseEvent| Intent::BackToScript);
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

/// In place of the steps: what to watch in a run that they do not tell of.
fn another_script(script: u16, props: &LessonProps) -> Html {
    let opened = &props.opened;
    let Some((label, help)) = opened.card.scripts.get(usize::from(script)) else {
        return Html::default();
    };
    let back = props.on.reform(|_: MouseEvent| Intent::RunScript(0));
    let other = match opened.preset {
        Some(Preset::Naive) => Preset::Hardened,
        Some(Preset::Hardened) | None => Preset::Naive,
    };
    html! {
        <section class="another-script">
            <h3>{ label }</h3>
            <p class="say">{ explained(help, &opened.glossary) }</p>
            { design_button(other, &props.on) }
            <button type="button" class="link" onclick={back}>{ "Back to the lesson" }</button>
        </section>
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
        _ if index != place && props.unread.contains(&index) => ("unread", "•"),
        std::cmp::Ordering::Equal => ("now", "▸"),
        _ if props.study.read.contains(&index) => ("done", "✓"),
        std::cmp::Ordering::Less | std::cmp::Ordering::Greater => ("later", "·"),
    };
    let go = props.on.reform(move |_: MouseEvent| Intent::GoToBeat(index));
    html! {
        <li class={class} aria-current={(index == place).then_some("step")}>
            <button type="button" onclick={go}>
                <span class="sign" aria-hidden="true">{ sign }</span>
                <span>{ &beat.title }</span>
            </button>
            if index == place && props.opened.preset.is_some() {
                <p class="say" aria-live="polite">{ explained(&beat.say, &props.opened.glossary) }</p>
                { bet(place, beat, props.answer(place), &props.study, &props.on) }
                if let count @ 1.. = props.unread.len() {
                    <p class="hint came-up" role="status">{ came_up(count) }</p>
                }
            } else if props.open_bets.contains(&index) {
                { open_bet(index, beat, &props.study, &props.on) }
            } else {
                { settled_bet(index, beat, props.answer(index), &props.study) }
            }
        </li>
    }
}

/// In the other design: says which steps of the naive one were left, and leads there.
pub(super) fn steps_left(left: &[usize], opened: &Opened, on: &Callback<Intent>) -> Html {
    if left.is_empty() || opened.preset != Some(Preset::Hardened) {
        return Html::default();
    }
    let link = |&place: &usize| {
        let title = opened.lesson.get(place).map_or("", |beat| beat.title.as_str());
        let go = on.reform(move |_: MouseEvent| Intent::GoToBeat(place));
        html! {
            <button type="button" class="link" onclick={go}>
                { format!("{}. {title}", place + 1) }
            </button>
        }
    };
    html! {
        <p class="steps-left">{ "Not seen yet of the naive run: " }{ for left.iter().map(link) }</p>
    }
}

/// Says that there is more to read.
fn came_up(count: usize) -> String {
    match count {
        1 => "1 more step came up meanwhile. “Next” leads there.".into(),
        _ => format!("{count} more steps came up meanwhile. “Next” leads from one to the next."),
    }
}

fn buttons(place: usize, props: &LessonProps) -> Html {
    let beats = &props.opened.lesson;
    let awaits_answer =
        beats.get(place).is_some_and(|beat| beat.bet.is_some()) && props.answer(place).is_none();
    let unread = props.unread.first().copied();
    let previous = props.on.reform(move |_: MouseEvent| Intent::GoToBeat(place.saturating_sub(1)));
    // The answer to a bet is worth watching, and so is what the film waits with; everything else can
    // be jumped to.
    let (label, intent) = match &props.waits {
        Some(waits) => (waits.label, waits.go_on.clone()),
        None if awaits_answer => ("Show me", Intent::Play(true)),
        None => ("Next", Intent::GoToBeat(unread.unwrap_or(place + 1))),
    };
    let is_last = place + 1 >= beats.len();
    let is_off = is_last && props.waits.is_none() && !awaits_answer && unread.is_none();
    let next = props.on.reform(move |_: MouseEvent| intent.clone());
    html! {
        <div class="lesson-buttons">
            <button type="button" class="button" disabled={place == 0} onclick={previous}>
                { "Previous" }
            </button>
            <button type="button" class="button primary" disabled={is_off} onclick={next}>
                { label }
            </button>
        </div>
    }
}
