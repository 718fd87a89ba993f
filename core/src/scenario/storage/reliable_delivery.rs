//! A message that takes effect once: two logs, a bad network, and one record.
//!
//! Apps hand messages to a Sender, which keeps each in a log before it says “taken”, and delivers it until
//! the Receiver says DELIVERED. The Receiver adds an amount to an account and marks the message, so that it
//! knows it again. Messages are lost and doubled, nodes crash, and yet each effect is to come once. The
//! naive Receiver marks after it has processed, as two writes: a crash in between makes a message look new.
//!
//! Saltzer, Reed & Clark 1984, “End-to-End Arguments in System Design”, under “Delivery guarantees” and
//! “Duplicate message suppression”; Bernstein, Hsu & Mann 1990, “Implementing Recoverable Requests Using
//! Queues”; Helland 2012, “Idempotence Is Not a Medical Condition”.
//!
//! Left out: an order of messages, a log that is cut where all is delivered (another row compacts), and
//! effects outside the Receiver's disk, such as mail that is printed: they can come at most once or at least
//! once, and no record helps.

mod app;
mod book;
#[cfg(test)]
mod crashes;
mod index;
mod judge;
mod lesson;
mod message;
mod node;
mod on_disk;
mod outbox;
mod receiver;
mod sender;
mod settings;
#[cfg(test)]
mod tests;
mod view;

use app::App;
use book::BOOK;
use index::INDEX;
use judge::History;
use message::{FIRST_APP, Msg, RECEIVER, SENDER};
use node::Node;
use outbox::OUTBOX;
use receiver::Receiver;
use sender::Sender;
use settings::Settings;

use crate::mechanism::wal;
use crate::scenario::{
    Diagram, DiskFaultKind, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup,
    Switch, at,
};
use crate::sim::files::SECTOR_BYTES;
use crate::sim::{
    Action, Alert, Command, DiskFault, Environment, Goal, Input, Invariant, Metric, NodeId,
    Observed, Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

/// How much of a log may be struck, and how much of the index: what the first hundred messages take.
const LOG_BYTES: u64 = 4_096;
const INDEX_BYTES: u64 = 4_096;

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "reliable-delivery",
    seeds: &["15.1"],
    revision: 3,
    title: "A message that takes effect once",
    family: Family::Storage,
    difficulty: 2,
    prerequisites: &["wal-lsm"],
    question: "How does each message take effect once, with nothing but disks and a bad network?",
    promise: "What an app was told is taken takes effect, and takes effect once.",
    constraint: "Messages get lost and come twice; both nodes lose power at any moment; a disk does one \
                 write after the other.",
    guarantee: "Taken means durable; what is taken takes effect in the end, and each message at most once. \
                In which order is not said.",
    naive: "“Taken” before the disk has it. The Receiver processes, and then marks DELIVERED: two writes. The \
            index is believed, a message has no name of its own, and nothing has a sum.",
    hardened: "“Taken”, and sent on, after the batch's sync. Effect and mark in one record, under the app's \
               own number. The index is made good from the log. What lacks its sum is refused.",
    breaks: "The Receiver crashes between effect and mark: it takes the message for new when it comes again.",
    survives: Faults {
        victims: |_| vec![SENDER, RECEIVER],
        down_at_once: |_| 2,
        disk: &[
            DiskFaultKind::FailSyncs,
            DiskFaultKind::Slow,
            DiskFaultKind::BitRot { file: OUTBOX, within_bytes: LOG_BYTES },
            DiskFaultKind::ReadError { file: OUTBOX, within_bytes: LOG_BYTES },
            DiskFaultKind::Misdirect { file: OUTBOX, within_bytes: LOG_BYTES },
            DiskFaultKind::BitRot { file: BOOK, within_bytes: LOG_BYTES },
            DiskFaultKind::ReadError { file: BOOK, within_bytes: LOG_BYTES },
            DiskFaultKind::Misdirect { file: BOOK, within_bytes: LOG_BYTES },
            DiskFaultKind::BitRot { file: INDEX, within_bytes: INDEX_BYTES },
            DiskFaultKind::ReadError { file: INDEX, within_bytes: INDEX_BYTES },
            DiskFaultKind::Misdirect { file: INDEX, within_bytes: INDEX_BYTES },
        ],
        claim: "Crashes of Sender and Receiver at any moment, both at once too, with any part of what was not \
                synced left; syncs that fail or are slow; pauses, cuts, loss and duplication; any damage to \
                the index. Damage to a log is found, and may be refused. Sectors that tear and syncs that \
                lie are outside the claim.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Say “taken” when one sync has ended, usually within 50 ms.",
        "Let what is taken take effect within 2.5 s once both nodes run and can talk, and syncs \
         take their usual time.",
        "Recognise a message however often and however late it comes.",
        "Out of scope: an order of messages, several receivers, effects outside the disk.",
    ],
    faced: &[
        ("replay", "Faced: after a crash all that is not known to be delivered is sent again."),
        ("late data", "Faced: a late copy is known by its number, whenever it comes."),
        ("partial writes", "Faced: a record lies within one sector, so it is there or it is not."),
        ("partitions", "Faced: messages wait in the Sender's log until the Receiver answers."),
        ("retries", "Faced: apps and Sender ask again; the app's number makes it one message."),
        ("clocks", "Faced: no clock is read but to wait."),
        ("lossy networks", "Faced: what is not answered is sent again, lost answers too."),
        ("dying machines", "Faced while the disks survive."),
    ],
    saturates_first: "The Receiver's syncs: one is under way at a time, and what came since shares the next. \
                      Beyond that the Sender's room for what is not delivered: then it takes nothing more.",
    pitfalls: &[
        "Marking first and processing then: a crash in between loses the message.",
        "Numbering by the one who sends: a message that is handed over twice is two.",
        "Believing an index that is written later than the log: what it lacks is passed over.",
        "Sending what is not synced: after a crash another message has its number.",
        "Remembering numbers for a while only: a copy may come later than that.",
    ],
    primitives: &[
        Primitive::WriteAheadLog,
        Primitive::DedupLog,
        Primitive::AppendOnlyLog,
        Primitive::SequenceNumbers,
        Primitive::Replay,
    ],
    sources: &[
        "Saltzer, Reed & Clark 1984, “End-to-End Arguments in System Design”, ACM TOCS 2(4), “Duplicate message \
         suppression”",
        "Bernstein, Hsu & Mann 1990, “Implementing Recoverable Requests Using Queues”, SIGMOD",
        "Helland 2012, “Idempotence Is Not a Medical Condition”, ACM Queue 10(4)",
        "Kreps, Narkhede & Rao 2011, “Kafka: a Distributed Messaging System for Log Processing”, section 3.1",
    ],
    fidelity: Fidelity {
        modelled: &[
            "every byte: logs and index lie in sectors of 512 bytes, with CRC-32C",
            "what a crash leaves of unsynced sectors and lengths, each on its own",
            "each message lost, doubled or late on its own, answers too",
        ],
        simplified: &[
            "a retry comes after a fixed time: with one sender nobody else waits for the line",
        ],
        omitted: &["compaction of the logs: it changes how much is read, not what is promised"],
    },
    diagram: Diagram {
        boxes: &[
            ("Apps", Role::Client, 0),
            ("Sender", Role::Queue, 1),
            ("Log and index", Role::Storage, 1),
            ("Receiver", Role::Storage, 2),
            ("Log of effects and marks", Role::Storage, 3),
        ],
        arrows: &[
            (0, 1, "message"),
            (1, 0, "taken"),
            (1, 2, "record, sync"),
            (1, 3, "deliver, again and again"),
            (3, 1, "DELIVERED"),
            (3, 4, "effect and mark, sync"),
        ],
    },
    knobs: &[
        Knob::count("apps", "Apps", 3, 1..=6),
        Knob::count("window", "Messages under way", 16, 8..=64),
    ],
    switches: &[
        Switch {
            key: "record",
            label: "Effect and mark in one record",
            help: "A crash leaves both or neither. Off: the effect is synced first, then marked.",
        },
        Switch {
            key: "sync",
            label: "Promise only what is synced",
            help: "The Sender says “taken”, and sends on, when the message's sync has ended.",
        },
        Switch {
            key: "names",
            label: "The app names its message",
            help: "A message is known by its app's number. Off: by its place in the Sender's log, so that \
                   one which is handed over twice is two.",
        },
        Switch {
            key: "index",
            label: "The log makes the index good",
            help: "After a crash all that the log holds counts. Off: all that the index names.",
        },
        Switch {
            key: "sums",
            label: "Believe only what has its sum",
            help: "Records and index carry a CRC-32C; a damaged log is refused.",
        },
    ],
    scripts: &[
        Script {
            label: "The Receiver crashes",
            help: "Three crashes of the Receiver, then its answers get lost for a while, then the Sender \
                   crashes.",
            settings: &[],
            actions: receiver_crashes,
        },
        Script {
            label: "And then: an app is not answered",
            help: "What the Sender says to A1 gets lost for half a second, and A1 asks again and again.",
            settings: &[],
            actions: not_answered,
        },
        Script {
            label: "And then: the power goes everywhere",
            help: "Both nodes crash together eight times, a few moments after they came up, and then syncs fail.",
            settings: &[],
            actions: everywhere,
        },
        Script {
            label: "And then: bits rot",
            help: "In the index, which is made good from the log; and in the Receiver's log, which is refused.",
            settings: &[],
            actions: bits_rot,
        },
    ],
    horizon_us: 4_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Layers,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: Some(&on_disk::ON_DISK),
};

fn crash(node: NodeId, down_us: u64, up_us: u64) -> [TimedAction; 2] {
    [at(down_us, Action::Crash(node)), at(up_us, Action::Restart(node))]
}

fn receiver_crashes(_: &Setup) -> Vec<TimedAction> {
    let mut actions = Vec::new();
    // What a crash finds between effect and mark is a matter of luck: of three, one hurts in all likelihood.
    for down_us in [600_000, 690_000, 780_000] {
        actions.extend(crash(RECEIVER, down_us, down_us + 10_000));
    }
    actions.push(at(1_300_000, Action::Cut { from: RECEIVER, to: SENDER }));
    actions.push(at(1_550_000, Action::Mend { from: RECEIVER, to: SENDER }));
    actions.extend(crash(SENDER, 2_180_000, 2_230_000));
    actions
}

fn not_answered(_: &Setup) -> Vec<TimedAction> {
    let link =
        |at_us, action: fn(NodeId, NodeId) -> Action| at(at_us, action(SENDER, NodeId(FIRST_APP)));
    vec![
        link(3_000_000, |from, to| Action::Cut { from, to }),
        link(3_500_000, |from, to| Action::Mend { from, to }),
    ]
}

fn everywhere(_: &Setup) -> Vec<TimedAction> {
    let both = |down_us| [SENDER, RECEIVER].map(|node| crash(node, down_us, down_us + 20_000));
    let mut actions: Vec<_> =
        (0..8).flat_map(|n| both(2_900_000 + 110_000 * n)).flatten().collect();
    actions.sort_by_key(|it| it.at_us);
    let fails = |node| Action::Disk { node, fault: DiskFault::FailSyncs { count: 1 } };
    actions.extend([SENDER, RECEIVER].map(|node| at(4_000_000, fails(node))));
    actions
}

fn bits_rot(_: &Setup) -> Vec<TimedAction> {
    let rot = |at_us, node, file: &str, offset| {
        let fault = DiskFault::BitRot { file: file.to_owned(), offset, bit: 2 };
        at(at_us, Action::Disk { node, fault })
    };
    let mut actions = vec![rot(2_900_000, SENDER, INDEX, 12)];
    actions.extend(crash(SENDER, 2_950_000, 3_000_000));
    actions.push(rot(3_300_000, RECEIVER, BOOK, AMOUNT_AT));
    actions.extend(crash(RECEIVER, 3_350_000, 3_400_000));
    actions
}

/// The amount in the first record of the Receiver's log, behind the header's sector, length and sum, two
/// numbers, the record's kind, app, number and account.
const AMOUNT_AT: u64 = SECTOR_BYTES as u64 + 8 + 2 + 4;

fn settings(setup: &Setup) -> Settings {
    let is_summed = setup.is_on("sums");
    Settings {
        waits_for_sync: setup.is_on("sync"),
        is_one_record: setup.is_on("record"),
        is_named_by_app: setup.is_on("names"),
        checks_index: setup.is_on("index"),
        log: wal::Settings { is_summed, refuses_damage: is_summed, sectors_tear: false },
    }
}

const SPEC: Spec<Node, History> = Spec {
    names: |setup| {
        let apps = (1..=setup.count("apps")).map(|number| format!("A{number}"));
        ["Sender".into(), "Receiver".into()].into_iter().chain(apps).collect()
    },
    spawn: |me, setup| match me {
        SENDER => {
            let window = u64::from(setup.count("window"));
            Node::Sender(Box::new(Sender::new(settings(setup), window)))
        }
        RECEIVER => Node::Receiver(Box::new(Receiver::new(settings(setup)))),
        _ => Node::App(Box::<App>::default()),
    },
    environment: |_| Environment::uniform((1_000, 6_000), (10_000, 24_000)),
    commands: &[Command {
        label: "Hand a message over",
        accepts: |id, _| id.0 >= FIRST_APP,
        input: Input::Nothing,
        say: |_, _, _| Msg::HandOverNow,
    }],
    invariants: &[
        Invariant { name: "nothing that was taken is lost", check: judge::nothing_is_lost },
        Invariant { name: "each message takes effect once", check: judge::effects_come_once },
        Invariant {
            name: "nothing takes effect that nobody handed over",
            check: judge::nothing_foreign_takes_effect,
        },
    ],
    goals: &[Goal {
        name: "what was taken takes effect",
        // A sync may have begun while the disk was slow, and takes as long as it was to take then.
        within_us: |_| 2_500_000,
        reached: judge::delivers,
    }],
    sometimes: &[
        Sometimes { name: "the Sender sends again", seen: |_, it| it.sent_again > 0 },
        Sometimes { name: "the Receiver knows a message again", seen: |_, it| it.known.is_some() },
        Sometimes { name: "an app asks again", seen: |_, it| it.asked_again },
        Sometimes { name: "a sync fails", seen: |_, it| it.doubted },
        Sometimes { name: "the index lacks messages", seen: |_, it| it.unlisted > 0 },
    ],
    alerts: &[
        Alert { name: "accounts and messages disagree", check: judge::the_accounts_are_right },
        Alert { name: "a message is on its way for long", check: judge::nothing_waits_long },
    ],
    metrics: &[
        Metric { label: "taken", unit: "messages", read: |_, it| it.taken.cast_signed() },
        Metric {
            label: "taken, without effect yet",
            unit: "messages",
            read: |_, it| i64::try_from(it.owed().len()).unwrap_or(i64::MAX),
        },
        Metric {
            label: "effects beside the first",
            unit: "effects",
            read: |_, it| it.repeated.cast_signed(),
        },
        Metric { label: "sent again", unit: "times", read: |_, it| it.sent_again.cast_signed() },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: view::panels,
};
