//! Where everybody stands: by the scenario's hint, and where the viewer has put them.
//!
//! A place depends on who there is and on the stage's size, never on what has been seen: two people
//! who open one link see one picture, and nobody moves when a leader falls. What the viewer does
//! comes on top: nodes moved by hand, and a [`Camera`] that is part of the layout, so that whatever
//! draws or hits a spot follows it without knowing. Beyond [`MOST_SINGLE`] nodes they stand in
//! groups, of which only those that are looked at closely show their members.

mod columns;
mod groups;
mod layers;
mod places;
mod ring;
mod zones;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use faultline_core::sim::NodeId;
use faultline_core::view;

use self::columns::{Columns, FEW, Margin};
use self::ring::Middle;
use super::bows::Bows;
use super::camera::Camera;
use super::geometry::{self, Point, real};
use super::ground::{Ground, Tier};
use super::node::{MOST_RINGS, reach};
use super::placing::{Obstacle, titles};
use super::rings::crown_size;

/// The size of body text that every length here is in proportion to.
const USUAL_TEXT: f64 = 14.0;
/// A node's radius on a stage of 800 × 600.
const USUAL_RADIUS: f64 = 34.0;
/// How wide a letter is, as a share of its height: an upper estimate for common fonts.
pub(crate) const LETTER_WIDTH: f64 = 0.58;
/// Labels take at most this many lines.
pub(crate) const LABEL_LINES: usize = 2;
/// Where there is room, one more for what a node holds.
pub(crate) const MOST_LINES: usize = LABEL_LINES + 1;
/// A label with less room than this many letters is not drawn.
const FEWEST_LETTERS: f64 = 6.0;
/// More nodes than this stand in groups.
pub(crate) const MOST_SINGLE: usize = 60;
/// How close one can come to a stage without groups.
const MOST_ZOOM: f64 = 4.0;

/// The stage's size, in CSS pixels.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub(crate) struct Area {
    /// From left to right.
    pub(crate) width: f64,
    /// From top to bottom.
    pub(crate) height: f64,
    /// The height of body text.
    pub(crate) text: f64,
}

impl Area {
    /// Returns how much larger things are than on a stage of 800 × 600 with usual text.
    fn scale(self) -> f64 {
        let room = (self.width / 800.0).min(self.height / 600.0).clamp(0.7, 2.0);
        room * (self.text / USUAL_TEXT).clamp(0.5, 2.0).sqrt()
    }

    /// Returns the height at the top that the stage's buttons take.
    pub(crate) fn tools(self) -> f64 {
        // On a phone, they are as large as fingers.
        if self.width < 760.0 && self.height > 300.0 { 62.0 } else { 45.0 }
    }
}

/// Where one node stands.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub(crate) struct Spot {
    /// Its middle.
    pub(crate) at: Point,
    /// The radius of the circle that its shape fits in.
    pub(crate) radius: f64,
    /// How many letters a line of its label may have; none if there is no room for a label.
    pub(crate) label_letters: usize,
    /// How many lines below it meet nothing else.
    pub(crate) label_lines: usize,
    /// How many letters a line right above it may have before it meets anything.
    pub(crate) letters_above: usize,
    /// Whether it is not drawn: it is part of a group, whose middle and radius it has, or out of
    /// sight in a crowd.
    pub(crate) is_hidden: bool,
}

impl Spot {
    /// Makes a spot without a label.
    pub(crate) fn new(at: Point, radius: f64) -> Self {
        Self { at, radius, ..Self::default() }
    }

    /// Returns how far up it reaches with its rings and what is on its head.
    pub(crate) fn head(&self) -> f64 {
        reach(self.radius, MOST_RINGS) + crown_size(self.radius) + 2.0
    }
}

/// A part of the stage with a name: a zone or a layer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    /// As shown.
    pub(crate) name: String,
    /// Its upper left corner.
    pub(crate) from: Point,
    /// Its lower right corner.
    pub(crate) to: Point,
    /// Whether its name stands on its upper edge, as where there is no room below that.
    pub(crate) is_named_on_edge: bool,
}

impl Field {
    /// Returns the middle of its name's left end, in letters of this size.
    pub(crate) fn name_at(&self, text: f64) -> Point {
        let below = if self.is_named_on_edge { -0.1 } else { 1.0 };
        self.from + Point::new(text * 0.8, text * below)
    }
}

/// A line of a map, with its name: a meridian or a parallel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    /// Its degrees.
    pub(crate) name: String,
    /// Where it begins.
    pub(crate) from: Point,
    /// Where it ends.
    pub(crate) to: Point,
}

/// Some of the nodes of a crowd, drawn as one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Group {
    /// As shown, if it has a name of its own.
    pub(crate) name: Option<String>,
    /// Who belongs to it, in order of identity.
    pub(crate) members: Vec<NodeId>,
    /// Where it is.
    pub(crate) spot: Spot,
    /// Where it is on the usual stage, and how close one has to come to see its members.
    pub(crate) home: Spot,
    pub(crate) opens_at: f64,
    /// Whether its members are drawn instead.
    pub(crate) is_open: bool,
}

/// Returns how far apart the middles of two nodes of this radius are at least: their rings do not touch.
fn apart(radius: f64) -> f64 {
    (radius * 2.9).max(reach(radius, 1) * 2.0 + 10.0)
}

/// Where all nodes stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Layout {
    /// The stage's size.
    pub(crate) area: Area,
    /// One a node, by identity.
    pub(crate) spots: Vec<Spot>,
    /// The height of a label's letters.
    pub(crate) label_text: f64,
    /// Named parts of the stage.
    pub(crate) fields: Vec<Field>,
    /// The lines of a map.
    pub(crate) lines: Vec<Line>,
    /// Groups of nodes, if there are too many to be drawn one by one.
    pub(crate) groups: Vec<Group>,
    /// How links pass who stands between their ends.
    pub(crate) bows: Bows,
}

/// Where the viewer has put nodes, in shares of the stage's size.
pub(crate) type Moved = BTreeMap<NodeId, Point>;

impl Layout {
    /// Places the nodes; `tiers` has one entry a node, by identity.
    pub(crate) fn new(tiers: &[Tier], ground: &Ground, area: Area) -> Self {
        let scale = area.scale();
        let label_text = (12.5 * scale).clamp(11.0, 25.0);
        let layout = Self { area, label_text, ..Self::default() };
        let margin = Margin::new(scale, label_text, area);
        if tiers.len() > MOST_SINGLE {
            return layout.crowded(tiers, ground, &margin);
        }
        match &ground.layout {
            view::Layout::Zones if !ground.zones.is_empty() => {
                layout.in_zones(ground, tiers.len(), &margin)
            }
            view::Layout::Layers => layout.in_layers(tiers, &margin),
            view::Layout::Map(places) if !places.is_empty() => {
                layout.at_places(&places::on_map(places, tiers.len()), &margin)
            }
            view::Layout::Free(places) if !places.is_empty() => {
                layout.at_places(&places::on_stage(places, tiers.len()), &margin)
            }
            view::Layout::Ring
            | view::Layout::Zones
            | view::Layout::Map(_)
            | view::Layout::Free(_) => layout.around(tiers, &margin),
        }
    }

    /// Places clients in columns at the sides, and all others on a ring between them.
    fn around(mut self, tiers: &[Tier], margin: &Margin) -> Self {
        let (area, scale) = (self.area, self.area.scale());
        let clients = tiers.iter().filter(|&&tier| tier == Tier::Client).count();
        let (columns, sides) = Columns::new((clients, tiers.len() - clients), area, margin, &self);
        let mut clients_spots = columns.spots(clients, area, margin).into_iter();
        let middle = Middle::new(area, margin, sides, scale);
        let others = tiers.len() - clients;
        let largest = if others == 1 && clients > 1 { scale * FEW } else { scale };
        let mut others = middle.spots(others, largest).into_iter();
        let next = |&tier: &Tier| {
            if tier == Tier::Client { clients_spots.next() } else { others.next() }
        };
        self.spots = tiers.iter().filter_map(next).collect();
        self
    }

    /// Puts nodes where the viewer has moved them. In a crowd nobody is moved.
    #[must_use]
    pub(crate) fn with_moved(mut self, moved: &Moved) -> Self {
        if self.groups.is_empty() {
            for (id, share) in moved {
                if let Some(spot) = self.spots.get_mut(id.index()) {
                    spot.at = Point::new(share.x * self.area.width, share.y * self.area.height);
                }
            }
        }
        self
    }

    /// Shows it through a camera, and gives labels the room there is.
    #[must_use]
    pub(crate) fn seen_by(mut self, camera: &Camera) -> Self {
        let area = self.area;
        self.bows = Bows::default();
        if !camera.is_usual() {
            for spot in &mut self.spots {
                spot.at = camera.on_screen(area, spot.at);
                spot.radius *= camera.zoom;
            }
            for field in &mut self.fields {
                field.from = camera.on_screen(area, field.from);
                field.to = camera.on_screen(area, field.to);
            }
            for line in &mut self.lines {
                line.from = camera.on_screen(area, line.from);
                line.to = camera.on_screen(area, line.to);
            }
            // Words need not grow as much as what they name.
            self.label_text *= camera.zoom.sqrt().clamp(0.8, 1.4);
        }
        self.open_groups(camera);
        self.give_labels_room();
        self
    }

    /// Returns how close one can come.
    pub(crate) fn most_zoom(&self) -> f64 {
        let closest = self.groups.iter().map(|group| group.opens_at * 2.0);
        closest.fold(MOST_ZOOM, f64::max)
    }

    /// Returns the top of the label of a node at `spot`, without timer rings.
    pub(crate) fn label_top(spot: &Spot) -> f64 {
        spot.at.y + spot.radius * 1.22 + 8.0
    }

    /// Returns the foot of a name that stands above a node at `spot`, and above the mark that it has when it
    /// breaks something.
    pub(crate) fn name_above(spot: &Spot) -> f64 {
        spot.at.y - (reach(spot.radius, MOST_RINGS) + 3.0) * std::f64::consts::FRAC_1_SQRT_2 - 8.0
    }

    /// Returns the height of a label's line.
    pub(crate) fn line_height(&self) -> f64 {
        self.label_text * 1.22
    }

    /// Returns how wide a letter of a label is at most.
    pub(crate) fn letter_width(&self) -> f64 {
        self.label_text * LETTER_WIDTH
    }

    /// Gives every label as much room as it has before it meets another label, a node or an edge: on two
    /// lines, or on one where there is none for two.
    fn give_labels_room(&mut self) {
        let shown: Vec<Spot> = self.spots.iter().filter(|it| !it.is_hidden).copied().collect();
        let letters = |spot: &Spot, lines: usize| {
            (self.room_below(spot, lines, &shown) * 2.0 / self.letter_width()).floor()
        };
        let most = |spot: &Spot| {
            let fits = |letters: &f64| *letters >= FEWEST_LETTERS;
            (1..=LABEL_LINES).rev().map(|lines| letters(spot, lines)).find(fits).map_or(0, whole)
        };
        let most: Vec<usize> = self.spots.iter().map(most).collect();
        for (spot, letters) in self.spots.iter_mut().zip(most).filter(|(spot, _)| !spot.is_hidden) {
            spot.label_letters = letters;
        }
        self.give_labels_lines();
    }

    /// Returns how far so many lines below a node reach to each side before they meet something.
    fn room_below(&self, spot: &Spot, lines: usize, shown: &[Spot]) -> f64 {
        let (letter, line) = (self.letter_width(), self.line_height());
        let (top, edge) = (Self::label_top(spot), spot.at.x.min(self.area.width - spot.at.x));
        let bottom = top + line * real(lines);
        if bottom > self.area.height || edge <= 0.0 {
            return 0.0;
        }
        let mut half = edge.min(letter * 13.0);
        for other in shown.iter().filter(|other| other.at != spot.at) {
            let across = (other.at.x - spot.at.x).abs();
            let meets_label = (Self::label_top(other) - top).abs() < line * real(LABEL_LINES);
            if meets_label {
                half = half.min(across / 2.0);
            }
            let around = reach(other.radius, 1);
            let (high, low) = (other.at.y - other.head(), other.at.y + around);
            if high < bottom && low > top {
                half = half.min(across - around);
            }
        }
        half - letter / 2.0
    }

    /// Counts the lines below each node that meet no other words, and nothing that is drawn around
    /// another node: rings, and what is on its head.
    fn give_labels_lines(&mut self) {
        let (line, letter) = (self.line_height(), self.letter_width());
        let shown: Vec<Spot> = self.spots.iter().filter(|it| !it.is_hidden).copied().collect();
        let lowest = self.area.height - columns::banner(self.area);
        let titles: Vec<Obstacle> = titles(self).collect();
        let is_free = |spot: &Spot, lines: usize| {
            let half = real(spot.label_letters) * letter / 2.0;
            let top = Self::label_top(spot);
            let (from, to) = (top + line * real(lines - 1), top + line * real(lines));
            let meets = |other: &Spot| {
                let across = (other.at.x - spot.at.x).abs();
                let around = reach(other.radius, 1);
                let node = (other.at.y - other.head(), other.at.y + around);
                let words = Self::label_top(other);
                let words = (words, words + line * real(MOST_LINES));
                let is_level = |(high, low): (f64, f64)| high < to && low > from;
                (is_level(node) && across < half + around)
                    || (is_level(words) && across < half + real(other.label_letters) * letter / 2.0)
            };
            let meets_title = |&(middle, (wide, high)): &Obstacle| {
                let across = (middle.x - spot.at.x).abs();
                middle.y - high < to && middle.y + high > from && across < half + wide
            };
            to <= lowest
                && !titles.iter().any(meets_title)
                && !shown.iter().any(|other| other.at != spot.at && meets(other))
        };
        let lines =
            |spot: &Spot| (1..=MOST_LINES).take_while(|lines| is_free(spot, *lines)).count();
        let room: Vec<(usize, usize)> = self
            .spots
            .iter()
            .map(|spot| (lines(spot), self.letters_above(spot, &shown, &titles)))
            .collect();
        for (spot, room) in self.spots.iter_mut().zip(room).filter(|(spot, _)| !spot.is_hidden) {
            (spot.label_lines, spot.letters_above) = room;
        }
    }

    /// Counts the letters of a line right above a node that meet nobody else, nobody's words and no title.
    fn letters_above(&self, spot: &Spot, shown: &[Spot], titles: &[Obstacle]) -> usize {
        let (line, letter) = (self.line_height(), self.letter_width());
        let middle = Self::name_above(spot) - line / 2.0;
        if middle - line / 2.0 < self.area.tools() {
            return 0;
        }
        let around = |other: &Spot| {
            let (wide, head) = (reach(other.radius, 1), other.head());
            let low = Self::label_top(other) + line * real(MOST_LINES) - other.at.y;
            let words = real(other.label_letters) * letter / 2.0;
            let box_ = |wide, from: f64, to: f64| {
                (
                    Point::new(other.at.x, other.at.y + f64::midpoint(from, to)),
                    (wide, (to - from) / 2.0),
                )
            };
            [box_(wide, -head, wide), box_(words, Self::label_top(other) - other.at.y, low)]
        };
        let others = shown.iter().filter(|other| other.at != spot.at).flat_map(around);
        let is_level = |it: &Obstacle| (it.0.y - middle).abs() < it.1.1 + line / 2.0;
        let level = others.chain(titles.iter().copied()).filter(is_level);
        let edge = spot.at.x.min(self.area.width - spot.at.x);
        let half = level.map(|it| (it.0.x - spot.at.x).abs() - it.1.0).fold(edge, f64::min);
        whole((half * 2.0 / letter).max(0.0))
    }
}

fn whole(number: f64) -> usize {
    geometry::whole(number, 100_000) as usize
}
