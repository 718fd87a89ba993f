//! The bytes of a sector, each to be chosen, and the bits of the chosen one, each to be flipped.

use faultline_core::view::Sector;
use yew::prelude::*;

use super::panel::Wish;
use crate::figures::focus_nth;
use crate::format::{count, counted};
use crate::widgets::letters;
use crate::wire::Bit;

/// Bytes in a line: as many as fit into a narrow panel.
const LINE: usize = 8;

#[derive(PartialEq, Properties)]
pub(super) struct BytesProps {
    /// The file that has the sector.
    pub(super) file: AttrValue,
    /// Which sector, of how many bytes.
    pub(super) at: (usize, u32),
    pub(super) sector: Sector,
    /// Why no bit can be flipped now; nothing if one can.
    pub(super) why_not: Option<AttrValue>,
    pub(super) on: Callback<Wish>,
}

/// Draws them.
#[component]
pub(super) fn Bytes(props: &BytesProps) -> Html {
    let chosen = use_state_eq(|| 0);
    let bytes = &props.sector.bytes;
    let Some(byte) = bytes.get(*chosen).or(bytes.first()).copied() else {
        return html! { <p class="widget-empty">{ "This sector has no bytes." }</p> };
    };
    let last = bytes.len() - 1;
    let at = (*chosen).min(last);
    let on_key = {
        let chosen = chosen.setter();
        Callback::from(move |event: KeyboardEvent| {
            let to = match event.key().as_str() {
                "ArrowLeft" => at.saturating_sub(1),
                "ArrowRight" => at + 1,
                "ArrowUp" => at.checked_sub(LINE).unwrap_or(at),
                "ArrowDown" if at + LINE <= last => at + LINE,
                "ArrowDown" => at,
                "Home" => 0,
                "End" => last,
                _ => return,
            };
            event.prevent_default();
            chosen.set(to.min(last));
            focus_nth(&event, to.min(last));
        })
    };
    let (sector, sector_bytes) = props.at;
    let first = sector as u64 * u64::from(sector_bytes);
    let cell = |(index, byte): (usize, &u8)| {
        let setter = chosen.setter();
        let choose = move |_: MouseEvent| setter.set(index);
        let is_chosen = index == at;
        let label = format!("byte {}: {byte:02x}", first + index as u64);
        html! {
            <button type="button" aria-pressed={is_chosen.to_string()} aria-label={label}
                tabindex={if is_chosen { "0" } else { "-1" }} onclick={choose}>
                { format!("{byte:02x}") }
            </button>
        }
    };
    let line = |(row, line): (usize, &[u8])| {
        let cells = line.iter().enumerate().map(|(column, byte)| cell((row * LINE + column, byte)));
        html! {
            <div class="disk-line">
                <span aria-hidden="true">{ format!("{:04x}", row * LINE) }</span>
                { for cells }
                <span class="disk-letters" aria-hidden="true">{ letters(line) }</span>
            </div>
        }
    };
    let title = format!("Bytes of sector {sector}");
    let length = counted(bytes.len() as u64, "byte");
    html! {
        <div class="hex">
            <p class="widget-label">{ format!("Sector {sector}, {length}: choose one") }</p>
            <div class="disk-bytes" role="group" aria-label={title} onkeydown={on_key}>
                { for bytes.chunks(LINE).enumerate().map(line) }
            </div>
            { bits(props, first + at as u64, byte) }
        </div>
    }
}

/// The bits of a byte, the highest first.
fn bits(props: &BytesProps, offset: u64, byte: u8) -> Html {
    let one = |place: u8| {
        let value = byte >> place & 1;
        let bit = Bit { file: props.file.to_string(), offset, bit: place };
        let flip = props.on.reform(move |_: MouseEvent| Wish::Flip(bit.clone()));
        let label = format!("Flip bit {place}, which is {value}");
        html! {
            <button type="button" class="button" title={label.clone()} aria-label={label}
                disabled={props.why_not.is_some()} onclick={flip}>{ value }</button>
        }
    };
    let name = format!("Bits of byte {}", count(offset));
    let is = format!("Byte {} is {byte:02x}.", count(offset));
    html! {<>
        <p>{ is }{ " " }
            { props.why_not.clone().unwrap_or("Press a bit to flip it behind the engine's back:".into()) }
        </p>
        <div class="disk-bits" role="group" aria-label={name}>{ for (0..8).rev().map(one) }</div>
    </>}
}
