//! Which steps of the lesson have been read. A film stops at each of them, on every screen; steps that
//! came up while nobody looked, as when the other design is run up to here, are offered one by one.

use std::rc::Rc;

use faultline_core::scenario::Preset;

use super::intent::Intent;
use super::state::LabState;

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
            read.extend(0..*beat);
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

    /// Returns true if this leads to a step that tells of the design on screen: the run stays the same.
    pub(super) fn stays_in_its_design(&self, intent: &Intent) -> bool {
        let Intent::GoToBeat(beat) = intent else { return false };
        let opened = self.opened.as_ref();
        let told = opened.and_then(|opened| opened.lesson.get(*beat)).map(|beat| beat.preset);
        told.is_some() && told == opened.and_then(|opened| opened.preset)
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
    use super::super::state::LabEvent;
    use super::super::state_tests::{after, frame, opened};
    use super::*;
    use crate::wire::{Frame, Stop, Update};

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

    #[test]
    fn another_step_of_the_same_design_is_the_same_run() {
        let lab = after(two_at_once());
        assert!(lab.stays_in_its_design(&Intent::GoToBeat(1)));
        assert!(!lab.stays_in_its_design(&Intent::GoToBeat(2)));
        assert!(!lab.stays_in_its_design(&Intent::RunScript(0)));
    }
}
