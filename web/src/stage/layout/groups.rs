//! A crowd: nodes in groups, each a disk from afar; its members show when one comes close.

use faultline_core::view;

use super::columns::Margin;
use super::ring::Middle;
use super::{Area, Group, Layout, Line, Spot, places, whole};
use crate::stage::camera::Camera;
use crate::stage::geometry::{Point, real};
use crate::stage::ground::{Ground, Tier, by_tier};
use crate::stage::node::id_at;

/// A group of no particular kind has about this many members.
const USUAL_MEMBERS: usize = 25;
/// Members this large on screen are drawn one by one.
const LARGE_ENOUGH: f64 = 20.0;
/// Looked at, a group takes this share of the stage's smaller side.
const SHARE_OF_STAGE: f64 = 0.8;
/// Of a group's disk, its members take a square with this side, in radii.
const SQUARE: f64 = 1.42;

/// Name and members of a group to be.
type Part = (Option<String>, Vec<usize>);

/// Divides a crowd: by zone, by what nodes are for if the stage shows layers, or evenly in order.
fn parts(tiers: &[Tier], ground: &Ground) -> Vec<Part> {
    if !ground.zones.is_empty() {
        let zones = ground.by_zone(tiers.len()).into_iter();
        return zones.map(|(name, members)| (name.map(str::to_owned), members)).collect();
    }
    if ground.layout == view::Layout::Layers {
        let bands = by_tier(tiers).into_iter();
        return bands.map(|(tier, members)| (Some(tier.title().to_owned()), members)).collect();
    }
    let count = tiers.len().div_ceil(USUAL_MEMBERS).max(3);
    let first = |part: usize| (part * tiers.len()).div_ceil(count);
    (0..count).map(|part| (None, (first(part)..first(part + 1)).collect())).collect()
}

impl Layout {
    /// Places a crowd.
    pub(super) fn crowded(mut self, tiers: &[Tier], ground: &Ground, margin: &Margin) -> Self {
        let parts = parts(tiers, ground);
        let (spots, lines) = self.disks(&parts, ground, margin);
        self.lines = lines;
        self.spots = vec![Spot::default(); tiers.len()];
        for ((name, members), spot) in parts.into_iter().zip(spots) {
            let radius = self.place_members(&members, spot);
            let closest = fitting(&spot, self.area);
            self.groups.push(Group {
                name,
                members: members.into_iter().map(id_at).collect(),
                spot,
                home: spot,
                opens_at: closest.min(LARGE_ENOUGH / radius.max(0.1)).max(1.2),
                is_open: false,
            });
        }
        self
    }

    /// Returns where the groups are: on a map near the middle of their members, with its lines; else
    /// on a ring.
    fn disks(&self, parts: &[Part], ground: &Ground, margin: &Margin) -> (Vec<Spot>, Vec<Line>) {
        let area = self.area;
        let count = parts.iter().map(|(_, members)| members.len()).sum();
        let named = match &ground.layout {
            view::Layout::Map(named) if !named.is_empty() => Some(places::on_map(named, count)),
            view::Layout::Free(named) if !named.is_empty() => Some(places::on_stage(named, count)),
            view::Layout::Ring
            | view::Layout::Zones
            | view::Layout::Layers
            | view::Layout::Map(_)
            | view::Layout::Free(_) => None,
        };
        let Some(named) = named else {
            let middle = Middle::new(area, margin, (0.0, 0.0), area.scale());
            let largest = (area.width.min(area.height) * 0.3).max(1.0);
            return (middle.disks(parts.len(), largest), Vec::new());
        };
        let members = parts.iter().map(|(_, members)| members.as_slice());
        let placed = self.clone().at_places(&named.middles(members), margin);
        (placed.grown(), placed.lines)
    }

    /// Makes disks as large as they can be without meeting.
    fn grown(&self) -> Vec<Spot> {
        let spots = &self.spots;
        let distance = |index: usize| {
            let others = spots.iter().enumerate().filter(move |(other, _)| *other != index);
            others
                .map(|(_, other)| other.at.distance(spots[index].at))
                .fold(f64::INFINITY, f64::min)
        };
        let area = self.area;
        let largest = area.width.min(area.height) * 0.2;
        let radius = (0..spots.len()).map(distance).fold(largest * 2.3, f64::min) / 2.3;
        let radius = radius.max(spots.first().map_or(4.0, |spot| spot.radius));
        let inside = |at: Point| {
            let clamp =
                |length: f64, whole: f64| length.clamp(radius, (whole - radius).max(radius));
            Point::new(clamp(at.x, area.width), clamp(at.y, area.height))
        };
        spots.iter().map(|spot| Spot::new(inside(spot.at), radius)).collect()
    }

    /// Places the members of a group within its disk, in reading order; returns their radius.
    fn place_members(&mut self, members: &[usize], disk: Spot) -> f64 {
        let columns = whole(real(members.len()).sqrt().ceil()).max(1);
        let rows = members.len().div_ceil(columns).max(1);
        let side = disk.radius * SQUARE;
        let pitch = side / real(columns);
        let radius = pitch / 2.9;
        for (place, &index) in members.iter().enumerate() {
            let (column, row) = (place % columns, place / columns);
            let across = (real(column) + 0.5) * pitch - side / 2.0;
            // Labels hang below, so rows stand a little higher than the middle.
            let down = (real(row) + 0.5) * pitch - real(rows) * pitch / 2.0 - radius * 0.4;
            self.spots[index] = Spot::new(disk.at + Point::new(across, down), radius);
        }
        radius
    }

    /// Shows the members of groups that are close enough, and hides those of all others.
    pub(super) fn open_groups(&mut self, camera: &Camera) {
        let area = self.area;
        let is_in_sight = |spot: &Spot| {
            let reach = spot.radius * 2.0;
            let is_within = |at: f64, whole: f64| at > -reach && at < whole + reach;
            is_within(spot.at.x, area.width) && is_within(spot.at.y, area.height)
        };
        for group in &mut self.groups {
            group.spot.at = camera.on_screen(area, group.home.at);
            group.spot.radius = group.home.radius * camera.zoom;
            group.is_open = camera.zoom >= group.opens_at * 0.999;
            for id in &group.members {
                let Some(spot) = self.spots.get_mut(id.index()) else { continue };
                if !group.is_open {
                    *spot = group.spot;
                }
                spot.is_hidden = !group.is_open || !is_in_sight(spot);
            }
        }
    }
}

impl Group {
    /// Returns the camera that shows this group's members.
    pub(crate) fn close_up(&self, area: Area) -> Camera {
        Camera::onto(area, self.home.at, fitting(&self.home, area).max(self.opens_at))
    }
}

/// Returns how close one has to come for a disk to fill the stage.
fn fitting(disk: &Spot, area: Area) -> f64 {
    let side = area.width.min(area.height);
    (side * SHARE_OF_STAGE / (disk.radius * 2.0).max(1.0)).max(1.2)
}
