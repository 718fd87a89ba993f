//! The diagram itself: what is in view, and what a pointer does.

use std::rc::Rc;

use faultline_core::sim::{NodeId, Step};
use web_sys::{Element, MouseEvent, PointerEvent, WheelEvent};
use yew::{
    Callback, Html, Properties, classes, component, html, use_effect_with, use_memo, use_node_ref,
    use_state_eq,
};

use super::backdrop::{Backdrop, moment};
use super::canvas::Drawing;
use super::causes;
use super::listed::Listed;
use super::plan::{Order, Plan};
use super::requests;
use super::scale::{Scale, Sheet, TOP, least_height};
use super::tools;
use super::view::{Ground, View, Way};
use super::words;
use crate::format::instant;
use crate::pages::lab::{Intent, Trace, TraceIntent};
use crate::preferences::Theme;
use crate::shared::Shared;
use crate::stage::{hue_class, px, use_area, use_settled};
use crate::wire::{Command, Timeline};
use faultline_core::order::set_of;

/// Properties of [`SpaceTimeView`].
#[derive(Clone, PartialEq, Properties)]
pub(crate) struct SpaceTimeViewProps {
    /// What happened, what is selected and what was found.
    pub(crate) trace: Shared<Trace>,
    /// Faults, violations and the like.
    pub(crate) timeline: Shared<Timeline>,
    /// The nodes' names, by identity.
    pub(crate) names: Vec<String>,
    /// The epoch that each node is in at the cursor, by identity.
    pub(crate) epochs: Vec<Option<u64>>,
    /// How many events have happened at the cursor.
    pub(crate) event: u32,
    /// True time at the cursor; what comes after it is dimmed.
    pub(crate) now_us: u64,
    /// How long the story takes.
    pub(crate) horizon_us: u64,
    /// Colours change with it.
    pub(crate) theme: Theme,
    /// Where wishes go.
    pub(crate) on: Callback<Intent>,
}

/// Draws what happened where and when.
#[component]
pub(crate) fn SpaceTimeView(props: &SpaceTimeViewProps) -> Html {
    let SpaceTimeViewProps { trace, names, on, .. } = props;
    let place = use_node_ref();
    let area = use_area(&place);
    let view = use_state_eq(View::default);
    let hovered = use_state_eq(|| None::<(f64, f64)>);
    let set_view = {
        let view = view.setter();
        Callback::from(move |changed| view.set(changed))
    };
    let plan = use_memo(
        (trace.spacetime.clone(), view.order, trace.selected),
        |(spacetime, order, open)| Plan::new(spacetime, *order, *open),
    );
    let lit = use_memo((trace.spacetime.clone(), trace.selected), |(spacetime, selected)| {
        selected.and_then(|selected| causes::lit(spacetime, selected))
    });
    let chains = use_memo((trace.spacetime.clone(), view.hidden.clone()), |(all, hidden)| {
        causes::through_hidden(all, hidden)
    });
    let hits = use_memo(trace.found.clone(), |found| {
        let hits = found.iter().flat_map(|found| &found.hits);
        let event = |step| if let Step::Event(event) = step { Some(event) } else { None };
        set_of(hits.filter_map(|hit| event(hit.step)))
    });
    let cursor = plan.cursor(props.event, props.now_us);
    let sheet = Sheet::new((area.width, area.height), names);
    let window = view.window(&plan, cursor, &sheet, props.horizon_us);
    let scale = Scale::new(window, sheet, names.len(), &view.hidden);
    use_reveal(&view, &set_view, &scale, trace.selected.and_then(|it| plan.place(it)), cursor);
    let ground = Rc::new((trace.spacetime.clone(), plan.clone(), scale.clone()));
    let on_click = on_click(&ground, &place, on);
    let on_hover = {
        let (hovered, place) = (hovered.setter(), place.clone());
        Callback::from(move |event: PointerEvent| hovered.set(point(&place, &event)))
    };
    let on_leave = {
        let hovered = hovered.setter();
        Callback::from(move |_: PointerEvent| hovered.set(None))
    };
    let on_wheel = on_wheel(&view, &set_view, &scale);
    let lowest = least_height(scale.lanes.len(), view.by_request);
    let is_wide_enough = sheet.room() > 20.0;
    let lanes: Vec<_> = scale.lanes.iter().filter_map(|id| Some((*id, scale.y_of(*id)?))).collect();
    html! {
        <div class="st">
            { tools::tools(&view, names, &trace.spacetime, &set_view) }
            <div class="spacetime" ref={place} style={format!("min-height:{lowest}px")}
                onpointermove={on_hover} onpointerleave={on_leave} onclick={on_click}
                onwheel={on_wheel}>
                if is_wide_enough {
                    <Backdrop timeline={props.timeline.clone()} spacetime={trace.spacetime.clone()}
                        plan={plan.clone()} scale={scale.clone()} />
                    <Drawing spacetime={trace.spacetime.clone()} plan={plan.clone()}
                        scale={scale.clone()} {lit} selected={trace.selected} {hits} {chains}
                        by_request={view.by_request.then(|| names.clone())} theme={props.theme} />
                    { cursors(&ground, cursor, *hovered, props) }
                }
                { list(props, &ground, &view) }
                { tools::heads(&view, names, (&lanes, &scale), &set_view) }
                <Words trace={trace.clone()} timeline={props.timeline.clone()} names={names.clone()}
                    epochs={props.epochs.clone()} window={times_of(&ground)} />
            </div>
            if view.by_request { { requests::key(&trace.spacetime, &plan, &scale, names) } }
            { tools::selection(trace, on) }
        </div>
    }
}

type Shown = (Shared<crate::wire::SpaceTime>, Rc<Plan>, Scale);

fn ground(shown: &Shown) -> Ground<'_> {
    let (spacetime, plan, scale) = shown;
    Ground { spacetime, plan, scale }
}

/// Moves the window to an event that was selected out of view, and back to a cursor that leaves it.
#[yew::hook]
fn use_reveal(
    view: &View,
    set: &Callback<View>,
    scale: &Scale,
    selected: Option<f64>,
    cursor: f64,
) {
    let go = {
        let (view, set, scale) = (view.clone(), set.clone(), scale.clone());
        move |place: f64, centre: Option<f64>| {
            let is_measured = scale.sheet.room() > 20.0;
            if is_measured && !scale.shows(place, place) {
                set.emit(View { centre, ..view });
            }
        }
    };
    {
        let go = go.clone();
        use_effect_with(selected, move |selected| {
            if let Some(place) = *selected {
                go(place, Some(place));
            }
        });
    }
    use_effect_with(cursor, move |cursor| go(*cursor, None));
}

/// Selects the event under the pointer; where there is none, goes to that moment.
fn on_click(
    shown: &Rc<Shown>,
    place: &yew::NodeRef,
    on: &Callback<Intent>,
) -> Callback<MouseEvent> {
    let (shown, place, on) = (shown.clone(), place.clone(), on.clone());
    Callback::from(move |event: MouseEvent| {
        if is_on_control(&event) {
            return;
        }
        let Some((x, y)) = point(&place, &event) else { return };
        let here = ground(&shown);
        if let Some(number) = here.event_near(x, y) {
            on.emit(Intent::Trace(TraceIntent::Select(Some(number))));
        } else if x >= here.scale.sheet.left {
            let at = here.scale.place(x);
            on.emit(match here.plan.order() {
                Order::Real => Intent::Seek(moment(at)),
                Order::Logical => match here.plan.event_at(at) {
                    Some(event) => Intent::Ask(Command::SeekEvent { event }),
                    None => Intent::Seek(0),
                },
            });
        }
    })
}

/// Moves along with a wheel; with Ctrl held down, goes nearer or farther.
fn on_wheel(view: &View, set: &Callback<View>, scale: &Scale) -> Callback<WheelEvent> {
    let (view, set) = (view.clone(), set.clone());
    let (unit, middle) = (scale.unit(), f64::midpoint(scale.from, scale.to));
    Callback::from(move |event: WheelEvent| {
        if event.ctrl_key() {
            event.prevent_default();
            set.emit(view.zoomed(event.delta_y() < 0.0));
        } else if event.delta_x().abs() > event.delta_y().abs() || event.shift_key() {
            event.prevent_default();
            let moved = if event.delta_x() == 0.0 { event.delta_y() } else { event.delta_x() };
            set.emit(View { centre: Some(middle + moved / unit.max(1e-9)), ..view.clone() });
        }
    })
}

fn is_on_control(event: &MouseEvent) -> bool {
    let target: Option<Element> =
        event.target().and_then(|it| wasm_bindgen::JsCast::dyn_into(it).ok());
    target.is_some_and(|it| it.closest("button").ok().flatten().is_some())
}

/// Returns where a pointer is, from the diagram's upper left corner.
fn point(place: &yew::NodeRef, event: &MouseEvent) -> Option<(f64, f64)> {
    let box_ = place.cast::<Element>()?.get_bounding_client_rect();
    Some((f64::from(event.client_x()) - box_.left(), f64::from(event.client_y()) - box_.top()))
}

/// Returns the time on screen, what comes after it, and what is under the pointer.
fn cursors(
    shown: &Shown,
    cursor: f64,
    hovered: Option<(f64, f64)>,
    props: &SpaceTimeViewProps,
) -> Html {
    let scale = &shown.2;
    let inside = cursor.clamp(scale.from, scale.to);
    let left = |x: f64| format!("left:{}px", px(x));
    let Sheet { left: first, width, .. } = scale.sheet;
    let last = first + scale.sheet.room();
    let hovered = hovered.filter(|(x, y)| (first..=last).contains(x) && *y >= TOP);
    let hovered = hovered.and_then(|(x, y)| Some((x, under(shown, x, y, &props.names)?)));
    html! {
        <div class="st-cursors" aria-hidden="true">
            <i class="st-future" style={format!("{};right:{}px", left(scale.x(inside)), px(width - last))} />
            if scale.shows(cursor, cursor) {
                <i class="st-now" style={left(scale.x(inside))} />
                { own_epochs(scale, scale.x(inside), &props.epochs) }
            }
            if let Some((x, words)) = hovered {
                <i class={if x > width / 2.0 { "st-hovered is-right" } else { "st-hovered" }}
                    style={left(x)}><b>{ words }</b></i>
            }
        </div>
    }
}

/// Returns at the cursor, on each lane, the epoch that its node is in: not all are in the highest.
fn own_epochs(scale: &Scale, x: f64, epochs: &[Option<u64>]) -> Html {
    let class = if x > scale.sheet.width - 80.0 { "st-own-epoch is-left" } else { "st-own-epoch" };
    let own = |id: &NodeId| {
        let (epoch, y) = (epochs.get(id.index()).copied().flatten()?, scale.y_of(*id)?);
        let style = format!("left:{}px;top:{}px", px(x), px(y));
        Some(html! { <b class={classes!(class, hue_class(epoch))} {style}>{ epoch }</b> })
    };
    html! { <>{ for scale.lanes.iter().filter_map(own) }</> }
}

/// Says what is under the pointer: an event, or a time.
fn under(shown: &Shown, x: f64, y: f64, names: &[String]) -> Option<String> {
    let here = ground(shown);
    let event =
        |number: u32| here.spacetime.events.get(number.checked_sub(here.spacetime.first)? as usize);
    if let Some(number) = here.event_near(x, y) {
        let said = words::event_of(here.spacetime, (number, event(number)?), names);
        return Some(match here.plan.fold(number) {
            Some(count) => format!("{said} (the first of {count} alike)"),
            None => said,
        });
    }
    let place = here.scale.place(x);
    let at_us = match here.plan.order() {
        Order::Real => moment(place),
        Order::Logical => event(here.plan.event_at(place)?)?.at_us,
    };
    Some(instant(at_us))
}

/// Returns from when to when the window shows something.
fn times_of(shown: &Shown) -> (u64, u64) {
    let (spacetime, plan, scale) = shown;
    if plan.order() == Order::Real {
        return (moment(scale.from), moment(scale.to));
    }
    let time = |place: f64| {
        let event = plan.event_at(place)?.checked_sub(spacetime.first)?;
        spacetime.events.get(event as usize).map(|event| event.at_us)
    };
    (time(scale.from).unwrap_or(0), time(scale.to).unwrap_or(0))
}

/// Returns the list that has the focus and says the events in words.
fn list(props: &SpaceTimeViewProps, shown: &Rc<Shown>, view: &View) -> Html {
    let SpaceTimeViewProps { trace, names, on, event, .. } = props;
    let select = |number| Intent::Trace(TraceIntent::Select(number));
    let (selected, before) = (trace.selected, event.saturating_sub(1));
    let on_move = {
        let (shown, on) = (shown.clone(), on.clone());
        Callback::from(move |way: Way| {
            let from = selected.unwrap_or(before);
            // The first press chooses the event at the cursor.
            let is_first = selected.is_none() && matches!(way, Way::Next | Way::Previous);
            let to = if is_first { Some(from) } else { ground(&shown).neighbour(from, way) };
            if to.is_some() {
                on.emit(select(to));
            }
        })
    };
    let on_go = {
        let on = on.clone();
        Callback::from(move |()| {
            if let Some(event) = selected {
                on.emit(Intent::Ask(Command::SeekEvent { event }));
            }
        })
    };
    let on_leave = on.reform(move |()| select(None));
    html! {
        <Listed spacetime={trace.spacetime.clone()} names={names.clone()}
            hidden={view.hidden.iter().copied().collect::<Vec<_>>()}
            around={selected.unwrap_or(before)} {selected} {on_move} {on_go} {on_leave} />
    }
}

#[derive(Clone, PartialEq, Properties)]
struct WordsProps {
    trace: Shared<Trace>,
    timeline: Shared<Timeline>,
    names: Vec<String>,
    epochs: Vec<Option<u64>>,
    window: (u64, u64),
}

/// Says what the diagram shows.
#[component]
fn Words(props: &WordsProps) -> Html {
    let props = use_settled(&Rc::new(props.clone()));
    let mut lines = words::summary(&props.trace.spacetime, &props.timeline.marks, props.window);
    lines.extend(words::own_epochs(&props.names, &props.epochs));
    html! {
        <ul class="visually-hidden" aria-label="The space-time diagram in words">
            { for lines.into_iter().map(|line| html! { <li>{ line }</li> }) }
        </ul>
    }
}
