//! The canvas of the diagram: drawn anew when what it shows changes, not when time goes by.

use std::collections::BTreeSet;
use std::rc::Rc;

use web_sys::HtmlCanvasElement;
use yew::{Html, Properties, component, html, use_effect_with, use_node_ref};

use super::painter::Picture;
use super::plan::Plan;
use super::scale::{BOTTOM, Scale};
use crate::preferences::Theme;
use crate::shared::Shared;
use crate::stage::{Palette, cleared};
use crate::wire::SpaceTime;

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

/// Draws events and messages.
#[component]
pub(super) fn Drawing(props: &DrawingProps) -> Html {
    let place = use_node_ref();
    {
        let place = place.clone();
        use_effect_with(props.clone(), move |props| paint(&place, props));
    }
    let height = props.scale.bottom() + BOTTOM;
    html! {
        <canvas class="st-canvas" ref={place} aria-hidden="true"
            style={format!("width:{}px;height:{height}px", props.scale.width)} />
    }
}

fn paint(place: &yew::NodeRef, props: &DrawingProps) {
    let Some(element) = place.cast::<HtmlCanvasElement>() else { return };
    let (width, height) = (props.scale.width, props.scale.bottom() + BOTTOM);
    let context = cleared(&element, width, height);
    let (Some(context), Some(palette)) = (context, Palette::of(&element)) else { return };
    let picture = Picture {
        spacetime: &props.spacetime,
        plan: &props.plan,
        scale: &props.scale,
        lit: props.lit.as_deref(),
        selected: props.selected,
        hits: &props.hits,
        chains: &props.chains,
        by_request: props.by_request.as_deref(),
    };
    let started_ms = crate::stage::now_ms();
    let count = picture.paint(&context, &palette);
    // For whoever measures: how much was drawn, and how long that took.
    let took_ms = crate::stage::now_ms() - started_ms;
    drop(element.set_attribute("data-events", &count.to_string()));
    drop(element.set_attribute("data-ms", &format!("{took_ms:.1}")));
}
