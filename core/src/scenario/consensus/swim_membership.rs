//! Who is a member: a list that each keeps, in a network that makes the living look dead.
//!
//! Each member asks one other in each period whether it is there. A missing answer says little: the
//! datagram may be lost, one link may be bad, the other may be frozen for a moment. So before it judges
//! a member lets others ask for it; then it only suspects, and says so; and the suspect, who hears of
//! it as all do, objects under a new incarnation, which overrides the suspicion. What is heard rides
//! along on the probes, so that no member sends more in a larger group.
//!
//! Das, Gupta & Motivala 2002 (SWIM): §3 the detector, §4.1 what rides along, §4.2 suspicion, §4.3 probes
//! in turn. Two things are of Serf's memberlist: a higher incarnation overrides a confirmed death, and
//! members knock on the dead, so that sides that took each other for dead find together again. That a
//! suspect is told first of all what is said of it is of Lifeguard (Dadgar et al. 2018). The algorithms
//! are in [`crate::mechanism::swim`]. The switches act in [`node`].
//!
//! Left out: joining and leaving (all members are known from the beginning), and what to do about a
//! death, such as moving its data (of the `hash-ring-kv` row).

mod judge;
mod lesson;
mod message;
mod node;
mod view;

use judge::History;
use node::{Config, Node};

use crate::mechanism::swim::Selection;
use crate::scenario::{
    Choice, Diagram, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Environment, Goal, Invariant, Metric, NodeId, Observed, Sometimes, Spec,
    TimedAction,
};
use crate::view::{Layout, Role};

/// The link between these two is bad in the default script.
const NEAR: NodeId = NodeId(1);
const FAR: NodeId = NodeId(3);
/// Who freezes for a while.
const FROZEN: NodeId = NodeId(2);

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "swim-membership",
    seeds: &["402"],
    revision: 1,
    title: "Called dead, and denying it",
    family: Family::Consensus,
    difficulty: 2,
    prerequisites: &["gossip-udp"],
    question: "How do the members of a group learn who has died, when lost messages, bad links and \
               pauses make the living look dead?",
    promise: "Whoever dies is soon dead on all lists; whoever lives has time to object, and is back on \
              all lists if it was declared dead.",
    constraint: "Silence is all there is to see of a death, and a lossy network is silent too. No \
                 member may send more because the group grows.",
    guarantee: "Eventual, about a list each: no two lists need to agree at a time. The living may be \
                declared dead while faults last, never for good.",
    naive: "A member pings another one in each period. If no answer comes, it strikes the other one off \
            its list, at once, and never asks it again. Each member judges for itself.",
    hardened: "SWIM: before it judges, a member lets three others ask; then it suspects, and the suspect \
               has time to object under a new incarnation. All this rides along on probes and answers. \
               Members also knock on the dead.",
    breaks: "A storm of false deaths: each lost datagram, bad link or pause strikes a member off a list, \
             and nothing ever brings it back.",
    survives: Faults {
        victims: |setup| nodes(setup).collect(),
        down_at_once: |setup| setup.count("nodes"),
        loss_percent: 50,
        duplicate_percent: 50,
        // No slow nodes: a slow node answers late, which is not told from a bad link here.
        claim: "Crashes with restart, of all members at once too; pauses, cuts in both or one direction \
                that stay or come and go, held links, loss, duplication and reordering. That nobody is \
                declared dead unheard needs no timing. How soon the dead and the living are listed \
                assumes latencies up to 10 ms, clock rates within 5 %, and no fault meanwhile.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Each member has a list of all members at hand, and asks nobody for it.",
        "A death is on all lists some two seconds later: probe, time to object, spread.",
        "A pause or a loss that is shorter than the time to object should strike nobody off.",
        "A member sends about three messages a period, however many members there are.",
        "Out of scope: joining, leaving, agreement on one list (that takes consensus), lying members.",
    ],
    faced: &[
        ("replay", "Faced: an old word has an old incarnation, and overrides nothing."),
        ("late data", "Faced: a late answer belongs to a probe that is over, and is ignored."),
        ("partial writes", "Excluded: nothing is on disk; incarnations are learned from others."),
        ("partitions", "Faced: the sides take each other for dead, and knock until they answer."),
        ("retries", "Faced: a probe is not repeated but made by others, on other ways."),
        ("clocks", "Faced: only durations are measured, each on the member's own clock."),
        ("lossy networks", "Faced: helpers for single losses, time to object for many."),
        (
            "dying machines",
            "Faced: that is what is detected; who restarts begins with a full list.",
        ),
    ],
    saturates_first: "Nothing on a member: its load stays the same. The time until all know grows with \
                      the logarithm of the group; what rides along is limited to six words a message.",
    pitfalls: &[
        "Taking a missing answer for a death: at 1 % loss each way, every 50th probe is a false alarm.",
        "Pinging everybody: n² messages a period, and the switches drop them when it matters.",
        "Refuting without an incarnation: “alive” and “suspect” of equal age chase each other.",
        "Never asking the dead again: after a partition both sides stay apart for ever.",
        "Time to object that is shorter than usual pauses: each garbage collection is a death.",
    ],
    primitives: &[Primitive::Heartbeats, Primitive::VersionVectors, Primitive::SequenceNumbers],
    sources: &[
        "Das, Gupta & Motivala 2002, “SWIM: Scalable Weakly-consistent Infection-style Process Group \
         Membership Protocol”, sections 3 and 4",
        "Dadgar, Phillips & Currey 2018, “Lifeguard: Local Health Awareness for More Accurate Failure \
         Detection”, section 3",
        "HashiCorp, memberlist and Serf documentation: “Gossip Protocol”",
    ],
    fidelity: Fidelity {
        modelled: &[
            "ping, ping-req through k others, ack",
            "suspicion with time to object, incarnations and the paper's order of words",
            "what rides along: six words a message, the least told first, each 4·log₂ n times",
            "probes in turn in a shuffled order, or at random",
        ],
        simplified: &[
            "all members are known from the beginning, and restart under their name",
            "a death is overridden by a higher incarnation, instead of by joining anew",
        ],
        omitted: &[
            "Lifeguard's local health: a member that is slow itself should trust itself less",
            "what systems do about a death: moving data, electing leaders",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Member", Role::Peer, 0),
            ("Helpers", Role::Peer, 1),
            ("Its target", Role::Peer, 2),
            ("Everybody's list", Role::Storage, 3),
        ],
        arrows: &[
            (0, 2, "ping"),
            (2, 0, "ack, objection"),
            (0, 1, "ping-req"),
            (1, 2, "ping for it"),
            (2, 3, "what rides along"),
        ],
    },
    knobs: &[
        Knob::count("nodes", "Members", 10, 4..=12),
        Knob::milliseconds("period", "Length of a period", 200, 100..=250),
        Knob::count("helpers", "Helpers asked (k)", 3, 1..=5),
        Knob::count("grace", "Periods to object in", 5, 4..=8),
        Knob::one_of(
            "order",
            "Whom to probe",
            1,
            1,
            &[
                Choice { key: "in-turn", label: "each in turn" },
                Choice { key: "random", label: "anybody" },
            ],
        ),
    ],
    switches: &[
        Switch {
            key: "indirect",
            label: "Ask through others",
            help: "If an answer is late, k others are asked to probe, on links of their own.",
        },
        Switch {
            key: "suspicion",
            label: "Time to object",
            help: "Who does not answer is suspected for some periods before it is declared dead.",
        },
        Switch {
            key: "incarnations",
            label: "Incarnations",
            help: "A member objects under a new number, which overrides what was said under older ones.",
        },
        Switch {
            key: "gossip",
            label: "News rides along",
            help: "Probes and answers carry what their sender has lately heard of others.",
        },
        Switch {
            key: "knocking",
            label: "Knock on the dead",
            help: "In each period a member also pings one that it lists as dead, if there is one.",
        },
    ],
    scripts: &[
        Script {
            label: "Bad link, loss, pause, death",
            help: "One link is cut one way; then a third of all datagrams is lost, and a member freezes. \
                   Later one member really dies.",
            settings: &[],
            actions: storm_and_death,
        },
        Script {
            label: "And then: two sides",
            help: "The group is cut in two for so long that each side declares the other dead.",
            settings: &[],
            actions: two_sides,
        },
        Script {
            label: "And then: deaf and flapping",
            help: "One member only talks and hears nothing; then links come and go.",
            settings: &[],
            actions: deaf_and_flapping,
        },
    ],
    horizon_us: 10_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Ring,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

fn nodes(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(setup.count("nodes"))
}

fn storm_and_death(setup: &Setup) -> Vec<TimedAction> {
    let last = nodes(setup).next_back().unwrap_or_default();
    vec![
        at(500_000, Action::Cut { from: NEAR, to: FAR }),
        at(1_000_000, Action::Lose { percent: 33 }),
        at(1_500_000, Action::Pause(FROZEN)),
        at(2_100_000, Action::Resume(FROZEN)),
        at(3_000_000, Action::Heal),
        at(4_200_000, Action::Crash(last)),
        at(7_700_000, Action::Restart(last)),
    ]
}

fn two_sides(setup: &Setup) -> Vec<TimedAction> {
    let (side, _): (Vec<NodeId>, Vec<NodeId>) =
        nodes(setup).partition(|id| 2 * u64::from(id.0) < setup.knob("nodes"));
    vec![at(9_000_000, Action::Partition(side)), at(14_000_000, Action::Heal)]
}

fn deaf_and_flapping(setup: &Setup) -> Vec<TimedAction> {
    let others = nodes(setup).filter(|id| *id != NEAR);
    let deaf = others.map(|from| at(9_000_000, Action::Cut { from, to: NEAR }));
    let flap = Action::Flap { side: vec![FROZEN, FAR], period_us: 300_000 };
    deaf.chain([at(11_000_000, flap), at(14_000_000, Action::Heal)]).collect()
}

fn config(setup: &Setup) -> Config {
    Config {
        is_indirect: setup.is_on("indirect"),
        has_suspicion: setup.is_on("suspicion"),
        has_incarnations: setup.is_on("incarnations"),
        is_gossiping: setup.is_on("gossip"),
        knocks: setup.is_on("knocking"),
        selection: if setup.knob("order") == 1 { Selection::InTurn } else { Selection::Random },
        helpers: u8::try_from(setup.knob("helpers")).unwrap_or(u8::MAX),
        period_us: setup.knob("period") * 1_000,
        objection_us: judge::objection_us(setup),
    }
}

const SPEC: Spec<Node, History> = Spec {
    names: |setup| nodes(setup).map(message::name_of).collect(),
    spawn: |me, setup| Node::new(me, config(setup)),
    environment: |_| Environment::uniform((2_000, 10_000), (1_000, 2_000)),
    commands: &[],
    invariants: &[
        Invariant {
            name: "nobody who runs is declared dead without time to object",
            check: judge::there_is_time_to_object,
        },
        Invariant {
            name: "who objects in time is not declared dead",
            check: judge::objections_count,
        },
        Invariant {
            name: "one bad link makes nobody miss a member",
            check: judge::one_link_is_not_enough,
        },
        Invariant { name: "the living come back on all lists", check: judge::the_living_return },
        Invariant { name: "a death is on all lists soon", check: judge::deaths_spread },
    ],
    goals: &[Goal {
        name: "all members are alive on all lists",
        within_us: judge::settle_us,
        reached: judge::all_are_alive,
    }],
    sometimes: &[
        Sometimes {
            name: "helpers bring an answer that was missing",
            seen: |_, history| history.saved_by_helpers > 0,
        },
        Sometimes { name: "an objection ends a suspicion", seen: |_, it| it.forgiven > 0 },
        Sometimes {
            name: "a member that was declared dead is back on a list",
            seen: |_, history| history.returned > 0,
        },
        Sometimes {
            name: "a death is on all lists",
            seen: |world, _| judge::known_death(world).is_some(),
        },
    ],
    alerts: &[Alert {
        name: "a member that runs is listed as dead",
        check: judge::the_living_are_listed,
    }],
    metrics: &[
        Metric {
            label: "false deaths: entries that list the living as dead",
            unit: "entries",
            read: |world, history| judge::false_count(world, history).cast_signed(),
        },
        Metric {
            label: "suspicions so far",
            unit: "",
            read: |_, history| i64::from(history.suspected),
        },
        Metric {
            label: "load: messages of a member in a period",
            unit: "hundredths",
            read: |world, _| judge::load_hundredths(world),
        },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: view::panels,
};
