//! Worlds taken by hand: the explorer visits every order, and what it finds is a run.

use faultline_core::check::{Budget, ByHand, Exploration, Explorer, Priorities, Status, walk};
use faultline_core::scenario::{Preset, Setup};
use faultline_core::sim::{Boot, Cx, NetworkConfig, NodeId};

use crate::kernel::puppet::{Behaviour, Bell, Puppet, Say, latency_us, setup_of};

const NO_FAULTS: Budget = Budget { crashes: 0, losses: 0, duplicates: 0, commands: 0 };

/// Two nodes send two messages each to a third, which keeps what it hears in order.
#[derive(Clone, Default, Hash)]
struct InOrder<const FIFO: bool>(Vec<u32>);

impl<const FIFO: bool> Behaviour for InOrder<FIFO> {
    const NODES: u16 = 3;
    const NETWORK: NetworkConfig = NetworkConfig { is_fifo: FIFO, ..latency_us(1_000, 9_000) };

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        let me = u32::from(cx.me().0);
        if me < 2 {
            cx.send(NodeId(2), Say(10 * me));
            cx.send(NodeId(2), Say(10 * me + 1));
        }
    }

    fn on_message(&mut self, _: NodeId, number: u32, _: &mut Cx<'_, Puppet<Self>>) {
        self.0.push(number);
    }
}

/// As [`AsSet`], in a network that would lose half of all messages and double the others.
#[derive(Clone, Default, Hash)]
struct Unreliable(AsSet);

impl Behaviour for Unreliable {
    const NODES: u16 = 3;
    const NETWORK: NetworkConfig =
        NetworkConfig { loss_percent: 50, duplicate_percent: 100, ..latency_us(1_000, 9_000) };

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        let me = u32::from(cx.me().0);
        if me < 2 {
            cx.send(NodeId(2), Say(10 * me));
            cx.send(NodeId(2), Say(10 * me + 1));
        }
    }

    fn on_message(&mut self, _: NodeId, number: u32, _: &mut Cx<'_, Puppet<Self>>) {
        self.0.0.insert(number);
    }
}

/// As [`InOrder`], and the third forgets the order.
#[derive(Clone, Default, Hash)]
struct AsSet(std::collections::BTreeSet<u32>);

impl Behaviour for AsSet {
    const NODES: u16 = 3;

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        let me = u32::from(cx.me().0);
        if me < 2 {
            cx.send(NodeId(2), Say(10 * me));
            cx.send(NodeId(2), Say(10 * me + 1));
        }
    }

    fn on_message(&mut self, _: NodeId, number: u32, _: &mut Cx<'_, Puppet<Self>>) {
        self.0.insert(number);
    }
}

fn states_of<B: Behaviour>() -> u64 {
    let model = ByHand::new(setup_of::<B>(1), NO_FAULTS, u64::MAX);
    let progress = Explorer::new(model, Exploration::default()).run_to_end();
    assert_eq!(progress.status, Status::Complete);
    progress.distinct
}

/// Four messages arrive in any order: 1 + 4 + 4·3 + 4·3·2 + 4! beginnings. On first-in-first-out links
/// the two streams are shuffled: Σ C(i + j, i) over i, j ≤ 2. If the order leaves no trace, 2⁴ sets.
#[test]
fn every_order_is_visited_once() {
    assert_eq!(states_of::<InOrder<false>>(), 65);
    assert_eq!(states_of::<InOrder<true>>(), 19);
    assert_eq!(states_of::<AsSet>(), 16);
    assert_eq!(states_of::<Unreliable>(), 16, "what the network does is an action, not a draw");
}

/// A node tosses a coin of three sides twice when a bell rings, and remembers.
#[derive(Clone, Default, Hash)]
struct Tosses(Vec<u64>);

impl Behaviour for Tosses {
    const NODES: u16 = 1;

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Puppet<Self>>) {
        cx.set_timer(1_000, Bell(0));
    }

    fn on_bell(&mut self, _: u8, cx: &mut Cx<'_, Puppet<Self>>) {
        self.0 = vec![cx.choose(3), cx.choose(3)];
    }
}

/// Before the toss, and after each of its nine outcomes.
#[test]
fn every_choice_is_made() {
    assert_eq!(states_of::<Tosses>(), 1 + 9);
}

fn setup(slug: &str, preset: Preset, knobs: &[(&str, &str)]) -> Setup {
    let mut setup = Setup::of(slug, preset, 1).expect("the row is there");
    for (key, value) in knobs {
        setup.set(key, value).expect("the row has this knob");
    }
    setup
}

/// Explores a row breadth first and returns what breaks, having replayed it as a run.
fn found(setup: Setup, budget: Budget, epoch_limit: u64, states: u64) -> Option<String> {
    let model = ByHand::new(setup, budget, epoch_limit);
    let exploration = Exploration { state_limit: states, ..Exploration::default() };
    let mut explorer = Explorer::new(model, exploration);
    explorer.run_to_end();
    let counterexample = explorer.counterexample()?;
    let trial = explorer.model().replay(counterexample).expect("the run breaks as the model did");
    let outcome = trial.run();
    outcome.violation().map(|(_, check)| check.name.clone())
}

#[test]
fn a_doubled_delta_is_found_and_is_a_run() {
    let budget = Budget { duplicates: 1, commands: 1, ..NO_FAULTS };
    // Each node chooses whom to tell first when it starts, so that few nodes are many beginnings.
    let naive = setup("g-counter", Preset::Naive, &[("nodes", "3")]);
    assert_eq!(
        found(naive, budget, u64::MAX, 200_000).as_deref(),
        Some("no click is counted twice")
    );
    let hardened = setup("g-counter", Preset::Hardened, &[("nodes", "3")]);
    assert_eq!(found(hardened, budget, u64::MAX, 5_000), None);
}

/// What the exploration of Raft covers within this many states, hardened, breaks nothing.
#[test]
fn raft_holds_as_far_as_it_is_explored() {
    let knobs = [("nodes", "3"), ("clients", "1")];
    let budget = Budget { crashes: 1, ..NO_FAULTS };
    assert_eq!(found(setup("single-leader", Preset::Hardened, &knobs), budget, 2, 30_000), None);
}

/// Probabilistic concurrency testing on a world: a leader that acknowledges from its own disk alone is
/// found, and the walk is a run.
#[test]
fn a_leader_that_asks_no_disks_is_found_by_walking() {
    let broken = setup("single-leader", Preset::Naive, &[("nodes", "3"), ("majority", "on")]);
    let model = ByHand::new(broken, NO_FAULTS, 4);
    // About one walk in a thousand finds it; uniformly random ones found none in three thousand.
    let counterexample = (0..20_000).find_map(|seed| {
        let mut scheduler = Priorities::new(seed, 4 + (seed % 4) as u32, 120);
        walk(&model, 0, &mut scheduler, 120).into_counterexample()
    });
    let counterexample = counterexample.expect("one walk in twenty thousand finds it");
    assert!(model.replay(&counterexample).is_ok(), "{counterexample:?}");
}
