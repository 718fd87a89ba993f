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
use crate::epoch::call_epochs;
use crate::format::instant;
use crate::wire::{ActionView, Kept, Opened, Reproduced, Stop, Timeline, Update};

/// The timeline is sent anew when the known run has grown by this part of the horizon.
const PARTS_OF_HORIZON: u64 = 50;
/// A known future of more events than this is not gone through again by itself.
const KNOWN_AGAIN_LIMIT: u32 = 200_000;
/// What a future is called that nothing has set apart from another one yet.
const AS_OPENED: &str = "the run as it was opened";

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
    /// What was taken out of the run and can be put back.
    muted: Vec<TimedAction>,
    /// What the present future would be called as a lane.
    name: String,
    told: Told,
    measured: Measured,
    history: History,
    /// Whether what decides the run has changed since the link was last asked for.
    is_link_due: bool,
    /// The node that the viewer looks through.
    watched: Option<NodeId>,
    /// The number of the last text typed.
    typed_up_to: u32,
}

impl Lab {
    /// Opens a run at its beginning, with what the page has kept of it.
    pub(super) fn new(setup: Setup, actions: Vec<TimedAction>, mut kept: Kept) -> Self {
        // The page may have kept it a moment before its address said so: what is in the run is not muted.
        kept.muted.retain(|muted| !actions.contains(muted));
        let mut lab = Self {
            run: Run::new(setup, actions),
            changes: Changes::default(),
            lanes: Lanes::default(),
            muted: kept.muted,
            name: shortened(&kept.name).unwrap_or_else(|| AS_OPENED.into()),
            told: Told::default(),
            measured: Measured::default(),
            history: History::default(),
            is_link_due: true,
            watched: None,
            typed_up_to: 0,
        };
        call_epochs(lab.run.simulation().epoch_word());
        let present = lab.version();
        lab.lanes.put_back(kept.lanes, &present);
        lab
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

    /// Notes that this text was typed, or never will be: frames know of it from now on.
    pub(super) fn note_typed(&mut self, request: u32) {
        self.typed_up_to = self.typed_up_to.max(request);
    }

    /// Returns what the run is made of.
    pub(super) fn version(&self) -> Version {
        Version {
            setup: self.run.setup().clone(),
            actions: self.run.actions().to_vec(),
            muted: self.muted.clone(),
            far_us: self.far_us(),
            name: self.name.clone(),
        }
    }

    /// Returns how far the run is gone through again when it is made anew: as far as it was known,
    /// unless that takes too long.
    pub(super) fn far_us(&self) -> u64 {
        let (here_us, known_us) = (self.run.now_us(), self.run.known_us());
        if self.run.known().events > KNOWN_AGAIN_LIMIT { here_us } else { known_us.max(here_us) }
    }

    /// Returns an action and its time in words.
    pub(super) fn told(&self, timed: &TimedAction) -> String {
        let labels = self.run.simulation().command_labels();
        let what = timed.action.sentence(self.run.simulation().names(), &labels);
        format!("“{what}” at {}", instant(timed.at_us))
    }

    /// Returns what the present future would be called as a lane.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Makes the run anew of something else, which can be undone. The cursor is left where both have
    /// a past in common.
    pub(super) fn change(&mut self, version: Version) {
        let old = self.version();
        if !old.is_same_run(&version) {
            self.changes.note(old);
            self.remake(version);
        } else if old.muted != version.muted {
            self.changes.note(old);
            self.muted = version.muted;
        }
    }

    /// The same, and keeps the future that gives way as a lane, if any of it was known. It is called
    /// `name` if it has no name yet.
    pub(super) fn leave_for(&mut self, version: Version, name: &str, out: &mut Vec<Update>) {
        self.keep_future(&version, name, out);
        self.change(version);
    }

    /// Undoes the last change. Returns how far the run is to be known; `None` if there is no change.
    pub(super) fn undo(&mut self) -> Option<u64> {
        let version = self.changes.undo(self.version())?;
        Some(self.remake(version))
    }

    /// Does the last undone change again, like [`Self::undo`].
    pub(super) fn redo(&mut self, out: &mut Vec<Update>) -> Option<u64> {
        let version = self.changes.redo(self.version())?;
        if version.setup == *self.run.setup() {
            self.keep_future(&version, AS_OPENED, out);
        }
        Some(self.remake(version))
    }

    fn remake(&mut self, version: Version) -> u64 {
        self.lanes.forget(&version);
        self.name = version.name;
        self.muted = version.muted;
        if *self.run.setup() == version.setup {
            self.run.replace_actions(version.actions);
        } else {
            self.run = Run::new(version.setup, version.actions);
        }
        self.forget_what_followed();
        version.far_us
    }

    /// Forgets what was gathered from a future that is no more.
    fn forget_what_followed(&mut self) {
        self.told.actions.clear();
        self.measured = Measured::default();
        self.history.forget();
        self.is_link_due = true;
    }

    /// Keeps the present future as a lane if some of it is known and gives way to `next`. It is called
    /// `name` if it has no name yet: what a viewer has called it, it is called as a lane.
    fn keep_future(&mut self, next: &Version, name: &str, out: &mut Vec<Update>) {
        let version = self.version();
        if version.parts_from(next).is_some_and(|at_us| at_us < self.run.known_us()) {
            self.keep_lane(version, name, out);
        }
    }

    fn keep_lane(&mut self, mut version: Version, name: &str, out: &mut Vec<Update>) {
        if version.name == AS_OPENED {
            version.name = name.into();
        }
        let lane = Lane::of(&self.run, version);
        out.extend(self.lanes.keep(lane).map(Update::Note));
    }

    /// Does something to the world now, as one change. A future that is known gives way and becomes a lane.
    pub(super) fn act(&mut self, actions: Vec<Action>, out: &mut Vec<Update>) {
        let Some(first) = actions.first() else { return };
        let old = self.version();
        let mut what = self.told(&TimedAction { at_us: self.run.stamp(), action: first.clone() });
        if actions.len() > 1 {
            what = format!("{what} and {} more", actions.len() - 1);
        }
        let had_future = self.run.position() < self.run.known();
        if had_future {
            self.keep_lane(old.clone(), &format!("without {what}"), out);
            self.name = format!("with {what}");
        }
        for action in actions {
            self.run.act(action);
        }
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

    /// Goes back to an abandoned future, and keeps the present one instead. Returns how far the run
    /// is to be known, and where the cursor goes.
    pub(super) fn open_lane(&mut self, link: &str, out: &mut Vec<Update>) -> Option<(u64, u64)> {
        let lane = self.lanes.take(link)?;
        self.keep_lane(self.version(), AS_OPENED, out);
        self.change(lane.version);
        Some((lane.known_us, lane.at_us))
    }

    /// The lanes, to name or forget one of them.
    pub(super) fn lanes_mut(&mut self) -> &mut Lanes {
        &mut self.lanes
    }

    /// Returns the run with the operations of clients that have ended by the cursor.
    pub(super) fn measured(&mut self) -> (&Run, &mut Measured) {
        (&self.run, &mut self.measured)
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

    /// Returns the script whose actions these are, if they are one's.
    fn script(&self) -> Option<u16> {
        let setup = self.run.setup();
        let scenario = setup.scenario();
        let is_it = |script: &usize| scenario.script(setup, *script) == self.run.actions();
        u16::try_from((0..scenario.scripts.len()).find(is_it)?).ok()
    }

    /// Tells what the page needs to know of the run as a whole.
    pub(super) fn tell_whole(
        &mut self,
        update: impl FnOnce(Box<Opened>) -> Update,
        reproduced: Reproduced,
        out: &mut Vec<Update>,
    ) {
        out.push(update(Box::new(report::opened(&self.run, reproduced))));
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
        frame.typed_up_to = self.typed_up_to;
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
        let present = self.version();
        let of_action = |timed| report::action(run, timed);
        out.push(Update::Timeline(Box::new(Timeline {
            actions: self.told.actions.clone(),
            muted: self.muted.iter().map(of_action).collect(),
            script: self.script(),
            lanes: self.lanes.views(&present),
            name: present.name,
            undo: self.changes.available(),
            ..report::timeline(run)
        })));
    }
}
