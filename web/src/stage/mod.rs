//! The stage: nodes, links and messages at one moment.
//!
//! What stands still is SVG, so that it can be focused, read aloud and tested; what moves is drawn
//! on canvases above and below it. Everything a picture says is said in words as well. The pure
//! parts (`layout`, `cuts`, `contour`, `motion`, `hit`, `words`) are tested natively.

mod camera;
mod canvas;
mod clock;
mod component;
mod contour;
mod cuts;
mod geometry;
mod ground;
mod hands;
mod hit;
mod hue;
mod layout;
mod legend;
mod links;
mod motion;
mod node;
mod painter;
mod palette;
mod settled;
mod shapes;
mod sizing;
mod sprites;
mod words;

pub use clock::DisplayClock;
pub use component::{Stage, StageProps};

// Widgets draw in the same hand.
pub(crate) use geometry::{Point, micros, real, whole};
pub(crate) use hue::hue_class;
pub(crate) use legend::Legend;
pub(crate) use settled::use_settled;
pub(crate) use shapes::{outline, px, translate};
pub(crate) use sizing::use_area;
pub(crate) use words::{role_name, wrap};
