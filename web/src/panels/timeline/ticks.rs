//! Actions on the timeline: each a tick with a handle that can be dragged, opened and deleted.

use std::cell::RefCell;
use std::rc::Rc;

use faultline_core::sim::Action;
use gloo::events::{EventListener, EventListenerOptions, EventListenerPhase};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node, PointerEvent};
use yew::prelude::*;

use super::editor::{FaultEditor, effect};
use super::form::Words;
use super::handles::{Handle, handles};
use super::stretch::Stretch;
use crate::format::{counted, instant};
use crate::pages::lab::{Intent, Sheet, StripTab};
use crate::shared::Shared;
use crate::wire::{ActionName, ActionView, Command, Timeline};

/// A pointer that moves less than this far clicks, it does not drag.
const STILL_PX: i32 = 4;
/// The editor is this wide.
const EDITOR_PX: f64 = 288.0;

/// What is shown.
#[derive(Properties, PartialEq)]
pub(crate) struct TicksProps {
    /// The run as far as it is known.
    pub(crate) timeline: Shared<Timeline>,
    /// How many actions lie before the cursor.
    pub(crate) done: u32,
    /// What of the run is shown.
    pub(crate) stretch: Stretch,
    /// How wide that is, in pixels.
    pub(crate) width: f64,
    /// What can be named in an action.
    pub(crate) words: Rc<Words>,
    /// Times are multiples of this.
    pub(crate) grain_us: u64,
    /// How long the story takes.
    pub(crate) horizon_us: u64,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// An action on its way to another time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Drag {
    /// Which action, and where the pointer went down on it; nothing if none is held.
    held: Option<(ActionName, i32)>,
    /// Where it is to be, once the pointer has moved.
    at_us: Option<u64>,
    /// The click that ends a drag is none.
    ends_in_click: bool,
}

/// The handles, one stop for the Tab key; arrows go from one to the next.
#[component]
pub(crate) fn Ticks(props: &TicksProps) -> Html {
    let group = use_node_ref();
    let open = use_state_eq(|| None::<ActionName>);
    let drag = use_mut_ref(Drag::default);
    let preview = use_state_eq(|| None::<(ActionName, u64)>);
    let focused = use_state_eq(|| 0_usize);
    use_leave(&group, &open);
    let actions = &props.timeline.actions;
    // Those in view, and the index of the first of them.
    let before = actions.partition_point(|it| it.at_us < props.stretch.from_us);
    let shown = actions.partition_point(|it| it.at_us <= props.stretch.to_us);
    let seen = actions.get(before..shown).unwrap_or_default();
    let xs: Vec<f64> = seen.iter().map(|it| props.stretch.share(it.at_us) * props.width).collect();
    let handles: Vec<Handle> = handles(&xs, props.width)
        .into_iter()
        .map(|it| Handle { actions: it.actions.start + before..it.actions.end + before, ..it })
        .collect();
    if handles.is_empty() {
        return Html::default();
    }
    let stop = (*focused).min(handles.len() - 1);
    let on_key = on_key(props, &handles, &group, &focused);
    let edited = open.as_ref().and_then(|name| name.place_in(actions));
    let one = |(place, handle): (usize, &Handle)| {
        let index = handle.actions.start;
        let is_held = |held: &ActionName| held.place_in(actions) == Some(index);
        let dragged = preview.as_ref().filter(|(held, _)| is_held(held)).map(|it| it.1);
        let (drag, preview) = (drag.clone(), preview.setter());
        let hands = Hands { open: &open, edited, drag, preview, focused: &focused, place };
        tick(props, handle, dragged, place == stop, &hands)
    };
    html! {
        <div class="ticks" ref={group} role="group" aria-label="Actions on the timeline"
            onkeydown={on_key}>
            { for handles.iter().enumerate().map(one) }
            if let Some((index, action)) = edited.and_then(|it| Some((it, actions.get(it)?))) {
                { editor(props, index, action, &open) }
            }
        </div>
    }
}

/// What a handle changes when it is used.
struct Hands<'a> {
    open: &'a UseStateHandle<Option<ActionName>>,
    /// The index of the action whose editor is open.
    edited: Option<usize>,
    drag: Rc<RefCell<Drag>>,
    preview: UseStateSetter<Option<(ActionName, u64)>>,
    focused: &'a UseStateHandle<usize>,
    place: usize,
}

fn tick(
    props: &TicksProps,
    handle: &Handle,
    dragged_us: Option<u64>,
    is_stop: bool,
    hands: &Hands<'_>,
) -> Html {
    let index = handle.actions.start;
    let Some(action) = props.timeline.actions.get(index) else { return Html::default() };
    let is_done = index < props.done as usize;
    let count = handle.actions.len();
    let true_x = dragged_us.map_or(handle.true_x, |us| props.stretch.share(us) * props.width);
    let x = if dragged_us.is_some() { true_x } else { handle.x };
    let class = classes!(
        "tick",
        (!is_done).then_some("ahead"),
        (action.bites == Some(0) && action.is_vain).then_some("toothless"),
        matches!(action.action, Action::Command { .. } | Action::CommandWith { .. })
            .then_some("asked"),
        (count > 1).then_some("crowd"),
        dragged_us.is_some().then_some("dragged"),
        (hands.edited == Some(index)).then_some("open"),
    );
    let label = if count > 1 {
        format!(
            "{} around {}: see the list",
            counted(count as u64, "action"),
            instant(action.at_us)
        )
    } else {
        format!("{} · {} · {}", instant(action.at_us), action.sentence, effect(action, is_done))
    };
    let name = action.named(index_of(index));
    let moves = if count > 1 { None } else { Some(moves(props, &name, hands)) };
    let (on_down, on_move, on_up, on_cancel) = moves.unwrap_or_default();
    let place = hands.place;
    let focused = hands.focused.setter();
    html! {
        <>
            <svg class={class.clone()} aria-hidden="true" width={format!("{:.1}", props.width)}
                height="36">
                <path d={format!("M{x:.1} 9 L{true_x:.1} 14 V24")} />
            </svg>
            <button type="button" {class} data-tick={place.to_string()} data-index={index.to_string()}
                tabindex={if is_stop { "0" } else { "-1" }} aria-label={label.clone()} title={label}
                aria-expanded={(count == 1).then(|| (hands.edited == Some(index)).to_string())}
                style={format!("left:{x:.1}px")} onclick={on_click(props, name, count, hands)}
                onfocus={Callback::from(move |_: FocusEvent| focused.set(place))}
                onpointerdown={on_down} onpointermove={on_move} onpointerup={on_up}
                onpointercancel={on_cancel}>
                if count > 1 { { count } }
            </button>
            if let Some(at_us) = dragged_us {
                <span class="tick-time" style={format!("left:{x:.1}px")}>{ instant(at_us) }</span>
            }
        </>
    }
}

type Moves = (
    Option<Callback<PointerEvent>>,
    Option<Callback<PointerEvent>>,
    Option<Callback<PointerEvent>>,
    Option<Callback<PointerEvent>>,
);

/// Dragging: the time follows the pointer, the run follows when it is let go.
fn moves(props: &TicksProps, name: &ActionName, hands: &Hands<'_>) -> Moves {
    let (stretch, grain_us) = (props.stretch, props.grain_us);
    let on_down = {
        let (drag, name) = (hands.drag.clone(), name.clone());
        Callback::from(move |event: PointerEvent| {
            if event.button() != 0 {
                return;
            }
            if let Some(handle) = handle_of(&event) {
                // It keeps the pointer until it is let go, wherever that goes meanwhile.
                drop(handle.set_pointer_capture(event.pointer_id()));
            }
            let held = Some((name.clone(), event.client_x()));
            *drag.borrow_mut() = Drag { held, ..Drag::default() };
        })
    };
    let on_move = {
        let (drag, preview) = (hands.drag.clone(), hands.preview.clone());
        Callback::from(move |event: PointerEvent| {
            let mut drag = drag.borrow_mut();
            let Some((held, from_x)) = drag.held.clone() else { return };
            if drag.at_us.is_some() || (event.client_x() - from_x).abs() >= STILL_PX {
                drag.at_us = time_at(&event, stretch, grain_us);
                preview.set(drag.at_us.map(|at_us| (held, at_us)));
            }
        })
    };
    let on_up = {
        let (drag, preview, on) = (hands.drag.clone(), hands.preview.clone(), props.on.clone());
        Callback::from(move |_: PointerEvent| {
            // What was taken hold of is moved, whatever stands in its place by now.
            let Drag { held, at_us, .. } = drag.take();
            drag.borrow_mut().ends_in_click = at_us.is_some();
            preview.set(None);
            if let (Some(at_us), Some((was, _))) = (at_us, held)
                && at_us != was.timed.at_us
            {
                let action = was.timed.action.clone();
                on.emit(Intent::Ask(Command::EditAction { was, at_us, action }));
            }
        })
    };
    let (drag, preview) = (hands.drag.clone(), hands.preview.clone());
    let on_cancel = Callback::from(move |_: PointerEvent| {
        drag.take();
        preview.set(None);
    });
    (Some(on_down), Some(on_move), Some(on_up), Some(on_cancel))
}

/// A click opens the editor; on a crowd, the list.
fn on_click(
    props: &TicksProps,
    name: ActionName,
    count: usize,
    hands: &Hands<'_>,
) -> Callback<MouseEvent> {
    if count > 1 {
        let on = props.on.clone();
        return Callback::from(move |_| {
            on.emit(Intent::Strip(StripTab::Faults));
            on.emit(Intent::Sheet(Some(Sheet::Strip)));
        });
    }
    let (open, is_open) = (hands.open.setter(), hands.edited == Some(name.index as usize));
    let drag = hands.drag.clone();
    Callback::from(move |event: MouseEvent| {
        let ends_drag = std::mem::take(&mut drag.borrow_mut().ends_in_click);
        // A click without a pointer is the keyboard's.
        if !ends_drag || event.detail() == 0 {
            open.set((!is_open).then(|| name.clone()));
        }
    })
}

fn editor(
    props: &TicksProps,
    index: usize,
    action: &ActionView,
    open: &UseStateHandle<Option<ActionName>>,
) -> Html {
    let on_close = {
        let open = open.setter();
        Callback::from(move |()| open.set(None))
    };
    let x = props.stretch.share(action.at_us) * props.width - EDITOR_PX / 2.0;
    let left = x.min(props.width - EDITOR_PX).max(0.0);
    html! {
        <div class="popover above tick-editor" style={format!("left:{left:.0}px")}>
            <FaultEditor place="line" key={index} index={index_of(index)} action={action.clone()}
                is_done={index < props.done as usize} words={props.words.clone()}
                grain_us={props.grain_us} horizon_us={props.horizon_us} on={props.on.clone()}
                {on_close} />
        </div>
    }
}

/// Arrows go from handle to handle, Delete takes an action out.
fn on_key(
    props: &TicksProps,
    handles: &[Handle],
    group: &NodeRef,
    focused: &UseStateHandle<usize>,
) -> Callback<KeyboardEvent> {
    let (on, group) = (props.on.clone(), group.clone());
    let (focused, last) = (focused.setter(), handles.len() - 1);
    let named = |index: usize| Some(props.timeline.actions.get(index)?.named(index_of(index)));
    let single = |handle: &Handle| {
        if handle.actions.len() == 1 { named(handle.actions.start) } else { None }
    };
    let single: Vec<Option<ActionName>> = handles.iter().map(single).collect();
    Callback::from(move |event: KeyboardEvent| {
        let handle = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let place = handle.and_then(|handle| handle.get_attribute("data-tick"));
        let Some(place) = place.and_then(|place| place.parse::<usize>().ok()) else { return };
        let to = match event.key().as_str() {
            "ArrowLeft" => place.saturating_sub(1),
            "ArrowRight" => (place + 1).min(last),
            "Home" => 0,
            "End" => last,
            "Delete" | "Backspace" => {
                event.prevent_default();
                if let Some(Some(name)) = single.get(place) {
                    on.emit(Intent::Ask(Command::RemoveAction(name.clone())));
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        focused.set(to);
        focus(&group, &format!("[data-tick=\"{to}\"]"));
    })
}

/// Closes the editor by Escape and when the viewer turns elsewhere; the focus moves in, and back.
#[hook]
fn use_leave(group: &NodeRef, open: &UseStateHandle<Option<ActionName>>) {
    let (group, setter) = (group.clone(), open.setter());
    use_effect_with(open.as_ref().map(|name| name.index), move |open| {
        let listeners = open.map(|index| {
            focus(&group, ".tick-editor input, .tick-editor select");
            let document = gloo::utils::document();
            let (within, leave) = (group.clone(), setter.clone());
            let on_pointer = EventListener::new(&document, "pointerdown", move |event| {
                let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
                if !within.get().is_some_and(|group| group.contains(target.as_ref())) {
                    leave.set(None);
                }
            });
            // Before the page's own keys, one of which leaves whatever is open.
            let options =
                EventListenerOptions { phase: EventListenerPhase::Capture, passive: false };
            let on_key =
                EventListener::new_with_options(&document, "keydown", options, move |event| {
                    let key = event.dyn_ref::<KeyboardEvent>().map(KeyboardEvent::key);
                    if key.as_deref() == Some("Escape") {
                        event.prevent_default();
                        setter.set(None);
                        focus(&group, &format!("[data-index=\"{index}\"]"));
                    }
                });
            (on_pointer, on_key)
        });
        move || drop(listeners)
    });
}

fn focus(group: &NodeRef, selector: &str) {
    let found = group.cast::<Element>().and_then(|it| it.query_selector(selector).ok().flatten());
    if let Some(found) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        drop(found.focus());
    }
}

fn index_of(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Returns the handle that an event is about. (Yew hears events at the page's root, so that their
/// current target is no use.)
fn handle_of(event: &Event) -> Option<Element> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest("button.tick").ok().flatten()
}

/// Where on the timeline a pointer is that holds a handle.
fn time_at(event: &PointerEvent, stretch: Stretch, grain_us: u64) -> Option<u64> {
    let line = handle_of(event)?.closest(".track-line").ok().flatten()?;
    let place = line.get_bounding_client_rect();
    if place.width() <= 0.0 {
        return None;
    }
    let share = (f64::from(event.client_x()) - place.left()) / place.width();
    Some(stretch.moment(share, grain_us))
}
