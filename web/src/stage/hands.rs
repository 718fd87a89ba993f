//! What the viewer does on the stage: press, press long, drag, pinch, draw a line, use the keyboard.
//!
//! All of it is heard at the stage's root, because a message on its way is no element that could
//! hear anything, and a node should look the same whoever listens.

use std::cell::RefCell;
use std::rc::Rc;

use faultline_core::order::sort;
use faultline_core::sim::NodeId;
use gloo::timers::callback::Timeout;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, FocusEvent, KeyboardEvent, MouseEvent, PointerEvent};
use yew::{Callback, NodeRef, UseStateHandle};

use super::camera::Camera;
use super::geometry::Point;
use super::grip::{Grip, Touches};
use super::hit::{group_at, hit, node_at, side_of_line};
use super::layout::Layout;
use super::links::in_use;
use super::painter::Painter;
use super::view::Hold;
use crate::selection::Selection;
use crate::shared::Shared;
use crate::wire::Frame;

/// A press this long opens the menu.
const LONG_PRESS_MS: u32 = 500;
/// A press that moves further than this is a drag.
const STEADY: f64 = 8.0;
/// A finger is less steady than a mouse.
const STEADY_FINGER: f64 = 13.0;
/// A line shorter than this was not meant to cut anything.
const SHORTEST_LINE: f64 = 24.0;
/// An arrow key moves a node by this much on screen.
const NUDGE: f64 = 16.0;

/// The press under way.
#[derive(Default)]
pub(crate) struct Press {
    start: Option<Point>,
    grip: Grip,
    touches: Touches,
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
    pub(crate) frame: Shared<Frame>,
    /// The links that are drawn whether or not they are in use.
    pub(crate) links: Rc<Vec<(NodeId, NodeId)>>,
    /// Camera and places, to be moved.
    pub(crate) hold: Hold,
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
        let at = self.place(event);
        let is_touch = event.pointer_type() == "touch";
        let mut press = self.press.borrow_mut();
        if is_touch {
            press.touches.down(event.pointer_id(), at);
            if let Some(pair) = press.touches.pair() {
                press.long = None;
                press.has_moved = true;
                press.is_spent = true;
                press.grip = Grip::Pinch { camera: self.hold.camera.get(), pair };
                self.line.set(None);
                return;
            }
        }
        if !event.is_primary() || event.button() != 0 {
            return;
        }
        let touches = std::mem::take(&mut press.touches);
        *press = Press { start: Some(at), grip: self.grip_at(at), touches, ..Press::default() };
        if self.is_drawing {
            self.capture(event);
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
        press.touches.moved(event.pointer_id(), at);
        if let (Grip::Pinch { camera, pair }, Some(now)) = (&press.grip, press.touches.pair()) {
            let (area, most) = (self.layout.area, self.layout.most_zoom());
            self.hold.camera.set(pair.pinched(*camera, now, area, most));
            return;
        }
        let Some(start) = press.start.filter(|_| event.is_primary()) else {
            drop(press);
            self.point_out(at);
            return;
        };
        let steady = if event.pointer_type() == "mouse" { STEADY } else { STEADY_FINGER };
        if !press.has_moved && start.distance(at) > steady {
            press.has_moved = true;
            press.long = None;
            self.capture(event);
        }
        if !press.has_moved || (press.is_spent && !self.is_drawing) {
            return;
        }
        let grip = press.grip;
        drop(press);
        if self.is_drawing {
            self.line.set(Some((start, at)));
        } else {
            self.drag(grip, start, at);
        }
    }

    pub(crate) fn up(&self, event: &PointerEvent) {
        let mut press = self.press.borrow_mut();
        press.touches.up(event.pointer_id());
        if matches!(press.grip, Grip::Pinch { .. }) {
            if press.touches.is_empty() {
                *press = Press::default();
            }
            return;
        }
        drop(press);
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
        } else if press.has_moved {
            if let Grip::Node { .. } = press.grip {
                self.hold.remember();
            }
        } else if !press.is_spent {
            match (self.under(at), group_at(at, &self.layout)) {
                (None, Some(group)) => self.look_closer(group),
                (selected, _) => self.on_select.emit(selected),
            }
        }
    }

    pub(crate) fn cancel(&self, _: &PointerEvent) {
        self.press.take();
        self.line.set(None);
    }

    /// Hears a press that came from no pointer: assistive technology presses buttons so.
    pub(crate) fn click(&self, event: &MouseEvent) {
        if event.detail() == 0
            && let Some((thing, _)) = focused(event)
        {
            self.choose(thing);
        }
    }

    pub(crate) fn context_menu(&self, event: &MouseEvent) {
        // The key for menus reports button 0 at the element that has the focus.
        let is_from_keyboard = event.button() == 0 && !event.ctrl_key();
        let (under, (x, y)) = match focused(event) {
            Some((Thing::Selectable(selection), element)) if is_from_keyboard => {
                (Some(selection), middle(&element))
            }
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
        if event.ctrl_key() || event.meta_key() {
            return;
        }
        let Some((thing, element)) = focused(event) else { return };
        let key = event.key();
        match (key.as_str(), thing) {
            (_, Thing::Selectable(Selection::Node(node))) if event.alt_key() => {
                let Some(by) = arrow(&key) else { return };
                self.nudge(node, by * if event.shift_key() { 0.25 } else { 1.0 });
            }
            _ if event.alt_key() || event.shift_key() => return,
            (" ", _) | ("Enter", Thing::Group(_)) => self.choose(thing),
            ("Enter", _) if self.is_drawing && !self.side.is_empty() => {
                self.on_line.emit((*self.side).clone());
            }
            ("Enter", Thing::Selectable(selection)) if !self.is_drawing => {
                let (x, y) = self::middle(&element);
                self.on_menu.emit((selection, x, y));
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    }

    /// Brings what the keyboard has reached into sight.
    pub(crate) fn focus_in(&self, event: &FocusEvent) {
        let Some((Thing::Selectable(Selection::Node(node)), _)) = focused(event) else { return };
        let Some(spot) = self.layout.spots.get(node.index()) else { return };
        let area = self.layout.area;
        let is_within = |at: f64, whole: f64| at >= 0.0 && at <= whole;
        if !is_within(spot.at.x, area.width) || !is_within(spot.at.y, area.height) {
            let camera = self.hold.camera.get();
            self.hold.camera.set(camera.looking_at(area, camera.on_stage(area, spot.at)));
        }
    }

    /// Returns what a press at this place takes hold of: a node, or else the stage.
    fn grip_at(&self, at: Point) -> Grip {
        let stage = Grip::Stage { camera: self.hold.camera.get() };
        let Some(Selection::Node(node)) = self.under(at) else { return stage };
        let spot = self.layout.spots.get(node.index());
        match spot.filter(|_| self.layout.groups.is_empty()) {
            Some(spot) => Grip::Node { node, from: spot.at },
            None => stage,
        }
    }

    fn drag(&self, grip: Grip, start: Point, at: Point) {
        let area = self.layout.area;
        match grip {
            Grip::Node { node, from } => {
                let place = self.hold.camera.get().on_stage(area, from + (at - start));
                self.hold.put(node, place, area);
            }
            Grip::Stage { camera } => self.hold.camera.set(camera.panned(area, at - start)),
            Grip::Pinch { .. } | Grip::Nothing => {}
        }
    }

    fn nudge(&self, node: NodeId, by: Point) {
        let (area, camera) = (self.layout.area, self.hold.camera.get());
        let spot = self.layout.spots.get(node.index()).filter(|_| self.layout.groups.is_empty());
        if let Some(spot) = spot {
            let from = self.hold.moved.get().get(&node).map_or_else(
                || camera.on_stage(area, spot.at),
                |share| Point::new(share.x * area.width, share.y * area.height),
            );
            self.hold.put(node, from + by * (NUDGE / camera.zoom), area);
            self.hold.remember();
        }
    }

    fn look_closer(&self, group: usize) {
        if let Some(group) = self.layout.groups.get(group) {
            let camera: Camera = group.close_up(self.layout.area);
            self.hold.camera.set(camera);
        }
    }

    fn choose(&self, thing: Thing) {
        match thing {
            Thing::Group(group) => self.look_closer(group),
            Thing::Selectable(Selection::Node(node)) if self.is_drawing => self.toggle(Some(node)),
            Thing::Selectable(selection) => self.on_select.emit(Some(selection)),
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
            sort(&mut side);
        }
        self.side.set(side);
    }

    fn under(&self, at: Point) -> Option<Selection> {
        if self.is_drawing {
            return node_at(at, &self.layout).map(Selection::Node);
        }
        let is_crowd = !self.layout.groups.is_empty();
        let used =
            if is_crowd { Vec::new() } else { in_use(&self.frame.scene).into_iter().collect() };
        let links: Vec<(NodeId, NodeId)> = self.links.iter().copied().chain(used).collect();
        hit(at, self.painter.borrow().placed(), &self.layout, &links)
    }

    /// Shows by the pointer whether there is something to press.
    fn point_out(&self, at: Point) {
        if let Some(root) = self.root.cast::<Element>() {
            let is_over = self.under(at).is_some() || group_at(at, &self.layout).is_some();
            // Only decoration: what is under the pointer can be pressed all the same.
            let _ = root.toggle_attribute_with_force("data-over", is_over);
        }
    }

    /// Has the pointer's moves reported here wherever it goes.
    fn capture(&self, event: &PointerEvent) {
        if let Some(root) = self.root.cast::<Element>() {
            // Without capture, the drag ends at the stage's edge; nothing else is lost.
            let _ = root.set_pointer_capture(event.pointer_id());
        }
    }

    fn place(&self, event: &MouseEvent) -> Point {
        let (x, y) = client_of(event);
        let corner = self.root.cast::<Element>().map(|root| root.get_bounding_client_rect());
        corner.map_or(Point::new(x, y), |corner| Point::new(x - corner.left(), y - corner.top()))
    }
}

/// Returns the way of an arrow key.
fn arrow(key: &str) -> Option<Point> {
    Some(match key {
        "ArrowLeft" => Point::new(-1.0, 0.0),
        "ArrowRight" => Point::new(1.0, 0.0),
        "ArrowUp" => Point::new(0.0, -1.0),
        "ArrowDown" => Point::new(0.0, 1.0),
        _ => return None,
    })
}

fn client_of(event: &MouseEvent) -> (f64, f64) {
    (f64::from(event.client_x()), f64::from(event.client_y()))
}

fn middle(element: &Element) -> (f64, f64) {
    let box_ = element.get_bounding_client_rect();
    (box_.left() + box_.width() / 2.0, box_.top() + box_.height() / 2.0)
}

/// What can have the focus.
#[derive(Copy, Clone)]
enum Thing {
    /// Something of the run.
    Selectable(Selection),
    /// The group with this index.
    Group(usize),
}

/// Returns the node, link or group that an event came from, and its element.
fn focused(event: &web_sys::Event) -> Option<(Thing, Element)> {
    let element: Element = event.target()?.dyn_into().ok()?;
    let element = element.closest("[data-node],[data-link],[data-group]").ok()??;
    let id = |text: &str| text.parse().ok().map(NodeId);
    let thing = if let Some(node) = element.get_attribute("data-node") {
        Thing::Selectable(Selection::Node(id(&node)?))
    } else if let Some(group) = element.get_attribute("data-group") {
        Thing::Group(group.parse().ok()?)
    } else {
        let link = element.get_attribute("data-link")?;
        let (one, other) = link.split_once('-')?;
        Thing::Selectable(Selection::link(id(one)?, id(other)?))
    };
    Some((thing, element))
}
