//! Every picture with data as a scenario would give it: an ordinary one, one that is far too much,
//! and one of nothing.

use faultline_core::view::{
    BitMark, Bits, Column, Datum, Document, LogMatrix, LogRow, Record, Sector, SectorState,
    Sectors, Table, TextRun, TextState, Tone, Widget,
};

use super::sample_shapes::shapes;
use super::sample_times::times;

/// The moment that all samples show, in true time.
pub(super) const NOW_US: u64 = 4_200_000;

/// One case of [`Widget`] with its samples.
pub(super) struct Sample {
    /// Part of the address and of the names of files: "log-matrix".
    pub(super) key: &'static str,
    /// What it is called.
    pub(super) title: &'static str,
    /// What it is for, in a sentence.
    pub(super) purpose: &'static str,
    /// An ordinary one.
    pub(super) typical: Vec<Widget>,
    /// Far more than anybody would look at.
    pub(super) extreme: Vec<Widget>,
    /// One that holds nothing.
    pub(super) empty: Vec<Widget>,
}

/// Returns all cases, in the order of the page.
pub(super) fn samples() -> Vec<Sample> {
    let mut all = vec![field(), gauge(), cells(), chips(), matrix(), table(), log_matrix()];
    all.extend(times());
    all.extend(shapes());
    all.extend([bits(), sectors(), document(), text()]);
    all
}

/// A name that is longer than anybody should choose.
pub(super) const LONG_NAME: &str =
    "a-name-that-somebody-chose-without-a-thought-for-narrow-panels-eu-central-1b";

/// Numbers that look as if drawn at random and are the same for everybody.
pub(super) fn scattered(count: u64) -> impl Iterator<Item = u64> {
    // A linear congruential generator; its upper bits are the better ones.
    (0..count).scan(42_u64, |state, _| {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        Some(*state >> 33)
    })
}

fn field() -> Sample {
    Sample {
        key: "field",
        title: "Field",
        purpose: "One value by name. A lock says that it survives a crash, a dashed border that it \
                  is not decided; the hue is that of its epoch, whose number stands in front.",
        typical: vec![
            Widget::field("Value", "17"),
            Widget::field("Saved up to", Datum::new("entry 12").durable()),
            Widget::field("Leads in", Datum::new("S2").in_epoch(3)),
            Widget::field("Asked for", Datum::new("S4").in_epoch(4).uncommitted()),
            Widget::field("Behind by", Datum::new("180 ms").toned(Tone::Warn)),
            Widget::field("Lost", Datum::new("2 writes").toned(Tone::Bad)),
        ],
        extreme: vec![
            Widget::field(LONG_NAME, Datum::new(LONG_NAME).in_epoch(1_234_567).durable()),
            Widget::field("Digest", "0123456789abcdef0123456789abcdef0123456789abcdef01234567"),
        ],
        empty: vec![Widget::field("Value", "")],
    }
}

fn gauge() -> Sample {
    let toned =
        |label: &str, value, max, tone| Widget::Gauge { label: label.into(), value, max, tone };
    Sample {
        key: "gauge",
        title: "Gauge",
        purpose: "A part of a whole: how full, how far, how much of a budget.",
        typical: vec![
            Widget::gauge("Inbox", 12, 64),
            toned("Error budget left", 310, 1_000, Tone::Warn),
            toned("Disk", 980, 1_000, Tone::Bad),
            toned("Copied", 40, 40, Tone::Good),
        ],
        extreme: vec![
            toned("Twice what there can be", 2_000_000, 1_000_000, Tone::Bad),
            Widget::gauge(LONG_NAME, u64::MAX - 1, u64::MAX),
        ],
        empty: vec![Widget::gauge("Nothing of nothing", 0, 0)],
    }
}

/// Returns values of an epoch: the first ones durable and committed, then durable, then neither.
fn entries(epochs: &[u64], durable: usize, committed: usize) -> Vec<Datum> {
    let entry = |(place, &epoch): (usize, &u64)| Datum {
        text: format!("{}={}", ["x", "y", "z"][place % 3], place + 1),
        epoch: Some(epoch),
        committed: place < committed,
        durable: place < durable,
        tone: Tone::Neutral,
    };
    epochs.iter().enumerate().map(entry).collect()
}

fn cells() -> Sample {
    let many = scattered(400).map(|number| Datum::from(number % 1_000));
    Sample {
        key: "cells",
        title: "Cells",
        purpose: "Values in order: a queue, a buffer, the last things that happened.",
        typical: vec![
            Widget::cells("Entries", entries(&[1, 1, 2, 3, 3], 4, 3)),
            Widget::cells(
                "Waits to be sent",
                ["a", "b", "c"].map(Datum::from).into_iter().chain([
                    Datum::new("d").toned(Tone::Warn),
                    Datum::new("e").toned(Tone::Bad),
                    Datum::new("f").toned(Tone::Good),
                    Datum::new("g").toned(Tone::Muted),
                ]),
            ),
        ],
        extreme: vec![
            Widget::cells("Four hundred", many),
            Widget::cells("One long one", [Datum::new(LONG_NAME).in_epoch(7)]),
        ],
        empty: vec![Widget::cells("Waits to be sent", [])],
    }
}

fn chips() -> Sample {
    let many = (0..300).map(|place| Datum::new(format!("item {place}")));
    Sample {
        key: "chips",
        title: "Chips",
        purpose: "A set: members, tags, elements. The order says nothing.",
        typical: vec![
            Widget::chips(
                "Members",
                ["S1", "S2", "S3"].map(|name| Datum::new(name).toned(Tone::Good)),
            ),
            Widget::chips(
                "Elements",
                [
                    Datum::new("milk"),
                    Datum::new("bread").durable(),
                    Datum::new("eggs").uncommitted(),
                    Datum::new("tea").toned(Tone::Muted),
                    Datum::new("salt").toned(Tone::Bad),
                ],
            ),
        ],
        extreme: vec![
            Widget::chips("Three hundred", many),
            Widget::chips("One long one", [Datum::new(LONG_NAME)]),
        ],
        empty: vec![Widget::chips("Elements", [])],
    }
}

fn matrix() -> Sample {
    let names = ["S1", "S2", "S3", "S4"];
    let cell = |row: usize, column: usize| {
        let datum = Datum::from((row * 3 + column * 2) as u64);
        match (row == column, column > row + 1) {
            (true, _) => datum.durable().toned(Tone::Good),
            (_, true) => datum.toned(Tone::Warn),
            _ => datum,
        }
    };
    let row = |(place, name): (usize, &str)| {
        (name.to_owned(), (0..4).map(|column| cell(place, column)).collect())
    };
    let wide = |place: u64| {
        let cells = scattered(60).map(|number| Datum::from(number % 90)).collect();
        (format!("node {place}"), cells)
    };
    Sample {
        key: "matrix",
        title: "Matrix",
        purpose: "A grid with headings, such as what each node knows of each other one.",
        typical: vec![Widget::Matrix {
            label: "What each node knows".into(),
            columns: names.map(|name| format!("of {name}")).to_vec(),
            rows: names.into_iter().enumerate().map(row).collect(),
        }],
        extreme: vec![Widget::Matrix {
            label: "Eighty nodes, sixty columns".into(),
            columns: (0..60).map(|column| column.to_string()).collect(),
            rows: (0..80).map(wide).collect(),
        }],
        empty: vec![Widget::Matrix {
            label: "What each node knows".into(),
            columns: Vec::new(),
            rows: Vec::new(),
        }],
    }
}

fn table() -> Sample {
    let columns = || {
        [
            Column::text("job"),
            Column::text("state"),
            Column::number("tries"),
            Column::number("waits"),
        ]
    };
    let mut table = Table::new("Jobs", columns());
    let rows = [
        ("resize-17", Datum::new("done").durable(), 1_u64, "40 ms", Tone::Neutral),
        ("mail-4", Datum::new("runs on W2").in_epoch(2), 2, "1,204 ms", Tone::Warn),
        ("bill-9", Datum::new("lost"), 3, "9,310 ms", Tone::Bad),
        ("index-1", Datum::new("waits"), 0, "7 ms", Tone::Neutral),
        ("old-2", Datum::new("given up"), 5, "—", Tone::Muted),
    ];
    for (name, state, tries, waits, tone) in rows {
        table.rows.push(Record::new([name.into(), state, tries.into(), waits.into()]).toned(tone));
    }
    let mut long = Table::new("Two hundred jobs", columns());
    for (place, number) in scattered(200).enumerate() {
        let name = if place == 0 { LONG_NAME.to_owned() } else { format!("job-{place}") };
        let waits = format!("{} ms", number % 5_000);
        long.rows.push(Record::new([
            name.into(),
            "waits".into(),
            (number % 7).into(),
            waits.into(),
        ]));
    }
    Sample {
        key: "table",
        title: "Table",
        purpose: "Records with typed columns. A press on a heading sorts: up, down, and as it was.",
        typical: vec![Widget::Table(table)],
        extreme: vec![Widget::Table(long)],
        empty: vec![Widget::Table(Table::new("Jobs", columns()))],
    }
}

fn log_matrix() -> Sample {
    let row = |name: &str, epochs: &[u64], durable: usize, committed: usize| {
        LogRow::new(name, 1, entries(epochs, durable, committed))
            .with_pointer("committed", committed as u64)
    };
    let mut torn = row("S5", &[1, 1], 2, 2);
    torn.entries.extend([None, Some(Datum::new("w=4").in_epoch(2).uncommitted())]);
    let mut cut = LogRow::new("S4", 4, entries(&[1, 1, 1, 2, 3, 3], 6, 5).split_off(3));
    cut = cut.kept_from(4).with_pointer("committed", 5).toned(Tone::Muted);
    let rows = vec![
        row("S1", &[1, 1, 1, 2, 3, 3, 3], 6, 5),
        row("S2", &[1, 1, 1, 2, 3, 3], 6, 5).with_pointer("next", 7),
        row("S3", &[1, 1, 1, 4, 4], 5, 3),
        cut,
        torn,
    ];
    let tape = |name: &str, length: usize| {
        let entry = |place: usize| Datum::new(format!("m{place}")).durable();
        LogRow::new(name, 1, (1..=length).map(entry))
    };
    let tapes = vec![
        tape("part 0", 220).with_pointer("high watermark", 218).with_pointer("group A", 201),
        tape("part 1", 180).with_pointer("high watermark", 180).with_pointer("group A", 12),
        LogRow::new(LONG_NAME, 200, entries(&[2; 20], 20, 20)),
    ];
    let label = String::from("Copies of one log");
    Sample {
        key: "log-matrix",
        title: "Logs side by side",
        purpose: "One row a copy, one column an index, with where each reader has got to. Hatched is \
                  no longer kept; a dashed gap is missing.",
        typical: vec![Widget::LogMatrix(LogMatrix { label: label.clone(), rows })],
        extreme: vec![Widget::LogMatrix(LogMatrix { label: "Long tapes".into(), rows: tapes })],
        empty: vec![Widget::LogMatrix(LogMatrix { label, rows: Vec::new() })],
    }
}

fn bits() -> Sample {
    let set = [3, 9, 17, 18, 30, 41, 44, 52, 60];
    let bloom = Bits::bitmap("Filter of 64 bits", (0..64).map(|at| set.contains(&at)))
        .with_mark(9, "first hash of pear", Tone::Neutral)
        .with_mark(41, "second hash of pear", Tone::Neutral)
        .with_mark(50, "third hash of pear", Tone::Bad);
    let registers = scattered(32).map(|number| u32::try_from(number % 9).unwrap_or(0));
    let registers = Bits::registers("Registers", registers, 12);
    let many = Bits::bitmap("Four thousand bits", scattered(4_000).map(|it| it % 3 == 0));
    let marks =
        (0..30).map(|at| BitMark { at: at * 7, text: format!("hash {at}"), tone: Tone::Neutral });
    Sample {
        key: "bits",
        title: "Bits and registers",
        purpose: "A bitmap, a filter, a sketch: filled is one. The places that a key's hashes point \
                  at are ringed and named.",
        typical: vec![Widget::Bits(bloom), Widget::Bits(registers)],
        extreme: vec![Widget::Bits(Bits { marks: marks.collect(), ..many })],
        empty: vec![Widget::Bits(Bits::bitmap("Filter", []))],
    }
}

fn sectors() -> Sample {
    use SectorState::{Cached, Durable, Free, Lost, Rotten, Torn};
    let sector = |(state, text): (SectorState, &str)| {
        Sector::new(state, text).with_bytes(format!("\u{1}\0\0\u{2a}{text}\0\0\0\0").into_bytes())
    };
    let sectors = [
        (Durable, "header"),
        (Durable, "put a=1"),
        (Durable, "put b=2"),
        (Rotten, "put a=3"),
        (Durable, "sync 4"),
        (Cached, "put c=9"),
        (Torn, "put a=5"),
        (Lost, "put d=6"),
        (Free, ""),
        (Free, ""),
    ];
    let states = [Durable, Durable, Durable, Cached, Torn, Durable, Rotten, Free];
    let many = scattered(600).map(|it| states[usize::try_from(it % 8).unwrap_or(0)]);
    let make = |label: &str, sectors: Vec<Sector>| {
        Widget::Sectors(Sectors { label: label.into(), sector_bytes: 512, sectors })
    };
    Sample {
        key: "sectors",
        title: "Sectors",
        purpose: "A file or disk, sector by sector: durable, not synced, torn, rotten, lost. A press \
                  on one shows its bytes.",
        typical: vec![make("wal-000001", sectors.into_iter().map(sector).collect())],
        extreme: vec![make("Six hundred", many.map(|state| Sector::new(state, "")).collect())],
        empty: vec![make("wal-000001", Vec::new())],
    }
}

fn document() -> Sample {
    let by = TextRun::by;
    let document = Document::new(
        "Ann's copy",
        [
            by("A", TextState::Kept, "Buy milk, "),
            by("B", TextState::Deleted, "eggs, "),
            TextRun { is_bold: true, ..by("B", TextState::Inserted, "two lemons") },
            by("A", TextState::Kept, " and bread for "),
            TextRun { is_italic: true, ..by("C", TextState::Kept, "Friday") },
            by("A", TextState::Kept, "."),
        ],
    )
    .with_caret("Ann", 10)
    .with_caret("Ben", 26);
    let long = (0..900).map(|place| match place % 7 {
        0 => by("A", TextState::Inserted, "new "),
        3 => by("B", TextState::Deleted, "gone "),
        _ => TextRun::new("word "),
    });
    Sample {
        key: "document",
        title: "Document",
        purpose: "A text of several hands: who wrote what, what is new, what is deleted and kept as a \
                  tombstone, and where everybody is.",
        typical: vec![Widget::Document(document)],
        extreme: vec![Widget::Document(Document::new("Nine hundred pieces", long))],
        empty: vec![Widget::Document(Document::new("Ann's copy", []))],
    }
}

fn text() -> Sample {
    Sample {
        key: "text",
        title: "Text",
        purpose: "A sentence or two where no picture says it better.",
        typical: vec![Widget::Text(
            "Nobody leads: the store refuses writes until somebody takes it.".into(),
        )],
        extreme: vec![Widget::Text(format!("{LONG_NAME} {}", "and so on ".repeat(60)))],
        empty: vec![Widget::Text("—".into())],
    }
}
