//! A job scheduler whose states are in a log.
//!
//! Clients hand in bills, workers have a bank pay them, and a scheduler says whose turn each bill is. The naive
//! one remembers that in memory, and a bank pays whoever asks. Then a worker freezes for longer than it may
//! have a bill, wakes up and pays what another has paid; and the power of the scheduler goes, with all that it
//! had accepted. The safeguards: job states are records of a log, [`crate::mechanism::job_log`]; nothing is
//! said before it is durable; each time a bill is given out is an attempt with a number, and the bank refuses
//! older ones ([`crate::mechanism::fencing`]). A scheduler alone can promise no more than that a job is done
//! at least once: that the effect comes once is seen to where the effect is.
//!
//! Bernstein, Hsu & Mann 1990, "Implementing Recoverable Requests Using Queues"; Dean & Ghemawat 2004,
//! "`MapReduce`", section 3.3 (a worker that failed, and its tasks given out again); Gray & Cheriton 1989,
//! "Leases", section 2; Kleppmann 2016, "How to do distributed locking" (the pause).
//!
//! Left out: leases that are renewed, jobs that fail, a second scheduler, a log that is cut.

mod bank;
mod client;
mod desk;
mod judge;
mod lesson;
mod message;
mod node;
mod on_disk;
mod scheduler;
mod story;
mod view;
mod words;
mod worker;

use bank::Bank;
use client::Client;
use judge::History;
use message::{BANK, Msg, SCHEDULER, W1};
use node::Node;
use scheduler::{Config, FILE, Scheduler};
use worker::Worker;

use crate::mechanism::wal::Settings;
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

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "wal-scheduler",
    seeds: &["15.6"],
    revision: 4,
    title: "A job scheduler on a log",
    family: Family::Storage,
    difficulty: 2,
    prerequisites: &["wal-lsm", "redis-lock"],
    question: "How are jobs neither lost nor done twice when workers freeze and the scheduler crashes?",
    promise: "Every bill that is accepted gets paid, and none is paid twice.",
    constraint: "Only memory, a disk and messages. Whoever has a job can die or freeze, and nobody can tell \
                 which; the power goes at any moment, in mid-record too.",
    guarantee: "At least once by the scheduler: what is accepted is never forgotten. At most once at the \
                bank: of all attempts it takes the latest. Together: once.",
    naive: "Job states are in memory. Whoever has a bill for longer than a lease loses it to another worker, \
            and is not told; the bank pays whoever asks.",
    hardened: "QUEUED, IN_PROGRESS and COMPLETED are records of a log. A worker gets a bill, and a client its \
               “accepted”, when the record is on disk. Attempts have numbers, and the bank takes none that is \
               older than the latest that it has heard of.",
    breaks: "A worker freezes past its lease and pays late; the power goes, and the scheduler forgets what \
             it had accepted.",
    survives: Faults {
        victims,
        down_at_once: |setup| u16::try_from(victims(setup).len()).unwrap_or(u16::MAX),
        disk: &[DiskFaultKind::FailSyncs, DiskFaultKind::TornSectors, DiskFaultKind::Slow],
        claim: "Crashes of scheduler, bank and workers at any moment, of all at once too, with any part of \
                what was not synced left, torn sectors too; syncs that fail or are slow; pauses, cuts, loss, \
                duplication, reordering, clocks that say anything. Bits that rot \
                and syncs that lie are outside the claim. Rot is found and refused; in the last synced \
                records it looks like a torn write, and is cut off.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Say “accepted” when one sync has ended, usually within 25 ms.",
        "A bill whose worker is gone is given out again after one lease, to whoever asks next.",
        "Come up by itself within 1 s after a crash, if syncs take their usual time, with all that was \
         accepted.",
        "With 12 bills open, no more are accepted until one is done.",
        "Out of scope: jobs that fail, jobs that need more than a lease, a second scheduler.",
    ],
    faced: &[
        (
            "replay",
            "Faced: recovery adds up the log; an attempt's number is never given out twice.",
        ),
        ("late data", "Faced: a worker that is late has an older number, and the bank refuses it."),
        (
            "partial writes",
            "Faced: a torn record lacks its sum, was never acted on, and is cut off.",
        ),
        ("partitions", "Faced: who is cut off from the scheduler loses its bill after a lease."),
        (
            "retries",
            "Faced: every question is asked again; bill, question and attempt tell copies apart.",
        ),
        (
            "clocks",
            "Faced: a lease is a duration, counted by the scheduler's monotonic clock alone.",
        ),
        ("lossy networks", "Faced: a lost grant is given again, a lost report is repeated."),
        ("dying machines", "Faced while the disks of scheduler and bank survive."),
    ],
    saturates_first: "The workers: a bill takes about a fifth of a second. Then the queue: with 12 bills open \
                      clients are not answered, and ask again. The log's syncs are shared.",
    pitfalls: &[
        "Taking a job that is given out for one that is done: the worker may be dead.",
        "Taking a lease that is over for a worker that has stopped: it may just be late.",
        "Asking “is it paid?” and then paying: somebody else may pay between the two.",
        "Handing a job out before IN_PROGRESS is durable: after a crash its number is used again.",
        "Writing the instant of expiry into the log: it is that of a clock that will be set.",
        "A request key that each worker makes up for itself: two workers, two keys, two payments.",
    ],
    primitives: &[
        Primitive::WriteAheadLog,
        Primitive::Leases,
        Primitive::SequenceNumbers,
        Primitive::DedupLog,
        Primitive::Replay,
        Primitive::AppendOnlyLog,
    ],
    sources: &[
        "Bernstein, Hsu & Mann 1990, “Implementing Recoverable Requests Using Queues”, SIGMOD",
        "Dean & Ghemawat 2004, “MapReduce: Simplified Data Processing on Large Clusters”, OSDI, section 3.3",
        "Gray & Cheriton 1989, “Leases: An Efficient Fault-Tolerant Mechanism for Distributed File Cache \
         Consistency”, SOSP, section 2",
        "Kleppmann 2016, “How to do distributed locking”",
        "Pillai et al. 2014, “All File Systems Are Not Created Equal”, OSDI, sections 3 and 4",
    ],
    fidelity: Fidelity {
        modelled: &[
            "every byte of both logs: frames with CRC-32C in sectors of 512 bytes",
            "what a crash leaves of unsynced sectors, lengths and names, torn ones too",
            "leases by the scheduler's own clock, and the recovery that counts them anew",
        ],
        simplified: &[
            "a lease of 400 ms, so that one sees it end",
            "the bank is one server that keeps the latest attempt of each bill for good",
        ],
        omitted: &[
            "renewal: a lease is longer than a job",
            "compaction of the log: an hour of bills is a megabyte",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Clients", Role::Client, 0),
            ("Scheduler", Role::Queue, 1),
            ("Job log", Role::Storage, 2),
            ("Workers", Role::Peer, 2),
            ("Bank", Role::Storage, 3),
        ],
        arrows: &[
            (0, 1, "bill"),
            (1, 2, "state, sync"),
            (2, 1, "replay"),
            (1, 3, "bill, attempt"),
            (3, 1, "done"),
            (3, 4, "paid? pay, with the attempt"),
        ],
    },
    knobs: &[
        Knob::count("clients", "Clients", 3, 1..=6),
        Knob::count("workers", "Workers", 3, 2..=6),
        Knob::milliseconds("lease", "Lease", 400, 350..=1_000),
    ],
    switches: &[
        Switch {
            key: "log",
            label: "Job states in a log",
            help: "Each change of a job's state is a record on disk. Off: the scheduler has it in memory.",
        },
        Switch {
            key: "sync",
            label: "Say nothing before it is durable",
            help: "“Accepted” is said, and a bill given out, when the record's sync has ended.",
        },
        Switch {
            key: "attempts",
            label: "Compare attempts",
            help: "Bank and scheduler take no attempt that is older than the latest they know of.",
        },
        Switch {
            key: "sums",
            label: "Believe only what has its sum",
            help: "Records carry a CRC-32C, and what lacks it is not believed.",
        },
        Switch {
            key: "refuse",
            label: "A hole is no end",
            help: "A log that lacks what was durable is refused. Off: it ends where it is damaged.",
        },
    ],
    scripts: &[
        Script {
            label: "A freeze and a power cut",
            help: "W1 freezes for a second with the first bill. Later five bills come at once, the power of \
                   Scheduler goes, and then that of the workers.",
            settings: &[],
            actions: freeze_and_power_cut,
        },
        Script {
            label: "And then: torn records",
            help: "Scheduler's disk is slow, its sectors tear, and the power goes ten times: COMPLETED \
                   records are torn, and their bills are given out again.",
            settings: &[],
            actions: torn_records,
        },
        Script {
            label: "And then: a bit rots in mid-log",
            help: "A record that was durable lacks its sum. Scheduler refuses to open: better no answer than a \
                   job list with a hole.",
            settings: &[],
            actions: a_bit_rots,
        },
    ],
    horizon_us: 5_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Ring,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: Some(&on_disk::ON_DISK),
};

/// Lists the workers.
fn workers(setup: &Setup) -> impl Iterator<Item = NodeId> + use<> {
    NodeId::range(W1.0, setup.count("workers"))
}

/// Lists the clients.
fn clients(setup: &Setup) -> impl Iterator<Item = NodeId> + use<> {
    NodeId::range(W1.0 + setup.count("workers"), setup.count("clients"))
}

fn victims(setup: &Setup) -> Vec<NodeId> {
    [SCHEDULER, BANK].into_iter().chain(workers(setup)).collect()
}

/// When five bills come, the power of the scheduler goes, that of the workers, and all is back.
const POWER_CUT_US: [u64; 4] = [1_700_000, 1_780_000, 2_080_000, 2_100_000];

fn freeze_and_power_cut(setup: &Setup) -> Vec<TimedAction> {
    let [bills_us, scheduler_us, workers_us, back_us] = POWER_CUT_US;
    let submit = |node| at(bills_us, Action::Command { node, command: 0 });
    let mut actions = vec![at(120_000, Action::Pause(W1)), at(1_120_000, Action::Resume(W1))];
    let clients: Vec<NodeId> = clients(setup).collect();
    actions.extend(clients.iter().cycle().take(5).copied().map(submit));
    actions.push(at(scheduler_us, Action::Crash(SCHEDULER)));
    actions.extend(workers(setup).map(|it| at(workers_us, Action::Crash(it))));
    actions.push(at(back_us, Action::Restart(SCHEDULER)));
    actions.extend(workers(setup).map(|it| at(back_us, Action::Restart(it))));
    actions
}

fn disk(at_us: u64, fault: DiskFault) -> TimedAction {
    at(at_us, Action::Disk { node: SCHEDULER, fault })
}

fn torn_records(_: &Setup) -> Vec<TimedAction> {
    let turn = |nth: u16| {
        let down_us = 2_950_000 + 450_000 * u64::from(nth);
        [
            disk(down_us - 300_000, DiskFault::Slow { percent: 3_200 }),
            disk(down_us - 10_000, DiskFault::TornSectors { bytes: 40 + 48 * nth }),
            at(down_us, Action::Crash(SCHEDULER)),
            disk(down_us + 10_000, DiskFault::Slow { percent: 100 }),
            at(down_us + 10_000, Action::Restart(SCHEDULER)),
        ]
    };
    (0..10).flat_map(turn).collect()
}

fn a_bit_rots(_: &Setup) -> Vec<TimedAction> {
    // In the first record, behind the header.
    let offset = SECTOR_BYTES as u64 + 10;
    vec![
        at(3_000_000, Action::Crash(SCHEDULER)),
        disk(3_050_000, DiskFault::BitRot { file: FILE.into(), offset, bit: 3 }),
        at(3_100_000, Action::Restart(SCHEDULER)),
    ]
}

fn config(setup: &Setup) -> Config {
    let settings = Settings {
        is_summed: setup.is_on("sums"),
        refuses_damage: setup.is_on("refuse"),
        sectors_tear: true,
    };
    Config {
        desk: desk::Config {
            settings: setup.is_on("log").then_some(settings),
            waits_for_sync: setup.is_on("sync"),
        },
        compares_attempts: setup.is_on("attempts"),
        lease_ms: u32::from(setup.count("lease")),
    }
}

const SPEC: Spec<Node, History> = Spec {
    names: |setup| {
        let workers = (1..=setup.count("workers")).map(|nth| format!("W{nth}"));
        let clients = (0..setup.count("clients")).map(|nth| words::client_name(nth).to_string());
        ["Scheduler", "Bank"].map(String::from).into_iter().chain(workers).chain(clients).collect()
    },
    spawn: |me, setup| match me.0.checked_sub(W1.0 + setup.count("workers")) {
        Some(place) => Node::Client(Box::new(Client::new(place))),
        None if me == SCHEDULER => Node::Scheduler(Box::new(Scheduler::new(config(setup)))),
        None if me == BANK => Node::Bank(Box::new(Bank::new(setup.is_on("attempts")))),
        None => Node::Worker(Box::new(Worker::new())),
    },
    environment: |_| Environment::uniform((1_000, 6_000), (3_000, 12_000)),
    commands: &[Command {
        label: "Submit a bill",
        accepts: |id, setup| clients(setup).any(|client| client == id),
        input: Input::Nothing,
        say: |_, _, _| Msg::SubmitNow,
    }],
    invariants: &[
        Invariant { name: "no accepted bill is lost", check: judge::no_bill_is_lost },
        Invariant { name: "each bill is paid once", check: judge::each_bill_is_paid_once },
        Invariant { name: "the log says only what happened", check: judge::the_log_is_true },
    ],
    goals: &[Goal {
        name: "accepted bills get paid",
        within_us: judge::settle_us,
        reached: judge::bills_are_paid,
    }],
    sometimes: &[
        Sometimes { name: "a bill is given out again", seen: |_, it| it.again > 0 },
        Sometimes { name: "the bank turns a worker away", seen: |_, it| it.turned_away.is_some() },
        Sometimes {
            name: "a worker finds its bill paid already",
            seen: |_, it| it.found_paid.is_some(),
        },
        Sometimes { name: "the scheduler comes up again", seen: lesson::is_back },
    ],
    alerts: &[
        Alert { name: "a worker has a bill that is another's", check: judge::workers_know },
        Alert { name: "an accepted bill waits for 900 ms", check: judge::no_bill_waits },
    ],
    metrics: &[
        Metric {
            label: "payments",
            unit: "payments",
            read: |world, _| judge::book(world).map_or(0, |it| it.payments.into()),
        },
        Metric { label: "accepted and not paid", unit: "bills", read: judge::unpaid },
        Metric { label: "given out again", unit: "times", read: |_, it| it.again.cast_signed() },
        Metric {
            label: "a crash could undo",
            unit: "records",
            read: |world, _| judge::undoable(world),
        },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: view::panels,
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Run;
    use crate::scenario::Preset;
    use crate::view::{Check, Verdict};

    /// Plays a script of the row, by its label, and returns the invariants that it breaks.
    fn broken_by(label: &str, setup: &Setup) -> Vec<String> {
        let script = SCENARIO.scripts.iter().position(|it| it.label == label).expect(label);
        let mut run = Run::new(setup.clone(), SCENARIO.script(setup, script));
        run.seek_time(2 * SCENARIO.horizon_us);
        let broken = |verdict: &Verdict| matches!(verdict, Verdict::Broken { .. });
        let checks = run.simulation().checks().into_iter();
        checks.filter(|it| broken(&it.verdict)).map(|it| it.name).collect()
    }

    /// The numbers of broken runs among the first forty, with this switch off or all on.
    fn broken(label: &str, off: Option<&str>, name: &str) -> usize {
        let setups = (1..=40).map(|seed| {
            let mut setup =
                Setup::of("wal-scheduler", Preset::Hardened, seed).expect("it is listed");
            if let Some(key) = off {
                setup.set(key, "off").expect("it is a switch");
            }
            setup
        });
        setups.filter(|setup| broken_by(label, setup).iter().any(|it| it == name)).count()
    }

    #[test]
    fn torn_records_are_believed_without_sums_alone() {
        let broken = |off| broken("And then: torn records", off, "the log says only what happened");
        assert_eq!(broken(None), 0);
        assert!(broken(Some("sums")) > 0);
    }

    /// What lies on the disk is judged, not what the process remembers of it.
    #[test]
    fn rot_that_nobody_has_read_is_judged_where_it_lies() {
        let mut setup = Setup::of("wal-scheduler", Preset::Hardened, 1).expect("it is listed");
        // The client in the first record, behind length, sum, three numbers and the kind.
        let offset = SECTOR_BYTES as u64 + 8 + 4;
        let rot = DiskFault::BitRot { file: FILE.into(), offset, bit: 6 };
        let broken = |setup: &Setup| {
            let mut run = Run::new(setup.clone(), vec![disk(1_000_000, rot.clone())]);
            run.seek_time(1_000_000);
            let checks = run.simulation().checks().into_iter();
            let broken = checks.filter(Check::is_violated).map(|it| it.name);
            broken.collect::<Vec<_>>()
        };
        assert_eq!(broken(&setup), Vec::<String>::new());
        setup.set("sums", "off").expect("it is a switch");
        assert_eq!(broken(&setup), ["the log says only what happened"]);
    }

    #[test]
    fn a_rotten_record_is_refused_or_what_comes_behind_it_is_lost() {
        let broken =
            |off| broken("And then: a bit rots in mid-log", off, "no accepted bill is lost");
        assert_eq!(broken(None), 0);
        assert!(broken(Some("refuse")) > 10, "where a bill was accepted and not paid");
    }

    /// The log has a hole: no bill is given out any more, and an alert says why.
    #[test]
    fn what_is_refused_is_not_served() {
        let setup = Setup::of("wal-scheduler", Preset::Hardened, 42).expect("it is listed");
        let mut run = Run::new(setup.clone(), SCENARIO.script(&setup, 2));
        run.seek_time(3_200_000);
        let scene = run.simulation().scene();
        let scheduler = scene.nodes.iter().find(|it| it.name == "Scheduler").expect("it is there");
        assert_eq!(scheduler.view.label, "refuses: damaged");
        assert_eq!(scheduler.view.value, None);
    }
}
