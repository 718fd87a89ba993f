//! Abandoned futures: what a change of the past left behind, kept to be looked at and gone back to.

use faultline_core::link;
use faultline_core::order::sort_by_key;
use faultline_core::run::Run;
use faultline_core::scenario::Scenario;

use super::changes::Version;
use super::report;
use crate::wire::{LaneView, MarkGlyph, MarkView};

/// At most this many abandoned futures are kept.
const LANE_LIMIT: usize = 8;
/// At most this many marks of each are kept.
const MARK_LIMIT: usize = 60;
/// A lane's name has at most this many characters.
const NAME_LIMIT: usize = 120;

/// An abandoned future.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    pub(super) version: Version,
    /// Where the cursor was when it was left.
    pub(super) at_us: u64,
    /// How far it was known.
    pub(super) known_us: u64,
    marks: Vec<MarkView>,
    marks_left_out: u32,
}

impl Lane {
    /// Keeps the future of `run`, which is of `version`.
    pub(super) fn of(run: &Run, version: Version) -> Self {
        let (marks, left_out) = report::marks(run);
        let (marks, more_left_out) = most_telling(marks);
        Self {
            version,
            at_us: run.now_us(),
            known_us: run.known_us(),
            marks,
            marks_left_out: left_out + more_left_out,
        }
    }

    /// Reads what the page has kept; `None` if it is no run of this scenario.
    fn read(view: LaneView, scenario: &Scenario) -> Option<Self> {
        let opened = link::parse(&view.link, 0).ok()?;
        let is_of_scenario = opened.setup.scenario().slug == scenario.slug;
        let actions = opened.actions.filter(|_| is_of_scenario)?;
        let name = shortened(&view.name)?;
        let (marks, left_out) = most_telling(view.marks);
        Some(Self {
            at_us: view.at_us,
            known_us: view.known_us.max(view.at_us),
            version: Version {
                setup: opened.setup,
                actions,
                muted: view.muted,
                far_us: view.known_us,
                name,
            },
            marks,
            marks_left_out: view.marks_left_out.saturating_add(left_out),
        })
    }

    /// Returns the link to it, which names it.
    fn link(&self) -> String {
        link::format(&self.version.setup, &self.version.actions, Some(self.at_us), None)
    }

    /// Shows it beside the present future.
    fn view(&self, present: &Version) -> LaneView {
        let version = &self.version;
        let from_us = version.parts_from(present).unwrap_or(self.known_us);
        LaneView {
            name: version.name.clone(),
            link: self.link(),
            muted: version.muted.clone(),
            from_us,
            at_us: self.at_us,
            known_us: self.known_us,
            marks: self.marks.iter().filter(|mark| mark.at_us >= from_us).cloned().collect(),
            marks_left_out: self.marks_left_out,
        }
    }
}

/// All lanes, the oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Lanes(Vec<Lane>);

impl Lanes {
    /// Keeps a future. Returns a sentence if the oldest had to give way to it.
    pub(super) fn keep(&mut self, lane: Lane) -> Option<String> {
        self.forget(&lane.version);
        let oldest = (self.0.len() >= LANE_LIMIT).then(|| self.0.remove(0));
        self.0.push(lane);
        oldest.map(|oldest| {
            let name = oldest.version.name;
            format!(
                "At most {LANE_LIMIT} futures left behind are kept; the oldest is gone: {name}."
            )
        })
    }

    /// Puts back what the page has kept.
    pub(super) fn put_back(&mut self, views: Vec<LaneView>, present: &Version) {
        let scenario = present.setup.scenario();
        let lanes = views.into_iter().filter_map(|view| Lane::read(view, scenario));
        self.0 = lanes.filter(|lane| !lane.version.is_same_run(present)).take(LANE_LIMIT).collect();
    }

    /// Takes a lane out; `None` if there is no such lane.
    pub(super) fn take(&mut self, link: &str) -> Option<Lane> {
        let place = self.0.iter().position(|lane| lane.link() == link)?;
        Some(self.0.remove(place))
    }

    /// Gives a lane a name of the viewer's own; false if there is no such lane.
    pub(super) fn rename(&mut self, link: &str, name: &str) -> bool {
        let Some(lane) = self.0.iter_mut().find(|lane| lane.link() == link) else { return false };
        if let Some(name) = shortened(name) {
            lane.version.name = name;
        }
        true
    }

    /// Forgets the lane of this very run: it is the present future, or is kept anew.
    pub(super) fn forget(&mut self, version: &Version) {
        self.0.retain(|lane| !lane.version.is_same_run(version));
    }

    /// Shows them beside the present future.
    pub(super) fn views(&self, present: &Version) -> Vec<LaneView> {
        self.0.iter().map(|lane| lane.view(present)).collect()
    }
}

/// Returns a name without what surrounds it, not too long; `None` if nothing is left.
pub(super) fn shortened(name: &str) -> Option<String> {
    let name: String = name.trim().chars().take(NAME_LIMIT).collect();
    (!name.is_empty()).then_some(name)
}

/// Keeps the marks that tell most: what broke before what was done, that before the rest.
fn most_telling(marks: Vec<MarkView>) -> (Vec<MarkView>, u32) {
    let rank = |mark: &MarkView| match mark.kind {
        MarkGlyph::Violation => 0,
        MarkGlyph::Fault | MarkGlyph::Asked => 1,
        MarkGlyph::Goal | MarkGlyph::Alert => 2,
        MarkGlyph::Beat => 3,
        MarkGlyph::Epoch(_) => 4,
    };
    let total = marks.len();
    let mut ranked: Vec<(usize, MarkView)> = marks.into_iter().enumerate().collect();
    sort_by_key(&mut ranked, |(place, mark)| (rank(mark), *place));
    ranked.truncate(MARK_LIMIT);
    sort_by_key(&mut ranked, |(place, _)| *place);
    let left_out = u32::try_from(total - ranked.len()).unwrap_or(u32::MAX);
    (ranked.into_iter().map(|(_, mark)| mark).collect(), left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_broke_outlasts_a_crowd_of_epochs() {
        let mark = |at_us, kind| MarkView { at_us, event: 0, kind, text: String::new() };
        let mut marks: Vec<_> =
            (0..500).map(|at_us| mark(at_us, MarkGlyph::Epoch(at_us))).collect();
        marks.push(mark(500, MarkGlyph::Violation));
        let (kept, left_out) = most_telling(marks);
        assert_eq!((kept.len(), left_out), (MARK_LIMIT, 441));
        assert_eq!(kept.last().map(|mark| mark.kind), Some(MarkGlyph::Violation));
        assert!(kept.is_sorted_by_key(|mark| mark.at_us));
    }

    #[test]
    fn names_are_short_and_not_empty() {
        assert_eq!(shortened("  "), None);
        assert_eq!(shortened(" a b ").as_deref(), Some("a b"));
        assert_eq!(shortened(&"x".repeat(1_000)).map(|name| name.len()), Some(NAME_LIMIT));
    }
}
