//! A counter that is never wrong: two copies, and the courage to refuse.
//!
//! Clients ask one node for +1. Each is a record in a log; now and then the count is noted in a snapshot:
//! [`crate::mechanism::durable_counter`], on a disk of real sectors. The node says “counted” when no crash
//! can undo it, and what it says at any time lies between what it promised and what it was asked for,
//! although bits rot, writes land elsewhere and the power goes. The naive node has one copy without sums,
//! and adds up whatever it finds.
//!
//! Lampson & Sturgis 1979, “Crash Recovery in a Distributed Data Storage System”, section 4 (stable
//! storage); Alagappan et al. 2018, “Protocol-Aware Recovery for Consensus-Based Storage”, section 3.2.
//!
//! Left out: copies on several disks or nodes (another row repairs a ledger from its peers), and a
//! scrubber that reads what nobody asks for.

mod client;
mod judge;
mod lesson;
mod message;
mod node;
mod on_disk;
mod server;
mod view;

use judge::History;
use message::{Ask, COUNTER, Msg};
use node::Node;
use server::Server;

use crate::mechanism::durable_counter::{Counter, Settings, area};
use crate::scenario::{
    Diagram, DiskFaultKind, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup,
    Switch, at,
};
use crate::sim::files::SECTOR_BYTES;
use crate::sim::{
    Action, Alert, Command, DiskFault, Environment, Goal, Input, Invariant, Metric, NodeId,
    Observed, Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

/// How much of a log may be struck: all of it, where a snapshot is made after 16.
const LOG_BYTES: u64 = 32 * SECTOR_BYTES as u64;
/// How much of a snapshot is not only padding, with three clients.
const SNAPSHOT_BYTES: u64 = 24;

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "durable-counter",
    seeds: &["15.3"],
    revision: 2,
    title: "A counter that is never wrong",
    family: Family::Storage,
    difficulty: 2,
    prerequisites: &["wal-lsm"],
    question: "How does a counter survive crashes and a disk that corrupts what it holds?",
    promise: "The number is never wrong: at least what was promised, at most what was asked for.",
    constraint: "One disk: bits rot, sectors become unreadable, writes land elsewhere, and the power goes \
                 at any moment.",
    guarantee: "Durable and exact: promised ≤ count ≤ asked, through any crash and any damage to one \
                copy; with both damaged it may refuse, and does not guess.",
    naive: "One copy, no sums. What is read back is believed; recovery adds the log to the snapshot, \
            whatever the snapshot holds already, and ends at whatever it cannot read.",
    hardened: "Log and snapshot lie in two areas, with sums and numbers. What is bad in one is read in \
               the other; what is bad in both is refused.",
    breaks: "A bit of the snapshot flips: the count is another one. The power goes between snapshot and \
             cut: records count twice.",
    survives: Faults {
        victims: |_| vec![COUNTER],
        down_at_once: |_| 1,
        disk: &[
            DiskFaultKind::FailSyncs,
            DiskFaultKind::Slow,
            DiskFaultKind::BitRot { file: "a.snap", within_bytes: SNAPSHOT_BYTES },
            DiskFaultKind::BitRot { file: "b.snap", within_bytes: SNAPSHOT_BYTES },
            DiskFaultKind::BitRot { file: "a.log", within_bytes: LOG_BYTES },
            DiskFaultKind::BitRot { file: "b.log", within_bytes: LOG_BYTES },
            DiskFaultKind::ReadError { file: "a.log", within_bytes: LOG_BYTES },
            DiskFaultKind::ReadError { file: "b.log", within_bytes: LOG_BYTES },
            DiskFaultKind::Misdirect { file: "a.log", within_bytes: LOG_BYTES },
            DiskFaultKind::Misdirect { file: "b.log", within_bytes: LOG_BYTES },
        ],
        claim: "Crashes at any moment, of which whole sectors survive or not; flipped bits, unreadable \
                sectors and misdirected writes: in one copy it counts on, in both it may refuse; syncs \
                that fail or are slow; pauses, cuts, loss and duplication. Sectors that tear and syncs \
                that lie are outside the claim.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Say “counted” when one sync of both copies has ended, usually within 20 ms.",
        "Count a question once, however often it is asked.",
        "Come up by itself within 1 s after a crash, if syncs take their usual time; refuse only if both \
         copies are damaged.",
        "Out of scope: more than one disk, more than one counter, going down again.",
    ],
    faced: &[
        ("replay", "Faced: a record has its number; what the snapshot holds is not counted again."),
        ("late data", "Faced: a late copy of a question is recognised by its number."),
        ("partial writes", "Faced: a record has a sector to itself, so it is there or it is not."),
        ("partitions", "Faced: who is cut off waits, and asks again."),
        ("retries", "Faced: records and snapshots say which question of whom was counted last."),
        ("clocks", "Faced: no clock is read but to wait."),
        ("lossy networks", "Faced: a lost answer is asked for again, and counts once."),
        ("dying machines", "Faced while the disk survives with one good copy."),
    ],
    saturates_first: "The disk's syncs: one is under way at a time, and all +1 since wait for the next. \
                      Beyond that the log: until a snapshot is durable it takes two intervals of records.",
    pitfalls: &[
        "A snapshot without the number of its last record: after a crash before the cut all counts twice.",
        "Stopping at the first bad record: what stands behind it was promised.",
        "Two copies in one write: what tears or misdirects it strikes both.",
        "Overwriting the snapshot in place: a crash in between leaves neither the old nor the new.",
        "Going on after recovery with the log as it is: what was passed over may be taken for new.",
    ],
    primitives: &[
        Primitive::WriteAheadLog,
        Primitive::SequenceNumbers,
        Primitive::DedupLog,
        Primitive::Replay,
        Primitive::AppendOnlyLog,
    ],
    sources: &[
        "Lampson & Sturgis 1979, “Crash Recovery in a Distributed Data Storage System”, section 4",
        "Alagappan et al. 2018, “Protocol-Aware Recovery for Consensus-Based Storage”, FAST, section 3.2",
        "Pillai et al. 2014, “All File Systems Are Not Created Equal”, OSDI, sections 3 and 4",
        "Bairavasundaram et al. 2008, “An Analysis of Data Corruption in the Storage Stack”, FAST",
    ],
    fidelity: Fidelity {
        modelled: &[
            "every byte: logs and snapshots lie in sectors of 512 bytes, with CRC-32C",
            "what a crash leaves of unsynced sectors, lengths and names, each on its own",
            "bits that flip, sectors that cannot be read, and writes that land elsewhere",
        ],
        simplified: &["a snapshot after 16, so that one sees them come"],
        omitted: &["a second disk: it would fail apart from the first, and change nothing else"],
    },
    diagram: Diagram {
        boxes: &[
            ("Clients", Role::Client, 0),
            ("Counter", Role::Peer, 1),
            ("Copy a: log, snapshot", Role::Storage, 2),
            ("Copy b: log, snapshot", Role::Storage, 2),
        ],
        arrows: &[
            (0, 1, "+1"),
            (1, 2, "record, sync"),
            (1, 3, "record, sync"),
            (2, 1, "what can be believed"),
        ],
    },
    knobs: &[
        Knob::count("clients", "Clients", 3, 1..=6),
        Knob::count("every", "Records before a snapshot", 16, 2..=64),
    ],
    switches: &[
        Switch {
            key: "copies",
            label: "Two copies",
            help: "Log and snapshot lie in two areas of the disk, and a +1 counts when it is in both.",
        },
        Switch {
            key: "sums",
            label: "Believe only what has its sum",
            help: "Records and snapshots carry a CRC-32C, and what lacks it is not believed.",
        },
        Switch {
            key: "numbers",
            label: "Number the records",
            help: "A record has its number, a snapshot that of its last record. Off: the log is cut after \
                   a snapshot, and whatever is in it counts.",
        },
        Switch {
            key: "refuse",
            label: "A bad record is no end",
            help: "What is damaged in every copy is refused. Off: recovery ends there, as if nothing came \
                   behind.",
        },
    ],
    scripts: &[
        Script {
            label: "Bits flip",
            help: "While the power is off a bit of the snapshot flips; the next time, records in mid-log; \
                   then a sync fails.",
            settings: &[],
            actions: bits_flip,
        },
        Script {
            label: "And then: the power goes before the cut",
            help: "The disk is slow, and the power goes six times: records that a snapshot holds are still \
                   in the log. Numbers keep them from counting twice.",
            settings: &[],
            actions: before_the_cut,
        },
        Script {
            label: "And then: both copies rot",
            help: "Both snapshots lose a bit. The counter knows that it does not know, and says so.",
            settings: &[],
            actions: both_rot,
        },
    ],
    horizon_us: 4_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Ring,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: Some(&on_disk::ON_DISK),
};

fn crash(down_us: u64, up_us: u64) -> [TimedAction; 2] {
    [at(down_us, Action::Crash(COUNTER)), at(up_us, Action::Restart(COUNTER))]
}

fn disk(at_us: u64, fault: DiskFault) -> TimedAction {
    at(at_us, Action::Disk { node: COUNTER, fault })
}

fn rot(at_us: u64, file: String, offset: u64) -> TimedAction {
    disk(at_us, DiskFault::BitRot { file, offset, bit: 6 })
}

/// The first byte of the count in a snapshot: behind length, sum and format.
const COUNT_AT: u64 = 10;

/// The power goes, and while it is off something happens to the disk: what the counter writes
/// meanwhile could make it good.
fn off(down_us: u64, damage: Vec<TimedAction>) -> Vec<TimedAction> {
    let [crash, restart] = crash(down_us, down_us + 100_000);
    [crash].into_iter().chain(damage).chain([restart]).collect()
}

fn bits_flip(_: &Setup) -> Vec<TimedAction> {
    let mut actions = off(600_000, vec![rot(650_000, area::snapshot("a"), COUNT_AT)]);
    // A scratch over a quarter of the log.
    let scratched = (8..16).map(|sector| sector * SECTOR_BYTES as u64 + COUNT_AT);
    let scratch = scratched.map(|offset| rot(1_450_000, area::log("a"), offset));
    actions.extend(off(1_400_000, scratch.collect()));
    actions.push(disk(2_000_000, DiskFault::FailSyncs { count: 1 }));
    actions
}

fn before_the_cut(_: &Setup) -> Vec<TimedAction> {
    let mut actions = vec![disk(2_500_000, DiskFault::Slow { percent: 400 })];
    for place in 0..6 {
        let down_us = 2_620_000 + 190_000 * place;
        actions.extend(crash(down_us, down_us + 10_000));
    }
    actions
}

fn both_rot(_: &Setup) -> Vec<TimedAction> {
    off(2_800_000, area::AREAS.map(|it| rot(2_850_000, area::snapshot(it), COUNT_AT)).to_vec())
}

fn settings(setup: &Setup) -> Settings {
    Settings {
        has_two_copies: setup.is_on("copies"),
        is_summed: setup.is_on("sums"),
        is_numbered: setup.is_on("numbers"),
        refuses_damage: setup.is_on("refuse"),
        every: u32::from(setup.count("every")),
    }
}

const SPEC: Spec<Node, History> = Spec {
    names: |setup| {
        let clients = NodeId::range(1, setup.count("clients")).map(|id| format!("C{}", id.0));
        std::iter::once("Counter".into()).chain(clients).collect()
    },
    spawn: |me, setup| match me {
        COUNTER => Node::Server(Box::new(Server::new(settings(setup)))),
        _ => Node::Client(Box::default()),
    },
    environment: |_| Environment::uniform((1_000, 6_000), (3_000, 12_000)),
    commands: &[
        Command {
            label: "+1",
            accepts: |id, _| id != COUNTER,
            input: Input::Nothing,
            say: |_, _, _| Msg::AskNow(Ask::Add),
        },
        Command {
            label: "How many?",
            accepts: |id, _| id != COUNTER,
            input: Input::Nothing,
            say: |_, _, _| Msg::AskNow(Ask::Read),
        },
    ],
    invariants: &[
        Invariant { name: "the number is never wrong", check: judge::the_number_is_right },
        Invariant { name: "one good copy is enough", check: judge::one_copy_is_enough },
    ],
    goals: &[Goal {
        name: "the counter counts",
        within_us: |_| 1_000_000,
        reached: judge::counts_or_is_lost,
    }],
    sometimes: &[
        Sometimes { name: "the counter comes up again", seen: judge::came_back },
        Sometimes { name: "a damaged copy is mended", seen: |_, it| it.mendings > 0 },
        Sometimes { name: "a client asks again", seen: |_, it| it.asked_again },
    ],
    alerts: &[
        Alert { name: "count and questions disagree", check: judge::the_number_is_right },
        Alert { name: "a copy is damaged", check: judge::both_copies_are_good },
    ],
    metrics: &[
        Metric { label: "promised", unit: "counts", read: |_, it| it.acknowledged.cast_signed() },
        Metric {
            label: "counted beyond what was promised",
            unit: "counts",
            read: |world, it| {
                let count = judge::open_counter(world).map_or(it.acknowledged, Counter::durable);
                count.cast_signed() - it.acknowledged.cast_signed()
            },
        },
        Metric {
            label: "a crash could undo",
            unit: "counts",
            read: |world, _| {
                let counter = judge::open_counter(world);
                counter.map_or(0, |it| (it.last() - it.durable()).cast_signed())
            },
        },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: view::panels,
};
