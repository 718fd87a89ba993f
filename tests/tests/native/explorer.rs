//! The explorer counts what others counted, and agrees with brute force on small random worlds.

use std::collections::{BTreeSet, HashSet};
use std::hash::Hash;

use faultline_core::check::{Exploration, Explorer, Limit, Model, Progress, Status, Traversal};
use faultline_tests::models::{
    ChangRoberts, RegisterSystem, Server, SingleCopy, TransactionCommit, TwoPhaseCommit,
};
use proptest::prelude::*;

/// Explores to the end, breadth first.
fn explored<M: Model>(model: M) -> Explorer<M> {
    explored_by(model, Exploration::default())
}

fn explored_by<M: Model>(model: M, exploration: Exploration) -> Explorer<M> {
    let mut explorer = Explorer::new(model, exploration);
    explorer.run_to_end();
    explorer
}

/// Returns distinct states, generated states and depth of a complete breadth-first exploration.
fn count(model: impl Model) -> (u64, u64, u32) {
    let progress = explored(model).progress();
    assert_eq!(progress.status, Status::Complete, "{progress:?}");
    (progress.distinct, progress.generated, progress.depth)
}

/// TLA+ Examples, `transaction_commit/manifest.json`.
#[test]
fn transaction_commit_has_as_many_states_as_tlc_counts() {
    assert_eq!(count(TransactionCommit::<3>), (34, 94, 7));
}

/// TLA+ Examples, `transaction_commit/manifest.json`; for six, the last comment of `TwoPhase.tla`.
#[test]
fn two_phase_commit_has_as_many_states_as_tlc_counts() {
    assert_eq!(count(TwoPhaseCommit::<3>), (288, 1_146, 11));
    assert_eq!(count(TwoPhaseCommit::<6>).0, 50_816);
}

/// TLA+ Examples, `chang_roberts/manifest.json`.
#[test]
fn chang_roberts_has_as_many_states_as_tlc_counts() {
    assert_eq!(count(ChangRoberts::<3>), (137, 227, 10));
}

/// Stateright 0.31, the example's own test and the readme's report.
#[test]
fn single_copy_register_has_as_many_states_as_stateright_counts() {
    assert_eq!(count(RegisterSystem::<SingleCopy, 1, 2>::new()), (93, 121, 9));
}

/// Stateright 0.31, the example's own test.
#[test]
fn paxos_has_as_many_states_as_stateright_counts() {
    assert_eq!(count(RegisterSystem::<Server<3>, 3, 2>::new()).0, 16_668);
}

/// Stateright 0.31, the example's own test: two copies are not one register, and the shortest way to
/// see it has four deliveries.
#[test]
fn two_single_copies_are_not_linearizable() {
    let explorer = explored(RegisterSystem::<SingleCopy, 2, 2>::new());
    assert_eq!(explorer.progress().status, Status::Violated);
    let found = explorer.counterexample().unwrap();
    assert_eq!(found.path.actions.len(), 4, "{found:?}");
    let states = found.path.states(explorer.model()).unwrap();
    assert_eq!(explorer.model().violation(states.last().unwrap()), Some(found.reason.clone()));
}

#[test]
fn what_should_be_seen_sometimes_is_seen_and_can_be_shown() {
    let explorer = explored(TwoPhaseCommit::<3>);
    for (sight, sighting) in explorer.sightings().iter().enumerate() {
        let path = sighting.path.as_ref().unwrap();
        let states = path.states(explorer.model()).unwrap();
        assert!(explorer.model().shows(states.last().unwrap(), sight), "{sighting:?}");
    }
    // Every resource manager prepares and is heard, the decision falls, and every one hears of it.
    let path = explorer.sightings()[0].path.as_ref().unwrap();
    assert_eq!(path.actions.len(), 3 + 3 + 1 + 3);
}

/// Visits every state by recursion, keeping whole states.
fn all_states<M: Model>(model: &M) -> HashSet<M::State>
where
    M::State: Eq,
{
    fn visit<M: Model>(model: &M, state: &M::State, seen: &mut HashSet<M::State>)
    where
        M::State: Eq + Hash,
    {
        if !seen.insert(state.clone()) {
            return;
        }
        let mut actions = Vec::new();
        model.actions(state, &mut actions);
        for next in actions.iter().filter_map(|action| model.next_state(state, action)) {
            visit(model, &next, seen);
        }
    }
    let mut seen = HashSet::new();
    for state in model.initial_states() {
        visit(model, &state, &mut seen);
    }
    seen
}

#[test]
fn fingerprints_lose_no_state_of_the_counted_models() {
    assert_eq!(count(TwoPhaseCommit::<5>).0, all_states(&TwoPhaseCommit::<5>).len() as u64);
    assert_eq!(count(ChangRoberts::<5>).0, all_states(&ChangRoberts::<5>).len() as u64);
    let paxos = RegisterSystem::<Server<3>, 3, 2>::new();
    assert_eq!(count(paxos).0, all_states(&paxos).len() as u64);
}

/// A symmetric exploration visits one state of each class, and the classes are those of the
/// representatives of all states.
#[test]
fn symmetry_leaves_one_state_of_each_class() {
    let model = TwoPhaseCommit::<5>;
    let all = all_states(&model);
    let classes: HashSet<_> = all.iter().filter_map(|state| model.representative(state)).collect();
    for order in [Traversal::BreadthFirst, Traversal::DepthFirst] {
        let exploration = Exploration { order, is_symmetric: true, ..Exploration::default() };
        let explorer = explored_by(model, exploration);
        assert_eq!(explorer.progress().status, Status::Complete);
        assert_eq!(explorer.progress().distinct, classes.len() as u64);
        assert!(explorer.sightings().iter().all(|sighting| sighting.path.is_some()));
    }
    assert!(classes.len() * 10 < all.len(), "{} of {}", classes.len(), all.len());
}

/// So many counters that each count up to a limit; the sum must stay below a bound.
struct Counters {
    count: usize,
    limit: u8,
    bound: u32,
}

impl Model for Counters {
    type State = Vec<u8>;
    type Action = usize;

    fn initial_states(&self) -> Vec<Vec<u8>> {
        vec![vec![0; self.count]]
    }

    fn actions(&self, _state: &Vec<u8>, actions: &mut Vec<usize>) {
        actions.extend(0..self.count);
    }

    fn next_state(&self, state: &Vec<u8>, action: &usize) -> Option<Vec<u8>> {
        let mut next = state.clone();
        next[*action] += 1;
        (next[*action] <= self.limit).then_some(next)
    }

    fn representative(&self, state: &Vec<u8>) -> Option<Vec<u8>> {
        let mut sorted = state.clone();
        sorted.sort_unstable();
        Some(sorted)
    }

    fn violation(&self, state: &Vec<u8>) -> Option<String> {
        let sum: u32 = state.iter().copied().map(u32::from).sum();
        (sum >= self.bound).then(|| format!("the sum is {sum}"))
    }
}

/// There are (k + 1)ⁿ states, and C(n + k, k) up to renaming: multisets of n values out of k + 1.
#[test]
fn symmetry_reduces_counters_to_multisets() {
    let model = |bound| Counters { count: 6, limit: 4, bound };
    assert_eq!(count(model(u32::MAX)).0, 5_u64.pow(6));
    let symmetric = Exploration { is_symmetric: true, ..Exploration::default() };
    assert_eq!(explored_by(model(u32::MAX), symmetric.clone()).progress().distinct, 210);
    let explorer = explored_by(model(17), symmetric);
    let found = explorer.counterexample().unwrap();
    assert_eq!(found.path.actions.len(), 17);
    let states = found.path.states(explorer.model()).unwrap();
    assert!(explorer.model().violation(states.last().unwrap()).is_some());
}

/// A small graph: from each node some arrows, of which some lead nowhere.
#[derive(Clone, Debug)]
struct Graph {
    initial: Vec<usize>,
    arrows: Vec<Vec<Option<usize>>>,
    bad: BTreeSet<usize>,
}

impl Model for Graph {
    type State = usize;
    type Action = usize;

    fn initial_states(&self) -> Vec<usize> {
        self.initial.clone()
    }

    fn actions(&self, state: &usize, actions: &mut Vec<usize>) {
        actions.extend(0..self.arrows[*state].len());
    }

    fn next_state(&self, state: &usize, action: &usize) -> Option<usize> {
        self.arrows[*state][*action]
    }

    fn violation(&self, state: &usize) -> Option<String> {
        self.bad.contains(state).then(|| format!("node {state} is bad"))
    }
}

impl Graph {
    /// Returns for each node how many nodes the shortest path to it has, by trying all paths.
    fn distances(&self) -> Vec<Option<u32>> {
        fn visit(graph: &Graph, node: usize, distance: u32, found: &mut [Option<u32>]) {
            if found[node].is_some_and(|known| known <= distance) {
                return;
            }
            found[node] = Some(distance);
            for next in graph.arrows[node].iter().flatten() {
                visit(graph, *next, distance + 1, found);
            }
        }
        let mut found = vec![None; self.arrows.len()];
        for node in &self.initial {
            visit(self, *node, 1, &mut found);
        }
        found
    }

    /// Returns how often a state is generated if all that can be reached within `limit` is: each
    /// initial one once, and each time an arrow leads to it.
    fn generated(&self) -> u64 {
        let distances = self.distances();
        let reached = self.arrows.iter().zip(&distances).filter(|(_, distance)| distance.is_some());
        let arrows: usize = reached.map(|(arrows, _)| arrows.iter().flatten().count()).sum();
        (self.initial.len() + arrows) as u64
    }
}

fn graphs() -> impl Strategy<Value = Graph> {
    (1_usize..12).prop_flat_map(|nodes| {
        let arrow = proptest::option::weighted(0.8, 0..nodes);
        let arrows = prop::collection::vec(prop::collection::vec(arrow, 0..4), nodes);
        let initial = prop::collection::vec(0..nodes, 1..3);
        let bad = prop::collection::btree_set(0..nodes, 0..3);
        (initial, arrows, bad).prop_map(|(initial, arrows, bad)| Graph { initial, arrows, bad })
    })
}

fn orders() -> impl Strategy<Value = Traversal> {
    prop_oneof![Just(Traversal::BreadthFirst), Just(Traversal::DepthFirst)]
}

proptest! {
    #[test]
    fn brute_force_counts_the_same(graph in graphs(), order in orders()) {
        let distances = graph.distances();
        let exploration = Exploration { order, goes_on: true, ..Exploration::default() };
        let progress = explored_by(graph.clone(), exploration).progress();
        prop_assert_eq!(progress.status, Status::Complete);
        prop_assert_eq!(progress.distinct, distances.iter().flatten().count() as u64);
        prop_assert_eq!(progress.generated, graph.generated());
        let deepest = distances.iter().flatten().max().copied().unwrap_or(0);
        match order {
            Traversal::BreadthFirst => prop_assert_eq!(progress.depth, deepest),
            Traversal::DepthFirst => prop_assert!(progress.depth >= deepest),
        }
    }

    #[test]
    fn a_counterexample_is_real_and_breadth_first_the_shortest(
        graph in graphs(),
        order in orders(),
    ) {
        let distances = graph.distances();
        let nearest = graph.bad.iter().filter_map(|bad| distances[*bad]).min();
        let explorer =
            explored_by(graph.clone(), Exploration { order, ..Exploration::default() });
        let Some(found) = explorer.counterexample() else {
            prop_assert_eq!(nearest, None);
            prop_assert_eq!(explorer.progress().status, Status::Complete);
            return Ok(());
        };
        prop_assert_eq!(explorer.progress().status, Status::Violated);
        let states = found.path.states(&graph).unwrap();
        prop_assert!(graph.bad.contains(states.last().unwrap()));
        if order == Traversal::BreadthFirst {
            prop_assert_eq!(Some(u32::try_from(states.len()).unwrap()), nearest);
        }
    }

    /// Both orders find every state within the depth limit, and say whether there may be more.
    #[test]
    fn a_depth_limit_keeps_what_is_near(graph in graphs(), order in orders(), limit in 1_u32..6) {
        let distances = graph.distances();
        let near = distances.iter().flatten().filter(|distance| **distance <= limit).count();
        let exploration =
            Exploration { order, goes_on: true, depth_limit: limit, ..Exploration::default() };
        let progress = explored_by(graph.clone(), exploration).progress();
        prop_assert_eq!(progress.distinct, near as u64);
        prop_assert!(progress.depth <= limit);
        let is_all = near == distances.iter().flatten().count();
        if progress.status == Status::Complete {
            prop_assert!(is_all);
        } else {
            prop_assert_eq!(progress.status, Status::Limited(Limit::Depth));
        }
    }

    #[test]
    fn a_state_limit_says_whether_there_is_more(
        graph in graphs(),
        order in orders(),
        limit in 1_u64..15,
    ) {
        let all = graph.distances().iter().flatten().count() as u64;
        let exploration =
            Exploration { order, goes_on: true, state_limit: limit, ..Exploration::default() };
        let progress = explored_by(graph, exploration).progress();
        prop_assert_eq!(progress.distinct, all.min(limit));
        let expected =
            if all <= limit { Status::Complete } else { Status::Limited(Limit::States) };
        prop_assert_eq!(progress.status, expected);
    }

    #[test]
    fn a_step_limit_is_kept(graph in graphs(), order in orders(), limit in 0_u64..40) {
        let free = Exploration { order, ..Exploration::default() };
        let all = explored_by(graph.clone(), free.clone()).progress();
        let progress =
            explored_by(graph, Exploration { step_limit: limit, ..free }).progress();
        if all.steps <= limit {
            prop_assert_eq!(progress, all);
        } else {
            prop_assert_eq!(progress.status, Status::Limited(Limit::Steps));
            prop_assert_eq!(progress.steps, limit);
        }
    }

    /// Pausing changes nothing, and a run never does more than it was asked for.
    #[test]
    fn slices_come_to_the_same_as_one_go(
        graph in graphs(),
        order in orders(),
        slices in prop::collection::vec(0_u64..7, 1..8),
    ) {
        let exploration = Exploration { order, ..Exploration::default() };
        let whole = explored_by(graph.clone(), exploration.clone());
        let mut sliced = Explorer::new(graph, exploration);
        let mut slices = slices.into_iter().chain([1]).cycle();
        while sliced.progress().status == Status::Running {
            let before = sliced.progress().steps;
            let steps = slices.next().unwrap();
            prop_assert!(sliced.run(steps).steps <= before + steps);
        }
        prop_assert_eq!(sliced.progress(), whole.progress());
        prop_assert_eq!(sliced.counterexample(), whole.counterexample());
    }
}

/// The two orders see the same states by the same number of transitions.
#[test]
fn depth_first_counts_the_same() {
    let paxos = RegisterSystem::<Server<3>, 3, 2>::new();
    let exploration = Exploration { order: Traversal::DepthFirst, ..Exploration::default() };
    let Progress { status, distinct, generated, .. } = explored_by(paxos, exploration).progress();
    assert_eq!(status, Status::Complete);
    let breadth_first = count(paxos);
    assert_eq!((distinct, generated), (breadth_first.0, breadth_first.1));
}

/// A violation in an initial state is found before anything is explored.
#[test]
fn an_initial_state_can_be_bad() {
    let graph = Graph { initial: vec![0, 1], arrows: vec![vec![]; 2], bad: BTreeSet::from([1]) };
    for order in [Traversal::BreadthFirst, Traversal::DepthFirst] {
        let explorer =
            Explorer::new(graph.clone(), Exploration { order, ..Exploration::default() });
        let found = explorer.counterexample().unwrap();
        assert_eq!((found.path.initial, found.path.actions.len()), (1, 0));
    }
}

/// A model without initial states has been explored as soon as one looks.
#[test]
fn an_empty_model_is_complete() {
    let graph = Graph { initial: vec![], arrows: vec![], bad: BTreeSet::new() };
    let progress = explored(graph).progress();
    assert_eq!((progress.status, progress.distinct), (Status::Complete, 0));
}
