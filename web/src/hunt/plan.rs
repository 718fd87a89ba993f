//! What is searched for, what has come of it, and what comes next: a find is made small, opened, and
//! asked what would have prevented it.

use faultline_core::scenario::Preset;
use faultline_core::view::{Cure, Future, Measure, Strategy, Surveyed, Tally};

use super::shards::Shards;
use crate::wire::{Catch, Order, Task, Word};

/// Tries that a worker does at one time.
const TRIES_A_SHARD: u64 = 8;
/// From so many moments at most futures are played …
pub(super) const MOMENTS: u64 = 16;
/// … and so many from each.
pub(super) const FUTURES: u64 = 20;

/// What the viewer wants of a search.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Quarry {
    /// A run that breaks a promise, among so many.
    Break {
        /// How tries are chosen.
        strategy: Strategy,
        /// How many at most.
        tries: u64,
    },
    /// The same, among all that can happen in the smallest world.
    Survey,
    /// The present run made small.
    Shrink,
    /// How a number spreads over so many seeds.
    Seeds(u64),
    /// From when on the present run was lost.
    Futures,
    /// Whether these runs still break what they broke.
    Recheck(Vec<String>),
}

impl Quarry {
    /// Tries that a search takes unless somebody wants more.
    pub(crate) const USUAL_TRIES: u64 = 1_000;

    /// What the key searches for.
    pub(crate) fn usual() -> Self {
        Self::Break { strategy: Strategy::Swarm, tries: Self::USUAL_TRIES }
    }
}

/// One run of many.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    /// With which safeguards; `None` for those that the run has.
    pub(crate) preset: Option<Preset>,
    /// Its seed.
    pub(crate) seed: u64,
    /// In the order of the measures.
    pub(crate) values: Vec<Option<i64>>,
    /// The run.
    pub(crate) link: String,
}

/// What is shown of a search.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Hunted {
    /// What is searched for, if anything was.
    pub(crate) quarry: Option<Quarry>,
    /// The run that it is about.
    pub(crate) link: String,
    /// What is being done, as long as something is.
    pub(crate) task: Option<Task>,
    /// Whether it was stopped by hand.
    pub(crate) is_cancelled: bool,
    /// What all tries have come to.
    pub(crate) tally: Tally,
    /// How far a survey has come.
    pub(crate) surveyed: Option<Surveyed>,
    /// The run that was found.
    pub(crate) found: Option<Catch>,
    /// How far shrinking has come.
    pub(crate) shrinking: Option<(u32, u32)>,
    /// The same, as small as it gets.
    pub(crate) shrunk: Option<Catch>,
    /// What would have prevented it, once that is known.
    pub(crate) cures: Option<Vec<Cure>>,
    /// What is measured.
    pub(crate) measures: Vec<Measure>,
    /// The runs measured so far.
    pub(crate) samples: Vec<Sample>,
    /// What kept runs break now, by link.
    pub(crate) rechecked: Vec<(String, Option<String>)>,
    /// The futures played so far.
    pub(crate) futures: Vec<Future>,
    /// What went wrong, in sentences.
    pub(crate) troubles: Vec<String>,
    /// How long it has taken so far.
    pub(crate) elapsed_ms: f64,
    /// How many workers are at it.
    pub(crate) workers: usize,
}

/// What a word leads to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// Nothing but that something is to be shown.
    Shown,
    /// This run is to be opened, as a fork.
    Open(Catch),
}

/// A search under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// What is shown of it.
    pub(crate) hunted: Hunted,
    task: Option<(Task, String)>,
    shards: Shards,
    /// What comes after that.
    then: Vec<(Task, String)>,
}

impl Plan {
    /// Begins a search on the run of a link; whatever was under way is over.
    pub(crate) fn begin(&mut self, quarry: Quarry, link: &str) {
        // A new question about the same find keeps what is known of it.
        let asks_on = quarry == Quarry::Futures;
        let kept = if asks_on { std::mem::take(&mut self.hunted) } else { Hunted::default() };
        self.hunted = Hunted {
            link: link.into(),
            task: None,
            is_cancelled: false,
            futures: Vec::new(),
            troubles: Vec::new(),
            elapsed_ms: 0.0,
            ..kept
        };
        self.then.clear();
        match quarry {
            Quarry::Break { strategy, .. } => self.go_to(Task::Search(strategy), link, &quarry),
            Quarry::Survey => self.go_to(Task::Survey, link, &quarry),
            Quarry::Shrink => self.go_to(Task::Shrink, link, &quarry),
            Quarry::Futures => {
                self.go_to(Task::Futures { moments: MOMENTS, seeds: FUTURES }, link, &quarry);
            }
            Quarry::Recheck(ref links) => {
                self.then = links.iter().rev().map(|it| (Task::Recheck, it.clone())).collect();
                // Nothing is under way yet, so what comes next begins.
                self.shards = Shards::default();
                self.next_task(&quarry);
            }
            Quarry::Seeds(_) => {
                let hardened = Task::Measure { preset: Some(Preset::Hardened) };
                self.then.push((hardened, link.into()));
                self.go_to(Task::Measure { preset: Some(Preset::Naive) }, link, &quarry);
            }
        }
        self.hunted.quarry = Some(quarry);
    }

    fn go_to(&mut self, task: Task, link: &str, quarry: &Quarry) {
        self.shards = match (&task, quarry) {
            (Task::Search(_), Quarry::Break { tries, .. }) => {
                Shards::new(1, tries.saturating_add(1), TRIES_A_SHARD)
            }
            (Task::Measure { .. }, Quarry::Seeds(count)) => {
                Shards::new(1, count.saturating_add(1), TRIES_A_SHARD)
            }
            (Task::Futures { moments, seeds }, _) => Shards::new(0, moments * seeds, *seeds),
            _ => Shards::new(0, 1, 1),
        };
        self.hunted.task = Some(task.clone());
        self.task = Some((task, link.into()));
    }

    /// Stops what is under way.
    pub(crate) fn cancel(&mut self) {
        self.hunted.is_cancelled = self.task.is_some();
        self.rest();
    }

    fn rest(&mut self) {
        self.task = None;
        self.hunted.task = None;
        self.hunted.shrinking = None;
        self.then.clear();
        self.shards = Shards::default();
    }

    /// Returns what this worker, which has nothing to do, is to do.
    pub(crate) fn next(&mut self, worker: usize) -> Option<Order> {
        let (task, link) = self.task.clone()?;
        let shard = self.shards.take(worker)?;
        let count = u32::try_from(shard.end - shard.first).unwrap_or(u32::MAX);
        Some(Order { link, task, first: shard.first, count })
    }

    /// Returns the workers whose work nobody needs any more.
    pub(crate) fn idle_work(&self) -> Vec<usize> {
        self.shards.idle_work()
    }

    /// Takes in what a worker says.
    pub(crate) fn hear(&mut self, worker: usize, word: Word) -> Outcome {
        let hunted = &mut self.hunted;
        match word {
            Word::Hello { .. } | Word::Panicked(_) => {}
            Word::At(number) => self.shards.reach(worker, number),
            Word::Tried(tally) => hunted.tally.add(&tally),
            Word::Surveyed(surveyed) => hunted.surveyed = Some(surveyed),
            Word::Shrinking { actions, tries } => hunted.shrinking = Some((actions, tries)),
            Word::Measures(measures) => hunted.measures = measures,
            Word::Cured(cures) => hunted.cures = Some(cures),
            Word::Rechecked { link, broken } => hunted.rechecked.push((link, broken)),
            Word::Future(future) => hunted.futures.push(future),
            Word::Measured { seed, values, link } => {
                let preset = match self.task {
                    Some((Task::Measure { preset }, _)) => preset,
                    _ => None,
                };
                hunted.samples.push(Sample { preset, seed, values, link });
            }
            Word::Found(found) => {
                self.shards.stop_at(found.number);
                if hunted.found.as_ref().is_none_or(|best| found.number < best.number) {
                    hunted.found = Some(found);
                }
            }
            Word::Shrunk(shrunk) => {
                self.then.push((Task::Cure, shrunk.link.clone()));
                hunted.shrunk = Some(shrunk.clone());
                return Outcome::Open(shrunk);
            }
            Word::Failed(sentence) => {
                if !hunted.troubles.contains(&sentence) {
                    hunted.troubles.push(sentence);
                }
                self.shards.finish(worker);
                self.shards.stop_at(0);
                self.go_on();
            }
            Word::Done => {
                self.shards.finish(worker);
                self.go_on();
            }
        }
        Outcome::Shown
    }

    /// A worker is gone, for this reason. What it was at is done by another one.
    pub(crate) fn lose(&mut self, worker: usize, why: &str) {
        if let Some(number) = self.shards.lose(worker) {
            let whole = self.task.as_ref().is_some_and(|(task, _)| task.is_whole());
            let what = if whole {
                "This was given up".into()
            } else {
                format!("Number {number} was left out")
            };
            self.hunted
                .troubles
                .push(format!("{what}: a search worker ended at it twice ({why})."));
        }
        self.go_on();
    }

    /// A worker was ended because nobody needs what it was at.
    pub(crate) fn lose_needless(&mut self, worker: usize) {
        self.shards.finish(worker);
        self.go_on();
    }

    /// Begins what comes next, if what was under way is over.
    pub(crate) fn go_on(&mut self) {
        if self.task.is_none() || !self.shards.is_over() {
            return;
        }
        let searched =
            self.task.as_ref().is_some_and(|(it, _)| matches!(it, Task::Search(_) | Task::Survey));
        let found = self.hunted.found.clone().filter(|_| searched);
        let quarry = self.hunted.quarry.clone().unwrap_or(Quarry::Shrink);
        if let Some(found) = found {
            self.go_to(Task::Shrink, &found.link, &quarry);
        } else {
            self.next_task(&quarry);
        }
    }

    fn next_task(&mut self, quarry: &Quarry) {
        match self.then.pop() {
            Some((task, link)) => self.go_to(task, &link, quarry),
            None => self.rest(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(number: u64) -> Catch {
        Catch { number, link: format!("#/s/row?seed={number}"), ..Catch::default() }
    }

    fn search(tries: u64) -> Plan {
        let mut plan = Plan::default();
        plan.begin(Quarry::Break { strategy: Strategy::Swarm, tries }, "#/s/row?seed=1");
        plan
    }

    #[test]
    fn the_find_with_the_smallest_number_is_made_small_whoever_is_first() {
        let mut plan = search(100);
        let (one, two) = (plan.next(0).unwrap(), plan.next(1).unwrap());
        assert_eq!((one.first, two.first), (1, 9));
        plan.hear(1, Word::At(12));
        plan.hear(1, Word::Found(found(12)));
        plan.hear(1, Word::Done);
        // Nobody needs what lies above; the other shard may hold a smaller one.
        assert_eq!(plan.next(1), None);
        plan.hear(0, Word::Found(found(5)));
        plan.hear(0, Word::Done);
        let order = plan.next(0).unwrap();
        assert_eq!((order.task, order.link.as_str()), (Task::Shrink, "#/s/row?seed=5"));
        let outcome = plan.hear(0, Word::Shrunk(found(5)));
        assert_eq!(outcome, Outcome::Open(found(5)));
        plan.hear(0, Word::Done);
        assert_eq!(plan.next(0).map(|order| order.task), Some(Task::Cure));
        plan.hear(0, Word::Cured(Vec::new()));
        plan.hear(0, Word::Done);
        assert_eq!(plan.hunted.task, None);
        assert_eq!(plan.hunted.cures, Some(Vec::new()));
    }

    #[test]
    fn nothing_found_is_said_of_so_many_tries() {
        let mut plan = search(10);
        while let Some(order) = plan.next(0) {
            let tally = Tally { tries: order.count.into(), ..Tally::default() };
            plan.hear(0, Word::Tried(tally));
            plan.hear(0, Word::Done);
        }
        assert_eq!((plan.hunted.tally.tries, plan.hunted.task.clone()), (10, None));
        assert_eq!(plan.hunted.found, None);
    }

    #[test]
    fn a_dying_worker_costs_nothing_but_a_number_that_always_kills() {
        let mut plan = search(8);
        for worker in 0..2 {
            assert!(plan.next(worker).is_some());
            plan.hear(worker, Word::At(3));
            plan.lose(worker, "a panic");
        }
        assert_eq!(plan.next(2).map(|order| order.first), Some(4));
        assert_eq!(plan.hunted.troubles.len(), 1, "{:?}", plan.hunted.troubles);
        plan.hear(2, Word::Done);
        assert_eq!(plan.hunted.task, None);
    }

    #[test]
    fn seeds_are_measured_with_and_without_safeguards() {
        let mut plan = Plan::default();
        plan.begin(Quarry::Seeds(4), "#/s/row?seed=1");
        let mut presets = Vec::new();
        while let Some(order) = plan.next(0) {
            presets.push(order.task);
            plan.hear(0, Word::Measured { seed: 1, values: Vec::new(), link: String::new() });
            plan.hear(0, Word::Done);
        }
        let task = |preset| Task::Measure { preset: Some(preset) };
        assert_eq!(presets, [task(Preset::Naive), task(Preset::Hardened)]);
        assert_eq!(plan.hunted.samples[1].preset, Some(Preset::Hardened));
    }

    #[test]
    fn cancelled_is_over_at_once() {
        let mut plan = search(100);
        plan.next(0);
        plan.cancel();
        assert!(plan.hunted.is_cancelled && plan.hunted.task.is_none());
        assert_eq!(plan.next(1), None);
    }

    #[test]
    fn what_cannot_be_done_ends_the_search_and_is_said_once() {
        let mut plan = search(100);
        plan.next(0);
        plan.next(1);
        plan.hear(0, Word::Failed("It cannot be done.".into()));
        assert_eq!((plan.next(0), plan.idle_work()), (None, vec![1]));
        plan.lose_needless(1);
        assert_eq!(plan.hunted.task, None);
        assert_eq!(plan.hunted.troubles, ["It cannot be done."]);
    }
}
