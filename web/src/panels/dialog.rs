//! A window that asks for all attention: the browser's own, which keeps the focus inside.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

use super::glyph::{Glyph, glyph};

/// What a dialog shows.
#[derive(Properties, PartialEq)]
pub(crate) struct DialogProps {
    /// Its heading.
    pub(crate) title: AttrValue,
    /// Whether its text needs room.
    #[prop_or_default]
    pub(crate) wide: bool,
    /// It was closed, by its button, by Escape or by a click beside it.
    pub(crate) on_close: Callback<()>,
    /// Its contents.
    pub(crate) children: Children,
}

/// An open dialog; it is closed by no longer rendering it.
#[component]
pub(crate) fn Dialog(props: &DialogProps) -> Html {
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                // It fails only on a dialog that is open already.
                drop(dialog.show_modal());
            }
        });
    }
    let on_close = props.on_close.reform(|_: Event| ());
    let on_button = props.on_close.reform(|_: MouseEvent| ());
    let on_click = {
        let (dialog, on_close) = (dialog.clone(), props.on_close.clone());
        Callback::from(move |event: MouseEvent| {
            // The backdrop counts as the dialog; everything inside it has its own target.
            if event.target() == dialog.get().map(Into::into) {
                on_close.emit(());
            }
        })
    };
    html! {
        <dialog ref={dialog} class={classes!("dialog", props.wide.then_some("wide"))}
            aria-labelledby="dialog-title" onclose={on_close} onclick={on_click}>
            <div class="dialog-body">
                <header>
                    <h2 id="dialog-title">{ &props.title }</h2>
                    <button type="button" class="icon" aria-label="Close" onclick={on_button}>
                        { glyph(Glyph::Close) }
                    </button>
                </header>
                { props.children.clone() }
            </div>
        </dialog>
    }
}
