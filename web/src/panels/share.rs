//! Passing the run on: the link is the whole run.

use gloo::timers::callback::Timeout;
use qrcodegen::{QrCode, QrCodeEcc};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::dialog::Dialog;
use crate::pages::lab::Intent;
use crate::route;
use crate::shared::Shared;
use crate::wire::Opened;

/// Longer links make codes that phones cannot read.
const LONGEST_IN_CODE: usize = 1_000;
/// How long a button says that it copied.
const COPIED_MS: u32 = 2_000;

/// What the dialog shows.
pub(crate) struct ShareProps {
    /// Scenario and setup.
    pub(crate) opened: Shared<Opened>,
    /// The fragment of the run at the cursor, once known.
    pub(crate) link: Option<AttrValue>,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// Link, code, Markdown and frame.
pub(crate) fn share_dialog(props: &ShareProps) -> Html {
    let on_close = props.on.reform(|()| Intent::Dialog(None));
    let body = match &props.link {
        None => html! { <p class="hint">{ "The engine is writing the link …" }</p> },
        Some(link) => contents(&route::address_of(link), &props.opened.card.title),
    };
    html! {
        <Dialog title="Share this run" {on_close}>
            <p>
                { "The link holds scenario, seed, knobs and everything that was done. Whoever opens \
                   it sees this run at this moment, and is told if anything differs." }
            </p>
            { body }
            <p class="hint">{ "This page sends nothing anywhere: the run is in the link." }</p>
        </Dialog>
    }
}

fn contents(address: &str, title: &str) -> Html {
    let markdown = format!("[{title}]({address})");
    let frame =
        format!(r#"<iframe src="{address}" width="960" height="640" title="{title}"></iframe>"#);
    html! {
        <div class="share">
            <div class="share-texts">
                <Copyable label="Link" text={address.to_owned()} />
                <p class="hint">{ format!("{} characters", address.len()) }</p>
                <Copyable label="Markdown" text={markdown} />
                <Copyable label="Embed" text={frame} />
            </div>
            { code(address) }
        </div>
    }
}

/// A code for the phone, if the link is short enough for one.
fn code(address: &str) -> Html {
    if address.len() >= LONGEST_IN_CODE {
        return html! { <p class="hint">{ "The link is too long for a code." }</p> };
    }
    let Ok(code) = QrCode::encode_text(address, QrCodeEcc::Low) else { return Html::default() };
    let size = code.size();
    let dark = (0..size).flat_map(|y| (0..size).map(move |x| (x, y)));
    let squares = dark.filter(|(x, y)| code.get_module(*x, *y));
    let path: Vec<String> = squares.map(|(x, y)| format!("M{x} {y}h1v1h-1z")).collect();
    html! {
        <svg class="code" viewBox={format!("-3 -3 {0} {0}", size + 6)} role="img"
            aria-label="The link as a code for a camera" shape-rendering="crispEdges">
            <rect x="-3" y="-3" width="100%" height="100%" fill="#ffffff" />
            <path d={path.concat()} fill="#000000" />
        </svg>
    }
}

#[derive(Properties, PartialEq)]
struct CopyableProps {
    label: AttrValue,
    text: AttrValue,
}

#[component]
fn Copyable(props: &CopyableProps) -> Html {
    let field = use_node_ref();
    let is_copied = use_state_eq(|| false);
    let forgets = use_mut_ref(|| None::<Timeout>);
    let on_click = {
        let (field, text, is_copied) = (field.clone(), props.text.clone(), is_copied.setter());
        Callback::from(move |_: MouseEvent| {
            // Where the clipboard is closed to pages, the text is at least selected.
            if let Some(field) = field.cast::<HtmlInputElement>() {
                field.select();
            }
            let (text, is_copied, forgets) = (text.clone(), is_copied.clone(), forgets.clone());
            spawn_local(async move {
                let clipboard = gloo::utils::window().navigator().clipboard();
                if JsFuture::from(clipboard.write_text(&text)).await.is_ok() {
                    is_copied.set(true);
                    let reset = Timeout::new(COPIED_MS, move || is_copied.set(false));
                    forgets.replace(Some(reset));
                }
            });
        })
    };
    html! {
        <label class="copyable">
            <span class="label">{ &props.label }</span>
            <span class="copy-row">
                <input ref={field} type="text" readonly=true value={props.text.clone()} />
                <button type="button" class="button" onclick={on_click}
                    aria-label={format!("Copy: {}", props.label)}>
                    { if *is_copied { "Copied" } else { "Copy" } }
                </button>
            </span>
        </label>
    }
}
