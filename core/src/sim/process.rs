//! What a mechanism is to the kernel: a deterministic state machine that asks for effects.

use std::fmt::Debug;
use std::hash::Hash;

use serde::{Deserialize, Serialize};

use super::{Action, Cx, Happened, Names, NodeId, SeenObject, Storage, SyncId, World};
use crate::view::NodeView;

/// How a node came up.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub enum Boot {
    /// The first time, with an empty disk.
    Fresh,
    /// After a crash: memory is gone, what was synced to disk remains.
    Recovered,
}

/// What a message is for; decides its glyph.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MessageKind {
    /// Asks for something.
    #[default]
    Request,
    /// Answers a request.
    Reply,
    /// Spreads state to whoever it meets.
    Gossip,
    /// Says only "I am here".
    Heartbeat,
}

/// The one textual rendering of a message, timer or fact, used by log, golden files and labels.
pub trait Describe {
    /// Returns at most 12 characters, for the stage.
    fn label(&self) -> String;
    /// Returns a phrase with all that matters, such as "`AppendEntries` term 2, 1 entry after 4".
    fn sentence(&self, names: &Names) -> String;
    /// Returns the term, epoch, ballot or version that this belongs to, if any.
    fn epoch(&self) -> Option<u64> {
        None
    }
    /// Returns true if this reports a failure.
    fn is_error(&self) -> bool {
        false
    }
    /// Returns the step of a client's operation that this fact is, if it is one.
    fn operation(&self) -> Option<Operation> {
        None
    }
}

/// A step of a client's operation. Costs are counted for each operation that ends, and histories are
/// drawn from these steps.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Operation {
    /// Names it among the operations of the client that recorded the fact.
    pub number: u64,
    /// How far it has come.
    pub step: OperationStep,
}

impl Operation {
    /// Returns true if this is the operation's end, whatever came of it.
    pub fn ends(&self) -> bool {
        self.step != OperationStep::Begins
    }
}

/// How far an operation has come.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OperationStep {
    /// The client asks.
    Begins,
    /// The client has its answer.
    Succeeds,
    /// The client knows that it did not and will not happen.
    Fails,
    /// The client stops waiting, and does not know.
    IsAbandoned,
}

impl Describe for () {
    fn label(&self) -> String {
        String::new()
    }

    fn sentence(&self, _: &Names) -> String {
        String::new()
    }
}

/// What nodes say to each other.
pub trait Payload: Describe {
    /// Returns what the message is for.
    fn kind(&self) -> MessageKind;
    /// Returns its size on the wire: a tag of one byte and eight bytes a number, unless the
    /// mechanism has a wire format of its own.
    fn bytes(&self) -> u64;
}

/// A node's behaviour.
///
/// **A handler sees itself and `cx`, and asks `cx` for effects; the world carries them out after the
/// handler returns.** It never sees true time, other nodes or the world.
pub trait Process: Clone + Hash + 'static {
    /// What nodes say to each other.
    type Msg: Clone + Hash + Debug + Payload;
    /// What timers are called. Setting a pending timer replaces it.
    type Timer: Copy + Ord + Hash + Debug + Describe;
    /// What survives a crash; `()` if nothing does.
    type Disk: Storage;
    /// History, for invariants, lessons and coverage. Never read by handlers.
    type Fact: Clone + Hash + Debug + Describe;

    /// What its terms, epochs, ballots or versions are called, in the singular.
    const EPOCH: &'static str = "epoch";

    /// Comes up, for the first time or after a crash.
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, Self>);
    /// Receives a message.
    fn on_message(&mut self, from: NodeId, msg: Self::Msg, cx: &mut Cx<'_, Self>);
    /// Learns that `to` had no room for `msg`, in a world where full inboxes refuse.
    fn on_refused(&mut self, to: NodeId, msg: Self::Msg, cx: &mut Cx<'_, Self>) {
        let _ = (to, msg, cx);
    }
    /// Hears a timer that it set.
    fn on_timer(&mut self, timer: Self::Timer, cx: &mut Cx<'_, Self>);
    /// Learns that everything covered by `sync` is durable.
    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, Self>) {
        let _ = (sync, cx);
    }
    /// Learns that `sync` failed: nothing it covered is durable, and what [`Cx::send_after_sync`] held
    /// for it is gone. A later sync that succeeds does not cover it either.
    fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, Self>) {
        let _ = (sync, cx);
    }
    /// Shows itself, in the screen's terms.
    fn view(&self, disk: &Self::Disk) -> NodeView;
}

/// A mechanism with its own [`Process`] inside a bigger one, entered through [`Cx::lift`].
pub trait Embed<Q: Process>: Process {
    /// Wraps a message.
    fn msg(msg: Q::Msg) -> Self::Msg;
    /// Wraps a timer.
    fn timer(timer: Q::Timer) -> Self::Timer;
    /// Wraps a fact.
    fn fact(fact: Q::Fact) -> Self::Fact;
    /// Returns the mechanism's part of the disk.
    fn disk(disk: &mut Self::Disk) -> &mut Q::Disk;
}

/// Makes a mechanism a part of a bigger process, as most are: its messages, timers and facts are one
/// kind of the host's `Msg`, `Timer` and `Fact`, and its disk is a part of the host's `Disk`.
macro_rules! embed {
    ($part:ty as $kind:ident in $host:ty, |$disk:ident| $field:expr) => {
        impl $crate::sim::Embed<$part> for $host {
            fn msg(msg: <$part as $crate::sim::Process>::Msg) -> Msg {
                Msg::$kind(msg)
            }

            fn timer(timer: <$part as $crate::sim::Process>::Timer) -> Timer {
                Timer::$kind(timer)
            }

            fn fact(fact: <$part as $crate::sim::Process>::Fact) -> Fact {
                Fact::$kind(fact)
            }

            fn disk($disk: &mut Disk) -> &mut <$part as $crate::sim::Process>::Disk {
                $field
            }
        }
    };
}
pub(crate) use embed;

/// What a node of one kind does, in a world whose nodes are of several kinds, made by `kinds!`.
pub trait Kind<P: Process>: Clone + Hash + 'static {
    /// As [`Process::on_start`].
    fn on_start(&mut self, boot: Boot, cx: &mut Cx<'_, P>);
    /// As [`Process::on_message`].
    fn on_message(&mut self, from: NodeId, msg: P::Msg, cx: &mut Cx<'_, P>);
    /// As [`Process::on_timer`].
    fn on_timer(&mut self, timer: P::Timer, cx: &mut Cx<'_, P>);
    /// As [`Process::on_synced`].
    fn on_synced(&mut self, sync: SyncId, cx: &mut Cx<'_, P>) {
        let _ = (sync, cx);
    }
    /// As [`Process::on_sync_failed`].
    fn on_sync_failed(&mut self, sync: SyncId, cx: &mut Cx<'_, P>) {
        let _ = (sync, cx);
    }
    /// As [`Process::view`].
    fn view(&self, disk: &P::Disk) -> NodeView;
}

/// Makes a node of several kinds a [`Process`], each kind a [`Kind`] of its own: `Msg`, `Timer`, `Disk` and
/// `Fact` are those in scope, and the literal is what epochs are called.
macro_rules! kinds {
    ($(#[$about:meta])* $node:ident in $epoch:literal {
        $($(#[$of_kind:meta])* $kind:ident($part:ty),)+
    }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Hash)]
        pub(super) enum $node {
            $($(#[$of_kind])* $kind(Box<$part>),)+
        }

        impl $crate::sim::Process for $node {
            type Msg = Msg;
            type Timer = Timer;
            type Disk = Disk;
            type Fact = Fact;

            const EPOCH: &'static str = $epoch;

            fn on_start(&mut self, boot: $crate::sim::Boot, cx: &mut $crate::sim::Cx<'_, Self>) {
                match self {
                    $(Self::$kind(it) => $crate::sim::Kind::on_start(&mut **it, boot, cx),)+
                }
            }

            fn on_message(
                &mut self,
                from: $crate::sim::NodeId,
                msg: Msg,
                cx: &mut $crate::sim::Cx<'_, Self>,
            ) {
                match self {
                    $(Self::$kind(it) => $crate::sim::Kind::on_message(&mut **it, from, msg, cx),)+
                }
            }

            fn on_timer(&mut self, timer: Timer, cx: &mut $crate::sim::Cx<'_, Self>) {
                match self {
                    $(Self::$kind(it) => $crate::sim::Kind::on_timer(&mut **it, timer, cx),)+
                }
            }

            fn on_synced(
                &mut self,
                sync: $crate::sim::SyncId,
                cx: &mut $crate::sim::Cx<'_, Self>,
            ) {
                match self {
                    $(Self::$kind(it) => $crate::sim::Kind::on_synced(&mut **it, sync, cx),)+
                }
            }

            fn on_sync_failed(
                &mut self,
                sync: $crate::sim::SyncId,
                cx: &mut $crate::sim::Cx<'_, Self>,
            ) {
                match self {
                    $(Self::$kind(it) => $crate::sim::Kind::on_sync_failed(&mut **it, sync, cx),)+
                }
            }

            fn view(&self, disk: &Disk) -> $crate::view::NodeView {
                match self {
                    $(Self::$kind(it) => $crate::sim::Kind::view(&**it, disk),)+
                }
            }
        }
    };
}
pub(crate) use kinds;

/// Folds facts into a small state beside the world, from which invariants over history are judged.
pub trait Observer<P: Process>: Clone + Hash + Default + 'static {
    /// `node` recorded `fact` at true time `at_us`.
    fn on_fact(&mut self, at_us: u64, node: NodeId, fact: &P::Fact);
    /// This happened at a node, whatever the node says of it; its facts come next. For what is judged
    /// by causes and clocks; see [`super::Pasts`].
    fn on_event(&mut self, event: &Happened) {
        let _ = event;
    }
    /// This was done to the world and changed it; `world` is as it is right after. What it brings about
    /// comes as events. For what no node can tell, such as that one is down.
    fn on_action(&mut self, at_us: u64, action: &Action, world: &World<P>) {
        let _ = (at_us, action, world);
    }
    /// Says in a few words what only others know of a node: that it is taken for dead, or that what it
    /// shows is out of date. It stands beside what the node says of itself.
    fn remark(&self, world: &World<P>, node: NodeId) -> Option<String> {
        let _ = (world, node);
        None
    }
    /// Returns the object as which clients see the system, if it is a known one: then what they were
    /// told is judged by it. See [`crate::check::history::SeenAs`].
    fn seen_as() -> Option<&'static dyn SeenObject> {
        None
    }
}

impl<P: Process> Observer<P> for () {
    fn on_fact(&mut self, _: u64, _: NodeId, _: &P::Fact) {}
}
