//! Three replicas, one of which was down: how its copies become alike again, and what a delete has to leave
//! behind so that repair does not undo it.
//!
//! A reader asks one replica for its copy and the others for a digest. If they differ, it reads all, answers
//! with the newest, and then sends that to those that had something else: read repair. It finds only what
//! is read. Replicas that compare trees of hashes find everything. Both must be able to tell what is newer, and
//! a delete must be a version too: a tombstone. It may be collected when every replica has it, and nothing is
//! under way any more that was sent before.
//!
//! `DeCandia` et al. 2007, “Dynamo”, sections 4.7 and 4.9; Demers et al. 1987, “Epidemic Algorithms for
//! Replicated Database Maintenance”, section 2; Apache Cassandra's documentation: read repair, tombstones. Comparing
//! answers and collecting tombstones is in [`crate::mechanism::repair`], trees are in
//! [`crate::mechanism::partition`], versions and quorums in [`crate::mechanism::quorum`].
//!
//! Left out: hints, which the row of the ring has; repair before the answer, which makes reads atomic and is in
//! the row of the quorum dial; two clients that write one key; tombstones of ranges.

mod client;
mod config;
mod judge;
mod lesson;
mod message;
mod node;
mod server;
#[cfg(test)]
mod tests;
mod view;

use client::Client;
use config::{Config, Strategy};
use judge::History;
use message::{Deed, Msg};
use node::Node;
use server::Server;

use crate::scenario::{
    Diagram, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Command, Environment, Goal, Input, InputValue, Invariant, Metric, NodeId,
    Observed, Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

/// How long it may take after the last fault until every client is served.
const SERVED_US: u64 = 3_000_000;

/// The replica that is down for a while.
const STALE: NodeId = NodeId(2);

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "read-repair",
    seeds: &["410"],
    revision: 1,
    title: "Did it miss the write, or the delete?",
    family: Family::Replication,
    difficulty: 2,
    prerequisites: &["quorum-dial"],
    question: "A replica was down and comes back with old copies: who notices, and who repairs them?",
    promise: "Copies become alike again by themselves, and what was deleted stays deleted.",
    constraint: "No replica is in charge, any may be away for any time, and a copy that is not there says \
                 nothing of why.",
    guarantee: "Eventual for copies; for quorum reads regular: a read finds every write and delete that was \
                acknowledged before it.",
    naive: "A reader fills in what a replica lacks, by what most say; a delete removes the key; tombstones, if \
            there are any, go at an age.",
    hardened: "The higher version wins, wherever two meet. A delete is a version, a tombstone, and is collected \
               only when all replicas have confirmed it, and a grace later.",
    breaks: "A replica is down while keys are deleted, and is read when it is back.",
    survives: Faults {
        victims: |setup| replicas(setup).chain(clients(setup)).collect(),
        down_at_once: |setup| setup.count("replicas") + setup.count("clients"),
        // A message that may take any time outlives any grace.
        holds: false,
        claim: "Any number of replicas and clients crash and come back (disks survive), freeze, or are cut off \
                for any time; messages are lost, doubled and reordered. One assumption of time: a message takes \
                less than the grace of a tombstone or is lost. Wall clocks are not read.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Read, write and delete a key while a minority of replicas is away.",
        "A write is told when a majority has it on disk; a read when a majority has answered.",
        "Hot keys of table r are alike again once each was read with all replicas answering.",
        "All keys of table t are alike again 2 s and some comparisons after the last fault.",
        "Tombstones of table t are collected in the end.",
        "Out of scope: two clients that write one key, disks that are lost, atomic reads.",
    ],
    faced: &[
        ("replay", "Faced: a repair or a write that comes again is not newer than what is there."),
        (
            "late data",
            "Faced: an old version that comes late loses against a newer one, or a tombstone.",
        ),
        (
            "partial writes",
            "Faced: a write on one disk only is spread by whoever reads or compares it.",
        ),
        ("partitions", "Faced: who is cut off stays behind, and tombstones wait for it."),
        ("retries", "Faced: a client asks again in a new round, and old answers do not count."),
        (
            "clocks",
            "Faced: versions are numbers, and ages of tombstones are counted in a replica's own ticks.",
        ),
        ("lossy networks", "Faced: a lost repair is found again by the next read or comparison."),
        (
            "dying machines",
            "Faced while disks survive; who loses a disk must come back as a new replica.",
        ),
    ],
    saturates_first: "Comparing: each replica hashes all its keys at every comparison, changed or not; real \
                      stores keep the trees, and compare for hours.",
    pitfalls: &[
        "Taking “nothing” for “missed it”: a delete has to leave something behind.",
        "A grace that is shorter than the longest absence and the repair after it.",
        "Relying on read repair for data that is seldom read.",
        "A digest of the value alone: a delete and a new write of the same value look alike.",
        "Letting a repair win because it came last.",
    ],
    primitives: &[Primitive::SequenceNumbers, Primitive::VersionVectors],
    sources: &[
        "DeCandia et al. 2007, “Dynamo: Amazon’s Highly Available Key-value Store”, sections 4.7 and 4.9",
        "Demers et al. 1987, “Epidemic Algorithms for Replicated Database Maintenance”, sections 1.3 and 2",
        "Apache Cassandra documentation: read repair; tombstones and gc_grace_seconds",
        "Merkle 1987, “A Digital Signature Based on a Conventional Encryption Function”",
    ],
    fidelity: Fidelity {
        modelled: &[
            "digest reads, and a second read in full where digests differ",
            "read repair after the answer, by a table's own setting",
            "Merkle trees of all keys, compared level by level between pairs of replicas",
            "tombstones, collected by age or when all replicas have confirmed them",
        ],
        simplified: &[
            "a client's library coordinates its own reads and writes",
            "one client writes each key, so that versions are numbers; others use times of day",
            "a disk is one value that is replaced as a whole",
            "tombstones of n and r are never collected by the safe rule, since nobody compares these tables",
        ],
        omitted: &[
            "hinted handoff, which is in the row of the ring: here every missed write is for repair to find",
            "replicas that are replaced: they come with an empty disk, and are filled before they serve",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Client as coordinator", Role::Client, 0),
            ("Replicas A and B", Role::Storage, 1),
            ("Replica C, behind", Role::Storage, 2),
        ],
        arrows: &[
            (0, 1, "one copy, one digest"),
            (0, 2, "a digest; the newest, after a difference"),
            (1, 2, "trees of hashes, tombstones"),
            (1, 1, "trees of hashes"),
        ],
    },
    knobs: &[
        Knob::count("replicas", "Replicas N", 3, 3..=5),
        Knob::count("clients", "Clients", 2, 2..=3),
        Knob::count("keys", "Keys a table, half of them hot", 6, 6..=10),
        Knob::percent("writes", "Writes of hot keys", 30, 5..=50),
        Knob::percent("deletes", "Deletes among them", 0, 0..=40),
        Knob::count("all", "Of so many reads of a key one asks all", 1, 1..=3),
        Knob::milliseconds("interval", "Trees are compared every", 200, 100..=500),
        Knob::milliseconds("grace", "Grace of a tombstone", 1_000, 500..=3_000),
    ],
    switches: &[
        Switch {
            key: "versions",
            label: "Versions decide",
            help: "The higher version wins, wherever two meet; not what came last, or what most say.",
        },
        Switch {
            key: "tombstones",
            label: "Tombstones",
            help: "A delete leaves a version behind, so that nobody takes what is gone for what was missed.",
        },
        Switch {
            key: "confirmed",
            label: "Collect after repair",
            help: "A tombstone is collected when all replicas have confirmed it and then a grace is over, not \
                   at an age.",
        },
    ],
    scripts: &[
        Script {
            label: "C is down, and keys are deleted",
            help: "C is down from 1.5 s to 4.5 s. Meanwhile a hot and a cold key are deleted and a cold one is \
                   written, in every table.",
            settings: &[],
            actions: misses_deletes,
        },
        Script {
            label: "And then: A dies as C comes back",
            help: "A is down from 4.6 s to 5.6 s: of two that answer one is C, with its old copies.",
            settings: &[],
            actions: another_dies,
        },
        Script {
            label: "And then: lost and doubled",
            help: "For 2 s a fifth of all messages is lost, repairs too, and a fifth comes twice.",
            settings: &[],
            actions: lossy,
        },
        Script {
            label: "And then: C is cut off with its tombstones",
            help: "From 5.2 s to 7 s C is cut off again, and the deleted hot key is written anew.",
            settings: &[],
            actions: cut_off,
        },
    ],
    horizon_us: 9_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Layers,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

fn replicas(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(setup.count("replicas"))
}

fn clients(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::range(setup.count("replicas"), setup.count("clients"))
}

/// The commands, by their places in the list.
const WRITE: u16 = 0;
const DELETE: u16 = 1;

/// Has the nth client do something with a key of its own.
fn ask(setup: &Setup, (command, nth): (u16, usize), is_hot: bool) -> Action {
    let node = clients(setup).nth(nth).unwrap_or_default();
    Action::CommandWith { command, node, value: InputValue::Choice(u16::from(!is_hot)) }
}

fn misses_deletes(setup: &Setup) -> Vec<TimedAction> {
    vec![
        at(1_500_000, Action::Crash(STALE)),
        at(2_000_000, ask(setup, (DELETE, 0), true)),
        at(2_400_000, ask(setup, (WRITE, 0), false)),
        at(2_500_000, ask(setup, (DELETE, 1), false)),
        at(4_500_000, Action::Restart(STALE)),
    ]
}

fn another_dies(_: &Setup) -> Vec<TimedAction> {
    vec![at(4_600_000, Action::Crash(NodeId(0))), at(5_600_000, Action::Restart(NodeId(0)))]
}

fn lossy(_: &Setup) -> Vec<TimedAction> {
    vec![
        at(4_500_000, Action::Lose { percent: 20 }),
        at(4_500_000, Action::Duplicate { percent: 20 }),
        at(6_500_000, Action::Heal),
    ]
}

fn cut_off(setup: &Setup) -> Vec<TimedAction> {
    vec![
        at(5_200_000, Action::Partition(vec![STALE])),
        at(5_500_000, ask(setup, (WRITE, 0), true)),
        at(7_000_000, Action::Heal),
    ]
}

/// What a command takes: which of a client's own keys.
const WHICH: Input = Input::Choice { label: "a", options: &["hot key", "cold key"], default: 0 };

const SPEC: Spec<Node, History> = Spec {
    names: |setup| {
        let replicas = ["A", "B", "C", "D", "E"].into_iter().map(str::to_owned);
        let clients = (1..=setup.count("clients")).map(|number| format!("App {number}"));
        replicas.take(setup.count("replicas").into()).chain(clients).collect()
    },
    spawn: |me, setup| match me.0.checked_sub(setup.count("replicas")) {
        None => Node::Server(Box::new(Server::new(Config::of(setup)))),
        Some(index) => Node::Client(Box::new(Client::new(Config::of(setup), index))),
    },
    environment: |_| Environment::uniform((2_000, 10_000), (1_000, 3_000)),
    commands: &[
        Command {
            label: "Write",
            accepts: |id, setup| id.0 >= setup.count("replicas"),
            input: WHICH,
            say: |_, _, it| Msg::Ask { deed: Deed::Write, is_hot: it.choice() == 0 },
        },
        Command {
            label: "Delete",
            accepts: |id, setup| id.0 >= setup.count("replicas"),
            input: WHICH,
            say: |_, _, it| Msg::Ask { deed: Deed::Delete, is_hot: it.choice() == 0 },
        },
        Command {
            label: "Read",
            accepts: |id, setup| id.0 >= setup.count("replicas"),
            input: WHICH,
            say: |_, _, it| Msg::Ask { deed: Deed::Read, is_hot: it.choice() == 0 },
        },
    ],
    invariants: &[
        Invariant {
            name: "no replica ever replaces a version by an older one",
            check: judge::never_older,
        },
        Invariant { name: "a deleted key does not come back", check: judge::stays_deleted },
        Invariant {
            name: "a read finds every write that was acknowledged before it",
            check: judge::reads_find_writes,
        },
    ],
    goals: &[
        Goal {
            name: "hot keys of r are the newest on all replicas, once all answered a read",
            within_us: |setup| {
                let reads = setup.knob("keys").div_ceil(2) * setup.knob("all");
                SERVED_US + 1_500_000 * reads
            },
            reached: judge::reads_have_repaired,
        },
        Goal {
            name: "all keys of t are the newest on all replicas, read or not",
            within_us: |setup| 2_000_000 + 12_000 * setup.knob("interval"),
            reached: |world, it| judge::table_behind(world, it, Strategy::Trees) == 0,
        },
        Goal {
            name: "old tombstones of t are collected",
            within_us: |setup| {
                2_000_000 + 20_000 * setup.knob("interval") + 2_000 * setup.knob("grace")
            },
            reached: judge::old_tombstones_are_gone,
        },
        Goal {
            name: "every client is served",
            within_us: |_| SERVED_US,
            reached: judge::all_served,
        },
    ],
    sometimes: &[
        Sometimes { name: "a read repairs a replica", seen: |_, it| it.repairs > 0 },
        Sometimes { name: "a comparison of trees repairs one", seen: |_, it| it.by_trees > 0 },
        Sometimes { name: "all have confirmed a tombstone", seen: |_, it| it.settled > 0 },
        Sometimes { name: "a tombstone is collected", seen: |_, it| it.collected > 0 },
    ],
    alerts: &[Alert {
        name: "more than 4 copies are not the newest",
        check: judge::few_are_behind,
    }],
    metrics: &[
        Metric {
            label: "copies behind in n, which nothing repairs",
            unit: "copies",
            read: |world, it| judge::table_behind(world, it, Strategy::Nothing).cast_signed(),
        },
        Metric {
            label: "copies behind in r, which reads repair",
            unit: "copies",
            read: |world, it| judge::table_behind(world, it, Strategy::Reads).cast_signed(),
        },
        Metric {
            label: "copies behind in t, which trees repair",
            unit: "copies",
            read: |world, it| judge::table_behind(world, it, Strategy::Trees).cast_signed(),
        },
        Metric {
            label: "tombstones kept",
            unit: "tombstones",
            read: |world, _| judge::tombstones(world, &Strategy::ALL).cast_signed(),
        },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: view::panels,
};
