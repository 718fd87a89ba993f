//! A row with as many nodes and messages as the stage promises to draw, and each way to arrange them.
//!
//! Every node passes the newest number it has heard of to somebody drawn at random, again and again;
//! one of them counts on. The more nodes, the more is under way at any time: with 200 nodes more than
//! 1,000 messages. The mechanism is of no interest; the page's frames a second are.

use crate::scenario::{
    Choice, Diagram, Family, Faults, Fidelity, Knob, Primitive, Scenario, Setup,
};
use crate::sim::{
    Boot, Cx, Describe, Distribution, Environment, Goal, MessageKind, Metric, Names, NodeId,
    Observed, Payload, Process, Spec, World, Zones,
};
use crate::view::{Layout, NodeView, Place, Role, Widget};

/// The row.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "test-crowd",
    seeds: &[],
    revision: 1,
    title: "A crowd",
    family: Family::Diagnostics,
    difficulty: 1,
    prerequisites: &[],
    question: "Does the stage keep up with 200 nodes and 1,000 messages?",
    promise: "Every number that the first node counts reaches everybody in the end.",
    constraint: "Every node talks all the time, and every message takes half a second.",
    guarantee: "Eventual, and beside the point: this row is for measuring the page.",
    naive: "Gossip; there is no safeguard to turn on.",
    hardened: "The same.",
    breaks: "Nothing.",
    survives: Faults::NONE,
    requirements: &["Keep more than 1,000 messages under way with 200 nodes."],
    faced: &[],
    saturates_first: "The viewer's machine.",
    pitfalls: &[],
    primitives: &[Primitive::VersionVectors],
    sources: &["Written for this project; no literature."],
    fidelity: Fidelity {
        modelled: &["Nodes that talk all the time."],
        simplified: &[],
        omitted: &["Everything else."],
    },
    diagram: Diagram {
        boxes: &[("Somebody", Role::Peer, 0), ("Somebody else", Role::Peer, 1)],
        arrows: &[(0, 1, "rumour")],
    },
    knobs: &[
        Knob::count("nodes", "Nodes", 80, 3..=200),
        Knob::count("zones", "Zones, or 0", 0, 0..=6),
        Knob::one_of(
            "layout",
            "Layout",
            0,
            0,
            &[
                Choice { key: "ring", label: "a ring" },
                Choice { key: "zones", label: "zones" },
                Choice { key: "layers", label: "layers" },
                Choice { key: "map", label: "a map" },
                Choice { key: "free", label: "free" },
            ],
        ),
    ],
    switches: &[],
    scripts: &[],
    horizon_us: 10_000_000,
    grain_us: 1_000,
    layout,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

/// How often a node passes on what it knows.
const TELL_EVERY_US: u64 = 85_000;
/// How often there is something new.
const COUNT_EVERY_US: u64 = 1_000_000;
/// Cities with longitude and latitude in thousandths of a degree: zones, and places on the map.
const CITIES: [(&str, i32, i32); 6] = [
    ("Frankfurt", 8_682, 50_111),
    ("Virginia", -77_487, 39_043),
    ("Tokyo", 139_692, 35_690),
    ("São Paulo", -46_633, -23_551),
    ("Mumbai", 72_878, 19_076),
    ("Sydney", 151_209, -33_868),
];

fn layout(setup: &Setup) -> Layout {
    let count = i32::try_from(setup.knob("nodes")).unwrap_or(1);
    let places = |place: fn(i32, i32) -> Place| {
        nodes(setup).map(|id| place(i32::from(id.0), count)).collect()
    };
    match setup.knob("layout") {
        1 => Layout::Zones,
        2 => Layout::Layers,
        3 => Layout::Map(places(near_city)),
        4 => Layout::Free(places(along_a_wave)),
        _ => Layout::Ring,
    }
}

fn nodes(setup: &Setup) -> impl Iterator<Item = NodeId> + use<> {
    NodeId::first(setup.count("nodes"))
}

/// Returns the place of a node: one city after the other, a few degrees from its middle.
fn near_city(node: i32, _: i32) -> Place {
    let (_, x, y) = CITIES[usize::try_from(node).unwrap_or(0) % CITIES.len()];
    let around = node / 6;
    Place { x: x + (around % 4) * 4_000, y: y + (around / 4) * 3_000 }
}

/// Returns the place of a node: in five rows that run down and up again.
fn along_a_wave(node: i32, count: i32) -> Place {
    let (column, row) = (node / 5, node % 5);
    Place { x: 30 + column * 940 / (count / 5).max(1), y: 40 + row * 200 + (column % 4) * 30 }
}

/// Returns the part that a node plays: all parts if they are what the stage is arranged by.
fn role(node: NodeId, setup: &Setup) -> Role {
    if setup.knob("layout") != 2 {
        return Role::Peer;
    }
    match node.0 % 10 {
        0 | 1 => Role::Client,
        2 => Role::Gateway,
        3 => Role::Coordinator,
        7 => Role::Queue,
        8 | 9 => Role::Storage,
        _ => Role::Peer,
    }
}

fn environment(setup: &Setup) -> Environment {
    let travel = Distribution::Uniform { low_us: 350_000, high_us: 650_000 };
    let zones = usize::try_from(setup.knob("zones")).unwrap_or(0).min(CITIES.len());
    let zone_of = |id: NodeId| u8::try_from(id.index() % zones.max(1)).unwrap_or(0);
    let zones = (zones > 0).then(|| Zones {
        names: CITIES.iter().take(zones).map(|(name, ..)| (*name).to_owned()).collect(),
        of: nodes(setup).map(zone_of).collect(),
        latency: vec![vec![travel; zones]; zones],
    });
    Environment { zones, ..Environment::uniform((350_000, 650_000), (0, 0)) }
}

static SPEC: Spec<Teller, ()> = Spec {
    environment,
    goals: &[Goal {
        name: "everybody has heard of 2",
        within_us: |_| 20_000_000,
        reached: |world, ()| least(world) >= 2,
    }],
    metrics: &[Metric { label: "known to all", unit: "", read: |world, ()| least(world) }],
    ..Spec::bare(
        |setup| nodes(setup).map(|id| format!("N{}", id.0 + 1)).collect(),
        |id, setup| Teller { role: role(id, setup), newest: 1 },
    )
};

/// Returns the newest number that everybody has heard of.
fn least(world: &World<Teller>) -> i64 {
    let newest = world.ids().filter_map(|id| world.process(id)).map(|it| i64::from(it.newest));
    newest.min().unwrap_or(0)
}

/// One of the crowd.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Teller {
    role: Role,
    /// The newest number it has heard of.
    newest: u32,
}

/// The newest number that somebody has heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Rumour(u32);

impl Describe for Rumour {
    fn label(&self) -> String {
        format!("heard {}", self.0)
    }

    fn sentence(&self, _: &Names) -> String {
        format!("the newest I have heard of is {}", self.0)
    }
}

impl Payload for Rumour {
    fn kind(&self) -> MessageKind {
        MessageKind::Gossip
    }

    fn bytes(&self) -> u64 {
        4
    }
}

/// What a node waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Next {
    Tell,
    Count,
}

impl Describe for Next {
    fn label(&self) -> String {
        match self {
            Self::Tell => "tell",
            Self::Count => "count",
        }
        .into()
    }

    fn sentence(&self, _: &Names) -> String {
        match self {
            Self::Tell => "time to tell somebody",
            Self::Count => "time to count on",
        }
        .into()
    }
}

impl Process for Teller {
    type Msg = Rumour;
    type Timer = Next;
    type Disk = ();
    type Fact = ();

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Self>) {
        // Not all at the same moment.
        let after_us = cx.jitter_us(0, TELL_EVERY_US);
        cx.set_timer(after_us, Next::Tell);
        if cx.me() == NodeId(0) {
            cx.set_timer(COUNT_EVERY_US, Next::Count);
        }
    }

    fn on_message(&mut self, _: NodeId, Rumour(heard): Rumour, cx: &mut Cx<'_, Self>) {
        if heard > self.newest {
            self.newest = heard;
            let counted_at_us = u64::from(heard - 1) * COUNT_EVERY_US;
            cx.observe("how old news are", cx.now_us().saturating_sub(counted_at_us));
        }
    }

    fn on_timer(&mut self, next: Next, cx: &mut Cx<'_, Self>) {
        match next {
            Next::Tell => {
                // Anybody but itself: so many places further on, around the ring of identities.
                let count = cx.node_count();
                let further = cx.choose(u64::from(count.saturating_sub(1)).max(1)) + 1;
                let to = (u64::from(cx.me().0) + further) % u64::from(count.max(1));
                cx.send(NodeId(u16::try_from(to).unwrap_or(0)), Rumour(self.newest));
                cx.set_timer(TELL_EVERY_US, Next::Tell);
            }
            Next::Count => {
                self.newest += 1;
                cx.set_timer(COUNT_EVERY_US, Next::Count);
            }
        }
    }

    fn view(&self, (): &()) -> NodeView {
        NodeView {
            role: self.role,
            epoch: Some(self.newest.into()),
            widgets: vec![Widget::field("Newest heard of", self.newest)],
            ..NodeView::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::{Preset, Setup};
    use crate::view::Layout;

    #[test]
    fn a_full_crowd_keeps_a_thousand_messages_under_way() {
        let mut setup = Setup::of("test-crowd", Preset::Naive, 1).unwrap();
        setup.set("nodes", "200").unwrap();
        setup.set("zones", "4").unwrap();
        let mut run = crate::run::Run::new(setup.clone(), Vec::new());
        run.seek_time(2_000_000);
        let scene = run.simulation().scene();
        assert!(scene.messages.len() >= 1_000, "{}", scene.messages.len());
        assert_eq!(run.simulation().zones().map(|zones| zones.names.len()), Some(4));
        setup.set("layout", "3").unwrap();
        assert!(matches!((setup.scenario().layout)(&setup), Layout::Map(it) if it.len() == 200));
    }
}
