//! A button with something under it that goes away when one turns elsewhere.

use gloo::events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};
use yew::prelude::*;

/// What a popover shows.
#[derive(Properties, PartialEq)]
pub(crate) struct PopoverProps {
    /// What is on the button.
    pub(crate) button: Html,
    /// What the button is called, if its contents do not say it.
    #[prop_or_default]
    pub(crate) label: Option<AttrValue>,
    /// The button's classes.
    #[prop_or_default]
    pub(crate) class: Classes,
    /// Whether it opens upwards.
    #[prop_or_default]
    pub(crate) above: bool,
    /// Whether it is open.
    pub(crate) open: bool,
    /// It wants to be opened or closed.
    pub(crate) on_open: Callback<bool>,
    /// Its contents.
    pub(crate) children: Children,
}

/// A button and, when open, its contents.
#[component]
pub(crate) fn Popover(props: &PopoverProps) -> Html {
    let place = use_node_ref();
    {
        let (place, on_open) = (place.clone(), props.on_open.clone());
        use_effect_with(props.open, move |open| {
            let listener = open.then(|| {
                focus_first(&place);
                EventListener::new(&gloo::utils::document(), "pointerdown", move |event| {
                    let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
                    let within = place.get().is_some_and(|place| place.contains(target.as_ref()));
                    if !within {
                        on_open.emit(false);
                    }
                })
            });
            move || drop(listener)
        });
    }
    let on_key = {
        let (place, on_open) = (place.clone(), props.on_open.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.prevent_default();
                on_open.emit(false);
                if let Some(button) = find(&place, "button") {
                    drop(button.focus());
                }
            }
        })
    };
    let on_click = {
        let (on_open, open) = (props.on_open.clone(), props.open);
        Callback::from(move |_: MouseEvent| on_open.emit(!open))
    };
    html! {
        <div class="popover-place" ref={place} onkeydown={on_key}>
            <button type="button" class={props.class.clone()} aria-label={props.label.clone()}
                title={props.label.clone()} aria-expanded={props.open.to_string()}
                onclick={on_click}>
                { props.button.clone() }
            </button>
            if props.open {
                <div class={classes!("popover", props.above.then_some("above"))}>
                    { props.children.clone() }
                </div>
            }
        </div>
    }
}

fn focus_first(place: &NodeRef) {
    if let Some(first) = find(place, ".popover button, .popover input, .popover [tabindex]") {
        drop(first.focus());
    }
}

fn find(place: &NodeRef, selector: &str) -> Option<HtmlElement> {
    let found = place.cast::<Element>()?.query_selector(selector).ok().flatten()?;
    found.dyn_into().ok()
}
