//! Everything that happened around the cursor, in words: the same text as in golden files.

use std::rc::Rc;

use faultline_core::sim::{TextKind, TextLine};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::inspect::name_of;
use super::scroll::reveal;
use crate::format::instant;
use crate::pages::lab::Intent;
use crate::preferences::Verbosity;
use crate::shared::Shared;
use crate::wire::{Command, Frame};

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
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The log with its search.
#[component]
pub(crate) fn LogPanel(props: &LogProps) -> Html {
    let sought = use_state_eq(String::new);
    let field = use_node_ref();
    let list = use_node_ref();
    {
        let field = field.clone();
        use_effect_with(props.searches, move |searches| {
            if let (true, Some(field)) = (*searches > 0, field.cast::<HtmlInputElement>()) {
                drop(field.focus());
            }
        });
    }
    {
        let list = list.clone();
        use_effect_with((props.lines.clone(), props.frame.event), move |_| show_cursor(&list));
    }
    let on_input = {
        let sought = sought.setter();
        Callback::from(move |event: InputEvent| {
            sought.set(event.target_unchecked_into::<HtmlInputElement>().value());
        })
    };
    let found: Vec<&TextLine> =
        props.lines.iter().filter(|line| matches(line, &sought, &props.frame)).collect();
    html! {
        <div class="log">
            <div class="log-tools">
                <input ref={field} type="search" placeholder="Search: text, node:S2, kind:loss"
                    aria-label="Search the log" value={(*sought).clone()} oninput={on_input} />
                <span class="hint">{ format!("{} of {} lines", found.len(), props.lines.len()) }</span>
                { verbosity(props) }
            </div>
            <ol class="log-lines" ref={list} tabindex="0" aria-label="Events around this moment">
                { for groups(&found).into_iter().map(|group| event(&group, props)) }
            </ol>
        </div>
    }
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

/// Lines of one event stand together.
fn groups<'a>(lines: &[&'a TextLine]) -> Vec<Vec<&'a TextLine>> {
    let key = |line: &TextLine| (line.event, line.at_us, line.kind == TextKind::Action);
    let is_same = |one: &&TextLine, other: &&TextLine| key(one) == key(other);
    lines.chunk_by(is_same).map(<[&TextLine]>::to_vec).collect()
}

fn event(lines: &[&TextLine], props: &LogProps) -> Html {
    let Some(first) = lines.first() else { return Html::default() };
    let (number, at_us, frame) = (first.event, first.at_us, &props.frame);
    let seek =
        props.on.reform(move |_: MouseEvent| Intent::Ask(Command::SeekEvent { event: number }));
    // An action has no cause but whoever did it.
    let why = (first.kind != TextKind::Action).then(|| {
        let ask = props.on.reform(move |_: MouseEvent| Intent::Why(number));
        html! {
            <button type="button" class="link" onclick={ask}
                aria-label={format!("Why did event {number} happen?")}>{ "why?" }</button>
        }
    });
    let is_now = frame.event == number + 1;
    let line = |line: &TextLine| {
        html! { <span class={format!("line {}", class_of(line.kind))}>{ &line.text }</span> }
    };
    // What has not happened at the cursor must not look as if it had.
    let is_ahead = at_us > frame.scene.now_us || number > frame.event;
    let is_ahead = is_ahead || (number == frame.event && first.kind != TextKind::Action);
    html! {
        <li class={classes!(is_ahead.then_some("ahead"))}
            aria-current={is_now.then_some("true")}>
            <button type="button" class="time" onclick={seek}
                aria-label={format!("Go to event {number} at {}", instant(at_us))}>
                { instant(at_us) }
            </button>
            <span class="lines">{ for lines.iter().map(|it| line(it)) }</span>
            if is_ahead && first.kind == TextKind::Action {
                <span class="hint">{ "to come" }</span>
            }
            { for why }
        </li>
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

/// Returns true if a line has all that is sought: words, `node:` names and `kind:` names.
fn matches(line: &TextLine, sought: &str, frame: &Frame) -> bool {
    sought.split_whitespace().all(|word| {
        let word = word.to_lowercase();
        if let Some(name) = word.strip_prefix("node:") {
            return line.node.is_some_and(|node| name_of(frame, node).to_lowercase() == name);
        }
        if let Some(kind) = word.strip_prefix("kind:") {
            return class_of(line.kind).starts_with(kind)
                || line.text.to_lowercase().contains(kind);
        }
        line.text.to_lowercase().contains(&word)
    })
}

/// Scrolls the list to the line at the cursor.
fn show_cursor(list: &NodeRef) {
    let Some(list) = list.cast::<web_sys::Element>() else { return };
    if let Ok(Some(current)) = list.query_selector("[aria-current]") {
        reveal(&list, &current, 0.0);
    }
}
