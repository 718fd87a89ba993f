//! Which stretch of the run the timeline shows, and where in it a moment lies.

/// No stretch is shorter than this.
const SHORTEST_US: u64 = 1_000;
/// Around the cursor, a run is shown this many times larger than as a whole.
const AROUND: u64 = 10;

/// What the viewer wants to see of the run.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Zoom {
    /// All of it.
    #[default]
    Whole,
    /// As long as the story takes, whatever was played after it.
    Story,
    /// A stretch of it, which follows the cursor.
    Part {
        /// Where it begins, as long as the cursor is in it.
        from_us: u64,
        /// How long it is.
        span_us: u64,
        /// Where the cursor was when this was chosen: until it moves, it need not be in view.
        chosen_at_us: u64,
    },
}

/// How the run extends: what a stretch is a part of.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "units last")]
pub(crate) struct Extent {
    /// True time at the cursor.
    pub(crate) now_us: u64,
    /// How long the story takes.
    pub(crate) horizon_us: u64,
    /// All there is to show.
    pub(crate) whole_us: u64,
}

/// A stretch of true time.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// Where it begins.
    pub(crate) from_us: u64,
    /// Where it ends; later than it begins.
    pub(crate) to_us: u64,
}

impl Zoom {
    /// Returns a stretch around the cursor.
    pub(crate) fn around(extent: Extent) -> Self {
        let span_us = (extent.whole_us / AROUND).max(SHORTEST_US);
        let from_us = extent.now_us.saturating_sub(span_us / 2);
        Self::Part { from_us, span_us, chosen_at_us: extent.now_us }
    }

    /// Returns the stretch to show.
    pub(crate) fn stretch(self, extent: Extent) -> Stretch {
        let Extent { now_us, horizon_us, whole_us } = extent;
        match self {
            Self::Story if now_us <= horizon_us => Stretch::new(0, horizon_us),
            Self::Whole | Self::Story => Stretch::new(0, whole_us),
            Self::Part { from_us, span_us, chosen_at_us } => {
                let chosen = Stretch::new(from_us, from_us.saturating_add(span_us));
                if now_us == chosen_at_us || chosen.has(now_us) {
                    return chosen;
                }
                // In half-widths, so that the cursor sweeps over marks that stand still.
                let half_us = (span_us / 2).max(1);
                let from_us = (now_us / half_us).saturating_sub(1) * half_us;
                Stretch::new(from_us, from_us + span_us)
            }
        }
    }

    /// Shows `percent` of the present stretch, the moment `at_us` staying in its place.
    #[must_use]
    pub(crate) fn scaled(self, percent: u64, at_us: u64, extent: Extent) -> Self {
        let now = self.stretch(extent);
        let span_us = (now.span_us() * percent / 100).max(SHORTEST_US);
        if span_us >= extent.whole_us {
            return Self::Whole;
        }
        let before_us = at_us.saturating_sub(now.from_us) * percent / 100;
        let from_us = at_us.saturating_sub(before_us).min(extent.whole_us - span_us);
        Self::Part { from_us, span_us, chosen_at_us: extent.now_us }
    }

    /// Shows what comes `percent` of the present stretch later, or earlier if that is negative.
    #[must_use]
    pub(crate) fn moved(self, percent: i64, extent: Extent) -> Self {
        let now = self.stretch(extent);
        let span_us = now.span_us();
        let by_us = i64::try_from(span_us).unwrap_or(i64::MAX) / 100 * percent;
        let latest_us = extent.whole_us.saturating_sub(span_us);
        let from_us = now.from_us.saturating_add_signed(by_us).min(latest_us);
        Self::Part { from_us, span_us, chosen_at_us: extent.now_us }
    }
}

impl Stretch {
    /// Makes a stretch; one that is empty or ends before it begins lasts a microsecond.
    pub(crate) fn new(from_us: u64, to_us: u64) -> Self {
        Self { from_us, to_us: to_us.max(from_us + 1) }
    }

    /// Returns how long it is.
    pub(crate) fn span_us(self) -> u64 {
        self.to_us - self.from_us
    }

    /// Returns true if a moment lies in it, its ends included.
    pub(crate) fn has(self, at_us: u64) -> bool {
        (self.from_us..=self.to_us).contains(&at_us)
    }

    /// Returns where a moment is, as a share; outside of the stretch, at its nearer end.
    pub(crate) fn share(self, at_us: u64) -> f64 {
        let part_us = at_us.clamp(self.from_us, self.to_us) - self.from_us;
        float(part_us) / float(self.span_us())
    }

    /// Returns the same as CSS: "12.34%".
    pub(crate) fn percent(self, at_us: u64) -> String {
        format!("{:.2}%", self.share(at_us) * 100.0)
    }

    /// Returns the moment at a share, on a multiple of `grain_us` within the stretch's reach.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a pixel is far coarser than what is rounded away"
    )]
    pub(crate) fn moment(self, share: f64, grain_us: u64) -> u64 {
        let grain_us = grain_us.max(1);
        let at_us = self.from_us + (share.clamp(0.0, 1.0) * float(self.span_us())) as u64;
        (at_us + grain_us / 2) / grain_us * grain_us
    }
}

#[expect(clippy::cast_precision_loss, reason = "runs are far shorter than 2^53 microseconds")]
fn float(us: u64) -> f64 {
    us as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTENT: Extent = Extent { now_us: 5_000, horizon_us: 10_000, whole_us: 100_000 };

    #[test]
    fn the_whole_the_story_and_the_surroundings_of_the_cursor() {
        assert_eq!(Zoom::Whole.stretch(EXTENT), Stretch::new(0, 100_000));
        assert_eq!(Zoom::Story.stretch(EXTENT), Stretch::new(0, 10_000));
        let beyond = Extent { now_us: 11_000, ..EXTENT };
        assert_eq!(Zoom::Story.stretch(beyond), Stretch::new(0, 100_000), "the cursor is in view");
        assert_eq!(Zoom::around(EXTENT).stretch(EXTENT), Stretch::new(0, 10_000));
        let late = Extent { now_us: 50_000, ..EXTENT };
        assert_eq!(Zoom::around(late).stretch(late), Stretch::new(45_000, 55_000));
    }

    #[test]
    fn a_part_follows_the_cursor_when_that_leaves_it() {
        let zoom = Zoom::Part { from_us: 20_000, span_us: 10_000, chosen_at_us: 5_000 };
        assert_eq!(zoom.stretch(EXTENT), Stretch::new(20_000, 30_000), "looked at from afar");
        let moved = Extent { now_us: 6_000, ..EXTENT };
        assert_eq!(zoom.stretch(moved), Stretch::new(0, 10_000));
        let within = Extent { now_us: 29_000, ..EXTENT };
        assert_eq!(zoom.stretch(within), Stretch::new(20_000, 30_000));
        let after = Extent { now_us: 31_000, ..EXTENT };
        assert_eq!(zoom.stretch(after), Stretch::new(25_000, 35_000));
    }

    #[test]
    fn scaling_keeps_the_moment_under_the_pointer_in_its_place() {
        let closer = Zoom::Whole.scaled(50, 80_000, EXTENT);
        assert_eq!(closer.stretch(EXTENT), Stretch::new(40_000, 90_000));
        assert_eq!(closer.scaled(200, 80_000, EXTENT), Zoom::Whole);
        let mut closest = Zoom::Whole;
        for _ in 0..100 {
            closest = closest.scaled(50, 5_000, EXTENT);
        }
        assert_eq!(closest.stretch(EXTENT).span_us(), SHORTEST_US);
    }

    #[test]
    fn moving_stops_at_the_ends() {
        let part = Zoom::Part { from_us: 0, span_us: 10_000, chosen_at_us: 5_000 };
        assert_eq!(part.moved(50, EXTENT).stretch(EXTENT), Stretch::new(5_000, 15_000));
        assert_eq!(part.moved(-50, EXTENT).stretch(EXTENT), Stretch::new(0, 10_000));
        assert_eq!(part.moved(10_000, EXTENT).stretch(EXTENT), Stretch::new(90_000, 100_000));
    }

    #[test]
    fn moments_snap_to_the_grain() {
        let stretch = Stretch::new(0, 10_000);
        assert_eq!(stretch.moment(0.126, 100), 1_300);
        assert_eq!(stretch.moment(-1.0, 100), 0);
        assert_eq!(stretch.moment(2.0, 0), 10_000);
        assert_eq!(stretch.percent(2_500), "25.00%");
        assert_eq!(stretch.percent(99_000), "100.00%");
    }
}
