//! One page's conversation with the engine.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use faultline_core::link;
use faultline_core::run::Target;
use faultline_core::scenario::Setup;
use faultline_core::sim::TimedAction;

use super::begin::{Begun, answer, begin};
use super::compare::Comparison;
use super::lab::Lab;
use super::pricing::Pricing;
use super::search::Search;
use super::work::{Aim, SLICES_PER_REPORT, note_good};
use crate::wire::{Against, Command, Kept, Reproduced, Update};

/// At most so many commands wait while the run is on its way to a place.
const WAITING_LIMIT: usize = 64;

/// What a link said of the run at its cursor; it is checked when the run has got there.
#[derive(Clone, Debug, Default)]
struct Claim {
    digest: Option<u64>,
    revision: Option<String>,
}

/// Why the page is to be told of the run as a whole.
enum Opening {
    /// It was opened from a link.
    Link {
        /// On this question.
        request: u32,
        /// What the link said of it.
        claim: Claim,
    },
    /// It was made anew.
    Change,
}

/// What is under way.
struct Work {
    aim: Aim,
    /// Where to go after that.
    then: Option<Target>,
    /// The page waits to be told of the run as a whole.
    opening: Option<Opening>,
    slices: u32,
}

/// The engine as the page knows it: takes commands, gives updates, does long work in slices.
///
/// Questions are answered at once. A command that comes while the run is on its way to a place waits
/// until it is there, since it was meant for there; one that comes while the run plays on puts an
/// end to that, but for what has nothing to do with the cursor. [`Command::Cancel`] ends everything,
/// [`Command::Open`] begins anew.
#[derive(Default)]
pub struct Session {
    lab: Option<Lab>,
    work: Option<Work>,
    waiting: VecDeque<Command>,
    search: Option<Search>,
    /// The run beside the open one, if there is one.
    comparison: Option<Comparison>,
    /// Both designs on the way to what the safeguards cost.
    pricing: Option<Pricing>,
}

impl Session {
    /// Takes a command. Returns true if something is under way that [`Self::slice`] goes on with.
    pub fn command(&mut self, command: Command, out: &mut Vec<Update>) -> bool {
        if let Command::Find { query } = &command {
            self.find(query, out);
        } else if let Command::Open { request, link, default_seed, kept } = command {
            self.open(request, (&link, default_seed), kept, out);
        } else if command == Command::Cancel {
            for command in std::mem::take(&mut self.waiting) {
                self.leave_undone(&command);
            }
            self.search = None;
            self.pricing = None;
            self.stop_work(out);
            if let Some(comparison) = &mut self.comparison {
                comparison.stop_looking(out);
            }
            if let Some(lab) = &mut self.lab {
                lab.history().0.cancel();
            }
            self.begin(command, out);
        } else if command.is_question() || !self.has_to_wait(&command) {
            self.begin(command, out);
        } else if self.waiting.len() < WAITING_LIMIT {
            self.let_wait(command);
        } else {
            self.leave_undone(&command);
            out.push(Update::Failed("The engine is busy; this was not done.".into()));
        }
        self.work.is_some()
            || self.search.is_some()
            || self.pricing.is_some()
            || self.listens()
            || self.is_comparing()
    }

    /// Returns true if another run is being gone through beside this one.
    fn is_comparing(&self) -> bool {
        self.comparison.as_ref().is_some_and(Comparison::is_busy)
    }

    /// Returns true if what clients said is being heard or judged.
    fn listens(&mut self) -> bool {
        self.lab.as_mut().is_some_and(|lab| lab.history().0.is_asked())
    }

    /// Goes on with what is under way while `budget` returns true. Returns true if there is more.
    pub fn slice(&mut self, mut budget: impl FnMut() -> bool, out: &mut Vec<Update>) -> bool {
        while self.go_on(&mut budget, out) {
            if let (Some(lab), Some(comparison)) = (&self.lab, &mut self.comparison)
                && !comparison.catch_up(lab.run(), &mut budget, out)
            {
                return true;
            }
            let Some(command) = self.waiting.pop_front() else {
                return self.look_around(&mut budget, out);
            };
            self.begin(command, out);
        }
        true
    }

    /// Begins a search in place of the one that is under way.
    fn find(&mut self, query: &str, out: &mut Vec<Update>) {
        let Some(lab) = &self.lab else {
            return out.push(Update::Failed("No run is open yet.".into()));
        };
        self.search = match Search::new(query, lab.run()) {
            Ok(search) => Some(search),
            Err(found) => {
                out.push(Update::Found(found));
                None
            }
        };
    }

    /// Searches while `budget` allows. Returns true if there is more.
    fn go_on_searching(
        &mut self,
        budget: &mut impl FnMut() -> bool,
        out: &mut Vec<Update>,
    ) -> bool {
        let (Some(lab), Some(search)) = (&self.lab, &mut self.search) else { return false };
        let Some(found) = search.go_on(lab.run(), budget) else {
            // The page gives up on an engine of which it hears nothing.
            out.extend(search.progress().map(Update::Found));
            return true;
        };
        self.search = None;
        out.push(Update::Found(found));
        false
    }

    /// Goes on with what can wait until the run is where it was to be: a search, the other run, then
    /// what clients said. Returns true if there is more.
    fn look_around(&mut self, budget: &mut impl FnMut() -> bool, out: &mut Vec<Update>) -> bool {
        if self.go_on_searching(budget, out) {
            return true;
        }
        if self.comparison.as_mut().is_some_and(|it| it.look_on(budget, out)) {
            return true;
        }
        if let Some(pricing) = &mut self.pricing {
            if pricing.go_on(budget, out) {
                return true;
            }
            self.pricing = None;
        }
        let Some(lab) = &mut self.lab else { return false };
        let (history, run) = lab.history();
        history.go_on(run, budget, out)
    }

    /// Goes on with what is under way. Returns true if nothing is any more.
    fn go_on(&mut self, budget: &mut impl FnMut() -> bool, out: &mut Vec<Update>) -> bool {
        let (Some(lab), Some(work)) = (&mut self.lab, &mut self.work) else { return true };
        loop {
            let ControlFlow::Break(stop) = work.aim.go_on(lab.run_mut(), budget) else {
                work.slices += 1;
                if work.slices.is_multiple_of(SLICES_PER_REPORT) {
                    let (at_us, events) = (lab.run().now_us(), lab.run().position().events);
                    out.push(Update::Progress { at_us, events });
                }
                return false;
            };
            if let Some(target) = work.then.take() {
                lab.read_actions();
                work.aim = Aim::Go(target);
                continue;
            }
            let opening = work.opening.take();
            self.work = None;
            self.tell_whole(opening, true, out);
            if let Some(lab) = &mut self.lab {
                lab.tell_frame(stop, out);
            }
            self.follow(out);
            return true;
        }
    }

    /// Returns true if `command` was meant for where the run is on its way to.
    fn has_to_wait(&self, command: &Command) -> bool {
        let is_travelling = |work: &Work| work.opening.is_some() || matches!(work.aim, Aim::Go(_));
        // Going elsewhere instead needs no arrival, unless the page is yet to be told of the run.
        let is_detour = matches!(command, Command::Seek { .. } | Command::SeekEvent { .. })
            && self.waiting.is_empty()
            && self.work.as_ref().is_some_and(|work| work.opening.is_none());
        // A step is one of both runs, so both have to be there.
        let is_step = matches!(command, Command::Step | Command::StepBack);
        let is_following = self.comparison.as_ref().is_some_and(Comparison::is_following);
        (is_step && is_following) || (self.work.as_ref().is_some_and(is_travelling) && !is_detour)
    }

    /// Takes note that a command will not be done: the page keeps what is typed until it hears of it.
    fn leave_undone(&mut self, command: &Command) {
        if let (Command::Type(typed), Some(lab)) = (command, &mut self.lab) {
            lab.note_typed(typed.request);
        }
    }

    /// Lets a command wait. Of a knob or cursor that is being dragged, only the last place counts.
    fn let_wait(&mut self, command: Command) {
        let is_overtaken = match (self.waiting.back(), &command) {
            (Some(Command::Seek { .. }), Command::Seek { .. }) => true,
            (Some(Command::Set { key: old, .. }), Command::Set { key, .. }) => old == key,
            _ => false,
        };
        if is_overtaken {
            self.waiting.pop_back();
        }
        self.waiting.push_back(command);
    }

    /// Begins what a command asks for, in place of what is under way if it moves the cursor.
    fn begin(&mut self, command: Command, out: &mut Vec<Update>) {
        // Another run is put beside one that stands.
        let is_due = !command.leaves_the_cursor() || matches!(command, Command::Compare(_));
        let has_stopped = is_due && self.stop_work(out);
        let Some(lab) = &mut self.lab else {
            return out.push(Update::Failed("No run is open yet.".into()));
        };
        note_good(lab.run());
        if command.is_question() {
            return self.answer(command, out);
        }
        if let Command::Compare(against) = command {
            if has_stopped {
                lab.tell_frame(None, out);
            }
            return self.compare(against, out);
        }
        if let (Command::Show(side), Some(comparison)) = (&command, &mut self.comparison) {
            return comparison.show(*side, out);
        }
        match begin_beside(lab, self.comparison.as_ref(), command, out) {
            Ok(Begun::Answered) => {}
            Ok(Begun::Moved(stop)) => {
                lab.tell_frame(stop, out);
                self.follow(out);
            }
            Ok(Begun::Aimed { aim, then, is_new }) => {
                let opening = is_new.then_some(Opening::Change);
                self.work = Some(Work { aim, then, opening, slices: 0 });
            }
            Err(sentence) => {
                out.push(Update::Failed(sentence));
                // What was under way has moved the cursor all the same.
                if has_stopped {
                    lab.tell_frame(None, out);
                    self.follow(out);
                }
            }
        }
    }

    /// Answers a question, of two runs about the one that is shown.
    fn answer(&mut self, command: Command, out: &mut Vec<Update>) {
        let Some(lab) = &mut self.lab else { return };
        if command == Command::Price {
            self.pricing = Some(Pricing::new(lab.run()));
            return;
        }
        let reach = if let Command::Log { events } = command { Some(events) } else { None };
        match &mut self.comparison {
            Some(comparison) if comparison.is_asked(&command) => comparison.answer(command, out),
            Some(comparison) => {
                answer(lab, command, out);
                comparison.answer_too(reach, out);
            }
            None => answer(lab, command, out),
        }
    }

    /// Puts a run beside the open one, or ends that.
    fn compare(&mut self, against: Option<Against>, out: &mut Vec<Update>) {
        let (Some(lab), Some(against)) = (&self.lab, against) else {
            self.comparison = None;
            return out.push(Update::Compared(None));
        };
        match Comparison::new(lab, against) {
            Ok(comparison) => {
                comparison.tell(out);
                self.comparison = Some(comparison);
            }
            Err(sentence) => out.push(Update::Failed(sentence)),
        }
    }

    /// Has the run beside the open one come to where that is now.
    fn follow(&mut self, out: &mut Vec<Update>) {
        if let (Some(lab), Some(comparison)) = (&self.lab, &mut self.comparison)
            && comparison.follow(lab)
        {
            comparison.tell(out);
        }
    }

    /// Returns the link to the run if what decides it has changed since the last call.
    pub fn take_changed_link(&mut self) -> Option<String> {
        self.lab.as_mut()?.take_changed_link()
    }

    /// A link that cannot be read leaves everything as it is.
    fn open(
        &mut self,
        request: u32,
        (link, default_seed): (&str, u64),
        mut kept: Kept,
        out: &mut Vec<Update>,
    ) {
        match link::parse(link, default_seed) {
            Ok(opened) => {
                let aim = Aim::Go(opened.place());
                let actions = opened.actions.unwrap_or_else(|| default_script(&opened.setup));
                let claim = Claim { digest: opened.digest, revision: opened.revision };
                let against = kept.against.take().or(opened.versus.map(Against::Preset));
                let lab = Lab::new(opened.setup, actions, kept);
                self.waiting.clear();
                self.search = None;
                self.pricing = None;
                let comparison = against.map(|against| Comparison::new(&lab, against));
                self.comparison = comparison.and_then(|comparison| {
                    comparison.map_err(|sentence| out.push(Update::Note(sentence))).ok()
                });
                self.lab = Some(lab);
                let opening = Some(Opening::Link { request, claim });
                self.work = Some(Work { aim, then: None, opening, slices: 0 });
            }
            Err(error) => {
                out.push(Update::Unopened { request, sentence: error.to_string() });
            }
        }
    }

    /// Puts an end to what is under way. The run stands where it got to; a page that was to be told
    /// of a new run is told now. Returns true if anything was under way.
    fn stop_work(&mut self, out: &mut Vec<Update>) -> bool {
        let Some(work) = self.work.take() else { return false };
        self.tell_whole(work.opening, false, out);
        true
    }

    /// Tells the page of the run as a whole, and of one beside it, if it waits for that.
    fn tell_whole(&mut self, opening: Option<Opening>, is_there: bool, out: &mut Vec<Update>) {
        let (Some(lab), Some(opening)) = (&mut self.lab, opening) else { return };
        self.pricing = None;
        match opening {
            Opening::Change => lab.tell_whole(Update::Remade, Reproduced::NotAsked, out),
            Opening::Link { request, claim } => {
                let judged = if is_there { claim.judge(lab) } else { Reproduced::NotAsked };
                let opened = |opened| Update::Opened { request, opened };
                lab.tell_whole(opened, judged, out);
                if let Some(comparison) = &self.comparison {
                    comparison.tell(out);
                }
            }
        }
    }
}

/// Begins what a command asks for. Beside another run, a step goes to where either does something.
fn begin_beside(
    lab: &mut Lab,
    comparison: Option<&Comparison>,
    command: Command,
    out: &mut Vec<Update>,
) -> Result<Begun, String> {
    let target = match (comparison, &command) {
        (Some(comparison), Command::Step) => comparison.step(lab.run()),
        (Some(comparison), Command::StepBack) => comparison.step_back(lab.run()),
        _ => None,
    };
    match target {
        Some(target) => Ok(Begun::Aimed { aim: Aim::Go(target), then: None, is_new: false }),
        None => begin(lab, command, out),
    }
}

/// Returns what is done in a run whose link does not say.
pub(super) fn default_script(setup: &Setup) -> Vec<TimedAction> {
    setup.scenario().script(setup, 0)
}

impl Claim {
    /// Says whether the run came out as the link claims.
    fn judge(&self, lab: &Lab) -> Reproduced {
        let run = lab.run();
        let is_same = self.digest.map(|digest| digest == run.simulation().digest());
        let own = run.setup().scenario().revision_text();
        match (&self.revision, is_same) {
            (Some(revision), _) if *revision != own => {
                let came_out = match is_same {
                    Some(true) => "; it came out the same to the bit",
                    Some(false) => ", and it came out differently",
                    None => ", and it may come out differently",
                };
                Reproduced::OtherRevision(format!(
                    "This run was made with revision {revision}, and this is {own}{came_out}."
                ))
            }
            (_, None) => Reproduced::NotAsked,
            (_, Some(true)) => Reproduced::ToTheBit,
            (_, Some(false)) => Reproduced::Differs(
                "This run came out differently from the one the link was made from, though the \
                 revision is the same: the link was changed, or this is a defect."
                    .into(),
            ),
        }
    }
}
