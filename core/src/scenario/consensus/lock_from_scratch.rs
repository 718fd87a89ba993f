//! A lock made of messages and one disk.
//!
//! The obvious design is a file that everybody can reach: who reads that the lock has expired writes
//! its own name and a time of day into it. Two read the same and both write; a clock that is ahead sees
//! every lease as over; a holder that freezes goes on as if nothing had been. The safeguards let one
//! arbiter decide, and let it say how *long* a lease lasts, so that each counts on its own monotonic
//! clock. What it gave away stands on disk, with a number that only grows, before anybody hears of it.
//! None of this stops a holder that is late: only what the lock protects can, by looking at the number.
//!
//! Gray & Cheriton 1989 (leases), §2. Burrows 2006 (Chubby), §2.4 (sequencers). Lamport 1978 and Ricart
//! & Agrawala 1981 are the same lock without an arbiter, as a knob. The algorithms are in
//! [`crate::mechanism::lease`] and [`crate::mechanism::mutex`].
//!
//! Left out: an arbiter of several servers (of the `config-store` row), locks that may be shared, and
//! what a holder does about a job that another has left half done. Clients are not judged as users of
//! one lock object: a lease that ends by itself is no call of anybody's.

mod judge;
mod keeper;
mod lesson;
mod message;
mod node;
mod puzzles;
mod resource;
mod view;
mod worker;

use judge::{History, workers};
use keeper::Keeper;
use message::Msg;
use node::{Config, Design, Node};
use resource::Resource;
use worker::Worker;

use crate::scenario::{
    Choice, Diagram, DiskFaultKind, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script,
    Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Command, DiskFault, Environment, Goal, Input, Invariant, Metric, NodeId,
    Observed, Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

/// The worker that begins, and freezes.
const W1: NodeId = NodeId(0);
/// The worker whose messages are late, and whose clock is set ahead, in twists.
const W2: NodeId = NodeId(1);

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "lock-from-scratch",
    seeds: &["15.2"],
    revision: 1,
    title: "A lock from messages and a disk",
    family: Family::Consensus,
    difficulty: 2,
    prerequisites: &[],
    question: "How do workers take turns when all they have is messages, a disk and clocks that differ?",
    promise: "Two never hold the lock at one time, and a job's parts stay together in the store.",
    constraint: "A worker can die or freeze while it holds the lock, clocks differ, and nobody can tell \
                 a dead holder from a slow one.",
    guarantee: "Strong at the resource: holders' writes are never interleaved. At the lock: two never \
                hold it at one time, by their own clocks, while clock rates are wrong by 5 % at most.",
    naive: "A shared file: who reads that the lock has expired writes its own name and a time of day \
            into it, and believes its own wall clock. Nothing is synced, and nobody checks a number.",
    hardened: "One arbiter lends the lock for a duration, which each counts on its own monotonic clock. \
               A grant with a growing number is on disk before it is told; after a restart the \
               arbiter waits for one lease; the resource refuses old numbers.",
    breaks: "A holder freezes for longer than its lease and writes when it wakes up; a clock is ahead; \
             two read “expired” and both write; the server comes back without what it had stored.",
    survives: Faults {
        victims: |setup| if design(setup) == Design::Lease { everybody(setup) } else { Vec::new() },
        down_at_once: |setup| u16::try_from(everybody(setup).len()).unwrap_or(0),
        slow_us: 10_000,
        disk: &[DiskFaultKind::TornSectors, DiskFaultKind::Slow],
        claim: "Crashes with restart of anybody, of all at once too; pauses of any length, slow nodes \
                and disks, torn sectors, cuts that stay or come and go, held links, loss, duplication, \
                reordering, wall clocks that say anything. That two never hold the lock assumes \
                monotonic clocks within 5 %; that writes are never interleaved assumes nothing. With \
                Lamport's or Ricart and Agrawala's design only the network may fail.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "A worker asks for the lock, holds it for a job of several parts, renews it, and lets go.",
        "Parts of one grant are applied without another's in between; a retry is applied once.",
        "A lock whose holder is dead is free after one lease; whoever waits longest is next.",
        "Every worker has had a turn within two rounds after the last fault.",
        "Out of scope: repairing a half-done job, locks on many things, an arbiter that stays down.",
    ],
    faced: &[
        ("replay", "Faced: an old grant names an old attempt; an old part carries an old number."),
        ("late data", "Faced: whatever comes after a later holder's first part is refused."),
        (
            "partial writes",
            "Faced: a grant that is torn has a wrong checksum, and was never told to anybody.",
        ),
        ("partitions", "Faced: who cannot renew stops by its own clock; then another has a turn."),
        ("retries", "Faced: a worker asks until it is answered, and parts are numbered."),
        ("clocks", "Faced: wall clocks are not read; a duration is counted with a margin of 10 %."),
        ("lossy networks", "Faced: every question is asked again; answers may be repeated."),
        (
            "dying machines",
            "Faced: a dead holder costs one lease, a restarted arbiter costs another.",
        ),
    ],
    saturates_first: "The lock itself: jobs come one after the other, whatever the number of workers. \
                      Without an arbiter messages grow as well: 2 or 3 for each other worker and job.",
    pitfalls: &[
        "Writing a time of day into the lock: whoever reads it has another clock.",
        "Checking the lease before each write, and taking that for safe: a pause fits in between.",
        "Counting the lease from when the answer came: the arbiter began to count earlier.",
        "Letting a restarted arbiter serve at once: the last holder may still be at work.",
        "Releasing a lock without looking whose it is by now.",
        "Making leases long to be safe: a dead holder then blocks everybody for as long.",
    ],
    primitives: &[
        Primitive::Leases,
        Primitive::WriteAheadLog,
        Primitive::SequenceNumbers,
        Primitive::Heartbeats,
        Primitive::DedupLog,
    ],
    sources: &[
        "Gray & Cheriton 1989, “Leases: An Efficient Fault-Tolerant Mechanism for Distributed File \
         Cache Consistency”, section 2",
        "Burrows 2006, “The Chubby lock service for loosely-coupled distributed systems”, section 2.4",
        "Kleppmann 2016, “How to do distributed locking”: the pause, and fencing tokens",
        "Lamport 1978, “Time, Clocks, and the Ordering of Events in a Distributed System”",
        "Ricart & Agrawala 1981, “An Optimal Algorithm for Mutual Exclusion in Computer Networks”",
    ],
    fidelity: Fidelity {
        modelled: &[
            "the lock file: bytes in sectors, CRC-32C, sync of file and name, recovery",
            "leases on both sides' own clocks, renewal, margin, the wait after a restart",
            "fencing at the resource, whose newest number is on its disk",
            "the naive file: read, decide, write; release without a look",
            "Lamport's and Ricart and Agrawala's algorithms, with questions asked again",
        ],
        simplified: &[
            "a job writes one part every 40 to 60 ms; a job that was cut short is done again",
            "the arbiter's file only grows: 27 bytes a grant",
        ],
        omitted: &[
            "operators and automation: nothing here acts on its own but the nodes",
            "a disk that says that a sync failed, or lies: the row torn-ledger",
            "members that crash in Lamport's design: its paper has none, and it shows",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Workers", Role::Client, 0),
            ("Arbiter", Role::Coordinator, 1),
            ("Lock file", Role::Storage, 2),
            ("Resource", Role::Storage, 1),
        ],
        arrows: &[
            (0, 1, "ask, renew, done"),
            (1, 2, "owner, number, duration"),
            (1, 0, "number, duration"),
            (0, 3, "part, with its number"),
            (3, 0, "applied, or too late"),
        ],
    },
    knobs: &[
        Knob::count("workers", "Workers", 3, 2..=8),
        Knob::milliseconds("lease", "Lease", 300, 200..=600),
        Knob::count("parts", "Parts of a job", 4, 1..=8),
        Knob::milliseconds("ahead", "W2's clock ahead by", 2_000, 0..=5_000),
        Knob::one_of(
            "design",
            "Design",
            1,
            1,
            &[
                Choice { key: "lease", label: "a lease" },
                Choice { key: "lamport", label: "Lamport 1978" },
                Choice { key: "ricart-agrawala", label: "Ricart–Agrawala" },
            ],
        ),
    ],
    switches: &[
        Switch {
            key: "arbiter",
            label: "One arbiter decides",
            help: "Workers ask an arbiter, instead of reading a shared file and writing to it.",
        },
        Switch {
            key: "durations",
            label: "Durations, not times of day",
            help: "A lease says how long it lasts, and each counts on its own monotonic clock.",
        },
        Switch {
            key: "fencing",
            label: "The resource checks numbers",
            help: "What the lock protects refuses a number that is older than one it has seen.",
        },
        Switch {
            key: "restart-wait",
            label: "Wait after a restart",
            help: "An arbiter that comes up again gives the lock to nobody new for one lease.",
        },
        Switch {
            key: "sync",
            label: "On disk before it is told",
            help: "A grant is synced before its holder hears of it.",
        },
        Switch {
            key: "checksum",
            label: "Checksums in the file",
            help: "What a restarted keeper reads in its file is believed only with the right CRC-32C.",
        },
    ],
    scripts: &[
        Script {
            label: "A pause, late answers, a crash",
            help: "W1 freezes in its first job. What the lock's keeper answers the others is held up, and \
                   comes at one time. Later the keeper crashes and restarts.",
            settings: &[],
            actions: pause_hold_crash,
        },
        Script {
            label: "And then: torn writes",
            help: "The keeper's disk tears sectors, and it crashes three times more.",
            settings: &[],
            actions: torn_writes,
        },
        Script {
            label: "And then: a message two seconds late",
            help: "What W2 sends to the resource is held for two seconds, and then all arrives.",
            settings: &[],
            actions: late_message,
        },
        Script {
            label: "And then: leases overlap",
            help: "At 4.6 s W2's clock is set ahead. Where leases are times of day, each looks over to \
                   W2: watch its lane overlap another's in “Who holds the lock”.",
            settings: &[],
            actions: leases_overlap,
        },
    ],
    horizon_us: 6_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Layers,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

/// What the keeper answers the others is held up around the end of W1's lease, so that all of them learn
/// of that end at one time.
fn pause_hold_crash(setup: &Setup) -> Vec<TimedAction> {
    let (keeper, lease_us) = (config(setup).keeper(), setup.knob("lease") * 1_000);
    let others = || workers(setup).filter(|to| *to != W1);
    let hold = others().map(|to| at(lease_us, Action::Hold { from: keeper, to }));
    let release = others().map(|to| at(lease_us + 200_000, Action::Release { from: keeper, to }));
    [at(150_000, Action::Pause(W1))]
        .into_iter()
        .chain(hold)
        .chain(release)
        .chain([
            at(1_100_000, Action::Resume(W1)),
            at(3_500_000, Action::Crash(keeper)),
            at(3_650_000, Action::Restart(keeper)),
        ])
        .collect()
}

fn torn_writes(setup: &Setup) -> Vec<TimedAction> {
    let keeper = config(setup).keeper();
    let crash = |nth: u64| {
        let at_us = 5_000_000 + nth * 1_013_000;
        let fault = DiskFault::TornSectors { bytes: 100 };
        [
            at(at_us, Action::Disk { node: keeper, fault }),
            at(at_us, Action::Crash(keeper)),
            at(at_us + 100_000, Action::Restart(keeper)),
        ]
    };
    (0..3).flat_map(crash).collect()
}

fn late_message(setup: &Setup) -> Vec<TimedAction> {
    let (from, to) = (W2, config(setup).resource());
    vec![at(4_500_000, Action::Hold { from, to }), at(6_500_000, Action::Release { from, to })]
}

fn leases_overlap(setup: &Setup) -> Vec<TimedAction> {
    let by_us = i64::try_from(setup.knob("ahead") * 1_000).unwrap_or(i64::MAX);
    vec![at(4_600_000, Action::StepClock { node: W2, by_us })]
}

/// Returns the design that decides who is next.
fn design(setup: &Setup) -> Design {
    match setup.knob("design") {
        2 => Design::Lamport,
        3 => Design::RicartAgrawala,
        _ => Design::Lease,
    }
}

/// Lists workers, keeper and resource.
fn everybody(setup: &Setup) -> Vec<NodeId> {
    let config = config(setup);
    workers(setup).chain([config.keeper(), config.resource()]).collect()
}

fn config(setup: &Setup) -> Config {
    Config {
        design: design(setup),
        workers: setup.count("workers"),
        lease_us: setup.knob("lease") * 1_000,
        parts: u32::try_from(setup.knob("parts")).unwrap_or(u32::MAX),
        has_arbiter: setup.is_on("arbiter"),
        by_duration: setup.is_on("durations"),
        is_fenced: setup.is_on("fencing"),
        waits: setup.is_on("restart-wait"),
        is_synced: setup.is_on("sync"),
        is_checked: setup.is_on("checksum"),
    }
}

fn spawn(me: NodeId, setup: &Setup) -> Node {
    let config = config(setup);
    if me == config.keeper() {
        Node::Keeper(Keeper::new(config))
    } else if me == config.resource() {
        Node::Resource(Resource::new(config.is_fenced))
    } else {
        Node::Worker(Box::new(Worker::new(me, config)))
    }
}

fn names(setup: &Setup) -> Vec<String> {
    let keeper = if setup.is_on("arbiter") { "Arbiter" } else { "File" };
    let workers = workers(setup).map(|id| format!("W{}", id.0 + 1));
    workers.chain([keeper, "Store"].map(String::from)).collect()
}

const SPEC: Spec<Node, History> = Spec {
    names,
    spawn,
    environment: |_| Environment::uniform((2_000, 8_000), (4_000, 12_000)),
    commands: &[Command {
        label: "Do a job",
        accepts: |id, setup| workers(setup).any(|worker| worker == id),
        input: Input::Number { label: "of", unit: "parts", min: 1, max: 8, default: 4 },
        say: |_, _, parts| Msg::Work(u32::try_from(parts.number()).unwrap_or(1)),
    }],
    invariants: &[
        Invariant { name: "two never hold the lock at one time", check: judge::one_holds },
        Invariant { name: "a job's parts stay together", check: judge::jobs_stay_whole },
        Invariant {
            name: "nobody writes after a later holder",
            check: judge::the_late_are_kept_out,
        },
        Invariant { name: "a number is given away once", check: judge::numbers_are_new },
        Invariant { name: "no grant is forgotten", check: judge::nothing_is_forgotten },
    ],
    goals: &[Goal {
        name: "every worker has had a turn",
        within_us: judge::turn_us,
        reached: judge::all_have_had_a_turn,
    }],
    sometimes: &[
        Sometimes { name: "a lease is renewed", seen: |_, it| it.has_renewed },
        Sometimes { name: "a lease ends before its job", seen: |_, it| it.has_ended },
        Sometimes { name: "a part comes too late", seen: |_, it| it.was_refused },
        Sometimes { name: "an arbiter waits after its restart", seen: |_, it| it.has_waited },
    ],
    alerts: &[
        Alert { name: "a holder does not know that its lease is over", check: judge::holders_know },
        Alert { name: "a worker waits longer than 700 ms", check: judge::nobody_waits },
    ],
    metrics: &[
        Metric {
            label: "jobs finished",
            unit: "jobs",
            read: |_, it| i64::try_from(it.jobs).unwrap_or(i64::MAX),
        },
        Metric { label: "longest wait for the lock", unit: "ms", read: judge::longest_wait_ms },
        Metric { label: "messages a finished job", unit: "messages", read: judge::messages_a_job },
    ],
    lesson: lesson::LESSON,
    puzzles: puzzles::PUZZLES,
    panels: view::panels,
};
