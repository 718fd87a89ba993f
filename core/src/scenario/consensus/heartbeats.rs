//! Dead, or only silent? What a missed heartbeat proves, and what it costs to be wrong.
//!
//! A monitor hears heartbeats and moves the work of the dead to the living. The obvious rule, who
//! misses one is dead, takes a lost message for a death. That would be a small mistake, but whoever
//! takes work over is busy for a while, its own heartbeat comes late, and it is declared dead as well:
//! one lost message empties the cluster, and goes on doing so after the network is well again (Bronson
//! et al. 2021 call that a metastable failure). The safeguards take the two questions apart. A measured
//! suspicion comes soon and is taken back freely; death takes as many misses as no burst here lasts,
//! is final, and whoever was only silent comes back under a new incarnation.
//!
//! Chandra & Toueg 1996 (completeness and accuracy), Hayashibara et al. 2004 (φ accrual): the detectors
//! are in [`crate::mechanism::failure_detector`]. Akka and Cassandra run φ with bounds like these; the
//! latter also excuses everybody after a pause of its own, as the monitor does here.
//!
//! Left out: asking others before declaring a death (the row `swim-membership`), spreading the list
//! (`gossip-udp`), several monitors that must agree (`single-leader`).

mod compare;
mod judge;
mod lesson;
mod message;
mod monitor;
mod node;
mod view;
mod worker;

use judge::{History, workers};
use message::Msg;
use monitor::Monitor;
use node::{Config, MONITOR, Node};
use worker::Worker;

use crate::mechanism::failure_detector::Detector;
use crate::scenario::{
    Diagram, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Command, Environment, Goal, Input, Invariant, Metric, NodeId, Observed,
    Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Place, Role};

/// When the burst of the default script begins, and when it is over.
const BURST_US: (u64, u64) = (1_000_000, 1_400_000);
/// The worker that is frozen, and from when to when.
const FROZEN: (NodeId, u64, u64) = (NodeId(2), 2_900_000, 3_400_000);
/// The worker that really dies, when, and when it is started again.
const DIES: (NodeId, u64, u64) = (NodeId(3), 4_000_000, 5_600_000);

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "heartbeats",
    seeds: &["15.8"],
    revision: 1,
    title: "Dead, or only silent?",
    family: Family::Consensus,
    difficulty: 1,
    prerequisites: &[],
    question: "When may a machine that says nothing be called dead?",
    promise: "Who is silent is suspected and then declared dead in time, but nobody is declared dead \
              within a burst of losses or a short pause.",
    constraint: "Whoever is silent may be dead, slow, frozen or cut off, or its message was lost. From \
                 outside all look the same.",
    guarantee: "The dead are suspected within 2.5 periods and replaced after the declared number of \
                misses; a burst of losses or a pause shorter than that kills nobody.",
    naive: "A worker whose heartbeat is a tenth of a period late is dead: its partitions go to the \
            others at once. If it speaks again, it is back.",
    hardened: "Suspicion first: φ, from the intervals of late, says how unlikely the silence is. Death \
               takes several misses, is written down, and final: who comes back does so in a new \
               incarnation. A monitor that slept excuses everybody.",
    breaks: "A burst of losses: living workers are declared dead, who takes over their work is late \
             itself, and the storm goes on without the burst. A pause does the same.",
    survives: Faults {
        victims: |setup| everybody(setup).collect(),
        down_at_once: |setup| setup.count("workers") + 1,
        loss_percent: 50,
        duplicate_percent: 50,
        // No slow nodes: a slow monitor's looks are late, and its bounds with them.
        claim: "Bursts of losses and pauses up to one heartbeat less than the declared number of \
                misses kill nobody. Longer ones, cuts, held links, crashes of anybody, loss, duplication \
                and reordering may have the living declared dead; they come back by themselves. Assumes \
                latencies up to 10 ms and clock rates within 5 %; no wall clock is read.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Suspect a dead worker within 2.5 periods of its last heartbeat; give it no new work then.",
        "Declare it dead after K misses, not before, and have others serve its partitions.",
        "Let whoever was declared dead by mistake come back, as somebody new.",
        "Out of scope: several monitors, exclusive ownership of partitions (see the lock rows).",
    ],
    faced: &[
        ("replay", "Faced: an old heartbeat has an old number, and counts for nothing."),
        (
            "late data",
            "Faced: a heartbeat of an incarnation that was declared dead revives nobody.",
        ),
        (
            "partial writes",
            "Excluded: incarnations and graves are one record, replaced atomically.",
        ),
        ("partitions", "Faced: who is cut off is declared dead in time, and comes back after it."),
        ("retries", "Faced: each heartbeat is answered with all that a worker needs to know."),
        ("clocks", "Faced: only durations on each node's own monotonic clock are used."),
        (
            "lossy networks",
            "Faced: several heartbeats must be lost in a row to be taken for a death.",
        ),
        ("dying machines", "Faced: anybody may crash; the monitor has graves on disk."),
    ],
    saturates_first: "The monitor: every worker costs it a heartbeat and an answer a period. And work \
                      that moves: the more of it a death sets off, the more workers are late.",
    pitfalls: &[
        "Detecting fast and acting at once: suspicion is cheap and may be wrong, moving work is not.",
        "A cure that makes more heartbeats late: then one mistake brings the next.",
        "Trusting φ alone: a few long silences widen its window, and the dead stay unnoticed longer.",
        "Judging others right after waking up: who slept has heard nobody.",
        "Letting the dead come back as if nothing was: others have acted on the death already.",
    ],
    primitives: &[Primitive::Heartbeats, Primitive::SequenceNumbers, Primitive::WriteAheadLog],
    sources: &[
        "Chandra & Toueg 1996, “Unreliable Failure Detectors for Reliable Distributed Systems”",
        "Hayashibara et al. 2004, “The φ accrual failure detector”, section 4",
        "Bronson et al. 2021, “Metastable Failures in Distributed Systems” (HotOS)",
        "Cassandra, `FailureDetector.java`: `phi_convict_threshold`, `MAX_LOCAL_PAUSE`",
        "Akka, “Phi Accrual Failure Detector”: first estimate, least deviation, acceptable pause",
    ],
    fidelity: Fidelity {
        modelled: &[
            "timeout, misses and φ accrual on the same heartbeats, by the code that also decides",
            "work that moves, and keeps whoever takes it over too busy for heartbeats",
            "incarnations and graves on disk before anybody acts on them",
        ],
        simplified: &[
            "one monitor; its own crash stops the moving of work, not the work",
            "a partition is only a time of being busy when it is taken over",
        ],
        omitted: &[
            "asking through others before a verdict: SWIM",
            "fencing of the falsely dead, who serve until they hear of it",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Workers", Role::Peer, 0),
            ("Their disks", Role::Storage, 0),
            ("Monitor", Role::Coordinator, 1),
            ("Its disk", Role::Storage, 2),
        ],
        arrows: &[
            (0, 2, "heartbeats"),
            (2, 0, "partitions, or “buried”"),
            (0, 1, "incarnation"),
            (2, 3, "graves"),
        ],
    },
    knobs: &[
        Knob::count("workers", "Workers", 5, 3..=9),
        Knob::milliseconds("period", "A heartbeat every", 150, 100..=250),
        Knob::count("misses", "Misses until dead", 6, 5..=10),
        Knob::count("phi", "Suspected at φ", 3, 1..=8),
        Knob::milliseconds("load", "Taking a partition over takes", 250, 50..=300),
    ],
    switches: &[
        Switch {
            key: "suspicion",
            label: "Suspect first",
            help: "A measured suspicion comes soon: who is suspected gets no new work, and is trusted \
                   again at its next heartbeat.",
        },
        Switch {
            key: "burst",
            label: "Several misses until dead",
            help: "Death takes as many missed heartbeats as no burst of losses lasts, not the first \
                   sign of it.",
        },
        Switch {
            key: "incarnations",
            label: "Back as somebody new",
            help: "A heartbeat counts if it is newer than all before it, and who was declared dead \
                   counts in a new incarnation only.",
        },
        Switch {
            key: "own-sleep",
            label: "Excuse after own sleep",
            help: "A monitor that looks too late knows that it slept, and holds nobody's silence \
                   meanwhile against them.",
        },
    ],
    scripts: &[
        Script {
            label: "A burst, a pause, a death",
            help: "Most messages are lost for 0.4 s; W2 freezes for 0.5 s; W3 crashes and comes back.",
            settings: &[],
            actions: burst_pause_death,
        },
        Script {
            label: "And then: the monitor sleeps",
            help: "The monitor itself freezes for 1.2 s, and wakes to everybody's silence.",
            settings: &[],
            actions: monitor_sleeps,
        },
        Script {
            label: "And then: a long cut",
            help: "W1 and W2 are cut off for 2 s: alive, and rightly declared dead. They come back.",
            settings: &[],
            actions: long_cut,
        },
        Script {
            label: "And then: the false positive storm",
            help: "At 6.5 s most messages are lost for 0.4 s once more. Watch “Who was listed when”: \
                   suspicions pass, where deaths go on long after the burst.",
            settings: &[],
            actions: second_burst,
        },
    ],
    horizon_us: 8_000_000,
    grain_us: 1_000,
    layout: |setup| Layout::Free(star(setup)),
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

fn everybody(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    [MONITOR].into_iter().chain(workers(setup))
}

/// Places the monitor in the middle of its workers, and none of them right above or below it, where there is no
/// room for words.
fn star(setup: &Setup) -> Vec<Place> {
    let count = setup.knob("workers");
    #[expect(clippy::cast_possible_truncation, reason = "within a thousand")]
    let at = |nth: u64| {
        let turn = (f64::from(u32::try_from(nth).unwrap_or_default()) + 0.25)
            / f64::from(u32::try_from(count).unwrap_or(1));
        let angle = core::f64::consts::TAU * turn;
        let x = libm::round(500.0 + 380.0 * libm::sin(angle)) as i32;
        let y = libm::round(500.0 - 380.0 * libm::cos(angle)) as i32;
        Place { x, y }
    };
    [Place { x: 500, y: 500 }].into_iter().chain((0..count).map(at)).collect()
}

fn burst_pause_death(_: &Setup) -> Vec<TimedAction> {
    vec![
        at(BURST_US.0, Action::Lose { percent: 60 }),
        at(BURST_US.1, Action::Lose { percent: 0 }),
        at(FROZEN.1, Action::Pause(FROZEN.0)),
        at(FROZEN.2, Action::Resume(FROZEN.0)),
        at(DIES.1, Action::Crash(DIES.0)),
        at(DIES.2, Action::Restart(DIES.0)),
    ]
}

fn monitor_sleeps(_: &Setup) -> Vec<TimedAction> {
    vec![at(6_500_000, Action::Pause(MONITOR)), at(7_700_000, Action::Resume(MONITOR))]
}

fn long_cut(setup: &Setup) -> Vec<TimedAction> {
    let side = workers(setup).take(2).collect();
    vec![at(6_500_000, Action::Partition(side)), at(8_500_000, Action::Heal)]
}

fn second_burst(_: &Setup) -> Vec<TimedAction> {
    vec![at(6_500_000, Action::Lose { percent: 60 }), at(6_900_000, Action::Lose { percent: 0 })]
}

/// Returns how late a heartbeat may be before it is missed.
fn lateness_us(period_us: u64) -> u64 {
    period_us / 10
}

/// Returns the silence after which a worker is suspected whatever φ says.
fn suspicion_limit_us(setup: &Setup) -> u64 {
    setup.knob("period") * 2_500
}

fn suspicion(setup: &Setup) -> Option<Detector> {
    let thousandths = u32::try_from(setup.knob("phi")).unwrap_or(u32::MAX) * 1_000;
    let limit_us = suspicion_limit_us(setup);
    setup.is_on("suspicion").then_some(Detector::Phi { thousandths, limit_us })
}

/// Returns what it takes to be declared dead, and the silence after which that is so in any case.
fn burial(setup: &Setup) -> (Detector, u64) {
    let period_us = setup.knob("period") * 1_000;
    let late_us = lateness_us(period_us);
    let misses =
        |count| (Detector::Misses { count, period_us, late_us }, count * period_us + late_us);
    match suspicion(setup) {
        _ if setup.is_on("burst") => misses(setup.knob("misses")),
        Some(suspicion) => (suspicion, suspicion_limit_us(setup)),
        None => misses(1),
    }
}

fn spawn(id: NodeId, setup: &Setup) -> Node {
    let config = Config {
        workers: setup.count("workers"),
        period_us: setup.knob("period") * 1_000,
        load_us: setup.knob("load") * 1_000,
        suspicion: suspicion(setup),
        burial: burial(setup).0,
        has_incarnations: setup.is_on("incarnations"),
        knows_sleep: setup.is_on("own-sleep"),
    };
    if id == MONITOR {
        Node::Monitor(Monitor::new(config))
    } else {
        Node::Worker(Worker::new(id.0 - 1, config))
    }
}

fn names(setup: &Setup) -> Vec<String> {
    ["M".to_owned()].into_iter().chain(workers(setup).map(message::name_of)).collect()
}

const SPEC: Spec<Node, History> = Spec {
    names,
    spawn,
    environment: |_| Environment::uniform((2_000, 10_000), (1_000, 4_000)),
    commands: &[Command {
        label: "Move a partition",
        accepts: |id, _| id == MONITOR,
        input: Input::Nothing,
        say: |_, _, _| Msg::Move,
    }],
    invariants: &[
        Invariant {
            name: "nobody is declared dead within a burst",
            check: judge::nobody_dies_in_a_burst,
        },
        Invariant {
            name: "who is silent is suspected, then declared dead, in time",
            check: judge::the_silent_are_suspected,
        },
        Invariant {
            name: "who was declared dead comes back in a new incarnation only",
            check: judge::nobody_comes_back_the_same,
        },
        Invariant {
            name: "in calm, everybody is listed",
            check: judge::calm_brings_everybody_back,
        },
    ],
    goals: &[
        Goal {
            name: "all workers are listed",
            within_us: judge::settle_us,
            reached: judge::all_are_listed,
        },
        Goal {
            name: "every partition is served",
            within_us: judge::serve_us,
            reached: judge::all_are_served,
        },
    ],
    sometimes: &[
        Sometimes { name: "a suspicion is taken back", seen: judge::has_trusted },
        Sometimes { name: "a living worker is declared dead", seen: |_, it| it.false_deaths > 0 },
        Sometimes {
            name: "a worker comes back in a new incarnation",
            seen: |_, it| it.has_rejoined,
        },
        Sometimes { name: "the monitor finds that it slept", seen: |_, it| it.has_slept },
    ],
    alerts: &[
        Alert { name: "partitions are served by nobody", check: judge::nothing_is_on_its_way },
        Alert { name: "a living worker is off the list", check: judge::the_living_are_listed },
        Alert {
            name: "a listed worker has been silent for 1.5 periods",
            check: judge::nobody_is_silent,
        },
    ],
    metrics: &[
        Metric { label: "workers listed", unit: "workers", read: |world, _| judge::listed(world) },
        Metric {
            label: "living workers declared dead so far",
            unit: "times",
            read: |_, it| it.false_deaths.cast_signed(),
        },
        Metric { label: "partitions not served", unit: "partitions", read: judge::unserved },
        Metric {
            label: "longest silence of a listed worker",
            unit: "ms",
            read: judge::longest_silence_ms,
        },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: view::panels,
};
