//! What a command takes with it: declared by the row as data, given by whoever issues it.
//!
//! A value that does not fit its command does nothing, like every action that finds nothing to do: a
//! clamped value would be one that nobody has given. Every input has a usual value, which a command
//! issued without one takes.

use serde::{Deserialize, Serialize};

use super::{Names, NodeId, Splice, Stream};
use crate::scenario::Setup;

/// The far edge of a map or board: places on it are given in thousandths, from 0 to this.
pub const FAR_EDGE: u16 = 1_000;
/// At most so many letters of a text are drawn at random.
const DRAWN_LETTERS: u64 = 8;
/// A drawn edit of a text lies behind at most so many letters.
const DRAWN_PLACE: u64 = 40;

/// What a command asks for. Its label stands between the command and the value, so that the three
/// read as one sentence: "Increment" "by" "5".
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Nothing: it is issued as it is.
    Nothing,
    /// A text.
    Text {
        /// As shown before the field; may be empty.
        label: &'static str,
        /// At most so many characters, of any script.
        max_chars: u16,
        /// What it usually is.
        default: &'static str,
    },
    /// A whole number.
    Number {
        /// As shown before the field; may be empty.
        label: &'static str,
        /// As shown after the field; may be empty.
        unit: &'static str,
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
        /// What it usually is.
        default: i64,
    },
    /// One of several.
    Choice {
        /// As shown before the field; may be empty.
        label: &'static str,
        /// What there is to choose from.
        options: &'static [&'static str],
        /// The index of the usual one.
        default: u16,
    },
    /// One of a world's first nodes, by its number, from 1. How many there are is a knob's matter: the
    /// numbers are not, so that a kept run fits any setting. Past the last the first comes again, and
    /// whatever is said of the run names who is meant.
    Node {
        /// As shown before the field; may be empty.
        label: &'static str,
        /// The knob that says how many nodes there are to choose from.
        knob: &'static str,
        /// The highest number; the knob's own limit.
        most: u16,
    },
    /// A place on a map or board.
    Point {
        /// As shown before the field; may be empty.
        label: &'static str,
        /// Where it usually is: from the left and from the top, in thousandths.
        default: (u16, u16),
    },
    /// An edit of the text that the node keeps: where the screen shows that text, it can be typed in.
    Edit {
        /// As shown before the field; may be empty.
        label: &'static str,
        /// At most so many characters are inserted at once.
        max_chars: u16,
        /// What is usually inserted, at the beginning.
        default: &'static str,
    },
}

/// What was given with a command.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum InputValue {
    /// Nothing.
    Nothing,
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// The index of what was chosen.
    Choice(u16),
    /// A place on a map or board, in thousandths.
    Point {
        /// From the left.
        x: u16,
        /// From the top.
        y: u16,
    },
    /// An edit of a text.
    Edit(Splice),
}

impl InputValue {
    /// Returns the text; nothing if it is not one.
    pub fn text(&self) -> &str {
        if let Self::Text(text) = self { text } else { "" }
    }

    /// Returns the number; 0 if it is not one.
    pub fn number(&self) -> i64 {
        if let Self::Number(number) = self { *number } else { 0 }
    }

    /// Returns the index of what was chosen; the first if nothing was.
    pub fn choice(&self) -> u16 {
        if let Self::Choice(index) = self { *index } else { 0 }
    }

    /// Returns the place, in thousandths from the left and from the top; the corner if it is not one.
    pub fn point(&self) -> (u16, u16) {
        if let Self::Point { x, y } = self { (*x, *y) } else { (0, 0) }
    }

    /// Returns the edit; one that changes nothing if it is not one.
    pub fn edit(&self) -> Splice {
        if let Self::Edit(edit) = self { edit.clone() } else { Splice::default() }
    }
}

impl Input {
    /// Returns the usual value.
    pub fn usual(&self) -> InputValue {
        match self {
            Self::Nothing => InputValue::Nothing,
            Self::Text { default, .. } => InputValue::Text((*default).into()),
            Self::Number { default, .. } => InputValue::Number(*default),
            Self::Choice { default, .. } => InputValue::Choice(*default),
            Self::Node { .. } => InputValue::Number(1),
            Self::Point { default: (x, y), .. } => InputValue::Point { x: *x, y: *y },
            Self::Edit { default, .. } => InputValue::Edit(Splice::insertion(default)),
        }
    }

    /// Returns from how many of the first nodes one is chosen; 0 if none is.
    pub(super) fn among(&self, setup: &Setup) -> u16 {
        let Self::Node { knob, .. } = self else { return 0 };
        u16::try_from(setup.knob(knob)).unwrap_or(u16::MAX)
    }

    /// Says why a value does not fit, if so.
    pub fn why_not(&self, value: &InputValue) -> Option<String> {
        self.view(&[]).why_not(value)
    }

    /// Draws a value that fits.
    pub fn draw(&self, stream: &mut Stream) -> InputValue {
        match self {
            Self::Nothing => InputValue::Nothing,
            Self::Text { max_chars, .. } => {
                let length = stream.range(0, u64::from(*max_chars).min(DRAWN_LETTERS));
                let letter = |_| char::from(b'a' + u8::try_from(stream.range(0, 25)).unwrap_or(0));
                InputValue::Text((0..length).map(letter).collect())
            }
            Self::Number { min, max, .. } => {
                let above = stream.range(0, max.abs_diff(*min));
                InputValue::Number(min.saturating_add_unsigned(above))
            }
            Self::Choice { options, .. } => {
                InputValue::Choice(u16::try_from(stream.index(options.len())).unwrap_or(0))
            }
            Self::Node { most, .. } => InputValue::Number(
                1_i64.saturating_add_unsigned(stream.range(0, u64::from(most.saturating_sub(1)))),
            ),
            Self::Point { .. } => {
                let mut edge =
                    || u16::try_from(stream.range(0, u64::from(FAR_EDGE))).unwrap_or(FAR_EDGE);
                InputValue::Point { x: edge(), y: edge() }
            }
            Self::Edit { max_chars, .. } => {
                let mut below = |most| u32::try_from(stream.range(0, most)).unwrap_or_default();
                let (at, deleted) = (below(DRAWN_PLACE), below(3));
                let length = 1 + below(3).min(u32::from(max_chars.saturating_sub(1)));
                let mut letter = || char::from(b'a' + u8::try_from(below(25)).unwrap_or(0));
                let inserted = (0..length).map(|_| letter()).collect();
                InputValue::Edit(Splice { at, deleted, inserted })
            }
        }
    }

    /// Returns the input as the screen offers it; `among` are the names that it chooses from.
    pub fn view(&self, among: &[String]) -> InputView {
        match *self {
            Self::Nothing => InputView::Nothing,
            Self::Text { label, max_chars, default } => {
                InputView::Text { label: label.into(), max_chars, default: default.into() }
            }
            Self::Number { label, unit, min, max, default } => {
                InputView::Number { label: label.into(), unit: unit.into(), min, max, default }
            }
            Self::Choice { label, options, default } => InputView::Choice {
                label: label.into(),
                options: options.iter().map(|&option| option.to_owned()).collect(),
                default,
            },
            Self::Node { label, most, .. } => {
                InputView::Node { label: label.into(), among: among.to_vec(), most }
            }
            Self::Point { label, default } => InputView::Point { label: label.into(), default },
            Self::Edit { label, max_chars, default } => {
                InputView::Edit { label: label.into(), max_chars, default: default.into() }
            }
        }
    }

    /// Returns what was given in words, with the label before it: "by 5", "aloud “hello”". Of `among`
    /// nodes it names one.
    pub(super) fn words(&self, value: &InputValue, among: u16, names: &Names) -> String {
        let (label, words) = match (self, value) {
            (Self::Nothing, _) | (_, InputValue::Nothing) => return String::new(),
            (Self::Text { label, .. }, InputValue::Text(text)) => {
                (label, format!("“{}”", readable(text)))
            }
            (Self::Number { label, unit, .. }, InputValue::Number(number)) => {
                (label, format!("{number} {unit}").trim_end().to_owned())
            }
            (Self::Choice { label, options, .. }, InputValue::Choice(index)) => {
                let option = options.get(usize::from(*index)).copied();
                (label, format!("“{}”", option.unwrap_or("?")))
            }
            (Self::Node { label, .. }, InputValue::Number(number)) => {
                (label, names[numbered(*number, among)].to_owned())
            }
            (Self::Point { label, .. }, InputValue::Point { x, y }) => {
                (label, format!("({x}, {y})"))
            }
            (Self::Edit { label, .. }, InputValue::Edit(edit)) => (label, edit_in_words(edit)),
            (
                Self::Text { label, .. }
                | Self::Number { label, .. }
                | Self::Choice { label, .. }
                | Self::Node { label, .. }
                | Self::Point { label, .. }
                | Self::Edit { label, .. },
                _,
            ) => (label, "something else".into()),
        };
        format!("{label} {words}").trim_start().to_owned()
    }
}

/// Returns the node with this number, from 1, of the first `among`; past the last the first comes again.
pub fn numbered(number: i64, among: u16) -> NodeId {
    let place = number.saturating_sub(1).rem_euclid(i64::from(among.max(1)));
    NodeId(u16::try_from(place).unwrap_or_default())
}

/// Returns an edit in words: "behind letter 3, delete 2, insert “hello”".
fn edit_in_words(edit: &Splice) -> String {
    let deleted = if edit.deleted == 0 { None } else { Some(format!("delete {}", edit.deleted)) };
    let inserted =
        (!edit.inserted.is_empty()).then(|| format!("insert “{}”", readable(&edit.inserted)));
    let parts = [Some(format!("behind letter {}", edit.at)), deleted, inserted];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Makes one line of a text, of a length that can be read: whatever steers a line or its direction is
/// shown as a space.
fn readable(text: &str) -> String {
    let is_steering =
        |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut line: String =
        text.chars().take(80).map(|c| if is_steering(c) { ' ' } else { c }).collect();
    if text.chars().count() > 80 {
        line.push('…');
    }
    line
}

/// An input as the screen offers it; see [`Input`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum InputView {
    /// Nothing to give.
    Nothing,
    /// A text.
    Text {
        /// As shown before the field.
        label: String,
        /// At most so many characters.
        max_chars: u16,
        /// What it usually is.
        default: String,
    },
    /// A whole number.
    Number {
        /// As shown before the field.
        label: String,
        /// As shown after the field.
        unit: String,
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
        /// What it usually is.
        default: i64,
    },
    /// One of several.
    Choice {
        /// As shown before the field.
        label: String,
        /// What there is to choose from.
        options: Vec<String>,
        /// The index of the usual one.
        default: u16,
    },
    /// One of the first nodes, by its number, from 1.
    Node {
        /// As shown before the field.
        label: String,
        /// The names of those there are.
        among: Vec<String>,
        /// The highest number that fits: past the last node the first comes again.
        most: u16,
    },
    /// A place on a map or board, in thousandths.
    Point {
        /// As shown before the field.
        label: String,
        /// Where it usually is.
        default: (u16, u16),
    },
    /// An edit of the text that the node keeps.
    Edit {
        /// As shown before the field.
        label: String,
        /// At most so many characters are inserted at once.
        max_chars: u16,
        /// What is usually inserted.
        default: String,
    },
}

impl InputView {
    /// Returns true if it asks for an edit of the node's text.
    pub fn is_edit(&self) -> bool {
        matches!(self, Self::Edit { .. })
    }

    /// Says why a value does not fit, if so: after "changes nothing".
    pub fn why_not(&self, value: &InputValue) -> Option<String> {
        match (self, value) {
            (Self::Nothing, InputValue::Nothing) => None,
            (Self::Nothing, _) => Some("the command takes nothing with it".into()),
            (Self::Text { max_chars, .. }, InputValue::Text(text)) => {
                let count = text.chars().count();
                (count > usize::from(*max_chars)).then(|| {
                    format!("at most {max_chars} characters are taken, and these are {count}")
                })
            }
            (Self::Text { .. }, _) => Some("the command takes a text".into()),
            (Self::Number { min, max, .. }, InputValue::Number(number))
                if (*min..=*max).contains(number) =>
            {
                None
            }
            (Self::Number { min, max, .. }, _) => {
                Some(format!("it takes a whole number from {min} to {max}"))
            }
            (Self::Choice { options, .. }, InputValue::Choice(index))
                if usize::from(*index) < options.len() =>
            {
                None
            }
            (Self::Choice { .. }, _) => Some("that is not among the choices".into()),
            (Self::Node { most, .. }, InputValue::Number(number))
                if (1..=i64::from(*most)).contains(number) =>
            {
                None
            }
            (Self::Node { most, .. }, _) => {
                Some(format!("it takes the number of a node, from 1 to {most}"))
            }
            (Self::Point { .. }, InputValue::Point { x, y }) if *x.max(y) <= FAR_EDGE => None,
            (Self::Point { .. }, _) => {
                Some(format!("it takes a place from 0 to {FAR_EDGE} both ways"))
            }
            (Self::Edit { max_chars, .. }, InputValue::Edit(edit)) => {
                why_not_edit(edit, *max_chars)
            }
            (Self::Edit { .. }, _) => Some("the command takes an edit of a text".into()),
        }
    }
}

fn why_not_edit(edit: &Splice, max_chars: u16) -> Option<String> {
    let is_control = |c: char| c.is_control() && c != '\n' && c != '\t';
    if edit.is_empty() {
        Some("that edit changes nothing".into())
    } else if edit.length() > u32::from(max_chars) {
        let count = edit.length();
        Some(format!("at most {max_chars} characters are taken at once, and these are {count}"))
    } else if edit.inserted.contains(is_control) {
        Some("a text has no control characters but tabs and ends of lines".into())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLOURS: Input = Input::Choice { label: "in", options: &["red", "blue"], default: 1 };
    const TEXT: Input = Input::Text { label: "aloud", max_chars: 3, default: "hi" };
    const NUMBER: Input =
        Input::Number { label: "by", unit: "clicks", min: -2, max: 9, default: 1 };
    const NODE: Input = Input::Node { label: "past", knob: "nodes", most: 9 };
    const PLACE: Input = Input::Point { label: "at", default: (500, 500) };
    const EDIT: Input = Input::Edit { label: "it", max_chars: 3, default: "hi" };

    #[test]
    fn what_fits_is_taken_and_all_else_has_a_reason() {
        for input in [Input::Nothing, COLOURS, TEXT, NUMBER, NODE, PLACE, EDIT] {
            assert_eq!(input.why_not(&input.usual()), None);
            let mut stream = Stream::new(1, "input");
            for _ in 0..200 {
                let drawn = input.draw(&mut stream);
                assert_eq!(input.why_not(&drawn), None, "{drawn:?}");
            }
        }
        let misfits = [
            (Input::Nothing, InputValue::Number(1)),
            (COLOURS, InputValue::Choice(2)),
            (TEXT, InputValue::Text("four".into())),
            (TEXT, InputValue::Nothing),
            (NUMBER, InputValue::Number(10)),
            (NUMBER, InputValue::Number(i64::MIN)),
            (NODE, InputValue::Number(0)),
            (NODE, InputValue::Number(10)),
            (NODE, InputValue::Choice(1)),
            (PLACE, InputValue::Point { x: 0, y: 1_001 }),
            (EDIT, InputValue::Edit(Splice::insertion("four"))),
            (EDIT, InputValue::Edit(Splice::insertion("\r"))),
            (EDIT, InputValue::Edit(Splice::default())),
            (EDIT, InputValue::Text("hi".into())),
        ];
        for (input, value) in misfits {
            assert!(input.why_not(&value).is_some(), "{input:?} takes {value:?}");
        }
        // Characters count, not bytes.
        assert_eq!(TEXT.why_not(&InputValue::Text("日本語".into())), None);
    }

    #[test]
    fn what_was_given_reads_as_part_of_a_sentence() {
        let names = Names::new(vec!["S1".into(), "S2".into(), "C1".into()]);
        let words = |input: Input, value: &InputValue| input.words(value, 2, &names);
        assert_eq!(words(NUMBER, &InputValue::Number(5)), "by 5 clicks");
        assert_eq!(words(COLOURS, &InputValue::Choice(0)), "in “red”");
        assert_eq!(words(NODE, &NODE.usual()), "past S1");
        // A kept run fits a world with fewer nodes: there it names who is meant.
        assert_eq!(words(NODE, &InputValue::Number(8)), "past S2");
        assert_eq!(words(PLACE, &PLACE.usual()), "at (500, 500)");
        assert_eq!(words(EDIT, &EDIT.usual()), "it behind letter 0, insert “hi”");
        let edit = InputValue::Edit(Splice { at: 3, deleted: 2, inserted: String::new() });
        assert_eq!(words(EDIT, &edit), "it behind letter 3, delete 2");
        assert_eq!(words(TEXT, &InputValue::Text("a\n\u{202e}b".into())), "aloud “a  b”");
        assert_eq!(words(Input::Nothing, &InputValue::Nothing), "");
    }
}
