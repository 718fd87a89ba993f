//! Pairs of nodes that exchange messages without end, each 1 to 10 ms of virtual time.

use faultline_core::scenario::{Preset, Scenario, Setup};
use faultline_core::sim::{
    Boot, Cx, Describe, Environment, Journal, MessageKind, Names, NodeId, Observed, Payload,
    Process, Spec,
};
use faultline_core::view::NodeView;

/// A node of `PAIRS` pairs: even ones begin, everyone answers. Some tell the world of every message.
#[derive(Clone, Hash)]
struct Player<const PAIRS: u16, const TELLS: bool>;

/// The number of the message in its exchange.
#[derive(Clone, Debug, Hash)]
struct Ball(u64);

impl Describe for Ball {
    fn label(&self) -> String {
        self.0.to_string()
    }

    fn sentence(&self, _: &Names) -> String {
        self.label()
    }
}

impl Payload for Ball {
    fn kind(&self) -> MessageKind {
        MessageKind::Request
    }

    fn bytes(&self) -> u64 {
        8
    }
}

impl<const PAIRS: u16, const TELLS: bool> Process for Player<PAIRS, TELLS> {
    type Msg = Ball;
    type Timer = ();
    type Disk = ();
    type Fact = Ball;

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Self>) {
        let me = cx.me();
        if me.0.is_multiple_of(2) {
            cx.send(NodeId(me.0 + 1), Ball(0));
        }
    }

    fn on_message(&mut self, from: NodeId, ball: Ball, cx: &mut Cx<'_, Self>) {
        if TELLS {
            cx.record(ball.clone());
        }
        cx.send(from, Ball(ball.0 + 1));
    }

    fn on_timer(&mut self, (): (), _: &mut Cx<'_, Self>) {}

    fn view(&self, (): &()) -> NodeView {
        NodeView::default()
    }
}

impl<const PAIRS: u16, const TELLS: bool> Player<PAIRS, TELLS> {
    const SPEC: &'static Spec<Self, ()> = &Spec {
        environment: |_| Environment::uniform((1_000, 10_000), (0, 0)),
        ..Spec::bare(|_| (0..2 * PAIRS).map(|number| format!("N{number}")).collect(), |_, _| Self)
    };

    const SCENARIO: &'static Scenario =
        &Scenario::unlisted("bench-ping-pong", |setup| Observed::boxed(Self::SPEC, setup));
}

/// Lets `PAIRS` pairs exchange messages until so many have been delivered, and returns how many it
/// was. `TELLS` makes every receiver record a fact; `is_recorded` keeps every event, message, cause
/// and fact, as the screen needs them.
pub fn play<const PAIRS: u16, const TELLS: bool>(is_recorded: bool, messages: u64) -> u64 {
    let mut journal = if is_recorded { Journal::recording() } else { Journal::ignoring() };
    let setup = Setup::new(Player::<PAIRS, TELLS>::SCENARIO, Preset::Naive, 1);
    let mut simulation = setup.build();
    // Costs are asked for now and then only: what is measured is the kernel.
    while simulation.costs().delivered < messages {
        for _ in 0..1_000 {
            simulation.step(&mut journal);
        }
    }
    simulation.costs().delivered
}
