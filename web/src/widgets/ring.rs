//! A ring of hashes: whose each part is, and where keys fall.

use std::f64::consts::TAU;

use faultline_core::view::{Datum, Ring, RingArc, RingKey};
use yew::{Callback, Html, MouseEvent, Properties, classes, component, html, use_state_eq};

use super::datum::{cell_content, tone_class, tone_letter, value_classes};
use super::frame::{empty, framed, more, shortened};
use crate::stage::{Point, micros, px, whole};

/// The picture's size in its own units.
const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 216.0;
/// The middle of the band, and half its width.
const RADIUS: f64 = 76.0;
const HALF: f64 = 8.0;
/// More of each than this are counted instead.
const MOST_RANGES: usize = 1_024;
/// More parts than this are drawn without lines between them.
const MOST_APART: usize = 64;
const MOST_OWNERS: usize = 16;
const MOST_KEYS: usize = 12;
const MOST_ARCS: usize = 8;
/// Parts shorter than this share of the ring carry no name.
const LEAST_NAMED: f64 = 0.045;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct RingProps {
    pub(super) ring: Ring,
    pub(super) words: String,
}

/// Draws a ring, and its owners with their shares below: a press on one shows its parts.
#[component]
pub(super) fn RingView(props: &RingProps) -> Html {
    let ring = &props.ring;
    let chosen = use_state_eq(|| None::<u16>);
    let ranges = ring.ranges();
    if ring.owners.is_empty() || ranges.is_empty() {
        return framed("widget-ring", &ring.label, empty());
    }
    let range = |&(from, to, owner): &(u64, u64, u16)| {
        let is_chosen = chosen.map(|chosen| chosen == owner);
        part(ring, (from, to), owner, is_chosen)
    };
    let owner = |(place, owner): (usize, &Datum)| {
        let place = u16::try_from(place).unwrap_or(u16::MAX);
        let is_chosen = *chosen == Some(place);
        let chosen = chosen.setter();
        let on_click = move |_: MouseEvent| chosen.set((!is_chosen).then_some(place));
        owner_entry(ring, place, owner, is_chosen, Callback::from(on_click))
    };
    let is_dense = ranges.len() > MOST_APART;
    let class = classes!("drawing", "ring", is_dense.then_some("is-dense"));
    let body = html! {<>
        <svg {class} viewBox={format!("0 0 {WIDTH} {HEIGHT}")} role="img"
            aria-label={props.words.clone()}>
            <g transform={format!("translate({} {})", px(WIDTH / 2.0), px(HEIGHT / 2.0))}>
                { for ranges.iter().take(MOST_RANGES).map(range) }
                { for ring.arcs.iter().take(MOST_ARCS).map(|arc| moving(ring, arc)) }
                <path class="ring-zero" d={format!("M0 {}V{}", px(-RADIUS - 14.0), px(-RADIUS + 10.0))} />
                { keys(ring) }
            </g>
        </svg>
        <ul class="ring-owners">
            { for ring.owners.iter().take(MOST_OWNERS).enumerate().map(owner) }
        </ul>
        { more(ring.owners.len().saturating_sub(MOST_OWNERS), "owners") }
        { more(ranges.len().saturating_sub(MOST_RANGES), "parts") }
        { arcs_in_list(ring) }
        { more(ring.keys.len().saturating_sub(MOST_KEYS), "keys") }
    </>};
    framed("widget-ring", &ring.label, body)
}

/// Returns the angle of a place: clockwise from 12 o'clock.
fn angle(ring: &Ring, at: u64) -> f64 {
    share(u128::from(at) % ring.size(), ring) * TAU
}

/// Returns a length as a share of the ring.
fn share(length: u128, ring: &Ring) -> f64 {
    // Millionths are finer than any screen shows.
    let millionths = length.saturating_mul(1_000_000) / ring.size();
    micros(u64::try_from(millionths).unwrap_or(1_000_000)) / 1_000_000.0
}

/// Returns the point at an angle.
fn on_circle(angle: f64, radius: f64) -> Point {
    Point::new(angle.sin() * radius, -angle.cos() * radius)
}

/// Returns the outline of a stretch of a band.
fn band(from: f64, length: f64, inner: f64, outer: f64) -> String {
    // A whole circle has no direction: it stops short of itself.
    let to = from + length.min(TAU - 0.001);
    let large = u8::from(to - from > TAU / 2.0);
    let at = |angle: f64, radius: f64| {
        let point = on_circle(angle, radius);
        format!("{:.2} {:.2}", point.x, point.y)
    };
    format!(
        "M{}A{outer} {outer} 0 {large} 1 {}L{}A{inner} {inner} 0 {large} 0 {}Z",
        at(from, outer),
        at(to, outer),
        at(to, inner),
        at(from, inner),
    )
}

/// Draws an owner's part of the band, with its name if there is room.
fn part(ring: &Ring, (from, to): (u64, u64), owner: u16, is_chosen: Option<bool>) -> Html {
    let datum = ring.owners.get(usize::from(owner));
    let length = share(ring.length(from, to), ring);
    let start = angle(ring, from);
    let middle = start + length * TAU / 2.0;
    let class = classes!(
        "ring-part",
        // Neighbours must differ; who it is, the name says. Hue is for epochs alone.
        format!("shade-{}", owner % 4),
        datum.and_then(|datum| tone_class(datum.tone)),
        datum.is_some_and(|datum| !datum.committed).then_some("is-open"),
        is_chosen.map(|is_chosen| if is_chosen { "is-chosen" } else { "is-other" }),
    );
    let name = datum.filter(|_| length >= LEAST_NAMED).map(|datum| {
        let at = on_circle(middle, RADIUS + HALF + 5.0);
        let sign = tone_letter(datum.tone).unwrap_or_default();
        let text = format!("{sign}{}", shortened(&datum.text, 9));
        html! {
            <text class="ring-name" x={px(at.x)} y={px(at.y + 4.0)} style={anchor(at.x)}>
                { text }
            </text>
        }
    });
    let title = datum.map(|datum| format!("{}: after {from} up to {to}", datum.text));
    html! {
        <g {class}>
            if let Some(title) = title { <title>{ title }</title> }
            <path d={band(start, length * TAU, RADIUS - HALF, RADIUS + HALF)} />
            if let Some(name) = name { { name } }
        </g>
    }
}

fn anchor(x: f64) -> &'static str {
    match x {
        _ if x > 12.0 => "text-anchor:start",
        _ if x < -12.0 => "text-anchor:end",
        _ => "text-anchor:middle",
    }
}

/// Draws a stretch that stands out, inside the band.
fn moving(ring: &Ring, arc: &RingArc) -> Html {
    let start = angle(ring, arc.from);
    let length = share(ring.length(arc.from, arc.to), ring) * TAU;
    let d = band(start, length, RADIUS - HALF - 8.0, RADIUS - HALF - 3.0);
    html! {
        <path class={classes!("ring-arc", tone_class(arc.tone))} {d}><title>{ &arc.text }</title></path>
    }
}

/// Draws keys as pins that point at the band from inside, named where the names do not collide.
fn keys(ring: &Ring) -> Html {
    let shown = || ring.keys.iter().take(MOST_KEYS);
    let foot = |key: &RingKey| on_circle(angle(ring, key.at), RADIUS - 22.0);
    // Where names and other pins stand.
    let mut taken: Vec<(u64, Point)> = shown().map(|key| (key.at, foot(key))).collect();
    let mut pin = |key: &RingKey| {
        let angle = angle(ring, key.at);
        let (tip, foot) = (on_circle(angle, RADIUS - HALF), foot(key));
        // Beside the pin, towards the middle of the ring.
        let side = if foot.x.abs() > 14.0 { -foot.x.signum() } else { 0.0 };
        let lift = if side == 0.0 { -12.0 * foot.y.signum() } else { 0.0 };
        let at = foot + Point::new(side * 6.0, lift);
        let middle = at + Point::new(side * 18.0, 0.0);
        let is_free = taken.iter().all(|&(other, spot)| {
            let is_far = (spot.y - at.y).abs() > 11.0 || (spot.x - middle.x).abs() > 34.0;
            is_far || (other == key.at && spot == foot)
        });
        if is_free {
            taken.push((key.at, middle));
        }
        let style = anchor(side * 20.0);
        let sign = tone_letter(key.key.tone).unwrap_or_default();
        let text = format!("{sign}{}", shortened(&key.key.text, 7));
        let d = format!("M{} {}L{} {}", px(foot.x), px(foot.y), px(tip.x), px(tip.y));
        html! {
            <g class={classes!("ring-key", tone_class(key.key.tone))}>
                <title>{ format!("{} at {}", key.key.text, key.at) }</title>
                <path {d} />
                <circle cx={px(foot.x)} cy={px(foot.y)} r="3" />
                if is_free { <text {style} x={px(at.x)} y={px(at.y + 4.0)}>{ text }</text> }
            </g>
        }
    };
    html! { { for shown().map(&mut pin).collect::<Vec<_>>() } }
}

fn owner_entry(
    ring: &Ring,
    place: u16,
    owner: &Datum,
    is_chosen: bool,
    on_click: Callback<MouseEvent>,
) -> Html {
    let class = classes!("ring-swatch", format!("shade-{}", place % 4), tone_class(owner.tone));
    html! {
        <li>
            <button type="button" aria-pressed={is_chosen.to_string()} onclick={on_click}>
                <i {class} aria-hidden="true"></i>
                <span class={value_classes(owner, false)}>{ cell_content(owner) }</span>
                <span class="ring-share">{ percent(ring.share_thousandths(place)) }</span>
            </button>
        </li>
    }
}

/// Returns thousandths as a percentage: "34.2 %".
pub(super) fn percent(thousandths: u64) -> String {
    let thousandths = whole(micros(thousandths), 1_000);
    format!("{}.{} %", thousandths / 10, thousandths % 10)
}

fn arcs_in_list(ring: &Ring) -> Html {
    let entry = |arc: &RingArc| {
        html! {
            <li class={classes!(tone_class(arc.tone))}>
                <i class={classes!("ring-arc-swatch", tone_class(arc.tone))} aria-hidden="true"></i>
                { tone_letter(arc.tone) }{ format!(" {}", arc.text) }
            </li>
        }
    };
    if ring.arcs.is_empty() {
        return Html::default();
    }
    html! {<>
        <ul class="ring-arcs">{ for ring.arcs.iter().take(MOST_ARCS).map(entry) }</ul>
        { more(ring.arcs.len().saturating_sub(MOST_ARCS), "stretches") }
    </>}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_go_clockwise_from_twelve_o_clock() {
        let ring = Ring::new("ring", 8);
        let quarter = on_circle(angle(&ring, 64), 10.0);
        assert!((quarter.x - 10.0).abs() < 1e-9 && quarter.y.abs() < 1e-9);
        assert!(on_circle(angle(&ring, 0), 10.0).y < -9.9);
    }

    #[test]
    fn a_ring_of_64_bits_does_not_overflow() {
        let ring = Ring::new("ring", 64).with_owner("A", [u64::MAX]);
        assert!((angle(&ring, u64::MAX) / TAU - 1.0).abs() < 1e-5);
        assert_eq!(percent(ring.share_thousandths(0)), "100.0 %");
    }
}
