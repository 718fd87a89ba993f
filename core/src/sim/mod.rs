//! The kernel: a simulated world of nodes, network, disks and clocks, advanced one event at a time.
//!
//! **One event in, all effects out, then the next event.** A [`Process`] is a node's behaviour. It
//! sees itself and a [`Cx`], and asks the world for effects; the [`World`] carries them out. The
//! [`Observed`] world adds judgement (invariants, goals, lesson beats) and is what the rest of the
//! program drives, through the object-safe [`Simulation`].
//!
//! A run is a function of scenario, revision, knobs, seed and actions. Nothing else changes it:
//!
//! - time is `u64` microseconds, in a queue ordered by (time, sequence);
//! - at one instant all due actions run before all events, in list order;
//! - every consumer of randomness has a stream of its own ([`Stream`]);
//! - messages, timers and syncs are named relative to their owner, never by a global counter.
//!
//! Left out for now: nodes that join or leave a running world.

mod act;
mod action;
mod actor;
mod aside;
mod behaviour;
mod by_hand;
mod capacity;
mod causality;
mod clock;
mod cx;
mod digest;
mod disk;
mod distribution;
mod effects;
mod fault_kind;
pub mod files;
mod flights;
mod input;
mod inside;
mod journal;
mod judge;
mod kernel;
mod long_list;
mod names;
mod network;
mod node;
mod observed;
mod past;
mod process;
mod queue;
mod scene;
mod simulation;
mod spec;
mod splice;
mod stream;
mod syncs;
mod testimony;
mod why_not;
mod work;
mod world;

pub use action::{Action, TimedAction};
pub use actor::{Actor, Reaction, Stimulus};
pub use aside::Aside;
pub use capacity::{Capacity, Load, Overflow};
pub use causality::{Finished, FinishedOperation};
pub use clock::Clock;
pub use cx::Cx;
pub use digest::{StableHasher, digest_of};
pub use disk::{Cell, Storage, SyncId};
pub use distribution::Distribution;
pub use fault_kind::FaultKind;
pub use files::{DiskFault, Extent, FileError, FileId, FileSystem, Files};
pub use input::{FAR_EDGE, Input, InputValue, InputView, numbered};
pub use journal::{
    Cause, EventKind, EventRecord, Fate, Journal, Lengths, Mark, MarkKind, MessageRecord,
    Observation, OperationRecord, Sample, Step, TextKind, TextLine,
};
pub use long_list::LongList;
pub use names::{MessageName, Names, NodeId, TimerName};
pub use network::{Network, NetworkConfig, Zones};
pub use observed::Observed;
pub use past::{Happened, Pasts};
pub use process::{
    Boot, Describe, Embed, Kind, MessageKind, Observer, Operation, OperationStep, Payload, Process,
};
pub(crate) use process::{embed, kinds};
pub use simulation::{
    Answered, BeatView, CommandLabel, CommandView, Costs, MetricView, Simulation,
};
pub use spec::{
    Alert, Answer, Beat, Command, Environment, Goal, Invariant, Metric, Puzzle, PuzzleGoal,
    Sometimes, Spec, Violation,
};
pub use splice::{Edits, Splice};
pub use stream::Stream;
pub use testimony::{Judging, KeptFact, Moment, SeenObject, Testimony, Told};
pub use world::World;
