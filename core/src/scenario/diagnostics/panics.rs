//! A row that fails on request: one command makes a handler panic, another makes it run for ever.
//! The other commands take every kind of input that there is, and the nodes show what they heard.
//!
//! The page promises to outlive a scenario that does either: it says so in a sentence, keeps the
//! link and offers to replay to just before. A promise that no test can break is not tested, and no
//! honest row may fail like this; so this one does, bounded by nothing on purpose. It is listed
//! nowhere and opened by its link alone.
//!
//! Around the two commands two nodes say "ping" and "pong", so that there is a run to come back to.

use crate::scenario::{Diagram, Family, Faults, Fidelity, Primitive, Scenario, Setup};
use crate::sim::{
    Boot, Command, Cx, Describe, Environment, Goal, Input, InputValue, MessageKind, Metric, Names,
    NodeId, Observed, Payload, Process, Spec, World,
};
use crate::view::{Layout, NodeView, Role, Widget};

/// The row.
pub(super) const SCENARIO: Scenario = Scenario {
    slug: "test-panics",
    seeds: &[],
    revision: 1,
    title: "A scenario that fails on request",
    family: Family::Diagnostics,
    difficulty: 1,
    prerequisites: &[],
    question: "Does the page outlive a scenario that panics or hangs?",
    promise: "Two nodes say ping and pong, until you ask one of them to panic or to hang.",
    constraint: "The code that fails runs in the same worker as the run that must be kept.",
    guarantee: "None: the failure is the point.",
    naive: "Ping and pong; there is no safeguard to turn on.",
    hardened: "The same.",
    breaks: "The commands Panic and Hang.",
    survives: Faults::NONE,
    requirements: &["Fail when asked to, and at no other time."],
    faced: &[],
    saturates_first: "Nothing: two nodes exchange ten messages a second.",
    pitfalls: &[],
    primitives: &[Primitive::Heartbeats],
    sources: &["Written for this project; no literature."],
    fidelity: Fidelity {
        modelled: &["A handler that panics, and one that never returns."],
        simplified: &[],
        omitted: &["Everything else."],
    },
    diagram: Diagram {
        boxes: &[("A", Role::Peer, 0), ("B", Role::Peer, 1)],
        arrows: &[(0, 1, "ping"), (1, 0, "pong")],
    },
    knobs: &[],
    switches: &[],
    scripts: &[],
    horizon_us: 5_000_000,
    grain_us: 1_000,
    layout: |_| Layout::Ring,
    build: |setup| Observed::boxed(&SPEC, setup),
    on_disk: None,
};

/// How often a node says ping.
const PING_EVERY_US: u64 = 200_000;

static SPEC: Spec<Player, ()> = Spec {
    environment: |_| Environment::uniform((5_000, 20_000), (0, 0)),
    commands: &[
        Command {
            label: "Panic",
            accepts: anybody,
            input: Input::Nothing,
            say: |_, _, _| Say::Panic,
        },
        Command {
            label: "Hang",
            accepts: anybody,
            input: Input::Nothing,
            say: |_, _, _| Say::Hang,
        },
        Command {
            label: "Say",
            accepts: anybody,
            input: Input::Text { label: "aloud", max_chars: 24, default: "hello" },
            say: hear,
        },
        Command {
            label: "Count",
            accepts: anybody,
            input: Input::Number { label: "to", unit: "sheep", min: -9, max: 99, default: 3 },
            say: hear,
        },
        Command {
            label: "Paint",
            accepts: anybody,
            input: Input::Choice { label: "it", options: &["red", "green", "blue"], default: 1 },
            say: hear,
        },
        Command {
            label: "Land",
            accepts: |id, _| id == NodeId(0),
            input: Input::Point { label: "at", default: (500, 250) },
            say: hear,
        },
        Command {
            label: "Write",
            accepts: |id, _| id == NodeId(0),
            input: Input::Edit { label: "", max_chars: 24, default: "hello" },
            say: hear,
        },
    ],
    goals: &[Goal {
        name: "a pong was heard",
        within_us: |_| 1_000_000,
        reached: |world, ()| pongs(world) > 0,
    }],
    metrics: &[Metric { label: "pongs heard", unit: "", read: |world, ()| pongs(world) }],
    ..Spec::bare(|_| vec!["A".into(), "B".into()], |_, _| Player::default())
};

fn anybody(_: NodeId, _: &Setup) -> bool {
    true
}

fn hear(_: u32, _: &Setup, value: &InputValue) -> Say {
    Say::Given(value.clone())
}

fn pongs(world: &World<Player>) -> i64 {
    world.ids().filter_map(|id| world.process(id)).map(|player| i64::from(player.pongs)).sum()
}

/// One of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Player {
    /// How many pongs it has heard.
    pongs: u32,
    /// What it was given last.
    given: Option<InputValue>,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Say {
    Ping,
    Pong,
    Panic,
    Hang,
    /// With what a command takes.
    Given(InputValue),
}

impl Describe for Say {
    fn label(&self) -> String {
        match self {
            Self::Ping => "ping",
            Self::Pong => "pong",
            Self::Panic => "panic!",
            Self::Hang => "hang!",
            Self::Given(_) => "given",
        }
        .into()
    }

    fn sentence(&self, _: &Names) -> String {
        self.label()
    }
}

impl Payload for Say {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Ping | Self::Panic | Self::Hang | Self::Given(_) => MessageKind::Request,
            Self::Pong => MessageKind::Reply,
        }
    }

    fn bytes(&self) -> u64 {
        1
    }
}

/// It is time for the next ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Serve;

impl Describe for Serve {
    fn label(&self) -> String {
        "serve".into()
    }

    fn sentence(&self, _: &Names) -> String {
        "time for the next ping".into()
    }
}

impl Process for Player {
    type Msg = Say;
    type Timer = Serve;
    type Disk = ();
    type Fact = ();

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Self>) {
        cx.set_timer(PING_EVERY_US, Serve);
    }

    fn on_message(&mut self, from: NodeId, msg: Say, cx: &mut Cx<'_, Self>) {
        match msg {
            Say::Ping => cx.send(from, Say::Pong),
            Say::Pong => self.pongs += 1,
            Say::Given(value) => self.given = Some(value),
            Say::Panic => panic!("a handler was asked to panic, and does"),
            // Never returns: this is what the page's watchdog is for.
            Say::Hang => loop {
                std::hint::spin_loop();
            },
        }
    }

    fn on_timer(&mut self, _: Serve, cx: &mut Cx<'_, Self>) {
        let me = cx.me();
        for other in NodeId::first(cx.node_count()).filter(|&other| other != me) {
            cx.send(other, Say::Ping);
        }
        cx.set_timer(PING_EVERY_US, Serve);
    }

    fn view(&self, (): &()) -> NodeView {
        NodeView {
            role: Role::Peer,
            value: Some(self.pongs.to_string()),
            widgets: vec![
                Widget::field("Pongs heard", self.pongs),
                Widget::field("Given", given_text(self.given.as_ref())),
            ],
            ..NodeView::default()
        }
    }
}

fn given_text(given: Option<&InputValue>) -> String {
    match given {
        None | Some(InputValue::Nothing) => "nothing yet".into(),
        Some(InputValue::Text(text)) => text.clone(),
        Some(InputValue::Number(number)) => number.to_string(),
        Some(InputValue::Choice(index)) => format!("choice {index}"),
        Some(InputValue::Point { x, y }) => format!("place {x}, {y}"),
        Some(InputValue::Edit(edit)) => edit.apply("a text"),
    }
}
