//! A store on three continents, and clients that travel: may a client miss what it has just written?
//!
//! Every region has a copy of every record. A client writes its own record at that record's home, which
//! ships its log to the others later; it reads wherever it is. So a region can be behind what a client has
//! written or seen elsewhere. A session token, a version vector, lets the region notice. What it then does
//! is a choice that nobody can make for all: wait, or answer with something old and say so. While a region
//! is cut off, a promise to see one's own writes and a promise to be answered cannot both be kept.
//!
//! Terry et al. 1994, “Session Guarantees for Weakly Consistent Replicated Data”, sections 3 and 4; Cooper et
//! al. 2008, “PNUTS” (a home for every record, section 2.2); Gilbert & Lynch 2002 (the proof of CAP); Abadi
//! 2012 (what it costs without a partition). Regions, tokens and shipping are in
//! [`crate::mechanism::geo`]; the clients are judged by the kernel's checker of sessions
//! ([`crate::check::history::session_breaches`]).
//!
//! Left out: moving a record's home, and what a region is made of inside.

mod client;
mod config;
mod got;
mod judge;
mod lesson;
mod message;
mod node;
mod region;
#[cfg(test)]
mod tests;
mod view;

use client::Client;
use config::Config;
use judge::History;
use message::{Mode, Msg};
use node::Node;
use region::Region;

use crate::mechanism::geo::{REGIONS, zones};
use crate::scenario::{
    Choice, Diagram, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Command, Environment, Goal, Input, InputValue, Invariant, Metric, NodeId,
    Observed, Sometimes, Spec, TimedAction, World,
};
use crate::view::{Layout, Role};

/// So many of the clients have their home in the first region: one of each choice.
const AT_FIRST: u16 = 3;
/// How long it may take after the last fault until everybody is served and all copies are close again.
const SETTLE_US: u64 = 4_000_000;

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "read-your-writes",
    seeds: &["12.1"],
    revision: 2,
    title: "Do you see what you wrote?",
    family: Family::Replication,
    difficulty: 2,
    prerequisites: &["vector-clocks"],
    question: "A client writes in Washington, flies to London and reads: does it see its own write?",
    promise: "A client that chose strict sees all that it has written and seen before; any other is told \
              when an answer is older than that.",
    constraint: "A message takes up to 0.15 s from region to region, cables break often, and nobody wants to \
                 wait for another continent.",
    guarantee: "Session: read-your-writes and monotonic reads for strict clients, for all others an honest \
                mark. Between clients nothing but eventual consistency.",
    naive: "The nearest region answers with what it has, whatever the client has written or seen elsewhere.",
    hardened: "Each read carries a token of what its client has seen. A region with less asks the record's \
               home, waits or refuses; for who would rather have an old answer, it marks it.",
    breaks: "A partition cuts Washington off, and its clients travel or fail over to London, which lags.",
    survives: Faults {
        victims: |setup| everybody(setup).collect(),
        down_at_once: |setup| setup.count("regions") + setup.count("clients"),
        claim: "Safety needs no timing and no clock: crashes with restart of any number of regions and \
                clients (disks survive), pauses, cuts in both or one direction that stay or come and go, held \
                links, loss, duplication and reordering. Answers need the record's home in reach if the \
                client is strict, and any region if not.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Read any record in any region; write one's own at its home, through any region.",
        "Without faults 95 % of all operations are done within 0.5 s.",
        "While a record's home is out of reach: strict clients wait; others read what there is, marked.",
        "4 s after the last fault everybody is served, and what waited in pockets is stored.",
        "Out of scope: two clients that write one record, and moving a record's home.",
    ],
    faced: &[
        ("replay", "Faced: a shipment that comes again brings no news; a write counts once."),
        ("late data", "Faced: a write that comes behind a later one of its client is not taken."),
        (
            "partial writes",
            "Excluded: a region's store is replaced as a whole, and synced before it is told.",
        ),
        ("partitions", "Faced: each client has chosen beforehand what it would rather do without."),
        (
            "retries",
            "Faced: a write has its client's number, and its home has a place for it only once.",
        ),
        (
            "clocks",
            "Faced: positions in logs are compared, never times; silence is only guessed from them.",
        ),
        (
            "lossy networks",
            "Faced: shipments are sent again until they are confirmed, clients ask again.",
        ),
        (
            "dying machines",
            "Faced while disks survive: tokens and writes to be sent are on the client's own.",
        ),
    ],
    saturates_first: "The ways between regions: each more region gets every write, and the more clients write \
                      there, the longer a copy is behind and the more reads must be forwarded.",
    pitfalls: &[
        "Sticky sessions instead of a token: the promise is gone at the first failover.",
        "A token of writes only: the client sees its own, and then what others wrote comes and goes.",
        "Comparing wall clocks instead of positions: a fast clock makes an old copy look fresh.",
        "Falling back to an old answer without a mark: the one moment when it matters is hidden.",
        "Keeping the token in the region: it is lost with the region that it protects from.",
    ],
    primitives: &[
        Primitive::VersionVectors,
        Primitive::SequenceNumbers,
        Primitive::AppendOnlyLog,
        Primitive::DedupLog,
        Primitive::Heartbeats,
    ],
    sources: &[
        "Terry et al. 1994, “Session Guarantees for Weakly Consistent Replicated Data”, sections 3 and 4",
        "Cooper et al. 2008, “PNUTS: Yahoo!’s Hosted Data Serving Platform”, sections 2.2 and 3.2",
        "Gilbert & Lynch 2002, “Brewer’s Conjecture and the Feasibility of Consistent, Available, \
         Partition-Tolerant Web Services”",
        "Abadi 2012, “Consistency Tradeoffs in Modern Distributed Database System Design”",
        "IBM Cloud documentation, “Network latency”: between regions, 17 August to 15 September 2024",
    ],
    fidelity: Fidelity {
        modelled: &[
            "a log a region, shipped without waiting, sent again until it is confirmed on disk",
            "tokens and vectors, compared at each read; reads forwarded to the record's home",
            "ways between regions as a provider measured them; a client's ways change as it travels",
        ],
        simplified: &[
            "a region is one server with one disk: quorums within it are other rows",
            "one record a client, and only its client writes it",
            "a flight takes no time",
        ],
        omitted: &[
            "handing a record's home to another region: what was not shipped yet would be lost, or wait",
            "operators and automation: clients choose their region themselves",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Client and token", Role::Client, 0),
            ("Nearest region", Role::Storage, 1),
            ("Record's home", Role::Storage, 2),
            ("Other regions", Role::Storage, 3),
        ],
        arrows: &[
            (0, 1, "read with token, write"),
            (1, 0, "value, mark"),
            (1, 2, "forward"),
            (2, 1, "ship log"),
            (2, 3, "ship log"),
        ],
    },
    knobs: &[
        Knob::one_of(
            "choice",
            "In a partition clients choose",
            0,
            0,
            &[
                Choice { key: "each", label: "Each its own" },
                Choice { key: "strict", label: "Strict: wait" },
                Choice { key: "available", label: "Available: old, marked" },
                Choice { key: "queue", label: "Queue: write later" },
            ],
        ),
        Knob::one_of(
            "behind",
            "A region that is behind",
            0,
            0,
            &[
                Choice { key: "forward", label: "Asks the record's home" },
                Choice { key: "wait", label: "Waits" },
                Choice { key: "refuse", label: "Refuses" },
            ],
        ),
        Knob::count("regions", "Regions", 3, 3..=5),
        Knob::count("clients", "Clients", 5, 3..=8),
        Knob::percent("writes", "Share of writes", 40, 5..=95),
        Knob::milliseconds("ship", "Logs are shipped every", 100, 20..=500),
        Knob::milliseconds("travel", "Clients travel after at least", 3_000, 500..=10_000),
    ],
    switches: &[
        Switch {
            key: "token",
            label: "Reads carry a token",
            help: "A region compares the client's token with its own vector, and knows when it is behind.",
        },
        Switch {
            key: "reads",
            label: "Reads raise the token",
            help: "The token includes what the client has read, not only what it has written.",
        },
        Switch {
            key: "keep",
            label: "The token survives",
            help: "The token is on the client's disk before an answer is shown.",
        },
        Switch {
            key: "marks",
            label: "Old answers are marked",
            help: "Who would rather have an old answer than none is told that it is old.",
        },
        Switch {
            key: "gaps",
            label: "Shipments leave no gap",
            help: "A region takes over only what follows on what it has: its vector says nothing false.",
        },
        Switch {
            key: "once",
            label: "A write counts once",
            help: "A record's home takes each of its client's writes once, and none behind a later one.",
        },
    ],
    scripts: &[
        Script {
            label: "Washington is cut off",
            help: "At 1.2 s Washington's cables break. C1 flies to London; at 2 s Washington reaches nobody, and \
                   C2 and C3 fail over. At 4 s all is mended.",
            settings: &[],
            actions: cut_off,
        },
        Script {
            label: "And then: London goes down",
            help: "London crashes and is back after 1 s; who is there fails over across the ocean.",
            settings: &[],
            actions: london_goes_down,
        },
        Script {
            label: "And then: lost and doubled",
            help: "For 2 s a fifth of all messages is lost, and a fifth comes twice.",
            settings: &[],
            actions: lossy,
        },
    ],
    horizon_us: 7_000_000,
    grain_us: 1_000,
    layout: places,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

fn regions(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(setup.count("regions"))
}

fn clients(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::range(setup.count("regions"), setup.count("clients"))
}

fn everybody(setup: &Setup) -> impl Iterator<Item = NodeId> + use<> {
    regions(setup).chain(clients(setup))
}

/// Returns where a client's record has its home.
fn home_of(record: u16, regions: u16) -> NodeId {
    let beyond = record.checked_sub(AT_FIRST);
    NodeId(beyond.map_or(0, |beyond| 1 + beyond % regions.saturating_sub(1).max(1)))
}

/// Puts regions and clients on the map; a client begins at home.
fn places(setup: &Setup) -> Layout {
    let homes = (0..setup.count("clients")).map(|record| home_of(record, setup.count("regions")));
    let all = regions(setup).chain(homes);
    Layout::Map(all.filter_map(|region| Some(REGIONS.get(region.index())?.place)).collect())
}

/// The commands, by their places in the list.
const TRAVEL: u16 = 0;
const WRITE: u16 = 1;
const READ: u16 = 2;

fn cut_off(setup: &Setup) -> Vec<TimedAction> {
    let washington = NodeId(0);
    let home: Vec<NodeId> = clients(setup).take(AT_FIRST.into()).collect();
    let [first, _, third] = home[..] else { return Vec::new() };
    let command = |command, node| Action::Command { command, node };
    let others = regions(setup).skip(1);
    let cables = others.flat_map(|other| [(washington, other), (other, washington)]);
    let cut = |(from, to)| at(1_200_000, Action::Cut { from, to });
    let mut actions: Vec<TimedAction> = cables.map(cut).collect();
    actions.extend(home.iter().map(|&node| at(1_600_000, command(WRITE, node))));
    actions.extend([
        at(
            1_900_000,
            Action::CommandWith { command: TRAVEL, node: first, value: InputValue::Choice(1) },
        ),
        at(1_900_000, command(READ, first)),
        at(2_050_000, Action::Partition(vec![washington])),
        at(2_400_000, command(WRITE, third)),
        at(4_000_000, Action::Heal),
    ]);
    actions
}

fn london_goes_down(_: &Setup) -> Vec<TimedAction> {
    vec![at(4_600_000, Action::Crash(NodeId(1))), at(5_600_000, Action::Restart(NodeId(1)))]
}

fn lossy(_: &Setup) -> Vec<TimedAction> {
    vec![
        at(4_500_000, Action::Lose { percent: 20 }),
        at(4_500_000, Action::Duplicate { percent: 20 }),
        at(6_500_000, Action::Heal),
    ]
}

fn environment(setup: &Setup) -> Environment {
    let regions = setup.count("regions");
    let homes = (0..setup.count("clients")).map(|record| home_of(record, regions));
    let of = NodeId::first(regions).chain(homes);
    let of = of.map(|region| u8::try_from(region.0).unwrap_or_default()).collect();
    let count = u8::try_from(regions).unwrap_or_default();
    // Between zones the zones say how long a message takes.
    let usual = Environment::uniform((4_000, 12_000), (2_000, 8_000));
    Environment { zones: Some(zones(count, of)), ..usual }
}

const SPEC: Spec<Node, History> = Spec {
    names: |setup| {
        let regions = REGIONS.iter().take(usize::from(setup.count("regions")));
        let clients = (1..=setup.count("clients")).map(|number| format!("C{number}"));
        regions.map(|it| it.name.to_owned()).chain(clients).collect()
    },
    spawn: |me, setup| match me.0.checked_sub(setup.count("regions")) {
        None => Node::Region(Box::new(Region::new(Config::of(setup)))),
        Some(record) => Node::Client(Box::new(Client::new(Config::of(setup), record))),
    },
    environment,
    commands: &[
        Command {
            label: "Travel",
            accepts: |id, setup| id.0 >= setup.count("regions"),
            input: Input::Choice {
                label: "to",
                options: &["Washington", "London", "Tokyo", "Sydney", "São Paulo"],
                default: 1,
            },
            say: |_, _, it| Msg::Travel(u8::try_from(it.choice()).unwrap_or_default()),
        },
        Command {
            label: "Write",
            accepts: |id, setup| id.0 >= setup.count("regions"),
            input: Input::Nothing,
            say: |_, _, _| Msg::WriteNow,
        },
        Command {
            label: "Read its own",
            accepts: |id, setup| id.0 >= setup.count("regions"),
            input: Input::Nothing,
            say: |_, _, _| Msg::ReadNow,
        },
    ],
    invariants: &[
        Invariant {
            name: "read-your-writes: a strict client sees its own writes",
            check: judge::reads_see_own_writes,
        },
        Invariant {
            name: "monotonic reads: a strict client never sees less than before",
            check: judge::reads_never_go_back,
        },
        Invariant {
            name: "for all others every stale answer is labelled",
            check: judge::old_answers_say_so,
        },
        Invariant {
            name: "a record's writes are in its log once and in order",
            check: judge::writes_are_once_and_in_order,
        },
        Invariant { name: "a region has all that its vector says", check: judge::vectors_are_true },
    ],
    goals: &[Goal {
        name: "everybody is served, what was in pockets is stored, and old writes are everywhere",
        within_us: |setup| SETTLE_US + 8 * 1_000 * setup.knob("ship"),
        reached: judge::all_is_well_again,
    }],
    sometimes: &[
        Sometimes { name: "a region notices that it is behind", seen: |_, it| it.waited.is_some() },
        Sometimes { name: "a client fails over", seen: |_, it| it.failed_over > 0 },
        Sometimes {
            name: "a write waits in a pocket, and is stored",
            seen: |_, it| it.drained.is_some(),
        },
        Sometimes { name: "a shipment does not follow on", seen: |_, it| it.gaps > 0 },
    ],
    alerts: &[
        Alert { name: "a copy is more than 5 writes behind", check: judge::copies_are_close },
        Alert { name: "a client has waited for more than 0.5 s", check: judge::nobody_waits },
    ],
    metrics: &[
        Metric {
            label: "time waited beyond 0.5 s, strict clients",
            unit: "%",
            read: |world, it| percent(world, it, &[Mode::Strict]),
        },
        Metric {
            label: "time waited beyond 0.5 s, all others",
            unit: "%",
            read: |world, it| percent(world, it, &[Mode::Available, Mode::Queue]),
        },
        Metric {
            label: "stale answers",
            unit: "answers",
            read: |_, it| {
                it.got.iter().map(|it| it.marked + it.unmarked).sum::<u64>().cast_signed()
            },
        },
        Metric {
            label: "the worst copy is behind by",
            unit: "writes",
            read: |world, _| judge::worst_lag(world).0.cast_signed(),
        },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: view::panels,
};

fn percent(world: &World<Node>, it: &History, modes: &[Mode]) -> i64 {
    got::overdue_percent(world, it, modes).unwrap_or_default().cast_signed()
}
