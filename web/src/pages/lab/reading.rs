//! Which steps of the lesson have been read. A film stops at each of them, on every screen; steps that
//! came up while nobody looked, as when the other design is run up to here, are offered one by one.

use std::rc::Rc;

use faultline_core::scenario::Preset;

use super::intent::Intent;
use super::state::LabState;
use super::study::LessonView;
use crate::wire::Stop;

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

    /// Returns true if the film need not wait here: at a step that was read before, and, as long as
    /// somebody is at a puzzle, at any step.
    pub(super) fn is_passed_over(&self, stop: &Stop) -> bool {
        let Stop::Beat(beat) = stop else { return false };
        self.study.view == LessonView::Puzzles || self.study.has_read(*beat)
    }

    /// Lists the steps of the naive design that are still to come or to be read. Nothing is said of
    /// them to who never saw that design.
    pub(crate) fn naive_left(&self) -> Vec<usize> {
        let Some(opened) = self.opened.as_ref().filter(|_| !self.timeline.leaves_script) else {
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

    /// Returns at which step of the lesson the film waits, if it does, and how to go on.
    pub(crate) fn waits(&self) -> Option<Waits> {
        let opened = self.opened.as_ref().filter(|_| self.awaited_step.is_some() && !self.plays)?;
        let beat = opened.lesson.get(self.beat)?;
        let answers = self.frame.as_ref().map_or(&[][..], |frame| &frame.answers);
        let is_open = answers.get(self.beat).is_some_and(Option::is_none);
        let asks = beat.bet.is_some() && is_open;
        let next = self.unread().first().copied();
        let label = match (asks, next) {
            (true, _) => "Show me",
            (false, Some(_)) => "Next",
            (false, None) => "Go on",
        };
        let go_on = if asks { None } else { next }.map_or(Intent::Play(true), Intent::GoToBeat);
        let (step, all) = (self.beat + 1, opened.lesson.len());
        let reason = format!("The film waits at step {step} of {all}:");
        Some(Waits { reason, title: beat.title.clone(), asks, label, go_on })
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
        let follows = !self.timeline.leaves_script;
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
    use crate::wire::{Frame, Kept, Update};

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
            || Frame { stop: Some(Stop::Beat(0)), ..frame(5, None, [true, false, false]) };
        let play = || LabEvent::Wanted(Intent::Play(true));
        let first = || {
            [told_opened(Preset::Naive), told(frame(0, None, [false; 3])), play(), told(at_step())]
        };
        let lab = after(first());
        assert!(!lab.plays && lab.awaited_step == Some(0));
        let lab = after(first().into_iter().chain([play(), told(at_step())]));
        assert!(lab.plays, "it was read");
        let anew = [LabEvent::Wanted(Intent::RunScript(0)), told(at_step())];
        assert!(!after(first().into_iter().chain([play()]).chain(anew)).plays, "the story anew");
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
}
