//! What can be done to the thing under the pointer.

use std::rc::Rc;

use gloo::events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node, SvgElement};
use yew::prelude::*;

use super::inspect::name_of;
use crate::pages::lab::{Intent, Offer, reason_against};
use crate::selection::Selection;
use crate::shared::Shared;
use crate::wire::Frame;

/// What the menu shows.
#[derive(Properties, PartialEq)]
pub(crate) struct MenuProps {
    /// Where it was asked for, in pixels of the window.
    pub(crate) at: (f64, f64),
    /// What it is about.
    pub(crate) selected: Option<Selection>,
    /// The world at the cursor.
    pub(crate) frame: Shared<Frame>,
    /// What can be done.
    pub(crate) offers: Rc<[Offer]>,
    /// For each action of the offers: why it would do nothing.
    pub(crate) reasons: Rc<[Option<String>]>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// The context menu; on a small screen the style sheet makes it a sheet.
#[component]
pub(crate) fn Menu(props: &MenuProps) -> Html {
    let menu = use_node_ref();
    // The finger whose long press opened the menu lifts over it: that press chooses nothing.
    let is_pressed = use_mut_ref(|| false);
    let on_down = {
        let is_pressed = is_pressed.clone();
        Callback::from(move |_: PointerEvent| *is_pressed.borrow_mut() = true)
    };
    let act = {
        let on = props.on.clone();
        Callback::from(move |(event, intent): (MouseEvent, Intent)| {
            let is_by_key = event.detail() == 0;
            if is_by_key || *is_pressed.borrow() {
                on.emit(intent);
            }
        })
    };
    use_leaving(&menu, &props.on);
    let on_key = {
        let (menu, on) = (menu.clone(), props.on.clone());
        Callback::from(move |event: KeyboardEvent| {
            let by = match event.key().as_str() {
                "ArrowDown" => Some(1),
                "ArrowUp" => Some(-1),
                "Home" | "End" => None,
                "Escape" | "Tab" => {
                    event.prevent_default();
                    return on.emit(Intent::Leave);
                }
                _ => return,
            };
            event.prevent_default();
            move_focus(&menu, by, &event.key());
        })
    };
    let (x, y) = props.at;
    // Kept inside the window whatever its size: what is longer than expected is scrolled.
    let style = format!(
        "left:min({x:.0}px, calc(100vw - 268px));--top:max(8px, min({y:.0}px, calc(100vh - {}px)));\
         top:var(--top);max-height:calc(100vh - var(--top) - 8px)",
        props.offers.len().min(16) * 30 + 60,
    );
    html! {
        <div class="menu" role="menu" ref={menu} {style} onkeydown={on_key}
            onpointerdown={on_down}
            aria-label={title(props.selected, &props.frame)}>
            <div class="menu-title label" aria-hidden="true">
                { title(props.selected, &props.frame) }
            </div>
            { for props.offers.iter().enumerate().map(|(index, offer)| {
                let reason = reason_against(&props.offers, &props.reasons, index);
                item(index, offer, reason, &act)
            }) }
        </div>
    }
}

fn title(selected: Option<Selection>, frame: &Frame) -> String {
    match selected {
        Some(Selection::Node(id)) => name_of(frame, id).to_owned(),
        Some(Selection::Link(a, b)) => {
            format!("{} — {}", name_of(frame, a), name_of(frame, b))
        }
        Some(Selection::Message(name)) => {
            format!("Message {} → {}", name_of(frame, name.from), name_of(frame, name.to))
        }
        None => String::new(),
    }
}

fn item(
    index: usize,
    offer: &Offer,
    reason: Option<&str>,
    act: &Callback<(MouseEvent, Intent)>,
) -> Html {
    let act = reason.is_none().then(|| {
        let intent = offer.intent();
        act.reform(move |event: MouseEvent| (event, intent.clone()))
    });
    html! {
        <>
            if offer.begins_group && index > 0 { <div class="rule" role="separator"></div> }
            <button type="button" role="menuitem" tabindex="-1" onclick={act}
                aria-disabled={reason.is_some().then_some("true")}>
                { &offer.label }
                if let Some(reason) = reason { <small>{ reason }</small> }
            </button>
        </>
    }
}

/// Takes the focus, gives it back, and closes when one presses elsewhere.
#[hook]
fn use_leaving(menu: &NodeRef, on: &Callback<Intent>) {
    let (menu, on) = (menu.clone(), on.clone());
    use_effect_with((), move |()| {
        let document = gloo::utils::document();
        let before = document.active_element();
        move_focus(&menu, None, "Home");
        let listener = EventListener::new(&document, "pointerdown", move |event| {
            let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
            if menu.get().is_some_and(|menu| !menu.contains(target.as_ref())) {
                on.emit(Intent::Leave);
            }
        });
        move || {
            drop(listener);
            if let Some(before) = before {
                give_focus(&before);
            }
        }
    });
}

/// Focuses an element, of the document or of a drawing.
fn give_focus(element: &Element) {
    let focused = if let Some(element) = element.dyn_ref::<HtmlElement>() {
        element.focus()
    } else if let Some(element) = element.dyn_ref::<SvgElement>() {
        element.focus()
    } else {
        return;
    };
    // An element that is gone meanwhile takes no focus, and needs none.
    drop(focused);
}

fn move_focus(menu: &NodeRef, by: Option<i32>, key: &str) {
    let Some(menu) = menu.cast::<Element>() else { return };
    let Ok(items) = menu.query_selector_all("[role=menuitem]") else { return };
    let item = |place: u32| items.item(place)?.dyn_into::<HtmlElement>().ok();
    let count = items.length();
    let focused = gloo::utils::document().active_element();
    let here = (0..count).find(|place| {
        item(*place).is_some_and(|item| Some(item.unchecked_ref::<Element>()) == focused.as_ref())
    });
    let to = match (by, here) {
        (Some(by), Some(here)) if count > 0 => {
            (i64::from(here) + i64::from(by)).rem_euclid(i64::from(count))
        }
        _ if key == "End" => i64::from(count) - 1,
        _ => 0,
    };
    if let Some(item) = u32::try_from(to).ok().and_then(item) {
        drop(item.focus());
    }
}
