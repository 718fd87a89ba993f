//! A field for each zone, its nodes on a ring within.

use super::columns::Margin;
use super::ring::Middle;
use super::{Area, Field, LABEL_LINES, Layout, Spot, USUAL_RADIUS};
use crate::stage::geometry::{Point, real};
use crate::stage::ground::Ground;

/// How the stage is divided into cells, one a zone.
struct Cells {
    columns: usize,
    rows: usize,
    width: f64,
    height: f64,
    top: f64,
    label_text: f64,
}

impl Cells {
    fn new(columns: usize, count: usize, area: Area, margin: &Margin, label_text: f64) -> Self {
        let (columns, rows) = (columns.max(1), count.div_ceil(columns.max(1)).max(1));
        // What is kept free at the bottom is for what holds for all of the stage.
        let labels = real(LABEL_LINES) * 1.22 * label_text;
        let top = area.tools() - label_text * 0.35;
        let height = (area.height - top - (margin.bottom - labels).max(0.0)).max(1.0);
        let (width, height) = (area.width / real(columns), height / real(rows));
        Self { columns, rows, width, height, top, label_text }
    }

    fn field(&self, index: usize, count: usize, name: &str) -> Field {
        let (column, row) = (index % self.columns, index / self.columns);
        // The last row may have fewer, wider ones.
        let here = if row + 1 == self.rows { count - row * self.columns } else { self.columns };
        let width = self.width * real(self.columns) / real(here.max(1));
        let gap = self.label_text * 0.35;
        let from = Point::new(real(column) * width, self.top + real(row) * self.height);
        let to = from + Point::new(width, self.height);
        let inset = Point::new(gap, gap);
        let (from, to) = (from + inset, to - inset);
        Field { name: name.to_owned(), from, to, is_named_on_edge: false }
    }

    /// Returns the part of a field in which nodes stand: below its name, above their labels.
    fn inside(&self, field: &Field) -> Middle {
        let height = field.to.y - field.from.y;
        let labels = (real(LABEL_LINES) * 1.22 * self.label_text + 14.0).min(height * 0.25);
        let title = (self.label_text * 3.0).min(height * 0.25);
        Middle {
            left: field.from.x + self.label_text,
            right: field.to.x - self.label_text,
            top: field.from.y + title,
            bottom: field.to.y - labels,
            prefers_x: f64::midpoint(field.from.x, field.to.x),
        }
    }
}

impl Layout {
    /// Places the nodes by zone.
    pub(super) fn in_zones(mut self, ground: &Ground, count: usize, margin: &Margin) -> Self {
        let zones = ground.by_zone(count);
        let fields_of = |columns: usize| {
            let cells = Cells::new(columns, zones.len(), self.area, margin, self.label_text);
            let named = zones.iter().enumerate();
            let fields: Vec<Field> = named
                .map(|(index, (name, _))| cells.field(index, zones.len(), name.unwrap_or_default()))
                .collect();
            let inside: Vec<Middle> = fields.iter().map(|field| cells.inside(field)).collect();
            (fields, inside)
        };
        let largest = USUAL_RADIUS * self.area.scale();
        let spots_of = |inside: &[Middle], largest: f64| -> Vec<Vec<Spot>> {
            let members = zones.iter().map(|(_, members)| members.len());
            inside.iter().zip(members).map(|(it, count)| it.spots_within(count, largest)).collect()
        };
        let smallest = |spots: &[Vec<Spot>]| {
            spots.iter().flatten().map(|spot| spot.radius).fold(largest, f64::min)
        };
        let tried = (1..=zones.len().max(1)).map(|columns| {
            let (fields, inside) = fields_of(columns);
            let radius = smallest(&spots_of(&inside, largest));
            (fields, inside, radius)
        });
        let Some((fields, inside, radius)) = tried.reduce(|best, next| {
            // Of equally good ones, that with fewer columns is on a phone the better one.
            if next.2 > best.2 * 1.01 { next } else { best }
        }) else {
            return self;
        };
        self.spots = vec![Spot::default(); count];
        for ((_, members), spots) in zones.iter().zip(spots_of(&inside, radius)) {
            for (&index, spot) in members.iter().zip(spots) {
                self.spots[index] = spot;
            }
        }
        self.fields = fields;
        self
    }
}
