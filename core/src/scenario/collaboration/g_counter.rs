//! A counter that nobody coordinates: one slot per node, merged by maximum.
//!
//! Messages get lost, doubled and overtaken, so a sum of "+1" messages goes wrong sooner or later.
//! Here a node says not what happened but what it knows: a slot for each node, which only that node
//! raises. Of two copies of a slot the larger is then the newer, and hearing it twice or late does no
//! harm. So a slot must never go back: its owner writes it to disk before anybody hears of it, and
//! what is taken back is counted up in a second slot.
//!
//! Shapiro, Preguiça, Baquero & Zawirski 2011, INRIA RR-7506: specification 7 (PN-Counter), made of
//! two of specification 6 (G-Counter), both in [`crate::mechanism::crdt`]. Slots spread by
//! anti-entropy (Demers et al. 1987), peers in turn: a bound where random peers give a likelihood.
//! The switches act in [`node`].
//!
//! Left out: visitors behind a network of their own (retries need request identities), nodes that
//! join and leave, and sending only what has changed (Almeida, Shoker & Baquero 2018).

mod judge;
mod message;
mod node;
mod view;

use judge::History;
use message::Msg;
use node::{Config, Node, Sharing};

use crate::scenario::{
    Diagram, Family, Faults, Fidelity, Knob, Preset, Primitive, Scenario, Script, Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Answer, Beat, Command, Environment, FaultKind, Goal, Input, Invariant, Metric,
    NodeId, Observed, Puzzle, PuzzleGoal, Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "g-counter",
    seeds: &["15.4"],
    revision: 4,
    title: "A counter without a coordinator",
    family: Family::Collaboration,
    difficulty: 1,
    prerequisites: &[],
    question: "How do nodes count together when all they have is an unreliable network?",
    promise: "Every acknowledged click is in everybody's total in the end, exactly once.",
    constraint: "Messages get lost, doubled and overtaken, links break, nodes restart, and nobody \
                 may wait for anybody.",
    guarantee: "Eventual: 2 s after the last fault and click, every copy shows the exact total. \
                Until then a read may be behind.",
    naive: "A shared integer: each click is added to the node's own copy and sent to all others as \
            “+1”, again and again until they answer. Nothing is on disk.",
    hardened: "A PN-Counter: one slot per node for increments and one for decrements. Only its owner \
               raises a slot, on disk first; slots are gossiped for ever and merged by maximum.",
    breaks: "A message that arrives twice, or is sent again, is added twice; a restart forgets.",
    survives: Faults {
        victims: |setup| nodes(setup).collect(),
        down_at_once: |setup| setup.count("nodes"),
        loss_percent: 50,
        duplicate_percent: 50,
        // Slow nodes are not judged yet: while one works on a click, its slot is ahead of what it acknowledged.
        claim: "Crashes with restart, of all nodes at once too; pauses, cuts that stay or come and go, \
                held links, loss, duplication and reordering. Safety needs no timing, and no wall \
                clock is read. Exactness 2 s after the last fault and click assumes latencies up to \
                40 ms and clock rates within 5 %.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Count a click up or down at any node, also at one that reaches nobody.",
        "Acknowledge it after one sync of the node's own disk, whatever the network does.",
        "Read a total at any node, at once. It may be behind; without faults, by at most 2 s.",
        "Out of scope: limits such as “never below zero”, visitors' retries, changing members.",
    ],
    faced: &[
        ("replay", "Faced: hearing a slot again changes nothing, since max(a, a) = a."),
        ("late data", "Faced: a slot heard late is no larger than what is already known."),
        ("partial writes", "Excluded: the own slot is one small record, replaced atomically."),
        ("partitions", "Faced: every side counts on; the sides merge after the cut."),
        ("retries", "Faced between nodes: gossip is all retries. Visitors' own are out of scope."),
        (
            "clocks",
            "Faced: no wall clock is read; a clock's rate only changes how often to gossip.",
        ),
        ("lossy networks", "Faced: what one message loses, any later one carries."),
        ("dying machines", "Faced while disks survive: a slot is on disk before it is told."),
    ],
    saturates_first: "Bytes: each message carries every slot, so a round of gossip costs nodes².",
    pitfalls: &[
        "Gossiping a slot before it is on disk: after a crash the same numbers are given out again.",
        "Lowering a slot to take a click back: the maximum with an older copy undoes it.",
        "Checking a limit before adding: two nodes can check at the same time, and both add.",
        "Sending a “+1” again sooner than its answer can come: it counts twice without any fault.",
        "Giving a restarted node a new slot: safe, but the vector grows with every restart.",
    ],
    primitives: &[Primitive::VersionVectors, Primitive::WriteAheadLog, Primitive::Replay],
    sources: &[
        "Shapiro, Preguiça, Baquero & Zawirski 2011, INRIA RR-7506, section 3.1",
        "Demers et al. 1987, “Epidemic algorithms for replicated database maintenance”",
        "Almeida, Shoker & Baquero 2018, “Delta state replicated data types”",
    ],
    fidelity: Fidelity {
        modelled: &["PN-Counter and its merge", "anti-entropy by push", "own slot synced to disk"],
        simplified: &["visitors click at the node itself: 12 of them after each of its starts"],
        omitted: &["delta states: fewer bytes, same result", "retiring slots: needs agreement"],
    },
    diagram: Diagram {
        boxes: &[
            ("Visitors", Role::Client, 0),
            ("Node", Role::Peer, 1),
            ("Own slot", Role::Storage, 2),
            ("Other nodes", Role::Peer, 2),
        ],
        arrows: &[(0, 1, "click"), (1, 2, "raise, sync"), (1, 3, "all slots"), (3, 1, "all slots")],
    },
    knobs: &[
        Knob::count("nodes", "Nodes", 5, 3..=9),
        Knob::milliseconds("gossip", "Gossip or retry every", 100, 20..=200),
        Knob::percent("decrements", "Clicks that count down", 7, 0..=50),
    ],
    switches: &[
        Switch {
            key: "vector",
            label: "One slot per node",
            help: "Nodes send what they know, one slot per node merged by maximum, instead of “+1”.",
        },
        Switch {
            key: "durable",
            label: "Own slot on disk first",
            help: "A click is acknowledged, and told to others, only when the node's slot is synced to disk.",
        },
        Switch {
            key: "two-vectors",
            label: "Decrements in slots of their own",
            help: "A decrement raises a second slot instead of lowering the first.",
        },
        Switch {
            key: "anti-entropy",
            label: "Gossip for ever",
            help: "A node tells its slots to one peer after another for ever, instead of once after a click.",
        },
    ],
    scripts: &[
        Script {
            label: "Double, cut, crash",
            help: "Messages arrive twice, the network splits, and a node restarts meanwhile.",
            settings: &[],
            actions: double_cut_crash,
        },
        Script {
            label: "And then: deaf and restarting",
            help: "One side stops hearing the other, and restarts while it hears nothing. Watch its copies \
                   lose the other side's slots, and learn them anew.",
            settings: &[],
            actions: deaf_and_restarting,
        },
        Script {
            label: "And then: lights out",
            help: "All nodes are down at the same time, so that nobody can be asked.",
            settings: &[],
            actions: lights_out,
        },
    ],
    horizon_us: 8_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Ring,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

fn nodes(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(setup.count("nodes"))
}

/// Returns the smaller side of the cut, and the larger one.
fn sides(setup: &Setup) -> (Vec<NodeId>, Vec<NodeId>) {
    nodes(setup).partition(|id| 2 * u64::from(id.0) + 2 < setup.knob("nodes"))
}

fn double_cut_crash(setup: &Setup) -> Vec<TimedAction> {
    let last = nodes(setup).next_back().unwrap_or_default();
    vec![
        at(150_000, Action::Duplicate { percent: 50 }),
        at(600_000, Action::Partition(sides(setup).0)),
        at(1_400_000, Action::Crash(last)),
        at(1_700_000, Action::Restart(last)),
        at(2_200_000, Action::Heal),
    ]
}

fn deaf_and_restarting(setup: &Setup) -> Vec<TimedAction> {
    let (unheard, deaf) = sides(setup);
    let links = deaf.iter().flat_map(|&to| unheard.iter().map(move |&from| (from, to)));
    let cuts = links.map(|(from, to)| at(2_500_000, Action::Cut { from, to }));
    let crashes = deaf.iter().map(|&id| at(2_800_000, Action::Crash(id)));
    let restarts = deaf.iter().map(|&id| at(3_400_000, Action::Restart(id)));
    cuts.chain(crashes).chain(restarts).chain([at(4_000_000, Action::Heal)]).collect()
}

fn lights_out(setup: &Setup) -> Vec<TimedAction> {
    let crashes = nodes(setup).map(|id| at(4_500_000, Action::Crash(id)));
    crashes.chain(nodes(setup).map(|id| at(4_800_000, Action::Restart(id)))).collect()
}

fn config(setup: &Setup) -> Config {
    Config {
        sharing: match (setup.is_on("vector"), setup.is_on("two-vectors")) {
            (false, _) => Sharing::Deltas,
            (true, false) => Sharing::OneVector,
            (true, true) => Sharing::TwoVectors,
        },
        is_durable: setup.is_on("durable"),
        repeats: setup.is_on("anti-entropy"),
        round_us: setup.knob("gossip") * 1_000,
        down_percent: u8::try_from(setup.knob("decrements")).unwrap_or(100),
    }
}

/// How much the viewer can click at once.
const CLICKS: Input = Input::Number { label: "by", unit: "", min: 1, max: 20, default: 1 };

const SPEC: Spec<Node, History> = Spec {
    names: |setup| nodes(setup).map(|id| format!("N{}", id.0 + 1)).collect(),
    spawn: |me, setup| Node::new(me, config(setup)),
    environment: |_| Environment::uniform((5_000, 40_000), (2_000, 8_000)),
    commands: &[
        Command {
            label: "Increment",
            accepts: |_, _| true,
            input: CLICKS,
            say: |_, _, by| Msg::Click(by.number()),
        },
        Command {
            label: "Decrement",
            accepts: |_, _| true,
            input: CLICKS,
            say: |_, _, by| Msg::Click(-by.number()),
        },
    ],
    invariants: &[
        Invariant { name: "no click is counted twice", check: judge::no_click_counts_twice },
        Invariant {
            name: "no acknowledged click is forgotten",
            check: judge::nothing_is_forgotten,
        },
        Invariant { name: "no slot goes back", check: judge::no_slot_goes_back },
        Invariant {
            name: "after 2 s of quiet, every copy is exact",
            check: judge::exact_once_quiet,
        },
    ],
    goals: &[Goal {
        name: "every copy has the clicks acknowledged before the last fault ended",
        within_us: |_| judge::SETTLE_US,
        reached: judge::clicks_are_everywhere,
    }],
    sometimes: &[
        Sometimes {
            name: "two copies each know a click that the other does not",
            seen: judge::are_apart,
        },
        Sometimes { name: "a restarted node finds clicks on its disk", seen: |_, it| it.came_back },
    ],
    alerts: &[Alert { name: "a copy is more than 12 clicks off", check: judge::copies_are_close }],
    metrics: &[
        Metric {
            label: "worst copy's error",
            unit: "clicks",
            read: |world, it| judge::worst_copy(world, it).map_or(0, |(off, _)| off.cast_signed()),
        },
        Metric { label: "acknowledged", unit: "clicks", read: |_, it| it.acknowledged.value() },
        Metric {
            label: "bytes sent per acknowledged click",
            unit: "bytes",
            read: |world, it| (world.costs().bytes / it.acknowledgements().max(1)).cast_signed(),
        },
    ],
    lesson: LESSON,
    puzzles: PUZZLES,
    panels: |world, history| vec![view::slots(world), view::totals(world, history)],
};

const DOUBLED: Answer<Node, History> = Answer {
    question: "What do doubled messages do to the totals?",
    options: &["Nothing", "A copy counts a click twice"],
    evidence: |world, history| match judge::no_click_counts_twice(world, history) {
        Err(violation) => violation.reason,
        Ok(()) => "Nobody has clicked for a while, and no copy has added anything again".into(),
    },
    right: |world, history| {
        let is_twice = judge::no_click_counts_twice(world, history).is_err();
        if is_twice { Some(1) } else { judge::is_quiet(world, history).then_some(0) }
    },
};

const AFTER_THE_CUT: Answer<Node, History> = Answer {
    question: "What do the copies show once both sides have heard each other?",
    options: &[
        "Some too little, none too much",
        "All exactly the acknowledged clicks",
        "Some too much",
    ],
    evidence: judge::totals_in_words,
    right: judge::what_copies_show,
};

const LESSON: &[Beat<Node, History>] = &[
    Beat {
        title: "One number, sent as “+1”",
        say: "A click is added where it is made and sent to all others, again and again until \
              they answer. Soon many messages arrive twice.",
        preset: Preset::Naive,
        when: |world, _| world.network().duplicate_percent() > 0,
        bet: Some(DOUBLED),
    },
    Beat {
        title: "Counted twice",
        say: "A “+1” that arrives again looks like a new click. The copy that is off now counts a click \
              that nobody made, and nothing here corrects it.",
        preset: Preset::Naive,
        when: |world, history| judge::no_click_counts_twice(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "Forgotten",
        say: "N5 has crashed. Its clicks, 8 up and 1 down (8 − 1), were only in its memory: its own copy is gone, \
              and each “+1” not delivered yet.",
        preset: Preset::Naive,
        when: |world, history| judge::nothing_is_forgotten(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "One slot per node",
        say: "A node raises only its own slots, one for ups and one for downs, on disk first, and gossips all. \
              One came twice: the larger stays, no harm.",
        preset: Preset::Hardened,
        when: |_, history| history.came_twice,
        bet: None,
    },
    Beat {
        title: "Cut in two",
        say: "N1 and N2 are cut off from N3, N4 and N5. No node waits for another, so both \
              sides go on acknowledging clicks.",
        preset: Preset::Hardened,
        when: |world, _| world.network().cuts().next().is_some(),
        bet: Some(AFTER_THE_CUT),
    },
    Beat {
        title: "What works meanwhile",
        say: "Clicks and reads work on both sides, but totals are best effort: a copy is more \
              than 12 clicks behind. Nobody can do more than wait.",
        preset: Preset::Hardened,
        when: |world, history| judge::copies_are_close(world, history).is_err(),
        bet: None,
    },
    Beat {
        title: "Back from disk",
        say: "N5 is back and has read its own slot from disk: nobody else may raise it, and it must never \
              go back. Gossip brings the other slots.",
        preset: Preset::Hardened,
        when: |_, history| history.came_back,
        bet: None,
    },
    Beat {
        title: "Healed by itself",
        say: "All copies are equal and exact, and nobody repaired them. This is eventual \
              consistency: who knows the same clicks shows the same total.",
        preset: Preset::Hardened,
        when: judge::is_healed,
        bet: None,
    },
    Beat {
        title: "The price",
        say: "Each copy counts each click once; no cut stopped one. But reads may be behind, and nobody can \
              enforce “at most 100” without asking others.",
        preset: Preset::Hardened,
        when: judge::is_quiet,
        bet: None,
    },
];

const PUZZLES: &[Puzzle<Node, History>] = &[
    Puzzle {
        title: "One answer too few",
        task: "Make a click count twice without doubling anything: lose a single message.",
        hint: "A “+1” is sent again until it is answered. Which of the two messages may be lost?",
        preset: Preset::Naive,
        goal: PuzzleGoal::Breaks("no click is counted twice"),
        budget: &[(FaultKind::Drop, 1)],
        par: 1,
    },
    Puzzle {
        title: "Far behind",
        task: "The slots are never wrong, but they may be late: leave a paused node's copy more than 12 \
               clicks off, for however short a time.",
        hint: "Who is paused is behind by all that the others count meanwhile, and you may click.",
        preset: Preset::Hardened,
        goal: PuzzleGoal::Shows(judge::is_paused_far_off),
        budget: &[(FaultKind::Pause, 1)],
        par: 1,
    },
];
