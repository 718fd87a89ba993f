//! A log that several replicas append to, without a leader and without an agreement on what comes next.
//!
//! Nurses note doses at three replicas of a ward's log. If an entry is no more than the next free place in it, two
//! replicas give one place to two entries as soon as they do not hear of each other, and one of them is gone.
//! Here an entry has a name that no other replica can give, and says what its writer had read: then all are
//! kept, all replicas come to show them in one order, and those written unaware of each other are known as
//! siblings, until somebody who has read both follows on them. What cannot be had without agreement is an
//! order that never changes by what comes late.
//!
//! Wuu & Bernstein 1984 (the replicated log); Parker et al. 1983 (version vectors); `DeCandia` et al. 2007,
//! “Dynamo”, section 4.4 (siblings, and clients that hand back what they read); Preguiça et al. 2010 (dots);
//! Petersen et al. 1997 (anti-entropy): all in [`crate::mechanism::causal_log`], on files by
//! [`crate::mechanism::wal`]. The switches act in [`replica`].
//!
//! Left out: cutting the log, replicas that come and go, and reads that never go back: who asks another
//! replica may be shown less than before.

mod judge;
mod lesson;
mod message;
mod node;
mod nurse;
mod replica;
mod truth;
mod view;

use judge::History;
use message::Msg;
use node::{Config, Node};
use nurse::Nurse;
use replica::Replica;

use crate::scenario::{
    Diagram, DiskFaultKind, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup,
    Switch, at,
};
use crate::sim::{
    Action, Alert, Command, Environment, Goal, Input, InputValue, Invariant, Metric, NodeId,
    Observed, Sometimes, Spec, TimedAction, numbered,
};
use crate::view::{Layout, Role};

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "leaderless-log",
    seeds: &["15.5"],
    revision: 1,
    title: "A log without a leader",
    family: Family::Replication,
    difficulty: 2,
    prerequisites: &["vector-clocks"],
    question: "How can replicas append to one log when none of them may decide what comes next?",
    promise: "What is noted stays, all logs come to show one order, and doses given unaware of each other are \
              flagged.",
    constraint: "No leader, no vote, no quorum: any replica takes an entry by itself, with no more than messages \
                 and its own disk.",
    guarantee: "Eventual, and causal: two logs order alike what both have, below all that its writer had read; 2 s \
                into calm each has all that was acknowledged. Places may shift until then.",
    naive: "An entry goes to the next free place of the replica's log, in memory, and is told to the others once; \
            what is told goes to its place there.",
    hardened: "An entry is named by its replica and that one's count, is on disk before anybody hears of it, and \
               carries the version vector that its writer has read. Replicas sort by the size of that past, flag \
               siblings, and ask each other for what they lack.",
    breaks: "A replica is cut off, and both sides take entries.",
    survives: Faults {
        victims: |setup| replicas(setup).chain(nurses(setup)).collect(),
        down_at_once: |setup| setup.count("replicas") + setup.count("nurses"),
        disk: &[DiskFaultKind::FailSyncs, DiskFaultKind::TornSectors, DiskFaultKind::Slow],
        claim: "Crashes with restart of any number of replicas and nurses, syncs that fail or are slow, torn \
                sectors, pauses, cuts in both or one direction, held links, loss, duplication and reordering. \
                Safety needs no timing and no clock. That all logs have an entry 2 s into calm assumes latencies \
                up to 10 ms and clock rates within 5 %.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Append and read at any replica that answers, also at one that reaches no other.",
        "Say that an entry is in the log after one sync of that replica's disk, usually within 25 ms.",
        "2 s into calm every log has what was acknowledged 2 s ago.",
        "Flag each entry that has an unsettled sibling in the same log, and no other one.",
        "Out of scope: one final order, cutting the log, reads that never go back.",
    ],
    faced: &[
        ("replay", "Faced: a log on disk is read again; an entry is known by its name."),
        ("late data", "Faced: what comes before its past waits, and then stands where it belongs."),
        ("partial writes", "Faced: a torn record was never told to anybody, and is cut off."),
        (
            "partitions",
            "Faced: both sides take entries, and what they could not know of is flagged.",
        ),
        (
            "retries",
            "Faced: an entry that two replicas took has one number of its writer, and is one line.",
        ),
        ("clocks", "Excluded: no order reads a clock; clocks only end waiting."),
        ("lossy networks", "Faced: replicas ask each other again and again for what they lack."),
        (
            "dying machines",
            "Faced while disks survive; a disk lost before others heard of an entry takes it along.",
        ),
    ],
    saturates_first: "The vector that every entry carries: a number for each replica; and the log, which nobody \
                      may cut without knowing of everybody.",
    pitfalls: &[
        "The next free place as a name: two replicas give it away at once.",
        "Giving an entry the replica's vector: it then claims that its writer had read what came in meanwhile.",
        "Taking the order for the truth: of two siblings the first in it did not come first.",
        "Telling an entry before it is on disk: after a crash its name is given to another one.",
        "A new name for each try: an entry that is handed in twice becomes two doses.",
        "Dropping one sibling by clock: that is overwriting with a delay.",
    ],
    primitives: &[
        Primitive::VersionVectors,
        Primitive::AppendOnlyLog,
        Primitive::WriteAheadLog,
        Primitive::SequenceNumbers,
        Primitive::DedupLog,
        Primitive::ConflictResolution,
    ],
    sources: &[
        "Wuu & Bernstein 1984, “Efficient Solutions to the Replicated Log and Dictionary Problems”",
        "Parker et al. 1983, “Detection of Mutual Inconsistency in Distributed Systems”",
        "DeCandia et al. 2007, “Dynamo: Amazon’s Highly Available Key-value Store”, section 4.4",
        "Preguiça, Baquero, Almeida, Fonte & Gonçalves 2010, “Dotted Version Vectors: Logical Clocks for \
         Optimistic Replication”",
        "Petersen, Spreitzer, Terry, Theimer & Demers 1997, “Flexible Update Propagation for Weakly Consistent \
         Replication” (Bayou)",
        "Birman & Joseph 1987, “Reliable Communication in the Presence of Failures”",
        "Lamport 1978, “Time, Clocks, and the Ordering of Events in a Distributed System”, “Ordering the \
         Events Totally”",
    ],
    fidelity: Fidelity {
        modelled: &[
            "entries with dots and with the vector that their writers read",
            "causal delivery, and anti-entropy by version vectors",
            "a log file that is synced before anything is said, and read again after a crash",
        ],
        simplified: &[
            "a nurse remembers what she has read as one value on a disk of her own",
            "a vector has a number for each replica that there will ever be",
        ],
        omitted: &[
            "cutting the log: it needs to know that everybody has an entry",
            "snapshots: a replica reads its whole log when it starts",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Nurse", Role::Client, 0),
            ("Replica", Role::Storage, 1),
            ("Log file", Role::Storage, 2),
            ("Other replicas", Role::Storage, 2),
        ],
        arrows: &[
            (0, 1, "read; append, with what was read"),
            (1, 2, "entry, sync"),
            (1, 3, "entry; news beyond …?"),
            (3, 1, "what was lacking"),
        ],
    },
    knobs: &[
        Knob::count("replicas", "Replicas", 3, 2..=5),
        Knob::count("nurses", "Nurses", 3, 2..=5),
        Knob::milliseconds("round", "Ask the next replica every", 150, 50..=300),
    ],
    switches: &[
        Switch {
            key: "dots",
            label: "Names, not places",
            help: "An entry is named by its replica and that one's count, instead of the next free place.",
        },
        Switch {
            key: "disk",
            label: "On disk first",
            help: "An entry is in a synced file before its nurse, or another replica, hears of it.",
        },
        Switch {
            key: "context",
            label: "What its writer read",
            help: "An entry carries the vector that its nurse has read, not the one that its replica has by then.",
        },
        Switch {
            key: "causal",
            label: "Wait for the past",
            help: "An entry stays out of a log until all is there that its nurse had read.",
        },
        Switch {
            key: "order",
            label: "Order by the past",
            help: "Entries stand by how many each follows on, instead of by their number and as they arrive.",
        },
        Switch {
            key: "once",
            label: "One line an entry",
            help: "An entry that was handed in twice is known by its nurse's own number.",
        },
        Switch {
            key: "entropy",
            label: "Anti-entropy",
            help: "Replicas compare vectors again and again, instead of telling each entry once.",
        },
    ],
    scripts: &[
        Script {
            label: "R1 is cut off, R2 crashes",
            help: "R1 and Ann are cut off from 1 s to 3 s, and everybody writes on. At 5 s R2 crashes, for half a \
                   second.",
            settings: &[],
            actions: cut_and_crash,
        },
        Script {
            label: "And then: Ben walks over",
            help: "From 0.3 s R3 hears no other replica. Ben has written at R2, and goes to R3 with what he has read.",
            settings: &[],
            actions: walks_over,
        },
        Script {
            label: "And then: lost and doubled",
            help: "From 3.2 s to 4.6 s a fifth of all messages is lost, and a fifth comes twice.",
            settings: &[],
            actions: lossy,
        },
        Script {
            label: "And then: all at once",
            help: "All replicas crash at 2 s, in the middle of the cut, and come back.",
            settings: &[],
            actions: all_at_once,
        },
    ],
    horizon_us: 8_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Ring,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

fn replicas(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + use<> {
    NodeId::first(setup.count("replicas"))
}

fn nurses(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::range(setup.count("replicas"), setup.count("nurses"))
}

/// The command that has a nurse write, by its place in the list.
const WRITE: u16 = 0;
/// The one that sends a nurse to another replica.
const GO: u16 = 1;

fn cut_and_crash(setup: &Setup) -> Vec<TimedAction> {
    let (first, second) = (NodeId(0), NodeId(1));
    let ann = NodeId(setup.count("replicas"));
    vec![
        at(1_000_000, Action::Partition(vec![first, ann])),
        at(3_000_000, Action::Heal),
        at(5_000_000, Action::Crash(second)),
        at(5_500_000, Action::Restart(second)),
    ]
}

fn walks_over(setup: &Setup) -> Vec<TimedAction> {
    let last = NodeId(setup.count("replicas") - 1);
    let ben = NodeId(setup.count("replicas") + 1);
    let others = replicas(setup).filter(|id| *id != last);
    let cuts = others.map(|from| at(300_000, Action::Cut { from, to: last }));
    let value = InputValue::Number(i64::from(last.0) + 1);
    let go = Action::CommandWith { command: GO, node: ben, value };
    let write = |at_us| at(at_us, Action::Command { command: WRITE, node: ben });
    cuts.chain([write(400_000), at(600_000, go), write(650_000)]).collect()
}

fn lossy(_: &Setup) -> Vec<TimedAction> {
    vec![
        at(3_200_000, Action::Lose { percent: 20 }),
        at(3_200_000, Action::Duplicate { percent: 20 }),
        at(4_600_000, Action::Heal),
    ]
}

fn all_at_once(setup: &Setup) -> Vec<TimedAction> {
    let crashes = replicas(setup).map(|id| at(2_000_000, Action::Crash(id)));
    let restarts = replicas(setup).map(|id| at(2_300_000, Action::Restart(id)));
    crashes.chain(restarts).collect()
}

/// To which replica a nurse is sent.
const REPLICA: Input = Input::Node { label: "", knob: "replicas", most: 5 };

const SPEC: Spec<Node, History> = Spec {
    names: |setup| {
        let replicas = (1..=setup.count("replicas")).map(|number| format!("R{number}"));
        let nurses = ["Ann", "Ben", "Cyd", "Dan", "Eve"].into_iter().map(str::to_owned);
        replicas.chain(nurses.take(setup.count("nurses").into())).collect()
    },
    spawn: |me, setup| match me.0.checked_sub(setup.count("replicas")) {
        None => Node::Replica(Box::new(Replica::new(Config::of(setup)))),
        Some(index) => Node::Nurse(Box::new(Nurse::new(Config::of(setup), index))),
    },
    environment: |_| Environment::uniform((2_000, 10_000), (1_000, 3_000)),
    commands: &[
        Command {
            label: "Write",
            accepts: |id, setup| nurses(setup).any(|it| it == id),
            input: Input::Nothing,
            say: |_, _, _| Msg::NoteNow,
        },
        Command {
            label: "Go to",
            accepts: |id, setup| nurses(setup).any(|it| it == id),
            input: REPLICA,
            say: |_, setup, which| Msg::GoTo(numbered(which.number(), setup.count("replicas"))),
        },
    ],
    invariants: &[
        Invariant {
            name: "what a replica acknowledged stays in its log",
            check: judge::acknowledged_stays,
        },
        Invariant { name: "two logs show what both have in one order", check: judge::one_order },
        Invariant {
            name: "an entry stands below all that its writer had read",
            check: judge::follows_its_past,
        },
        Invariant {
            name: "exactly the unsettled siblings in a log are flagged",
            check: judge::siblings_are_flagged,
        },
        Invariant { name: "an entry is in a log once", check: judge::once },
        Invariant {
            name: "2 s into calm, every log has what was acknowledged 2 s ago",
            check: judge::spreads,
        },
    ],
    goals: &[
        Goal {
            name: "all logs are equal, and nothing is flagged",
            within_us: |_| judge::SETTLE_US,
            reached: judge::is_settled,
        },
        Goal {
            name: "every nurse is shown the log",
            within_us: |_| judge::SETTLE_US,
            reached: judge::all_are_served,
        },
    ],
    sometimes: &[
        Sometimes { name: "a log flags siblings", seen: |world, _| judge::flagged(world) > 0 },
        Sometimes { name: "something waits for its past", seen: |_, it| it.has_waited },
        Sometimes { name: "a second copy of an entry comes", seen: |_, it| it.has_folded },
        Sometimes { name: "a replica finds entries on its disk", seen: |_, it| it.came_back },
    ],
    alerts: &[Alert {
        name: "a log lacks more than 4 acknowledged entries",
        check: judge::logs_are_close,
    }],
    metrics: &[
        Metric {
            label: "the worst log lacks",
            unit: "entries",
            read: |world, it| judge::worst(world, it).map_or(0, |(lack, _)| lack.cast_signed()),
        },
        Metric {
            label: "flagged in a log",
            unit: "entries",
            read: |world, _| judge::flagged(world).cast_signed(),
        },
        Metric {
            label: "acknowledged",
            unit: "entries",
            read: |_, it| i64::try_from(it.told.len()).unwrap_or(i64::MAX),
        },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: view::panels,
};
