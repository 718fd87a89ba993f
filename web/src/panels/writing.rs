//! The texts that nodes keep, to type in: one area a node, side by side, with a switch that takes it offline.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use faultline_core::sim::{Action, Edits, InputValue, InputView, NodeId};
use faultline_core::view::{Document, NodeScene, Scene, Status};
use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::draft::{Draft, characters_before, units_before};
use crate::format::capitalized;
use crate::pages::lab::Intent;
use crate::shared::Shared;
use crate::wire::{Command, Frame, Opened, Typed};

/// What is typed is sent when nothing more has come for so long.
const REST_MS: f64 = 400.0;
/// What is typed is sent after this time at the latest.
const LONGEST_MS: f64 = 1_500.0;

/// What can be typed in.
#[derive(Properties, PartialEq)]
pub(crate) struct WritingProps {
    /// Scenario and setup.
    pub(crate) opened: Shared<Opened>,
    /// The world at the cursor.
    pub(crate) frame: Shared<Frame>,
    /// Whether the film runs.
    pub(crate) plays: bool,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// A node's text.
#[derive(Clone, PartialEq)]
struct Page {
    node: NodeId,
    name: AttrValue,
    label: AttrValue,
    text: AttrValue,
    /// The command that edits it, and what that takes.
    command: u16,
    input: InputView,
    /// Why it can't be edited.
    reason: Option<String>,
    is_offline: bool,
}

/// All texts that a command can edit; nothing where there is none.
#[component]
pub(crate) fn Writing(props: &WritingProps) -> Html {
    let WritingProps { opened, frame, on, .. } = props;
    let numbers = use_memo((), |()| Cell::new(0_u32));
    let switched = use_mut_ref(BTreeSet::new);
    let is_open = use_state_eq(has_room);
    let pages: Vec<Page> = frame
        .scene
        .texts()
        .filter_map(|(document, node)| page_of(opened, &frame.scene, document, node))
        .collect();
    if pages.is_empty() {
        return Html::default();
    }
    let toggle = {
        let is_open = is_open.clone();
        move |_: MouseEvent| is_open.set(!*is_open)
    };
    let page = |page: Page| {
        let switch = {
            let (frame, on, switched, node) =
                (frame.clone(), on.clone(), switched.clone(), page.node);
            Callback::from(move |()| {
                let actions = switch(&frame.scene, node, &mut switched.borrow_mut());
                on.emit(Intent::Do(actions));
            })
        };
        let key = page.node.0;
        html! {
            <TextPage {key} {page} typed={frame.typed} run={opened.clone()}
                numbers={numbers.clone()} {switch} on={on.clone()} />
        }
    };
    html! {
        <section class="writing" aria-label="Texts to type in">
            <header>
                <button type="button" class="chip" aria-expanded={is_open.to_string()}
                    onclick={toggle}>{ "Type in the texts" }</button>
                if *is_open {
                    <p class="hint">
                        { if props.plays { "What you type now travels while the film runs." }
                          else { "The film stands. Play, and what you type travels to the others." } }
                    </p>
                }
            </header>
            if *is_open { <div class="text-pages">{ for pages.into_iter().map(page) }</div> }
        </section>
    }
}

fn has_room() -> bool {
    let query = gloo::utils::window().match_media("(min-width: 760px) and (min-height: 780px)");
    query.ok().flatten().is_some_and(|query| query.matches())
}

/// Returns a text if a command edits it.
fn page_of(opened: &Opened, scene: &Scene, document: &Document, node: NodeId) -> Option<Page> {
    let edits = |(_, it): &(u16, &_)| edits_at(it, node);
    let (command, view) = (0..).zip(&opened.commands).find(edits)?;
    let keeper = scene.nodes.iter().find(|it| it.id == node)?;
    Some(Page {
        node,
        name: keeper.name.clone().into(),
        label: document.label.clone().into(),
        text: document.text().into(),
        command,
        input: view.input.clone(),
        reason: why_not(keeper),
        is_offline: is_offline(scene, node),
    })
}

fn edits_at(command: &faultline_core::sim::CommandView, node: NodeId) -> bool {
    command.input.is_edit() && command.nodes.contains(&node)
}

fn why_not(keeper: &NodeScene) -> Option<String> {
    match keeper.status {
        Status::Up => None,
        Status::Paused => Some(format!("{} is paused.", keeper.name)),
        Status::Down => Some(format!("{} is down.", keeper.name)),
    }
}

fn is_cut(scene: &Scene, one: NodeId, other: NodeId) -> bool {
    let is_way = |from, to| scene.cuts.iter().any(|cut| (cut.from, cut.to) == (from, to));
    is_way(one, other) && is_way(other, one)
}

/// Returns true if a node reaches no other and none reaches it.
fn is_offline(scene: &Scene, node: NodeId) -> bool {
    let mut others = scene.nodes.iter().filter(|it| it.id != node).peekable();
    others.peek().is_some() && others.all(|it| is_cut(scene, node, it.id))
}

/// Returns what takes a node offline, or back: to all but those that were themselves `switched` off.
fn switch(scene: &Scene, node: NodeId, switched: &mut BTreeSet<NodeId>) -> Vec<Action> {
    switched.retain(|&it| is_offline(scene, it));
    if !is_offline(scene, node) {
        switched.insert(node);
        return vec![Action::Partition(vec![node])];
    }
    switched.remove(&node);
    let others = || scene.nodes.iter().map(|it| it.id).filter(|&it| it != node);
    let mut back: Vec<NodeId> = others().filter(|it| !switched.contains(it)).collect();
    if back.is_empty() {
        back = others().collect();
    }
    let mend =
        |other| [Action::Mend { from: node, to: other }, Action::Mend { from: other, to: node }];
    back.into_iter().flat_map(mend).collect()
}

#[derive(Properties, PartialEq)]
struct TextPageProps {
    page: Page,
    /// Up to which edit that was sent the text is known.
    typed: u32,
    /// The run.
    run: Shared<Opened>,
    /// Gives each edit of any page a number.
    numbers: Rc<Cell<u32>>,
    /// Takes the node offline, or back.
    switch: Callback<()>,
    on: Callback<Intent>,
}

/// One text.
#[component]
fn TextPage(props: &TextPageProps) -> Html {
    let TextPageProps { page, on, .. } = props;
    let area = use_node_ref();
    let draft = use_mut_ref(Draft::default);
    let said = use_state_eq(String::new);
    use_text(props, &area, &draft);
    let send = sending(props, &draft);
    let on_input = use_typing(props, &draft, said.setter(), send.clone());
    let on_key = on_key(&draft, on);
    use_input_method(&area, &draft, send.clone());
    let id = format!("text-of-{}", page.node.0);
    let says = format!("{id}-says");
    let flip = props.switch.reform(|_: MouseEvent| ());
    let on_blur = send.reform(|_: FocusEvent| ());
    let sentence = page.reason.clone().unwrap_or_else(|| (*said).clone());
    html! {
        <div class="text-page">
            <div class="text-head">
                <label for={id.clone()}>{ &page.label }</label>
                <button type="button" class="chip" aria-pressed={page.is_offline.to_string()}
                    aria-label={format!("Offline: {}", page.name)} onclick={flip}>{ "Offline" }</button>
            </div>
            <textarea ref={area} {id} rows="3" spellcheck="false" autocomplete="off"
                readonly={page.reason.is_some()} aria-describedby={says.clone()} oninput={on_input}
                onkeydown={on_key} onblur={on_blur} />
            <p class="hint" id={says} role="status">{ sentence }</p>
        </div>
    }
}

/// Keeps the area at the text as the engine tells it, with what is typed in it.
#[hook]
fn use_text(props: &TextPageProps, area: &NodeRef, draft: &Rc<RefCell<Draft>>) {
    let (area, draft) = (area.clone(), draft.clone());
    {
        let draft = draft.clone();
        use_effect_with(props.run.clone(), move |_| draft.borrow_mut().begin_anew());
    }
    use_effect_with((props.page.text.clone(), props.typed), move |(text, typed)| {
        let change = draft.borrow_mut().hear(text, *typed);
        if let Some(area) = area.cast::<HtmlTextAreaElement>() {
            change_text(&area, &draft.borrow(), change);
        }
    });
}

/// Shows the draft after a change; the cursor stays between the letters between which it was.
fn change_text(area: &HtmlTextAreaElement, draft: &Draft, change: Option<Edits>) {
    let Some(change) = change else { return };
    let before = area.value();
    let place = |units: Option<u32>| {
        let place = change.moved(characters_before(&before, units.unwrap_or_default()));
        units_before(draft.text(), place)
    };
    let start = place(area.selection_start().ok().flatten());
    let end = place(area.selection_end().ok().flatten());
    let scrolled = area.scroll_top();
    area.set_value(draft.text());
    drop(area.set_selection_range(start, end));
    area.set_scroll_top(scrolled);
}

/// Leaves the area alone while an input method is at work in it.
#[hook]
fn use_input_method(area: &NodeRef, draft: &Rc<RefCell<Draft>>, send: Callback<()>) {
    let (area, draft) = (area.clone(), draft.clone());
    use_effect_with((), move |()| {
        let area = area.cast::<HtmlTextAreaElement>();
        let hear = |area: HtmlTextAreaElement, name: &'static str, is_composing: bool| {
            let (draft, send, shown) = (draft.clone(), send.clone(), area.clone());
            EventListener::new(&area, name, move |_| {
                draft.borrow_mut().is_composing = is_composing;
                let change = draft.borrow_mut().take_in();
                change_text(&shown, &draft.borrow(), change);
                send.emit(());
            })
        };
        let listeners = area.map(|area| {
            [hear(area.clone(), "compositionstart", true), hear(area, "compositionend", false)]
        });
        move || drop(listeners)
    });
}

/// Returns what sends what was typed.
fn sending(props: &TextPageProps, draft: &Rc<RefCell<Draft>>) -> Callback<()> {
    let (draft, numbers, on) = (draft.clone(), props.numbers.clone(), props.on.clone());
    let (command, node) = (props.page.command, props.page.node);
    Callback::from(move |()| {
        let request = numbers.get() + 1;
        let sent = draft.borrow_mut().send(request);
        if let Some((seen, wanted)) = sent {
            numbers.set(request);
            on.emit(Intent::Type(Typed { request, command, node, seen, wanted }));
        }
    })
}

/// Takes in what is typed, and has it sent when the viewer rests.
#[hook]
fn use_typing(
    props: &TextPageProps,
    draft: &Rc<RefCell<Draft>>,
    said: UseStateSetter<String>,
    send: Callback<()>,
) -> Callback<InputEvent> {
    let timer = use_mut_ref(|| None::<Timeout>);
    let since_ms = use_mut_ref(|| None::<f64>);
    let (draft, input) = (draft.clone(), props.page.input.clone());
    Callback::from(move |event: InputEvent| {
        let area = event.target_unchecked_into::<HtmlTextAreaElement>();
        let why_not = |edit| input.why_not(&InputValue::Edit(edit));
        let written = draft.borrow_mut().write(area.value(), why_not);
        let reason = written.err();
        if reason.is_some() {
            let change = Edits::between(&area.value(), draft.borrow().text());
            change_text(&area, &draft.borrow(), Some(change));
        }
        said.set(reason.map(|it| format!("{}.", capitalized(&it))).unwrap_or_default());
        let now_ms = js_sys::Date::now();
        let waited_ms = now_ms - *since_ms.borrow_mut().get_or_insert(now_ms);
        let (send, since_ms) = (send.clone(), since_ms.clone());
        let later = move || {
            since_ms.replace(None);
            send.emit(());
        };
        let wait_ms = REST_MS.min(LONGEST_MS - waited_ms).max(0.0);
        timer.replace(Some(Timeout::new(whole(wait_ms), later)));
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a second or two")]
fn whole(ms: f64) -> u32 {
    ms as u32
}

/// Undoing takes back what was typed last, also after it has become part of the run.
fn on_key(draft: &Rc<RefCell<Draft>>, on: &Callback<Intent>) -> Callback<KeyboardEvent> {
    let (draft, on) = (draft.clone(), on.clone());
    Callback::from(move |event: KeyboardEvent| {
        if !(event.ctrl_key() || event.meta_key()) || event.alt_key() {
            return;
        }
        let is_redo = match event.key().as_str() {
            "z" | "Z" => event.shift_key(),
            "y" => true,
            _ => return,
        };
        event.prevent_default();
        let change = if is_redo { None } else { draft.borrow_mut().take_back() };
        if change.is_some() {
            let area = event.target_unchecked_into::<HtmlTextAreaElement>();
            change_text(&area, &draft.borrow(), change);
        } else {
            on.emit(Intent::Ask(if is_redo { Command::Redo } else { Command::Undo }));
        }
    })
}
