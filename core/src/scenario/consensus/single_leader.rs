//! One leader, though clocks lie and the network splits.
//!
//! The obvious design gives the leader a lease: it leads until a time on the wall clock, and whoever
//! sees that time pass takes over. Two clocks that differ then see two leaders, and a cut keeps them
//! from noticing. The safeguards replace the clock by counting: a majority of votes makes a leader of
//! a numbered term, and a majority of disks makes a write safe. Two majorities share a server, so
//! what one has decided the next one knows. Clocks still say when to *try*; they decide nothing.
//!
//! Ongaro & Ousterhout 2014 (Raft): §5.2 elections, §5.3 the log, §5.4 safety, §8 clients. Ongaro's
//! thesis 2014: §6.2 check-quorum, §9.6 pre-vote. Howard & Abraham 2020, "Raft does not guarantee
//! liveness in the face of network faults": why both are needed. The algorithm itself is in
//! [`crate::mechanism::raft`].
//!
//! Left out: snapshots and membership changes (of the `raft-log` row), reads, and a store that checks
//! terms by itself (of the `split-brain` row).

mod judge;
mod lesson;
mod node;
mod puzzles;
mod server;
mod view;

use judge::{History, clients, servers};
use node::{Msg, Node};
use server::Server;

use crate::mechanism::raft::{self, Config, Election};
use crate::mechanism::writer::{Message, Writer};
use crate::scenario::{
    Diagram, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Command, Environment, Goal, Input, Invariant, Metric, NodeId, Observed,
    Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

/// The server that leads first.
const S1: NodeId = NodeId(0);
/// How often a leader speaks.
const HEARTBEAT_US: u64 = 50_000;

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "single-leader",
    seeds: &["12.10"],
    revision: 2,
    title: "One leader, though clocks lie",
    family: Family::Consensus,
    difficulty: 2,
    prerequisites: &[],
    question: "How do servers agree on one leader when clocks are wrong and a second leader would be \
               a disaster?",
    promise: "A write that was acknowledged is never lost, and never contradicted by another leader.",
    constraint: "No clock can be trusted, the network splits, and a server that is cut off cannot \
                 know what the others have decided.",
    guarantee: "Strong: acknowledged writes form one log, in one order, on a majority of disks. \
                Availability is given up on the smaller side of a cut.",
    naive: "A lease by wall clock: the leader leads until a time, renewed by any follower's answer. \
            A follower whose clock says that the lease is over takes over and asks nobody. The leader \
            acknowledges a write when its own disk has it.",
    hardened: "Raft: a majority of votes makes the leader of a term, a majority of disks makes a \
               write safe, a leader without a majority steps down, and nobody raises the term \
               before a majority says that it hears no leader either.",
    breaks: "A clock set back, and a cut: the old leader goes on by its own clock while another has \
             taken over, and both acknowledge writes, each from its own disk alone.",
    survives: Faults {
        victims: |setup| servers(setup).collect(),
        down_at_once: |setup| (setup.count("nodes") - 1) / 2,
        drift_ppm: 100_000,
        slow_us: 20_000,
        claim: "Safety needs no timing at all: crashes with restart (disks survive), pauses of any \
                length, slow nodes, cuts in both or one direction that stay or come and go, held \
                links, loss, duplication, reordering, and wall clocks that say anything. \
                Availability needs a connected majority, clock rates within 10 % and latencies well \
                below the election timeout.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Clients write through the leader; a write is acknowledged when it is safe, and not before.",
        "At most one leader per term; a write acknowledged in any term is never lost or contradicted.",
        "A connected majority settles on a leader, and serves, within ten longest election timeouts.",
        "A retry of a write is the same write: of all its copies one is committed, and acknowledged.",
        "Out of scope: reads, snapshots, changing members, servers that lie.",
    ],
    faced: &[
        (
            "replay",
            "Faced: an old message carries an old term and is refused, or says nothing new.",
        ),
        (
            "late data",
            "Faced: entries that a later leader does not have are dropped, never merged.",
        ),
        ("partial writes", "Excluded: term, vote and log are replaced on disk atomically."),
        ("partitions", "Faced: only a side with a majority elects and acknowledges."),
        (
            "retries",
            "Faced: writes carry client and number; the leader answers a retry from its log.",
        ),
        (
            "clocks",
            "Faced: wall clocks are not read. Waiting uses each server's own monotonic clock.",
        ),
        ("lossy networks", "Faced: requests are repeated until answered; answers may be repeated."),
        (
            "dying machines",
            "Faced: a minority may be down for any time and comes back with its disk.",
        ),
    ],
    saturates_first: "The leader: every write costs it a message to and from each other server. Nine \
                      servers are no faster than three; they survive more failures.",
    pitfalls: &[
        "Taking check-quorum for a safeguard against two leaders: it only frees the clients of a leader \
         that is cut off, after a time on its own clock; safety never relies on it.",
        "Voting before the vote is on disk: after a crash the server votes again in the same term.",
        "Acknowledging what is only in a majority's memory: a power cut takes it from all of them.",
        "Running an even number of servers: four survive no more failures than three, and need \
         three for a majority.",
        "Reading a lease's end off another machine's clock, and calling the clock error rare.",
    ],
    primitives: &[
        Primitive::WriteAheadLog,
        Primitive::SequenceNumbers,
        Primitive::DedupLog,
        Primitive::Heartbeats,
        Primitive::Leases,
        Primitive::AppendOnlyLog,
    ],
    sources: &[
        "Ongaro & Ousterhout 2014, “In Search of an Understandable Consensus Algorithm”, figure 2, \
         sections 5 and 8",
        "Ongaro 2014, “Consensus: Bridging Theory and Practice” (thesis), sections 6.2, 9.6, 10.2.1",
        "Howard & Abraham 2020, “Raft does not guarantee liveness in the face of network faults”",
        "Gray & Cheriton 1989, “Leases”: clock errors must be bounded for a lease to be safe",
    ],
    fidelity: Fidelity {
        modelled: &[
            "elections: terms, votes, up-to-date check, pre-vote, check-quorum",
            "the log: AppendEntries, stepping back by terms, commit by majority in the term",
            "term, vote and log on disk before they are promised; the leader's disk works in parallel",
            "clients: numbers on disk, hints to the leader, waits that grow, jitter",
        ],
        simplified: &[
            "disk writes are atomic: torn writes are the lesson of other rows",
            "server 1 stands for election at once when the group is new, instead of waiting",
            "clients have no directory of the cluster: any server tells them who leads, as far as it knows",
        ],
        omitted: &[
            "snapshots and membership: the row raft-log",
            "reads: they need a round of their own, or a lease with bounded clock drift",
            "operators and automation: nothing here acts on its own but the servers",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Clients", Role::Client, 0),
            ("Leader", Role::Leader, 1),
            ("Its disk", Role::Storage, 2),
            ("Followers", Role::Follower, 2),
            ("Their disks", Role::Storage, 3),
        ],
        arrows: &[
            (0, 1, "write, retry"),
            (1, 2, "term, vote, log"),
            (1, 3, "entries, heartbeats"),
            (3, 4, "term, vote, log"),
            (3, 1, "votes, answers"),
            (1, 0, "acknowledged, or who leads"),
        ],
    },
    knobs: &[
        Knob::count("nodes", "Servers", 5, 3..=9),
        Knob::count("clients", "Clients", 2, 1..=8),
        Knob::milliseconds("skew", "S1's clock set back by", 350, 0..=400),
        Knob::milliseconds("timeout", "Shortest election timeout", 150, 100..=300),
    ],
    switches: &[
        Switch {
            key: "majority",
            label: "A majority to lead",
            help: "A majority of votes makes a leader of a term, instead of a lease and a wall clock.",
        },
        Switch {
            key: "quorum-commit",
            label: "A majority of disks",
            help: "A write is acknowledged when a majority has it on disk, not the leader alone.",
        },
        Switch {
            key: "check-quorum",
            label: "Step down without a majority",
            help: "A leader that hears no majority for an election timeout, by its own clock, stops \
                   leading. For availability only.",
        },
        Switch {
            key: "pre-vote",
            label: "Ask before standing",
            help: "A server raises the term only if a majority says that it hears no leader either. \
                   For availability only.",
        },
    ],
    scripts: &[
        Script {
            label: "A wrong clock and a cut",
            help: "S1's clock is set back. Then S1 is cut off, together with one client, for 2 s.",
            settings: &[],
            actions: wrong_clock_and_cut,
        },
        Script {
            label: "And then: the others restart",
            help: "While S1 is cut off, the other servers crash and restart, one after the other.",
            settings: &[],
            actions: others_restart,
        },
        Script {
            label: "And then: S1 goes deaf",
            help: "S1 hears nobody for 4 s, but everybody hears S1.",
            settings: &[],
            actions: goes_deaf,
        },
        Script {
            label: "And then: a split vote",
            help: "At 4 s all servers lose power. Four come back, freeze, and wake up at the same moment. Watch \
                   from 4.6 s on: several stand in one term, and nobody wins it.",
            settings: &[],
            actions: split_vote,
        },
    ],
    horizon_us: 6_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Ring,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

fn wrong_clock_and_cut(setup: &Setup) -> Vec<TimedAction> {
    let by_us = -i64::try_from(setup.knob("skew") * 1_000).unwrap_or(i64::MAX);
    let side = [S1].into_iter().chain(clients(setup).take(1)).collect();
    vec![
        at(500_000, Action::StepClock { node: S1, by_us }),
        at(1_000_000, Action::Partition(side)),
        at(3_000_000, Action::Heal),
    ]
}

fn others_restart(setup: &Setup) -> Vec<TimedAction> {
    let crash = |(id, n): (NodeId, u64)| {
        let at_us = 1_600_000 + n * 400_000;
        [at(at_us, Action::Crash(id)), at(at_us + 250_000, Action::Restart(id))]
    };
    servers(setup).skip(1).zip(0..).flat_map(crash).collect()
}

fn goes_deaf(setup: &Setup) -> Vec<TimedAction> {
    let cuts = servers(setup).skip(1).map(|from| at(3_500_000, Action::Cut { from, to: S1 }));
    cuts.chain([at(7_500_000, Action::Heal)]).collect()
}

/// Four of five know no leader, and an even number may split. The crash is beyond what is claimed: all
/// are down at one time.
fn split_vote(setup: &Setup) -> Vec<TimedAction> {
    let all: Vec<NodeId> = servers(setup).collect();
    let Some((last, others)) = all.split_last() else { return Vec::new() };
    let each = |ids: &[NodeId], ms: u64, action: fn(NodeId) -> Action| {
        ids.iter().map(|id| at(1_000 * ms, action(*id))).collect::<Vec<_>>()
    };
    let steps = [
        each(&all, 4_000, Action::Crash),
        each(others, 4_100, Action::Restart),
        each(others, 4_110, Action::Pause),
        each(others, 4_600, Action::Resume),
        each(&[*last], 5_500, Action::Restart),
    ];
    steps.concat()
}

/// Returns the range from which each server draws how long it waits for a leader.
fn election_timeout_us(setup: &Setup) -> (u64, u64) {
    let shortest_us = setup.knob("timeout") * 1_000;
    (shortest_us, 2 * shortest_us)
}

fn config(setup: &Setup) -> Config {
    Config {
        members: servers(setup).collect(),
        election: if setup.is_on("majority") { Election::ByVotes } else { Election::ByHost },
        election_timeout_us: election_timeout_us(setup),
        heartbeat_us: HEARTBEAT_US,
        pre_vote: setup.is_on("pre-vote"),
        check_quorum: setup.is_on("check-quorum"),
    }
}

fn spawn(id: NodeId, setup: &Setup) -> Node {
    let servers = setup.count("nodes");
    if id.0 < servers {
        let server = Server::new(config(setup), setup.is_on("quorum-commit"));
        Node::Server(Box::new(server))
    } else {
        Node::Client(Writer::new(id.0 - servers, servers))
    }
}

fn names(setup: &Setup) -> Vec<String> {
    let servers = (1..=setup.knob("nodes")).map(|n| format!("S{n}"));
    servers.chain((1..=setup.knob("clients")).map(|n| format!("C{n}"))).collect()
}

const SPEC: Spec<Node, History> = Spec {
    names,
    spawn,
    environment: |_| Environment::uniform((2_000, 8_000), (1_000, 3_000)),
    commands: &[Command {
        label: "Write",
        accepts: |id, setup| clients(setup).any(|client| client == id),
        input: Input::Number { label: "", unit: "in a row", min: 1, max: 20, default: 1 },
        say: |_, _, given| {
            let count = u32::try_from(given.number()).unwrap_or(1);
            let many = Message::WriteMany(count);
            Msg::Writer(if count == 1 { Message::WriteNow } else { many })
        },
    }],
    invariants: &[
        Invariant {
            name: "at most one leader per term",
            check: |world, it| raft::election_safety(world, &it.raft),
        },
        Invariant {
            name: "an old leader stops once a new one acknowledges",
            check: judge::earlier_is_silent,
        },
        Invariant {
            name: "no two writes acknowledged for one entry",
            check: judge::receipts_agree,
        },
        Invariant { name: "an acknowledged write stays on a disk", check: judge::nothing_is_lost },
        Invariant { name: "a write is in the log once", check: judge::written_once },
        Invariant {
            name: "logs that share an entry share all before it",
            check: judge::logs_match,
        },
        Invariant { name: "a connected majority serves", check: judge::majority_serves },
        Invariant { name: "a settled leader stays", check: judge::leader_stays },
    ],
    goals: &[
        Goal {
            name: "a leader exists",
            within_us: judge::settle_us,
            reached: judge::leader_exists,
        },
        Goal {
            name: "writes are acknowledged",
            within_us: |setup| judge::settle_us(setup) + 1_000_000,
            reached: judge::serves,
        },
        Goal {
            name: "all servers have all acknowledged writes",
            within_us: |setup| judge::settle_us(setup) + 2_000_000,
            reached: judge::caught_up,
        },
    ],
    sometimes: &[
        Sometimes { name: "the leader changes", seen: |_, history| history.raft.leader_changed() },
        Sometimes { name: "a vote is split", seen: |_, history| history.raft.was_split() },
        Sometimes {
            name: "a retry is answered from the log",
            seen: |_, history| history.was_recognised,
        },
        Sometimes { name: "a write is refused", seen: |_, history| history.was_refused },
        Sometimes {
            name: "an entry that was never acknowledged is dropped",
            seen: |_, history| history.raft.dropped(),
        },
    ],
    alerts: &[
        Alert {
            name: "two servers believe that they lead",
            check: |world, it| raft::one_believes(world, &it.raft),
        },
        Alert { name: "a client waits longer than 500 ms", check: judge::nobody_waits },
    ],
    metrics: &[
        Metric {
            label: "writes acknowledged",
            unit: "per second",
            read: judge::acknowledged_a_second,
        },
        Metric {
            label: "servers that believe they lead",
            unit: "servers",
            read: |world, _| i64::try_from(raft::leading(world).len()).unwrap_or(i64::MAX),
        },
        Metric { label: "longest wait of a client", unit: "ms", read: judge::longest_wait_ms },
    ],
    lesson: lesson::LESSON,
    puzzles: puzzles::PUZZLES,
    panels: view::panels,
};
