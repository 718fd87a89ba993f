//! A world of clients and replicas, played to its end, and what its clients saw.

use std::cell::RefCell;
use std::collections::BTreeMap;

use faultline_core::check::history::{
    Completion, History, HistoryError, RegisterAnswer, RegisterCall,
};
use faultline_core::mechanism::quorum::{Call, Client, Config, Fact, Replica};
use faultline_core::scenario::{Preset, Scenario, Setup};
use faultline_core::sim::{
    Action, Boot, Cx, Distribution, Embed, Environment, Journal, NetworkConfig, NodeId, Observed,
    Process, Simulation, Spec,
};
use faultline_core::view::NodeView;

use super::either::{Ear, node_of, played};

/// What a test's world is like.
#[derive(Clone)]
pub(crate) struct Plan {
    /// How every client goes about its operations. The replicas are the first nodes.
    pub(crate) config: Config,
    /// What each client does, one operation after the other.
    pub(crate) calls: Vec<Vec<Call>>,
    /// How long a message takes.
    pub(crate) latency: Distribution,
    /// How many messages in a hundred are lost, and how many are delivered twice.
    pub(crate) fault_percent: u8,
}

thread_local! {
    /// The world's tables are functions without an environment, so this is how they learn of it.
    static PLAN: RefCell<Option<Plan>> = const { RefCell::new(None) };
}

fn plan<T>(read: impl FnOnce(&Plan) -> T) -> T {
    PLAN.with_borrow(|plan| read(plan.as_ref().expect("the test has set a plan")))
}

node_of!(Replica, Client, |client: &mut Client, cx: &mut Cx<'_, Client>| {
    let nth = cx.me().index() - plan(|plan| usize::from(plan.config.quorums.replicas));
    for call in plan(|plan| plan.calls.get(nth).cloned().unwrap_or_default()) {
        client.call(call, cx);
    }
});

static SPEC: Spec<Node, Ear<Fact>> = Spec {
    environment: |_| Environment {
        network: plan(|plan| NetworkConfig {
            latency: plan.latency,
            loss_percent: plan.fault_percent,
            duplicate_percent: plan.fault_percent,
            ..NetworkConfig::default()
        }),
        sync: Distribution::Constant(0),
        ..Environment::default()
    },
    ..Spec::bare(
        |_| {
            let nodes = plan(|plan| usize::from(plan.config.quorums.replicas) + plan.calls.len());
            (0..nodes).map(|number| format!("N{number}")).collect()
        },
        |id, _| {
            let config = plan(|plan| plan.config);
            if id.0 < config.quorums.replicas {
                Node::Server(Replica::default())
            } else {
                Node::Client(Box::new(Client::new(config)))
            }
        },
    )
};

static SCENARIO: Scenario = Scenario::unlisted("register", |setup| Observed::boxed(&SPEC, setup));

/// Plays a plan until nothing is left to happen. These replicas are down from the
/// beginning.
pub(crate) fn play(plan: &Plan, seed: u64, down: &[NodeId]) -> Vec<(NodeId, Fact)> {
    PLAN.set(Some(plan.clone()));
    let mut simulation = Observed::new(&SPEC, &Setup::new(&SCENARIO, Preset::Naive, seed));
    let mut journal = Journal::ignoring();
    // Only what has come up can crash; replicas come up first, before any client asks.
    for _ in 0..plan.config.quorums.replicas {
        simulation.step(&mut journal);
    }
    for (index, id) in (0_u32..).zip(down) {
        assert!(simulation.act(index, &Action::Crash(*id), &mut journal), "{id} is up");
    }
    played(simulation)
}

/// Makes the history that the checkers judge. Who has given an operation up goes on under a new
/// process number, as the checkers ask.
pub(crate) fn history(
    heard: &[(NodeId, Fact)],
) -> Result<History<RegisterCall<u64>, RegisterAnswer<u64>>, HistoryError> {
    const LIVES: u64 = 1 << 16;
    let mut history = History::new();
    let mut lives: BTreeMap<NodeId, u64> = BTreeMap::new();
    for &(node, fact) in heard {
        let life = lives.entry(node).or_default();
        let process = u64::from(node.0) + *life * LIVES;
        match fact {
            Fact::Begins { call: Call::Read, .. } => {
                history.invoke(process, RegisterCall::Read)?;
            }
            Fact::Begins { call: Call::Write(value), .. } => {
                history.invoke(process, RegisterCall::Write(value))?;
            }
            Fact::HasRead { version, .. } => {
                let answer = RegisterAnswer::Value(version.value);
                history.complete(process, Completion::Answered(answer))?;
            }
            Fact::HasWritten { .. } => {
                history.complete(process, Completion::Answered(RegisterAnswer::Written))?;
            }
            Fact::GivesUp { .. } => {
                history.complete(process, Completion::Unknown)?;
                *life += 1;
            }
            Fact::Adopts(_) => {}
        }
    }
    Ok(history)
}
