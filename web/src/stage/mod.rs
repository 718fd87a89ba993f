//! The stage: nodes, links and messages at one moment.
//!
//! What stands still is SVG, so that it can be focused, read aloud and tested; what moves is drawn
//! on canvases above and below it. Everything a picture says is said in words as well. The pure
//! parts (`layout`, `cuts`, `contour`, `motion`, `hit`, `words`) are tested natively.

mod bows;
mod bridges;
mod camera;
mod canvas;
mod changed;
mod clock;
mod component;
mod contour;
mod cuts;
mod edges;
mod fields;
mod fit;
mod flying;
mod gallery;
mod geometry;
mod ghosts;
mod grip;
mod ground;
mod hands;
mod hit;
mod hue;
mod inside;
mod knowledge;
mod layout;
mod legend;
mod links;
mod motion;
mod node;
mod notes;
mod painter;
mod palette;
mod placing;
mod rings;
mod samples;
mod settled;
mod shapes;
mod sides;
mod sizing;
mod sprites;
mod tools;
mod view;
mod words;

pub use clock::DisplayClock;
pub use component::{Stage, StageProps};
pub use painter::Pace;
pub use view::Zoom;

// Widgets draw in the same hand.
pub(crate) use canvas::{cleared, now_ms};
pub(crate) use gallery::EncodingsGallery;
pub(crate) use geometry::{Point, micros, real, whole};
pub(crate) use ground::Ground;
pub(crate) use hue::hue_class;
pub(crate) use legend::Legend;
pub(crate) use palette::Palette;
#[cfg(test)]
mod overlaps;
#[cfg(test)]
pub(crate) use samples::node as sample_node;
pub(crate) use settled::use_settled;
pub(crate) use shapes::{outline, px, translate};
pub(crate) use sizing::{Observation, use_area};
pub(crate) use words::{role_name, wrap};
