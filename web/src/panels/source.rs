//! The scenario's own files and those that it shares with others, as they were compiled, with the
//! handler that just ran.

use std::rc::Rc;

use faultline_core::sim::{EventKind, TextKind, TextLine};
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;
use yew::prelude::*;

use super::handler::{self, Handler};
use super::scroll::reveal;
use crate::fetch;

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub(crate) struct SourceProps {
    /// The files' addresses, the main one first.
    pub(crate) addresses: Rc<[String]>,
    /// What kind of event happened last, if the last step was one.
    pub(crate) last: Option<EventKind>,
    /// That event in words.
    pub(crate) caption: Vec<TextLine>,
}

/// The texts of the scenario's own files, in the order of their addresses.
type Texts = Rc<Vec<String>>;

/// Where the files lie that several scenarios share.
const SHARED: &str = "sources/mechanism/";

/// The text of a shared file, by its address; there is none until it has come.
type Shared = Option<(String, Result<AttrValue, AttrValue>)>;

/// Fetches a shared file when it is chosen.
#[hook]
fn use_shared(address: Option<&String>) -> Shared {
    let shared = use_state(|| None::<(String, Result<AttrValue, AttrValue>)>);
    let setter = shared.setter();
    let wanted = address.filter(|address| address.starts_with(SHARED)).cloned();
    use_effect_with(wanted, move |wanted| {
        if let Some(address) = wanted.clone() {
            spawn_local(async move {
                let text = fetch::text(&address).await;
                let text = text.map(AttrValue::from).map_err(AttrValue::from);
                setter.set(Some((address, text)));
            });
        }
    });
    let shown = (*shared).clone();
    shown.filter(|(of, _)| Some(of) == address)
}

/// The files, fetched when they are looked at; the handler of the last event is marked.
#[component]
pub(crate) fn SourcePanel(props: &SourceProps) -> Html {
    let texts = use_state(|| None::<Result<Texts, AttrValue>>);
    let chosen = use_state_eq(|| 0);
    let place = use_node_ref();
    {
        let texts = texts.setter();
        use_effect_with(props.addresses.clone(), move |addresses| {
            texts.set(None);
            let own = addresses.iter().filter(|it| !it.starts_with(SHARED));
            let own: Vec<String> = own.cloned().collect();
            spawn_local(async move { texts.set(Some(fetch_all(&own).await)) });
        });
    }
    let shared = use_shared(props.addresses.get(*chosen));
    let handler = match &*texts {
        Some(Ok(texts)) => handler_of(texts, props),
        Some(Err(_)) | None => None,
    };
    {
        // The file of what just ran comes to the front; whoever chooses another one keeps it until
        // the next step.
        let (chosen, place) = (chosen.setter(), place.clone());
        use_effect_with((handler.clone(), props.caption.clone()), move |(handler, _)| {
            if let Some(handler) = handler {
                chosen.set(handler.file);
                show(&place);
            }
        });
    }
    {
        let place = place.clone();
        use_effect_with(*chosen, move |_| show(&place));
    }
    let body = match (&*texts, props.addresses.get(*chosen)) {
        (_, None) => html! {
            <p class="hint">{ "This scenario's file is not served with this page." }</p>
        },
        (None, _) => html! { <p class="hint">{ "Fetching the file …" }</p> },
        (Some(Err(sentence)), _) => html! { <p role="alert">{ sentence }</p> },
        (Some(Ok(_)), Some(address)) if address.starts_with(SHARED) => match shared {
            None => html! { <p class="hint">{ "Fetching the file …" }</p> },
            Some((_, Err(sentence))) => html! { <p role="alert">{ sentence }</p> },
            Some((_, Ok(text))) => html! {
                <>
                    <p class="hint">
                        { "What runs is this, compiled; other scenarios run it too. " }
                        <a href={address.clone()}>{ "Open it alone" }</a>
                    </p>
                    <Listing {text} place={place} handler={None::<Handler>} />
                </>
            },
        },
        (Some(Ok(texts)), Some(address)) => html! {
            <>
                <p class="hint">
                    { "What runs is this, compiled. " }
                    <a href={address.clone()}>{ "Open it alone" }</a>
                    { said(handler.as_ref(), &props.addresses) }
                </p>
                <Listing text={AttrValue::from(texts.get(*chosen).cloned().unwrap_or_default())}
                    place={place}
                    handler={handler.filter(|it| it.file == *chosen)} />
            </>
        },
    };
    let file = |(index, file): (usize, &String)| {
        let chosen = chosen.clone();
        let is_on = index == *chosen;
        let choose = Callback::from(move |_: MouseEvent| chosen.set(index));
        html! {
            <button type="button" class="chip" aria-pressed={is_on.to_string()} onclick={choose}>
                { name_of(file) }
            </button>
        }
    };
    html! {
        <section class="section grow">
            if props.addresses.len() > 1 {
                <div class="files" role="group" aria-label="Files">
                    { for props.addresses.iter().enumerate().map(file) }
                </div>
            }
            { body }
        </section>
    }
}

async fn fetch_all(addresses: &[String]) -> Result<Texts, AttrValue> {
    let mut texts = Vec::new();
    for address in addresses {
        texts.push(fetch::text(address).await?);
    }
    Ok(Rc::new(texts))
}

fn handler_of(texts: &Texts, props: &SourceProps) -> Option<Handler> {
    let event = props.caption.iter().find(|line| line.kind == TextKind::Event)?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    handler::find(&texts, props.last?, &event.text)
}

fn name_of(address: &str) -> &str {
    let own = || address.rsplit('/').next().unwrap_or(address);
    address.strip_prefix(SHARED).unwrap_or_else(own)
}

/// Says which handler ran.
fn said(handler: Option<&Handler>, addresses: &[String]) -> String {
    let Some(handler) = handler else { return String::new() };
    let file = addresses.get(handler.file).map_or("", |address| name_of(address));
    let (from, _) = handler.arm.unwrap_or(handler.lines);
    format!(" · What just ran: {} in {file}, line {}.", handler.function, from + 1)
}

/// Brings the marked lines into view.
fn show(place: &NodeRef) {
    let Some(listing) = place.cast::<Element>() else { return };
    let marked = listing.query_selector(".is-arm").ok().flatten();
    let marked = marked.or_else(|| listing.query_selector(".is-handler").ok().flatten());
    if let (Some(marked), Ok(Some(list))) = (marked, listing.closest(".side-body")) {
        reveal(&list, &marked, 0.0);
    }
}

/// What is listed.
#[derive(Properties, PartialEq)]
struct ListingProps {
    text: AttrValue,
    place: NodeRef,
    handler: Option<Handler>,
}

/// The lines of a file.
#[component]
fn Listing(props: &ListingProps) -> Html {
    let is_within = |at: usize, lines: Option<handler::Lines>| {
        lines.is_some_and(|(from, to)| (from..to).contains(&at))
    };
    let handler = props.handler.as_ref();
    let line = |(at, line): (usize, &str)| {
        let class = classes!(
            "src-line",
            is_within(at, handler.map(|it| it.lines)).then_some("is-handler"),
            is_within(at, handler.and_then(|it| it.arm)).then_some("is-arm")
        );
        html! { <span {class}>{ for tokens(line).into_iter().map(token) }{ "\n" }</span> }
    };
    html! {
        <pre class="source" ref={props.place.clone()} tabindex="0" aria-label="Source">
            <code class="source-lines">{ for props.text.lines().enumerate().map(line) }</code>
        </pre>
    }
}

fn token((text, class): (&str, Option<&'static str>)) -> Html {
    match class {
        Some(class) => html! { <span {class}>{ text }</span> },
        None => html! { text },
    }
}

/// The words with a meaning of their own that say how a line is built.
const KEYWORDS: [&str; 24] = [
    "as", "break", "const", "continue", "crate", "else", "enum", "false", "fn", "for", "if",
    "impl", "in", "let", "loop", "match", "mod", "mut", "pub", "return", "self", "struct", "true",
    "use",
];

/// Splits a line into pieces that look different: comments, strings, keywords, and all else.
fn tokens(line: &str) -> Vec<(&str, Option<&'static str>)> {
    let mut pieces: Vec<(&str, Option<&'static str>)> = Vec::new();
    let mut rest = line;
    // What looks like nothing in particular is one piece.
    let mut plain_from = 0;
    while !rest.is_empty() {
        let at = line.len() - rest.len();
        let (length, class) = first_token(rest);
        let (piece, later) = rest.split_at(length);
        if class.is_some() {
            pieces
                .extend(line.get(plain_from..at).filter(|it| !it.is_empty()).map(|it| (it, None)));
            pieces.push((piece, class));
            plain_from = at + length;
        }
        rest = later;
    }
    pieces.extend(line.get(plain_from..).filter(|it| !it.is_empty()).map(|it| (it, None)));
    pieces
}

/// Returns how long the first piece is, in bytes, and how it looks.
fn first_token(text: &str) -> (usize, Option<&'static str>) {
    if text.starts_with("//") {
        return (text.len(), Some("src-comment"));
    }
    if text.starts_with('"') {
        let mut is_escaped = false;
        let end = text.char_indices().skip(1).find(|&(_, letter)| {
            let ends = letter == '"' && !is_escaped;
            is_escaped = letter == '\\' && !is_escaped;
            ends
        });
        return (end.map_or(text.len(), |(at, _)| at + 1), Some("src-string"));
    }
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let length = text.find(|letter| !is_word(letter)).unwrap_or(text.len());
    if length == 0 {
        return (text.chars().next().map_or(1, char::len_utf8), None);
    }
    let is_keyword = text.get(..length).is_some_and(|word| KEYWORDS.contains(&word));
    (length, is_keyword.then_some("src-keyword"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_into_what_looks_different_and_nothing_is_lost() {
        let line = r#"    let text = "a \" // b"; // why"#;
        let pieces = tokens(line);
        let expected = [
            ("    ", None),
            ("let", Some("src-keyword")),
            (" text = ", None),
            (r#""a \" // b""#, Some("src-string")),
            ("; ", None),
            ("// why", Some("src-comment")),
        ];
        assert_eq!(pieces, expected);
        let pieces: String = tokens("'é' → letter").into_iter().map(|(piece, _)| piece).collect();
        assert_eq!(pieces, "'é' → letter");
    }
}
