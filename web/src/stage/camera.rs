//! Which part of the stage is in sight, and how large.

use super::geometry::Point;
use super::layout::Area;

/// How much larger or smaller one press of a button makes everything.
pub(crate) const ZOOM_STEP: f64 = 1.3;
/// No smaller than this.
const LEAST_ZOOM: f64 = 0.6;

/// What the viewer looks at. The usual camera shows the whole stage.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(crate) struct Camera {
    /// How much larger everything is than usual.
    pub(crate) zoom: f64,
    /// Which point of the stage is in the middle of the screen, in shares of the stage's size.
    pub(crate) middle: Point,
}

impl Default for Camera {
    fn default() -> Self {
        Self { zoom: 1.0, middle: Point::new(0.5, 0.5) }
    }
}

impl Camera {
    /// Returns where on screen a point of the stage is.
    pub(crate) fn on_screen(&self, area: Area, at: Point) -> Point {
        (at - scaled(self.middle, area)) * self.zoom + half(area)
    }

    /// Returns which point of the stage is seen there on screen.
    pub(crate) fn on_stage(&self, area: Area, at: Point) -> Point {
        (at - half(area)) * (1.0 / self.zoom) + scaled(self.middle, area)
    }

    /// Comes closer by `factor` or goes further away; what is at `anchor` on screen stays there.
    #[must_use]
    pub(crate) fn zoomed(self, area: Area, factor: f64, anchor: Point, most: f64) -> Self {
        let zoom = (self.zoom * factor).clamp(LEAST_ZOOM, most);
        let fixed = self.on_stage(area, anchor);
        let middle = fixed - (anchor - half(area)) * (1.0 / zoom);
        Self { zoom, ..self }.looking_at(area, middle)
    }

    /// Moves all that is seen by this much on screen.
    #[must_use]
    pub(crate) fn panned(self, area: Area, by: Point) -> Self {
        self.looking_at(area, self.on_stage(area, half(area) - by))
    }

    /// Shows this point of the stage in the middle; no further away than the stage's edge.
    #[must_use]
    pub(crate) fn looking_at(self, area: Area, at: Point) -> Self {
        let share = |length: f64, whole: f64| {
            if whole > 0.0 { (length / whole).clamp(0.0, 1.0) } else { 0.5 }
        };
        Self { middle: Point::new(share(at.x, area.width), share(at.y, area.height)), ..self }
    }

    /// Returns the camera that shows a circle of the stage as large as it fits.
    pub(crate) fn onto(area: Area, at: Point, zoom: f64) -> Self {
        Self { zoom, ..Self::default() }.looking_at(area, at)
    }

    /// Returns true if it shows all, as at the beginning.
    pub(crate) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

fn half(area: Area) -> Point {
    Point::new(area.width / 2.0, area.height / 2.0)
}

fn scaled(share: Point, area: Area) -> Point {
    Point::new(share.x * area.width, share.y * area.height)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Area = Area { width: 800.0, height: 600.0, text: 14.0 };

    fn is_near(one: Point, other: Point) {
        assert!(one.distance(other) < 1e-6, "{one:?} is not {other:?}");
    }

    #[test]
    fn the_usual_camera_shows_all_as_it_stands() {
        let at = Point::new(123.0, 45.0);
        is_near(Camera::default().on_screen(AREA, at), at);
        assert!(Camera::default().is_usual());
    }

    #[test]
    fn screen_and_stage_are_inverse() {
        let camera = Camera { zoom: 2.5, middle: Point::new(0.3, 0.8) };
        for at in [Point::new(0.0, 0.0), Point::new(640.0, 333.0)] {
            is_near(camera.on_stage(AREA, camera.on_screen(AREA, at)), at);
        }
    }

    #[test]
    fn what_is_under_the_pointer_stays_there_when_it_is_enlarged() {
        let (camera, anchor) = (Camera::default(), Point::new(500.0, 200.0));
        let before = camera.on_stage(AREA, anchor);
        let after = camera.zoomed(AREA, 1.7, anchor, 4.0);
        is_near(after.on_stage(AREA, anchor), before);
        assert!((after.zoom - 1.7).abs() < 1e-9);
        let back = after.zoomed(AREA, 1.0 / 1.7, anchor, 4.0);
        is_near(back.middle, camera.middle);
    }

    #[test]
    fn zoom_and_place_have_limits() {
        let camera = Camera::default().zoomed(AREA, 99.0, Point::new(0.0, 0.0), 4.0);
        assert!((camera.zoom - 4.0).abs() < 1e-9);
        let away = camera.panned(AREA, Point::new(99_999.0, -99_999.0));
        is_near(away.middle, Point::new(0.0, 1.0));
        let small = Camera::default().zoomed(AREA, 0.001, Point::new(0.0, 0.0), 4.0);
        assert!((small.zoom - LEAST_ZOOM).abs() < 1e-9);
        let nowhere = Camera::default().panned(Area::default(), Point::new(5.0, 5.0));
        assert!(nowhere.middle.x.is_finite());
    }

    #[test]
    fn panning_moves_what_is_seen_as_far_as_the_hand() {
        let camera = Camera { zoom: 2.0, ..Camera::default() };
        let at = Point::new(400.0, 300.0);
        let moved = camera.panned(AREA, Point::new(30.0, -12.0));
        is_near(moved.on_screen(AREA, at), camera.on_screen(AREA, at) + Point::new(30.0, -12.0));
    }
}
