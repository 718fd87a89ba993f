//! A write that is safe within 50 ms: on the disks of most servers of one region, and nowhere else yet.
//!
//! A client wants to hear soon that its write is safe. Light takes 50 ms and more across an ocean and back,
//! so another continent cannot be asked first. A region of three servers can: they are a Raft group, each
//! with a disk that fails alone, and a write is acknowledged when most of them have it on disk. Then a
//! minority may be lost, and all of them may lose their power at once. What is committed is shipped to
//! copies in other regions, which nobody waits for; so if the region is lost for good, some acknowledged
//! writes are lost with it. From when on that may be is agreed as recovery point objective (RPO); what it would be
//! is measured here at every moment.
//!
//! Ongaro & Ousterhout 2014 (Raft), sections 5.3 and 5.4; Verbitski et al. 2017, “Amazon Aurora”, section 2.1
//! (a quorum within a region, for failures that come together); NIST SP 800-34 Rev. 1, section 3.2.1 (RPO). The
//! group is [`crate::mechanism::raft`], with a log in bytes on a disk that crashes tear; regions and shipping are in
//! [`crate::mechanism::geo`], clients in [`crate::mechanism::writer`].
//!
//! Left out: going on in another region when this one is lost, reads, and cutting off the log.

mod config;
mod judge;
mod lesson;
mod message;
mod node;
mod remote;
mod server;
#[cfg(test)]
mod tests;
mod view;

use config::Config;
use judge::History;
use message::Msg;
use node::Node;
use remote::Remote;
use server::Server;

use crate::mechanism::geo::{REGIONS, zones};
use crate::mechanism::raft;
use crate::mechanism::writer::{Message, Writer};
use crate::scenario::{
    Diagram, DiskFaultKind, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup,
    Switch, at,
};
use crate::sim::{
    Action, Alert, Command, Environment, Goal, Input, Invariant, Metric, NodeId, Observed,
    Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

/// How long a server waits for a leader's word, at least and at most.
const ELECTION_TIMEOUT_US: (u64, u64) = (150_000, 300_000);
/// How long it may take after the last fault until everybody is served and the copies begin to catch up.
const SETTLE_US: u64 = 4_000_000;
/// So many rounds of shipping bring what has piled up.
const CATCH_UP_ROUNDS: u64 = 20;
/// As a puzzle names it, too.
const LEADERS_HAVE_ALL: &str =
    "acknowledged writes survive a crash of the whole region: who leads has them";

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "fifty-ms-commit",
    seeds: &["13.1"],
    revision: 1,
    title: "Safe within 50 ms",
    family: Family::Replication,
    difficulty: 2,
    prerequisites: &["raft-log"],
    question: "A write must be safe even if the region crashes, and the client must know within 50 ms. How?",
    promise: "A client hears within 50 ms that its write is safe, and then no crash of the region or loss of a \
              minority of its servers can undo it.",
    constraint: "To London and back takes 75 ms or more, a disk forgets what was not synced, and servers crash \
                 between any two steps.",
    guarantee: "Strong within the region: one log, durable on a majority of its disks. Other regions have a \
                prefix of it; what is not there yet is lost if the region is lost for good.",
    naive: "The leader acknowledges from memory, its followers answer before their disks have the entry, and \
            whatever is in the log is shipped.",
    hardened: "An entry is synced before a server answers for it. It is acknowledged when most of the region's \
               disks have it, and only then shipped; nobody waits for that.",
    breaks: "The leader loses its followers and the region its power, in mid-write: what disks had not synced is \
             gone.",
    survives: Faults {
        victims: |setup| everybody(setup).collect(),
        down_at_once: |setup| {
            setup.count("servers") + setup.count("remotes") + setup.count("clients")
        },
        disk: &[DiskFaultKind::TornSectors, DiskFaultKind::Slow],
        claim: "Safety needs no timing: crashes with restart of all servers at once that tear what was being \
                written, pauses, cuts in both or one direction, held links, loss, duplication and reordering. \
                50 ms need a calm network for two seconds before the write. Disks keep what they synced.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Clients of one region write; each write is acknowledged once it is safe.",
        "In calm 99 in 100 writes are acknowledged within 50 ms.",
        "Any minority of the region's servers may be lost for good, and all may crash at once.",
        "Every other region has a prefix of the log; what is not there yet is counted.",
        "Out of scope: going on elsewhere when the region is lost, reads, several home regions.",
    ],
    faced: &[
        ("replay", "Faced: a server makes its state anew from its log after each crash."),
        ("late data", "Faced: a shipment that comes late or twice brings no news."),
        ("partial writes", "Faced: records have checksums; a torn tail was promised to nobody."),
        ("partitions", "Faced: only a majority acknowledges; what cannot be shipped waits."),
        ("retries", "Faced: a write has its client's number, and the log has it once."),
        ("clocks", "Faced: nothing that is safe reads a clock; monotonic clocks time retries."),
        ("lossy networks", "Faced: entries and shipments are sent again until confirmed on disk."),
        (
            "dying machines",
            "Faced: a minority for good; all of them as long as their disks return.",
        ),
    ],
    saturates_first: "The way to another region: 32 entries a shipment, so writes that come faster than these \
                      leave make the backlog, and what a lost region takes along, grow without end.",
    pitfalls: &[
        "Calling a write durable that is in the memory of three servers: they share one power supply.",
        "Answering a leader before the sync: a majority of promises, not of disks.",
        "Shipping what is not committed: the copy then has a history that never was.",
        "Taking over entries behind a gap: the copy's position says what it does not have.",
        "Promising an RPO that was never measured: what counts is the backlog at the worst moment.",
    ],
    primitives: &[
        Primitive::WriteAheadLog,
        Primitive::SequenceNumbers,
        Primitive::DedupLog,
        Primitive::Heartbeats,
        Primitive::AppendOnlyLog,
        Primitive::Replay,
    ],
    sources: &[
        "Ongaro & Ousterhout 2014, “In Search of an Understandable Consensus Algorithm (Extended \
         Version)”, sections 5.3, 5.4 and 8",
        "Verbitski et al. 2017, “Amazon Aurora: Design Considerations for High Throughput Cloud-Native \
         Relational Databases”, section 2.1",
        "NIST SP 800-34 Rev. 1, “Contingency Planning Guide for Federal Information Systems”, section 3.2.1",
        "Pillai et al. 2014, “All File Systems Are Not Created Equal”, section 4",
        "IBM Cloud documentation, “Network latency”: between regions, 17 August to 15 September 2024",
    ],
    fidelity: Fidelity {
        modelled: &[
            "Raft within the region, its log in records with checksums on disks that crashes tear",
            "the log shipped by whoever leads, sent again until it is confirmed on the copy's disk",
            "ways between regions as a provider measured them",
        ],
        simplified: &[
            "a copy is one server with one disk",
            "without a sync the system's cache reaches the disk only by chance, in a crash",
            "all servers of the region are equally far from each other and from the clients",
        ],
        omitted: &[
            "failover to another region: who may decide it is a lesson of its own",
            "snapshots: the log is kept from its beginning",
            "operators and automation: only the viewer acts",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Clients", Role::Client, 0),
            ("Leader", Role::Leader, 1),
            ("Followers", Role::Follower, 2),
            ("Their disks", Role::Storage, 3),
            ("Copies in other regions", Role::Storage, 4),
        ],
        arrows: &[
            (0, 1, "write"),
            (1, 0, "safe"),
            (1, 2, "entries"),
            (2, 3, "sync"),
            (2, 1, "on disk"),
            (1, 4, "what is committed, later"),
        ],
    },
    knobs: &[
        Knob::count("servers", "Servers in the region", 3, 3..=5),
        Knob::count("remotes", "Other regions", 2, 1..=3),
        Knob::count("clients", "Clients", 3, 1..=6),
        Knob::milliseconds("ship", "The log is shipped every", 200, 50..=300),
    ],
    switches: &[
        Switch {
            key: "quorum",
            label: "Acknowledge after a quorum",
            help: "A write is acknowledged when most servers of the region have it, not from the leader's memory.",
        },
        Switch {
            key: "fsync",
            label: "Sync before an answer",
            help: "A vote or an entry is on a follower's disk before it answers for it.",
        },
        Switch {
            key: "async",
            label: "Wait for no other region",
            help: "The log is shipped beside the acknowledgement. Off: every region must have a write first.",
        },
        Switch {
            key: "committed",
            label: "Ship only what is committed",
            help: "What the region may still replace does not leave it.",
        },
        Switch {
            key: "gaps",
            label: "Shipments leave no gap",
            help: "A copy takes over only what follows on what it has.",
        },
    ],
    scripts: &[
        Script {
            label: "The region goes dark in mid-write",
            help: "At 2.92 s W1 loses its links to the other servers, and at 3 s all lose their power. At 3.5 s all \
                   but W1 are back, at 5 s W1.",
            settings: &[],
            actions: goes_dark,
        },
        Script {
            label: "And then: the cables break",
            help: "From 5.5 s to 7.5 s no other region is reached: the backlog grows, and drains.",
            settings: &[],
            actions: cables_break,
        },
        Script {
            label: "And then: the region is lost for good",
            help: "At 5.5 s the cables break, and at 6.5 s the region burns down. The panel says what is lost.",
            settings: &[],
            actions: region_is_lost,
        },
    ],
    horizon_us: 9_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Layers,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

fn servers(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(setup.count("servers"))
}

fn remotes(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::range(setup.count("servers"), setup.count("remotes"))
}

fn clients(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    let before = setup.count("servers") + setup.count("remotes");
    NodeId::range(before, setup.count("clients"))
}

fn everybody(setup: &Setup) -> impl Iterator<Item = NodeId> + use<> {
    servers(setup).chain(remotes(setup)).chain(clients(setup))
}

/// Returns in which region each node is, by its number: servers and clients in the first.
fn regions(setup: &Setup) -> Vec<u8> {
    let home = |_| 0;
    let away = remotes(setup).zip(1..).map(|(_, region)| region);
    servers(setup).map(home).chain(away).chain(clients(setup).map(home)).collect()
}

fn goes_dark(setup: &Setup) -> Vec<TimedAction> {
    let others = || servers(setup).skip(1);
    let mut actions = vec![at(2_920_000, Action::Partition(others().collect()))];
    actions.extend(servers(setup).map(|id| at(3_000_000, Action::Crash(id))));
    actions.push(at(3_300_000, Action::Heal));
    actions.extend(others().map(|id| at(3_500_000, Action::Restart(id))));
    actions.extend(servers(setup).take(1).map(|id| at(5_000_000, Action::Restart(id))));
    actions
}

fn cables_break(setup: &Setup) -> Vec<TimedAction> {
    let cut = at(5_500_000, Action::Partition(remotes(setup).collect()));
    vec![cut, at(7_500_000, Action::Heal)]
}

fn region_is_lost(setup: &Setup) -> Vec<TimedAction> {
    let cut = at(5_500_000, Action::Partition(remotes(setup).collect()));
    let crashes = servers(setup).map(|id| at(6_500_000, Action::Crash(id)));
    [cut].into_iter().chain(crashes).collect()
}

fn environment(setup: &Setup) -> Environment {
    let count = 1 + u8::try_from(setup.count("remotes")).unwrap_or_default();
    // Between zones the zones say how long a message takes.
    let usual = Environment::uniform((4_000, 12_000), (500, 2_000));
    Environment { zones: Some(zones(count, regions(setup))), ..usual }
}

fn spawn(me: NodeId, setup: &Setup) -> Node {
    let (servers, remotes) = (setup.count("servers"), setup.count("remotes"));
    match me.0.checked_sub(servers + remotes) {
        Some(number) => Node::Client(Box::new(Writer::new(number, servers))),
        None if me.0 < servers => Node::Server(Box::new(Server::new(Config::of(setup)))),
        None => Node::Remote(Box::new(Remote::new(Config::of(setup)))),
    }
}

fn names(setup: &Setup) -> Vec<String> {
    let named = |letter: char, count| (1..=count).map(move |n: u16| format!("{letter}{n}"));
    let away = REGIONS.iter().skip(1).take(usize::from(setup.count("remotes")));
    named('W', setup.count("servers"))
        .chain(away.map(|it| it.name.to_owned()))
        .chain(named('C', setup.count("clients")))
        .collect()
}

const SPEC: Spec<Node, History> = Spec {
    names,
    spawn,
    environment,
    commands: &[Command {
        label: "Write",
        accepts: |id, setup| clients(setup).any(|it| it == id),
        input: Input::Number { label: "", unit: "in a row", min: 1, max: 20, default: 5 },
        say: |_, _, given| {
            Msg::Writer(Message::WriteMany(u32::try_from(given.number()).unwrap_or(1)))
        },
    }],
    invariants: &[
        Invariant {
            name: "an acknowledged write survives the loss of any minority of the region's disks",
            check: judge::minority_can_be_lost,
        },
        Invariant { name: LEADERS_HAVE_ALL, check: judge::leaders_have_all },
        Invariant {
            name: "every copy is a prefix of what most of the region's disks have",
            check: judge::copies_are_prefixes,
        },
        Invariant {
            name: "in calm 99 in 100 writes are acknowledged within 50 ms",
            check: judge::acknowledged_in_time,
        },
    ],
    goals: &[Goal {
        name: "everybody is served, and copies have all from before the last fault",
        within_us: |setup| SETTLE_US + CATCH_UP_ROUNDS * 1_000 * setup.knob("ship"),
        reached: judge::all_is_well_again,
    }],
    sometimes: &[
        Sometimes { name: "the leader changes", seen: |_, it| it.raft.leader_changed() },
        Sometimes { name: "a shipment does not follow on", seen: |_, it| it.gaps > 0 },
        Sometimes {
            name: "most of the region's servers are down at once",
            seen: |world, _| judge::most_are_down(world),
        },
    ],
    alerts: &[
        Alert { name: "a client waits longer than 500 ms", check: judge::nobody_waits },
        Alert {
            name: "more than 20 acknowledged writes are in no other region",
            check: judge::little_is_only_here,
        },
        Alert {
            name: "two servers believe that they lead",
            check: |world, it| raft::one_believes(world, &it.raft),
        },
    ],
    metrics: &[
        Metric {
            label: "p99 of the last 100 acknowledgements",
            unit: "ms",
            read: |_, it| (judge::p99_us(&it.times_us()).unwrap_or_default() / 1_000).cast_signed(),
        },
        Metric {
            label: "acknowledged, and in no other region",
            unit: "writes",
            read: |world, it| judge::only_here(world, it).0.cast_signed(),
        },
        Metric {
            label: "replication lag: age of the oldest of these",
            unit: "ms",
            read: |world, it| judge::lag_ms(world, it).cast_signed(),
        },
        Metric {
            label: "backlog of the farthest copy",
            unit: "entries",
            read: |world, _| judge::backlog(world).cast_signed(),
        },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: view::panels,
};
