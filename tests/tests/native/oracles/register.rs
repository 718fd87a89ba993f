//! A world of clients and replicas, played to its end, and what its clients saw.

use std::cell::RefCell;
use std::collections::BTreeMap;

use faultline_core::check::history::{
    Completion, History, HistoryError, RegisterAnswer, RegisterCall,
};
use faultline_core::mechanism::quorum::{
    Call, Client, Config, Counts, Fact, Message, Replica, Timer, Version,
};
use faultline_core::scenario::{Preset, Scenario, Setup};
use faultline_core::sim::{
    Action, Boot, Cell, Cx, Distribution, Embed, Environment, Journal, NetworkConfig, NodeId,
    Observed, Observer, Process, Simulation, Spec,
};
use faultline_core::view::NodeView;

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

/// A replica or a client, embedded as in a row.
#[derive(Clone, Hash)]
enum Node {
    Replica(Replica),
    Client(Box<Client>),
}

/// The disk of either.
type Disk = (Cell<Version>, Cell<Counts>);

/// Both parts share messages, timers and facts; only the disks differ.
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

embed!(Replica, 0);
embed!(Client, 1);

impl Process for Node {
    type Msg = Message;
    type Timer = Timer;
    type Disk = Disk;
    type Fact = Fact;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Replica(replica) => cx.lift(|cx| replica.on_start(boot, cx)),
            Self::Client(client) => {
                let nth = cx.me().index() - plan(|plan| usize::from(plan.config.quorums.replicas));
                let calls = plan(|plan| plan.calls.get(nth).cloned().unwrap_or_default());
                cx.lift(|cx| {
                    client.on_start(boot, cx);
                    for call in calls {
                        client.call(call, cx);
                    }
                });
            }
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Message, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Replica(replica) => cx.lift(|cx| replica.on_message(from, msg, cx)),
            Self::Client(client) => cx.lift(|cx| client.on_message(from, msg, cx)),
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match self {
            Self::Replica(replica) => cx.lift(|cx| replica.on_timer(timer, cx)),
            Self::Client(client) => cx.lift(|cx| client.on_timer(timer, cx)),
        }
    }

    fn view(&self, _: &Disk) -> NodeView {
        NodeView::default()
    }
}

/// What was recorded: where, and what.
#[derive(Clone, Default, Hash)]
struct Ear(Vec<(NodeId, Fact)>);

impl Observer<Node> for Ear {
    fn on_fact(&mut self, _: u64, node: NodeId, fact: &Fact) {
        self.0.push((node, *fact));
    }
}

static SPEC: Spec<Node, Ear> = Spec {
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
                Node::Replica(Replica::default())
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
    while simulation.step(&mut journal) {}
    simulation.observer().0.clone()
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
