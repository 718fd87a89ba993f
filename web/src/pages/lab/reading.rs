//! Which steps of the lesson have been read. A film stops at each of them, on every screen; steps that
//! came up while nobody looked, as when the other design is run up to here, are offered one by one.

use std::rc::Rc;

use faultline_core::scenario::Preset;
use faultline_core::sim::BeatView;

use super::intent::Intent;
use super::state::{LabState, broken_of};
use super::study::{LessonView, Wish};
use crate::wire::{Frame, Opened, Stop};

/// So long goes on what is played after the last thing that a script does.
const AFTERMATH_US: u64 = 1_500_000;
/// A film that has just begun does not stop at its first step before this.
const FIRST_STOP_US: u64 = 300_000;

/// What the button does that turns all safeguards on.
pub(crate) const SAFEGUARDS: &str = "Turn the safeguards on and replay";

/// How a film tells the story.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Telling {
    /// It stops at each step that was not read.
    #[default]
    StepByStep,
    /// It leads to what breaks, and stops on the way only to ask.
    ToTheBreach,
}

/// The film waits at a step of the lesson.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Waits {
    /// Where, in words.
    pub(crate) reason: String,
    /// The step.
    pub(crate) title: String,
    /// Whether it asks for a prediction that is still open.
    pub(crate) asks: bool,
    /// What the button says that goes on.
    pub(crate) label: &'static str,
    /// What it does.
    pub(crate) go_on: Intent,
}

impl LabState {
    /// Lists the steps that tell of this run and have come up in it, in the order of the lesson.
    fn come_up(&self) -> impl DoubleEndedIterator<Item = usize> {
        let beats = self.frame.as_ref().map_or(&[][..], |frame| &frame.beats);
        let preset = self.opened.as_ref().and_then(|opened| opened.preset);
        let lesson = self.opened.as_ref().map_or(&[][..], |opened| &opened.lesson);
        let both = lesson.iter().zip(beats).enumerate();
        let is_there = move |told: Preset| preset.is_none_or(|preset| told == preset);
        both.filter(move |(_, (beat, at_us))| at_us.is_some() && is_there(beat.preset))
            .map(|(place, _)| place)
    }

    /// Returns the first step that has come up and was not read yet; else the latest that has come up,
    /// or the one on screen if none has.
    pub(super) fn beat_to_read(&self) -> usize {
        let unread = self.come_up().find(|beat| !self.study.read.contains(beat));
        let is_at_start = self.frame.as_ref().is_none_or(|frame| frame.event == 0);
        let otherwise = if is_at_start { 0 } else { self.beat };
        unread.or_else(|| self.come_up().next_back()).unwrap_or(otherwise)
    }

    /// Lists the steps that have come up and still are to be read, but for the one on screen.
    pub(crate) fn unread(&self) -> Vec<usize> {
        let is_unread = |beat: &usize| *beat != self.beat && !self.study.read.contains(beat);
        self.come_up().filter(is_unread).collect()
    }

    /// Counts the steps to be read that no card over the stage shows.
    pub(crate) fn unread_elsewhere(&self) -> usize {
        let is_shown = self.awaited_step.is_some() && !self.plays;
        let all = self.come_up().filter(|beat| !self.study.read.contains(beat)).count();
        all.saturating_sub(usize::from(is_shown))
    }

    /// Where a link leads in the middle of a run, what came before is not news.
    pub(super) fn take_as_read(&mut self) {
        let mut before: Vec<usize> = self.come_up().collect();
        before.pop();
        Rc::make_mut(&mut self.study).read.extend(before);
    }

    /// Notes that the step on screen was read, if the viewer goes on from it.
    pub(super) fn note_what_was_read(&mut self, intent: &Intent) {
        // One that has not come up yet is on screen at the beginning, and waits for its moment.
        let has_come_up = self.come_up().any(|beat| beat == self.beat);
        let read = &mut Rc::make_mut(&mut self.study).read;
        if let Intent::GoToBeat(beat) = intent {
            // Who leaps over steps does not want them.
            read.extend(self.beat..*beat);
        }
        if *intent == Intent::RunScript(0) {
            // The story begins anew.
            read.clear();
        } else if let Intent::GoToBeat(_) | Intent::Play(true) | Intent::Replay | Intent::Flip(_) =
            intent
            && has_come_up
        {
            read.insert(self.beat);
        }
    }

    /// Returns true if this leads to a step that tells of another design than the one on screen.
    pub(super) fn leads_to_other_design(&self, intent: &Intent) -> bool {
        let (Intent::GoToBeat(beat), Some(opened)) = (intent, &self.opened) else { return false };
        opened.lesson.get(*beat).is_some_and(|beat| opened.preset != Some(beat.preset))
    }

    /// Notes whether a film that begins with this leads to the breach: it does for who has seen that
    /// something breaks, while to everybody else the story is told step by step.
    pub(super) fn note_where_it_leads(&mut self, intent: &Intent) {
        let is_other = intent.moves_the_cursor() || matches!(intent, Intent::Play(_));
        let is_script = *intent == Intent::RunScript(0);
        if is_other || is_script {
            self.telling = if is_script { self.telling_of_script() } else { Telling::StepByStep };
        }
    }

    /// Returns how a film of the script tells the story: straight to the breach, once that was seen.
    pub(crate) fn telling_of_script(&self) -> Telling {
        let is_naive = self.opened.as_ref().is_some_and(|it| it.preset == Some(Preset::Naive));
        let has_broken = is_naive && self.naive_broke.is_some();
        if has_broken { Telling::ToTheBreach } else { Telling::StepByStep }
    }

    /// Takes a step as read past which the film runs to the breach, unless it asks for a prediction.
    pub(super) fn read_on_the_way(&mut self, frame: &Frame) {
        let leads = self.telling == Telling::ToTheBreach;
        let Some(Stop::Beat(beat)) = frame.stop.as_ref().filter(|_| leads) else { return };
        let place = usize::from(*beat);
        let lesson = self.opened.as_ref().map_or(&[][..], |opened| &opened.lesson);
        let asks = lesson.get(place).is_some_and(|it| it.bet.is_some());
        let is_open = asks && !self.study.shown.contains(&place);
        if broken_of(&frame.checks).is_some() {
            self.telling = Telling::StepByStep;
        } else if !is_open {
            Rc::make_mut(&mut self.study).read.insert(place);
        }
    }

    /// Returns true if the film need not wait here: at a step that was read before, and, as long as
    /// somebody is at a puzzle or watches another script than the lesson's, at any step.
    pub(super) fn is_passed_over(&self, stop: &Stop) -> bool {
        let Stop::Beat(beat) = stop else { return false };
        let is_told =
            self.study.view != LessonView::Puzzles && self.timeline.other_script().is_none();
        !is_told || self.study.has_read(*beat)
    }

    /// Takes a first step as read that comes up as soon as the film begins: it was on screen before that,
    /// and whoever began wants to see something move. One that asks waits for who has not bet yet.
    pub(super) fn read_before_the_film(&mut self, frame: &Frame) {
        let asks = self.opened.as_ref().and_then(|opened| opened.lesson.first()?.bet.as_ref());
        let is_first = frame.stop == Some(Stop::Beat(0)) && frame.scene.now_us < FIRST_STOP_US;
        let is_asked = asks.is_some() && !self.study.bets.contains_key(&0);
        if is_first && self.beat == 0 && self.plays && !is_asked {
            Rc::make_mut(&mut self.study).read.insert(0);
        }
    }

    /// Returns when the story ends that is played: a script that comes on top of the lesson's may go on
    /// for longer.
    pub(super) fn story_ends_us(&self, opened: &Opened) -> u64 {
        let last_us = self.timeline.actions.last().map_or(0, |action| action.at_us);
        let twist_us = self.timeline.other_script().map_or(0, |_| last_us + AFTERMATH_US);
        opened.horizon_us.max(twist_us)
    }

    /// Lists the steps of the naive design that are still to come or to be read. Nothing is said of
    /// them to who never saw that design.
    pub(crate) fn naive_left(&self) -> Vec<usize> {
        let Some(opened) = self.opened.as_ref().filter(|_| !self.timeline.leaves_script()) else {
            return Vec::new();
        };
        if self.naive_broke.is_none() || opened.preset.is_none() {
            return Vec::new();
        }
        let on_screen = self.come_up().find(|beat| *beat == self.beat);
        let is_left = |place: &usize| !self.study.read.contains(place) && Some(*place) != on_screen;
        let beats = opened.lesson.iter().enumerate();
        let naive = beats.filter(|(_, it)| it.preset == Preset::Naive).map(|(place, _)| place);
        naive.filter(is_left).collect()
    }

    /// Returns at which step of the lesson the film waits, if it does, and how to go on: to what the run
    /// says to a bet, to a step that came up as well, from the naive design's last step to the other
    /// design, from the lesson's last step to what else there is, or on with the film. There is none of
    /// two runs.
    pub(crate) fn waits(&self) -> Option<Waits> {
        let is_waiting = self.awaited_step.is_some() && !self.plays && self.beside.is_none();
        let opened = self.opened.as_ref().filter(|_| is_waiting)?;
        let beat = opened.lesson.get(self.beat)?;
        let answers = self.frame.as_ref().map_or(&[][..], |frame| &frame.answers);
        let is_open = answers.get(self.beat).is_some_and(Option::is_none);
        let asks = beat.bet.is_some() && is_open;
        let (step, all) = (self.beat + 1, opened.lesson.len());
        let has_puzzles = !opened.puzzles.is_empty();
        let mut reason = format!("The film waits at step {step} of {all}:");
        let (label, go_on) = match self.unread().first() {
            _ if asks => ("Show me", Intent::Play(true)),
            Some(&next) => ("Next", Intent::GoToBeat(next)),
            None if self.has_told_the_naive_run() => (SAFEGUARDS, Intent::Retry(Preset::Hardened)),
            None if step == all => {
                reason = format!("The lesson ends with step {step} of {all}:");
                let puzzles = Intent::Study(Wish::View(LessonView::Puzzles));
                if has_puzzles {
                    ("To the puzzles", puzzles)
                } else {
                    ("Play on", Intent::Play(true))
                }
            }
            None => ("Go on", Intent::Play(true)),
        };
        Some(Waits { reason, title: beat.title.clone(), asks, label, go_on })
    }

    /// Returns how a lesson begins that nobody has played yet: with the film, for its first step comes up
    /// in that.
    pub(crate) fn begins(&self) -> Option<Waits> {
        let is_fresh = self.timeline.known_us == 0 && !self.plays && self.beside.is_none();
        let opened = self.opened.as_ref().filter(|_| is_fresh && self.beat == 0)?;
        let is_told = |it: &&BeatView| Some(it.preset) == opened.preset;
        let title = opened.lesson.first().filter(is_told)?.title.clone();
        let (reason, go_on) = (String::new(), Intent::Play(true));
        Some(Waits { reason, title, asks: false, label: "Begin", go_on })
    }

    /// Returns true if the naive run has broken and every step that tells of it was seen.
    fn has_told_the_naive_run(&self) -> bool {
        let is_naive = self.opened.as_ref().is_some_and(|it| it.preset == Some(Preset::Naive));
        let is_told = is_naive && self.naive_broke.is_some() && !self.timeline.leaves_script();
        is_told && self.naive_left().is_empty()
    }

    /// Lists the steps other than the one on screen whose bet the run has not settled.
    pub(crate) fn open_bets(&self) -> Vec<usize> {
        let answers = self.frame.as_ref().map_or(&[][..], |frame| &frame.answers);
        let lesson = self.opened.as_ref().map_or(&[][..], |opened| &opened.lesson);
        let is_open = |place: &usize| {
            let asks = lesson.get(*place).is_some_and(|it| it.bet.is_some());
            *place != self.beat && asks && answers.get(*place).is_some_and(Option::is_none)
        };
        self.come_up().filter(is_open).collect()
    }

    /// Returns true if the lesson asks for a prediction in this design that was never answered.
    pub(super) fn has_bet_ahead(&self, preset: Preset) -> bool {
        let lesson = self.opened.as_ref().map_or(&[][..], |opened| &opened.lesson);
        let mut bets = lesson.iter().enumerate().filter(|(_, beat)| beat.bet.is_some());
        let follows = !self.timeline.leaves_script();
        follows && bets.any(|(place, it)| it.preset == preset && !self.study.shown.contains(&place))
    }
}

#[cfg(test)]
mod tests {
    use faultline_core::sim::Answered;
    use yew::Reducible as _;

    use super::super::state::LabEvent;
    use super::super::state_tests::{after, frame, opened};
    use super::*;
    use crate::wire::{Kept, Update};

    fn told(frame: Frame) -> LabEvent {
        LabEvent::Told(Update::Frame(Box::new(frame)))
    }

    fn told_opened(preset: Preset) -> LabEvent {
        LabEvent::Told(Update::Opened { request: 1, opened: Box::new(opened(preset)) })
    }

    /// A run at its beginning, and then two steps at once.
    fn two_at_once() -> Vec<LabEvent> {
        vec![
            told_opened(Preset::Naive),
            told(frame(0, None, [false; 3])),
            told(frame(5, None, [true, true, false])),
        ]
    }

    #[test]
    fn steps_that_came_up_unseen_are_offered_one_by_one() {
        let lab = after(two_at_once());
        assert_eq!((lab.beat, lab.unread()), (0, vec![1]));
        let next = LabEvent::Wanted(Intent::GoToBeat(1));
        let lab = after(two_at_once().into_iter().chain([next]));
        assert_eq!((lab.beat, lab.unread()), (1, vec![]));
    }

    #[test]
    fn a_film_stops_at_a_step_until_it_was_read() {
        let at_step =
            || Frame { stop: Some(Stop::Beat(0)), ..frame(500_000, None, [true, false, false]) };
        let play = || LabEvent::Wanted(Intent::Play(true));
        let first = || {
            [told_opened(Preset::Naive), told(frame(0, None, [false; 3])), play(), told(at_step())]
        };
        let lab = after(first());
        assert!(!lab.plays && lab.awaited_step == Some(0));
        let lab = after(first().into_iter().chain([play(), told(at_step())]));
        assert!(lab.plays, "it was read");
        let start = told(frame(0, None, [false; 3]));
        let anew = [LabEvent::Wanted(Intent::RunScript(0)), start, play(), told(at_step())];
        assert!(!after(first().into_iter().chain([play()]).chain(anew)).plays, "the story anew");
    }

    #[test]
    fn who_has_seen_the_breach_is_led_there_and_stopped_on_the_way_only_to_be_asked() {
        let at = |broken_at_us| frame(700, broken_at_us, [true, true, false]);
        let at_step = |broken_at_us| Frame { stop: Some(Stop::Beat(1)), ..at(broken_at_us) };
        let run = |opened: LabEvent, seen: Frame, then: Frame| {
            after([opened, told(seen), LabEvent::Wanted(Intent::RunScript(0)), told(then)])
        };
        let naive = || told_opened(Preset::Naive);
        let lab = run(naive(), at(Some(600)), at_step(None));
        assert!(lab.plays && lab.study.has_read(1), "what it passes is no news at the breach");
        assert!(!run(naive(), at(Some(600)), at_step(Some(700))).plays, "there it is");
        assert!(!run(naive(), at(None), at_step(None)).plays, "who knows nothing is told all");
        let mut asking = opened(Preset::Naive);
        asking.lesson[1].bet = Some(("Which?".into(), vec!["one".into(), "two".into()]));
        let asking = LabEvent::Told(Update::Opened { request: 1, opened: Box::new(asking) });
        assert!(!run(asking, at(Some(600)), at_step(None)).plays, "predictions come before");
    }

    #[test]
    fn a_film_that_has_just_begun_does_not_stop_at_a_step_that_was_on_screen_before() {
        let early = Frame { stop: Some(Stop::Beat(0)), ..frame(5, None, [true, false, false]) };
        let start = || [told_opened(Preset::Naive), told(frame(0, None, [false; 3]))];
        let play = || LabEvent::Wanted(Intent::Play(true));
        let lab = after(start().into_iter().chain([play(), told(early.clone())]));
        assert!(lab.plays && lab.awaited_step.is_none() && lab.unread().is_empty());
        let next = Frame { stop: Some(Stop::Beat(1)), ..frame(6, None, [true, true, false]) };
        let lab = after(start().into_iter().chain([play(), told(early.clone()), told(next)]));
        assert_eq!((lab.plays, lab.awaited_step, lab.beat), (false, Some(1), 1));
        // A step that asks is always waited with.
        let mut asking = opened(Preset::Naive);
        asking.lesson[0].bet = Some(("Which?".into(), vec!["one".into(), "two".into()]));
        let asking = LabEvent::Told(Update::Opened { request: 1, opened: Box::new(asking) });
        assert!(!after([asking, told(frame(0, None, [false; 3])), play(), told(early)]).plays);
    }

    #[test]
    fn what_a_link_leads_past_is_no_news() {
        let lab = after([told_opened(Preset::Naive), told(frame(5, None, [true, true, false]))]);
        assert_eq!((lab.beat, lab.unread()), (1, vec![]));
    }

    /// A naive run that broke at its first step, the second of which is still to come.
    fn broken_early() -> Vec<LabEvent> {
        let broken = frame(5, Some(5), [true, false, false]);
        vec![told_opened(Preset::Naive), told(frame(0, None, [false; 3])), told(broken)]
    }

    #[test]
    fn what_is_left_of_the_naive_run_is_told_until_it_was_read() {
        let flip = || {
            let flip = LabEvent::Wanted(Intent::Flip(Preset::Hardened));
            [flip, told_opened(Preset::Hardened), told(frame(6, None, [false, false, true]))]
        };
        assert_eq!(after(broken_early()).naive_left(), [1]);
        assert_eq!(after(broken_early().into_iter().chain(flip())).naive_left(), [1]);
        let read = [told(frame(6, Some(5), [true, true, false]))];
        let read = read.into_iter().chain([LabEvent::Wanted(Intent::GoToBeat(1))]);
        let all = after(broken_early().into_iter().chain(read));
        assert!(all.naive_left().is_empty(), "it is on screen");
        let unseen = after([told_opened(Preset::Hardened), told(frame(6, None, [false; 3]))]);
        assert!(unseen.naive_left().is_empty(), "nobody began the naive run");
    }

    #[test]
    fn no_step_stops_who_is_at_a_puzzle() {
        let at_step = Frame { stop: Some(Stop::Beat(0)), ..frame(5, None, [true, false, false]) };
        let open = LabEvent::Wanted(Intent::Open("#/s/slug?seed=1&a=&puzzle=0".into()));
        let lab = after([
            open,
            LabEvent::Opens(1, Kept::default()),
            told_opened(Preset::Naive),
            told(frame(0, None, [false; 3])),
            LabEvent::Wanted(Intent::Play(true)),
            told(at_step),
        ]);
        assert_eq!((lab.study.view, lab.study.puzzle), (LessonView::Puzzles, Some(0)));
        assert!(lab.plays && lab.awaited_step.is_none());
        let left = Intent::Study(super::super::study::Wish::View(LessonView::Steps));
        assert_eq!(lab.reduce(LabEvent::Wanted(left)).study.puzzle, None);
    }

    #[test]
    fn a_bet_stays_open_until_the_run_settles_it() {
        let asking = || {
            let mut opened = opened(Preset::Naive);
            opened.lesson[0].bet = Some(("Which?".into(), vec!["one".into(), "two".into()]));
            LabEvent::Told(Update::Opened { request: 1, opened: Box::new(opened) })
        };
        let later = || frame(5, None, [true, true, false]);
        let go = || LabEvent::Wanted(Intent::GoToBeat(1));
        assert_eq!(after([asking(), told(later()), go()]).open_bets(), [0]);
        let answer = Answered { option: 1, at_us: 5, because: String::new() };
        let settled = Frame { answers: vec![Some(answer), None, None], ..later() };
        assert!(after([asking(), told(later()), go(), told(settled)]).open_bets().is_empty());
    }

    #[test]
    fn another_step_of_the_same_design_is_the_same_run() {
        let lab = after(two_at_once());
        assert!(!lab.leads_to_other_design(&Intent::GoToBeat(1)));
        assert!(lab.leads_to_other_design(&Intent::GoToBeat(2)));
        assert!(!lab.leads_to_other_design(&Intent::RunScript(0)));
    }
    /// A film that waits at this step, in this design, with these steps behind it.
    fn waiting(preset: Preset, beat: u16, beats: [bool; 3]) -> LabEvent {
        let broken_at_us = (preset == Preset::Naive).then_some(4);
        told(Frame { stop: Some(Stop::Beat(beat)), ..frame(5, broken_at_us, beats) })
    }

    #[test]
    fn the_last_naive_step_leads_to_the_safeguards_and_the_last_of_all_to_the_end() {
        let start = |preset| [told_opened(preset), told(frame(0, None, [false; 3]))];
        let goes_on = |lab: Rc<LabState>| lab.waits().map(|it| (it.label, it.go_on));
        let begins = |lab: Rc<LabState>| lab.begins().map(|it| it.go_on);
        assert_eq!(begins(after(start(Preset::Naive))), Some(Intent::Play(true)));
        assert_eq!(
            begins(after(start(Preset::Hardened))),
            None,
            "its first step tells of the other"
        );
        let first = waiting(Preset::Naive, 0, [true, false, false]);
        let play = || LabEvent::Wanted(Intent::Play(true));
        let at_first = start(Preset::Naive).into_iter().chain([first]);
        assert_eq!(goes_on(after(at_first)), Some(("Go on", Intent::Play(true))));

        let first = waiting(Preset::Naive, 0, [true, false, false]);
        let last = waiting(Preset::Naive, 1, [true, true, false]);
        let told_all = start(Preset::Naive).into_iter().chain([first, play(), last]);
        let retry = Intent::Retry(Preset::Hardened);
        assert_eq!(goes_on(after(told_all)), Some((SAFEGUARDS, retry)));

        let end = waiting(Preset::Hardened, 2, [false, false, true]);
        let lab = after(start(Preset::Hardened).into_iter().chain([end]));
        assert_eq!(lab.waits().map(|it| it.reason).unwrap(), "The lesson ends with step 3 of 3:");
        assert_eq!(goes_on(lab), Some(("Play on", Intent::Play(true))), "there are no puzzles");
    }
}
