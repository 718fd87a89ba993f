//! What clients asked and were told, heard by replay and judged on request, a few steps at a time.

use faultline_core::order::set_of;
use faultline_core::run::Run;
use faultline_core::sim::{Judging, Names, SeenObject, Testimony, Told};
use faultline_core::view::HistoryVerdict;
use faultline_core::witness::Witness;

use crate::format::counted;
use crate::wire::{HistoryAnswer, HistoryFinding, HistoryOperation, HistoryView, Part, Update};

/// At most so many operations are sent: those around the cursor.
const OPERATION_LIMIT: usize = 1_000;
/// Events between two looks at the clock.
const STEPS_PER_LOOK: u32 = 64;
/// Calls tried between two looks at the clock.
const CALLS_PER_LOOK: u64 = 500;
/// More calls than this are not tried. A verdict that is not found says how many were.
const CALL_LIMIT: u64 = 256_000;
/// Between two words on how it goes lie this many slices: the page waits for some.
const SLICES_PER_WORD: u32 = 32;
/// So many states that an object can be in are told.
const STATES_TOLD: usize = 2;

/// What is to be done.
#[derive(Copy, Clone, Debug)]
struct Asked {
    /// Whether a verdict is wanted.
    judges: bool,
    slices: u32,
}

/// A verdict that is being looked for, and what it will be on.
struct UnderWay {
    judging: Box<dyn Judging>,
    heard_us: u64,
    operations: usize,
}

impl UnderWay {
    fn begin(object: &'static dyn SeenObject, told: &[Told], heard_us: u64) -> Self {
        Self { judging: object.judging(told, CALL_LIMIT), heard_us, operations: told.len() }
    }

    /// Goes on while `budget` allows; returns the verdict once it is there.
    fn go_on(&mut self, budget: &mut impl FnMut() -> bool) -> Option<Judged> {
        loop {
            if let Some(verdict) = self.judging.go_on(CALLS_PER_LOOK) {
                let Self { heard_us, operations, .. } = *self;
                return Some(Judged { verdict, heard_us, operations });
            }
            if !budget() {
                return None;
            }
        }
    }
}

/// A verdict, and what it was on.
struct Judged {
    verdict: HistoryVerdict,
    heard_us: u64,
    operations: usize,
}

/// The history of clients' operations, as far as it has been heard.
#[derive(Default)]
pub(super) struct History {
    witness: Option<Witness>,
    under_way: Option<UnderWay>,
    judged: Option<Judged>,
    asked: Option<Asked>,
}

impl History {
    /// Takes a question. One that wants a verdict is not overtaken by one that does not.
    pub(super) fn ask(&mut self, judge: bool) {
        let judges = judge || self.asked.is_some_and(|asked| asked.judges);
        self.asked = Some(Asked { judges, slices: 0 });
    }

    /// Returns true if an answer is due.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// Gives no answer any more.
    pub(super) fn cancel(&mut self) {
        self.asked = None;
        self.under_way = None;
    }

    /// The run has another past: what was heard is void.
    pub(super) fn forget(&mut self) {
        self.witness = None;
        self.under_way = None;
        self.judged = None;
    }

    /// Goes on towards the answer; returns true if there is more to do.
    pub(super) fn go_on(
        &mut self,
        run: &Run,
        budget: &mut impl FnMut() -> bool,
        out: &mut Vec<Update>,
    ) -> bool {
        let Some(asked) = &mut self.asked else { return false };
        let witness = self.witness.get_or_insert_with(|| Witness::new(run));
        asked.slices += 1;
        if asked.slices.is_multiple_of(SLICES_PER_WORD) {
            let calls = self.under_way.as_ref().map_or(0, |it| it.judging.calls());
            out.push(Update::HistoryGoesOn { heard_us: witness.heard_us(), calls });
        }
        while !witness.follow(run, STEPS_PER_LOOK) {
            if !budget() {
                return true;
            }
        }
        let Some(testimony) = witness.testimony() else { return false };
        if let (true, Some(object)) = (asked.judges, testimony.object()) {
            let begin = || UnderWay::begin(object, testimony.operations(), run.known_us());
            let Some(judged) = self.under_way.get_or_insert_with(begin).go_on(budget) else {
                return true;
            };
            self.judged = Some(judged);
            self.under_way = None;
        }
        let view = view(run, testimony, self.judged.as_ref());
        out.push(Update::History(Box::new(view)));
        self.asked = None;
        false
    }
}

/// Returns the history around the run's cursor, as the page is told of it.
fn view(run: &Run, testimony: &Testimony, judged: Option<&Judged>) -> HistoryView {
    let (names, told) = (run.simulation().names(), testimony.operations());
    let points = judged.map(|judged| points(judged, told)).unwrap_or_default();
    let (refused, concurrent) = match judged.map(|judged| &judged.verdict) {
        Some(HistoryVerdict::Impossible { refused, concurrent, .. }) => {
            (Some(*refused), concurrent.as_slice())
        }
        _ => (None, &[][..]),
    };
    let cursor = told.partition_point(|told| told.began.at_us <= run.now_us());
    let to = (cursor + OPERATION_LIMIT / 3).max(OPERATION_LIMIT).min(told.len());
    let from = to.saturating_sub(OPERATION_LIMIT);
    let operation = |(index, it): (usize, &Told)| {
        let (asked, answered) = testimony.words(it, names);
        HistoryOperation {
            place: u32::try_from(index).unwrap_or(u32::MAX),
            client: it.client,
            began_us: it.began.at_us,
            began_in: it.began.event,
            ended: it.ended.map(|(moment, step)| (moment.at_us, step)),
            asked,
            answered,
            point_us: points.get(index).copied().flatten(),
            part: if refused == Some(index) {
                Part::Refused
            } else if concurrent.contains(&index) {
                Part::Concurrent
            } else {
                Part::None
            },
        }
    };
    let clients = set_of(told.iter().map(|told| told.client));
    HistoryView {
        heard_us: run.known_us(),
        clients: clients.into_iter().collect(),
        operations: told.iter().enumerate().take(to).skip(from).map(operation).collect(),
        total: told.len() as u64,
        object: testimony.object().map(|object| object.name().to_owned()),
        verdict: judged.map(|judged| finding(judged, testimony, names)),
    }
}

fn finding(judged: &Judged, testimony: &Testimony, names: &Names) -> HistoryFinding {
    let told = testimony.operations();
    let answer = match &judged.verdict {
        HistoryVerdict::Possible { .. } => HistoryAnswer::Possible,
        HistoryVerdict::Unknown { steps } => HistoryAnswer::Unknown { steps: *steps },
        HistoryVerdict::Impossible { refused, concurrent, states, is_complete, .. } => {
            let began = |index: &usize| told.get(*index).map(|told| told.began.at_us);
            let answered = concurrent
                .iter()
                .filter(|index| told.get(**index).is_some_and(|told| told.ended.is_some()));
            let from_us = answered.chain([refused]).filter_map(began).min();
            let ended = told.get(*refused).and_then(|told| told.ended);
            HistoryAnswer::Impossible {
                from_us: from_us.unwrap_or_default(),
                to_us: ended.map_or(judged.heard_us, |(moment, _)| moment.at_us),
                event: ended.map_or(0, |(moment, _)| moment.event),
                reason: reason(testimony, names, *refused, states, *is_complete),
            }
        }
    };
    HistoryFinding { judged_us: judged.heard_us, operations: judged.operations as u64, answer }
}

/// Says why an answer cannot be explained.
fn reason(
    testimony: &Testimony,
    names: &Names,
    refused: usize,
    states: &[(String, String)],
    is_complete: bool,
) -> String {
    let Some(told) = testimony.operations().get(refused) else { return String::new() };
    let (asked, answered) = testimony.words(told, names);
    let (client, answered) = (&names[told.client], answered.unwrap_or_default());
    let object = testimony.object().map_or("the object", |object| object.name());
    let mut text = format!("{client} asked to {asked} and was told: {answered}.");
    let state = |(state, answer): &(String, String)| format!("{state} and answers {answer}");
    let told: Vec<String> = states.iter().take(STATES_TOLD).map(state).collect();
    if !told.is_empty() {
        let others = match (states.len() - told.len()) as u64 {
            0 => String::new(),
            others => format!("; or in one of {}", counted(others, "other state")),
        };
        text = format!(
            "{text} By then, in whichever order the operations before took effect, {object} is \
             {}{others}.",
            told.join("; or ")
        );
    }
    if !is_complete {
        text.push_str(" The search was cut short: an earlier stretch may be impossible as well.");
    }
    text
}

/// Returns when each operation takes effect in the order that was found: in the middle of the time
/// that its own interval and its neighbours in the order leave to it.
fn points(judged: &Judged, told: &[Told]) -> Vec<Option<u64>> {
    let mut points = vec![None; told.len()];
    let (HistoryVerdict::Possible { order } | HistoryVerdict::Impossible { order, .. }) =
        &judged.verdict
    else {
        return points;
    };
    let ordered: Vec<(usize, &Told)> =
        order.iter().filter_map(|index| Some((*index, told.get(*index)?))).collect();
    let mut latest_us = judged.heard_us;
    let latest: Vec<u64> = ordered
        .iter()
        .rev()
        .map(|(_, told)| {
            let ended_us = told.ended.map_or(judged.heard_us, |(moment, _)| moment.at_us);
            latest_us = latest_us.min(ended_us);
            latest_us
        })
        .collect();
    let mut earliest_us = 0;
    for ((index, told), latest_us) in ordered.iter().zip(latest.iter().rev()) {
        earliest_us = earliest_us.max(told.began.at_us);
        points[*index] = Some(u64::midpoint(earliest_us, (*latest_us).max(earliest_us)));
    }
    points
}
