//! The space-time diagram: a lane per node, what happened from left to right, messages as slanted
//! lines.
//!
//! Events and messages are drawn on a canvas, everything that stands around them is SVG, and a list
//! of events says the same in words: it has the focus, and arrow keys go from event to event. The
//! pure parts (`plan`, `causes`, `scale`, `view`, `words`) are tested natively.

mod backdrop;
mod canvas;
mod causes;
mod component;
mod listed;
mod painter;
mod plan;
mod requests;
mod scale;
mod tools;
mod view;
mod words;

pub(crate) use component::SpaceTimeView;
