//! Exhaustive exploration: every state of a [`Model`] that can be reached, each once.
//!
//! An [`Explorer`] does a given number of steps and returns, so that a worker can explore in slices,
//! report on the way and be told to stop; the slices do not change what comes out.
//!
//! States are told apart by their fingerprints and thrown away once their successors are known, as
//! in TLC (Yu, Manolios & Lamport 1999). Breadth first, what is kept of a state is its fingerprint and
//! its parent's; the way to a broken invariant is the shortest and is found again by repeating
//! actions along the parents. Depth first, only the states on the present path are held.
//!
//! "Complete" is said only if nothing was left out: every action of every state was tried, with every
//! series of choices ([`Model::choices`]). They are tried one after the other, so that a disk with a
//! million ways to come back takes a million steps and no room. What a model does not list is not part
//! of it.
//!
//! Left out: partial-order reduction, several threads (a campaign shards by seed instead), states on
//! disk.

use super::Fingerprinter;
use super::breadth::Breadth;
use super::depth::Depth;
use super::model::{Counterexample, Model, Path, next_series, successors};
use super::visited::Visited;

/// Which of the states found is looked at next.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Traversal {
    /// The one found first. Counterexamples are shortest; a whole level is held in memory.
    #[default]
    BreadthFirst,
    /// The one found last. Only one path is held in memory; counterexamples are long.
    DepthFirst,
}

/// What to explore, and how far.
#[derive(Clone, Debug)]
pub struct Exploration {
    /// Which state is looked at next.
    pub order: Traversal,
    /// Whether states with one [`Model::representative`] count as one.
    pub is_symmetric: bool,
    /// Whether to go on after the first broken invariant. Only the first one is kept.
    pub goes_on: bool,
    /// At most this many distinct states.
    pub state_limit: u64,
    /// At most this many states on a path, the initial one included; never less than one.
    pub depth_limit: u32,
    /// At most this many steps.
    pub step_limit: u64,
    /// Of a choice among more options than this only the first is taken: a number drawn to be unlike
    /// all others is no choice to go through.
    pub option_limit: u64,
}

impl Default for Exploration {
    fn default() -> Self {
        Self {
            order: Traversal::BreadthFirst,
            is_symmetric: false,
            goes_on: false,
            state_limit: u64::MAX,
            depth_limit: u32::MAX,
            step_limit: u64::MAX,
            option_limit: 1_000,
        }
    }
}

/// Which limit ended an exploration.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Limit {
    /// There are more distinct states.
    States,
    /// Some states at the depth limit have actions that were not tried.
    Depth,
    /// The next step was not done.
    Steps,
    /// Of a choice among too many options only the first was taken.
    Options,
}

/// Whether an exploration has ended, and why.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// There is more to explore.
    Running,
    /// Every state that can be reached has been judged.
    Complete,
    /// An invariant is broken, and the exploration was not to go on.
    Violated,
    /// A limit was reached with states or actions left: what was not seen may break.
    Limited(Limit),
}

/// How far an exploration has come.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Whether it has ended.
    pub status: Status,
    /// Distinct states found.
    pub distinct: u64,
    /// States found, initial ones included, each as often as some action led to it.
    pub generated: u64,
    /// States on the longest path looked at, the initial one included. Breadth first this is the
    /// number of levels, which TLC calls the depth of the state graph.
    pub depth: u32,
    /// States that wait to be looked at (breadth first), or that are on the present path.
    pub pending: u64,
    /// Steps done: an action tried, or a state looked at for its actions. Each is short, whatever
    /// the model.
    pub steps: u64,
}

/// Whether something that should be seen sometimes was, and how to see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting<A> {
    /// Its name, from [`Model::sights`].
    pub name: &'static str,
    /// The way to the first state that shows it.
    pub path: Option<Path<A>>,
}

/// An exploration under way.
pub struct Explorer<M: Model> {
    pub(super) model: M,
    pub(super) exploration: Exploration,
    pub(super) progress: Progress,
    /// Whether something was left out for the sake of the depth limit.
    pub(super) is_cut: bool,
    /// Whether something was left out for the sake of the limit of options.
    leaves_options_out: bool,
    frontier: Frontier<M>,
    fingerprinter: Fingerprinter,
    counterexample: Option<Counterexample<M::Action>>,
    sightings: Vec<Sighting<M::Action>>,
    /// Indices of the sights not seen yet.
    unseen: Vec<usize>,
}

enum Frontier<M: Model> {
    Breadth(Breadth<M>),
    Depth(Depth<M>),
    /// On loan, while the explorer works on it.
    Absent,
}

/// What the explorer asks of an order of exploration.
pub(super) trait Search<M: Model> {
    /// Does one step, or finds that nothing is left and ends the exploration.
    fn step(&mut self, explorer: &mut Explorer<M>);

    /// Returns how many states wait to be looked at.
    fn pending(&self) -> u64;
}

impl<M: Model> Explorer<M> {
    /// Prepares an exploration: the initial states are judged, nothing else is done yet.
    pub fn new(model: M, exploration: Exploration) -> Self {
        let sights = model.sights();
        let sightings = sights.iter().map(|name| Sighting { name, path: None }).collect();
        let unseen = (0..sights.len()).collect();
        let initial = model.initial_states();
        let order = exploration.order;
        let mut explorer = Self {
            model,
            exploration,
            progress: Progress {
                status: Status::Running,
                distinct: 0,
                generated: 0,
                depth: 0,
                pending: 0,
                steps: 0,
            },
            is_cut: false,
            leaves_options_out: false,
            frontier: Frontier::Absent,
            fingerprinter: Fingerprinter::default(),
            counterexample: None,
            sightings,
            unseen,
        };
        explorer.frontier = match order {
            Traversal::BreadthFirst => Frontier::Breadth(Breadth::new(&mut explorer, initial)),
            Traversal::DepthFirst => Frontier::Depth(Depth::new(&mut explorer, initial)),
        };
        explorer.run(0);
        explorer
    }

    /// Does up to `steps` more steps and returns how far that led. Once the exploration has ended,
    /// does nothing.
    pub fn run(&mut self, steps: u64) -> Progress {
        let until = self.progress.steps.saturating_add(steps);
        match std::mem::replace(&mut self.frontier, Frontier::Absent) {
            Frontier::Breadth(mut search) => {
                self.run_with(&mut search, until);
                self.frontier = Frontier::Breadth(search);
            }
            Frontier::Depth(mut search) => {
                self.run_with(&mut search, until);
                self.frontier = Frontier::Depth(search);
            }
            Frontier::Absent => {}
        }
        self.progress
    }

    /// Explores until the exploration ends.
    pub fn run_to_end(&mut self) -> Progress {
        self.run(u64::MAX)
    }

    /// Returns how far the exploration has come.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Returns the first broken invariant found.
    pub fn counterexample(&self) -> Option<&Counterexample<M::Action>> {
        self.counterexample.as_ref()
    }

    /// Returns what was seen of what should be seen sometimes.
    pub fn sightings(&self) -> &[Sighting<M::Action>] {
        &self.sightings
    }

    /// Returns the model explored.
    pub fn model(&self) -> &M {
        &self.model
    }

    fn run_with(&mut self, search: &mut impl Search<M>, until: u64) {
        while self.progress.status == Status::Running && self.progress.steps < until {
            if self.progress.steps >= self.exploration.step_limit {
                self.progress.status = Status::Limited(Limit::Steps);
                break;
            }
            self.progress.steps += 1;
            search.step(self);
        }
        self.progress.pending = search.pending();
    }

    /// Returns the fingerprint that stands for `state`.
    pub(super) fn fingerprint(&mut self, state: &M::State) -> u64 {
        let Self { model, fingerprinter, exploration, .. } = self;
        fingerprint(model, exploration, fingerprinter, state)
    }

    /// Adds `action` with the series of choices after the one that led to `next`, if there is one.
    pub(super) fn add_series(
        &mut self,
        actions: &mut Vec<M::Action>,
        action: &M::Action,
        next: &M::State,
    ) {
        let choices = self.model.choices(action, next);
        let option_limit = self.exploration.option_limit;
        self.leaves_options_out |= choices.iter().any(|choice| choice.options > option_limit);
        actions.extend(next_series(&self.model, action, &choices, option_limit));
    }

    /// Returns the successor of `state` with this fingerprint, and what leads there.
    pub(super) fn find(&mut self, state: &M::State, wanted: u64) -> Option<(M::Action, M::State)> {
        let Self { model, fingerprinter, exploration, .. } = self;
        successors(model, state, exploration.option_limit)
            .find(|(_, next)| fingerprint(model, exploration, fingerprinter, next) == wanted)
    }

    /// Notes a state that was generated and returns whether it is new.
    pub(super) fn is_new<N: Copy + PartialOrd>(
        &mut self,
        visited: &mut Visited<N>,
        fingerprint: u64,
        note: N,
    ) -> bool {
        self.progress.generated += 1;
        let is_full = visited.count() >= self.exploration.state_limit;
        if is_full && visited.note(fingerprint).is_none() {
            self.progress.status = Status::Limited(Limit::States);
            return false;
        }
        let is_new = visited.insert(fingerprint, note);
        self.progress.distinct = visited.count();
        is_new
    }

    /// Ends the exploration because nothing is left.
    pub(super) fn finish(&mut self) {
        self.progress.status = if self.is_cut {
            Status::Limited(Limit::Depth)
        } else if self.leaves_options_out {
            Status::Limited(Limit::Options)
        } else {
            Status::Complete
        };
    }

    /// Judges a new state, to which `path` leads.
    pub(super) fn judge(&mut self, state: &M::State, path: impl Fn(&mut Self) -> Path<M::Action>) {
        if !self.unseen.is_empty() {
            let unseen = std::mem::take(&mut self.unseen);
            for sight in unseen {
                if self.model.shows(state, sight) {
                    self.sightings[sight].path = Some(path(self));
                } else {
                    self.unseen.push(sight);
                }
            }
        }
        if let Some(reason) = self.model.violation(state) {
            if self.counterexample.is_none() {
                self.counterexample = Some(Counterexample { reason, path: path(self) });
            }
            if !self.exploration.goes_on {
                self.progress.status = Status::Violated;
            }
        }
    }
}

/// Returns the fingerprint of `state`, or of what stands for it.
fn fingerprint<M: Model>(
    model: &M,
    exploration: &Exploration,
    fingerprinter: &mut Fingerprinter,
    state: &M::State,
) -> u64 {
    let representative = if exploration.is_symmetric { model.representative(state) } else { None };
    let state = representative.as_ref().unwrap_or(state);
    fingerprinter.fingerprint(|fingerprinter| model.identify(state, fingerprinter))
}
