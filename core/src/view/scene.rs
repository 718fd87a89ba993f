//! The stage: nodes, messages and cuts at one moment.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::{Document, Panel, Place, Widget};
use crate::sim::{Costs, Fate, MessageKind, MessageName, NodeId, TimerName};

/// What part a node plays; the screen gives each a shape and an icon.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Equal among equals.
    #[default]
    Peer,
    /// Follows a leader.
    Follower,
    /// Wants to lead.
    Candidate,
    /// Leads, as far as it knows.
    Leader,
    /// Uses the system from outside.
    Client,
    /// Runs a protocol on behalf of others.
    Coordinator,
    /// Keeps data for others.
    Storage,
    /// Holds work until somebody takes it.
    Queue,
    /// Lets requests in.
    Gateway,
}

/// A node as its process shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NodeView {
    /// What part it plays.
    pub role: Role,
    /// A few words under the node: "follows S2".
    pub label: String,
    /// The term, epoch, ballot or version it is in.
    pub epoch: Option<u64>,
    /// The one value that matters most, inside the node, when there is no epoch: "7".
    pub value: Option<String>,
    /// What that value is, in the row's words: "writes acknowledged".
    pub value_means: String,
    /// Gained and needed, such as votes.
    pub pips: Option<(u32, u32)>,
    /// Where it is now, on a stage that is a map or has places of its own; `None` for where the row's
    /// layout has it.
    pub place: Option<Place>,
    /// Its inside.
    pub widgets: Vec<Widget>,
}

impl NodeView {
    /// Makes a node that shows its part and a few words.
    pub fn new(role: Role, label: impl Into<String>) -> Self {
        Self { role, label: label.into(), ..Self::default() }
    }

    /// Gives it the epoch that it is in, if it is in one.
    #[must_use]
    pub fn in_epoch(self, epoch: impl Into<Option<u64>>) -> Self {
        Self { epoch: epoch.into(), ..self }
    }

    /// Gives it the one value that matters most.
    #[must_use]
    pub fn showing(self, value: impl Display) -> Self {
        Self { value: Some(value.to_string()), ..self }
    }

    /// Gives it the one value that matters most, if there is one now.
    #[must_use]
    pub fn showing_if(self, value: Option<impl Display>) -> Self {
        Self { value: value.map(|it| it.to_string()), ..self }
    }

    /// Makes a node that shows nothing but a value, and what that is.
    pub fn counting(role: Role, value: impl Display, what: &str) -> Self {
        Self::new(role, what).showing(value).meaning(what)
    }

    /// Says where it is now, if it goes about.
    #[must_use]
    pub fn standing_at(self, place: Place) -> Self {
        Self { place: Some(place), ..self }
    }

    /// Says what that value is.
    #[must_use]
    pub fn meaning(self, what: impl Into<String>) -> Self {
        Self { value_means: what.into(), ..self }
    }

    /// Puts a piece before all others inside: a row of cells or chips that comes first is shown below
    /// the node.
    #[must_use]
    pub fn with_first(mut self, widget: Widget) -> Self {
        self.widgets.insert(0, widget);
        self
    }

    /// Adds to what is inside.
    #[must_use]
    pub fn with(mut self, widgets: impl IntoIterator<Item = Widget>) -> Self {
        self.widgets.extend(widgets);
        self
    }
}

/// Whether a node runs.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Status {
    /// It runs.
    Up,
    /// It is frozen: nothing is lost, everything is late.
    Paused,
    /// It crashed: memory is gone.
    Down,
}

/// A pending timer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimerScene {
    /// Names it for [`crate::sim::Action::FireTimer`].
    pub name: TimerName,
    /// What it is called.
    pub label: String,
    /// When it was set, in true time.
    pub set_at_us: u64,
    /// When it fires, in true time.
    pub due_at_us: u64,
}

/// How much a node has to do, and how much it can do at one time.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LoadScene {
    /// Messages that wait in the inbox.
    pub inbox: u32,
    /// How many can wait; `None` for any number.
    pub inbox_limit: Option<u32>,
    /// Handlers at work.
    pub busy: u32,
    /// How many can be at work at one time.
    pub servers: u16,
    /// Time that servers were at work so far, added up over the servers.
    pub busy_us: u64,
    /// Messages that found no room so far.
    pub refused: u64,
}

impl LoadScene {
    /// Returns true if the inbox has no room left.
    pub fn is_full(&self) -> bool {
        self.inbox_limit.is_some_and(|limit| self.inbox >= limit)
    }

    /// Returns the share of the servers' time up to `now_us` that they were at work, in a hundred:
    /// utilisation.
    pub fn utilisation_percent(&self, now_us: u64) -> u64 {
        let whole_us = now_us.saturating_mul(self.servers.into());
        self.busy_us.saturating_mul(100).checked_div(whole_us).unwrap_or_default()
    }
}

/// A node on the stage.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NodeScene {
    /// Who it is.
    pub id: NodeId,
    /// What it is called.
    pub name: String,
    /// Whether it runs.
    pub status: Status,
    /// What it shows. For a crashed node: what its disk would give it back.
    pub view: NodeView,
    /// Pending timers, soonest first.
    pub timers: Vec<TimerScene>,
    /// The wall clock's error against true time; positive is ahead.
    pub clock_error_us: i64,
    /// The clock's rate error in parts per million; positive runs fast.
    pub drift_ppm: i32,
    /// What waits for it and what it is at.
    pub load: LoadScene,
    /// How much more time every event costs it, by an action.
    pub slowness_us: u64,
    /// Whether its disk is one that can go wrong.
    pub has_fallible_disk: bool,
    /// What it has cost so far.
    pub costs: Costs,
    /// Its part of the digest of the world: equal means the same state.
    pub state_digest: u64,
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MessageScene {
    /// Its name.
    pub name: MessageName,
    /// At most 12 characters.
    pub label: String,
    /// All of it, in words.
    pub sentence: String,
    /// What it is for.
    pub kind: MessageKind,
    /// The epoch it belongs to.
    pub epoch: Option<u64>,
    /// Whether it reports a failure.
    pub is_error: bool,
    /// When it left.
    pub sent_at_us: u64,
    /// When it arrives.
    pub due_at_us: u64,
    /// Whether it is a second copy.
    pub is_twin: bool,
    /// Whether an action delayed it.
    pub is_delayed: bool,
}

/// A message that lately did not make it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FallenScene {
    /// The message as it was.
    pub message: MessageScene,
    /// When it fell.
    pub at_us: u64,
    /// Why.
    pub fate: Fate,
}

/// A blocked direction of a link.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CutScene {
    /// The blocked sender.
    pub from: NodeId,
    /// Whom it no longer reaches.
    pub to: NodeId,
    /// Since when.
    pub since_us: u64,
    /// For one that comes and goes: how long it blocks, and then does not. `None` for a steady one.
    pub period_us: Option<u64>,
    /// Whether it blocks now.
    pub blocks: bool,
}

/// A direction of a link on which everything waits until it is released.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HoldScene {
    /// The sender.
    pub from: NodeId,
    /// Whom nothing reaches.
    pub to: NodeId,
}

/// Everything on the stage at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scene {
    /// True time.
    pub now_us: u64,
    /// Every node, by identity.
    pub nodes: Vec<NodeScene>,
    /// Messages on their way, by name.
    pub messages: Vec<MessageScene>,
    /// The last messages that did not make it, oldest first.
    pub fallen: Vec<FallenScene>,
    /// Blocked directions.
    pub cuts: Vec<CutScene>,
    /// Held directions.
    pub holds: Vec<HoldScene>,
    /// Share of messages lost, in a hundred.
    pub loss_percent: u8,
    /// Share of messages delivered twice, in a hundred.
    pub duplicate_percent: u8,
    /// The scenario's own panels.
    pub panels: Vec<Panel>,
}

impl Scene {
    /// Lists the texts that nodes keep, each with its keeper.
    pub fn texts(&self) -> impl Iterator<Item = (&Document, NodeId)> {
        let widgets = self.panels.iter().flat_map(|panel| &panel.widgets);
        widgets.filter_map(|widget| {
            let Widget::Document(document) = widget else { return None };
            Some((document, document.keeper?))
        })
    }
}
