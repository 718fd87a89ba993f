//! A counter that nobody coordinates: a slot a node, merged by maximum.
//!
//! A message may be lost, late, doubled, or overtaken, so a sum of messages is wrong in time. Here
//! nodes do not send what happened ("+1") but what they know: one slot a node, of which only its
//! owner raises it. Of two copies of a slot the larger is then the newer, and hearing it twice, late
//! or out of order does no harm. A slot must never go back, which is why its owner writes it to disk
//! before anybody hears of it, and why what is taken away is counted up in a slot of its own.
//!
//! Shapiro, Preguiça, Baquero & Zawirski 2011, INRIA RR-7506: specifications 6 (G-Counter) and 7
//! (PN-Counter) in [`crate::mechanism::crdt`]. The gossip is anti-entropy as in Demers et al. 1987,
//! with the peers taken in turn, which gives a bound instead of a likelihood.
//!
//! Left out: visitors who are not at a node but behind a network of their own (their retries need
//! request identities), nodes that come and go, and sending only what has changed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::mechanism::crdt::PnCounter;
use crate::scenario::{
    Diagram, Family, Faults, Fidelity, Knob, Preset, Primitive, Scenario, Script, Setup, Switch,
    Unit,
};
use crate::sim::{
    Action, Alert, Answer, Beat, Boot, Cell, Command, Cx, Describe, Goal, Invariant, MessageKind,
    Metric, Names, NetworkConfig, NodeId, Observed, Observer, Payload, Process, Sometimes, Spec,
    SyncId, TimedAction, Violation, World,
};
use crate::view::{Datum, NodeView, Panel, Tone, Widget};

/// How many visitors come to a node each time it starts.
const VISITORS: u32 = 12;
/// Least and most time between two visitors.
const VISIT_US: (u64, u64) = (100_000, 200_000);
/// A copy hears from every other within nodes − 1 rounds after the first, even if nobody passes
/// anything on: 9 rounds of at most 200 ms by a clock at most 5 % slow, and one latency, in 2 s.
const SPREAD_US: u64 = 2_000_000;
/// Copies further apart than this deserve a look.
const WIDE_SPREAD: i64 = 10;

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "g-counter",
    seeds: &["15.4"],
    revision: 1,
    title: "A counter without a coordinator",
    family: Family::Collaboration,
    difficulty: 1,
    prerequisites: &[],
    question: "How do many nodes count together when all they have is an unreliable network?",
    promise: "Every click that a node has acknowledged is in everybody's total in the end, once.",
    constraint: "Messages get lost, doubled and overtaken, links break, nodes restart; nobody may \
                 wait for anybody.",
    guarantee: "Eventual: copies that know of the same clicks show the same total, a copy never \
                un-learns a click while it runs, and no read is sure to be current.",
    naive: "One shared integer. Each click is added to the own copy and sent to everybody as “+1” \
            until they answer; memory only.",
    hardened: "A PN-Counter: two slots a node, increments and decrements, raised by their owner \
               alone and on its disk first; slots are gossiped for ever and merged by maximum.",
    breaks: "A doubled or repeated “+1” is added twice, and a restart forgets what was counted.",
    survives: Faults {
        victims: |setup| nodes(setup).collect(),
        down_at_once: |setup| nodes(setup).len() as u16,
        pauses: true,
        partitions: true,
        one_way_cuts: true,
        loss_percent: 50,
        duplicate_percent: 50,
        clock_step_us: 60_000_000,
        drift_ppm: 50_000,
        claim: "Any schedule of crashes with restart (of all nodes at once, too), pauses, cuts one \
                way or both, loss, duplication and reordering. Asynchronous: no timing matters for \
                safety and wall clocks are never read. Agreement within 2 s of calm assumes \
                latency ≤ 40 ms and clocks within 5 % of true rate.",
    },
    requirements: &[
        "Add or take back one click at any node, also at one that reaches nobody.",
        "Read a total at any node, at once; it may be behind.",
        "Acknowledge a click after one sync of the node's own disk, whatever the network does.",
        "Within 2 s of calm every copy has every click acknowledged before.",
        "Out of scope: limits such as “never below zero”, visitors' own retries, changing members.",
    ],
    faced: &[
        ("replay", "Faced: hearing a slot again changes nothing, since max(a, a) = a."),
        ("late data", "Faced: a slot heard late is smaller than the one already known."),
        ("partial writes", "Excluded: the own slot is one small record, replaced atomically."),
        ("partitions", "Faced: every side counts on; the sides merge after the cut."),
        ("retries", "Faced: gossip is nothing but retries. A visitor's own retry is out of scope."),
        ("clocks", "Excluded by design: no clock is read; rates only decide how often to gossip."),
        ("lossy networks", "Faced: what one message loses, any later one carries."),
        ("dying machines", "Faced if the disk survives: a slot is on it before it is told."),
    ],
    saturates_first: "Bytes: every message carries all slots, so a round costs nodes² slots while \
                      clicks a node stay the same.",
    pitfalls: &[
        "Gossip the own slot before it is on disk, and a restart hands out the same counts again.",
        "Give a node a fresh name at each restart instead, and the vector grows with restarts.",
        "Lower a slot to take a click back, and the maximum brings the click back.",
        "Read the total, find room below a limit, and add: two nodes can do so at once.",
        "Remember the ids of all “+1”s: exact too, but on disk, for ever, and one per click.",
    ],
    primitives: &[
        Primitive::VersionVectors,
        Primitive::WriteAheadLog,
        Primitive::ConflictResolution,
    ],
    sources: &[
        "Shapiro, Preguiça, Baquero & Zawirski 2011, INRIA RR-7506, section 3.1",
        "Demers et al. 1987, “Epidemic algorithms for replicated database maintenance”, 1.2",
        "Balegas et al. 2015, SRDS, for counters that keep a bound by dividing rights",
    ],
    fidelity: Fidelity {
        modelled: &["G-Counter, PN-Counter and their merge", "anti-entropy by push", "own slot on disk"],
        simplified: &["visitors click at the node itself, 12 at each of its starts"],
        omitted: &["delta states: fewer bytes, same result", "membership: slots are never retired"],
    },
    diagram: Diagram {
        boxes: &[
            ("Visitors", crate::view::Role::Client, 0),
            ("Node", crate::view::Role::Peer, 1),
            ("Own slot on disk", crate::view::Role::Storage, 2),
            ("Other nodes", crate::view::Role::Peer, 2),
        ],
        arrows: &[(0, 1, "click"), (1, 2, "raise, sync"), (1, 3, "all slots"), (3, 1, "all slots")],
    },
    knobs: &[
        Knob { key: "nodes", label: "Nodes", unit: Unit::Count, min: 3, default: 5, max: 9 },
        Knob {
            key: "gossip",
            label: "Gossip, or retry, every",
            unit: Unit::Milliseconds,
            min: 20,
            default: 100,
            max: 200,
        },
        Knob {
            key: "decrements",
            label: "Clicks that take one back",
            unit: Unit::Percent,
            min: 0,
            default: 15,
            max: 50,
        },
    ],
    switches: &[
        Switch {
            key: "vector",
            label: "A slot a node",
            help: "Nodes send what they know, a slot a node merged by maximum, instead of “+1”.",
        },
        Switch {
            key: "durable",
            label: "Own slot on disk first",
            help: "A click is acknowledged and told only once the own slot is synced to disk.",
        },
        Switch {
            key: "two-vectors",
            label: "Decrements in slots of their own",
            help: "What is taken back is counted up elsewhere instead of lowering the slot.",
        },
        Switch {
            key: "anti-entropy",
            label: "Gossip for ever",
            help: "Slots are repeated to one peer after another instead of told once, on a click.",
        },
    ],
    scripts: &[
        Script {
            label: "Double, cut, crash",
            help: "The network delivers twice, then splits; a node restarts during the split.",
            actions: double_cut_crash,
        },
        Script {
            label: "And then: deaf and restarting",
            help: "One side stops hearing the other, and restarts while it does not.",
            actions: deaf_and_restarting,
        },
        Script {
            label: "And then: lights out",
            help: "Every node is down at the same time: nobody can be asked.",
            actions: lights_out,
        },
    ],
    horizon_us: 7_000_000,
    grain_us: 1_000,
    build: |setup| Observed::boxed(&SPEC, setup),
};

fn nodes(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator + use<> {
    NodeId::first(setup.knob("nodes") as u16)
}

/// Returns the smaller side of the cut, and the larger one.
fn sides(setup: &Setup) -> (Vec<NodeId>, Vec<NodeId>) {
    let count = nodes(setup).len();
    nodes(setup).partition(|id| id.index() < (count - 1) / 2)
}

fn at(at_ms: u64, action: Action) -> TimedAction {
    TimedAction { at_us: at_ms * 1_000, action }
}

fn double_cut_crash(setup: &Setup) -> Vec<TimedAction> {
    let (cut_off, others) = sides(setup);
    let victim = others[others.len() - 1];
    vec![
        at(300, Action::Duplicate { percent: 40 }),
        at(700, Action::Partition(cut_off)),
        at(1_300, Action::Crash(victim)),
        at(1_700, Action::Restart(victim)),
        at(2_200, Action::Heal),
    ]
}

fn deaf_and_restarting(setup: &Setup) -> Vec<TimedAction> {
    let (unheard, deaf) = sides(setup);
    let cuts = unheard.iter().flat_map(|&from| {
        deaf.iter().map(move |&to| at(2_500, Action::Cut { from, to }))
    });
    let crashes = deaf.iter().map(|&id| at(2_800, Action::Crash(id)));
    let restarts = deaf.iter().map(|&id| at(3_400, Action::Restart(id)));
    cuts.chain(crashes).chain(restarts).chain([at(4_000, Action::Heal)]).collect()
}

fn lights_out(setup: &Setup) -> Vec<TimedAction> {
    let crashes = nodes(setup).map(|id| at(4_500, Action::Crash(id)));
    crashes.chain(nodes(setup).map(|id| at(4_800, Action::Restart(id)))).collect()
}

const SPEC: Spec<Node, Clicks> = Spec {
    names: |setup| nodes(setup).map(|id| format!("N{}", id.0 + 1)).collect(),
    spawn: Node::new,
    network: |_| NetworkConfig {
        latency_low_us: 5_000,
        latency_high_us: 40_000,
        loss_percent: 0,
        duplicate_percent: 0,
    },
    sync_us: (2_000, 8_000),
    commands: &[
        Command { label: "Increment", accepts: |_, _| true, say: |_, _| Msg::Click { by: 1 } },
        Command { label: "Decrement", accepts: |_, _| true, say: |_, _| Msg::Click { by: -1 } },
    ],
    invariants: &[
        Invariant { name: "no click is counted twice", check: no_click_counts_twice },
        Invariant { name: "no acknowledged click is forgotten", check: nothing_is_forgotten },
        Invariant { name: "a slot never goes back", check: no_slot_goes_back },
        Invariant { name: "once quiet, every copy is exact", check: exact_once_quiet },
    ],
    goals: &[Goal {
        name: "every copy has every click acknowledged before the calm",
        within_us: SPREAD_US,
        reached: clicks_are_everywhere,
    }],
    sometimes: &[
        Sometimes { name: "two copies each know a click that the other does not", seen: are_apart },
        Sometimes { name: "a node comes back with clicks on its disk", seen: |_, clicks| clicks.has_come_back },
        Sometimes { name: "all copies agree after calm", seen: |world, _| world.calm_since_us() > Some(0) && agree(world) },
    ],
    alerts: &[Alert { name: "the copies are at most 10 clicks apart", check: copies_are_close }],
    metrics: &[
        Metric { label: "spread between the copies", unit: "clicks", read: |world, _| spread(world) },
        Metric { label: "acknowledged in all", unit: "clicks", read: |_, clicks| clicks.total() },
        Metric { label: "bytes sent for each acknowledged click", unit: "bytes", read: |world, clicks| {
            let bytes = world.costs().bytes.cast_signed();
            bytes / (clicks.history.len() as i64).max(1)
        } },
    ],
    lesson: LESSON,
    panels: |world, clicks| vec![slots_panel(world), totals_panel(world, clicks)],
};

/// Beats of the naive preset, then of the hardened one under the same schedule.
const LESSON: &[Beat<Node, Clicks>] = &[
    Beat {
        title: "One number, sent as “+1”",
        say: "A click is added here and sent to all, again until they answer. From now on, 40 % of \
              messages arrive twice.",
        preset: Preset::Naive,
        when: |world, _| world.network().duplicate_percent() > 0,
        bet: Some(Answer {
            question: "What will the copies show?",
            options: &["Too little", "The number of clicks", "Too much"],
            right: duplication_answer,
        }),
    },
    Beat {
        title: "Counted twice",
        say: "A repeated “+1” looks like another click. This copy now shows more than was ever \
              clicked, and nothing will correct it.",
        preset: Preset::Naive,
        when: |world, clicks| no_click_counts_twice(world, clicks).is_err(),
        bet: None,
    },
    Beat {
        title: "Forgotten",
        say: "A node is down. It had told its visitors “counted”, but only its memory knew, and \
              every “+1” still unanswered dies with it.",
        preset: Preset::Naive,
        when: |world, clicks| nothing_is_forgotten(world, clicks).is_err(),
        bet: None,
    },
    Beat {
        title: "A slot a node",
        say: "Now a node raises only its own slot, first on disk, and gossips all slots. Hearing \
              one, keep the larger: twice is like once.",
        preset: Preset::Hardened,
        when: |world, _| world.network().duplicate_percent() > 0,
        bet: None,
    },
    Beat {
        title: "Cut in two",
        say: "The network splits. No node waits for another, so both sides go on acknowledging \
              clicks. Then the cut heals.",
        preset: Preset::Hardened,
        when: |world, _| world.network().cuts().next().is_some(),
        bet: Some(Answer {
            question: "What will the copies show after the cut?",
            options: &[
                "All the same, but less than was acknowledged",
                "All the same, and exactly what was acknowledged",
                "All the same, but more than was acknowledged",
            ],
            right: partition_answer,
        }),
    },
    Beat {
        title: "What works meanwhile",
        say: "Counting and reading work; totals are best effort and drift apart. The spread tells \
              an operator: act only if it stays wide in calm.",
        preset: Preset::Hardened,
        when: |world, _| copies_are_close(world).is_err(),
        bet: None,
    },
    Beat {
        title: "Back from disk",
        say: "The node reads its own slot from disk: nobody else may raise it, so it must never go \
              back. Gossip returns the other slots.",
        preset: Preset::Hardened,
        when: |_, clicks| clicks.has_come_back,
        bet: None,
    },
    Beat {
        title: "Healed by itself",
        say: "Every copy is equal and exact, and nobody repaired anything. The guarantee is \
              eventual: the same clicks give the same total.",
        preset: Preset::Hardened,
        when: |world, clicks| clicks.has_come_back && world.network().is_whole() && agree(world),
        bet: None,
    },
    Beat {
        title: "The price",
        say: "No read is surely current, no limit holds, slots grow with nodes. Refused: a leader \
              stops in a cut; ids of all clicks pile up.",
        preset: Preset::Hardened,
        when: is_quiet,
        bet: None,
    },
];

fn duplication_answer(world: &World<Node>, clicks: &Clicks) -> Option<u8> {
    if no_click_counts_twice(world, clicks).is_err() {
        return Some(2);
    }
    is_quiet(world, clicks).then(|| compare_with_truth(world, clicks))
}

fn partition_answer(world: &World<Node>, clicks: &Clicks) -> Option<u8> {
    (world.network().is_whole() && agree(world)).then(|| compare_with_truth(world, clicks))
}

/// Returns 0, 1 or 2 if the first copy shows less than, exactly, or more than was acknowledged.
fn compare_with_truth(world: &World<Node>, clicks: &Clicks) -> u8 {
    let shown = world.process(NodeId(0)).map_or(0, |node| node.count.value());
    1_u8.saturating_add_signed(shown.cmp(&clicks.total()) as i8)
}

/// A copy may be behind, but it cannot show more than was clicked, nor less than was taken back.
fn no_click_counts_twice(world: &World<Node>, clicks: &Clicks) -> Result<(), Violation> {
    let Tally { up, down } = clicks.issued;
    for (id, node) in running(world) {
        let shown = node.count.value();
        if !(-down..=up).contains(&shown) {
            let name = &world.names()[id];
            let reason = if shown > up {
                format!("{name} shows {shown}, but there were only {up} increments")
            } else {
                format!("{name} shows {shown}, but there were only {down} decrements")
            };
            return Err(Violation::new(reason, [id]));
        }
    }
    Ok(())
}

/// What a node has acknowledged is in its own slot while it is up, on its disk while it is down. An
/// integer has no slots: there it can be judged only while the node is down.
fn nothing_is_forgotten(world: &World<Node>, clicks: &Clicks) -> Result<(), Violation> {
    for id in world.ids() {
        let acknowledged = clicks.acknowledged.get(&id).copied().unwrap_or_default();
        let (place, held, expected) = match world.process(id).map(|node| &node.count) {
            None => ("disk", *world.disk(id).durable(), acknowledged),
            Some(Count::Total(_)) => continue,
            Some(count @ Count::Net(_)) => ("slot", count.slot(id), acknowledged.as_net()),
            Some(count @ Count::Slots(_)) => ("slot", count.slot(id), acknowledged),
        };
        if held != expected {
            let name = &world.names()[id];
            let reason = format!("{name} acknowledged {expected}, but its {place} holds {held}");
            return Err(Violation::new(reason, [id]));
        }
    }
    Ok(())
}

/// Only its owner raises a slot, so whoever is ahead of the owner remembers what it has unlearned.
fn no_slot_goes_back(world: &World<Node>, _: &Clicks) -> Result<(), Violation> {
    for owner in world.ids() {
        let own = own_slot(world, owner);
        for (id, node) in running(world) {
            let copy = node.count.slot(owner);
            if copy.up > own.up || copy.down > own.down {
                let (holder, owner_name) = (&world.names()[id], &world.names()[owner]);
                let reason = format!(
                    "{holder} has heard {copy} of {owner_name}, whose own slot is back at {own}"
                );
                return Err(Violation::new(reason, [owner, id]));
            }
        }
    }
    Ok(())
}

/// Returns a node's own slot: in memory while it is up, on disk while it is down.
fn own_slot(world: &World<Node>, owner: NodeId) -> Tally {
    let on_disk = *world.disk(owner).durable();
    match world.process(owner) {
        Some(node) => node.count.slot(owner),
        None if world.setup().is_on("two-vectors") => on_disk,
        None => on_disk.as_net(),
    }
}

fn exact_once_quiet(world: &World<Node>, clicks: &Clicks) -> Result<(), Violation> {
    let total = clicks.total();
    let is_wrong = |(_, node): &(NodeId, &Node)| node.count.value() != total;
    let wrong: Vec<NodeId> =
        running(world).filter(is_wrong).map(|(id, _)| id).collect();
    if wrong.is_empty() || !is_quiet(world, clicks) {
        return Ok(());
    }
    let shown = |&id: &NodeId| own_total(world, id).to_string();
    let shown = wrong.iter().map(shown).collect::<Vec<_>>().join(", ");
    let who = world.names().list(wrong.iter().copied());
    let reason = format!("{total} were acknowledged in all, but {who} show {shown}");
    Err(Violation::new(reason, wrong))
}
