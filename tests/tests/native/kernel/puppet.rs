//! A process for tests: a few lines of behaviour, and the kernel around it as for any row.
//!
//! A test plays a behaviour under a list of actions and reads the run's own text, the one rendering
//! that the log and the golden files show too.

use std::fmt::Display;
use std::hash::Hash;

use faultline_core::run::Run;
use faultline_core::scenario::{Preset, Scenario, Setup};
use faultline_core::sim::{
    Action, Boot, Capacity, Cell, Clock, Command, Cx, Describe, Distribution, Environment, Goal,
    Input, MessageKind, Names, NetworkConfig, NodeId, Observed, Operation, OperationStep, Overflow,
    Payload, Process, Spec, SyncId, TextKind, TimedAction, World, Zones,
};
use faultline_core::view::NodeView;

/// What a test's nodes do. Everything has a default, so that a test says only what it is about.
pub(crate) trait Behaviour: Clone + Default + Hash + 'static {
    /// How many nodes there are.
    const NODES: u16 = 2;
    /// The network: ten milliseconds for every message unless a test says otherwise.
    const NETWORK: NetworkConfig = latency_us(10_000, 10_000);
    /// How long a sync takes.
    const SYNC_US: (u64, u64) = (5_000, 5_000);
    /// What a node can do at one time.
    const CAPACITY: Capacity = Capacity { servers: 1, inbox: None, overflow: Overflow::Drop };

    /// Where the nodes stand.
    fn zones() -> Option<Zones> {
        None
    }
    /// A node's clock at the beginning.
    fn clock(_: NodeId) -> Clock {
        Clock::default()
    }

    /// Comes up.
    fn on_start(&mut self, _: Boot, _: &mut Cx<'_, Puppet<Self>>) {}
    /// Hears a number.
    fn on_message(&mut self, _: NodeId, _: u32, _: &mut Cx<'_, Puppet<Self>>) {}
    /// Learns that there was no room for a number.
    fn on_refused(&mut self, _: NodeId, _: u32, _: &mut Cx<'_, Puppet<Self>>) {}
    /// Hears a bell.
    fn on_bell(&mut self, _: u8, _: &mut Cx<'_, Puppet<Self>>) {}
    /// Learns that a sync is complete.
    fn on_synced(&mut self, _: SyncId, _: &mut Cx<'_, Puppet<Self>>) {}
}

/// A network without faults in which a message takes between `low_us` and `high_us`.
pub(crate) const fn latency_us(low_us: u64, high_us: u64) -> NetworkConfig {
    NetworkConfig {
        latency: Distribution::Uniform { low_us, high_us },
        loss_percent: 0,
        duplicate_percent: 0,
        is_fifo: false,
        bytes_per_s: None,
    }
}

/// A process that does what its behaviour says.
#[derive(Clone, Default, Hash)]
pub(crate) struct Puppet<B>(B);

/// A number as a message.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Say(pub(crate) u32);

/// A numbered timer.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Bell(pub(crate) u8);

/// Something worth remembering.
#[derive(Clone, Debug, Hash)]
pub(crate) struct Note(pub(crate) String);

impl Describe for Say {
    fn label(&self) -> String {
        self.0.to_string()
    }

    fn sentence(&self, _: &Names) -> String {
        self.0.to_string()
    }
}

impl Payload for Say {
    fn kind(&self) -> MessageKind {
        MessageKind::Request
    }

    fn bytes(&self) -> u64 {
        4
    }
}

impl Describe for Bell {
    fn label(&self) -> String {
        format!("bell {}", self.0)
    }

    fn sentence(&self, _: &Names) -> String {
        self.label()
    }
}

impl Describe for Note {
    fn label(&self) -> String {
        "note".into()
    }

    fn sentence(&self, _: &Names) -> String {
        self.0.clone()
    }

    /// "begins 3" and "ends 3" are the steps of a client's operation.
    fn operation(&self) -> Option<Operation> {
        let (word, number) = self.0.split_once(' ')?;
        let step = match word {
            "begins" => OperationStep::Begins,
            "ends" => OperationStep::Succeeds,
            _ => return None,
        };
        Some(Operation { number: number.parse().ok()?, step })
    }
}

impl<B: Behaviour> Process for Puppet<B> {
    type Msg = Say;
    type Timer = Bell;
    type Disk = Cell<u32>;
    type Fact = Note;

    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>) {
        self.0.on_start(boot, cx);
    }

    fn on_message(&mut self, from: NodeId, msg: Say, cx: &mut Cx<'_, Self>) {
        self.0.on_message(from, msg.0, cx);
    }

    fn on_refused(&mut self, to: NodeId, msg: Say, cx: &mut Cx<'_, Self>) {
        self.0.on_refused(to, msg.0, cx);
    }

    fn on_timer(&mut self, timer: Bell, cx: &mut Cx<'_, Self>) {
        self.0.on_bell(timer.0, cx);
    }

    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Self>) {
        self.0.on_synced(sync, cx);
    }

    fn view(&self, _: &Cell<u32>) -> NodeView {
        NodeView::default()
    }
}

/// Returns the world around a behaviour.
pub(crate) fn environment<B: Behaviour>() -> Environment {
    let (low_us, high_us) = B::SYNC_US;
    Environment {
        network: B::NETWORK,
        sync: Distribution::Uniform { low_us, high_us },
        zones: B::zones(),
        clock: |id, _| B::clock(id),
        capacity: |_, _| B::CAPACITY,
    }
}

/// Records a note.
pub(crate) fn note<B: Behaviour>(cx: &mut Cx<'_, Puppet<B>>, what: impl Display) {
    cx.record(Note(what.to_string()));
}

impl<B: Behaviour> Puppet<B> {
    const SPEC: &'static Spec<Self, ()> = &Spec {
        environment: |_| environment::<B>(),
        commands: &[Command {
            label: "Say",
            accepts: |_, _| true,
            input: Input::Nothing,
            say: |nth, _, _| Say(1_000 + nth),
        }],
        goals: &[Goal {
            name: "somebody stored a number",
            within_us: |_| 1_000_000,
            reached: |world: &World<Self>, ()| world.ids().any(|id| *world.disk(id).durable() > 0),
        }],
        ..Spec::bare(
            |_| (0..B::NODES).map(|number| format!("N{number}")).collect(),
            |_, _| Self::default(),
        )
    };

    const SCENARIO: &'static Scenario = &Scenario {
        grain_us: 1,
        ..Scenario::unlisted("puppet", |setup| Observed::boxed(Self::SPEC, setup))
    };
}

/// Returns the setup of a behaviour's world.
pub(crate) fn setup_of<B: Behaviour>(seed: u64) -> Setup {
    Setup::new(Puppet::<B>::SCENARIO, Preset::Naive, seed)
}

/// Returns a run of a behaviour, at its beginning.
pub(crate) fn run_of<B: Behaviour>(seed: u64, actions: &[(u64, Action)]) -> Run {
    let timed =
        |(at_us, action): &(u64, Action)| TimedAction { at_us: *at_us, action: action.clone() };
    Run::new(setup_of::<B>(seed), actions.iter().map(timed).collect())
}

/// Plays a behaviour and tells what happened, each line with its time in microseconds: events,
/// messages that fell, and notes.
pub(crate) fn play<B: Behaviour>(actions: &[(u64, Action)], until_us: u64) -> Vec<String> {
    let mut run = run_of::<B>(1, actions);
    run.seek_time(until_us);
    told(&run)
}

/// Tells what has happened in a run.
pub(crate) fn told(run: &Run) -> Vec<String> {
    let is_told = |kind| matches!(kind, TextKind::Event | TextKind::Loss | TextKind::Fact);
    let lines = run.text(0, u32::MAX).into_iter().filter(|line| is_told(line.kind));
    lines.map(|line| format!("{} {}", line.at_us, line.text)).collect()
}

/// Returns the lines that hold `what`.
pub(crate) fn with<'a>(lines: &'a [String], what: &str) -> Vec<&'a str> {
    lines.iter().filter(|line| line.contains(what)).map(String::as_str).collect()
}
