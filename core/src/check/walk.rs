//! Walks through a model that is too large to explore: at every state a scheduler decides.
//!
//! [`Priorities`] is probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi & Nagarakatte
//! 2010, "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs"). Most bugs need few
//! things to happen in a certain order; the number of these orderings is the bug's depth d. With n
//! threads and at most k steps a run, one walk finds a bug of depth d with a chance of at least
//! 1 / (n · kᵈ⁻¹), and a run of seeds makes of that as much as one likes. A uniformly random walk has no
//! such bound: it starves nobody for long, and misses what needs somebody to be slow.

use crate::sim::Stream;

use super::model::{Counterexample, Model, Path};

/// Decides what happens next on a walk.
pub trait Scheduler {
    /// Returns the index of one of `threads`, the threads that the possible actions belong to, in the
    /// order of the actions and never empty. `step` counts from one.
    fn choose(&mut self, step: u64, threads: &[u32]) -> usize;

    /// Returns one of `0..options`, for a choice within an action.
    fn pick(&mut self, options: u64) -> u64;
}

/// How a walk ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WalkEnd {
    /// An invariant is broken, as [`Model::violation`] says it.
    Violated(String),
    /// Nothing more can happen.
    Finished,
    /// The step limit was reached.
    Limited,
}

/// Where a walk led.
#[derive(Clone, Debug)]
pub struct Walk<A> {
    /// How it ended.
    pub end: WalkEnd,
    /// What happened.
    pub path: Path<A>,
}

impl<A> Walk<A> {
    /// Returns the walk as a counterexample, if something broke.
    pub fn into_counterexample(self) -> Option<Counterexample<A>> {
        match self.end {
            WalkEnd::Violated(reason) => Some(Counterexample { reason, path: self.path }),
            WalkEnd::Finished | WalkEnd::Limited => None,
        }
    }
}

/// Walks from the initial state with index `initial` for up to `step_limit` actions, and stops where
/// an invariant breaks.
///
/// An action that leads nowhere ([`Model::next_state`] returns `None`) is no step: another is chosen
/// in its place. What is chosen within an action ([`Model::choices`]) the scheduler picks.
pub fn walk<M: Model>(
    model: &M,
    initial: usize,
    scheduler: &mut impl Scheduler,
    step_limit: u64,
) -> Walk<M::Action> {
    let mut walk = Walk { end: WalkEnd::Finished, path: Path { initial, actions: Vec::new() } };
    let Some(mut state) = model.initial_states().into_iter().nth(initial) else {
        return walk;
    };
    let mut actions = Vec::new();
    let mut threads = Vec::new();
    for step in 1.. {
        if let Some(reason) = model.violation(&state) {
            walk.end = WalkEnd::Violated(reason);
            break;
        }
        model.actions(&state, &mut actions);
        threads.extend(actions.iter().map(|action| model.thread(action)));
        let next = loop {
            if actions.is_empty() {
                break None;
            }
            let chosen = scheduler.choose(step, &threads).min(actions.len() - 1);
            threads.remove(chosen);
            let action = actions.remove(chosen);
            if let Some(next) = model.next_state(&state, &action) {
                break Some(with_choices(model, &state, (action, next), scheduler));
            }
        };
        actions.clear();
        threads.clear();
        let Some((action, next)) = next else {
            break;
        };
        if step > step_limit {
            walk.end = WalkEnd::Limited;
            break;
        }
        walk.path.actions.push(action);
        state = next;
    }
    walk
}

/// Picks what is chosen within an action, one choice after the other: among how many options, and
/// whether at all, depends on those before.
fn with_choices<M: Model>(
    model: &M,
    state: &M::State,
    (mut action, mut next): (M::Action, M::State),
    scheduler: &mut impl Scheduler,
) -> (M::Action, M::State) {
    let mut picked = Vec::new();
    while let Some(choice) = model.choices(&action, &next).get(picked.len()) {
        picked.push(scheduler.pick(choice.options));
        let choosing = model.choosing(&action, picked.clone());
        let Some(chosen) = model.next_state(state, &choosing) else { break };
        (action, next) = (choosing, chosen);
    }
    (action, next)
}

/// Chooses every possible action with the same chance.
#[derive(Clone, Debug)]
pub struct Uniform(Stream);

impl Uniform {
    /// Makes the scheduler of the walk numbered `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Stream::new(seed, "uniform walk"))
    }
}

impl Scheduler for Uniform {
    fn choose(&mut self, _step: u64, threads: &[u32]) -> usize {
        self.0.index(threads.len())
    }

    fn pick(&mut self, options: u64) -> u64 {
        self.0.range(0, options.saturating_sub(1))
    }
}

/// Lets the thread with the highest priority act; at a few steps chosen in advance, the thread that
/// would act falls behind all others.
#[derive(Clone, Debug)]
pub struct Priorities {
    stream: Stream,
    /// Steps at which the thread about to act falls behind: the later in this list, the less far.
    changes: Vec<u64>,
    /// The threads met so far with their priorities; the highest acts.
    threads: Vec<(u32, Priority)>,
}

/// Whoever fell behind stays behind everyone who did not.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Priority {
    Fallen(usize),
    Initial(u64),
}

impl Priorities {
    /// Makes the scheduler of the walk numbered `seed`, for bugs of depth `depth` (one or more) in
    /// walks of about `steps` steps.
    pub fn new(seed: u64, depth: u32, steps: u64) -> Self {
        let mut stream = Stream::new(seed, "probabilistic concurrency testing");
        let changes = (1..depth).map(|_| stream.range(1, steps.max(1))).collect();
        Self { stream, changes, threads: Vec::new() }
    }

    /// Returns the place of a thread among those met so far. A thread that is met for the first time
    /// gets its priority now: drawn independently, they are in random order all the same.
    fn place(&mut self, thread: u32) -> usize {
        if let Some(place) = self.threads.iter().position(|(known, _)| *known == thread) {
            return place;
        }
        let priority = Priority::Initial(self.stream.range(0, u64::MAX));
        self.threads.push((thread, priority));
        self.threads.len() - 1
    }

    /// Returns the thread that acts now and its place among those met so far.
    fn highest(&mut self, threads: &[u32]) -> (u32, usize) {
        let mut highest = (threads[0], self.place(threads[0]));
        for thread in threads {
            let place = self.place(*thread);
            if self.threads[place].1 > self.threads[highest.1].1 {
                highest = (*thread, place);
            }
        }
        highest
    }
}

impl Scheduler for Priorities {
    fn choose(&mut self, step: u64, threads: &[u32]) -> usize {
        let mut highest = self.highest(threads);
        while let Some(change) = self.changes.iter().position(|change| *change == step) {
            // Done once, even if this step is decided twice.
            self.changes[change] = 0;
            self.threads[highest.1].1 = Priority::Fallen(change);
            highest = self.highest(threads);
        }
        // The paper's threads have one next step each; where one has several, any may come.
        let of_highest = threads.iter().enumerate().filter(|(_, thread)| **thread == highest.0);
        let places: Vec<usize> = of_highest.map(|(place, _)| place).collect();
        places[self.stream.index(places.len())]
    }

    fn pick(&mut self, options: u64) -> u64 {
        self.stream.range(0, options.saturating_sub(1))
    }
}
