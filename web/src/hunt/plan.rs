//! What comes after what in a search: a find is made small, opened, and asked what would have prevented
//! it.

use std::rc::Rc;

use faultline_core::scenario::Preset;

use super::hunted::{Hunted, Quarry, Samples};
use super::shards::Shards;
use crate::shared::Shared;
use crate::wire::{Catch, Harvest, Opened, Order, Task, Word};

/// Tries that a worker does at one time.
const TRIES_A_SHARD: u64 = 8;
/// A worker that has taken more memory than this is replaced between two orders: it never gives any
/// back, and what it took it for is over.
pub(super) const MOST_WORKER_BYTES: u64 = 128 << 20;
/// So many troubles are told.
const MOST_TROUBLES: usize = 8;
/// From so many moments at most futures are played …
pub(super) const MOMENTS: u64 = 16;
/// … and so many from each.
pub(super) const FUTURES: u64 = 20;

/// What a word leads to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Outcome {
    /// Nothing but that something is to be shown.
    Shown,
    /// This run is to be opened, as a fork.
    Open(Shared<Catch>),
    /// The worker is done, and is to be ended all the same: it has taken too much memory.
    Replace,
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
    /// Begins a search on the run of a link, which the viewer has open; whatever was under way is over.
    pub(crate) fn begin(&mut self, quarry: Quarry, link: &str, opened: Option<Shared<Opened>>) {
        // What does not look for a find keeps the one that is there.
        let seeks = matches!(quarry, Quarry::Break { .. } | Quarry::Survey | Quarry::Shrink);
        let kept = if seeks { Hunted::default() } else { std::mem::take(&mut self.hunted) };
        self.hunted = Hunted {
            task: None,
            is_cancelled: false,
            measures: Vec::new(),
            samples: Default::default(),
            rechecked: Vec::new(),
            futures: Vec::new(),
            troubles: Vec::new(),
            elapsed_ms: 0.0,
            ..kept
        };
        if seeks {
            self.hunted.sought = Some(quarry.clone());
            self.hunted.before = opened.map(|opened| (link.to_owned(), opened));
        }
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
            Word::Came { next, of } => {
                self.shards.reach(worker, next);
                self.reap(of);
            }
            Word::Surveyed(surveyed) => hunted.surveyed = Some(surveyed),
            Word::Shrinking { actions, tries } => hunted.shrinking = Some((actions, tries)),
            Word::Measures { measures, link } => {
                hunted.measures = measures;
                if let Some(samples) = self.samples() {
                    samples.link = link;
                }
            }
            Word::Cured { cures, otherwise } => {
                (hunted.cures, hunted.otherwise) = (Some(cures), otherwise);
            }
            Word::Rechecked(rechecked) => hunted.rechecked.push(rechecked),
            Word::Found(found) => {
                self.shards.stop_at(found.number);
                if hunted.found.as_ref().is_none_or(|best| found.number < best.number) {
                    hunted.found = Some(Shared::new(found));
                }
            }
            Word::Shrunk(shrunk) => {
                self.then.push((Task::Cure, shrunk.link.clone()));
                let shrunk = Shared::new(shrunk);
                hunted.shrunk = Some(shrunk.clone());
                return Outcome::Open(shrunk);
            }
            Word::Failed(sentence) => {
                self.note(sentence);
                self.shards.finish(worker);
                self.shards.stop_at(0);
                self.go_on();
            }
            Word::Done { memory_bytes } => {
                hunted.memory_bytes = hunted.memory_bytes.max(memory_bytes);
                self.shards.finish(worker);
                self.go_on();
                if memory_bytes > MOST_WORKER_BYTES {
                    return Outcome::Replace;
                }
            }
        }
        Outcome::Shown
    }

    /// Adds what came of some numbers.
    fn reap(&mut self, of: Harvest) {
        match of {
            Harvest::Tries(tally) => self.hunted.tally.add(&tally),
            Harvest::Futures(mut futures) => self.hunted.futures.append(&mut futures),
            Harvest::Samples(runs) => {
                if let Some(samples) = self.samples() {
                    for run in &runs {
                        samples.add(run);
                    }
                }
            }
        }
    }

    /// Returns the samples of the design that is measured.
    fn samples(&mut self) -> Option<&mut Samples> {
        let Some((Task::Measure { preset: Some(preset) }, _)) = self.task else { return None };
        let place = Preset::ALL.iter().position(|it| *it == preset)?;
        self.hunted.samples.get_mut(place).map(Rc::make_mut)
    }

    fn note(&mut self, trouble: String) {
        let troubles = &mut self.hunted.troubles;
        if !troubles.contains(&trouble) && troubles.len() < MOST_TROUBLES {
            troubles.push(trouble);
        }
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
            self.note(format!("{what}: a search worker ended at it twice ({why})."));
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
    use faultline_core::view::{Strategy, Tally};

    use super::*;
    use crate::wire::Sample;

    const DONE: Word = Word::Done { memory_bytes: 0 };

    fn came(next: u64, tries: u64) -> Word {
        Word::Came { next, of: Harvest::Tries(Tally { tries, ..Tally::default() }) }
    }

    fn found(number: u64) -> Catch {
        Catch { number, link: format!("#/s/row?seed={number}"), ..Catch::default() }
    }

    fn search(tries: u64) -> Plan {
        let mut plan = Plan::default();
        plan.begin(Quarry::Break { strategy: Strategy::Swarm, tries }, "#/s/row?seed=1", None);
        plan
    }

    #[test]
    fn the_find_with_the_smallest_number_is_made_small_whoever_is_first() {
        let mut plan = search(100);
        let (one, two) = (plan.next(0).unwrap(), plan.next(1).unwrap());
        assert_eq!((one.first, two.first), (1, 9));
        plan.hear(1, Word::Found(found(12)));
        plan.hear(1, DONE);
        // Nobody needs what lies above; the other shard may hold a smaller one.
        assert_eq!(plan.next(1), None);
        plan.hear(0, Word::Found(found(5)));
        plan.hear(0, DONE);
        let order = plan.next(0).unwrap();
        assert_eq!((order.task, order.link.as_str()), (Task::Shrink, "#/s/row?seed=5"));
        let outcome = plan.hear(0, Word::Shrunk(found(5)));
        assert!(matches!(outcome, Outcome::Open(it) if it.number == 5));
        plan.hear(0, DONE);
        assert_eq!(plan.next(0).map(|order| order.task), Some(Task::Cure));
        plan.hear(0, Word::Cured { cures: Vec::new(), otherwise: None });
        plan.hear(0, DONE);
        assert_eq!(plan.hunted.task, None);
        assert_eq!(plan.hunted.cures, Some(Vec::new()));
    }

    #[test]
    fn nothing_found_is_said_of_so_many_tries() {
        let mut plan = search(10);
        while let Some(order) = plan.next(0) {
            let count = u64::from(order.count);
            plan.hear(0, came(order.first + count, count));
            plan.hear(0, DONE);
        }
        assert_eq!((plan.hunted.tally.tries, plan.hunted.task.clone()), (10, None));
        assert_eq!(plan.hunted.found, None);
    }

    #[test]
    fn a_dying_worker_costs_nothing_but_a_number_that_always_kills() {
        let mut plan = search(8);
        plan.next(0);
        plan.hear(0, came(3, 2));
        plan.lose(0, "a panic");
        // One at a time, so that it is known which number it is; it is the first.
        assert_eq!(plan.next(1).map(|order| (order.first, order.count)), Some((3, 1)));
        plan.lose(1, "a panic");
        assert_eq!(plan.hunted.troubles.len(), 1, "{:?}", plan.hunted.troubles);
        for number in 4..=8 {
            assert_eq!(plan.next(2).map(|order| order.first), Some(number));
            plan.hear(2, came(number + 1, 1));
            plan.hear(2, DONE);
        }
        assert_eq!((plan.hunted.task.clone(), plan.hunted.tally.tries), (None, 7));
    }

    #[test]
    fn a_worker_that_has_taken_much_memory_is_replaced_and_nothing_is_lost() {
        let mut plan = search(16);
        plan.next(0);
        plan.hear(0, came(9, 8));
        let outcome = plan.hear(0, Word::Done { memory_bytes: MOST_WORKER_BYTES + 1 });
        assert_eq!(outcome, Outcome::Replace);
        // Whoever comes after it goes on behind it.
        assert_eq!(plan.next(1).map(|order| order.first), Some(9));
        plan.hear(1, came(17, 8));
        assert_eq!(plan.hear(1, Word::Done { memory_bytes: 1 }), Outcome::Shown);
        assert_eq!((plan.hunted.tally.tries, plan.hunted.task.clone()), (16, None));
        assert_eq!(plan.hunted.memory_bytes, MOST_WORKER_BYTES + 1);
    }

    #[test]
    fn what_does_not_look_for_a_find_keeps_the_one_that_is_there() {
        let mut plan = search(8);
        plan.next(0);
        plan.hear(0, Word::Found(found(2)));
        plan.cancel();
        for quarry in [Quarry::Seeds(4), Quarry::Futures, Quarry::Recheck(Vec::new())] {
            plan.begin(quarry, "#/s/row?seed=1", None);
            assert!(plan.hunted.find().is_some_and(|it| it.number == 2));
            assert!(matches!(plan.hunted.sought, Some(Quarry::Break { .. })));
        }
        plan.begin(Quarry::Survey, "#/s/row?seed=1", None);
        assert!(plan.hunted.find().is_none());
    }

    #[test]
    fn seeds_are_measured_with_and_without_safeguards() {
        let mut plan = Plan::default();
        plan.begin(Quarry::Seeds(4), "#/s/row?seed=1", None);
        let mut presets = Vec::new();
        while let Some(order) = plan.next(0) {
            presets.push(order.task);
            let sample = Sample { seed: 1, values: vec![None, Some(3)] };
            plan.hear(0, Word::Came { next: 5, of: Harvest::Samples(vec![sample]) });
            plan.hear(0, DONE);
        }
        let task = |preset| Task::Measure { preset: Some(preset) };
        assert_eq!(presets, [task(Preset::Naive), task(Preset::Hardened)]);
        let columns = vec![vec![None], vec![Some(3)]];
        assert!(plan.hunted.samples.iter().all(|it| it.seeds == [1] && it.columns == columns));
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
