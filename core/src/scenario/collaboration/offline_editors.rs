//! Text that several people write while they cannot reach each other, without a lock and without a server.
//!
//! A list that is saved as a whole belongs to whoever saves last, and “after the fifth letter” means
//! something else as soon as somebody types in front of it. Here every letter has a name for ever, and an edit
//! says beside which letter it was typed: then edits need no order, and copies with the same edits are equal.
//! What is left to choose is in which order things typed at one place stand: a tree whose branches are what
//! one person typed in a row keeps them together.
//!
//! Weidner & Kleppmann 2023, "The Art of the Fugue", algorithm 1; Roh et al. 2011 (RGA); marks are registers in
//! which the last writer wins (Shapiro et al. 2011, specification 8): all in [`crate::mechanism::crdt`]. Copies
//! sync by version vectors (Parker et al. 1983), each asking one other after another. The switches act in
//! [`node`].
//!
//! Left out: marks that grow with the text (Litt et al. 2022, Peritext): here each letter has its own; dropping
//! tombstones, which needs to know that everybody has heard of them; a server, which would only be one more
//! editor without a person; operational transformation, which needs that server.

mod copy;
mod judge;
mod lesson;
mod message;
mod node;
mod view;

use judge::History;
use message::{End, Msg};
use node::{Config, Editing, Editor};

use crate::mechanism::crdt::sequence::Algorithm;
use crate::scenario::{
    Diagram, Family, Faults, Fidelity, Knob, Primitive, Scenario, Script, Setup, Switch, at,
};
use crate::sim::{
    Action, Alert, Command, Environment, Goal, Input, Invariant, Metric, NodeId, Observed,
    Sometimes, Spec, TimedAction,
};
use crate::view::{Layout, Role};

/// The lesson.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "offline-editors",
    seeds: &["12.6"],
    revision: 2,
    title: "Writing together, offline",
    family: Family::Collaboration,
    difficulty: 2,
    prerequisites: &["g-counter"],
    question: "How can people edit one text for hours without reaching each other, and lose nothing?",
    promise: "Whoever has the same edits has the same text, and nobody's letters are lost.",
    constraint: "Editors are offline for as long as they like, restart, and hear of edits twice, late and in \
                 any order. Nobody may wait for a lock.",
    guarantee: "Strong eventual: copies with the same edits are equal at once; 2 s after the last fault and \
                edit all have them.",
    naive: "The text is saved as a whole and passed on; of two texts the one saved last stays. Nothing is on \
            disk.",
    hardened: "Letters have names, and hang in Fugue's tree beside the letter at which they were typed. Edits \
               go to a log on disk first; editors ask each other for what their version vectors lack. Of two \
               marks the later stays.",
    breaks: "Two people type before they hear of each other: the last save replaces the other one.",
    survives: Faults {
        victims: |setup| editors(setup).collect(),
        down_at_once: |setup| setup.count("editors"),
        loss_percent: 50,
        duplicate_percent: 50,
        claim: "Crashes with restart, of all editors at once too; pauses, cuts that stay or come and go, held \
                links, loss, duplication and reordering. Safety needs no timing and reads no clock. Equality \
                2 s after the last fault and edit assumes latencies up to 40 ms and clock rates within 5 %.",
        ..Faults::ASYNCHRONOUS
    },
    requirements: &[
        "Type, strike out and mark at any editor at once, also at one that reaches nobody.",
        "Count an edit as saved after one sync of the editor's own disk, whatever the network does.",
        "Keep together what one person types in a row at one place.",
        "Out of scope: who may write what, undo, and texts in which meaning spans several letters.",
    ],
    faced: &[
        ("replay", "Faced: an edit that comes again is known by its name and changes nothing."),
        ("late data", "Faced: an edit that comes before what it needs waits for it."),
        ("partial writes", "Excluded: the log with the list is one record, replaced atomically."),
        ("partitions", "Faced: every side writes on; the sides merge after the cut."),
        ("retries", "Faced: editors ask again for ever; nothing needs an answer."),
        ("clocks", "Faced: order is by name and Lamport clock; no wall clock is read."),
        ("lossy networks", "Faced: what one answer loses, the next one carries."),
        ("dying machines", "Faced while disks survive: an edit is on disk before it is told."),
    ],
    saturates_first: "Memory: names and tombstones stay for ever, many bytes a letter.",
    pitfalls: &[
        "Dropping tombstones by age: whoever was offline for longer types beside nothing.",
        "Telling an edit before it is on disk: after a crash its name is given to another letter.",
        "Numbers between two neighbours as names: what two people type at one place is mixed letter by letter.",
        "Trusting the merge: every letter is there, but two half-sentences may have become one.",
        "Ordering marks by wall clock: a clock that is ahead wins for as long as it is.",
    ],
    primitives: &[
        Primitive::VersionVectors,
        Primitive::ConflictResolution,
        Primitive::WriteAheadLog,
        Primitive::SequenceNumbers,
    ],
    sources: &[
        "Weidner & Kleppmann 2023, “The Art of the Fugue: Minimizing Interleaving in Collaborative Text Editing”",
        "Roh, Jeon, Kim & Lee 2011, “Replicated abstract data types”",
        "Shapiro, Preguiça, Baquero & Zawirski 2011, INRIA RR-7506, specification 8",
        "Kleppmann, Wiggins, van Hardenberg & McGranaghan 2019, “Local-first software”",
    ],
    fidelity: Fidelity {
        modelled: &[
            "RGA and Fugue on runs of letters",
            "sync by version vectors",
            "log synced to disk",
        ],
        simplified: &["hours offline are seconds", "the log is written as one record"],
        omitted: &["marks that grow with the text", "dropping tombstones"],
    },
    diagram: Diagram {
        boxes: &[
            ("Person", Role::Client, 0),
            ("Editor", Role::Peer, 1),
            ("Log", Role::Storage, 2),
            ("Other editors", Role::Peer, 2),
        ],
        arrows: &[
            (0, 1, "types"),
            (1, 2, "edit, sync"),
            (1, 3, "what is new beyond …?"),
            (3, 1, "edits, marks"),
        ],
    },
    knobs: &[
        Knob::count("editors", "Editors", 3, 2..=5),
        Knob::milliseconds("sync", "Ask the next editor every", 150, 50..=300),
    ],
    switches: &[
        Switch {
            key: "edits",
            label: "Tell edits, not texts",
            help: "Editors tell each other what was done, instead of the whole text as last saved.",
        },
        Switch {
            key: "names",
            label: "Letters have names",
            help: "An edit says beside which letter it was made, instead of how many letters stand before.",
        },
        Switch {
            key: "fugue",
            label: "Fugue's tree",
            help: "A letter may hang left of its neighbour too, so that what is typed backwards stays together; \
                   without it RGA, in which letters hang only to the right of one.",
        },
        Switch {
            key: "log",
            label: "Log on disk first",
            help: "An edit counts as saved, and is told to others, only when it is synced to the editor's disk.",
        },
        Switch {
            key: "vectors",
            label: "Sync by version vector",
            help: "An editor asks others for ever for what its copy lacks, instead of telling each edit once.",
        },
        Switch {
            key: "stamps",
            label: "Stamped marks",
            help: "Of two marks on a letter the later stays by Lamport clock, which counts on from all that was heard of, \
                   instead of the one heard last.",
        },
    ],
    scripts: &[
        Script {
            label: "Offline, doubled, crash",
            help: "Ann is offline while the others write on, messages come twice, and Ben's editor restarts.",
            settings: &[],
            actions: offline_doubled_crash,
        },
        Script {
            label: "And then: all apart",
            help: "Nobody reaches anybody, and everybody restarts and types on. Watch what comes of it when they \
                   meet.",
            settings: &[],
            actions: all_apart,
        },
    ],
    horizon_us: 8_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Ring,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

fn editors(setup: &Setup) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
    NodeId::first(setup.count("editors"))
}

fn offline_doubled_crash(_: &Setup) -> Vec<TimedAction> {
    let (ann, ben) = (NodeId(0), NodeId(1));
    vec![
        at(500_000, Action::Duplicate { percent: 30 }),
        at(700_000, Action::Partition(vec![ann])),
        at(1_500_000, Action::Crash(ben)),
        at(1_800_000, Action::Restart(ben)),
        at(2_800_000, Action::Heal),
    ]
}

fn all_apart(setup: &Setup) -> Vec<TimedAction> {
    let pairs = editors(setup)
        .flat_map(|from| editors(setup).filter(move |&to| to != from).map(move |to| (from, to)));
    let cuts = pairs.map(|(from, to)| at(3_000_000, Action::Cut { from, to }));
    let crashes = editors(setup).map(|id| at(3_200_000, Action::Crash(id)));
    let restarts = editors(setup).map(|id| at(3_500_000, Action::Restart(id)));
    cuts.chain(crashes).chain(restarts).chain([at(6_500_000, Action::Heal)]).collect()
}

fn config(setup: &Setup) -> Config {
    let algorithm = if setup.is_on("fugue") { Algorithm::Fugue } else { Algorithm::Rga };
    Config {
        editing: match (setup.is_on("edits"), setup.is_on("names")) {
            (false, _) => Editing::Whole,
            (true, false) => Editing::Places,
            (true, true) => Editing::Letters(algorithm),
        },
        is_durable: setup.is_on("log"),
        asks: setup.is_on("vectors"),
        has_stamps: setup.is_on("stamps"),
        round_us: setup.knob("sync") * 1_000,
    }
}

/// What a viewer can type: one item.
const ITEM: Input = Input::Text { label: "item", max_chars: 6, default: "bread" };
/// Which item, from the top.
const NUMBER: Input = Input::Number { label: "item", unit: "", min: 1, max: 9, default: 1 };
/// What a viewer can do to the text as it stands.
const EDIT: Input = Input::Edit { label: "", max_chars: 2_000, default: "bread " };

fn number(given: i64) -> u32 {
    u32::try_from(given).unwrap_or(0)
}

const SPEC: Spec<Editor, History> = Spec {
    names: |setup| {
        let names = ["Ann", "Ben", "Cyd", "Dan", "Eve"].into_iter();
        names.take(setup.count("editors").into()).map(str::to_owned).collect()
    },
    spawn: |me, setup| Editor::new(me, config(setup)),
    environment: |_| Environment::uniform((5_000, 40_000), (2_000, 8_000)),
    commands: &[
        Command {
            label: "Type at the top",
            accepts: |_, _| true,
            input: ITEM,
            say: |_, _, item| Msg::Type(End::Top, item.text().into()),
        },
        Command {
            label: "Type at the end",
            accepts: |_, _| true,
            input: ITEM,
            say: |_, _, item| Msg::Type(End::Bottom, item.text().into()),
        },
        Command {
            label: "Strike out",
            accepts: |_, _| true,
            input: NUMBER,
            say: |_, _, which| Msg::Strike(number(which.number())),
        },
        Command {
            label: "Bold or plain",
            accepts: |_, _| true,
            input: NUMBER,
            say: |_, _, which| Msg::Embolden(number(which.number())),
        },
        Command {
            label: "Edit",
            accepts: |_, _| true,
            input: EDIT,
            say: |_, _, edit| Msg::Edit(edit.edit()),
        },
    ],
    invariants: &[
        Invariant { name: "the same edits make the same text", check: judge::same_edits_same_text },
        Invariant { name: "nothing saved vanishes", check: judge::nothing_vanishes },
        Invariant { name: "what one types in a row stays together", check: judge::rows_stay_whole },
        Invariant { name: "no mark gives way to an older one", check: judge::no_mark_goes_back },
        Invariant {
            name: "after 2 s of quiet, all lists are equal",
            check: judge::equal_once_quiet,
        },
    ],
    goals: &[Goal {
        name: "all lists are equal, with items on them",
        within_us: |_| judge::SETTLE_US,
        reached: |world, history| !history.typed.is_empty() && judge::agree(world, history),
    }],
    sometimes: &[
        Sometimes {
            name: "two copies each have edits that the other lacks",
            seen: judge::are_apart,
        },
        Sometimes { name: "an editor finds edits in its log", seen: |_, it| it.came_back },
    ],
    alerts: &[Alert {
        name: "a copy lacks more than 25 saved edits",
        check: judge::copies_are_close,
    }],
    metrics: &[
        Metric {
            label: "worst copy lacks",
            unit: "edits",
            read: |world, it| {
                judge::worst_copy(world, it).map_or(0, |(lack, _)| lack.cast_signed())
            },
        },
        Metric {
            label: "items typed",
            unit: "items",
            read: |_, it| i64::try_from(it.typed.len()).unwrap_or(i64::MAX),
        },
        Metric {
            label: "bytes sent per item",
            unit: "bytes",
            read: |world, it| (world.costs().bytes / it.typed.len().max(1) as u64).cast_signed(),
        },
    ],
    lesson: lesson::LESSON,
    puzzles: lesson::PUZZLES,
    panels: |world, history| vec![view::documents(world), view::versions(world, history)],
};
