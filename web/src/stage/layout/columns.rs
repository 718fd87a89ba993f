//! What is kept free around the nodes, and the columns of clients at the sides.

use super::{Area, LABEL_LINES, Layout, MOST_LINES, Spot, whole};
use crate::stage::geometry::{Point, real};
use crate::stage::node::reach;

/// What is kept free around all nodes.
pub(super) struct Margin {
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) side: f64,
}

impl Margin {
    pub(super) fn new(scale: f64, label_text: f64, area: Area) -> Self {
        let lines = if area.height >= 380.0 { MOST_LINES } else { LABEL_LINES };
        Self {
            // Below the stage's buttons there is room for what is on a node's head.
            top: (46.0 * scale).max(area.tools() + 18.0 * scale),
            // As far as a label's top is below its node, and a little more.
            bottom: real(lines) * 1.22 * label_text + 8.0 * scale + 10.0 + banner(area),
            side: 22.0 * scale,
        }
    }
}

/// Returns the height at the bottom that is for what holds for all of the stage, where it stands there.
pub(super) fn banner(area: Area) -> f64 {
    let least = if area.width >= 600.0 { 360.0 } else { 240.0 };
    if area.height >= least { 26.0 } else { 0.0 }
}

/// Somebody who stands alone and the clients around are so much larger than in company.
pub(super) const FEW: f64 = 1.3;

/// The columns of clients: at the left, and if one is not enough also at the right.
pub(super) struct Columns {
    left: usize,
    right: usize,
    a_column: usize,
    pitch: f64,
    width: f64,
    radius: f64,
}

impl Columns {
    /// Chooses the largest clients that fit, and returns the width taken at the left and right. Around
    /// somebody who stands alone they stand on both sides.
    pub(super) fn new(
        (clients, others): (usize, usize),
        area: Area,
        margin: &Margin,
        layout: &Layout,
    ) -> (Self, (f64, f64)) {
        let (scale, is_alone) = (area.scale(), others == 1 && clients > 1);
        let room = area.height - margin.top - margin.bottom;
        let usual =
            if is_alone { area.width * 0.3 } else { (150.0 * scale).min(area.width * 0.25) };
        let mut size = if is_alone { FEW } else { 1.0 };
        loop {
            let radius = 26.0 * scale * size;
            // The smallest clients have their names inside and no label below.
            let is_labelled = size > 0.6;
            let pitch = if is_labelled { pitch(radius, layout) } else { radius * 2.2 };
            let a_column = whole((room.max(pitch) / pitch).floor()).max(1);
            let columns = clients.div_ceil(a_column).max(if is_alone { 2 } else { 1 });
            // Rings go farther than the node, and a stage's edge cuts them off.
            let width = if is_labelled { usual } else { reach(radius, 1) * 2.0 + 4.0 };
            let widest = if is_labelled { 2 } else { whole(area.width * 0.4 / width).max(2) };
            if columns <= widest || size < 0.12 {
                let columns = columns.min(clients);
                let (left, right) = (columns.div_ceil(2), columns / 2);
                let sides = (real(left) * width, real(right) * width);
                return (Self { left, right, a_column, pitch, width, radius }, sides);
            }
            size *= 0.9;
        }
    }

    pub(super) fn spots(&self, clients: usize, area: Area, margin: &Margin) -> Vec<Spot> {
        let columns = (self.left + self.right).max(1);
        let middle = (margin.top + area.height - margin.bottom) / 2.0;
        (0..clients)
            .map(|client| {
                // Even shares: seven clients in two columns are four and three.
                let column = client * columns / clients;
                let first = (column * clients).div_ceil(columns);
                let after = ((column + 1) * clients).div_ceil(columns);
                let (place, here) = (real(client - first), real(after - first));
                let spread = self.pitch * (real(self.a_column) / here).clamp(1.0, 2.6);
                let x = if column < self.left {
                    (real(column) + 0.5) * self.width
                } else {
                    area.width - (real(column - self.left) + 0.5) * self.width
                };
                let y = middle + (place - (here - 1.0) / 2.0) * spread;
                Spot::new(Point::new(x, y), self.radius)
            })
            .collect()
    }
}

/// Returns how far below each other clients stand at least, so that there is a line of words between two.
fn pitch(radius: f64, layout: &Layout) -> f64 {
    let spot = Spot::new(Point::default(), radius);
    Layout::label_top(&spot) + layout.line_height() + spot.head()
}
