//! A store that keeps its word: a write-ahead log, sorted tables, and what a crash may take.
//!
//! Two clients put and get through one node, whose store is a log-structured merge tree on a disk of real
//! sectors: [`crate::mechanism::lsm`]. “Done” is a promise about power: what a client was told is kept, or
//! has read, is there after every crash, and what is there is a beginning of what was written, without a
//! hole. The naive node answers when the operating system has the bytes, believes whatever it reads back,
//! and lets the manifest name tables that are still in the cache.
//!
//! O'Neil et al. 1996, “The Log-Structured Merge-Tree”; Pillai et al. 2014, “All File Systems Are Not
//! Created Equal”, sections 3 and 4; Rebello et al. 2020, “Can Applications Recover from fsync
//! Failures?”, sections 3 and 4.
//!
//! Left out: replicas (another lesson repairs from peers what one disk can only refuse), and what work costs
//! the processor: the disk's syncs are all that takes time here.

mod client;
mod judge;
mod lesson;
mod message;
mod node;
mod on_disk;
mod server;
mod view;

use client::Client;
use judge::History;
use message::{Key, Msg, STORE};
use node::Node;
use server::{Config, Server};

use crate::mechanism::lsm::{Policy, Settings, SyncPolicy};
use crate::scenario::{
    Choice, Diagram, DiskFaultKind, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script,
    Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Command, DiskFault, Environment, Goal, Input, Invariant, Metric, NodeId,
    Observed, Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "wal-lsm",
    seeds: &["15.10"],
    revision: 4,
    title: "A store that keeps its word",
    family: Family::Storage,
    difficulty: 2,
    prerequisites: &[],
    question: "How does a store keep every acknowledged write through crashes at any moment?",
    promise: "What a client was told is kept, or has read, is there after every crash.",
    constraint: "A disk's cache is lost with the power, in any part and out of order; syncs take \
                 milliseconds, may fail, and reads must stay fast.",
    guarantee: "Durable and linearizable for each key, on one node: what survives a crash is a \
                beginning of the order of writes, and holds all that was acknowledged or read.",
    naive: "Writes are acknowledged when the operating system has them; what is read back is believed; \
            the manifest names new tables at once.",
    hardened: "A write is acknowledged, and shown to readers, when its log record is synced. Records, \
               blocks and manifest have sums. The manifest names a table when it is on disk.",
    breaks: "The power goes in mid-write: the cache is lost, a record is torn, a table that counts is \
             empty.",
    survives: Faults {
        victims: |_| vec![STORE],
        down_at_once: |_| 1,
        disk: &[
            DiskFaultKind::FailSyncs,
            DiskFaultKind::TornSectors,
            DiskFaultKind::Slow,
            DiskFaultKind::Capacity { least_bytes: 64 << 10 },
        ],
        claim: "Crashes of the store at any moment, with any part of what was not synced left, torn \
                sectors too; syncs that fail or are slow; a full disk; pauses, cuts, loss and \
                duplication. Bits that rot \
                and syncs that lie are outside the claim. Rot is found and refused; in the last synced \
                records of a log it looks like a torn write, and is cut off.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Acknowledge a write when one sync has ended, usually within 20 ms.",
        "Serve reads of keys while tables are written and merged.",
        "Come up by itself within 1 s after a crash, if syncs take their usual time, with all that was \
         promised.",
        "Out of scope: replicas, transactions over several keys, and secret erasure.",
    ],
    faced: &[
        ("replay", "Faced: recovery reads the log again; each record says which write it is."),
        ("late data", "Excluded: there is one writer, and its order is the order."),
        (
            "partial writes",
            "Faced: a record that is cut short or torn lacks its sum, and ends the log.",
        ),
        ("partitions", "Faced: who is cut off waits, gives up, and knows that it does not know."),
        (
            "retries",
            "Faced: with each write, in one record, stands which question it was; a copy is no new write.",
        ),
        ("clocks", "Faced: no clock is read but to wait."),
        (
            "lossy networks",
            "Faced: a lost answer leaves a client in doubt, never with a false promise.",
        ),
        ("dying machines", "Faced while the disk survives: that is this lesson."),
    ],
    saturates_first: "The disk's syncs: one is under way at a time, and all writes since wait for the \
                      next, so more clients share one sync before they wait longer.",
    pitfalls: &[
        "Syncing a new file but not its name: after a crash there is no such file.",
        "Trying a failed sync again: the cache takes the lost pages for clean, so the second succeeds.",
        "Removing the log when the table is written, not when it is durable and named.",
        "Serving what is in memory but not on disk: a reader acts on what a crash then undoes.",
        "Going on after the last good record without cutting off what is behind it.",
    ],
    primitives: &[
        Primitive::WriteAheadLog,
        Primitive::DedupLog,
        Primitive::AppendOnlyLog,
        Primitive::SequenceNumbers,
        Primitive::Replay,
        Primitive::Partitioning,
    ],
    sources: &[
        "O'Neil, Cheng, Gawlick & O'Neil 1996, “The Log-Structured Merge-Tree”, Acta Informatica 33",
        "Pillai et al. 2014, “All File Systems Are Not Created Equal”, OSDI, sections 3 and 4",
        "Rebello et al. 2020, “Can Applications Recover from fsync Failures?”, USENIX ATC",
        "LevelDB, “Implementation notes”: files, compactions, recovery",
    ],
    fidelity: Fidelity {
        modelled: &[
            "every byte: log, tables, index, Bloom filter and manifest lie in sectors of 512 bytes",
            "what a crash leaves of unsynced sectors, lengths and names, each on its own",
        ],
        simplified: &[
            "tables are kilobytes, so that levels fill while one looks on",
            "clients read keys; a range is scanned only to judge what a crash has left",
        ],
        omitted: &["a cache of blocks, compression: they change the speed, not the promise"],
    },
    diagram: Diagram {
        boxes: &[
            ("Clients", Role::Client, 0),
            ("Store", Role::Peer, 1),
            ("Log", Role::Storage, 2),
            ("Tables", Role::Storage, 3),
        ],
        arrows: &[
            (0, 1, "put, get"),
            (1, 2, "record, sync"),
            (1, 3, "flush, merge"),
            (2, 1, "replay"),
        ],
    },
    knobs: &[
        Knob::count("clients", "Clients", 3, 1..=6),
        Knob::count("keys", "Keys", 12, 4..=64),
        Knob::count("memory", "Bytes in memory before a flush", 900, 100..=4_000),
        Knob::one_of(
            "policy",
            "Tables are merged",
            0,
            0,
            &[
                Choice { key: "leveled", label: "by levels" },
                Choice { key: "tiered", label: "by size" },
                Choice { key: "never", label: "never" },
            ],
        ),
    ],
    switches: &[
        Switch {
            key: "sync",
            label: "Sync the log",
            help: "Every record of the log is synced. Off: it is left to the operating system.",
        },
        Switch {
            key: "after-sync",
            label: "Promise only what is synced",
            help: "Writers and readers are told of a write when a crash can undo it no more.",
        },
        Switch {
            key: "sums",
            label: "Believe only what has its sum",
            help: "Records, blocks and manifest carry a CRC-32C, and what lacks it is not believed.",
        },
        Switch {
            key: "order",
            label: "Tables first, then the manifest",
            help: "The manifest names a table, and the log is removed, when the table is on disk.",
        },
    ],
    scripts: &[
        Script {
            label: "The power goes",
            help: "The store loses power five times in mid-write, a sync fails, and the power goes once more.",
            settings: &[],
            actions: power_goes,
        },
        Script {
            label: "And then: the power goes again and again",
            help: "Ten short lives: the store hardly comes up before the power goes once more.",
            settings: &[],
            actions: again_and_again,
        },
        Script {
            label: "And then: a bit rots",
            help: "One bit of the manifest flips: what was promised is refused, and nothing false is served.",
            settings: &[],
            actions: a_bit_rots,
        },
    ],
    horizon_us: 4_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Ring,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: Some(&on_disk::ON_DISK),
};

fn clients(setup: &Setup) -> impl Iterator<Item = NodeId> + use<> {
    NodeId::range(1, setup.count("clients"))
}

fn crash(down_us: u64, up_us: u64) -> [TimedAction; 2] {
    [at(down_us, Action::Crash(STORE)), at(up_us, Action::Restart(STORE))]
}

fn disk(at_us: u64, fault: DiskFault) -> TimedAction {
    at(at_us, Action::Disk { node: STORE, fault })
}

fn power_goes(_: &Setup) -> Vec<TimedAction> {
    let mut actions = Vec::new();
    // What a crash leaves is a matter of luck: of five, one hurts in all likelihood.
    for down_us in [500_000, 700_000, 900_000, 1_100_000, 1_300_000] {
        actions.extend(crash(down_us, down_us + 60_000));
    }
    actions.push(disk(1_600_000, DiskFault::FailSyncs { count: 1 }));
    actions.push(disk(2_100_000, DiskFault::TornSectors { bytes: 200 }));
    actions.extend(crash(2_200_000, 2_400_000));
    actions
}

fn again_and_again(_: &Setup) -> Vec<TimedAction> {
    (0..10).flat_map(|n| crash(2_600_000 + 130_000 * n, 2_610_000 + 130_000 * n)).collect()
}

fn a_bit_rots(_: &Setup) -> Vec<TimedAction> {
    let file = crate::mechanism::lsm::version::MANIFEST.to_owned();
    let mut actions = vec![disk(2_800_000, DiskFault::BitRot { file, offset: 12, bit: 2 })];
    actions.extend(crash(2_900_000, 3_000_000));
    actions
}

fn config(setup: &Setup) -> Config {
    let is_synced = setup.is_on("sync");
    Config {
        settings: Settings {
            sync: if is_synced { SyncPolicy::Always } else { SyncPolicy::Never },
            is_summed: setup.is_on("sums"),
            is_ordered: setup.is_on("order"),
            memtable_bytes: u32::from(setup.count("memory")),
            block_bytes: 256,
            table_bytes: 1 << 10,
            policy: match setup.knob("policy") {
                0 => Policy::Leveled { trigger: 3, base_bytes: 4 << 10, fanout: 4 },
                1 => Policy::SizeTiered { runs: 3 },
                _ => Policy::None,
            },
            ..Settings::default()
        },
        // Who syncs nothing knows of nothing that is safe, and promises all.
        promises_durable: is_synced && setup.is_on("after-sync"),
    }
}

/// Which key the viewer means.
const KEY: Input = Input::Number { label: "of key", unit: "", min: 0, max: 63, default: 7 };

fn key(number: i64) -> Key {
    Key(u16::try_from(number).unwrap_or_default())
}

const SPEC: Spec<Node, History> = Spec {
    names: |setup| {
        let clients = clients(setup).map(|id| format!("C{}", id.0));
        std::iter::once("Store".into()).chain(clients).collect()
    },
    spawn: |me, setup| match me.0.checked_sub(1) {
        None => Node::Server(Box::new(Server::new(config(setup)))),
        Some(client) => Node::Client(Box::new(Client::new(client, setup.count("keys")))),
    },
    environment: |_| Environment::uniform((1_000, 6_000), (3_000, 12_000)),
    commands: &[
        Command {
            label: "Put",
            accepts: |id, _| id != STORE,
            input: KEY,
            say: |_, _, it| Msg::PutNow(key(it.number())),
        },
        Command {
            label: "Get",
            accepts: |id, _| id != STORE,
            input: KEY,
            say: |_, _, it| Msg::GetNow(key(it.number())),
        },
    ],
    invariants: &[
        Invariant {
            name: "what was acknowledged or read survives every crash",
            check: judge::promises_are_kept,
        },
        Invariant {
            name: "a crash leaves a store that opens",
            check: judge::a_crash_leaves_a_store,
        },
        Invariant {
            name: "what is there is a beginning of what was written",
            check: judge::what_is_there_is_a_beginning,
        },
        Invariant {
            name: "no bytes are served that nobody wrote",
            check: judge::nothing_damaged_is_served,
        },
    ],
    goals: &[Goal {
        name: "the store serves",
        within_us: |_| 1_000_000,
        reached: |world, it| it.is_damaged || judge::open_store(world).is_some(),
    }],
    sometimes: &[
        Sometimes { name: "the store comes up again", seen: judge::came_back },
        Sometimes { name: "tables are merged", seen: judge::has_merged },
        Sometimes { name: "a client is told that nobody knows", seen: |_, it| it.was_unknown },
    ],
    alerts: &[Alert { name: "the store takes no writes", check: judge::takes_writes }],
    metrics: &[
        Metric {
            label: "acknowledged",
            unit: "writes",
            read: |_, it| it.acknowledged.cast_signed(),
        },
        Metric {
            label: "a crash could undo",
            unit: "writes",
            read: |world, _| {
                let store = judge::open_store(world);
                store.map_or(0, |it| (it.last() - it.durable()).cast_signed())
            },
        },
        Metric {
            label: "written a thousand bytes of the user's",
            unit: "bytes",
            read: |world, it| {
                judge::write_amplification_permille(world, it).map_or(0, u64::cast_signed)
            },
        },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: view::panels,
};
