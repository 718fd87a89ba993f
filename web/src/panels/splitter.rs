//! The edge between the stage and what is below it, to be moved.

use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};
use yew::prelude::*;

use crate::preferences::STRIP_PX;

/// How far a key moves the edge.
const STEP_PX: u32 = 24;

/// What the edge shows.
#[derive(Properties, PartialEq)]
pub(crate) struct SplitterProps {
    /// How high it is below the edge.
    pub(crate) height_px: u32,
    /// Hears how high it should be.
    pub(crate) on_resize: Callback<u32>,
}

/// An edge, dragged with a pointer or moved with keys.
#[component]
pub(crate) fn Splitter(props: &SplitterProps) -> Html {
    let SplitterProps { height_px, on_resize } = props;
    let drags = use_mut_ref(|| false);
    let on_down = {
        let drags = drags.clone();
        Callback::from(move |event: PointerEvent| {
            if let Some(edge) = edge_of(&event) {
                drop(edge.set_pointer_capture(event.pointer_id()));
                *drags.borrow_mut() = true;
            }
        })
    };
    let on_move = {
        let (drags, on_resize) = (drags.clone(), on_resize.clone());
        Callback::from(move |event: PointerEvent| {
            let below = edge_of(&event).and_then(|edge| edge.parent_element());
            if let (true, Some(below)) = (*drags.borrow(), below) {
                let height_px =
                    below.get_bounding_client_rect().bottom() - f64::from(event.client_y());
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "pixels on a screen, not below zero"
                )]
                on_resize.emit(height_px.max(0.0) as u32);
            }
        })
    };
    let on_up = Callback::from(move |_: PointerEvent| *drags.borrow_mut() = false);
    let on_key = {
        let (height_px, on_resize) = (*height_px, on_resize.clone());
        Callback::from(move |event: KeyboardEvent| {
            let height_px = match event.key().as_str() {
                "ArrowUp" => height_px + STEP_PX,
                "ArrowDown" => height_px.saturating_sub(STEP_PX),
                "Home" => STRIP_PX.0,
                "End" => STRIP_PX.1,
                _ => return,
            };
            event.prevent_default();
            on_resize.emit(height_px);
        })
    };
    html! {
        <div class="splitter" role="separator" tabindex="0" aria-orientation="horizontal"
            aria-label="Height of the panels below the stage"
            aria-valuenow={height_px.to_string()} aria-valuemin={STRIP_PX.0.to_string()}
            aria-valuemax={STRIP_PX.1.to_string()} onpointerdown={on_down}
            onpointermove={on_move} onpointerup={on_up.clone()} onpointercancel={on_up}
            onkeydown={on_key}></div>
    }
}

fn edge_of(event: &PointerEvent) -> Option<Element> {
    event.current_target()?.dyn_into().ok()
}
