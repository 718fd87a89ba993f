//! One test a case: what a picture shows, its words say.

use faultline_core::view::{
    Area, Branch, Bucket, Column, Curve, Graph, Histogram, LogRow, Map, Plane, PlaneMark, Position,
    Quantity, Record, Ring, RingArc, Sector, SectorState, Series, Span, Tone, Tree, Window,
    WindowEvent, WindowRow, Windows,
};

use super::*;

fn said(widget: &Widget) -> String {
    widget_in_words(widget).join("\n")
}

#[test]
fn a_field_and_a_gauge() {
    let value = Datum::new("x=1").in_epoch(3).durable().uncommitted();
    let field = Widget::field("Last", value);
    assert_eq!(said(&field), "Last: epoch 3 x=1, durable, not committed");
    let gauge = Widget::Gauge { label: "Disk".into(), value: 9_800, max: 10_000, tone: Tone::Bad };
    assert_eq!(said(&gauge), "Disk: 9,800 of 10,000, wrong");
}

#[test]
fn cells_chips_and_prose() {
    let cells = Widget::cells("Queue", ["a".into(), Datum::new("b").toned(Tone::Warn)]);
    assert_eq!(said(&cells), "Queue: 1: a; 2: b, worth a look");
    assert_eq!(said(&Widget::cells("Queue", [])), "Queue: empty");
    let chips = Widget::chips("Set", ["milk".into(), Datum::new("eggs").uncommitted()]);
    assert_eq!(said(&chips), "Set: 2 values: milk; eggs, not committed");
    assert_eq!(said(&Widget::Text("Nobody leads.".into())), "Nobody leads.");
}

#[test]
fn many_cells_are_counted() {
    let cells = Widget::cells("Queue", (0..100_u64).map(Datum::from));
    assert!(said(&cells).starts_with("Queue: 68 before; 69: 68; 70: 69"));
}

#[test]
fn a_matrix_and_a_table() {
    let matrix = Widget::Matrix {
        label: "Known".into(),
        columns: vec!["of A".into(), "of B".into()],
        rows: vec![("A".into(), vec!["3".into(), Datum::new("1").toned(Tone::Warn)])],
    };
    assert_eq!(said(&matrix), "Known\nA: of A 3; of B 1, worth a look");
    let mut table = Table::new("Jobs", [Column::text("job"), Column::number("tries")]);
    assert_eq!(said(&Widget::Table(table.clone())), "Jobs: empty");
    table.rows.push(Record::new(["mail".into(), "2".into()]).toned(Tone::Bad));
    assert_eq!(said(&Widget::Table(table)), "Jobs\njob mail; tries 2 (wrong)");
}

#[test]
fn copies_of_a_log() {
    let first = Datum::new("x=1").in_epoch(2).durable();
    let mut row = LogRow::new("S1", 3, [first]).kept_from(3);
    row.entries.extend([None, Some(Datum::new("y=2").in_epoch(2).uncommitted())]);
    let rows = vec![row.with_pointer("committed", 3)];
    let logs = LogMatrix { label: "Logs".into(), rows };
    let expected = "Logs\nS1: entries up to 2 no longer kept; 3: epoch 2 x=1, durable; \
                    4: missing; 5: epoch 2 y=2, not committed; committed 3";
    assert_eq!(said(&Widget::LogMatrix(logs)), expected);
    let rows = vec![LogRow::new("S2", 91, ["a".into()])];
    let logs = LogMatrix { label: "Logs".into(), rows };
    assert_eq!(said(&Widget::LogMatrix(logs)), "Logs\nS2: 90 more before these; 91: a");
}

#[test]
fn lanes_series_and_windows() {
    let span = |from_us, to_us, text: &str| Span {
        from_us,
        to_us,
        text: text.into(),
        epoch: Some(2),
        tone: Tone::Neutral,
    };
    let spans = vec![span(0, Some(1_000_000), "leads"), span(1_000_000, None, "follows")];
    let lanes = Widget::Lanes { label: "Roles".into(), rows: vec![("S1".into(), spans)] };
    let expected = "Roles\nS1: leads, epoch 2, 0.000 s to 1.000 s; \
                    follows, epoch 2, 1.000 s until now";
    assert_eq!(said(&lanes), expected);

    let series = Series {
        decimals: 1,
        limit: Some(("limit".into(), 900)),
        tone: Tone::Warn,
        ..Series::new("Hits", "%", [(0, 990), (1_000_000, 125)])
    };
    let expected = "Hits: 12.5 % at 1.000 s, worth a look\n\
                    from 99.0 % at 0.000 s, between 12.5 % and 99.0 %\nlimit 90.0 %";
    assert_eq!(said(&Widget::Series(series)), expected);

    let row = WindowRow {
        name: "key a".into(),
        windows: vec![Window {
            from_us: 0,
            to_us: 1_000_000,
            result: Datum::new("14").uncommitted(),
        }],
        events: vec![WindowEvent { at_us: 500_000, text: String::new(), tone: Tone::Bad }],
        watermark_us: None,
    };
    let windows = Windows { label: "Sales".into(), rows: vec![row], watermark_us: Some(700_000) };
    let expected = "Sales, watermark 0.700 s\n\
                    key a: 0.000 s to 1.000 s: 14, not final; 1 event; 1 dropped event";
    assert_eq!(said(&Widget::Windows(windows)), expected);
}

#[test]
fn a_histogram() {
    let bucket = |from, count| Bucket { from, to: from + 10, count };
    let histogram = Histogram {
        label: "Latency".into(),
        unit: "ms".into(),
        buckets: vec![bucket(0, 3), bucket(10, 7), bucket(20, 0)],
        marks: vec![("p99".into(), 19)],
    };
    let expected = "Latency: 10 values, most in 10 to 20 ms (7), p99 19 ms\n\
                    0 to 10 ms: 3\n10 to 20 ms: 7";
    assert_eq!(said(&Widget::Histogram(histogram)), expected);
}

#[test]
fn a_ring() {
    let mut ring = Ring::new("Ring", 8)
        .with_owner("A", [64, 192])
        .with_owner(Datum::new("B").toned(Tone::Bad), [128])
        .with_key(100, "pear");
    let text = "moves to A".into();
    ring.arcs.push(RingArc { from: 64, to: 128, text, tone: Tone::Neutral });
    let expected = "Ring\nA: 75.0 % in 2 parts\nB, wrong: 25.0 % in 1 part\n\
                    pear at 100 belongs to B\nafter 64 up to 128: moves to A";
    assert_eq!(said(&Widget::Ring(ring)), expected);
}

#[test]
fn a_tree() {
    let root = Branch::of(["17".into(), "42".into()])
        .with([Branch::new("3").by("< 17").marked("differs"), Branch::new("20")]);
    let tree = Tree { label: "Pages".into(), roots: vec![root] };
    let expected = "Pages\nlevel 1: 17 | 42\nlevel 2: < 17 → 3, differs\nlevel 2: 20";
    assert_eq!(said(&Widget::Tree(tree)), expected);
    let empty = Tree { label: "Pages".into(), roots: Vec::new() };
    assert_eq!(said(&Widget::Tree(empty)), "Pages: empty");
}

#[test]
fn a_graph_and_a_map() {
    let graph = Graph::new("Waits", ["T1".into(), Datum::new("T2").toned(Tone::Bad)])
        .with_toned_edge(0, 1, "row 7", Tone::Bad)
        .with_edge(1, 9, "");
    let expected = "Waits: 2 nodes: T1; T2, wrong\nT1 to T2: row 7, wrong\nT2 to nothing";
    assert_eq!(said(&Widget::Graph(graph)), expected);

    let mut map = Map::new("Regions")
        .with_place("East", Position::new(0, 0), "90 ms")
        .with_place("West", Position::new(9, 9), "")
        .with_link(0, 1, "cut", Tone::Bad);
    let (south_west, north_east) = (Position::new(0, 0), Position::new(9, 9));
    map.areas.push(Area { south_west, north_east, value: "6".into() });
    let expected = "Regions\nEast: 90 ms\nWest\nEast to West: cut, wrong\narea: 6";
    assert_eq!(said(&Widget::Map(map)), expected);
}

#[test]
fn a_plane() {
    let took = Quantity { decimals: 1, ..Quantity::new("took", "ms") };
    let mut plane = Plane::new("Load", Quantity::new("asked", "a second"), took);
    assert_eq!(said(&Widget::Plane(plane.clone())), "Load: empty");
    let points = vec![(100, 15), (200, 90)];
    let late = Curve { name: "late".into(), points, is_joined: true, tone: Tone::Bad };
    let alone = Curve { name: "alone".into(), points: vec![(1, 2), (3, 4)], ..Curve::default() };
    plane.curves = vec![late, alone];
    let mark = |name: &str, x, y| PlaneMark { name: name.into(), x, y };
    plane.marks = vec![
        mark("knee", Some(150), Some(20)),
        mark("most", None, Some(80)),
        mark("limit", Some(180), None),
    ];
    let expected = "Load: took against asked\n\
        late, wrong: 2 points: (100 a second, 1.5 ms) then (200 a second, 9.0 ms)\n\
        alone: 2 points: (1 a second, 0.2 ms); (3 a second, 0.4 ms)\n\
        knee at (150 a second, 2.0 ms)\nmost: took 8.0 ms\nlimit: asked 180 a second";
    assert_eq!(said(&Widget::Plane(plane)), expected);
}

#[test]
fn bits_and_sectors() {
    let bits = Bits::bitmap("Filter", [true, false, true]).with_mark(1, "hash 1", Tone::Bad);
    let expected = "Filter: 2 of 3 bits are set\n0, 2\nhash 1: place 1 is 0, wrong";
    assert_eq!(said(&Widget::Bits(bits)), expected);
    let registers = Bits::registers("Registers", [0, 5], 8);
    assert_eq!(said(&Widget::Bits(registers)), "Registers: 1 of 2 places are above 0\n1 = 5");

    let sector = |state, text: &str| Sector::new(state, text);
    let sectors = vec![sector(SectorState::Durable, "a=1"), sector(SectorState::Free, "")];
    let sectors = Sectors { label: "wal".into(), sector_bytes: 512, sectors };
    let expected = "wal, 512 bytes each: 1 durable, 1 free\nsector 0: a=1, durable\n\
                    sector 1, free";
    assert_eq!(said(&Widget::Sectors(sectors)), expected);
}

#[test]
fn a_document() {
    let document = Document::new(
        "Ann's copy",
        [
            TextRun::new("Buy "),
            TextRun::by("B", TextState::Deleted, "eggs"),
            TextRun::by("C", TextState::Inserted, "tea"),
        ],
    )
    .with_caret("Ben", 4);
    let expected = "Ann's copy: “Buy tea”\ndeleted by B: “eggs”\nnew by C: “tea”\n\
                    Ben writes before letter 5";
    assert_eq!(said(&Widget::Document(document)), expected);
}
