//! Messages a second on one thread: pairs of nodes that exchange datagrams without end, in our
//! kernel, in madsim and in turmoil. Every message takes 1 to 10 ms of virtual time.
//!
//! Ours is measured twice: with a journal that keeps nothing, which is what the peers do, and with one
//! that records every event, message and cause, which is what the screen needs.

use std::process::Command;

use faultline_core::scenario::{Preset, Scenario, Setup};
use faultline_core::sim::{
    Boot, Cx, Describe, Environment, Journal, MessageKind, Names, NodeId, Observed, Payload,
    Process, Spec,
};
use faultline_core::view::NodeView;
use serde_json::{Map, Value, json};

use crate::measure::{self, Effort, rounded, timed};
use crate::turmoil_peer;

/// Where madsim's side is; it is built when it is first asked for.
const MADSIM_MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/madsim/Cargo.toml");

/// A node of `PAIRS` pairs: even ones begin, everyone answers.
#[derive(Clone, Hash)]
struct Player<const PAIRS: u16>;

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

impl<const PAIRS: u16> Process for Player<PAIRS> {
    type Msg = Ball;
    type Timer = ();
    type Disk = ();
    type Fact = ();

    fn on_start(&mut self, _: Boot, cx: &mut Cx<'_, Self>) {
        let me = cx.me();
        if me.0.is_multiple_of(2) {
            cx.send(NodeId(me.0 + 1), Ball(0));
        }
    }

    fn on_message(&mut self, from: NodeId, ball: Ball, cx: &mut Cx<'_, Self>) {
        cx.send(from, Ball(ball.0 + 1));
    }

    fn on_timer(&mut self, (): (), _: &mut Cx<'_, Self>) {}

    fn view(&self, (): &()) -> NodeView {
        NodeView::default()
    }
}

impl<const PAIRS: u16> Player<PAIRS> {
    const SPEC: &'static Spec<Self, ()> = &Spec {
        names: |_| (0..2 * PAIRS).map(|number| format!("N{number}")).collect(),
        spawn: |_, _| Self,
        environment: |_| Environment::uniform((1_000, 10_000), (0, 0)),
        commands: &[],
        invariants: &[],
        goals: &[],
        sometimes: &[],
        alerts: &[],
        metrics: &[],
        lesson: &[],
        panels: |_, ()| Vec::new(),
    };

    const SCENARIO: &'static Scenario =
        &Scenario::unlisted("bench-ping-pong", |setup| Observed::boxed(Self::SPEC, setup));

    /// Delivers `messages` and returns how many it was.
    fn play(mut journal: Journal, messages: u64) -> u64 {
        let mut simulation = Setup::new(Self::SCENARIO, Preset::Naive, 1).build();
        // Costs are asked for now and then only: what is measured is the kernel.
        while simulation.costs().delivered < messages {
            for _ in 0..1_000 {
                simulation.step(&mut journal);
            }
        }
        simulation.costs().delivered
    }
}

/// Measures one, five and twenty-five pairs.
pub(crate) fn section(effort: Effort) -> Value {
    let mut report = Map::new();
    report.insert("1_pair".into(), compare::<1>(effort));
    report.insert("5_pairs".into(), compare::<5>(effort));
    report.insert("25_pairs".into(), compare::<25>(effort));
    Value::Object(report)
}

fn compare<const PAIRS: u16>(effort: Effort) -> Value {
    let messages = match effort {
        Effort::Quick => 20_000,
        Effort::Full => 200_000,
    };
    let ours = || timed(|| Player::<PAIRS>::play(Journal::ignoring(), 5 * messages));
    let recorded = || timed(|| Player::<PAIRS>::play(Journal::recording(), 5 * messages));
    let turmoil = || timed(|| turmoil_peer::ping_pong(PAIRS, messages / 5));
    let madsim = || madsim(PAIRS, messages);
    // The first run of madsim builds it.
    let is_there = madsim().is_some();
    let contestants: [&dyn Fn() -> Option<f64>; 4] = [&ours, &recorded, &turmoil, &madsim];
    let count = if is_there { 4 } else { 3 };
    let rates = measure::take_turns(effort, &contestants[..count]);
    let rate = |index: usize| rates.get(index).copied().flatten();
    let ratio = |other: Option<f64>| Some(rounded(rate(0)? / other?));
    json!({
        "ours_messages_per_second": rate(0).map(f64::round),
        "ours_recording_messages_per_second": rate(1).map(f64::round),
        "turmoil_messages_per_second": rate(2).map(f64::round),
        "madsim_messages_per_second": rate(3).map(f64::round),
        "ratio_to_turmoil": ratio(rate(2)),
        "ratio_to_madsim": ratio(rate(3)),
    })
}

/// Runs madsim's side in a process of its own and returns the messages a second it says it did.
fn madsim(pairs: u16, messages: u64) -> Option<f64> {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "--manifest-path", MADSIM_MANIFEST, "--"])
        .args([pairs.to_string(), messages.to_string()])
        .env("RUSTFLAGS", "--cfg madsim")
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
