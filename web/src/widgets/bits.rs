//! Arrays of bits and small numbers.

use faultline_core::view::{BitMark, Bits};
use yew::{Html, Properties, classes, component, html};

use super::changes::{by_place, use_changes};
use super::datum::{tone_class, tone_letter};
use super::frame::{empty, framed, more};
use crate::stage::micros;

/// More places than this are counted below instead.
const MOST_PLACES: usize = 512;
/// More places that stand out than this are counted below instead.
const MOST_MARKS: usize = 12;
/// At most this many places make a row: more would be too small to point at.
const WIDEST: u32 = 32;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct BitsProps {
    pub(super) bits: Bits,
    pub(super) now_us: u64,
    pub(super) words: String,
}

/// Draws an array: filled for one, empty for none; numbers where there is more than yes and no.
#[component]
pub(super) fn BitsView(props: &BitsProps) -> Html {
    let bits = &props.bits;
    let has_changed = use_changes(&by_place(&bits.values), props.now_us);
    if bits.values.is_empty() {
        return framed("widget-bits", &bits.label, empty());
    }
    let is_bitmap = bits.most <= 1;
    let width = bits.width.unwrap_or(if is_bitmap { WIDEST } else { WIDEST / 2 });
    let width = usize::try_from(width.clamp(1, WIDEST)).unwrap_or(1);
    let shown = &bits.values[..bits.values.len().min(MOST_PLACES)];
    let rows = shown.chunks(width).enumerate().map(|(row, values)| {
        let first = row * width;
        let cells = values.iter().zip(&has_changed[first..]).enumerate();
        html! {<>
            <span class="bits-first">{ first }</span>
            { for cells.map(|(at, (value, changed))| place(bits, first + at, *value, *changed)) }
            // Keeps the next row from beginning in this one.
            if values.len() < width {
                <i style={format!("grid-column:span {}", width - values.len())}></i>
            }
        </>}
    });
    let mark = |mark: &BitMark| {
        let class = classes!("bits-mark", tone_class(mark.tone));
        let value = bits.values.get(index(mark)).copied().unwrap_or(0);
        html! {
            <li {class}>{ tone_letter(mark.tone) }{ format!("{}: {} = {value}", mark.text, mark.at) }</li>
        }
    };
    let class = classes!("bits", (!is_bitmap).then_some("has-numbers"));
    let body = html! {<>
        <div {class} role="img" aria-label={props.words.clone()}
            style={format!("--places:{width}")}>{ for rows }</div>
        { more(bits.values.len() - shown.len(), "places") }
        if !bits.marks.is_empty() {
            <ul class="bits-marks" aria-hidden="true">
                { for bits.marks.iter().take(MOST_MARKS).map(mark) }
            </ul>
        }
        { more(bits.marks.len().saturating_sub(MOST_MARKS), "marks") }
    </>};
    framed("widget-bits", &bits.label, body)
}

fn index(mark: &BitMark) -> usize {
    usize::try_from(mark.at).unwrap_or(usize::MAX)
}

fn place(bits: &Bits, at: usize, value: u32, has_changed: bool) -> Html {
    let mark = bits.marks.iter().find(|mark| index(mark) == at);
    let class = classes!(
        "bit",
        (value > 0).then_some("is-set"),
        mark.map(|_| "is-marked"),
        mark.and_then(|mark| tone_class(mark.tone)),
        has_changed.then_some("is-changed"),
    );
    if bits.most <= 1 {
        return html! { <i {class}></i> };
    }
    let fill = (micros(value.into()) / micros(bits.most.max(1).into()) * 100.0).min(100.0);
    html! { <i {class} style={format!("--fill:{fill:.0}%")}>{ value }</i> }
}
