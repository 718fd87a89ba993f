//! A ledger that cuts off nothing it has promised: torn ends, rotten blocks, and writes that go astray.
//!
//! Clients move money between accounts. S1 makes the blocks of one ledger, S1, S2 and S3 keep it on disks
//! of real sectors ([`crate::mechanism::ledger`]), and a transfer is acknowledged when two of the three
//! have its block on disk. A bad block at the end may be a write that a crash tore, and then it is to be
//! cut off; or it was acknowledged and has rotted since, and then it must be mended. One disk cannot tell:
//! the others are asked. A bad block with good ones behind it is never cut. The naive replica does what
//! most do: it looks at no sum, and cuts at the first block that makes no sense.
//!
//! Alagappan et al. 2018, “Protocol-Aware Recovery for Consensus-Based Storage” (FAST), sections 2 and 3;
//! Bairavasundaram et al. 2008, “An Analysis of Data Corruption in the Storage Stack” (FAST), section 2.1:
//! torn, lost and misdirected writes.
//!
//! Left out: elections (S1 makes all blocks, and while it is down there are none: other rows elect), limits
//! on what an account may owe, and cutting off old segments.

mod client;
mod judge;
mod lesson;
mod message;
mod node;
mod on_disk;
mod primary;
mod replica;
mod view;

use client::Client;
use judge::History;
use message::{Msg, PRIMARY, REPLICAS};
use node::Node;
use replica::{Config, Replica};

use crate::mechanism::ledger::{BLOCK_BYTES, Settings};
use crate::scenario::{
    Diagram, DiskFaultKind, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup,
    Switch, at,
};
use crate::sim::{
    Action, Alert, Command, DiskFault, Environment, Goal, Input, Invariant, Metric, NodeId,
    Observed, Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

/// How many blocks a segment holds: few, so that there are several.
const SEGMENT_BLOCKS: u64 = 32;
/// The first two segments, which a run of the usual length fills.
const FIRST: &str = "ledger-0001";
const SECOND: &str = "ledger-0002";
const WITHIN_BYTES: u64 = SEGMENT_BLOCKS * BLOCK_BYTES as u64;

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "torn-ledger",
    seeds: &["13.8"],
    revision: 3,
    title: "A ledger on bad disks",
    family: Family::Storage,
    difficulty: 3,
    prerequisites: &["wal-lsm"],
    question: "When a block of a replicated ledger is bad, may it be cut off?",
    promise: "A transfer of which a client was told stays in the ledger, and counts once.",
    constraint: "Disks tear writes in a crash, let bits rot, put blocks in wrong places and lose them; \
                 and a torn block looks just like a rotten one.",
    guarantee: "One order of blocks for all, durable on two of three disks; no block counts that was not \
                agreed on. Without enough sound copies the ledger waits, and never guesses.",
    naive: "At the first block that makes no sense a replica cuts off the rest. Blocks have no sums that \
            anybody looks at, and no place; S1 believes its own disk.",
    hardened: "A block has a sum, its position and the name of the block before it. A bad one is mended \
               from a peer; it is cut only if a quorum lacks it.",
    breaks: "A bit of the last block rots at S1, which cuts the block off, and the others follow; a bit of \
             an amount rots at S2, and is added up.",
    survives: Faults {
        victims: |_| NodeId::first(REPLICAS).collect(),
        down_at_once: |_| REPLICAS,
        disk: &[
            DiskFaultKind::TornSectors,
            DiskFaultKind::Slow,
            DiskFaultKind::BitRot { file: FIRST, within_bytes: WITHIN_BYTES },
            DiskFaultKind::BitRot { file: SECOND, within_bytes: WITHIN_BYTES },
            DiskFaultKind::Misdirect { file: FIRST, within_bytes: WITHIN_BYTES },
            DiskFaultKind::Misdirect { file: SECOND, within_bytes: WITHIN_BYTES },
            DiskFaultKind::ReadError { file: FIRST, within_bytes: WITHIN_BYTES },
            DiskFaultKind::ReadError { file: SECOND, within_bytes: WITHIN_BYTES },
        ],
        claim: "Crashes of any replicas at any moment, torn sectors, and any number of blocks that rot, \
                cannot be read or land in wrong places: nothing acknowledged is cut, nothing false \
                counts, and the ledger serves while the disks together still tell what it is. Pauses, \
                cuts, loss and duplication. Outside: syncs that fail or lie, and damage to the \
                superblock.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Acknowledge a transfer when two of three disks have it, usually within 100 ms.",
        "Mend a rotten block while serving, within half a second.",
        "Come up by itself within 1.5 s after a crash, if syncs take their usual time and the disks tell what \
         the ledger is.",
        "Out of scope: elections, limits on what accounts may owe, and cutting off old blocks.",
    ],
    faced: &[
        ("replay", "Faced: a replica that starts reads all its blocks again and adds them up."),
        ("late data", "Excluded: the order of blocks is the order, and only S1 makes them."),
        (
            "partial writes",
            "Faced: a block is torn or rotten, and who cannot tell which asks the others.",
        ),
        ("partitions", "Faced: without a second replica S1 acknowledges nothing, and waits."),
        ("retries", "Faced: a transfer has its client's number, and the same one counts once."),
        ("clocks", "Faced: no clock is read but to wait."),
        ("lossy networks", "Faced: clients ask again, and replicas ask for what they lack."),
        ("dying machines", "Faced while two of three disks, or one and good luck, are left."),
    ],
    saturates_first: "The primary's disk: one block is under way at a time and holds 16 transfers, so more \
                      clients fill blocks first, and then wait for the next one.",
    pitfalls: &[
        "Taking every bad end for a torn write: what was acknowledged is cut off.",
        "Trusting a sum alone: a block in a wrong place has a right one.",
        "Letting the replica with the bad disk decide what all others keep.",
        "Finding rot only when the block is needed: by then its other copies may have rotted, too.",
        "Taking a copy that has forgotten a block for one that never had it.",
    ],
    primitives: &[
        Primitive::AppendOnlyLog,
        Primitive::WriteAheadLog,
        Primitive::SequenceNumbers,
        Primitive::DedupLog,
        Primitive::Replay,
        Primitive::Heartbeats,
    ],
    sources: &[
        "Alagappan et al. 2018, “Protocol-Aware Recovery for Consensus-Based Storage”, FAST, sections 2, 3",
        "Bairavasundaram et al. 2008, “An Analysis of Data Corruption in the Storage Stack”, FAST",
        "Ongaro & Ousterhout 2014, “In Search of an Understandable Consensus Algorithm”, section 5.4",
        "TigerBeetle, “Safety”: storage faults, and its journal's recovery",
    ],
    fidelity: Fidelity {
        modelled: &[
            "every byte: blocks of 512 bytes in segments of 32, and a superblock in two copies",
            "what a crash leaves of unsynced sectors, and what rots, is lost or lands elsewhere",
        ],
        simplified: &[
            "a block is one sector, so that a torn or misdirected write is one block's",
            "a replica says what it holds in one message; a long ledger would send a part",
            "sums are CRC-32C: against accidents, not against malice",
        ],
        omitted: &["elections: S1 alone makes blocks, in one generation after the other"],
    },
    diagram: Diagram {
        boxes: &[
            ("Clients", Role::Client, 0),
            ("S1 makes blocks", Role::Leader, 1),
            ("S2, S3 keep them", Role::Storage, 2),
            ("Disks", Role::Storage, 3),
        ],
        arrows: &[
            (0, 1, "transfer"),
            (1, 2, "block"),
            (2, 1, "on disk; copies"),
            (2, 3, "write, scrub"),
            (1, 3, "write, scrub"),
        ],
    },
    knobs: &[
        Knob::count("clients", "Clients", 3, 1..=8),
        Knob::count("accounts", "Accounts", 4, 2..=8),
        Knob::milliseconds("block", "A block every", 60, 30..=200),
        Knob::milliseconds("scrub", "Some blocks are read again every", 50, 20..=400),
    ],
    switches: &[
        Switch {
            key: "sums",
            label: "Believe only what has its sum",
            help: "Each block has a CRC-32C, and one that lacks it is bad.",
        },
        Switch {
            key: "place",
            label: "Believe only what is in its place",
            help: "A block names its position and the block before it, and elsewhere it is bad.",
        },
        Switch {
            key: "quorum",
            label: "Ask a quorum before cutting",
            help: "S1 goes on from what a majority holds, and cuts a bad end only if a majority lacks it.",
        },
        Switch {
            key: "repair",
            label: "Mend from peers",
            help: "A bad block is fetched from a peer and written anew, wherever it is.",
        },
    ],
    scripts: &[
        Script {
            label: "Torn, rotten and astray",
            help: "A bit rots in mid-book at S2 and at the end at S1, S3 puts a block in a wrong place, \
                   and S1 loses power in mid-write.",
            settings: &[],
            actions: torn_and_rotten,
        },
        Script {
            label: "And then: who has it is away",
            help: "S1 loses its last block, S2 alone has a copy and is down, S3 never had it: S1 has to wait.",
            settings: &[],
            actions: the_copy_is_away,
        },
        Script {
            label: "And then: all three disks go bad",
            help: "Every disk loses other blocks, and the power goes everywhere: together they have them all.",
            settings: &[],
            actions: all_go_bad,
        },
    ],
    horizon_us: 4_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Layers,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: Some(&on_disk::ON_DISK),
};

const S2: NodeId = NodeId(1);
const S3: NodeId = NodeId(2);

fn power(node: NodeId, down_us: u64, up_us: u64) -> [TimedAction; 2] {
    [at(down_us, Action::Crash(node)), at(up_us, Action::Restart(node))]
}

fn disk(at_us: u64, node: NodeId, fault: DiskFault) -> TimedAction {
    at(at_us, Action::Disk { node, fault })
}

/// Flips a bit of a byte of the block at a position in the first segment.
fn rot(position: u64, byte: u64, bit: u8) -> DiskFault {
    let offset = (position - 1) * BLOCK_BYTES as u64 + byte;
    DiskFault::BitRot { file: FIRST.into(), offset, bit }
}

/// Where in a block the number of transfers stands, and the first one's amount.
const COUNT: u64 = 32;
const AMOUNT: u64 = 41;

fn torn_and_rotten(_: &Setup) -> Vec<TimedAction> {
    let mut actions = vec![disk(500_000, S2, rot(3, AMOUNT, 3))];
    // One block opens the generation, and one comes every 60 ms: the last one is the seventeenth.
    let [down, up] = power(PRIMARY, 1_000_000, 1_100_000);
    actions.extend([down, disk(1_010_000, PRIMARY, rot(17, COUNT, 7)), up]);
    actions.extend(power(S2, 1_200_000, 1_260_000));
    let astray = DiskFault::Misdirect { file: FIRST.into(), to_sector: 4 };
    actions.push(disk(1_600_000, S3, astray));
    // Two milliseconds after a block was made it is on no disk.
    for (down_us, up_us) in [(2_302_000, 2_360_000), (2_662_000, 2_720_000), (3_022_000, 3_080_000)]
    {
        actions.push(disk(down_us - 50_000, PRIMARY, DiskFault::TornSectors { bytes: 60 }));
        actions.extend(power(PRIMARY, down_us, up_us));
    }
    actions
}

fn the_copy_is_away(_: &Setup) -> Vec<TimedAction> {
    let astray = DiskFault::Misdirect { file: SECOND.into(), to_sector: 2 };
    vec![
        at(3_500_000, Action::Cut { from: PRIMARY, to: S3 }),
        at(3_500_000, Action::Cut { from: S2, to: S3 }),
        disk(3_670_000, PRIMARY, astray),
        at(3_720_000, Action::Crash(PRIMARY)),
        at(3_730_000, Action::Crash(S2)),
        at(3_740_000, Action::Heal),
        at(3_760_000, Action::Restart(PRIMARY)),
        at(4_300_000, Action::Restart(S2)),
    ]
}

fn all_go_bad(_: &Setup) -> Vec<TimedAction> {
    let unreadable = DiskFault::ReadError { file: SECOND.into(), offset: 2_048 };
    let mut actions = vec![disk(3_500_000, S3, unreadable)];
    let nodes = [PRIMARY, S2, S3];
    actions.extend(nodes.map(|node| at(3_600_000, Action::Crash(node))));
    for (node, first) in nodes.into_iter().zip([5, 9, 13]) {
        actions
            .extend((first..first + 4).map(|place| disk(3_650_000, node, rot(place, AMOUNT, 1))));
    }
    actions.extend(nodes.map(|node| at(3_700_000, Action::Restart(node))));
    actions
}

fn config(setup: &Setup) -> Config {
    Config {
        settings: Settings {
            is_summed: setup.is_on("sums"),
            is_placed: setup.is_on("place"),
            segment_blocks: SEGMENT_BLOCKS,
        },
        asks_quorum: setup.is_on("quorum"),
        mends: setup.is_on("repair"),
        block_us: setup.knob("block") * 1_000,
        scrub_us: setup.knob("scrub") * 1_000,
    }
}

const SPEC: Spec<Node, History> = Spec {
    names: |setup| {
        let replicas = (1..=REPLICAS).map(|number| format!("S{number}"));
        replicas.chain((1..=setup.count("clients")).map(|number| format!("C{number}"))).collect()
    },
    spawn: |me, setup| match me.0.checked_sub(REPLICAS) {
        None => Node::Replica(Box::new(Replica::new(config(setup)))),
        Some(client) => Node::Client(Box::new(Client::new(client, setup.count("accounts")))),
    },
    environment: |_| Environment::uniform((1_000, 6_000), (3_000, 12_000)),
    commands: &[Command {
        label: "Pay",
        accepts: |id, _| id.0 >= REPLICAS,
        input: Input::Number { label: "", unit: "cents", min: 1, max: 8_000, default: 4_200 },
        say: |_, _, it| Msg::PayNow(it.number().unsigned_abs()),
    }],
    invariants: &[
        Invariant {
            name: "what was acknowledged stays in the ledger",
            check: judge::promises_are_kept,
        },
        Invariant {
            name: "no replica cuts off what it vouched for and was acknowledged",
            check: judge::nothing_acknowledged_is_cut,
        },
        Invariant {
            name: "no block is applied but the one agreed on",
            check: judge::what_is_applied_was_agreed_on,
        },
        Invariant {
            name: "on every replica debits equal credits",
            check: judge::debits_equal_credits,
        },
    ],
    goals: &[
        Goal {
            name: "S1 serves, or the disks do not tell what the ledger is",
            within_us: |_| 1_500_000,
            reached: judge::serves,
        },
        Goal {
            name: "every disk has all that was acknowledged, or no disk has it",
            within_us: |setup| 1_500_000 + 16_000 * setup.knob("scrub"),
            reached: judge::all_are_whole,
        },
    ],
    sometimes: &[
        Sometimes { name: "a block is mended from a peer's copy", seen: judge::was_mended },
        Sometimes { name: "S1 comes up again", seen: |_, it| it.openings > 1 },
        Sometimes { name: "blocks are cut off", seen: |_, it| it.cuts > 0 },
    ],
    alerts: &[
        Alert { name: "a block that was good is bad", check: judge::all_that_is_read_is_good },
        Alert { name: "S1 waits for a quorum's word", check: judge::takes_transfers },
    ],
    metrics: &[
        Metric {
            label: "acknowledged",
            unit: "transfers",
            read: |_, it| it.acknowledged.cast_signed(),
        },
        Metric { label: "mended", unit: "blocks", read: |_, it| it.mended.cast_signed() },
        Metric {
            label: "cut off",
            unit: "blocks",
            read: |_, it| (it.cuts + it.torn).cast_signed(),
        },
        Metric {
            label: "S1 took last to come up",
            unit: "ms",
            read: |_, it| (it.recovery_us / 1_000).cast_signed(),
        },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: view::panels,
};
