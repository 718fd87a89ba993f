//! What a scenario tells the kernel about its processes: the typed tables.

use super::{
    Capacity, Clock, Distribution, FaultKind, Input, InputValue, NetworkConfig, NodeId, Observer,
    Process, World, Zones,
};
use crate::scenario::{Preset, Setup};
use crate::view::Panel;

/// Why a statement does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// In a sentence.
    pub reason: String,
    /// The nodes involved.
    pub nodes: Vec<NodeId>,
    /// What contradicts each other, or was undone: when it happened, in true time, and at which node.
    /// A second side of a contradiction lies in the past, and is no cause of the first.
    pub moments: Vec<(u64, NodeId)>,
}

impl Violation {
    /// Makes a violation that shows in the state alone.
    pub fn new(reason: impl Into<String>, nodes: impl IntoIterator<Item = NodeId>) -> Self {
        Self { reason: reason.into(), nodes: nodes.into_iter().collect(), moments: Vec::new() }
    }

    /// Says what it is made of, so that "why?" can tell how each part came about.
    #[must_use]
    pub fn of(mut self, moments: impl IntoIterator<Item = (u64, NodeId)>) -> Self {
        self.moments.extend(moments);
        self
    }
}

/// What must hold after every event.
pub struct Invariant<P: Process, O> {
    /// The statement, as shown: "at most one leader per term".
    pub name: &'static str,
    /// Says why it does not hold, if it does not. Judged from the world, the disks and history.
    pub check: fn(&World<P>, &O) -> Result<(), Violation>,
}

/// What must be reached: a design that does nothing is not safe, it is useless.
pub struct Goal<P: Process, O> {
    /// The statement, as shown: "a leader exists".
    pub name: &'static str,
    /// It must be true at some moment within this long after the last disturbance: after the last
    /// action that changed something, with every node up and the network whole. The knobs decide what
    /// is long.
    pub within_us: fn(&Setup) -> u64,
    /// Whether it is true now.
    pub reached: fn(&World<P>, &O) -> bool,
}

/// What must be seen in some run, else "no violation" proves little.
pub struct Sometimes<P: Process, O> {
    /// The statement, as shown: "an election is split".
    pub name: &'static str,
    /// Whether it is true now.
    pub seen: fn(&World<P>, &O) -> bool,
}

/// A gauge that an operator would watch, with the threshold at which it rings.
pub struct Alert<P: Process, O> {
    /// The statement, as shown: "a follower lags by more than 10 entries".
    pub name: &'static str,
    /// Says why it rings, if it does.
    pub check: fn(&World<P>, &O) -> Result<(), Violation>,
}

/// A number over virtual time.
pub struct Metric<P: Process, O> {
    /// As shown: "writes acknowledged".
    pub label: &'static str,
    /// As shown: "per second", "ms".
    pub unit: &'static str,
    /// Reads it.
    pub read: fn(&World<P>, &O) -> i64,
}

/// Something that the viewer can ask of the mechanism.
pub struct Command<P: Process> {
    /// As shown on its button: "Write".
    pub label: &'static str,
    /// Whether this node can be asked.
    pub accepts: fn(NodeId, &Setup) -> bool,
    /// What the viewer gives with it.
    pub input: Input,
    /// What is said to it, from [`NodeId::OUTSIDE`]. `nth` counts the commands so far; what is given
    /// fits the input.
    pub say: fn(nth: u32, &Setup, &InputValue) -> P::Msg,
}

/// The answer to a prediction: options, and the one that the run itself shows.
pub struct Answer<P: Process, O> {
    /// What is asked.
    pub question: &'static str,
    /// What can be answered.
    pub options: &'static [&'static str],
    /// The index of the right option, once the run has shown it.
    pub right: fn(&World<P>, &O) -> Option<u8>,
    /// What of the run shows it, in a sentence without its full stop: who did what, with the run's
    /// own names and numbers. Asked in the step in which the answer comes to be known.
    pub evidence: fn(&World<P>, &O) -> String,
}

/// One step of a lesson. Beats come up in order, each when its predicate is first true.
pub struct Beat<P: Process, O> {
    /// A few words for the list.
    pub title: &'static str,
    /// At most 140 characters.
    pub say: &'static str,
    /// The preset in which it is seen; going from one to the other replays the same schedule.
    pub preset: Preset,
    /// Whether it comes up now. Never a question of wall time.
    pub when: fn(&World<P>, &O) -> bool,
    /// What the viewer is asked to predict when it comes up.
    pub bet: Option<Answer<P, O>>,
}

/// What a puzzle asks to bring about.
pub enum PuzzleGoal<P: Process, O> {
    /// The invariant of this name breaks.
    Breaks(&'static str),
    /// This becomes true. Judged in the puzzle's own preset only.
    Shows(fn(&World<P>, &O) -> bool),
}

/// Something that a viewer is to bring about with few faults. Its grade is outside the digest.
pub struct Puzzle<P: Process, O> {
    /// A few words for the list.
    pub title: &'static str,
    /// What is to be brought about, in a sentence or two; the budget is said beside it.
    pub task: &'static str,
    /// Where to look, for those who ask.
    pub hint: &'static str,
    /// The preset in which it is set; the knobs are as usual.
    pub preset: Preset,
    /// What is to come true.
    pub goal: PuzzleGoal<P, O>,
    /// How many faults of which kind may be used; of all other kinds none.
    pub budget: &'static [(FaultKind, u16)],
    /// The fewest faults with which a search has solved it.
    pub par: u16,
}

/// The world around the nodes, without faults.
#[derive(Clone, Debug)]
pub struct Environment {
    /// How messages travel.
    pub network: NetworkConfig,
    /// Where the nodes stand, if that matters.
    pub zones: Option<Zones>,
    /// How long a disk's sync takes.
    pub sync: Distribution,
    /// What a node's clock is at the beginning.
    pub clock: fn(NodeId, &Setup) -> Clock,
    /// What a node can do at one time.
    pub capacity: fn(NodeId, &Setup) -> Capacity,
}

impl Environment {
    /// Makes a world in which messages and syncs take any time in these ranges, each as likely.
    pub fn uniform(latency_us: (u64, u64), sync_us: (u64, u64)) -> Self {
        let between = |(low_us, high_us)| Distribution::Uniform { low_us, high_us };
        let network = NetworkConfig { latency: between(latency_us), ..NetworkConfig::default() };
        Self { network, sync: between(sync_us), ..Self::default() }
    }
}

impl Default for Environment {
    fn default() -> Self {
        Self {
            network: NetworkConfig::default(),
            zones: None,
            sync: Distribution::default(),
            clock: |_, _| Clock::default(),
            capacity: |_, _| Capacity::default(),
        }
    }
}

/// The typed tables of a scenario.
pub struct Spec<P: Process, O: Observer<P>> {
    /// Names the nodes, in order of identity, and so says how many there are.
    pub names: fn(&Setup) -> Vec<String>,
    /// Makes one, as it is before it starts.
    pub spawn: fn(NodeId, &Setup) -> P,
    /// The world around the nodes, without faults.
    pub environment: fn(&Setup) -> Environment,
    /// What the viewer can ask.
    pub commands: &'static [Command<P>],
    /// What must always hold.
    pub invariants: &'static [Invariant<P, O>],
    /// What must be reached.
    pub goals: &'static [Goal<P, O>],
    /// What must be seen in some run.
    pub sometimes: &'static [Sometimes<P, O>],
    /// What an operator watches.
    pub alerts: &'static [Alert<P, O>],
    /// What is charted.
    pub metrics: &'static [Metric<P, O>],
    /// The lesson.
    pub lesson: &'static [Beat<P, O>],
    /// What a viewer is asked to bring about.
    pub puzzles: &'static [Puzzle<P, O>],
    /// Panels that show the mechanism itself.
    pub panels: fn(&World<P>, &O) -> Vec<Panel>,
}

impl<P: Process, O: Observer<P>> Spec<P, O> {
    /// Makes tables in which these nodes run in the plainest world, and nobody asks, judges or tells
    /// anything: what a test or a benchmark adds to.
    pub const fn bare(names: fn(&Setup) -> Vec<String>, spawn: fn(NodeId, &Setup) -> P) -> Self {
        Self {
            names,
            spawn,
            environment: |_| Environment::default(),
            commands: &[],
            invariants: &[],
            goals: &[],
            sometimes: &[],
            alerts: &[],
            metrics: &[],
            lesson: &[],
            puzzles: &[],
            panels: |_, _| Vec::new(),
        }
    }
}
