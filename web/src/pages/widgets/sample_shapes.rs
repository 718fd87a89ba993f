//! Samples of what has a shape of its own.

use faultline_core::view::{
    Area, Branch, Datum, Graph, Map, Position, Ring, RingArc, Tone, Tree, Widget,
};

use super::samples::{LONG_NAME, Sample, scattered};

/// Returns the samples of rings, trees, graphs and maps.
pub(super) fn shapes() -> [Sample; 4] {
    [ring(), tree(), graph(), map()]
}

fn ring() -> Sample {
    let mut ring = Ring::new("Who keeps which keys", 8)
        .with_owner("A", [20, 120, 200])
        .with_owner("B", [58, 160])
        .with_owner(Datum::new("C").toned(Tone::Bad), [90, 236])
        .with_owner(Datum::new("D").uncommitted(), [140])
        .with_key(10, "apple")
        .with_key(75, Datum::new("pear").toned(Tone::Bad))
        .with_key(131, "plum")
        .with_key(210, "fig");
    ring.arcs.push(RingArc {
        from: 120,
        to: 140,
        text: "121 to 140 moves from B to D".into(),
        tone: Tone::Warn,
    });
    let mut many = Ring::new("Forty owners with sixteen parts each", 32);
    let mut places = scattered(40 * 16).map(|it| it << 1);
    for owner in 0..40 {
        let tokens: Vec<u64> = places.by_ref().take(16).collect();
        let name = if owner == 0 { LONG_NAME.to_owned() } else { format!("node {owner}") };
        many = many.with_owner(name, tokens);
    }
    for key in 0..30 {
        many = many.with_key(key * 140_000_000, format!("key {key}"));
    }
    Sample {
        key: "ring",
        title: "Ring",
        purpose: "A ring of hashes: a key belongs to the first owner clockwise. A press on an owner \
                  shows its parts; a band inside is on its way to somebody else.",
        typical: vec![Widget::Ring(ring)],
        extreme: vec![Widget::Ring(many)],
        empty: vec![Widget::Ring(Ring::new("Who keeps which keys", 8))],
    }
}

fn tree() -> Sample {
    let wrong = |text: &str| Branch::new(Datum::new(text).toned(Tone::Warn)).marked("differs");
    let hashes = wrong("9f2c").with([
        Branch::new("41aa").with([Branch::new("k1"), Branch::new("k2")]),
        wrong("d07e").with([Branch::new("k3"), wrong("k4")]),
    ]);
    let keys = |keys: &[&str]| Branch::of(keys.iter().map(|key| Datum::from(*key)));
    let pages = keys(&["17", "42"]).with([
        keys(&["3", "9"]).by("< 17"),
        keys(&["20", "31"]).by("< 42").marked("read"),
        Branch::of([Datum::new("50").durable(), Datum::new("77").uncommitted()]).by("≥ 42"),
    ]);
    let spans = Branch::new("GET /cart 182 ms").with([
        Branch::new("session 12 ms"),
        Branch::new("prices 130 ms").marked("slowest").with([
            Branch::new("cache miss 4 ms"),
            Branch::new(Datum::new("database 118 ms").toned(Tone::Warn)),
        ]),
        Branch::new(Datum::new("stock refused").toned(Tone::Bad)),
    ]);
    let deep = (0..60).fold(Branch::new("leaf"), |below, level| {
        Branch::new(format!("level {}", 60 - level)).with([below, Branch::new(LONG_NAME)])
    });
    let flat = Branch::new("root").with((0..90).map(|at| Branch::new(format!("child {at}"))));
    let make =
        |label: &str, root: Branch| Widget::Tree(Tree { label: label.into(), roots: vec![root] });
    Sample {
        key: "tree",
        title: "Tree",
        purpose: "Hashes over ranges, pages of an index, prefixes, the parts of a request: spread out \
                  where there is room, else as an outline.",
        typical: vec![
            make("Hashes of ranges", hashes),
            make("Pages of an index", pages),
            make("Parts of a request", spans),
        ],
        extreme: vec![make("Sixty levels", deep), make("Ninety side by side", flat)],
        empty: vec![Widget::Tree(Tree { label: "Hashes".into(), roots: Vec::new() })],
    }
}

fn graph() -> Sample {
    let waits = Graph::new(
        "Who waits for whom",
        ["T1", "T2", "T3"]
            .map(|name| Datum::new(name).toned(Tone::Bad))
            .into_iter()
            .chain([Datum::new("T4"), Datum::new("T5").toned(Tone::Muted)]),
    )
    .with_toned_edge(0, 1, "row 7", Tone::Bad)
    .with_toned_edge(1, 2, "row 9", Tone::Bad)
    .with_toned_edge(2, 0, "row 2", Tone::Bad)
    .with_edge(3, 0, "row 7");
    let calls = Graph::new(
        "Who calls whom",
        [
            Datum::new("gateway"),
            Datum::new("orders").in_epoch(2),
            Datum::new("cart"),
            Datum::new("stock").toned(Tone::Warn),
            Datum::new("payment").uncommitted(),
            Datum::new("ledger").durable(),
        ],
    )
    .with_edge(0, 1, "")
    .with_edge(0, 2, "")
    .with_toned_edge(1, 3, "slow", Tone::Warn)
    .with_edge(1, 4, "")
    .with_edge(2, 3, "")
    .with_edge(4, 5, "writes")
    .with_edge(0, 5, "");
    let mut many = Graph::new(
        "Ninety nodes",
        (0..90).map(|at| {
            Datum::new(if at == 0 { LONG_NAME.to_owned() } else { format!("node {at}") })
        }),
    );
    for (at, number) in (1_u16..90).zip(scattered(89)) {
        let from = u16::try_from(number % u64::from(at)).unwrap_or(0);
        many = many.with_edge(from, at, "");
    }
    Sample {
        key: "graph",
        title: "Graph",
        purpose: "Who waits for, calls or comes from whom: in layers, or in a circle if it goes round.",
        typical: vec![Widget::Graph(waits), Widget::Graph(calls)],
        extreme: vec![Widget::Graph(many)],
        empty: vec![Widget::Graph(Graph::new("Who waits for whom", []))],
    }
}

fn map() -> Sample {
    let place = |longitude: i32, latitude: i32| Position::new(longitude * 100, latitude * 100);
    let world = Map::new("Three regions")
        .with_place("Virginia", place(-780, 380), Datum::new("leads"))
        .with_place("Frankfurt", place(87, 501), Datum::new("90 ms"))
        .with_place("Tokyo", place(1_397, 357), Datum::new("down").toned(Tone::Bad))
        .with_place("São Paulo", place(-466, -236), Datum::new("joins").uncommitted())
        .with_link(0, 1, "88 ms", Tone::Neutral)
        .with_link(0, 2, "cut", Tone::Bad)
        .with_link(1, 2, "240 ms", Tone::Warn)
        .with_link(0, 3, "", Tone::Muted);
    let mut town = Map::new("Drivers by cell")
        .with_place("rider", Position::new(13_403, 52_520), "")
        .with_place("A", Position::new(13_399, 52_523), Datum::new("4 min").toned(Tone::Good))
        .with_place("B", Position::new(13_412, 52_517), "9 min")
        .with_link(1, 0, "offer", Tone::Good);
    for (column, row, text, tone) in [
        (0, 0, "2", Tone::Neutral),
        (1, 0, "1", Tone::Neutral),
        (0, 1, "6", Tone::Warn),
        (1, 1, "0", Tone::Neutral),
    ] {
        let south_west = Position::new(13_394 + column * 11, 52_514 + row * 6);
        let north_east =
            Position::new(south_west.longitude_mdeg + 11, south_west.latitude_mdeg + 6);
        town.areas.push(Area { south_west, north_east, value: Datum::new(text).toned(tone) });
    }
    let mut many = Map::new("Two hundred places");
    for (at, number) in scattered(200).enumerate() {
        let longitude = i32::try_from(number % 360).unwrap_or(0) * 1_000 - 180_000;
        let latitude = i32::try_from(number / 360 % 140).unwrap_or(0) * 1_000 - 60_000;
        let name = if at == 0 { LONG_NAME.to_owned() } else { format!("place {at}") };
        many = many.with_place(name, Position::new(longitude, latitude), "");
    }
    Sample {
        key: "map",
        title: "Map",
        purpose: "Places by longitude and latitude with the ways between them: the world with its \
                  continents, or a town with its cells.",
        typical: vec![Widget::Map(world), Widget::Map(town)],
        extreme: vec![Widget::Map(many)],
        empty: vec![Widget::Map(Map::new("Regions"))],
    }
}
