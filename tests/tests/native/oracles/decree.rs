//! Paxos alone: proposers that cross each other decide one value, and two without promises.

use std::cell::Cell as Shared;
use std::collections::BTreeSet;

use faultline_core::mechanism::paxos::{Acceptor, Counts, Fact, Message, Proposer, Timer, Votes};
use faultline_core::mechanism::quorum::Quorums;
use faultline_core::scenario::{Preset, Scenario, Setup};
use faultline_core::sim::{
    Boot, Cell, Cx, Distribution, Embed, Environment, Journal, NetworkConfig, NodeId, Observed,
    Observer, Process, Simulation, Spec,
};
use faultline_core::view::NodeView;

/// How many propose, each a value of its own.
const PROPOSERS: u16 = 3;

thread_local! {
    /// The quorums, and whether acceptors keep their promises.
    static PLAN: Shared<(Quorums, bool)> =
        const { Shared::new((Quorums { replicas: 3, read: 2, write: 2 }, true)) };
}

#[derive(Clone, Hash)]
enum Node {
    Acceptor(Acceptor),
    Proposer(Proposer),
}

type Disk = (Cell<Votes>, Cell<Counts>);

macro_rules! embed {
    ($part:ty, $field:tt) => {
        impl Embed<$part> for Node {
            fn msg(msg: Message) -> Message {
                msg
            }

            fn timer(timer: Timer) -> Timer {
                timer
            }

            fn fact(fact: Fact) -> Fact {
                fact
            }

            fn disk(disk: &mut Disk) -> &mut <$part as Process>::Disk {
                &mut disk.$field
            }
        }
    };
}

embed!(Acceptor, 0);
embed!(Proposer, 1);

impl Process for Node {
    type Msg = Message;
    type Timer = Timer;
    type Disk = Disk;
    type Fact = Fact;

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Self>) {
        let value = u64::from(cx.me().0);
        if let Self::Proposer(proposer) = self {
            cx.lift(|cx| proposer.propose(value, cx));
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Message, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Acceptor(acceptor) => cx.lift(|cx| acceptor.on_message(from, msg, cx)),
            Self::Proposer(proposer) => cx.lift(|cx| proposer.on_message(from, msg, cx)),
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        if let Self::Proposer(proposer) = self {
            cx.lift(|cx| proposer.on_timer(timer, cx));
        }
    }

    fn view(&self, _: &Disk) -> NodeView {
        NodeView::default()
    }
}

/// What each proposer was told.
#[derive(Clone, Default, Hash)]
struct Ear(Vec<u64>);

impl Observer<Node> for Ear {
    fn on_fact(&mut self, _: u64, _: NodeId, fact: &Fact) {
        if let Fact::Decides { value, .. } = fact {
            self.0.push(*value);
        }
    }
}

static SPEC: Spec<Node, Ear> = Spec {
    environment: |_| Environment {
        network: NetworkConfig {
            latency: Distribution::Uniform { low_us: 1_000, high_us: 40_000 },
            loss_percent: 10,
            duplicate_percent: 10,
            ..NetworkConfig::default()
        },
        ..Environment::default()
    },
    ..Spec::bare(
        |_| (0..PLAN.get().0.replicas + PROPOSERS).map(|number| format!("N{number}")).collect(),
        |id, _| {
            let (quorums, promises) = PLAN.get();
            if id.0 < quorums.replicas {
                Node::Acceptor(Acceptor { promises })
            } else {
                Node::Proposer(Proposer::new(quorums))
            }
        },
    )
};

static SCENARIO: Scenario = Scenario::unlisted("decree", |setup| Observed::boxed(&SPEC, setup));

/// Plays until everybody was told what is decided, and returns that.
fn decided(seed: u64) -> BTreeSet<u64> {
    let mut simulation = Observed::new(&SPEC, &Setup::new(&SCENARIO, Preset::Naive, seed));
    let mut journal = Journal::ignoring();
    while simulation.step(&mut journal) {}
    let told = &simulation.observer().0;
    assert_eq!(told.len(), usize::from(PROPOSERS), "seed {seed}: everybody is told");
    told.iter().copied().collect()
}

fn seeds_with_two(quorums: Quorums, promises: bool) -> usize {
    PLAN.set((quorums, promises));
    (0..400).filter(|seed| decided(*seed).len() > 1).count()
}

/// Source: Lamport 2001, section 2.2, and Howard, Malkhi & Spiegelman 2016, section 4: one value is chosen if
/// the quorums of the two phases meet. Exact: never two; and some without promises, or quorums that do
/// not meet.
#[test]
fn quorums_that_meet_decide_once() {
    let of = |replicas, read, write| Quorums { replicas, read, write };
    for quorums in [of(3, 2, 2), of(5, 3, 3), of(5, 4, 2), of(4, 1, 4), of(4, 4, 1)] {
        assert_eq!(seeds_with_two(quorums, true), 0, "{quorums:?}");
    }
    let bare = seeds_with_two(of(3, 2, 2), false);
    let apart = seeds_with_two(of(5, 2, 2), true);
    println!("of 400 seeds decide twice: {bare} without promises, {apart} with R + W ≤ N");
    assert!(bare > 0 && apart > 0, "{bare} {apart}");
}
