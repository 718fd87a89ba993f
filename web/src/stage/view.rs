//! How the viewer looks at the stage: camera, and nodes put elsewhere by hand.
//!
//! Both are the stage's own business. They change with every move of a finger, and nothing else on
//! the page is drawn anew for that.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::rc::Rc;

use faultline_core::sim::NodeId;
use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Storage, WheelEvent};
use yew::{AttrValue, NodeRef, UseStateSetter, hook, use_effect_with, use_mut_ref, use_state_eq};

use super::camera::{Camera, ZOOM_STEP};
use super::geometry::Point;
use super::layout::{Area, Layout, Moved};

/// At most this many nodes are kept where they were put.
const MOST_KEPT: usize = 200;
/// So many pixels of a wheel make everything twice as large.
const PIXELS_A_DOUBLING: f64 = 420.0;
/// A wheel that reports lines or pages instead of pixels: how many pixels one of them is.
const PIXELS_A_LINE: f64 = 32.0;

/// A wish to come closer or go further away.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Zoom {
    /// Closer.
    In,
    /// Further away.
    Out,
    /// All of it.
    #[default]
    Fit,
}

/// A value that callbacks read and change between two drawings: several fingers move faster than a
/// screen is drawn.
pub(crate) struct Latest<T: 'static> {
    value: Rc<RefCell<T>>,
    shown: UseStateSetter<T>,
}

impl<T> Clone for Latest<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), shown: self.shown.clone() }
    }
}

impl<T: Clone> Latest<T> {
    /// Returns the value.
    pub(crate) fn get(&self) -> T {
        self.value.borrow().clone()
    }

    /// Changes it, and has it drawn.
    pub(crate) fn set(&self, value: T) {
        self.value.replace(value.clone());
        self.shown.set(value);
    }
}

/// Camera and moved nodes, as shown and as they are by now.
pub(crate) struct View {
    pub(crate) camera: Camera,
    pub(crate) moved: Rc<Moved>,
    pub(crate) hold: Hold,
}

/// What hands take hold of.
#[derive(Clone)]
pub(crate) struct Hold {
    pub(crate) camera: Latest<Camera>,
    pub(crate) moved: Latest<Rc<Moved>>,
    /// Names the row under which this browser keeps where nodes were put.
    row: AttrValue,
}

impl Hold {
    /// Puts a node at a point of the stage, no further than its edge.
    pub(crate) fn put(&self, node: NodeId, at: Point, area: Area) {
        let share = |length: f64, whole: f64| (length / whole.max(1.0)).clamp(0.02, 0.98);
        let mut moved = (*self.moved.get()).clone();
        if moved.len() < MOST_KEPT || moved.contains_key(&node) {
            moved.insert(node, Point::new(share(at.x, area.width), share(at.y, area.height)));
            self.moved.set(Rc::new(moved));
        }
    }

    /// Has the browser remember where nodes were put, until it is closed.
    pub(crate) fn remember(&self) {
        if let (Some(storage), false) = (storage(), self.row.is_empty()) {
            // Where a browser keeps nothing, nodes stay in place as long as the page is open.
            drop(storage.set_item(&key(&self.row), &written(&self.moved.get())));
        }
    }

    /// Puts all nodes back.
    pub(crate) fn arrange(&self) {
        self.moved.set(Rc::default());
        self.remember();
    }

    /// Comes closer or goes further away, around the middle of the screen.
    pub(crate) fn zoom(&self, wish: Zoom, layout: &Layout) {
        let middle = Point::new(layout.area.width / 2.0, layout.area.height / 2.0);
        let by = |factor| self.camera.get().zoomed(layout.area, factor, middle, layout.most_zoom());
        self.camera.set(match wish {
            Zoom::In => by(ZOOM_STEP),
            Zoom::Out => by(1.0 / ZOOM_STEP),
            Zoom::Fit => Camera::default(),
        });
    }
}

/// Returns how the viewer looks at the stage of `row`.
#[hook]
pub(crate) fn use_view(row: &AttrValue) -> View {
    let camera = use_state_eq(Camera::default);
    let moved = {
        let row = row.clone();
        use_state_eq(move || Rc::new(recalled(&row)))
    };
    let (latest_camera, latest_moved) = {
        let (camera, moved) = ((*camera), (*moved).clone());
        (use_mut_ref(move || camera), use_mut_ref(move || moved))
    };
    let hold = Hold {
        camera: Latest { value: latest_camera, shown: camera.setter() },
        moved: Latest { value: latest_moved, shown: moved.setter() },
        row: row.clone(),
    };
    {
        let hold = hold.clone();
        use_effect_with(row.clone(), move |row| {
            hold.camera.set(Camera::default());
            hold.moved.set(Rc::new(recalled(row)));
        });
    }
    View { camera: *camera, moved: (*moved).clone(), hold }
}

/// Hears wishes to zoom, and the wheel over the stage.
#[hook]
pub(crate) fn use_zooming(hold: &Hold, wish: (u32, Zoom), root: &NodeRef, layout: &Rc<Layout>) {
    {
        let (hold, layout) = (hold.clone(), layout.clone());
        use_effect_with(wish, move |&(nth, wish)| {
            if nth > 0 {
                hold.zoom(wish, &layout);
            }
        });
    }
    let latest = use_mut_ref(|| layout.clone());
    latest.replace(layout.clone());
    let (hold, root) = (hold.clone(), root.clone());
    use_effect_with((), move |()| {
        let listener = root.cast::<Element>().map(|element| {
            // A listener of its own: those of the page's root cannot keep the page from scrolling.
            let options = EventListenerOptions::enable_prevent_default();
            let measured = element.clone();
            EventListener::new_with_options(&element, "wheel", options, move |event| {
                if let Some(event) = event.dyn_ref::<WheelEvent>() {
                    event.prevent_default();
                    turn(&hold, event, &measured, &latest.borrow());
                }
            })
        });
        move || drop(listener)
    });
}

fn turn(hold: &Hold, event: &WheelEvent, element: &Element, layout: &Layout) {
    let corner = element.get_bounding_client_rect();
    let anchor = Point::new(
        f64::from(event.client_x()) - corner.left(),
        f64::from(event.client_y()) - corner.top(),
    );
    let unit = if event.delta_mode() == WheelEvent::DOM_DELTA_PIXEL { 1.0 } else { PIXELS_A_LINE };
    // A pinch on a touch pad comes as a wheel with Ctrl, in smaller steps.
    let unit = if event.ctrl_key() { unit * 3.0 } else { unit };
    let factor = (-event.delta_y() * unit / PIXELS_A_DOUBLING).clamp(-1.0, 1.0).exp2();
    let camera = hold.camera.get().zoomed(layout.area, factor, anchor, layout.most_zoom());
    hold.camera.set(camera);
}

fn storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}

fn key(row: &str) -> String {
    format!("faultline.places.{row}")
}

fn recalled(row: &str) -> Moved {
    let kept = storage().filter(|_| !row.is_empty());
    let text = kept.and_then(|storage| storage.get_item(&key(row)).ok().flatten());
    text.map(|text| read(&text)).unwrap_or_default()
}

fn written(moved: &Moved) -> String {
    let mut text = String::new();
    for (node, at) in moved {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}:{:.4},{:.4};", node.0, at.x, at.y);
    }
    text
}

/// Reads what [`written`] wrote; what is malformed is left out.
fn read(text: &str) -> Moved {
    let place = |part: &str| {
        let (node, at) = part.split_once(':')?;
        let (x, y) = at.split_once(',')?;
        let share = |text: &str| text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
        Some((NodeId(node.parse().ok()?), Point::new(share(x)?, share(y)?)))
    };
    text.split(';').filter_map(place).take(MOST_KEPT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_were_written() {
        let places = [(NodeId(0), Point::new(0.25, 0.5)), (NodeId(17), Point::new(0.02, 0.98))];
        let moved = Moved::from(places);
        assert_eq!(read(&written(&moved)), moved);
        assert!(read("").is_empty());
        assert!(read("x:0.1,0.2;3:0.1;4:7,0.1;5:0.1,NaN").is_empty());
    }
}
