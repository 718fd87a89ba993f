//! The open run, and what undo, redo and lanes go back to.

use faultline_core::link;
use faultline_core::run::Run;
use faultline_core::scenario::Setup;
use faultline_core::sim::{Action, NodeId, TimedAction};

use super::changes::{Changes, Version};
use super::figures::Measured;
use super::history::History;
use super::lanes::{Lane, Lanes, shortened};
use super::report;
use crate::wire::{ActionView, LaneView, Listed, Measure, Reproduced, Stop, Timeline, Update};

/// The timeline is sent anew when the known run has grown by this part of the horizon.
const PARTS_OF_HORIZON: u64 = 50;

/// What the page was last told of the timeline.
#[derive(Clone, Debug, Default)]
struct Told {
    known_us: u64,
    marks: usize,
    /// How often each action had bitten when the known end was last looked at.
    actions: Vec<ActionView>,
}

/// A run that a person works on.
pub(super) struct Lab {
    run: Run,
    changes: Changes,
    lanes: Lanes,
    /// What the present future would be called as a lane.
    name: String,
    told: Told,
    measured: Measured,
    history: History,
    /// Whether what decides the run has changed since the link was last asked for.
    is_link_due: bool,
    /// The node that the viewer looks through.
    watched: Option<NodeId>,
}

impl Lab {
    /// Opens a run at its beginning.
    pub(super) fn new(setup: Setup, actions: Vec<TimedAction>) -> Self {
        Self {
            run: Run::new(setup, actions),
            changes: Changes::default(),
            lanes: Lanes::default(),
            name: "the run as it was opened".into(),
            told: Told::default(),
            measured: Measured::default(),
            history: History::default(),
            is_link_due: true,
            watched: None,
        }
    }

    pub(super) fn run(&self) -> &Run {
        &self.run
    }

    pub(super) fn run_mut(&mut self) -> &mut Run {
        &mut self.run
    }

    /// Has frames say what a node has heard, or no longer.
    pub(super) fn watch(&mut self, node: Option<NodeId>) {
        self.watched = node;
    }

    /// Returns what the run is made of.
    pub(super) fn version(&self) -> Version {
        Version {
            setup: self.run.setup().clone(),
            actions: self.run.actions().to_vec(),
            name: self.name.clone(),
        }
    }

    /// Returns an action and its time in words.
    pub(super) fn told(&self, timed: &TimedAction) -> String {
        let labels = self.run.simulation().command_labels();
        let what = timed.action.sentence(self.run.simulation().names(), &labels);
        format!("“{what}” at {}", link::format_time(timed.at_us))
    }

    /// Returns what the present future would be called as a lane.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the name of an abandoned future and what it is made of.
    pub(super) fn lane(&self, index: u16) -> Option<(&str, Version)> {
        let version = self.lanes.version(index)?;
        Some((&version.name, version.clone()))
    }

    /// Makes the run anew of something else, which can be undone. The cursor is left where both have
    /// a past in common.
    pub(super) fn change(&mut self, version: Version) {
        let old = self.version();
        if !old.is_same_run(&version) {
            self.changes.note(old);
            self.remake(version);
        }
    }

    /// The same, and keeps the future that gives way as a lane of this name, if any of it was known.
    pub(super) fn leave_for(&mut self, version: Version, name: &str, out: &mut Vec<Update>) {
        self.keep_future(&version, Some(name), out);
        self.change(version);
    }

    /// Undoes the last change; false if there is none.
    pub(super) fn undo(&mut self) -> bool {
        let version = self.changes.undo(self.version());
        version.map(|version| self.remake(version)).is_some()
    }

    /// Does the last undone change again; false if there is none.
    pub(super) fn redo(&mut self, out: &mut Vec<Update>) -> bool {
        let Some(version) = self.changes.redo(self.version()) else { return false };
        if version.setup == *self.run.setup() {
            self.keep_future(&version, None, out);
        }
        self.remake(version);
        true
    }

    fn remake(&mut self, version: Version) {
        self.lanes.forget(&version);
        self.name = version.name;
        if *self.run.setup() == version.setup {
            self.run.replace_actions(version.actions);
        } else {
            self.run = Run::new(version.setup, version.actions);
        }
        self.forget_what_followed();
    }

    /// Forgets what was gathered from a future that is no more.
    fn forget_what_followed(&mut self) {
        self.told.actions.clear();
        self.measured = Measured::default();
        self.history.forget();
        self.is_link_due = true;
    }

    /// Keeps the present future as a lane if some of it is known and gives way to `next`.
    fn keep_future(&mut self, next: &Version, name: Option<&str>, out: &mut Vec<Update>) {
        let mut version = self.version();
        let is_lost = version.parts_from(next).is_some_and(|at_us| at_us < self.run.known_us());
        if is_lost {
            version.name = name.map_or(version.name, str::to_owned);
            self.keep_lane(Lane::of(&self.run, version), out);
        }
    }

    /// Does something to the world now. A future that is known gives way and becomes a lane.
    pub(super) fn act(&mut self, action: Action, out: &mut Vec<Update>) {
        let old = self.version();
        let what = self.told(&TimedAction { at_us: self.run.stamp(), action: action.clone() });
        let had_future = self.run.position() < self.run.known();
        if had_future {
            let name = format!("without {what}");
            let lane = Lane::of(&self.run, Version { name, ..old.clone() });
            self.keep_lane(lane, out);
            self.name = format!("with {what}");
        }
        self.run.act(action);
        self.changes.note(old);
        self.lanes.forget(&self.version());
        self.forget_what_followed();
    }

    /// Makes the run anew of `actions`, in which `what` does not happen. The run as it was becomes a
    /// lane.
    pub(super) fn fork_without(
        &mut self,
        what: &str,
        actions: Vec<TimedAction>,
        out: &mut Vec<Update>,
    ) {
        let name = format!("without {what}");
        let version = Version { actions, name, ..self.version() };
        self.leave_for(version, &format!("with {what}"), out);
    }

    fn keep_lane(&mut self, lane: Lane, out: &mut Vec<Update>) {
        out.extend(self.lanes.keep(lane).map(Update::Note));
    }

    /// Goes back to an abandoned future, and keeps the present one instead. Returns how far the run
    /// is to be known, and where the cursor goes.
    pub(super) fn open_lane(&mut self, index: u16, out: &mut Vec<Update>) -> Option<(u64, u64)> {
        let lane = self.lanes.take(index)?;
        let present = Lane::of(&self.run, self.version());
        self.keep_lane(present, out);
        self.change(lane.version);
        Some((lane.known_us, lane.at_us))
    }

    /// The lanes, to name or forget one of them.
    pub(super) fn lanes_mut(&mut self) -> &mut Lanes {
        &mut self.lanes
    }

    /// Puts back lanes that the page has kept, and what the present future was called beside them.
    pub(super) fn put_back(&mut self, name: &str, lanes: Vec<LaneView>) {
        self.name = shortened(name).unwrap_or_else(|| self.name.clone());
        let present = self.version();
        self.lanes.put_back(lanes, &present);
    }

    /// Returns the latest of those that a bar of a histogram counts.
    pub(super) fn listed(&mut self, measure: Measure, from: u64, to: u64) -> Listed {
        self.measured.listed(&self.run, measure, from, to)
    }

    /// Returns what clients asked and were told, with the run in which they did.
    pub(super) fn history(&mut self) -> (&mut History, &Run) {
        (&mut self.history, &self.run)
    }

    /// Returns the link to what decides the run, if that has changed since the last call. Nothing
    /// is run to make it: it is for the case that running fails.
    pub(super) fn take_changed_link(&mut self) -> Option<String> {
        let at_us = Some(self.run.now_us());
        let link = || link::format(self.run.setup(), self.run.actions(), at_us, None);
        std::mem::take(&mut self.is_link_due).then(link)
    }

    /// Returns the link to the run at the cursor; `checked`: with a digest in any case.
    pub(super) fn link(&self, checked: bool) -> String {
        let run = &self.run;
        let now_us = run.now_us();
        let is_over = run.next_at_us().is_none_or(|next_us| next_us > now_us);
        let digest = (checked || is_over).then(|| run.digest_at_cursor());
        link::format(run.setup(), run.actions(), Some(now_us), digest)
    }

    /// Returns true if the actions are not those of the script that the lesson tells of.
    fn leaves_script(&self) -> bool {
        let setup = self.run.setup();
        setup.scenario().script(setup, 0) != self.run.actions()
    }

    /// Tells what the page needs to know of the run as a whole.
    pub(super) fn tell_opened(&mut self, reproduced: Reproduced, out: &mut Vec<Update>) {
        out.push(Update::Opened(Box::new(report::opened(&self.run, reproduced))));
        self.tell_timeline(out);
    }

    /// Tells where the cursor is, and the timeline if the page's is out of date.
    pub(super) fn tell_frame(&mut self, stop: Option<Stop>, out: &mut Vec<Update>) {
        let journal = self.run.journal();
        let grown_us = self.run.known_us().abs_diff(self.told.known_us);
        let is_stale = grown_us * PARTS_OF_HORIZON >= self.run.setup().scenario().horizon_us
            || (stop.is_some() && grown_us > 0)
            || self.told.marks != journal.marks.len();
        if is_stale {
            self.tell_timeline(out);
        }
        let mut frame = report::frame(&self.run, stop, self.watched);
        frame.figures = self.measured.figures(&self.run);
        out.push(Update::Frame(Box::new(frame)));
    }

    /// Reads how often each action has bitten, where all that is known of the run has happened.
    pub(super) fn read_actions(&mut self) {
        self.told.actions = report::actions(&self.run);
    }

    /// Tells the run's extent, marks, actions and charts.
    pub(super) fn tell_timeline(&mut self, out: &mut Vec<Update>) {
        if self.run.position() == self.run.known() || self.told.actions.is_empty() {
            self.read_actions();
        }
        let run = &self.run;
        let journal = run.journal();
        self.told.known_us = run.known_us();
        self.told.marks = journal.marks.len();
        let (marks, marks_left_out) = report::marks(run);
        let (series, readings) = report::series(run);
        let present = self.version();
        out.push(Update::Timeline(Box::new(Timeline {
            known_us: run.known_us(),
            events: run.known().events,
            actions: self.told.actions.clone(),
            leaves_script: self.leaves_script(),
            marks,
            marks_left_out,
            series,
            readings,
            lanes: self.lanes.views(&present),
            name: present.name,
            undo: self.changes.available(),
        })));
    }
}
