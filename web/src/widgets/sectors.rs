//! Sectors of a disk, and the bytes of one of them.

use faultline_core::view::{Sector, SectorState, Sectors};
use yew::{Callback, Html, MouseEvent, Properties, classes, component, html, use_state_eq};

use super::changes::use_changes;
use super::frame::{empty, framed, more};
use crate::format::counted;

/// More sectors than this are counted below instead.
const MOST_SECTORS: usize = 256;
/// With more sectors than this, they show no more than their state.
const MOST_WITH_TEXT: usize = 24;
/// More bytes than this are counted below instead.
const MOST_BYTES: usize = 512;
/// Bytes in a line: as many as fit into a narrow panel.
const LINE: usize = 8;

/// Every state, in the order in which they are counted.
pub(super) const STATES: [SectorState; 6] = [
    SectorState::Durable,
    SectorState::Cached,
    SectorState::Torn,
    SectorState::Rotten,
    SectorState::Lost,
    SectorState::Free,
];

#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SectorsProps {
    pub(crate) sectors: Sectors,
    /// The number of the first of these.
    #[prop_or_default]
    pub(crate) first: usize,
    pub(crate) now_us: u64,
    /// Draws the bytes of the open sector otherwise than as text. One is open at once then: the
    /// first that is not durable, or the first.
    #[prop_or_default]
    pub(crate) bytes: Option<Callback<(usize, Sector), Html>>,
}

/// Draws sectors as tiles; a press on one shows its bytes.
#[component]
pub(crate) fn SectorsView(props: &SectorsProps) -> Html {
    let sectors = &props.sectors;
    let chosen = use_state_eq(|| {
        let is_open = |sector: &Sector| sector.state != SectorState::Durable;
        let place = sectors.sectors.iter().position(is_open).unwrap_or(0);
        props.bytes.as_ref().map(|_| props.first + place)
    });
    let numbers = props.first..;
    let numbered: Vec<_> = numbers.clone().zip(sectors.sectors.iter().cloned()).collect();
    let has_changed = use_changes(&numbered, props.now_us);
    if sectors.sectors.is_empty() {
        return framed("widget-sectors", &sectors.label, empty());
    }
    let has_text = sectors.sectors.len() <= MOST_WITH_TEXT;
    let tile = |(index, (sector, has_changed)): (usize, (&Sector, bool))| {
        let is_chosen = *chosen == Some(index);
        let chosen = chosen.setter();
        let on_click = move |_: MouseEvent| chosen.set((!is_chosen).then_some(index));
        tile(index, sector, has_text, (is_chosen, has_changed), Callback::from(on_click))
    };
    let shown = sectors.sectors.iter().zip(has_changed).take(MOST_SECTORS);
    let open = chosen
        .and_then(|index| Some((index, sectors.sectors.get(index.checked_sub(props.first)?)?)));
    let class = classes!("sectors", (!has_text).then_some("is-dense"));
    let body = html! {<>
        <div {class}>{ for numbers.zip(shown).map(tile) }</div>
        { more(sectors.sectors.len().saturating_sub(MOST_SECTORS), "sectors") }
        { legend(&sectors.sectors) }
        if let Some((index, sector)) = open {
            { match &props.bytes {
                Some(draw) => draw.emit((index, sector.clone())),
                None => bytes(index, sector),
            } }
        }
    </>};
    framed("widget-sectors", &sectors.label, body)
}

fn tile(
    index: usize,
    sector: &Sector,
    has_text: bool,
    (is_chosen, has_changed): (bool, bool),
    on_click: Callback<MouseEvent>,
) -> Html {
    let class = classes!("sector", state_class(sector.state), has_changed.then_some("is-changed"));
    let words = sector_in_words(index, sector);
    html! {
        <button type="button" {class} aria-pressed={is_chosen.to_string()} title={words.clone()}
            onclick={on_click}>
            <span class="visually-hidden">{ words }</span>
            if has_text { <span class="sector-number" aria-hidden="true">{ index }</span> }
            { state_sign(sector.state) }
            if has_text { <span class="sector-text" aria-hidden="true">{ &sector.text }</span> }
        </button>
    }
}

/// Returns what a state is called.
pub(super) fn state_name(state: SectorState) -> &'static str {
    match state {
        SectorState::Free => "free",
        SectorState::Cached => "not synced",
        SectorState::Durable => "durable",
        SectorState::Torn => "torn",
        SectorState::Rotten => "rotten",
        SectorState::Lost => "lost",
    }
}

fn state_class(state: SectorState) -> &'static str {
    match state {
        SectorState::Free => "is-free",
        SectorState::Cached => "is-open",
        SectorState::Durable => "is-durable",
        SectorState::Torn => "is-torn",
        SectorState::Rotten => "is-rotten",
        SectorState::Lost => "is-lost",
    }
}

/// Returns the sign of a state: a lock, three dots, a tear, a cross, a stroke, or none.
fn state_sign(state: SectorState) -> Html {
    let d = match state {
        SectorState::Free => return Html::default(),
        SectorState::Durable => "M2 5h8v6H2zM3.6 5V3.2a2.4 2.4 0 0 1 4.8 0V5",
        SectorState::Cached => "M2 6.5v.01M6 6.5v.01M10 6.5v.01",
        SectorState::Torn => "M1 8.5l2.5-4 2.5 4 2.5-4 2.5 4",
        SectorState::Rotten => "M2.5 2.5l7 7M9.5 2.5l-7 7",
        SectorState::Lost => "M6 1.5a4.5 4.5 0 1 0 .01 0M3 9l6-6",
    };
    html! {
        <svg class="sector-sign" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
            <path {d} />
        </svg>
    }
}

/// Says how many sectors are in each state; with it goes what the signs mean.
fn legend(sectors: &[Sector]) -> Html {
    let entry = |state: &SectorState| {
        let number = sectors.iter().filter(|sector| sector.state == *state).count();
        if number == 0 {
            return Html::default();
        }
        html! {
            <li class={state_class(*state)}>
                { state_sign(*state) }{ format!("{number} {}", state_name(*state)) }
            </li>
        }
    };
    html! { <ul class="sectors-legend">{ for STATES.iter().map(entry) }</ul> }
}

/// Returns a sector in words.
pub(super) fn sector_in_words(index: usize, sector: &Sector) -> String {
    let text = if sector.text.is_empty() { String::new() } else { format!(": {}", sector.text) };
    format!("sector {index}{text}, {}", state_name(sector.state))
}

/// Draws the bytes of a sector, and the letters that they would be.
fn bytes(index: usize, sector: &Sector) -> Html {
    if sector.bytes.is_empty() {
        return html! { <p class="widget-empty">{ format!("sector {index}: no bytes known") }</p> };
    }
    let shown = &sector.bytes[..sector.bytes.len().min(MOST_BYTES)];
    let lines: Vec<String> =
        shown.chunks(LINE).enumerate().map(|(row, bytes)| hex_line(row * LINE, bytes)).collect();
    let hidden = sector.bytes.len() - shown.len();
    let title = format!("Sector {index}, {}", counted(sector.bytes.len() as u64, "byte"));
    html! {
        <div class="hex">
            <p class="widget-label">{ title.clone() }</p>
            <pre tabindex="0" aria-label={title}>{ lines.join("\n") }</pre>
            { more(hidden, "bytes") }
        </div>
    }
}

/// Returns a line of bytes as every such tool writes it.
fn hex_line(offset: usize, bytes: &[u8]) -> String {
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let letters = letters(bytes);
    format!("{offset:04x}  {:<width$}  {letters}", hex.join(" "), width = LINE * 3 - 1)
}

/// Returns the letters that bytes would be.
pub(crate) fn letters(bytes: &[u8]) -> String {
    let letter = |byte: &u8| {
        let is_plain = byte.is_ascii_graphic() || *byte == b' ';
        if is_plain { char::from(*byte) } else { '·' }
    };
    bytes.iter().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_everywhere() {
        assert_eq!(hex_line(16, b"put 17\0"), "0010  70 75 74 20 31 37 00     put 17·");
    }

    #[test]
    fn a_sector_is_said_with_its_state() {
        let sector = Sector::new(SectorState::Torn, "put 17");
        assert_eq!(sector_in_words(3, &sector), "sector 3: put 17, torn");
    }
}
