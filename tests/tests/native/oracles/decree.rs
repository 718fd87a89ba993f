//! Paxos alone: proposers that cross each other decide one value, and two without promises.

use std::cell::Cell as Shared;
use std::collections::BTreeSet;

use faultline_core::mechanism::paxos::{Acceptor, Fact, Proposer};
use faultline_core::mechanism::quorum::Quorums;
use faultline_core::scenario::{Preset, Scenario, Setup};
use faultline_core::sim::{
    Boot, Cx, Distribution, Embed, Environment, NetworkConfig, NodeId, Observed, Process, Spec,
};
use faultline_core::view::NodeView;

use super::either::{Ear, node_of, played};

/// How many propose, each a value of its own.
const PROPOSERS: u16 = 3;

thread_local! {
    /// The quorums, and whether acceptors keep their promises.
    static PLAN: Shared<(Quorums, bool)> =
        const { Shared::new((Quorums { replicas: 3, read: 2, write: 2 }, true)) };
}

node_of!(Acceptor, Proposer, |proposer: &mut Proposer, cx: &mut Cx<'_, Proposer>| {
    let value = u64::from(cx.me().0);
    proposer.propose(value, cx);
});

static SPEC: Spec<Node, Ear<Fact>> = Spec {
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
                Node::Server(Acceptor { promises })
            } else {
                Node::Client(Box::new(Proposer::new(quorums)))
            }
        },
    )
};

static SCENARIO: Scenario = Scenario::unlisted("decree", |setup| Observed::boxed(&SPEC, setup));

/// Plays until everybody was told what is decided, and returns that.
fn decided(seed: u64) -> BTreeSet<u64> {
    let heard = played(Observed::new(&SPEC, &Setup::new(&SCENARIO, Preset::Naive, seed)));
    let told: Vec<u64> = heard
        .into_iter()
        .filter_map(
            |(_, fact)| if let Fact::Decides { value, .. } = fact { Some(value) } else { None },
        )
        .collect();
    assert_eq!(told.len(), usize::from(PROPOSERS), "seed {seed}: everybody is told");
    told.into_iter().collect()
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
