//! What the viewer does on the stage: press, press long, drag a line, use the keyboard.
//!
//! All of it is heard at the stage's root, because a message on its way is no element that could
//! hear anything, and a node should look the same whoever listens.

use std::cell::RefCell;
use std::rc::Rc;

use faultline_core::sim::NodeId;
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, KeyboardEvent, MouseEvent, PointerEvent};
use yew::{Callback, NodeRef, UseStateHandle};

use super::geometry::Point;
use super::hit::{hit, node_at, side_of_line};
use super::layout::Layout;
use super::painter::Painter;
use crate::selection::Selection;

/// A press this long opens the menu.
const LONG_PRESS_MS: u32 = 500;
/// A press that moves further than this is a drag.
const STEADY: f64 = 8.0;
/// A line shorter than this was not meant to cut anything.
const SHORTEST_LINE: f64 = 24.0;

/// The press under way.
#[derive(Default)]
pub(crate) struct Press {
    start: Option<Point>,
    has_moved: bool,
    is_spent: bool,
    /// Opens the menu if nothing comes before.
    long: Option<Timeout>,
}

/// Hears everything, and says what is meant.
#[derive(Clone)]
pub(crate) struct Hands {
    pub(crate) root: NodeRef,
    pub(crate) layout: Rc<Layout>,
    pub(crate) painter: Rc<RefCell<Painter>>,
    pub(crate) links: Rc<Vec<(NodeId, NodeId)>>,
    /// Whether a line is to be drawn across the stage.
    pub(crate) is_drawing: bool,
    /// The line as drawn so far.
    pub(crate) line: UseStateHandle<Option<(Point, Point)>>,
    /// The nodes chosen one by one instead.
    pub(crate) side: UseStateHandle<Vec<NodeId>>,
    pub(crate) press: Rc<RefCell<Press>>,
    pub(crate) on_select: Callback<Option<Selection>>,
    pub(crate) on_menu: Callback<(Selection, f64, f64)>,
    pub(crate) on_line: Callback<Vec<NodeId>>,
}

impl Hands {
    pub(crate) fn down(&self, event: &PointerEvent) {
        if !event.is_primary() || event.button() != 0 {
            return;
        }
        let at = self.place(event);
        let mut press = self.press.borrow_mut();
        *press = Press { start: Some(at), ..Press::default() };
        if self.is_drawing {
            if let Some(root) = self.root.cast::<Element>() {
                // Without capture, the line ends at the stage's edge; nothing else is lost.
                let _ = root.set_pointer_capture(event.pointer_id());
            }
        } else if event.pointer_type() != "mouse" {
            let (hands, client) = (self.clone(), client_of(event));
            press.long = Some(Timeout::new(LONG_PRESS_MS, move || {
                hands.press.borrow_mut().is_spent = true;
                if let Some(selection) = hands.under(at) {
                    hands.on_menu.emit((selection, client.0, client.1));
                }
            }));
        }
    }

    pub(crate) fn moved(&self, event: &PointerEvent) {
        let at = self.place(event);
        let mut press = self.press.borrow_mut();
        let Some(start) = press.start else {
            drop(press);
            self.point_out(at);
            return;
        };
        if start.distance(at) > STEADY {
            press.has_moved = true;
            press.long = None;
        }
        if self.is_drawing && press.has_moved {
            self.line.set(Some((start, at)));
        }
    }

    pub(crate) fn up(&self, event: &PointerEvent) {
        let press = self.press.take();
        let (Some(start), at) = (press.start, self.place(event)) else { return };
        if self.is_drawing {
            self.line.set(None);
            if !press.has_moved {
                self.toggle(node_at(at, &self.layout));
            } else if start.distance(at) >= SHORTEST_LINE
                && let Some(side) = side_of_line(start, at, &self.layout)
            {
                self.on_line.emit(side);
            }
        } else if !press.has_moved && !press.is_spent {
            self.on_select.emit(self.under(at));
        }
    }

    pub(crate) fn cancel(&self, _: &PointerEvent) {
        self.press.take();
        self.line.set(None);
    }

    /// Hears a press that came from no pointer: assistive technology presses buttons so.
    pub(crate) fn click(&self, event: &MouseEvent) {
        if event.detail() == 0
            && let Some((selection, _)) = focused(event)
        {
            self.choose(selection);
        }
    }

    pub(crate) fn context_menu(&self, event: &MouseEvent) {
        // The key for menus reports button 0 at the element that has the focus.
        let is_from_keyboard = event.button() == 0 && !event.ctrl_key();
        let (under, (x, y)) = match focused(event) {
            Some((selection, element)) if is_from_keyboard => (Some(selection), middle(&element)),
            _ => (self.under(self.place(event)), client_of(event)),
        };
        let Some(selection) = under else { return };
        event.prevent_default();
        let mut press = self.press.borrow_mut();
        // Some browsers report a long press by themselves, too: one menu is enough.
        let has_menu = press.is_spent;
        press.is_spent = press.start.is_some();
        press.long = None;
        drop(press);
        if !has_menu {
            self.on_menu.emit((selection, x, y));
        }
    }

    pub(crate) fn key(&self, event: &KeyboardEvent) {
        if event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key() {
            return;
        }
        let Some((selection, element)) = focused(event) else { return };
        match event.key().as_str() {
            " " => self.choose(selection),
            "Enter" if self.is_drawing && !self.side.is_empty() => {
                self.on_line.emit((*self.side).clone());
            }
            "Enter" if !self.is_drawing => {
                let (x, y) = middle(&element);
                self.on_menu.emit((selection, x, y));
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    }

    fn choose(&self, selection: Selection) {
        match selection {
            Selection::Node(node) if self.is_drawing => self.toggle(Some(node)),
            Selection::Node(_) | Selection::Link(..) | Selection::Message(_) => {
                self.on_select.emit(Some(selection));
            }
        }
    }

    /// Puts a node on the side that is to be cut off, or takes it back.
    fn toggle(&self, node: Option<NodeId>) {
        let Some(node) = node else { return };
        let mut side = (*self.side).clone();
        if let Some(place) = side.iter().position(|&other| other == node) {
            side.remove(place);
        } else {
            side.push(node);
            side.sort_unstable();
        }
        self.side.set(side);
    }

    fn under(&self, at: Point) -> Option<Selection> {
        if self.is_drawing {
            return node_at(at, &self.layout).map(Selection::Node);
        }
        hit(at, self.painter.borrow().placed(), &self.layout, &self.links)
    }

    /// Shows by the pointer whether there is something to press.
    fn point_out(&self, at: Point) {
        if let Some(root) = self.root.cast::<Element>() {
            let is_over = self.under(at).is_some();
            // Only decoration: what is under the pointer can be pressed all the same.
            let _ = root.toggle_attribute_with_force("data-over", is_over);
        }
    }

    fn place(&self, event: &MouseEvent) -> Point {
        let (x, y) = client_of(event);
        let corner = self.root.cast::<Element>().map(|root| root.get_bounding_client_rect());
        corner.map_or(Point::new(x, y), |corner| Point::new(x - corner.left(), y - corner.top()))
    }
}

fn client_of(event: &MouseEvent) -> (f64, f64) {
    (f64::from(event.client_x()), f64::from(event.client_y()))
}

fn middle(element: &Element) -> (f64, f64) {
    let box_ = element.get_bounding_client_rect();
    (box_.left() + box_.width() / 2.0, box_.top() + box_.height() / 2.0)
}

/// Returns the node or link that an event came from, and its element.
fn focused(event: &web_sys::Event) -> Option<(Selection, Element)> {
    let element: Element = event.target()?.dyn_into().ok()?;
    let element = element.closest("[data-node],[data-link]").ok()??;
    let id = |text: &str| text.parse().ok().map(NodeId);
    let selection = if let Some(node) = element.get_attribute("data-node") {
        Selection::Node(id(&node)?)
    } else {
        let link = element.get_attribute("data-link")?;
        let (one, other) = link.split_once('-')?;
        Selection::link(id(one)?, id(other)?)
    };
    Some((selection, element))
}
