//! Layers by the part that nodes play: from left to right, or from top to bottom on a tall stage.

use super::columns::{Margin, banner};
use super::{Area, Field, LABEL_LINES, Layout, Spot, USUAL_RADIUS, whole};
use crate::stage::geometry::{Point, real};
use crate::stage::ground::{Tier, by_tier};

/// What is kept free between two layers side by side, as a share of a column's width, …
const BESIDE: f64 = 0.25;
/// … and between two below each other, whose titles and words have room of their own.
const BELOW: f64 = 0.08;

/// What is kept free above and below layers that stand below each other.
const EDGE: f64 = 8.0;

/// How layers are cut into lines of nodes.
struct Lines {
    radius: f64,
    /// How many nodes a line holds at most.
    a_line: usize,
    /// How many lines each layer takes.
    of_layer: Vec<usize>,
    /// What is kept free between two layers, in lines.
    between: f64,
}

impl Lines {
    /// Returns how many lines there are, with the gaps between layers.
    fn count(&self) -> f64 {
        let gaps = real(self.of_layer.len().saturating_sub(1)) * self.between;
        real(self.of_layer.iter().sum::<usize>()) + gaps
    }
}

/// Where lines run: along them nodes follow each other, across them layers do.
struct Room {
    area: Area,
    is_wide: bool,
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    label_text: f64,
}

impl Room {
    fn new(area: Area, margin: &Margin, label_text: f64) -> Self {
        let is_wide = area.width >= area.height;
        // Below each other, layers hold their titles and words themselves.
        let (top, bottom) = if is_wide {
            (area.tools().max(margin.top * 0.5) + label_text * 2.2, margin.bottom)
        } else {
            (area.tools() + EDGE, banner(area) + EDGE)
        };
        Self {
            area,
            is_wide,
            left: margin.side,
            top,
            width: (area.width - margin.side * 2.0).max(1.0),
            height: (area.height - top - bottom).max(1.0),
            label_text,
        }
    }

    /// Returns how far apart nodes of this radius stand at least: across the stage, and down.
    fn pitch(&self, radius: f64) -> (f64, f64) {
        let title = if self.is_wide { 0.0 } else { self.title() };
        (radius * 2.9, radius * 2.7 + self.label(radius) + title)
    }

    /// Returns how high the words below a node of this radius can be.
    fn label(&self, radius: f64) -> f64 {
        let least = if self.is_wide { 15.0 } else { 9.0 };
        if radius >= least { real(LABEL_LINES) * 1.22 * self.label_text + 6.0 } else { 0.0 }
    }

    /// Returns how high a layer's title is.
    fn title(&self) -> f64 {
        self.label_text * 1.9
    }

    /// Cuts the layers into lines with the largest nodes that fit.
    fn lines(&self, sizes: &[usize], largest: f64) -> Lines {
        let mut radius = largest;
        loop {
            let (across, down) = self.pitch(radius);
            let (along, line) = if self.is_wide { (down, across) } else { (across, down) };
            let (length, depth) =
                if self.is_wide { (self.height, self.width) } else { (self.width, self.height) };
            let a_line = whole((length / along).floor()).max(1);
            let of_layer = sizes.iter().map(|size| size.div_ceil(a_line)).collect();
            let between = if self.is_wide { BESIDE } else { BELOW };
            let lines = Lines { radius, a_line, of_layer, between };
            if lines.count() * line <= depth || radius < 4.5 {
                return lines;
            }
            radius *= 0.96;
        }
    }

    /// Returns the place that lies this far along its line, and this far across the layers, both
    /// from 0 to 1.
    fn at(&self, along: f64, across: f64) -> Point {
        let (x, y) = if self.is_wide { (across, along) } else { (along, across) };
        Point::new(self.left + x * self.width, self.top + y * self.height)
    }

    /// Returns how far above the middle of its line a node of this radius stands: below it are its words,
    /// above it is the title.
    fn lift(&self, radius: f64) -> Point {
        let high = if self.is_wide { 0.0 } else { (self.label(radius) - self.title()) / 2.0 };
        Point::new(0.0, high)
    }

    fn field(&self, tier: Tier, from: f64, to: f64) -> Field {
        let edge = self.label_text * 0.3;
        let (from, to) = if self.is_wide {
            (
                Point::new(self.at(0.0, from).x, self.area.tools()),
                Point::new(self.at(0.0, to).x, self.area.height - edge),
            )
        } else {
            (
                Point::new(edge, self.at(0.0, from).y),
                Point::new(self.area.width - edge, self.at(0.0, to).y),
            )
        };
        Field { name: tier.title().to_owned(), from, to, is_named_on_edge: !self.is_wide }
    }
}

impl Layout {
    /// Places the nodes in layers by what they are for.
    pub(super) fn in_layers(mut self, tiers: &[Tier], margin: &Margin) -> Self {
        let bands = by_tier(tiers);
        let sizes: Vec<usize> = bands.iter().map(|(_, members)| members.len()).collect();
        let room = Room::new(self.area, margin, self.label_text);
        let lines = room.lines(&sizes, USUAL_RADIUS * self.area.scale());
        let depth = lines.count();
        self.spots = vec![Spot::default(); tiers.len()];
        let mut line = 0.0;
        for ((tier, members), &count) in bands.iter().zip(&lines.of_layer) {
            self.fields.push(room.field(*tier, line / depth, (line + real(count)) / depth));
            for (place, &index) in members.iter().enumerate() {
                // Even shares: seven nodes in two lines are four and three.
                let own = place * count / members.len();
                let first = (own * members.len()).div_ceil(count);
                let here = ((own + 1) * members.len()).div_ceil(count) - first;
                let along = (real(place - first) + 0.5) / real(here);
                let across = (line + real(own) + 0.5) / depth;
                let at = room.at(along, across) - room.lift(lines.radius);
                self.spots[index] = Spot::new(at, lines.radius);
            }
            line += real(count) + lines.between;
        }
        debug_assert!(lines.a_line > 0);
        self
    }
}
