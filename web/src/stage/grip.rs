//! What a press holds, and two fingers that pinch.

use faultline_core::sim::NodeId;

use super::camera::Camera;
use super::geometry::Point;
use super::layout::Area;

/// What a press has taken hold of.
#[derive(Copy, Clone, Debug, Default, PartialEq)]
pub(crate) enum Grip {
    /// Nothing.
    #[default]
    Nothing,
    /// A node, which stood there on screen.
    Node {
        /// Which.
        node: NodeId,
        /// Where it stood.
        from: Point,
    },
    /// The stage itself, seen like that when it was taken.
    Stage {
        /// How it was seen.
        camera: Camera,
    },
    /// The stage with two fingers, which touched it there.
    Pinch {
        /// How it was seen.
        camera: Camera,
        /// Where they touched it.
        pair: Pair,
    },
}

/// Where two fingers are.
#[derive(Copy, Clone, Debug, PartialEq)]
pub(crate) struct Pair(Point, Point);

impl Pair {
    fn middle(self) -> Point {
        self.0.towards(self.1, 0.5)
    }

    /// Returns the camera after the fingers have moved: what each of them touched stays under it, as
    /// far as that is possible without turning.
    pub(crate) fn pinched(self, camera: Camera, now: Self, area: Area, most: f64) -> Camera {
        let apart = self.0.distance(self.1).max(1.0);
        let factor = now.0.distance(now.1) / apart;
        let enlarged = camera.zoomed(area, factor, self.middle(), most);
        enlarged.panned(area, now.middle() - self.middle())
    }
}

/// The fingers on the stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Touches(Vec<(i32, Point)>);

impl Touches {
    /// A finger touches the stage.
    pub(crate) fn down(&mut self, id: i32, at: Point) {
        self.up(id);
        self.0.push((id, at));
    }

    /// A finger moves.
    pub(crate) fn moved(&mut self, id: i32, at: Point) {
        if let Some((_, place)) = self.0.iter_mut().find(|(known, _)| *known == id) {
            *place = at;
        }
    }

    /// A finger leaves.
    pub(crate) fn up(&mut self, id: i32) {
        self.0.retain(|(known, _)| *known != id);
    }

    /// Returns where the fingers are if there are two.
    pub(crate) fn pair(&self) -> Option<Pair> {
        let [(_, one), (_, other)] = *self.0.as_slice() else { return None };
        Some(Pair(one, other))
    }

    /// Returns true if no finger touches the stage.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_fingers_touch_stays_under_them() {
        let area = Area { width: 800.0, height: 600.0, text: 14.0 };
        let camera = Camera { zoom: 1.2, middle: Point::new(0.4, 0.5) };
        let mut touches = Touches::default();
        touches.down(5, Point::new(300.0, 300.0));
        assert_eq!(touches.pair(), None);
        touches.down(6, Point::new(400.0, 300.0));
        let before = touches.pair().unwrap();
        touches.moved(5, Point::new(260.0, 330.0));
        touches.moved(6, Point::new(460.0, 330.0));
        let after = before.pinched(camera, touches.pair().unwrap(), area, 4.0);
        assert!((after.zoom - 2.4).abs() < 1e-9);
        for (then, now) in [(300.0, 260.0), (400.0, 460.0)] {
            let place = camera.on_stage(area, Point::new(then, 300.0));
            let seen = after.on_screen(area, place);
            assert!(seen.distance(Point::new(now, 330.0)) < 1e-6, "{seen:?}");
        }
        touches.up(5);
        assert_eq!(touches.pair(), None);
        touches.up(6);
        assert!(touches.is_empty());
    }
}
