//! News without a coordinator: nodes tell each other where they serve, over datagrams that get lost.
//!
//! Nobody keeps the list of who serves where, and nobody waits for anybody: each node tells what is
//! new to it to others at random, until that seems to be in vain, and now and then compares all that it
//! knows with somebody. What makes that safe is that news can be told from old: an announcement carries
//! a version, of which the newer wins whatever comes first. A withdrawal is an announcement too, since
//! the absence of an entry looks like an entry that was not heard of yet; and a node that restarts must
//! not count from the beginning again, or its old words win against its new ones.
//!
//! Demers et al. 1987, "Epidemic algorithms for replicated database maintenance": §1.3 anti-entropy,
//! §1.4 rumor mongering, §2 death certificates. Generations: van Renesse et al. 2008 ("Scuttlebutt").
//! The algorithms are in [`crate::mechanism::gossip`]. The switches act in [`node`].
//!
//! Left out: noticing that a node is dead (of the `swim-membership` row): the address of a node that
//! is down stays listed; several writers of one entry; digests, which save bytes and change no result.

mod judge;
mod lesson;
mod message;
mod node;
mod spread;
mod view;

use judge::History;
use message::Msg;
use node::{Config, Node};

use crate::mechanism::gossip::{Interest, Merge, Rule, Spread};
use crate::scenario::{
    Choice, Diagram, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Command, Environment, Goal, Input, Invariant, Metric, NodeId, Observed,
    Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

/// The commands, by their places in the list.
const MOVE: u16 = 0;
const WITHDRAW: u16 = 1;
/// Who moves in the default script while others are frozen.
const FIRST: NodeId = NodeId(0);
/// Who withdraws its address meanwhile.
const FOURTH: NodeId = NodeId(3);

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "gossip-udp",
    seeds: &["15.7"],
    revision: 1,
    title: "Gossip over lost datagrams",
    family: Family::Consensus,
    difficulty: 1,
    prerequisites: &[],
    question: "How does everybody learn what changes, when messages get lost and nobody is in charge?",
    promise: "Everybody comes to know the last thing that each node has said of itself, and never \
              goes back to an older one.",
    constraint: "Datagrams only: they get lost, doubled, late and overtaken, and there is no list of \
                 who has heard what.",
    guarantee: "Eventual: 30 comparisons after the last fault and change (3 s), every directory is \
                right. Until then an entry may be old, but it never becomes older.",
    naive: "A node passes on each change that it hears, and takes over whatever it hears last. A \
            withdrawn address is deleted everywhere. There are no versions, and nothing is on disk.",
    hardened: "Each announcement has a version, of which the newer wins: a generation, raised on disk \
               at each start, and a number. A withdrawal is a tombstone with a version. Besides \
               rumors, nodes compare all they know, for ever.",
    breaks: "A node that froze wakes up and tells what has long been untrue; a lost rumor is never \
             told again; a deleted address comes back from a node that had not heard of the deletion; \
             a node that restarts counts from the beginning, and its old words win.",
    survives: Faults {
        victims: |setup| nodes(setup).collect(),
        down_at_once: |setup| setup.count("nodes"),
        loss_percent: 70,
        duplicate_percent: 70,
        slow_us: 10_000,
        claim: "Crashes with restart, of all nodes at once too; pauses, slow nodes, cuts that stay or \
                come and go, held links, loss, duplication and reordering. Safety needs no timing and \
                reads no wall clock. Agreement after 30 comparisons is a matter of chance, missed once \
                in a billion, and assumes at most 30 % loss, latencies up to 15 ms and clock rates \
                within 5 %.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Announce and withdraw an address at any node at any time, without waiting for anybody.",
        "Look an address up at any node at once. It may be old; without faults, rarely by over 200 ms.",
        "The traffic of a node does not grow with the number of nodes, but for the size of a table.",
        "Out of scope: whether a node that is listed is alive, several writers of one entry, secrecy.",
    ],
    faced: &[
        ("replay", "Faced: an announcement that was heard already is not newer than itself."),
        ("late data", "Faced: what is late has an older version, and is ignored."),
        ("partial writes", "Excluded: the generation is one number, replaced atomically."),
        ("partitions", "Faced: each side goes on; comparisons bring both together after the cut."),
        ("retries", "Faced: gossip is all retries; a rumor is told until it seems known."),
        ("clocks", "Faced: versions are counted, not read off a clock. Rates only set the pace."),
        ("lossy networks", "Faced: what rumors miss, a comparison finds."),
        (
            "dying machines",
            "Faced while disks survive: the generation is on disk before it is told.",
        ),
    ],
    saturates_first: "The datagram: a comparison carries an entry a node, 34 bytes each, and some 40 \
                      fit into one packet. From there on digests are compared first.",
    pitfalls: &[
        "Deleting instead of burying: the absence of an entry looks like one not heard of yet.",
        "Throwing a tombstone away before everybody has it: the next old copy is taken for news.",
        "Versions from a wall clock: one node with a clock ahead wins for as long as it was ahead.",
        "Counting versions in memory only: after a restart the old words win against the new ones.",
        "Rumors without comparisons: a few never hear, and nobody notices who.",
    ],
    primitives: &[Primitive::VersionVectors, Primitive::SequenceNumbers, Primitive::Replay],
    sources: &[
        "Demers et al. 1987, “Epidemic algorithms for replicated database maintenance”, sections 1.3, \
         1.4, 2 and table 1",
        "van Renesse, Dumitriu, Gough & Thomas 2008, “Efficient Reconciliation and Flow Control for \
         Anti-Entropy Protocols”",
        "Apache Cassandra documentation, “Dynamo”: gossip, with generation and version",
    ],
    fidelity: Fidelity {
        modelled: &[
            "rumor mongering: blind or feedback, coin or counter, push, pull or both",
            "anti-entropy, tombstones, generations on disk",
            "the epidemic equations, solved beside the measured curve",
        ],
        simplified: &[
            "a node has one entry, its address, and announces it by itself four times",
            "all nodes know from the beginning who there is",
        ],
        omitted: &[
            "tombstones are never collected: one a node at most is cheap here",
            "operators and automation: nothing acts here but the nodes",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Service", Role::Client, 0),
            ("Node", Role::Peer, 1),
            ("Generation", Role::Storage, 2),
            ("Somebody at random", Role::Peer, 2),
        ],
        arrows: &[
            (0, 1, "moves, ends"),
            (1, 2, "raised at start"),
            (1, 3, "what is new; sometimes all"),
            (3, 1, "knew that; what is newer"),
        ],
    },
    knobs: &[
        Knob::count("nodes", "Nodes", 10, 4..=16),
        Knob::percent("loss", "Datagrams lost at all times", 10, 0..=30),
        Knob::one_of(
            "spread",
            "Who tells",
            1,
            1,
            &[
                Choice { key: "push", label: "the caller (push)" },
                Choice { key: "pull", label: "the called (pull)" },
                Choice { key: "both", label: "both" },
            ],
        ),
        Knob::one_of(
            "rule",
            "Losing interest",
            4,
            1,
            &[
                Choice { key: "blind-coin", label: "blind coin" },
                Choice { key: "blind-counter", label: "blind counter" },
                Choice { key: "feedback-coin", label: "feedback coin" },
                Choice { key: "feedback-counter", label: "feedback counter" },
            ],
        ),
        Knob::count("k", "Contacts until interest is lost (k)", 2, 1..=5),
        Knob::milliseconds("round", "Tell rumors every", 20, 10..=40),
        Knob::milliseconds("compare", "Compare directories every", 100, 50..=150),
    ],
    switches: &[
        Switch {
            key: "versions",
            label: "The newer version wins",
            help: "Of two announcements of a node the one with the greater version counts, not the one \
                   that is heard last.",
        },
        Switch {
            key: "generation",
            label: "Generation on disk",
            help: "A node raises a number on its disk at each start, and its versions begin with it.",
        },
        Switch {
            key: "tombstones",
            label: "Tombstones",
            help: "A withdrawn address stays in the directory, marked and with a version, instead of \
                   being deleted.",
        },
        Switch {
            key: "anti-entropy",
            label: "Compare for ever",
            help: "Now and then a node tells somebody all that it knows, and not only what is new to it.",
        },
    ],
    scripts: &[
        Script {
            label: "Freeze, cut, restart",
            help: "Every third node freezes for a while and misses changes. Later the network splits, and a \
                   node restarts meanwhile.",
            settings: &[],
            actions: freeze_cut_restart,
        },
        Script {
            label: "And then: doubled and stuck",
            help: "Many datagrams arrive twice, and some are stuck for a second and come very late.",
            settings: &[],
            actions: doubled_and_stuck,
        },
        Script {
            label: "And then: lights out",
            help: "All nodes are down at the same time, so that nobody remembers anything.",
            settings: &[],
            actions: lights_out,
        },
        Script {
            label: "And then: the resurrected entry",
            help: "At 4 s N1 moves, and every third node freezes with that news; N1 withdraws it; at 4.9 s \
                   they wake and tell it. Watch N1's column in “Directories”: † must stay.",
            settings: &[],
            actions: resurrected_entry,
        },
    ],
    horizon_us: 10_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Ring,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

fn nodes(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(setup.count("nodes"))
}

/// Returns every third node, from the one with this identity on.
fn third(setup: &Setup, first: u16) -> Vec<NodeId> {
    nodes(setup).filter(|id| id.0 % 3 == first).collect()
}

fn freeze_cut_restart(setup: &Setup) -> Vec<TimedAction> {
    let ask = |at_us, command, node| at(at_us, Action::Command { command, node });
    let each = |at_us, act: fn(NodeId) -> Action| {
        third(setup, 1).into_iter().map(move |id| at(at_us, act(id)))
    };
    let last = nodes(setup).next_back().unwrap_or_default();
    let mut actions = vec![ask(650_000, MOVE, FIRST), ask(650_000, MOVE, FOURTH)];
    actions.extend(each(720_000, Action::Pause));
    actions.extend([ask(1_100_000, MOVE, FIRST), ask(1_100_000, WITHDRAW, FOURTH)]);
    actions.extend(each(1_500_000, Action::Resume));
    actions.extend([
        at(1_800_000, Action::Partition(third(setup, 2))),
        at(2_100_000, Action::Crash(last)),
        at(3_000_000, Action::Heal),
        at(3_000_000, Action::Restart(last)),
    ]);
    actions
}

fn doubled_and_stuck(setup: &Setup) -> Vec<TimedAction> {
    let others: Vec<NodeId> = nodes(setup).filter(|id| *id != FIRST).collect();
    let held = others.iter().map(|&to| at(900_000, Action::Hold { from: FIRST, to }));
    let freed = others.iter().map(|&to| at(3_200_000, Action::Release { from: FIRST, to }));
    let doubled = at(3_100_000, Action::Duplicate { percent: 60 });
    held.chain([doubled]).chain(freed).chain([at(4_000_000, Action::Heal)]).collect()
}

fn lights_out(setup: &Setup) -> Vec<TimedAction> {
    let crashes = nodes(setup).map(|id| at(3_500_000, Action::Crash(id)));
    crashes.chain(nodes(setup).map(|id| at(3_700_000, Action::Restart(id)))).collect()
}

fn resurrected_entry(setup: &Setup) -> Vec<TimedAction> {
    let ask = |at_us, command| at(at_us, Action::Command { command, node: FIRST });
    let each = |at_us, act: fn(NodeId) -> Action| {
        third(setup, 1).into_iter().map(move |id| at(at_us, act(id)))
    };
    let mut actions = vec![ask(4_000_000, MOVE)];
    actions.extend(each(4_060_000, Action::Pause));
    actions.push(ask(4_300_000, WITHDRAW));
    actions.extend(each(4_900_000, Action::Resume));
    actions
}

fn config(setup: &Setup) -> Config {
    let spread = match setup.knob("spread") {
        1 => Spread::Push,
        2 => Spread::Pull,
        _ => Spread::PushPull,
    };
    let rule = setup.knob("rule");
    let interest = if rule % 2 == 1 { Interest::Coin } else { Interest::Counter };
    let k = u32::try_from(setup.knob("k")).unwrap_or(1);
    let by_version = setup.is_on("versions");
    Config {
        spread,
        rule: Rule { has_feedback: rule > 2, interest, k },
        merge: if by_version { Merge::NewestWins } else { Merge::LastHeardWins },
        has_generation: setup.is_on("generation"),
        keeps_tombstones: setup.is_on("tombstones"),
        compares: setup.is_on("anti-entropy"),
        round_us: setup.knob("round") * 1_000,
        compare_us: setup.knob("compare") * 1_000,
    }
}

fn environment(setup: &Setup) -> Environment {
    let mut environment = Environment::uniform((5_000, 15_000), (2_000, 8_000));
    environment.network.loss_percent = u8::try_from(setup.knob("loss")).unwrap_or(100);
    environment
}

const SPEC: Spec<Node, History> = Spec {
    names: |setup| nodes(setup).map(|id| format!("N{}", id.0 + 1)).collect(),
    spawn: |me, setup| Node::new(me, config(setup)),
    environment,
    commands: &[
        Command {
            label: "Move",
            accepts: |_, _| true,
            input: Input::Nothing,
            say: |_, _, _| Msg::Move,
        },
        Command {
            label: "Withdraw",
            accepts: |_, _| true,
            input: Input::Nothing,
            say: |_, _, _| Msg::Withdraw,
        },
    ],
    invariants: &[
        Invariant {
            name: "no directory goes back to an older address",
            check: judge::nothing_goes_back,
        },
        Invariant {
            name: "a withdrawn address does not come back",
            check: judge::nothing_comes_back,
        },
        Invariant {
            name: "a version stands for one announcement",
            check: judge::versions_are_unique,
        },
        Invariant {
            name: "30 comparisons into the quiet, all directories are right",
            check: judge::all_agree_in_the_end,
        },
    ],
    goals: &[Goal {
        name: "every directory has what was said before the last fault ended",
        within_us: judge::settle_us,
        reached: judge::all_have_heard,
    }],
    sometimes: &[
        Sometimes {
            name: "a directory takes a tombstone over",
            seen: |_, history| history.has_buried(None),
        },
        Sometimes {
            name: "a node announces an address after a crash",
            seen: |_, history| history.has_come_back,
        },
        Sometimes {
            name: "a comparison tells what no rumor told",
            seen: |_, history| history.spreading.by_comparison > 0,
        },
    ],
    alerts: &[Alert {
        name: "more than 40 % of all entries are out of date",
        check: judge::few_are_stale,
    }],
    metrics: &[
        Metric {
            label: "entries out of date",
            unit: "%",
            read: |world, history| judge::stale_percent(world, history).cast_signed(),
        },
        Metric {
            label: "traffic: rumors told for each node and change (m)",
            unit: "hundredths",
            read: judge::traffic_hundredths,
        },
        Metric {
            label: "residue: not reached by rumors alone (s)",
            unit: "%",
            read: |world, history| history.spreading.residue_percent(world.ids().len() as u64),
        },
        Metric {
            label: "delay: slowest news so far",
            unit: "ms",
            read: |_, history| (history.spreading.slowest_us / 1_000).cast_signed(),
        },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: view::panels,
};
