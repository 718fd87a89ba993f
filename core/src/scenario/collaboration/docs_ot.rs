//! A document that several people write through one server, as in an office suite: operational transformation.
//!
//! What somebody types is an operation: so many letters stay, these come in, so many go. It takes effect at its
//! author at once, and elsewhere after whatever the server has ordered before it. So it must be moved over what
//! its author had not seen. Moved over the last of that alone, it lands in the wrong place as soon as it has
//! missed two; and the author must move what is on the way over what comes, or the diamond stays open on that
//! side.
//!
//! Nichols et al. 1995 (Jupiter), section 4; Wang, Mah & Lassen 2010 (Wave: one operation in flight); Ellis &
//! Gibbs 1989, section 4; Ressel et al. 1996 (TP1 and TP2), section 3: all in [`crate::mechanism::ot`]. The
//! safeguards act in [`server`], [`editor`] and the mechanism's client.
//!
//! Beside it the sequence CRDT of [`crate::mechanism::crdt::sequence`] takes the same keystrokes and hears of
//! others' when the client does ([`beside`]). Both texts are equal where no two insertions come to one place
//! that had not seen each other: one after the other, or in different parts of the text. Two that meet stand in
//! the order of their clients in both. Where a third is in play, the two may differ: operations have forgotten
//! letters that stood between them and are deleted, and the CRDT has not. From then on a place counted in one
//! text may be another in the other.
//!
//! Left out: cursors of others, undo, letters with attributes; dropping old operations; clients that keep what
//! they typed on a disk of their own.

mod beside;
mod editor;
mod judge;
mod lesson;
mod message;
mod node;
mod server;
mod view;

use editor::Editor;
use judge::History;
use message::Msg;
use node::{Node, SERVER, editors};
use server::Server;

use crate::mechanism::ot::{Context, Rules};
use crate::scenario::{
    Choice, Diagram, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Command, Environment, Goal, Input, Invariant, Metric, NodeId, Observed,
    Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "docs-ot",
    seeds: &["SD.7"],
    revision: 1,
    title: "One document, one server",
    family: Family::Collaboration,
    difficulty: 3,
    prerequisites: &["offline-editors"],
    question: "How do people type into one document at once, see their letters at once, and end with one text?",
    promise: "Everybody's letters show at once, and in the end everybody has the text that the server's log says.",
    constraint: "A message takes up to 80 ms, so people type into texts that have already changed elsewhere. \
                 Nobody waits for anybody.",
    guarantee: "Strong eventual, by one order: who has taken the same operations has the same text; what \
                anybody was shown as taken survives any crash.",
    naive: "The server moves an operation over the last one before it; a client sends at once, and takes what \
            comes as it comes.",
    hardened: "An operation is moved over everything that its author had not seen, at the server and at the \
               author. One is on its way at a time; it has a name, and is on disk before it is passed on.",
    breaks: "Two operations are ordered before a third that knew of neither: it is moved over one of them.",
    survives: Faults {
        victims: |setup| everybody(setup).collect(),
        down_at_once: |setup| 1 + setup.count("clients"),
        loss_percent: 50,
        duplicate_percent: 50,
        claim: "Crashes with restart of the server (its disk survives) and of any client, which loses what it \
                had not sent; pauses, cuts that stay or come and go, held links, loss, duplication and \
                reordering, on links of either kind. Safety needs no timing and reads no clock. Equality 1.5 s after the last movement \
                in calm assumes latencies up to 80 ms and clock rates within 5 %.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Show what a person types at once, whatever network and server do.",
        "Put an operation on disk before anybody is told that it is taken.",
        "Take each operation once, however often it is sent.",
        "Out of scope: who may write what, undo, and clients that work offline for days or restart there.",
    ],
    faced: &[
        (
            "replay",
            "Faced: an operation that comes again is known by its name, and answered again.",
        ),
        (
            "late data",
            "Faced: however late, it is moved over all that has come since; the log keeps that.",
        ),
        (
            "partial writes",
            "Faced: each record has its sum; a snapshot lies beside the last until it is whole.",
        ),
        (
            "partitions",
            "Faced: who does not reach the server types on, and sends it as one operation.",
        ),
        ("retries", "Faced: what is not confirmed is sent again for ever."),
        ("clocks", "Faced: order is the server's log; no wall clock is read."),
        (
            "lossy networks",
            "Faced: a client takes revisions in order, and asks for what is missing.",
        ),
        (
            "dying machines",
            "Faced for the server while its disk survives; a client that dies loses what it had not sent.",
        ),
    ],
    saturates_first: "The server: each operation is moved over all that were on their way with it, so its work \
                      grows with the square of the writers.",
    pitfalls: &[
        "Moving over the last operation alone: it works for two people, and with the third texts part.",
        "Transforming at one side only: each diamond has two, and both must lead to one text.",
        "Sending the next operation before the last is confirmed: the server needs a history a client.",
        "Acknowledging from memory: after a crash clients are ahead of the server.",
        "Dropping the server, keeping the transformation: in peer-to-peer order TP1 is not enough.",
    ],
    primitives: &[
        Primitive::SequenceNumbers,
        Primitive::AppendOnlyLog,
        Primitive::WriteAheadLog,
        Primitive::Replay,
        Primitive::DedupLog,
        Primitive::ConflictResolution,
    ],
    sources: &[
        "Nichols, Curtis, Dixon & Lamping 1995, “High-latency, low-bandwidth windowing in the Jupiter \
         collaboration system”, section 4",
        "Wang, Mah & Lassen 2010, “Google Wave Operational Transformation”",
        "Ellis & Gibbs 1989, “Concurrency control in groupware systems”, section 4",
        "Ressel, Nitsche-Ruhland & Gunzenhäuser 1996, “An integrating, transformation-oriented approach to \
         concurrency control and undo in group editors”, section 3",
        "Weidner & Kleppmann 2023, “The Art of the Fugue” (the CRDT beside)",
    ],
    fidelity: Fidelity {
        modelled: &[
            "operations along a text; composition and transformation, both sides of each diamond",
            "one operation in flight and a buffer; revisions, names, retransmission",
            "a log and snapshots on a disk of sectors, recovery from both",
            "the sequence CRDT on the same keystrokes",
        ],
        simplified: &[
            "one document, and one server for it",
            "the CRDT hears of operations when the client takes them, not from a network of its own",
        ],
        omitted: &["undo", "attributes of letters", "dropping old operations"],
    },
    diagram: Diagram {
        boxes: &[
            ("Person", Role::Client, 0),
            ("Client: text, buffer", Role::Client, 1),
            ("Server: order", Role::Storage, 2),
            ("Log, snapshot", Role::Storage, 3),
            ("Other clients", Role::Client, 3),
        ],
        arrows: &[
            (0, 1, "types"),
            (1, 2, "operation, revision"),
            (2, 3, "append, sync"),
            (2, 4, "operation, moved"),
            (2, 1, "confirmation"),
        ],
    },
    knobs: &[
        Knob::count("clients", "Clients", 3, 2..=5),
        Knob::count("snapshot", "Snapshot after operations", 8, 2..=32),
        Knob::milliseconds("ask", "Ask the server every", 200, 150..=500),
        Knob::one_of(
            "links",
            "Links",
            CONNECTIONS,
            CONNECTIONS,
            &[
                Choice { key: "connections", label: "keep order" },
                Choice { key: "datagrams", label: "let messages overtake" },
            ],
        ),
    ],
    switches: &[
        Switch {
            key: "context",
            label: "Over everything unseen",
            help: "The server moves an operation over all that its author had not seen, instead of the last of it.",
        },
        Switch {
            key: "diamond",
            label: "Both sides move",
            help: "A client moves what comes and what waits over each other, instead of moving only what comes.",
        },
        Switch {
            key: "flight",
            label: "One in flight",
            help: "A client sends the next operation when the one before is confirmed, instead of at once.",
        },
        Switch {
            key: "order",
            label: "Revisions in order",
            help: "A client takes operations in the log's order, each once, and asks for what is missing.",
        },
        Switch {
            key: "names",
            label: "Operations have names",
            help: "The server knows an operation that comes again, and does not take it twice.",
        },
        Switch {
            key: "log",
            label: "Log before telling",
            help: "The server passes an operation on when it is on disk, instead of when it is in memory.",
        },
    ],
    scripts: &[
        Script {
            label: "Server crash, Ann offline",
            help: "Messages come twice, the server is down for 0.4 s, and Ann is cut off for 1.3 s while all type on.",
            settings: &[],
            actions: crash_and_cut,
        },
        Script {
            label: "And then: crash again",
            help: "Messages get lost, the server crashes twice more, and Ben's client restarts.",
            settings: &[],
            actions: crash_again,
        },
    ],
    horizon_us: 7_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Layers,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

/// Of the links: each keeps the order of its messages.
const CONNECTIONS: u64 = 1;

fn everybody(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(1 + setup.count("clients"))
}

fn crash_and_cut(_: &Setup) -> Vec<TimedAction> {
    let ann = NodeId(1);
    vec![
        at(800_000, Action::Duplicate { percent: 20 }),
        at(900_000, Action::Crash(SERVER)),
        at(1_300_000, Action::Restart(SERVER)),
        at(1_700_000, Action::Partition(vec![ann])),
        at(3_000_000, Action::Heal),
    ]
}

fn crash_again(_: &Setup) -> Vec<TimedAction> {
    let ben = NodeId(2);
    vec![
        at(3_200_000, Action::Lose { percent: 20 }),
        at(3_300_000, Action::Crash(SERVER)),
        at(3_400_000, Action::Crash(ben)),
        at(3_600_000, Action::Restart(SERVER)),
        at(3_700_000, Action::Restart(ben)),
        at(4_300_000, Action::Crash(SERVER)),
        at(4_700_000, Action::Restart(SERVER)),
        at(5_500_000, Action::Heal),
    ]
}

fn spawn(me: NodeId, setup: &Setup) -> Node {
    if me == SERVER {
        let all = setup.is_on("context");
        return Node::Server(Box::new(Server::new(server::Config {
            context: if all { Context::AllSince } else { Context::LastOnly },
            knows_repeats: setup.is_on("names"),
            waits_for_sync: setup.is_on("log"),
            snapshot_each: u32::from(setup.count("snapshot")),
        })));
    }
    let rules = Rules {
        one_in_flight: setup.is_on("flight"),
        both_sides: setup.is_on("diamond"),
        in_order: setup.is_on("order"),
    };
    Node::Editor(Box::new(Editor::new(
        me,
        editor::Config { rules, ask_us: setup.knob("ask") * 1_000 },
    )))
}

/// Messages of a link keep their order, as on the connection that Jupiter's protocol assumes, so that the naive
/// design breaks by what it does to operations alone. Or they overtake each other: then "revisions in order"
/// does without.
fn environment(setup: &Setup) -> Environment {
    let mut environment = Environment::uniform((20_000, 80_000), (2_000, 8_000));
    environment.network.is_fifo = setup.knob("links") == CONNECTIONS;
    environment
}

/// What a viewer can do to a client's text as it stands.
const EDIT: Input = Input::Edit { label: "", max_chars: 400, default: "hello " };

const SPEC: Spec<Node, History> = Spec {
    names: |setup| {
        let clients = ["Ann", "Ben", "Cyd", "Dan", "Eve"].into_iter();
        let names = ["Server"].into_iter().chain(clients.take(setup.count("clients").into()));
        names.map(str::to_owned).collect()
    },
    spawn,
    environment,
    commands: &[
        Command {
            label: "Write on",
            accepts: |id, _| id != SERVER,
            input: Input::Nothing,
            say: |_, _, _| Msg::Write,
        },
        Command {
            label: "Edit",
            accepts: |id, _| id != SERVER,
            input: EDIT,
            say: |_, _, edit| Msg::Edit(edit.edit()),
        },
    ],
    invariants: &[
        Invariant {
            name: "a client shows what the log says, and what its person typed since",
            check: judge::texts_follow_the_log,
        },
        Invariant { name: "no operation takes effect twice", check: judge::once_each },
        Invariant {
            name: "snapshot and log keep what anybody was shown",
            check: judge::nothing_is_forgotten,
        },
        Invariant {
            name: "1.5 s after the last movement all texts are equal",
            check: judge::equal_once_quiet,
        },
    ],
    goals: &[Goal {
        name: "everything typed is in one text that all show",
        within_us: |_| judge::SETTLE_US,
        reached: judge::everything_is_in,
    }],
    sometimes: &[
        Sometimes {
            name: "an operation is moved over two or more at the server",
            seen: |_, it| it.log.iter().any(|it| it.moves > 1),
        },
        Sometimes {
            name: "the server goes on from a snapshot",
            seen: |_, it| it.recovered.is_some_and(|(all, _, replayed)| replayed < all),
        },
        Sometimes {
            name: "the CRDT makes another text",
            seen: |world, it| {
                editors(world).any(|(id, node)| judge::is_same_beside(node, id, it) == Some(false))
            },
        },
    ],
    alerts: &[Alert {
        name: "a client is more than 8 operations behind the log",
        check: judge::clients_are_close,
    }],
    metrics: &[
        Metric {
            label: "bytes per operation, transformed",
            unit: "tenths",
            read: |_, it| it.per_operation()[0].0.cast_signed(),
        },
        Metric {
            label: "bytes per operation, CRDT",
            unit: "tenths",
            read: |_, it| it.per_operation()[1].0.cast_signed(),
        },
        Metric {
            label: "transformations per operation",
            unit: "tenths",
            read: |_, it| it.per_operation()[0].1.cast_signed(),
        },
        Metric {
            label: "pieces put in place per operation, CRDT",
            unit: "tenths",
            read: |_, it| it.per_operation()[1].1.cast_signed(),
        },
        Metric {
            label: "furthest behind the log",
            unit: "operations",
            read: |world, it| {
                judge::furthest_behind(world, it).map_or(0, |(behind, _)| behind.into())
            },
        },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: |world, it| {
        vec![view::documents(world, it), view::log(world, it), view::beside(world, it)]
    },
};
