//! Changing an action: when, to whom, how much.

use std::rc::Rc;

use faultline_core::sim::{Action, NodeId};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::form::{Entry, Field, Words, changed, fields};
use crate::format::counted;
use crate::pages::lab::Intent;
use crate::wire::{ActionView, Command};

/// A copy is put this share of the story later.
const COPIES_A_STORY: u64 = 50;

/// What is edited.
#[derive(Properties, PartialEq)]
pub(crate) struct EditorProps {
    /// Its index among the run's actions.
    pub(crate) index: u32,
    /// As it is.
    pub(crate) action: ActionView,
    /// Whether it lies before the cursor.
    pub(crate) is_done: bool,
    /// What can be named in it.
    pub(crate) words: Rc<Words>,
    /// Times are multiples of this.
    pub(crate) grain_us: u64,
    /// How long the story takes.
    pub(crate) horizon_us: u64,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
    /// It wants to be closed.
    pub(crate) on_close: Callback<()>,
}

/// A small form. Nothing changes until it is applied, since each change remakes the run.
#[component]
pub(crate) fn FaultEditor(props: &EditorProps) -> Html {
    let EditorProps { index, action, on, on_close, .. } = props;
    let (index, at_us) = (*index, action.at_us);
    // The time as it is typed: what is half typed must not be tidied up.
    let draft = use_state_eq(|| (seconds(at_us), action.action.clone()));
    {
        let draft = draft.setter();
        let kept = (at_us, action.action.clone());
        use_effect_with(kept, move |(at_us, action)| draft.set((seconds(*at_us), action.clone())));
    }
    let new_action = draft.1.clone();
    let typed_us = micros(&draft.0);
    let new_at_us = typed_us.unwrap_or(at_us);
    let is_changed = typed_us.is_some() && (new_at_us != at_us || new_action != action.action);
    let ask = |command: Command| {
        let (on, on_close) = (on.clone(), on_close.clone());
        Callback::from(move |()| {
            on.emit(Intent::Ask(command.clone()));
            on_close.emit(());
        })
    };
    let edit = Command::EditAction { index, at_us: new_at_us, action: new_action.clone() };
    let apply = ask(edit);
    let later_us = (props.horizon_us / COPIES_A_STORY).max(props.grain_us);
    let copy =
        ask(Command::AddAction { at_us: new_at_us.saturating_add(later_us), action: new_action });
    let remove = ask(Command::RemoveAction { index });
    let on_submit = {
        let apply = apply.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if is_changed {
                apply.emit(());
            }
        })
    };
    let close = on_close.clone();
    html! {
        <form class="fault-editor" aria-label={format!("Edit: {}", action.sentence)}
            onsubmit={on_submit}>
            <p class="fault-editor-what">{ &action.sentence }</p>
            <p class="hint">{ effect(action, props.is_done) }</p>
            { when(&draft, props.grain_us) }
            { for fields(&draft.1, &props.words).into_iter().enumerate()
                .map(|(place, it)| field(place, it, &draft, &props.words)) }
            <div class="buttons">
                <button type="submit" class="button primary" disabled={!is_changed}>
                    { "Apply" }
                </button>
                <button type="button" class="button" onclick={copy.reform(|_: MouseEvent| ())}
                    title="The same once more, a little later">{ "Duplicate" }</button>
                <button type="button" class="button" onclick={remove.reform(|_: MouseEvent| ())}>
                    { "Remove" }
                </button>
                <button type="button" class="button" onclick={close.reform(|_: MouseEvent| ())}>
                    { "Close" }
                </button>
            </div>
        </form>
    }
}

/// Says how often an action has bitten, and whether the cursor has come to it.
pub(crate) fn effect(action: &ActionView, is_done: bool) -> String {
    match (action.bites, is_done) {
        (None, _) => "to come: not reached yet".into(),
        (Some(0), true) => "changed nothing".into(),
        (Some(0), false) => "to come: changes nothing".into(),
        (Some(bites), true) => format!("bit {}", counted(bites.into(), "time")),
        (Some(bites), false) => format!("to come: bites {}", counted(bites.into(), "time")),
    }
}

type Draft = UseStateHandle<(String, Action)>;

fn when(draft: &Draft, grain_us: u64) -> Html {
    let (text, action) = (**draft).clone();
    let draft = draft.setter();
    let on_input = Callback::from(move |event: InputEvent| {
        let field: HtmlInputElement = event.target_unchecked_into();
        draft.set((field.value(), action.clone()));
    });
    html! {
        <label class="fault-field">
            <span>{ "When" }</span>
            <input type="number" min="0" step={seconds(grain_us)} value={text} oninput={on_input} />
            <span class="hint">{ "s" }</span>
        </label>
    }
}

fn field(place: usize, field: Field, draft: &Draft, words: &Words) -> Html {
    let (time, action) = (**draft).clone();
    let draft = draft.setter();
    let enter =
        Callback::from(move |entry| draft.set((time.clone(), changed(&action, place, entry))));
    match field {
        Field::Choice(label, chosen, options) => {
            let options = options.into_iter().enumerate().collect();
            select(label, chosen, options, enter.reform(Entry::Choice))
        }
        Field::Node(label, node) => {
            let options = words.names.iter().cloned().enumerate().collect();
            let enter = enter.reform(|place: usize| {
                Entry::Node(NodeId(u16::try_from(place).unwrap_or_default()))
            });
            select(label, node.index(), options, enter)
        }
        Field::Nodes(label, side) => nodes(label, &side, words, &enter),
        Field::Number { label, unit, value, min, max } => {
            let on_input = Callback::from(move |event: InputEvent| {
                let field: HtmlInputElement = event.target_unchecked_into();
                if let Ok(number) = field.value().trim().parse() {
                    enter.emit(Entry::Number(number));
                }
            });
            html! {
                <label class="fault-field">
                    <span>{ label }</span>
                    <input type="number" min={min.to_string()} max={max.to_string()}
                        value={value.to_string()} oninput={on_input} />
                    <span class="hint">{ unit }</span>
                </label>
            }
        }
        Field::Text(label, value) => {
            let on_input = enter.reform(|event: InputEvent| {
                Entry::Text(event.target_unchecked_into::<HtmlInputElement>().value())
            });
            html! {
                <label class="fault-field">
                    <span>{ label }</span>
                    <input type="text" maxlength="60" {value} oninput={on_input} />
                </label>
            }
        }
    }
}

fn select(
    label: &'static str,
    chosen: usize,
    options: Vec<(usize, String)>,
    enter: Callback<usize>,
) -> Html {
    let on_change = Callback::from(move |event: Event| {
        let value = event.target_unchecked_into::<HtmlSelectElement>().value();
        if let Ok(place) = value.parse() {
            enter.emit(place);
        }
    });
    html! {
        <label class="fault-field">
            <span>{ label }</span>
            <select onchange={on_change}>
                for (value, name) in options {
                    <option value={value.to_string()} selected={value == chosen}>{ name }</option>
                }
            </select>
        </label>
    }
}

fn nodes(label: &'static str, side: &[NodeId], words: &Words, enter: &Callback<Entry>) -> Html {
    let node = |(place, name): (u16, &String)| {
        let node = NodeId(place);
        let toggle = enter.reform(move |_: Event| Entry::Toggle(node));
        html! {
            <label class="fault-node">
                <input type="checkbox" checked={side.contains(&node)} onchange={toggle} />
                { name }
            </label>
        }
    };
    html! {
        <fieldset class="fault-side">
            <legend>{ label }</legend>
            { for (0..).zip(&words.names).map(node) }
        </fieldset>
    }
}

/// Returns a time as a field takes it: "1.25".
pub(crate) fn seconds(us: u64) -> String {
    let text = format!("{}.{:06}", us / 1_000_000, us % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Reads a time in seconds, with as many decimals as there may be; `None` if it is none.
pub(crate) fn micros(text: &str) -> Option<u64> {
    let text = text.trim();
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(part) || (whole.is_empty() && part.is_empty()) {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let six: String = part.chars().chain("000000".chars()).take(6).collect();
    whole.checked_mul(1_000_000)?.checked_add(six.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_written_and_read_to_the_microsecond() {
        for us in [0, 1, 250_000, 1_284_000, 12_000_000, 86_400_000_000] {
            assert_eq!(micros(&seconds(us)), Some(us));
        }
        assert_eq!(seconds(1_250_000), "1.25");
        assert_eq!(micros(" 1,5 "), Some(1_500_000));
        assert_eq!(micros(".5"), Some(500_000));
        for bad in ["", ".", "-1", "1e3", "a", "99999999999999999999"] {
            assert_eq!(micros(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_lies_ahead_is_to_come() {
        let action =
            |bites| ActionView { at_us: 1, action: Action::Heal, sentence: String::new(), bites };
        assert_eq!(effect(&action(Some(2)), true), "bit 2 times");
        assert_eq!(effect(&action(Some(2)), false), "to come: bites 2 times");
        assert_eq!(effect(&action(Some(0)), true), "changed nothing");
        assert_eq!(effect(&action(None), false), "to come: not reached yet");
    }
}
