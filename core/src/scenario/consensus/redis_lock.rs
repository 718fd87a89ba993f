//! A lock in Redis, and what it can and cannot promise.
//!
//! The obvious design sets a key if it is not there, lets it expire, and deletes it at the end. Whoever
//! is late deletes another's key; a replica that takes over may never have heard of the lock; between
//! setting the key and giving it a time to live the client may die. The safeguards are those that Redis
//! documents: one command, a random value that is compared before deleting, and Redlock, a majority of
//! instances that know nothing of each other. They make two holders rare. That no ticket is sold twice
//! comes from elsewhere: from a number that a strongly consistent store gives out, and that the ticket
//! office checks.
//!
//! Redis documentation, "Distributed Locks with Redis" (the algorithm, and "delayed restarts").
//! Kleppmann 2016, "How to do distributed locking"; Sanfilippo 2016, "Is Redlock safe?". Fencing is
//! [`crate::mechanism::fencing`], the client's own time is [`crate::mechanism::lease`], and the number is a
//! revision of a store of [`crate::mechanism::revisions`].
//!
//! Left out: extending a lock, syncing every command to disk (which would spare the delayed restart), and
//! the other servers of the store (of the `config-store` row).

mod client;
mod instance;
mod judge;
mod lesson;
mod message;
mod node;
mod office;
mod view;

use client::Client;
use instance::Instance;
use judge::{History, clients};
use message::Msg;
use node::{Config, Node};
use office::{Counter, Office};

use crate::scenario::{
    Diagram, Family, Faults, Fidelity, Knob, Preset, Primitive, Scenario, Script, Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Command, Environment, FaultKind, Goal, Input, Invariant, Metric, NodeId,
    Observed, Puzzle, PuzzleGoal, Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

/// The client that begins, and freezes.
const C1: NodeId = NodeId(0);

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "redis-lock",
    seeds: &["SD.15"],
    revision: 1,
    title: "A lock in Redis",
    family: Family::Consensus,
    difficulty: 2,
    prerequisites: &["lock-from-scratch", "config-store"],
    question: "What does a lock in Redis promise, and what must the thing behind it check for itself?",
    promise: "No ticket is sold twice, and a client that dies blocks the others for one time to live.",
    constraint: "Keys expire while their owners still work, instances lose what they held, and a client \
                 can freeze at any moment without noticing.",
    guarantee: "Strong at the ticket office: sales follow each other, each having read the one before. \
                At the lock: two hold it at one time only if an instance's clock is set.",
    naive: "SETNX, then PEXPIRE, at a primary with a replica. At the end DEL, whatever the key is by \
            then. Whoever was told OK sells.",
    hardened: "SET NX PX with a random value at five independent instances; a majority in time is the \
               lock. DEL compares the value first. A restarted instance is silent for a time to live. \
               A number from a revision counter fences the ticket office.",
    breaks: "A client freezes past its time to live, sells, and deletes another's key; the primary dies \
             before it has replicated the lock; a client dies before PEXPIRE.",
    survives: Faults {
        victims: everybody,
        down_at_once: |setup| u16::try_from(everybody(setup).len()).unwrap_or(0),
        clock_step_us: 1_000_000,
        slow_us: 10_000,
        claim: "Crashes with restart of anybody, of all at once too; pauses, slow nodes, cuts that stay \
                or come and go, held links, loss, duplication, reordering, and wall clocks that are set \
                by up to a second. Tickets need no timing. That two never have the lock at one time \
                assumes clock rates within 5 %, and that nobody sets an instance's clock: Redis counts \
                a time to live on its wall clock.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "A client gets the lock, reads how many tickets are sold, prints the next, and writes it down.",
        "No ticket is sold twice, whatever becomes of clients, instances and clocks.",
        "A dead client's key expires after one time to live, at every instance.",
        "After the last fault a ticket is sold within 3 s and three times to live.",
        "Out of scope: fairness, locks that are extended, a ticket office that does not check numbers.",
    ],
    faced: &[
        ("replay", "Faced: a late answer names another value; a late sale has an old number."),
        ("late data", "Faced: whoever writes after a later number was here is refused."),
        ("partial writes", "Faced: key and time to live are one command; the book is one record."),
        ("partitions", "Faced: who reaches no majority gets no lock, and gives its keys back."),
        ("retries", "Faced: each attempt has a new value; the office writes a sale once."),
        (
            "clocks",
            "Faced at the office, which reads none. Two may hold the lock if a clock is set.",
        ),
        ("lossy networks", "Faced: an attempt ends after 50 ms, and another begins after a while."),
        (
            "dying machines",
            "Faced: keys expire; an instance that comes back empty is silent for as long.",
        ),
    ],
    saturates_first: "The lock: one ticket after the other. With more clients keys are split more often, \
                      and attempts that find no majority cost ten messages each.",
    pitfalls: &[
        "DEL without looking: the key may have expired, and be another's by now.",
        "SETNX and PEXPIRE as two commands: who dies in between locks for ever.",
        "A replica for safety: replication is asynchronous, and a lock may miss the failover.",
        "Restarting an empty instance at once: five instances then have room for two majorities.",
        "Taking Redlock alone for safe: a pause past the time to live, or a clock that is set, and two \
         write. Without the number the office here would let them.",
        "Taking a majority of keys for a fencing token: random values have no order.",
        "Fencing only the write: whoever reads an old number first must be shut out as well.",
    ],
    primitives: &[
        Primitive::Leases,
        Primitive::SequenceNumbers,
        Primitive::DedupLog,
        Primitive::Heartbeats,
    ],
    sources: &[
        "Redis documentation, “Distributed Locks with Redis”: single instance, Redlock, delayed restarts",
        "Kleppmann 2016, “How to do distributed locking”",
        "Sanfilippo 2016, “Is Redlock safe?”",
        "Burrows 2006, “The Chubby lock service for loosely-coupled distributed systems”, section 2.4",
    ],
    fidelity: Fidelity {
        modelled: &[
            "SET NX PX, PEXPIRE, DEL and compare-and-delete; expiry by the instance's wall clock",
            "Redlock: all instances at once, majority in time, keys given back, random retry",
            "asynchronous replication of a primary's state, and a replica that takes over",
            "the number from a durable counter, checked at every read and write",
        ],
        simplified: &[
            "the replica watches its primary by itself, instead of three sentinels",
            "the store whose revisions are the numbers is one server: the row config-store has three",
            "instances keep nothing on disk, as by default between two snapshots",
            "keys are given back wherever no nil was heard, instead of everywhere",
        ],
        omitted: &[
            "operators and automation beyond the failover",
            "clients' connections: a command is a message, and may come twice",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Clients", Role::Client, 0),
            ("Five instances", Role::Peer, 1),
            ("Revision counter", Role::Coordinator, 1),
            ("Ticket office", Role::Storage, 2),
        ],
        arrows: &[
            (0, 1, "SET NX PX, DEL if mine"),
            (1, 0, "OK or nil"),
            (0, 2, "next"),
            (2, 0, "number"),
            (0, 3, "read, write, with the number"),
            (3, 0, "count, or too late"),
        ],
    },
    knobs: &[
        Knob::count("clients", "Clients", 3, 2..=6),
        Knob::count("instances", "Instances for Redlock", 5, 3..=7),
        Knob::milliseconds("ttl", "Time to live", 400, 300..=1_000),
        Knob::milliseconds("lag", "Replication every", 100, 20..=200),
    ],
    switches: &[
        Switch {
            key: "atomic",
            label: "One command",
            help: "SET NX PX sets key and time to live at once, instead of SETNX and then PEXPIRE.",
        },
        Switch {
            key: "compare",
            label: "Delete only your own",
            help: "A key is deleted only if it still has the client's own random value.",
        },
        Switch {
            key: "redlock",
            label: "A majority of instances",
            help: "The lock is a majority of independent instances, not a primary with a replica.",
        },
        Switch {
            key: "silence",
            label: "Silent after a restart",
            help: "An instance that comes back empty answers nothing for one time to live.",
        },
        Switch {
            key: "fencing",
            label: "The office checks numbers",
            help: "A client takes a number from a counter, and the office refuses older ones.",
        },
    ],
    scripts: &[
        Script {
            label: "A pause and a dead primary",
            help: "C1 freezes while it prints its first ticket. Later R1 crashes and restarts.",
            settings: &[],
            actions: pause_and_crash,
        },
        Script {
            label: "And then: three empty instances",
            help: "R1, R2 and R3 lose what they hold, at one time, again and again.",
            settings: &[],
            actions: three_restarts,
        },
        Script {
            label: "And then: clocks are set",
            help: "The clocks of R1, R2 and R3 are set ahead, so that keys expire too early.",
            settings: &[],
            actions: clocks_are_set,
        },
        Script {
            label: "Dead before PEXPIRE",
            help: "C1 asks for the lock and dies before it hears the answer. Watch the key's countdown: \
                   after SETNX alone it never expires, and nobody else gets the lock.",
            settings: &[],
            actions: dead_before_expiry,
        },
        Script {
            label: "Redlock after a pause (Kleppmann 2016)",
            help: "C1 freezes at 3.1 s and C2 at 4 s, for longer than a key lives. Watch Tickets refuse \
                   their numbers; with “The office checks numbers” off, a ticket is sold twice.",
            settings: &[],
            actions: redlock_after_a_pause,
        },
    ],
    horizon_us: 5_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Ring,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

fn pause_and_crash(setup: &Setup) -> Vec<TimedAction> {
    let primary = config(setup).instance(0);
    vec![
        at(100_000, Action::Pause(C1)),
        at(1_500_000, Action::Resume(C1)),
        at(2_300_000, Action::Crash(primary)),
        at(2_900_000, Action::Restart(primary)),
    ]
}

fn three_restarts(setup: &Setup) -> Vec<TimedAction> {
    let config = config(setup);
    let restart = |at_us: u64| {
        let crash = move |nth| at(at_us, Action::Crash(config.instance(nth)));
        let restart = move |nth| at(at_us + 10_000, Action::Restart(config.instance(nth)));
        (0..3).map(crash).chain((0..3).map(restart))
    };
    (0..4).flat_map(|nth| restart(4_000_000 + nth * 1_111_000)).collect()
}

fn clocks_are_set(setup: &Setup) -> Vec<TimedAction> {
    let config = config(setup);
    let step = |(nth, at_us)| {
        let node = config.instance(nth);
        at(at_us, Action::StepClock { node, by_us: 1_000_000 })
    };
    (0..3).map(|nth| (nth, 4_000_000 + u64::from(nth) * 200_000)).map(step).collect()
}

/// C1's first wish is on its way, and nobody is there for the answer.
fn dead_before_expiry(_: &Setup) -> Vec<TimedAction> {
    vec![at(1_000, Action::Crash(C1)), at(60_000, Action::Restart(C1))]
}

fn redlock_after_a_pause(setup: &Setup) -> Vec<TimedAction> {
    let pause_us = 2 * setup.knob("ttl") * 1_000;
    let pause = |(node, at_us)| {
        [at(at_us, Action::Pause(node)), at(at_us + pause_us, Action::Resume(node))]
    };
    [(C1, 3_100_000), (NodeId(1), 3_200_000 + pause_us)].into_iter().flat_map(pause).collect()
}

fn config(setup: &Setup) -> Config {
    let number = |key| setup.count(key);
    let has_majority = setup.is_on("redlock");
    Config {
        clients: number("clients"),
        instances: if has_majority { number("instances") } else { 2 },
        ttl_us: setup.knob("ttl") * 1_000,
        lag_us: setup.knob("lag") * 1_000,
        is_atomic: setup.is_on("atomic"),
        compares: setup.is_on("compare"),
        has_majority,
        is_silent: setup.is_on("silence"),
        is_fenced: setup.is_on("fencing"),
    }
}

/// Lists clients, office, counter and instances.
fn everybody(setup: &Setup) -> Vec<NodeId> {
    let config = config(setup);
    NodeId::first(config.clients + 2).chain(config.instances()).collect()
}

fn spawn(me: NodeId, setup: &Setup) -> Node {
    let config = config(setup);
    if me < config.office() {
        Node::Client(Box::new(Client::new(config)))
    } else if me == config.office() {
        Node::Office(Office::new(config.is_fenced))
    } else if me == config.counter() {
        Node::Counter(Counter)
    } else {
        Node::Instance(Instance::new(config))
    }
}

fn names(setup: &Setup) -> Vec<String> {
    let clients = clients(setup).map(|id| format!("C{}", id.0 + 1));
    let instances = (1..=config(setup).instances).map(|nth| format!("R{nth}"));
    clients.chain(["Tickets", "Counter"].map(String::from)).chain(instances).collect()
}

const SPEC: Spec<Node, History> = Spec {
    names,
    spawn,
    environment: |_| Environment::uniform((2_000, 8_000), (2_000, 6_000)),
    commands: &[Command {
        label: "Sell a ticket",
        accepts: |id, setup| clients(setup).any(|client| client == id),
        input: Input::Nothing,
        say: |_, _, _| Msg::Sell,
    }],
    invariants: &[
        Invariant { name: "no ticket is sold twice", check: judge::no_ticket_twice },
        Invariant {
            name: "while no clock is set, one has the lock at a time",
            check: judge::one_holds,
        },
        Invariant {
            name: "while no clock is set, no key outlives its time",
            check: judge::keys_expire,
        },
    ],
    goals: &[Goal { name: "tickets are sold", within_us: judge::settle_us, reached: judge::sells }],
    sometimes: &[
        Sometimes { name: "an attempt finds no majority", seen: |_, it| it.found_no_majority },
        Sometimes { name: "a sale comes too late", seen: |_, it| it.was_refused },
        Sometimes { name: "a replica takes over", seen: |_, it| it.has_taken_over },
        Sometimes { name: "a restarted instance is silent", seen: |_, it| it.was_silent },
    ],
    alerts: &[
        Alert { name: "a client does not know that its time is over", check: judge::clients_know },
        Alert { name: "two clients have the lock", check: judge::one_believes },
        Alert { name: "no ticket is sold for 1.5 s", check: judge::tickets_are_sold },
    ],
    metrics: &[
        Metric {
            label: "tickets sold",
            unit: "tickets",
            read: |_, it| i64::try_from(it.sold).unwrap_or(i64::MAX),
        },
        Metric { label: "longest wait for the lock", unit: "ms", read: judge::longest_wait_ms },
        Metric { label: "instances that hold a key", unit: "instances", read: judge::keys },
        Metric { label: "messages a ticket", unit: "messages", read: judge::messages_a_ticket },
    ],
    lesson: lesson::LESSON,
    puzzles: PUZZLES,
    panels: view::panels,
};

const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "One ticket, two buyers",
        task: "Sell a ticket twice. The lock is held by one at a time until then, and nobody crashes.",
        hint: "How long does a key live, and who tells its owner when it is gone?",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("no ticket is sold twice"),
        budget: &[(FaultKind::Pause, 1)],
        par: 1,
    },
    Puzzle {
        title: "Not for sale",
        task: "The safeguards are on, and sell no ticket twice; let them sell none at all for 1.5 s.",
        hint: "Five instances stand in for each other. Who else does a client need?",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|world, history| judge::tickets_are_sold(world, history).is_err()),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Run;
    use crate::view::Verdict;

    /// Plays a script of the row, by its label, and returns the invariants that it breaks.
    fn broken_by(label: &str, setup: &Setup) -> Vec<String> {
        let script = SCENARIO.scripts.iter().position(|it| it.label == label).expect(label);
        let mut run = Run::new(setup.clone(), SCENARIO.script(setup, script));
        run.seek_time(SCENARIO.horizon_us);
        let broken = |verdict: &Verdict| matches!(verdict, Verdict::Broken { .. });
        let checks = run.simulation().checks().into_iter();
        checks.filter(|it| broken(&it.verdict)).map(|it| it.name).collect()
    }

    /// A crashed primary has no crown: it comes back as a replica. Who is never asked shows no number.
    #[test]
    fn what_is_shown_means_something() {
        let naive = Setup::of("redis-lock", Preset::Naive, 42).expect("it is listed");
        let mut run = Run::new(naive.clone(), SCENARIO.script(&naive, 0));
        let role = |run: &Run, name: &str| {
            let nodes = run.simulation().scene().nodes;
            let node = nodes.into_iter().find(|it| it.name == name).expect("it is on the stage");
            (node.view.role, node.view.value)
        };
        run.seek_time(2_299_000);
        assert_eq!(role(&run, "R1").0, Role::Leader);
        run.seek_time(2_600_000);
        assert_eq!((role(&run, "R1").0, role(&run, "R2").0), (Role::Peer, Role::Leader));
        assert_eq!(role(&run, "Counter").1, None);
    }

    #[test]
    fn who_dies_before_pexpire_locks_for_ever() {
        let name = "while no clock is set, no key outlives its time";
        for seed in 1..=20 {
            let of = |preset| Setup::of("redis-lock", preset, seed).expect("it is listed");
            let broken = |preset| broken_by("Dead before PEXPIRE", &of(preset));
            assert!(broken(Preset::Naive).iter().any(|it| it == name), "seed {seed}");
            assert!(broken(Preset::Hardened).iter().all(|it| it != name), "seed {seed}");
        }
    }

    #[test]
    fn redlock_after_a_pause_sells_twice_unless_the_office_checks_numbers() {
        let name = "no ticket is sold twice";
        for seed in 1..=20 {
            let hardened = Setup::of("redis-lock", Preset::Hardened, seed).expect("it is listed");
            let broken = broken_by("Redlock after a pause (Kleppmann 2016)", &hardened);
            assert!(broken.iter().all(|it| it != name), "seed {seed}");
            let mut unfenced = hardened.clone();
            unfenced.set("fencing", "off").expect("it is a switch");
            let broken = broken_by("Redlock after a pause (Kleppmann 2016)", &unfenced);
            assert!(broken.iter().any(|it| it == name), "seed {seed}");
        }
    }
}
