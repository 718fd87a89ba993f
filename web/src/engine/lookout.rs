//! Playing on until something turns up.

use std::ops::ControlFlow::{self, Break, Continue};

use faultline_core::run::Run;
use faultline_core::sim::{MarkKind, TextKind, TextLine};
use faultline_core::view::{CheckKind, Verdict};

use super::work::{EVENT_LIMIT, Passed, beat_of, too_long};
use crate::format::instant;
use crate::wire::{Bound, Stop, Until};

/// What to watch for on the way.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum LookFor {
    /// Nothing.
    Nothing,
    /// The first violation, and each beat of the lesson.
    Pauses,
    /// What a person asked for.
    Until(Until),
    /// This beat of the lesson.
    Beat(u16),
    /// An event that recorded a fact, or a mark.
    Interesting,
}

/// Says that something is so at the cursor already, if it is; with what to ask for if it can come true
/// once more. What a single moment brings, such as a line of the log, is never so already.
pub(super) fn already(run: &Run, until: &Until) -> Option<Stop> {
    let again = Some(until.clone());
    let (what, again) = match until {
        Until::Violation => {
            let checks = run.simulation().checks();
            let broken = checks.iter().find(|check| check.is_violated())?;
            (format!("“{}” is broken", broken.name), again)
        }
        Until::Check(check) => {
            let what = decided(run, *check)?;
            if may_change(run, *check) {
                (what, again)
            } else {
                (format!("{what}; that is judged once a run"), None)
            }
        }
        Until::Metric { metric, bound, value } => {
            let now = reading(run, *metric).filter(|now| bound.holds(*now, *value))?;
            (read(run, *metric, now)?, again)
        }
        Until::Alert | Until::Beat | Until::Words { .. } => return None,
    };
    Some(Stop::Already(format!("Already so at {}: {what}.", instant(run.now_us())), again))
}

/// Plays on and watches.
#[derive(Debug)]
pub(super) struct Lookout {
    look_for: LookFor,
    /// Marks that have been passed.
    passed: Passed,
    was_violated: bool,
    /// Of a check that is watched: how it was decided from the start.
    was_decided: Option<String>,
    /// Of a metric that is watched: its latest reading, and the one closest to the bound.
    reading: Option<i64>,
    closest: Option<i64>,
}

impl Lookout {
    /// Watches for `look_for` from the cursor on.
    pub(super) fn new(run: &Run, look_for: LookFor) -> Self {
        let mut passed = Passed::default();
        passed.pass(run, |_| {});
        let was_violated = run.simulation().is_violated();
        let (was_decided, reading) = match &look_for {
            LookFor::Until(Until::Check(check)) => (decided(run, *check), None),
            LookFor::Until(Until::Metric { metric, .. }) => (None, reading(run, *metric)),
            LookFor::Nothing
            | LookFor::Pauses
            | LookFor::Until(_)
            | LookFor::Beat(_)
            | LookFor::Interesting => (None, None),
        };
        Self { look_for, passed, was_violated, was_decided, reading, closest: reading }
    }

    /// Does one step, if one is due by `to_us`.
    pub(super) fn play_one(&mut self, run: &mut Run, to_us: u64) -> ControlFlow<Option<Stop>> {
        let Some(next_us) = run.next_at_us() else {
            // Nothing is left to happen: whoever looks for something must not look for ever.
            return Break(Some(self.not_reached(run, run.now_us()).unwrap_or(Stop::End)));
        };
        if next_us > to_us {
            run.seek_time(to_us.max(run.now_us()));
            return Break(self.not_reached(run, to_us));
        }
        if run.position().events >= EVENT_LIMIT {
            return Break(Some(too_long()));
        }
        if let LookFor::Until(Until::Words { words, kind }) = &self.look_for {
            let lines = run.step_in_words().unwrap_or_default();
            let found = lines.into_iter().find(|line| has_words(line, words, *kind));
            return found.map_or(Continue(()), |line| Break(Some(reached(run, &line.text))));
        }
        run.step();
        self.look(run)
    }

    /// Says that it did not come true by `to_us`; `None` if nothing was looked for.
    fn not_reached(&self, run: &Run, to_us: u64) -> Option<Stop> {
        let what = match &self.look_for {
            LookFor::Nothing | LookFor::Pauses => return None,
            LookFor::Until(Until::Violation) => "Nothing broke".to_owned(),
            LookFor::Until(Until::Check(check)) => undecided(run, *check),
            LookFor::Until(Until::Alert) => "No alert fired".into(),
            LookFor::Until(Until::Beat) => "No step of the lesson came up".into(),
            LookFor::Until(Until::Words { words, .. }) => {
                format!("No line of the log had “{words}”")
            }
            LookFor::Until(Until::Metric { metric, bound, value }) => {
                self.not_crossed(run, *metric, *bound, *value)
            }
            LookFor::Beat(_) => "This step of the lesson did not come up with these actions".into(),
            LookFor::Interesting => "Nothing of note happened".into(),
        };
        Some(Stop::NotReached(format!("{what} up to {}.", instant(to_us))))
    }

    fn not_crossed(&self, run: &Run, metric: u16, bound: Bound, value: i64) -> String {
        let metrics = run.simulation().metrics();
        let Some(it) = metrics.get(usize::from(metric)) else {
            return "There is no such metric, so nothing came of it".into();
        };
        let (way, extreme) = match bound {
            Bound::AtLeast => ("rise to", "highest"),
            Bound::AtMost => ("fall to", "lowest"),
        };
        let closest = match self.closest {
            // It lay beyond the bound all the time, so it never came to lie there.
            Some(closest) if bound.holds(closest, value) => ", being there already".to_owned(),
            Some(closest) => format!(" ({extreme}: {closest})"),
            None => String::new(),
        };
        format!("“{}” did not {way} {value}{closest}", it.label)
    }

    /// Looks at what the last step brought.
    pub(super) fn look(&mut self, run: &Run) -> ControlFlow<Option<Stop>> {
        let mut marks = Vec::new();
        self.passed.pass(run, |mark| marks.push(mark.kind));
        let violated = marks.iter().find_map(|&kind| violated_check(run, kind));
        let mut beats = marks.iter().filter_map(|&kind| beat_of(kind));
        let stop = match &self.look_for {
            LookFor::Nothing | LookFor::Until(Until::Words { .. }) => None,
            LookFor::Interesting => {
                let last = run.position().events.checked_sub(1);
                let last = last.and_then(|event| run.journal().events.get(event as usize));
                let has_fact = last.is_some_and(|event| event.facts > 0);
                return if has_fact || !marks.is_empty() { Break(None) } else { Continue(()) };
            }
            LookFor::Pauses => {
                let first = violated.filter(|_| !self.was_violated).map(Stop::Violation);
                first.or_else(|| beats.next().map(Stop::Beat))
            }
            LookFor::Until(Until::Violation) => violated.map(Stop::Violation),
            LookFor::Until(Until::Check(check)) => {
                let now = decided(run, *check).filter(|now| self.was_decided.as_ref() != Some(now));
                now.map(|what| reached(run, &what))
            }
            LookFor::Until(Until::Alert) => {
                let alert = marks.iter().find_map(|&kind| alert_of(run, kind));
                alert.map(|name| reached(run, &format!("the alert “{name}” rings")))
            }
            LookFor::Until(Until::Beat) => beats.next().map(|beat| {
                let title = run.simulation().lesson().into_iter().nth(beat.into());
                let title = title.map(|beat| beat.title).unwrap_or_default();
                reached(run, &format!("the lesson's step “{title}” comes up"))
            }),
            &LookFor::Until(Until::Metric { metric, bound, value }) => {
                self.crosses(run, metric, bound, value)
            }
            LookFor::Beat(wanted) => {
                return if beats.any(|beat| beat == *wanted) { Break(None) } else { Continue(()) };
            }
        };
        stop.map_or(Continue(()), |stop| Break(Some(stop)))
    }

    /// Reads a metric; stops if it has come to lie beyond the bound in this very step.
    fn crosses(&mut self, run: &Run, metric: u16, bound: Bound, value: i64) -> Option<Stop> {
        let before = self.reading;
        let now = reading(run, metric)?;
        self.reading = Some(now);
        self.closest = match bound {
            Bound::AtLeast => self.closest.max(self.reading),
            Bound::AtMost => self.closest.into_iter().chain([now]).min(),
        };
        let was_beyond = before.is_some_and(|before| bound.holds(before, value));
        if was_beyond || !bound.holds(now, value) {
            return None;
        }
        Some(reached(run, &read(run, metric, now)?))
    }
}

/// Says what a metric is.
fn read(run: &Run, metric: u16, now: i64) -> Option<String> {
    let it = run.simulation().metrics().into_iter().nth(metric.into())?;
    Some(format!("“{}” is {now} {}", it.label, it.unit).trim_end().to_owned())
}

/// Reads a metric now, not only where it is sampled for charts.
fn reading(run: &Run, metric: u16) -> Option<i64> {
    run.simulation().readings().get(usize::from(metric)).copied()
}

/// Says that what was looked for came true now.
fn reached(run: &Run, what: &str) -> Stop {
    Stop::Reached(format!("At {}: {}.", instant(run.now_us()), what.trim_end()))
}

/// Returns true if a line has all of these words, and is of this kind if one is asked for.
fn has_words(line: &TextLine, words: &str, kind: Option<TextKind>) -> bool {
    let text = line.text.to_lowercase();
    kind.is_none_or(|kind| line.kind == kind)
        && words.split_whitespace().all(|word| text.contains(&word.to_lowercase()))
}

/// Returns the index of the check that a mark says was violated.
fn violated_check(run: &Run, kind: MarkKind) -> Option<u16> {
    match kind {
        MarkKind::Violation(invariant) => Some(invariant),
        MarkKind::GoalMissed(goal) => {
            let checks = run.simulation().checks();
            let invariants = checks.iter().filter(|check| check.kind == CheckKind::Invariant);
            u16::try_from(invariants.count()).ok()?.checked_add(goal)
        }
        MarkKind::Action { .. }
        | MarkKind::GoalReached(_)
        | MarkKind::Alert(_)
        | MarkKind::Beat(_)
        | MarkKind::Epoch(_) => None,
    }
}

/// Returns the name of the alert that a mark says rang.
fn alert_of(run: &Run, kind: MarkKind) -> Option<String> {
    let MarkKind::Alert(index) = kind else { return None };
    let checks = run.simulation().checks();
    let mut alerts = checks.into_iter().filter(|check| check.kind == CheckKind::Alert);
    alerts.nth(index.into()).map(|check| check.name)
}

/// Says how a check was decided, if it was.
fn decided(run: &Run, check: u16) -> Option<String> {
    let check = run.simulation().checks().into_iter().nth(check.into())?;
    let how = match (check.kind, &check.verdict) {
        (_, Verdict::Holds | Verdict::NotYet) => return None,
        (CheckKind::Invariant, _) => "is broken",
        (CheckKind::Goal, Verdict::Broken { .. }) => "is missed",
        (CheckKind::Goal, Verdict::Reached { .. }) => "is reached",
        (CheckKind::Alert, _) => "rings",
        (CheckKind::Sometimes, _) => "is seen",
    };
    Some(format!("“{}” {how}", check.name))
}

/// Returns true if a check was decided and may be decided otherwise: a goal that was reached has to be
/// reached again after each disturbance, and may be missed then.
fn may_change(run: &Run, check: u16) -> bool {
    let check = run.simulation().checks().into_iter().nth(check.into());
    check.is_some_and(|it| {
        it.kind == CheckKind::Goal && matches!(it.verdict, Verdict::Reached { .. })
    })
}

/// Says in words that a check was not decided.
fn undecided(run: &Run, check: u16) -> String {
    let checks = run.simulation().checks();
    let Some(check) = checks.get(usize::from(check)) else {
        return "There is no such check, so nothing came of it".into();
    };
    let what = match check.kind {
        CheckKind::Invariant => "was not broken",
        CheckKind::Goal if matches!(check.verdict, Verdict::Reached { .. }) => "was not missed",
        CheckKind::Goal => "was neither reached nor missed",
        CheckKind::Alert => "did not ring",
        CheckKind::Sometimes => "was not seen",
    };
    format!("“{}” {what}", check.name)
}
