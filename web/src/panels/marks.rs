//! A sign at each node that is not the same in two runs: a shape, not a colour.
//!
//! The stage is drawn without knowing of it: the signs lie over it, where its nodes are on screen,
//! and follow them when it is resized, moved or zoomed.

use std::rc::Rc;

use faultline_core::sim::NodeId;
use gloo::timers::callback::Interval;
use web_sys::Element;
use yew::prelude::*;

use crate::shared::Shared;
use crate::wire::Frame;

/// How often it is looked whether the nodes have moved on screen.
const LOOK_EVERY_MS: u32 = 200;

/// What is marked.
#[derive(Properties, PartialEq)]
pub(crate) struct MarksProps {
    /// The nodes.
    pub(crate) nodes: Rc<[NodeId]>,
    /// The world on the stage: when it changes, nodes may stand elsewhere.
    pub(crate) frame: Shared<Frame>,
}

/// The signs. They lie in the same box as the stage.
#[component]
pub(crate) fn Marks(props: &MarksProps) -> Html {
    let root = use_node_ref();
    let places = use_state_eq(Vec::new);
    {
        let (root, places, nodes) = (root.clone(), places.setter(), props.nodes.clone());
        use_effect_with((props.nodes.clone(), props.frame.clone()), move |_| {
            let look = move || places.set(measure(&root, &nodes));
            look();
            let watch = Interval::new(LOOK_EVERY_MS, look);
            move || drop(watch)
        });
    }
    let sign = |(x, y): &(i32, i32)| {
        let style = format!("left:{x}px;top:{y}px");
        html! { <span class="difference-mark" {style}>{ "≠" }</span> }
    };
    html! {
        <div class="difference-marks" ref={root} aria-hidden="true">
            { for places.iter().map(sign) }
        </div>
    }
}

/// Finds where the nodes' upper right corners are, in whole pixels of the box.
#[expect(clippy::cast_possible_truncation, reason = "a screen has far fewer pixels than 2^31")]
fn measure(root: &NodeRef, nodes: &[NodeId]) -> Vec<(i32, i32)> {
    let Some(root) = root.cast::<Element>() else { return Vec::new() };
    let Some(stage) = root.parent_element() else { return Vec::new() };
    let origin = root.get_bounding_client_rect();
    let place = |node: &NodeId| {
        let shape = stage.query_selector(&format!("[data-node=\"{}\"]", node.0)).ok()??;
        let area = shape.get_bounding_client_rect();
        let (x, y) = (area.right() - origin.left(), area.top() - origin.top());
        Some((x.round() as i32, y.round() as i32))
    };
    nodes.iter().filter_map(place).collect()
}
