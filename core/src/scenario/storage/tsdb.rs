//! A store of time series: compressed shards by time, late readings, rollups, and retention.
//!
//! Thermometers send readings to one node over a network that may keep them back for a while; a dashboard
//! asks for points and rollups of all that is kept. The store is [`crate::mechanism::time_series`] on a
//! disk of real sectors. “Kept” is a promise until retention ends it: no crash takes the reading, every
//! answer has it to the bit, and the rollups count it. The naive node adds a line of text for each reading
//! and forgets by writing its file again.
//!
//! Pelkonen et al. 2015, “Gorilla: A Fast, Scalable, In-Memory Time Series Database”, section 4.1 for the
//! blocks; Akidau et al. 2015, “The Dataflow Model”, section 2, for what is late.
//!
//! Left out: names and labels of series, replicas, and clocks that are wrong. Times are the thermometers'
//! own: one reading from next week would make all others too late.

mod dashboard;
mod judge;
mod lesson;
mod message;
mod node;
mod on_disk;
mod sensor;
mod server;
mod view;

use dashboard::Dashboard;
use judge::History;
use message::{DASHBOARD, FIRST, Msg, STORE};
use node::Node;
use sensor::Sensor;
use server::Server;

use crate::mechanism::time_series::{Engine, Settings, What};
use crate::scenario::{
    Choice, Diagram, DiskFaultKind, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script,
    Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Command, DiskFault, Environment, Goal, Input, Invariant, Metric, NodeId,
    Observed, Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

/// The invariant that a puzzle is about.
const KEPT: &str = "what a thermometer was told is kept survives every crash";

/// The length of an interval of a rollup, in milliseconds.
const ROLLUP_MS: u64 = 125;

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "tsdb",
    seeds: &["SD.21"],
    revision: 4,
    title: "Endless readings in little room",
    family: Family::Storage,
    difficulty: 2,
    prerequisites: &["wal-lsm"],
    question: "How does a store keep endless readings in little room, and still count those that come late?",
    promise: "A reading that is said to be kept is in every answer and every rollup, to the bit, until \
              retention ends.",
    constraint: "Readings come late, again, or not at all; they are far too many for 16 bytes each; and what \
                 is old must go while somebody reads it.",
    guarantee: "Durable and exact within retention: an answer shows one moment, a rollup is that of its \
                readings. What is later than the window is refused, never dropped in silence.",
    naive: "One file of text, a line for each reading. Rollups are summed up as readings come; to forget, \
            the file is written again.",
    hardened: "Young shards with synced logs take late readings; sealed ones are compressed and never \
               change. Queries hold what they read; retention removes whole shards.",
    breaks: "A thermometer comes back with old readings, the power goes, and retention comes while a query \
             reads.",
    survives: Faults {
        victims: |_| vec![STORE],
        down_at_once: |_| 1,
        clock_step_us: 0,
        disk: &[
            DiskFaultKind::FailSyncs,
            DiskFaultKind::TornSectors,
            DiskFaultKind::Slow,
            DiskFaultKind::Capacity { least_bytes: 128 << 10 },
        ],
        claim: "Crashes of the store at any moment, with any part of what was not synced left, torn sectors \
                too; syncs that fail or are slow; a full disk; pauses, cuts, loss and duplication. Bits that \
                rot, syncs that lie and clocks that leap are outside the claim. Rot is found and refused; in \
                the last synced records of a log it looks like a torn write, and is cut off.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Say “kept” when one sync has ended, usually within 20 ms.",
        "Take about 2 bytes for a reading in sealed blocks, and give back every bit of it.",
        "Take readings that are as late as the window, and refuse later ones by name.",
        "Out of scope: finding series by labels, replicas, and clocks that leap.",
    ],
    faced: &[
        ("replay", "Faced: logs are read again; one series has one reading at one time."),
        (
            "late data",
            "Faced: within the window it finds its place, beyond it is refused and counted.",
        ),
        (
            "partial writes",
            "Faced: a record that is cut short or torn lacks its sum, and ends the log.",
        ),
        ("partitions", "Faced: a thermometer keeps its readings and sends them when it can."),
        ("retries", "Faced: a batch that comes again changes nothing, sealed or not."),
        (
            "clocks",
            "Excluded: times are the thermometers', and one that leaps ahead makes all others late.",
        ),
        ("lossy networks", "Faced: who is not told that a batch is kept sends it again."),
        ("dying machines", "Faced while the disk survives; copies elsewhere are another lesson."),
    ],
    saturates_first: "Memory and logs of the young shards: they grow with the readings a second times the \
                      window, while sealed shards grow eight times slower.",
    pitfalls: &[
        "Closing a rollup when the clock says so: what comes late is in the points and not in the sum.",
        "Deleting files by age while a query reads them: a chart with a hole, and no error.",
        "Forgetting by rewriting: the more is kept, the more each deletion costs, and a crash in it takes all.",
        "Measuring retention by what is newest in memory: after a crash the store believes it has what it \
         removed.",
        "Comparing readings as numbers: −0 is 0, and a NaN is not itself. Only bits come back as they were.",
    ],
    primitives: &[
        Primitive::WriteAheadLog,
        Primitive::DedupLog,
        Primitive::AppendOnlyLog,
        Primitive::Replay,
        Primitive::Partitioning,
    ],
    sources: &[
        "Pelkonen et al. 2015, “Gorilla: A Fast, Scalable, In-Memory Time Series Database”, VLDB 8(12), \
         sections 4.1 to 4.3",
        "Akidau et al. 2015, “The Dataflow Model”, VLDB 8(12), section 2",
        "Rebello et al. 2020, “Can Applications Recover from fsync Failures?”, USENIX ATC",
        "Prometheus, “Storage”: blocks, head, write-ahead log, out-of-order window, retention",
        "Maxim, DS18B20 data sheet: twelve bits, steps of 1/16 °C",
    ],
    fidelity: Fidelity {
        modelled: &[
            "every bit of the paper's blocks, and every byte of logs and shards, in sectors of 512 bytes",
            "readings with the noise and steps of a real thermometer, failed ones included",
        ],
        simplified: &[
            "a shard is half a second where the paper's is two hours, in milliseconds for seconds",
            "a block takes 20 ms to be read, as on a disk with much else to do",
        ],
        omitted: &[
            "an index of labels, and a cache of blocks: they change the speed, not the promise",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Thermometers", Role::Client, 0),
            ("Store", Role::Peer, 1),
            ("Young shards and logs", Role::Storage, 2),
            ("Sealed shards", Role::Storage, 3),
            ("Dashboard", Role::Client, 0),
        ],
        arrows: &[
            (0, 1, "readings, some late"),
            (4, 1, "range, rollups"),
            (1, 2, "record, sync"),
            (2, 3, "seal"),
            (3, 1, "blocks"),
        ],
    },
    knobs: &[
        Knob::count("sensors", "Thermometers", 3, 2..=6),
        Knob::milliseconds("period", "A reading each", 10, 5..=40),
        // A whole number of intervals of rollups.
        Knob::one_of(
            "shard",
            "A shard has",
            1,
            0,
            &[
                Choice { key: "quarter", label: "250 ms" },
                Choice { key: "half", label: "500 ms" },
                Choice { key: "whole", label: "1 s" },
            ],
        ),
        Knob::milliseconds("window", "Readings may be late by", 400, 100..=800),
        Knob::milliseconds("retention", "Readings are kept for", 1_500, 1_000..=4_000),
    ],
    switches: &[
        Switch {
            key: "shards",
            label: "Shards by time",
            help: "Compressed shards that retention removes as a whole. Off: one file of text, rewritten.",
        },
        Switch {
            key: "sync",
            label: "Promise what is synced",
            help: "“Kept” is said when the log is synced. Off: it is left to the operating system.",
        },
        Switch {
            key: "sums",
            label: "Believe only what has its sum",
            help: "Records, headers and blocks carry a CRC-32C, and what lacks it is not believed.",
        },
        Switch {
            key: "hold",
            label: "A query holds what it reads",
            help: "What a query still has to read is removed when it has ended. Off: at once.",
        },
        Switch {
            key: "late",
            label: "Rollups wait for late readings",
            help: "Rollups are of all readings of their time. Off: they close while readings are on their way.",
        },
    ],
    scripts: &[
        Script {
            label: "A thermometer comes back",
            help: "T2 is cut off for 900 ms, and comes back with what it has read; then the power goes, twice.",
            settings: &[],
            actions: comes_back,
        },
        Script {
            label: "And then: syncs fail while shards are sealed",
            help: "Two syncs fail, the second just before the power goes with a torn sector.",
            settings: &[],
            actions: syncs_fail,
        },
        Script {
            label: "And then: a bit rots",
            help: "One bit of a sealed shard flips: what asks for it is refused, until retention takes it.",
            settings: &[],
            actions: a_bit_rots,
        },
    ],
    horizon_us: 6_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Ring,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: Some(&on_disk::ON_DISK),
};

fn crash(down_us: u64, up_us: u64) -> [TimedAction; 2] {
    [at(down_us, Action::Crash(STORE)), at(up_us, Action::Restart(STORE))]
}

fn disk(at_us: u64, fault: DiskFault) -> TimedAction {
    at(at_us, Action::Disk { node: STORE, fault })
}

fn comes_back(_: &Setup) -> Vec<TimedAction> {
    let second = NodeId(FIRST.0 + 1);
    let mut actions =
        vec![at(600_000, Action::Partition(vec![second])), at(1_500_000, Action::Heal)];
    actions.extend(crash(2_100_000, 2_200_000));
    actions.extend(crash(3_300_000, 3_400_000));
    actions
}

fn syncs_fail(_: &Setup) -> Vec<TimedAction> {
    let mut actions = vec![
        disk(4_400_000, DiskFault::FailSyncs { count: 1 }),
        disk(4_900_000, DiskFault::FailSyncs { count: 1 }),
        disk(4_905_000, DiskFault::TornSectors { bytes: 100 }),
    ];
    actions.extend(crash(4_910_000, 5_000_000));
    actions
}

fn a_bit_rots(setup: &Setup) -> Vec<TimedAction> {
    // The last shard that is sealed by then.
    let sealed_ms = 4_000 - setup.knob("window");
    let number = sealed_ms / shard_ms(setup) - 1;
    let file = crate::mechanism::time_series::shard::file_name(number);
    vec![disk(4_100_000, DiskFault::BitRot { file, offset: 900, bit: 3 })]
}

fn shard_ms(setup: &Setup) -> u64 {
    250 << setup.knob("shard")
}

fn settings(setup: &Setup) -> Settings {
    Settings {
        is_synced: setup.is_on("sync"),
        is_summed: setup.is_on("sums"),
        is_held: setup.is_on("hold"),
        waits_for_late: setup.is_on("late"),
        shard_span: shard_ms(setup),
        window: setup.knob("window"),
        retention: setup.knob("retention"),
        rollup_span: ROLLUP_MS,
    }
}

fn spawn(me: NodeId, setup: &Setup) -> Node {
    match me {
        STORE => Node::Server(Box::new(Server::new(setup.is_on("shards"), settings(setup)))),
        DASHBOARD => Node::Dashboard(Box::new(Dashboard::new(
            setup.count("sensors"),
            setup.knob("retention"),
        ))),
        NodeId(number) => {
            let period_us = setup.knob("period") * 1_000;
            Node::Sensor(Box::new(Sensor::new(number - FIRST.0, period_us)))
        }
    }
}

const SPEC: Spec<Node, History> = Spec {
    names: |setup| {
        let names = (0..setup.count("sensors")).map(message::thermometer);
        ["Store".to_owned(), "Dashboard".to_owned()].into_iter().chain(names).collect()
    },
    spawn,
    environment: |_| Environment::uniform((1_000, 6_000), (3_000, 12_000)),
    commands: &[
        Command {
            label: "Ask for points",
            accepts: |id, _| id == DASHBOARD,
            input: Input::Nothing,
            say: |_, _, _| Msg::AskNow(What::Points),
        },
        Command {
            label: "Ask for rollups",
            accepts: |id, _| id == DASHBOARD,
            input: Input::Nothing,
            say: |_, _, _| Msg::AskNow(What::Rollups),
        },
        Command {
            label: "Read",
            accepts: |id, _| id >= FIRST,
            input: Input::Number { label: "", unit: "°C", min: -40, max: 85, default: 30 },
            say: |_, _, it| Msg::Read(it.number()),
        },
    ],
    invariants: &[
        Invariant { name: KEPT, check: judge::promises_are_kept },
        Invariant {
            name: "an answer has all that is kept of the time it covers",
            check: judge::answers_are_whole,
        },
        Invariant {
            name: "an answer has readings as they were sent, to the bit",
            check: judge::answers_are_what_was_sent,
        },
        Invariant { name: "a rollup is that of its readings", check: judge::rollups_are_right },
    ],
    goals: &[
        Goal {
            name: "the store serves",
            within_us: |_| 1_000_000,
            reached: |world, it| it.is_damaged || judge::engine(world).is_some(),
        },
        Goal {
            name: "the dashboard gets an answer",
            within_us: |_| 2_000_000,
            reached: |world, it| {
                it.is_damaged || it.got.is_some_and(|got| got.at_us > world.disturbed_at_us())
            },
        },
    ],
    sometimes: &[
        Sometimes { name: "the store comes up again", seen: |_, it| it.openings > 1 },
        Sometimes { name: "a shard is sealed", seen: |_, it| it.sealed.is_some() },
        Sometimes { name: "a reading is refused as too late", seen: |_, it| it.late > 0 },
        Sometimes { name: "a query holds what is forgotten", seen: judge::holds_what_is_forgotten },
    ],
    alerts: &[
        Alert { name: "readings come too late", check: judge::nothing_is_late },
        Alert { name: "the store takes no readings", check: judge::takes_points },
    ],
    metrics: &[
        Metric { label: "kept in all", unit: "readings", read: |_, it| it.told.cast_signed() },
        Metric { label: "refused", unit: "readings", read: |_, it| it.late.cast_signed() },
        Metric {
            label: "a reading takes, in all files",
            unit: "bits",
            read: |world, _| {
                let (points, bytes) = judge::engine(world).map_or((0, 0), Engine::size);
                (bytes * 8 / points.max(1)).cast_signed()
            },
        },
        Metric {
            label: "the last answer took",
            unit: "blocks",
            read: |_, it| it.got.map_or(0, |got| i64::from(got.blocks)),
        },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: view::panels,
};
