//! How the lab changes: by what the engine says, and by what the viewer wants.

use std::rc::Rc;

use faultline_core::scenario::Preset;
use yew::prelude::*;

use super::comparing::NO_FILM;
use super::intent::{Eyes, Intent, Sheet, SideTab, StripTab};
use super::offers::offers_for;
use super::state::{Asked, LabEvent, LabState, broken_of};
use super::study::LessonView;
use super::trace::{Trace, TraceIntent};
use crate::epoch::call_epochs;
use crate::format::instant;
use crate::player::SPEEDS;
use crate::preferences::STRIP_PX;
use crate::route::with_puzzle;
use crate::selection::Selection;
use crate::shared::Shared;
use crate::wire::{Command, Frame, Kept, Opened, Reproduced, Stop, Update};

/// Names the question about the scenario's commands; questions about what is selected count up.
pub(super) const COMMAND_REQUEST: u32 = u32::MAX;

impl LabState {
    fn hear(&mut self, update: Update) {
        match update {
            Update::Hello { .. } => {}
            Update::HistoryGoesOn { calls, .. } => self.asked.calls = calls,
            Update::Opened { request, opened } => {
                if let Some(opens) = self.opens.take() {
                    *self = self.emptied();
                    // What was asked for later is still to come.
                    self.opens = Some(opens).filter(|(later, _)| *later > request);
                }
                self.take_over(*opened);
            }
            Update::Remade(opened) => {
                self.look(Trace::unplace);
                self.take_over(*opened);
            }
            Update::Timeline(timeline) => self.timeline = Shared::new(*timeline),
            Update::Frame(frame) => self.show(*frame),
            Update::Log(lines) => self.log = lines.into(),
            Update::Why(why) => self.why = Some(Rc::new(why)),
            Update::Offers { request, reasons } => {
                if request == COMMAND_REQUEST {
                    Rc::make_mut(&mut self.commands).reasons = reasons.into();
                } else if (self.offered_in..=self.request).contains(&request) {
                    // While the film runs the world is a little further on: the next answer will be, too.
                    self.reasons = reasons.into();
                }
            }
            told @ (Update::SpaceTime(_)
            | Update::Told(_)
            | Update::Found(_)
            | Update::Inside(_)
            | Update::Changes(_)) => self.look(|trace| trace.hear(told)),
            Update::Operations(listed) => self.asked.listed = Some(Rc::new(listed)),
            Update::History(history) => self.asked.hear(*history),
            Update::Price(price) => self.price = self.is_priced().then(|| Rc::new(*price)),
            Update::Compared(compared) => self.hear_compared(compared),
            Update::Other(frame) => self.hear_other(*frame),
            Update::OtherTimeline(timeline) => self.hear_other_timeline(*timeline),
            Update::Shown(side) => self.show_side(side),
            Update::OtherLog(lines) => self.hear_other_log(lines),
            Update::Shared { link } => {
                if let Some(frame) = &self.frame {
                    Rc::make_mut(&mut self.study).keep_solutions(frame, &link);
                }
                let puzzle = self.study.puzzle;
                let link = puzzle.map_or(link.clone(), |puzzle| with_puzzle(&link, puzzle));
                self.link = Some(link.into());
            }
            Update::Progress { at_us, events } => self.progress = Some((at_us, events)),
            Update::Note(sentence) => self.notice = Some((sentence.into(), false)),
            Update::Failed(sentence) => self.fail(sentence),
            Update::Unopened { request, sentence } => {
                self.opens.take_if(|(asked, _)| *asked <= request);
                self.fail(sentence);
            }
        }
    }

    fn fail(&mut self, sentence: String) {
        self.notice = Some((sentence.into(), true));
        self.plays = false;
        self.progress = None;
    }

    /// Takes in a run as a whole.
    fn take_over(&mut self, opened: Opened) {
        self.why = None;
        Rc::make_mut(&mut self.study).open(&opened, self.opened.as_deref());
        self.reproduced = opened.reproduced.clone();
        self.trouble = None;
        call_epochs(&opened.epoch_word);
        let is_same = |it: &Opened| it.seed == opened.seed && it.knobs == opened.knobs;
        self.naive_broke.take_if(|_| !self.opened.as_deref().is_some_and(is_same));
        self.opened = Some(Shared::new(opened));
        self.asked = Asked::default();
    }

    fn show(&mut self, frame: Frame) {
        self.progress = None;
        let was_us = self.now_us();
        if *self.checks != *frame.checks {
            self.checks = frame.checks.as_slice().into();
        }
        self.read_before_the_film(&frame);
        self.read_on_the_way(&frame);
        if let Some(stop) = frame.stop.as_ref().filter(|stop| !self.is_passed_over(stop)) {
            self.plays = false;
            self.stopped(stop);
        }
        let is_new = self.study.is_new;
        if let Some(opened) = &self.opened {
            if opened.preset == Some(Preset::Naive) && self.naive_broke.is_none() {
                self.naive_broke = broken_of(&self.checks).map(Rc::new);
            }
            // The film ends where the story does; playing again goes on beyond.
            let (now_us, horizon_us) = (frame.scene.now_us, self.story_ends_us(opened));
            if self.plays && was_us < horizon_us && now_us >= horizon_us {
                self.plays = false;
                let end = format!("The story ends at {}. Play goes on.", instant(horizon_us));
                self.notice = Some((end.into(), false));
            }
            let leaves_script = self.timeline.leaves_script();
            if self.study.has_news_in(&frame)
                && let Some(sentence) =
                    Rc::make_mut(&mut self.study).see(opened, &frame, leaves_script)
            {
                self.notice = Some((sentence.into(), false));
            }
        }
        self.frame = Some(Shared::new(frame));
        if is_new {
            self.take_as_read();
        }
        self.beat = self.chosen_beat.unwrap_or_else(|| self.beat_to_read());
        self.offer();
    }

    fn stopped(&mut self, stop: &Stop) {
        match stop {
            Stop::Beat(beat) => self.awaited_step = Some(*beat),
            Stop::Reached(sentence) | Stop::NotReached(sentence) => {
                self.notice = Some((sentence.clone().into(), false));
            }
            Stop::Already(sentence, again) => {
                self.already = Some((sentence.clone().into(), again.clone()));
                self.chooses_until = true;
            }
            Stop::End => self.notice = Some(("Nothing is left to happen.".into(), false)),
            // The banner says it all.
            Stop::Violation(_) => {}
        }
    }

    /// Lists anew what can be done to what is selected.
    pub(super) fn offer(&mut self) {
        let (Some(selection), Some(frame), Some(opened)) =
            (self.selected, self.shown_frame(), &self.opened)
        else {
            self.offers = Rc::from([]);
            return;
        };
        let offers = offers_for(selection, frame, &opened.commands);
        if offers != self.offers {
            self.offers = offers;
            self.offered_in = self.request + 1;
            self.reasons = Rc::from([]);
        }
    }

    /// Shows the lesson where there is room for it, and pulls it up where there is none.
    fn show_bets(&mut self) {
        self.side = SideTab::Lesson;
        self.sheet = Some(Sheet::Side);
        self.preferences.lesson_open = true;
    }

    fn play(&mut self, plays: bool) {
        if plays && self.beside.is_some() {
            self.notice = Some((NO_FILM.into(), false));
            return;
        }
        self.plays = plays;
        self.menu_at = None;
        if plays {
            self.awaited_step = None;
            // Nobody plays a film to look at the sheet that covers it.
            self.sheet = None;
        }
    }

    fn open_menu(&mut self, selection: Selection, at: (f64, f64)) {
        self.select(Some(selection));
        self.sheet = None;
        self.menu_at = Some(at);
    }

    fn show_search(&mut self) {
        self.strip = StripTab::Log;
        self.sheet = Some(Sheet::Strip);
        self.searches += 1;
    }

    /// Puts away what was said of the last thing that happened.
    fn dismiss(&mut self) {
        self.notice = None;
        self.trouble = None;
        self.reproduced = Reproduced::NotAsked;
    }

    /// Another design under the same schedule.
    fn flip(&mut self) {
        self.price = None;
        self.why = None;
        // An event of this number is another one there.
        self.look(Trace::forget_events);
        self.plays = false;
    }

    fn want(&mut self, intent: &Intent) {
        self.said = None;
        self.leave_the_past(intent);
        match *intent {
            Intent::Trace(ref wanted) => self.want_closely(wanted),
            Intent::Ask(ref command) => {
                self.plays &= command.leaves_the_cursor();
                self.awaited_step.take_if(|_| !command.leaves_the_cursor());
                self.asked.is_judging &= *command != Command::Cancel;
            }
            Intent::GoToBeat(_) | Intent::Why(_) | Intent::BackToScript => self.plays = false,
            // Whoever goes elsewhere in time is not kept waiting for what was to be read here.
            Intent::Seek(_) => (self.plays, self.awaited_step) = (false, None),
            // What is done while the film runs is done to a running film.
            Intent::Do(ref actions) => self.done(actions),
            // Which run is shown, the engine says; what is kept of one that is to be opened, the desk.
            Intent::Type(_)
            | Intent::Reseed
            | Intent::Retry(_)
            | Intent::List(_)
            | Intent::StopHunt
            | Intent::ShowSide(_) => {}
            Intent::Open(ref link) => Rc::make_mut(&mut self.study).expect_puzzle(link),
            Intent::Say(sentence) => self.said = Some(sentence),
            Intent::Play(plays) => self.play(plays),
            Intent::Replay | Intent::RunScript(_) => {
                self.plays = self.beside.is_none();
                self.awaited_step = None;
            }
            Intent::Until(_) => {
                self.plays = false;
                self.awaited_step = None;
                self.chooses_until = false;
            }
            Intent::Flip(_) => self.flip(),
            Intent::Study(ref wish) => self.pursue(wish),
            Intent::Bets => self.show_bets(),
            Intent::Speed(speed) => self.speed = speed.min(SPEEDS.len() - 1),
            Intent::Select(selected) => self.select(selected),
            Intent::Menu(selection, x, y) => self.open_menu(selection, (x, y)),
            Intent::DrawLine(draws) => self.draws_line = draws,
            Intent::Split(split) => self.split = split,
            Intent::CloseWhy => self.why = None,
            Intent::CloseList | Intent::JudgeHistory => self.asked.want(intent),
            Intent::Side(tab) => self.side = tab,
            Intent::Strip(tab) => self.strip = tab,
            Intent::Hunt(_) => {
                self.strip = StripTab::Hunt;
                self.plays = false;
                // What the film waited for is not in the run that is found.
                self.awaited_step = None;
            }
            Intent::Sheet(sheet) => self.sheet = sheet,
            Intent::Dialog(dialog) => self.dialog = dialog,
            Intent::Zoom(zoom) => self.zoom = (self.zoom.0 + 1, zoom),
            Intent::Watch(watches) => self.eyes = Eyes::of_selected(watches),
            Intent::ShowLegend(open) => self.preferences.legend_open = open,
            Intent::ChooseUntil(chooses) => {
                self.chooses_until = chooses;
                self.already = None;
            }
            Intent::Search => self.show_search(),
            Intent::Dismiss => self.dismiss(),
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

    fn want_closely(&mut self, wanted: &TraceIntent) {
        self.plays &= !wanted.moves_the_cursor();
        if let TraceIntent::ChangesOnly(true) = wanted {
            self.side = SideTab::Inspect;
        }
        let here = self.here();
        self.look(|trace| trace.want(wanted, here));
    }

    /// Drops what was said of the run as it was.
    fn leave_the_past(&mut self, intent: &Intent) {
        self.note_what_was_read(intent);
        self.note_where_it_leads(intent);
        if let Intent::RunScript(_) | Intent::BackToScript | Intent::GoToBeat(_) = intent {
            // The story is told again.
            Rc::make_mut(&mut self.study).view(LessonView::Steps);
        }
        if matches!(intent, Intent::Flip(_))
            || self.leads_to_other_design(intent)
            || intent.changes_the_schedule()
        {
            let is_led = matches!(intent, Intent::Ask(Command::Adopt { .. }));
            self.left_at_us = is_led.then(|| self.now_us());
        }
        if self.leads_to_other_design(intent) {
            self.flip();
        } else if intent.changes_the_schedule() {
            Rc::make_mut(&mut self.study).begin_anew();
            self.naive_broke = None;
            self.look(Trace::forget_events);
            self.price = None;
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
        self.already = None;
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
        if self.commands.is_open {
            Rc::make_mut(&mut self.commands).is_open = false;
            return;
        }
        if self.chooses_until || self.draws_line {
            self.chooses_until = false;
            self.draws_line = false;
        } else if self.trace.selected.is_some() {
            self.look(Trace::forget_events);
        } else if self.why.take().is_none() && self.sheet.take().is_none() {
            if self.preferences.legend_open {
                self.preferences.legend_open = false;
            } else {
                self.select(None);
            }
        }
    }

    /// A link is to be opened. Until it is, and if it cannot be, all stays as it is.
    fn begin_to_open(&mut self, request: u32, kept: Kept) {
        self.opens = Some((request, kept));
        self.plays = false;
        self.menu_at = None;
        self.dialog = None;
        self.notice = None;
    }

    /// The lab when a link has been opened: what was chosen stays, what was run goes.
    fn emptied(&self) -> Self {
        Self {
            side: self.side,
            strip: self.strip,
            speed: self.speed,
            study: Rc::new(self.study.reopened()),
            notice: self.notice.clone(),
            // The old run stays in view until the new one is there, or could not be opened.
            opened: self.opened.clone(),
            frame: self.frame.clone(),
            timeline: self.timeline.clone(),
            checks: self.checks.clone(),
            board: self.board.clone(),
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
            LabEvent::Told(
                Update::Frame(_)
                    | Update::Timeline(_)
                    | Update::SpaceTime(_)
                    | Update::Progress { .. }
            )
        );
        next.turn += u32::from(!is_film || !self.plays);
        match event {
            LabEvent::Told(update) => next.hear(update),
            LabEvent::Wanted(intent) => next.want(&intent),
            LabEvent::Settled => next.progress = None,
            LabEvent::Opens(request, kept) => next.begin_to_open(request, kept),
            LabEvent::Trouble(trouble) => {
                next.plays = false;
                next.progress = None;
                // The engine that replaces it knows of one run only.
                next.beside = None;
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
        let frame = |state: &Self| state.shown_frame().map(Shared::address);
        frame(self) != frame(before) || self.side_shown() != before.side_shown()
    }
}
