//! Probabilistic concurrency testing keeps its promise: Burckhardt et al. 2010, theorem 1 says that
//! a walk finds a bug of depth d among n threads and k steps with a chance of at least 1 / (n · kᵈ⁻¹).

use faultline_core::check::{Model, Priorities, Scheduler, Uniform, WalkEnd, walk};

/// Threads that each do so many steps in order. The bug shows once every listed pair has happened
/// in its order: the first thread's step number so-and-so before the second thread's.
struct Threads {
    steps: Vec<u8>,
    /// (thread, its step) before (thread, its step), all of them: the bug's depth in orderings.
    orderings: Vec<[(usize, u8); 2]>,
}

/// How many steps each thread has done, and which orderings have been kept so far.
type Done = (Vec<u8>, Vec<bool>);

impl Threads {
    /// Returns how many steps a walk has.
    fn length(&self) -> u32 {
        self.steps.iter().copied().map(u32::from).sum()
    }

    /// Returns how many threads there are.
    fn count(&self) -> u32 {
        self.steps.iter().map(|_| 1).sum()
    }
}

impl Model for Threads {
    type State = Done;
    type Action = u32;

    fn initial_states(&self) -> Vec<Done> {
        vec![(vec![0; self.steps.len()], vec![false; self.orderings.len()])]
    }

    fn actions(&self, state: &Done, actions: &mut Vec<u32>) {
        let threads = state.0.iter().zip(&self.steps).zip(0..);
        actions.extend(threads.filter(|((done, all), _)| done < all).map(|(_, thread)| thread));
    }

    fn next_state(&self, state: &Done, action: &u32) -> Option<Done> {
        let thread = usize::try_from(*action).ok()?;
        let mut next = state.clone();
        next.0[thread] += 1;
        for (ordering, kept) in self.orderings.iter().zip(&mut next.1) {
            let [(first, first_step), second] = *ordering;
            // The second event happens now: the ordering is kept if the first one is past.
            *kept |= second == (thread, next.0[thread]) && state.0[first] >= first_step;
        }
        Some(next)
    }

    fn violation(&self, state: &Done) -> Option<String> {
        state.1.iter().all(|kept| *kept).then(|| "all orderings were kept".to_owned())
    }

    fn thread(&self, action: &u32) -> u32 {
        *action
    }
}

/// Returns the share of walks that find the bug.
fn found<S: Scheduler>(model: &Threads, walks: u32, scheduler: impl Fn(u64) -> S) -> f64 {
    let mut finds = 0;
    for seed in 0..walks {
        let walk = walk(model, 0, &mut scheduler(u64::from(seed)), 1_000);
        finds += u32::from(matches!(walk.end, WalkEnd::Violated(_)));
    }
    f64::from(finds) / f64::from(walks)
}

/// Checks the bound for a bug of depth `depth`, with three standard errors of the measurement for
/// luck, and that random walks find the bug less often.
fn keeps_its_promise(model: &Threads, depth: u32, walks: u32) {
    let length = model.length();
    let bound = 1.0 / f64::from(model.count() * length.pow(depth - 1));
    let priorities = |seed| Priorities::new(seed, depth, u64::from(length));
    let share = found(model, walks, priorities);
    let error = (bound * (1.0 - bound) / f64::from(walks)).sqrt();
    assert!(share >= bound - 3.0 * error, "{share} is less often than {bound}");
    let random = found(model, walks, Uniform::new);
    assert!(random < share, "random walks find it in {random}, priorities in {share}");
}

/// Depth 1: one thread must be done before the other begins.
#[test]
fn one_ordering() {
    let model = Threads { steps: vec![20, 20], orderings: vec![[(0, 20), (1, 1)]] };
    keeps_its_promise(&model, 1, 2_000);
}

/// Depth 2: one thread does all its steps while another is between two of its own.
#[test]
fn two_orderings() {
    let orderings = vec![[(0, 2), (1, 1)], [(1, 20), (0, 3)]];
    keeps_its_promise(&Threads { steps: vec![20, 20], orderings }, 2, 10_000);
}

/// Depth 3, with a bystander: two threads each have to be caught in the middle.
#[test]
fn three_orderings() {
    let orderings = vec![[(0, 2), (1, 1)], [(1, 9), (0, 3)], [(0, 10), (1, 10)]];
    keeps_its_promise(&Threads { steps: vec![10, 10, 4], orderings }, 3, 20_000);
}

/// A walk is a function of its seed, and what it returns can be walked again.
#[test]
fn a_walk_can_be_repeated() {
    let orderings = vec![[(0, 2), (1, 1)], [(1, 20), (0, 3)]];
    let model = Threads { steps: vec![20, 20], orderings };
    for seed in 0..50 {
        let [first, second] =
            [(); 2].map(|()| walk(&model, 0, &mut Priorities::new(seed, 2, 40), 1_000));
        assert_eq!(first.path, second.path);
        let states = first.path.states(&model).unwrap();
        let is_violated = model.violation(states.last().unwrap()).is_some();
        assert_eq!(is_violated, first.into_counterexample().is_some());
    }
}

/// The step limit counts steps, and says so.
#[test]
fn a_walk_ends_at_its_limit() {
    let model = Threads { steps: vec![5, 5], orderings: vec![[(0, 9), (1, 1)]] };
    let cut = walk(&model, 0, &mut Uniform::new(1), 9);
    assert_eq!((cut.end, cut.path.actions.len()), (WalkEnd::Limited, 9));
    let whole = walk(&model, 0, &mut Uniform::new(1), 10);
    assert_eq!((whole.end, whole.path.actions.len()), (WalkEnd::Finished, 10));
}
