//! Three rules for who leads, side by side on the same faults.
//!
//! Three groups of servers, each with a store that its leader writes to. *Bully*: of all that answer, the
//! highest leads. *Lease*: whoever was granted the lead, until that ends. *Raft*: whoever has the votes of a majority.
//! Every fault strikes the servers of the same number in all groups, so that what differs is the rule.
//!
//! A rule that takes silence for death elects two as soon as a link fails one way; a rule that trusts
//! clocks does when a clock is worse than its margin. Two safeguards make both as safe as Raft: a
//! *majority* has to agree, and each reign has an *epoch* that is given once and that the store checks.
//! What they do not make equal is the price: messages, waiting, and how often the leader changes.
//!
//! Garcia-Molina 1982 (the Bully Algorithm), Gray & Cheriton 1989 (leases), Ongaro & Ousterhout 2014 (Raft), Burrows 2006
//! (Chubby, section 2.4: sequencers). The rules themselves are [`crate::mechanism::bully`],
//! [`crate::mechanism::lease`] and [`crate::mechanism::raft`].
//!
//! Left out: clients (a leader has work of its own), and what else Raft is for, its log (`raft-log`).

mod election;
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

use crate::scenario::{
    Diagram, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup, Switch, Unit,
};
use crate::sim::{
    Action, Alert, Command, Distribution, Environment, Goal, Input, Invariant, Metric, NodeId,
    Observed, Sometimes, Spec, TimedAction, Zones,
};
use crate::view::{Layout, Role};

/// A group's rule for who leads.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
enum Style {
    Bully,
    Lease,
    Raft,
}

impl Style {
    const ALL: [Self; 3] = [Self::Bully, Self::Lease, Self::Raft];

    const fn title(self) -> &'static str {
        match self {
            Self::Bully => "Bully",
            Self::Lease => "Lease",
            Self::Raft => "Raft",
        }
    }

    const fn letter(self) -> char {
        match self {
            Self::Bully => 'B',
            Self::Lease => 'L',
            Self::Raft => 'R',
        }
    }
}

/// How long a group may take to settle after a disturbance: leases that end, and several tries.
const SETTLE_US: u64 = 3_500_000;
/// As a puzzle names it, too.
const ONE_AFTER_THE_OTHER: &str = "a store hears one leader after the other, never two by turns";
/// How long a message takes.
const LATENCY: Distribution = Distribution::Uniform { low_us: 2_000, high_us: 8_000 };

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "election-styles",
    seeds: &["401"],
    revision: 1,
    title: "Three ways to elect a leader",
    family: Family::Consensus,
    difficulty: 2,
    prerequisites: &["single-leader"],
    question: "The highest number, a lease or a vote: which rule elects two leaders when a link fails?",
    promise: "Whoever leads, a store hears one leader after the other, never two by turns.",
    constraint: "Silence looks like death: a message that is lost and a server that is dead cannot be \
                 told apart, and clocks do not run alike.",
    guarantee: "Strong, for writes: each store takes one epoch after the other. Leadership itself is best \
                effort: a deposed leader may believe in itself for a while.",
    naive: "Bully: whoever hears no higher server leads. Lease: the first server grants the lead for a \
            while, and only clocks end it. Their stores obey everybody. Raft is as it is.",
    hardened: "In bully and lease, too, a majority must accept a leader, each reign has an epoch that a \
               server gives once, and the store refuses earlier ones. Raft has both built in.",
    breaks: "One link fails one way: bully elects a second coordinator beside the first. A clock worse \
             than its margin: two leases overlap.",
    survives: Faults {
        victims: |setup| NodeId::first(3 * (size(setup) + 1)).collect(),
        down_at_once: |setup| (size(setup) - 1) / 2,
        pauses: true,
        partitions: true,
        one_way_cuts: true,
        loss_percent: 30,
        duplicate_percent: 30,
        clock_step_us: 60_000_000,
        drift_ppm: 400_000,
        holds: true,
        flapping: true,
        deaf_or_mute: true,
        slow_us: 2_000,
        disk: &[],
        claim: "Safety needs no timing: crashes with restart, pauses, cuts in both or one direction, held \
                links, loss, duplication, reordering, and any clocks. That somebody leads needs the \
                network whole, right clock rates, and time to settle.",
    },
    requirements: &[
        "In each group one server leads, and writes to the group's store.",
        "As a store sees it, each epoch has one leader, and no two leaders' acknowledged writes overlap.",
        "Within 3.5 s after the last fault each group has a leader that a majority follows.",
        "Out of scope: what is written, clients, a store that is replicated itself, servers that lie.",
    ],
    faced: &[
        ("replay", "Faced: an epoch is given once; an old claim is refused, or says nothing new."),
        ("late data", "Faced: the store refuses a write of an epoch that is over, however late."),
        ("partial writes", "Excluded: a store keeps a write and its epoch atomically."),
        ("partitions", "Faced: of two sides at most one has a majority. Bully may stay restless."),
        ("retries", "Excluded: a write that is not acknowledged is not repeated."),
        ("clocks", "Faced: wall clocks are not read; wrong rates cost leases time, not safety."),
        ("lossy networks", "Faced: whoever waits for an answer in vain begins anew."),
        ("dying machines", "Faced: promises are on disk first; who grants leases waits one out."),
    ],
    saturates_first: "The network around a bully: its worst election takes n² − n − 1 messages, 71 for nine \
                      servers. A lease and Raft take a few for each server.",
    pitfalls: &[
        "Taking a missing answer for a proof: that needs a network that loses nothing.",
        "Letting a server that comes back take the lead: every restart is an election.",
        "Trusting a lease without a check at the store: its holder may be late, or its clock slow.",
        "One server that grants all leases: when it is down, nobody can lead.",
        "Counting elections by messages alone: what is waited for costs more than what is said.",
    ],
    primitives: &[
        Primitive::Heartbeats,
        Primitive::Leases,
        Primitive::SequenceNumbers,
        Primitive::WriteAheadLog,
    ],
    sources: &[
        "Garcia-Molina 1982, “Elections in a Distributed Computing System”, IEEE Transactions on \
         Computers C-31(1), pages 48–59: the Bully Algorithm",
        "Gray & Cheriton 1989, “Leases: An Efficient Fault-Tolerant Mechanism”, section 2",
        "Ongaro & Ousterhout 2014, “In Search of an Understandable Consensus Algorithm”, section 5.2",
        "Ongaro 2014, “Consensus: Bridging Theory and Practice” (thesis), section 9.6: pre-vote",
        "Burrows 2006, “The Chubby lock service for loosely-coupled distributed systems”, section 2.4",
    ],
    fidelity: Fidelity {
        modelled: &[
            "bully: election, OK, coordinator, and taking the lead back on recovery",
            "leases: granted by one server or a majority, counted on both sides, with a margin of 10 %",
            "Raft's elections whole: terms, votes on disk, pre-vote, check-quorum",
            "stores: the highest epoch on disk; acknowledged is what is on disk",
        ],
        simplified: &[
            "the last server of each group leads first, so that the same fault hits each leader",
            "Raft's leader writes to a store like the others, and its log stays blank",
            "leases are asked for in an order of rank, so that votes for them are seldom split",
        ],
        omitted: &[
            "bully's reorganisation of the work after an election",
            "the Invitation algorithm, for networks that lose messages",
            "operators: nobody moves a lead by hand, but you may have a server call an election",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Other servers", Role::Follower, 0),
            ("Leader", Role::Leader, 1),
            ("Store", Role::Storage, 2),
        ],
        arrows: &[
            (0, 1, "OK, grant or vote"),
            (1, 0, "I lead, and am here"),
            (1, 2, "write, with its epoch"),
            (2, 1, "acknowledged, or refused"),
        ],
    },
    knobs: &[
        Knob {
            key: "nodes",
            label: "Servers a group",
            unit: Unit::Count,
            min: 3,
            default: 5,
            max: 9,
        },
        Knob {
            key: "timeout",
            label: "Missed after",
            unit: Unit::Milliseconds,
            min: 120,
            default: 150,
            max: 300,
        },
    ],
    switches: &[
        Switch {
            key: "majority",
            label: "A majority",
            help: "A bully leads when a majority has accepted it, and a lease is granted by a majority, not by \
                   the first server alone.",
        },
        Switch {
            key: "epoch",
            label: "Epochs",
            help: "Each reign has a number that a server gives once and keeps on disk; a store refuses \
                   writes of earlier ones.",
        },
    ],
    scripts: &[
        Script {
            label: "A one-way link and a crash",
            help: "The leader no longer reaches the next server, one way, for 1.6 s. Then it crashes, and \
                   comes back.",
            settings: &[],
            actions: one_way_and_churn,
        },
        Script {
            label: "And then: two coordinators",
            help: "The higher servers of each group are cut off from the lower ones. All reach the stores.",
            settings: &[],
            actions: partition,
        },
        Script {
            label: "And then: a clock beyond its margin",
            help: "The clock of each number 4 runs at 60 %; then number 4 is cut off from the other servers.",
            settings: &[],
            actions: drift,
        },
    ],
    horizon_us: 6_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Zones,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

/// How many servers a group has.
fn size(setup: &Setup) -> u16 {
    setup.count("nodes")
}

/// Returns the servers of a group, by rank.
fn members(setup: &Setup, style: Style) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::range(style as u16 * (size(setup) + 1), size(setup))
}

/// Returns the store of a group.
fn store(setup: &Setup, style: Style) -> NodeId {
    NodeId(style as u16 * (size(setup) + 1) + size(setup))
}

/// Returns the servers of all groups that have this rank, 1 being the highest.
fn alike(setup: &Setup, rank: u16) -> [NodeId; 3] {
    Style::ALL.map(|style| NodeId(store(setup, style).0 - rank))
}

fn at(at_us: u64, action: Action) -> TimedAction {
    TimedAction { at_us, action }
}

fn one_way_and_churn(setup: &Setup) -> Vec<TimedAction> {
    let links = || alike(setup, 1).into_iter().zip(alike(setup, 2));
    let cuts = links().map(|(from, to)| at(1_000_000, Action::Cut { from, to }));
    let mends = links().map(|(from, to)| at(2_600_000, Action::Mend { from, to }));
    let crashes = alike(setup, 1).map(|id| at(3_200_000, Action::Crash(id)));
    let restarts = alike(setup, 1).map(|id| at(4_200_000, Action::Restart(id)));
    cuts.chain(mends).chain(crashes).chain(restarts).collect()
}

/// Cuts these servers off from the others. The stores stay in reach of all.
fn split(setup: &Setup, at_us: u64, side: &[NodeId]) -> Vec<TimedAction> {
    let wires = Style::ALL.into_iter().flat_map(|style| {
        let own = side.iter().copied().filter(move |id| members(setup, style).any(|it| it == *id));
        own.flat_map(move |id| {
            let store = store(setup, style);
            [(id, store), (store, id)]
        })
    });
    let mends = wires.map(|(from, to)| at(at_us, Action::Mend { from, to }));
    [at(at_us, Action::Partition(side.to_vec()))].into_iter().chain(mends).collect()
}

fn partition(setup: &Setup) -> Vec<TimedAction> {
    let side: Vec<NodeId> =
        (1..=(size(setup) - 1) / 2).flat_map(|rank| alike(setup, rank)).collect();
    let mut actions = split(setup, 6_200_000, &side);
    actions.push(at(7_700_000, Action::Heal));
    actions
}

fn drift(setup: &Setup) -> Vec<TimedAction> {
    let rates = |at_us: u64, drift_ppm: i32| {
        alike(setup, 2).map(|node| at(at_us, Action::Drift { node, drift_ppm }))
    };
    let mut actions = rates(6_000_000, -400_000).to_vec();
    actions.extend(split(setup, 6_500_000, &alike(setup, 2)));
    actions.push(at(8_000_000, Action::Heal));
    actions.extend(rates(8_000_000, 0));
    actions
}

fn spawn(id: NodeId, setup: &Setup) -> Node {
    let style = Style::ALL.into_iter().find(|style| id <= store(setup, *style));
    let style = style.unwrap_or(Style::Raft);
    // Raft has both built in.
    let is_on = |key| setup.is_on(key) || style == Style::Raft;
    if id == store(setup, style) {
        return Node::Store(Store::new(is_on("epoch")));
    }
    let config = Config {
        style,
        members: members(setup, style).collect(),
        store: store(setup, style),
        timeout_us: setup.knob("timeout") * 1_000,
        majority: is_on("majority"),
        epochs: is_on("epoch"),
    };
    Node::Server(Box::new(Server::new(id, config)))
}

fn names(setup: &Setup) -> Vec<String> {
    let group = |style: Style| {
        let servers = (1..=size(setup)).map(move |number| format!("{}{number}", style.letter()));
        servers.chain([format!("Store {}", style.letter())])
    };
    Style::ALL.into_iter().flat_map(group).collect()
}

fn environment(setup: &Setup) -> Environment {
    let zones = Zones {
        names: Style::ALL.map(|style| style.title().into()).into(),
        of: (0..3).flat_map(|zone| vec![zone; usize::from(size(setup)) + 1]).collect(),
        latency: vec![vec![LATENCY; 3]; 3],
    };
    Environment { zones: Some(zones), ..Environment::uniform((2_000, 8_000), (1_000, 3_000)) }
}

const SPEC: Spec<Node, History> = Spec {
    names,
    spawn,
    environment,
    commands: &[Command {
        label: "Call an election",
        accepts: |id, setup| Style::ALL.into_iter().all(|style| id != store(setup, style)),
        input: Input::Nothing,
        say: |_, _, _| Msg::CallElection,
    }],
    invariants: &[
        Invariant {
            name: "one leader an epoch, as its store sees it",
            check: judge::one_leader_an_epoch,
        },
        Invariant { name: ONE_AFTER_THE_OTHER, check: judge::no_writes_overlap },
    ],
    goals: &[
        Goal {
            name: "each group has one leader, and a majority follows it",
            within_us: |_| SETTLE_US,
            reached: judge::each_has_a_leader,
        },
        Goal {
            name: "each store is written to",
            within_us: |_| SETTLE_US,
            reached: judge::all_are_written,
        },
    ],
    sometimes: &[
        Sometimes {
            name: "a store refuses a former leader",
            seen: |world, it| judge::nobody_is_refused(world, it).is_err(),
        },
        Sometimes {
            name: "two believe that they lead",
            seen: |world, _| judge::divided(world).is_some(),
        },
        Sometimes {
            name: "each group has changed its leader",
            seen: |_, it| Style::ALL.into_iter().all(|style| it.of(style).changes > 0),
        },
    ],
    alerts: &[
        Alert { name: "two servers of a group lead", check: judge::one_leads },
        Alert { name: "a former leader knocks at a store", check: judge::nobody_is_refused },
    ],
    metrics: &[
        Metric {
            label: "messages of bully's last election",
            unit: "messages",
            read: |_, it| it.messages(Style::Bully),
        },
        Metric {
            label: "messages of the lease's last election",
            unit: "messages",
            read: |_, it| it.messages(Style::Lease),
        },
        Metric {
            label: "messages of Raft's last election",
            unit: "messages",
            read: |_, it| it.messages(Style::Raft),
        },
        Metric {
            label: "bully: time to a stable leader",
            unit: "ms",
            read: |_, it| it.stable_ms(Style::Bully),
        },
        Metric {
            label: "lease: time to a stable leader",
            unit: "ms",
            read: |_, it| it.stable_ms(Style::Lease),
        },
        Metric {
            label: "Raft: time to a stable leader",
            unit: "ms",
            read: |_, it| it.stable_ms(Style::Raft),
        },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: view::panels,
};
