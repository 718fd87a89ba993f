//! The history of what clients asked and were told: a lane a client, an interval an operation, the
//! moment at which each took effect if such an order was found, and faults on the same axis.

use faultline_core::sim::OperationStep;
use web_sys::{Element, KeyboardEvent, MouseEvent};
use yew::{
    Callback, Html, Properties, classes, component, html, use_callback, use_memo, use_node_ref,
    use_state_eq,
};

use super::histogram::took_text;
use super::lanes::{Placed, end_us, focus_nth, placed};
use super::marks::{MarkLinesProps, mark_lines};
use super::verdict::verdict;
use crate::format::{count, counted, instant};
use crate::pages::lab::Intent;
use crate::shared::Shared;
use crate::stage::{micros, use_area, whole};
use crate::wire::{Frame, HistoryAnswer, HistoryOperation, HistoryView, Part, Timeline};

/// The window shows one part in so many of the horizon, by zoom.
const PARTS: [u64; 7] = [1, 2, 5, 10, 20, 50, 100];
const USUAL_ZOOM: usize = 3;
/// At most so many operations are drawn at a time.
const MOST_DRAWN: usize = 400;
/// Below this many pixels an operation has no words on it.
const LEAST_FOR_WORDS: f64 = 54.0;
/// So many faults are told in words.
const MARKS_TOLD: usize = 2;
/// A lane's height.
const LANE_PX: usize = 24;
/// So many times are named on the axis.
const TICKS: u64 = 4;

/// Properties of [`HistoryPanel`].
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct HistoryPanelProps {
    /// What clients asked and were told, once it has been heard.
    pub(crate) history: Option<Shared<HistoryView>>,
    /// If a verdict is being looked for: how many calls have been tried for it.
    pub(crate) judging: Option<u64>,
    /// The run as far as it is known.
    pub(crate) timeline: Shared<Timeline>,
    /// The world at the cursor.
    pub(crate) frame: Shared<Frame>,
    /// How long the scenario's story takes.
    pub(crate) horizon_us: u64,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// Shows the history around the cursor.
#[component]
pub(crate) fn HistoryPanel(props: &HistoryPanelProps) -> Html {
    let zoom = use_state_eq(|| USUAL_ZOOM);
    let told = use_state_eq(|| None::<u32>);
    let on_tell = {
        let told = told.setter();
        use_callback((), move |place, ()| told.set(place))
    };
    let Some(history) = &props.history else {
        return html! { <p class="hint history-empty" role="status">{ "Listening to the clients …" }</p> };
    };
    if history.operations.is_empty() {
        return html! { <p class="hint history-empty">{ "No client has asked for anything yet." }</p> };
    }
    let by = |step: isize| {
        let zoom = zoom.clone();
        let to = zoom.saturating_add_signed(step).min(PARTS.len() - 1);
        Callback::from(move |_: MouseEvent| zoom.set(to))
    };
    let window = window(props.frame.scene.now_us, props.horizon_us, history.heard_us, *zoom);
    let button = |label: &'static str, title: &'static str, step: isize, is_off: bool| {
        html! {
            <button type="button" class="icon" {title} aria-label={title} disabled={is_off}
                onclick={by(step)}>{ label }</button>
        }
    };
    html! {
        <div class="history">
            <div class="history-head">
                { verdict(history, props.judging, &props.on) }
                <div class="history-zoom" role="group" aria-label="Zoom">
                    { button("−", "Show more time", -1, *zoom == 0) }
                    { button("+", "Show less time", 1, *zoom + 1 == PARTS.len()) }
                </div>
            </div>
            <p class="history-told">{ line(props, history, *told, window) }</p>
            <Lanes history={history.clone()} timeline={props.timeline.clone()}
                frame={props.frame.clone()} {window} on_tell={on_tell} on={props.on.clone()} />
        </div>
    }
}

/// The stretch of time that is shown. Like that of the space-time diagram it moves in half-widths, so
/// that the cursor sweeps over lanes that stand still.
fn window(now_us: u64, horizon_us: u64, heard_us: u64, zoom: usize) -> (u64, u64) {
    let parts = PARTS.get(zoom).copied().unwrap_or(1);
    if parts == 1 {
        return (0, super::marks::axis_us(horizon_us, heard_us.max(now_us)));
    }
    let half_us = (horizon_us / parts / 2).max(1);
    let from_us = (now_us / half_us).saturating_sub(1) * half_us;
    (from_us, from_us + 2 * half_us)
}

/// Says what is pointed at, or else what is shown and what is not.
fn line(
    props: &HistoryPanelProps,
    history: &HistoryView,
    told: Option<u32>,
    window: (u64, u64),
) -> String {
    let told = told.and_then(|place| history.operations.iter().find(|it| it.place == place));
    if let Some(operation) = told {
        return in_words(operation, history, &props.frame);
    }
    let shown = history.operations.iter().filter(|it| is_within(it, history, window)).count();
    let sent = history.operations.len() as u64;
    let mut parts = vec![format!("{} in view", counted(shown as u64, "operation"))];
    if shown > MOST_DRAWN {
        parts.push(format!("the first {MOST_DRAWN} are drawn: zoom in for the others"));
    }
    if sent < history.total {
        let (sent, total) = (count(sent), count(history.total));
        parts.push(format!("of {total} in all, {sent} around the cursor are at hand"));
    }
    let marks = props
        .timeline
        .marks
        .iter()
        .filter(|mark| mark.is_done() && (window.0..=window.1).contains(&mark.at_us));
    let told = marks.take(MARKS_TOLD);
    parts.extend(told.map(|mark| format!("{} {}", instant(mark.at_us), mark.text)));
    parts.join("; ") + "."
}

fn is_within(it: &HistoryOperation, history: &HistoryView, (from_us, to_us): (u64, u64)) -> bool {
    it.began_us <= to_us && end_us(it, history.heard_us) >= from_us
}

/// Says all there is to say of an operation.
fn in_words(it: &HistoryOperation, history: &HistoryView, frame: &Frame) -> String {
    let node = frame.scene.nodes.get(it.client.index());
    let client = node.map(|node| node.name.clone()).unwrap_or_default();
    let answer = |it: &HistoryOperation| it.answered.clone().unwrap_or_else(|| "done".into());
    let outcome = match it.ended {
        None => format!("no answer by {}: it may have happened or not", instant(history.heard_us)),
        Some((at_us, step)) => {
            let took = took_text(at_us - it.began_us);
            match step {
                OperationStep::Succeeds => format!("{} after {took}", answer(it)),
                OperationStep::Fails => format!("failed after {took}: it did not happen"),
                OperationStep::Begins | OperationStep::IsAbandoned => {
                    format!("given up after {took}: it may have happened or not")
                }
            }
        }
    };
    let point = it
        .point_us
        .map(|at_us| format!("; in the order found it takes effect at {}", instant(at_us)));
    let part = match it.part {
        Part::Refused => "; no order explains this answer",
        Part::Concurrent => "; under way while the impossible answer came",
        Part::None => "",
    };
    let (began, point) = (instant(it.began_us), point.unwrap_or_default());
    format!("{began} {client}: {} → {outcome}{point}{part}", it.asked)
}

#[derive(Clone, PartialEq, Properties)]
struct LanesProps {
    history: Shared<HistoryView>,
    timeline: Shared<Timeline>,
    frame: Shared<Frame>,
    window: (u64, u64),
    on_tell: Callback<Option<u32>>,
    on: Callback<Intent>,
}

/// The lanes, with everything that crosses them.
#[component]
fn Lanes(props: &LanesProps) -> Html {
    let place = use_node_ref();
    let width = whole(use_area(&place).width, 8_000);
    let now_us = props.frame.scene.now_us;
    let current = use_state_eq(|| 0_usize);
    let names: Vec<String> = props
        .history
        .clients
        .iter()
        .map(|client| {
            let node = props.frame.scene.nodes.get(client.index());
            node.map(|node| node.name.clone()).unwrap_or_default()
        })
        .collect();
    let count = {
        let (history, window) = (&props.history, props.window);
        history.operations.iter().filter(|it| is_within(it, history, window)).count()
    };
    let last = count.min(MOST_DRAWN).saturating_sub(1);
    let on_key = {
        let current = current.clone();
        Callback::from(move |event: KeyboardEvent| {
            let to = match event.key().as_str() {
                "ArrowLeft" | "ArrowUp" => current.saturating_sub(1),
                "ArrowRight" | "ArrowDown" => (*current + 1).min(last),
                "Home" => 0,
                "End" => last,
                _ => return,
            };
            event.prevent_default();
            current.set(to);
            focus_nth(&event, to);
        })
    };
    let share = |at_us: u64| share(at_us, props.window);
    html! {
        <div class="history-lanes">
            <ol class="history-names" aria-hidden="true">
                { for names.iter().map(|name| html! { <li>{ name }</li> }) }
            </ol>
            <div class="history-plot" ref={place}>
                <div class="history-ops" role="group" onkeydown={on_key}
                    aria-label="Operations, in the order in which they began"
                    style={format!("height:{}px", LANE_PX * names.len().max(1))}>
                    <Operations history={props.history.clone()} names={names.clone()} {width}
                        window={props.window} current={(*current).min(last)}
                        on_tell={props.on_tell.clone()} on={props.on.clone()} />
                    { mark_lines(&MarkLinesProps {
                        timeline: props.timeline.clone(),
                        window: props.window,
                    }) }
                    <i class="history-future" style={format!("left:{:.3}%", share(now_us))} />
                    <i class="history-unheard"
                        style={format!("left:{:.3}%", share(props.history.heard_us))} />
                    <i class="history-now" style={format!("left:{:.3}%", share(now_us))} />
                </div>
                { axis(props) }
            </div>
        </div>
    }
}

/// Where a time stands in a window, in a hundred, held to its edges.
fn share(at_us: u64, (from_us, to_us): (u64, u64)) -> f64 {
    let along = micros(at_us.saturating_sub(from_us)) / micros((to_us - from_us).max(1));
    along.min(1.0) * 100.0
}

/// Names some times; a click anywhere on the axis goes there.
fn axis(props: &LanesProps) -> Html {
    let (from_us, to_us) = props.window;
    let on_click = props.on.reform(move |event: MouseEvent| {
        let axis: Option<Element> =
            event.current_target().and_then(|it| wasm_bindgen::JsCast::dyn_into(it).ok());
        let along = axis.map_or(0.0, |axis| {
            let box_ = axis.get_bounding_client_rect();
            (f64::from(event.client_x()) - box_.left()) / box_.width().max(1.0)
        });
        let thousandths = whole((along * 1_000.0).round(), 1_000);
        Intent::Seek(from_us + crate::widgets::part_of(to_us - from_us, thousandths))
    });
    let tick = |nth: u64| {
        let at_us = from_us + (to_us - from_us) / TICKS * nth;
        let style = format!("left:{:.2}%", share(at_us, props.window));
        html! { <span {style}>{ instant(at_us) }</span> }
    };
    html! {
        <div class="history-axis" aria-hidden="true" onclick={on_click}>
            { for (0..TICKS).map(tick) }
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct OperationsProps {
    history: Shared<HistoryView>,
    names: Vec<String>,
    width: u32,
    window: (u64, u64),
    current: usize,
    on_tell: Callback<Option<u32>>,
    on: Callback<Intent>,
}

/// The operations of a window. Drawn anew only when the window moves or more is heard.
#[component]
fn Operations(props: &OperationsProps) -> Html {
    let drawn = use_memo(props.clone(), |props| {
        let (history, window) = (&props.history, props.window);
        let within = history.operations.iter().filter(|it| is_within(it, history, window));
        let laned = within.take(MOST_DRAWN).filter_map(|it| {
            Some((it, history.clients.iter().position(|client| *client == it.client)?))
        });
        let (placed, rows) = placed(laned, history.clients.len(), history.heard_us);
        let drawn = placed.iter().enumerate().map(|(nth, it)| drawn(nth, it, &rows, props));
        html! { <>{ impossible(history, window) }{ for drawn }</> }
    });
    (*drawn).clone()
}

/// The stretch that no order explains.
fn impossible(history: &HistoryView, window: (u64, u64)) -> Html {
    let Some(HistoryAnswer::Impossible { from_us, to_us, .. }) =
        history.verdict.as_ref().map(|verdict| &verdict.answer)
    else {
        return Html::default();
    };
    if *to_us < window.0 || *from_us > window.1 {
        return Html::default();
    }
    let (left, right) = (share(*from_us, window), share(*to_us, window));
    let style = format!("left:{left:.3}%;width:{:.3}%", right - left);
    html! { <i class="history-impossible" {style} aria-hidden="true" /> }
}

fn drawn(nth: usize, it: &Placed<'_>, rows: &[usize], props: &OperationsProps) -> Html {
    let (operation, window) = (it.operation, props.window);
    let (left, right) = (
        share(operation.began_us, window),
        share(end_us(operation, props.history.heard_us), window),
    );
    let rows = rows.get(it.lane).copied().unwrap_or(1);
    let height = (LANE_PX - 4) / rows;
    let top = it.lane * LANE_PX + 2 + it.row * height;
    let style = format!(
        "left:{left:.3}%;width:{:.3}%;top:{top}px;height:{}px",
        right - left,
        height.saturating_sub(1)
    );
    let began_us = operation.began_us;
    let seek = props.on.reform(move |_: MouseEvent| Intent::Seek(began_us));
    let tell = |place: Option<u32>| {
        let on_tell = props.on_tell.clone();
        move || on_tell.emit(place)
    };
    let (enter, focus) = (tell(Some(operation.place)), tell(Some(operation.place)));
    let (leave, blur) = (tell(None), tell(None));
    let (outcome, sign) = outcome(operation);
    let class = classes!(
        "op",
        outcome,
        (operation.part == Part::Refused).then_some("is-refused"),
        (operation.part == Part::Concurrent).then_some("is-concurrent"),
    );
    let room = (right - left) / 100.0 * f64::from(props.width);
    let point = operation.point_us.filter(|at_us| (window.0..=window.1).contains(at_us));
    let point = point.map(|at_us| {
        let middle = top + height / 2;
        html! {
            <i class="op-point" aria-hidden="true"
                style={format!("left:{:.3}%;top:{middle}px", share(at_us, window))} />
        }
    });
    let label = label(operation, props.names.get(it.lane));
    html! {
        <>
            <button type="button" {class} {style} aria-label={label} onclick={seek}
                tabindex={if nth == props.current { "0" } else { "-1" }}
                onpointerenter={move |_| enter()} onpointerleave={move |_| leave()}
                onfocus={move |_| focus()} onblur={move |_| blur()}>
                if room > LEAST_FOR_WORDS && rows == 1 {
                    { sign }{ short_words(operation) }
                } else if room > 12.0 {
                    { sign }
                }
            </button>
            { point }
        </>
    }
}

/// The class of what came of an operation, and its sign.
fn outcome(operation: &HistoryOperation) -> (&'static str, &'static str) {
    match operation.ended.map(|(_, step)| step) {
        Some(OperationStep::Succeeds) => ("is-done", ""),
        Some(OperationStep::Fails) => ("is-failed", "✕ "),
        Some(OperationStep::IsAbandoned | OperationStep::Begins) => ("is-unknown", "? "),
        None => ("is-open", "… "),
    }
}

fn short_words(operation: &HistoryOperation) -> String {
    match &operation.answered {
        Some(answered) => format!("{} → {answered}", operation.asked),
        None => operation.asked.clone(),
    }
}

fn label(operation: &HistoryOperation, client: Option<&String>) -> String {
    let client = client.map(String::as_str).unwrap_or_default();
    let outcome = match operation.ended.map(|(_, step)| step) {
        Some(OperationStep::Succeeds) => "",
        Some(OperationStep::Fails) => ", failed",
        Some(OperationStep::IsAbandoned | OperationStep::Begins) => ", given up",
        None => ", no answer",
    };
    let part = match operation.part {
        Part::Refused => ", no order explains it",
        Part::Concurrent | Part::None => "",
    };
    let began = instant(operation.began_us);
    format!("{client}: {}{outcome}{part}, from {began}", short_words(operation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_stands_still_while_the_cursor_sweeps_half_of_it() {
        assert_eq!(window(0, 20_000, 0, USUAL_ZOOM), (0, 2_000));
        assert_eq!(window(1_500, 20_000, 0, USUAL_ZOOM), (0, 2_000));
        assert_eq!(window(2_999, 20_000, 0, USUAL_ZOOM), (1_000, 3_000));
        assert_eq!(window(2_999, 20_000, 3_000, 0), (0, 20_000));
    }

    #[test]
    fn what_lies_outside_the_window_is_held_to_its_edges() {
        assert!(share(5, (10, 20)).abs() < 1e-9);
        assert!((share(15, (10, 20)) - 50.0).abs() < 1e-9);
        assert!((share(99, (10, 20)) - 100.0).abs() < 1e-9);
    }
}
