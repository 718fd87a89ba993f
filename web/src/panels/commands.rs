//! The scenario's own commands: whom to ask, for what, and why not.

use std::rc::Rc;

use faultline_core::sim::{Action, CommandView, FAR_EDGE, InputValue, InputView, NodeId};
use web_sys::{HtmlElement, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::glyph::{Glyph, glyph};
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
    let value = read(input, &written);
    let is_refused = props.reason.is_some() || value.is_err();
    let on_submit = {
        let (on, action) = (props.on.clone(), value.clone().ok());
        let (command, node, usual) = (props.index, props.node, read(input, &usual_text(input)));
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(value) = action.clone().filter(|_| !is_refused) else { return };
            // What is usual needs no saying, and makes the shorter link.
            let action = if usual.as_ref() == Ok(&value) {
                Action::Command { command, node }
            } else {
                Action::CommandWith { command, node, value }
            };
            on.emit(Intent::Do(vec![action]));
        })
    };
    let says = format!("command-{}", props.index);
    let sentence = value.err().or_else(|| props.reason.clone().map(|it| format!("Not now: {it}.")));
    html! {
        <form ref={form} class="command" onsubmit={on_submit} novalidate=true>
            <div class="command-line">
                <button type="submit" class="button" aria-describedby={says.clone()}
                    aria-disabled={is_refused.then_some("true")}>{ &props.command.label }</button>
                { field(&props.command, &written, &says) }
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

/// The field of what a command takes, with the words before and after it.
fn field(command: &CommandView, written: &UseStateHandle<String>, says: &str) -> Html {
    let write = {
        let setter = written.setter();
        Callback::from(move |event: InputEvent| {
            setter.set(event.target_unchecked_into::<HtmlInputElement>().value());
        })
    };
    let name = |label: &str| format!("{} {}", command.label, label.trim()).trim_end().to_owned();
    let text_field = |label: &str, class: &'static str| {
        html! {
            <input type="text" {class} value={(**written).clone()} oninput={write.clone()}
                aria-label={name(label)} aria-describedby={says.to_owned()} autocomplete="off"
                inputmode={(class == "number").then_some("numeric")} />
        }
    };
    match &command.input {
        InputView::Nothing => Html::default(),
        InputView::Text { label, .. } => {
            html! { <><span>{ label }</span>{ text_field(label, "text") }</> }
        }
        InputView::Number { label, unit, .. } => html! {
            <><span>{ label }</span>{ text_field(&format!("{label} {unit}"), "number") }<span>{ unit }</span></>
        },
        InputView::Choice { label, options, .. } => choice(&name(label), label, options, written),
        InputView::Point { label, .. } => html! {
            <>
                <span>{ label }</span>
                { text_field(&format!("{label}: from the left, from the top"), "place") }
                { pad(written) }
            </>
        },
    }
}

fn choice(name: &str, label: &str, options: &[String], written: &UseStateHandle<String>) -> Html {
    let setter = written.setter();
    let choose = Callback::from(move |event: Event| {
        setter.set(event.target_unchecked_into::<HtmlSelectElement>().value());
    });
    let option = |(index, option): (usize, &String)| {
        let value = index.to_string();
        let is_chosen = value == **written;
        html! { <option {value} selected={is_chosen}>{ option }</option> }
    };
    html! {
        <>
            <span>{ label }</span>
            <select onchange={choose} aria-label={name.to_owned()}>
                { for options.iter().enumerate().map(option) }
            </select>
        </>
    }
}

/// A small board to point at; the field beside it says the same in numbers.
fn pad(written: &UseStateHandle<String>) -> Html {
    let (x, y) = read_place(written).unwrap_or((0, 0));
    let setter = written.setter();
    let point = Callback::from(move |event: PointerEvent| {
        let pad = event.target_unchecked_into::<web_sys::Element>();
        let pad = pad.closest(".pad").ok().flatten().unwrap_or(pad);
        let area = pad.get_bounding_client_rect();
        let x = thousandth(f64::from(event.client_x()) - area.left(), area.width());
        let y = thousandth(f64::from(event.client_y()) - area.top(), area.height());
        setter.set(format!("{x}, {y}"));
    });
    let style = format!("left:{}%;top:{}%", f64::from(x) / 10.0, f64::from(y) / 10.0);
    html! {
        <div class="pad" aria-hidden="true" onpointerdown={point}><i {style}></i></div>
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share between nothing and all"
)]
fn thousandth(offset: f64, whole: f64) -> u16 {
    (offset / whole.max(1.0) * f64::from(FAR_EDGE)).round().clamp(0.0, f64::from(FAR_EDGE)) as u16
}

/// Returns the usual value as it stands in the field.
fn usual_text(input: &InputView) -> String {
    match input {
        InputView::Nothing => String::new(),
        InputView::Text { default, .. } => default.clone(),
        InputView::Number { default, .. } => default.to_string(),
        InputView::Choice { default, .. } => default.to_string(),
        InputView::Point { default: (x, y), .. } => format!("{x}, {y}"),
    }
}

/// Reads a field, or says in a sentence what would do.
fn read(input: &InputView, text: &str) -> Result<InputValue, String> {
    let value = match input {
        InputView::Nothing => Ok(InputValue::Nothing),
        InputView::Text { .. } => Ok(InputValue::Text(text.into())),
        InputView::Number { .. } => {
            let number = text.trim().replace('−', "-").parse();
            number.map(InputValue::Number).map_err(|_| ())
        }
        InputView::Choice { .. } => text.parse().map(InputValue::Choice).map_err(|_| ()),
        InputView::Point { .. } => {
            read_place(text).map(|(x, y)| InputValue::Point { x, y }).ok_or(())
        }
    };
    // A value of another kind has the reason that says what would do.
    let reason = input.why_not(value.as_ref().unwrap_or(&InputValue::Nothing));
    match (value, reason) {
        (Ok(value), None) => Ok(value),
        (_, Some(reason)) => Err(capitalised(&reason)),
        (Err(()), None) => Err("That cannot be read.".into()),
    }
}

fn read_place(text: &str) -> Option<(u16, u16)> {
    let mut numbers = text.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty());
    let place = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    numbers.next().is_none().then_some(place)
}

fn capitalised(reason: &str) -> String {
    let mut letters = reason.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    format!("{}{}.", first.collect::<String>(), letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_gives_a_value_or_a_sentence() {
        let number = InputView::Number {
            label: "by".into(),
            unit: String::new(),
            min: -5,
            max: 20,
            default: 1,
        };
        assert_eq!(read(&number, " 7 "), Ok(InputValue::Number(7)));
        assert_eq!(read(&number, "−5"), Ok(InputValue::Number(-5)));
        for wrong in ["", "x", "21", "1.5", "99999999999999999999"] {
            let sentence = read(&number, wrong).unwrap_err();
            assert_eq!(sentence, "It takes a whole number from -5 to 20.");
        }
        let text = InputView::Text { label: String::new(), max_chars: 3, default: "a".into() };
        assert_eq!(read(&text, ""), Ok(InputValue::Text(String::new())));
        assert!(read(&text, "four").unwrap_err().contains("these are 4"));
        let place = InputView::Point { label: String::new(), default: (1, 2) };
        assert_eq!(read(&place, "10, 990"), Ok(InputValue::Point { x: 10, y: 990 }));
        assert_eq!(read(&place, &usual_text(&place)), Ok(InputValue::Point { x: 1, y: 2 }));
        for wrong in ["1", "1 2 3", "1001, 0", "a, b"] {
            assert!(read(&place, wrong).is_err(), "{wrong}");
        }
        let choice =
            InputView::Choice { label: String::new(), options: vec!["a".into()], default: 0 };
        assert_eq!(read(&choice, "0"), Ok(InputValue::Choice(0)));
        assert!(read(&choice, "1").is_err());
    }

    #[test]
    fn a_place_on_the_board_is_in_thousandths() {
        assert_eq!(thousandth(30.0, 120.0), 250);
        assert_eq!(thousandth(-5.0, 120.0), 0);
        assert_eq!(thousandth(500.0, 120.0), 1_000);
        assert_eq!(thousandth(1.0, 0.0), 1_000);
    }
}
