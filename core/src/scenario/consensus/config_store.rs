//! A configuration store, and the caches of those who watch it: no change passes them by.
//!
//! The store is the easy half: a replicated log makes all servers agree. The hard half is everybody who
//! keeps a copy of a few keys. The obvious watcher reads once, asks to be told of changes, and asks
//! again elsewhere when its server is gone. Between the last word of the one and the first of the other
//! there is a moment in which nobody tells it anything, and a change in that moment is never heard of:
//! the flag of a kill switch stays on for ever, with no error anywhere. The cure is a number: one
//! **revision** for the whole store. A watch says behind which revision it is to begin, a batch says
//! which it follows, and a server that no longer knows that far back says so.
//!
//! etcd: "KV API guarantees", "Data model", "etcd API". Hunt et al. 2010 (`ZooKeeper`), §2.3. Burrows 2006
//! (Chubby), §2.4 sequencers, §2.5, §2.7–2.9. Ongaro's thesis 2014, §6.4 (`ReadIndex`). The state machine, the
//! watches and the cache are in [`crate::mechanism::revisions`], the log in [`crate::mechanism::raft`].
//!
//! Left out: what other rows are about: elections and the log themselves (`single-leader`, `raft-log`),
//! locks (`redis-lock`, `lock-from-scratch`); and leases for reads, watches of a part of the keys.

mod judge;
mod lesson;
mod message;
mod node;
mod puzzles;
mod route;
mod script;
mod server;
mod service;
mod view;
mod watcher;

use judge::{History, servers, services, watchers};
use message::Msg;
use node::Node;
use server::{Server, Settings};
use service::Service;
use watcher::Watcher;

use crate::mechanism::raft::Config;
use crate::mechanism::revisions::Rules;
use crate::scenario::{
    Diagram, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup, Switch, Unit,
};
use crate::sim::{
    Alert, Command, Environment, Goal, Input, Invariant, Metric, NodeId, Observed, Sometimes, Spec,
};
use crate::view::{Layout, Role};

/// The range from which each server draws how long it waits for a leader.
const ELECTION_TIMEOUT_US: (u64, u64) = (150_000, 300_000);
/// How often a leader speaks.
const HEARTBEAT_US: u64 = 50_000;
/// As a puzzle names it, too.
const EVERY_REVISION: &str = "a watcher sees every change, in order and once";

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "config-store",
    seeds: &["SD.33"],
    revision: 1,
    title: "A kill switch that one machine never heard of",
    family: Family::Consensus,
    difficulty: 2,
    prerequisites: &["single-leader"],
    question: "A flag is turned off. How does every machine that keeps a copy hear of it, whatever \
               breaks meanwhile?",
    promise: "Whoever watches the store sees every change, in order and once, or is told to read all \
              anew; a copy never goes back in time.",
    constraint: "A watcher is told of changes by one server, which may vanish at any moment, lag \
                 behind, or forget the past; nobody tells a watcher what it was not told.",
    guarantee: "Strong for changes and confirmed reads: linearizable. A cache is a true copy as of its \
                revision, and may be late: sequential.",
    naive: "Any server answers reads from what it has. A watcher lists once and is told of changes \
            from then on; when its server is silent it watches at another one, from now on. It takes \
            what comes as it comes.",
    hardened: "One revision for all. The leader asks a majority before it answers a read. A watch goes \
               on behind the last revision seen, batches say what they follow, and who hears \
               “compacted” lists anew. The primary writes only if it still is the primary.",
    breaks: "S3 is cut off. Before its watcher W1 has found another server the flag is turned off: W1's \
             new watch begins later, and W1 shows “on” for ever.",
    survives: Faults {
        victims: |setup| servers(setup).chain(services(setup)).chain(watchers(setup)).collect(),
        down_at_once: |setup| u16::try_from((setup.knob("nodes") - 1) / 2).unwrap_or(0),
        pauses: true,
        partitions: true,
        one_way_cuts: true,
        loss_percent: 30,
        duplicate_percent: 30,
        clock_step_us: 60_000_000,
        drift_ppm: 100_000,
        holds: true,
        flapping: true,
        deaf_or_mute: true,
        slow_us: 20_000,
        disk: &[],
        claim: "Safety needs no timing at all: crashes with restart (disks survive), pauses of any \
                length, cuts in both or one direction, held links, loss, duplication, reordering, \
                and clocks that say anything. Changes and confirmed reads need a connected majority; \
                a lease may last longer than it should, and a paused primary may lose it.",
    },
    requirements: &[
        "Services change keys; watchers keep a copy of all of them and answer from it.",
        "A read shows every change that anybody was told of before it was asked.",
        "A watcher sees every revision behind its list, in order, once; or hears “compacted” and lists anew.",
        "One service is the primary, by a key that goes with its lease; only the primary sets the limit.",
        "Out of scope: watches of a part of the keys, users and rights, reads from a lease.",
    ],
    faced: &[
        ("replay", "Faced: a late or doubled batch is known by the revision that it follows."),
        ("late data", "Faced: a cache takes nothing older than what it has."),
        ("partial writes", "Excluded: the log is replaced on disk atomically; see raft-log."),
        (
            "partitions",
            "Faced: only a majority changes and confirms; a server without a leader says nothing.",
        ),
        ("retries", "Faced: a request has a client and a number, and is made once."),
        ("clocks", "Faced: a leader's clock proposes the end of a lease, the log decides."),
        (
            "lossy networks",
            "Faced: servers say how far they have told; a gap shows at the next word.",
        ),
        ("dying machines", "Faced: a watch goes on at any server; a dead primary's lease ends."),
    ],
    saturates_first: "The server that carries the watches: each change goes once to each watcher, and \
                      watchers that lose their server meet at the next one.",
    pitfalls: &[
        "Watching “from now on”, or listing and then watching without the list's revision.",
        "Listing at any server after a restart: it may be behind what this machine has shown already.",
        "Taking “compacted” for an error to be retried: what was missed stays missed.",
        "Compacting right up to the present: every short break then costs a list of everything.",
        "Checking one's lease and then writing: the pause comes in between. Write on condition.",
        "Taking a quiet watch for a quiet store: only a word of how far it is tells the two apart.",
    ],
    primitives: &[
        Primitive::SequenceNumbers,
        Primitive::DedupLog,
        Primitive::Heartbeats,
        Primitive::Leases,
        Primitive::AppendOnlyLog,
        Primitive::Replay,
        Primitive::Partitioning,
    ],
    sources: &[
        "etcd documentation v3.5, “KV API guarantees”, “Data model”, “etcd API”",
        "Hunt et al. 2010, “ZooKeeper: Wait-free coordination for Internet-scale systems”, section 2",
        "Burrows 2006, “The Chubby lock service for loosely-coupled distributed systems”, sections \
         2.4, 2.5 and 2.7 to 2.9",
        "Ongaro 2014, “Consensus: Bridging Theory and Practice” (thesis), sections 6.3 and 6.4",
        "Kingsbury 2020, “Jepsen: etcd 3.4.3”: watches, locks and what they promise",
    ],
    fidelity: Fidelity {
        modelled: &[
            "revisions of the whole store, versions of keys, transactions with If, Then and Else",
            "leases that take keys along, ended through the log; compaction; progress notifications",
            "the client library: list and watch, a cache, other servers; ReadIndex; snapshots of the store",
        ],
        simplified: &[
            "keys and values are numbers, and a watch is of all keys",
            "a renewal is an entry of the log; etcd keeps it in its leader's memory",
            "requests are recognised by client and number; etcd leaves that to transactions",
            "a watch is single messages with numbers, instead of a stream that keeps order by itself",
        ],
        omitted: &[
            "reads on a follower that asks the leader for its index: clients ask the leader itself",
            "losses on disk: the row raft-log",
            "automation: the log compacts itself, and nothing else acts on its own",
        ],
    },
    diagram: Diagram {
        boxes: &[
            ("Services", Role::Client, 0),
            ("Leader", Role::Leader, 1),
            ("Followers", Role::Follower, 2),
            ("Store", Role::Storage, 3),
            ("Watchers", Role::Client, 4),
        ],
        arrows: &[
            (0, 1, "changes, renewals"),
            (1, 2, "entries of the log"),
            (2, 3, "what is committed"),
            (3, 4, "batches: what follows your revision"),
            (4, 1, "list everything"),
        ],
    },
    knobs: &[
        Knob { key: "nodes", label: "Servers", unit: Unit::Count, min: 3, default: 3, max: 7 },
        Knob { key: "services", label: "Services", unit: Unit::Count, min: 1, default: 2, max: 4 },
        Knob { key: "watchers", label: "Watchers", unit: Unit::Count, min: 1, default: 2, max: 6 },
        Knob {
            key: "retention",
            label: "Revisions kept at least",
            unit: Unit::Count,
            min: 3,
            default: 8,
            max: 200,
        },
        Knob {
            key: "lease",
            label: "Lease of the primary",
            unit: Unit::Milliseconds,
            min: 300,
            default: 600,
            max: 2_000,
        },
    ],
    switches: &[
        Switch {
            key: "read-index",
            label: "Confirm reads",
            help: "The leader asks a majority whether it still leads before it answers a read or a list. \
                   Off: any server answers.",
        },
        Switch {
            key: "resume",
            label: "Watch from a revision",
            help: "A watch goes on behind the last revision that was seen. Off: from now on.",
        },
        Switch {
            key: "in-order",
            label: "Batches say what they follow",
            help: "A watcher takes a batch only if it follows what it has. Off: as it comes.",
        },
        Switch {
            key: "list-again",
            label: "List anew when compacted",
            help: "Who hears that its revisions are gone lists everything. Off: it goes on with what is left.",
        },
        Switch {
            key: "condition",
            label: "Write only as the primary",
            help: "A write says as whom it is made, and is made only if that is still so. Off: the \
                   primary just writes.",
        },
    ],
    scripts: &[
        Script {
            label: "A change between two servers",
            help: "S3 is cut off for 1.5 s. While its watcher looks for another server the flag is \
                   turned off.",
            settings: &[],
            actions: script::missed,
        },
        Script {
            label: "And then: away for too long",
            help: "The last watcher freezes for 2.2 s, and what it needs next is compacted away.",
            settings: &[],
            actions: script::away_for_too_long,
        },
        Script {
            label: "And then: an old list",
            help: "S3 falls behind, and W1 starts anew: whoever asks S3 gets an old list.",
            settings: &[],
            actions: script::old_list,
        },
        Script {
            label: "And then: the primary is gone",
            help: "P1 is cut off for longer than its lease, and comes back as if nothing had been.",
            settings: &[],
            actions: script::primary_is_gone,
        },
    ],
    horizon_us: 7_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Layers,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

fn spawn(id: NodeId, setup: &Setup) -> Node {
    let count = |key| u16::try_from(setup.knob(key)).unwrap_or(u16::MAX);
    let (servers, services) = (count("nodes"), count("services"));
    if id.0 < servers {
        let members = judge::servers(setup).collect();
        let config = Config::by_votes(members, ELECTION_TIMEOUT_US, HEARTBEAT_US);
        let confirms_reads = setup.is_on("read-index");
        let settings = Settings { config, confirms_reads, retention: setup.knob("retention") };
        Node::Server(Box::new(Server::new(settings)))
    } else if id.0 < servers + services {
        let (lease_us, is_guarded) = (1_000 * setup.knob("lease"), setup.is_on("condition"));
        Node::Service(Box::new(Service::new(id.0 - servers, servers, lease_us, is_guarded)))
    } else {
        let rules = Rules {
            resumes: setup.is_on("resume"),
            keeps_order: setup.is_on("in-order"),
            lists_again: setup.is_on("list-again"),
        };
        // The first watches at the last server, the second at the one before.
        let nth = id.0 - servers - services;
        let home = NodeId(servers - 1 - nth % servers);
        Node::Watcher(Box::new(Watcher::new(servers, home, rules, setup.is_on("read-index"))))
    }
}

fn names(setup: &Setup) -> Vec<String> {
    let named = |letter: char, key| (1..=setup.knob(key)).map(move |n| format!("{letter}{n}"));
    named('S', "nodes").chain(named('P', "services")).chain(named('W', "watchers")).collect()
}

const SPEC: Spec<Node, History> = Spec {
    names,
    spawn,
    environment: |_| Environment::uniform((2_000, 8_000), (1_000, 3_000)),
    commands: &[
        Command {
            label: "Turn the flag",
            accepts: |id, setup| services(setup).any(|it| it == id),
            input: Input::Choice { label: "", options: &["on", "off"], default: 1 },
            say: |_, _, given| Msg::SetFlag(given.choice() == 0),
        },
        Command {
            label: "Read",
            accepts: |id, setup| watchers(setup).any(|it| it == id),
            input: Input::Nothing,
            say: |_, _, _| Msg::ReadNow,
        },
        Command {
            label: "Compact all but the present",
            accepts: |id, setup| servers(setup).any(|it| it == id),
            input: Input::Nothing,
            say: |_, _, _| Msg::CompactNow,
        },
    ],
    invariants: &[
        Invariant { name: EVERY_REVISION, check: judge::every_revision },
        Invariant { name: "a cache never goes back", check: judge::never_back },
        Invariant {
            name: "a read shows all that was known before it",
            check: judge::reads_are_fresh,
        },
        Invariant { name: "only the primary's writes are made", check: judge::primary_writes },
    ],
    goals: &[
        Goal {
            name: "a leader exists",
            within_us: judge::settle_us,
            reached: judge::leader_exists,
        },
        Goal {
            name: "changes are acknowledged",
            within_us: judge::serve_us,
            reached: judge::serves,
        },
        Goal {
            name: "every cache is right, and up to date",
            within_us: |setup| judge::serve_us(setup) + 1_000_000,
            reached: judge::caches_are_right,
        },
    ],
    sometimes: &[
        Sometimes { name: "the leader changes", seen: |_, history| history.raft.leader_changed() },
        Sometimes { name: "a lease is over", seen: |_, history| history.has_expired },
        Sometimes { name: "a watch goes on elsewhere", seen: |_, history| history.has_moved },
        Sometimes {
            name: "a watcher needs what is compacted",
            seen: |_, history| history.was_compacted,
        },
        Sometimes { name: "a retry is recognised", seen: |_, history| history.was_recognised },
        Sometimes { name: "a snapshot is installed", seen: |_, history| history.has_installed },
    ],
    alerts: &[
        Alert {
            name: "a cache shows what the store did not hold",
            check: judge::no_cache_is_wrong,
        },
        Alert { name: "a cache is more than 3 revisions behind", check: judge::no_cache_lags },
        Alert { name: "a server is more than 10 revisions behind", check: judge::no_server_lags },
        Alert { name: "nobody is the primary", check: judge::has_primary },
    ],
    metrics: &[
        Metric {
            label: "changes acknowledged",
            unit: "per second",
            read: judge::acknowledged_a_second,
        },
        Metric { label: "cache furthest behind", unit: "revisions", read: judge::furthest_behind },
        Metric { label: "wrong values in caches", unit: "values", read: judge::wrong_values },
    ],
    lesson: lesson::LESSON,
    puzzles: puzzles::PUZZLES,
    panels: view::panels,
};
