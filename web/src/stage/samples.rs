//! Worlds made by hand that show every sign of the stage once, for those who look it up and those
//! who check it.

use std::rc::Rc;

use faultline_core::sim::{Costs, Fate, MessageKind, MessageName, NodeId, TimerName};
use faultline_core::view::{
    CutScene, Datum, FallenScene, HoldScene, Layout, LoadScene, MessageScene, NodeScene, NodeView,
    Place, Role, Scene, Status, TimerScene, Widget,
};

use super::ground::Ground;
use super::painter::Pace;
use crate::selection::Selection;
use crate::shared::Shared;
use crate::wire::{Figures, Frame, Heard, ZoneView};

/// The moment at which all samples stand.
pub(crate) const NOW_US: u64 = 2_000_000;

/// One sign, or a few that belong together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    /// What it shows.
    pub(crate) caption: &'static str,
    /// The world.
    pub(crate) frame: Shared<Frame>,
    /// Where nodes stand.
    pub(crate) ground: Rc<Ground>,
    /// Who is involved in what broke.
    pub(crate) halo: Rc<[NodeId]>,
    /// What is picked.
    pub(crate) selected: Option<Selection>,
    /// How fast the film runs.
    pub(crate) pace: Pace,
    /// Whether nothing may travel.
    pub(crate) is_still: bool,
}

impl Sample {
    fn new(caption: &'static str, scene: Scene) -> Self {
        Self {
            caption,
            frame: Shared::new(frame(scene)),
            ground: Rc::default(),
            halo: Rc::from([]),
            selected: None,
            pace: Pace::Steady,
            is_still: false,
        }
    }

    /// Puts two nodes far from each other.
    fn spread(self) -> Self {
        let places = vec![Place { x: 0, y: 500 }, Place { x: 1_000, y: 500 }];
        self.on(Layout::Free(places), Vec::new())
    }

    fn on(mut self, layout: Layout, zones: Vec<ZoneView>) -> Self {
        self.ground = Rc::new(Ground { layout, zones });
        self
    }
}

/// Returns all samples, in the order of the specification of signs.
pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = of_nodes();
    samples.extend(of_messages());
    samples.extend(of_links());
    samples.extend(of_views());
    samples.extend(of_places());
    samples
}

/// Returns a crowd with as many nodes, three messages a node.
pub(crate) fn crowd(count: u16) -> Scene {
    let nodes = (0..count).map(|id| {
        let node = node(id, &format!("N{}", id + 1), Role::Follower);
        in_epoch(node, 2 + u64::from(id / 40))
    });
    let mut scene = scene(nodes.collect());
    scene.messages = (0..u32::from(count) * 3)
        .filter_map(|nth| {
            let from = u16::try_from(nth % u32::from(count)).ok()?;
            let to = u16::try_from((nth * 7 + nth / 5 + 1) % u32::from(count)).ok()?;
            let share = 0.2 + f64::from(nth % 13) / 20.0;
            (from != to).then(|| message((from, to, nth), MessageKind::Gossip, "state", share))
        })
        .collect();
    scene
}

fn of_nodes() -> Vec<Sample> {
    let role = |id, name, role| node(id, name, role);
    let mut candidate = role(1, "S2", Role::Candidate);
    candidate.view.pips = Some((2, 3));
    let mut value = role(0, "N1", Role::Peer);
    value.view.value = Some("41".into());
    let troubled =
        |id, name, status| NodeScene { status, ..in_epoch(role(id, name, Role::Follower), 3) };
    let slow = NodeScene { slowness_us: 20_000, ..in_epoch(role(3, "S4", Role::Follower), 3) };
    let mut full = in_epoch(role(0, "Q1", Role::Queue), 1);
    full.load = LoadScene { inbox: 8, inbox_limit: Some(8), ..LoadScene::default() };
    let mut skewed = in_epoch(role(1, "S2", Role::Leader), 1);
    skewed.clock_error_us = 180_000;
    let timed = |id, name, labels: &[&str], status| NodeScene {
        timers: timers(id, labels),
        status,
        ..in_epoch(role(id, name, Role::Follower), 2)
    };
    let epochs = (1..=8).map(|epoch: u16| {
        in_epoch(node(epoch - 1, &format!("S{epoch}"), Role::Follower), epoch.into())
    });
    let mut broken = Sample::new(
        "Broken: a red halo and a mark on the nodes involved",
        scene(vec![
            in_epoch(role(0, "S1", Role::Leader), 1),
            in_epoch(role(1, "S2", Role::Leader), 2),
        ]),
    );
    broken.halo = Rc::from([NodeId(0), NodeId(1)]);
    vec![
        Sample::new(
            "Roles of servers: follower, candidate with what it has gained, leader",
            scene(vec![role(0, "S1", Role::Follower), candidate, role(2, "S3", Role::Leader)]),
        ),
        Sample::new(
            "Other roles: client, coordinator, storage, queue, gateway, peer",
            scene(vec![
                role(0, "C1", Role::Client),
                role(1, "K1", Role::Coordinator),
                role(2, "D1", Role::Storage),
                role(3, "Q1", Role::Queue),
                role(4, "G1", Role::Gateway),
                role(5, "P1", Role::Peer),
            ]),
        ),
        Sample::new("Epochs: eight hues in turn, always with the number", scene(epochs.collect())),
        Sample::new("The value that matters most, where there is no epoch", scene(vec![value])),
        Sample::new(
            "What a node holds: a row of cells; dashed: not decided yet",
            scene(vec![holder()]),
        ),
        Sample::new(
            "Timers: a ring empties clockwise; several have letters; a clock that stands is broken",
            scene(vec![
                timed(0, "S1", &["timeout", "heartbeat", "retry"], Status::Up),
                timed(1, "S2", &["timeout"], Status::Paused),
                timed(2, "S3", &["timeout"], Status::Up),
            ]),
        ),
        Sample::new(
            "Crashed, paused, slow",
            scene(vec![
                in_epoch(role(0, "S1", Role::Leader), 3),
                troubled(1, "S2", Status::Down),
                troubled(2, "S3", Status::Paused),
                slow,
            ]),
        ),
        Sample::new("A full inbox, and a clock that is wrong", scene(vec![full, skewed])),
        broken,
    ]
}

/// Returns a node that shows some of what it holds.
fn holder() -> NodeScene {
    let mut holds = in_epoch(node(0, "S1", Role::Leader), 2);
    let entries = [("x=1", 1), ("y=2", 2)].map(|(text, epoch)| Datum::new(text).in_epoch(epoch));
    let open = Datum::new("x=3").in_epoch(2).uncommitted();
    holds.view.widgets = vec![Widget::cells("log", entries.into_iter().chain([open]))];
    holds
}

fn of_messages() -> Vec<Sample> {
    let two = || vec![node(0, "A", Role::Peer), node(1, "B", Role::Peer)];
    let with = |messages: Vec<MessageScene>| Scene { messages, ..scene(two()) };
    let kind = |kind, label: &str, share| message((0, 1, 0), kind, label, share);
    let fell = |fate| FallenScene {
        message: MessageScene {
            // So much of its way that it fell where it is drawn.
            sent_at_us: NOW_US - 60_000,
            due_at_us: NOW_US + 40_000,
            ..kind(MessageKind::Request, "append 3", 0.5)
        },
        at_us: NOW_US - 1_000,
        fate,
    };
    let twin = |nth| message((0, 1, nth), MessageKind::Request, "append 3", 0.55);
    let mut still = Sample::new(
        "Without motion: a message is at its source, then at its target, with an arrow",
        with(vec![
            kind(MessageKind::Request, "write x", 0.3),
            message((1, 0, 0), MessageKind::Reply, "ok", 0.8),
        ]),
    );
    still.is_still = true;
    let mut fast = Sample::new(
        "At more than four times the usual speed: edges pulse",
        with(vec![kind(MessageKind::Request, "append 3", 0.4)]),
    );
    fast.pace = Pace::Fast;
    let error =
        MessageScene { is_error: true, ..message((1, 0, 0), MessageKind::Reply, "refused", 0.5) };
    let samples = vec![
        Sample::new(
            "A request, filled, and its reply, hollow",
            with(vec![
                kind(MessageKind::Request, "append 3", 0.6),
                message((1, 0, 0), MessageKind::Reply, "ok 2", 0.6),
            ]),
        ),
        Sample::new(
            "Gossip: a diamond; a heartbeat: a dot",
            with(vec![
                kind(MessageKind::Gossip, "state", 0.5),
                message((1, 0, 0), MessageKind::Heartbeat, "beat", 0.5),
            ]),
        ),
        Sample::new("An error: red outline and !", with(vec![error])),
        Sample::new(
            "A second copy: ×2, with a dotted line from where it came",
            with(vec![twin(0), MessageScene { is_twin: true, ..twin(0) }]),
        ),
        Sample::new("Delayed: a clock", with(vec![MessageScene { is_delayed: true, ..twin(0) }])),
        Sample::new(
            "Lost: it falls, with a cross, and fades",
            Scene { fallen: vec![fell(Fate::Lost)], ..scene(two()) },
        ),
        Sample::new(
            "Held: it waits at a brake",
            Scene {
                holds: vec![HoldScene { from: NodeId(0), to: NodeId(1) }],
                ..with(vec![kind(MessageKind::Request, "append 3", 0.9)])
            },
        ),
        still,
        fast,
    ];
    samples.into_iter().map(Sample::spread).collect()
}

fn of_links() -> Vec<Sample> {
    let five = || (0..5).map(|id| in_epoch(node(id, &format!("S{}", id + 1), Role::Follower), 1));
    let cut = |from, to, period_us| CutScene {
        from: NodeId(from),
        to: NodeId(to),
        since_us: 1_200_000,
        period_us,
        blocks: period_us.is_none(),
    };
    let split = |period_us| {
        let pairs = [0, 1, 4].into_iter().flat_map(|one| [2, 3].map(|other| (one, other)));
        let both = pairs.flat_map(|(one, other)| [(one, other), (other, one)]);
        both.map(|(from, to)| cut(from, to, period_us)).collect::<Vec<_>>()
    };
    let with = |cuts| Scene { cuts, ..scene(five().collect()) };
    let one_way = Scene {
        cuts: vec![cut(0, 1, None)],
        ..scene(vec![node(0, "A", Role::Peer), node(1, "B", Role::Peer)])
    };
    let three = five().take(3).collect();
    let both_ways = Scene { cuts: vec![cut(0, 1, None), cut(1, 0, None)], ..scene(three) };
    vec![
        Sample::new("A split: tinted sides and a dashed line, since when", with(split(None))),
        Sample::new("A split that comes and goes, whole just now", with(split(Some(500_000)))),
        Sample::new("Cut one way: a single barb that ends at a bar", one_way).spread(),
        Sample::new("Cut both ways, and in touch by way of others: a bar", both_ways),
    ]
}

fn of_views() -> Vec<Sample> {
    let three = || {
        let mut second = in_epoch(node(1, "S2", Role::Follower), 2);
        second.timers = timers(1, &["timeout"]);
        vec![
            in_epoch(node(0, "S1", Role::Leader), 2),
            second,
            in_epoch(node(2, "S3", Role::Follower), 2),
            node(3, "C1", Role::Client),
        ]
    };
    let mut known = Sample::new("Only what S2 knows: when it last heard from each", scene(three()));
    let heard = Heard {
        node: NodeId(1),
        last_us: vec![Some(NOW_US - 180_000), None, Some(NOW_US - 1_200_000), None],
        since_us: None,
    };
    known.frame = Shared::new(Frame { heard: Some(heard), ..frame(scene(three())) });
    let mut picked = Sample::new("Picked: a ring around it, and its links", scene(three()));
    picked.selected = Some(Selection::Node(NodeId(0)));
    vec![known, picked]
}

fn of_places() -> Vec<Sample> {
    let zone = |name: &str, nodes: &[u16]| ZoneView {
        name: name.into(),
        nodes: nodes.iter().copied().map(NodeId).collect(),
    };
    let servers = |count: u16| {
        (0..count).map(|id| node(id, &format!("S{}", id + 1), Role::Follower)).collect::<Vec<_>>()
    };
    let layered = vec![
        node(0, "C1", Role::Client),
        node(1, "G1", Role::Gateway),
        node(2, "S1", Role::Peer),
        node(3, "S2", Role::Peer),
        node(4, "D1", Role::Storage),
    ];
    let place = |x, y| Place { x, y };
    let map = vec![place(-77_000, 39_000), place(8_700, 50_100), place(139_700, 35_700)];
    let free = vec![place(100, 500), place(500, 150), place(900, 500), place(500, 850)];
    let mut crowded = crowd(90);
    crowded.nodes[3].status = Status::Down;
    vec![
        Sample::new("Zones", scene(servers(5)))
            .on(Layout::Zones, vec![zone("Frankfurt", &[0, 1, 2]), zone("Virginia", &[3, 4])]),
        Sample::new("Layers", scene(layered)).on(Layout::Layers, Vec::new()),
        Sample::new("On a map", scene(servers(3))).on(Layout::Map(map), Vec::new()),
        Sample::new("On places of its own", scene(servers(4))).on(Layout::Free(free), Vec::new()),
        Sample::new(
            "More than 60 nodes: groups with what they count, the greyer the busier",
            crowded,
        ),
    ]
}

/// Returns a node that runs and shows nothing but its role.
pub(crate) fn node(id: u16, name: &str, role: Role) -> NodeScene {
    NodeScene {
        id: NodeId(id),
        name: name.into(),
        status: Status::Up,
        view: NodeView { role, ..NodeView::default() },
        timers: Vec::new(),
        clock_error_us: 0,
        drift_ppm: 0,
        load: LoadScene::default(),
        slowness_us: 0,
        has_fallible_disk: false,
        costs: Costs::default(),
        state_digest: 0,
    }
}

/// Returns the node in an epoch.
pub(crate) fn in_epoch(mut node: NodeScene, epoch: u64) -> NodeScene {
    node.view.epoch = Some(epoch);
    node
}

pub(crate) fn timers(id: u16, labels: &[&str]) -> Vec<TimerScene> {
    let timer = |(nth, label): (u32, &&str)| TimerScene {
        name: TimerName { node: NodeId(id), digest: nth },
        label: (*label).to_owned(),
        set_at_us: NOW_US - 100_000 - u64::from(nth) * 60_000,
        due_at_us: NOW_US + 200_000 + u64::from(nth) * 90_000,
    };
    (0..).zip(labels).map(timer).collect()
}

/// Makes a message that has gone this share of its way.
pub(crate) fn message(
    (from, to, nth): (u16, u16, u32),
    kind: MessageKind,
    label: &str,
    share: f64,
) -> MessageScene {
    let gone_us = u64::from(super::geometry::whole(share * 100_000.0, 100_000));
    MessageScene {
        name: MessageName { from: NodeId(from), to: NodeId(to), nth },
        label: label.into(),
        sentence: String::new(),
        kind,
        epoch: None,
        is_error: false,
        sent_at_us: NOW_US - gone_us,
        due_at_us: NOW_US + 100_000 - gone_us,
        is_twin: false,
        is_delayed: false,
    }
}

/// Returns a world in which nothing is under way.
pub(crate) fn scene(nodes: Vec<NodeScene>) -> Scene {
    Scene {
        now_us: NOW_US,
        nodes,
        messages: Vec::new(),
        fallen: Vec::new(),
        cuts: Vec::new(),
        holds: Vec::new(),
        loss_percent: 0,
        duplicate_percent: 0,
        panels: Vec::new(),
    }
}

/// Returns the frame of a world in which nothing is judged.
pub(crate) fn frame(scene: Scene) -> Frame {
    Frame {
        figures: Figures::default(),
        grades: Vec::new(),
        event: 0,
        actions: 0,
        next_at_us: None,
        scene,
        checks: Vec::new(),
        beats: Vec::new(),
        answers: Vec::new(),
        costs: Costs::default(),
        digest: 0,
        last: None,
        caption: Vec::new(),
        stop: None,
        heard: None,
        typed_up_to: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::cuts::Cuts;
    use crate::stage::words::stage_in_words;

    #[test]
    fn every_role_status_and_kind_is_shown_and_said() {
        let samples = samples();
        let nodes = || samples.iter().flat_map(|sample| &sample.frame.scene.nodes);
        for role in [
            Role::Peer,
            Role::Follower,
            Role::Candidate,
            Role::Leader,
            Role::Client,
            Role::Coordinator,
            Role::Storage,
            Role::Queue,
            Role::Gateway,
        ] {
            assert!(nodes().any(|node| node.view.role == role), "{role:?}");
        }
        for status in [Status::Up, Status::Paused, Status::Down] {
            assert!(nodes().any(|node| node.status == status), "{status:?}");
        }
        let messages = || samples.iter().flat_map(|sample| &sample.frame.scene.messages);
        for kind in
            [MessageKind::Request, MessageKind::Reply, MessageKind::Gossip, MessageKind::Heartbeat]
        {
            assert!(messages().any(|message| message.kind == kind), "{kind:?}");
        }
        for sample in &samples {
            let scene = &sample.frame.scene;
            let cuts = Cuts::new(scene.nodes.len(), &scene.cuts);
            assert!(!stage_in_words(scene, &cuts, &sample.halo).is_empty(), "{}", sample.caption);
            let ids = scene.nodes.iter().map(|node| node.id.index());
            assert!(ids.eq(0..scene.nodes.len()), "{}: identities are dense", sample.caption);
        }
    }
}
