//! All that is on screen in the lab, and how it changes.

use std::collections::BTreeMap;
use std::rc::Rc;

use faultline_core::scenario::Preset;
use faultline_core::sim::{NodeId, TextLine};
use faultline_core::view::{Check, CheckKind, Verdict};
use yew::prelude::*;

use super::intent::{Dialog, Intent, Sheet, SideTab, Split, StripTab};
use super::offers::{Offer, offers_for};
use crate::client::Trouble;
use crate::player::{SPEEDS, USUAL_SPEED};
use crate::preferences::{Preferences, STRIP_PX};
use crate::selection::Selection;
use crate::shared::Shared;
use crate::wire::{Frame, Opened, Reproduced, Stop, Timeline, Update, Why};

/// What changes the lab.
pub(crate) enum LabEvent {
    /// The engine said something.
    Told(Update),
    /// The engine broke down.
    Trouble(Trouble),
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
    /// The event that broke it.
    pub(crate) event: u32,
    /// Why, in a sentence.
    pub(crate) reason: String,
    /// Who is involved.
    pub(crate) nodes: Vec<NodeId>,
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
    /// Names the question that `reasons` answers.
    pub(crate) request: u32,
    /// The link to the run at the cursor.
    pub(crate) link: Option<AttrValue>,
    /// Whether the film runs.
    pub(crate) plays: bool,
    /// The beat whose bet the film waits for.
    pub(crate) awaited_bet: Option<u16>,
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
    chosen_beat: Option<usize>,
    /// What the viewer predicted: the option, or nothing for "not sure".
    pub(crate) bets: Rc<BTreeMap<usize, Option<u8>>>,
    /// What had broken when the safeguards were turned on under the same schedule.
    pub(crate) held_against: Option<Rc<Broken>>,
    /// A sentence from the engine, and whether something failed.
    pub(crate) notice: Option<(AttrValue, bool)>,
    /// The engine broke down.
    pub(crate) trouble: Option<Rc<Trouble>>,
    /// A long command goes on: true time and events so far.
    pub(crate) progress: Option<(u64, u32)>,
    /// Whether the link that was opened gave its run; put away when the run moves on.
    pub(crate) reproduced: Reproduced,
    /// What this browser has kept.
    pub(crate) preferences: Preferences,
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
            link: None,
            plays: false,
            speed: USUAL_SPEED,
            selected: None,
            menu_at: None,
            draws_line: false,
            split: Split::default(),
            side: SideTab::default(),
            strip: StripTab::default(),
            sheet: None,
            dialog: None,
            chooses_until: false,
            searches: 0,
            beat: 0,
            chosen_beat: None,
            awaited_bet: None,
            bets: Rc::default(),
            held_against: None,
            notice: None,
            trouble: None,
            progress: None,
            reproduced: Reproduced::NotAsked,
            preferences,
            turn: 0,
        }
    }

    /// Returns true time at the cursor.
    pub(crate) fn now_us(&self) -> u64 {
        self.frame.as_ref().map_or(0, |frame| frame.scene.now_us)
    }

    /// Returns how far the timeline reaches.
    pub(crate) fn extent_us(&self) -> u64 {
        let horizon_us = self.opened.as_ref().map_or(1, |opened| opened.horizon_us);
        horizon_us.max(self.timeline.known_us).max(self.now_us()).max(1)
    }

    /// Finds the promise that broke first.
    pub(crate) fn broken(&self) -> Option<Broken> {
        let judged = |check: &&Check| matches!(check.kind, CheckKind::Invariant | CheckKind::Goal);
        let broken = self.checks.iter().filter(judged).filter_map(|check| match &check.verdict {
            Verdict::Broken { at_us, event, reason, nodes } => Some(Broken {
                promise: check.name.clone(),
                at_us: *at_us,
                event: *event,
                reason: reason.clone(),
                nodes: nodes.clone(),
            }),
            Verdict::Holds | Verdict::Reached { .. } | Verdict::NotYet => None,
        });
        broken.min_by_key(|broken| broken.at_us)
    }

    /// Returns the earlier breach that this run, same schedule and safeguards on, has got past, and
    /// whether the story is over, so that nothing of it can break the promise any more.
    pub(crate) fn held(&self) -> Option<(&Broken, bool)> {
        let broken = self.held_against.as_deref()?;
        let now_us = self.now_us();
        let has_passed = now_us >= broken.at_us && self.broken().is_none();
        let horizon_us = self.opened.as_ref().map_or(u64::MAX, |opened| opened.horizon_us);
        let has_next = self.frame.as_ref().is_some_and(|frame| frame.next_at_us.is_some());
        has_passed.then_some((broken, now_us >= horizon_us || !has_next))
    }

    fn hear(&mut self, update: Update) {
        match update {
            Update::Hello { .. } => {}
            Update::Opened(opened) => {
                self.reproduced = opened.reproduced.clone();
                self.trouble = None;
                self.opened = Some(Shared::new(*opened));
            }
            Update::Timeline(timeline) => self.timeline = Shared::new(*timeline),
            Update::Frame(frame) => self.show(*frame),
            Update::Log(lines) => self.log = lines.into(),
            Update::Why(why) => self.why = Some(Rc::new(why)),
            Update::Offers { request, reasons } => {
                if request == self.request {
                    self.reasons = reasons.into();
                }
            }
            Update::Shared { link } => self.link = Some(link.into()),
            Update::Progress { at_us, events } => self.progress = Some((at_us, events)),
            Update::Note(sentence) => self.notice = Some((sentence.into(), false)),
            Update::Failed(sentence) => {
                self.notice = Some((sentence.into(), true));
                self.plays = false;
                self.progress = None;
            }
        }
    }

    fn show(&mut self, frame: Frame) {
        self.progress = None;
        let was_us = self.now_us();
        if *self.checks != *frame.checks {
            self.checks = frame.checks.as_slice().into();
        }
        if let Some(stop) = &frame.stop {
            self.plays = false;
            self.stopped(stop);
        }
        if let Some(opened) = &self.opened {
            // The film ends where the story does; playing again goes on beyond.
            let now_us = frame.scene.now_us;
            if self.plays && was_us < opened.horizon_us && now_us >= opened.horizon_us {
                self.plays = false;
            }
            self.beat = self.chosen_beat.unwrap_or_else(|| reached_beat(opened, &frame, self.beat));
        }
        self.frame = Some(Shared::new(frame));
        self.offer();
    }

    fn stopped(&mut self, stop: &Stop) {
        match stop {
            Stop::Bet(beat) => {
                self.beat = usize::from(*beat);
                self.awaited_bet = Some(*beat);
            }
            Stop::NotReached(sentence) => self.notice = Some((sentence.clone().into(), false)),
            Stop::Violation(_) | Stop::Reached | Stop::End => {}
        }
    }

    /// Lists anew what can be done to what is selected.
    fn offer(&mut self) {
        let (Some(selection), Some(frame), Some(opened)) =
            (self.selected, &self.frame, &self.opened)
        else {
            self.offers = Rc::from([]);
            return;
        };
        let offers = offers_for(selection, frame, &opened.commands);
        if offers != self.offers {
            self.offers = offers;
            self.reasons = Rc::from([]);
        }
    }

    fn play(&mut self, plays: bool) {
        self.plays = plays;
        self.menu_at = None;
        if plays {
            self.awaited_bet = None;
            // Nobody plays a film to look at the sheet that covers it.
            self.sheet = None;
        }
    }

    fn want(&mut self, intent: &Intent) {
        self.leave_the_past(intent);
        match *intent {
            Intent::Ask(_) | Intent::GoToBeat(_) | Intent::Seek(_) | Intent::Why(_) => {
                self.plays = false;
            }
            // What is done while the film runs is done to a running film.
            // One line, one cut: the next drag is for the stage again.
            Intent::Do(_) => self.draws_line = false,
            Intent::Reseed => {}
            Intent::Say(sentence) => self.notice = Some((sentence.into(), false)),
            Intent::Open(_) => *self = self.emptied(),
            Intent::Play(plays) => self.play(plays),
            Intent::Replay | Intent::RunScript(_) => {
                self.plays = true;
                self.awaited_bet = None;
            }
            Intent::Until(_) => {
                self.plays = false;
                self.chooses_until = false;
            }
            Intent::Flip(preset) => {
                let broken = self.broken().filter(|_| preset == Preset::Hardened);
                self.held_against = broken.map(Rc::new);
                self.plays = false;
            }
            Intent::Bet(beat, choice) => {
                Rc::make_mut(&mut self.bets).insert(beat, choice);
            }
            Intent::Bets => {
                self.side = SideTab::Lesson;
                self.sheet = Some(Sheet::Side);
                self.preferences.lesson_open = true;
            }
            Intent::Speed(speed) => self.speed = speed.min(SPEEDS.len() - 1),
            Intent::Select(selected) => self.select(selected),
            Intent::Menu(selection, x, y) => {
                self.select(Some(selection));
                self.sheet = None;
                self.menu_at = Some((x, y));
            }
            Intent::DrawLine(draws) => self.draws_line = draws,
            Intent::Split(split) => self.split = split,
            Intent::CloseWhy => self.why = None,
            Intent::Side(tab) => self.side = tab,
            Intent::Strip(tab) => self.strip = tab,
            Intent::Sheet(sheet) => self.sheet = sheet,
            Intent::Dialog(dialog) => self.dialog = dialog,
            Intent::ShowLegend(open) => self.preferences.legend_open = open,
            Intent::ChooseUntil(chooses) => self.chooses_until = chooses,
            Intent::Search => {
                self.strip = StripTab::Log;
                self.sheet = Some(Sheet::Strip);
                self.searches += 1;
            }
            Intent::Dismiss => {
                self.notice = None;
                self.trouble = None;
                self.reproduced = Reproduced::NotAsked;
            }
            Intent::Leave => self.leave(),
            Intent::ShowLesson(open) => self.preferences.lesson_open = open,
            Intent::LetterKeys(on) => self.preferences.letter_keys = on,
            Intent::Verbosity(level) => self.preferences.verbosity = level,
            Intent::StripHeight(height_px) => {
                self.preferences.strip_px = height_px.clamp(STRIP_PX.0, STRIP_PX.1);
            }
            Intent::NextTheme => self.preferences.theme = self.preferences.theme.next(),
        }
    }

    /// Drops what was said of the run as it was.
    fn leave_the_past(&mut self, intent: &Intent) {
        if intent.changes_the_schedule() {
            self.held_against = None;
        }
        if let Intent::GoToBeat(beat) = intent {
            self.chosen_beat = Some(*beat);
            self.beat = *beat;
        } else if intent.moves_the_cursor() {
            self.chosen_beat = None;
        } else {
            return;
        }
        self.why = None;
        self.menu_at = None;
        self.notice = None;
        self.reproduced = Reproduced::NotAsked;
    }

    fn select(&mut self, selected: Option<Selection>) {
        self.menu_at = None;
        if selected.is_none() {
            self.sheet = None;
        }
        if self.selected == selected {
            return;
        }
        self.selected = selected;
        self.offer();
        if selected.is_some() {
            // What is being looked at must not run away.
            self.plays = false;
            self.side = SideTab::Inspect;
        }
    }

    /// Closes the uppermost thing that is open.
    fn leave(&mut self) {
        if self.menu_at.take().is_some() || self.dialog.take().is_some() {
            return;
        }
        if self.chooses_until || self.draws_line {
            self.chooses_until = false;
            self.draws_line = false;
        } else if self.why.take().is_none() && self.sheet.take().is_none() {
            self.select(None);
        }
    }

    /// The lab before a link is opened: what was chosen stays, what was run goes.
    fn emptied(&self) -> Self {
        Self {
            side: self.side,
            strip: self.strip,
            speed: self.speed,
            // The old run stays in view until the new one is there, or could not be opened.
            opened: self.opened.clone(),
            frame: self.frame.clone(),
            timeline: self.timeline.clone(),
            checks: self.checks.clone(),
            ..Self::new(self.preferences)
        }
    }
}

impl Reducible for LabState {
    type Action = LabEvent;

    fn reduce(self: Rc<Self>, event: LabEvent) -> Rc<Self> {
        let mut next = (*self).clone();
        let is_film = matches!(
            event,
            LabEvent::Told(Update::Frame(_) | Update::Timeline(_) | Update::Progress { .. })
        );
        next.turn += u32::from(!is_film || !self.plays);
        match event {
            LabEvent::Told(update) => next.hear(update),
            LabEvent::Wanted(intent) => next.want(&intent),
            LabEvent::Trouble(trouble) => {
                next.plays = false;
                next.progress = None;
                next.trouble = Some(Rc::new(trouble));
            }
        }
        next.request = if Rc::ptr_eq(&next.offers, &self.offers) && !next.moved_from(&self) {
            next.request
        } else {
            next.request + 1
        };
        Rc::new(next)
    }
}

impl LabState {
    /// Returns true if the engine's opinion on the offers may have changed.
    fn moved_from(&self, before: &Self) -> bool {
        let frame = |state: &Self| state.frame.as_ref().map(Shared::address);
        frame(self) != frame(before)
    }
}

/// Returns the latest beat of this preset that has come up, or the one before if none has.
fn reached_beat(opened: &Opened, frame: &Frame, before: usize) -> usize {
    let is_told = |beat: &usize| {
        let preset = opened.lesson.get(*beat).map(|beat| beat.preset);
        opened.preset.is_none() || preset == opened.preset
    };
    let reached = |beat: &usize| frame.beats.get(*beat).is_some_and(Option::is_some);
    let latest = (0..opened.lesson.len()).rev().find(|beat| is_told(beat) && reached(beat));
    latest.unwrap_or(if frame.event == 0 { 0 } else { before })
}
