//! One log on many disks: Raft end to end, with the figures of its paper.
//!
//! The obvious rule is that what a majority has on disk is safe. It is not: an entry of an earlier term
//! can be on a majority of disks and still be overwritten by a leader that has never seen it, because a
//! later entry of its own makes its log look newer. That is Figure 8, and here it is brought about by
//! crashes, restarts and cut links. Raft counts only entries of the leader's own term; what comes
//! before them in the log is then committed as well, because logs match.
//!
//! Ongaro & Ousterhout 2014 (Raft): Figure 2 the rules, Figure 3 the five properties, Figures 7 and 8, §5.4
//! safety, §7 snapshots, §8 clients. Ongaro's thesis 2014: chapter 4 membership, §6.3 sessions, §6.4
//! `ReadIndex`. Ongaro 2015, "bug in single-server membership changes" (raft-dev). The algorithm is in
//! [`crate::mechanism::raft`], and so is the log on disk, in bytes.
//!
//! Left out: joint consensus, handing leadership over, leases for reads; and what the row
//! `single-leader` is about: pre-vote and check-quorum are always on here.

mod judge;
mod lesson;
mod node;
mod puzzles;
mod reader;
mod script;
mod server;
mod view;

use judge::{History, readers, servers, writers};
use node::{Msg, Node};
use reader::Reader;
use server::{Server, Settings};

use crate::mechanism::raft::{self, Config, Safeguards};
use crate::mechanism::writer::{Message, Writer};
use crate::scenario::{
    Choice, Diagram, DiskFaultKind, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script,
    Setup, Switch,
};
use crate::sim::{
    Alert, Command, Environment, Goal, Input, Invariant, Metric, NodeId, Observed, Sometimes, Spec,
};
use crate::view::{Layout, Role};

/// How often a leader speaks.
const HEARTBEAT_US: u64 = 50_000;
/// As a puzzle names it, too.
const LEADER_COMPLETENESS: &str = "Leader Completeness: every later leader has what is committed";

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "raft-log",
    seeds: &["407"],
    revision: 1,
    title: "One log on many disks",
    family: Family::Consensus,
    difficulty: 3,
    prerequisites: &["single-leader"],
    question: "An entry is on most of the disks. Is it safe?",
    promise: "A committed write is never lost or replaced: every later leader has it, and all servers \
              carry out the same writes in the same order.",
    constraint: "Leaders come and go in the middle of copying, and a leader can't tell what another \
                 has done meanwhile: it sees logs, not history.",
    guarantee: "Strong: writes are one log, reads are linearizable, a retry is made once. The smaller \
                side of a cut can do neither.",
    naive: "A leader counts copies: what most disks have is committed, whoever created it. It is \
            elected by servers that don't compare logs and keep their votes in memory, answers reads \
            from what it knows, and changes the group whenever it is asked.",
    hardened: "Raft: a leader first gets a blank entry of its own term onto a majority of disks; only \
               that commits what is before it. Votes are on disk, and go to logs that lack nothing \
               committed. Reads are confirmed by a majority.",
    breaks: "Figure 8 of the paper: S1's entry is copied halfway, S5 leads for a moment, S1 copies the \
             old entry to a majority and counts it, and S5 overwrites it.",
    survives: Faults {
        victims: |setup| servers(setup).collect(),
        down_at_once: |setup| (setup.count("nodes") - 1) / 2,
        drift_ppm: 100_000,
        slow_us: 20_000,
        disk: &[DiskFaultKind::TornSectors, DiskFaultKind::Slow],
        claim: "Safety needs no timing at all: crashes with restart that tear what was being written, \
                pauses, cuts in both or one direction, loss, duplication, reordering, and members \
                that leave and return meanwhile. Availability needs a connected majority of the \
                members and latencies well below the election timeout.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Each writer sets a register of its own; a reader asks for any of them.",
        "The five properties of the paper's Figure 3 hold at every moment.",
        "A read sees every write that anybody was told of before it was asked for.",
        "A retry of a write is made once, whichever leader makes it.",
        "One server at a time leaves or returns, while the group serves; three always stay.",
        "Out of scope: joint consensus, leases for reads, servers that lie, disks that forget.",
    ],
    faced: &[
        ("replay", "Faced: a server makes its state anew from snapshot and log after each crash."),
        ("late data", "Faced: an old message carries an old term, or says what is there already."),
        ("partial writes", "Faced: records have checksums; a torn tail was promised to nobody."),
        ("partitions", "Faced: only a majority elects, commits and confirms reads."),
        ("retries", "Faced: sessions by client and number, part of the state and of snapshots."),
        ("clocks", "Faced: nothing that is safe reads a clock. Waiting uses monotonic clocks."),
        ("lossy networks", "Faced: what is not confirmed is sent again; doubles change nothing."),
        (
            "dying machines",
            "Faced: a minority may be down at any time, and comes back with its disk.",
        ),
    ],
    saturates_first: "The leader's link: every entry goes out once for each follower. A far-behind \
                      follower costs a whole snapshot on top.",
    pitfalls: &[
        "Counting copies of an old entry: Figure 8. The blank entry at the start of a term is what \
         commits it, not one more copy.",
        "Acknowledging a vote or an entry before the disk has it: after a crash it was never given.",
        "Answering reads as leader without asking: a leader that was replaced doesn't know it yet.",
        "Starting a membership change at once after an election: two changes may be under way at once.",
        "Keeping sessions outside of the snapshot: the first retry after a restart is made twice.",
        "Believing the tail of a log file that a power cut has left.",
    ],
    primitives: &[
        Primitive::WriteAheadLog,
        Primitive::SequenceNumbers,
        Primitive::DedupLog,
        Primitive::Heartbeats,
        Primitive::AppendOnlyLog,
        Primitive::Replay,
        Primitive::Partitioning,
    ],
    sources: &[
        "Ongaro & Ousterhout 2014, “In Search of an Understandable Consensus Algorithm (Extended \
         Version)”, figures 2, 3, 7, 8, 12 and 13, sections 5.3, 5.4, 7 and 8",
        "Ongaro 2014, “Consensus: Bridging Theory and Practice” (thesis), chapter 4, sections 6.3, 6.4",
        "Ongaro 2015, “bug in single-server membership changes”, raft-dev",
        "Pillai et al. 2014, “All File Systems Are Not Created Equal”, section 4",
    ],
    fidelity: Fidelity {
        modelled: &[
            "all rules of Figure 2, stepping back by terms, and InstallSnapshot of Figure 13",
            "the log on disk: records with CRC-32C in a file of sectors, torn by crashes",
            "members in the log, one change at a time; ReadIndex; sessions in snapshots",
        ],
        simplified: &[
            "a snapshot travels in one message, and old records stay in the file",
            "a new group begins with its members as entry 1; S1 stands for election at once",
            "a returning server counts at once, before it has caught up",
        ],
        omitted: &[
            "joint consensus: one server at a time is what most systems do",
            "leases for reads: they need clocks with bounded drift",
            "automation: only the viewer lets servers leave and return",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Clients", Role::Client, 0),
            ("Leader", Role::Leader, 1),
            ("Log on disk", Role::Storage, 2),
            ("Followers", Role::Follower, 2),
            ("Their logs", Role::Storage, 3),
            ("State machines", Role::Storage, 4),
        ],
        arrows: &[
            (0, 1, "write, read, retry"),
            (1, 2, "records, sync"),
            (1, 3, "entries, snapshots"),
            (3, 4, "records, sync"),
            (3, 1, "“on disk up to here”"),
            (4, 5, "what is committed, in order"),
        ],
    },
    knobs: &[
        Knob::count("nodes", "Servers", 5, 3..=9),
        Knob::count("clients", "Writers", 2, 1..=6),
        Knob::count("readers", "Readers", 1, 0..=4),
        Knob::count("snapshot", "Entries between snapshots", 40, 5..=400),
        Knob::milliseconds("timeout", "Shortest election timeout", 150, 100..=300),
        Knob::one_of(
            "figure",
            "Begin with",
            0,
            0,
            &[
                Choice { key: "empty", label: "empty logs" },
                Choice { key: "figure-7", label: "the logs of Figure 7 (7 servers)" },
            ],
        ),
    ],
    switches: &[
        Switch {
            key: "own-term",
            label: "Commit by one's own term",
            help: "A leader begins with a blank entry, and counts copies only of entries of its own \
                   term. Off: Figure 8.",
        },
        Switch {
            key: "up-to-date",
            label: "Compare logs before voting",
            help: "A server votes only for one whose log is at least as up-to-date as its own.",
        },
        Switch {
            key: "durable-vote",
            label: "Votes on disk",
            help: "A vote is on disk before it is given, so that a restart does not give another.",
        },
        Switch {
            key: "settled-change",
            label: "Settle before changing members",
            help: "A leader changes the members only after an entry of its own term is committed.",
        },
        Switch {
            key: "read-index",
            label: "Confirm reads",
            help: "A leader asks a majority whether it still leads before it answers a read.",
        },
        Switch {
            key: "checksum",
            label: "Checksums in the log file",
            help: "After a crash a record is believed only if its checksum is right.",
        },
    ],
    scripts: &[
        Script {
            label: "Raft's Figure 8",
            help: "Crashes and cuts let S1 lead, then S5, then S1 again, then S5: (a) to (d). Watch the \
                   last entry of S1: copied, counted, overwritten.",
            settings: &[],
            actions: script::figure_8,
        },
        Script {
            label: "Figure 7: six followers whose logs differ",
            help: "S1 is elected for term 8 by four of six. Watch the logs: it steps back in each to the last entry \
                   that matches, and replaces what follows. At 1 s it crashes, and any other can lead.",
            settings: &[
                ("figure", "figure-7"),
                ("nodes", "7"),
                ("clients", "1"),
                ("readers", "0"),
                ("own-term", "on"),
                ("up-to-date", "on"),
                ("durable-vote", "on"),
            ],
            actions: script::figure_7,
        },
        Script {
            label: "And then: servers leave and return",
            help: "The last server and S2 leave the group one after the other, and return.",
            settings: &[],
            actions: script::members_change,
        },
        Script {
            label: "And then: one is away for long",
            help: "S3 crashes in mid-write, tears its log, and comes back when entries are gone.",
            settings: &[],
            actions: script::one_is_away,
        },
    ],
    horizon_us: 7_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Ring,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

/// Returns the range from which each server draws how long it waits for a leader.
fn election_timeout_us(setup: &Setup) -> (u64, u64) {
    let shortest_us = setup.knob("timeout") * 1_000;
    (shortest_us, 2 * shortest_us)
}

/// Whether the logs of Figure 7 are there at the start.
fn is_figure_7(setup: &Setup) -> bool {
    setup.knob("figure") == 1
}

fn settings(setup: &Setup) -> Settings {
    Settings {
        config: Config::by_votes(
            servers(setup).collect(),
            election_timeout_us(setup),
            HEARTBEAT_US,
        ),
        safeguards: Safeguards {
            commits_own_term: setup.is_on("own-term"),
            compares_logs: setup.is_on("up-to-date"),
            keeps_votes: setup.is_on("durable-vote"),
            settles_before_change: setup.is_on("settled-change"),
        },
        confirms_reads: setup.is_on("read-index"),
        checks_sums: setup.is_on("checksum"),
        snapshot_entries: setup.knob("snapshot"),
        is_figure_7: is_figure_7(setup),
    }
}

fn spawn(id: NodeId, setup: &Setup) -> Node {
    let count = |key| setup.count(key);
    let (servers, writers) = (count("nodes"), count("clients"));
    if id.0 < servers {
        Node::Server(Box::new(Server::new(settings(setup))))
    } else if id.0 < servers + writers {
        Node::Writer(Writer::new(id.0 - servers, servers))
    } else {
        Node::Reader(Reader::new(servers, writers))
    }
}

fn names(setup: &Setup) -> Vec<String> {
    let named = |letter: char, key| (1..=setup.knob(key)).map(move |n| format!("{letter}{n}"));
    named('S', "nodes").chain(named('C', "clients")).chain(named('R', "readers")).collect()
}

/// Asks for one of the servers.
const SERVER: Input = Input::Node { label: "", knob: "nodes", most: 9 };

/// Returns the server with this number; of more than there are, one of them.
fn numbered(setup: &Setup, number: i64) -> NodeId {
    crate::sim::numbered(number, u16::try_from(setup.knob("nodes")).unwrap_or(1))
}

const SPEC: Spec<Node, History> = Spec {
    names,
    spawn,
    environment: |_| Environment::uniform((2_000, 8_000), (1_000, 3_000)),
    commands: &[
        Command {
            label: "Write",
            accepts: |id, setup| writers(setup).any(|it| it == id),
            input: Input::Number { label: "", unit: "in a row", min: 1, max: 20, default: 1 },
            say: |_, _, given| {
                Msg::Writer(Message::WriteMany(u32::try_from(given.number()).unwrap_or(1)))
            },
        },
        Command {
            label: "Write through",
            accepts: |id, setup| writers(setup).any(|it| it == id),
            input: SERVER,
            say: |_, setup, given| Msg::Writer(Message::AskServer(numbered(setup, given.number()))),
        },
        Command {
            label: "Read",
            accepts: |id, setup| readers(setup).any(|it| it == id),
            input: Input::Nothing,
            say: |_, _, _| Msg::ReadNow,
        },
        Command {
            label: "Change membership of",
            accepts: |id, setup| servers(setup).any(|it| it == id),
            input: SERVER,
            say: |_, setup, given| Msg::LeaveOrReturn(numbered(setup, given.number())),
        },
    ],
    invariants: &[
        Invariant {
            name: "Election Safety: at most one leader a term",
            check: |world, it| raft::election_safety(world, &it.raft),
        },
        Invariant {
            name: "Leader Append-Only: a leader's log only grows",
            check: judge::leader_append_only,
        },
        Invariant {
            name: "Log Matching: logs that share an entry share all before it",
            check: judge::log_matching,
        },
        Invariant { name: LEADER_COMPLETENESS, check: judge::leader_completeness },
        Invariant {
            name: "State Machine Safety: in one place all apply one entry",
            check: judge::state_machine_safety,
        },
        Invariant {
            name: "a read sees all that was known before it",
            check: judge::reads_are_fresh,
        },
        Invariant { name: "a write is made once", check: judge::made_once },
    ],
    goals: &[
        Goal {
            name: "a leader exists",
            within_us: judge::settle_us,
            reached: judge::leader_exists,
        },
        Goal {
            name: "writes are acknowledged",
            within_us: |setup| judge::settle_us(setup) + 1_000_000,
            reached: judge::serves,
        },
        Goal {
            name: "all members have all acknowledged writes",
            within_us: |setup| judge::settle_us(setup) + 2_000_000,
            reached: judge::caught_up,
        },
    ],
    sometimes: &[
        Sometimes { name: "the leader changes", seen: |_, history| history.raft.leader_changed() },
        Sometimes {
            name: "entries are dropped for a leader's",
            seen: |_, history| history.raft.dropped(),
        },
        Sometimes { name: "a retry is recognised", seen: |_, history| history.was_recognised },
        Sometimes { name: "a snapshot is installed", seen: |_, history| history.has_installed },
        Sometimes { name: "the members change", seen: |_, history| history.has_changed },
        Sometimes { name: "a read is answered", seen: |_, history| history.has_read },
    ],
    alerts: &[
        Alert {
            name: "two servers believe that they lead",
            check: |world, it| raft::one_believes(world, &it.raft),
        },
        Alert { name: "a committed entry is not on most disks", check: judge::is_on_majority },
        Alert { name: "a client waits longer than 500 ms", check: judge::nobody_waits },
        Alert { name: "a server is more than 10 entries behind", check: judge::nobody_lags },
    ],
    metrics: &[
        Metric {
            label: "writes acknowledged",
            unit: "per second",
            read: judge::acknowledged_a_second,
        },
        Metric { label: "entries not committed", unit: "entries", read: judge::uncommitted },
        Metric {
            label: "servers that believe they lead",
            unit: "servers",
            read: |world, _| i64::try_from(raft::leading(world).len()).unwrap_or(i64::MAX),
        },
    ],
    lesson: lesson::LESSON,
    puzzles: puzzles::PUZZLES,
    panels: view::panels,
};
