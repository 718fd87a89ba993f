//! The line itself: the cursor on it, dragged with a pointer or moved with keys.

use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent, WheelEvent};
use yew::prelude::*;

use super::form::Words;
use super::marks::Marks;
use super::stretch::{Extent, Stretch, Zoom};
use super::ticks::Ticks;
use crate::format::{counted, instant};
use crate::pages::lab::Intent;
use crate::shared::Shared;
use crate::wire::{Opened, Timeline};

/// Keys move the cursor by this share of what is shown.
const STEPS: u64 = 100;
/// A turn of the wheel with Ctrl, and a press of + or −, shows this share of what was shown.
const CLOSER_PERCENT: u64 = 70;
const WIDER_PERCENT: u64 = 143;
/// A turn of the wheel moves a part of the run by this share.
const MOVE_PERCENT: i64 = 10;

/// What the timeline shows.
#[derive(Properties, PartialEq)]
pub(crate) struct TrackProps {
    /// Scenario and setup, once open.
    pub(crate) opened: Option<Shared<Opened>>,
    /// The run as far as it is known.
    pub(crate) timeline: Shared<Timeline>,
    /// Where in time it is, and how far it reaches.
    pub(crate) extent: Extent,
    /// How many actions lie before the cursor.
    pub(crate) done: u32,
    /// What can be named in an action.
    pub(crate) words: Rc<Words>,
    /// What of the run is shown.
    pub(crate) zoom: Zoom,
    /// Something else of it is to be shown.
    pub(crate) on_zoom: Callback<Zoom>,
    /// The element that is as wide as the line, and how wide that is.
    pub(crate) line: NodeRef,
    /// In pixels.
    pub(crate) width: f64,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The timeline with all that is on it.
#[component]
pub(crate) fn Track(props: &TrackProps) -> Html {
    let TrackProps { timeline, extent, zoom, line, width, on, .. } = props;
    let (now_us, width) = (extent.now_us, *width);
    let stretch = zoom.stretch(*extent);
    use_wheel(line, *zoom, *extent, props.on_zoom.clone());
    let opened = props.opened.as_ref();
    let grain_us = opened.map_or(1, |opened| opened.grain_us);
    let is_part = stretch != Stretch::new(0, extent.whole_us);
    html! {
        <div class="track">
            <div class="track-line" ref={line}>
                <Rail extent={*extent} {stretch} on={on.clone()} zoom={*zoom}
                    on_zoom={props.on_zoom.clone()}>
                    <Marks timeline={timeline.clone()} {stretch} {width} />
                    <span class="known" style={part(0, timeline.known_us, stretch)}
                        title={known(timeline)}></span>
                    <span class="past" style={part(0, now_us, stretch)}></span>
                    if extent.whole_us > extent.horizon_us && stretch.has(extent.horizon_us) {
                        <span class="horizon" style={left(extent.horizon_us, stretch)}
                            title={format!("the story ends at {}", instant(extent.horizon_us))}>
                        </span>
                    }
                    if stretch.has(now_us) {
                        <span class="thumb" style={left(now_us, stretch)}></span>
                    }
                </Rail>
                <Ticks timeline={timeline.clone()} done={props.done} {stretch} {width}
                    words={props.words.clone()} {grain_us} horizon_us={extent.horizon_us}
                    on={on.clone()} />
                if is_part {
                    <span class="track-end from" aria-hidden="true">{ instant(stretch.from_us) }</span>
                    <span class="track-end to" aria-hidden="true">{ instant(stretch.to_us) }</span>
                }
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct RailProps {
    extent: Extent,
    stretch: Stretch,
    zoom: Zoom,
    on_zoom: Callback<Zoom>,
    on: Callback<Intent>,
    children: Children,
}

/// What the pointer drags the cursor along. The handles of actions lie over it, not in it.
#[component]
fn Rail(props: &RailProps) -> Html {
    let RailProps { extent, stretch, on, .. } = props;
    let (extent, stretch) = (*extent, *stretch);
    let drags = use_mut_ref(|| false);
    let seek = {
        let on = on.clone();
        move |event: &PointerEvent| {
            if let Some(at_us) = time_at(event, stretch) {
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
            if let Some(rail) = rail_of(&event) {
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
        let (on, zoom, on_zoom) = (on.clone(), props.zoom, props.on_zoom.clone());
        Callback::from(move |event: KeyboardEvent| {
            let key = event.key();
            if let Some(zoom) = zoom_by_key(&key, zoom, extent) {
                event.prevent_default();
                on_zoom.emit(zoom);
            } else if let Some(at_us) = time_by_key(&key, extent.now_us, stretch, extent.whole_us) {
                event.prevent_default();
                on.emit(Intent::Seek(at_us));
            }
        })
    };
    let text = format!("{} of {}", instant(extent.now_us), instant(extent.whole_us));
    html! {
        <div class="rail" role="slider" tabindex="0" aria-label="Time"
            aria-valuemin="0" aria-valuemax={extent.whole_us.to_string()}
            aria-valuenow={extent.now_us.to_string()} aria-valuetext={text}
            onpointerdown={on_down} onpointermove={on_move} onpointerup={on_up.clone()}
            onpointercancel={on_up} onkeydown={on_key}>
            { props.children.clone() }
        </div>
    }
}

/// Ctrl and the wheel show more or less around the pointer; the wheel sideways moves on.
#[hook]
fn use_wheel(line: &NodeRef, zoom: Zoom, extent: Extent, on_zoom: Callback<Zoom>) {
    let line = line.clone();
    use_effect_with((zoom, extent), move |&(zoom, extent)| {
        // Yew's own listener could not keep the browser from zooming the page.
        let options = EventListenerOptions::enable_prevent_default();
        let listener = line.cast::<Element>().map(|line| {
            let rail = line.clone();
            EventListener::new_with_options(&line, "wheel", options, move |event| {
                let Some(event) = event.dyn_ref::<WheelEvent>() else { return };
                if let Some(zoom) = zoom_by_wheel(event, &rail, zoom, extent) {
                    event.prevent_default();
                    on_zoom.emit(zoom);
                }
            })
        });
        move || drop(listener)
    });
}

fn zoom_by_wheel(event: &WheelEvent, line: &Element, zoom: Zoom, extent: Extent) -> Option<Zoom> {
    if event.ctrl_key() || event.meta_key() {
        let percent = if event.delta_y() < 0.0 { CLOSER_PERCENT } else { WIDER_PERCENT };
        let place = line.get_bounding_client_rect();
        let share = (f64::from(event.client_x()) - place.left()) / place.width().max(1.0);
        return Some(zoom.scaled(percent, zoom.stretch(extent).moment(share, 1), extent));
    }
    let sideways = if event.shift_key() { event.delta_y() } else { event.delta_x() };
    let is_part = matches!(zoom, Zoom::Part { .. });
    let percent = if sideways < 0.0 { -MOVE_PERCENT } else { MOVE_PERCENT };
    (is_part && sideways != 0.0).then(|| zoom.moved(percent, extent))
}

fn zoom_by_key(key: &str, zoom: Zoom, extent: Extent) -> Option<Zoom> {
    match key {
        "+" | "=" => Some(zoom.scaled(CLOSER_PERCENT, extent.now_us, extent)),
        "-" => Some(zoom.scaled(WIDER_PERCENT, extent.now_us, extent)),
        "0" => Some(Zoom::Whole),
        _ => None,
    }
}

fn known(timeline: &Timeline) -> String {
    format!("known to {}, {}", instant(timeline.known_us), counted(timeline.events.into(), "event"))
}

/// Returns the line that an event is about. (Yew hears events at the page's root, so that their
/// current target is no use.)
fn rail_of(event: &PointerEvent) -> Option<Element> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest(".rail").ok().flatten()
}

fn left(at_us: u64, stretch: Stretch) -> String {
    format!("left:{}", stretch.percent(at_us))
}

fn part(from_us: u64, to_us: u64, stretch: Stretch) -> String {
    let (from, to) = (stretch.percent(from_us), stretch.percent(to_us));
    format!("left:{from};width:calc({to} - {from})")
}

/// Where on the timeline a pointer is.
fn time_at(event: &PointerEvent, stretch: Stretch) -> Option<u64> {
    let place = rail_of(event)?.get_bounding_client_rect();
    if place.width() <= 0.0 {
        return None;
    }
    let share = (f64::from(event.client_x()) - place.left()) / place.width();
    Some(stretch.moment(share, 1))
}

fn time_by_key(key: &str, now_us: u64, stretch: Stretch, whole_us: u64) -> Option<u64> {
    let step_us = (stretch.span_us() / STEPS).max(1);
    Some(match key {
        "ArrowLeft" | "ArrowDown" => now_us.saturating_sub(step_us),
        "ArrowRight" | "ArrowUp" => (now_us + step_us).min(whole_us),
        "PageDown" => now_us.saturating_sub(step_us * 10),
        "PageUp" => (now_us + step_us * 10).min(whole_us),
        "Home" => 0,
        "End" => whole_us,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_move_within_the_run() {
        let by_key = |key, now_us| time_by_key(key, now_us, Stretch::new(0, 1_000), 1_000);
        assert_eq!(by_key("ArrowLeft", 5), Some(0));
        assert_eq!(by_key("PageUp", 990), Some(1_000));
        assert_eq!(by_key("End", 0), Some(1_000));
        assert_eq!(by_key("a", 0), None);
        let closer = time_by_key("ArrowRight", 500, Stretch::new(500, 600), 1_000);
        assert_eq!(closer, Some(501), "steps are smaller in a smaller stretch");
    }

    #[test]
    fn plus_and_minus_show_less_and_more() {
        let extent = Extent { now_us: 5_000, horizon_us: 10_000, whole_us: 100_000 };
        let closer = zoom_by_key("+", Zoom::Whole, extent).unwrap();
        assert_eq!(closer.stretch(extent).span_us(), 70_000);
        assert_eq!(zoom_by_key("0", closer, extent), Some(Zoom::Whole));
        assert_eq!(zoom_by_key("-", closer, extent), Some(Zoom::Whole));
        assert_eq!(zoom_by_key("ArrowLeft", closer, extent), None);
    }
}
