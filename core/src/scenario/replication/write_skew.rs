//! Write skew: two transactions that are right alone, and wrong together.
//!
//! A roster needs one doctor on call a night. Two doctors read in one snapshot that both are, and each takes
//! their own row off, each on another shard. Snapshot isolation lets both commit, since they write no row in
//! common. Three nights have three guards: a row that everybody writes (a materialised conflict), locks on
//! what was read (`SELECT … FOR UPDATE`), and serializable snapshot isolation, which aborts who would
//! complete two overwritten reads in a row. Neither shard can see both; their votes bring them together at
//! the coordinator of the commit.
//!
//! Berenson et al. 1995, "A Critique of ANSI SQL Isolation Levels", section 4.2 (A5B). Fekete et al. 2005,
//! "Making Snapshot Isolation Serializable", section 2 and theorem 2.1. Cahill, Röhm and Fekete 2008,
//! "Serializable Isolation for Snapshot Databases", sections 2.1 and 3. Ports and Grittner 2012, "Serializable
//! Snapshot Isolation in `PostgreSQL`", sections 3 and 5. The mechanism is [`crate::mechanism::mvcc`]; who
//! judges it is [`crate::check::transactions`].
//!
//! Left out: a coordinator of several servers (a commit waits while it is down), reads that are not followed
//! by a write, and who may be spared by the order of commits.

mod client;
mod coordinator;
mod judge;
mod lesson;
mod message;
mod node;
mod roster;
mod shard;
#[cfg(test)]
mod tests;
mod view;
mod words;

use client::Client;
use coordinator::Coordinator;
use judge::History;
use message::Msg;
use node::{Config, Node};
use roster::{Night, Wish};
use shard::Shard;

use crate::scenario::{
    Diagram, Family, Faults, Fidelity, Knob, Preset, Primitive, Scenario, Script, Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Command, Environment, FaultKind, Goal, Input, InputValue, Invariant, Metric,
    NodeId, Observed, Puzzle, PuzzleGoal, Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

const ANN: NodeId = NodeId(0);
const BOB: NodeId = NodeId(1);
/// Who may be on call.
const DOCTORS: [&str; 5] = ["Ann", "Bob", "Cy", "Dee", "Eve"];
/// The commands, by their places.
const LEAVE: u16 = 0;
const RETURN: u16 = 1;
const INSERT: u16 = 2;

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "write-skew",
    seeds: &["406"],
    revision: 1,
    title: "Write skew on the on-call roster",
    family: Family::Replication,
    difficulty: 2,
    prerequisites: &[],
    question: "Why can two transactions that are each right leave nobody on call, and what stops them?",
    promise: "Every night at least one doctor is on call, whoever leaves at the same time.",
    constraint: "Two doctors on two shards read one snapshot and write two different rows: neither shard \
                 and no row shows both of them.",
    guarantee: "Sunday is serializable. Friday and Saturday are snapshot isolation with a guard for this rule \
                alone, and Saturday's guard does not cover a shift that is inserted.",
    naive: "Plain snapshot isolation: of two who write one row the first commits, and nothing else is \
            compared.",
    hardened: "Friday: everybody also writes one row that means nothing. Saturday: everybody locks what they \
               read. Sunday: the coordinator aborts who would complete two overwritten reads in a row.",
    breaks: "Two doctors leave at once. And then: a shift is inserted while a doctor leaves, a row that no \
             lock can be on.",
    survives: Faults {
        victims: everybody,
        down_at_once: |setup| u16::try_from(everybody(setup).len()).unwrap_or(0),
        slow_us: 10_000,
        claim: "Crashes with restart of anybody, of all at once too; pauses, slow nodes, cuts that stay or come \
                and go, held links, loss, duplication, reordering, and clocks that say anything. No safety \
                needs timing; while the coordinator or a shard is away nothing commits.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "A doctor leaves or comes back, a planner inserts a shift or deletes it: each in one transaction.",
        "A transaction reads a night at both shards in one snapshot, and commits at both or at none.",
        "Somebody leaves only if each shift of the night still has a doctor.",
        "After the last fault a transaction commits within four rounds of the timetable and 2 s.",
        "Out of scope: rules over several nights, a coordinator that is replicated.",
    ],
    faced: &[
        ("replay", "Faced: a transaction has one number; what is decided is not decided again."),
        ("late data", "Faced: a snapshot is not changed by what commits later."),
        (
            "partial writes",
            "Faced: both shards prepare, then one record at the coordinator decides.",
        ),
        ("partitions", "Faced: who cannot reach all three commits nothing, and locks are let go."),
        (
            "retries",
            "Faced: an aborted transaction begins anew with a new snapshot, six times at most.",
        ),
        ("clocks", "Excluded from safety: commits are numbered. Clocks only end waiting."),
        (
            "lossy networks",
            "Faced: questions, votes and decisions are sent until they are answered.",
        ),
        (
            "dying machines",
            "Faced: a prepared transaction is on disk with what it read and its locks.",
        ),
    ],
    saturates_first: "The row or the locks that all share: with more doctors more of them abort or wait, \
                      though most do not endanger each other.",
    pitfalls: &[
        "Taking snapshot isolation for serializable: Oracle calls it so.",
        "Checking a rule by reading, and writing another row than was read.",
        "FOR UPDATE on a query that finds no row: it locks nothing.",
        "In PostgreSQL a lock that is let go leaves no trace: who waited goes on in its old snapshot.",
        "A conflict row that one of the programs forgets to write.",
        "Each shard serializable alone: the cycle goes through both.",
        "Not trying again: an abort is the mechanism at work.",
    ],
    primitives: &[Primitive::SequenceNumbers, Primitive::DedupLog, Primitive::Partitioning],
    sources: &[
        "Berenson et al. 1995, “A Critique of ANSI SQL Isolation Levels”, section 4.2",
        "Fekete et al. 2005, “Making Snapshot Isolation Serializable”, theorem 2.1",
        "Cahill, Röhm and Fekete 2008, “Serializable Isolation for Snapshot Databases”, sections 2.1 and 3",
        "Ports and Grittner 2012, “Serializable Snapshot Isolation in PostgreSQL”, sections 3 and 5",
        "Kleppmann 2014, “Hermitage: Testing the I in ACID”",
        "Adya 1999, “Weak Consistency”, chapter 3",
    ],
    fidelity: Fidelity {
        modelled: &[
            "versions, snapshots, first committer wins, row locks with waiting",
            "two-phase commit: prepared on both disks, one durable decision, presumed abort",
            "overwritten reads found at each shard, and dangerous structures at the coordinator",
            "reads by predicate, as reads of a night's table",
        ],
        simplified: &[
            "one coordinator gives out snapshots, decides, and is not replicated",
            "writes are sent with the wish to commit, and checked when a shard prepares",
            "a snapshot may be a few commits old: it shows what both shards have",
            "locks are taken at S1 first, so nobody waits in a circle",
            "some abort that are in no cycle, as two overwritten reads in a row need not be in one",
        ],
        omitted: &[
            "a replicated coordinator",
            "transactions that only read",
            "rows over several nights",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Doctors", Role::Client, 0),
            ("Planner", Role::Client, 0),
            ("Coordinator", Role::Coordinator, 1),
            ("Shards S1, S2", Role::Storage, 2),
        ],
        arrows: &[
            (0, 2, "begin, commit"),
            (1, 2, "begin, commit"),
            (2, 0, "snapshot, outcome"),
            (0, 3, "read, lock"),
            (2, 3, "prepare, decision"),
            (3, 2, "vote, overwritten reads"),
        ],
    },
    knobs: &[
        Knob::count("doctors", "Doctors", 2, 2..=5),
        Knob::milliseconds("think", "Thinking between reading and writing", 60, 20..=100),
    ],
    switches: &[
        Switch {
            key: "row",
            label: "Friday: a conflict row",
            help: "Whoever changes Friday's roster also writes one row that all of them write.",
        },
        Switch {
            key: "lock",
            label: "Saturday: FOR UPDATE",
            help: "Whoever reads Saturday's roster locks the rows that it finds until it is decided.",
        },
        Switch {
            key: "ssi",
            label: "Sunday: serializable",
            help: "Whoever would complete two overwritten reads in a row is aborted.",
        },
    ],
    scripts: &[
        Script {
            label: "Two leave at once",
            help: "Ann and Bob leave at the same time: on Friday, on Saturday, and on Sunday.",
            settings: &[],
            actions: two_leave,
        },
        Script {
            label: "And then: a shift is inserted",
            help: "The planner inserts a shift while Ann leaves, on Saturday and on Sunday. Saturday's locks do \
                   not see it: watch the alert.",
            settings: &[],
            actions: a_shift_is_inserted,
        },
        Script {
            label: "And then: the coordinator dies",
            help: "The coordinator crashes while Ann's transaction is prepared. S1 and S2 are in doubt until \
                   it is back.",
            settings: &[],
            actions: the_coordinator_dies,
        },
    ],
    horizon_us: 6_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Layers,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

fn ask(at_us: u64, command: u16, node: NodeId, night: Night) -> TimedAction {
    at(at_us, Action::CommandWith { command, node, value: InputValue::Choice(night.0) })
}

fn two_leave(_: &Setup) -> Vec<TimedAction> {
    let both = |night: Night| {
        let at_us = 100_000 + u64::from(night.0) * 400_000;
        [ANN, BOB].map(|doctor| ask(at_us, LEAVE, doctor, night))
    };
    Night::ALL.into_iter().flat_map(both).collect()
}

/// Both are back on Saturday and Sunday. Then the planner inserts, and Ann leaves while the planner thinks.
fn a_shift_is_inserted(setup: &Setup) -> Vec<TimedAction> {
    let planner = config(setup).planner();
    let nights = [Night::SATURDAY, Night::SUNDAY];
    let back = nights.map(|night| [ANN, BOB].map(|doctor| ask(1_300_000, RETURN, doctor, night)));
    let inserts = (0..).zip(nights).flat_map(|(nth, night)| {
        let at_us = 1_750_000 + nth * 400_000;
        [ask(at_us, INSERT, planner, night), ask(at_us + 40_000, LEAVE, ANN, night)]
    });
    back.into_iter().flatten().chain(inserts).collect()
}

/// Each time at another moment of Ann's commit.
fn the_coordinator_dies(setup: &Setup) -> Vec<TimedAction> {
    let coordinator = config(setup).coordinator();
    let thinks_us = setup.knob("think") * 1_000;
    let crash = |(nth, command): (u64, u16)| {
        let at_us = 6_000_000 + nth * 1_000_000;
        let crash_us = at_us + thinks_us + 22_000 + nth * 4_000;
        [
            ask(at_us, command, ANN, Night::FRIDAY),
            at(crash_us, Action::Crash(coordinator)),
            at(crash_us + 400_000, Action::Restart(coordinator)),
        ]
    };
    (0..).zip([LEAVE, RETURN, LEAVE, RETURN]).flat_map(crash).collect()
}

fn config(setup: &Setup) -> Config {
    Config {
        doctors: setup.count("doctors"),
        think_us: setup.knob("think") * 1_000,
        has_conflict_row: setup.is_on("row"),
        locks: setup.is_on("lock"),
        certifies: setup.is_on("ssi"),
    }
}

/// Lists doctors, planner, coordinator and shards.
fn everybody(setup: &Setup) -> Vec<NodeId> {
    NodeId::first(config(setup).doctors + 4).collect()
}

fn spawn(me: NodeId, setup: &Setup) -> Node {
    let config = config(setup);
    if me <= config.planner() {
        Node::Client(Box::new(Client::new(me.0, config)))
    } else if me == config.coordinator() {
        Node::Coordinator(Box::new(Coordinator::new(config)))
    } else {
        Node::Shard(Box::new(Shard::new(config.place_of(me), config)))
    }
}

fn names(setup: &Setup) -> Vec<String> {
    let doctors = DOCTORS.into_iter().take(config(setup).doctors.into());
    doctors.chain(["Planner", "Coordinator", "S1", "S2"]).map(String::from).collect()
}

fn night_of(value: &InputValue) -> Night {
    Night(value.choice())
}

const ON: Input = Input::Choice { label: "on", options: Night::NAMES, default: 0 };

const SPEC: Spec<Node, History> = Spec {
    names,
    spawn,
    environment: |_| Environment::uniform((1_000, 4_000), (2_000, 5_000)),
    commands: &[
        Command {
            label: "Leave",
            accepts: |id, setup| id < config(setup).planner(),
            input: ON,
            say: |_, _, night| Msg::Do(night_of(night), Wish::Leave),
        },
        Command {
            label: "Come back",
            accepts: |id, setup| id < config(setup).planner(),
            input: ON,
            say: |_, _, night| Msg::Do(night_of(night), Wish::Return),
        },
        Command {
            label: "Insert a shift",
            accepts: |id, setup| id == config(setup).planner(),
            input: ON,
            say: |_, _, night| Msg::Do(night_of(night), Wish::Insert),
        },
    ],
    invariants: &[
        Invariant { name: "on Friday each shift has a doctor", check: judge::friday_is_covered },
        Invariant { name: "on Saturday somebody is on call", check: judge::saturday_is_served },
        Invariant { name: "on Sunday each shift has a doctor", check: judge::sunday_is_covered },
        Invariant {
            name: "Sunday's transactions are serializable",
            check: judge::sunday_is_serializable,
        },
    ],
    goals: &[Goal {
        name: "a transaction commits",
        within_us: judge::settle_us,
        reached: judge::commits,
    }],
    sometimes: &[
        Sometimes { name: "a transaction waits for locks", seen: |_, it| it.has_waited },
        Sometimes {
            name: "a dangerous structure is not completed",
            seen: |_, it| it.was_dangerous,
        },
        Sometimes { name: "a shard is in doubt", seen: |_, it| it.was_in_doubt },
        Sometimes { name: "a shift is inserted", seen: |_, it| it.was_inserted },
    ],
    alerts: &[
        Alert { name: "a shift has no doctor", check: judge::all_shifts },
        Alert { name: "a shard is in doubt for 150 ms", check: judge::nothing_is_in_doubt },
    ],
    metrics: &[
        Metric {
            label: "transactions committed",
            unit: "transactions",
            read: |_, it| i64::try_from(it.commits).unwrap_or(i64::MAX),
        },
        Metric {
            label: "aborts on Friday (conflict row)",
            unit: "aborts",
            read: |_, it| aborts(it, Night::FRIDAY),
        },
        Metric {
            label: "aborts on Saturday (FOR UPDATE)",
            unit: "aborts",
            read: |_, it| aborts(it, Night::SATURDAY),
        },
        Metric {
            label: "aborts on Sunday (serializable)",
            unit: "aborts",
            read: |_, it| aborts(it, Night::SUNDAY),
        },
    ],
    lesson: lesson::LESSON,
    puzzles: PUZZLES,
    panels: view::panels,
};

fn aborts(history: &History, night: Night) -> i64 {
    i64::try_from(history.aborts(night)).unwrap_or(i64::MAX)
}

const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "Done, and never heard of",
        task: "Let the transaction of a doctor or the planner commit without their ever hearing of it.",
        hint: "From when on does a transaction go its way without whoever has begun it?",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|_, history| history.never_heard),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
    Puzzle {
        title: "In doubt",
        task: "All safeguards are on. Let a shard be in doubt for 150 ms: it has promised to commit, and does \
               not know whether it shall.",
        hint: "Who decides, and what does a shard do while that one is away?",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|world, history| {
            judge::nothing_is_in_doubt(world, history).is_err()
        }),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
];
