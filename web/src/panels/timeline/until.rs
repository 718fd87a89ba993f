//! Choosing where to go: a time, or a moment at which something comes true.

use std::rc::Rc;

use faultline_core::sim::{MetricView, TextKind};
use faultline_core::view::{Check, CheckKind, Verdict};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::editor::{micros, seconds};
use crate::format::instant;
use crate::pages::lab::Intent;
use crate::panels::glyph::{Glyph, glyph};
use crate::panels::popover::Popover;
use crate::shared::Shared;
use crate::wire::{Bound, Command, Opened, Until};

/// Kinds of lines that words can be looked for in, and how they are called.
const KINDS: [(&str, Option<TextKind>); 5] = [
    ("in any line of the log", None),
    ("when something happens", Some(TextKind::Event)),
    ("when a fact is recorded", Some(TextKind::Fact)),
    ("when a message leaves", Some(TextKind::Send)),
    ("when a message is lost", Some(TextKind::Loss)),
];

/// What there is to run until.
pub(crate) struct RunUntilProps {
    /// Scenario and setup, once open.
    pub(crate) opened: Option<Shared<Opened>>,
    /// The verdicts.
    pub(crate) checks: Rc<[Check]>,
    /// True time at the cursor.
    pub(crate) now_us: u64,
    /// What was to be run until is so already, and how to ask for the next time.
    pub(crate) already: Option<(AttrValue, Option<Until>)>,
    /// Whether it is open.
    pub(crate) open: bool,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The button and what opens above it.
pub(crate) fn run_until(props: &RunUntilProps) -> Html {
    let on = &props.on;
    html! {
        <Popover open={props.open} on_open={on.reform(Intent::ChooseUntil)} class="icon"
            above={true} label={Some(AttrValue::from("Run until … (G)"))}
            button={glyph(Glyph::RunUntil)}>
            <div class="until">{ body(props) }</div>
        </Popover>
    }
}

fn body(props: &RunUntilProps) -> Html {
    let has_alerts = props.checks.iter().any(|check| check.kind == CheckKind::Alert);
    let metrics = props.opened.as_ref().map(|it| it.metrics.clone()).unwrap_or_default();
    let has_lesson = props.opened.as_ref().is_some_and(|opened| !opened.lesson.is_empty());
    let groups = [
        ("… this promise breaks", CheckKind::Invariant),
        ("… this is reached, or missed", CheckKind::Goal),
        ("… this is seen", CheckKind::Sometimes),
        ("… this alert rings", CheckKind::Alert),
    ];
    html! {
        <>
            { already(props) }
            <h2 class="label">{ "Run until" }</h2>
            { choice("… any promise breaks", Until::Violation, props) }
            if has_lesson { { choice("… the next step of the lesson comes up", Until::Beat, props) } }
            if has_alerts { { choice("… any alert rings", Until::Alert, props) } }
            if !metrics.is_empty() { <MetricForm {metrics} on={props.on.clone()} /> }
            <WordsForm on={props.on.clone()} />
            for (title, kind) in groups { { group(title, kind, props) } }
            <TimeForm now_us={props.now_us} on={props.on.clone()} />
        </>
    }
}

/// It is so already: says so, and offers the next time if there can be one.
fn already(props: &RunUntilProps) -> Html {
    let Some((sentence, again)) = &props.already else { return Html::default() };
    let again = again.clone().map(|until| {
        let on = props.on.clone();
        let run = Callback::from(move |_: MouseEvent| {
            on.emit(Intent::ChooseUntil(false));
            on.emit(Intent::Ask(Command::RunUntil { until: until.clone(), again: true }));
        });
        html! {
            <button type="button" class="choice" onclick={run}>{ "Run until the next time" }</button>
        }
    });
    html! { <><p class="already" role="status">{ sentence }</p>{ again }</> }
}

fn choice(label: &'static str, until: Until, props: &RunUntilProps) -> Html {
    let run = props.on.reform(move |_: MouseEvent| Intent::Until(until.clone()));
    html! { <button type="button" class="choice" onclick={run}>{ label }</button> }
}

/// All checks of a kind: those that are decided say when, and lead there.
fn group(title: &'static str, kind: CheckKind, props: &RunUntilProps) -> Html {
    let of_kind = (0..).zip(props.checks.iter()).filter(|(_, check)| check.kind == kind);
    let of_kind: Vec<(u16, &Check)> = of_kind.collect();
    if of_kind.is_empty() {
        return Html::default();
    }
    let entry = |(index, check): (u16, &Check)| {
        let (intent, where_to) = match &check.verdict {
            Verdict::Holds | Verdict::NotYet => (Intent::Until(Until::Check(index)), None),
            Verdict::Broken { at_us, step, .. } => {
                let to = Command::to(*step, *at_us);
                (Intent::Ask(to), Some(format!("go back to {}", instant(*at_us))))
            }
            Verdict::Reached { at_us } => {
                (Intent::Seek(*at_us), Some(format!("go back to {}", instant(*at_us))))
            }
        };
        let on = props.on.clone();
        let run = Callback::from(move |_: MouseEvent| {
            on.emit(intent.clone());
            on.emit(Intent::ChooseUntil(false));
        });
        html! {
            <button type="button" class="choice" onclick={run}>
                { &check.name }
                for place in where_to { <span class="value">{ place }</span> }
            </button>
        }
    };
    html! {
        <>
            <h3 class="label">{ title }</h3>
            { for of_kind.into_iter().map(entry) }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct MetricFormProps {
    metrics: Vec<MetricView>,
    on: Callback<Intent>,
}

/// A metric, a side and a number.
#[component]
fn MetricForm(props: &MetricFormProps) -> Html {
    let (metric, bound, value) = (use_node_ref(), use_node_ref(), use_node_ref());
    let on_submit = {
        let (metric, bound, value) = (metric.clone(), bound.clone(), value.clone());
        let on = props.on.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let chosen = |select: &NodeRef| {
                select.cast::<HtmlSelectElement>().and_then(|it| it.value().parse::<u16>().ok())
            };
            let number = value.cast::<HtmlInputElement>().map(|it| it.value());
            let number = number.and_then(|text| text.trim().parse::<i64>().ok());
            let (Some(metric), Some(value)) = (chosen(&metric), number) else {
                return on.emit(Intent::Say("A whole number is needed to run until."));
            };
            let bound = if chosen(&bound) == Some(1) { Bound::AtMost } else { Bound::AtLeast };
            on.emit(Intent::Until(Until::Metric { metric, bound, value }));
        })
    };
    html! {
        <form class="until-form" onsubmit={on_submit} aria-label="Run until a number is reached">
            <select ref={metric} aria-label="Number">
                for (index, metric) in props.metrics.iter().enumerate() {
                    <option value={index.to_string()} selected={index == 0}>
                        { &metric.label }{ " " }<span>{ &metric.unit }</span>
                    </option>
                }
            </select>
            <select ref={bound} aria-label="Side">
                <option value="0" selected={true}>{ "≥" }</option>
                <option value="1">{ "≤" }</option>
            </select>
            <input ref={value} type="number" step="1" value="1" aria-label="Value" />
            <button type="submit" class="button">{ "Run" }</button>
        </form>
    }
}

#[derive(Properties, PartialEq)]
struct WordsFormProps {
    on: Callback<Intent>,
}

/// Words, and where they are to stand.
#[component]
fn WordsForm(props: &WordsFormProps) -> Html {
    let (words, kind) = (use_node_ref(), use_node_ref());
    let on_submit = {
        let (words, kind, on) = (words.clone(), kind.clone(), props.on.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let text = words.cast::<HtmlInputElement>().map(|it| it.value()).unwrap_or_default();
            if text.trim().is_empty() {
                return on.emit(Intent::Say("A word is needed to run until it is said."));
            }
            let chosen = kind.cast::<HtmlSelectElement>();
            let chosen = chosen.and_then(|it| it.value().parse::<usize>().ok());
            let kind = chosen.and_then(|place| KINDS.get(place)).and_then(|it| it.1);
            on.emit(Intent::Until(Until::Words { words: text.trim().to_owned(), kind }));
        })
    };
    html! {
        <form class="until-form" onsubmit={on_submit} aria-label="Run until words are said">
            <input ref={words} type="search" maxlength="100" placeholder="words, such as S2"
                aria-label="Words" />
            <select ref={kind} aria-label="Where the words stand">
                for (place, (label, _)) in KINDS.iter().enumerate() {
                    <option value={place.to_string()} selected={place == 0}>{ *label }</option>
                }
            </select>
            <button type="submit" class="button">{ "Run" }</button>
        </form>
    }
}

#[derive(Properties, PartialEq)]
struct TimeFormProps {
    now_us: u64,
    on: Callback<Intent>,
}

/// A time to go to.
#[component]
fn TimeForm(props: &TimeFormProps) -> Html {
    let time = use_node_ref();
    let on_submit = {
        let (time, on) = (time.clone(), props.on.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let text = time.cast::<HtmlInputElement>().map(|it| it.value()).unwrap_or_default();
            let Some(at_us) = micros(&text) else {
                return on.emit(Intent::Say("A time in seconds is needed, such as 1.25."));
            };
            on.emit(Intent::Seek(at_us));
            on.emit(Intent::ChooseUntil(false));
        })
    };
    html! {
        <form class="until-form" onsubmit={on_submit} aria-label="Go to a time">
            <label>{ "Go to " }
                <input ref={time} type="text" inputmode="decimal" size="8"
                    aria-label="Time in seconds" placeholder={seconds(props.now_us)} />
                { " s" }
            </label>
            <button type="submit" class="button">{ "Go" }</button>
        </form>
    }
}
