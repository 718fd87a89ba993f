//! The timeline: where the run is, what happened when, and the futures that were left.

use web_sys::{Element, PointerEvent};
use yew::prelude::*;

use crate::format::instant;
use crate::pages::lab::Intent;
use crate::shared::Shared;
use crate::wire::{Command, MarkGlyph, MarkView, Timeline};

/// Keys move the cursor by this share of the whole.
const STEPS: u64 = 100;

/// What the timeline shows.
#[derive(Properties, PartialEq)]
pub(crate) struct TrackProps {
    /// The run as far as it is known.
    pub(crate) timeline: Shared<Timeline>,
    /// True time at the cursor.
    pub(crate) now_us: u64,
    /// How far the timeline reaches.
    pub(crate) extent_us: u64,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The timeline, dragged with a pointer or moved with keys.
#[component]
pub(crate) fn Track(props: &TrackProps) -> Html {
    let TrackProps { timeline, now_us, extent_us, on } = props;
    let (now_us, extent_us) = (*now_us, *extent_us);
    let drags = use_mut_ref(|| false);
    let seek = {
        let on = on.clone();
        move |event: &PointerEvent| {
            if let Some(at_us) = time_at(event, extent_us) {
                on.emit(Intent::Seek(at_us));
            }
        }
    };
    let on_down = {
        let (seek, drags) = (seek.clone(), drags.clone());
        Callback::from(move |event: PointerEvent| {
            if event.button() != 0 {
                return;
            }
            // The rail keeps the pointer until it is let go, wherever that goes meanwhile.
            if let Some(rail) = event.current_target() {
                let rail: Element = wasm_bindgen::JsCast::unchecked_into(rail);
                drop(rail.set_pointer_capture(event.pointer_id()));
            }
            *drags.borrow_mut() = true;
            seek(&event);
        })
    };
    let on_move = {
        let drags = drags.clone();
        Callback::from(move |event: PointerEvent| {
            if *drags.borrow() {
                seek(&event);
            }
        })
    };
    let on_up = Callback::from(move |_: PointerEvent| *drags.borrow_mut() = false);
    let on_key = {
        let on = on.clone();
        Callback::from(move |event: KeyboardEvent| {
            if let Some(at_us) = time_by_key(&event.key(), now_us, extent_us) {
                event.prevent_default();
                on.emit(Intent::Seek(at_us));
            }
        })
    };
    html! {
        <div class="track">
            <div class="rail" role="slider" tabindex="0" aria-label="Time"
                aria-valuemin="0" aria-valuemax={extent_us.to_string()}
                aria-valuenow={now_us.to_string()} aria-valuetext={instant(now_us)}
                onpointerdown={on_down} onpointermove={on_move} onpointerup={on_up.clone()}
                onpointercancel={on_up} onkeydown={on_key}>
                <Marks timeline={timeline.clone()} {extent_us} />
                <span class="known" style={width(timeline.known_us, extent_us)}></span>
                <span class="past" style={width(now_us, extent_us)}></span>
                <span class="thumb" style={left(now_us, extent_us)}></span>
            </div>
            { lanes(timeline, on) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct MarksProps {
    timeline: Shared<Timeline>,
    extent_us: u64,
}

#[component]
fn Marks(props: &MarksProps) -> Html {
    let MarksProps { timeline, extent_us } = props;
    html! {
        <>
            { bands(&timeline.marks, timeline.known_us, *extent_us) }
            for mark in timeline.marks.iter() {
                { drawn(mark, *extent_us) }
            }
        </>
    }
}

/// From each epoch's beginning to the next one's, a band of its hue.
fn bands(marks: &[MarkView], known_us: u64, extent_us: u64) -> Html {
    let epochs: Vec<(u64, u64)> = marks
        .iter()
        .filter_map(|mark| match mark.kind {
            MarkGlyph::Epoch(epoch) => Some((mark.at_us, epoch)),
            MarkGlyph::Fault
            | MarkGlyph::Violation
            | MarkGlyph::Goal
            | MarkGlyph::Alert
            | MarkGlyph::Beat => None,
        })
        .collect();
    let ends = epochs.iter().skip(1).map(|(at_us, _)| *at_us).chain([known_us]);
    let band = |((from_us, epoch), to_us): (&(u64, u64), u64)| {
        let width = percent(to_us.saturating_sub(*from_us), extent_us);
        let from = percent(*from_us, extent_us);
        let hue = epoch.saturating_sub(1) % 8 + 1;
        html! {
            <span class="band" title={format!("epoch {epoch}")}
                style={format!("left:{from}%;width:{width}%;background:var(--e{hue})")}></span>
        }
    };
    epochs.iter().zip(ends).map(band).collect()
}

fn drawn(mark: &MarkView, extent_us: u64) -> Html {
    let class = match mark.kind {
        MarkGlyph::Fault => "mark fault",
        MarkGlyph::Violation => "mark violation",
        MarkGlyph::Goal => "mark goal",
        MarkGlyph::Alert => "mark alert",
        MarkGlyph::Beat => "mark beat",
        MarkGlyph::Epoch(_) => return Html::default(),
    };
    let title = format!("{} · {}", instant(mark.at_us), mark.text);
    html! { <span {class} style={left(mark.at_us, extent_us)} {title}></span> }
}

/// The futures that were left when the past was changed.
fn lanes(timeline: &Timeline, on: &Callback<Intent>) -> Html {
    if timeline.lanes.is_empty() {
        return Html::default();
    }
    let lane = |(index, name): (u16, &String)| {
        let open = on.reform(move |_: MouseEvent| Intent::Ask(Command::OpenLane { lane: index }));
        html! {
            <button type="button" class="lane" onclick={open}
                title={format!("Go back to this future: {name}")}>{ name }</button>
        }
    };
    html! {
        <div class="lanes" role="group" aria-label="Futures left behind">
            { for (0..).zip(&timeline.lanes).map(lane) }
        </div>
    }
}

fn left(at_us: u64, extent_us: u64) -> String {
    format!("left:{}%", percent(at_us, extent_us))
}

fn width(at_us: u64, extent_us: u64) -> String {
    format!("width:{}%", percent(at_us, extent_us))
}

/// A share in a hundred with two decimals.
fn percent(part: u64, whole: u64) -> String {
    let hundredths = part.min(whole).saturating_mul(10_000) / whole.max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Where on the timeline a pointer is.
fn time_at(event: &PointerEvent, extent_us: u64) -> Option<u64> {
    let rail: Element = wasm_bindgen::JsCast::dyn_into(event.current_target()?).ok()?;
    let place = rail.get_bounding_client_rect();
    if place.width() <= 0.0 {
        return None;
    }
    let share = ((f64::from(event.client_x()) - place.left()) / place.width()).clamp(0.0, 1.0);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a pixel is far coarser than what is rounded away"
    )]
    Some((share * extent_us as f64) as u64)
}

fn time_by_key(key: &str, now_us: u64, extent_us: u64) -> Option<u64> {
    let step_us = (extent_us / STEPS).max(1);
    Some(match key {
        "ArrowLeft" | "ArrowDown" => now_us.saturating_sub(step_us),
        "ArrowRight" | "ArrowUp" => (now_us + step_us).min(extent_us),
        "PageDown" => now_us.saturating_sub(step_us * 10),
        "PageUp" => (now_us + step_us * 10).min(extent_us),
        "Home" => 0,
        "End" => extent_us,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_two_decimals() {
        assert_eq!(percent(1, 3), "33.33");
        assert_eq!(percent(5, 3), "100.00");
        assert_eq!(percent(0, 0), "0.00");
    }

    #[test]
    fn keys_move_within_the_run() {
        assert_eq!(time_by_key("ArrowLeft", 5, 1_000), Some(0));
        assert_eq!(time_by_key("PageUp", 990, 1_000), Some(1_000));
        assert_eq!(time_by_key("End", 0, 1_000), Some(1_000));
        assert_eq!(time_by_key("a", 0, 1_000), None);
    }
}
