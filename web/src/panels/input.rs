//! What a command takes with it: one field for each kind of input, wherever it is asked for.
//!
//! What stands in a field is text until it is read: half a number must not be tidied up.

use faultline_core::sim::{Action, FAR_EDGE, InputValue, InputView, NodeId, Splice};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::format::capitalized;

/// What the field shows.
pub(crate) struct InputFieldProps {
    /// What is asked for.
    pub(crate) input: InputView,
    /// What it is asked for by: stands before the field's own label.
    pub(crate) name: AttrValue,
    /// What stands in the field.
    pub(crate) written: AttrValue,
    /// Something else was written.
    pub(crate) on_write: Callback<String>,
    /// The identity of the sentence that says whether it will do.
    pub(crate) says: AttrValue,
}

/// The field, with the words before and after it.
pub(crate) fn input_field(props: &InputFieldProps) -> Html {
    let text = |label: &str, class: &'static str| text_field(props, label, class);
    match &props.input {
        InputView::Nothing => Html::default(),
        InputView::Text { label, .. } => {
            html! { <><span>{ label }</span>{ text(label, "text") }</> }
        }
        InputView::Number { label, unit, .. } => html! {
            <>
                <span>{ label }</span>{ text(&format!("{label} {unit}"), "number") }
                <span>{ unit }</span>
            </>
        },
        InputView::Choice { label, options, .. } => choice(props, label, options, 0),
        InputView::Node { label, among, .. } => choice(props, label, among, 1),
        InputView::Point { label, .. } => html! {
            <>
                <span>{ label }</span>
                { text(&format!("{label}: from the left, from the top"), "place") }
                { pad(props) }
            </>
        },
        InputView::Edit { label, .. } => text(
            &format!("{label}: behind which letter, how many to delete, what to insert"),
            "text",
        ),
    }
}

fn named(props: &InputFieldProps, label: &str) -> String {
    format!("{} {}", props.name, label.trim()).trim_end().to_owned()
}

fn text_field(props: &InputFieldProps, label: &str, class: &'static str) -> Html {
    let write = props
        .on_write
        .reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
    html! {
        <input type="text" {class} value={props.written.clone()} oninput={write}
            aria-label={named(props, label)} aria-describedby={props.says.clone()}
            autocomplete="off" inputmode={(class == "number").then_some("numeric")} />
    }
}

/// One of several; they are counted from `first`.
fn choice(props: &InputFieldProps, label: &str, options: &[String], first: usize) -> Html {
    let choose = props
        .on_write
        .reform(|event: Event| event.target_unchecked_into::<HtmlSelectElement>().value());
    let option = |(index, option): (usize, &String)| {
        let value = (first + index).to_string();
        let is_chosen = props.written == value;
        html! { <option {value} selected={is_chosen}>{ option }</option> }
    };
    html! {
        <>
            <span>{ label }</span>
            <select onchange={choose} aria-label={named(props, label)}>
                { for options.iter().enumerate().map(option) }
            </select>
        </>
    }
}

/// A small board to point at; the field beside it says the same in numbers.
fn pad(props: &InputFieldProps) -> Html {
    let (x, y) = read_place(&props.written).unwrap_or((0, 0));
    let point = props.on_write.reform(move |event: PointerEvent| {
        let pad = event.target_unchecked_into::<web_sys::Element>();
        let pad = pad.closest(".pad").ok().flatten().unwrap_or(pad);
        let area = pad.get_bounding_client_rect();
        let x = thousandth(f64::from(event.client_x()) - area.left(), area.width());
        let y = thousandth(f64::from(event.client_y()) - area.top(), area.height());
        format!("{x}, {y}")
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

/// Returns the usual value.
fn usual(input: &InputView) -> InputValue {
    match input {
        InputView::Nothing => InputValue::Nothing,
        InputView::Text { default, .. } => InputValue::Text(default.clone()),
        InputView::Number { default, .. } => InputValue::Number(*default),
        InputView::Choice { default, .. } => InputValue::Choice(*default),
        InputView::Node { .. } => InputValue::Number(1),
        InputView::Point { default: (x, y), .. } => InputValue::Point { x: *x, y: *y },
        InputView::Edit { default, .. } => InputValue::Edit(Splice::insertion(default)),
    }
}

/// Returns a value as it stands in the field.
pub(crate) fn text_of(value: &InputValue) -> String {
    match value {
        InputValue::Nothing => String::new(),
        InputValue::Text(text) => text.clone(),
        InputValue::Number(number) => number.to_string(),
        InputValue::Choice(index) => index.to_string(),
        InputValue::Point { x, y } => format!("{x}, {y}"),
        InputValue::Edit(Splice { at, deleted, inserted }) => {
            // A field has one line.
            let line = inserted.replace('\\', r"\\").replace('\n', r"\n");
            format!("{at}, {deleted}, {line}")
        }
    }
}

/// Returns the usual value as it stands in the field.
pub(crate) fn usual_text(input: &InputView) -> String {
    text_of(&usual(input))
}

/// Reads a field and returns what is asked of a node, or says in a sentence what would do. What is
/// usual needs no saying, and makes the shorter link.
pub(crate) fn asked(
    input: &InputView,
    written: &str,
    (command, node): (u16, NodeId),
) -> Result<Action, String> {
    let value = read(input, written)?;
    Ok(if value == usual(input) {
        Action::Command { command, node }
    } else {
        Action::CommandWith { command, node, value }
    })
}

/// Reads a field, or says in a sentence what would do.
fn read(input: &InputView, text: &str) -> Result<InputValue, String> {
    let value = match input {
        InputView::Nothing => Ok(InputValue::Nothing),
        InputView::Text { .. } => Ok(InputValue::Text(text.into())),
        InputView::Number { .. } | InputView::Node { .. } => {
            let number = text.trim().replace('−', "-").parse();
            number.map(InputValue::Number).map_err(|_| ())
        }
        InputView::Choice { .. } => text.parse().map(InputValue::Choice).map_err(|_| ()),
        InputView::Point { .. } => {
            read_place(text).map(|(x, y)| InputValue::Point { x, y }).ok_or(())
        }
        InputView::Edit { .. } => read_edit(text).map(InputValue::Edit).ok_or(()),
    };
    // A value of another kind has the reason that says what would do.
    let reason = input.why_not(value.as_ref().unwrap_or(&InputValue::Nothing));
    match (value, reason) {
        (Ok(value), None) => Ok(value),
        (_, Some(reason)) => Err(format!("{}.", capitalized(&reason))),
        (Err(()), None) => Err("That cannot be read.".into()),
    }
}

fn read_edit(text: &str) -> Option<Splice> {
    let mut parts = text.splitn(3, ',');
    let (at, deleted) = (parts.next()?.trim().parse().ok()?, parts.next()?.trim().parse().ok()?);
    let line = parts.next().unwrap_or_default();
    let mut inserted = String::new();
    let mut letters = line.strip_prefix(' ').unwrap_or(line).chars();
    while let Some(letter) = letters.next() {
        inserted.push(match (letter, letters.clone().next()) {
            ('\\', Some(escaped @ ('n' | '\\'))) => {
                letters.next();
                if escaped == 'n' { '\n' } else { escaped }
            }
            _ => letter,
        });
    }
    Some(Splice { at, deleted, inserted })
}

fn read_place(text: &str) -> Option<(u16, u16)> {
    let mut numbers = text.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty());
    let place = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    numbers.next().is_none().then_some(place)
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
        let edit = InputView::Edit { label: String::new(), max_chars: 9, default: "a".into() };
        for inserted in ["", " x, y", "a\nb", r"a\nb\\", "🦀"] {
            let value = InputValue::Edit(Splice { at: 3, deleted: 1, inserted: inserted.into() });
            assert_eq!(read(&edit, &text_of(&value)), Ok(value));
        }
        assert!(read(&edit, "3").is_err() && read(&edit, "0, 0").is_err());
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
