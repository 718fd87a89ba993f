//! Searching all that is known of a run, a stretch at a time.

use faultline_core::run::Run;
use faultline_core::sim::TextLine;

use super::query::{Matcher, Query};
use super::work::SLICES_PER_REPORT;
use crate::wire::{Found, Hit};

/// At most so many hits are told of one by one.
const HIT_LIMIT: usize = 2_000;
/// At most so many events are looked at: text is made by replaying, and somebody waits.
const EVENT_LIMIT: u32 = 500_000;
/// Events looked at between two looks at the clock.
const STRETCH: u32 = 256;

/// A search that is under way.
#[derive(Debug)]
pub(super) struct Search {
    matcher: Matcher,
    next: u32,
    found: Found,
    slices: u32,
}

impl Search {
    /// Begins to search; or says at once that there is nothing to search for, or what is wrong.
    pub(super) fn new(text: &str, run: &Run) -> Result<Self, Box<Found>> {
        let found = Found { query: text.to_owned(), ..Found::default() };
        match Query::parse(text, run.simulation().names()) {
            Ok(Some(query)) => Ok(Self { matcher: Matcher::new(query), next: 0, found, slices: 0 }),
            Ok(None) => Err(Box::new(Found { is_done: true, ..found })),
            Err(sentence) => {
                Err(Box::new(Found { is_done: true, remark: Some(sentence), ..found }))
            }
        }
    }

    /// Goes on while `budget` allows; returns what has been found when all has been looked at.
    pub(super) fn go_on(
        &mut self,
        run: &Run,
        budget: &mut impl FnMut() -> bool,
    ) -> Option<Box<Found>> {
        let known = run.known().events;
        let end = known.min(EVENT_LIMIT);
        loop {
            let is_last = self.next.saturating_add(STRETCH) >= end;
            // What comes after the last event, such as an action, belongs to the next one.
            let to = if is_last && end == known { u32::MAX } else { end.min(self.next + STRETCH) };
            for line in run.text(self.next, to) {
                self.look_at(&line);
            }
            self.next = end.min(self.next.saturating_add(STRETCH));
            self.found.searched = self.next;
            if is_last {
                break;
            }
            if !budget() {
                return None;
            }
        }
        self.found.is_done = true;
        self.found.remark = self.remark(known);
        Some(Box::new(self.found.clone()))
    }

    /// Returns what has been found so far, every so many slices.
    pub(super) fn progress(&mut self) -> Option<Box<Found>> {
        self.slices += 1;
        self.slices.is_multiple_of(SLICES_PER_REPORT).then(|| Box::new(self.found.clone()))
    }

    fn look_at(&mut self, line: &TextLine) {
        if !self.matcher.finds(line) {
            return;
        }
        let hit = Hit { step: line.step, at_us: line.at_us };
        if self.found.hits.last() == Some(&hit) {
            return;
        }
        self.found.total += 1;
        if self.found.hits.len() < HIT_LIMIT {
            self.found.hits.push(hit);
        }
    }

    fn remark(&self, known: u32) -> Option<String> {
        if known > EVENT_LIMIT {
            return Some(format!("Only the first {EVENT_LIMIT} of {known} events were searched."));
        }
        let shown = self.found.hits.len();
        let total = self.found.total;
        (shown < total as usize).then(|| format!("Only the first {shown} of {total} are marked."))
    }
}
