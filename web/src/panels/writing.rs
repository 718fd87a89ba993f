//! The texts that nodes keep, to type in: one area a node, side by side, with a switch that takes it offline.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use faultline_core::sim::{Edits, InputValue, InputView, NodeId};
use faultline_core::view::{Document, NodeScene, Scene, Status};
use gloo::events::{EventListener, EventListenerOptions};
use gloo::timers::callback::Timeout;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::draft::{Draft, characters_before, units_before};
use super::offline::Links;
use super::unsent;
use crate::format::capitalized;
use crate::pages::lab::Intent;
use crate::shared::Shared;
use crate::wire::{Command, Frame, Opened, Timeline, Typed};

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
    /// What is done to it.
    pub(crate) timeline: Shared<Timeline>,
    /// Whether the engine is lost.
    pub(crate) is_lost: bool,
    /// Whether the film runs.
    pub(crate) plays: bool,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// A node's text.
#[derive(Clone, PartialEq)]
struct NodeText {
    node: NodeId,
    name: AttrValue,
    label: AttrValue,
    text: AttrValue,
    /// The command that edits it, and what that takes.
    command: u16,
    input: InputView,
    /// Why it can't be edited.
    reason: Option<String>,
}

/// All texts that a command can edit; nothing where there is none.
#[component]
pub(crate) fn Writing(props: &WritingProps) -> Html {
    let WritingProps { opened, frame, on, .. } = props;
    // Where it comes back, the engine knows of what was typed before.
    let typed_up_to = frame.typed_up_to;
    let numbers = use_memo((), move |()| Cell::new(typed_up_to));
    let is_open = use_state_eq(has_room);
    let done = props.timeline.actions.iter().take(frame.actions as usize);
    let links = Links::of(&frame.scene);
    let switched = links.switched(done.map(|it| &it.action));
    let texts: Vec<NodeText> = frame
        .scene
        .texts()
        .filter_map(|(document, node)| text_of(opened, &frame.scene, document, node))
        .collect();
    if texts.is_empty() {
        return Html::default();
    }
    let toggle = {
        let is_open = is_open.clone();
        move |_: MouseEvent| is_open.set(!*is_open)
    };
    let area = |text: NodeText| {
        let is_offline = switched.contains(&text.node);
        let switch = {
            let (actions, on) = (links.switch(text.node, &switched), on.clone());
            Callback::from(move |()| on.emit(Intent::Do(actions.clone())))
        };
        let (key, run) = (text.node.0, AttrValue::from(unsent::run_of(opened)));
        html! {
            <TextArea {key} {text} {run} {is_offline} typed_up_to={frame.typed_up_to}
                is_lost={props.is_lost} numbers={numbers.clone()} {switch} on={on.clone()} />
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
                          else { "The film stands: play, and what you type travels." } }
                        { " Ctrl+Z takes back the run's last change." }
                    </p>
                }
            </header>
            if *is_open { <div class="text-pages">{ for texts.into_iter().map(area) }</div> }
        </section>
    }
}

fn has_room() -> bool {
    let query = gloo::utils::window().match_media("(min-width: 760px) and (min-height: 780px)");
    query.ok().flatten().is_some_and(|query| query.matches())
}

/// Returns a text if a command edits it.
fn text_of(opened: &Opened, scene: &Scene, document: &Document, node: NodeId) -> Option<NodeText> {
    let edits = |(_, it): &(u16, &_)| edits_at(it, node);
    let (command, view) = (0..).zip(&opened.commands).find(edits)?;
    let keeper = scene.nodes.iter().find(|it| it.id == node)?;
    Some(NodeText {
        node,
        name: keeper.name.clone().into(),
        label: document.label.clone().into(),
        text: document.text().into(),
        command,
        input: view.input.clone(),
        reason: why_not(keeper),
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

#[derive(Properties, PartialEq)]
struct TextAreaProps {
    text: NodeText,
    /// Names the run in what is kept of it.
    run: AttrValue,
    /// Whether the node was taken offline.
    is_offline: bool,
    /// Up to which edit that was sent the text is known.
    typed_up_to: u32,
    /// Whether the engine is lost.
    is_lost: bool,
    /// Gives each edit of any text a number.
    numbers: Rc<Cell<u32>>,
    /// Takes the node offline, or back.
    switch: Callback<()>,
    on: Callback<Intent>,
}

/// What a viewer types with in one text.
#[derive(Clone)]
struct Pen {
    area: NodeRef,
    draft: Rc<RefCell<Draft>>,
    input: InputView,
    /// Says why something was refused.
    said: UseStateSetter<String>,
    /// Sends what waits.
    send: Callback<()>,
}

impl Pen {
    /// Takes in what stands in the area, unless that is too much at once.
    fn take_in(&self) {
        let Some(area) = self.area.cast::<HtmlTextAreaElement>() else { return };
        let why_not = |edit| self.input.why_not(&InputValue::Edit(edit));
        let write = || self.draft.borrow_mut().write(area.value(), why_not);
        let mut written = write();
        if written.is_err() {
            // What waits may be what makes it too much.
            self.send.emit(());
            written = write();
        }
        let reason = written.err();
        if reason.is_some() {
            let change = Edits::between(&area.value(), self.draft.borrow().text());
            change_text(&area, &self.draft.borrow(), Some(change));
        }
        self.said.set(reason.map(|it| format!("{}.", capitalized(&it))).unwrap_or_default());
    }
}

/// One text.
#[component]
fn TextArea(props: &TextAreaProps) -> Html {
    let TextAreaProps { text, on, is_offline, .. } = props;
    let area = use_node_ref();
    let draft = use_mut_ref(Draft::default);
    let said = use_state_eq(String::new);
    use_text(props, &area, &draft);
    let send = sending(props, &draft);
    let (input, said_now) = (text.input.clone(), said.setter());
    let pen = Pen { area: area.clone(), draft, input, said: said_now, send: send.clone() };
    use_input_method(&pen);
    use_kept(props);
    use_leaving(props, &pen);
    let on_input = use_typing(&pen);
    let on_key = on_key(&send, on);
    let id = format!("text-of-{}", text.node.0);
    let says = format!("{id}-says");
    let flip = props.switch.reform(|_: MouseEvent| ());
    let on_blur = send.reform(|_: FocusEvent| ());
    let sentence = text.reason.clone().unwrap_or_else(|| (*said).clone());
    html! {
        <div class="text-page">
            <div class="text-head">
                <label for={id.clone()}>{ &text.label }</label>
                <button type="button" class="chip" aria-pressed={is_offline.to_string()}
                    aria-label={format!("Offline: {}", text.name)} onclick={flip}>{ "Offline" }</button>
            </div>
            <textarea ref={area} {id} rows="3" spellcheck="false" autocomplete="off"
                readonly={text.reason.is_some()} aria-describedby={says.clone()} oninput={on_input}
                onkeydown={on_key} onblur={on_blur} />
            <p class="hint" id={says} role="status">{ sentence }</p>
        </div>
    }
}

/// Keeps the area at the text as the engine tells it, with what is typed in it.
#[hook]
fn use_text(props: &TextAreaProps, area: &NodeRef, draft: &Rc<RefCell<Draft>>) {
    let (area, draft) = (area.clone(), draft.clone());
    let told = (props.text.text.clone(), props.typed_up_to, props.is_lost);
    use_effect_with(told, move |(text, typed_up_to, is_lost)| {
        if *is_lost {
            draft.borrow_mut().begin_anew();
        }
        let change = draft.borrow_mut().hear(text, *typed_up_to);
        if let Some(area) = area.cast::<HtmlTextAreaElement>() {
            change_text(&area, &draft.borrow(), change);
        }
    });
}

/// Types what was kept of this run when the page went: whenever another run is open than before.
#[hook]
fn use_kept(props: &TextAreaProps) {
    let (node, command) = (props.text.node, props.text.command);
    let (numbers, on) = (props.numbers.clone(), props.on.clone());
    use_effect_with(props.run.clone(), move |run| {
        if let Some((seen, wanted)) = unsent::take(run, node) {
            let request = numbers.get() + 1;
            numbers.set(request);
            on.emit(Intent::Type(Typed { request, command, node, seen, wanted }));
        }
    });
}

/// Sends what waits before anything on the page is pressed, which may lead to another time of the run: an
/// area loses the focus only after that. What waits when the page goes is kept for the run that is open then.
#[hook]
fn use_leaving(props: &TextAreaProps, pen: &Pen) {
    let (send, draft, node) = (pen.send.clone(), pen.draft.clone(), props.text.node);
    use_effect_with((), move |()| {
        let press = EventListener::new_with_options(
            &gloo::utils::document(),
            "pointerdown",
            EventListenerOptions::run_in_capture_phase(),
            move |_| send.emit(()),
        );
        move || drop(press)
    });
    use_effect_with(props.run.clone(), move |run| {
        let leave = |name: &'static str, is_gone: bool| {
            let (run, draft) = (run.clone(), draft.clone());
            EventListener::new(&gloo::utils::window(), name, move |_| {
                let draft = draft.borrow();
                unsent::keep(&run, node, draft.unsent().filter(|_| is_gone));
            })
        };
        // A page that comes back as it was has it still.
        let listeners = [leave("pagehide", true), leave("pageshow", false)];
        move || drop(listeners)
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
    let direction = area.selection_direction().ok().flatten().unwrap_or_else(|| "none".into());
    let scrolled = area.scroll_top();
    area.set_value(draft.text());
    drop(area.set_selection_range_with_direction(start, end, &direction));
    area.set_scroll_top(scrolled);
}

/// Leaves the area alone while an input method is at work in it.
#[hook]
fn use_input_method(pen: &Pen) {
    let pen = pen.clone();
    use_effect_with((), move |()| {
        let area = pen.area.cast::<HtmlTextAreaElement>();
        let listeners = area.map(|area| {
            let begun = {
                let draft = pen.draft.clone();
                move |_: &Event| draft.borrow_mut().is_composing = true
            };
            let shown = area.clone();
            let ended = move |_: &Event| {
                pen.draft.borrow_mut().is_composing = false;
                // Some browsers say only after this that there was input.
                pen.take_in();
                let change = pen.draft.borrow_mut().take_in();
                change_text(&shown, &pen.draft.borrow(), change);
                pen.send.emit(());
            };
            [
                EventListener::new(&area, "compositionstart", begun),
                EventListener::new(&area, "compositionend", ended),
            ]
        });
        move || drop(listeners)
    });
}

/// Returns what sends what was typed.
fn sending(props: &TextAreaProps, draft: &Rc<RefCell<Draft>>) -> Callback<()> {
    let (draft, numbers, on) = (draft.clone(), props.numbers.clone(), props.on.clone());
    let (command, node) = (props.text.command, props.text.node);
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
fn use_typing(pen: &Pen) -> Callback<InputEvent> {
    let timer = use_mut_ref(|| None::<Timeout>);
    let since_ms = use_mut_ref(|| None::<f64>);
    let pen = pen.clone();
    Callback::from(move |_: InputEvent| {
        pen.take_in();
        let now_ms = js_sys::Date::now();
        let waited_ms = now_ms - *since_ms.borrow_mut().get_or_insert(now_ms);
        let (send, since_ms) = (pen.send.clone(), since_ms.clone());
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

/// Undoing and redoing are the run's: what waits is sent first, and so is what is undone.
fn on_key(send: &Callback<()>, on: &Callback<Intent>) -> Callback<KeyboardEvent> {
    let (send, on) = (send.clone(), on.clone());
    Callback::from(move |event: KeyboardEvent| {
        let is_command = event.ctrl_key() || event.meta_key();
        if !is_command || event.alt_key() || event.is_composing() {
            return;
        }
        let command = match event.key().as_str() {
            "z" | "Z" if event.shift_key() => Command::Redo,
            "z" | "Z" => Command::Undo,
            "y" => Command::Redo,
            _ => return,
        };
        event.prevent_default();
        send.emit(());
        on.emit(Intent::Ask(command));
    })
}
