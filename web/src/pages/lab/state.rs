//! All that is on screen in the lab.

use std::rc::Rc;

use faultline_core::scenario::Preset;
use faultline_core::sim::{NodeId, Step, TextLine};
use faultline_core::view::{Check, CheckKind, Verdict};
use yew::prelude::*;

use super::comparing::Beside;
use super::intent::{Dialog, Eyes, Intent, Sheet, SideTab, Split, StripTab};
use super::offers::Offer;
use super::reading::Telling;
use super::study::{CommandBar, Study};
use super::trace::{Pin, Trace};
use crate::client::Trouble;
use crate::hunt::Board;
use crate::player::{SPEEDS, USUAL_SPEED};
use crate::preferences::Preferences;
use crate::selection::Selection;
use crate::shared::Shared;
use crate::stage::{Pace, Zoom};
use crate::wire::{
    ActionView, Against, Frame, HistoryView, Kept, Listed, Opened, Price, Reproduced, Timeline,
    Until, Update, Why,
};

/// At a higher speed than this nobody can follow single messages.
const FASTEST_TO_FOLLOW: f64 = 4.0;

/// What changes the lab.
pub(crate) enum LabEvent {
    /// The engine said something.
    Told(Update),
    /// The engine broke down.
    Trouble(Trouble),
    /// A link is to be opened under this number, of whose run the page has kept this.
    Opens(u32, Kept),
    /// The engine is done with all that it was asked.
    Settled,
    /// The viewer wants something.
    Wanted(Intent),
}

/// A broken promise, as the banner shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// What was promised.
    pub(crate) promise: String,
    /// When it broke.
    pub(crate) at_us: u64,
    /// The step that broke it.
    pub(crate) step: Step,
    /// Why, in a sentence.
    pub(crate) reason: String,
    /// Who is involved.
    pub(crate) nodes: Vec<NodeId>,
}

/// What the engine said of the clients' operations when it was asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// What clients asked and were told.
    pub(crate) history: Option<Shared<HistoryView>>,
    /// Whether a verdict on that is being looked for.
    pub(crate) is_judging: bool,
    /// Calls tried for it so far.
    pub(crate) calls: u64,
    /// The operations in a bar of a histogram.
    pub(crate) listed: Option<Rc<Listed>>,
}

impl Asked {
    /// Notes what the viewer wants of it.
    pub(super) fn want(&mut self, intent: &Intent) {
        if *intent == Intent::CloseList {
            self.listed = None;
        } else {
            self.is_judging |= *intent == Intent::JudgeHistory;
        }
    }

    /// Returns how many calls have been tried for a verdict, if one is being looked for.
    pub(crate) fn judging(&self) -> Option<u64> {
        self.is_judging.then_some(self.calls)
    }

    /// Takes in the history.
    pub(super) fn hear(&mut self, history: HistoryView) {
        self.is_judging &= history.verdict.is_none();
        self.calls = 0;
        self.history = Some(Shared::new(history));
    }
}

/// Everything on screen.
#[derive(Clone)]
pub(crate) struct LabState {
    /// Scenario and setup, once open.
    pub(crate) opened: Option<Shared<Opened>>,
    /// The run as far as it is known.
    pub(crate) timeline: Shared<Timeline>,
    /// The world at the cursor.
    pub(crate) frame: Option<Shared<Frame>>,
    /// The verdicts; the same allocation as long as they say the same.
    pub(crate) checks: Rc<[Check]>,
    /// The text around the cursor.
    pub(crate) log: Rc<[TextLine]>,
    /// The answer to "why?".
    pub(crate) why: Option<Rc<Why>>,
    /// What can be done to what is selected.
    pub(crate) offers: Rc<[Offer]>,
    /// For each action of `offers`: why it would do nothing.
    pub(crate) reasons: Rc<[Option<String>]>,
    /// Names the next question about `offers`.
    pub(crate) request: u32,
    /// The first question about these offers.
    pub(crate) offered_in: u32,
    /// The link to the run at the cursor.
    pub(crate) link: Option<AttrValue>,
    /// Whether the film runs.
    pub(crate) plays: bool,
    /// The step of the lesson at which the film waits.
    pub(crate) awaited_step: Option<u16>,
    /// How the film tells the story.
    pub(super) telling: Telling,
    /// Index into the player's speeds.
    pub(crate) speed: usize,
    /// What is selected.
    pub(crate) selected: Option<Selection>,
    /// Where the menu on it is open.
    pub(crate) menu_at: Option<(f64, f64)>,
    /// Whether a drag draws a partition line.
    pub(crate) draws_line: bool,
    /// What becomes of the split that it makes.
    pub(crate) split: Split,
    /// Through whose eyes the stage is seen.
    pub(crate) eyes: Eyes,
    /// How often a closer or wider look was wished for, and which at last.
    pub(crate) zoom: (u32, Zoom),
    /// The tab beside the stage.
    pub(crate) side: SideTab,
    /// The tab below it.
    pub(crate) strip: StripTab,
    /// What covers a small screen's stage.
    pub(crate) sheet: Option<Sheet>,
    /// What asks for all attention.
    pub(crate) dialog: Option<Dialog>,
    /// Whether it is being chosen what to run until.
    pub(crate) chooses_until: bool,
    /// Counts the wishes to search, each of which moves the focus.
    pub(crate) searches: u32,
    /// Where the lesson stands.
    pub(crate) beat: usize,
    /// A beat that the viewer went to, until they move on.
    pub(super) chosen_beat: Option<usize>,
    /// Bets and puzzles.
    pub(crate) study: Rc<Study>,
    /// The bar of commands.
    pub(crate) commands: Rc<CommandBar>,
    /// What breaks first under this schedule without safeguards, once that was seen.
    pub(super) naive_broke: Option<Rc<Broken>>,
    /// The run beside this one, if two are compared.
    pub(crate) beside: Option<Rc<Beside>>,
    /// What would have to be asked for to have that again, should the engine be lost.
    pub(super) against: Option<Against>,
    /// The number under which a run is being opened, if one is, and what the page has kept of it: what is
    /// on screen is of the run before.
    pub(super) opens: Option<(u32, Kept)>,
    /// What was to be run until is so already, and how to ask for the next time.
    pub(crate) already: Option<(AttrValue, Option<Until>)>,
    /// What the safeguards cost under this schedule.
    pub(crate) price: Option<Rc<Price>>,
    /// What was asked about the clients' operations.
    pub(crate) asked: Asked,
    /// A sentence from the engine, and whether something failed.
    pub(crate) notice: Option<(AttrValue, bool)>,
    /// When the viewer left their run, if another was put in its place and undoing leads back to it.
    pub(crate) left_at_us: Option<u64>,
    /// Why the last wish came to nothing, until the next one.
    pub(crate) said: Option<&'static str>,
    /// The engine broke down.
    pub(crate) trouble: Option<Rc<Trouble>>,
    /// A long command goes on: true time and events so far.
    pub(crate) progress: Option<(u64, u32)>,
    /// Whether the link that was opened gave its run; put away when the run moves on.
    pub(crate) reproduced: Reproduced,
    /// What this browser has kept.
    pub(crate) preferences: Preferences,
    /// What is looked at closely.
    pub(crate) trace: Shared<Trace>,
    /// Where what has come of a search stands.
    pub(crate) board: Board,
    /// Goes up with everything but the film itself.
    pub(crate) turn: u32,
}

impl LabState {
    /// A lab that waits for its engine.
    pub(crate) fn new(preferences: Preferences) -> Self {
        Self {
            opened: None,
            timeline: Shared::default(),
            frame: None,
            checks: Rc::from([]),
            log: Rc::from([]),
            why: None,
            offers: Rc::from([]),
            reasons: Rc::from([]),
            request: 0,
            offered_in: 0,
            link: None,
            plays: false,
            speed: USUAL_SPEED,
            selected: None,
            menu_at: None,
            draws_line: false,
            split: Split::default(),
            eyes: Eyes::default(),
            zoom: (0, Zoom::default()),
            side: SideTab::default(),
            strip: StripTab::default(),
            sheet: None,
            dialog: None,
            chooses_until: false,
            searches: 0,
            beat: 0,
            chosen_beat: None,
            awaited_step: None,
            telling: Telling::default(),
            study: Rc::default(),
            commands: Rc::default(),
            naive_broke: None,
            beside: None,
            against: None,
            opens: None,
            already: None,
            price: None,
            asked: Asked::default(),
            notice: None,
            left_at_us: None,
            said: None,
            trouble: None,
            progress: None,
            reproduced: Reproduced::NotAsked,
            preferences,
            trace: Shared::default(),
            board: Board::default(),
            turn: 0,
        }
    }

    /// Returns true time at the cursor.
    pub(crate) fn now_us(&self) -> u64 {
        self.frame.as_ref().map_or(0, |frame| frame.scene.now_us)
    }

    /// Returns the node through whose eyes the stage is seen.
    pub(crate) fn watched(&self) -> Option<NodeId> {
        match self.selected {
            Some(Selection::Node(node)) if self.eyes == Eyes::OfSelected => Some(node),
            Some(Selection::Node(_) | Selection::Link(..) | Selection::Message(_)) | None => None,
        }
    }

    /// Returns how fast the film runs, as far as that changes what is drawn.
    pub(crate) fn pace(&self) -> Pace {
        match SPEEDS.get(self.speed) {
            _ if !self.plays => Pace::Still,
            Some(&speed) if speed > FASTEST_TO_FOLLOW => Pace::Fast,
            Some(_) | None => Pace::Steady,
        }
    }

    /// Returns where the cursor is.
    pub(super) fn here(&self) -> Pin {
        let place = |frame: &Shared<Frame>| (frame.event, frame.actions);
        let other = self.beside.as_ref().and_then(|beside| beside.frame.as_ref());
        let places = [self.frame.as_ref().map(place), other.map(place)];
        Pin { at_us: self.now_us(), places }
    }

    /// Returns all of the run on screen that its link does not say.
    pub(super) fn kept(&self) -> Kept {
        let timeline = &self.timeline;
        Kept {
            name: timeline.name.clone(),
            lanes: timeline.lanes.clone(),
            muted: timeline.muted.iter().map(ActionView::timed).collect(),
            against: self.against.clone(),
        }
    }

    /// Returns what is to survive the engine: that of the run it was opening when it was lost, or else
    /// of the run on screen.
    pub(super) fn kept_of_lost(&self) -> Kept {
        self.opens.clone().map_or_else(|| self.kept(), |(_, kept)| kept)
    }

    /// Returns that if `link` leads to where the engine was lost.
    pub(super) fn kept_for(&self, link: &str) -> Option<Kept> {
        let lost = self.trouble.as_ref().and_then(|trouble| trouble.link.as_deref());
        (lost == Some(link)).then(|| self.kept_of_lost())
    }

    /// Changes what is looked at closely.
    pub(super) fn look(&mut self, look: impl FnOnce(&mut Trace)) {
        let mut trace = (*self.trace).clone();
        look(&mut trace);
        self.trace = Shared::new(trace);
    }

    /// Returns how far the timeline reaches.
    pub(crate) fn extent_us(&self) -> u64 {
        let horizon_us = self.opened.as_ref().map_or(1, |opened| opened.horizon_us);
        horizon_us.max(self.timeline.known_us).max(self.now_us()).max(1)
    }

    /// Returns true if it is of interest what the safeguards cost: they are on, and the viewer has seen
    /// what comes without them.
    pub(super) fn is_priced(&self) -> bool {
        let is_hardened =
            self.opened.as_ref().is_some_and(|it| it.preset == Some(Preset::Hardened));
        is_hardened && self.naive_broke.is_some()
    }

    /// Returns the selected node, if a node is selected.
    pub(crate) fn selected_node(&self) -> Option<NodeId> {
        match self.selected {
            Some(Selection::Node(node)) => Some(node),
            Some(Selection::Link(..) | Selection::Message(_)) | None => None,
        }
    }

    /// Finds the promise that broke first: with it the story went wrong, and what fell after it is often
    /// but its consequence.
    pub(crate) fn broken(&self) -> Option<Broken> {
        broken_of(&self.checks)
    }

    /// Lists the nodes involved in what broke first, and in what breaks at this very moment.
    pub(crate) fn involved(&self) -> Rc<[NodeId]> {
        let first_us = self.broken().map(|it| it.at_us);
        let is_told = |it: &Broken| Some(it.at_us) == first_us || it.at_us == self.now_us();
        let told = all_broken(&self.checks).filter(is_told);
        faultline_core::order::set_of(told.flat_map(|it| it.nodes)).into_iter().collect()
    }

    /// Returns the breach that this run, same schedule and safeguards on, has got past.
    pub(crate) fn held(&self) -> Option<&Broken> {
        let is_hardened = self.opened.as_ref()?.preset == Some(Preset::Hardened);
        let broken = self.naive_broke.as_deref().filter(|_| is_hardened)?;
        let has_passed = self.now_us() >= broken.at_us && self.broken().is_none();
        has_passed.then_some(broken)
    }

    /// Returns true if the story is over, so that nothing more of it can come.
    pub(crate) fn is_over(&self) -> bool {
        let horizon_us = self.opened.as_ref().map_or(u64::MAX, |opened| opened.horizon_us);
        let has_next = self.frame.as_ref().is_some_and(|frame| frame.next_at_us.is_some());
        self.now_us() >= horizon_us || !has_next
    }
}

/// Finds the promise that broke first.
pub(crate) fn broken_of(checks: &[Check]) -> Option<Broken> {
    all_broken(checks).min_by_key(|broken| broken.at_us)
}

/// Lists the promises that are broken.
pub(crate) fn all_broken(checks: &[Check]) -> impl Iterator<Item = Broken> {
    let judged = |check: &&Check| matches!(check.kind, CheckKind::Invariant | CheckKind::Goal);
    checks.iter().filter(judged).filter_map(|check| match &check.verdict {
        Verdict::Broken { at_us, step, reason, nodes, .. } => Some(Broken {
            promise: check.name.clone(),
            at_us: *at_us,
            step: *step,
            reason: reason.clone(),
            nodes: nodes.clone(),
        }),
        Verdict::Holds | Verdict::Reached { .. } | Verdict::NotYet => None,
    })
}
