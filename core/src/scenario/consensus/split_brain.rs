//! Two sides of a cut, one store: who may write?
//!
//! Servers that share a store watch each other, and whoever misses the leader takes its place. A cut looks
//! like a dead leader from one side, and like dead followers from the other: without safeguards both
//! sides lead, and write over each other. Three safeguards, each for something else:
//!
//! - a *majority* has to see no leader before anybody stands, and a leader without one stops: otherwise both
//!   sides take the store from each other again and again;
//! - a new leader has the last one *switched off* first (STONITH, "shoot the other node in the head"), and
//!   waits for the confirmation: otherwise the old one goes on serving until it notices;
//! - it *seals* the store with its epoch before it serves: what the old leader sent before it was off may
//!   still be on its way, and only the store can refuse it.
//!
//! Gray & Cheriton 1989 (leases), Burrows 2006 (Chubby, section 2.4: sequencers), Balakrishnan et al. 2012
//! (CORFU, section 3: sealing), Pacemaker's documentation ("Fencing"), Kleppmann 2017 (chapter 8). The
//! check at the store is [`crate::mechanism::fencing`].
//!
//! Left out: replicating the store (of `single-leader`), quorum disks, self-fencing by watchdogs.

mod judge;
mod lesson;
mod message;
mod node;
mod server;
mod store;
mod view;

use judge::History;
use message::Msg;
use node::Node;
use server::{Config, Server};
use store::Store;

use crate::mechanism::writer::{Message, Writer};
use crate::scenario::{
    Diagram, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Command, Environment, Goal, Input, Invariant, Metric, NodeId, Observed,
    Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Place, Role};

/// How long the servers may take to settle after a disturbance: a few timeouts and attempts.
const SETTLE_US: u64 = 2_000_000;

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "split-brain",
    seeds: &["405"],
    revision: 1,
    title: "Two brains, one store",
    family: Family::Consensus,
    difficulty: 2,
    prerequisites: &["single-leader"],
    question: "The network splits, and both sides reach the store: how is it written by one leader only?",
    promise: "No two servers serve at the same time, and a write that was acknowledged stays in its block.",
    constraint: "From the other side of a cut a live leader looks like a dead one, and what it has \
                 sent before may arrive at any time.",
    guarantee: "Strong: the store obeys one epoch after the other. A side without a majority waits, and \
                so does everybody until the last leader is surely off.",
    naive: "A server that has not seen the leader for a while leads. It reads the store once, and writes \
            each client's write into the next block. The store obeys everybody.",
    hardened: "A majority must see no leader; the last leader is switched off, and that is confirmed; the \
               store is sealed with the next epoch, and refuses all earlier ones.",
    breaks: "A cut 3 to 2: both sides lead, and what was on its way arrives late. Each overwrites blocks \
             that the other one's client was told are written.",
    survives: Faults {
        victims: |setup| NodeId::first(server_count(setup) + 1).collect(),
        down_at_once: |setup| (setup.count("nodes") - 1) / 2,
        drift_ppm: 100_000,
        slow_us: 2_000,
        claim: "Safety needs no timing: crashes with restart (the store's disk survives), pauses, cuts in \
                both or one direction that stay or come and go, held links, loss, duplication, \
                reordering, and any clocks. Availability needs a connected majority, the store, the power \
                switch, a board that answers, and clock rates within 10 %.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Clients write through a leader; a write is acknowledged when it is on the store's disk.",
        "The store applies no write of an epoch that is over; no acknowledged write is lost.",
        "No two servers serve at the same time.",
        "A connected majority that has settled for 2 s keeps its leader.",
        "Out of scope: a store that is replicated itself, reads, servers that lie.",
    ],
    faced: &[
        ("replay", "Faced: every order to the store carries an epoch, every attempt a number."),
        (
            "late data",
            "Faced: what a former leader sent is refused at the store, however late it comes.",
        ),
        ("partial writes", "Excluded: the store writes a block and its epoch atomically."),
        ("partitions", "Faced: only a side that is a majority may stand, one-way cuts included."),
        (
            "retries",
            "Faced: a write carries client and number; a new leader finds it in the blocks.",
        ),
        ("clocks", "Faced: timeouts only say when to try. No decision compares two clocks."),
        (
            "lossy networks",
            "Faced: requests are repeated; sealing again for the same attempt is no change.",
        ),
        (
            "dying machines",
            "Faced: any server may crash; while the last leader is down, nobody confirms it.",
        ),
    ],
    saturates_first: "The store: every write of every client passes it. More servers only take over more \
                      surely, and each tells all others that it is there.",
    pitfalls: &[
        "Taking a vote for enough: the old leader need not know that it was voted out.",
        "Taking STONITH for enough: a dead server's last packets are still on their way.",
        "Confirming by hand that a server is off without looking: that switches the safeguard off.",
        "Two nodes and no third: neither is a majority, and both shoot (a fence race).",
        "Powering the board by the server's own supply: when the server dies, so does the confirmation.",
    ],
    primitives: &[
        Primitive::Heartbeats,
        Primitive::SequenceNumbers,
        Primitive::AppendOnlyLog,
        Primitive::DedupLog,
        Primitive::WriteAheadLog,
    ],
    sources: &[
        "Burrows 2006, “The Chubby lock service for loosely-coupled distributed systems”, section 2.4",
        "Balakrishnan et al. 2012, “CORFU: A Shared Log Design for Flash Clusters”, section 3",
        "Gray & Cheriton 1989, “Leases: An Efficient Fault-Tolerant Mechanism”",
        "Kleppmann 2017, “Designing Data-Intensive Applications”, chapter 8: fencing tokens",
        "ClusterLabs, “Pacemaker Explained”, chapter “Fencing”",
    ],
    fidelity: Fidelity {
        modelled: &[
            "all servers tell all others whom they hear and whether they see a leader",
            "taking over: look, shoot, look again, seal with exactly the next epoch",
            "the store: epoch and blocks on disk before anybody is told; repeats change nothing",
            "clients: numbers on disk, hints to the leader, waits that grow",
        ],
        simplified: &[
            "a server's board answers as long as the server is not crashed or frozen",
            "a server that is switched off is back after 300 ms, with an empty memory",
            "S1 stands first when all is new, instead of waiting",
        ],
        omitted: &[
            "quorum disks and watchdogs, which confirm by the passing of time",
            "an operator who confirms by hand that a server is off",
            "a store that is replicated itself: the rows single-leader and config-store",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Clients", Role::Client, 0),
            ("Leader", Role::Leader, 1),
            ("Other servers", Role::Follower, 1),
            ("Power switch", Role::Gateway, 2),
            ("Store", Role::Storage, 2),
        ],
        arrows: &[
            (0, 1, "write, retry"),
            (1, 4, "block, with its epoch"),
            (2, 3, "shoot the last leader"),
            (3, 1, "off"),
            (2, 4, "look, seal"),
            (1, 2, "alive, whom it hears"),
        ],
    },
    knobs: &[
        Knob::count("nodes", "Servers", 5, 3..=9),
        Knob::count("clients", "Clients", 2, 2..=6),
        Knob::milliseconds("timeout", "Missed after", 300, 200..=400),
    ],
    switches: &[
        Switch {
            key: "majority",
            label: "A majority check",
            help: "A server stands only if a majority sees no leader, and leads only while it is in touch \
                   with one.",
        },
        Switch {
            key: "seal",
            label: "A seal at the store",
            help: "A new leader seals the store with its epoch before it serves; the store refuses all \
                   earlier ones.",
        },
        Switch {
            key: "stonith",
            label: "Shoot the other node",
            help: "Whoever had the store last is switched off first. Not confirmed means no take-over.",
        },
    ],
    scripts: &[
        Script {
            label: "A zombie leader: cut 3 to 2, and a slow path",
            help: "S1, S2 and C1 are cut off from the others, the store and the power switch are not. What \
                   S1 sends to the store is held for 700 ms: watch the store at 1.8 s.",
            settings: &[],
            actions: three_to_two,
        },
        Script {
            label: "And then: 2, 2 and 1",
            help: "The servers fall into three sides, none of which is a majority.",
            settings: &[],
            actions: two_two_one,
        },
        Script {
            label: "And then: one way only",
            help: "For a while S1 and S2 hear none of the others, but are heard.",
            settings: &[],
            actions: one_way,
        },
        Script {
            label: "And then: nobody confirms",
            help: "The power switch is cut off; then three servers freeze, one after the other.",
            settings: &[],
            actions: nobody_confirms,
        },
    ],
    horizon_us: 6_500_000,
    grain_us: 1_000,
    layout: places,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

fn server_count(setup: &Setup) -> u16 {
    setup.count("nodes")
}

fn servers(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(server_count(setup))
}

fn store(setup: &Setup) -> NodeId {
    NodeId(server_count(setup))
}

fn power(setup: &Setup) -> NodeId {
    NodeId(server_count(setup) + 1)
}

fn clients(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::range(server_count(setup) + 2, setup.count("clients"))
}

/// The servers of the smaller side.
fn few(setup: &Setup) -> impl Iterator<Item = NodeId> + use<> {
    servers(setup).take((usize::from(server_count(setup)) - 1) / 2)
}

/// The sides of the default cut to the left and to the right, and between them what both reach.
fn places(setup: &Setup) -> Layout {
    let column = |x: i32, count: usize| {
        let step = 1_000 / (i32::try_from(count).unwrap_or(0) + 1);
        (1..).take(count).map(move |nth| Place { x, y: nth * step })
    };
    let (few, all) = (few(setup).count(), servers(setup).count());
    let ends = [Place { x: 500, y: 660 }, Place { x: 500, y: 240 }];
    let others = clients(setup).skip(1).count();
    let sides = column(240, few).chain(column(760, all - few));
    Layout::Free(sides.chain(ends).chain(column(50, 1)).chain(column(950, others)).collect())
}

/// Cuts these servers off, with these clients. The store and the power switch stay in reach of all.
fn split(setup: &Setup, at_us: u64, side: &[NodeId], with: Option<NodeId>) -> Vec<TimedAction> {
    let ends = [store(setup), power(setup)];
    let wires = side.iter().flat_map(|&a| ends.into_iter().flat_map(move |b| [(a, b), (b, a)]));
    let cut = Action::Partition(side.iter().copied().chain(with).collect());
    let mends = wires.map(|(from, to)| at(at_us, Action::Mend { from, to }));
    [at(at_us, cut)].into_iter().chain(mends).collect()
}

fn three_to_two(setup: &Setup) -> Vec<TimedAction> {
    let (from, to) = (NodeId(0), store(setup));
    let side: Vec<NodeId> = few(setup).collect();
    let mut actions = split(setup, 1_000_000, &side, clients(setup).next());
    actions.push(at(1_100_000, Action::Hold { from, to }));
    actions.push(at(1_800_000, Action::Release { from, to }));
    actions.push(at(4_500_000, Action::Heal));
    actions
}

fn two_two_one(setup: &Setup) -> Vec<TimedAction> {
    let side: Vec<NodeId> = few(setup).collect();
    let last: Vec<NodeId> = servers(setup).next_back().into_iter().collect();
    let mut actions = split(setup, 6_000_000, &side, clients(setup).next());
    actions.extend(split(setup, 6_000_000, &last, None));
    actions.push(at(8_500_000, Action::Heal));
    actions
}

fn one_way(setup: &Setup) -> Vec<TimedAction> {
    let many = servers(setup).skip(few(setup).count());
    let links = many.flat_map(|from| few(setup).map(move |to| (from, to)));
    let cuts = links.map(|(from, to)| at(6_000_000, Action::Cut { from, to }));
    cuts.chain([at(8_500_000, Action::Heal)]).collect()
}

fn nobody_confirms(setup: &Setup) -> Vec<TimedAction> {
    let freeze = |(id, from_us): (NodeId, u64)| {
        [at(from_us, Action::Pause(id)), at(from_us + 900_000, Action::Resume(id))]
    };
    let late = servers(setup).rev().take(3).zip([6_100_000, 7_100_000, 8_100_000]);
    let begin = [at(6_000_000, Action::Partition(vec![power(setup)]))];
    begin.into_iter().chain(late.flat_map(freeze)).chain([at(9_200_000, Action::Heal)]).collect()
}

fn config(setup: &Setup) -> Config {
    Config {
        servers: server_count(setup),
        store: store(setup),
        power: power(setup),
        timeout_us: setup.knob("timeout") * 1_000,
        needs_majority: setup.is_on("majority"),
        seals: setup.is_on("seal"),
        shoots: setup.is_on("stonith"),
    }
}

fn spawn(id: NodeId, setup: &Setup) -> Node {
    if id < store(setup) {
        Node::Server(Box::new(Server::new(config(setup))))
    } else if id == store(setup) {
        Node::Store(Store { checks_epoch: setup.is_on("seal") })
    } else if id == power(setup) {
        Node::Power
    } else {
        Node::Client(Writer::new(id.0 - power(setup).0 - 1, server_count(setup)))
    }
}

fn names(setup: &Setup) -> Vec<String> {
    let servers = (1..=setup.knob("nodes")).map(|n| format!("S{n}"));
    let ends = ["Store".to_owned(), "Power".to_owned()];
    servers.chain(ends).chain((1..=setup.knob("clients")).map(|n| format!("C{n}"))).collect()
}

const SPEC: Spec<Node, History> = Spec {
    names,
    spawn,
    environment: |_| Environment::uniform((2_000, 8_000), (1_000, 3_000)),
    commands: &[Command {
        label: "Write",
        accepts: |id, setup| clients(setup).any(|client| client == id),
        input: Input::Nothing,
        say: |_, _, _| Msg::Writer(Message::WriteNow),
    }],
    invariants: &[
        Invariant { name: "no two servers serve at the same time", check: judge::one_serves },
        Invariant {
            name: "the store applies no write of an earlier epoch",
            check: judge::no_zombie_writes,
        },
        Invariant {
            name: "an acknowledged write stays in its block",
            check: judge::nothing_is_lost,
        },
        Invariant { name: "a settled majority keeps its leader", check: judge::leader_stays },
    ],
    goals: &[
        Goal {
            name: "one server leads, and a majority sees it",
            within_us: |_| SETTLE_US,
            reached: judge::leader_is_seen,
        },
        Goal {
            name: "writes are acknowledged",
            within_us: |_| SETTLE_US + 1_000_000,
            reached: judge::serves,
        },
    ],
    sometimes: &[
        Sometimes { name: "another server takes over", seen: |_, history| history.has_changed },
        Sometimes { name: "a server is switched off", seen: |_, history| history.has_shot },
        Sometimes { name: "a leader steps down", seen: |_, history| history.gave_up },
    ],
    alerts: &[
        Alert { name: "a client waits longer than 500 ms", check: judge::nobody_waits },
        Alert { name: "a former leader knocks at the store", check: judge::nobody_is_fenced },
    ],
    metrics: &[
        Metric {
            label: "servers that serve",
            unit: "servers",
            read: |world, _| i64::try_from(judge::leading(world).len()).unwrap_or(i64::MAX),
        },
        Metric {
            label: "epoch at the store",
            unit: "",
            read: |world, _| world.disk(store(world.setup())).0.get().fence.epoch().cast_signed(),
        },
        Metric {
            label: "writes of earlier epochs refused",
            unit: "writes",
            read: |_, history| history.refused.cast_signed(),
        },
        Metric {
            label: "writes acknowledged",
            unit: "per second",
            read: |world, history| {
                let count = history.receipts.in_last_second(world.now_us());
                i64::try_from(count).unwrap_or(i64::MAX)
            },
        },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: view::panels,
};
