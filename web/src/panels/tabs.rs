//! A row of tabs, as the authoring practices for them say: arrows move, the chosen one is in the
//! tab order.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// What a row of tabs shows.
#[derive(Properties, PartialEq)]
pub(crate) struct TabsProps {
    /// What the row is called.
    pub(crate) label: AttrValue,
    /// Makes the tabs' identities unique.
    pub(crate) prefix: AttrValue,
    /// Their names.
    pub(crate) tabs: Vec<AttrValue>,
    /// The chosen one.
    pub(crate) chosen: usize,
    /// One was chosen.
    pub(crate) on_choose: Callback<usize>,
}

/// A row of tabs; what they show has the identity `<prefix>-panel`.
#[component]
pub(crate) fn Tabs(props: &TabsProps) -> Html {
    let on_key = {
        let (on_choose, count, chosen) = (props.on_choose.clone(), props.tabs.len(), props.chosen);
        Callback::from(move |event: KeyboardEvent| {
            let to = match event.key().as_str() {
                "ArrowRight" => (chosen + 1) % count,
                "ArrowLeft" => (chosen + count - 1) % count,
                "Home" => 0,
                "End" => count - 1,
                _ => return,
            };
            event.prevent_default();
            on_choose.emit(to);
            focus_tab(&event, to);
        })
    };
    let tab = |(place, name): (usize, &AttrValue)| {
        let on_choose = props.on_choose.reform(move |_: MouseEvent| place);
        let is_chosen = place == props.chosen;
        html! {
            <button type="button" role="tab" id={format!("{}-tab-{place}", props.prefix)}
                class={format!("tab-{}", name.to_lowercase())}
                aria-selected={is_chosen.to_string()} tabindex={if is_chosen { "0" } else { "-1" }}
                aria-controls={format!("{}-panel", props.prefix)} onclick={on_choose}>
                { name }
            </button>
        }
    };
    html! {
        <div class="tabs" role="tablist" aria-label={props.label.clone()} onkeydown={on_key}>
            { for props.tabs.iter().enumerate().map(tab) }
        </div>
    }
}

fn focus_tab(event: &KeyboardEvent, place: usize) {
    let row = event.current_target().and_then(|row| row.dyn_into::<Element>().ok());
    let index = u32::try_from(place).unwrap_or_default();
    let tab = row.and_then(|row| row.children().item(index));
    if let Some(tab) = tab.and_then(|tab| tab.dyn_into::<HtmlElement>().ok()) {
        drop(tab.focus());
    }
}
