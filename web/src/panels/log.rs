//! Everything that happened around the cursor, in words: the same text as in golden files; and a
//! search through all that is known of the run.

use std::rc::Rc;

use faultline_core::order::set_of;
use faultline_core::sim::{Step, TextKind, TextLine};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::scroll::reveal;
use crate::format::{count, counted, instant};
use crate::pages::lab::{Intent, Trace, TraceIntent};
use crate::preferences::Verbosity;
use crate::shared::Shared;
use crate::wire::{Command, Found, Frame, Timeline, Without};

/// What the log shows.
#[derive(Properties, PartialEq)]
pub(crate) struct LogProps {
    /// The text around the cursor.
    pub(crate) lines: Rc<[TextLine]>,
    /// The world at the cursor.
    pub(crate) frame: Shared<Frame>,
    /// Counts the wishes to search.
    pub(crate) searches: u32,
    /// How much is read out.
    pub(crate) verbosity: Verbosity,
    /// What is searched for, and the event that is selected.
    pub(crate) trace: Shared<Trace>,
    /// The run as far as it is known.
    pub(crate) timeline: Shared<Timeline>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The log with its search.
#[component]
pub(crate) fn LogPanel(props: &LogProps) -> Html {
    let hits_only = use_state_eq(|| false);
    let list = use_node_ref();
    {
        let list = list.clone();
        use_effect_with((props.lines.clone(), props.frame.event), move |_| show_cursor(&list));
    }
    let found = props.trace.found.as_deref();
    let hits = found.into_iter().flat_map(|found| &found.hits);
    let hits = set_of(hits.map(|hit| hit.step));
    let toggle = {
        let hits_only = hits_only.clone();
        Callback::from(move |_: MouseEvent| hits_only.set(!*hits_only))
    };
    let groups = groups(&props.lines);
    let is_hit = |group: &[&TextLine]| group.first().is_some_and(|it| hits.contains(&it.step));
    let filters = *hits_only && found.is_some();
    let shown = groups.iter().filter(|group| !filters || is_hit(group));
    html! {
        <div class="log">
            <div class="log-tools">
                <SearchField trace={props.trace.clone()} searches={props.searches}
                    on={props.on.clone()} />
                if found.is_some() {
                    <button type="button" class="chip" aria-pressed={hits_only.to_string()}
                        onclick={toggle}>{ "Hits only" }</button>
                }
                { verbosity(props) }
            </div>
            <ol class="log-lines" ref={list} tabindex="0" aria-label="Events around this moment">
                { for shown.map(|group| event(group, is_hit(group), props)) }
            </ol>
        </div>
    }
}

/// What the field shows.
#[derive(Properties, PartialEq)]
struct SearchFieldProps {
    trace: Shared<Trace>,
    searches: u32,
    on: Callback<Intent>,
}

/// The field to search with, and what came of it.
#[component]
fn SearchField(props: &SearchFieldProps) -> Html {
    let SearchFieldProps { trace, searches, on } = props;
    let field = use_node_ref();
    {
        let field = field.clone();
        use_effect_with(*searches, move |searches| {
            if let (true, Some(field)) = (*searches > 0, field.cast::<HtmlInputElement>()) {
                drop(field.focus());
            }
        });
    }
    let on_input = on.reform(|event: InputEvent| {
        let query = event.target_unchecked_into::<HtmlInputElement>().value();
        TraceIntent::Find(query.into()).into()
    });
    let on_key = {
        let on = on.clone();
        Callback::from(move |event: KeyboardEvent| {
            let intent = match event.key().as_str() {
                "Enter" | "F3" => TraceIntent::GoToHit(!event.shift_key()),
                "Escape" => TraceIntent::Find(AttrValue::default()),
                _ => return,
            };
            event.prevent_default();
            on.emit(intent.into());
        })
    };
    let go = |forward| on.reform(move |_: MouseEvent| TraceIntent::GoToHit(forward).into());
    let has_hits = trace.found.as_ref().is_some_and(|found| !found.hits.is_empty());
    html! {
        <>
            <input ref={field} type="search" aria-label="Search the log"
                placeholder="Search: text, node:S2, kind:loss, at:>1s, x then y within 5"
                value={trace.query.clone()} oninput={on_input} onkeydown={on_key} />
            <span class="hits" role="status">{ result(trace) }</span>
            if has_hits {
                <button type="button" class="icon" aria-label="Previous hit"
                    title="Previous hit (Shift Enter, Shift F3)" onclick={go(false)}>{ "↑" }</button>
                <button type="button" class="icon" aria-label="Next hit"
                    title="Next hit (Enter, F3)" onclick={go(true)}>{ "↓" }</button>
            }
        </>
    }
}

/// Says what a search has found.
fn result(trace: &Trace) -> Html {
    let Some(found) = trace.found.as_deref() else {
        let waits = !trace.query.trim().is_empty();
        return html! { if waits { { "Searching …" } } };
    };
    let Found { total, searched, is_done, remark, .. } = found;
    let place = trace.hit.map(|hit| format!("{} of ", count(hit as u64 + 1)));
    let goes_on = if *is_done { "" } else { " so far" };
    let said = match (total, remark) {
        (0, Some(remark)) => return html! { <span class="warn">{ remark }</span> },
        (0, None) => format!("Nothing{goes_on} in {}", counted((*searched).into(), "event")),
        (total, _) => {
            format!("{}{}{goes_on}", place.unwrap_or_default(), counted((*total).into(), "hit"))
        }
    };
    html! { <>{ said }if let Some(remark) = remark { <span>{ " · " }{ remark }</span> }</> }
}

fn verbosity(props: &LogProps) -> Html {
    let choose = props.on.reform(|event: Event| {
        let value = event.target_unchecked_into::<web_sys::HtmlSelectElement>().value();
        let level = Verbosity::ALL.into_iter().find(|level| level.key() == value);
        Intent::Verbosity(level.unwrap_or_default())
    });
    html! {
        <label class="hint">{ "Read out " }
            <select onchange={choose}>
                for level in Verbosity::ALL {
                    <option value={level.key()} selected={level == props.verbosity}>
                        { level.key() }
                    </option>
                }
            </select>
        </label>
    }
}

/// Lines of one step stand together.
fn groups(lines: &[TextLine]) -> Vec<Vec<&TextLine>> {
    lines
        .chunk_by(|one, other| one.step == other.step)
        .map(|group| group.iter().collect())
        .collect()
}

fn event(lines: &[&TextLine], is_hit: bool, props: &LogProps) -> Html {
    let Some(first) = lines.first() else { return Html::default() };
    let (step, at_us, frame) = (first.step, first.at_us, &props.frame);
    let (number, is_event) = (step.number(), matches!(step, Step::Event(_)));
    let seek = props.on.reform(move |_: MouseEvent| Intent::Ask(Command::to(step, at_us)));
    // An action has no cause but whoever did it; what it broke has a reason.
    let is_judged = lines.iter().any(|line| line.kind == TextKind::Verdict);
    let why = (is_event || is_judged).then(|| {
        let ask = props.on.reform(move |_: MouseEvent| Intent::Why(step));
        let label = if is_event {
            format!("Why did event {number} happen?")
        } else {
            format!("Why did this come of it? {}", first.text)
        };
        html! {
            <button type="button" class="link" onclick={ask} aria-label={label}>{ "why?" }</button>
        }
    });
    let is_now = is_event && frame.event == number + 1;
    let is_selected = is_event && props.trace.selected == Some(number);
    let line = |line: &TextLine| {
        html! { <span class={format!("line {}", class_of(line.kind))}>{ &line.text }</span> }
    };
    // What has not happened at the cursor must not look as if it had.
    let is_ahead = at_us > frame.scene.now_us || number > frame.event;
    let is_ahead = is_ahead || (number == frame.event && is_event);
    let classes = classes!(
        is_ahead.then_some("ahead"),
        is_hit.then_some("is-hit"),
        is_selected.then_some("is-selected")
    );
    let select = is_event.then(|| {
        let select = TraceIntent::Select((!is_selected).then_some(number));
        props.on.reform(move |_: MouseEvent| select.clone().into())
    });
    html! {
        <li class={classes} aria-current={is_now.then_some("true")}>
            <button type="button" class="time" onclick={seek}
                aria-label={if is_event {
                    format!("Go to event {number} at {}", instant(at_us))
                } else {
                    format!("Go to {}", instant(at_us))
                }}>
                { instant(at_us) }
            </button>
            <span class="lines" onclick={select}>{ for lines.iter().map(|it| line(it)) }</span>
            if is_ahead && !is_event {
                <span class="hint">{ "to come" }</span>
            }
            <span class="row-buttons">{ for why }{ without(first, props) }</span>
        </li>
    }
}

/// Returns the button with which the run is forked so that this does not happen.
fn without(line: &TextLine, props: &LogProps) -> Html {
    let without = match line.step {
        Step::Event(event) => Some(Without::Event(event)),
        Step::Action { index, .. } => {
            // The list may be younger than the log.
            let action = props.timeline.actions.get(index as usize);
            let action = action.filter(|it| it.at_us == line.at_us);
            action.map(|action| Without::Action(action.named(index)))
        }
        Step::Time { .. } => None,
    };
    let Some(without) = without else { return Html::default() };
    let fork = props.on.reform(move |_: MouseEvent| TraceIntent::Without(without.clone()).into());
    html! {
        <button type="button" class="link" onclick={fork}
            aria-label={format!("The run without this: {}", line.text)}
            title="Forks a run in which this does not happen">{ "without" }</button>
    }
}

/// Returns the class of a line.
pub(super) const fn class_of(kind: TextKind) -> &'static str {
    match kind {
        TextKind::Action => "action",
        TextKind::Event => "event",
        TextKind::Send => "send",
        TextKind::Loss => "loss",
        TextKind::Fact => "fact",
        TextKind::Verdict => "verdict",
    }
}

/// Scrolls the list to the line at the cursor.
fn show_cursor(list: &NodeRef) {
    let Some(list) = list.cast::<web_sys::Element>() else { return };
    if let Ok(Some(current)) = list.query_selector("[aria-current]") {
        reveal(&list, &current, 0.0);
    }
}
