//! A store of keys on a handful of servers: one dies, another joins, and clients write all the while.
//!
//! A hash says which servers keep a key. If that is a remainder, one more server changes it for nearly
//! every key. On a ring on which each server has several places, one more server only takes stretches
//! over, from those who had them. The copies must follow: a server that is replaced keeps its copies until
//! the new one has them, and the new one speaks for a key only then. While a replica is down another
//! server stands in for it, knows that the key is not its own, and hands on. What slips through is found by trees of hashes.
//!
//! Karger et al. 1997, “Consistent Hashing and Random Trees”, section 4; `DeCandia` et al. 2007, “Dynamo”,
//! sections 4.2 to 4.8 and 6.4. Rings, hints and trees are in [`crate::mechanism::partition`].
//!
//! Left out: servers that leave the ring for good (hints wait for them, and so does who is to take a key
//! over from one), a second join, and two clients that write one key.

mod client;
mod judge;
mod lesson;
mod message;
mod node;
mod plan;
mod server;
mod view;

use client::Client;
use judge::History;
use message::{Msg, Say};
use node::Node;
use plan::Config;
use server::Server;

use crate::scenario::{
    Diagram, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Command, Environment, Goal, Input, Invariant, Metric, NodeId, Observed,
    Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

/// How long it may take after the last fault until all copies are where they should be.
const SETTLE_US: u64 = 5_000_000;

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "hash-ring-kv",
    seeds: &["15.9"],
    revision: 2,
    title: "One more server: which keys move?",
    family: Family::Replication,
    difficulty: 2,
    prerequisites: &["quorum-dial"],
    question: "A sixth server joins while another one is down and clients write: is every key still found?",
    promise: "What a client was told is stored is on enough disks, and is found, while servers die, come \
              back and join.",
    constraint: "No library for consistent hashing and no database; any server may be down, and no \
                 client waits for it.",
    guarantee: "Eventual: a read answered by a key's own replicas finds what they acknowledged; with stand-ins \
                it may be old.",
    naive: "A key's hash modulo the number of servers says where it is; after a join everybody goes by the new \
            number at once, and whoever stands in for a dead server does not know it.",
    hardened: "A ring with several places a server: a join moves keys only to who joins. Copies stay until they \
               have arrived, stand-ins know that it is not theirs, and trees of hashes find the rest.",
    breaks: "A server is down and another one joins while clients write.",
    survives: Faults {
        victims: |setup| everybody(setup).collect(),
        down_at_once: |setup| setup.count("servers") + 1 + setup.count("clients"),
        claim: "Safety needs no timing and no clock: crashes with restart of any number of servers and clients \
                (disks survive), pauses, cuts in both or one direction, held links, loss, duplication and \
                reordering. W − 1 disks may be lost for ever at any moment, N − 1 when all copies are home.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Write and read a key at any time, by asking servers directly.",
        "A write is told when W disks have it, stand-ins counted; a read when R have answered, R + W > N.",
        "One server can join while clients write.",
        "5 s after the last fault all copies are on the replicas they belong to.",
        "Out of scope: removing a server, a second join, two clients that write one key.",
    ],
    faced: &[
        ("replay", "Faced: a write that comes again is not newer than what is there."),
        ("late data", "Faced: an old write that comes late does not replace a newer one."),
        (
            "partial writes",
            "Faced: a write on too few disks is told to nobody; trees may spread it.",
        ),
        ("partitions", "Faced: stand-ins on the client's side keep what they get, and hand it on."),
        ("retries", "Faced: a client asks again in a new round, and old answers do not count."),
        ("clocks", "Faced: numbers of writes are compared, never times."),
        ("lossy networks", "Faced: offers are repeated until they are confirmed."),
        ("dying machines", "Faced while disks survive; of disks, W − 1 may be lost at once."),
    ],
    saturates_first: "Whoever has most of the ring: with one place a server the fullest has several times the \
                      mean, and it is the first that cannot keep up.",
    pitfalls: &[
        "Hash modulo n: one more server, and nearly every key is somewhere else.",
        "One place a server on the ring: the load is as uneven as chance makes it.",
        "A new server that answers at once: “no such key” from one that has not got it yet.",
        "Letting go of a copy when the ring changes rather than when the copy has arrived.",
        "Hints alone: they are lost with whoever keeps them. Trees find what they miss.",
    ],
    primitives: &[Primitive::Partitioning, Primitive::SequenceNumbers],
    sources: &[
        "Karger et al. 1997, “Consistent Hashing and Random Trees”, section 4",
        "DeCandia et al. 2007, “Dynamo: Amazon’s Highly Available Key-value Store”, sections 4.2 to 4.8, 6.4",
        "Lamping & Veach 2014, “A Fast, Minimal Memory, Consistent Hash Algorithm”: the load of a ring",
        "Merkle 1987, “A Digital Signature Based on a Conventional Encryption Function”",
    ],
    fidelity: Fidelity {
        modelled: &[
            "a ring of hashes with tokens, walked for replicas and stand-ins",
            "hints and moved keys, offered until all replicas have confirmed them on disk",
            "trees of hashes, compared level by level",
        ],
        simplified: &[
            "a client's library asks servers itself, and learns of a join from their answers",
            "one client writes each key, so that versions are numbers",
            "a hint names no replica: it is offered to all whose key it is, and each confirms it",
            "a disk is one value that is replaced as a whole",
        ],
        omitted: &[
            "removing a dead server: an operator would, and nobody would wait for what it was to hand over",
            "gossip of the list of servers: a join is told with every message",
            "read repair, which is a row of its own",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Client with ring", Role::Client, 0),
            ("Replicas", Role::Storage, 1),
            ("Stand-in", Role::Queue, 2),
            ("New server", Role::Storage, 2),
        ],
        arrows: &[
            (0, 1, "write to N, read from R"),
            (0, 2, "write, if one is silent"),
            (2, 1, "hand on"),
            (1, 3, "hand over"),
            (1, 1, "compare trees"),
        ],
    },
    knobs: &[
        Knob::count("servers", "Servers before the join", 5, 5..=8),
        Knob::count("tokens", "Places a server has", 4, 1..=16),
        Knob::count("copies", "Copies N", 3, 2..=4),
        Knob::count("keys", "Keys", 12, 6..=24),
        Knob::count("clients", "Clients", 3, 2..=5),
        Knob::percent("writes", "Share of writes", 50, 5..=95),
    ],
    switches: &[
        Switch {
            key: "ring",
            label: "A ring",
            help: "A key belongs to the first servers after its place on a ring, not to a remainder.",
        },
        Switch {
            key: "hints",
            label: "Stand-ins know it",
            help: "Who is not a key's own replica says so, and hands on what it keeps to those who are.",
        },
        Switch {
            key: "keep",
            label: "Keep until it has arrived",
            help: "Who loses a key to another keeps it until all whose it is have confirmed it.",
        },
        Switch {
            key: "wait",
            label: "Serve after the transfer",
            help: "A new replica answers for a key only when it has all that those had whose place it takes.",
        },
        Switch {
            key: "trees",
            label: "Trees of hashes",
            help: "Servers compare Merkle trees of their common keys, and exchange what differs.",
        },
    ],
    scripts: &[
        Script {
            label: "N1 dies, and N6 joins",
            help: "N1 is down from 1.2 s to 4 s. At 2 s a sixth server joins while clients write.",
            settings: &[],
            actions: dies_and_joins,
        },
        Script {
            label: "And then: the new server dies too",
            help: "N6 crashes 0.1 s after it has joined, in the middle of its transfer, and is back 1 s later.",
            settings: &[],
            actions: new_one_dies,
        },
        Script {
            label: "And then: lost and doubled",
            help: "For 2 s a fifth of all messages is lost, and a fifth comes twice.",
            settings: &[],
            actions: lossy,
        },
        Script {
            label: "And then: the transfer is stuck",
            help: "Two copies, and one answers a read. N6 joins while no other server's message gets to it: \
                   clients reach it, its keys do not.",
            settings: &[("copies", "2"), ("clients", "5"), ("writes", "30")],
            actions: stuck,
        },
        Script {
            label: "And then: a hint is lost on its way",
            help: "From 0.8 s to 2 s N4 and N5 are cut off. Some stand-ins are beyond the cut as well: nobody notes \
                   that a copy is missing.",
            settings: &[("keys", "24"), ("writes", "5")],
            actions: no_hint,
        },
    ],
    horizon_us: 7_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Ring,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

/// Returns the servers, with the one that may join.
fn servers(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(setup.count("servers") + 1)
}

/// Returns the server that may join.
fn spare(setup: &Setup) -> NodeId {
    NodeId(setup.count("servers"))
}

fn clients(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::range(setup.count("servers") + 1, setup.count("clients"))
}

fn everybody(setup: &Setup) -> impl Iterator<Item = NodeId> + use<> {
    servers(setup).chain(clients(setup))
}

/// The command that has a server join, by its place in the list.
const JOIN: u16 = 0;
/// The one that has a client write.
const WRITE: u16 = 1;

fn dies_and_joins(setup: &Setup) -> Vec<TimedAction> {
    vec![
        at(1_200_000, Action::Crash(NodeId(0))),
        at(2_000_000, Action::Command { command: JOIN, node: spare(setup) }),
        at(4_000_000, Action::Restart(NodeId(0))),
    ]
}

fn new_one_dies(setup: &Setup) -> Vec<TimedAction> {
    vec![at(2_100_000, Action::Crash(spare(setup))), at(3_100_000, Action::Restart(spare(setup)))]
}

fn lossy(_: &Setup) -> Vec<TimedAction> {
    vec![
        at(1_500_000, Action::Lose { percent: 20 }),
        at(1_500_000, Action::Duplicate { percent: 20 }),
        at(3_500_000, Action::Heal),
    ]
}

fn stuck(setup: &Setup) -> Vec<TimedAction> {
    let joins = spare(setup);
    let cut = |from| at(1_900_000, Action::Cut { from, to: joins });
    let others = servers(setup).filter(|id| *id != joins && *id != NodeId(0));
    others.map(cut).chain([at(3_900_000, Action::Heal)]).collect()
}

fn no_hint(setup: &Setup) -> Vec<TimedAction> {
    let side = NodeId::first(3).chain(clients(setup)).collect();
    let write = |(nth, node)| at(900_000 + 50_000 * nth, Action::Command { command: WRITE, node });
    let twice = clients(setup).chain(clients(setup));
    let writes = (0_u64..).zip(twice).map(write);
    let cut = [at(800_000, Action::Partition(side))];
    cut.into_iter().chain(writes).chain([at(2_000_000, Action::Heal)]).collect()
}

const SPEC: Spec<Node, History> = Spec {
    names: |setup| {
        let servers = (1..=setup.count("servers") + 1).map(|number| format!("N{number}"));
        servers.chain((1..=setup.count("clients")).map(|number| format!("C{number}"))).collect()
    },
    spawn: |me, setup| match me.0.checked_sub(setup.count("servers") + 1) {
        None => Node::Server(Box::new(Server::new(Config::of(setup)))),
        Some(index) => Node::Client(Box::new(Client::new(Config::of(setup), index))),
    },
    environment: |_| Environment::uniform((2_000, 10_000), (1_000, 3_000)),
    commands: &[
        Command {
            label: "Join",
            accepts: |id, setup| id == spare(setup),
            input: Input::Nothing,
            say: |_, _, _| Msg { ring: 0, say: Say::Join },
        },
        Command {
            label: "Write",
            accepts: |id, setup| id > spare(setup),
            input: Input::Nothing,
            say: |_, _, _| Msg { ring: 0, say: Say::WriteNow },
        },
        Command {
            label: "Read",
            accepts: |id, setup| id > spare(setup),
            input: Input::Nothing,
            say: |_, _, _| Msg { ring: 0, say: Say::ReadNow },
        },
    ],
    invariants: &[
        Invariant {
            name: "an acknowledged write is on W disks, whoever is down",
            check: judge::survives_losses,
        },
        Invariant {
            name: "what a key's own replicas acknowledged, they are found to have",
            check: judge::keys_are_found,
        },
        Invariant { name: "a join moves keys only to who joins", check: judge::only_to_who_joins },
    ],
    goals: &[
        Goal {
            name: "every acknowledged write is on all its own replicas",
            within_us: |_| SETTLE_US,
            reached: judge::writes_are_at_home,
        },
        Goal {
            name: "nobody waits for a transfer, and every client is served",
            within_us: |_| SETTLE_US,
            reached: |world, it| judge::awaited(world).is_empty() && judge::all_served(world, it),
        },
    ],
    sometimes: &[
        Sometimes { name: "a server keeps a key for others", seen: |_, it| it.kept.is_some() },
        Sometimes { name: "it hands it on and lets go", seen: |_, it| it.let_go > 0 },
        Sometimes { name: "a tree finds what was missed", seen: |_, it| it.repaired > 0 },
        Sometimes { name: "an answer comes from stand-ins too", seen: |_, it| it.unsure > 0 },
        Sometimes {
            name: "a new server has got all, from all whose places it takes",
            seen: judge::has_taken_over,
        },
    ],
    alerts: &[Alert {
        name: "more than 3 copies are missing where they should be",
        check: judge::few_are_missing,
    }],
    metrics: &[
        Metric {
            label: "copies missing where they should be",
            unit: "copies",
            read: |world, it| judge::missing(world, it).cast_signed(),
        },
        Metric {
            label: "keys kept for others",
            unit: "keys",
            read: |world, _| judge::in_custody(world).cast_signed(),
        },
        Metric {
            label: "keys with another first server",
            unit: "% of all",
            read: |world, _| {
                let all = u64::from(world.setup().count("keys"));
                let moved = 100 * judge::moved_by_now(world).unwrap_or_default();
                (moved + all / 2).checked_div(all).unwrap_or_default().cast_signed()
            },
        },
        Metric {
            label: "copies due on the fullest server",
            unit: "% of the mean",
            read: |world, _| judge::fullest_percent(world).cast_signed(),
        },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: view::panels,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Trial;
    use crate::scenario::Preset;
    use crate::view::Check;

    /// Runs a script without one of the safeguards.
    fn breaks(script: usize, without: Option<&str>, seed: u64) -> Vec<String> {
        let mut setup = Setup::new(&SCENARIO, Preset::Hardened, seed).for_script(script);
        if let Some(key) = without {
            setup.set(key, "off").expect("the row has it");
        }
        let actions = SCENARIO.script(&setup, script);
        let checks = Trial::new(setup, actions).run().checks;
        checks.into_iter().filter(Check::is_violated).map(|it| it.name).collect()
    }

    #[test]
    fn who_serves_before_the_transfer_misses_what_was_acknowledged() {
        let broken: Vec<_> = (1..=10).map(|seed| breaks(3, Some("wait"), seed)).collect();
        let found = "what a key's own replicas acknowledged, they are found to have";
        assert!(broken.iter().filter(|it| it == &&[found]).count() >= 5, "{broken:?}");
        assert!((1..=10).all(|seed| breaks(3, None, seed).is_empty()));
    }

    #[test]
    fn hints_alone_leave_copies_behind() {
        let broken: Vec<_> = (1..=10).map(|seed| breaks(4, Some("trees"), seed)).collect();
        let home = "every acknowledged write is on all its own replicas";
        assert!(broken.iter().filter(|it| it == &&[home]).count() >= 5, "{broken:?}");
        assert!((1..=10).all(|seed| breaks(4, None, seed).is_empty()));
    }
}
