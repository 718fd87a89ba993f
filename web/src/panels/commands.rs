//! The scenario's own commands: whom to ask, for what, and why not.

use std::rc::Rc;

use faultline_core::sim::{CommandView, NodeId};
use web_sys::{HtmlElement, HtmlSelectElement};
use yew::prelude::*;

use super::glyph::{Glyph, glyph};
use super::input::{InputFieldProps, asked, input_field, usual_text};
use super::inspect::name_of;
use crate::pages::lab::{CommandBar, Intent, Wish};
use crate::shared::Shared;
use crate::wire::{Frame, Opened};

/// What the bar shows.
#[derive(Properties, PartialEq)]
pub(crate) struct CommandsProps {
    /// Scenario and setup.
    pub(crate) opened: Shared<Opened>,
    /// The world at the cursor.
    pub(crate) frame: Shared<Frame>,
    /// What is open and chosen.
    pub(crate) bar: Rc<CommandBar>,
    /// The selected node, if one is.
    pub(crate) selected: Option<NodeId>,
    /// Whether letters are shortcuts.
    pub(crate) letter_keys: bool,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// A button, and what it opens: a line for each command.
#[component]
pub(crate) fn Commands(props: &CommandsProps) -> Html {
    let CommandsProps { opened, bar, on, .. } = props;
    let chip = use_node_ref();
    let asked = bar.asked(opened, props.selected);
    let Some(node) = asked else { return Html::default() };
    let is_open = bar.is_open;
    let toggle = on.reform(move |_: MouseEvent| Intent::Study(Wish::Commands(!is_open)));
    let close = {
        let (chip, on) = (chip.clone(), on.clone());
        move || {
            on.emit(Intent::Study(Wish::Commands(false)));
            if let Some(chip) = chip.cast::<HtmlElement>() {
                drop(chip.focus());
            }
        }
    };
    let on_key = {
        let close = close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.prevent_default();
                close();
            }
        })
    };
    html! {
        <div class="commands-place" onkeydown={on_key}>
            <button type="button" class="chip" ref={chip} aria-expanded={is_open.to_string()}
                title="What the system itself can be asked for (C)" onclick={toggle}>
                { "Commands" }
                if props.letter_keys { <kbd aria-hidden="true">{ "C" }</kbd> }
            </button>
            if is_open {
                <section class="commands" aria-label="Commands">
                    <header>
                        { whom(props, node) }
                        <button type="button" class="icon" aria-label="Close the commands"
                            onclick={move |_| close()}>{ glyph(Glyph::Close) }</button>
                    </header>
                    { for (0..).zip(&opened.commands).map(|(index, command)| form(props, node, index, command)) }
                    if bar.last.is_some() && props.letter_keys {
                        <p class="hint"><kbd>{ "C" }</kbd>{ " repeats the last one." }</p>
                    }
                </section>
            }
        </div>
    }
}

/// Whom to ask: a choice if there is one.
fn whom(props: &CommandsProps, node: NodeId) -> Html {
    let takers = |id: &NodeId| props.opened.commands.iter().any(|it| it.nodes.contains(id));
    let nodes = props.frame.scene.nodes.iter().map(|it| it.id).filter(takers);
    let nodes: Vec<NodeId> = nodes.collect();
    if nodes.len() < 2 {
        return html! { <p class="whom">{ format!("Ask {}", name_of(&props.frame, node)) }</p> };
    }
    let choose = props.on.reform(|event: Event| {
        let value = event.target_unchecked_into::<HtmlSelectElement>().value();
        Intent::Study(Wish::CommandAt(NodeId(value.parse().unwrap_or_default())))
    });
    let option = |id: NodeId| {
        html! {
            <option value={id.0.to_string()} selected={id == node}>
                { name_of(&props.frame, id) }
            </option>
        }
    };
    html! {
        <label class="whom">
            { "Ask " }
            <select onchange={choose} value={node.0.to_string()}>{ for nodes.into_iter().map(option) }</select>
        </label>
    }
}

fn form(props: &CommandsProps, node: NodeId, index: u16, command: &CommandView) -> Html {
    // A text is edited where it is shown.
    if command.input.is_edit() {
        return Html::default();
    }
    let reason = props.bar.reasons.get(usize::from(index)).cloned().flatten();
    let has_focus = props.bar.wanted.unwrap_or_default() == index;
    html! {
        <CommandForm key={index} {index} command={command.clone()} {node} {reason}
            opening={has_focus.then_some(props.bar.openings)} on={props.on.clone()} />
    }
}

#[derive(Properties, PartialEq)]
struct CommandFormProps {
    index: u16,
    command: CommandView,
    node: NodeId,
    /// Why it would do nothing.
    reason: Option<String>,
    /// If the focus is wanted here: for the how-manieth time.
    opening: Option<u32>,
    on: Callback<Intent>,
}

/// One command: its field, if it takes something, and its button.
#[component]
fn CommandForm(props: &CommandFormProps) -> Html {
    let input = &props.command.input;
    let written = use_state_eq(|| usual_text(input));
    let form = use_node_ref();
    {
        let form = form.clone();
        use_effect_with(props.opening, move |opening| {
            if opening.is_some() {
                focus_first(&form);
            }
        });
    }
    let action = asked(input, &written, (props.index, props.node));
    let is_refused = props.reason.is_some() || action.is_err();
    let on_submit = {
        let (on, action) = (props.on.clone(), action.clone().ok().filter(|_| !is_refused));
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(action) = action.clone() {
                on.emit(Intent::Do(vec![action]));
            }
        })
    };
    let says = format!("command-{}", props.index);
    let sentence =
        action.err().or_else(|| props.reason.clone().map(|it| format!("Not now: {it}.")));
    let setter = written.setter();
    let on_write = Callback::from(move |text| setter.set(text));
    html! {
        <form ref={form} class="command" onsubmit={on_submit} novalidate=true>
            <div class="command-line">
                <button type="submit" class="button" aria-describedby={says.clone()}
                    aria-disabled={is_refused.then_some("true")}>{ &props.command.label }</button>
                { input_field(&InputFieldProps {
                    input: input.clone(),
                    name: props.command.label.clone().into(),
                    written: (*written).clone().into(),
                    on_write,
                    says: says.clone().into(),
                }) }
            </div>
            <p class="hint" id={says} role="status">{ sentence.unwrap_or_default() }</p>
        </form>
    }
}

fn focus_first(form: &NodeRef) {
    let Some(form) = form.cast::<web_sys::Element>() else { return };
    // Its field; the button stands before it, but is for later.
    let find = |what| form.query_selector(what).ok().flatten();
    let found = find("input, select").or_else(|| find("button"));
    if let Some(field) = found.and_then(|it| wasm_bindgen::JsCast::dyn_into::<HtmlElement>(it).ok())
    {
        drop(field.focus());
    }
}
