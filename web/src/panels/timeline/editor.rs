//! Changing an action: when, to whom, how much.

use std::rc::Rc;

use faultline_core::sim::{Action, NodeId};
use web_sys::{Element, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::form::{Entry, Field, Words, changed, fields};
use crate::format::counted;
use crate::pages::lab::Intent;
use crate::panels::input::{InputFieldProps, asked, input_field, text_of, usual_text};
use crate::panels::scroll::reveal;
use crate::wire::{ActionView, Command};

/// A copy is put this share of the story later.
const COPIES_A_STORY: u64 = 50;

/// What is edited.
#[derive(Properties, PartialEq)]
pub(crate) struct EditorProps {
    /// Where it stands: makes the identities in it unique.
    pub(crate) place: &'static str,
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
    let EditorProps { place, index, action, words, on, on_close, .. } = props;
    let says: AttrValue = format!("{place}-fault-{index}").into();
    let form = use_in_view();
    let draft = use_state_eq(|| Draft::of(action, words));
    {
        let (draft, words) = (draft.setter(), words.clone());
        use_effect_with(action.timed(), move |timed| {
            draft.set(Draft::of_action(timed.at_us, &timed.action, &words));
        });
    }
    let new_action = draft.read(words);
    let typed_us = micros(&draft.time);
    let new_at_us = typed_us.unwrap_or(action.at_us);
    let is_other = |new: &Action| new_at_us != action.at_us || *new != action.action;
    let changed = new_action.clone().ok().filter(|new| typed_us.is_some() && is_other(new));
    let was = action.named(*index);
    let ask = |command: Option<Command>| {
        let (on, on_close) = (on.clone(), on_close.clone());
        Callback::from(move |()| {
            if let Some(command) = command.clone() {
                on.emit(Intent::Ask(command));
                on_close.emit(());
            }
        })
    };
    let edit = |action| Command::EditAction { was: was.clone(), at_us: new_at_us, action };
    let is_changed = changed.is_some();
    let apply = ask(changed.map(edit));
    let later_us = (props.horizon_us / COPIES_A_STORY).max(props.grain_us);
    let at_us = new_at_us.saturating_add(later_us);
    let copy = ask(new_action.clone().ok().map(|action| Command::AddAction { at_us, action }));
    let remove = ask(Some(Command::RemoveAction(was.clone())));
    let mute = ask(Some(Command::MuteAction(was)));
    let on_submit = apply.reform(|event: SubmitEvent| event.prevent_default());
    let on_draft = {
        let (draft, words) = (draft.setter(), words.clone());
        Callback::from(move |new: Draft| draft.set(new.settled(&words)))
    };
    let close = on_close.clone();
    html! {
        <form class="fault-editor" aria-label={format!("Edit: {}", action.sentence)} ref={form}
            onsubmit={on_submit} novalidate=true>
            <p class="fault-editor-what">{ &action.sentence }</p>
            <p class="hint">{ effect(action, props.is_done) }</p>
            { when(&draft, props.grain_us, &on_draft) }
            { for fields(&draft.action, words).into_iter().enumerate()
                .map(|(place, it)| field(place, it, &draft, words, &on_draft)) }
            { taken_with(&draft, words, &on_draft, &says) }
            <p class="hint" id={says} role="status">{ new_action.as_ref().err() }</p>
            <div class="buttons">
                <button type="submit" class="button primary" disabled={!is_changed}>
                    { "Apply" }
                </button>
                <button type="button" class="button" onclick={copy.reform(|_: MouseEvent| ())}
                    title="The same once more, a little later">{ "Duplicate" }</button>
                <button type="button" class="button" onclick={mute.reform(|_: MouseEvent| ())}
                    title="Taken out of the run and kept in the list">{ "Mute" }</button>
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
        (Some(0), true) if !action.is_vain => "in force: nothing has met it so far".into(),
        (Some(0), true) => "changed nothing".into(),
        (Some(0), false) => "to come: changes nothing".into(),
        (Some(bites), true) => format!("took effect {}", counted(bites.into(), "time")),
        (Some(bites), false) => format!("to come: takes effect {}", counted(bites.into(), "time")),
    }
}

/// An action as it is being changed.
#[derive(Clone, PartialEq)]
struct Draft {
    /// The time as it is typed: what is half typed must not be tidied up.
    time: String,
    /// What is done. A command stands here without what it takes with it.
    action: Action,
    /// What it takes with it, as it is typed.
    written: String,
}

impl Draft {
    fn of(action: &ActionView, words: &Words) -> Self {
        Self::of_action(action.at_us, &action.action, words)
    }

    fn of_action(at_us: u64, action: &Action, words: &Words) -> Self {
        let time = seconds(at_us);
        if let Action::CommandWith { command, node, value } = action {
            let action = Action::Command { command: *command, node: *node };
            return Self { time, action, written: text_of(value) };
        }
        Self { time, action: action.clone(), written: String::new() }.with_usual(words)
    }

    /// With what its command usually takes.
    fn with_usual(self, words: &Words) -> Self {
        let written = words.input(&self.action).map(usual_text).unwrap_or_default();
        Self { written, ..self }
    }

    /// With somebody asked who takes the command.
    fn settled(mut self, words: &Words) -> Self {
        if let Action::Command { command, node } = &mut self.action
            && let Some(command) = words.command(*command)
            && !command.nodes.contains(node)
        {
            *node = command.nodes.first().copied().unwrap_or(*node);
        }
        self
    }

    /// Returns what would be done, or a sentence on what would do.
    fn read(&self, words: &Words) -> Result<Action, String> {
        match (&self.action, words.input(&self.action)) {
            (Action::Command { command, node }, Some(input)) => {
                asked(input, &self.written, (*command, *node))
            }
            (action, _) => Ok(action.clone()),
        }
    }
}

/// Returns a reference to what is to be in view when it appears.
#[hook]
fn use_in_view() -> NodeRef {
    let form = use_node_ref();
    let shown = form.clone();
    use_effect_with((), move |()| {
        let Some(form) = shown.cast::<Element>() else { return };
        // Where there is little room the list and what is beside it scroll as one.
        for list in [".faults-columns > div", ".faults-columns"] {
            if let Some(list) = form.closest(list).ok().flatten() {
                reveal(&list, &form, 0.0);
            }
        }
    });
    form
}

fn when(draft: &Draft, grain_us: u64, on_draft: &Callback<Draft>) -> Html {
    let before = draft.clone();
    let on_input = on_draft.reform(move |event: InputEvent| {
        let time = event.target_unchecked_into::<HtmlInputElement>().value();
        Draft { time, ..before.clone() }
    });
    html! {
        <label class="fault-field">
            <span>{ "When" }</span>
            <input type="number" min="0" step={seconds(grain_us)} value={draft.time.clone()}
                oninput={on_input} />
            <span class="hint">{ "s" }</span>
        </label>
    }
}

/// What a command takes with it, in the field in which it is asked for as well.
fn taken_with(draft: &Draft, words: &Words, on_draft: &Callback<Draft>, says: &AttrValue) -> Html {
    let Some(input) = words.input(&draft.action) else { return Html::default() };
    let before = draft.clone();
    let on_write = on_draft.reform(move |written| Draft { written, ..before.clone() });
    html! {
        <div class="command-line">
            { input_field(&InputFieldProps {
                input: input.clone(),
                name: "With".into(),
                written: draft.written.clone().into(),
                on_write,
                says: says.clone().into(),
            }) }
        </div>
    }
}

fn field(
    place: usize,
    field: Field,
    draft: &Draft,
    words: &Rc<Words>,
    on_draft: &Callback<Draft>,
) -> Html {
    let (before, known) = (draft.clone(), words.clone());
    let enter = on_draft.reform(move |entry| {
        let action = changed(&before.action, place, entry);
        let is_same_input = known.input(&action) == known.input(&before.action);
        let draft = Draft { action, ..before.clone() };
        if is_same_input { draft } else { draft.with_usual(&known) }
    });
    match field {
        Field::Choice(label, chosen, options) => {
            let options = options.into_iter().enumerate().collect();
            select(label, chosen, options, enter.reform(Entry::Choice))
        }
        Field::Node(label, node, among) => {
            let named = words.names.iter().cloned().enumerate();
            let is_among =
                |place: usize| among.is_empty() || among.iter().any(|it| it.index() == place);
            let options = named.filter(|(place, _)| is_among(*place)).collect();
            let enter = enter.reform(|place: usize| {
                Entry::Node(NodeId(u16::try_from(place).unwrap_or_default()))
            });
            select(label, node.index(), options, enter)
        }
        Field::Timer(timer) => {
            let mut timers = words.timers.clone();
            if !timers.iter().any(|(name, _)| *name == timer) {
                let node = words.names.get(timer.node.index()).cloned().unwrap_or_default();
                timers.insert(0, (timer, format!("{node}: one that does not run now")));
            }
            let chosen = timers.iter().position(|(name, _)| *name == timer).unwrap_or_default();
            let options = timers.iter().map(|(_, label)| label.clone()).enumerate().collect();
            let enter = enter.reform(move |place: usize| {
                Entry::Timer(timers.get(place).map_or(timer, |(name, _)| *name))
            });
            select("Timer", chosen, options, enter)
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
        let action = |bites| ActionView {
            at_us: 1,
            action: Action::Heal,
            sentence: String::new(),
            bites,
            is_vain: bites == Some(0),
        };
        assert_eq!(effect(&action(Some(2)), true), "took effect 2 times");
        assert_eq!(effect(&action(Some(2)), false), "to come: takes effect 2 times");
        assert_eq!(effect(&action(Some(0)), true), "changed nothing");
        let cut = ActionView { is_vain: false, ..action(Some(0)) };
        assert!(effect(&cut, true).starts_with("in force"), "a cut before anything meets it");
        assert_eq!(effect(&action(None), false), "to come: not reached yet");
    }
}
