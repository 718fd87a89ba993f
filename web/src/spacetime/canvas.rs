//! The canvas of the diagram: drawn anew when what it shows changes, not when time goes by.
//!
//! With hundreds of lanes the diagram is taller than its panel. The canvas is as tall as what is
//! seen of it and follows when that is scrolled: what nobody sees costs nothing.

use std::collections::BTreeSet;
use std::rc::Rc;

use gloo::events::EventListener;
use web_sys::{Element, HtmlCanvasElement};
use yew::{Html, NodeRef, Properties, component, html, use_effect_with, use_mut_ref, use_node_ref};

use super::painter::Picture;
use super::plan::Plan;
use super::scale::{BOTTOM, Scale};
use crate::preferences::Theme;
use crate::shared::Shared;
use crate::stage::{Observation, Palette, cleared, now_ms, px};
use crate::wire::SpaceTime;

/// The browser is asked for colours and places at most this often while neither is said to change: it
/// has to lay the page out to answer.
const KNOWN_MS: f64 = 1_000.0;

/// What is drawn.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct DrawingProps {
    pub(super) spacetime: Shared<SpaceTime>,
    pub(super) plan: Rc<Plan>,
    pub(super) scale: Scale,
    pub(super) lit: Rc<Option<Vec<bool>>>,
    pub(super) selected: Option<u32>,
    pub(super) hits: Rc<BTreeSet<u32>>,
    pub(super) chains: Rc<Vec<(usize, usize)>>,
    /// The nodes' names, if colours and dashes tell requests apart.
    pub(super) by_request: Option<Vec<String>>,
    /// Colours change with it.
    pub(super) theme: Theme,
}

/// What was drawn last, and with which colours and where, read when.
#[derive(Default)]
struct Last {
    props: Option<DrawingProps>,
    palette: Option<(Palette, f64)>,
    seen: Option<(Seen, f64)>,
}

/// What is seen of a diagram.
#[derive(Clone, Copy, PartialEq)]
struct Seen {
    /// How tall all of it is.
    whole: f64,
    /// Where what is seen begins.
    top: f64,
    /// How tall that is.
    height: f64,
}

/// Draws events and messages.
#[component]
pub(super) fn Drawing(props: &DrawingProps) -> Html {
    let place = use_node_ref();
    let last = use_mut_ref(Last::default);
    {
        let (place, last) = (place.clone(), last.clone());
        use_effect_with(props.clone(), move |props| {
            let mut last = last.borrow_mut();
            if last.props.as_ref().is_some_and(|before| before.theme != props.theme) {
                last.palette = None;
            }
            last.props = Some(props.clone());
            last.paint(&place);
        });
    }
    {
        let place = place.clone();
        use_effect_with((), move |()| {
            let again = {
                let place = place.clone();
                move || {
                    let mut last = last.borrow_mut();
                    last.seen = None;
                    last.paint(&place);
                }
            };
            let scroller = place.cast::<Element>().as_ref().and_then(scroller);
            let heard = scroller.map(|scroller| {
                let resized = Observation::start(&scroller, again.clone());
                (resized, EventListener::new(&scroller, "scroll", move |_| again()))
            });
            move || drop(heard)
        });
    }
    html! { <canvas class="st-canvas" ref={place} aria-hidden="true" /> }
}

/// Returns the element in which the diagram is scrolled.
fn scroller(canvas: &Element) -> Option<Element> {
    canvas.closest(".strip-body").ok().flatten()
}

impl Last {
    fn paint(&mut self, place: &NodeRef) {
        let (Some(props), Some(element)) = (&self.props, place.cast::<HtmlCanvasElement>()) else {
            return;
        };
        let started_ms = now_ms();
        let is_new = |read_ms: f64| started_ms - read_ms <= KNOWN_MS;
        if self.palette.as_ref().is_none_or(|(_, read_ms)| !is_new(*read_ms)) {
            self.palette = Palette::of(&element).map(|palette| (palette, started_ms));
        }
        let Some((palette, _)) = &self.palette else { return };
        let (width, whole) = (props.scale.sheet.width, props.scale.bottom() + BOTTOM);
        let is_same = |seen: &Seen| seen.whole.to_bits() == whole.to_bits();
        let known = self.seen.filter(|(seen, read_ms)| is_same(seen) && is_new(*read_ms));
        let (seen, _) =
            *self.seen.insert(known.unwrap_or_else(|| (seen(&element, whole), started_ms)));
        let Seen { top, height, .. } = seen;
        let style = format!("width:{}px;height:{}px;top:{}px", px(width), px(height), px(top));
        if element.get_attribute("style").as_ref() != Some(&style) {
            drop(element.set_attribute("style", &style));
        }
        let Some(context) = cleared(&element, width, height) else { return };
        // Fails only for what is no number.
        let _ = context.translate(0.0, -top);
        let picture = Picture {
            spacetime: &props.spacetime,
            plan: &props.plan,
            scale: &props.scale,
            seen: (top, top + height),
            lit: props.lit.as_deref(),
            selected: props.selected,
            hits: &props.hits,
            chains: &props.chains,
            by_request: props.by_request.as_deref(),
        };
        let count = picture.paint(&context, palette);
        // For whoever measures: how much was drawn, and how long that took.
        let took_ms = now_ms() - started_ms;
        drop(element.set_attribute("data-events", &count.to_string()));
        drop(element.set_attribute("data-ms", &format!("{took_ms:.1}")));
    }
}

/// Returns what is seen of the diagram.
fn seen(canvas: &Element, whole: f64) -> Seen {
    let Some(scroller) = scroller(canvas) else { return Seen { whole, top: 0.0, height: whole } };
    let height = f64::from(scroller.client_height()).min(whole);
    // Other things may stand above the diagram in what is scrolled: a run's name, a phone's tools.
    let top = |element: &Element| element.get_bounding_client_rect().top();
    let diagram = canvas.parent_element();
    let above =
        diagram.map_or(0.0, |it| top(&scroller) + f64::from(scroller.client_top()) - top(&it));
    Seen { whole, top: above.clamp(0.0, whole - height), height }
}
