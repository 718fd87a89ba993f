//! Before, after, or neither: what clocks can say about order, and what a wall clock cannot.
//!
//! Several people keep one note, a copy each. Whoever writes has read the copy beside them, so a write
//! is an answer to what it had read, and must not lose to it. "The larger time stamp wins" breaks that
//! as soon as a clock is wrong: the answer to a note from the future is dropped as older. What decides
//! here instead is what a writer had seen. A version vector counts it; of two versions the one that
//! contains the other is later, and if neither does, both stay.
//!
//! The same run is stamped by all clocks of [`crate::mechanism::clock`]: Lamport's (1978), vector clocks
//! (Fidge 1988, Mattern 1989), hybrid logical clocks (Kulkarni et al. 2014), the wall clock, and the
//! note's versions by version vectors (Parker et al. 1983). Which of them says what of two events is
//! judged by the kernel's own record of causes ([`crate::sim::Pasts`]). The switches act in [`node`].
//!
//! Left out: dotted version vectors (Preguiça et al. 2010), which let one replica take concurrent
//! writes of several clients: here a replica has one editor, who reads and writes in one step; pruning
//! of vectors; replicas that come and go.

mod copies;
mod judge;
mod message;
mod node;
#[cfg(test)]
mod tests;
mod view;

use judge::History;
use message::{Msg, name_of};
use node::{Config, Node, Rule};

use crate::scenario::{
    Diagram, Family, Faults, Fidelity, Knob, Preset, Primitive, Scenario, Script, Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Answer, Beat, Clock, Command, Environment, FaultKind, Goal, Input, Invariant,
    Metric, NodeId, Observed, Puzzle, PuzzleGoal, Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

/// The replica whose clock goes wrong.
const A: NodeId = NodeId(0);
/// The cut is before this replica: it and all after it are the second side.
const SECOND_SIDE: NodeId = NodeId(2);
/// When the cut of the default script ends.
const HEALED_US: u64 = 5_000_000;
/// How far each wall clock is off from the beginning: less than a message takes, so that it does no
/// harm yet.
const ERRORS_US: [i64; 4] = [0, 2_000, -1_000, 3_000];

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "vector-clocks",
    seeds: &["404"],
    revision: 1,
    title: "Who came first, without a clock",
    family: Family::Consensus,
    difficulty: 2,
    prerequisites: &[],
    question: "Which of two writes came later, if nobody can trust a clock?",
    promise: "An answer never loses to what it answers, and no write is lost that nobody has replaced.",
    constraint: "Every machine has a clock of its own, and messages take any time. No node sees the \
                 order in which things really happened.",
    guarantee: "Causal: an answer never loses to what it answers. Writes that did not know of each \
                other are both shown, until somebody who has read both writes again.",
    naive: "Last write wins: every write carries its writer's wall clock, and every copy keeps the \
            version with the larger time stamp.",
    hardened: "Every version carries a version vector: how many writes of each replica it contains. The \
               version that contains the other stays; if neither does, both stay as siblings. Clocks \
               and copy are on disk before anybody hears of an event.",
    breaks: "A clock that runs ahead: whoever answers its note is dropped, having a smaller time \
             stamp. And in a cut both sides write, and one of the two writes vanishes unread.",
    survives: Faults {
        victims: |setup| nodes(setup).collect(),
        down_at_once: |setup| setup.count("nodes"),
        loss_percent: 50,
        duplicate_percent: 50,
        slow_us: 20_000,
        claim: "Crashes with restart, of all nodes at once too; pauses, slow nodes, cuts that stay or \
                come and go, held links, loss, duplication, reordering, and wall clocks that say \
                anything. Order needs no timing at all. That copies agree again in time assumes \
                latencies up to 40 ms and clock rates within 5 %.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Read and write the note at any replica, also at one that reaches nobody.",
        "An answer never loses to what its writer had read; of concurrent writes none is lost.",
        "Of any two events, say which came first or that neither did, from their stamps alone.",
        "In calm, all copies agree again and again, within 2 s and one round of gossip.",
        "Out of scope: merging the texts of siblings, replicas that come and go, several editors \
         at one replica.",
    ],
    faced: &[
        ("replay", "Faced: a version that is contained in what is shown changes nothing."),
        ("late data", "Faced: a late version is recognised by its vector, whenever it comes."),
        ("partial writes", "Excluded: clocks and copy are one record, replaced atomically."),
        ("partitions", "Faced: every side reads and writes on; the sides meet as siblings."),
        ("retries", "Faced: gossip tells everything again and again, and that does no harm."),
        ("clocks", "Faced: wall clocks are read, and shown, and decide nothing."),
        ("lossy networks", "Faced: what one message loses, any later one carries."),
        ("dying machines", "Faced while disks survive: a clock that forgot would stamp twice."),
    ],
    saturates_first: "The stamps: each message carries a number per replica, and each version another. \
                      A Lamport or hybrid stamp stays one number, and can't tell concurrent events.",
    pitfalls: &[
        "Taking the smaller Lamport or hybrid stamp for the earlier event: it only was not later.",
        "Comparing time stamps of different machines to see who came last: that compares clocks.",
        "A restart that counts from zero again: two events then have one stamp.",
        "Settling siblings by time stamp: that is last write wins again, only rarer.",
        "Writing without having read: each such write is a sibling, and siblings pile up.",
    ],
    primitives: &[
        Primitive::VersionVectors,
        Primitive::ConflictResolution,
        Primitive::SequenceNumbers,
        Primitive::WriteAheadLog,
    ],
    sources: &[
        "Lamport 1978, “Time, Clocks, and the Ordering of Events in a Distributed System”",
        "Mattern 1989, “Virtual Time and Global States of Distributed Systems”, section 5; Fidge 1988",
        "Parker et al. 1983, “Detection of Mutual Inconsistency in Distributed Systems”",
        "Kulkarni et al. 2014, “Logical Physical Clocks”, figure 5 and theorems 1 to 3",
        "DeCandia et al. 2007, “Dynamo”, section 4.4: vector clocks and siblings in use",
    ],
    fidelity: Fidelity {
        modelled: &[
            "Lamport, vector and hybrid clocks, which stamp every event of every replica",
            "version vectors of the note's versions; siblings; last write wins, to compare",
            "clocks and copy on disk before anybody hears of an event",
        ],
        simplified: &[
            "an editor reads and writes in one step, and stays at one replica",
            "one note; a store has such versions for each of its keys",
        ],
        omitted: &[
            "dotted version vectors: for several clients at one replica",
            "pruning of vectors, which gives up exactness",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Editor", Role::Client, 0),
            ("Replica", Role::Peer, 1),
            ("Its disk", Role::Storage, 2),
            ("Other replicas", Role::Peer, 2),
        ],
        arrows: &[
            (0, 1, "read, then write"),
            (1, 0, "versions shown"),
            (1, 2, "clocks and copy"),
            (1, 3, "versions with stamps"),
            (3, 1, "versions with stamps"),
        ],
    },
    knobs: &[
        Knob::count("nodes", "Replicas", 4, 3..=7),
        Knob::milliseconds("skew", "A's clock set ahead by", 1_500, 0..=5_000),
        Knob::milliseconds("edit", "An editor writes about every", 1_000, 500..=2_000),
        Knob::milliseconds("gossip", "Gossip every", 500, 200..=1_000),
    ],
    switches: &[
        Switch {
            key: "causality",
            label: "What was seen decides",
            help: "A version that contains another one is later, whatever the wall clocks say.",
        },
        Switch {
            key: "siblings",
            label: "Keep siblings",
            help: "Of versions that had not seen each other all stay, until a writer has read them. \
                   Without it the larger hybrid stamp wins.",
        },
        Switch {
            key: "durable",
            label: "Clocks on disk first",
            help: "Nobody hears of an event before its stamps and the copy are synced to disk.",
        },
    ],
    scripts: &[
        Script {
            label: "A clock ahead, then a cut",
            help: "A's clock is set ahead. Later the network splits in two for 1.5 s.",
            settings: &[],
            actions: clock_ahead_then_cut,
        },
        Script {
            label: "And then: B restarts",
            help: "B crashes and comes back: do its clocks go on where they were?",
            settings: &[],
            actions: restarts,
        },
        Script {
            label: "And then: A's clock is set right",
            help: "A's clock is set back, so that A's own notes come from its future. Watch A's new notes: \
                   by time stamps they lose to its old ones.",
            settings: &[],
            actions: set_right,
        },
    ],
    horizon_us: 7_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Ring,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

fn nodes(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(setup.count("nodes"))
}

fn skew_us(setup: &Setup) -> i64 {
    i64::try_from(setup.knob("skew") * 1_000).unwrap_or(i64::MAX)
}

fn clock_ahead_then_cut(setup: &Setup) -> Vec<TimedAction> {
    let side = nodes(setup).take_while(|id| *id < SECOND_SIDE).collect();
    vec![
        at(800_000, Action::StepClock { node: A, by_us: skew_us(setup) }),
        at(3_500_000, Action::Partition(side)),
        at(HEALED_US, Action::Heal),
    ]
}

fn restarts(_: &Setup) -> Vec<TimedAction> {
    let b = NodeId(1);
    vec![at(2_500_000, Action::Crash(b)), at(2_800_000, Action::Restart(b))]
}

fn set_right(setup: &Setup) -> Vec<TimedAction> {
    vec![at(5_500_000, Action::StepClock { node: A, by_us: -skew_us(setup) })]
}

fn config(setup: &Setup) -> Config {
    Config {
        rule: match (setup.is_on("causality"), setup.is_on("siblings")) {
            (false, _) => Rule::WallClock,
            (true, false) => Rule::HybridClock,
            (true, true) => Rule::VersionVector,
        },
        is_durable: setup.is_on("durable"),
        edit_us: setup.knob("edit") * 1_000,
        gossip_us: setup.knob("gossip") * 1_000,
    }
}

fn spawn(me: NodeId, setup: &Setup) -> Node {
    let nodes = setup.count("nodes");
    Node::new(me, nodes, config(setup))
}

fn environment(_: &Setup) -> Environment {
    Environment {
        clock: |id, _| Clock::wrong_by(ERRORS_US[id.index() % ERRORS_US.len()], 0),
        ..Environment::uniform((5_000, 40_000), (1_000, 4_000))
    }
}

const SPEC: Spec<Node, History> = Spec {
    names: |setup| nodes(setup).map(|id| name_of(id).to_string()).collect(),
    spawn,
    environment,
    commands: &[
        Command {
            label: "Write",
            accepts: |_, _| true,
            input: Input::Nothing,
            say: |_, _, _| Msg::Write,
        },
        Command {
            label: "Compare",
            accepts: |_, _| true,
            input: Input::Number { label: "its write", unit: "", min: 1, max: 999, default: 1 },
            say: |_, _, number| Msg::Pick(number.number().unsigned_abs()),
        },
    ],
    invariants: &[
        Invariant {
            name: "an answer never loses to what it answers",
            check: copies::nothing_is_undone,
        },
        Invariant {
            name: "no write is lost that nobody has replaced",
            check: copies::nothing_is_lost,
        },
        Invariant { name: "a → b exactly if V(a) < V(b)", check: judge::vectors_tell_causes },
        Invariant { name: "Lamport's clock grows along causes", check: judge::lamport_grows },
        Invariant {
            name: "hybrid clocks grow along causes, within the clocks' skew",
            check: judge::hybrid_is_near,
        },
    ],
    goals: &[
        Goal {
            name: "all copies show the same",
            within_us: copies::settle_us,
            reached: copies::agree,
        },
        Goal {
            name: "writes are acknowledged",
            within_us: |setup| setup.knob("edit") * 2_000 + 100_000,
            reached: copies::serves,
        },
    ],
    sometimes: &[
        Sometimes {
            name: "two versions have not seen each other",
            seen: |world, history| copies::most_siblings(world, history) > 1,
        },
        Sometimes {
            name: "a writer replaces several versions",
            seen: |_, history| history.was_reconciled,
        },
        Sometimes {
            name: "a replica is back and knows its clock",
            seen: |_, history| history.came_back,
        },
    ],
    alerts: &[
        Alert { name: "wall clocks are more than 250 ms apart", check: judge::clocks_are_close },
        Alert { name: "a copy has versions to reconcile", check: copies::nothing_to_reconcile },
    ],
    metrics: &[
        Metric { label: "copies that have lost a write", unit: "copies", read: copies::deprived },
        Metric { label: "versions side by side", unit: "versions", read: copies::most_siblings },
        Metric {
            label: "writes that a copy has not heard of",
            unit: "writes",
            read: copies::unheard,
        },
        Metric {
            label: "hybrid time ahead of true time",
            unit: "ms",
            read: judge::hybrid_ahead_ms,
        },
        Metric {
            label: "bytes a message",
            unit: "bytes",
            read: |world, _| {
                let costs = world.costs();
                (costs.bytes / costs.messages.max(1)).cast_signed()
            },
        },
    ],
    lesson: LESSON,
    puzzles: PUZZLES,
    panels: view::panels,
};

const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "The last write wins",
        say: "Four copies of one note; who writes has read the copy there. The larger time stamp \
              wins. Cells: how many events of each copy one knows of.",
        preset: Preset::Naive,
        when: |_, history| history.acknowledged_us.is_some(),
        bet: None,
    },
    Beat {
        title: "A clock runs ahead",
        say: "A's wall clock is ahead now. Nothing is lost on the way, and nobody is down. Say that A \
              writes, and another reads that and answers.",
        preset: Preset::Naive,
        when: |world, history| judge::clocks_are_close(world, history).is_err(),
        bet: Some(Answer {
            question: "Which of the two will the copies show?",
            options: &["A's note", "The answer", "Both"],
            evidence: copies::the_answer_in_words,
            right: copies::answer_or_answered,
        }),
    },
    Beat {
        title: "Undone",
        say: "The answer came later: its writer had read A's note. But its time stamp is smaller: it \
              is dropped, and its writer was told that it is kept.",
        preset: Preset::Naive,
        when: |world, history| copies::nothing_is_undone(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "Two writes, one survivor",
        say: "Two wrote, and neither had read the other's note: the banner names both. The one \
              with the smaller stamp is gone; nobody had replaced it.",
        preset: Preset::Naive,
        when: |world, history| copies::nothing_is_lost(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "Count what was seen",
        say: "A version carries a vector now: how many writes of each copy it contains. The \
              answer's contains A's note, so it stays, whatever clocks say.",
        preset: Preset::Hardened,
        when: copies::answers_the_future,
        bet: None,
    },
    Beat {
        title: "A cut",
        say: "The network is cut in two, and both sides have written since. Neither has heard of the \
              other's writes.",
        preset: Preset::Hardened,
        when: copies::both_write,
        bet: Some(Answer {
            question: "Neither side has read the other's writes. What do the copies show when they meet?",
            options: &["The larger time stamp", "Both sides' writes", "The smaller side's"],
            evidence: copies::the_meeting_in_words,
            right: copies::after_the_cut,
        }),
    },
    Beat {
        title: "Siblings",
        say: "Each of these vectors counts a write that the others lack, so none of the versions came \
              first. No clock may decide that: all stay.",
        preset: Preset::Hardened,
        when: |world, _| copies::both_sides(world).is_some(),
        bet: None,
    },
    Beat {
        title: "Reconciled by a writer",
        say: "A writer read all siblings and wrote again. Its version contains each, and has \
              replaced them at A, B, C and D; nobody repaired anything.",
        preset: Preset::Hardened,
        when: |world, history| {
            world.network().is_whole()
                && history.was_reconciled
                && copies::most_siblings(world, history) == 1
                && copies::agree(world, history)
        },
        bet: None,
    },
    Beat {
        title: "The price",
        say: "No answer lost to what it answers, no write was lost. The price: a vector grows with each \
              copy, and writers must settle siblings themselves.",
        preset: Preset::Hardened,
        when: |world, history| world.now_us() > 6_000_000 && copies::agree(world, history),
        bet: None,
    },
];

const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "An answer without a question",
        task: "Give two events of one copy the same stamp: let a → b without V(a) < V(b).",
        hint: "What does a clock know that was only in memory?",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("a → b exactly if V(a) < V(b)"),
        budget: &[(FaultKind::Crash, 1)],
        par: 1,
    },
    Puzzle {
        title: "Out of touch",
        task: "No write is lost, but some may be late: let one copy not have heard of more than 8 \
               writes of the others.",
        hint: "Everybody tells everybody. Who does not listen for a while?",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(|world, history| copies::unheard(world, history) > 8),
        budget: &[(FaultKind::Pause, 1)],
        par: 1,
    },
];
