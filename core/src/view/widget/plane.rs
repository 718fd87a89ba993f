//! Points in a plane: one quantity against another, where time is neither.

use serde::{Deserialize, Serialize};

use super::Tone;

/// What is measured along one side of a [`Plane`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Quantity {
    /// What it is.
    pub name: String,
    /// In which unit; may be empty.
    pub unit: String,
    /// How many of the digits of each value stand behind the point: 12345 with 3 is 12.345.
    pub decimals: u8,
}

impl Quantity {
    /// Makes a quantity of whole numbers.
    pub fn new(name: impl Into<String>, unit: impl Into<String>) -> Self {
        Self { name: name.into(), unit: unit.into(), decimals: 0 }
    }
}

/// Points that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Curve {
    /// What they are.
    pub name: String,
    /// To the right and up.
    pub points: Vec<(i64, i64)>,
    /// Whether each leads to the next; otherwise their order means nothing.
    pub is_joined: bool,
    /// How good or bad they are.
    pub tone: Tone,
}

/// A value that divides a [`Plane`], or a place in it worth a name. Without one coordinate it is a line
/// across the plane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PlaneMark {
    /// What it is called.
    pub name: String,
    /// How far to the right; `None` for a line from left to right.
    pub x: Option<i64>,
    /// How far up; `None` for a line from bottom to top.
    pub y: Option<i64>,
}

/// One quantity against another: a phase plot, time to detection against threshold, throughput against
/// load.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Plane {
    /// What is shown.
    pub label: String,
    /// What is measured to the right.
    pub x: Quantity,
    /// What is measured upwards.
    pub y: Quantity,
    /// The points; of many curves the later lie on top.
    pub curves: Vec<Curve>,
    /// What the points are to be compared with.
    pub marks: Vec<PlaneMark>,
}

impl Plane {
    /// Makes a plane without points.
    pub fn new(label: impl Into<String>, x: Quantity, y: Quantity) -> Self {
        Self { label: label.into(), x, y, ..Self::default() }
    }

    /// Adds points of which each leads to the next.
    #[must_use]
    pub fn with_curve(
        mut self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (i64, i64)>,
        tone: Tone,
    ) -> Self {
        let points = points.into_iter().collect();
        self.curves.push(Curve { name: name.into(), points, is_joined: true, tone });
        self
    }

    /// Adds points in no order.
    #[must_use]
    pub fn with_points(
        mut self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (i64, i64)>,
        tone: Tone,
    ) -> Self {
        let points = points.into_iter().collect();
        self.curves.push(Curve { name: name.into(), points, is_joined: false, tone });
        self
    }

    /// Adds a line across, or a place if both coordinates are given.
    #[must_use]
    pub fn with_mark(mut self, name: impl Into<String>, x: Option<i64>, y: Option<i64>) -> Self {
        self.marks.push(PlaneMark { name: name.into(), x, y });
        self
    }

    /// Returns from where to where points and marks reach, to the right and up; `None` without points.
    pub fn extent(&self) -> Option<[(i64, i64); 2]> {
        let points = || self.curves.iter().flat_map(|curve| curve.points.iter().copied());
        points().next()?;
        let xs = points().map(|it| it.0).chain(self.marks.iter().filter_map(|mark| mark.x));
        let ys = points().map(|it| it.1).chain(self.marks.iter().filter_map(|mark| mark.y));
        let around = |all: &mut dyn Iterator<Item = i64>| {
            all.fold((i64::MAX, i64::MIN), |(low, high), it| (low.min(it), high.max(it)))
        };
        Some([around(&mut { xs }), around(&mut { ys })])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_reaches_as_far_as_points_and_marks() {
        let plane = Plane::new("Detection", Quantity::new("threshold", ""), Quantity::default());
        assert_eq!(plane.clone().with_mark("bound", Some(3), None).extent(), None);
        let plane = plane.with_curve("found", [(1, 20), (8, -5)], Tone::Neutral);
        assert_eq!(plane.extent(), Some([(1, 8), (-5, 20)]));
        let marked = plane.with_mark("target", None, Some(90)).with_mark("chosen", Some(12), None);
        assert_eq!(marked.extent(), Some([(1, 12), (-5, 90)]));
    }
}
