//! The stage's own buttons: closer, further away, all of it, and nodes back in their places. Beside
//! them stands what holds for the whole stage, where it covers nobody.

use std::rc::Rc;

use yew::{AttrValue, Callback, Html, MouseEvent, Properties, component, html};

use super::layout::Layout;
use super::notes::Notes;
use super::view::{Hold, Zoom};
use crate::shared::Shared;
use crate::wire::Frame;

/// A way to look at the world through one node's eyes.
#[derive(Clone, PartialEq)]
pub(crate) struct Eye {
    /// The node.
    pub(crate) name: AttrValue,
    /// Whether it is looked through.
    pub(crate) is_on: bool,
    /// Hears whether it is to be.
    pub(crate) on_watch: Callback<bool>,
}

/// Properties of [`Tools`].
#[derive(Properties)]
pub(crate) struct ToolsProps {
    pub(crate) hold: Hold,
    pub(crate) layout: Rc<Layout>,
    /// Whether all is seen as at the beginning.
    pub(crate) is_usual: bool,
    /// Whether any node was moved.
    pub(crate) is_moved: bool,
    /// For the selected node.
    pub(crate) eye: Option<Eye>,
    /// The world on the stage, whose notes stand beside the buttons.
    pub(crate) frame: Shared<Frame>,
}

impl PartialEq for ToolsProps {
    fn eq(&self, other: &Self) -> bool {
        // What the hold leads to is the same as long as the stage is.
        Rc::ptr_eq(&self.layout, &other.layout)
            && (self.is_usual, self.is_moved) == (other.is_usual, other.is_moved)
            && self.eye == other.eye
            && self.frame == other.frame
    }
}

/// Draws the buttons.
#[component]
pub(crate) fn Tools(props: &ToolsProps) -> Html {
    html! {
        <div class="stage-tools">
            <div class="stage-view" role="group" aria-label="View">
                { buttons(props) }
            </div>
            <Notes frame={props.frame.clone()} is_crowd={!props.layout.groups.is_empty()} />
        </div>
    }
}

fn buttons(props: &ToolsProps) -> Html {
    let zoom = |wish: Zoom| {
        let (hold, layout) = (props.hold.clone(), props.layout.clone());
        Callback::from(move |_: MouseEvent| hold.zoom(wish, &layout))
    };
    let arrange = {
        let hold = props.hold.clone();
        Callback::from(move |_: MouseEvent| hold.arrange())
    };
    html! {<>
            <button type="button" class="chip" title="Further away (−)" aria-label="Zoom out"
                onclick={zoom(Zoom::Out)}>{ "−" }</button>
            <button type="button" class="chip" title="Closer (+)" aria-label="Zoom in"
                onclick={zoom(Zoom::In)}>{ "+" }</button>
            if !props.is_usual {
                <button type="button" class="chip" title="Show all of the stage (0)"
                    onclick={zoom(Zoom::Fit)}>{ "Fit" }</button>
            }
            if props.is_moved {
                <button type="button" class="chip" title="Put all nodes back in their places"
                    onclick={arrange}>{ "Arrange" }</button>
            }
            if let Some(eye) = &props.eye { { eye_button(eye) } }
    </>}
}

fn eye_button(eye: &Eye) -> Html {
    let is_on = eye.is_on;
    let toggle = eye.on_watch.reform(move |_: MouseEvent| !is_on);
    html! {
        <button type="button" class="chip eye" aria-pressed={is_on.to_string()} onclick={toggle}
            title="Grey out all that this node cannot know (Y)">
            { format!("Only what {} knows", eye.name) }
        </button>
    }
}
